"""Answers: estimates, curves, and what was found out about the design."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from evalkit.values.frames import settle
from evalkit.values.origin import Origin


@dataclass(frozen=True)
class Segment:
    """One unbroken piece of an interval; an open end is infinite."""

    low: float
    high: float


@dataclass(frozen=True)
class Diagnostic:
    """One thing found out about the design.

    ``unit`` is as in `Column`; ``persons`` is how many persons the number rests on, None where it is about no person.
    """

    name: str
    value: float | int | str | None
    unit: str = ""
    persons: int | None = None


@dataclass(frozen=True)
class Diagnostics:
    """Everything found out about one design, in order."""

    items: tuple[Diagnostic, ...] = ()

    def get(self, name: str) -> float | int | str | None:
        """Return one value by name, None where it was not found out."""
        return next((item.value for item in self.items if item.name == name), None)


Design = Literal["effect", "association", "change", "level", "pending", "blinded"]


@dataclass(frozen=True)
class Estimate:
    """One number, how sure it is, and how it was found.

    Parameters
    ----------
    name
        Stable name; sentences and labels are found by it.
    estimand
        What was estimated, in one English sentence.
    design
        ``"effect"``, ``"association"``, ``"change"`` (over time, never called effect), ``"level"``, ``"pending"``
        where the study's estimate is not made yet, or ``"blinded"`` where it stays hidden until declared checks pass.
    value
        The number, None if only an interval (or nothing) can be given.
    unit
        ``"percentage_points"``, ``"points"``, ``"share"``.
    interval
        Segments in order; empty if every value is refused or nothing can be given. Ends may be infinite.
    level
        Confidence level of the interval.
    standard_error
        None where the interval comes from an inverted test.
    p, attainable_p
        Two-sided; ``attainable_p`` is the smallest the design can reach.
    n, clusters, treated_clusters
        Persons, clusters in all, treated clusters.
    method, convention
        Name of the method; convention of its standard error, degrees of freedom included.
    details
        Named facts that the text needs, such as ``(("from", "HT2021"), ("to", "HT2024"))``.
    persons_minimum
        The fewest persons any group compared in the estimate stands for.

    Raises
    ------
    ValueError
        On an empty estimand, a Wald interval (one with a standard error) that misses the value, or a number in an
        estimate that is pending or blinded.
    """

    name: str
    estimand: str
    design: Design
    value: float | None
    unit: str
    interval: tuple[Segment, ...] = ()
    level: float = 0.95
    standard_error: float | None = None
    p: float | None = None
    attainable_p: float | None = None
    n: int | None = None
    clusters: int | None = None
    treated_clusters: int | None = None
    method: str = ""
    convention: str = ""
    diagnostics: Diagnostics = Diagnostics()
    details: tuple[tuple[str, str | float | int], ...] = ()
    persons_minimum: int | None = None
    origin: Origin | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.estimand.strip():
            raise ValueError("an estimate says what it estimates")
        numbers = (self.value, self.standard_error, self.p, self.n, self.persons_minimum, self.interval or None)
        if self.design in {"pending", "blinded"} and any(number is not None for number in numbers):
            raise ValueError(f"a {self.design} estimate holds no number")
        if self.standard_error is not None and self.value is not None and self.interval:
            inside = any(s.low - 1e-12 <= self.value <= s.high + 1e-12 for s in self.interval)
            if not inside:
                raise ValueError("a Wald interval holds the value it was built around")

    def detail(self, name: str) -> str | float | int | None:
        """Return one named fact, None where it is not there."""
        return dict(self.details).get(name)

    @property
    def low(self) -> float:
        """Lowest end of the interval, minus infinity if open, NaN if empty."""
        return self.interval[0].low if self.interval else math.nan

    @property
    def high(self) -> float:
        """Highest end of the interval, infinity if open, NaN if empty."""
        return self.interval[-1].high if self.interval else math.nan


CurveKind = Literal[
    "event_study",
    "placebo_distribution",
    "placebo_size",
    "sensitivity",
    "estimators",
    "family",
    "dose_response",
    "power",
    "pending",
    "blinded",
]


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of one picture.

    Parameters
    ----------
    name, kind, estimand, unit, method
        As for an `Estimate`.
    frame
        event_study: ``relative`` (int; times since the start, or what detail ``axis`` names), ``value``,
        ``low``, ``high`` (pointwise), ``band_low``, ``band_high`` (uniform), ``schools``, ``pupils``.
        placebo_distribution: ``left``, ``right`` (bin edges), ``assignments`` (count), ``as_extreme`` (count of
        those at least as far from 0 as the observed). placebo_size: ``method``, ``size`` (share of placebos in
        which the interval misses 0), ``width`` (median, NaN where it has no end), ``placebos`` (count),
        ``headline``, ``offered`` (0 or 1). sensitivity: ``restriction`` (``"relative"`` or ``"smooth"``),
        ``bound``, ``low``, ``high``, ``schools``, ``pupils``. estimators: ``method`` (code), ``value``,
        ``low``, ``high`` (NaN where no valid interval exists), ``headline`` (0 or 1), ``schools``, ``pupils``.
        family: ``outcome``, ``unit``, ``value``, ``low``, ``high``, ``p``, ``p_adjusted``, ``schools``,
        ``pupils``. power: ``effect``, ``power``.
    details
        Named facts that the text needs.
    """

    name: str
    kind: CurveKind
    estimand: str
    unit: str
    frame: pd.DataFrame
    method: str = ""
    details: tuple[tuple[str, str | float | int], ...] = ()
    origin: Origin | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", settle(self.frame))

    def detail(self, name: str) -> str | float | int | None:
        """Return one named fact, None where it is not there."""
        return dict(self.details).get(name)
