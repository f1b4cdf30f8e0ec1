"""Programmes of upper secondary school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, get_args

from evalkit.vocabulary.certainty import Certainty, certainty_mark
from evalkit.vocabulary.reading import read_toml

ProgrammeKind = Literal["vocational", "preparatory", "introductory"]


@dataclass(frozen=True)
class Programme:
    """One programme.

    Parameters
    ----------
    code
        How its study path codes begin, such as ``"NA"``.
    kind
        ``vocational``, ``preparatory`` (both national) or ``introductory``.
    eligibility
        Group of the rules of eligibility that opens it; empty where no grades are asked for.
    since, until
        First day, and the day from which nobody begins it; None where it goes on.
    """

    code: str
    kind: ProgrammeKind
    eligibility: str
    since: date
    until: date | None
    sv: str
    en: str
    certainty: Certainty


@cache
def programmes() -> tuple[Programme, ...]:
    """Return every programme."""
    data = read_toml("programmes")
    return tuple(
        Programme(
            code=entry["code"],
            kind=entry["kind"],
            eligibility=entry.get("eligibility", ""),
            since=entry["since"],
            until=entry.get("until"),
            sv=entry["sv"],
            en=entry["en"],
            certainty=certainty_mark(entry.get("certainty", data["provenance"]["certainty"])),
        )
        for entry in data["programmes"]
    )


def programme_kinds() -> dict[ProgrammeKind, tuple[str, ...]]:
    """Return what registers call the kinds of programme, the standard's misspelling included."""
    return {kind: tuple(read_toml("programmes")["kinds"][kind]) for kind in get_args(ProgrammeKind)}
