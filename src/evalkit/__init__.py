"""evalkit: from the records of schools and adult education to evaluation reports.

Everything a notebook needs is here: nouns, verbs, and the namespaces of cohorts and measures.
"""

from evalkit.cohorts import library as cohorts
from evalkit.measures import attendance, connectedness, forums
from evalkit.studies.opening import open_study
from evalkit.studies.verbs import (
    build_cohort,
    build_panel,
    change_over_time,
    detectable_effect,
    event_study,
    few_treated_effect,
    placebo_distribution,
    protect,
    school_sums,
    show,
    tabulate,
    within_effect,
)
from evalkit.values import Estimate, Panel, Period, SchoolSums

__version__ = "0.1.0"

__all__ = [
    "Estimate",
    "Panel",
    "Period",
    "SchoolSums",
    "attendance",
    "build_cohort",
    "build_panel",
    "change_over_time",
    "cohorts",
    "connectedness",
    "detectable_effect",
    "event_study",
    "few_treated_effect",
    "forums",
    "open_study",
    "placebo_distribution",
    "protect",
    "school_sums",
    "show",
    "tabulate",
    "within_effect",
]
