"""Which renderer makes the reports: Quarto where one is found, else the embedded one; never changed after a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

from evalkit.errors import RenderError
from evalkit.reports.embedded.pandoc import pandoc_version

SETTINGS = ("auto", "quarto", "embedded")
LEAST = (1, 9)
VARIABLE = "QUARTO_PATH"
PATIENCE = 60
HOW_TO_GET = (
    "run `make quarto` where the network allows, install Quarto 1.9 or later from quarto.org, "
    "or set QUARTO_PATH to a quarto; without one, choose --renderer embedded"
)


@dataclass(frozen=True)
class Renderer:
    """A renderer that was found to work.

    Parameters
    ----------
    name
        ``"quarto"`` or ``"embedded"``.
    version
        As it stands in the report's provenance.
    command
        Path of the quarto, empty for the embedded renderer.
    """

    name: Literal["quarto", "embedded"]
    version: str
    command: str = ""


def choose_renderer(
    setting: str = "auto",
    *,
    environ: Mapping[str, str] | None = None,
    look_up: Callable[[str], str | None] = shutil.which,
) -> Renderer:
    """Choose by explicit setting, then ``QUARTO_PATH``, then a ``quarto`` on the path, else embedded.

    Parameters
    ----------
    setting
        ``"quarto"`` and ``"embedded"`` decide; ``"auto"`` looks.
    environ
        By default the process's own.
    look_up
        Finds a program on the path.

    Raises
    ------
    RenderError
        If there is no such setting; or if Quarto is asked for, or named by ``QUARTO_PATH``, and cannot be used: the
        message says how to get one.
    """
    if setting not in SETTINGS:
        raise RenderError(f"there is no renderer {setting!r}", remedy=f"choose one of {', '.join(SETTINGS)}")
    if setting == "embedded":
        return embedded_renderer()
    named = (os.environ if environ is None else environ).get(VARIABLE, "")
    command = named or look_up("quarto") or ""
    if not command:
        if setting == "quarto":
            raise RenderError("no Quarto was found", remedy=HOW_TO_GET)
        return embedded_renderer()
    version = quarto_version(command)
    if version is not None and _numbers(version) >= LEAST:
        return Renderer("quarto", version, command)
    if setting == "quarto" or named:
        said = f"answers {version!r}" if version is not None else "does not answer `--version`"
        origin = f"{VARIABLE} names {command}, which" if named else f"{command}"
        raise RenderError(f"{origin} {said}; Quarto 1.9 or later is needed", remedy=HOW_TO_GET)
    return embedded_renderer()


def embedded_renderer() -> Renderer:
    """Return the renderer that is always there."""
    return Renderer("embedded", f"pandoc {pandoc_version()}, typst {version('typst')}")


def quarto_version(command: str) -> str | None:
    """Return what a quarto says its version is, None if it says nothing."""
    try:
        done = subprocess.run(
            [command, "--version"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = done.stdout.strip()
    return said if done.returncode == 0 and _numbers(said) else None


def _numbers(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split(".")[:2]:
        if not part.isdigit():
            return ()
        numbers.append(int(part))
    return tuple(numbers)
