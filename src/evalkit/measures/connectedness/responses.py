"""Shares of answers, and who answered."""

from __future__ import annotations

from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.measures.connectedness.answers import KEYS, latest_waves, nothing
from evalkit.measures.connectedness.instruments import Named, check_dimension, instrument_named, meaning_of_items
from evalkit.measures.judged import ratio_of
from evalkit.values import Known, Measure, took_place
from evalkit.vocabulary.connectedness import lowest_positive_answer

UnknownCounts = Literal["answer", "excluded"]


def share_positive(
    dimension: str | None = None,
    *,
    instrument: Named = None,
    dont_know: UnknownCounts = "answer",
    name: str = "",
) -> Measure:
    """Measure the share of positive answers: the two best of the scale, out of all answers in the latest wave.

    Parameters
    ----------
    dimension, instrument
        As for `index`. An answer to a reversed item is positive where it is so after it was turned round.
    dont_know
        ``"answer"``: "Vet ej" is an answer that is not positive (all who answered, as Kolada counts); ``"excluded"``:
        it is none.
    name
        Column in the panel; empty for ``connectedness_positive``, with ``_<dimension>`` and ``_known`` (where "Vet ej"
        is excluded).

    Returns
    -------
    Measure
        A ratio of answers, with the sums behind it; coverage is answers over items asked of those who took part.

    Raises
    ------
    InputError
        If there is no such dimension, instrument or policy.
    """
    check_dimension(dimension)
    if dont_know not in ("answer", "excluded"):
        raise InputError(f"there is no policy {dont_know!r} for Vet ej", remedy="use one of answer, excluded")
    read_by = instrument_named(instrument)
    column = name or _named("connectedness_positive", dimension, "known" if dont_know == "excluded" else "")
    above, below, asked = f"{column}_answers", f"{column}_of", f"{column}_asked"

    def compute(known: Known) -> ibis.Table:
        if "survey" not in known:
            return nothing(known, **dict.fromkeys((above, below, asked), "int64"))
        sums = latest_waves(known, read_by, dimension)
        answers = sums.answered + sums.unknown if dont_know == "answer" else sums.answered
        return sums.select(*KEYS, sums.positive.name(above), answers.name(below), sums.asked.name(asked))

    return ratio_of(
        column,
        (above, below, asked),
        compute,
        better="higher",
        coverage=(f"{column}_coverage", below, asked),
        parameters=(
            ("dimension", dimension or ""),
            ("items", meaning_of_items(read_by)),
            ("lowest_positive", lowest_positive_answer()),
            ("dont_know", dont_know),
        ),
        meaning="connectedness_positive",
    )


def dont_know_share(dimension: str | None = None, *, instrument: Named = None, name: str = "") -> Measure:
    """Measure the share of answers in the latest wave that are "Vet ej".

    Parameters
    ----------
    dimension, instrument
        As for `index`.
    name
        Column in the panel; empty for ``dont_know_share``, with ``_<dimension>``.

    Returns
    -------
    Measure
        A ratio of answers, with the sums behind it.

    Raises
    ------
    InputError
        If there is no such dimension or instrument.
    """
    check_dimension(dimension)
    read_by = instrument_named(instrument)
    column = name or _named("dont_know_share", dimension)
    above, below, asked = f"{column}_answers", f"{column}_of", f"{column}_asked"

    def compute(known: Known) -> ibis.Table:
        if "survey" not in known:
            return nothing(known, **dict.fromkeys((above, below, asked), "int64"))
        sums = latest_waves(known, read_by, dimension)
        answers = sums.answered + sums.unknown
        return sums.select(*KEYS, sums.unknown.name(above), answers.name(below), sums.asked.name(asked))

    return ratio_of(
        column,
        (above, below, asked),
        compute,
        better="none",
        coverage=(f"{column}_coverage", below, asked),
        parameters=(("dimension", dimension or ""), ("items", meaning_of_items(read_by))),
        meaning="dont_know_share",
    )


def response_rate() -> Measure:
    """Measure the response rate: waves that a pupil answered over waves during which the pupil was enrolled.

    A wave lasts from the first to the last day in the period on which any of those studied answered it; a pupil who was
    enrolled on one of these days was asked. "Vet ej" is an answer.

    Returns
    -------
    Measure
        ``survey_response_rate``, a ratio of waves with ``waves_answered`` and ``waves_enrolled``. In a period of one
        wave it is the share of the enrolled who answered. Answers of pupils who were not enrolled count nowhere.
    """
    return ratio_of(
        "survey_response_rate",
        ("waves_answered", "waves_enrolled"),
        _responses,
        better="higher",
    )


def _responses(known: Known) -> ibis.Table:
    if "survey" not in known:
        return nothing(known, waves_answered="int64", waves_enrolled="int64")
    answers = known.facts("survey")
    waves = answers.group_by("period", "wave").agg(first=answers.date.min(), last=answers.date.max())
    enrolments = known.spells("enrolments")
    begun = enrolments.filter(took_place(enrolments))
    spells = begun.select(*KEYS, "start", "end")
    during = spells.join(
        waves,
        [
            spells.period == waves.period,
            spells.start <= waves["last"],
            spells.end.isnull() | (spells.end > waves["first"]),
        ],
    )
    asked = during.select(*KEYS, "wave").distinct()
    answered = answers.group_by(*KEYS, "wave").agg(answers=answers.item.count())
    both = asked.left_join(answered, [*KEYS, "wave"])
    counted = both.select(*KEYS, answered=both.answers.notnull().cast("int64"))
    return counted.group_by(*KEYS).agg(
        waves_answered=ibis._.answered.sum().cast("int64"), waves_enrolled=ibis._.answered.count().cast("int64")
    )


def _named(*parts: str | None) -> str:
    return "_".join(part for part in parts if part)
