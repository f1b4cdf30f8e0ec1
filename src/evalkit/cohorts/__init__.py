"""Who is studied, from when to when, and who was left out and why: the library of named cohorts."""

from evalkit.cohorts.library import school_year_starters

__all__ = ["school_year_starters"]
