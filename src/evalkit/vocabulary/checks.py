"""The catalogue of checks: what each means for the analysis, how it is mended, and from when a number is odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml
from evalkit.vocabulary.school_types import Language

CheckLevel = Literal["error", "warning", "note"]
CheckGroup = Literal["files", "values", "rows", "intervals", "sequences", "attendance", "registration", "persons"]
CheckUnit = Literal["rows", "school_months", "schools", "teachers", "classes", "pupil_days"]
GROUPS: tuple[CheckGroup, ...] = get_args(CheckGroup)
LEVELS: tuple[CheckLevel, ...] = get_args(CheckLevel)
NO_FACTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class CheckText:
    """What a check says in one language.

    Parameters
    ----------
    title
        What is odd, in a few words.
    problem
        What was found, in one sentence.
    meaning
        What it means for the analysis.
    mend
        How to mend it.
    """

    title: str
    problem: str
    meaning: str
    mend: str


@dataclass(frozen=True)
class Threshold:
    """Numbers from which a check strikes, in force since a day.

    Parameters
    ----------
    since
        First day.
    numbers
        By name.
    provenance
        Where they are from, and how sure they are.
    """

    since: date
    numbers: Mapping[str, Any]
    provenance: Provenance


@dataclass(frozen=True)
class Check:
    """One entry of the catalogue.

    Parameters
    ----------
    id
        Stable name.
    group
        What kind of thing is checked.
    level
        ``"error"``, ``"warning"`` or ``"note"``; a rule of the schema may say another.
    unit
        What a finding counts: rows, or groups of them.
    texts
        By language; problem and mend still have names in braces where facts go.
    thresholds
        Oldest first; empty where none is needed.
    """

    id: str
    group: CheckGroup
    level: CheckLevel
    unit: CheckUnit
    texts: Mapping[Language, CheckText]
    thresholds: tuple[Threshold, ...] = ()

    def tell(self, language: Language, facts: Mapping[str, str] = NO_FACTS) -> CheckText:
        """Return the texts with facts filled in.

        Raises
        ------
        KeyError
            If a text needs a fact that is not given.
        """
        text = self.texts[language]
        return CheckText(text.title, text.problem.format_map(facts), text.meaning, text.mend.format_map(facts))

    def threshold(self, on: date | None = None) -> Mapping[str, Any]:
        """Return the numbers in force on a day, the latest without one.

        Raises
        ------
        KeyError
            If the check has none by then.
        """
        in_force = [entry for entry in self.thresholds if on is None or entry.since <= on]
        if not in_force:
            raise KeyError(f"the check {self.id} has no numbers in force on {on}")
        return in_force[-1].numbers


@cache
def checks() -> Mapping[str, Check]:
    """Return every check by id, in the order of the catalogue."""
    return MappingProxyType({entry["id"]: _check(entry) for entry in read_toml("checks")["checks"]})


def check(name: str) -> Check:
    """Return one check.

    Raises
    ------
    KeyError
        If the catalogue has no such check.
    """
    found = checks().get(name)
    if found is None:
        raise KeyError(f"there is no check {name!r}")
    return found


def check_catalogue(language: Language) -> str:
    """Return the catalogue as a Markdown table: id, level, what is odd, what it means.

    Parameters
    ----------
    language
        ``"sv"`` or ``"en"``.
    """
    words = check_words(language)
    columns = ("id", "level", "title", "meaning")
    lines = [" | ".join(words[f"column_{name}"] for name in columns), " | ".join("---" for _ in columns)]
    for one in checks().values():
        text = one.texts[language]
        lines.append(" | ".join((f"`{one.id}`", words[f"level_{one.level}"], text.title, text.meaning)))
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def check_words(language: Language) -> Mapping[str, str]:
    """Return the words around findings, by key; forms for one and for several are told by ``.one`` and ``.many``."""
    words: Mapping[str, str] = read_toml("checks_words")[language]
    return words


def counted(words: Mapping[str, str], key: str, count: int, number: str) -> str:
    """Return a phrase for one or several, the number filled in as written."""
    return words[f"{key}_{'one' if count == 1 else 'many'}"].format(n=number)


def _check(entry: dict[str, Any]) -> Check:
    if entry["group"] not in GROUPS or entry["level"] not in LEVELS:
        raise ValueError(f"the check {entry['id']} is of no known group or level")
    parts = ("title", "problem", "meaning", "mend")
    languages = cast(tuple[Language, ...], get_args(Language))
    texts = {language: CheckText(*(entry[part][language] for part in parts)) for language in languages}
    thresholds = [_threshold(dict(found)) for found in entry.get("thresholds", ())]
    ordered = tuple(sorted(thresholds, key=lambda found: found.since))
    unit = entry.get("unit", "rows")
    return Check(entry["id"], entry["group"], entry["level"], unit, MappingProxyType(texts), ordered)


def _threshold(found: dict[str, Any]) -> Threshold:
    provenance = Provenance(found.pop("source"), certainty_mark(found.pop("certainty")))
    return Threshold(found.pop("since"), MappingProxyType(found), provenance)
