"""Survey instruments of school connectedness, dated: items, their dimensions, and which are reversed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.connectedness import dimension
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class Item:
    """One item of an instrument.

    Parameters
    ----------
    code
        As in the column ``item`` of the table survey.
    dimension
        behavioural, academic, affective or cognitive.
    part
        The instrument's own subscale.
    reverse
        Whether agreement speaks of little connectedness; such an answer is turned round on the scale.
    """

    code: str
    dimension: str
    part: str = ""
    reverse: bool = False


@dataclass(frozen=True)
class Instrument:
    """A survey's items and what they ask about.

    Raises
    ------
    ValueError
        If it has no items, or one twice.
    KeyError
        If an item is of no known dimension.
    """

    name: str
    items: tuple[Item, ...]
    sv: str
    en: str
    provenance: Provenance

    def __post_init__(self) -> None:
        if not self.items:
            raise ValueError(f"the instrument {self.name!r} has no items")
        codes = [item.code for item in self.items]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"the instrument {self.name!r} has {', '.join(twice)} twice")
        for item in self.items:
            dimension(item.dimension)

    def of(self, code: str | None) -> tuple[Item, ...]:
        """Return the items of one dimension, all where it is None."""
        return tuple(item for item in self.items if code is None or item.dimension == code)


def instrument(name: str, on: date | None = None) -> Instrument:
    """Return an instrument as it was on a day.

    Parameters
    ----------
    name
        ``"skolanknytning"`` (the project's own twelve items) or ``"sei"``.
    on
        None for its latest form.

    Raises
    ------
    KeyError
        If there is no such instrument, or was none by then.
    """
    entries = read_toml("instruments")["instruments"]
    named = [entry for entry in entries if entry["name"] == name and (on is None or entry["since"] <= on)]
    if not named:
        raise KeyError(f"no instrument {name!r}; there are {', '.join(sorted({each['name'] for each in entries}))}")
    return _instrument(max(named, key=lambda entry: entry["since"]))


def _instrument(entry: dict[str, Any]) -> Instrument:
    items = tuple(
        Item(code, part["dimension"], part["part"], part["reverse"])
        for part in entry["parts"]
        for code in part["items"]
    )
    provenance = Provenance(entry["source"], certainty_mark(entry["certainty"]))
    return Instrument(entry["name"], items, entry["sv"], entry["en"], provenance)
