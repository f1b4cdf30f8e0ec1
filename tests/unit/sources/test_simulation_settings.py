from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.errors import InputError
from evalkit.sources.simulation import settings_from
from evalkit.sources.simulation.settings import EffectSettings

STUDY = Path(__file__).parents[3] / "params" / "skolanknytning" / "study.yml"


def mapping(**changes: Any) -> dict[str, Any]:
    forum = {
        "school": "Da Vinciskolan",
        "size_rank": 1,
        "dates": [date(2023, 10, 17)],
        "stations": {"lärande": "academic"},
    }
    ale = {"name": "Ale", "municipality": "1440", "format": "ss12000", "pupils": 30, "schools": 2, "forum": forum}
    return {"sites": {"ale": ale}, **changes}


def changed_site(**changes: Any) -> dict[str, Any]:
    told = mapping()
    told["sites"]["ale"] |= changes
    return told


def changed_forum(**changes: Any) -> dict[str, Any]:
    told = mapping()
    told["sites"]["ale"]["forum"] |= changes
    return told


def test_what_is_left_out_has_its_default() -> None:
    settings = settings_from(mapping(effects={"forum": 1}), 5)
    assert settings.seed == 5
    assert settings.effects == EffectSettings(forum=1.0)
    assert settings.school_years == ("2021/22", "2022/23", "2023/24", "2024/25")
    assert settings.sites[0].forum is not None
    assert settings.sites[0].forum.stations == (("lärande", "academic"),)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (mapping(pupils=3), "unknown key simulation.pupils"),
        (mapping(effects={"forums": 1.0}), "unknown key simulation.effects.forums"),
        (mapping(effects={"forum": "much"}), "simulation.effects.forum is not a number"),
        (mapping(effects=[1.0]), "simulation.effects is not a mapping"),
        (mapping(lessons_per_week=0), "simulation.lessons_per_week"),
        (mapping(lessons_per_week=True), "simulation.lessons_per_week"),
        (mapping(school_years=["1999/00"]), "no school calendar for 1999/00"),
        (mapping(sites={}), "names no site"),
        (changed_site(format="excel"), "simulation.sites.ale.format is unknown"),
        (changed_site(municipality=144), "simulation.sites.ale.municipality"),
        (changed_site(pupils=5), "simulation.sites.ale.pupils is not a whole number from 6"),
        (changed_site(size_ratio=0.5), "simulation.sites.ale.size_ratio"),
        (changed_site(id="ale"), "unknown key simulation.sites.ale.id"),
        (changed_forum(size_rank=3), "simulation.sites.ale.forum.size_rank"),
        (changed_forum(dates=[date(2024, 1, 30), date(2023, 10, 17)]), "simulation.sites.ale.forum.dates"),
        (changed_forum(dates=[date(2025, 3, 4)]), "2025-03-04, which is no school day"),
        (changed_forum(dates=[date(2031, 3, 4)]), "no school calendar for 2030/31"),
        (changed_forum(dates=["soon"]), "simulation.sites.ale.forum.dates"),
        (changed_forum(stations={"lärande": "social"}), "simulation.sites.ale.forum.stations"),
        (changed_forum(school_code="1"), "unknown key simulation.sites.ale.forum.school_code"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place(told: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        settings_from(told, 1)
    assert caught.value.remedy


def test_a_missing_key_is_named() -> None:
    told = mapping()
    del told["sites"]["ale"]["pupils"]
    with pytest.raises(InputError, match=r"missing key simulation\.sites\.ale\.pupils"):
        settings_from(told, 1)


def test_the_shipped_study_simulates_thirty_schools_two_of_them_with_forums() -> None:
    study = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    settings = settings_from(study["simulation"], study["seed"])
    assert {site.municipality: (site.schools, site.pupils) for site in settings.sites} == {
        "1440": (4, 900),
        "1480": (15, 4000),
        "1441": (4, 600),
        "1481": (7, 1600),
    }
    assert {site.id: site.format for site in settings.sites} == {
        "ale": "ss12000",
        "molndal": "ss12000",
        "goteborg": "parquet",
        "lerum": "csv",
    }
    forums = {site.id: site.forum for site in settings.sites if site.forum}
    assert {site: forum.school for site, forum in forums.items()} == {"ale": "Da Vinciskolan", "molndal": "Almåsskolan"}
    assert study["assignment_date"] < forums["ale"].dates[0] < date(2024, 1, 1) <= forums["molndal"].dates[0]
    assert forums["molndal"].dates[0] < date(2024, 7, 1)
