"""Hand-made protected values of what stands around an effect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from shown_values import ORIGIN, protected

from evalkit.values import Curve, Diagnostic, Diagnostics, Estimate, Protected
from evalkit.values.estimate import CurveKind

HIDDEN, OPEN = math.nan, math.inf
POINTS = "percentage_points"
SIZES = ("method", "size", "width", "placebos", "headline", "offered")
BOUNDS = ("restriction", "bound", "low", "high", "schools", "pupils")
ANSWERS = ("method", "value", "low", "high", "headline", "schools", "pupils")
FAMILY = ("outcome", "unit", "value", "low", "high", "p", "p_adjusted", "schools", "pupils")
Interval = tuple[float, float]


def _curve(
    kind: CurveKind, columns: Sequence[str], rows: Sequence[tuple[object, ...]], **details: str | float | int
) -> Protected:
    frame = pd.DataFrame(rows, columns=list(columns))
    return protected(Curve(f"forum_{kind}", kind, "e", POINTS, frame, details=tuple(details.items()), origin=ORIGIN))


def sizes(used: float = 0.048, error: float = 0.0582) -> Protected:
    """Size of the headline's method, of one more that is offered, and of two that are not."""
    rows = [
        ("headline", used, 4.05, 378, 1, 1),
        ("permutation", 0.051, 4.21, 378, 0, 1),
        ("cluster_robust", 0.31, 1.6, 100, 0, 0),
        ("jackknife", 0.12, HIDDEN, 100, 0, 0),
    ]
    details: dict[str, str | float | int] = {"rule": "variance_model", "placebos_apart": 14, "error": error}
    return _curve("placebo_size", SIZES, rows, **details, left_out="stratified")


def sensitivity(
    relative: Sequence[Interval] = ((1.1, 2.2), (0.4, 2.9), (-0.2, 3.5)),
    smooth: Sequence[Interval] = ((1.1, 2.7), (0.3, 3.4), (-0.5, 4.1)),
    **details: str | float | int,
) -> Protected:
    """Intervals at bounds 0, 0.5, 1 (relative) and 0, 0.1, 0.2 (smooth); a hidden one rests on too few pupils."""
    rows: list[tuple[object, ...]] = []
    for name, step, intervals in (("relative", 0.5, relative), ("smooth", 0.1, smooth)):
        for place, (low, high) in enumerate(intervals):
            few = math.isnan(low)
            rows.append((name, step * place, low, high, HIDDEN if few else 2, HIDDEN if few else 490))
    return _curve("sensitivity", BOUNDS, rows, **details)


def estimators(
    headline: tuple[float, float, float] = (0.8, -0.7, 2.4), others: Sequence[float] = (0.5, 1.1, 2.7)
) -> Protected:
    """Answer with the headline, schools weighted equally, all schools (no end above), and two-way (no interval)."""
    ends = ((-1.2, 2.2), (-0.6, OPEN), (HIDDEN, HIDDEN))
    methods = ("school_weighted", "all_schools", "two_way")
    rows: list[tuple[object, ...]] = [("headline", *headline, 1, 2, 490)]
    for method, value, (low, high) in zip(methods, others, ends, strict=True):
        few = math.isnan(value)
        rows.append((method, value, HIDDEN if few else low, HIDDEN if few else high, 0, HIDDEN if few else 2, 490))
    causes = {"cause_school_weighted": "weighting", "cause_all_schools": "comparison_set"}
    return _curve(
        "estimators", ANSWERS, rows, **causes, cause_two_way="forbidden_comparisons", reason_etwfe="collinear"
    )


def family(
    first: tuple[float, float] = (0.28, 0.31), second: tuple[float, float] = (0.031, 0.058), *, mixed: bool = False
) -> Protected:
    """Two outcomes with their p values, alone and adjusted; ``mixed`` adds one in another unit."""
    rows: list[tuple[object, ...]] = [
        ("attendance_rate", POINTS, 0.8, -0.7, 2.4, *first, 30, 5200),
        ("high_absence", POINTS, -3.1, -5.9, -0.3, *second, 30, 5200),
    ]
    if mixed:
        rows.append(("connectedness_index", "points", 0.12, 0.02, 0.22, 0.004, 0.012, 30, 4900))
    return _curve("family", FAMILY, rows, adjustment="romano_wolf")


def masked(value: Protected) -> Protected:
    """Hide every number of a curve, as protection does where all points rest on too few."""
    curve = value.value
    assert isinstance(curve, Curve)
    kept = {"method", "restriction", "bound", "outcome", "unit", "headline", "offered", "relative"}
    frame = curve.frame.assign(**{name: HIDDEN for name in curve.frame.columns if name not in kept})
    return protected(replace(curve, frame=frame))


def blinded_curve() -> Protected:
    """Make a curve that stays hidden, as the study's check makes it."""
    details = (("failed", "check_overlap;check_exchangeability_p"),)
    return protected(Curve("forum_family", "blinded", "e", POINTS, pd.DataFrame(), details=details, origin=ORIGIN))


def design(**found: float | None) -> Protected:
    """Make a report on a design with these things found out."""
    units = {"detectable_effect": POINTS, "coverage": "share", "regression_to_mean": POINTS}
    units |= {"registration_change": POINTS, "coverage_effect": POINTS}
    items = tuple(Diagnostic(name, value, units.get(name, "")) for name, value in found.items())
    made = Estimate("forum_design", "e", "level", 3.2, "schools", n=5200, diagnostics=Diagnostics(items), origin=ORIGIN)
    return protected(made)
