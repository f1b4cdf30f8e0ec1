"""The headline and its variants on the schools' contrasts, as lines of the comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evalkit.models.assignments import comparison_weights, variance_parts
from evalkit.models.school_analysis import SchoolAnalysis, headline_interval
from evalkit.models.variance_model import sampling_variance
from evalkit.values import Segment

Ends = tuple[float, float]
NOWHERE: Ends = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Line:
    """One estimator's answer: its outermost ends, NaN where there is no valid interval, and then why."""

    method: str
    value: float
    ends: Ends
    withheld: str = ""


def ends_of(segments: tuple[Segment, ...]) -> Ends:
    """Return the outermost ends of an interval."""
    return (segments[0].low, segments[-1].high) if segments else NOWHERE


def compare_on_schools(
    analyses: tuple[SchoolAnalysis, ...], wider: tuple[SchoolAnalysis, ...], level: float
) -> tuple[Line, ...]:
    """Return the headline, the same with schools counted alike, and the same compared with all schools.

    Parameters
    ----------
    analyses, wider
        Of the design as the rule chose it, and of the design that compares with all schools.
    level
        Confidence level.
    """
    alike = tuple(_count_alike(one) for one in analyses)
    return tuple(
        Line(method, float(these[0].effect[0]), ends_of(headline_interval(these, level)))
        for method, these in (("headline", analyses), ("school_weighted", alike), ("all_schools", wider))
    )


def _count_alike(analysis: SchoolAnalysis) -> SchoolAnalysis:
    design = analysis.design
    weights = comparison_weights(design, analysis.assignments, np.ones_like(design.pupils))
    slope, base = variance_parts(weights, sampling_variance(design, analysis.correlation))
    share = np.zeros_like(design.pupils)
    share[design.treated] = design.exposure[design.slots]
    return replace(
        analysis,
        weights=weights,
        effect=np.einsum("ngs,gs->n", weights, design.contrast),
        exposure=np.einsum("ngs,gs->n", weights, share),
        slope=slope,
        base=base,
    )
