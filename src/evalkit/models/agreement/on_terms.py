"""The estimators on the schools' terms, as lines of the comparison, with what their differences consist of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from evalkit.models.agreement.answers import Answer, Cells, over_starts, read_cells, weight_of_units
from evalkit.models.agreement.assigned_weights import (
    Weigh,
    carry_out,
    permute,
    weigh_group_time,
    weigh_imputation,
    weigh_two_way,
)
from evalkit.models.agreement.causes import Difference, Landmarks, differ_on_terms
from evalkit.models.agreement.compare import Compared, compare_cells
from evalkit.models.agreement.on_schools import NOWHERE, Ends, Line, ends_of
from evalkit.models.agreement.school_panel import OUTCOME, SchoolPanel, terms_before_and_after
from evalkit.models.assignments import comparison_weights
from evalkit.models.school_analysis import SchoolAnalysis, choose_headline
from evalkit.models.school_design import SchoolDesign
from evalkit.models.variance_model import sampling_variance

ON_TERMS = ("two_way", "group_time", "imputation", "two_stage", "etwfe", "synthetic")
LINEAR: Mapping[str, Weigh] = {
    "two_way": weigh_two_way,
    "group_time": weigh_group_time,
    "imputation": weigh_imputation,
    "two_stage": weigh_imputation,
    "etwfe": weigh_imputation,
}
# an interval made with an estimator's weights is told only if the weights give the estimator's own answer
AGREES = 1e-6


@dataclass(frozen=True, eq=False)
class OnTerms:
    """Answers about all schools, and about those seen in every term where these are others and can be asked about."""

    every: Compared
    complete: Compared | None

    @property
    def values(self) -> dict[str, float]:
        """The answers by method."""
        return {one.method: one.value for one in self.every.answers if one.value is not None}

    @property
    def reasons(self) -> dict[str, str]:
        """Why the others have none."""
        return {one.method: one.reason for one in self.every.answers if one.value is None}


@dataclass(frozen=True, eq=False)
class Designs:
    """A study compared with all schools, and the same without adjustment for covariates."""

    wide: SchoolDesign
    unadjusted: SchoolDesign


def compare_on_terms(panel: SchoolPanel) -> OnTerms:
    """Ask every estimator, and average the treated schools' effects by pupils, not by how long they were treated."""
    cells = read_cells(panel.panel, OUTCOME)
    if cells.balanced:
        return OnTerms(_by_schools(cells), None)
    complete = cells.complete()
    usable = set(complete.frame["start"]) == set(cells.frame["start"]) and complete.frame["start"].eq(0).any()
    return OnTerms(_by_schools(cells), _by_schools(complete) if usable else None)


def give_intervals(
    found: OnTerms, panel: SchoolPanel, analyses: tuple[SchoolAnalysis, ...], level: float
) -> tuple[Line, ...]:
    """Give every answer its interval, or why it has none.

    Parameters
    ----------
    found
        The answers.
    panel
        What they are about.
    analyses
        Of the design that compares with all schools.
    level
        Confidence level.
    """
    rule, reason = choose_headline(analyses[0], level)
    if rule != "permutation" or not panel.balanced:
        withheld = reason if rule != "permutation" else "unbalanced"
        return tuple(Line(method, value, NOWHERE, withheld) for method, value in found.values.items())
    made = _permuted(panel, analyses, level)
    lines = []
    for method, value in found.values.items():
        own, ends = made[LINEAR[method]] if method in LINEAR else (float("nan"), NOWHERE)
        alike = abs(own - value) <= AGREES * max(1.0, abs(value))
        lines.append(Line(method, value, ends if alike else NOWHERE, "" if alike else "not_linear"))
    return tuple(lines)


def explain(found: OnTerms, panel: SchoolPanel, headline: float, designs: Designs) -> dict[str, Difference]:
    """Return how each answer differs from the headline, and by which steps.

    Parameters
    ----------
    found, panel
        The answers, and what they are about.
    headline
        The headline's answer.
    designs
        Compared with all schools, as the study asks and without adjustment for covariates.
    """
    inner = found.every if found.complete is None else found.complete
    marks = Landmarks(
        headline=headline,
        all_schools=difference_in(designs.wide),
        unadjusted=difference_in(designs.unadjusted),
        terms=terms_before_and_after(panel, designs.wide, complete=found.complete is not None),
        without_forbidden=inner.comparisons.without_forbidden,
    )
    return {
        method: differ_on_terms(method, value, None if found.complete is None else inner.get(method).value, marks)
        for method, value in found.values.items()
    }


def difference_in(design: SchoolDesign) -> float:
    """Return the pupil-weighted difference between treated and compared schools."""
    return float((comparison_weights(design, design.treated[None, :])[0] * design.contrast).sum())


def _by_schools(cells: Cells) -> Compared:
    compared = compare_cells(cells)
    weight = weight_of_units(cells)
    return replace(compared, answers=tuple(_averaged(one, weight) for one in compared.answers))


def _averaged(answer: Answer, weight: dict[int, float]) -> Answer:
    if answer.value is None or not answer.by_start:
        return answer
    value = over_starts(answer.by_start, weight)
    return replace(answer, value=value) if np.isfinite(value) else Answer(answer.method, None, reason="not_estimated")


def _permuted(
    panel: SchoolPanel, analyses: tuple[SchoolAnalysis, ...], level: float
) -> dict[Weigh, tuple[float, Ends]]:
    """Return the value and the interval that each set of weights gives."""
    design = analyses[0].design
    variances = tuple(
        one.spread.mode[0] + sampling_variance(design, one.correlation) @ design.shares for one in analyses
    )
    made = {}
    for weigh in set(LINEAR.values()):
        tested = carry_out(weigh, analyses[0].assignments, panel.first, panel.weight, panel.outcome)
        made[weigh] = float(tested.effect[0]), ends_of(permute(tested, variances, level))
    return made
