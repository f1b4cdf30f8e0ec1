"""School connectedness as pupils answer it in the survey."""

from __future__ import annotations

from fractions import Fraction

import ibis

from evalkit.measures.known import facts_in_periods
from evalkit.values import Measure, Tables
from evalkit.vocabulary import answer_scale

NAME = "connectedness_index"


def index() -> Measure:
    """Measure the connectedness index: the mean of a pupil's answered items in the period's latest wave.

    Items answered with "vet ej" count as unanswered. With fewer than two thirds of the wave's items answered there is
    no index (share and scale: `evalkit.vocabulary.answer_scale`); an earlier wave of the same period never stands in
    for the latest one.

    Returns
    -------
    Measure
        ``connectedness_index``, a mean on the scale 1-4; missing for pupils without enough answers.
    """
    scale = answer_scale()
    share = Fraction(scale.answered_share).limit_denominator(1000)

    def compute(tables: Tables, grid: ibis.Table) -> ibis.Table:
        if "survey" not in tables:
            return grid.filter(ibis.literal(False)).select("person_id", "period", ibis.literal(0.0).name(NAME))
        waves = _waves(facts_in_periods(tables["survey"], grid))
        latest = waves.filter(waves.place == 0)
        enough = latest.filter(latest.answered * share.denominator >= latest.asked * share.numerator)
        return enough.select("person_id", "period", (enough.points / enough.answered).cast("float64").name(NAME))

    return Measure(NAME, "mean", "points", "higher", (NAME,), compute, parameters=(("answered_share", str(share)),))


def _waves(answers: ibis.Table) -> ibis.Table:
    """Sum each pupil's answers per wave; ``place`` is 0 for the period's latest wave, ``asked`` the wave's items."""
    asked = answers.group_by("period", "wave").agg(asked=answers.item.nunique())
    given = answers.group_by("person_id", "period", "wave").agg(
        points=ibis.coalesce(answers.answer.sum(), 0),
        answered=answers.answer.count(),
        last=answers.date.max(),
    )
    both = given.join(asked, ["period", "wave"])
    latest_first = ibis.window(group_by=["person_id", "period"], order_by=[ibis.desc("last"), ibis.desc("wave")])
    return both.mutate(place=ibis.row_number().over(latest_first))
