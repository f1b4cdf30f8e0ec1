"""Check a study's files and sources without running it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from evalkit.errors import InputError, Where
from evalkit.sources import open_sources
from evalkit.studies.opening import Place, find_place, pseudonym_key
from evalkit.studies.parameters import site_files


def check_study(study_folder: Path, sites: tuple[str, ...] = ()) -> list[str]:
    """Check study file, site files and every source.

    Parameters
    ----------
    study_folder
        Holds ``study.yml`` and the site files.
    sites
        Which to check; all by default.

    Returns
    -------
    list of str
        A line per site and table: about how many rows.

    Raises
    ------
    InputError
        If something is not as it must be; every fault found is told together.
    """
    files = site_files(study_folder)
    unknown = [site for site in sites if site not in files]
    if unknown:
        raise InputError(
            f"the study has no site {', '.join(unknown)}",
            where=Where(file=str(study_folder)),
            remedy=f"its sites are: {', '.join(files)}",
        )
    lines: list[str] = []
    for site in sites or tuple(files):
        lines += _check_site(find_place(study_folder / "study.yml", files[site]))
    return lines


def _check_site(place: Place) -> list[str]:
    engine = place.site.engine
    with tempfile.TemporaryDirectory(prefix="evalkit-check-") as folder:
        summary = open_sources(
            place.sources,
            place.project,
            pseudonym_key(place),
            Path(folder) / "tables",
            memory=engine.memory,
            threads=engine.threads,
            municipality=place.site.municipality,
            on=place.study.date,
        )
    return [f"{place.site.name}: {table}, {_about(rows)} rows" for table, rows in sorted(summary.tables.items())]


def _about(rows: int) -> str:
    """Return a count in two digits at most, so that a line at the prompt tells of no single person."""
    if rows < 10:
        return "fewer than 10"
    return f"about {round(rows, min(-1, 2 - len(str(rows))))}"
