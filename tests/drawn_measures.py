"""Carry out measures on drawn tables: the grid is everyone drawn, in the periods named."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from evalkit.values import Known, Measure, Period, Tables, calendar_of
from evalkit.vocabulary.periods import stretch

GRID = {"person_id": "string", "period": "string", "start": "date", "end": "date", "school_id": "string"}


def known_of(tables: Tables, *periods: str, school: str = "A", shared: bool = True) -> Known:
    """Return what is known of everyone in the drawn tables, in periods such as ``"HT2021"`` or ``"2021-W36"``.

    ``shared=False`` gives each row of the grid a window of its own, as criteria have it.
    """
    named = [stretch(label) for label in periods]
    people: set[str] = set()
    for each in tables.named.values():
        if "person_id" in each.columns:
            people |= set(each.person_id.execute())
    rows = [(person, p.label, p.start, p.end, school) for person in sorted(people) for p in named]
    grid = ibis.memtable(pd.DataFrame(rows, columns=list(GRID)), schema=GRID)
    calendar = calendar_of([Period(p.start, p.end, p.label) for p in named]) if shared else None
    return Known(tables, grid, calendar)


def measured(measure: Measure, tables: Tables, *periods: str, school: str = "A") -> pd.DataFrame:
    """Return a measure's columns, and its own, of everyone in the periods, in order of person and period.

    Persons and periods of which the measure says nothing are absent.
    """
    known = known_of(tables, *periods, school=school)
    answer = measure.compute(known)
    assert not known.unseen_paths(answer), "the measure reads a table past what is known"
    assert list(answer.columns) == ["person_id", "period", *measure.columns]
    found = answer.semi_join(known.grid, ["person_id", "period"]).execute()
    assert not found.duplicated(["person_id", "period"]).any()
    if measure.kind == "ratio":
        below = found[str(measure.denominator)].to_numpy("float64")
        above = found[str(measure.numerator)].to_numpy("float64")
        share = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
        found = found.assign(**{measure.name: share})
    return found.sort_values(["person_id", "period"], ignore_index=True)
