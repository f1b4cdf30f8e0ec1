"""Estimates, curves and diagnostics: numeric cores on arrays, results as frozen values."""

from evalkit.models.agreement import agreement
from evalkit.models.change_over_time import change_over_time
from evalkit.models.combine_sums import combine_sums
from evalkit.models.design_report import design_report
from evalkit.models.detectable_effect import detectable_effect, power_curve
from evalkit.models.event_study import event_study
from evalkit.models.family_effects import family_effects
from evalkit.models.few_treated_effect import few_treated_effect
from evalkit.models.placebo_distribution import placebo_distribution
from evalkit.models.placebo_sizes import placebo_sizes
from evalkit.models.reliability import reliability
from evalkit.models.sensitivity import sensitivity
from evalkit.models.staggered_effect import staggered_effect
from evalkit.models.within_effect import within_effect

__all__ = [
    "agreement",
    "change_over_time",
    "combine_sums",
    "design_report",
    "detectable_effect",
    "event_study",
    "family_effects",
    "few_treated_effect",
    "placebo_distribution",
    "placebo_sizes",
    "power_curve",
    "reliability",
    "sensitivity",
    "staggered_effect",
    "within_effect",
]
