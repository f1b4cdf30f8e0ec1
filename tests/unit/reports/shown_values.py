"""Hand-made protected values, as a run would hand them to `show`."""

from __future__ import annotations

import math
from typing import Literal

import pandas as pd

from evalkit.values import (
    Axis,
    Birthright,
    Column,
    Curve,
    Diagnostic,
    Diagnostics,
    Estimate,
    Flow,
    FlowStep,
    Origin,
    Protectable,
    Protected,
    Segment,
    Table,
)

TERMS = ("HT2021", "VT2022", "HT2022", "VT2023", "HT2023", "VT2024", "HT2024", "VT2025")
BANDS = ("0-5", "5-10", "10-15", "15-20", "20-30", "30-50", "50-100")
PERSONS = Column("persons", "count")
RATE = Column("attendance_rate", "rate", "present", "reported", persons="persons", unit="share", decimals=1)
COVERAGE = Column("attendance_coverage", "rate", "reported", "offered", persons="persons", unit="share", decimals=1)
EXPOSED = Column("forum_exposed", "share", "exposed", "known", unit="share", decimals=1)
TERM = Axis("term", TERMS, None, partition=False)


def origin(*, language: str = "sv", simulated: bool = True, run_folder: str = "") -> Origin:
    return Origin(
        study="s",
        site="ale",
        study_digest="",
        site_digest="",
        inputs="",
        policy="skolverket",
        language=language,
        simulated=simulated,
        store="",
        run_folder=run_folder,
    )


ORIGIN = origin()


def protected(value: Protectable, marks: pd.DataFrame | None = None, status: str = "released") -> Protected:
    if marks is None:
        marks = pd.DataFrame()
        if isinstance(value, Table):
            marks = pd.DataFrame("", index=value.frame.index, columns=value.frame.columns)
    return Protected(value, marks, "skolverket", "d", 0, status, f"nb/{value.name}", Birthright())  # type: ignore[arg-type]


def table(
    rows: list[tuple[object, ...]],
    axes: tuple[Axis, ...],
    columns: tuple[Column, ...],
    *,
    name: str = "attendance_by_term",
    hidden: tuple[tuple[int, str, str], ...] = (),
    source: Origin | None = ORIGIN,
) -> Protected:
    """Make a protected table; ``hidden`` holds row, column and the sign that stands there instead of a number."""
    names = [axis.name for axis in axes] + [column.name for column in columns]
    frame = pd.DataFrame(rows, columns=names)
    frame = frame.astype({column.name: float for column in columns})
    marks = pd.DataFrame("", index=frame.index, columns=frame.columns)
    for row, column, sign in hidden:
        frame.loc[row, column] = math.nan
        marks.loc[row, column] = sign
    return protected(Table(name, "u", axes, columns, frame, source), marks)


def by_term(**changes: object) -> Protected:
    values = (0.887, 0.882, 0.893, 0.889, 0.897, 0.891, 0.9034, 0.8992)
    rows = [
        (term, 240 + 60 * place, value, 0.96) for place, (term, value) in enumerate(zip(TERMS, values, strict=True))
    ]
    return table(rows, (TERM,), (PERSONS, RATE, COVERAGE), **changes)  # type: ignore[arg-type]


def by_school(*, hidden: tuple[tuple[int, str, str], ...] = ()) -> Protected:
    """Four schools; the first holds its first forum in VT2024. Rows go school by school, the whole last."""
    schools = ("Da Vinciskolan", "Ale 1", "Ale 2", "Ale 3")
    rows = []
    for number, school in enumerate((*schools, "Ale")):
        for place, term in enumerate(TERMS):
            exposed = math.nan if school == "Ale" else float(number == 0 and place >= 5)
            rows.append((term, school, 120, 0.88 + 0.005 * number + 0.002 * place, exposed))
    axes = (TERM, Axis("school", schools, "Ale"))
    return table(rows, axes, (PERSONS, RATE, EXPOSED), name="attendance_by_school", hidden=hidden)


def by_year_group(fall: float = 0.02) -> Protected:
    """Year groups 7-9; years 8 and 9 are not there yet in the first school years."""
    rows: list[tuple[object, ...]] = []
    hidden = []
    for place, term in enumerate(TERMS):
        for year, first, level in (
            ("7", 0, 0.915),
            ("8", 2, 0.915 - fall),
            ("9", 4, 0.915 - 2 * fall),
            ("total", 0, 0.89),
        ):
            if place < first:
                hidden.append((len(rows), "attendance_rate", "."))
            rows.append((term, year, 240 if place >= first else 0, level))
    axes = (TERM, Axis("year_group", ("7", "8", "9"), "total"))
    return table(rows, axes, (PERSONS, RATE), name="attendance_by_year_group", hidden=tuple(hidden))


def bands(*, hidden: tuple[str, ...] = ()) -> Protected:
    counts = dict(zip(BANDS, (280, 231, 101, 43, 50, 14, 7), strict=True))
    rows = [(term, band, count) for term in TERMS for band, count in [*counts.items(), ("total", 726)]]
    taken = tuple((place, "persons", "..") for place, row in enumerate(rows) if row[1] in hidden)
    axes = (TERM, Axis("absence_band", BANDS, "total"))
    return table(list(rows), axes, (PERSONS,), name="absence_bands", hidden=taken)


def flow(*, merged: bool = False) -> Protected:
    steps = [
        FlowStep("candidates", "inskrivna i årskurs 7", "enrolled in year 7", 1340, 1390),
        FlowStep("started", "började årskurs 7", "started year 7", 1270, 1300),
        FlowStep("day+attendance" if merged else "day", "var inskrivna den 15 oktober", "were enrolled", 1215, 1215),
    ]
    return protected(Flow(tuple(steps), "u", "flow", ORIGIN))


def effect(
    value: float | None = 0.8,
    low: float = -0.7,
    high: float = 2.4,
    *,
    treated: int = 2,
    persons: int | None = 140,
    details: tuple[tuple[str, str | float | int], ...] = (),
    detectable: float | None = 2.1,
) -> Protected:
    facts = () if detectable is None else (Diagnostic("detectable_effect", detectable, "percentage_points"),)
    made = Estimate(
        "forum_effect",
        "change in attendance_rate from before to after the start",
        "effect",
        value,
        "percentage_points",
        (Segment(low, high),),
        n=7635,
        clusters=30,
        treated_clusters=treated,
        diagnostics=Diagnostics((*facts, Diagnostic("comparison_schools", 28))),
        details=(("rule", "permutation"), *details),
        persons_minimum=persons,
        origin=ORIGIN,
    )
    return protected(made)


def waiting(design: Literal["pending", "blinded"], checks: dict[str, str] | None = None) -> Protected:
    """Make an effect without any number; ``checks`` are those declared and how each went."""
    items = tuple(Diagnostic(f"check_{name}", state) for name, state in (checks or {}).items())
    return protected(
        Estimate("forum_effect", "e", design, None, "percentage_points", diagnostics=Diagnostics(items), origin=ORIGIN)
    )


def change(
    value: float = 1.6,
    low: float = 0.8,
    high: float = 2.4,
    *,
    outcome: str = "attendance_rate",
    levels: tuple[float, float] | None = (88.7, 90.3),
    clusters: int = 7,
    coverage: float = 0.98,
) -> Protected:
    known = () if levels is None else (("from_level", levels[0]), ("to_level", levels[1]))
    made = Estimate(
        "attendance_change",
        f"mean of {outcome} over persons in HT2024 minus that in HT2021",
        "change",
        value,
        "percentage_points",
        (Segment(low, high),),
        n=480,
        clusters=clusters,
        diagnostics=Diagnostics((Diagnostic("coverage", coverage, "share", 470),)),
        details=(("from", "HT2021"), ("to", "HT2024"), *known),
        persons_minimum=230,
        origin=ORIGIN,
    )
    return protected(made)


def association(value: float = 2.1, low: float = 1.2, high: float = 3.0) -> Protected:
    made = Estimate(
        "attendance_on_connectedness",
        "difference in attendance_rate when the same person's connectedness_index is one point higher, same term",
        "association",
        value,
        "percentage_points",
        (Segment(low, high),),
        n=900,
        clusters=7,
        details=(("outcome", "attendance_rate"), ("on", "connectedness_index")),
        persons_minimum=900,
        origin=ORIGIN,
    )
    return protected(made)


def smallest(value: float | None = 2.1, *, treated: int = 2) -> Protected:
    made = Estimate(
        "forum_detectable_effect",
        "smallest effect on attendance_rate",
        "level",
        value,
        "percentage_points",
        clusters=30,
        treated_clusters=treated,
        n=7600,
        origin=ORIGIN,
    )
    return protected(made)


def event_study(*, lift: float = 0.0) -> Protected:
    """Terms -3 to 2; ``lift`` raises the terms after the start."""
    rows = []
    for time in range(-3, 3):
        wide = 0.0 if time == -1 else 1.5
        value = 0.0 if time == -1 else 0.2 * time + (lift if time >= 0 else 0.0)
        rows.append(
            (time, value, value - wide, value + wide, value - 2 * wide, value + 2 * wide, 2 if time < 2 else 1, 300)
        )
    columns = ["relative", "value", "low", "high", "band_low", "band_high", "schools", "pupils"]
    frame = pd.DataFrame(rows, columns=columns)
    details = (("bands", "permutation"),)
    return protected(
        Curve("forum_event_study", "event_study", "e", "percentage_points", frame, details=details, origin=ORIGIN)
    )


def placebos(each: int = 1) -> Protected:
    counts = (1, 3, 6, 9, 12, 12, 8, 5, 2, 1)
    extreme = (1, 3, 0, 0, 0, 0, 0, 1, 2, 1)
    frame = pd.DataFrame(
        {
            "left": [place / 5 - 1 for place in range(10)],
            "right": [(place + 1) / 5 - 1 for place in range(10)],
            "assignments": [each * count for count in counts],
            "as_extreme": [each * count for count in extreme],
        }
    )
    details = (("observed", 0.5), ("attainable_p", 1 / 59), ("p", 8 / 59), ("drawn", 0))
    return protected(
        Curve("forum_placebos", "placebo_distribution", "e", "percentage_points", frame, details=details, origin=ORIGIN)
    )


def power() -> Protected:
    frame = pd.DataFrame({"effect": [0.0, 1.0, 2.0, 3.0], "power": [0.05, 0.4, 0.8, 0.99]})
    return protected(Curve("forum_power", "power", "e", "percentage_points", frame, origin=ORIGIN))
