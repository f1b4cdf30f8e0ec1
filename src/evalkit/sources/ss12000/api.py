"""Fetch a server's pages into a folder, so that they are read like pages handed over."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from evalkit.errors import InputError, RunError, Where
from evalkit.sources.ss12000.access import ApiAccess
from evalkit.sources.ss12000.answers import Page, RefusedError, Server
from evalkit.sources.ss12000.progress import (
    FETCHING,
    FetchSummary,
    Progress,
    digest_of,
    read_told,
    remove_pages_after,
    write_page,
    write_told,
)
from evalkit.sources.ss12000.questions import Question, in_order, questions_of
from evalkit.sources.ss12000.shapes import FETCHED

TOKEN_GONE = (400, 404, 410)
NOT_THERE = (404, 501)
MOST_RESTARTS = 2
MOST_EMPTY_PAGES = 100
"""Empty pages in a row, each with a token, after which a server is taken to go nowhere."""


def fetch_pages(
    api: ApiAccess,
    folder: Path,
    endpoints: Iterable[str],
    *,
    optional: Iterable[str] = (),
    anew: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> FetchSummary:
    """Download endpoints into ``folder/<endpoint>/0001.json.gz`` and so on.

    Pages gather in a hidden folder beside ``folder`` and take its place in one move when all are there, so what is
    read is always one whole fetch. An interrupted fetch goes on where it stopped.

    Parameters
    ----------
    endpoints, optional
        Endpoints needed, and those that the server need not have.
    anew
        Fetch again what is there or half there.
    wait
        Called with the seconds to pause between two tries.

    Returns
    -------
    FetchSummary
        Of this fetch, or of an earlier one that asked the same.

    Raises
    ------
    InputError
        If the server refuses, what it answers is no page, or the folder holds what no fetch wrote.
    RunError
        If the server does not answer, or another fetch is at work on the folder.
    """
    needed = tuple(endpoints)
    plan = {name: questions_of(name, api) for name in in_order((*needed, *optional))}
    digest = hashlib.sha256(json.dumps([api.url, sorted(needed), plan], sort_keys=True).encode()).hexdigest()
    draft, aside = folder.with_name(f".{folder.name}.fetching"), folder.with_name(f".{folder.name}.earlier")
    there = read_told(FetchSummary, folder / FETCHED)
    if there is not None and there.plan == digest and not anew and not _under_way(draft, digest):
        shutil.rmtree(aside, ignore_errors=True)
        return replace(there, new=False)
    _refuse_foreign(folder)
    draft.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone_in(draft):
        finished = read_told(FetchSummary, draft / FETCHED)
        if finished is None or finished.plan != digest or anew:
            progress = _where_we_are(draft, digest, anew)
            with closing(Server(api, api.token(), wait)) as server:
                finished = _Fetch(api, draft, server, frozenset(needed), plan).run(progress)
        _put_in_place(draft, folder, aside)
    return finished


def _under_way(draft: Path, plan: str) -> bool:
    told = (read_told(Progress, draft / FETCHING), read_told(FetchSummary, draft / FETCHED))
    return any(one is not None and one.plan == plan for one in told)


def _where_we_are(draft: Path, plan: str, anew: bool) -> Progress:
    """Return how far an earlier fetch with the same plan came; otherwise clear the folder."""
    progress = read_told(Progress, draft / FETCHING)
    if progress is not None and progress.plan == plan and not anew:
        return progress
    for entry in draft.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    return Progress(plan, _now())


@dataclass
class _Fetch:
    api: ApiAccess
    folder: Path
    server: Server
    needed: frozenset[str]
    plan: Mapping[str, tuple[Question, ...]]

    def run(self, progress: Progress) -> FetchSummary:
        for endpoint in self.plan:
            if endpoint not in progress.done and endpoint not in progress.unsupported:
                progress = self._endpoint(endpoint, progress)
        summary = FetchSummary(
            url=self.api.url,
            first_day=self.api.first_day.isoformat(),
            last_day=self.api.last_day.isoformat(),
            plan=progress.plan,
            begun=progress.begun,
            ended=_now(),
            endpoints=progress.done,
            unsupported=progress.unsupported,
            digest=digest_of(progress.done),
        )
        write_told(summary, self.folder / FETCHED)
        return summary

    def _endpoint(self, endpoint: str, progress: Progress) -> Progress:
        if progress.endpoint != endpoint:
            progress = self._keep(progress.begin(endpoint))
        for restarts in range(MOST_RESTARTS + 1):
            try:
                return self._pages(progress)
            except RefusedError as refusal:
                progress = read_told(Progress, self.folder / FETCHING) or progress
                expired = refusal.status in TOKEN_GONE and progress.token is not None
                if expired and restarts < MOST_RESTARTS:
                    progress = self._keep(progress.begin(endpoint))
                    continue
                absent = refusal.status in NOT_THERE and progress.token is None and not progress.count.pages
                if absent and endpoint not in self.needed:
                    return self._without(progress)
                raise self._explained(refusal.status, progress) from None
        raise AssertionError("unreachable: the last restart returns or raises")

    def _pages(self, progress: Progress) -> Progress:
        """Fetch the pages that an endpoint lacks."""
        endpoint = progress.endpoint
        folder = self.folder / endpoint
        folder.mkdir(exist_ok=True, mode=0o700)
        remove_pages_after(folder, progress.count.pages)
        seen: set[str] = set()
        empty = 0
        while progress.question < len(self.plan[endpoint]):
            page = self.server.page(endpoint, self._parameters(progress))
            empty = 0 if page.records or page.token is None else empty + 1
            self._check(page, endpoint, seen, empty)
            count = progress.count.with_page(page.content, page.records)
            write_page(folder, count.pages, page.content)
            question = progress.question + (page.token is None)
            progress = self._keep(replace(progress, question=question, token=page.token, count=count))
        done = {**progress.done, endpoint: progress.count}
        return self._keep(replace(progress.begin(""), done=done))

    def _parameters(self, progress: Progress) -> dict[str, str]:
        # The standard lets a page token stand with the limit alone.
        limit = {"limit": str(self.api.limit)}
        if progress.token is not None:
            return {"pageToken": progress.token, **limit}
        return {**self.plan[progress.endpoint][progress.question], **limit}

    def _check(self, page: Page, endpoint: str, seen: set[str], empty: int) -> None:
        where = Where(file=f"{self.api.url}/{endpoint}")
        if page.records > self.api.limit:
            raise InputError(
                f"the page holds {page.records} records, but {self.api.limit} were asked for",
                where=where,
                remedy=f"write `limit: {page.records}` or more in the site file, if the server has a size of its own",
            )
        if (page.token is not None and page.token in seen) or empty > MOST_EMPTY_PAGES:
            raise InputError(
                "the server's pages lead round in a circle", where=where, remedy="tell the server's supplier"
            )
        if page.token is not None:
            seen.add(page.token)

    def _without(self, progress: Progress) -> Progress:
        shutil.rmtree(self.folder / progress.endpoint)
        unsupported = (*progress.unsupported, progress.endpoint)
        return self._keep(replace(progress.begin(""), unsupported=unsupported))

    def _keep(self, progress: Progress) -> Progress:
        write_told(progress, self.folder / FETCHING)
        return progress

    def _explained(self, status: int, progress: Progress) -> InputError:
        where = Where(file=f"{self.api.url}/{progress.endpoint}")
        variable = self.api.token_variable
        if status == 401:
            return InputError(
                "the server refuses the token (401)",
                where=where,
                remedy=f"set the variable {variable} to a token that is valid, then fetch again: it goes on from here",
            )
        if status == 403:
            return InputError(
                f"the token in {variable} may not read {progress.endpoint} (403)",
                where=where,
                remedy=f"have the right to read {progress.endpoint} added to it, then fetch again",
            )
        if progress.token is not None and status in TOKEN_GONE:
            return InputError(
                f"the server does not take its own page tokens ({status})",
                where=where,
                remedy="tell the server's supplier: SS 12000 lets a page token stand alone, or with `limit`",
            )
        if status in NOT_THERE:
            return InputError(
                f"the server has no {progress.endpoint} ({status})",
                where=where,
                remedy="check `api.url`; a server need not have every endpoint: take out the tables that need it",
            )
        return InputError(
            f"the server refuses the question ({status})", where=where, remedy="check `api.url`, `limit` and the days"
        )


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and not (folder / FETCHED).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            "the folder to fetch into holds something that no fetch wrote",
            where=Where(file=str(folder)),
            remedy="choose another `path` in the site file, or remove the folder yourself",
        )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                "another fetch is at work on this folder", where=Where(file=str(folder)), remedy="wait until it is done"
            ) from None
        yield
    finally:
        os.close(descriptor)


def _put_in_place(draft: Path, folder: Path, aside: Path) -> None:
    """Let the finished draft take the place of an earlier fetch, and leave nothing of that."""
    (draft / FETCHING).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(aside, ignore_errors=True)
        folder.replace(aside)
    draft.replace(folder)
    shutil.rmtree(aside, ignore_errors=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
