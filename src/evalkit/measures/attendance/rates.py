"""Shares of minutes: attendance, reasons, invalid absence, weekdays, modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.measures.attendance.lessons import KEYS, SUMS, WEEKDAYS, codes, first_lessons, lessons, sums, totals
from evalkit.measures.judged import ratio_of
from evalkit.values import Known, Measure

Mode = Literal["campus", "online", "placement", "unknown"]
PARTS = ("offered_minutes", "reported_minutes", "present_minutes")
MINUTES_A_DAY = 1440


def rate(
    *,
    mode: Mode | None = None,
    subject: str | None = None,
    position: Literal["first"] | None = None,
    weekdays: Sequence[int] | None = None,
    before: int | None = None,
) -> Measure:
    """Measure the attendance rate: present minutes over reported minutes, of all lessons or of those chosen.

    Parameters
    ----------
    mode
        Only lessons on ``"campus"``, ``"online"``, on ``"placement"`` or of ``"unknown"`` mode.
    subject
        Only lessons of the subject with this code.
    position
        ``"first"`` for only the lesson that begins the person's day: the one with the day's smallest start, reported or
        not, and all that tie with it.
    weekdays
        Only these ISO weekdays; 1 is Monday.
    before
        Only lessons that begin before this minute after midnight; 540 is nine o'clock.

    Returns
    -------
    Measure
        ``attendance_rate``, a ratio in [0, 1], with the sums of minutes behind it and ``attendance_coverage``, reported
        over offered minutes. A variant bears its choice in its name and columns (``attendance_rate_online``,
        ``attendance_rate_subject_MA``, ``attendance_rate_first``, ``attendance_rate_weekdays_1_5``,
        ``attendance_rate_before_540``, or several joined), so that variants stand side by side in a panel; it says
        nothing of persons without such a lesson.

    Raises
    ------
    InputError
        If the mode, position, weekdays or minute is none there is.
    """
    _check_choice(mode, position, weekdays, before)
    days = None if weekdays is None else tuple(sorted(set(weekdays)))
    said = [
        "" if mode is None else mode,
        "" if subject is None else f"subject_{subject}",
        "" if position is None else position,
        "" if days is None else "_".join(["weekdays", *map(str, days)]),
        "" if before is None else f"before_{before}",
    ]
    suffix = "".join(f"_{part}" for part in said if part)
    if not suffix:
        return _rate("", SUMS, lambda known: totals(known).select(*KEYS, *SUMS), ())

    def chosen(known: Known) -> ibis.Table:
        if mode is not None and suffix == f"_{mode}":
            return _cuts(totals(known), (mode,))
        if days is not None and suffix == f"_{said[3]}":
            return _cuts(totals(known), days)
        rows = lessons(known) if position is None else first_lessons(known)
        conditions = _conditions(rows, mode, subject, days, before)
        return sums(rows.filter(*conditions) if conditions else rows).select(*KEYS, *PARTS)

    def compute(known: Known) -> ibis.Table:
        found = chosen(known)
        return found.filter(found.offered_minutes > 0).rename({f"{part}{suffix}": part for part in PARTS})

    said_of = (("mode", mode), ("subject", subject), ("position", position), ("weekdays", days), ("before", before))
    return _rate(suffix, tuple(f"{part}{suffix}" for part in PARTS), compute, said_of)


def invalid_share() -> Measure:
    """Measure how much of the absence is invalid: invalid over all absent minutes.

    Returns
    -------
    Measure
        ``invalid_share``, a ratio in [0, 1] with ``invalid_minutes`` and ``absent_minutes``.
    """

    def compute(known: Known) -> ibis.Table:
        found = totals(known)
        return found.select(*KEYS, "absent_minutes", invalid_minutes=found.invalid_absence_minutes)

    return _share("invalid_share", ("invalid_minutes", "absent_minutes"), compute, "lower")


def monday_friday_share() -> Measure:
    """Measure how much of the absence falls on Mondays and Fridays.

    Returns
    -------
    Measure
        ``monday_friday_share``, a ratio in [0, 1] with ``monday_friday_absent_minutes`` and ``weekly_absent_minutes``
        (on any day).
    """

    def compute(known: Known) -> ibis.Table:
        found = totals(known)
        edges = (found.absent_minutes_1 + found.absent_minutes_5).name("monday_friday_absent_minutes")
        return found.select(*KEYS, edges, weekly_absent_minutes=found.absent_minutes)

    return _share("monday_friday_share", ("monday_friday_absent_minutes", "weekly_absent_minutes"), compute)


def online_share() -> Measure:
    """Measure how much of what was offered was online.

    Returns
    -------
    Measure
        ``online_share``, a ratio in [0, 1]: ``online_minutes`` offered over ``known_mode_minutes`` offered;
        ``online_share_coverage`` is minutes of known mode over all offered.
    """

    def compute(known: Known) -> ibis.Table:
        found = totals(known)
        return found.select(
            *KEYS,
            online_minutes=found.offered_minutes_online,
            known_mode_minutes=found.offered_minutes - found.offered_minutes_unknown,
            any_mode_minutes=found.offered_minutes,
        )

    columns = ("online_minutes", "known_mode_minutes", "any_mode_minutes")
    return _share("online_share", columns, compute, covered="online_share_coverage")


def absence_reason(reason: str) -> Measure:
    """Measure how much of the absence with a recorded reason has this one.

    Reasons may tell of health: they are restricted, and only protected aggregates of this measure leave.

    Parameters
    ----------
    reason
        A code of the column ``reason``, such as ``"physical_illness"``; ``"unknown"`` is a reason that was recorded.

    Returns
    -------
    Measure
        ``absence_reason_<reason>``, a ratio in [0, 1]: minutes absent with the reason over minutes absent with any.
        ``absence_reason_coverage_<reason>`` is minutes absent with any reason over minutes absent.

    Raises
    ------
    InputError
        If there is no such reason.
    """
    if reason not in codes("reason"):
        raise InputError("there is no such reason for absence", remedy=f"give one of {', '.join(codes('reason'))}")
    columns = tuple(f"{part}_{reason}" for part in ("reason_minutes", "any_reason_minutes", "away_minutes"))

    def compute(known: Known) -> ibis.Table:
        found = totals(known)
        sources = (found[f"reason_minutes_{reason}"], found.reason_minutes, found.absent_minutes)
        return found.select(*KEYS, **dict(zip(columns, sources, strict=True)))

    covered = f"absence_reason_coverage_{reason}"
    return _share(f"absence_reason_{reason}", columns, compute, covered=covered, reason=reason)


def _rate(
    suffix: str,
    columns: tuple[str, ...],
    compute: Callable[[Known], ibis.Table],
    parameters: tuple[tuple[str, object], ...],
) -> Measure:
    return Measure(
        name=f"attendance_rate{suffix}",
        kind="ratio",
        unit="share",
        direction="higher",
        columns=columns,
        compute=compute,
        numerator=f"present_minutes{suffix}",
        denominator=f"reported_minutes{suffix}",
        coverage=(f"attendance_coverage{suffix}", f"reported_minutes{suffix}", f"offered_minutes{suffix}"),
        parameters=parameters,
        meaning="attendance_rate_of_lessons" if suffix else "",
    )


def _share(
    name: str,
    columns: tuple[str, ...],
    compute: Callable[[Known], ibis.Table],
    direction: Literal["lower", "none"] = "none",
    *,
    covered: str = "",
    reason: str = "",
) -> Measure:
    """Return a ratio of the first two columns, whose coverage is the second of the third."""
    return ratio_of(
        name,
        columns,
        lambda known: compute(known).select(*KEYS, *columns),
        better=direction,
        coverage=(covered, columns[1], columns[2]) if covered else None,
        parameters=(("reason", reason),) if reason else (),
        meaning="absence_reason" if reason else "",
    )


def _cuts(found: ibis.Table, cuts: Sequence[str | int]) -> ibis.Table:
    """Add up the sums of several modes or weekdays, as if they were all there is."""
    columns = {part: _added([found[f"{part}_{cut}"] for cut in cuts]) for part in PARTS}
    return found.select(*KEYS, **columns)


def _added(values: Sequence[ibis.Value]) -> ibis.Value:
    total, *others = values
    for value in others:
        total = total + value
    return total


def _conditions(
    rows: ibis.Table,
    mode: str | None,
    subject: str | None,
    weekdays: Sequence[int] | None,
    before: int | None,
) -> list[ibis.Value]:
    found = []
    if mode is not None:
        found.append(rows.mode == mode)
    if subject is not None:
        found.append(rows.subject == subject)
    if weekdays is not None:
        found.append((rows.date.day_of_week.index() + 1).isin(list(weekdays)))
    if before is not None:
        found.append(rows.start_minute < before)
    return found


def _check_choice(mode: str | None, position: str | None, weekdays: Sequence[int] | None, before: int | None) -> None:
    if mode is not None and mode not in codes("mode"):
        raise InputError("there is no such mode of a lesson", remedy=f"give one of {', '.join(codes('mode'))}")
    if position not in (None, "first"):
        raise InputError("there is no such position of a lesson in the day", remedy='give "first", or nothing')
    if weekdays is not None and (not weekdays or not set(weekdays) <= set(WEEKDAYS)):
        raise InputError("these are no weekdays", remedy="give numbers from 1, Monday, to 7, Sunday")
    if before is not None and not 0 < before <= MINUTES_A_DAY:
        raise InputError(
            "there is no such minute of the day", remedy=f"give minutes after midnight, 1 to {MINUTES_A_DAY}"
        )
