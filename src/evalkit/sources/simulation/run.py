"""Simulate every site, and put the whole in place at once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from evalkit.errors import InputError, Where
from evalkit.sources.marker import MARKER
from evalkit.sources.simulation.faults import damage_lessons, damage_registers
from evalkit.sources.simulation.flat import write_csv_site, write_parquet_site
from evalkit.sources.simulation.registers import write_absences, write_registers
from evalkit.sources.simulation.settings import SimulationSettings
from evalkit.sources.simulation.site import LessonYear, draw_site, lesson_years
from evalkit.sources.simulation.ss12000_site import write_ss12000_site
from evalkit.sources.simulation.truth import write_truth

SERIAL_UNTIL = 50_000
"""Pupils times weekly lessons; below it, starting processes takes longer than they save."""


@dataclass(frozen=True)
class SiteSummary:
    """What was written for one site: pupils in the register, lesson rows, bytes on disk."""

    site: str
    format: str
    schools: int
    persons: int
    lesson_rows: int
    bytes: int


@dataclass(frozen=True)
class SimulationSummary:
    """What was written."""

    sites: tuple[SiteSummary, ...]

    def __str__(self) -> str:
        """Return one line for each site."""
        return "; ".join(
            f"{site.site}: {site.schools} schools, {site.persons} pupils, {site.lesson_rows} lesson rows, "
            f"{site.bytes / 1e6:.1f} MB of {site.format}"
            for site in self.sites
        )


def simulate(settings: SimulationSettings, out: Path, *, workers: int | None = None) -> SimulationSummary:
    """Write the exports of every site into ``out/<site>`` and the truth into ``out/truth/<site>``.

    Parameters
    ----------
    settings
        Same settings, same bytes.
    out
        Folder to write; one that an earlier simulation wrote is replaced as a whole.
    workers
        Processes; by default as many as there are processors, or one where there is little to do.

    Raises
    ------
    InputError
        If the folder holds anything but an earlier simulation, or the settings cannot be met. Nothing is changed then.
    """
    out = Path(out).absolute()
    _refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        summary = SimulationSummary(_simulate_sites(settings, draft, workers))
        digest = hashlib.sha256(json.dumps(asdict(settings), sort_keys=True, default=str).encode()).hexdigest()
        marker = {"simulated": True, "seed": settings.seed, "settings": digest}
        (draft / MARKER).write_text(json.dumps(marker) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        _put_in_place(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return summary


def _simulate_sites(settings: SimulationSettings, draft: Path, workers: int | None) -> tuple[SiteSummary, ...]:
    load = settings.lessons_per_week * sum(site.pupils for site in settings.sites)
    wanted = workers or (1 if load < SERIAL_UNTIL else os.cpu_count() or 1)
    largest_first = sorted(range(len(settings.sites)), key=lambda place: -_cost(settings, place))
    if wanted == 1:
        done = {place: _simulate_site(settings, place, draft) for place in largest_first}
    else:
        with ProcessPoolExecutor(min(wanted, len(settings.sites)), mp_context=get_context("spawn")) as pool:
            waiting = {place: pool.submit(_simulate_site, settings, place, draft) for place in largest_first}
            done = {place: future.result() for place, future in waiting.items()}
    return tuple(done[place] for place in range(len(settings.sites)))


def _cost(settings: SimulationSettings, place: int) -> float:
    site = settings.sites[place]
    return site.pupils * (4.0 if site.format == "ss12000" else 1.0)


def _simulate_site(settings: SimulationSettings, place: int, draft: Path) -> SiteSummary:
    draw, planted = damage_registers(settings, draw_site(settings, place))
    site = draw.site
    folder = draft / site.id
    folder.mkdir()
    write_registers(draw, folder)
    absences: list[pd.DataFrame] = []
    years = _noting(damage_lessons(settings, draw, lesson_years(settings, draw), planted), absences)
    if site.format == "ss12000":
        rows = write_ss12000_site(draw, years, folder / "ss12000", settings.page_size)
    elif site.format == "parquet":
        rows = write_parquet_site(draw, years, folder)
    else:
        rows = write_csv_site(draw, years, folder)
    write_absences(draw, absences, folder / "franvaroanmalningar.csv")
    write_truth(settings, draw, draft / "truth" / site.id, planted)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return SiteSummary(site.id, site.format, len(draw.schools), len(draw.people.civic), rows, size)


def _noting(years: Iterator[LessonYear], absences: list[pd.DataFrame]) -> Iterator[LessonYear]:
    for year in years:
        absences.append(year.absences)
        yield year


def _refuse_foreign(out: Path) -> None:
    if out.is_dir() and (not any(out.iterdir()) or (out / MARKER).is_file()):
        return
    if out.exists():
        raise InputError(
            "the folder to write into holds something that no simulation wrote",
            where=Where(file=str(out)),
            remedy="choose a folder that does not exist, or remove this one yourself",
        )


def _put_in_place(draft: Path, out: Path) -> None:
    """Move the draft to its place; an earlier simulation is moved aside first, and back if that fails."""
    if not out.exists():
        draft.rename(out)
        return
    aside = draft.with_name(draft.name + "-earlier")
    out.rename(aside)
    try:
        draft.rename(out)
    except OSError:
        aside.rename(out)
        raise
    shutil.rmtree(aside)
