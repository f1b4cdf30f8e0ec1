"""Hostile files end in a clear error or a correct reading, in a child with limits: never a hang, never half a store."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

import hostile_worker
from hostile_files import (
    SECRET,
    Case,
    csv_cases,
    date_cases,
    entry,
    fuzzed,
    packed_pages,
    place_cases,
    sound,
    sound_bytes,
)
from hostile_workbooks import HEAVY, workbook_cases
from hostile_worker import Answer, Task, Worker

FUZZED = 60
CASES = [
    case
    for case in (*csv_cases(), *date_cases(), *place_cases(), *packed_pages(), *workbook_cases())
    if case.name not in HEAVY
]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


def task(case: Case, folder: Path) -> Task:
    root = folder / "project"
    root.mkdir(parents=True)
    return {"root": str(root), "out": str(folder / "store" / "t"), "sources": case.make(root), "secrets": [SECRET]}


def assert_harmless(answer: Answer, expected: str) -> None:
    allowed = ("read", "refused") if expected == "either" else (expected,)
    assert answer["outcome"] in allowed, answer["told"]
    assert answer["leaks"] == []
    assert bool(answer["left"]) == (answer["outcome"] == "read")
    assert not [path for path in answer["left"] if ".taking-in-" in path]
    assert answer["told"].isprintable() or set(answer["told"]) - {"\n"} <= {
        c for c in answer["told"] if c.isprintable()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name[:60].encode("ascii", "replace").decode())
def test_a_hostile_file_is_refused_or_read(case: Case, worker: Worker, tmp_path: Path) -> None:
    assert_harmless(worker.ask(task(case, tmp_path)), case.expected)


def test_damaged_files_are_refused_or_read(worker: Worker, tmp_path: Path) -> None:
    contents = sound_bytes(tmp_path / "sound")
    outcomes = set()
    for number, case in enumerate(islice(fuzzed(contents, random.Random(3)), FUZZED)):
        answer = worker.ask(task(case, tmp_path / str(number)))
        assert_harmless(answer, case.expected)
        outcomes.add(answer["outcome"])
    assert outcomes == {"read", "refused"}


@pytest.mark.parametrize("kind", ["csv", "excel", "parquet", "duckdb"])
def test_no_room_while_staging_is_told_and_leaves_nothing(kind: str, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    lines = "".join(f"{10_000_000 + n};{SECRET}{n};1481\n" for n in range(20_000))
    sound(kind, tmp_path / "project" / entry(kind)["path"])
    (tmp_path / "project" / "big.csv").write_text("school_id;name;municipality\n" + lines)
    asked = {
        "root": str(tmp_path / "project"),
        "out": str(tmp_path / "store" / "t"),
        "sources": [entry("csv", "big.csv"), entry(kind)],
        "secrets": [SECRET],
    }
    with Worker(file_size=20_000) as small:
        answer = small.ask(asked)
    assert_harmless(answer, "refused")
    assert "no room left on the disk" in answer["told"]


def begin(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """Begin an intake of 300,000 rows in a process of its own."""
    program = f"""
import sys
sys.path.insert(0, {str(Path(hostile_worker.__file__).parent)!r})
from hostile_worker import answer
from hostile_files import entry
import shutil
shutil.rmtree = lambda *_, **__: None if str(_[0]) == {str(out.parent)!r} else REAL(*_, **__)
sources = [entry("csv", "big.csv")]
print(answer({{"root": {str(folder)!r}, "out": {str(out)!r}, "sources": sources}})["outcome"])
""".replace("shutil.rmtree = ", "REAL = shutil.rmtree\nshutil.rmtree = ")
    return subprocess.Popen([sys.executable, "-W", "ignore", "-c", program], stdout=subprocess.PIPE)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    lines = "".join(f"{10_000_000 + n};skola {n};1481\n" for n in range(300_000))
    (tmp_path / "big.csv").write_text("school_id;name;municipality\n" + lines)
    return tmp_path


def test_an_intake_that_is_killed_leaves_no_tables_and_the_next_is_whole(large: Path) -> None:
    out = large / "store" / "t"
    killed = begin(large, out)
    until = time.monotonic() + 60
    while not list(out.parent.glob(".taking-in-*/stage.duckdb")) and time.monotonic() < until:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert list(out.parent.glob(".taking-in-*")), "it was killed in the middle"
    assert not out.exists()
    told, _ = begin(large, out).communicate(timeout=60)
    assert told.split() == [b"read"]
    assert [path.name for path in out.parent.rglob("*")] == ["t", "school_units.parquet"]


def test_two_intakes_at_once_leave_one_whole_store(large: Path) -> None:
    out = large / "store" / "t"
    both = [begin(large, out), begin(large, out)]
    assert [child.communicate(timeout=60)[0].split() for child in both] == [[b"read"], [b"read"]]
    assert sorted(path.name for path in out.parent.rglob("*")) == ["school_units.parquet", "t"]
