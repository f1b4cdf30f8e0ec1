"""At the prompt: exit codes, messages without tracebacks, and nothing written when the input is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def evalkit(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evalkit.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


def test_help_names_every_command() -> None:
    done = evalkit("--help")
    assert done.returncode == 0
    for command in ("simulate", "fetch", "check", "run"):
        assert command in done.stdout


def test_a_missing_study_ends_in_code_2_and_a_remedy(tmp_path: Path) -> None:
    done = evalkit("run", str(tmp_path / "none"))
    assert done.returncode == 2
    assert "mend:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_site_names_the_known_ones() -> None:
    done = evalkit("run", "params/skolanknytning", "--site", "kiruna")
    assert done.returncode == 2
    assert "kiruna" in done.stderr
    assert "molndal" in done.stderr


def test_asking_for_quarto_without_one_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    done = evalkit("run", "params/skolanknytning", "--renderer", "quarto")
    assert done.returncode == 5
    assert "make quarto" in done.stderr


def test_the_own_data_example_passes_its_check() -> None:
    done = evalkit("check", "params/exempelkommun")
    assert done.returncode == 0, done.stderr
    assert "attendance" in done.stdout


def test_a_study_without_notebooks_has_nothing_to_run() -> None:
    done = evalkit("run", "params/distansuniversitet")
    assert done.returncode == 2
    assert "no notebooks" in done.stderr
    assert "take in" not in done.stdout


def test_fetching_without_a_server_says_what_to_write() -> None:
    done = evalkit("fetch", "params/exempelkommun")
    assert done.returncode == 2
    assert "`api`" in done.stderr
