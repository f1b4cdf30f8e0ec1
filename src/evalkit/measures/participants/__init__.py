"""Participants of projects: who they were at entry, what became of them, and what staff and municipalities tell.

A participant's last day is the day before ``end`` in the table participants. Who returns to the same project is one
participant, with the first entry and, once out again, the last exit.
"""

from evalkit.measures.participants.entry import age_at_entry, education_at_entry, employment_at_entry
from evalkit.measures.participants.follow_up import six_months_after, upon_leaving
from evalkit.measures.participants.implementation import implementation_degree, implementation_persistence
from evalkit.measures.participants.staff import staff_change, staff_index
from evalkit.measures.participants.starts import first_job, first_job_or_study, self_support_reached
from evalkit.measures.participants.statuses import days_in, status, step_movement, steps_taken

__all__ = [
    "age_at_entry",
    "days_in",
    "education_at_entry",
    "employment_at_entry",
    "first_job",
    "first_job_or_study",
    "implementation_degree",
    "implementation_persistence",
    "self_support_reached",
    "six_months_after",
    "staff_change",
    "staff_index",
    "status",
    "step_movement",
    "steps_taken",
    "upon_leaving",
]
