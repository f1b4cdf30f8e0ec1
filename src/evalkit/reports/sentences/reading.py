"""An estimate as readers meet it: in the unit shown, with the names of what it is about."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from evalkit.reports.labels import Words
from evalkit.reports.numbers import decimals_for, number
from evalkit.values import Estimate, Segment

WIDE = 10.0


@dataclass(frozen=True)
class Reading:
    """One estimate, ready to be put into words.

    Parameters
    ----------
    estimate
        In the unit shown: shares have become percentage points.
    subject
        What it is about, as a definite noun phrase: ``närvaron``.
    on, other
        What it goes with, for an association: as a clause (``när skolanknytningen är ett steg högre``), and as a
        definite noun phrase; empty otherwise.
    decimals
        With which its numbers are written.
    words
        Language.
    """

    estimate: Estimate
    subject: str
    on: str
    other: str
    decimals: int
    words: Words

    def fact(self, name: str) -> str | float | int | None:
        """Return one named fact, from the details or the diagnostics."""
        return fact_of(self.estimate, name)

    def amount(self, name: str) -> float | None:
        """Return one named fact that is a finite number, in the unit shown; None where there is none."""
        value = self.fact(name)
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None

    def size(self, value: float) -> str:
        """Write a number without its sign."""
        return number(abs(value), self.words.language, decimals=self.decimals)

    def unit(self, value: float) -> str:
        """Return the unit that follows a number."""
        whole = 1.0 if self.decimals == 0 and round(abs(value)) == 1 else 2.0
        return self.words.count(f"unit.{self.estimate.unit}", whole)

    @property
    def covers_zero(self) -> bool:
        """Whether the interval, taken as one, holds zero."""
        return self.estimate.low <= 0 <= self.estimate.high

    @property
    def open(self) -> bool:
        """Whether an end of the interval is open."""
        return not (math.isfinite(self.estimate.low) and math.isfinite(self.estimate.high))


def fact_of(estimate: Estimate, name: str) -> str | float | int | None:
    """Return one named fact of an estimate, from its details or its diagnostics."""
    found = estimate.detail(name)
    return estimate.diagnostics.get(name) if found is None else found


def read(estimate: Estimate, words: Words) -> Reading:
    """Return an estimate ready to be put into words.

    Parameters
    ----------
    estimate
        Protected.
    words
        Language.
    """
    shown = _shown(estimate)
    ends = [end for end in (shown.low, shown.high) if math.isfinite(end)]
    wide = len(ends) == 2 and shown.high - shown.low > WIDE and shown.low <= 0 <= shown.high
    written = ends or ([shown.value] if shown.value is not None else [])
    decimals = decimals_for(*written, least=0 if wide else 1)
    measure = _measure(estimate, words)
    on = words.choose((f"step.{measure}", "step")) if measure is not None else ""
    other = words.choose((f"measure.{measure}", "measure")) if measure is not None else ""
    return Reading(shown, subject_of(estimate, words), on, other, decimals, words)


def _shown(estimate: Estimate) -> Estimate:
    if estimate.unit != "share":
        return estimate
    return replace(
        estimate,
        unit="percentage_points",
        value=None if estimate.value is None else 100 * estimate.value,
        standard_error=None if estimate.standard_error is None else 100 * estimate.standard_error,
        interval=tuple(Segment(100 * part.low, 100 * part.high) for part in estimate.interval),
    )


def outcome_of(estimate: Estimate, words: Words) -> str:
    """Return the name of the outcome: as stated, else the first known one that the estimand names, else empty."""
    stated = estimate.detail("outcome")
    if isinstance(stated, str):
        return stated
    named = re.findall(r"[a-z_]+", estimate.estimand)
    return next((name for name in named if words.has(f"outcome.{name}")), "")


def subject_of(estimate: Estimate, words: Words) -> str:
    """Return what an estimate is about, as a definite noun phrase."""
    outcome = outcome_of(estimate, words)
    subject = words.name("outcome", outcome) if outcome else words.say("outcome")
    year = estimate.detail("year_group")
    if isinstance(year, int | float | str) and str(year).strip():
        return words.say("outcome.in_year", {"subject": subject, "year": f"{year}"})
    return subject


def _measure(estimate: Estimate, words: Words) -> str | None:
    """Return the name of what an outcome goes with, empty if unknown, None for what is no association."""
    if estimate.design != "association":
        return None
    stated = estimate.detail("on")
    if isinstance(stated, str):
        return stated
    named = [word for word in re.findall(r"[a-z_]+", estimate.estimand) if words.has(f"step.{word}")]
    return named[-1] if named else ""
