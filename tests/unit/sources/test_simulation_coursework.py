"""Grades of upper secondary school: whole plans, and diplomas by the vocabulary's rules as the careers' truth has them.

The study's data hold few who have had three or four years since they began, so careers of many years are graded here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from evalkit.sources.simulation import settings_from
from evalkit.sources.simulation.arrays import Flags, Floats
from evalkit.sources.simulation.careers import Careers, draw_careers
from evalkit.sources.simulation.careers.attainment import LETTERS
from evalkit.sources.simulation.careers.coursework import Coursework, Pupils, draw_coursework
from evalkit.sources.simulation.careers.fates import LEFT, STUDIEBEVIS
from evalkit.sources.simulation.careers.plans import as_written, catalogue, plan_of, role_of
from evalkit.sources.simulation.careers.spells import INTRODUCTORY, PREPARATORY, PROGRAMMES, VOCATIONAL, programme_kind
from evalkit.sources.simulation.careers.upper import YEARS
from evalkit.sources.simulation.site import draw_site
from evalkit.sources.simulation.site_draw import SiteDraw
from evalkit.vocabulary.diploma import diploma_rules, same_courses, written_together
from evalkit.vocabulary.grade_scales import grade_letters

PERSONS = 120_000
POINTS = np.array([course.points for course in catalogue()], dtype=float)
ROLES = np.array([role_of(course) for course in catalogue()])
KINDS = {1: "vocational", 2: "preparatory"}


class Attained(NamedTuple):
    """By pupil: points with a grade and with a pass, extent of the plan, and whether it is a diploma."""

    graded: Floats
    passed: Floats
    plan: Floats
    diploma: Flags


@pytest.fixture(scope="module")
def careers() -> Careers:
    return draw_careers(PERSONS, 2024, 17, "riket")


def pupils_of(careers: Careers, *, later: int = 0) -> Pupils:
    upper = careers.upper
    absence = np.repeat(upper.absence[:, None], YEARS, axis=1)
    return Pupils(careers.nine.autumn + later, upper.path, upper.outcome, careers.background, absence)


@pytest.fixture(scope="module")
def work(careers: Careers) -> Coursework:
    return draw_coursework(pupils_of(careers), np.random.default_rng(4))


def attained(work: Coursework, careers: Careers, years: int) -> Attained:
    """Judge all grades of so many school years, by the rule for the last programme."""
    path = careers.upper.path
    graded, passed = (np.zeros((len(careers.nine.person), len(POINTS)), dtype=bool) for _ in range(2))
    plan = np.zeros(len(graded))
    early = work.year < years
    np.maximum.at(plan, work.pupil[early], work.plan_points[early])
    letters = {letter.letter: letter for letter in grade_letters()}
    for flags, meaning in ((graded, "grade"), (passed, "passed")):
        counts = early & np.array([getattr(letters[letter], meaning) for letter in LETTERS])[work.letter]
        flags[work.pupil[counts], work.course[counts]] = True
    at_end = np.where(path.changed_after > 0, path.changed_to, path.programme)
    kind = programme_kind(at_end[np.arange(len(plan)), path.last_year().clip(min=0)])
    diploma = np.zeros(len(plan), dtype=bool)
    for number, name in KINDS.items():
        rule = next(each for each in diploma_rules() if each.kind == name)
        core = [passed[:, role == ROLES].any(axis=1) for role in rule.courses]
        enough = (graded @ POINTS >= np.maximum(plan, rule.graded)) & (passed @ POINTS >= rule.passed)
        diploma |= (kind == number) & enough & np.all(core, axis=0)
    return Attained(graded @ POINTS, passed @ POINTS, plan, diploma)


@pytest.mark.parametrize("years", [1, 2, 3, 4, 5, 6])
def test_grades_make_a_diploma_exactly_where_and_when_the_careers_say(
    careers: Careers, work: Coursework, years: int
) -> None:
    told = (careers.upper.outcome < STUDIEBEVIS) & (careers.upper.school_years <= years)
    assert np.array_equal(attained(work, careers, years).diploma, told)
    assert told.any() == (years >= 3)


@pytest.mark.parametrize(
    ("kinds", "years", "figure", "tolerance"),
    [((1, 2), 3, 79.7, 1.5), ((2,), 3, 82.6, 1.3), ((1,), 3, 75.9, 1.5), ((1, 2), 4, 83.0, 1.3)],
)
def test_published_shares_with_a_diploma(
    careers: Careers, work: Coursework, kinds: tuple[int, ...], years: int, figure: float, tolerance: float
) -> None:
    # Within three years 79.7 % (2023), preparatory 82.6, vocational 75.9 (2025); within four 83 (beginners of 2019).
    begun = careers.upper.begins & np.isin(programme_kind(careers.upper.programme), kinds)
    share = attained(work, careers, years).diploma[begun].mean()
    assert 300 * np.sqrt(share * (1 - share) / begun.sum()) < tolerance
    assert 100 * share == pytest.approx(figure, abs=tolerance)


def test_diplomas_depend_on_absence_as_planted(careers: Careers, work: Coursework) -> None:
    upper = careers.upper
    begun = upper.begins & np.isin(programme_kind(upper.programme), tuple(KINDS))
    diploma, shares = attained(work, careers, 5).diploma, []
    for low, high in ((0.0, 0.05), (0.05, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 1.0)):
        band = begun & (upper.absence >= low) & (upper.absence < high)
        shares.append(diploma[band].mean())
        error = np.sqrt(shares[-1] * (1 - shares[-1]) / band.sum())
        assert shares[-1] == pytest.approx(upper.fates.chance[band].mean(), abs=4 * error)
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] > 0.25


def test_letters_follow_absence_too(careers: Careers, work: Coursework) -> None:
    more = replace(pupils_of(careers), absence=np.full((len(careers.nine.person), YEARS), 0.3))
    away = draw_coursework(more, np.random.default_rng(4))
    usual, low = (np.isin(each.letter, [LETTERS.index(x) for x in "AB"]).mean() for each in (work, away))
    assert low < usual - 0.1


def test_a_plan_is_2500_points_or_more_where_it_is_extended() -> None:
    for number, code in enumerate(PROGRAMMES):
        for extended in (False, True) if code and code not in INTRODUCTORY else ():
            plan = plan_of(number, extended=extended)
            assert POINTS[plan.course].sum() == plan.points
            assert plan.points == (2800 if extended and code in VOCATIONAL else 2500)
            assert len(set(plan.course)) == len(plan.course)
            assert plan.project.sum() == 1
            assert plan.required.sum() == (7 if code in PREPARATORY else 4)
            ends = [(catalogue()[c].subject, y, a) for c, y, a in zip(plan.course, plan.year, plan.autumn, strict=True)]
            assert len(set(ends)) == len(ends), "a subject has one grade on a day"


def test_who_ends_school_has_grades_in_the_whole_plan(careers: Careers, work: Coursework) -> None:
    found, outcome = attained(work, careers, 6), careers.upper.outcome
    done = outcome < STUDIEBEVIS
    assert (found.graded >= found.plan)[done].all()
    assert (found.passed < found.plan)[done].any(), "a diploma may hold a failed course"
    assert (found.graded >= found.plan)[outcome == STUDIEBEVIS].mean() > 0.7
    assert not (found.graded >= found.plan)[(outcome == LEFT) & (found.plan > 0)].any()
    some = found.graded[(outcome == LEFT) & careers.upper.begins]
    assert 300 < some.mean() < 1500


def test_introductory_programmes_give_some_grades_and_no_plan(careers: Careers, work: Coursework) -> None:
    only = (programme_kind(careers.upper.programme) == 3) & ~careers.upper.fates.national & careers.upper.begins
    found = attained(work, careers, 6)
    assert (found.plan[only] == 0).all()
    assert found.graded[only].max() <= 700
    assert (found.graded[only] > 0).mean() > 0.7


def test_extended_plans_are_of_vocational_programmes_since_2023(careers: Careers, work: Coursework) -> None:
    extended = np.unique(work.pupil[work.plan_points == 2800])
    assert len(extended)
    assert (programme_kind(careers.upper.programme[extended]) != 2).all()
    begun = careers.nine.autumn[extended] + np.where(programme_kind(careers.upper.programme[extended]) == 3, 1, 0)
    assert (begun + careers.upper.fates.introduction[extended].clip(min=1) - 1 >= 2023).all()


def test_who_begins_after_june_2025_reads_subject_levels(careers: Careers) -> None:
    late = draw_coursework(pupils_of(careers, later=10), np.random.default_rng(4))
    assert late.gy25[pupils_of(careers, later=10).autumn[late.pupil] >= 2025].all()
    courses, levels = (as_written(gy25=gy25, second_language=True) for gy25 in (False, True))
    assert {course.code for course in courses} >= {"SVASVA01", "ENGENG05", "MATMAT01c", "PSKPSY01", "GYARNA"}
    assert {course.code for course in levels} >= {"SVEA1000X", "ENGE1000X", "MATE1C00X", "PSYL1000X", "GYARNA"}
    same = same_courses()
    for course, level in zip(catalogue(), levels, strict=True):
        one, other = (written_together(each.code) for each in (course, level))
        assert same.get(one, one) == same.get(other, other), "one content, one course"


def test_the_same_chance_gives_the_same_grades(careers: Careers, work: Coursework) -> None:
    again = draw_coursework(pupils_of(careers), np.random.default_rng(4))
    for name in Coursework.__dataclass_fields__:
        assert np.array_equal(getattr(again, name), getattr(work, name))


@pytest.fixture(scope="module")
def site() -> SiteDraw:
    told = {"name": "Ale", "municipality": "1440", "format": "parquet", "pupils": 1500, "schools": 3}
    return draw_site(settings_from({"sites": {"ale": told | {"upper_secondary": {"schools": 2, "share": 0.8}}}}, 5), 0)


def register(persons: int) -> SiteDraw:
    told = {"name": "Ale", "municipality": "1440", "format": "csv", "persons": persons}
    return draw_site(settings_from({"sites": {"ale": told}}, 5), 0)


@pytest.mark.parametrize("persons", [None, 50, 1500])
def test_grades_are_set_where_the_pupil_is_on_the_day(persons: int | None, site: SiteDraw) -> None:
    drawn = site if persons is None else register(persons)
    grades = drawn.grades.dropna(subset=["course"])
    assert len(grades)
    assert not grades.duplicated(["person", "subject", "day"]).any()
    stays = drawn.population.stays
    stays = stays[(stays["school_type"] == "GY") & ~stays["cancelled"]]
    both = grades.reset_index().merge(stays, on=["person", "school"], suffixes=("", "_stay"))
    inside = both[(both["start"] <= both["day"]) & (both["day"] < both["end"])]
    assert inside["index"].is_unique
    assert len(inside) == len(grades)
    national = ~inside["programme"].isin(INTRODUCTORY)
    assert inside["plan_points"].notna().equals(national)
    months = pd.to_datetime(inside["day"] - 719_163, unit="D").dt.month
    assert {6, 12} <= set(months) <= {4, 5, 6, 12}


def test_beginners_of_the_first_autumn_have_their_diplomas_in_the_sites_own_grades(site: SiteDraw) -> None:
    assert site.upper is not None
    found = site.upper.beginners
    first = (found.autumn == 2021) & found.begins & (programme_kind(found.programme) < 3)
    grades = site.grades.dropna(subset=["course"])
    passed = grades[~grades["grade"].isin(["F", "-"])].drop_duplicates(["person", "course"])
    points = passed.groupby("person")["points"].sum().reindex(found.person[first], fill_value=0).to_numpy()
    project = set(passed.loc[passed["subject"] == "GYAR", "person"])
    done = (found.outcome[first] < STUDIEBEVIS) & (found.school_years[first] <= 4)
    assert 0.7 < done.mean() < 0.95
    assert (points[done] >= 2250).all()
    assert np.isin(found.person[first][done], list(project)).all()
