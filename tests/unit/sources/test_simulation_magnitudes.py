"""Each published figure that the school side touches, found again in what is drawn.

Every test states the figure, where it is from and how far off it may be; the draw is so large that the tolerance is
more than three standard errors of chance. A tolerance above that is for figures that do not agree with one another.
"""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.sources.simulation import settings_from
from evalkit.sources.simulation.careers import Careers, draw_careers
from evalkit.sources.simulation.careers.allowance import allowance_chance
from evalkit.sources.simulation.careers.attainment import NO_GRADE, SUBJECTS, YEAR_6
from evalkit.sources.simulation.careers.fates import STUDIEBEVIS
from evalkit.sources.simulation.careers.spells import GY, VUXGY, programme_kind
from evalkit.sources.simulation.lesson_years import lesson_years
from evalkit.sources.simulation.magnitudes import absence_quantile, magnitudes
from evalkit.sources.simulation.site import draw_site

PERSONS = 300_000
VOCATIONAL, PREPARATORY, INTRODUCTORY = 1, 2, 3


@pytest.fixture(scope="session")
def careers() -> Careers:
    return draw_careers(PERSONS, 2024, 17, "riket")


def rate(flags: np.ndarray, chosen: np.ndarray, tolerance: float) -> float:
    """Return the share in per cent, having checked that three standard errors are within the tolerance."""
    share, count = float(flags[chosen].mean()), int(chosen.sum())
    assert 300 * np.sqrt(share * (1 - share) / count) < tolerance
    return 100 * share


def everyone(careers: Careers) -> np.ndarray:
    return np.ones(len(careers.nine.person), dtype=bool)


def test_eligible_for_vocational_programmes(careers: Careers) -> None:
    # 84.1 % 2025, 85.2 % 2023 (Skolverket).
    assert rate(careers.grades.eligible, everyone(careers), 0.5) == pytest.approx(84.6, abs=0.9)


@pytest.mark.parametrize(("woman", "figure"), [(True, 85.8), (False, 84.6)])
def test_eligible_by_sex(careers: Careers, woman: bool, figure: float) -> None:
    # Girls 85.8, boys 84.6 % 2023 (Skolverket).
    assert rate(careers.grades.eligible, careers.background.woman == woman, 0.7) == pytest.approx(figure, abs=1.3)


@pytest.mark.parametrize(("post_secondary", "figure"), [(True, 92.3), (False, 75.6)])
def test_eligible_by_guardians_education(careers: Careers, post_secondary: bool, figure: float) -> None:
    # Post-secondary 92.3, at most upper secondary 75.6 % 2023 (Skolverket).
    chosen = (careers.background.education == 2) == post_secondary
    assert rate(careers.grades.eligible, chosen, 0.8) == pytest.approx(figure, abs=1.5)


@pytest.mark.parametrize(
    ("low", "high", "figure", "tolerance"),
    [(0.0, 0.1, 95, 1.5), (0.1, 0.2, 78, 2.5), (0.2, 0.3, 55, 5.0), (0.3, 1.0, 28, 5.0)],
)
def test_eligible_by_absence(careers: Careers, low: float, high: float, figure: float, tolerance: float) -> None:
    # .95 / .78 / .55 / .28 (the project's own assumption).
    absence = careers.background.absence
    chosen = (absence >= low) & (absence < high)
    assert rate(careers.grades.eligible, chosen, tolerance) == pytest.approx(figure, abs=tolerance)


def test_passing_all_subjects(careers: Careers) -> None:
    # 75.6 % 2018 (Skolverket).
    letters = careers.grades.letters
    passed = ((letters > 0) | (letters == NO_GRADE)).all(axis=1)
    assert rate(passed, everyone(careers), 0.5) == pytest.approx(75.6, abs=1.2)


@pytest.mark.parametrize(("woman", "figure"), [(None, 228.7), (True, 243.2), (False, 215.3)])
def test_merit_points(careers: Careers, woman: bool | None, figure: float) -> None:
    # 228.7, girls 243.2, boys 215.3 in 2018 (Skolverket), with the 17th subject.
    chosen = everyone(careers) if woman is None else careers.background.woman == woman
    assert careers.grades.merit[chosen].mean() == pytest.approx(figure, abs=2.5)
    assert 3 * careers.grades.merit[chosen].std() / np.sqrt(chosen.sum()) < 2.5


@pytest.mark.parametrize(
    ("subject", "second", "figure"), [("MA", None, 50.8), ("EN", None, 39.2), ("SV", False, 33.5), ("SV", True, 40.5)]
)
def test_f_in_year_6_stays_f_in_year_9(careers: Careers, subject: str, second: bool | None, figure: float) -> None:
    # MA 50.8, EN 39.2, SV 33.5, SVA 40.5 % (Skolverket).
    grades = careers.grades
    chosen = grades.year_6[:, YEAR_6.index(subject)] == 0
    if second is not None:
        chosen &= grades.second_language == second
    assert rate(grades.letters[:, SUBJECTS.index(subject)] == 0, chosen, 3.0) == pytest.approx(figure, abs=3.0)


def begun(careers: Careers, *kinds: int) -> np.ndarray:
    return careers.upper.begins & np.isin(programme_kind(careers.upper.programme), kinds)


def examen(careers: Careers, years: int) -> np.ndarray:
    return (careers.upper.outcome < STUDIEBEVIS) & (careers.upper.school_years <= years)


@pytest.mark.parametrize(
    ("kinds", "figure", "tolerance"),
    [((VOCATIONAL, PREPARATORY), 79.7, 1.5), ((PREPARATORY,), 82.6, 1.0), ((VOCATIONAL,), 75.9, 1.2)],
)
def test_examen_within_three_years(careers: Careers, kinds: tuple[int, ...], figure: float, tolerance: float) -> None:
    # National 79.7 % 2023; preparatory 82.6, vocational 75.9 % 2025 (Skolverket).
    assert rate(examen(careers, 3), begun(careers, *kinds), tolerance) == pytest.approx(figure, abs=tolerance)


def test_examen_within_four_years(careers: Careers) -> None:
    # 83 %; girls 85, boys 81; born abroad 71, in Sweden 85 (Skolverket, beginners of 2019).
    national = begun(careers, VOCATIONAL, PREPARATORY)
    woman = careers.background.woman
    abroad = careers.persons.region[careers.nine.person] > 0
    four = examen(careers, 4)
    assert rate(four, national, 1.0) == pytest.approx(83, abs=1.0)
    assert rate(four, national & woman, 1.5) == pytest.approx(85, abs=1.5)
    assert rate(four, national & ~woman, 1.5) == pytest.approx(81, abs=1.5)
    assert rate(four, national & abroad, 3.0) == pytest.approx(71, abs=3.0)
    assert rate(four, national & ~abroad, 1.5) == pytest.approx(85, abs=1.5)


def test_five_years_after_the_start(careers: Careers) -> None:
    # About 74 % examen, 6 studiebevis, 20 neither (beginners of 2017).
    started = begun(careers, VOCATIONAL, PREPARATORY, INTRODUCTORY)
    assert rate(examen(careers, 5), started, 1.0) == pytest.approx(74, abs=1.5)
    assert rate(careers.upper.outcome == STUDIEBEVIS, started, 1.0) == pytest.approx(6, abs=1.0)
    assert rate(careers.upper.outcome > STUDIEBEVIS, started, 1.0) == pytest.approx(20, abs=1.5)


def test_from_introductory_to_national_programmes(careers: Careers) -> None:
    # Just under 50 %; of those 38 % have an examen in five years.
    started = begun(careers, INTRODUCTORY)
    national = careers.upper.fates.national
    assert rate(national, started, 2.5) == pytest.approx(48, abs=2.5)
    assert rate(examen(careers, 5), started & national, 2.5) == pytest.approx(38, abs=2.5)


@pytest.mark.parametrize(("woman", "figure"), [(None, 10.8), (True, 9.2), (False, 12.2)])
def test_study_allowance_withdrawn(careers: Careers, woman: bool | None, figure: float) -> None:
    # 10.8 %, boys 12.2, girls 9.2 in 2024/25 (CSN).
    chosen = careers.upper.begins & (everyone(careers) if woman is None else careers.background.woman == woman)
    chance = allowance_chance(careers.upper.absence, careers.background.woman)[chosen]
    assert 100 * chance.mean() == pytest.approx(figure, abs=0.8)


ABSENCE = {
    "F-3": (7.9, (56, 24, 12, 6.4, 2.0, 0.6)),
    "4-6": (8.3, (58, 26, 13, 7.1, 2.3, 0.7)),
    "7": (9.1, (60, 29, 16, 9.5, 3.8, 1.2)),
    "8": (10.0, (61, 32, 19, 12, 5.0, 1.7)),
    "9": (11.0, (63, 35, 22, 14, 6.5, 2.4)),
    "GY": (11.7, (67, 39, 25, 16, 7.0, 2.5)),
    "IM": (18.8, (77, 58, 45, 35, 20, 8)),
}


@pytest.mark.parametrize("stage", ABSENCE)
def test_absence_by_stage(careers: Careers, stage: str) -> None:
    # The table of mixtures; the share from 15 % is Skolverket's mapping of HT2019 (16, 19 and 22 % in years 7-9).
    mean, above = ABSENCE[stage]
    propensity = absence_quantile(stage, (np.arange(100_000) + 0.5) / 100_000)
    if stage in ("GY", "IM"):
        drawn = careers.upper.absence[
            begun(careers, *((INTRODUCTORY,) if stage == "IM" else (VOCATIONAL, PREPARATORY)))
        ]
        assert 100 * drawn.mean() == pytest.approx(mean, abs=0.4)
    assert 100 * propensity.mean() == pytest.approx(mean, abs=0.1)
    for level, figure in zip((0.05, 0.10, 0.15, 0.20, 0.30, 0.50), above, strict=True):
        assert 100 * (propensity > level).mean() == pytest.approx(figure, abs=1.5)


def test_absence_of_20_to_40_per_cent_in_the_first_years() -> None:
    # Year 1 4.2 %, year 2 5.4 % (Borås, weeks 45-48 2014).
    propensity = absence_quantile("F-3", (np.arange(100_000) + 0.5) / 100_000)
    assert 100 * ((propensity >= 0.2) & (propensity < 0.4)).mean() == pytest.approx(4.8, abs=1.0)


def test_municipal_activity_responsibility(careers: Careers) -> None:
    # 12.2-14.3 % of those aged 16-20 (2019-2024), 9 % of those aged 16-19 in half a year (Skolverket): not in upper
    # secondary school on 15 October 2024 and without an examen.
    day = np.datetime64("2024-10-15").astype(int) + 719_163
    person, upper = careers.nine.person, careers.upper
    age = 2024 - careers.persons.birth_year[person]
    here = (careers.persons.here_from[person] <= day) & (careers.persons.here_to[person] > day)
    spells = careers.spells
    active = (spells["start"] <= day) & (spells["end"] > day) & np.isin(spells["school_type"], (GY, VUXGY))
    at_school = np.isin(person, spells["person"][active & ~spells["cancelled"]])
    done = (upper.outcome < STUDIEBEVIS) & (upper.ended <= day)
    chosen = here & (age >= 16) & (age < 20) & (careers.nine.autumn <= 2024)
    assert rate(~at_school & ~done, chosen, 1.5) == pytest.approx(11, abs=3.0)


@pytest.fixture(scope="session")
def shares() -> dict[str, tuple[int, int]]:
    """Minutes of valid and of all absence by school type, of a site with upper secondary school."""
    site = {"name": "A", "municipality": "1440", "format": "csv", "pupils": 1500, "schools": 3}
    told = {"lessons_per_week": 5, "sites": {"a": site | {"upper_secondary": {"share": 0.8}}}}
    settings = settings_from(told, 8)
    found = {"GR": [0, 0], "GY": [0, 0]}
    for year in lesson_years(settings, draw_site(settings, 0)):
        lessons = year.lessons.only(year.lessons.counts & year.lessons.reported)
        types = year.expectations.stays["school_type"].to_numpy()[lessons.stay]
        for kind, sums in found.items():
            valid = int(lessons.valid[types == kind].sum())
            sums[0] += valid
            sums[1] += valid + int(lessons.invalid[types == kind].sum())
    return {kind: (sums[0], sums[1]) for kind, sums in found.items()}


@pytest.mark.parametrize(("kind", "figure"), [("GR", 0.70), ("GY", 0.60)])
def test_valid_share_of_absence(shares: dict[str, tuple[int, int]], kind: str, figure: float) -> None:
    # 70:30 in years 7-9, 60:40 in upper secondary school (the project's own assumption).
    valid, absent = shares[kind]
    assert valid / absent == pytest.approx(figure, abs=0.02)


def test_every_group_of_magnitudes_tells_its_source() -> None:
    for name in (
        "households",
        "compulsory",
        "attainment",
        "programmes",
        "upper_secondary",
        "coursework",
        "study_allowance",
        "adults",
        "handover",
    ):
        assert magnitudes()[name]["source"]
        assert magnitudes()[name]["certainty"] in {"V", "V2", "M-hi", "M-med", "M-lo", "PROP"}
