"""A real HTTP server that speaks as much SS 12000 as a fetch needs, and fails as it is told to."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "a.token.that-opens-everything"
VARIABLE = "SS12000_TOKEN_OF_THE_TESTS"
DEMANDED = {"calendarEvents": ("startTime.onOrAfter", "startTime.onOrBefore")}
LOGIN = b"<!DOCTYPE html><title>Logga in</title><p>Anna Testlund, 20100304"


@dataclass(frozen=True)
class Failure:
    """What goes wrong with one answer; ``kind`` is a status, or one of the words of `Handler._fail`."""

    kind: int | str
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Service:
    """What the server holds, how it is to fail, and what it was asked.

    ``failures`` are by endpoint and number of the question (0 is the first). A token in ``expired`` is refused once.
    """

    records: Mapping[str, Any]
    limit: int = 10_000
    failures: dict[tuple[str, int], Failure] = field(default_factory=dict)
    supported: Sequence[str] | None = None
    pause: float = 0.0
    packed: bool = False
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    expired: set[str] = field(default_factory=set)
    pages: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    url: str = ""
    lock: Any = field(default_factory=threading.Lock)

    def times(self, endpoint: str) -> int:
        return sum(name == endpoint for name, _ in self.asked)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together; apart, the second waits for an acknowledgement of the first.
    wbufsize = 1 << 16
    server: Any

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        service: Service = self.server.service
        parts = urlsplit(self.path)
        endpoint = parts.path.removeprefix("/v2.0/").removeprefix("moved/")
        query = dict(parse_qsl(parts.query))
        with service.lock:
            number = service.times(endpoint)
            service.asked.append((endpoint, dict(query)))
        time.sleep(service.pause)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._error(401, "UNAUTHORISED")
        failure = service.failures.get((endpoint, number))
        if failure is not None:
            return self._fail(failure, endpoint, query)
        return self._answer(service, endpoint, query)

    def _answer(self, service: Service, endpoint: str, query: dict[str, str]) -> None:
        if endpoint not in (service.records or service.pages) or endpoint not in (service.supported or [endpoint]):
            return self._error(404, "NOT_FOUND")
        if service.pages:
            token = query.get("pageToken")
            return self._send(200, service.pages[endpoint][0 if token is None else int(token.rpartition("-")[2]) - 1])
        token = query.pop("pageToken", None)
        limit = min(int(query.pop("limit", service.limit)), service.limit)
        if token is not None and (query or token in service.expired or not token.startswith("to-")):
            service.expired.discard(token)
            return self._error(400, "INVALID_PAGE_TOKEN")
        if token is not None:
            query = json.loads(bytes.fromhex(token[3:]))
        elif not set(DEMANDED.get(endpoint, ())) <= query.keys():
            return self._error(400, "PARAMETER_MISSING")
        start = int(query.pop("start", 0))
        records = service.records[endpoint]
        if isinstance(records, dict):
            return self._send(200, json.dumps({"data": records, "pageToken": None}).encode())
        found = [record for record in records if inside(record, query)]
        left = {**query, "start": start + limit}
        more = "to-" + json.dumps(left).encode().hex() if start + limit < len(found) else None
        body = json.dumps({"data": found[start : start + limit], "pageToken": more}, ensure_ascii=False)
        return self._send(200, body.encode())

    def _fail(self, failure: Failure, endpoint: str, query: dict[str, str]) -> None:
        service: Service = self.server.service
        whole = gzip.compress(json.dumps({"data": [{"id": "half"}], "pageToken": None}).encode() * 40)
        bodies = {
            "login": LOGIN,
            "not JSON": b'{"data": [{"id": "Anna Testlund"',
            "no envelope": b'[{"id": "Anna Testlund"}]',
            "no list": b'{"data": {"id": "Anna Testlund"}}',
            "no number": b'{"data": [{"id": NaN}]}',
            "loop": b'{"data": [{"id": "a"}], "pageToken": "to-itself"}',
        }
        if isinstance(failure.kind, int):
            soon = formatdate(time.time() + 40, usegmt=True)
            self._error(failure.kind, "PLANNED", {k: v.format(soon=soon) for k, v in failure.headers.items()})
        elif failure.kind == "cut":
            self._send(200, b'{"data": [{"id": "half"}', length=5000)
            # Only an answer shorter than told may close: the client would use any other connection again.
            self.close_connection = True
        elif failure.kind == "cut gzip":
            self._send(200, whole[: len(whole) // 2], {"Content-Encoding": "gzip"})
        elif failure.kind == "garbled gzip":
            self._send(200, b"\x1f\x8b" + bytes(60), {"Content-Encoding": "gzip"})
        elif failure.kind == "bomb":
            self._send(200, gzip.compress(bytes(50_000_000)), {"Content-Encoding": "gzip"})
        elif failure.kind == "brotli":
            self._send(200, b"\x0b\x02", {"Content-Encoding": "br"})
        elif failure.kind == "slow":
            time.sleep(failure.seconds)
            self._answer(service, endpoint, query)
        elif failure.kind == "drops":
            self._drop(failure.seconds)
        else:
            self._send(200, bodies[failure.kind], {"Content-Type": "text/html"})

    def _drop(self, seconds: float) -> None:
        """Send a byte now and then, never long silent and never done."""
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                break
            time.sleep(0.02)
        self.close_connection = True

    def _error(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, json.dumps({"code": code, "message": "Anna Testlund, 20100304"}).encode(), headers)

    def _send(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None, *, length: int | None = None
    ) -> None:
        packed = status == 200 and not headers and length is None and self.server.service.packed
        if packed:
            body = gzip.compress(body)
        told = {"Content-Type": "application/json", **(headers or {})}
        told |= {"Content-Encoding": "gzip"} if packed else {}
        self.send_response(status)
        for name, value in (told | {"Content-Length": str(len(body) if length is None else length)}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def inside(record: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """Tell whether a record passes the filters by time; the offsets of the tests are all Swedish."""
    for name, bound in query.items():
        field_name, _, side = name.partition(".")
        value = record.get(field_name, "")
        if (side == "onOrAfter" and value[:19] < bound[:19]) or (side == "onOrBefore" and value[:19] > bound[:19]):
            return False
    return True


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    """Serve on a free port of this machine until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.service = service  # type: ignore[attr-defined]
    service.url = f"http://127.0.0.1:{server.server_address[1]}/v2.0"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
