"""Simulate every site, and put the whole in place at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from evalkit.sources.simulation.faults import damage_lessons, damage_registers
from evalkit.sources.simulation.flat import write_csv_site, write_parquet_site
from evalkit.sources.simulation.folder import SimulationSummary, SiteSummary, draft_of, each_site
from evalkit.sources.simulation.lesson_years import lesson_years
from evalkit.sources.simulation.registers import write_absences, write_registers
from evalkit.sources.simulation.settings import SimulationSettings, SiteSettings
from evalkit.sources.simulation.site import draw_site
from evalkit.sources.simulation.site_draw import LessonYear
from evalkit.sources.simulation.ss12000_site import write_ss12000_site
from evalkit.sources.simulation.truth import write_truth

SERIAL_UNTIL = 50_000
"""Pupils times weekly lessons; below it, starting processes takes longer than they save."""


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
    load = settings.lessons_per_week * sum(site.pupils for site in settings.sites)
    wanted = workers or (1 if load < SERIAL_UNTIL else None)
    costs = [_cost(site) for site in settings.sites]
    with draft_of(Path(out), settings, settings.seed) as draft:
        return SimulationSummary(each_site(_simulate_site, settings, costs, draft, workers=wanted))


def _cost(site: SiteSettings) -> float:
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
    persons = len(draw.people.civic)
    counts = {"schools": len(draw.schools), "pupils": persons, "lesson rows": rows}
    return SiteSummary(site.id, site.format, persons, rows, size, counts)


def _noting(years: Iterator[LessonYear], absences: list[pd.DataFrame]) -> Iterator[LessonYear]:
    for year in years:
        absences.append(year.absences)
        yield year
