from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from evalkit.errors import InputError
from evalkit.sources.marker import MARKER
from evalkit.sources.simulation import run, settings_from, simulate
from evalkit.sources.simulation.pages import PageWriter
from evalkit.sources.simulation.text import dates, day_offsets, joined, numbered, picked, record_id, record_ids

SEED = 4
TOLD: dict[str, Any] = {
    "lessons_per_week": 2,
    "page_size": 700,
    "school_years": ["2022/23", "2023/24"],
    "sites": {
        "ale": {"name": "Ale", "municipality": "1440", "format": "ss12000", "pupils": 30, "schools": 2},
        "goteborg": {"name": "Göteborg", "municipality": "1480", "format": "parquet", "pupils": 36, "schools": 3},
        "lerum": {"name": "Lerum", "municipality": "1441", "format": "csv", "pupils": 18, "schools": 2},
    },
}
SCRIPT = """
import json, sys
from pathlib import Path
from evalkit.sources.simulation import settings_from, simulate
simulate(settings_from(json.loads(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[3]))
"""


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated") / "out"
    simulate(settings_from(TOLD, SEED), out)
    return out


def test_another_process_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    elsewhere = {"PYTHONHASHSEED": "77", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    command = [sys.executable, "-c", SCRIPT, json.dumps(TOLD), str(SEED), str(tmp_path / "other")]
    subprocess.run(command, check=True, env=os.environ | elsewhere)
    assert digests(tmp_path / "other") == digests(made)


def test_another_seed_gives_other_pupils(made: Path, tmp_path: Path) -> None:
    simulate(settings_from(TOLD, SEED + 1), tmp_path / "other")
    ours, theirs = digests(made), digests(tmp_path / "other")
    assert not {name for name in ours.keys() & theirs.keys() if ours[name] == theirs[name]} - {
        "ale/ss12000/syllabuses/00001.json.gz",
        "ale/ss12000/organisations/00001.json.gz",
        "goteborg/skolor.parquet",
        "lerum/skolor.csv",
    }


def test_a_site_does_not_depend_on_the_size_of_the_others(made: Path, tmp_path: Path) -> None:
    told = deepcopy(TOLD)
    told["sites"]["goteborg"]["pupils"] = 60
    simulate(settings_from(told, SEED), tmp_path / "other")
    ours, theirs = digests(made), digests(tmp_path / "other")
    for site in ("ale/", "lerum/", "truth/ale/", "truth/lerum/"):
        same = {name: digest for name, digest in ours.items() if name.startswith(site)}
        assert same == {name: digest for name, digest in theirs.items() if name.startswith(site)}
    assert ours["goteborg/elever.parquet"] != theirs["goteborg/elever.parquet"]


def test_the_summary_counts_what_was_written(made: Path, tmp_path: Path) -> None:
    summary = simulate(settings_from(TOLD, SEED), tmp_path / "out")
    assert [site.site for site in summary.sites] == ["ale", "goteborg", "lerum"]
    lerum = summary.sites[2]
    rows = (tmp_path / "out/lerum/narvaro.csv").read_bytes().count(b"\r\n") - 1
    assert lerum.lesson_rows == rows
    assert lerum.bytes == sum(path.stat().st_size for path in (tmp_path / "out/lerum").iterdir())
    assert f"lerum: 2 schools, {lerum.persons} pupils, {rows} lesson rows" in str(summary)


def test_an_earlier_simulation_is_replaced_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    simulate(settings_from(TOLD, SEED), out)
    (out / "ale" / "left.txt").write_text("from before")
    simulate(settings_from(TOLD, SEED), out)
    assert not (out / "ale" / "left.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    simulate(settings_from(TOLD, SEED), tmp_path / "out")
    assert (tmp_path / "out" / MARKER).is_file()


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_no_simulation_wrote_is_left_alone(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "folder":
        out.mkdir()
    precious = out / "real.csv" if kind == "folder" else out
    precious.write_text("real data")
    with pytest.raises(InputError, match="no simulation wrote") as caught:
        simulate(settings_from(TOLD, SEED), out)
    assert caught.value.remedy
    assert precious.read_text() == "real data"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_simulation_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    simulate(settings_from(TOLD, SEED), out)
    before = digests(out)

    def broken(*_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(run, "write_truth", broken)
    with pytest.raises(RuntimeError, match="disk full"):
        simulate(settings_from(TOLD, SEED + 1), out)
    assert digests(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_several_processes_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    simulate(settings_from(TOLD, SEED), tmp_path / "other", workers=2)
    assert digests(tmp_path / "other") == digests(made)


@pytest.mark.parametrize(("records", "pages"), [(0, [0]), (3, [3]), (4, [4]), (5, [4, 1]), (9, [4, 4, 1])])
def test_pages_hold_all_records_and_tell_whether_more_come(tmp_path: Path, records: int, pages: list[int]) -> None:
    writer = PageWriter(tmp_path, "grades", 4)
    texts = [json.dumps({"id": number, "å": "ö"}, ensure_ascii=False) + "," for number in range(records)]
    for start in range(0, records, 2):
        writer.add(pa.array(texts[start : start + 2]))
    writer.close()
    read = [json.loads(gzip.decompress(path.read_bytes())) for path in sorted((tmp_path / "grades").iterdir())]
    assert [len(page["data"]) for page in read] == pages
    assert [record["id"] for page in read for record in page["data"]] == list(range(records))
    assert [page["pageToken"] is None for page in read] == [False] * (len(pages) - 1) + [True]
    assert writer.count == records


def test_texts_are_joined_row_by_row() -> None:
    array = joined("<", picked(["a", "ö"], np.array([1, 0, 1])), "-", numbered(np.array([7, 8, 9])), ">")
    assert array.to_pylist() == ["<ö-7>", "<a-8>", "<ö-9>"]
    assert dates(np.array([738886, 0])).to_pylist() == ["2024-01-01", ""]


def test_record_ids_run_on_over_blocks() -> None:
    expected = [record_id("1480", 0xC001, number) for number in range(4090, 4105)]
    assert record_ids("1480", 0xC001, 4090, 15).to_pylist() == expected
    assert expected[0] == "1480c001-0000-4000-8000-000000000ffa"


def test_summer_time() -> None:
    from datetime import date

    days = [date(2024, 3, 30), date(2024, 3, 31), date(2024, 10, 26), date(2024, 10, 27), date(2023, 1, 9)]
    assert day_offsets(days) == ["+01:00", "+02:00", "+02:00", "+01:00", "+01:00"]
