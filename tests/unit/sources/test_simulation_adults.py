"""Exports of adult education: how many, the same again, true to the schema, readable, and with the effects planted."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from evalkit.errors import InputError
from evalkit.sources import open_sources
from evalkit.sources.simulation.adults import AdultSettings, AdultSite, adult_settings_from, simulate_adults
from evalkit.sources.simulation.adults.attendance import attendance_table
from evalkit.sources.simulation.adults.careers import DISCONTINUED, NO_SHOW
from evalkit.sources.simulation.adults.exports import export_words, plain, table_name
from evalkit.sources.simulation.adults.names import FAMILY_NAMES
from evalkit.sources.simulation.adults.run import adult_tables
from evalkit.sources.simulation.adults.site import AdultDraw, draw_adults, draw_persons
from evalkit.sources.simulation.adults.truth import adult_truth
from evalkit.sources.simulation.adults.writing import FLAT_TABLES
from evalkit.sources.simulation.streams import stream
from evalkit.studies.parameters import load_site, load_study
from evalkit.vocabulary import read_identity
from evalkit.vocabulary.schema import table_schema

SEED = 11
PARAMETERS = Path(__file__).parents[3] / "params" / "studieavbrott"
TOLD: dict[str, Any] = {
    "kind": "adults",
    "first": date(2024, 8, 1),
    "end": date(2025, 3, 1),
    "sites": {
        "karlstad": {
            "name": "Karlstad",
            "municipality": "1780",
            "format": "excel",
            "persons": 90,
            "project_start": date(2023, 2, 1),
            "support_effect": 0.6,
        },
        "orebro": {
            "name": "Örebro",
            "municipality": "1880",
            "format": "csv",
            "persons": 80,
            "project_start": date(2023, 2, 1),
        },
        "trollhattan": {
            "name": "Trollhättan",
            "municipality": "1488",
            "format": "duckdb",
            "persons": 70,
            "project_start": date(2023, 2, 1),
        },
        "falun": {
            "name": "Falun",
            "municipality": "2080",
            "format": "parquet",
            "persons": 60,
            "project_start": date(2023, 2, 1),
        },
    },
}
DATABASE = "trollhattan/vuxenutbildning.duckdb"
SCRIPT = """
import pickle, sys
from pathlib import Path
from evalkit.sources.simulation.adults import adult_settings_from, simulate_adults
told, seed = pickle.loads(bytes.fromhex(sys.argv[1]))
simulate_adults(adult_settings_from(told, seed), Path(sys.argv[2]))
"""
LARGE = AdultSite("falun", "Falun", "2080", "parquet", 2500, date(2023, 2, 1), 0.5)


@pytest.fixture(scope="session")
def made_adults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("adults") / "data" / "studieavbrott"
    simulate_adults(adult_settings_from(TOLD, SEED), out)
    return out


@pytest.fixture(scope="session")
def large_draw() -> AdultDraw:
    return draw_adults(AdultSettings(SEED, (LARGE,)), 0)


@pytest.fixture(scope="session")
def large_tables(large_draw: AdultDraw) -> dict[str, pa.Table]:
    return adult_tables(large_draw)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def database_content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}


@pytest.mark.parametrize("persons", [1, 37, 400])
def test_exactly_so_many_persons_each_with_a_course_in_the_window(persons: int) -> None:
    site = replace(LARGE, persons=persons)
    settings = AdultSettings(3, (site,))
    entrants, careers, _ = draw_persons(settings, site)
    courses = careers.courses
    here = (courses["end"] == 0) | (courses["end"] > settings.first.toordinal())
    here &= (courses["start"] < settings.end.toordinal()) & (courses["outcome"] != NO_SHOW)
    assert len(entrants.person) == persons
    assert sorted(courses["person"][here].unique()) == list(range(persons))


def test_the_exports_hold_exactly_the_persons_told(made_adults: Path) -> None:
    people = pq.read_table(made_adults / "falun/studerande.parquet")
    assert people.num_rows == len(set(people["personnummer"].to_pylist())) == 60
    assert len(database_content(made_adults / DATABASE)["studerande"]) == 70
    assert (made_adults / "orebro/studerande.csv").read_bytes().count(b"\r\n") == 81
    book = load_workbook(made_adults / "karlstad/studerande.xlsx")
    assert book["Studerande"].max_row == 93


def test_another_process_gives_the_same_content(made_adults: Path, tmp_path: Path) -> None:
    elsewhere = {"PYTHONHASHSEED": "77", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    command = [sys.executable, "-c", SCRIPT, pickle.dumps((TOLD, SEED)).hex(), str(tmp_path / "other")]
    subprocess.run(command, check=True, env=os.environ | elsewhere)
    ours, theirs = digests(made_adults), digests(tmp_path / "other")
    assert ours.keys() == theirs.keys()
    # DuckDB stamps every new database with a random id.
    assert {name for name in ours if ours[name] != theirs[name]} <= {DATABASE}
    assert database_content(made_adults / DATABASE) == database_content(tmp_path / "other" / DATABASE)


def test_a_site_does_not_depend_on_the_size_of_the_others() -> None:
    told = deepcopy(TOLD)
    told["sites"]["karlstad"]["persons"] = 30
    ours, theirs = (adult_tables(draw_adults(adult_settings_from(each, SEED), 3)) for each in (TOLD, told))
    assert ours.keys() == theirs.keys()
    assert all(ours[name].equals(theirs[name]) for name in ours)


def test_what_no_simulation_wrote_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "real.csv").write_text("real data")
    with pytest.raises(InputError, match="no simulation wrote"):
        simulate_adults(adult_settings_from(TOLD, SEED), tmp_path / "out")
    assert (tmp_path / "out" / "real.csv").read_text() == "real data"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        (("colour",), 1, "unknown key simulation.colour"),
        (("sites",), {}, "names no site"),
        (("effects",), {"support": -1}, "not a number of at least 0"),
        (("shares",), {"sfi": 0.9, "basic": 0.2}, "sum to more than 1"),
        (("end",), date(2024, 8, 2), "are no window"),
        (("first",), "2024-08-01", "is no date"),
        (("sites", "falun", "persons"), 0, "not a whole number"),
        (("sites", "falun", "persons"), True, "not a whole number"),
        (("sites", "falun", "format"), "ss12000", "format is unknown"),
        (("sites", "falun", "municipality"), "208", "no code of four digits"),
        (("sites", "falun", "project_start"), None, "is no date"),
    ],
)
def test_settings_that_cannot_be_are_refused(place: tuple[str, ...], value: Any, problem: str) -> None:
    told = deepcopy(TOLD)
    inner = told
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(InputError, match=problem) as caught:
        adult_settings_from(told, 1)
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["../elsewhere", "truth", ""])
def test_a_site_cannot_be_named_after_another_folder(name: str) -> None:
    told = deepcopy(TOLD)
    told["sites"][name] = told["sites"].pop("falun")
    with pytest.raises(InputError, match="no name of a site"):
        adult_settings_from(told, 1)


def test_identity_numbers_are_test_numbers_and_apart_between_sites(made_adults: Path) -> None:
    by_site = {}
    for site in TOLD["sites"]:
        truth = pq.read_table(made_adults / "truth" / site / "persons.parquet")["personnummer"].to_pylist()
        numbers = [read_identity(number) for number in truth]
        assert all(number.is_test or number.kind == "temporary" for number in numbers)
        by_site[site] = set(truth)
    everyone = set().union(*by_site.values())
    assert len(everyone) == sum(len(numbers) for numbers in by_site.values()) == 300


def test_numbers_change_and_the_aliases_tell(large_draw: AdultDraw, large_tables: dict[str, pa.Table]) -> None:
    aliases = large_tables["aliases"].to_pandas()
    people = set(large_tables["persons"]["person_id"].to_pylist())
    kinds = {read_identity(number).kind for number in aliases["old_id"]}
    assert kinds == {"temporary", "samordningsnummer"}
    assert {read_identity(number).kind for number in people} == {"personnummer", "samordningsnummer", "temporary"}
    assert set(aliases["new_id"]) <= people
    assert not set(aliases["old_id"]) & people
    assert {read_identity(number).kind for number in aliases["new_id"]} == {"personnummer"}
    used = set(large_tables["courses"]["person_id"].to_pylist())
    assert used & set(aliases["old_id"])
    assert used <= people | set(aliases["old_id"])
    assert len(large_draw.identities.aliased()) == len(aliases)


def test_every_table_is_as_the_schema_says(large_tables: dict[str, pa.Table]) -> None:
    known = set(large_tables["persons"]["person_id"].to_pylist()) | set(large_tables["aliases"]["old_id"].to_pylist())
    units = set(large_tables["school_units"]["school_id"].to_pylist())
    for name, content in large_tables.items():
        schema = table_schema(name)
        frame = content.to_pandas()
        assert len(frame), name
        for column in schema.columns:
            if column.name not in content.column_names:
                assert column.nullable or column.default, f"{name}.{column.name}"
                continue
            values = content[column.name]
            assert column.nullable or not values.null_count, f"{name}.{column.name}"
            distinct = pc.unique(values.drop_null()).to_pylist()
            if column.allowed:
                assert set(distinct) <= set(column.allowed), f"{name}.{column.name}"
            if column.references == "school_units.school_id":
                assert set(distinct) <= units, f"{name}.{column.name}"
            if column.references == "persons.person_id":
                assert set(distinct) <= known, f"{name}.{column.name}"
            if column.minimum is not None and distinct:
                assert min(distinct) >= column.minimum, f"{name}.{column.name}"
        assert not frame.duplicated(list(schema.key)).any(), name


def test_nothing_is_known_from_after_the_window(large_tables: dict[str, pa.Table]) -> None:
    future = {("courses", "planned_end"), ("plans", "due"), ("absences", "end")}
    for name, content in large_tables.items():
        for column in content.schema:
            if pa.types.is_date32(column.type) and (name, column.name) not in future:
                latest = pc.max(content[column.name]).as_py()
                assert latest is None or latest <= date(2026, 1, 1), f"{name}.{column.name}"


def test_intervals_run_forward_and_statuses_do_not_overlap(large_tables: dict[str, pa.Table]) -> None:
    for name in ("courses", "enrolments", "support", "participants", "statuses", "absences"):
        frame = large_tables[name].to_pandas()
        assert (frame["end"].isna() | (frame["end"] > frame["start"])).all(), name
    groups = {"statuses": ["person_id", "kind"], "enrolments": ["person_id", "school_type"]}
    for name, keys in groups.items():
        frame = large_tables[name].to_pandas().sort_values([*keys, "start"])
        following = frame.groupby(keys)["start"].shift(-1)
        assert (frame["end"].notna() | following.isna()).all(), name
        both = frame["end"].notna() & following.notna()
        assert (frame["end"][both] <= following[both]).all(), name


def test_lessons_are_within_courses_and_their_minutes_add_up(
    large_draw: AdultDraw, large_tables: dict[str, pa.Table]
) -> None:
    lessons = large_tables["attendance"].to_pandas()
    assert not lessons.duplicated(["person_id", "date", "start_minute"]).any()
    kinds = ["minutes_attended", "minutes_valid_absence", "minutes_invalid_absence", "minutes_other"]
    told = lessons[lessons["reported"]]
    assert (told[kinds].sum(axis=1) == told["minutes_offered"]).all()
    assert lessons.loc[~lessons["reported"], kinds].isna().all(axis=None)
    assert set(lessons["mode"]) == {"campus", "online", "placement"}
    assert 0.03 < 1 - lessons["reported"].mean() < 0.08
    days, courses = large_draw.days, large_draw.enrolled.courses
    end = courses["end"].where(courses["end"] > 0, 10**7).to_numpy()
    assert (days.day >= courses["start"].to_numpy()[days.row]).all()
    assert (days.day < end[days.row]).all()
    gone = days.day >= courses["last_attended"].to_numpy()[days.row]
    assert gone.any()
    assert (days.state[gone] > 0).all()


def test_mean_absence_is_as_assumed_while_enrolled() -> None:
    """On-site Komvux 22 % and SFI 26 %, in a calendar year of 4,000 persons."""
    told = AdultSettings(SEED, (replace(LARGE, persons=4000),), first=date(2024, 1, 1), end=date(2025, 1, 1))
    lessons = attendance_table(draw_adults(told, 0), stream(SEED, "falun", "attendance")).to_pandas()
    told = lessons[lessons["reported"]]
    away = told["minutes_valid_absence"] + told["minutes_invalid_absence"]
    for chosen, wanted in (
        (told["subject"] == "SFI", 26),
        ((told["subject"] != "SFI") & (told["mode"] == "campus"), 22),
    ):
        assert 100 * away[chosen].sum() / told["minutes_offered"][chosen].sum() == pytest.approx(wanted, abs=1.5)


def test_the_rule_of_three_weeks_ends_some_courses(large_draw: AdultDraw) -> None:
    courses = large_draw.enrolled.courses
    ruled = courses[courses["statutory"]]
    assert ((ruled["end"] - ruled["last_attended"]) >= 22).all()
    assert (ruled["outcome"] == DISCONTINUED).all()
    dropped = (courses["outcome"] == DISCONTINUED).sum()
    assert 0.3 < len(ruled) / dropped < 0.7


def test_reasons_are_told_of_those_who_left_and_of_most(large_tables: dict[str, pa.Table]) -> None:
    courses = large_tables["courses"].to_pandas()
    left = courses["outcome"] == "discontinued"
    told = courses["reason"][left].notna() & (courses["reason"][left] != "unknown")
    assert 100 * told.mean() == pytest.approx(72, abs=4)
    assert courses["reason"][courses["outcome"].isin(["completed", "no_show"])].isna().all()
    assert (courses["reason"][courses["outcome"] == "moved"] == "move").all()


def test_support_goes_to_need_and_lowers_dropout_as_planted(large_draw: AdultDraw) -> None:
    truth = adult_truth(large_draw)
    allocation, realised = truth["allocation"], truth["realised"]
    assert truth["planted_hazard_ratios"]["dropout_under_project_support"] == 0.5
    assert allocation["mean_need_with_project_support"] > allocation["mean_need_of_all"] + 0.4
    assert realised["dropouts_of_supported_persons"] < 0.93 * realised["dropouts_of_the_same_persons_without_effect"]
    hazard = supported_hazard(large_draw.careers) / supported_hazard(large_draw.without)
    assert hazard == pytest.approx(0.5, abs=0.15)


def supported_hazard(careers: Any) -> float:
    """Return dropouts a week of study under the project's support."""
    courses = careers.courses[careers.courses["outcome"] != NO_SHOW]
    spells = careers.support[careers.support["project"].astype(bool)]
    both = courses.merge(spells, on="track", suffixes=("", "_support"))
    end = both["end"].where(both["end"] > 0, date(2026, 1, 1).toordinal())
    weeks = (np.minimum(end, both["end_support"]) - np.maximum(both["start"], both["start_support"])).clip(lower=0) / 7
    within = (both["end"] > both["start_support"]) & (both["end"] <= both["end_support"])
    return float((within & (both["outcome"] == DISCONTINUED)).sum() / weeks.sum())


def test_without_an_effect_support_changes_nothing() -> None:
    site = replace(LARGE, persons=150, support_effect=1.0)
    _, careers, without = draw_persons(AdultSettings(4, (site,)), site)
    assert careers.courses.equals(without.courses)
    assert careers.support["project"].any()


def test_the_project_takes_third_country_nationals_from_its_first_day(large_tables: dict[str, pa.Table]) -> None:
    participants = large_tables["participants"].to_pandas()
    assert set(participants["citizenship"]) == {"third_country"}
    assert participants["person_id"].is_unique
    assert participants["start"].min() >= date(2023, 2, 1)
    staff = large_tables["staff_survey"].to_pandas().groupby("wave")["answer"].mean()
    assert 0.2 < staff["efter"] - staff["före"] < 1.0
    steps = ["none", "planned", "pilot", "partial", "full"]
    carried = large_tables["implementation"].to_pandas().sort_values(["component", "date"])
    rank = carried["step"].map(steps.index)
    assert (rank.groupby(carried["component"]).diff().dropna() >= 0).all()


def test_courses_bear_the_names_of_levels_from_july_2025(large_tables: dict[str, pa.Table]) -> None:
    courses = large_tables["courses"].to_pandas()
    upper = courses[(courses["course"] == "ENGENG05")]
    new = upper["start"] >= date(2025, 7, 1)
    assert set(upper["course_name"][new]) == {"Engelska nivå 1"}
    assert set(upper["course_name"][~new]) == {"Engelska 5"}


def test_every_export_can_be_read_and_holds_the_same_tables(made_adults: Path) -> None:
    tables = set(export_words()["tables"])
    for workbook, held in export_words()["workbooks"].items():
        book = load_workbook(made_adults / f"karlstad/{workbook}.xlsx")
        for table in held:
            rows = list(book[table_name(table)].values)
            assert list(rows[2][: len(headings(table))]) == headings(table)
            assert len(rows) > 3
    assert {table_name(table) for table in tables} >= {table_name("attendance")}
    for table in tables:
        first = (made_adults / "orebro" / f"{plain(table_name(table))}.csv").read_text("cp1252").splitlines()
        assert len(first) > 1
        assert len(first[0].split(";")) in (len(headings(table)), len(headings(table)) + 1)
        suffix = "csv" if table in FLAT_TABLES else "parquet"
        assert (made_adults / "falun" / f"{plain(table_name(table))}.{suffix}").is_file()
    assert set(database_content(made_adults / DATABASE)) == {plain(table_name(table)) for table in tables}
    assert pq.read_table(made_adults / "karlstad/narvaro.parquet").num_rows > 1000


@pytest.mark.parametrize("site", list(TOLD["sites"]))
def test_the_site_file_leads_every_export_into_the_store(made_adults: Path, tmp_path: Path, site: str) -> None:
    told = load_site(PARAMETERS / f"{site}.yml")
    summary = open_sources(
        [entry.source() for entry in told.sources],
        made_adults.parents[1],
        b"a key of the tests, long enough",
        tmp_path / "tables",
        memory="1GB",
        threads=1,
        municipality=told.municipality,
        on=date(2025, 3, 7),
    )
    truth = pq.read_table(made_adults / "truth" / site / "courses.parquet")
    assert summary.tables["persons"] == TOLD["sites"][site]["persons"]
    assert summary.tables["courses"] == truth.num_rows
    assert set(summary.tables) == set(export_words()["tables"]) - {"aliases"}
    stored = pq.read_table(tmp_path / "tables" / "courses.parquet").to_pandas()
    ends = dict(zip(truth["course_id"].to_pylist(), truth["end"].to_pylist(), strict=True))
    assert {key: end or None for key, end in ends.items()} == {
        key: None if pd.isna(end) else end for key, end in zip(stored["course_id"], stored["end"], strict=True)
    }
    held = b"".join(path.read_bytes() for path in (tmp_path / "tables").rglob("*") if path.is_file())
    assert not [name for name in FAMILY_NAMES if name.encode() in held and len(name) > 6]


def test_the_study_file_says_what_is_simulated() -> None:
    study = load_study(PARAMETERS / "study.yml")
    settings = adult_settings_from(study.simulation or {}, study.seed)
    assert [(site.municipality, site.format) for site in settings.sites] == [
        ("1780", "excel"),
        ("1880", "csv"),
        ("1488", "duckdb"),
        ("2080", "parquet"),
    ]
    assert len({settings.support_effect(site) for site in settings.sites}) == 4


def test_swedish_excel_writes_decimal_commas_and_dates_with_points(made_adults: Path) -> None:
    support = (made_adults / "orebro/insatser.csv").read_text("cp1252")
    assert ";0,5\n" in support or ";1,5\n" in support or ";4,5\n" in support
    contacts = (made_adults / "orebro/kontakter.csv").read_text("cp1252").splitlines()[1].split(";")
    assert contacts[2][2] == contacts[2][5] == "."
    summary = json.loads((made_adults / "truth/karlstad/summary.json").read_text("utf-8"))
    assert summary["planted_hazard_ratios"]["dropout_under_project_support"] == 0.6


def headings(table: str) -> list[str]:
    return list(export_words()["tables"][table]["columns"].values())
