"""Pandoc from its wheel, called the same way each time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pypandoc

from evalkit.errors import RenderError
from evalkit.reports.locator import theme_folder

LEAST = (3, 9)
FILTERS = ("references.lua", "boxes.lua")
READER = "markdown"
OURS = "ERROR: "


@cache
def pandoc_version() -> str:
    """Return the version of the pandoc in use.

    Raises
    ------
    RenderError
        If there is none, or it is too old.
    """
    try:
        version = str(pypandoc.get_pandoc_version())
    except OSError as error:
        raise RenderError("pandoc is missing", remedy="install evalkit again: pypandoc_binary holds pandoc") from error
    if tuple(int(part) for part in version.split(".")[:2]) < LEAST:
        raise RenderError(
            f"pandoc {version} is too old", remedy="pip install 'pypandoc_binary>=1.17' (it holds pandoc 3.9)"
        )
    return version


def pandoc_data(name: str) -> bytes:
    """Return one of pandoc's own data files."""
    pandoc_version()
    command = [pypandoc.get_pandoc_path(), f"--print-default-data-file={name}"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def run_pandoc(markdown: str, arguments: Sequence[str], *, folder: Path, epoch: int) -> str:
    """Convert Markdown with the report's filters.

    Parameters
    ----------
    markdown
        With its front matter.
    arguments
        Writer, template and output.
    folder
        Working folder, against which pictures are found.
    epoch
        Seconds since 1970 that stamp what is made.

    Returns
    -------
    str
        What was written to standard output.

    Raises
    ------
    RenderError
        If pandoc fails or warns.
    """
    pandoc_version()
    filters = [f"--lua-filter={theme_folder() / name}" for name in FILTERS]
    command = [pypandoc.get_pandoc_path(), f"--from={READER}", *filters, "--fail-if-warnings", *arguments]
    done = subprocess.run(
        command, input=markdown.encode(), capture_output=True, cwd=folder, env=_environment(epoch), check=False
    )
    if done.returncode != 0:
        raise RenderError(
            f"pandoc could not make the report: {_told(done.stderr.decode(errors='replace'))}",
            remedy="mend the notebook's text near what is named; evalkit lints notebooks against the common subset",
        )
    return done.stdout.decode()


def _environment(epoch: int) -> Mapping[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR", "SYSTEMROOT", "TEMP"}
    }
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", "SOURCE_DATE_EPOCH": str(epoch)}


def _told(text: str) -> str:
    """Return what our filters said was wrong, else what pandoc said, without the trace of the filter."""
    lines = [line.strip() for line in text.split("stack traceback:", maxsplit=1)[0].splitlines() if line.strip()]
    ours = [line.removeprefix(OURS) for line in lines if line.startswith(OURS)]
    return " | ".join(ours or lines[-3:]) or "it gave no reason"
