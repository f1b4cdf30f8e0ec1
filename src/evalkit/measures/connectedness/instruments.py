"""Which instrument a survey's answers are read by."""

from __future__ import annotations

from collections.abc import Iterable

from evalkit.errors import InputError
from evalkit.vocabulary import Provenance, dimension, dimensions
from evalkit.vocabulary.instruments import Instrument, Item, instrument

Named = Instrument | str | None
"""An instrument, the name of one in the vocabulary, or None: the items and dimensions of the table, none reversed."""


def own_instrument(
    name: str,
    *,
    behavioural: Iterable[str] = (),
    academic: Iterable[str] = (),
    affective: Iterable[str] = (),
    cognitive: Iterable[str] = (),
    reverse: Iterable[str] = (),
) -> Instrument:
    """Describe a study's own instrument.

    Parameters
    ----------
    name
        What the study calls it.
    behavioural, academic, affective, cognitive
        Items of each dimension, by their codes in the table survey.
    reverse
        Those of them where agreement speaks of little connectedness.

    Returns
    -------
    Instrument
        For ``instrument=`` of the measures of connectedness.

    Raises
    ------
    InputError
        If there are no items, one stands twice, or one is reversed that is of no dimension.
    """
    asked = {"behavioural": behavioural, "academic": academic, "affective": affective, "cognitive": cognitive}
    turned = set(reverse)
    items = tuple(Item(code, about, "", code in turned) for about, codes in asked.items() for code in codes)
    if strange := turned - {item.code for item in items}:
        raise InputError(
            f"{', '.join(sorted(strange))} are reversed, but of no dimension",
            remedy="name each reversed item under its dimension too",
        )
    try:
        return Instrument(name, items, name, name, Provenance("the study's own instrument", "PROP"))
    except ValueError as fault:
        raise InputError(str(fault), remedy="name each item once, under one dimension") from None


def instrument_named(named: Named) -> Instrument | None:
    """Return the instrument meant.

    Raises
    ------
    InputError
        If the vocabulary has none of that name.
    """
    if not isinstance(named, str):
        return named
    try:
        return instrument(named)
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="name one of these, or describe it by own_instrument") from None


def check_dimension(code: str | None) -> None:
    """Refuse a dimension that there is not.

    Raises
    ------
    InputError
        Naming the four there are.
    """
    if code is None:
        return
    try:
        dimension(code)
    except KeyError as fault:
        named = ", ".join(each.code for each in dimensions())
        raise InputError(str(fault.args[0]), remedy=f"use one of {named}, or none for all items") from None


def meaning_of_items(read_by: Instrument | None) -> tuple[tuple[str, str, bool], ...]:
    """Return the part of an instrument that changes results, for a digest."""
    return () if read_by is None else tuple((item.code, item.dimension, item.reverse) for item in read_by.items)
