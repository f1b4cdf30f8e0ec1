"""Bands and flags of absence, by the vocabulary's dated thresholds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import ibis

from evalkit.errors import InputError
from evalkit.measures.attendance.lessons import KEYS, totals
from evalkit.values import Known, Measure
from evalkit.vocabulary import FIRST_THRESHOLDS, AbsenceThreshold, absence_bands, absence_thresholds


def high_absence(
    threshold: float | str = "high", *, name: str = "high_absence", on: date = FIRST_THRESHOLDS
) -> Measure:
    """Measure whether absence is at least a share of the reported minutes.

    Parameters
    ----------
    threshold
        Share in (0, 1] of total absence, valid and invalid alike, or the name of one in the vocabulary: ``"chronic"``,
        ``"high"`` (Skolverket's national mapping of 2021), ``"alarming"``, ``"extensive"``, ``"severe"``; ``"invalid"``
        is held against invalid absence alone.
    name
        Column in the panel, for panels with several thresholds.
    on
        Day on which a named threshold is looked up.

    Returns
    -------
    Measure
        A flag; missing where no minute was reported.

    Raises
    ------
    InputError
        If the threshold is no share, or no share is called so.
    """
    share, held = _share_of(threshold, on)

    def compute(known: Known) -> ibis.Table:
        found = _reported(known)
        absent = found.invalid_absence_minutes if held == "invalid" else found.absent_minutes
        return found.select(*KEYS, _at_least(absent, found, share).cast("int64").name(name))

    said = (("threshold", str(share)), ("of", held))
    return Measure(name, "flag", "persons", "lower", (name,), compute, parameters=said, meaning="high_absence")


def chronic(threshold: str = "chronic", *, on: date = FIRST_THRESHOLDS) -> Measure:
    """Measure whether absence reaches a named threshold.

    Parameters
    ----------
    threshold
        Name in the vocabulary, as in `high_absence`.
    on
        Day on which it is looked up.

    Returns
    -------
    Measure
        ``<threshold>_absence``, such as ``chronic_absence`` or ``severe_absence``: the flag of `high_absence`.

    Raises
    ------
    InputError
        If no share is called so.
    """
    return high_absence(threshold, name=f"{threshold}_absence", on=on)


def band(on: date = FIRST_THRESHOLDS) -> Measure:
    """Measure which band of total absence a person is in.

    Parameters
    ----------
    on
        Day whose bands are used; the bands are dated (`evalkit.vocabulary.absence_bands`).

    Returns
    -------
    Measure
        ``absence_band``, a state such as ``"10-15"`` (from 10 up to, not including, 15 percent); missing where no
        minute was reported.
    """
    bands = absence_bands(on)

    def compute(known: Known) -> ibis.Table:
        found = _reported(known)
        falling = [
            (_at_least(found.absent_minutes, found, _exact(each.lower)), each.label) for each in reversed(bands[1:])
        ]
        return found.select(*KEYS, ibis.cases(*falling, else_=bands[0].label).name("absence_band"))

    edges = tuple((each.label, each.lower) for each in bands)
    return Measure("absence_band", "state", "", "lower", ("absence_band",), compute, parameters=edges)


def _share_of(threshold: float | str, on: date) -> tuple[Fraction, str]:
    if isinstance(threshold, str):
        named = _shares(on)
        if threshold not in named:
            raise InputError(
                "no threshold of absence is called so", remedy=f"give one of {', '.join(named)}, or a share"
            )
        return named[threshold].limit, named[threshold].of
    if not 0 < threshold <= 1:
        raise InputError("the threshold of high absence is no share", remedy="give a share such as 0.15 for 15 percent")
    return _exact(threshold), "total"


def _shares(on: date) -> dict[str, AbsenceThreshold]:
    return {name: each for name, each in absence_thresholds(on).items() if each.of in {"total", "invalid"}}


def _reported(known: Known) -> ibis.Table:
    found = totals(known)
    return found.filter(found.reported_minutes > 0)


def _at_least(absent: ibis.Value, found: ibis.Table, share: Fraction) -> ibis.Value:
    # in whole numbers, so that exactly 15 percent is 15 percent on every engine
    return absent * share.denominator >= found.reported_minutes * share.numerator


def _exact(share: float) -> Fraction:
    return Fraction(Decimal(str(share)))
