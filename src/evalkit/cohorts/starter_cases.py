"""Test persons of the cohorts of pupils who start a year group."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.values import Case

Row = Mapping[str, object]
SCHOOL = "10000001"


def starter_cases(year: int, school_type: str, autumn: int) -> tuple[Case, ...]:
    """Return who is in a cohort of starters and who is not, for its first school year."""
    whole = _enrolment(year, school_type, f"{autumn}-08-17", f"{autumn + 1}-07-01")
    before = _enrolment(year, school_type, f"{autumn - 1}-08-17", f"{autumn}-07-01")
    person: Row = {"sex": "woman", "birth_date": f"{autumn - 6 - year}-05-01"}
    lesson: Row = {
        "lesson_id": "1",
        "school_id": SCHOOL,
        "date": f"{autumn}-09-01",
        "start_minute": 480,
        "minutes_offered": 60,
        "reported": False,
    }

    def case(
        name: str, expected: str, *enrolments: Row, told: Row = person, lessons: tuple[Row, ...] = (lesson,)
    ) -> Case:
        return Case(name, {"persons": (told,), "enrolments": enrolments, "attendance": lessons}, expected)

    return (
        case("is there all year", "in", whole),
        case("leaves in spring", "in", {**whole, "end": f"{autumn + 1}-03-01", "cancelled": True}),
        case(
            "moves school in September",
            "in",
            {**whole, "end": f"{autumn}-09-06"},
            {**whole, "school_id": "10000002", "start": f"{autumn}-09-06"},
        ),
        case("is in another year group", "candidates", {**whole, "year_group": year + 1}),
        case("takes the year again", "started", before, whole),
        case("is registered after 15 October", "started", {**whole, "known_from": f"{autumn}-10-16"}),
        case("has no birth date", "key_facts", whole, told={"sex": "man"}),
        case("comes in February", "reference_day", {**whole, "start": f"{autumn + 1}-02-01"}),
        case("never came", "reference_day", {**whole, "end": f"{autumn}-08-31", "cancelled": True}),
        case("has no lesson before 15 October", "attendance", whole, lessons=({**lesson, "date": f"{autumn}-10-16"},)),
    )


def beginner_cases(programmes: str, autumn: int) -> tuple[Case, ...]:
    """Return who is in a cohort of beginners of upper secondary school and who is not, for its first school year."""
    whole = _enrolment(1, "GY", f"{autumn}-08-17", f"{autumn + 1}-07-01")
    before = _enrolment(1, "GY", f"{autumn - 1}-08-17", f"{autumn}-07-01")
    science, language = {"programme": "NA"}, {"programme": "IMS"}
    on, off = (language, science) if programmes == "introductory" else (science, language)
    others = "in" if programmes == "all" else "started"
    after_introduction = {"national": "in", "introductory": "started", "all": "started"}[programmes]

    def case(name: str, expected: str, *enrolments: Row) -> Case:
        return Case(name, {"enrolments": enrolments}, expected)

    return (
        case("is on the programme on 15 October", "in", {**whole, **on}),
        case("is on a programme of the other kind", others, {**whole, **off}),
        case("has no programme on record", others, whole),
        case(
            "goes from introduction to a national programme",
            after_introduction,
            {**before, **language},
            {**whole, **science},
        ),
        case("takes the year again", "started", {**before, **on}, {**whole, **on}),
        case("leaves in September", "reference_day", {**whole, **on, "end": f"{autumn}-09-20"}),
        case("is in year 2", "candidates", {**whole, **on, "year_group": 2}),
    )


def _enrolment(year: int, school_type: str, start: str, end: str) -> Row:
    return {"school_id": SCHOOL, "school_type": school_type, "year_group": year, "start": start, "end": end}
