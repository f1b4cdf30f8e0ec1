"""Attendance over reported minutes, with the share that was reported beside it.

Definitions (this project's own, over the minutes of SS 12000): present = attended + other school activity; total
absence = valid + invalid absence; both over the minutes of *reported* lessons. An unreported lesson is unknown: it
counts in what was offered, and nowhere else.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import ibis

from evalkit.errors import InputError
from evalkit.measures.known import facts_in_periods
from evalkit.values import Measure, Tables
from evalkit.vocabulary import absence_bands

KEYS = ("person_id", "period")
SUMS = (
    "offered_minutes",
    "reported_minutes",
    "present_minutes",
    "attended_minutes",
    "other_minutes",
    "valid_absence_minutes",
    "invalid_absence_minutes",
)
FIRST_BANDS = date(2021, 7, 1)


def rate() -> Measure:
    """Measure the attendance rate: present minutes over reported minutes.

    Returns
    -------
    Measure
        ``attendance_rate``, a ratio in [0, 1], with the sums of minutes behind it and ``attendance_coverage``, reported
        over offered minutes.
    """
    return Measure(
        name="attendance_rate",
        kind="ratio",
        unit="share",
        direction="higher",
        columns=SUMS,
        compute=_minutes,
        numerator="present_minutes",
        denominator="reported_minutes",
        coverage=("attendance_coverage", "reported_minutes", "offered_minutes"),
    )


def high_absence(threshold: float = 0.15, *, name: str = "high_absence") -> Measure:
    """Measure whether total absence, valid and invalid alike, is at least a share of the reported minutes.

    Parameters
    ----------
    threshold
        Share in (0, 1]. Skolverket's national mapping of 2021 counted pupils from 0.15.
    name
        Column in the panel, for panels with several thresholds.

    Returns
    -------
    Measure
        A flag; missing where no minute was reported.

    Raises
    ------
    InputError
        If the threshold is no share.
    """
    if not 0 < threshold <= 1:
        raise InputError("the threshold of high absence is no share", remedy="give a share such as 0.15 for 15 percent")
    share = _exact(threshold)

    def compute(tables: Tables, grid: ibis.Table) -> ibis.Table:
        sums = _reported(tables, grid)
        return sums.select(*KEYS, _at_least(sums, share).cast("int64").name(name))

    return Measure(name, "flag", "persons", "lower", (name,), compute, parameters=(("threshold", str(share)),))


def band(on: date = FIRST_BANDS) -> Measure:
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

    def compute(tables: Tables, grid: ibis.Table) -> ibis.Table:
        sums = _reported(tables, grid)
        falling = [(_at_least(sums, _exact(each.lower)), each.label) for each in reversed(bands[1:])]
        return sums.select(*KEYS, ibis.cases(*falling, else_=bands[0].label).name("absence_band"))

    meaning = tuple((each.label, each.lower) for each in bands)
    return Measure("absence_band", "state", "", "lower", ("absence_band",), compute, parameters=meaning)


def _minutes(tables: Tables, grid: ibis.Table) -> ibis.Table:
    lessons = facts_in_periods(tables["attendance"], grid)

    def total(column: str) -> ibis.Value:
        return ibis.coalesce(lessons[column].sum(where=lessons.reported), 0).cast("int64")

    sums = lessons.group_by(*KEYS).agg(
        offered_minutes=ibis.coalesce(lessons.minutes_offered.sum(), 0).cast("int64"),
        reported_minutes=total("minutes_offered"),
        attended_minutes=total("minutes_attended"),
        other_minutes=total("minutes_other"),
        valid_absence_minutes=total("minutes_valid_absence"),
        invalid_absence_minutes=total("minutes_invalid_absence"),
    )
    return sums.mutate(present_minutes=sums.attended_minutes + sums.other_minutes).select(*KEYS, *SUMS)


def _reported(tables: Tables, grid: ibis.Table) -> ibis.Table:
    sums = _minutes(tables, grid)
    return sums.filter(sums.reported_minutes > 0)


def _at_least(sums: ibis.Table, share: Fraction) -> ibis.Value:
    # in whole numbers, so that exactly 15 percent is 15 percent on every engine
    absent = sums.valid_absence_minutes + sums.invalid_absence_minutes
    return absent * share.denominator >= sums.reported_minutes * share.numerator


def _exact(share: float) -> Fraction:
    return Fraction(Decimal(str(share)))
