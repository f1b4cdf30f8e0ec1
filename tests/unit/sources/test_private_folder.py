"""The workshop holds raw values only while it works: gone at the end, however that comes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evalkit.sources.engine import open_workshop
from evalkit.sources.private import PREFIX, private_folder, remove_leftovers

PROGRAM = """
import sys, time
from pathlib import Path
from evalkit.sources.engine import open_workshop
with open_workshop(Path(sys.argv[1]), memory="500MB", threads=1) as shop:
    shop.run("CREATE TABLE raw AS SELECT 'a canary' AS value")
    print("ready", flush=True)
    if sys.argv[2] == "busy":
        shop.run("SELECT count(*) FROM range(10000000000) a, range(1000) b").fetchall()
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def undisturbed_signals() -> Iterator[None]:
    """Start from the default signals, also where the run ignores hang-ups or another folder is open in this process."""
    before = {ending: signal.signal(ending, signal.SIG_DFL) for ending in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for ending, handler in before.items():
        signal.signal(ending, handler)


@contextmanager
def working(parent: Path, how: str = "idle") -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(parent), how], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def folders(parent: Path) -> list[Path]:
    return sorted(parent.glob(f"{PREFIX}*"))


@pytest.mark.parametrize("how", ["idle", "busy"])
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_process_that_is_asked_to_end_leaves_nothing(tmp_path: Path, ending: signal.Signals, how: str) -> None:
    with working(tmp_path / "store", how) as process:
        assert folders(tmp_path / "store")
        if how == "busy":
            time.sleep(0.3)
        process.send_signal(ending)
        process.wait(timeout=30)
    assert process.returncode != 0
    assert not (tmp_path / "store").exists()


def test_what_a_killed_process_left_goes_with_the_next_and_what_a_living_one_holds_stays(tmp_path: Path) -> None:
    with working(tmp_path) as living:
        (held,) = folders(tmp_path)
        with working(tmp_path) as killed:
            (left,) = [folder for folder in folders(tmp_path) if folder != held]
            killed.kill()
            killed.wait()
        assert (left / "stage.duckdb").exists()
        with private_folder(tmp_path) as own:
            assert folders(tmp_path) == sorted([held, own])
        assert living.poll() is None
    remove_leftovers(tmp_path)
    assert folders(tmp_path) == []


def test_only_its_owner_reads_it_and_an_error_takes_it_away(tmp_path: Path) -> None:
    def fail() -> None:
        with open_workshop(tmp_path / "a" / "b", memory="500MB", threads=1) as shop:
            assert shop.folder.stat().st_mode & 0o777 == 0o700
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == [], "nor the folders made on the way"


def test_several_at_once_do_not_take_each_other_away(tmp_path: Path) -> None:
    """Threads stand for processes: each holds a lock of its own open file."""
    lost: list[Path] = []

    def work() -> None:
        for _ in range(20):
            with private_folder(tmp_path) as folder:
                (folder / "raw").write_text("x")
                if not (folder / "raw").exists():
                    lost.append(folder)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []
    assert folders(tmp_path) == []


def test_signals_are_as_they_were_afterwards(tmp_path: Path) -> None:
    before = [signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGHUP)]
    with private_folder(tmp_path):
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGHUP)] == before
