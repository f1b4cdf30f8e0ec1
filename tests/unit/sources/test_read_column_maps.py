"""Column maps: what a site file alone can make of someone else's columns, and how it is told what it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small_site import ALVA, BO, rows_of, take_in

from evalkit.errors import InputError
from evalkit.sources import ColumnMap, Layout, Lookup, Source, open_tables

SCHOOLS = Source(
    Layout("csv", Path("skolor.csv"), encoding="utf-8", separator=";"),
    ("school_units",),
    columns={"school_id": "Kod", "name": "Namn"},
)


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def schools(folder: Path, text: str, **changes: Any) -> list[tuple[Any, ...]]:
    write(folder, "skolor.csv", text)
    take_in([replace(SCHOOLS, **changes)], folder, folder / "out")
    columns = ("school_id", "name", "municipality", "school_types")
    return rows_of(open_tables(folder / "out")["school_units"], *columns)


def refusal(folder: Path, text: str, **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        schools(folder, text, **changes)
    assert not (folder / "out").exists()
    return str(caught.value)


def mapped(**entries: str | ColumnMap) -> dict[str, str | ColumnMap]:
    return {**SCHOOLS.columns, **entries}


def test_parse_combine_constant_and_otherwise(tmp_path: Path) -> None:
    columns = mapped(
        school_id=ColumnMap(column="Kod", parse=r"^enhet (\d{8})$"),
        name=ColumnMap(combine=("Namn", "Ort"), between=", "),
        municipality=ColumnMap(constant="0180"),
        school_types=ColumnMap(column="Form", otherwise="Förr"),
    )
    text = "Kod;Namn;Ort;Form;Förr\nenhet 12345678;Ettan;Ale;;GR\nenhet 12345679;Tvåan;Lerum;GY;GR\n"
    stored = schools(tmp_path, text, columns=columns)
    assert stored == [("12345678", "Ettan, Ale", "0180", "GR"), ("12345679", "Tvåan, Lerum", "0180", "GY")]


def test_what_parse_does_not_match_is_a_fault_with_its_row(tmp_path: Path) -> None:
    columns = mapped(school_id=ColumnMap(column="Kod", parse=r"^\d{8}$"))
    told = refusal(tmp_path, "Kod;Namn\n12345678;A\nx12345678;B\ny12345678;C\n", columns=columns)
    assert "2 rows, the first of them here: expected a text that `parse` matches" in told
    assert "skolor.csv, row 3, column Kod" in told
    assert "x1234" not in told


def test_a_part_that_is_missing_makes_no_half_text(tmp_path: Path) -> None:
    columns = mapped(name=ColumnMap(combine=("Namn", "Ort"), between=", "))
    told = refusal(tmp_path, "Kod;Namn;Ort\n12345678;A;\n", columns=columns)
    assert "a value, but the cell is empty\n  where: skolor.csv, row 2, column Namn + Ort" in told


def test_distinct_rows_are_kept_once(tmp_path: Path) -> None:
    text = "Kod;Namn;Annat\n12345678;A;1\n12345678;A;2\n12345679;B;3\n"
    assert len(schools(tmp_path, text, distinct=True)) == 2
    (tmp_path / "out").rename(tmp_path / "before")
    assert "an earlier row has the same" in refusal(tmp_path, text)


SUPPORT = Source(
    Layout("csv", Path("stod.csv"), encoding="utf-8", separator=";"),
    ("support",),
    columns={
        "person_id": "Nummer",
        "provider": ColumnMap(column="Poäng", bands=((10, "ifo"), (20.5, "counsellor"), (None, "pupil_health"))),
        "kind": ColumnMap(constant="samtal"),
        "start": ColumnMap(column="Dag", days_after="2023-08-31"),
        "end": ColumnMap(column="Till", days_after="Termin"),
    },
    values={"end": {"slut": "100"}},
)
PERSONS = Source(Layout("csv", Path("elever.csv"), encoding="utf-8", separator=";"), ("persons",))


def support(folder: Path, rows: str, **changes: Any) -> list[tuple[Any, ...]]:
    write(folder, "elever.csv", f"person_id;sex\n{ALVA};woman\n{BO};man\n")
    write(folder, "stod.csv", "Nummer;Poäng;Dag;Till;Termin\n" + rows.replace("ALVA", ALVA).replace("BO", BO))
    take_in([PERSONS, replace(SUPPORT, **changes)], folder, folder / "out")
    return rows_of(open_tables(folder / "out")["support"], "provider", "start", "end")


def test_bands_and_days_after(tmp_path: Path) -> None:
    stored = support(
        tmp_path,
        "ALVA;9,9;1;10;2023-09-30\nALVA;10;-1;slut;20230930\nBO;20,5;0;;\nBO;20,4;182;1 000;2023-01-01 00:00\n",
    )
    assert stored == sorted(
        [
            ("ifo", date(2023, 9, 1), date(2023, 10, 10)),
            ("counsellor", date(2023, 8, 30), date(2024, 1, 8)),
            ("pupil_health", date(2023, 8, 31), None),
            ("counsellor", date(2024, 2, 29), date(2025, 9, 27)),
        ],
        key=str,
    ), "a bound belongs to the band above it, codes come before days, and no days give no date"


def test_days_that_are_none_and_days_without_a_start_are_faults(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        support(tmp_path, "ALVA;x;1;10;2023-09-30\nBO;1;halv;1;\n")
    told = str(caught.value)
    assert "expected a number within the bands\n  where: stod.csv, row 2, column Poäng" in told
    assert "expected a whole number of days\n  where: stod.csv, row 3, column Dag" in told
    assert "expected the date that days are counted from\n  where: stod.csv, row 3, column Termin" in told


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (ColumnMap(column="Namn", parse="("), "`parse` is no regular expression"),
        (ColumnMap(column="Namn", parse="(?=x)"), "`parse` looks ahead"),
        (ColumnMap(column="Namn", constant="x"), "a column is mapped by one of"),
        (ColumnMap(), "a column is mapped by one of"),
        (ColumnMap(column="Namn", bands=((2, "a"), (1, "b"))), "the bounds of `bands` do not ascend"),
        (ColumnMap(column="Namn", bands=((None, "a"), (1, "b"))), "the bounds of `bands` do not ascend"),
        (ColumnMap(constant="x", otherwise="Namn"), "`otherwise` stands beside `column` only"),
    ],
)
def test_maps_that_cannot_work(entry: ColumnMap, told: str, tmp_path: Path) -> None:
    assert told in refusal(tmp_path, "Kod;Namn\n12345678;A\n", columns=mapped(name=entry))


def with_lookup(match: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    layout = Layout("csv", Path("orter.csv"), encoding="utf-8", separator=";")
    lookup = Lookup(layout, match or {"Ortkod": "Kod"}, **more)
    return {"lookups": {"ort": lookup}, "columns": mapped(municipality="ort.Kommun")}


ROWS = "Kod;Namn;Ortkod\n12345678;A;1\n12345679;B; 2\n"


def test_lookups_are_joined_by_key(tmp_path: Path) -> None:
    write(tmp_path, "orter.csv", "Kod;Kommun\n1;180\n2;1480\n3;\n")
    assert [row[2] for row in schools(tmp_path, ROWS, **with_lookup())] == ["0180", "1480"]


def test_lookups_with_doubles_or_without_a_match_are_faults(tmp_path: Path) -> None:
    write(tmp_path, "orter.csv", "Kod;Kommun\n1;180\n2;1480\n2;1481\n")
    told = refusal(tmp_path, ROWS, **with_lookup())
    assert "1 key of the lookup ort stand in several rows\n  where: orter.csv, row 4, column Kod" in told
    write(tmp_path, "orter.csv", "Kod;Kommun\n1;180\n")
    told = refusal(tmp_path, ROWS, **with_lookup())
    assert "1 row: the lookup ort has no row for this\n  where: skolor.csv, row 3, column Ortkod" in told
    stored = schools(tmp_path, ROWS, **with_lookup(unmatched="missing"))
    assert [row[2] for row in stored] == ["0180", "1481"], "the site's own code stands where there is none"


def test_a_lookup_may_match_by_several_columns_and_by_another_lookup(tmp_path: Path) -> None:
    write(tmp_path, "orter.csv", "Kod;Kommun;Region\n1;180;a\n2;1480;b\n")
    write(tmp_path, "regioner.csv", "Region;Kommun;Form\na;180;GR\nb;1480;GY\na;1480;X\n")
    said = with_lookup()
    layout = Layout("csv", Path("regioner.csv"), encoding="utf-8", separator=";")
    said["lookups"]["region"] = Lookup(layout, {"ort.Region": "Region", "ort.Kommun": "Kommun"})
    said["columns"]["school_types"] = "region.Form"
    assert [row[3] for row in schools(tmp_path, ROWS, **said)] == ["GR", "GY"]


def test_a_heading_that_a_lookup_lacks_is_told_with_its_file(tmp_path: Path) -> None:
    write(tmp_path, "orter.csv", "Kod;Komun\n1;180\n")
    told = refusal(tmp_path, ROWS, **with_lookup())
    assert "the file has no column Kommun" in told
    assert "orter.csv, row 1, column Kommun" in told
