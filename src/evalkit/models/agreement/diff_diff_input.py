"""The one shape in which diff-diff takes cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.models.agreement.answers import Answer, Cells

ROLES = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "start"}


@dataclass(frozen=True, eq=False)
class Given:
    """A frame with its weights as the library's survey design, None where all units weigh the same."""

    frame: pd.DataFrame
    survey: Any


def give(cells: Cells) -> Given:
    """Return what the library is given."""
    from diff_diff import SurveyDesign  # slow to load, and most notebooks have no use for it

    return Given(cells.frame.copy(), SurveyDesign(weights="weight") if cells.weighted else None)


def cluster_of(cells: Cells) -> str | None:
    """Return the column to cluster by; with weights the library clusters by unit through its survey design."""
    return None if cells.weighted else "cluster"


def starts_of(labels: Any, values: Any) -> tuple[tuple[int, float], ...]:
    """Return ``(start, value)`` as plain numbers, in order."""
    return tuple(sorted((int(label), float(value)) for label, value in zip(labels, values, strict=True)))


def answer_by_rows(method: str, model: Any, cells: Cells) -> Answer:
    """Fit one of the library's models that average effects over treated rows, and read its answer."""
    given = give(cells)
    fit = model.fit(given.frame, **ROLES, survey_design=given.survey)
    groups = fit.aggregate("group")
    error = None if cells.weighted else float(fit.overall_se)
    return Answer(method, float(fit.overall_att), error, starts_of(groups.label, groups.att))
