"""Who is studied, from when to when, and who was left out and why: the library, and what own definitions need."""

from evalkit.cohorts.adults import komvux_participants, sfi_beginners
from evalkit.cohorts.cases import check_cases
from evalkit.cohorts.compose import intersect, subtract
from evalkit.cohorts.following import in_transition, returners
from evalkit.cohorts.matching import matched
from evalkit.cohorts.responsibility import activity_responsibility
from evalkit.cohorts.starters import school_year_starters, upper_secondary_beginners
from evalkit.values import Case, CohortDefinition, Criterion

__all__ = [
    "Case",
    "CohortDefinition",
    "Criterion",
    "activity_responsibility",
    "check_cases",
    "in_transition",
    "intersect",
    "komvux_participants",
    "matched",
    "returners",
    "school_year_starters",
    "sfi_beginners",
    "subtract",
    "upper_secondary_beginners",
]
