"""What protected values mean in words: findings, certainty, titles, captions, alternative texts, conclusions."""

from evalkit.reports.sentences.conclusions import Conclusions, conclude
from evalkit.reports.sentences.findings import Finding, find
from evalkit.reports.sentences.reading import Reading, read
from evalkit.reports.sentences.verdict import Certainty, Verdict, certainty_of, verdict_of

__all__ = [
    "Certainty",
    "Conclusions",
    "Finding",
    "Reading",
    "Verdict",
    "certainty_of",
    "conclude",
    "find",
    "read",
    "verdict_of",
]
