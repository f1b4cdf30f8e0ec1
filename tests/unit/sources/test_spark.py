"""Spark as it is started, limited, silenced and stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from evalkit.errors import InputError, RunError
from evalkit.sources.spark import connect_spark, installed_version, read_parquet

ASKS = """
import sys
from pathlib import Path
from evalkit.errors import InputError
from evalkit.sources.spark import connect_spark
try:
    connect_spark(memory=sys.argv[2], threads=1, scratch=Path(sys.argv[1]))
except InputError as fault:
    sys.exit(str(fault))
"""
IS_ENDED = """
import os, signal, sys
from pathlib import Path
import ibis
from evalkit.errors import RunError
from evalkit.sources.spark import connect_spark
backend = connect_spark(memory="1GB", threads=1, scratch=Path(sys.argv[1]))
rows = ibis.memtable({"name": ["Hemlig"]})
assert backend.execute(rows.count()) == 1
try:
    backend.execute(rows.mutate(number=rows.name.cast("int64")))
except RunError:
    print(backend._session.sparkContext._gateway.proc.pid, flush=True)
os.kill(os.getpid(), signal.SIGTERM)
"""


def asked(folder: Path, memory: str = "1GB", **environment: str) -> str:
    """Start Spark in a process of its own that fails, and return what the terminal showed."""
    kept = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    done = subprocess.run(
        [sys.executable, "-c", ASKS, str(folder / "scratch"), memory],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert not (folder / "scratch").exists()
    return done.stdout + done.stderr


def test_without_pyspark_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [])
    with pytest.raises(InputError, match=r"pip install 'evalkit\[spark\]'"):
        installed_version()


def test_without_java_the_remedy_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    told = asked(tmp_path, PATH=str(tmp_path))
    assert told.startswith("`engine: spark` needs Java, which is not installed\n")
    assert "Java 17" in told


def test_a_java_that_does_not_start_is_told_in_one_voice(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 19990101-9999 Hemlig >&2\nexit 1\n")
    java.chmod(0o755)
    told = asked(tmp_path, JAVA_HOME=str(tmp_path))
    assert told.startswith("Spark did not start\n")
    assert "Hemlig" not in told


def test_too_little_memory_is_told_before_anything_starts(spark: Any, tmp_path: Path) -> None:
    assert "1GB or more" in asked(tmp_path, "600MB")


def test_a_path_that_spark_would_split_is_refused(spark: Any, tmp_path: Path) -> None:
    folder = tmp_path / "a,b"
    folder.mkdir()
    assert "comma" in asked(folder)


def test_other_limits_need_another_process(spark: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="other memory, threads or master"):
        connect_spark(memory="3GB", threads=2, scratch=tmp_path)


def test_two_sites_open_at_once_are_kept_apart(spark: Any, tmp_path: Path) -> None:
    from spark_engine import MEMORY, THREADS

    opened = []
    # signs that mean something in a pattern of paths
    for name in ("one{a}", "two[b]*"):
        folder = tmp_path / name
        folder.mkdir()
        for part in ("2022-23", "2023-24"):
            pd.DataFrame({"site": [name], "day": [date(2024, 2, 29)]}).to_parquet(folder / f"{part}.parquet")
        backend = connect_spark(memory=MEMORY, threads=THREADS, scratch=tmp_path)
        opened.append(read_parquet(backend, sorted(folder.glob("*")), "lessons"))
    assert [set(table.site.to_pyarrow().to_pylist()) for table in opened] == [{"one{a}"}, {"two[b]*"}]
    assert [table.count().execute() for table in opened] == [2, 2]
    assert opened[0].schema() == ibis.schema({"site": "string", "day": "date"})


def test_small_tables_are_handed_over_whole(spark: Any) -> None:
    schema = {"person_id": "string", "day": "date", "number": "int64", "flag": "boolean", "share": "float64"}
    rows = [
        {"person_id": "å", "day": date(2024, 2, 29), "number": 2**40, "flag": True, "share": 0.1},
        {"person_id": "ö", "day": date(2024, 3, 31), "number": -1, "flag": False, "share": 1e-300},
        {"person_id": None, "day": None, "number": None, "flag": None, "share": None},
    ]
    frame = pd.DataFrame(rows).astype({"number": "Int64"})
    assert spark.to_pyarrow(ibis.memtable(frame, schema=schema)).to_pylist() == rows
    assert spark.to_pyarrow(ibis.memtable(frame.iloc[:0], schema=schema)).num_rows == 0


def test_instants_come_back_as_they_went(spark: Any) -> None:
    instants = pd.to_datetime(["2024-03-31T00:59Z", "2024-03-31T01:30Z", "2024-10-27T00:30Z", "2024-10-27T01:30Z"])
    rows = ibis.memtable(pd.DataFrame({"at": instants}), schema={"at": "timestamp('UTC')"})
    assert list(spark.execute(rows.at)) == list(instants)


def test_an_error_of_spark_repeats_no_value(spark: Any, capfd: pytest.CaptureFixture[str]) -> None:
    rows = ibis.memtable({"name": ["19990101-9999 Hemlig"]})
    with pytest.raises(RunError) as caught:
        spark.execute(rows.mutate(number=rows.name.cast("int64")))
    assert "CAST_INVALID_INPUT" in str(caught.value)
    assert caught.value.__suppress_context__
    assert "Hemlig" not in f"{caught.value}{capfd.readouterr()}"


def test_spark_leaves_nothing_when_its_process_is_ended(spark: Any, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    done = subprocess.run(
        [sys.executable, "-c", IS_ENDED, str(scratch)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (143, "")
    assert list(tmp_path.iterdir()) == []
    java = Path("/proc") / done.stdout.strip()
    for _ in range(100):
        if not java.exists():
            break
        time.sleep(0.1)
    assert not java.exists()
