"""Test persons of the cohorts of adult students."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from evalkit.values import Case

Row = Mapping[str, object]


def beginner_cases(first: date) -> tuple[Case, ...]:
    """Return who is among the beginners of SFI from a day on and who is not."""
    begins, before = _course("VUXSFI", "SFIB", first), _course("SFI", "SFIA", first - timedelta(days=200))
    return (
        _case("begins the first course", "in", begins),
        _case("begins two courses on one day", "in", begins, {**begins, "course_id": "second"}),
        _case("studied SFI before, under the older code", "first_ever", before, begins),
        _case("was enrolled before and never came", "first_ever", {**before, **_no_show(before)}, begins),
        _case("studied at basic level before", "in", {**before, "school_type": "VUXGR"}, begins),
        _case("studies at basic level only", "candidates", {**begins, "school_type": "VUXGR"}),
    )


def participant_cases(school_type: str, first: date) -> tuple[Case, ...]:
    """Return who is among the course participants from a day on and who is not."""
    begins = _course(school_type, "GRNMAT2", first)
    came = {**begins, "attended_from": first + timedelta(days=1)}
    quits = {"end": first + timedelta(days=10), "outcome": "discontinued"}
    return (
        _case("attends from the second day", "in", came),
        _case(
            "attends before the course begins",
            "in",
            {**begins, "start": first + timedelta(days=7), "attended_from": first},
        ),
        _case("attends and quits after ten days", "in", {**came, **quits}),
        _case("never came", "attended", {**begins, **_no_show(begins)}),
        _case("has not come yet", "attended", begins),
        _case("came to the second of two courses", "in", begins, {**came, "course_id": "second"}),
        _case("studies in another school type", "candidates", {**came, "school_type": "YH"}),
    )


def _case(name: str, expected: str, *courses: Row) -> Case:
    return Case(name, {"courses": courses}, expected)


def _course(school_type: str, code: str, start: date) -> Row:
    return {"course_id": code, "school_id": "10000001", "school_type": school_type, "course": code, "start": start}


def _no_show(course: Row) -> Row:
    start = course["start"]
    assert isinstance(start, date)
    return {"end": start + timedelta(days=14), "outcome": "no_show"}
