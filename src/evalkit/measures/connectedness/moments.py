"""What the reliability of a scale rests on: item means and covariances, summed where the answers are."""

from __future__ import annotations

from typing import Any, Literal

import ibis
import numpy as np

from evalkit.errors import InputError
from evalkit.measures.connectedness.answers import scored
from evalkit.measures.connectedness.instruments import Named, check_dimension, instrument_named
from evalkit.values import Cohort, ItemMoments, Tables

Missing = Literal["listwise", "pairwise"]


def item_moments(
    source: Tables | Cohort,
    *,
    wave: str,
    dimension: str | None = None,
    instrument: Named = None,
    missing: Missing = "listwise",
) -> ItemMoments:
    """Sum one wave's answers into item means and covariances.

    Parameters
    ----------
    source
        A site's tables, or a cohort with its tables: then its persons alone, with what was known before its ``as_of``.
    wave
        Such as ``"HT2023"``.
    dimension, instrument
        As for `index`; reversed items are turned round. "Vet ej" is no answer.
    missing
        ``"listwise"``: those who answered every item; ``"pairwise"``: each covariance from all who answered both of its
        items, which keeps more answers but need not fit together.

    Returns
    -------
    ItemMoments
        Items in alphabetical order.

    Raises
    ------
    InputError
        If there is no survey, no such wave, dimension or instrument, or a cohort has no tables.
    """
    check_dimension(dimension)
    if missing not in ("listwise", "pairwise"):
        raise InputError(f"answers are never missing {missing!r}", remedy="use one of listwise, pairwise")
    read_by = instrument_named(instrument)
    answers = scored(_survey(source), read_by)
    chosen = answers.filter(answers.wave == wave, answers.points.notnull())
    if dimension is not None:
        chosen = chosen.filter(chosen.dimension == dimension)
    items = _items(chosen) if read_by is None else tuple(sorted(item.code for item in read_by.of(dimension)))
    persons = int(chosen.person_id.nunique().execute())
    if not items or not persons:
        raise InputError(
            f"nobody answered an item of {dimension or 'the survey'} in the wave {wave}",
            remedy="check the wave's name and the instrument's items against the survey",
        )
    if missing == "listwise":
        chosen = _complete(chosen, len(items))
    return _moments(_pairs(chosen), items, persons, missing, wave=wave, dimension=dimension, source=source)


def _survey(source: Tables | Cohort) -> ibis.Table:
    if isinstance(source, Tables):
        tables, among = source, None
    else:
        if source.tables is None:
            raise InputError("the cohort has no open tables to measure in", remedy="build it with build_cohort")
        tables = source.tables if source.as_of is None else source.tables.known_before(source.as_of)
        among = ibis.memtable(source.frame[["person_id"]].drop_duplicates(), schema={"person_id": "string"})
    if "survey" not in tables:
        raise InputError("this site handed over no table 'survey'", remedy="name it under sources in the site file")
    survey = tables["survey"]
    return survey if among is None else survey.semi_join(among, "person_id")


def _items(chosen: ibis.Table) -> tuple[str, ...]:
    return tuple(sorted(chosen.select("item").distinct().item.execute()))


def _complete(chosen: ibis.Table, items: int) -> ibis.Table:
    answered = chosen.group_by("person_id").agg(answered=chosen.item.count())
    return chosen.semi_join(answered.filter(answered.answered == items), "person_id")


def _pairs(chosen: ibis.Table) -> list[dict[str, Any]]:
    one = chosen.select("person_id", item="item", points="points")
    other = chosen.select("person_id", other="item", other_points="points").view()
    both = one.join(other, [one.person_id == other.person_id, one.item <= other.other])
    sums = both.group_by("item", "other").agg(
        n=both.item.count(),
        first=both.points.sum().cast("int64"),
        second=both.other_points.sum().cast("int64"),
        product=(both.points * both.other_points).sum().cast("int64"),
    )
    found: list[dict[str, Any]] = sums.to_pyarrow().to_pylist()
    return found


def _moments(
    pairs: list[dict[str, Any]],
    items: tuple[str, ...],
    persons: int,
    missing: Missing,
    *,
    wave: str,
    dimension: str | None,
    source: Tables | Cohort,
) -> ItemMoments:
    place = {item: number for number, item in enumerate(items)}
    means = np.full(len(items), np.nan)
    covariance = np.full((len(items), len(items)), np.nan)
    for pair in pairs:
        row, column, n = place[pair["item"]], place[pair["other"]], pair["n"]
        if row == column:
            means[row] = pair["first"] / n
        if n > 1:
            # in whole numbers until the last division
            value = (n * pair["product"] - pair["first"] * pair["second"]) / (n * (n - 1))
            covariance[row, column] = covariance[column, row] = value
    every_pair = len(items) * (len(items) + 1) // 2
    return ItemMoments(
        items=items,
        n=min(pair["n"] for pair in pairs) if len(pairs) == every_pair else 0,
        persons=persons,
        means=means,
        covariance=covariance,
        missing=missing,
        wave=wave,
        dimension=dimension or "",
        origin=source.origin,
    )
