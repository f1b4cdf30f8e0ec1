"""One notebook, run in a folder of its own; what went wrong is told without what the cell held."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalkit.errors import RunError
from evalkit.studies.notebooks import NotebookTask, run_notebook

SECRET = "19900101-1234"
PARAMETERS = "study_file = 'a'\nsite_file = 'b'\nlanguage = 'sv'\nrun = None"


def notebook(folder: Path, *cells: str, parameters: str = PARAMETERS) -> NotebookTask:
    def code(number: int, source: str, tags: list[str]) -> dict[str, object]:
        return {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{number}",
            "metadata": {"tags": tags},
            "outputs": [],
            "source": source,
        }

    content = {
        "cells": [code(0, parameters, ["parameters"]), *(code(n, cell, []) for n, cell in enumerate(cells, 1))],
        "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "try.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return NotebookTask(path, folder / "out" / "try.ipynb", path, path, "sv", folder / "pass.json", "ale")


def test_it_runs_to_its_end_and_leaves_the_notebook_as_it_was(tmp_path: Path) -> None:
    task = notebook(tmp_path, "assert language == 'sv'", "from pathlib import Path; Path('left.txt').write_text('x');")
    before = task.notebook.read_bytes()
    assert run_notebook(task).name == "try"
    assert task.notebook.read_bytes() == before
    assert not (tmp_path / "left.txt").exists()
    assert not (task.output.parent / "left.txt").exists()


def test_a_failing_cell_is_named_and_its_values_are_not(tmp_path: Path) -> None:
    task = notebook(tmp_path, "x = 1", f"raise ValueError('{SECRET}')")
    with pytest.raises(RunError) as fault:
        run_notebook(task)
    assert "notebook try, cell" in str(fault.value)
    assert "ValueError" in str(fault.value)
    assert SECRET not in str(fault.value)


def test_our_own_errors_are_told_whole(tmp_path: Path) -> None:
    task = notebook(tmp_path, "from evalkit.errors import DesignError", "raise DesignError('too few schools')")
    with pytest.raises(RunError, match="too few schools"):
        run_notebook(task)


def test_a_notebook_without_the_parameters_is_refused_before_it_runs(tmp_path: Path) -> None:
    task = notebook(tmp_path, parameters="study_file = 'a'")
    with pytest.raises(RunError, match="no parameter site_file, language, run"):
        run_notebook(task)
    assert not task.output.exists()


def test_a_killed_kernel_is_noticed(tmp_path: Path) -> None:
    task = notebook(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(RunError, match="notebook try stopped"):
        run_notebook(task)
