"""How faults are told: a few at a time, by count and first row, never by value."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.errors import InputError, SourceFaultsError

MOST_TOLD = 20


def rows_phrase(count: int) -> str:
    """Return such as ``"3 rows, the first of them here"``."""
    return "1 row" if count == 1 else f"{count} rows, the first of them here"


def raise_faults(faults: Sequence[InputError]) -> None:
    """Raise the faults together, at most twenty of them, if there are any.

    Raises
    ------
    SourceFaultsError
        With the faults told.
    """
    if not faults:
        return
    told = list(faults[:MOST_TOLD])
    left = len(faults) - len(told)
    if left:
        told.append(InputError(f"and {left} more faults", remedy="mend these first, then check again"))
    raise SourceFaultsError(tuple(told))
