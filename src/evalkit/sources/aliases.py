"""Aliases: a temporary number that became a real one, or any identity that became another of the same person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from evalkit.errors import InputError, Where
from evalkit.sources.config import SWEDISH
from evalkit.sources.extract import Extract
from evalkit.sources.pseudonyms import Aliases, canonical, written_text
from evalkit.sources.register import AT, FileRegister
from evalkit.vocabulary.identity import IdentityError

TABLE = "aliases"
OLD, NEW = "old_id", "new_id"
ROWS_TOLD = 5


@dataclass(frozen=True)
class Change:
    """One row: an identity, what it became, and where the row stands."""

    old: str
    new: str
    at: int


def read_changes(
    extract: Extract, register: FileRegister, *, on: date | None, scheme: str = SWEDISH
) -> tuple[list[Change], list[InputError]]:
    """Return the changes that a source of aliases tells, and a fault per reason for which rows could not be read.

    Parameters
    ----------
    extract
        Of the table ``aliases``; its few rows come into memory, and go with the intake.
    on, scheme
        As `canonical` takes them.
    """
    rows = extract.rows
    texts = {name: written_text(rows[name], scheme) for name in (OLD, NEW)}
    changes: list[Change] = []
    wrong: dict[tuple[str, str], list[int]] = {}
    for row in rows.select(rows[AT], **texts).order_by(AT).to_pyarrow().to_pylist():
        read: dict[str, str] = {}
        for name in (OLD, NEW):
            try:
                read[name] = canonical(row[name] or "", scheme, on=on) if row[name] else ""
            except IdentityError as fault:
                wrong.setdefault((name, str(fault)), []).append(row[AT])
                continue
            if not read[name]:
                wrong.setdefault((name, "the cell is empty"), []).append(row[AT])
        if all(read.get(name) for name in (OLD, NEW)):
            changes.append(Change(read[OLD], read[NEW], row[AT]))
    faults = [
        _fault(reason, found, register, name, "correct the number at the rows, or take the rows away")
        for (name, reason), found in wrong.items()
    ]
    return changes, faults


def newest(changes: Sequence[Change], register: FileRegister) -> tuple[Aliases, list[InputError]]:
    """Return the newest identity of each that changed.

    A row whose identities are the same says nothing. The same row twice says it once.

    Parameters
    ----------
    changes
        Of all sources of one scheme.

    Returns
    -------
    tuple
        Newest identity and number of changes by old identity; and the faults: identities that became two others,
        and circles.
    """
    became: dict[str, dict[str, int]] = {}
    for change in changes:
        if change.old != change.new:
            became.setdefault(change.old, {}).setdefault(change.new, change.at)
    forked = [sorted(ways.values()) for ways in became.values() if len(ways) > 1]
    if forked:
        rows = [row for ways in forked for row in ways]
        remedy = "keep, for each old_id, the one new_id that is right"
        return {}, [_fault("one old_id became two different new_id", rows, register, OLD, remedy)]
    step = {old: next(iter(ways)) for old, ways in became.items()}
    found = _ends(step)
    circular = [next(iter(became[old].values())) for old in step if old not in found]
    if circular:
        remedy = "take away the row that leads from the newest identity back to an earlier one"
        return {}, [_fault("the changes lead in a circle, so that none is the newest", circular, register, NEW, remedy)]
    return found, []


def _ends(step: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Follow every chain to its end; what lies on a circle, or leads into one, has none."""
    found: dict[str, tuple[str, int]] = {}
    for start in step:
        path, seen = [start], {start}
        while path[-1] in step and path[-1] not in found:
            following = step[path[-1]]
            if following in seen:
                path = []
                break
            path.append(following)
            seen.add(following)
        if path:
            end, beyond = found.get(path[-1], (path[-1], 0))
            for passed, old in enumerate(reversed(path[:-1]), start=1):
                found[old] = (end, beyond + passed)
    return found


def _fault(problem: str, at: Iterable[int], register: FileRegister, column: str, remedy: str) -> InputError:
    found = sorted(set(at))
    places = [register.where(row, TABLE, column) for row in found[:ROWS_TOLD]]
    shown = ", ".join(str(place.row) for place in places if place.file == places[0].file)
    more = f" and {len(found) - ROWS_TOLD} more" if len(found) > ROWS_TOLD else ""
    first = places[0]
    return InputError(
        f"rows {shown}{more}: {problem}" if len(found) > 1 else problem,
        where=Where(first.file, first.sheet, first.column, first.row),
        remedy=remedy,
    )
