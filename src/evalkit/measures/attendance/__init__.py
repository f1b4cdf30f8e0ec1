"""Attendance over reported minutes, with the share that was reported beside it."""

from evalkit.measures.attendance.contact import days_to_contact, spells_contacted
from evalkit.measures.attendance.days import absent_days, activity_days
from evalkit.measures.attendance.flags import band, chronic, high_absence
from evalkit.measures.attendance.presence import present_at, present_by_hour
from evalkit.measures.attendance.punctuality import punctuality
from evalkit.measures.attendance.rates import absence_reason, invalid_share, monday_friday_share, online_share, rate
from evalkit.measures.attendance.spells import long_spell, longest_spell, longest_streak, spells

__all__ = [
    "absence_reason",
    "absent_days",
    "activity_days",
    "band",
    "chronic",
    "days_to_contact",
    "high_absence",
    "invalid_share",
    "long_spell",
    "longest_spell",
    "longest_streak",
    "monday_friday_share",
    "online_share",
    "present_at",
    "present_by_hour",
    "punctuality",
    "rate",
    "spells",
    "spells_contacted",
]
