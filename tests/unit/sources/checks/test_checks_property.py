"""Random sites that follow the schema have no error; one planted damage is found, at its row; naive Python agrees."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from drawn_site import ONE, UNITS, Site, found_in, lesson, only, rows_told, spell
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.errors import Finding

DAYS = [date(2023, 9, 4) + timedelta(days=number) for number in range(5)]
PEOPLE = ("a", "b", "c")
FEW = settings(max_examples=15, deadline=None)

slots = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(DAYS), st.integers(0, 7))
timetables = st.lists(slots, min_size=1, max_size=25, unique=True)
loose = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.integers(0, 2), st.integers(420, 600), st.integers(1, 120)), max_size=14
)

DAMAGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "missing_value": lambda row: row | {"lesson_id": None},
    "out_of_range": lambda row: row | {"start_minute": -1},
    "unknown_code": lambda row: row | {"mode": "elsewhere"},
    "wrong_pattern": lambda row: row | {"school_id": "1"},
    "sum_above_limit": lambda row: row | {"minutes_other": 5},
    "missing_reference": lambda row: row | {"person_id": "nobody"},
    "outside_enrolment": lambda row: row | {"date": date(2023, 8, 15)},
    "long_lesson": lambda row: row | {"minutes_offered": 300, "minutes_attended": 300},
}


def site_of(lessons: list[dict[str, Any]]) -> Site:
    people = [{"person_id": name, "birth_date": date(2010, 1, 1)} for name in PEOPLE]
    return {
        "persons": people,
        "school_units": UNITS,
        "enrolments": [spell(name) for name in PEOPLE],
        "attendance": lessons,
    }


def examined(site: Site) -> list[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        return found_in(site, Path(folder))


@FEW
@given(timetables)
def test_a_site_that_follows_the_schema_has_no_error(slots_taken: list[tuple[str, date, int]]) -> None:
    found = examined(site_of([lesson(person, day, number) for person, day, number in slots_taken]))
    assert [one for one in found if one.level == "error"] == []


@FEW
@given(timetables, st.sampled_from(sorted(DAMAGES)), st.integers(0, 10**6))
def test_a_planted_damage_is_found_at_its_row(slots_taken: list[tuple[str, date, int]], name: str, where: int) -> None:
    lessons = [lesson(person, day, number) for person, day, number in slots_taken]
    place = where % len(lessons)
    lessons[place] = DAMAGES[name](lessons[place])
    (one,) = only(name, examined(site_of(lessons)))
    assert (one.count, rows_told(one)) == (1, [place + 1])


@FEW
@given(loose)
def test_keys_and_overlaps_are_as_plain_python_finds_them(drawn: list[tuple[str, int, int, int]]) -> None:
    lessons = [
        lesson(person, DAYS[start % 2], lesson_id=f"l{name}", start_minute=start, minutes_offered=length)
        | {"minutes_attended": length, "school_id": ONE}
        for person, name, start, length in drawn
    ]
    found = examined(site_of(lessons)) if lessons else []
    keys = [(row["person_id"], row["lesson_id"]) for row in lessons]
    repeated = [place + 1 for place, key in enumerate(keys) if key in keys[:place]]
    assert [rows_told(one) for one in only("duplicate_key", found)] == ([repeated[:5]] if repeated else [])
    overlapping = sorted(place + 1 for place, row in enumerate(lessons) if _shared(row, place, lessons) >= 20)
    assert [rows_told(one) for one in only("overlapping_lessons", found)] == ([overlapping[:5]] if overlapping else [])


def _shared(row: dict[str, Any], place: int, lessons: list[dict[str, Any]]) -> int:
    """Return how many minutes of a lesson are taken by one that began before it, in the order of start and row."""
    mine = (row["start_minute"], place)
    ends = [
        other["start_minute"] + other["minutes_offered"]
        for number, other in enumerate(lessons)
        if (other["person_id"], other["date"]) == (row["person_id"], row["date"])
        and (other["start_minute"], number) < mine
    ]
    return min([max(ends, default=0), row["start_minute"] + row["minutes_offered"]]) - row["start_minute"]
