"""The words around one picture or table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.reports.labels import Words, joined
from evalkit.reports.numbers import signed, span
from evalkit.values import Protected


@dataclass(frozen=True)
class Caption:
    """Title (a finding), what is drawn and its unit, how it was found, and what a listener hears instead."""

    title: str
    subtitle: str
    note: str
    alt: str


def range_of(values: Sequence[float], decimals: int, words: Words) -> str:
    """Return the range of several changes; one number where they are written alike."""
    low, high = min(values), max(values)
    if round(low, decimals) == round(high, decimals):
        return signed(low, words.language, decimals=decimals)
    return span(low, high, words.language, decimals=decimals)


def marked(note: str, protected: Protected, words: Words) -> str:
    """Return a note with what every note must say: that data are made up, that a number is preliminary.

    Parameters
    ----------
    note
        Sentences on how the picture was made; may be empty.
    protected
        What is shown.
    words
        Language.
    """
    origin = protected.origin
    simulated = words.say("mark.simulated") if origin is not None and origin.simulated else ""
    return joined(note, preliminary((protected,), words), simulated)


def preliminary(values: Sequence[Protected], words: Words) -> str:
    """Return the note of a box: that a number in it is preliminary, else nothing."""
    return joined(words.say("mark.preliminary") if any(value.status == "preliminary" for value in values) else "")
