"""One page from a server, whole or not at all: what may pass is tried again, and no stranger gets the token."""

from __future__ import annotations

import json
import logging
import random
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from evalkit.errors import InputError, RunError, Where
from evalkit.sources.ss12000.access import ApiAccess
from evalkit.sources.ss12000.pages import LARGEST_PAGE
from evalkit.sources.ss12000.shapes import KEYED

MAY_PASS = (408, 425, 429)
MOST_REDIRECTS = 3
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy")


@dataclass(frozen=True)
class Page:
    """One page as the server wrote it.

    Parameters
    ----------
    content
        JSON, unpacked.
    records
        How many it holds.
    token
        Of the next page; None on the last.
    """

    content: bytes = field(repr=False)
    records: int
    token: str | None = field(repr=False)


class RefusedError(Exception):
    """The server will not answer this question, however often it is asked."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"status {status}")


class _PassingError(Exception):
    def __init__(self, what: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(what)


class Server:
    """A connection that is kept open between pages.

    Parameters
    ----------
    token
        Sent as bearer token to the host of ``api.url`` and to no other.
    wait
        Called with the seconds to pause.
    """

    def __init__(self, api: ApiAccess, token: str, wait: Callable[[float], None]) -> None:
        self._api = api
        self._wait = wait
        self._client = httpx.Client(
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": "evalkit",
            },
            timeout=api.timeout,
            # A proxy of the environment has no business between two programs of one machine.
            trust_env=not api.is_local,
        )

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def page(self, endpoint: str, parameters: Mapping[str, str]) -> Page:
        """Ask for one page.

        Raises
        ------
        RefusedError
            If the server answers with a status that trying again does not change.
        InputError
            If what comes is no page, or comes from elsewhere.
        RunError
            If no try gave an answer.
        """
        retrying = Retrying(
            stop=stop_after_attempt(self._api.most_tries),
            wait=self._pause,
            retry=retry_if_exception_type(_PassingError),
            sleep=self._wait,
            reraise=True,
        )
        where = Where(file=f"{self._api.url}/{endpoint}")
        with _unlogged():
            try:
                return retrying(self._once, endpoint, parameters, where)
            except _PassingError as fault:
                raise RunError(
                    f"the server did not answer in {self._api.most_tries} tries; the last time, {fault}",
                    where=where,
                    remedy="fetch again later: it goes on where it stopped; a smaller `limit` makes smaller answers",
                ) from None

    def _once(self, endpoint: str, parameters: Mapping[str, str], where: Where) -> Page:
        try:
            return read_page(self._content(f"{self._api.url}/{endpoint}", parameters, where), endpoint, where)
        except httpx.TimeoutException:
            raise _PassingError("it was silent for too long") from None
        except httpx.RequestError:
            raise _PassingError("there was no connection, or it was cut") from None
        except httpx.InvalidURL:
            raise InputError(
                "this is not the address of a server", where=where, remedy="correct `api.url` in the site file"
            ) from None

    def _content(self, url: str, parameters: Mapping[str, str], where: Where) -> bytes:
        request = self._client.build_request("GET", url, params=dict(parameters))
        home = _origin(request.url)
        for _ in range(MOST_REDIRECTS + 1):
            with closing(self._client.send(request, stream=True)) as response:
                if response.next_request is None:
                    _check_status(response)
                    return self._body(response, where)
                request = response.next_request
            if _origin(request.url) != home:
                raise InputError(
                    "the server sends us on to another host, which would get the token",
                    where=where,
                    remedy="write the address that holds the data as `api.url`, if you trust it",
                )
        raise InputError("the server sends us round in a circle", where=where, remedy="check `api.url`")

    def _body(self, response: httpx.Response, where: Where) -> bytes:
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("identity", "gzip", ""):
            raise InputError(
                "the page is packed otherwise than was asked for", where=where, remedy="tell the server's supplier"
            )
        deadline = time.monotonic() + self._api.page_timeout
        unpacker = zlib.decompressobj(wbits=31) if packing == "gzip" else None
        found = bytearray()
        for chunk in response.iter_raw():
            found += _unpacked(unpacker, chunk, LARGEST_PAGE + 1 - len(found))
            if len(found) > LARGEST_PAGE:
                raise InputError(
                    f"the page is larger than {LARGEST_PAGE >> 20} MB", where=where, remedy="write a smaller `limit`"
                )
            if time.monotonic() > deadline:
                raise _PassingError("the page took too long")
        if unpacker is not None and not unpacker.eof:
            raise _PassingError("the page was cut off")
        return bytes(found)

    def _pause(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome is not None else None
        asked = fault.retry_after if isinstance(fault, _PassingError) else None
        if asked is None:
            own = wait_exponential_jitter(initial=FIRST_PAUSE, max=LONGEST_PAUSE, jitter=FIRST_PAUSE)(state)
            return min(own, self._api.longest_wait)
        return min(asked + random.uniform(0, FIRST_PAUSE), self._api.longest_wait)


def read_page(content: bytes, endpoint: str, where: Where) -> Page:
    """Return the page that an answer holds.

    Raises
    ------
    InputError
        If the answer is no page. The message holds nothing of it.
    """
    try:
        told = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        web = content.lstrip()[:1] == b"<"
        raise InputError(
            "the answer is a web page, perhaps to log in, and no JSON" if web else "the answer is no JSON",
            where=where,
            remedy="check `api.url`, and that the token is for this server",
        ) from None
    data: Any = told.get("data") if isinstance(told, dict) else None
    token = told.get("pageToken") if isinstance(told, dict) else None
    lists = list(data.values()) if endpoint in KEYED and isinstance(data, dict) else [data]
    kind = str if endpoint in KEYED else dict
    whole = all(isinstance(part, list) and all(isinstance(entry, kind) for entry in part) for part in lists)
    if not whole or not (token is None or isinstance(token, str)):
        raise InputError(
            'the answer is no page of SS 12000: expected {"data": [...], "pageToken": ...}',
            where=where,
            remedy="check that `api.url` ends in the version, such as /v2.0, and is of SS 12000:2020",
        )
    return Page(content, sum(len(part) for part in lists), token or None)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unpacked(unpacker: Any, chunk: bytes, most: int) -> bytes:
    if unpacker is None:
        return chunk
    try:
        found: bytes = unpacker.decompress(chunk, most)
    except zlib.error:
        raise _PassingError("the page was garbled") from None
    return found


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in MAY_PASS or (status >= 500 and status != 501):
        raise _PassingError(f"it answered {status}", _retry_after(response.headers.get("Retry-After")))
    raise RefusedError(status)


def _retry_after(written: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or an HTTP date (RFC 9110, 10.2.3)."""
    if written is None:
        return None
    if written.strip().isascii() and written.strip().isdigit():
        return float(written.strip()[:9])
    try:
        moment = parsedate_to_datetime(written)
    except ValueError:
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _never(_: logging.LogRecord) -> bool:
    return False


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep the client's own log records away while a page is asked for: they hold page tokens and headers."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for logger in loggers:
        logger.addFilter(_never)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(_never)
