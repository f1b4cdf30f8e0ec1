"""Every fault that is asked for is in the export, where the truth says, and nowhere when it is not asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.errors import InputError
from evalkit.sources.simulation import settings_from, simulate
from evalkit.sources.simulation.settings import FAULT_NAMES
from evalkit.vocabulary import explain_fault

SITE = {"name": "Ale", "municipality": "1440", "format": "parquet", "pupils": 120, "schools": 3}
YEARS = ["2022/23", "2023/24"]
MINUTES = ["Närvarominuter", "Giltig frånvaro (minuter)", "Ogiltig frånvaro (minuter)", "Annan aktivitet (minuter)"]


def made(folder: Path, *faults: str) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    told = {"lessons_per_week": 4, "school_years": YEARS, "sites": {"ale": SITE | {"faults": list(faults)}}}
    simulate(settings_from(told, 5), folder)
    tables = {path.stem: pd.read_parquet(path) for path in (folder / "ale").glob("*.parquet")}
    return tables, json.loads((folder / "truth" / "ale" / "summary.json").read_text(encoding="utf-8"))["faults"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    tables, planted = made(tmp_path_factory.mktemp("whole") / "out")
    assert planted == {}
    return tables


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, pd.DataFrame], dict[str, Any]]]:
    return {name: made(tmp_path_factory.mktemp(name) / "out", name) for name in FAULT_NAMES}


def test_nothing_is_wrong_where_no_fault_is_asked_for(whole: dict[str, pd.DataFrame]) -> None:
    lessons = whole["narvaro"]
    assert not lessons.duplicated(["Personnummer", "Lektion"]).any()
    assert (lessons[MINUTES].sum(axis=1) <= lessons["Lektionsminuter"]).all()
    assert set(lessons["Skolenhetskod"]) <= set(whole["skolor"]["Skolenhetskod"])
    assert not any(explain_fault(number) for number in whole["elever"]["Personnummer"])
    assert overlaps(whole["inskrivningar"]) == set()


@pytest.mark.parametrize("name", FAULT_NAMES)
def test_each_fault_is_told_alone(damaged: dict[str, Any], name: str) -> None:
    _, planted = damaged[name]
    assert set(planted) == {name}
    assert planted[name]


def test_duplicate_rows(damaged: dict[str, Any]) -> None:
    tables, planted = damaged["duplicate_rows"]
    doubled = tables["narvaro"][tables["narvaro"].duplicated()]
    assert len(doubled) == len(planted["duplicate_rows"]["attendance"]) > 0
    assert set(doubled["Personnummer"]) == {row["personnummer"] for row in planted["duplicate_rows"]["attendance"]}
    again = tables["inskrivningar"][tables["inskrivningar"].duplicated()]
    assert sorted(again["Personnummer"]) == sorted(planted["duplicate_rows"]["enrolments"])
    assert tables["betyg"].duplicated().sum() == len(planted["duplicate_rows"]["grades"])


def overlaps(enrolments: pd.DataFrame) -> set[str]:
    spells = enrolments[~enrolments["Återkallad"]].sort_values(["Personnummer", "Inskriven"])
    ends = pd.to_datetime(spells["Utskriven"]).fillna(pd.Timestamp("2100-01-01"))
    same = spells["Personnummer"].shift(-1) == spells["Personnummer"]
    return set(spells["Personnummer"][same & (pd.to_datetime(spells["Inskriven"].shift(-1)) < ends)])


def test_overlapping_enrolments(damaged: dict[str, Any]) -> None:
    tables, planted = damaged["overlapping_enrolments"]
    told = {row["personnummer"] for row in planted["overlapping_enrolments"]["enrolments"]}
    assert overlaps(tables["inskrivningar"]) == told


def outside(tables: dict[str, pd.DataFrame]) -> set[str]:
    spells = tables["inskrivningar"][~tables["inskrivningar"]["Återkallad"]]
    both = tables["narvaro"].drop_duplicates(["Personnummer", "Datum"]).astype({"Personnummer": str})
    both = both[["Personnummer", "Datum"]].merge(spells, on="Personnummer")
    day, start = pd.to_datetime(both["Datum"]), pd.to_datetime(both["Inskriven"])
    end = pd.to_datetime(both["Utskriven"]).fillna(pd.Timestamp("2100-01-01"))
    inside = ((start <= day) & (day < end)).groupby([both["Personnummer"], both["Datum"]]).any()
    return set(inside[~inside].reset_index()["Personnummer"])


def test_attendance_outside_enrolment(damaged: dict[str, Any], whole: dict[str, pd.DataFrame]) -> None:
    tables, planted = damaged["attendance_outside_enrolment"]
    assert outside(whole) == set()
    assert outside(tables) == {row["personnummer"] for row in planted["attendance_outside_enrolment"]["persons"]}


def test_missing_school(damaged: dict[str, Any]) -> None:
    tables, planted = damaged["missing_school"]
    missing = set(tables["inskrivningar"]["Skolenhetskod"]) - set(tables["skolor"]["Skolenhetskod"])
    assert missing == {planted["missing_school"]["school_id"]}


def test_wrong_check_digit(damaged: dict[str, Any]) -> None:
    tables, planted = damaged["wrong_check_digit"]
    faulty = {number for number in tables["elever"]["Personnummer"] if explain_fault(number)}
    assert faulty == set(planted["wrong_check_digit"]["personnummer"])
    assert faulty <= set(tables["inskrivningar"]["Personnummer"])


def test_late_registration(damaged: dict[str, Any], whole: dict[str, pd.DataFrame]) -> None:
    tables, planted = damaged["late_registration"]
    told = planted["late_registration"]
    keys = ["Personnummer", "Ämne", "Termin"]
    both = tables["betyg"].merge(whole["betyg"], on=keys, suffixes=("", " helt"))
    late = pd.to_datetime(both["Betygsdatum"]) - pd.to_datetime(both["Betygsdatum helt"])
    moved = both[late.dt.days > 0]
    assert set(moved["Skolenhetskod"]) == {told["school_id"]}
    assert set(moved["Termin"]) == {told["term"]}
    assert len(moved) == told["grades"] > 0
    assert set(late.dt.days) == {0, told["days"]}


def test_uniform_attendance_class(damaged: dict[str, Any]) -> None:
    tables, planted = damaged["uniform_attendance_class"]
    told = planted["uniform_attendance_class"]
    lessons = tables["narvaro"]
    days = pd.to_datetime(lessons["Datum"])
    here = lessons[(lessons["Klass"] == told["class"]) & (days >= "2023-07-01")]
    assert len(here) == told["rows"] > 0
    assert (here["Närvarominuter"] == here["Lektionsminuter"]).all()
    others = lessons[(lessons["Klass"] != told["class"]) & lessons["Rapporterad"]]
    assert (others["Närvarominuter"] < others["Lektionsminuter"]).mean() > 0.05


def test_routine_change(damaged: dict[str, Any]) -> None:
    tables, planted = damaged["routine_change"]
    told = planted["routine_change"]
    lessons = tables["narvaro"]
    school, day = lessons["Skolenhetskod"] == told["school_id"], pd.to_datetime(lessons["Datum"])
    invalid = lessons["Ogiltig frånvaro (minuter)"].astype(float)
    assert invalid[school & (day >= told["from"])].sum() == 0
    assert invalid[school & (day < told["from"])].sum() > 0
    assert invalid[~school & (day >= told["from"])].sum() > 0


def test_minutes_too_many(damaged: dict[str, Any]) -> None:
    tables, planted = damaged["minutes_too_many"]
    lessons = tables["narvaro"]
    many = lessons[lessons[MINUTES].astype(float).sum(axis=1) > lessons["Lektionsminuter"]]
    told = planted["minutes_too_many"]["attendance"]
    places = {(row["personnummer"], row["date"], row["start_minute"]) for row in told}
    found = zip(many["Personnummer"], many["Datum"].astype(str), many["Start (minuter efter midnatt)"], strict=True)
    assert set(found) == places


@pytest.mark.parametrize("form", ["ss12000", "csv"])
def test_all_faults_together_in_other_forms(tmp_path: Path, form: str) -> None:
    site = SITE | {"format": form, "faults": list(FAULT_NAMES), "upper_secondary": {"share": 0.5}}
    simulate(settings_from({"lessons_per_week": 2, "school_years": YEARS, "sites": {"ale": site}}, 5), tmp_path / "out")
    truth = json.loads((tmp_path / "out" / "truth" / "ale" / "summary.json").read_text(encoding="utf-8"))
    assert set(truth["faults"]) == set(FAULT_NAMES)


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(InputError, match=r"simulation\.sites\.ale\.faults is no list of known faults"):
        settings_from({"sites": {"ale": SITE | {"faults": ["gremlins"]}}}, 1)
