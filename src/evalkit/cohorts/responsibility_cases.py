"""Test persons of the cohort of young people under the municipal activity responsibility."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from evalkit.values import Case

Row = Mapping[str, object]
ENOUGH = timedelta(days=14)


def responsibility_cases(first: date, home: str | None) -> tuple[Case, ...]:
    """Return who comes under the responsibility from a day on and who does not."""
    quits = first + ENOUGH
    upper: Row = {
        "school_id": "10000001",
        "school_type": "GY",
        "year_group": 1,
        "start": first - 10 * ENOUGH,
        "end": quits,
    }
    back: Row = {**upper, "school_id": "10000002", "start": quits + timedelta(days=10), "end": None}

    def case(name: str, expected: str, *enrolments: Row, age: int = 17, courses: tuple[Row, ...] = ()) -> Case:
        person = {"sex": "woman", "birth_date": date(first.year - age, 1, 1), "home_municipality": home}
        return Case(name, {"persons": (person,), "enrolments": enrolments, "courses": courses}, expected)

    course: Row = {"course_id": "1", "school_id": "10000003", "school_type": "VUXGY", "course": "MATMAT01b"}
    broken_off = {**course, "start": first - 4 * ENOUGH, "end": quits, "outcome": "discontinued"}
    closed = quits + timedelta(days=40)
    unused: Row = {**course, "start": back["start"], "end": closed, "outcome": "no_show"}
    return (
        case("leaves upper secondary school", "in", upper),
        case("has left and is 20", "age", upper, age=20),
        case(
            "is at another school on that day", "not_studying", upper, {**upper, "school_id": "10000002", "end": None}
        ),
        case("is back at school after ten days", "gap", upper, back),
        case("takes up adult education at the same level", "gap", upper, courses=({**course, "start": back["start"]},)),
        case("leaves adult education at the same level", "in", courses=(broken_off,)),
        case("is admitted to adult education and never comes", "in", upper, courses=(unused,)),
        case("goes on at school", "candidates", {**upper, "end": None}),
        case("leaves school in compulsory age", "candidates", {**upper, "school_type": "GR", "year_group": 2}, age=8),
    )
