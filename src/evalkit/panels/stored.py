"""Panels on disk: a Parquet file per school year, for panels that memory does not hold."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from evalkit.errors import InputError
from evalkit.panels.build import appended, as_panel
from evalkit.panels.periods import by_school_year
from evalkit.panels.rows import PanelPlan, Whom, panel_parts
from evalkit.values import Cohort, Events, Measure, Panel
from evalkit.values.archive import read, write
from evalkit.vocabulary import school_year_of
from evalkit.vocabulary.periods import PeriodKind, stretch

BYTES_A_CELL = 8
ROLES = "panel"


def disk_needed(cohort: Cohort, *, period: PeriodKind, measures: Sequence[Measure]) -> int:
    """Return the bytes of disk that `write_panel` may take: a row per person and period, 8 bytes a cell.

    It is an upper limit: persons have no rows where they are not enrolled, and Parquet takes less. The engine's answer
    for one school year lies beside the panel until the year is done, and is counted with it.

    Raises
    ------
    InputError
        As `evalkit.panels.build_panel` does before it measures.
    """
    plan = PanelPlan(cohort, period, tuple(measures))
    return _bytes(plan)


def write_panel(
    cohort: Cohort,
    folder: Path | str,
    *,
    period: PeriodKind = "term",
    measures: Sequence[Measure],
    outcome: Events | None = None,
    exposures: Sequence[Events] = (),
    whom: Whom = "enrolled",
) -> Path:
    """Measure a cohort's persons a school year at a time, and put each year's rows on disk.

    Memory holds one school year's rows. `read_panel` reads back the columns and years that an analysis needs::

        folder = write_panel(cohort, "weeks", period="week", measures=[attendance.rate()])
        panel = read_panel(folder, columns=["attendance_rate"], school_years=["2023/24"])

    Parameters
    ----------
    cohort, period, measures, outcome, exposures, whom
        As in `evalkit.panels.build_panel`.
    folder
        Must not be there yet. It comes into its place when all is written, readable by its owner alone.

    Returns
    -------
    pathlib.Path
        The folder: ``2023-24.parquet`` and so on, and what the panel's columns mean.

    Raises
    ------
    InputError
        If the folder is there, or the disk has less free than `disk_needed` says.
    DesignError
        As `evalkit.panels.build_panel` does.
    """
    place = Path(folder)
    if place.exists():
        raise InputError(f"there is a {place.name} already", remedy="choose another folder, or take that one away")
    plan = PanelPlan(cohort, period, tuple(measures), outcome, tuple(exposures), whom)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    needed, free = _bytes(plan), shutil.disk_usage(place.parent).free
    if free < needed:
        raise InputError(
            f"the panel may take {needed / 1e9:.1f} GB of disk, and {free / 1e9:.1f} GB are free",
            remedy="write it to a larger disk, ask for fewer measures, or for longer periods",
        )
    making = Path(tempfile.mkdtemp(prefix=".panel-", dir=place.parent))
    try:
        for year, frame in panel_parts(plan):
            path = making / f"{year.replace('/', '-')}.parquet"
            frame.to_parquet(path, index=False, compression="zstd")
            path.chmod(0o600)
            sample = frame.head(0)
        write(as_panel([sample], plan), making / ROLES)
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return place


def read_panel(folder: Path | str, *, columns: Sequence[str] = (), school_years: Sequence[str] | None = None) -> Panel:
    """Read a panel from disk.

    Parameters
    ----------
    folder
        As `write_panel` wrote it.
    columns
        Which columns beside those that say who, when, where and treated from when; memory holds these alone.
    school_years
        Which school years, such as ``"2023/24"``; None for all.

    Returns
    -------
    Panel
        As `evalkit.panels.build_panel` makes it, of these columns and years.

    Raises
    ------
    InputError
        If there is no panel in the folder, or it has no such column or year.
    """
    place = Path(folder)
    if not (place / ROLES).is_dir():
        raise InputError(f"there is no panel in {place.name}", remedy="write one there with write_panel")
    roles: Panel = read(place / ROLES)
    held = list(roles.frame.columns)
    years = {path.stem.replace("-", "/"): path for path in sorted(place.glob("*.parquet"))}
    wanted = list(years if school_years is None else school_years)
    unknown = [each for each in (*columns, *wanted) if each not in held and each not in years]
    if unknown or not wanted:
        raise InputError(
            f"the panel has no {', '.join(unknown) or 'school year without a name'}",
            remedy=f"choose among the school years {', '.join(years)} and the panel's columns",
        )
    named = (roles.unit, roles.time, roles.cluster, roles.inner_cluster, roles.treated_from)
    kept = [name for name in held if name in named or name in columns]
    frames = [pd.read_parquet(years[year], columns=kept) for year in sorted(set(wanted))]
    labels = roles.labels
    if school_years is not None:
        labels = tuple(each for each in labels if school_year_of(stretch(each[1]).start).label in wanted)
    return replace(roles, frame=appended(frames), labels=labels)


def _bytes(plan: PanelPlan) -> int:
    largest = max(len(periods) for periods in by_school_year(plan.periods).values())
    return BYTES_A_CELL * len(plan.columns) * plan.cohort.size * (len(plan.periods) + largest)
