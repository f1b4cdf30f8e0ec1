"""The engines agree with each other, and with a slow reference in plain Python, on drawn sites.

A site holds many persons, each drawn around days that calendars trip over: the change to and from summer time, ISO week
53, a leap day, the seam of school years. Rows come in any order, with lessons that tie, minutes that are missing, days
nobody reported, and facts known weeks after they happened. ``AGREEMENT_SITES`` and ``AGREEMENT_PERSONS`` ask for more;
of one site, Spark answers for one school year by week, for its questions take long.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any, Literal

import pandas as pd
import pytest

import slow_reference as slow
from drawn_tables import table
from evalkit.measures import attendance
from evalkit.panels import build_panel
from evalkit.values import Cohort, Flow, Measure, Tables
from evalkit.vocabulary import terms_of
from evalkit.vocabulary.periods import stretches
from slow_reference import Answer, Row, Stay, When
from spark_engine import assert_alike, assert_same_rows, on_spark

Kind = Literal["term", "month", "week"]
DAY = timedelta(days=1)
SITES = int(os.environ.get("AGREEMENT_SITES", "1"))
PERSONS = int(os.environ.get("AGREEMENT_PERSONS", "150"))
PERSONS_ON_SPARK = 40
YEARS, ONE_YEAR = ("2020/21", "2021/22", "2023/24"), ("2021/22",)
ASSIGNED, AS_OF = date(2021, 10, 15), date(2024, 7, 1)
WINDOWS = (
    (date(2020, 12, 7), date(2021, 1, 29)),
    (date(2021, 5, 31), date(2021, 9, 10)),
    (date(2021, 10, 18), date(2021, 11, 12)),
    (date(2022, 3, 14), date(2022, 4, 8)),
    (date(2022, 6, 6), date(2022, 7, 8)),
    (date(2024, 2, 19), date(2024, 3, 8)),
    (date(2024, 6, 10), date(2024, 7, 5)),
)
"""Week 53, the summer of 2021, the ends of summer time and its beginning, July, the leap day, the end of the study."""
MODES, SUBJECTS = ("campus", "online", "unknown", "placement"), ("MA", "SV", None)
REASONS = ("family", "other", "unknown")
PRESENT_ON = (date(2020, 12, 31), date(2021, 11, 1), date(2024, 2, 29))
PLACE = ["person_id", "school_id", "building_id", "source"]
STARTS, SCHOOLS = (480, 480, 540, 600, 615), ("A", "B", "C")
MINUTES = ("attended", "other", "valid_absence", "invalid_absence")


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawn site: its rows by table, and its persons with entry, follow-up and exit."""

    rows: dict[str, list[Row]]
    people: list[Row]

    @property
    def tables(self) -> Tables:
        """The rows as canonical tables."""
        named = {name: table(name, [dict(row) for row in rows]) for name, rows in self.rows.items()}
        return Tables(named, None, terms_of(YEARS), ASSIGNED, (), "Ale")

    def of(self, name: str, person: str) -> list[Row]:
        """Return one person's rows of a table."""
        return [row for row in self.rows[name] if row["person_id"] == person]


def drawn_site(seed: int, persons: int) -> Drawn:
    """Draw a site."""
    draw = Random(seed)
    names = ("persons", "school_units", "enrolments", "forums", "attendance", "checkins", "contacts")
    rows: dict[str, list[Row]] = {name: [] for name in names}
    rows["school_units"] = [{"school_id": school, "name": school} for school in SCHOOLS]
    forums = (("A", date(2021, 11, 3), 9), ("A", date(2022, 5, 3), 0), ("B", date(2020, 7, 2), 3))
    for number, (school, day, late) in enumerate(forums):
        known = day + late * DAY
        rows["forums"].append({"forum_id": str(number), "school_id": school, "date": day, "known_from": known})
    people = [draw_person(draw, f"p{number:04}", rows) for number in range(persons)]
    for each in rows.values():
        draw.shuffle(each)
    return Drawn(rows, people)


def draw_person(draw: Random, name: str, rows: dict[str, list[Row]]) -> Row:
    """Draw one person's rows, and when the person is followed."""
    windows = draw.sample(WINDOWS, draw.choice((1, 1, 2)))
    rows["persons"].append({"person_id": name})
    for start, end in windows:
        for first, last in draw_spells(draw, start, end):
            rows["enrolments"].append(draw_enrolment(draw, name, first, last))
        draw_days(draw, name, start, end, rows)
    entry = min(start for start, _ in windows) + draw.randint(-5, 10) * DAY
    follow = entry + draw.choice((0, 0, 0, 20)) * DAY
    leaves = follow + draw.randint(5, 90) * DAY if draw.random() < 0.3 else None
    return {"person_id": name, "entry": entry, "follow_from": follow, "exit": leaves}


def draw_spells(draw: Random, start: date, end: date) -> list[tuple[date, date | None]]:
    """Cut a window into enrolments, sometimes with a gap, or two at once."""
    first = start - draw.randint(0, 12) * DAY
    if draw.random() < 0.6:
        return [(first, end + draw.randint(-3, 12) * DAY)]
    middle = start + draw.randint(5, 15) * DAY
    again = middle + draw.choice((-3, 0, 0, 9)) * DAY
    return [(first, middle), (again, max(end, again + DAY))]


def draw_enrolment(draw: Random, name: str, first: date, last: date | None) -> Row:
    known = first + draw.choice((0, 0, 0, -10, 25)) * DAY
    cancelled = draw.random() < 0.1
    open_end = draw.random() < 0.1
    return {
        "person_id": name,
        "school_id": draw.choice(SCHOOLS),
        "school_type": "GR",
        "year_group": draw.choice((7, 8, None)),
        "start": first,
        "end": None if open_end else last,
        "cancelled": cancelled,
        "known_from": known,
    }


def draw_days(draw: Random, name: str, start: date, end: date, rows: dict[str, list[Row]]) -> None:
    """Draw a person's lessons, check-ins and contacts of a window; days come in runs of one kind."""
    kind, home = "mixed", draw.choice(SCHOOLS)
    late = draw.choice((0.0, 0.1, 0.4))
    for number in range((end - start).days):
        day = start + number * DAY
        if draw.random() < 0.35:
            kind = draw.choice(("mixed", "absent", "absent", "whole", "unreported"))
        if day.isoweekday() < 6 or draw.random() < 0.1:
            for lesson in range(draw.choice((0, 1, 1, 2, 3))):
                row = draw_lesson(draw, kind, day, late) | {"person_id": name, "lesson_id": f"{day}-{lesson}"}
                rows["attendance"].append(row if draw.random() < 0.1 else row | {"school_id": home})
        minutes = draw.sample(range(470, 660), 3)
        for minute in minutes[: draw.choice((0, 0, 0, 1, 2, 3))]:
            rows["checkins"].append(draw_checkin(draw, name, day, minute, late))
        if draw.random() < 0.12:
            about = {"about": draw.choice(("absence", "absence", "other")), "unit": "school", "channel": "call"}
            key = {"contact_id": f"{name}-{day}", "person_id": name, "date": day, "reached": True}
            rows["contacts"].append(key | about | {"known_from": known_from(draw, day, late)})


def draw_lesson(draw: Random, kind: str, day: date, late: float) -> Row:
    length = draw.choice((60, 60, 45, 100, 0))
    split = draw.choice(("whole", "absent", "late", "any")) if kind == "mixed" else kind
    away = {"whole": 0, "absent": length, "late": min(length, draw.randint(1, 25)), "unreported": 0}
    gone = away.get(split, draw.randint(0, length))
    not_valid, other = draw.randint(0, gone), draw.randint(0, length - gone) if draw.random() < 0.2 else 0
    minutes = (length - gone - other, other, gone - not_valid, not_valid)
    reported = split != "unreported" and draw.random() > 0.08
    told = {f"minutes_{part}": value for part, value in zip(MINUTES, minutes, strict=True)}
    if not reported and draw.random() < 0.7:
        told = dict.fromkeys(told)
    # a zero may be missing in a reported row
    told = {part: None if value == 0 and draw.random() < 0.3 else value for part, value in told.items()}
    return told | {
        "school_id": draw.choice(SCHOOLS),
        "class_id": draw.choice(("7a", "7b", None)),
        "subject": draw.choice(SUBJECTS),
        "date": day,
        "start_minute": draw.choice(STARTS),
        "mode": draw.choice(MODES[:1] * 4 + MODES),
        "minutes_offered": length,
        "reported": reported,
        "building_id": draw.choice(("b1", "b2", None)),
        "reason": draw.choice(REASONS) if gone and draw.random() < 0.6 else None,
        "known_from": known_from(draw, day, late),
    }


def draw_checkin(draw: Random, name: str, day: date, minute: int, late: float) -> Row:
    direction = draw.choice(("in", "out", "activity"))
    return {
        "person_id": name,
        "school_id": draw.choice(SCHOOLS),
        "building_id": draw.choice(("b1", "b2", None)),
        "date": day,
        "minute": None if direction == "activity" and draw.random() < 0.5 else minute,
        "direction": direction,
        "resource": None,
        "count": 1,
        "known_from": known_from(draw, day, late),
    }


def known_from(draw: Random, day: date, late: float) -> date:
    return day + draw.randint(1, 40) * DAY if draw.random() < late else day


def asked_measures() -> tuple[Measure, ...]:
    """Return every attendance measure, in each way of counting that the definitions name."""
    return (
        attendance.rate(),
        *(attendance.rate(mode=mode) for mode in ("campus", "online", "unknown")),
        attendance.rate(subject="MA"),
        attendance.rate(weekdays=(1, 5)),
        attendance.rate(before=540),
        attendance.rate(position="first"),
        attendance.invalid_share(),
        attendance.absence_reason("family"),
        attendance.monday_friday_share(),
        attendance.online_share(),
        attendance.high_absence(),
        attendance.high_absence(0.2, name="high_absence_20"),
        attendance.chronic(),
        attendance.chronic("severe"),
        attendance.high_absence("invalid", name="invalid_absence"),
        attendance.band(),
        attendance.punctuality(),
        attendance.punctuality(position="first"),
        attendance.absent_days(),
        attendance.longest_spell(),
        attendance.longest_spell(unreported="ends"),
        attendance.longest_spell(over_summer=True),
        attendance.spells(),
        attendance.spells(3),
        attendance.spells(3, unreported="ends"),
        attendance.long_spell(),
        attendance.long_spell("very_long"),
        attendance.longest_streak(),
        attendance.activity_days(),
        attendance.days_to_contact(),
        attendance.spells_contacted(),
    )


def cohort_of(site: Drawn, tables: Tables) -> Cohort:
    """Return all persons as a cohort made by hand."""
    frame = pd.DataFrame(site.people)
    for name in ("entry", "follow_from", "exit"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    frame = frame.assign(exit_cause="", school_id="A", year_group=7)
    return Cohort(frame, Flow(()), "drawn", "drawn", tables, None, AS_OF)


def panel_of(site: Drawn, tables: Tables, kind: Kind) -> pd.DataFrame:
    return build_panel(cohort_of(site, tables), period=kind, measures=asked_measures()).frame


def periods_of(kind: Kind) -> list[When]:
    """Return the study's periods that had ended by the day of the cohort."""
    terms = terms_of(YEARS)
    named = terms if kind == "term" else stretches(kind, terms[0].start, terms[-1].end)
    every = [When(time, each.start, each.end, each.label) for time, each in enumerate(named)]
    return [each for each in every if each.end <= AS_OF]


def expected_panel(site: Drawn, kind: Kind) -> dict[tuple[str, str], Answer]:
    """Work out the panel's rows with the slow reference."""
    periods, found = periods_of(kind), {}
    for person in site.people:
        name = person["person_id"]
        lessons, checkins, contacts, enrolments = (
            site.of(each, name) for each in ("attendance", "checkins", "contacts", "enrolments")
        )
        assigned, cluster = slow.assigned_school(enrolments, ASSIGNED), None
        for when in periods:
            begin = date(when.start.year, 8, 15) if kind == "term" and when.start.month == 7 else when.start
            there = slow.enrolled(enrolments, person, when, autumn_from=begin)
            if there is None:
                continue
            school, class_id = slow.place_of(lessons, when)
            school = school or there["school_id"]
            cluster = cluster or assigned or school
            found[name, when.label] = {
                "time": when.time,
                "school": school,
                "class_id": class_id,
                "year_group": there["year_group"],
                "assigned_school": assigned,
                "cluster_school": cluster,
                "treated_from": slow.treated_from(assigned, site.rows["forums"], periods),
                "forum_exposed": slow.exposed(school, site.rows["forums"], when),
                **slow.measured(lessons, checkins, contacts, when),
            }
    return found


@cache
def site_and_tables(seed: int, persons: int) -> tuple[Drawn, Tables]:
    site = drawn_site(seed, persons)
    return site, site.tables


def plain(value: Any) -> Any:
    """Return a value of either side as plain text or number, missing as None."""
    return None if value is None or pd.isna(value) else value


def compare(frame: pd.DataFrame, expected: dict[tuple[str, str], Answer], kind: Kind) -> int:
    """Compare a panel with the reference; return how many values were compared."""
    keys = list(zip(frame["person_id"].astype("str"), frame[kind].astype("str"), strict=True))
    assert len(keys) == len(set(keys))
    assert sorted(set(keys) - set(expected)) == [], "rows that should not be there"
    assert sorted(set(expected) - set(keys)) == [], "rows that should be there"
    wrong, compared = [], 0
    for name in next(iter(expected.values())):
        for key, value in zip(keys, frame[name].astype("object"), strict=True):
            found, wanted = plain(value), plain(expected[key][name])
            compared += 1
            same = found == wanted
            if isinstance(wanted, float) and found is not None:
                same = abs(found - wanted) <= 1e-9
            if not same:
                wrong.append((name, *key, found, wanted))
    assert wrong == [], f"{len(wrong)} values differ, such as {wrong[:5]}"
    return compared


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["term", "month", "week"])
@pytest.mark.parametrize("seed", range(SITES))
def test_panels_agree_with_plain_python(seed: int, kind: Kind, record_property: Any) -> None:
    site, tables = site_and_tables(seed, PERSONS)
    compared = compare(panel_of(site, tables, kind), expected_panel(site, kind), kind)
    record_property("compared", compared)
    assert compared > 50 * PERSONS


@pytest.mark.parametrize("seed", range(SITES))
def test_presence_agrees_with_plain_python(seed: int) -> None:
    site, tables = site_and_tables(seed, PERSONS)
    for day in PRESENT_ON:
        stays = {each["person_id"]: expected_stays(site, each["person_id"], day) for each in site.people}
        for minute in (479, 480, 541, 639):
            found = attendance.present_at(tables, day, minute).execute()
            assert {row[0]: tuple(map(plain, row[1:])) for row in found[PLACE].itertuples(index=False)} == {
                person: stay[minute][0] for person, stay in stays.items() if minute in stay
            }
        hours = attendance.present_by_hour(tables, day).execute()
        counted = {(plain(row.building_id), row.hour): row.persons for row in hours.itertuples()}
        assert counted == dict(slow.by_hour(stays.values()))
        assert sum(counted.values()) > PERSONS // 20


def expected_stays(site: Drawn, person: str, day: date) -> dict[int, list[Stay]]:
    """Work out where a person was, by minute of the day."""
    lessons, checkins = (
        [row for row in site.of(name, person) if row["date"] == day] for name in ("attendance", "checkins")
    )
    every = {minute: slow.on_site(lessons, checkins, minute) for minute in range(1440)}
    return {minute: stays for minute, stays in every.items() if stays}


@pytest.mark.long
@pytest.mark.parametrize("kind", ["week", "month", "term"] if SITES > 1 else ["week"])
def test_panels_are_the_same_on_spark(spark: Any, kind: Kind, record_property: Any) -> None:
    site = drawn_site(SITES, PERSONS_ON_SPARK)
    here = site.tables if SITES > 1 else replace(site.tables, terms=terms_of(ONE_YEAR))
    there, expected = panel_of(site, on_spark(here), kind), panel_of(site, here, kind)
    record_property("compared", expected.size)
    assert len(expected) > PERSONS_ON_SPARK
    assert_alike(there, expected)


def test_presence_is_the_same_on_spark(spark: Any) -> None:
    tables = drawn_site(SITES, PERSONS_ON_SPARK).tables
    copied = on_spark(tables)
    for day in PRESENT_ON[:1]:
        assert_same_rows(attendance.present_at(copied, day, 541), attendance.present_at(tables, day, 541))
        assert_same_rows(attendance.present_by_hour(copied, day), attendance.present_by_hour(tables, day))
