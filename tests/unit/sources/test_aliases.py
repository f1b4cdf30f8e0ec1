"""Aliases: all records of an earlier identity follow the newest; what contradicts itself is told by rows."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_site import ALVA, BO, CIM, KEY, TABLES, pseudonym_of, rows_of, small_site, take_in, write_pages

from evalkit.errors import SourceFaultsError
from evalkit.sources import Layout, Source, open_tables
from evalkit.sources.aliases import Change, newest
from evalkit.sources.pseudonyms import pseudonym
from evalkit.sources.register import FileEntry, FileRegister
from evalkit.vocabulary import test_number as number_of

NEW = number_of(date(2010, 7, 8), 0, sex="woman")
NEWEST = number_of(date(2010, 7, 9), 0, sex="woman")
PAGES = Source(Layout("ss12000", Path("pages")), TABLES)
ALIASES = Source(Layout("csv", Path("alias.csv")), ("aliases",), columns={"old_id": "Gammalt", "new_id": "Nytt"})
thorough = settings(max_examples=200, derandomize=True, database=None, deadline=None)


def register() -> FileRegister:
    entries = FileRegister()
    entries.add(FileEntry("alias.csv", {"aliases.old_id": "Gammalt", "aliases.new_id": "Nytt"}))
    return entries


def changes(*pairs: tuple[str, str]) -> list[Change]:
    return [Change(old, new, row) for row, (old, new) in enumerate(pairs, start=2)]


def test_chains_lead_to_the_newest_and_count_their_steps() -> None:
    found, faults = newest(changes(("b", "c"), ("a", "b"), ("x", "y"), ("a", "b"), ("q", "q")), register())
    assert faults == []
    assert found == {"a": ("c", 2), "b": ("c", 1), "x": ("y", 1)}


def test_two_persons_may_become_one() -> None:
    assert newest(changes(("a", "c"), ("b", "c")), register())[0] == {"a": ("c", 1), "b": ("c", 1)}


@pytest.mark.parametrize(
    ("pairs", "problem", "rows"),
    [
        ([("a", "b"), ("x", "y"), ("a", "c")], "became two different new_id", "rows 2, 4"),
        ([("a", "b"), ("b", "a")], "circle", "rows 2, 3"),
        ([("a", "b"), ("x", "y"), ("b", "c"), ("c", "b")], "circle", "rows 2, 4, 5"),
        ([(f"n{i}", f"n{(i + 1) % 8}") for i in range(8)], "circle", "rows 2, 3, 4, 5, 6 and 3 more"),
    ],
)
def test_contradictions_are_told_by_rows(pairs: list[tuple[str, str]], problem: str, rows: str) -> None:
    found, faults = newest(changes(*pairs), register())
    assert found == {}
    assert [problem in str(fault) for fault in faults] == [True]
    assert rows in str(faults[0])
    assert "alias.csv, row 2" in str(faults[0])


@thorough
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=14))
def test_the_newest_is_where_plain_following_ends(pairs: list[tuple[int, int]]) -> None:
    found, faults = newest(changes(*[(str(old), str(new)) for old, new in pairs]), register())
    step: dict[str, set[str]] = {}
    for old, new in pairs:
        if old != new:
            step.setdefault(str(old), set()).add(str(new))
    forked = any(len(ways) > 1 for ways in step.values())
    ends = {}
    for start in step:
        here, steps = start, 0
        while here in step and steps <= len(step):
            here, steps = min(step[here]), steps + 1
        ends[start] = (here, steps)
    circular = any(steps > len(step) for _, steps in ends.values())
    assert bool(faults) == (forked or circular)
    assert found == ({} if faults else ends)


def write(path: Path, *rows: tuple[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("Gammalt", "Nytt"), *rows])


def test_records_of_an_earlier_number_follow_the_newest_from_every_kind_of_source(tmp_path: Path) -> None:
    """Cim's temporary number became a real one, which changed; the survey has it as it was at the time."""
    write_pages(small_site(), tmp_path / "pages")
    write(tmp_path / "alias.csv", (f"{CIM[:8]}-{CIM[8:]}", NEW), (NEW[:8] + " " + NEW[8:], NEWEST))
    answers = [("person_id", "wave", "date", "item", "dimension", "answer")]
    answers += [
        (who, "HT2023", "2023-10-01", f"i{n}", "affective", 3) for n, who in enumerate((CIM, NEW, NEWEST, ALVA))
    ]
    with (tmp_path / "enkat.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(answers)
    survey = Source(Layout("csv", Path("enkat.csv")), ("survey",))
    take_in([PAGES, survey, ALIASES], tmp_path, tmp_path / "out")
    tables = open_tables(tmp_path / "out")
    assert "aliases" not in tables
    people = {person for (person,) in rows_of(tables["persons"], "person_id")}
    assert {pseudonym_of(NEWEST), pseudonym_of(ALVA), pseudonym_of(BO)} <= people
    assert not {pseudonym_of(CIM), pseudonym_of(NEW)} & people
    for name in ("enrolments", "attendance"):
        there = {person for (person,) in rows_of(tables[name], "person_id")}
        assert pseudonym_of(NEWEST) in there
        assert pseudonym_of(CIM) not in there
    asked = dict(rows_of(tables["survey"], "item", "person_id"))
    assert [asked[f"i{n}"] for n in range(4)] == [pseudonym_of(NEWEST)] * 3 + [pseudonym_of(ALVA)]


def people_file(path: Path, *rows: tuple[str, str]) -> Source:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("person_id", "sex"), *rows])
    return Source(Layout("csv", Path(path.name)), ("persons",))


def test_a_person_s_row_under_the_newest_number_is_the_one_that_stays(tmp_path: Path) -> None:
    persons = people_file(tmp_path / "elever.csv", (CIM, "unknown"), (ALVA, "woman"), (NEWEST, "woman"), (NEW, "man"))
    write(tmp_path / "alias.csv", (CIM, NEW), (NEW, NEWEST))
    take_in([persons, ALIASES], tmp_path, tmp_path / "out")
    stored = rows_of(open_tables(tmp_path / "out")["persons"], "person_id", "sex")
    assert dict(stored) == {pseudonym_of(NEWEST): "woman", pseudonym_of(ALVA): "woman"}


def test_the_same_row_twice_stays_a_fault(tmp_path: Path) -> None:
    persons = people_file(tmp_path / "elever.csv", (CIM, "unknown"), (ALVA, "woman"), (ALVA, "woman"))
    write(tmp_path / "alias.csv", (CIM, NEW))
    with pytest.raises(SourceFaultsError) as refused:
        take_in([persons, ALIASES], tmp_path, tmp_path / "out")
    assert "elever.csv" in str(refused.value)


def test_aliases_hold_for_their_own_scheme_only(tmp_path: Path) -> None:
    persons = replace(people_file(tmp_path / "elever.csv", ("s-1", "man"), ("s-2", "woman")), identities="student id")
    write(tmp_path / "alias.csv", ("s-1", "s-9"))
    for scheme, expected in (("student id", "s-9"), ("another id", "s-1")):
        take_in([persons, replace(ALIASES, identities=scheme)], tmp_path, tmp_path / scheme)
        stored = dict(rows_of(open_tables(tmp_path / scheme)["persons"], "sex", "person_id"))
        assert stored["man"] == pseudonym(expected, KEY, "student id")


def test_faults_of_an_alias_file_name_rows_and_never_values(tmp_path: Path) -> None:
    persons = people_file(tmp_path / "elever.csv", (ALVA, "woman"))
    wrong = ALVA[:11] + str((int(ALVA[11]) + 1) % 10)
    write(tmp_path / "alias.csv", (wrong, NEW), (CIM, ""), (CIM, NEW), (CIM, NEWEST))
    with pytest.raises(SourceFaultsError) as refused:
        take_in([persons, ALIASES], tmp_path, tmp_path / "out")
    told = str(refused.value)
    assert "alias.csv, row 2, column Gammalt" in told
    assert "check digit" in told
    assert "alias.csv, row 3, column Nytt" in told
    assert "rows 4, 5" in told
    assert not any(value in told for value in (wrong, ALVA, CIM, NEW, NEWEST))
    assert not (tmp_path / "out").exists()
