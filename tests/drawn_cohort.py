"""Small cohorts drawn in tests, for panels whose rules of entry are not what is tested."""

from __future__ import annotations

from datetime import date

import pandas as pd

from drawn_tables import drawn
from evalkit.values import Cohort, Flow, Tables


def cohort_of(tables: Tables, text: str, *, as_of: str | None = None) -> Cohort:
    """Return a cohort as drawn: ``person_id entry follow_from exit exit_cause``; the last three may be left out."""
    rows = [
        {"follow_from": row["entry"], "exit": None, "exit_cause": None, "school_id": "A", "year_group": 7} | row
        for row in drawn(text)
    ]
    frame = pd.DataFrame(rows)
    for day in ("entry", "follow_from", "exit"):
        frame[day] = pd.to_datetime(frame[day]).astype("datetime64[us]")
    frame["exit_cause"] = frame["exit_cause"].fillna("")
    until = None if as_of is None else date.fromisoformat(as_of)
    return Cohort(frame, Flow(()), "drawn", "drawn", tables, None, until)
