"""Completion: eligibility at the end of compulsory school, the upper secondary diploma, completed courses."""

from evalkit.measures.completion.courses import course_completed, courses_completed, weeks_to_completion
from evalkit.measures.completion.diplomas import diploma, diplomas, started
from evalkit.measures.completion.eligibility import (
    completed_year_9_eligible,
    core_failed,
    eligible,
    graded,
    merit,
    subjects_passed,
)

__all__ = [
    "completed_year_9_eligible",
    "core_failed",
    "course_completed",
    "courses_completed",
    "diploma",
    "diplomas",
    "eligible",
    "graded",
    "merit",
    "started",
    "subjects_passed",
    "weeks_to_completion",
]
