"""Read the dates of a definition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from evalkit.errors import InputError
from evalkit.vocabulary import school_year_of
from evalkit.vocabulary.cohort_rules import reference_day


@dataclass(frozen=True)
class Window:
    """First and last day on which persons enter, both inside, and the day from which nothing is seen."""

    first: date
    last: date
    as_of: date

    @property
    def period(self) -> str:
        """What readers call it, such as ``"2021-08-01–2022-07-31"``."""
        return f"{self.first}–{self.last}"


def window_of(between: tuple[str, str], as_of: str) -> Window:
    """Read first and last day, and the day from which nothing is seen.

    Raises
    ------
    InputError
        If one cannot be read as a date, or the last day comes before the first.
    """
    first, last, seen = (_day(text) for text in (*between, as_of))
    if last < first:
        raise InputError(f"the last day, {last}, comes before the first, {first}", remedy="give the earlier day first")
    return Window(first, last, seen)


def autumns_of(window: Window) -> tuple[int, ...]:
    """Return the school years whose reference day lies in a window, by the calendar year they start in.

    Raises
    ------
    InputError
        If there is none.
    """
    years = range(window.first.year, window.last.year + 1)
    autumns = tuple(year for year in years if window.first <= reference_day(year) <= window.last)
    if not autumns:
        raise InputError(
            f"no 15 October lies between {window.first} and {window.last}, so no school year does",
            remedy='give the first and last day of whole school years, such as ("2021-08-01", "2025-07-31")',
        )
    return autumns


def school_years(autumns: tuple[int, ...]) -> str:
    """Return what readers call school years, such as ``"2021/22–2024/25"``."""
    return "–".join(dict.fromkeys(school_year(autumn) for autumn in (autumns[0], autumns[-1])))


def school_year(autumn: int) -> str:
    """Return the label of the school year that starts in an autumn."""
    return school_year_of(reference_day(autumn)).label


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no date", remedy="write dates as 2021-08-01") from None
