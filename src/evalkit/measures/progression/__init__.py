"""Progression and dropout: by rule and by record, breaks and returns, courses passed, and those who get nowhere."""

from evalkit.measures.progression.absence_rule import dropouts
from evalkit.measures.progression.participations import completion_rate, dropout_rate
from evalkit.measures.progression.passing import passed_course, passed_two, time_against_median, weeks_to_pass
from evalkit.measures.progression.returning import (
    break_resumed,
    breaks,
    completed_after_return,
    recorded_dropouts,
    restart_rate,
    returns,
    still_studying,
)
from evalkit.measures.progression.slow import flagged, low_progress, no_progress

__all__ = [
    "break_resumed",
    "breaks",
    "completed_after_return",
    "completion_rate",
    "dropout_rate",
    "dropouts",
    "flagged",
    "low_progress",
    "no_progress",
    "passed_course",
    "passed_two",
    "recorded_dropouts",
    "restart_rate",
    "returns",
    "still_studying",
    "time_against_median",
    "weeks_to_pass",
]
