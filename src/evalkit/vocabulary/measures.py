"""What each measure and event of the library means, in both languages: numerator, denominator, coverage, direction."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from evalkit.vocabulary.certainty import Provenance, certainty_mark

Direction = Literal["higher", "lower", "none"]


@dataclass(frozen=True)
class Meaning:
    """The meaning of a measure or an event.

    Parameters
    ----------
    name
        As `evalkit.values.Measure.meaning` or the name of the events.
    kind
        Whether it is measured in a period, happens on a day, or is counted into a table of its own.
    sv, en
        What readers call it.
    definition, numerator, denominator, coverage
        By language (``"sv"``, ``"en"``). ``numerator`` is what is counted or summed, ``denominator`` over whom or what;
        ``coverage`` how much of what should have been recorded was, empty where nothing can be missing. Events and
        tables have a definition alone.
    direction
        Whether more is better.
    rows
        Rows of the mission it answers, such as ``("A1", "A2")``.
    provenance
        Source of the definition, and how sure it is.
    """

    name: str
    module: str
    kind: Literal["measure", "event", "table"]
    sv: str
    en: str
    definition: dict[str, str]
    numerator: dict[str, str]
    denominator: dict[str, str]
    coverage: dict[str, str]
    direction: Direction
    rows: tuple[str, ...]
    provenance: Provenance


@cache
def meanings() -> dict[str, Meaning]:
    """Return every meaning by name, module by module.

    Raises
    ------
    ValueError
        If two measures bear one name.
    """
    found: dict[str, Meaning] = {}
    folder = files("evalkit.vocabulary") / "facts" / "measures"
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        module = path.name.removesuffix(".toml")
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["measures"]:
            meaning = _meaning(module, entry)
            if meaning.name in found:
                raise ValueError(f"the vocabulary of measures holds {meaning.name!r} twice")
            found[meaning.name] = meaning
    return found


def meaning_of(name: str) -> Meaning:
    """Return one meaning.

    Raises
    ------
    KeyError
        If the vocabulary does not hold it.
    """
    if name not in meanings():
        raise KeyError(f"the vocabulary of measures holds no {name!r}")
    return meanings()[name]


def _meaning(module: str, entry: dict[str, Any]) -> Meaning:
    def both(part: str) -> dict[str, str]:
        return {language: str(entry.get(f"{part}_{language}", "")) for language in ("sv", "en")}

    return Meaning(
        name=entry["name"],
        module=module,
        kind=entry.get("kind", "measure"),
        sv=entry["sv"],
        en=entry["en"],
        definition=both("definition"),
        numerator=both("numerator"),
        denominator=both("denominator"),
        coverage=both("coverage"),
        direction=entry.get("direction", "none"),
        rows=tuple(entry["rows"]),
        provenance=Provenance(entry["source"], certainty_mark(entry["certainty"])),
    )
