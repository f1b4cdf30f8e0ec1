"""What staff answer before and after, per unit: means and counts, never a respondent."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import ibis

from evalkit.errors import InputError
from evalkit.measures.answered import exact_share
from evalkit.values import Tables

ONE_STEP = 1


def staff_index(tables: Tables, *, items: Sequence[str] = (), answered_share: float | None = None) -> ibis.Table:
    """Average the staff survey per unit and wave.

    Parameters
    ----------
    tables
        With ``staff_survey``, as known on the day of the report.
    items
        Items of the index; empty for all.
    answered_share
        Share of the wave's items that a respondent must have answered, in (0, 1]; None for two thirds.

    Returns
    -------
    ibis.Table
        ``unit``, ``wave``, ``asked`` (respondents), ``staff`` (those with an index), ``index_mean`` (of respondents'
        means, 1-5), ``training_hours`` (sum over all asked).

    Raises
    ------
    KeyError
        If the site handed over no such survey.
    InputError
        If the share is none.
    """
    means = _respondents(tables, tuple(items), exact_share(answered_share))
    return means.group_by("unit", "wave").agg(
        asked=means.respondent_id.count(),
        staff=means.mean_answer.count(),
        index_mean=means.mean_answer.mean(),
        training_hours=ibis.coalesce(means.training_hours.sum(), 0.0),
    )


def staff_change(
    tables: Tables, *, before: str, after: str, items: Sequence[str] = (), answered_share: float | None = None
) -> ibis.Table:
    """Compare the same respondents' index between two waves, per unit of the later wave.

    Parameters
    ----------
    tables
        With ``staff_survey``, as known on the day of the report.
    before, after
        Names of the waves.
    items, answered_share
        As for `staff_index`.

    Returns
    -------
    ibis.Table
        ``unit``, ``staff`` (those with an index in both waves), ``before_mean``, ``after_mean``, ``change_mean``, and
        ``risen`` (those at least one step of the scale higher).

    Raises
    ------
    KeyError
        If the site handed over no such survey.
    InputError
        If the waves are the same, or the share is none.
    """
    if before == after:
        raise InputError("a wave is not compared with itself", remedy="name two waves")
    means = _respondents(tables, tuple(items), exact_share(answered_share)).filter(ibis._.mean_answer.notnull())
    first = means.filter(means.wave == before).select("respondent_id", earlier="mean_answer")
    second = means.filter(means.wave == after).select("respondent_id", "unit", later="mean_answer")
    both = second.join(first, "respondent_id")
    return both.group_by("unit").agg(
        staff=both.respondent_id.count(),
        before_mean=both.earlier.mean(),
        after_mean=both.later.mean(),
        change_mean=(both.later - both.earlier).mean(),
        # a step less a rounding of the means counts as a step
        risen=ibis.coalesce((both.later - both.earlier >= ONE_STEP - 1e-9).sum(), 0).cast("int64"),
    )


def _respondents(tables: Tables, items: tuple[str, ...], share: Fraction) -> ibis.Table:
    """Return ``respondent_id``, ``wave``, ``unit``, ``training_hours``, ``mean_answer`` (missing where too few)."""
    rows = tables["staff_survey"]
    rows = rows.filter(rows.item.isin(items)) if items else rows
    asked = rows.group_by("wave").agg(asked=rows.item.nunique())
    given = rows.group_by("respondent_id", "wave").agg(
        unit=rows.unit.min(),
        points=ibis.coalesce(rows.answer.sum(), 0).cast("int64"),
        answered=rows.answer.count(),
        training_hours=rows.training_hours.max(),
    )
    both = given.join(asked, "wave")
    enough = (both.answered > 0) & (both.answered * share.denominator >= both.asked * share.numerator)
    mean = both.points.cast("float64") / both.answered.nullif(0).cast("float64")
    return both.select("respondent_id", "wave", "unit", "training_hours", mean_answer=ibis.ifelse(enough, mean, None))
