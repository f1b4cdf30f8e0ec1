"""The planted effects can be found again in what was drawn, and are not there when they were not planted."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.sources.simulation import settings_from
from evalkit.sources.simulation.site import SiteDraw, draw_site
from evalkit.sources.simulation.surveys import NOT_KNOWN
from evalkit.sources.simulation.truth import truth_of
from evalkit.vocabulary import term_of

FIRST = date(2024, 1, 30)


def drawn(forum: float, connectedness: float) -> tuple[SiteDraw, dict[str, Any]]:
    site = {
        "name": "Mölndal",
        "municipality": "1481",
        "format": "ss12000",
        "pupils": 1600,
        "schools": 4,
        "forum": {"school": "Almåsskolan", "size_rank": 2, "dates": [FIRST], "stations": {"lärande": "academic"}},
    }
    effects = {"forum": forum, "connectedness": connectedness}
    settings = settings_from({"effects": effects, "sites": {"molndal": site}}, 3)
    draw = draw_site(settings, 0)
    return draw, truth_of(settings, draw)


@pytest.fixture(scope="module")
def with_effects() -> tuple[SiteDraw, dict[str, Any]]:
    return drawn(2.0, 3.0)


@pytest.fixture(scope="module")
def without_effects() -> tuple[SiteDraw, dict[str, Any]]:
    return drawn(0.0, 0.0)


def attendance(draw: SiteDraw) -> pd.DataFrame:
    parts = []
    for year in draw.years:
        terms = np.array([term_of(day).label for day in year.days])
        for term in dict.fromkeys(terms.tolist()):
            mask = year.enrolled & (terms == term)
            rows = mask.any(axis=1)
            rate = 1 - np.where(mask, year.absence, 0).sum(axis=1)[rows] / mask.sum(axis=1)[rows]
            person = year.stays["person"].to_numpy()[rows]
            school = year.stays["school"].to_numpy()[rows]
            parts.append(pd.DataFrame({"person": person, "school": school, "term": term, "rate": 100 * rate}))
    return pd.concat(parts, ignore_index=True)


def test_nothing_else_is_drawn_otherwise(with_effects: Any, without_effects: Any) -> None:
    assert with_effects[0].people.civic == without_effects[0].people.civic
    assert with_effects[0].population.stays.equals(without_effects[0].population.stays)
    assert np.array_equal(with_effects[0].traits.swing, without_effects[0].traits.swing)


def test_the_forum_raises_attendance_by_what_was_planted_and_only_there(
    with_effects: tuple[SiteDraw, dict[str, Any]],
) -> None:
    draw, truth = with_effects
    assert truth["forum"]["realised_percentage_points"] == pytest.approx(2.0, abs=0.01)
    by_term = truth["forum"]["realised_by_term"]
    assert [by_term[term] for term in ("HT2021", "VT2022", "HT2022", "VT2023", "HT2023")] == [0.0] * 5
    assert all(1.4 < by_term[term] < 2.6 for term in ("VT2024", "HT2024", "VT2025"))
    for year in draw.years:
        school = year.stays["school"].to_numpy()
        changed = (year.absence != year.without_forums) & year.enrolled
        later = np.array([day >= FIRST for day in year.days])
        assert not changed[school != 0].any()
        assert not changed[:, ~later].any()


def test_the_forum_effect_shows_in_a_difference_of_differences(with_effects: Any, without_effects: Any) -> None:
    found = {}
    for name, (draw, _) in {"with": with_effects, "without": without_effects}.items():
        rates = attendance(draw)
        after = rates["term"].isin(["VT2024", "HT2024", "VT2025"])
        means = rates.groupby([rates["school"] == 0, after])["rate"].mean()
        found[name] = means[True, True] - means[True, False] - means[False, True] + means[False, False]
    assert found["with"] - found["without"] == pytest.approx(2.0, abs=0.25)


def test_connectedness_raises_a_pupils_own_attendance(with_effects: Any) -> None:
    draw, truth = with_effects
    slope, error = within_slope(draw)
    expected = truth["connectedness"]["expected_on_index"]
    assert 1.5 < expected < 3.0
    assert abs(slope - expected) < 3 * error


def test_without_a_planted_slope_there_is_none(without_effects: Any) -> None:
    slope, error = within_slope(without_effects[0])
    assert abs(slope) < 3 * error
    assert without_effects[1]["connectedness"]["expected_on_index"] == 0


def within_slope(draw: SiteDraw) -> tuple[float, float]:
    survey = draw.survey[draw.survey["answer"] != NOT_KNOWN]
    index = survey.groupby(["person", "wave"])["answer"].mean().rename("index").reset_index()
    rates = attendance(draw).groupby(["person", "term"])["rate"].mean().rename("rate").reset_index()
    both = index.merge(rates, left_on=["person", "wave"], right_on=["person", "term"])
    values = both[["index", "rate"]].copy()
    for _ in range(10):
        for key in ("wave", "person"):
            values -= values.groupby(both[key]).transform("mean")
    x, y = values["index"].to_numpy(), values["rate"].to_numpy()
    slope = (x * y).sum() / (x**2).sum()
    freedom = len(x) - both["person"].nunique() - both["wave"].nunique()
    return float(slope), float(np.sqrt(((y - slope * x) ** 2).sum() / freedom / (x**2).sum()))
