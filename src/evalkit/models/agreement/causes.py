"""Why two estimators of the same change differ, in steps that add up to the difference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

# smaller differences are rounding in the machine
SAME = 1e-9

REMAINDERS = {
    "two_way": "term_weights",
    "group_time": "base_term",
    "imputation": "not_yet_treated",
    "two_stage": "not_yet_treated",
    "etwfe": "not_yet_treated",
    "synthetic": "synthetic_weights",
}


@dataclass(frozen=True)
class Landmarks:
    """Answers on the way from the headline to an estimator on terms.

    Parameters
    ----------
    headline, all_schools
        The headline, and the same with all untreated schools as comparison.
    unadjusted
        The latter without adjustment for covariates; the same where there is none.
    terms
        The difference of the terms' means after and before, over schools seen in every term where there are enough.
    without_forbidden
        The two-way coefficient without comparisons of later with earlier treated schools; None where it is not known.
    """

    headline: float
    all_schools: float
    unadjusted: float
    terms: float
    without_forbidden: float | None = None


@dataclass(frozen=True)
class Difference:
    """How far an estimator is from the headline, and by which steps, ``(cause, amount)``."""

    gap: float
    steps: tuple[tuple[str, float], ...]

    @property
    def cause(self) -> str:
        """The largest step; ``"none"`` where there is no difference."""
        known = [step for step in self.steps if math.isfinite(step[1])]
        if abs(self.gap) <= SAME or not known:
            return "none"
        return max(known, key=lambda step: abs(step[1]))[0]


def differ_on_schools(cause: str, gap: float) -> Difference:
    """Return the difference of an estimator that takes one step from the headline."""
    return Difference(gap, ((cause, gap),))


def differ_on_terms(method: str, value: float, complete: float | None, marks: Landmarks) -> Difference:
    """Return the difference of an estimator on terms.

    Parameters
    ----------
    method
        Its code.
    value
        Its answer.
    complete
        Its answer for the schools seen in every term, where that is another and it has one.
    marks
        The answers on the way.
    """
    inner = value if complete is None else complete
    steps: dict[str, float] = {
        "comparison_set": marks.all_schools - marks.headline,
        "covariates": marks.unadjusted - marks.all_schools,
        "composition": marks.terms - marks.unadjusted,
    }
    left = inner - marks.terms
    if method == "two_way" and marks.without_forbidden is not None:
        steps["forbidden_comparisons"] = inner - marks.without_forbidden
        left = marks.without_forbidden - marks.terms
    steps[REMAINDERS[method]] = left
    if complete is not None:
        steps["unbalanced_rule"] = value - complete
    return Difference(value - marks.headline, tuple(steps.items()))


def tell(differences: Mapping[str, Difference]) -> tuple[tuple[str, str | float | int], ...]:
    """Return ``cause_<method>``, ``gap_<method>`` and ``step_<cause>_<method>`` for each estimator."""
    facts: list[tuple[str, str | float | int]] = []
    for method, one in differences.items():
        facts += [(f"cause_{method}", one.cause), (f"gap_{method}", one.gap)]
        facts += [(f"step_{cause}_{method}", amount) for cause, amount in one.steps if abs(amount) > SAME]
    return tuple(facts)
