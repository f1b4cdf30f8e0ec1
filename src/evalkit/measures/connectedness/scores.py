"""The index of connectedness, whole and by dimension."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.measures.answered import exact_share
from evalkit.measures.connectedness.answers import KEYS, latest_waves, nothing
from evalkit.measures.connectedness.instruments import Named, check_dimension, instrument_named, meaning_of_items
from evalkit.values import Known, Measure
from evalkit.vocabulary import answer_scale
from evalkit.vocabulary.connectedness import Scoring, ScoringName, scoring

DontKnow = Literal["excluded", "blocks", "middle"]
POLICIES = ("excluded", "blocks", "middle")


def index(
    dimension: str | None = None,
    *,
    instrument: Named = None,
    scores: ScoringName = "points",
    dont_know: DontKnow = "excluded",
    answered_share: float | None = None,
    name: str = "",
) -> Measure:
    """Measure the connectedness index: the mean of a pupil's answered items in the period's latest wave.

    An earlier wave of the same period never stands in for the latest one.

    Parameters
    ----------
    dimension
        ``"behavioural"``, ``"academic"``, ``"affective"`` or ``"cognitive"``; None for all items together.
    instrument
        Whose items count, with their dimensions and which are reversed: the name of one in the vocabulary, or one made
        by `own_instrument`. None for all items of the table, with its dimensions, none reversed.
    scores
        ``"points"`` (1-4), ``"ten"`` (10, 6.67, 3.33, 0) or ``"hundred"`` (100, 66.7, 33.3, 0).
    dont_know
        What the answer "Vet ej" is: ``"excluded"``, no answer; ``"blocks"``, a pupil with any has no index;
        ``"middle"``, an answer in the middle of the scale.
    answered_share
        Share of the items that must be answered, in (0, 1]; None for two thirds (`evalkit.vocabulary.answer_scale`).
        Items: those of the instrument, or those that anyone met in the wave.
    name
        Column in the panel; empty for ``connectedness_index`` or ``connectedness_<dimension>``, with ``_<scores>`` and
        ``_dont_know_<policy>`` where these are not the usual ones.

    Returns
    -------
    Measure
        A mean; missing for pupils without enough answers.

    Raises
    ------
    InputError
        If there is no such dimension, instrument, scoring or policy, or the share is none.
    """
    check_dimension(dimension)
    read_by = instrument_named(instrument)
    given = _scoring(scores)
    if dont_know not in POLICIES:
        raise InputError(f"there is no policy {dont_know!r} for Vet ej", remedy=f"use one of {', '.join(POLICIES)}")
    share = exact_share(answered_share)
    column = name or _column(dimension, scores, dont_know)

    def compute(known: Known) -> ibis.Table:
        if "survey" not in known:
            return nothing(known, **{column: "float64"})
        sums = latest_waves(known, read_by, dimension)
        return _means(sums, given, dont_know, share).select(*KEYS, ibis._.mean_score.name(column))

    return Measure(
        name=column,
        kind="mean",
        unit="points",
        direction="higher",
        columns=(column,),
        compute=compute,
        parameters=(
            ("dimension", dimension or ""),
            ("items", meaning_of_items(read_by)),
            ("scores", (given.lowest, given.highest)),
            ("dont_know", dont_know),
            ("answered_share", str(share)),
        ),
        meaning="connectedness_index" if dimension is None else "connectedness_dimension",
    )


def _means(sums: ibis.Table, given: Scoring, dont_know: DontKnow, share: Fraction) -> ibis.Table:
    """Add ``mean_score`` for pupils with enough answers, from whole sums of doubled points."""
    scale = answer_scale()
    doubled, answered = 2 * sums.points, sums.answered
    if dont_know == "middle":
        doubled = doubled + (scale.lowest + scale.highest) * sums.unknown
        answered = answered + sums.unknown
    counted = sums.mutate(doubled=doubled, counted=answered)
    enough = counted.filter(counted.counted * share.denominator >= counted.asked * share.numerator)
    if dont_know == "blocks":
        enough = enough.filter(enough.unknown == 0)
    above = (enough.doubled - 2 * scale.lowest * enough.counted) * (given.highest - given.lowest)
    steps = 2 * (scale.highest - scale.lowest) * enough.counted
    return enough.mutate(mean_score=given.lowest + above.cast("float64") / steps.cast("float64"))


def _scoring(scores: ScoringName) -> Scoring:
    try:
        return scoring(scores)
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="use one of these") from None


def _column(dimension: str | None, scores: str, dont_know: str) -> str:
    parts = ["connectedness", dimension or "index"]
    parts += [] if scores == "points" else [scores]
    parts += [] if dont_know == "excluded" else ["dont_know", dont_know]
    return "_".join(parts)
