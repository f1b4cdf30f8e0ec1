"""Write what was planted, and what it came to, for tests only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evalkit.sources.simulation.arrays import Flags
from evalkit.sources.simulation.expectations import Expectations, exposed, term_means
from evalkit.sources.simulation.settings import SimulationSettings
from evalkit.sources.simulation.site_draw import SiteDraw
from evalkit.sources.simulation.site_years import forum_sizes
from evalkit.sources.simulation.support import support_truth
from evalkit.sources.simulation.surveys import NOT_KNOWN, connectedness_level
from evalkit.sources.simulation.upper_truth import beginners_table, careers_truth, ninth_table
from evalkit.vocabulary import answer_scale

PERCENT = 100


def write_truth(
    settings: SimulationSettings, draw: SiteDraw, folder: Path, faults: dict[str, Any] | None = None
) -> None:
    """Write a site's truth: planted effects and faults, each pupil's expected attendance by term, and careers."""
    folder.mkdir(parents=True)
    tables = {"pupil_terms": _pupil_terms(settings, draw), "year_9": ninth_table(draw)}
    if draw.upper is not None:
        tables["upper_secondary"] = beginners_table(draw)
    for name, table in tables.items():
        content = pa.Table.from_pandas(table, preserve_index=False)
        pq.write_table(content, folder / f"{name}.parquet", compression="zstd")
    summary = truth_of(settings, draw) | {"faults": faults or {}}
    text = json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")


def truth_of(settings: SimulationSettings, draw: SiteDraw) -> dict[str, Any]:
    """Return what was planted at a site, and what it came to, as plain data."""
    return {
        "site": draw.site.id,
        "seed": settings.seed,
        "persons": len(draw.people.civic),
        "forum": _forum(settings, draw),
        "connectedness": _connectedness(settings, draw),
        "support": support_truth(draw.years, draw.support, settings.effects),
        "careers": careers_truth(settings, draw),
        "settings": {
            "effects": vars(settings.effects),
            "shocks": vars(settings.shocks),
            "attendance": vars(settings.attendance),
            "connectedness": vars(settings.connectedness),
            "population": vars(settings.population),
        },
    }


def _pupil_terms(settings: SimulationSettings, draw: SiteDraw) -> pd.DataFrame:
    parts = []
    for year in draw.years:
        with_all = term_means(year.absence, year.enrolled, year.days)
        without = term_means(year.without_forums, year.enrolled, year.days)
        for term, (absence, days) in with_all.items():
            here = days > 0
            person, school = year.stays["person"].to_numpy()[here], year.stays["school"].to_numpy()[here]
            level = connectedness_level(person, school, draw.terms.index(term), draw.traits, settings.connectedness)
            parts.append(
                pd.DataFrame(
                    {
                        "personnummer": np.array(draw.people.civic, dtype=object)[person],
                        "school_id": np.array([each.code for each in draw.schools], dtype=object)[school],
                        "term": term,
                        "days": days[here].astype(np.int16),
                        "attendance": (1 - absence[here] / days[here]).round(6),
                        "attendance_without_forums": (1 - without[term][0][here] / days[here]).round(6),
                        "connectedness": level.round(4),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _forum(settings: SimulationSettings, draw: SiteDraw) -> dict[str, Any] | None:
    """Return the planted effect, and the rise in expected attendance that it came to by term."""
    if draw.site.forum is None:
        return None
    school, first = draw.schools[0], draw.site.forum.dates[0]
    rise: dict[str, float] = {}
    gained, days = 0.0, 0
    for year in draw.years:
        at_school = year.enrolled & (year.stays["school"].to_numpy() == school.number)[:, None]
        rise |= _rises(year, at_school)
        mask = exposed(year, school.number, first)
        gained += float((year.without_forums - year.absence)[mask].sum(dtype=np.float64))
        days += int(mask.sum())
    return {
        "school_id": school.code,
        "school": school.name,
        "first": first.isoformat(),
        "planted_percentage_points": round(forum_sizes(settings)[draw.site.id], 4),
        "mean_of_schools_percentage_points": settings.effects.forum,
        "profile_by_term": list(settings.effects.forum_profile),
        "realised_percentage_points": round(PERCENT * gained / days, 4) if days else None,
        "realised_by_term": rise,
    }


def _rises(year: Expectations, at_school: Flags) -> dict[str, float]:
    difference = (year.without_forums - year.absence).astype(np.float64)
    means = term_means(difference, at_school, year.days)
    return {term: round(PERCENT * sums.sum() / max(days.sum(), 1.0), 4) for term, (sums, days) in means.items()}


def _connectedness(settings: SimulationSettings, draw: SiteDraw) -> dict[str, Any]:
    """Return the planted slope, and what it comes to on the measured index among those who answered.

    The index is coarser than the level, and pupils with much absence, on whom connectedness weighs most, answer less.
    """
    scale, survey = answer_scale(), draw.survey
    known = survey["answer"].where(survey["answer"] != NOT_KNOWN)
    by_wave = known.groupby([survey["person"], survey["wave"]])
    index = by_wave.mean()[by_wave.count() >= scale.answered_share * by_wave.size()].rename("index").reset_index()
    both = index.merge(_owed_to_swing(draw), on=["person", "wave"])
    centred = both[["index", "owed"]] - both.groupby("person")[["index", "owed"]].transform("mean")
    spread = float((centred["index"] ** 2).sum())
    slope = float((centred["index"] * centred["owed"]).sum()) / spread if spread else None
    return {
        "planted_percentage_points": settings.effects.connectedness,
        "expected_on_index": None if slope is None else round(PERCENT * slope, 4),
        "correlation_between_pupils": settings.connectedness.correlation,
    }


def _owed_to_swing(draw: SiteDraw) -> pd.DataFrame:
    """Return the share of expected attendance that each pupil owes to the term's swing in connectedness."""
    parts = []
    for year in draw.years:
        for term, (sums, days) in term_means(year.absence, year.enrolled, year.days).items():
            here = days > 0
            absence, factor = sums[here] / days[here], year.swing[here, draw.terms.index(term)]
            person = year.stays["person"].to_numpy()[here]
            parts.append(pd.DataFrame({"person": person, "wave": term, "owed": absence * (1 / factor - 1)}))
    # A pupil who moved has two stays in a term.
    return pd.concat(parts).groupby(["person", "wave"])["owed"].mean().reset_index()
