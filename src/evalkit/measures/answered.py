"""How many of a survey's items must be answered."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from evalkit.errors import InputError
from evalkit.vocabulary import answer_scale


def exact_share(answered_share: float | None) -> Fraction:
    """Return the share of items that must be answered as an exact fraction; None stands for the vocabulary's.

    Raises
    ------
    InputError
        If it is no share.
    """
    if answered_share is None:
        return Fraction(answer_scale().answered_share).limit_denominator(1000)
    if not 0 < answered_share <= 1:
        raise InputError(
            "the share of items that must be answered is no share", remedy="give a share such as 0.8 for 80 percent"
        )
    return Fraction(Decimal(str(answered_share)))
