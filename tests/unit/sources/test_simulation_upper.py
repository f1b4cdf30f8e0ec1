"""Upper secondary school of a site, sites by persons, and support that goes to those who need it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import InputError
from evalkit.sources.simulation import settings_from, simulate
from evalkit.sources.simulation.schools import beginners
from evalkit.sources.simulation.site import SiteDraw, draw_site
from evalkit.sources.simulation.site_years import forum_sizes
from evalkit.sources.simulation.truth import truth_of
from evalkit.vocabulary import read_identity, school_calendar

SITE = {"name": "Ale", "municipality": "1440", "format": "parquet", "pupils": 900, "schools": 3}
YEARS = ("2021/22", "2022/23", "2023/24", "2024/25")


def told(**changes: Any) -> dict[str, Any]:
    return {"lessons_per_week": 4, "sites": {"ale": SITE | {"upper_secondary": {"schools": 2}} | changes}}


@pytest.fixture(scope="module")
def drawn() -> SiteDraw:
    return draw_site(settings_from(told(), 5), 0)


@pytest.fixture(scope="module")
def without() -> SiteDraw:
    return draw_site(settings_from({"lessons_per_week": 4, "sites": {"ale": SITE}}, 5), 0)


def test_years_7_to_9_are_the_same_with_and_without_upper_secondary_school(drawn: SiteDraw, without: SiteDraw) -> None:
    lower = drawn.population.stays[drawn.population.stays["school_type"] == "GR"].reset_index(drop=True)
    pd.testing.assert_frame_equal(lower, without.population.stays)
    assert [school.code for school in drawn.schools[:3]] == [school.code for school in without.schools]
    for with_upper, alone in zip(drawn.years, without.years, strict=True):
        assert np.array_equal(with_upper.absence[: len(alone.absence)], alone.absence)
    assert drawn.survey.equals(without.survey)


def test_exactly_as_many_begin_every_autumn_as_there_are_places(drawn: SiteDraw) -> None:
    assert drawn.upper is not None
    found = drawn.upper.beginners
    for autumn in (2021, 2022, 2023, 2024):
        assert found.begins[found.autumn == autumn].sum() == beginners(drawn.site) == 99
        first = school_calendar(f"{autumn}/{autumn - 1999}").school_days[0].toordinal()
        stays = drawn.population.stays
        here = stays[(stays["school_type"] == "GY") & ~stays["cancelled"] & (stays["start"] == first)]
        assert here["person"].is_unique
        assert set(found.person[(found.autumn == autumn) & found.begins]) <= set(here["person"])


def test_some_of_the_sites_own_year_9_go_on_there_and_others_come_from_elsewhere(drawn: SiteDraw) -> None:
    stays = drawn.population.stays
    below = set(stays.loc[(stays["school_type"] == "GR") & (stays["year_group"] == 9), "person"])
    above = stays[(stays["school_type"] == "GY") & ~stays["cancelled"] & (stays["school_year"] > 0)]
    own = above["person"].isin(below).groupby(above["school_year"]).mean()
    assert own.is_monotonic_increasing
    assert 0.3 < own.iloc[-1] < 0.75


def test_upper_secondary_stays_follow_year_9_and_never_overlap(drawn: SiteDraw) -> None:
    stays = drawn.population.stays[~drawn.population.stays["cancelled"]]
    later = stays["person"].shift(-1) == stays["person"]
    assert (stays["end"] <= stays["start"].shift(-1))[later].all()
    assert set(stays.loc[stays["school_type"] == "GY", "year_group"]) == {1, 2, 3}
    assert (stays.loc[stays["school_type"] == "GY", "programme"] != "").all()
    assert (stays.loc[stays["school_type"] == "GR", "programme"] == "").all()


def test_ages_are_those_of_upper_secondary_school(drawn: SiteDraw) -> None:
    stays = drawn.population.stays
    first = stays[(stays["school_type"] == "GY") & (stays["year_group"] == 1) & ~stays["cancelled"]]
    born = np.array([drawn.people.born[person].year for person in first["person"]])
    assert np.isin(2021 + first["school_year"] - born, (15, 16, 17, 18, 19, 20)).all()
    assert ((2021 + first["school_year"] - born) == 16).mean() > 0.75


def test_absence_in_upper_secondary_school_is_its_stages(drawn: SiteDraw) -> None:
    absence = [
        year.absence[(year.stays["school_type"] == "GY").to_numpy()][
            year.enrolled[(year.stays["school_type"] == "GY").to_numpy()]
        ]
        for year in drawn.years
    ]
    assert np.concatenate(absence).mean() == pytest.approx(0.122, abs=0.015)


def test_courses_have_codes_and_points(drawn: SiteDraw) -> None:
    courses = drawn.grades.dropna(subset=["course"])
    assert set(courses["course"]) >= {"SVESVE01", "SVASVA01", "ENGENG05", "MATMAT01b", "GYARSA"}
    assert set(courses["points"]) == {50, 100, 150}
    assert set(courses["plan_points"].dropna()) == {2500, 2800}
    assert not drawn.grades.duplicated(["person", "subject", "day"]).any()


def test_the_truth_of_careers(drawn: SiteDraw) -> None:
    truth = truth_of(settings_from(told(), 5), drawn)["careers"]
    assert truth["year_9"]["eligible_by_their_grades"] == pytest.approx(0.84, abs=0.05)
    assert truth["upper_secondary"]["beginners"][2023] == 99
    upper = truth["upper_secondary"]
    assert upper["examen_with_five_points_less_absence"] > upper["examen_within_five_years"]
    assert truth["parameters"]["attainment"]["absence"] < 0


def test_support_goes_to_those_most_away_so_a_plain_comparison_is_wrong(drawn: SiteDraw) -> None:
    truth = truth_of(settings_from(told(), 5), drawn)["support"]
    assert truth["realised_percentage_points"] == pytest.approx(truth["planted_percentage_points"], abs=0.001)
    assert truth["naive_difference"] < -2, "those with support are away more, although it helps"
    assert truth["spells"] > 50


def test_regression_to_the_mean_shows_without_any_effect() -> None:
    settings = settings_from(told(pupils=3000) | {"effects": {"support": 0.0}}, 7)
    truth = truth_of(settings, draw_site(settings, 0))["support"]
    assert truth["before_and_after_against_others"] == truth["regression_to_the_mean"]
    assert truth["regression_to_the_mean"] > 0.3, "who is chosen after a bad term has a better next"


def test_the_forums_effect_can_grow_over_terms_with_its_mean_kept() -> None:
    forum = {"school": "F", "size_rank": 1, "dates": [date(2023, 10, 17)], "stations": {"lärande": "academic"}}
    mapping = {"effects": {"forum_profile": [0.5, 1.0, 1.5]}, "sites": {"ale": SITE | {"forum": forum}}}
    settings = settings_from(mapping, 3)
    truth = truth_of(settings, draw_site(settings, 0))["forum"]
    assert truth["realised_percentage_points"] == pytest.approx(2.0, abs=0.02)
    assert (
        truth["realised_by_term"]["HT2023"] < truth["realised_by_term"]["VT2024"] < truth["realised_by_term"]["VT2025"]
    )


def test_the_forums_effect_can_differ_between_schools_with_its_mean_kept() -> None:
    forum = {"school": "F", "size_rank": 1, "dates": [date(2023, 10, 17)], "stations": {"lärande": "academic"}}
    sites = {name: SITE | {"municipality": code, "forum": forum} for name, code in (("a", "1440"), ("b", "1481"))}
    sizes = forum_sizes(settings_from({"effects": {"forum_spread": 0.5}, "sites": sites}, 3))
    assert sizes["a"] != sizes["b"]
    assert np.mean(list(sizes.values())) == pytest.approx(2.0)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = {"name": "Ale", "municipality": "1440", "format": "parquet", "persons": 1234}
    out = tmp_path_factory.mktemp("register") / "out"
    simulate(settings_from({"lessons_per_week": 4, "sites": {"ale": site}}, 3), out)
    return out


def test_a_site_by_persons_has_exactly_so_many_each_enrolled_in_every_stage(register: Path) -> None:
    persons = pd.read_parquet(register / "ale" / "elever.parquet")
    enrolments = pd.read_parquet(register / "ale" / "inskrivningar.parquet")
    assert len(persons) == persons["Personnummer"].nunique() == 1234
    assert set(enrolments["Personnummer"]) == set(persons["Personnummer"])
    assert set(enrolments["Skolform"]) == {"FS", "FKLASS", "GR", "GY", "SFI", "VUXGR", "VUXGY"}
    assert enrolments.loc[enrolments["Skolform"] == "FS", "Årskurs"].isna().all()
    assert all(read_identity(number).is_test for number in persons["Personnummer"])


def test_a_site_by_persons_has_lessons_within_enrolments(register: Path) -> None:
    lessons = pd.read_parquet(register / "ale" / "narvaro.parquet").astype({"Personnummer": str})
    enrolments = pd.read_parquet(register / "ale" / "inskrivningar.parquet")
    both = lessons.drop_duplicates(["Personnummer", "Datum"])[["Personnummer", "Datum"]].merge(enrolments)
    day, start = pd.to_datetime(both["Datum"]), pd.to_datetime(both["Inskriven"])
    inside = (start <= day) & (day < pd.to_datetime(both["Utskriven"]).fillna(pd.Timestamp("2100-01-01")))
    assert inside.groupby([both["Personnummer"], both["Datum"]]).any().all()
    truth = json.loads((register / "truth" / "ale" / "summary.json").read_text(encoding="utf-8"))
    assert truth["persons"] == 1234


def test_the_truth_has_each_persons_chances(register: Path) -> None:
    folder = register / "truth" / "ale"
    ninth, upper = (pd.read_parquet(folder / f"{name}.parquet") for name in ("year_9", "upper_secondary"))
    persons = set(pd.read_parquet(register / "ale" / "elever.parquet")["Personnummer"])
    assert set(ninth["personnummer"]) | set(upper["personnummer"]) <= persons
    assert ninth.groupby("eligible")["pass_level"].mean().is_monotonic_increasing
    done = upper["outcome"].str.startswith("examen")
    assert upper.loc[done, "chance_of_examen"].mean() > upper.loc[~done, "chance_of_examen"].mean() + 0.1
    assert upper["chance_of_withdrawn_allowance"].between(0.02, 0.5).mean() > 0.95


@pytest.mark.parametrize("extra", [{"pupils": 90}, {"schools": 2}, {"upper_secondary": {"schools": 1}}])
def test_either_persons_or_pupils_rule(extra: dict[str, Any]) -> None:
    site = {"name": "Ale", "municipality": "1440", "format": "csv", "persons": 500} | extra
    with pytest.raises(InputError, match="has both persons and"):
        settings_from({"sites": {"ale": site}}, 1)
