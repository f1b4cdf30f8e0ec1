"""What a two-way regression compares (Goodman-Bacon 2021, Journal of Econometrics 225(2)), through diff-diff."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.models.agreement.answers import Answer, Cells, ask
from evalkit.models.agreement.diff_diff_input import ROLES, give


@dataclass(frozen=True)
class Comparisons:
    """The parts of a two-way coefficient.

    Parameters
    ----------
    value
        The coefficient, as the parts add up; None where they cannot be had.
    forbidden_share
        Weight of comparisons of later with earlier treated units, of 1.
    without_forbidden
        The mean of all other comparisons by their weights.
    reason
        Why there are none, as in `Answer`.
    """

    value: float | None
    forbidden_share: float = 0.0
    without_forbidden: float | None = None
    reason: str = ""


def decompose(cells: Cells) -> Comparisons:
    """Split the two-way coefficient into comparisons of two groups; needs a balanced panel."""
    if not cells.balanced:
        return Comparisons(None, reason="unbalanced")
    found: list[tuple[float, float, bool]] = []

    def task() -> Answer:
        from diff_diff import BaconDecomposition

        given = give(cells)
        fit = BaconDecomposition().fit(given.frame, **ROLES, survey_design=given.survey)
        found.extend(
            (float(c.weight), float(c.estimate), c.comparison_type == "later_vs_earlier") for c in fit.comparisons
        )
        return Answer("two_way", sum(weight * value for weight, value, _ in found))

    answer = ask("two_way", task)
    if answer.value is None:
        return Comparisons(None, reason=answer.reason)
    allowed = [(weight, value) for weight, value, forbidden in found if not forbidden]
    mass = sum(weight for weight, _ in allowed)
    clean = sum(weight * value for weight, value in allowed) / mass if mass > 0 else None
    return Comparisons(answer.value, sum(weight for weight, _, forbidden in found if forbidden), clean)
