"""Who of a cohort is seen in each period of a panel, and why the others are not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.errors import InputError
from evalkit.panels.cells import PERSONS
from evalkit.panels.grid import people_of
from evalkit.panels.periods import first_day
from evalkit.values import Axis, Cohort, Panel, Period, Table, fingerprint
from evalkit.vocabulary.periods import PeriodKind, stretch

NOT_YET, SEEN, NOT_SEEN, LEFT, JOINED = "not_yet", "seen", "not_seen", "left", "joined"
DAY = "datetime64[D]"


def attrition(panel: Panel, cohort: Cohort, *, outcome: str = "", name: str = "attrition") -> Table:
    """Count, for each period, where the persons of a cohort are.

    Parameters
    ----------
    panel
        Made of the cohort.
    cohort
        With entry, exit and the cause of exit.
    outcome
        Name of the panel's outcome, where persons are followed until it.
    name
        Of the table.

    Returns
    -------
    Table
        Axes: the period (no total, for everyone stands in each) and ``state``, in which each person of the cohort
        stands once: ``not_yet`` followed by the period's end; ``seen``, with a row in the panel and no exit before it;
        the outcome's name, once it has happened in an earlier period; a cause of exit (``left`` where none is given)
        after the exit; ``joined``, a comparison person who has entered the cohort compared with; ``not_seen``, expected
        by entry and exit but enrolled nowhere. Expected is whoever is seen or not seen.

    Raises
    ------
    InputError
        If the panel has persons whom the cohort has not, or no such outcome.
    """
    frame = panel.frame
    people = people_of(cohort)
    number = pd.Index(people["person_id"]).get_indexer(frame[panel.unit].astype("str"))
    if (number < 0).any():
        raise InputError("the panel has persons whom the cohort has not", remedy="hand in the cohort it was made of")
    if outcome and outcome not in frame.columns:
        raise InputError(f"the panel has no outcome {outcome!r}", remedy="build it with outcome=")
    begin, end, joins = (people[day].to_numpy(DAY) for day in ("follow_from", "exit", "joins"))
    causes = cohort.frame["exit_cause"].where(cohort.frame["exit_cause"] != "", LEFT).to_numpy(object)
    happened = np.full(len(people), np.iinfo(np.int64).max)
    if outcome:
        there = (frame[outcome] == 1).to_numpy()
        happened[number[there]] = frame[panel.time].to_numpy()[there]
    counted: dict[str, pd.Series] = {}
    label = dict(panel.labels)
    for time, (first, until) in _limits(panel).items():
        state = np.where(begin >= until, NOT_YET, NOT_SEEN).astype(object)
        state[number[(frame[panel.time] == time).to_numpy()]] = SEEN
        # a panel of everyone has rows after the exit too
        gone = (end <= first) & (state != NOT_YET) & (happened != time)
        state[gone] = causes[gone]
        state[(joins < until) & (state != NOT_YET)] = JOINED
        state[happened < time] = outcome
        counted[label[time]] = pd.Series(state).value_counts()
    cells = pd.DataFrame(counted).T.fillna(0)
    rest = sorted(set(cells.columns) - {NOT_YET, SEEN, NOT_SEEN, outcome})
    levels = [each for each in (NOT_YET, SEEN, NOT_SEEN, outcome, *rest) if each in cells.columns]
    cells = cells[levels].assign(total=len(people)).astype("int64")
    axis = _label_column(panel)
    long = cells.rename_axis(axis).reset_index().melt(axis, var_name="state", value_name=PERSONS.name)
    return Table(
        name=name,
        universe=fingerprint("attrition", cohort.fingerprint),
        axes=(
            Axis(axis, tuple(cells.index), total=None, partition=False),
            Axis("state", tuple(levels), total="total", partition=True),
        ),
        columns=(PERSONS,),
        frame=long,
        origin=panel.origin,
    )


def _label_column(panel: Panel) -> PeriodKind:
    kinds: tuple[PeriodKind, ...] = ("term", "month", "week", "year")
    return next((kind for kind in kinds if kind in panel.frame), "school_year")


def _limits(panel: Panel) -> dict[int, tuple[np.datetime64, np.datetime64]]:
    """Return the first day from which a person is expected in each period, and the day after its last."""
    found: dict[int, tuple[np.datetime64, np.datetime64]] = {}
    for time, label in panel.labels:
        named = stretch(label)
        first = first_day(Period(named.start, named.end, label), _label_column(panel))
        found[time] = (np.datetime64(first, "D"), np.datetime64(named.end, "D"))
    return found
