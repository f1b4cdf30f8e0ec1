"""One definition, two engines: a site opened on Spark gives the same answers as on DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from small_study import small_project

import evalkit as ek
from evalkit.values import Cohort, Panel, Study, Table
from spark_engine import MEMORY, SMALL, THREADS, assert_alike


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, spark: Any) -> Callable[[str], Study]:
    """Give a small municipality by the name of the engine that its site file asks for."""
    folder = small_project(tmp_path_factory.mktemp("engines"))
    site = folder / "ale.yml"
    content = yaml.safe_load(site.read_text(encoding="utf-8"))

    def open_on(engine: str) -> Study:
        content["engine"] = {"name": engine, "memory": MEMORY, "threads": THREADS}
        site.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return ek.open_study(str(folder / "study.yml"), str(site))

    return open_on


@pytest.fixture(scope="module")
def answers(opened: Callable[[str], Study]) -> dict[str, tuple[Cohort, Panel, Table]]:
    return {engine: answered(opened(engine)) for engine in ("duckdb", "spark")}


def answered(study: Study) -> tuple[Cohort, Panel, Table]:
    backend = study.tables["attendance"].get_backend()
    for setting, value in SMALL.items() if backend.name == "pyspark" else ():
        backend._session.conf.set(setting, value)
    terms = study.tables.terms
    between = (str(terms[0].start), str(terms[-1].end))
    cohort = ek.build_cohort(study.tables, ek.cohorts.school_year_starters(year=7, between=between, as_of=between[1]))
    measures = [
        ek.attendance.rate(),
        ek.attendance.high_absence(0.15),
        ek.attendance.band(),
        ek.connectedness.index(),
        ek.forums.exposed(),
    ]
    panel = ek.build_panel(cohort, period="term", measures=measures)
    table = ek.tabulate(panel, measures[:2], by=["term", "school"], name="attendance_by_school")
    return cohort, panel, table


def test_each_site_is_answered_by_its_engine(answers: dict[str, tuple[Cohort, Panel, Table]]) -> None:
    backends = {engine: cohort.tables["persons"].get_backend().name for engine, (cohort, _, _) in answers.items()}
    assert backends == {"duckdb": "duckdb", "spark": "pyspark"}


def test_an_answer_of_one_engine_is_not_taken_for_the_other_s(answers: dict[str, tuple[Cohort, Panel, Table]]) -> None:
    origins = {engine: table.origin for engine, (_, _, table) in answers.items()}
    assert origins["duckdb"].engine == "duckdb"
    assert origins["spark"].engine.startswith("spark 4.0.")
    assert origins["duckdb"].tables == origins["spark"].tables


def test_the_cohort_is_the_same(answers: dict[str, tuple[Cohort, Panel, Table]]) -> None:
    there, here = answers["spark"][0], answers["duckdb"][0]
    assert len(here.frame) > 50
    assert_alike(there.frame, here.frame)
    assert there.flow.steps == here.flow.steps
    assert there.fingerprint == here.fingerprint


def test_the_panel_is_the_same(answers: dict[str, tuple[Cohort, Panel, Table]]) -> None:
    there, here = answers["spark"][1], answers["duckdb"][1]
    assert here.frame["attendance_rate"].notna().sum() > 100
    assert here.frame["connectedness_index"].notna().sum() > 10
    assert_alike(there.frame, here.frame)
    assert there.fingerprint == here.fingerprint


def test_the_table_is_the_same(answers: dict[str, tuple[Cohort, Panel, Table]]) -> None:
    there, here = answers["spark"][2], answers["duckdb"][2]
    assert_alike(there.frame, here.frame)
    assert there.universe == here.universe
