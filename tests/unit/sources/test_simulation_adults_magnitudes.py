"""Adult education against its published figures, in 200,000 beginners whose careers are drawn once.

Outcomes are counted as SCB does: once for each person, course and calendar year; completed if ever completed that year,
else as the person's last enrolment in the course that year ends. A move or an end for lack of progress is a dropout.
Tolerances are in percentage points: what the fit leaves, and about three standard errors of the counts.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from evalkit.sources.simulation.adults.careers import (
    COMPLETED,
    DISCONTINUED,
    MOVED,
    NO_SHOW,
    PAUSED,
    Careers,
    Planted,
    draw_careers,
    draw_tracks,
)
from evalkit.sources.simulation.adults.catalogue import BASIC, SFI, UPPER, adult_magnitudes, catalogue
from evalkit.sources.simulation.adults.entrants import draw_entrants
from evalkit.sources.simulation.adults.settings import AdultShares
from evalkit.sources.simulation.streams import stream

BEGINNERS = 200_000
END = date(2026, 1, 1)
YEARS = (2019, 2020, 2021, 2022, 2023)
NEVER = 1_000_000
OPEN = 10**7
# SCB 2021, percent completed, dropped out and continuing; 3D read approximately from the table.
SFI_2021 = {
    "1A": (30.4, 20.6, 48.9),
    "1B": (24.4, 23.6, 52.0),
    "1C": (21.3, 24.9, 53.8),
    "1D": (28.2, 23.8, 48.0),
    "2B": (31.8, 29.5, 38.7),
    "2C": (34.2, 26.3, 39.4),
    "2D": (38.1, 23.3, 38.6),
    "3C": (30.0, 34.0, 36.0),
    "3D": (49.0, 24.0, 27.0),
}
# Dropped out of those who completed or dropped out, percent: women, men.
BY_SEX = {
    "1A": (38.0, 45.5),
    "1B": (46.0, 55.1),
    "1C": (51.1, 58.9),
    "1D": (42.6, 51.2),
    "2B": (40.6, 57.7),
    "2C": (38.9, 50.1),
    "2D": (33.5, 44.9),
    "3C": (45.5, 63.0),
}
KEYS = tuple(SFI_2021)


@pytest.fixture(scope="session")
def adult_careers() -> Careers:
    monday = adult_magnitudes()["start"]["first_monday"].toordinal()
    rng = stream(5, "test", "entrants")
    tracks = draw_tracks(draw_entrants(BEGINNERS, AdultShares(), END, rng), monday, rng)
    weeks = (END.toordinal() - monday) // 7 + 1
    return draw_careers(tracks, Planted(1.0, 0.85, NEVER), first_monday=monday, weeks=weeks, seed=5)


@pytest.fixture(scope="session")
def sfi_years(adult_careers: Careers) -> pd.DataFrame:
    """Person, course and calendar year in SFI: one row each, with its state c, d or k (continues)."""
    courses = adult_careers.courses
    courses = courses[(courses["course"] < len(KEYS)) & (courses["outcome"] != NO_SHOW)]
    until = courses["end"].where(courses["end"] > 0, OPEN)
    parts = []
    for year in YEARS:
        first, after = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
        here = courses[(courses["start"] < after) & (until > first)]
        ended = until[here.index] <= after
        states = [ended & (here["outcome"] == COMPLETED), ended & (here["outcome"] != PAUSED)]
        state = np.select(states, ["c", "d"], "k")
        here = here.assign(year=year, state=state, woman=adult_careers.tracks.woman[here["track"]])
        order = here.assign(rank=here["state"] == "c").sort_values(["rank", "start"], kind="stable")
        parts.append(order.groupby(["track", "course"]).tail(1))
    return pd.concat(parts)


@pytest.mark.parametrize("key", KEYS)
def test_sfi_courses_end_as_published(sfi_years: pd.DataFrame, key: str) -> None:
    here = sfi_years[sfi_years["course"] == KEYS.index(key)]
    shares = [100 * float((here["state"] == state).mean()) for state in "cdk"]
    tolerance = {"1D": 2.5}.get(key, 2.0 if key.startswith("1") else 1.5)
    assert shares == pytest.approx(SFI_2021[key], abs=tolerance)


@pytest.mark.parametrize("key", tuple(BY_SEX))
def test_men_drop_out_more_as_published(sfi_years: pd.DataFrame, key: str) -> None:
    ended = sfi_years[(sfi_years["course"] == KEYS.index(key)) & (sfi_years["state"] != "k")]
    rates = [100 * float((ended["state"][ended["woman"] == woman] == "d").mean()) for woman in (True, False)]
    tolerance = {"1D": 5.0}.get(key, 3.0 if key.startswith("1") else 2.0)
    assert rates == pytest.approx(BY_SEX[key], abs=tolerance)
    assert rates[0] < rates[1]


def test_the_courses_are_as_large_against_each_other_as_published(sfi_years: pd.DataFrame) -> None:
    counts = sfi_years["course"].value_counts(normalize=True)
    participants = {"1A": 8950, "1B": 12379, "1C": 9107, "1D": 3894, "2B": 26015, "2C": 25973, "2D": 20040}
    participants |= {"3C": 37959, "3D": 21000}
    for key, number in participants.items():
        assert counts[KEYS.index(key)] == pytest.approx(number / sum(participants.values()), abs=0.01)


def test_the_two_denominators_differ_as_published(sfi_years: pd.DataFrame) -> None:
    state = sfi_years["state"][sfi_years["course"] == KEYS.index("2C")]
    counts = state.value_counts()
    assert 100 * counts["d"] / len(state) == pytest.approx(26.3, abs=2.0)
    assert 100 * counts["d"] / (counts["c"] + counts["d"]) == pytest.approx(43.5, abs=2.0)


@pytest.mark.parametrize(
    ("kind", "year", "passed"), [(BASIC, 2021, 71), (UPPER, 2021, 70), (BASIC, 2022, 66), (UPPER, 2022, 67)]
)
def test_komvux_is_passed_as_published(adult_careers: Careers, kind: int, year: int, passed: float) -> None:
    ended = ended_in(adult_careers, kind, year)
    assert 100 * ended["passed"].mean() == pytest.approx(passed, abs=2.0)


@pytest.mark.parametrize("kind", [BASIC, UPPER])
def test_a_fifth_drop_out_of_komvux(adult_careers: Careers, kind: int) -> None:
    ended = ended_in(adult_careers, kind, 2021)
    assert 100 * ended["outcome"].isin([DISCONTINUED, MOVED]).mean() == pytest.approx(20, abs=2.0)


def test_about_a_third_come_back_within_a_year(adult_careers: Careers) -> None:
    courses = adult_careers.courses
    began = courses[courses["outcome"] != NO_SHOW].sort_values(["track", "start"])
    gap = began.groupby("track")["start"].shift(-1) - began["end"]
    left = (began["outcome"] == DISCONTINUED) & (began["end"] > ordinal(2019)) & (began["end"] < ordinal(2023))
    assert 100 * (gap[left] <= 365).mean() == pytest.approx(35, abs=1.5)
    again = began["course"].eq(began.groupby("track")["course"].shift(-1))
    assert again[left & (gap <= 365)].all()


def test_dropout_is_most_likely_in_weeks_2_to_8(adult_careers: Careers) -> None:
    courses = adult_careers.courses
    fresh = courses[
        (courses["course"] < len(KEYS)) & (courses["outcome"] != NO_SHOW) & (courses["start"] > ordinal(2016))
    ]
    fresh = fresh[~fresh.duplicated(["track", "participation"])]
    lasted = (fresh["end"].where(fresh["end"] > 0, END.toordinal()) - fresh["start"]) // 7
    dropped = fresh["outcome"] == DISCONTINUED
    hazard = {week: float(dropped[lasted == week].sum() / (lasted >= week).sum()) for week in range(1, 30)}
    early = min(hazard[week] for week in range(2, 9))
    assert early > 1.5 * max(hazard[week] for week in range(9, 30))
    assert early > 1.5 * hazard[1]


def test_the_older_cohort_leaves_and_stays_about_as_published(adult_careers: Careers) -> None:
    """45 % leave within a year, 4 of 10 of these without a passed course, 9 % are there after four years.

    The figures are of a cohort before 2021 and pull against its table: they are met within 6, 6 and 3 points.
    """
    courses = adult_careers.courses
    sfi = courses[(courses["course"] < len(KEYS)) & (courses["outcome"] != NO_SHOW)]
    sfi = sfi.assign(until=sfi["end"].where(sfi["end"] > 0, OPEN))
    sfi["first"] = sfi.groupby("person")["start"].transform("min")
    sfi = sfi[(sfi["first"] >= ordinal(2018)) & (sfi["first"] < ordinal(2020))]
    left = sfi.groupby("person")["until"].max() - sfi.groupby("person")["first"].first() <= 365
    passed = sfi["passed"].astype(bool).groupby(sfi["person"]).any()
    later = sfi["first"] + 4 * 365
    there = sfi["person"][(sfi["start"] <= later) & (sfi["until"] > later)].nunique()
    assert 100 * left.mean() == pytest.approx(45, abs=6)
    assert 100 * (~passed[left]).mean() == pytest.approx(40, abs=6)
    assert 100 * there / len(left) == pytest.approx(9, abs=3)


def test_transitions_lead_upwards(adult_careers: Careers) -> None:
    courses = adult_careers.courses.sort_values(["track", "start"])
    courses = courses[courses["outcome"] != NO_SHOW]
    kind = pd.Series(catalogue().school_type[courses["course"]], index=courses.index)
    onward = kind.groupby(courses["track"]).shift(-1)
    assert (onward.dropna() >= kind[onward.notna()]).all()
    done = courses[
        (courses["outcome"] == COMPLETED) & courses["passed"].astype(bool) & (courses["end"] < ordinal(2025))
    ]
    out_of_sfi = done.index[np.isin(done["course"], [KEYS.index(key) for key in ("1D", "2D", "3D")])]
    assert 100 * (onward[out_of_sfi] == BASIC).mean() == pytest.approx(32, abs=2)
    basic = done.index[kind[done.index] == BASIC]
    assert 0.05 < (onward[basic] == UPPER).mean() < 0.4
    assert (kind == SFI).any()


def ended_in(careers: Careers, kind: int, year: int) -> pd.DataFrame:
    courses = careers.courses
    ended = (courses["end"] > ordinal(year)) & (courses["end"] <= ordinal(year + 1))
    ended &= ~courses["outcome"].isin([NO_SHOW, PAUSED])
    return courses[ended & (catalogue().school_type[courses["course"]] == kind)]


def ordinal(year: int) -> int:
    return date(year, 1, 1).toordinal()
