"""How sure a fact of the field is, and where it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

Certainty = Literal["V", "V2", "M-hi", "M-med", "M-lo", "PROP"]
"""Read in an official source, in a secondary one, remembered (high, medium, low certainty), this project's own."""


@dataclass(frozen=True)
class Provenance:
    """Where a fact is from, and how sure it is.

    Parameters
    ----------
    source
        The text or practice it was taken from.
    certainty
        The mark of the domain brief.
    """

    source: str
    certainty: Certainty


def certainty_mark(text: str) -> Certainty:
    """Return the text as a certainty mark.

    Raises
    ------
    ValueError
        If it is no mark that is used here.
    """
    if text not in get_args(Certainty):
        raise ValueError(f"certainty is one of {', '.join(get_args(Certainty))}, not {text!r}")
    return cast(Certainty, text)
