"""Run one notebook through Papermill, in a process and a folder of its own."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import papermill
from traitlets.config import Config

from evalkit import errors
from evalkit.errors import RunError

PARAMETERS = ("study_file", "site_file", "language", "run")
# sockets in a folder of our own: nothing a kernel says crosses the network, not even this machine's own
PRIVATE = Config(
    {
        "KernelManager": {"transport": "ipc"},
        "NotebookClient": {"extra_arguments": ["--Application.log_level=CRITICAL"]},
    }
)
OURS = {name for name in dir(errors) if name.endswith("Error")}


@dataclass(frozen=True)
class NotebookTask:
    """One notebook to run for one site in one pass."""

    notebook: Path
    output: Path
    study_file: Path
    site_file: Path
    language: str
    pass_file: Path
    site: str

    @property
    def name(self) -> str:
        """Return the notebook's name."""
        return self.notebook.stem


@dataclass(frozen=True)
class NotebookDone:
    """How long one notebook took, in seconds."""

    site: str
    name: str
    seconds: float


def run_notebook(task: NotebookTask) -> NotebookDone:
    """Run one notebook and leave the executed copy in the store.

    Parameters
    ----------
    task
        What to run. The notebook itself is never written to.

    Raises
    ------
    RunError
        If the notebook has not the parameters it must have, a cell failed, the kernel died, or the last cell did not
        run. The message names notebook and cell; what the cell held stays in the store.
    """
    started = perf_counter()
    _check_parameters(task.notebook)
    task.output.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="evalkit-") as folder:
        source = Path(folder) / task.notebook.name
        _with_sentinel(task.notebook, source)
        _execute(task, source, Path(folder))
    _check_complete(task)
    return NotebookDone(task.site, task.name, perf_counter() - started)


def _execute(task: NotebookTask, source: Path, folder: Path) -> None:
    parameters = {
        "study_file": str(task.study_file),
        "site_file": str(task.site_file),
        "language": task.language,
        "run": str(task.pass_file),
    }
    try:
        papermill.execute_notebook(
            source,
            task.output,
            parameters=parameters,
            cwd=folder,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            config=PRIVATE,
        )
    except papermill.PapermillExecutionError as fault:
        told = _scrubbed(fault)
        raise RunError(
            f"{task.site}: notebook {task.name}, cell {fault.cell_index + 1}: {told}",
            remedy="open the notebook in JupyterLab with this site file and run it to that cell",
        ) from None
    except Exception as fault:
        kind = type(fault).__name__
        raise RunError(
            f"{task.site}: notebook {task.name} stopped: {kind}",
            remedy="run again; if it stops again, give it more memory",
        ) from None


def _scrubbed(fault: Any) -> str:
    """Return our own errors whole (they hold no person's value), others by their kind only."""
    return f"{fault.ename}: {fault.evalue}" if fault.ename in OURS else str(fault.ename)


def _check_parameters(notebook: Path) -> None:
    known = papermill.inspect_notebook(notebook)
    unknown = [name for name in PARAMETERS if name not in known]
    if unknown:
        raise RunError(
            f"notebook {notebook.name} has no parameter {', '.join(unknown)}",
            remedy="give it a first code cell tagged `parameters` that sets " + ", ".join(PARAMETERS),
        )


def _with_sentinel(notebook: Path, copy: Path) -> None:
    """Write a copy whose last cell proves, once run, that all cells before it ran."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    sentinel: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "sentinel",
        "outputs": [],
        "source": "pass",
    }
    content["cells"].append({**sentinel, "metadata": {"tags": ["sentinel", "remove-cell"]}})
    copy.write_text(json.dumps(content), encoding="utf-8")


def _check_complete(task: NotebookTask) -> None:
    cells = json.loads(task.output.read_text(encoding="utf-8"))["cells"]
    unrun = [
        number for number, cell in enumerate(cells, 1) if cell["cell_type"] == "code" and not cell["execution_count"]
    ]
    if unrun or "sentinel" not in cells[-1]["metadata"].get("tags", ()):
        raise RunError(
            f"{task.site}: notebook {task.name} did not run to its end",
            remedy="run again; the kernel may have been killed",
        )
