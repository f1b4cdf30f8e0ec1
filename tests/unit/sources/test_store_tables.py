"""What is stored: layout, order, equal bytes, one move; and the digest of what was read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from small_site import KEY, TABLES, attendance, event, small_site, take_in, write_pages

from evalkit.sources import Layout, Source, digest_inputs, open_tables
from evalkit.sources.engine import bytes_of

SOURCE = Source(Layout("ss12000", Path("pages")), TABLES)
PROGRAM = """
import sys
from pathlib import Path
from evalkit.sources import Layout, Source, open_sources
root = Path(sys.argv[1])
source = Source(Layout("ss12000", Path("pages")), tuple(sys.argv[3].split()))
open_sources([source], root, sys.argv[4].encode(), root / sys.argv[2], memory="1GB", threads=2, municipality="1481")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    records = small_site()
    records["persons"][0]["enrolments"][1]["endDate"] = "2025-06-30"
    records["calendarEvents"].append(event("n1", "maths", "2024-09-02T08:30:00+02:00", "2024-09-02T09:30:00+02:00"))
    records["attendances"].append(attendance("n1", "alva", 60))
    write_pages(records, tmp_path / "pages")
    return tmp_path


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def test_layout_order_and_rights(root: Path) -> None:
    summary = take_in([SOURCE], root, root / "store" / "tables" / "abc")
    out = root / "store" / "tables" / "abc"
    assert set(files_of(out)) == {
        "attendance/2023-24.parquet",
        "attendance/2024-25.parquet",
        "enrolments.parquet",
        "grades.parquet",
        "persons.parquet",
        "school_units.parquet",
    }
    assert summary.tables == {"persons": 4, "school_units": 2, "enrolments": 5, "attendance": 10, "grades": 2}
    tables = open_tables(out)
    assert list(tables) == list(TABLES)
    stored = tables["attendance"].select("school_id", "date", "person_id", "start_minute").to_pyarrow().to_pylist()
    assert stored == sorted(stored, key=lambda row: tuple(row.values()))
    assert {path.name for path in out.parent.iterdir()} == {"abc"}, "nothing is left beside"
    assert set(open_tables(out, ["persons", "grades"])) == {"persons", "grades"}
    with pytest.raises(KeyError, match="no table survey is stored; there are persons"):
        open_tables(out, ["survey"])
    for path in [out, *out.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_equal_bytes_in_two_processes_whatever_the_hash_seed_and_time_zone(root: Path) -> None:
    made = []
    for name, seed, zone in (("one", "1", "UTC"), ("two", "2", "Pacific/Kiritimati")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        command = [sys.executable, "-c", PROGRAM, str(root), name, " ".join(TABLES), KEY.decode()]
        subprocess.run(command, check=True, env=environment)
        made.append(files_of(root / name))
    assert made[0] == made[1]


def test_a_second_import_takes_the_place_of_the_first(root: Path) -> None:
    take_in([SOURCE], root, root / "store" / "out")
    (root / "store" / "out" / "stale.parquet").write_bytes(b"")
    take_in([SOURCE], root, root / "store" / "out")
    assert "stale.parquet" not in files_of(root / "store" / "out")
    assert {path.name for path in (root / "store").iterdir()} == {"out"}


def test_the_digest_is_of_content_and_of_nothing_else(root: Path) -> None:
    other = Source(Layout("ss12000", Path("pages")), ("persons",))
    before = digest_inputs([SOURCE], root)
    assert digest_inputs([other, SOURCE], root) == before, "each file counts once, in any order"
    page = root / "pages" / "grades" / "0000.json"
    os.utime(page, (0, 0))
    assert digest_inputs([SOURCE], root) == before
    page.write_bytes(page.read_bytes() + b" ")
    assert digest_inputs([SOURCE], root) != before


def test_memory_is_written_with_its_unit() -> None:
    assert (bytes_of("2GB"), bytes_of("500 MB"), bytes_of("1.5GiB")) == (2_000_000_000, 500_000_000, 1_610_612_736)
    with pytest.raises(ValueError, match="memory is written 2GB"):
        bytes_of("much")
