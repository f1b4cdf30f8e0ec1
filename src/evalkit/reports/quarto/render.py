"""One run of Quarto in a private folder, believed only when its log holds no error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.errors import RenderError
from evalkit.reports.provenance import ReportInfo
from evalkit.reports.quarto.project import ARGUMENTS, LOG, quarto_project
from evalkit.reports.word_theme import repack

PATIENCE = 600
BAD_LEVELS = {"ERROR", "CRITICAL"}
REMEDY = "mend what Quarto names, or choose --renderer embedded; evalkit does not change renderer by itself"
KEPT = {"PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT", "TEMP", "QUARTO_PATH", "QUARTO_PANDOC", "QUARTO_TYPST"}


def render_with_quarto(
    chapters: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    info: ReportInfo,
    command: str,
    folder: Path,
    patience: float = PATIENCE,
) -> None:
    """Render pages, PDF and Word file with Quarto into a folder.

    Parameters
    ----------
    chapters, info
        As for `render_site`.
    command
        Path of the quarto.
    folder
        Takes the finished files, and those only.
    patience
        Seconds until Quarto is stopped.

    Raises
    ------
    RenderError
        If Quarto fails, is stopped, takes too long, logs an error or leaves a file out.
    """
    project = quarto_project(chapters, info=info)
    with tempfile.TemporaryDirectory(prefix="evalkit-quarto-") as name:
        place = Path(name)
        project.write(place)
        _run(command, place, info.epoch, patience)
        for made, wanted in project.outputs.items():
            if not (place / made).is_file():
                raise RenderError(f"Quarto ended without making {wanted}", remedy=REMEDY)
        for made, wanted in project.outputs.items():
            (folder / wanted).write_bytes((place / made).read_bytes())
            if wanted.endswith(".docx"):
                repack(folder / wanted)


def _run(command: str, place: Path, epoch: int, patience: float) -> None:
    environment = {name: value for name, value in os.environ.items() if name in KEPT}
    environment |= {"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC"}
    try:
        done = subprocess.run(
            [command, *ARGUMENTS],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RenderError(f"Quarto was not done after {patience:.0f} seconds", remedy=REMEDY) from error
    except OSError as error:
        raise RenderError(f"Quarto could not be started: {error.strerror}", remedy=REMEDY) from error
    errors = logged_errors(place / LOG, done.stderr)
    if done.returncode < 0:
        raise RenderError(f"Quarto was stopped by {signal.Signals(-done.returncode).name}", remedy=REMEDY)
    if done.returncode > 0:
        raise RenderError(f"Quarto failed ({done.returncode}): {_told(errors)}", remedy=REMEDY)
    if errors:
        raise RenderError(f"Quarto ended well but logged errors: {_told(errors)}", remedy=REMEDY)


def logged_errors(log: Path, stderr: str) -> tuple[str, ...]:
    """Return the errors that Quarto wrote to its log or to standard error, each once.

    Parameters
    ----------
    log
        One JSON record a line, with ``msg`` and ``levelName``.
    stderr
        As text; what starts with ``ERROR`` counts.
    """
    found = []
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    for line in lines:
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            record = {"msg": line, "levelName": line.split(":")[0].strip()}
        if isinstance(record, dict) and record.get("levelName") in BAD_LEVELS:
            found.append(str(record.get("msg", "")).strip())
    found += [line.partition(":")[2].strip() for line in stderr.splitlines() if line.lstrip().startswith("ERROR")]
    return tuple(dict.fromkeys(text for text in found if text))


def _told(errors: Sequence[str]) -> str:
    return " | ".join(errors[:3]) or "it gave no reason"
