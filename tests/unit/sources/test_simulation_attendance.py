from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from evalkit.sources.simulation import SimulationSettings, settings_from
from evalkit.sources.simulation.lesson_years import lesson_years
from evalkit.sources.simulation.magnitudes import absence_quantile, magnitudes, normal_ranks
from evalkit.sources.simulation.presence import draw_days, whole_days
from evalkit.sources.simulation.settings import AttendanceSettings
from evalkit.sources.simulation.site import draw_site
from evalkit.sources.simulation.site_draw import LessonYear, SiteDraw
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.surveys import NOT_KNOWN
from evalkit.sources.simulation.timetable import PUPILS, STAFF, TEACHING, TEST

FORUM = {
    "school": "Da Vinciskolan",
    "size_rank": 1,
    "dates": [date(2023, 10, 17), date(2024, 3, 5)],
    "stations": {"lärande": "academic", "mål": "cognitive"},
}
SITE = {
    "name": "Ale",
    "municipality": "1440",
    "format": "ss12000",
    "pupils": 900,
    "schools": 3,
    "size_ratio": 2.0,
    "forum": FORUM,
}
LEVELS = (0.05, 0.10, 0.15, 0.20, 0.30, 0.50)
# Domain brief, section 7: mean and share above each level, by school year.
TABLE = {
    7: (0.091, (0.60, 0.29, 0.16, 0.095, 0.038, 0.012)),
    8: (0.100, (0.61, 0.32, 0.19, 0.12, 0.050, 0.017)),
    9: (0.110, (0.63, 0.35, 0.22, 0.14, 0.065, 0.024)),
}


@pytest.fixture(scope="module")
def settings() -> SimulationSettings:
    return settings_from({"lessons_per_week": 6, "sites": {"ale": SITE}}, 11)


@pytest.fixture(scope="module")
def drawn(settings: SimulationSettings) -> SiteDraw:
    return draw_site(settings, 0)


@pytest.fixture(scope="module")
def years(settings: SimulationSettings, drawn: SiteDraw) -> list[LessonYear]:
    return list(lesson_years(settings, drawn))


@pytest.mark.parametrize("year_group", TABLE)
def test_the_mixture_of_absence_is_the_table_of_the_brief(year_group: int) -> None:
    mean, above = TABLE[year_group]
    propensity = absence_quantile(year_group, (np.arange(200_000) + 0.5) / 200_000)
    assert propensity.mean() == pytest.approx(mean, abs=0.001)
    for level, share in zip(LEVELS, above, strict=True):
        assert (propensity > level).mean() == pytest.approx(share, abs=0.015)


def test_normal_ranks() -> None:
    assert normal_ranks(np.array([-1.959964, 0.0, 1.644854])) == pytest.approx([0.025, 0.5, 0.95], abs=1e-6)


def test_whole_days_follow_the_expected_share_and_come_in_spells(drawn: SiteDraw) -> None:
    year = drawn.years[0]
    states = draw_days(year, AttendanceSettings(), stream(1, "x", "y"))
    away = states > 0
    assert away.mean() == pytest.approx(whole_days(year.absence).mean(), abs=0.002)
    by_day = away.mean(axis=0) - whole_days(year.absence).mean(axis=0)
    assert np.abs(by_day).mean() < 0.01
    often = year.absence.mean(axis=1) < 0.2
    begins = (away[often][:, 1:] & ~away[often][:, :-1]).sum() + away[often][:, 0].sum()
    assert away[often].sum() / begins == pytest.approx(2.2, abs=0.3)
    changes = (states[:, 1:] != states[:, :-1]) & away[:, 1:] & away[:, :-1]
    assert not changes.any(), "a spell is valid or invalid throughout"


def test_minutes_add_up_and_lie_within_the_lesson(years: list[LessonYear]) -> None:
    for year in years:
        lessons = year.lessons
        parts = (lessons.attended, lessons.valid, lessons.invalid, lessons.other)
        assert all((part >= 0).all() for part in parts)
        assert (sum(part.astype(int) for part in parts) == lessons.offered).all()
        assert lessons.offered.min() >= 30
        assert lessons.offered.max() <= 80


def test_lessons_lie_on_school_days_within_stays_and_in_the_pupils_class(years: list[LessonYear]) -> None:
    for year in years:
        events, stays, lessons = year.timetable.events, year.expectations.stays, year.lessons
        ordinals = np.array([day.toordinal() for day in year.timetable.days])
        day = ordinals[events["day"].to_numpy()[lessons.event]]
        assert (stays["start"].to_numpy()[lessons.stay] <= day).all()
        assert (day < stays["end"].to_numpy()[lessons.stay]).all()
        assert (events["room"].to_numpy()[lessons.event] == stays["room"].to_numpy()[lessons.stay]).all()
        pairs = lessons.event.astype(np.int64) * len(stays) + lessons.stay
        assert len(np.unique(pairs)) == len(pairs)


def test_shares_are_those_told(years: list[LessonYear]) -> None:
    counts = sum(int(year.lessons.counts.sum()) for year in years)
    reported = sum(int((year.lessons.counts & year.lessons.reported).sum()) for year in years)
    assert 0.03 < 1 - reported / counts < 0.08
    totals = {
        name: sum(int(getattr(y.lessons, name)[y.lessons.counts & y.lessons.reported].sum()) for y in years)
        for name in ("offered", "valid", "invalid", "other")
    }
    absent = totals["valid"] + totals["invalid"]
    assert totals["valid"] / absent == pytest.approx(0.70, abs=0.02)
    assert totals["other"] / totals["offered"] == pytest.approx(0.006, abs=0.002)
    assert absent / totals["offered"] == pytest.approx(
        np.mean([entry["mean"] for entry in magnitudes()["absence"] if entry["stage"] in ("7", "8", "9")]), abs=0.015
    )


def test_unreported_lessons_cluster_by_class_and_subject(years: list[LessonYear]) -> None:
    events = years[0].timetable.events
    lessons = events[events["kind"] == TEACHING]
    share = lessons.groupby("activity")["reported"].agg(["mean", "size"])
    chance = share["mean"].mean() * (1 - share["mean"].mean()) / share["size"].mean()
    assert share["mean"].var() > 3 * chance


def test_a_teacher_has_one_subject_in_a_few_classes_of_a_school(years: list[LessonYear], drawn: SiteDraw) -> None:
    activities = years[0].timetable.activities
    schools = np.array([each.school for each in drawn.population.classes])
    teaching = activities[activities["kind"] == TEACHING]
    by_teacher = teaching.assign(school=schools[teaching["room"]]).groupby("teacher")
    assert by_teacher["room"].nunique().max() == 4
    assert (by_teacher["school"].nunique() == 1).all()
    assert (by_teacher["subject"].nunique() == 1).all()
    assert set(years[1].timetable.activities["teacher"]) & set(activities["teacher"]), "teachers stay"


def test_unreported_lessons_cluster_by_teacher(years: list[LessonYear]) -> None:
    timetable = years[0].timetable
    teacher = timetable.activities["teacher"].to_numpy()[timetable.events["activity"]]
    lessons = timetable.events.assign(teacher=teacher)[timetable.events["kind"].isin([TEACHING])]
    share = lessons.groupby("teacher")["reported"].agg(["mean", "size"])
    chance = share["mean"].mean() * (1 - share["mean"].mean()) / share["size"].mean()
    assert share["mean"].var() > 3 * chance


def test_what_must_be_left_out_is_there(years: list[LessonYear]) -> None:
    for year in years:
        events, lessons = year.timetable.events, year.lessons
        kind = events["kind"].to_numpy()
        assert {TEACHING, PUPILS, STAFF, TEST} == set(kind)
        noise = ~lessons.counts
        assert set(kind[lessons.event[noise]]) >= {STAFF, TEST, TEACHING}
        assert not lessons.counts[events["cancelled"].to_numpy()[lessons.event]].any()
        assert set(kind[lessons.event[lessons.counts]]) <= {TEACHING, PUPILS}
        assert (~year.exceptions.participates).any()
        exempt = set(
            zip(
                year.exceptions.stay[~year.exceptions.participates].tolist(),
                year.exceptions.activity[~year.exceptions.participates].tolist(),
                strict=True,
            )
        )
        activity = events["activity"].to_numpy()[lessons.event[lessons.counts]]
        assert not exempt & set(zip(lessons.stay[lessons.counts].tolist(), activity.tolist(), strict=True))


def test_absence_peaks_in_november_and_on_fridays(years: list[LessonYear]) -> None:
    absent: dict[tuple[str, int], list[int]] = {}
    for year in years:
        lessons = year.lessons.only(year.lessons.counts & year.lessons.reported)
        day = year.timetable.events["day"].to_numpy()[lessons.event]
        away = pd.Series((lessons.valid + lessons.invalid).astype(int)).groupby(day).sum()
        offered = pd.Series(lessons.offered.astype(int)).groupby(day).sum()
        for place in away.index:
            when = year.timetable.days[place]
            for key in (("month", when.month), ("weekday", when.weekday())):
                entry = absent.setdefault(key, [0, 0])
                entry[0] += away[place]
                entry[1] += offered[place]
    share = {key: away / offered for key, (away, offered) in absent.items()}
    assert share[("month", 11)] > 1.4 * share[("month", 9)]
    assert share[("weekday", 4)] > 1.08 * share[("weekday", 2)]


def test_first_lessons_have_more_late_arrivals(years: list[LessonYear]) -> None:
    late = {True: [0, 0], False: [0, 0]}
    for year in years:
        lessons = year.lessons.only(year.lessons.counts & year.lessons.reported)
        first = year.timetable.events["first"].to_numpy()[lessons.event]
        away = lessons.valid + lessons.invalid
        for key in (True, False):
            chosen = first == key
            late[key][0] += int(((away > 0) & (away < lessons.offered))[chosen].sum())
            late[key][1] += int(chosen.sum())
    ratio = late[True][0] / late[True][1] / (late[False][0] / late[False][1])
    assert 1.15 < ratio < 1.6


def test_connectedness_and_absence_correlate_between_pupils(drawn: SiteDraw) -> None:
    survey = drawn.survey[drawn.survey["answer"] != NOT_KNOWN]
    index = survey.groupby("person")["answer"].mean()
    absence = pd.concat(
        [pd.Series(year.absence.mean(axis=1), index=year.stays["person"].to_numpy()) for year in drawn.years]
    )
    both = pd.DataFrame({"index": index, "absence": absence.groupby(level=0).mean()}).dropna()
    assert both.corr().iloc[0, 1] == pytest.approx(-0.30, abs=0.08)
    assert both["index"].mean() == pytest.approx(3.0, abs=0.1)
    waves = survey.groupby(["person", "wave"])["answer"].mean()
    assert waves.std() == pytest.approx(0.5, abs=0.06)


def test_answers_agree_more_within_a_dimension_than_between(drawn: SiteDraw) -> None:
    items = magnitudes()["survey"]["items"]
    known = drawn.survey[drawn.survey["answer"] != NOT_KNOWN]
    answers = known.groupby(["person", "item"])["answer"].mean().unstack()
    agreement = answers.corr().to_numpy()
    same = np.array([[a["dimension"] == b["dimension"] for a in items] for b in items])
    apart = ~np.eye(len(items), dtype=bool)
    assert agreement[same & apart].mean() > agreement[~same].mean() + 0.05


def test_some_pupils_do_not_answer_and_some_answers_are_not_known(drawn: SiteDraw) -> None:
    answered = drawn.survey.groupby("wave")["person"].nunique()
    assert len(answered) == 8
    assert answered.between(0.75 * 900, 0.92 * 900).all()
    assert (drawn.survey["answer"] == NOT_KNOWN).mean() == pytest.approx(0.04, abs=0.01)
    assert set(drawn.survey["answer"]) == {0, 1, 2, 3, 4}
    assert drawn.survey.groupby(["person", "wave"]).size().eq(12).all()


def test_grades_and_support(drawn: SiteDraw) -> None:
    grades = drawn.grades
    assert not grades.duplicated(["person", "subject", "day"]).any()
    assert set(grades["grade"]) == set("ABCDEF-")
    assert {"SV", "SVA", "EN", "MA"} <= set(grades["subject"])
    both = grades[grades["subject"].isin(["SV", "SVA"])].groupby("person")["subject"].nunique()
    assert (both == 1).all()
    assert (grades["grade"] == "F").mean() == pytest.approx(0.09, abs=0.03)
    assert set(grades[grades["final"]]["term"]) == {"VT2022", "VT2023", "VT2024", "VT2025"}
    support = drawn.support
    assert not support.duplicated(["person", "provider", "kind", "start"]).any()
    ended = support[support["end"] > 0]
    assert (ended["end"] > ended["start"]).all()
    assert (support["end"] == 0).any()
