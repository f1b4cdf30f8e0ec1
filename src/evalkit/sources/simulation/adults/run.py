"""Simulate adult education at every site, and put the whole in place at once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from evalkit.sources.marker import MARKER
from evalkit.sources.simulation.adults.attendance import attendance_table, checkins_table
from evalkit.sources.simulation.adults.project import project_tables
from evalkit.sources.simulation.adults.registers import register_tables
from evalkit.sources.simulation.adults.settings import AdultSettings
from evalkit.sources.simulation.adults.site import AdultDraw, draw_adults
from evalkit.sources.simulation.adults.statuses import status_table
from evalkit.sources.simulation.adults.support import support_tables
from evalkit.sources.simulation.adults.truth import write_adult_truth
from evalkit.sources.simulation.adults.writing import write_site
from evalkit.sources.simulation.run import _put_in_place, _refuse_foreign
from evalkit.sources.simulation.streams import stream

SERIAL_UNTIL = 1_000
"""Persons; below it, starting processes takes longer than they save."""


@dataclass(frozen=True)
class AdultSiteSummary:
    """What was written for one site: persons, course enrolments, lesson rows, bytes on disk."""

    site: str
    format: str
    persons: int
    courses: int
    lesson_rows: int
    bytes: int


@dataclass(frozen=True)
class AdultSummary:
    """What was written."""

    sites: tuple[AdultSiteSummary, ...]

    def __str__(self) -> str:
        """Return one line for each site."""
        return "; ".join(
            f"{site.site}: {site.persons} students, {site.courses} course enrolments, {site.lesson_rows} lesson rows, "
            f"{site.bytes / 1e6:.1f} MB of {site.format}"
            for site in self.sites
        )


def simulate_adults(settings: AdultSettings, out: Path, *, workers: int | None = None) -> AdultSummary:
    """Write the exports of every site into ``out/<site>`` and the truth into ``out/truth/<site>``.

    Parameters
    ----------
    settings
        Same settings, same content; and the same bytes but for DuckDB, which stamps each new database with a random id.
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
        summary = AdultSummary(_simulate_sites(settings, draft, workers))
        digest = hashlib.sha256(json.dumps(asdict(settings), sort_keys=True, default=str).encode()).hexdigest()
        marker = {"simulated": True, "seed": settings.seed, "settings": digest}
        (draft / MARKER).write_text(json.dumps(marker) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        _put_in_place(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return summary


def adult_tables(draw: AdultDraw) -> dict[str, pa.Table]:
    """Return all canonical tables of a site, with the names and addresses that exports hold beside them."""
    seed, site = draw.settings.seed, draw.site.id
    return {
        **register_tables(draw, stream(seed, site, "registers")),
        **support_tables(draw, stream(seed, site, "support records")),
        "statuses": status_table(draw),
        **project_tables(draw.settings, draw.site, stream(seed, site, "project")),
        "attendance": attendance_table(draw, stream(seed, site, "attendance")),
        "checkins": checkins_table(draw, stream(seed, site, "checkins")),
    }


def _simulate_sites(settings: AdultSettings, draft: Path, workers: int | None) -> tuple[AdultSiteSummary, ...]:
    persons = [site.persons for site in settings.sites]
    wanted = workers or (1 if sum(persons) < SERIAL_UNTIL else os.cpu_count() or 1)
    largest_first = sorted(range(len(persons)), key=lambda place: -persons[place])
    if wanted == 1:
        done = {place: _simulate_site(settings, place, draft) for place in largest_first}
    else:
        with ProcessPoolExecutor(min(wanted, len(persons)), mp_context=get_context("spawn")) as pool:
            waiting = {place: pool.submit(_simulate_site, settings, place, draft) for place in largest_first}
            done = {place: future.result() for place, future in waiting.items()}
    return tuple(done[place] for place in range(len(persons)))


def _simulate_site(settings: AdultSettings, place: int, draft: Path) -> AdultSiteSummary:
    draw = draw_adults(settings, place)
    tables = adult_tables(draw)
    folder = draft / draw.site.id
    folder.mkdir()
    write_site(draw.site, tables, folder, saved=settings.end)
    write_adult_truth(draw, draft / "truth" / draw.site.id)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    courses, rows = len(draw.enrolled.courses), tables["attendance"].num_rows
    return AdultSiteSummary(draw.site.id, draw.site.format, len(draw.entrants.person), courses, rows, size)
