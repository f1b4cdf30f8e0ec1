"""The ledger: what left, from which run, by which policy; append-only, each line sealed by the one before."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.disclosure.release import Release, read_release, write_release
from evalkit.errors import DisclosureError, Where
from evalkit.values import Curve, Estimate

FIRST = "0" * 64
CELLS = "released"


@dataclass(frozen=True)
class LedgerEntry:
    """One line of the ledger.

    Parameters
    ----------
    run, site, study
        Whose release it was.
    policy, policy_digest
        By which it was treated.
    content
        Digest of the release.
    released
        Request keys with the digest of what was shown under each.
    blinded, unblinded
        Request keys of effects that stayed hidden until declared checks pass, and of those let through by them.
    previous, digest
        Seal of the line before, and of this one.
    ledger
        Path of the ledger; no part of the line.
    """

    run: str
    site: str
    study: str
    policy: str
    policy_digest: str
    content: str
    released: tuple[tuple[str, str], ...]
    blinded: tuple[str, ...]
    unblinded: tuple[str, ...]
    previous: str
    digest: str
    ledger: Path

    def load(self) -> Release:
        """Return the released values and what they were made from, which the store keeps beside the ledger.

        Raises
        ------
        DisclosureError
            If they are not there, or not the ones released.
        """
        release = read_release(_cells(self.ledger, self.content))
        if release.digest != self.content:
            raise DisclosureError(
                "what the ledger says was released has been changed since", where=Where(self.ledger.name)
            )
        return release


def append_ledger(ledger: Path, release: Release, *, run: str, site: str, study: str) -> LedgerEntry:
    """Write down a release; one that the ledger already holds for the site adds nothing.

    Parameters
    ----------
    ledger
        A file of JSON lines, made with mode 0600. It holds digests, never numbers; the numbers are kept in
        ``released/`` beside it, so that later releases can be protected together with them.
    release
        As it was shown.
    run, site, study
        Whose it is.

    Returns
    -------
    LedgerEntry
        The new line, or the one that was there.

    Raises
    ------
    DisclosureError
        If the ledger has been tampered with.
    """
    ledger.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(ledger):
        entries = read_ledger(ledger)
        for entry in entries:
            if (entry.site, entry.study, entry.content) == (site, study, release.digest):
                return entry
        previous = entries[-1].digest if entries else FIRST
        facts = {
            "run": run,
            "site": site,
            "study": study,
            "policy": release.policy.name,
            "policy_digest": release.policy.digest,
            "content": release.digest,
            "released": [list(item) for item in release.fingerprints.items()],
            "blinded": _telling(release, "blinded"),
            "unblinded": _telling(release, "unblinded"),
            "previous": previous,
        }
        write_release(release, _cells(ledger, release.digest))
        _append(ledger, facts | {"digest": _seal(facts)})
    return _entry(facts | {"digest": _seal(facts)}, ledger)


def read_ledger(ledger: Path) -> tuple[LedgerEntry, ...]:
    """Read every line and check every seal.

    Parameters
    ----------
    ledger
        As given to `append_ledger`; where there is no file nothing was released.

    Raises
    ------
    DisclosureError
        If a line was changed, taken out, put in or moved, naming the line.
    """
    if not ledger.is_file():
        return ()
    entries: list[LedgerEntry] = []
    previous = FIRST
    # A last line without its end is an append that was cut off: it never happened.
    for row, line in enumerate(ledger.read_text(encoding="utf-8").split("\n")[:-1], 1):
        facts = _parsed(line)
        sealed = {key: value for key, value in facts.items() if key != "digest"}
        if facts.get("previous") != previous or facts.get("digest") != _seal(sealed):
            raise DisclosureError(
                "the ledger has been tampered with",
                where=Where(file=ledger.name, row=row),
                remedy="put back the ledger from a backup; until then nothing is released",
            )
        entries.append(_entry(facts, ledger))
        previous = entries[-1].digest
    return tuple(entries)


def _telling(release: Release, fact: str) -> list[str]:
    """Return the keys of answers that bear a fact among their details."""
    answers = ((key, protected.value) for key, protected in sorted(release.protected.items()))
    return [key for key, value in answers if isinstance(value, Estimate | Curve) and value.detail(fact) is not None]


def _parsed(line: str) -> dict[str, Any]:
    try:
        facts = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _entry(facts: dict[str, Any], ledger: Path) -> LedgerEntry:
    released = tuple((str(key), str(digest)) for key, digest in facts["released"])
    effects = {fact: tuple(str(key) for key in facts.get(fact, ())) for fact in ("blinded", "unblinded")}
    return LedgerEntry(**facts | effects | {"released": released}, ledger=ledger)


def _seal(facts: dict[str, Any]) -> str:
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _append(ledger: Path, facts: dict[str, Any]) -> None:
    line = json.dumps(facts, ensure_ascii=False, sort_keys=True) + "\n"
    descriptor = os.open(ledger, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        content = os.read(descriptor, os.fstat(descriptor).st_size)
        os.ftruncate(descriptor, content.rfind(b"\n") + 1)
        os.lseek(descriptor, 0, os.SEEK_END)
        whole = os.lseek(descriptor, 0, os.SEEK_CUR)
        if os.write(descriptor, line.encode()) < len(line.encode()):
            os.ftruncate(descriptor, whole)
            raise DisclosureError("the ledger could not be written", remedy="make room on the disk, then run again")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cells(ledger: Path, content: str) -> Path:
    return ledger.parent / CELLS / content


@contextmanager
def _locked(ledger: Path) -> Iterator[None]:
    descriptor = os.open(ledger.with_name(f".{ledger.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
