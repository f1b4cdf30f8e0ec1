"""Write what was planted in adult education, and what it came to, for tests only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evalkit.sources.simulation.adults.careers import DISCONTINUED, Careers
from evalkit.sources.simulation.adults.catalogue import course_key
from evalkit.sources.simulation.adults.columns import day_column
from evalkit.sources.simulation.adults.site import AdultDraw
from evalkit.sources.simulation.text import joined, numbered


def write_adult_truth(draw: AdultDraw, folder: Path) -> None:
    """Write a site's truth: what was planted, each person's need, and each enrolment's last attendance."""
    folder.mkdir(parents=True)
    pq.write_table(_persons(draw), folder / "persons.parquet", compression="zstd")
    pq.write_table(_courses(draw), folder / "courses.parquet", compression="zstd")
    text = json.dumps(adult_truth(draw), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")


def adult_truth(draw: AdultDraw) -> dict[str, Any]:
    """Return what was planted at a site, and what it came to, as plain data."""
    settings, since = draw.settings, draw.site.project_start.toordinal()
    supported = project_students(draw)
    project = draw.careers.support["project"].to_numpy(dtype=np.bool_)
    need = draw.careers.tracks.need[draw.careers.support["track"].to_numpy(dtype=np.int64)]
    return {
        "site": draw.site.id,
        "seed": settings.seed,
        "persons": len(draw.entrants.person),
        "window": [settings.first.isoformat(), settings.end.isoformat()],
        "project_start": draw.site.project_start.isoformat(),
        "planted_hazard_ratios": {
            "dropout_under_project_support": settings.support_effect(draw.site),
            "dropout_after_return": settings.effects.returner,
            "work_after_project_support": settings.effects.job,
        },
        "realised": {
            "supported_persons": len(supported),
            "dropouts_of_supported_persons": _dropouts(draw.careers, supported, since),
            "dropouts_of_the_same_persons_without_effect": _dropouts(draw.without, supported, since),
        },
        "allocation": {
            "mean_need_with_project_support": round(float(need[project].mean()), 4) if project.any() else None,
            "mean_need_of_all": round(float(draw.careers.tracks.need.mean()), 4),
        },
        "before_the_window": "only persons with a course in the window: earlier courses are those of survivors",
    }


def project_students(draw: AdultDraw) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the persons who ever had support from the project."""
    support = draw.careers.support
    return np.unique(support["person"].to_numpy(dtype=np.int64)[support["project"].to_numpy(dtype=np.bool_)])


def _dropouts(careers: Careers, persons: np.ndarray[Any, np.dtype[np.int64]], since: int) -> int:
    courses: pd.DataFrame = careers.courses
    chosen = (courses["outcome"] == DISCONTINUED) & (courses["end"] > since) & courses["person"].isin(persons)
    return int(chosen.sum())


def _persons(draw: AdultDraw) -> pa.Table:
    tracks = draw.careers.tracks
    need = np.zeros(len(draw.entrants.person))
    need[tracks.person] = tracks.need
    return pa.table(
        {
            "personnummer": draw.identities.current(draw.entrants.person),
            "need": pa.array(need.round(6)),
            "third_country": pa.array(tracks.eligible[: len(need)]),
        }
    )


def _courses(draw: AdultDraw) -> pa.Table:
    courses = draw.enrolled.courses
    distinct, place = np.unique(courses["course"].to_numpy(), return_inverse=True)
    names = pa.array([course_key(int(number)) for number in distinct], type=pa.string())
    return pa.table(
        {
            "personnummer": draw.identities.current(courses["person"].to_numpy()),
            "course_id": joined(draw.site.municipality, "-", numbered(np.arange(1, len(courses) + 1))),
            "course": names.take(pa.array(place)),
            "start": day_column(courses["start"].to_numpy()),
            "end": day_column(courses["end"].to_numpy()),
            "last_attended": day_column(courses["last_attended"].to_numpy()),
            "statutory": pa.array(courses["statutory"].to_numpy(dtype=np.bool_)),
            "expected_absence": pa.array(draw.usual.round(6)),
        }
    )
