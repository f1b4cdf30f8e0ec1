"""Survey answers on one scale, and their sums per pupil and wave."""

from __future__ import annotations

import ibis

from evalkit.values import Known
from evalkit.vocabulary import answer_scale
from evalkit.vocabulary.connectedness import lowest_positive_answer
from evalkit.vocabulary.instruments import Instrument

KEYS = ("person_id", "period")


def scored(answers: ibis.Table, read_by: Instrument | None) -> ibis.Table:
    """Return the answers to an instrument's items with ``points``, turned round where the item is reversed.

    Parameters
    ----------
    answers
        Rows of the table survey, further columns allowed.
    read_by
        None for all rows, with the dimension that stands in the table.

    Returns
    -------
    ibis.Table
        Its columns, ``dimension`` that of the instrument, and ``points`` (1-4, missing for Don't know).
    """
    if read_by is None:
        return answers.mutate(points=answers.answer)
    scale = answer_scale()
    asked = answers.filter(answers.item.isin([item.code for item in read_by.items]))
    about = ibis.cases(*((asked.item == item.code, item.dimension) for item in read_by.items))
    turned = [item.code for item in read_by.items if item.reverse]
    if not turned:
        return asked.mutate(dimension=about, points=asked.answer)
    other_way = scale.lowest + scale.highest - asked.answer
    return asked.mutate(dimension=about, points=ibis.ifelse(asked.item.isin(turned), other_way, asked.answer))


def latest_waves(known: Known, read_by: Instrument | None, code: str | None) -> ibis.Table:
    """Sum each pupil's answers in the latest wave that the pupil took part in within the period.

    Parameters
    ----------
    code
        Dimension that is summed; None for all items. The wave is the latest of the instrument, so that all dimensions
        are of one wave.

    Returns
    -------
    ibis.Table
        ``person_id``, ``period``, ``points`` (sum), ``answered`` (items with an answer on the scale), ``unknown``
        (answered Don't know), ``positive`` (among the best answers), ``asked`` (items: those of the instrument, or
        those that anyone met in the wave).
    """
    answers = scored(known.facts("survey"), read_by)
    of_dimension = answers.item.notnull() if code is None else answers.dimension == code
    best = answers.points >= lowest_positive_answer()
    given = answers.group_by(*KEYS, "wave").agg(
        points=_whole(answers.points.sum(where=of_dimension)),
        answered=_whole(answers.points.count(where=of_dimension)),
        unknown=_whole((of_dimension & answers.points.isnull()).sum()),
        positive=_whole((of_dimension & best).sum()),
        last=answers.date.max(),
    )
    latest_first = ibis.window(group_by=list(KEYS), order_by=[ibis.desc("last"), ibis.desc("wave")])
    placed = given.mutate(place=ibis.row_number().over(latest_first))
    latest = placed.filter(placed.place == 0)
    columns = (*KEYS, "points", "answered", "unknown", "positive", "asked")
    if read_by is not None:
        return latest.mutate(asked=ibis.literal(len(read_by.of(code)), "int64")).select(*columns)
    met = answers.filter(of_dimension).group_by("period", "wave").agg(asked=answers.item.nunique())
    return latest.join(met, ["period", "wave"]).select(*columns)


def nothing(known: Known, **columns: str) -> ibis.Table:
    """Return no rows, with keys and the columns named, each of the type told; for sites without a survey."""
    nobody = known.grid.filter(known.grid.person_id.isnull())
    return nobody.select(*KEYS, *(ibis.null(kind).name(name) for name, kind in columns.items()))


def _whole(total: ibis.Value) -> ibis.Value:
    return ibis.coalesce(total, 0).cast("int64")
