"""Types of transition: from which places to which, and how one is told from another in registers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class TransitionType:
    """A type of transition.

    Parameters
    ----------
    name
        Such as ``"6_to_7"``.
    sources, targets
        Places that are left and reached.
    among
        Places among which the latest earlier stay is looked for.
    differs
        What has to be another than before: ``"school"``, ``"programme"`` or ``""``.
    ended
        Whether the earlier stay must have ended.
    longer_than_days, within_days
        Days from its end that must, and may, lie between; None where there is no such limit.
    younger_than
        Age in years that the person has not reached; None for any.
    sv, en
        What readers call it.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    among: tuple[str, ...]
    differs: str
    ended: bool
    longer_than_days: int | None
    within_days: int | None
    younger_than: int | None
    sv: str
    en: str


@cache
def transition_types() -> tuple[TransitionType, ...]:
    """Return every type, in the order of the life they are about."""
    return tuple(_type(entry) for entry in read_toml("transition_types")["types"])


def transition_type(name: str) -> TransitionType:
    """Return one type.

    Raises
    ------
    KeyError
        If there is none of that name; the message lists those there are.
    """
    for each in transition_types():
        if each.name == name:
            return each
    raise KeyError(f"there is no transition {name!r}; there are {', '.join(each.name for each in transition_types())}")


@cache
def places_of(track: str) -> tuple[str, ...]:
    """Return the places of a track, ``"school"``, ``"sfi"`` or ``"adult"``."""
    return tuple(read_toml("transition_types")["tracks"][track])


@cache
def programme_kinds() -> dict[str, tuple[str, ...]]:
    """Return the letters that programme codes begin with, by kind: vocational, preparatory, introductory."""
    told = read_toml("transition_types")["programmes"]
    return {kind: tuple(told[kind]) for kind in ("vocational", "preparatory", "introductory")}


@cache
def programme_type_kinds() -> dict[str, str]:
    """Return the kind of programme by the canonical ``programme_type``."""
    return dict(read_toml("transition_types")["programme_types"])


@cache
def course_places() -> dict[str, tuple[str, ...]]:
    """Return school types of ``basic`` and ``upper_level``, and how ``basic_swedish_codes`` begin."""
    told = read_toml("transition_types")["courses"]
    return {name: tuple(told[name]) for name in ("basic", "upper_level", "basic_swedish_codes")}


def transition_provenance() -> Provenance:
    """Return where the types are from."""
    entry = read_toml("transition_types")["provenance"]
    return Provenance(entry["source"], certainty_mark(entry["certainty"]))


def _type(entry: dict[str, Any]) -> TransitionType:
    sources, targets = tuple(entry["from"]), tuple(entry["to"])
    among = places_of(entry["among"]) if "among" in entry else tuple(dict.fromkeys((*sources, *targets)))
    return TransitionType(
        name=entry["name"],
        sources=sources,
        targets=targets,
        among=among,
        differs=entry.get("differs", ""),
        ended=entry.get("ended", False),
        longer_than_days=entry.get("longer_than_days"),
        within_days=entry.get("within_days"),
        younger_than=entry.get("younger_than"),
        sv=entry["sv"],
        en=entry["en"],
    )
