"""Transitions: which there are, who shows up, how attendance changes around them, what is done, and who is lost."""

from evalkit.measures.transitions.around import (
    absence_rise,
    attendance_after,
    attendance_before,
    attendance_change,
    show_up,
)
from evalkit.measures.transitions.changes import changes
from evalkit.measures.transitions.loss import lost
from evalkit.measures.transitions.settling import (
    handover_documented,
    handover_with_consent,
    long_gap,
    on_track,
    programme_change,
    registered_elsewhere,
)

__all__ = [
    "absence_rise",
    "attendance_after",
    "attendance_before",
    "attendance_change",
    "changes",
    "handover_documented",
    "handover_with_consent",
    "long_gap",
    "lost",
    "on_track",
    "programme_change",
    "registered_elsewhere",
    "show_up",
]
