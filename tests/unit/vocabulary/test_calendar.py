from __future__ import annotations

from datetime import date

import pytest

from evalkit.vocabulary import easter, holidays, school_calendar, term_of

# Dates of Easter as printed in almanacs.
EASTER = {
    2021: date(2021, 4, 4),
    2022: date(2022, 4, 17),
    2023: date(2023, 4, 9),
    2024: date(2024, 3, 31),
    2025: date(2025, 4, 20),
    2038: date(2038, 4, 25),
    2285: date(2285, 3, 22),
}
YEARS = ("2021/22", "2022/23", "2023/24", "2024/25")


@pytest.mark.parametrize("year", EASTER)
def test_easter(year: int) -> None:
    assert easter(year) == EASTER[year]


def test_moving_holidays_of_2024() -> None:
    named = {holiday.sv: holiday.day for holiday in holidays(2024)}
    assert named["långfredagen"] == date(2024, 3, 29)
    assert named["Kristi himmelsfärdsdag"] == date(2024, 5, 9)
    assert named["midsommarafton"] == date(2024, 6, 21)


@pytest.mark.parametrize("year", YEARS)
def test_a_school_year_has_the_178_days_the_ordinance_asks_for(year: str) -> None:
    days = school_calendar(year).school_days
    assert len(days) == 178
    assert list(days) == sorted(set(days))
    assert all(day.weekday() < 5 for day in days)
    free = {holiday.day for when in {day.year for day in days} for holiday in holidays(when)}
    assert not free & set(days)
    assert {term_of(day).school_year for day in days} == {year}


def test_breaks_have_no_school() -> None:
    calendar = school_calendar("2022/23")
    assert not calendar.is_school_day(date(2022, 11, 2))
    assert not calendar.is_school_day(date(2023, 2, 13))
    assert not calendar.is_school_day(date(2023, 2, 17))
    assert calendar.is_school_day(date(2023, 2, 20))
    assert not calendar.is_school_day(date(2023, 6, 14))
    assert calendar.is_school_day(date(2023, 6, 13))


def test_no_closure_is_listed_on_a_day_that_is_free_anyway() -> None:
    for year in YEARS:
        for closure in school_calendar(year).closures:
            assert closure.start < closure.end
            assert closure.start.weekday() < 5
            assert closure.start not in {holiday.day for holiday in holidays(closure.start.year)}


def test_an_unknown_year_names_those_known() -> None:
    with pytest.raises(KeyError, match="2024/25 in GR"):
        school_calendar("1999/00")
