"""Make a definition of two: those in both, or those of the first who are not in the second."""

from __future__ import annotations

from dataclasses import replace

from evalkit.errors import DesignError
from evalkit.values import CohortDefinition, Part


def intersect(first: CohortDefinition, second: CohortDefinition) -> CohortDefinition:
    """Define those who are in both cohorts.

    The first says from when to when; the second only who. Nobody is followed up before the rules of both are settled,
    and the flow shows the steps of both.

    Parameters
    ----------
    first, second
        With the same ``as_of``.

    Returns
    -------
    CohortDefinition
        Without test persons, for each cohort's own say nothing of both.

    Raises
    ------
    DesignError
        If one sees what the other does not.
    """
    _as_one(first, second)
    return _cut(first, f"{first.name}_and_{second.name}", Part("intersect", second))


def subtract(first: CohortDefinition, second: CohortDefinition) -> CohortDefinition:
    """Define those of the first cohort who were not in the second when follow-up begins.

    Who comes into the second cohort later stays: to leave them out would be to choose persons by how it went for them.

    Parameters
    ----------
    first, second
        With the same ``as_of``.

    Returns
    -------
    CohortDefinition
        One more step; where the definition is cut with others too, after all that it is intersected with.

    Raises
    ------
    DesignError
        If one sees what the other does not.
    """
    _as_one(first, second)
    return _cut(first, f"{first.name}_without_{second.name}", Part("subtract", second))


def _cut(first: CohortDefinition, name: str, part: Part) -> CohortDefinition:
    return replace(first, name=name, parts=(*first.parts, part), cases=())


def _as_one(first: CohortDefinition, second: CohortDefinition) -> None:
    if first.as_of != second.as_of:
        raise DesignError(
            f"{first.name!r} sees what was known before {first.as_of}, {second.name!r} what was before {second.as_of}",
            remedy="give both the same as_of",
        )
