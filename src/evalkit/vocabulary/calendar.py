"""School days: what is left of a school year without weekends, public holidays, breaks and study days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Holiday:
    """A public holiday."""

    day: date
    sv: str
    en: str


@dataclass(frozen=True, order=True)
class Closure:
    """Days without school, ``[start, end)``: a break, a study day, a single day off."""

    start: date
    end: date
    sv: str
    en: str
    certainty: str


@dataclass(frozen=True)
class SchoolCalendar:
    """The school days of one school year in one area.

    Parameters
    ----------
    school_year, area
        Such as ``"2023/24"`` and ``"GR"`` (the Gothenburg region).
    autumn, spring
        First day of the term, and the day after its last.
    closures
        Breaks and days off between them, public holidays apart.
    provenance
        Source and certainty of the calendar.
    """

    school_year: str
    area: str
    autumn: tuple[date, date]
    spring: tuple[date, date]
    closures: tuple[Closure, ...]
    provenance: Provenance

    @property
    def school_days(self) -> tuple[date, ...]:
        """Every school day in order."""
        return tuple(day for window in (self.autumn, self.spring) for day in _days(*window) if self.is_school_day(day))

    def is_school_day(self, day: date) -> bool:
        """Tell whether there is school on the day."""
        in_term = any(start <= day < end for start, end in (self.autumn, self.spring))
        closed = any(closure.start <= day < closure.end for closure in self.closures)
        return in_term and not closed and day.weekday() < SATURDAY and day not in {h.day for h in holidays(day.year)}


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (anonymous algorithm, as in Meeus 1991)."""
    century, place = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (place // 4) - epact - place % 4) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@cache
def holidays(year: int) -> tuple[Holiday, ...]:
    """Return the Swedish public holidays of a year that can fall on a weekday.

    Christmas Eve, Midsummer's Eve and New Year's Eve are counted among them, as schools do.
    Source: lagen (1989:253) om allmänna helgdagar, and custom.
    """
    sunday = easter(year)
    midsummer = next(day for day in _days(date(year, 6, 19), date(year, 6, 26)) if day.weekday() == SATURDAY - 1)
    found = [
        Holiday(date(year, 1, 1), "nyårsdagen", "New Year's Day"),
        Holiday(date(year, 1, 6), "trettondedag jul", "Epiphany"),
        Holiday(sunday - 2 * DAY, "långfredagen", "Good Friday"),
        Holiday(sunday + DAY, "annandag påsk", "Easter Monday"),
        Holiday(date(year, 5, 1), "första maj", "May Day"),
        Holiday(sunday + 39 * DAY, "Kristi himmelsfärdsdag", "Ascension Day"),
        Holiday(date(year, 6, 6), "nationaldagen", "National Day"),
        Holiday(midsummer, "midsommarafton", "Midsummer's Eve"),
        Holiday(date(year, 12, 24), "julafton", "Christmas Eve"),
        Holiday(date(year, 12, 25), "juldagen", "Christmas Day"),
        Holiday(date(year, 12, 26), "annandag jul", "Boxing Day"),
        Holiday(date(year, 12, 31), "nyårsafton", "New Year's Eve"),
    ]
    return tuple(sorted(found))


@cache
def school_calendar(school_year: str, area: str = "GR") -> SchoolCalendar:
    """Return the calendar of a school year.

    Raises
    ------
    KeyError
        If no calendar is known; the message lists those that are.
    """
    entries = read_toml("calendar")["school_years"]
    for entry in entries:
        if (entry["school_year"], entry["area"]) == (school_year, area):
            return _calendar(entry)
    known = ", ".join(f"{entry['school_year']} in {entry['area']}" for entry in entries)
    raise KeyError(f"no school calendar for {school_year} in {area}; known are {known}")


def _calendar(entry: dict[str, Any]) -> SchoolCalendar:
    closures = tuple(
        Closure(item["first"], item["last"] + DAY, item["sv"], item["en"], certainty_mark(item["certainty"]))
        for item in entry["closures"]
    )
    return SchoolCalendar(
        school_year=entry["school_year"],
        area=entry["area"],
        autumn=(entry["autumn"]["first"], entry["autumn"]["last"] + DAY),
        spring=(entry["spring"]["first"], entry["spring"]["last"] + DAY),
        closures=closures,
        provenance=Provenance(entry["source"], certainty_mark(entry["certainty"])),
    )


def _days(start: date, end: date) -> tuple[date, ...]:
    return tuple(start + index * DAY for index in range((end - start).days))
