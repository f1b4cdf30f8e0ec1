"""Write a simulation aside and put the whole in place at once; draw sites side by side."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from evalkit.errors import InputError, Where
from evalkit.sources.marker import MARKER

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class SiteSummary:
    """What was written for one site.

    Parameters
    ----------
    site, format
        As told.
    persons, lesson_rows
        How many.
    bytes
        On disk.
    counts
        What is told of it, by its name.
    """

    site: str
    format: str
    persons: int
    lesson_rows: int
    bytes: int
    counts: Mapping[str, int]

    def __str__(self) -> str:
        """Return one line."""
        told = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return f"{self.site}: {told}, {self.bytes / 1e6:.1f} MB of {self.format}"


@dataclass(frozen=True)
class SimulationSummary:
    """What was written."""

    sites: tuple[SiteSummary, ...]

    def __str__(self) -> str:
        """Return what was written for each site."""
        return "; ".join(str(site) for site in self.sites)


Settings = TypeVar("Settings")
Summary = TypeVar("Summary")


@contextmanager
def draft_of(out: Path, settings: DataclassInstance, seed: int) -> Iterator[Path]:
    """Give a folder to write a simulation into, and move it to ``out`` when all is written.

    Parameters
    ----------
    out
        One that an earlier simulation wrote is replaced as a whole.
    settings, seed
        Their digest stands in the marker by which simulated data are known.

    Raises
    ------
    InputError
        If ``out`` holds anything but an earlier simulation. Nothing is changed then.
    """
    out = out.absolute()
    _refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield draft
        digest = hashlib.sha256(json.dumps(asdict(settings), sort_keys=True, default=str).encode()).hexdigest()
        marker = {"simulated": True, "seed": seed, "settings": digest}
        (draft / MARKER).write_text(json.dumps(marker) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        _put_in_place(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def each_site(
    simulate: Callable[[Settings, int, Path], Summary],
    settings: Settings,
    costs: Sequence[float],
    draft: Path,
    *,
    workers: int | None,
) -> tuple[Summary, ...]:
    """Simulate every site, the costliest first, and return what was written in the order of the sites.

    Parameters
    ----------
    simulate
        From the settings, the number of a site and the draft's folder to a summary.
    costs
        How long each site takes, in any unit.
    workers
        Processes; None for as many as there are processors.
    """
    wanted = workers or os.cpu_count() or 1
    largest_first = sorted(range(len(costs)), key=lambda place: -costs[place])
    if wanted == 1:
        done = {place: simulate(settings, place, draft) for place in largest_first}
    else:
        with ProcessPoolExecutor(min(wanted, len(costs)), mp_context=get_context("spawn")) as pool:
            waiting = {place: pool.submit(simulate, settings, place, draft) for place in largest_first}
            done = {place: future.result() for place, future in waiting.items()}
    return tuple(done[place] for place in range(len(costs)))


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
