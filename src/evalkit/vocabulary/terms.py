"""School years and terms: fixed half-open windows that every day belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

FIRST_MONTH_OF_AUTUMN = 7


@dataclass(frozen=True, order=True)
class SchoolYear:
    """A school year ``[1 July, 1 July)``, such as ``2023/24``."""

    start: date
    end: date
    label: str


@dataclass(frozen=True, order=True)
class Term:
    """A term: HT ``[1 July, 1 January)`` or VT ``[1 January, 1 July)``, such as ``HT2023``."""

    start: date
    end: date
    label: str
    school_year: str


@cache
def school_year(label: str) -> SchoolYear:
    """Return the school year called ``label``.

    Raises
    ------
    ValueError
        If the label is not of the form ``2023/24``.
    """
    match = re.fullmatch(r"(\d{4})/(\d{2})", label)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise ValueError(f"a school year is written 2023/24, not {label!r}")
    first = int(match[1])
    return SchoolYear(date(first, FIRST_MONTH_OF_AUTUMN, 1), date(first + 1, FIRST_MONTH_OF_AUTUMN, 1), label)


def school_year_of(day: date) -> SchoolYear:
    """Return the school year that the day lies in."""
    first = day.year if day.month >= FIRST_MONTH_OF_AUTUMN else day.year - 1
    return school_year(f"{first}/{(first + 1) % 100:02d}")


@cache
def term(label: str) -> Term:
    """Return the term called ``label``.

    Raises
    ------
    ValueError
        If the label is not of the form ``HT2023`` or ``VT2024``.
    """
    match = re.fullmatch(r"(HT|VT)(\d{4})", label)
    if match is None:
        raise ValueError(f"a term is written HT2023 or VT2024, not {label!r}")
    year = int(match[2])
    middle = date(year, FIRST_MONTH_OF_AUTUMN, 1)
    start, end = (middle, date(year + 1, 1, 1)) if match[1] == "HT" else (date(year, 1, 1), middle)
    return Term(start, end, label, school_year_of(start).label)


def term_of(day: date) -> Term:
    """Return the term that the day lies in."""
    season = "HT" if day.month >= FIRST_MONTH_OF_AUTUMN else "VT"
    return term(f"{season}{day.year}")


def terms_of(school_years: tuple[str, ...]) -> tuple[Term, ...]:
    """Return the terms of the school years, in their order: HT, then VT."""
    found: list[Term] = []
    for label in school_years:
        window = school_year(label)
        found += [term_of(window.start), term_of(window.end - timedelta(days=1))]
    return tuple(found)
