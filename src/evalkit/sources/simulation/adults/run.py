"""Simulate adult education at every site, and put the whole in place at once."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from evalkit.sources.simulation.adults.attendance import attendance_table, checkins_table
from evalkit.sources.simulation.adults.project import project_tables
from evalkit.sources.simulation.adults.registers import register_tables
from evalkit.sources.simulation.adults.settings import AdultSettings
from evalkit.sources.simulation.adults.site import AdultDraw, draw_adults
from evalkit.sources.simulation.adults.statuses import status_table
from evalkit.sources.simulation.adults.support import support_tables
from evalkit.sources.simulation.adults.truth import write_adult_truth
from evalkit.sources.simulation.adults.writing import write_site
from evalkit.sources.simulation.folder import SimulationSummary, SiteSummary, draft_of, each_site
from evalkit.sources.simulation.streams import stream

SERIAL_UNTIL = 1_000
"""Persons; below it, starting processes takes longer than they save."""


def simulate_adults(settings: AdultSettings, out: Path, *, workers: int | None = None) -> SimulationSummary:
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
    persons = [site.persons for site in settings.sites]
    wanted = workers or (1 if sum(persons) < SERIAL_UNTIL else None)
    with draft_of(Path(out), settings, settings.seed) as draft:
        return SimulationSummary(each_site(_simulate_site, settings, persons, draft, workers=wanted))


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


def _simulate_site(settings: AdultSettings, place: int, draft: Path) -> SiteSummary:
    draw = draw_adults(settings, place)
    tables = adult_tables(draw)
    folder = draft / draw.site.id
    folder.mkdir()
    write_site(draw.site, tables, folder, saved=settings.end)
    write_adult_truth(draw, draft / "truth" / draw.site.id)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    courses, rows = len(draw.enrolled.courses), tables["attendance"].num_rows
    persons = len(draw.entrants.person)
    counts = {"students": persons, "course enrolments": courses, "lesson rows": rows}
    return SiteSummary(draw.site.id, draw.site.format, persons, rows, size, counts)
