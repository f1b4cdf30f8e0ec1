"""What is measured about persons in periods: Ibis in, Ibis out."""

from evalkit.measures import (
    attendance,
    completion,
    connectedness,
    forums,
    participants,
    progression,
    support,
    transitions,
)

__all__ = [
    "attendance",
    "completion",
    "connectedness",
    "forums",
    "participants",
    "progression",
    "support",
    "transitions",
]
