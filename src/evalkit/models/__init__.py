"""Estimates, curves and diagnostics: numeric cores on arrays, results as frozen values."""

from evalkit.models.change_over_time import change_over_time
from evalkit.models.combine_sums import combine_sums
from evalkit.models.detectable_effect import detectable_effect, power_curve
from evalkit.models.event_study import event_study
from evalkit.models.few_treated_effect import few_treated_effect
from evalkit.models.placebo_distribution import placebo_distribution
from evalkit.models.reliability import reliability
from evalkit.models.within_effect import within_effect

__all__ = [
    "change_over_time",
    "combine_sums",
    "detectable_effect",
    "event_study",
    "few_treated_effect",
    "placebo_distribution",
    "power_curve",
    "reliability",
    "within_effect",
]
