"""Checks of how attendance is registered: coverage by school and month, and sudden changes of routine.

The lessons are summed by school and month once; what follows is arithmetic on those few sums, in Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.errors import Finding
from evalkit.sources.checks.examination import PLACES, Examination, finding

MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation under normality (Rousseeuw and Croux 1993)."""
SUMS = ("lessons", "offered", "reported", "valid", "invalid", "absent", "whole")


@dataclass(frozen=True)
class Month:
    """The sums of one school in one month, a month being numbered year times twelve plus month less one."""

    school: str
    number: int
    sums: Mapping[str, float]

    @property
    def label(self) -> str:
        """Return the month as ``2023-09``."""
        return f"{self.number // 12}-{self.number % 12 + 1:02d}"


@dataclass(frozen=True)
class Measure:
    """One sign of how attendance is registered."""

    name: str
    sv: str
    en: str
    value: Callable[[Mapping[str, float]], float]


def _share(part: str, whole: Callable[[Mapping[str, float]], float]) -> Callable[[Mapping[str, float]], float]:
    return lambda sums: sums[part] / whole(sums) if whole(sums) else float("nan")


MEASURES = (
    Measure(
        "reported", "andelen rapporterad tid", "the share of time reported", _share("reported", lambda s: s["offered"])
    ),
    Measure(
        "invalid",
        "andelen ogiltig av all frånvaro",
        "the invalid share of absence",
        _share("invalid", lambda s: s["valid"] + s["invalid"]),
    ),
    Measure(
        "length", "lektionernas medellängd", "the mean length of lessons", _share("offered", lambda s: s["lessons"])
    ),
    Measure(
        "whole",
        "andelen av frånvaron som gäller hela lektioner",
        "the share of absences that are whole lessons",
        _share("whole", lambda s: s["absent"]),
    ),
)


def check_registration(examination: Examination) -> list[Finding]:
    """Return what is odd about how schools register attendance."""
    months, names = _months(examination), _school_names(examination)
    return [
        *_low_reporting(months, names, examination),
        *_months_without(months, names, examination),
        *_routine_changes(months, names, examination),
        *_teachers(examination),
    ]


def _months(examination: Examination) -> list[Month]:
    table = examination.tables["attendance"]
    valid, invalid = table.minutes_valid_absence.fill_null(0), table.minutes_invalid_absence.fill_null(0)
    away = valid + invalid
    rows = table.select(
        "school_id",
        number=table.date.year() * 12 + table.date.month() - 1,
        offered=table.minutes_offered,
        reported=table.reported.ifelse(table.minutes_offered, 0),
        valid=valid,
        invalid=invalid,
        absent=(away > 0).ifelse(1, 0),
        whole=((away > 0) & (away >= table.minutes_offered)).ifelse(1, 0),
    )
    summed = {name: rows[name].sum() for name in SUMS if name != "lessons"}
    answer = rows.group_by(["school_id", "number"]).aggregate(lessons=rows.count(), **summed).to_pyarrow().to_pylist()
    months = [Month(row["school_id"], int(row["number"]), {name: float(row[name]) for name in SUMS}) for row in answer]
    return sorted(months, key=lambda month: (month.school, month.number))


def _school_names(examination: Examination) -> Mapping[str, str]:
    if not examination.has("school_units"):
        return {}
    units = examination.tables["school_units"].select("school_id", "name").to_pyarrow().to_pylist()
    return {unit["school_id"]: unit["name"] for unit in units}


def _told(found: Sequence[tuple[str, str]], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{names.get(school, school)}, {month}" for school, month in found[:PLACES])


def _low_reporting(months: Sequence[Month], names: Mapping[str, str], examination: Examination) -> list[Finding]:
    least, share = (examination.number("low_reporting", name) for name in ("minimum_lessons", "share"))
    judged = [month for month in months if month.sums["lessons"] >= least and month.sums["offered"]]
    low = [month for month in judged if month.sums["reported"] / month.sums["offered"] < share]
    if not low:
        return []
    low.sort(key=lambda month: month.sums["reported"] / month.sums["offered"])
    return [
        finding(
            "low_reporting",
            {"share": f"{100 * share:g}"},
            table="attendance",
            columns=("reported",),
            count=len(low),
            share=len(low) / len(judged),
            groups=_told([(month.school, month.label) for month in low], names),
        )
    ]


def _months_without(months: Sequence[Month], names: Mapping[str, str], examination: Examination) -> list[Finding]:
    teaching, least = (examination.number("months_without_lessons", name) for name in ("months", "minimum_lessons"))
    without: list[tuple[str, str]] = []
    for before, after in itertools.pairwise(months):
        enough = min(before.sums["lessons"], after.sums["lessons"]) >= least
        if before.school == after.school and enough:
            empty = [Month(before.school, number, {}) for number in range(before.number + 1, after.number)]
            without += [(month.school, month.label) for month in empty if month.number % 12 + 1 in teaching]
    if not without:
        return []
    share = len(without) / (len(without) + len(months))
    groups, count = _told(without, names), len(without)
    return [
        finding(
            "months_without_lessons", table="attendance", columns=("date",), count=count, share=share, groups=groups
        )
    ]


def _routine_changes(months: Sequence[Month], names: Mapping[str, str], examination: Examination) -> list[Finding]:
    found = []
    for measure in MEASURES:
        changes = _changes(_series(months, measure, examination), measure, examination)
        if changes:
            changes.sort(key=lambda change: -change[0])
            found.append(
                finding(
                    "routine_change",
                    {"measure_sv": measure.sv, "measure_en": measure.en},
                    table="attendance",
                    columns=("date",),
                    count=len(changes),
                    groups=_told([(school, month) for _, school, month in changes], names),
                )
            )
    return found


Series = Mapping[str, list[tuple[Month, float, float]]]
"""By school, each month with the school's own value, and that less the median of the other schools' same month."""


def _series(months: Sequence[Month], measure: Measure, examination: Examination) -> Series:
    least = examination.number("routine_change", "minimum_lessons")
    judged = [(month, measure.value(month.sums)) for month in months if month.sums["lessons"] >= least]
    judged = [(month, value) for month, value in judged if not np.isnan(value)]
    by_month: dict[int, list[tuple[str, float]]] = {}
    for month, value in judged:
        by_month.setdefault(month.number, []).append((month.school, value))
    series: dict[str, list[tuple[Month, float, float]]] = {}
    for month, value in judged:
        others = [other for school, other in by_month[month.number] if school != month.school]
        net = value - float(np.median(others)) if len(others) > 1 else value
        series.setdefault(month.school, []).append((month, value, net))
    return series


def _changes(series: Series, measure: Measure, examination: Examination) -> list[tuple[float, str, str]]:
    """Return size, school and month of the largest level shift of each school that has one.

    A shift counts where the school's own level changes by the floor, and either its level net of the municipality
    changes by the floor and by ``z`` robust standard deviations of such months, or what was there every month vanishes.
    """
    window, after, z, none = (
        examination.number("routine_change", name) for name in ("window", "after", "z", "vanished")
    )
    floor = examination.number("routine_change", f"floor_{measure.name}")
    nets = {school: [net for _, _, net in values] for school, values in series.items()}
    steps = [abs(b - a) for values in nets.values() for a, b in itertools.pairwise(values)]
    if not steps:
        return []
    least = max(floor, z * MAD_TO_SD * float(np.median(steps)) / np.sqrt(2))
    found = []
    for school, values in series.items():
        own, net = [value for _, value, _ in values], nets[school]
        shifts = zip(_shifts(own, window, after), _shifts(net, window, after), strict=True)
        large = [
            (round(abs(shift), 9), abs(net[place] - net[place - 1]), place)
            for (place, raw), (_, shift) in shifts
            if abs(raw) >= floor
            and raw * shift > 0
            and (abs(shift) >= least or min(own[place - window : place]) > none >= max(own[place : place + after]))
        ]
        if large:
            size, _, place = max(large)
            found.append((size, school, values[place][0].label))
    return found


def _shifts(values: Sequence[float], window: int, after: int) -> list[tuple[int, float]]:
    """Return the change of level at each place that has enough months on both sides: median after less before."""
    places = range(window, len(values) - after + 1)
    levels = [(np.median(values[place : place + after]), np.median(values[place - window : place])) for place in places]
    return [(place, float(later - earlier)) for place, (later, earlier) in zip(places, levels, strict=True)]


def _teachers(examination: Examination) -> list[Finding]:
    table = examination.tables["attendance"]
    least, share = (examination.number("unreported_by_teacher", name) for name in ("minimum_lessons", "share"))
    given = table.filter(table.teacher_id.notnull())
    each = given.group_by("teacher_id").aggregate(lessons=given.count(), unreported=given.reported.ifelse(0, 1).sum())
    many = (each.lessons >= least) & (each.unreported >= share * each.lessons)
    asked = each.aggregate(
        teachers=each.count(), few=many.sum(), theirs=each.unreported.sum(where=many), every=each.unreported.sum()
    )
    seen = asked.to_pyarrow().to_pylist()[0]
    if not seen["few"]:
        return []
    facts = {"share": f"{100 * share:g}", "part": f"{100 * seen['theirs'] / seen['every']:.0f}"}
    return [
        finding(
            "unreported_by_teacher",
            facts,
            table="attendance",
            columns=("reported", "teacher_id"),
            count=int(seen["few"]),
            share=seen["few"] / seen["teachers"],
        )
    ]
