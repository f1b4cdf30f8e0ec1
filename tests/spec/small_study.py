"""A study small enough to run in a test: the shipped parameters with few pupils and few lessons."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import yaml

from evalkit.sources.simulation import settings_from, simulate
from evalkit.studies.parameters import load_study

ROOT = Path(__file__).parents[2]
PUPILS = {"ale": 150, "molndal": 150, "lerum": 90, "goteborg": 150}
SCHOOLS = {"ale": 3, "molndal": 3, "lerum": 2, "goteborg": 3}


def small_project(folder: Path) -> Path:
    """Make a project folder with params and simulated exports; return the study's folder."""
    study = small_params(folder)
    shutil.copytree(_exports(), folder / "data" / "skolanknytning")
    return study


@cache
def _exports() -> Path:
    """Return a folder with the simulated exports, made once in a process; who needs them takes a copy."""
    folder = Path(tempfile.mkdtemp(prefix="small-study-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    simulate_exports(small_params(folder), folder / "data")
    return folder / "data"


def small_params(folder: Path) -> Path:
    """Make a project folder with params alone; return the study's folder."""
    study = folder / "params" / "skolanknytning"
    shutil.copytree(ROOT / "params" / "skolanknytning", study)
    shutil.copytree(ROOT / "params" / "policies", folder / "params" / "policies")
    content = yaml.safe_load((study / "study.yml").read_text(encoding="utf-8"))
    content["simulation"]["lessons_per_week"] = 5
    for site, settings in content["simulation"]["sites"].items():
        settings |= {"pupils": PUPILS[site], "schools": SCHOOLS[site], "size_ratio": 2.0}
        if "forum" in settings:
            settings["forum"]["size_rank"] = 1
    write_study(study, content)
    return study


def simulate_exports(study: Path, out: Path) -> None:
    """Write the exports that a study's file describes."""
    parameters = load_study(study / "study.yml")
    simulate(settings_from(parameters.simulation or {}, parameters.seed), out)


def write_study(study: Path, content: dict[str, object]) -> None:
    """Write a study file."""
    (study / "study.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
