"""School types of SS 12000: their codes are kept, their labels follow the law's dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from evalkit.vocabulary.certainty import Certainty, certainty_mark
from evalkit.vocabulary.reading import read_toml

Language = Literal["sv", "en"]


@dataclass(frozen=True)
class SchoolType:
    """One school type.

    Parameters
    ----------
    code
        As in SS 12000, such as ``"GR"``.
    stage
        preschool, preschool_class, leisure, compulsory, upper_secondary, adult, tertiary or other.
    years
        First and last school year (årskurs), where the type has any.
    labels
        (in use since, Swedish, English), oldest first.
    """

    code: str
    stage: str
    years: tuple[int, int] | None
    labels: tuple[tuple[date, str, str], ...]
    certainty: Certainty

    def label(self, on: date, language: Language = "sv") -> str:
        """Return the name in use on a day."""
        _, swedish, english = [entry for entry in self.labels if entry[0] <= on][-1]
        return swedish if language == "sv" else english


@cache
def school_types() -> tuple[SchoolType, ...]:
    """Return every school type of the standard, in its order."""
    data = read_toml("school_types")
    return tuple(
        SchoolType(
            code=entry["code"],
            stage=entry["stage"],
            years=tuple(entry["years"]) if "years" in entry else None,
            labels=tuple((label["since"], label["sv"], label["en"]) for label in entry["labels"]),
            certainty=certainty_mark(entry.get("certainty", data["provenance"]["certainty"])),
        )
        for entry in data["school_types"]
    )


def school_type(code: str) -> SchoolType:
    """Return the school type with this code.

    Raises
    ------
    KeyError
        If the standard has no such code.
    """
    for found in school_types():
        if found.code == code:
            return found
    raise KeyError(f"SS 12000 has no school type {code!r}")
