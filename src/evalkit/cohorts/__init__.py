"""Who is studied, from when to when, and who was left out and why."""

from evalkit.cohorts.build import build_cohort
from evalkit.cohorts.library import school_year_starters

__all__ = ["build_cohort", "school_year_starters"]
