"""What stands around an effect: what the design can find, how it was found, and what would overturn it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evalkit import models
from evalkit.errors import InputError
from evalkit.studies.asking import study_wide
from evalkit.values import Curve, Estimate, SchoolSums

__all__ = [
    "agreement",
    "design",
    "detectable_effect",
    "family",
    "placebo_distribution",
    "placebo_sizes",
    "sensitivity",
]


def design(sums: SchoolSums, *, coverage: SchoolSums | None = None, name: str = "forum_design") -> Estimate:
    """Tell what a design can and cannot carry, before its outcome is seen. See `evalkit.models.design_report`.

    Parameters
    ----------
    sums
        From `school_sums`.
    coverage
        Sums of the outcome's coverage, which is run through the design as an outcome that treatment must not change.
    name
        Name of the answer.
    """
    asked = (sums,) if coverage is None else (sums, coverage)
    made = study_wide("design", asked, name, lambda: models.design_report(sums, coverage_sums=coverage, name=name))
    assert isinstance(made, Estimate)
    return made


def detectable_effect(
    sums: SchoolSums, *, treated: int | None = None, name: str = "forum_detectable_effect"
) -> Estimate:
    """Find the smallest effect the design finds in 8 of 10. See `evalkit.models.detectable_effect`."""
    made = study_wide(
        "detectable_effect", (sums,), name, lambda: models.detectable_effect(sums, treated=treated, name=name), treated
    )
    assert isinstance(made, Estimate)
    return made


def placebo_distribution(sums: SchoolSums, *, name: str = "forum_placebos") -> Curve:
    """Give the effects under every admissible assignment. See `evalkit.models.placebo_distribution`."""
    return _curve("placebo_distribution", (sums,), name, lambda: models.placebo_distribution(sums, name=name))


def placebo_sizes(sums: SchoolSums, *, name: str = "forum_placebo_sizes") -> Curve:
    """Tell how often each interval misses on the study's own untreated schools. See `evalkit.models.placebo_sizes`."""
    return _curve("placebo_sizes", (sums,), name, lambda: models.placebo_sizes(sums, name=name))


def sensitivity(sums: SchoolSums, *, name: str = "forum_sensitivity") -> Curve:
    """Tell how far trends may differ before the conclusion falls. See `evalkit.models.sensitivity`."""
    return _curve("sensitivity", (sums,), name, lambda: models.sensitivity(sums, name=name))


def agreement(sums: SchoolSums, *, name: str = "forum_estimators") -> Curve:
    """Put several estimators of the same effect side by side. See `evalkit.models.agreement`."""
    return _curve("agreement", (sums,), name, lambda: models.agreement(sums, name=name))


def family(sums: Sequence[SchoolSums], *, name: str = "forum_family") -> Curve:
    """Judge the effects on all outcomes that the study declared, as one family. See `evalkit.models.family_effects`.

    Parameters
    ----------
    sums
        One for each outcome under ``family`` in the study file.
    name
        Name of the answer.

    Raises
    ------
    InputError
        If the outcomes are not those declared: a family chosen afterwards adjusts for nothing.
    """
    origin, given = sums[0].origin, sorted(one.outcome for one in sums)
    if origin is not None and given != sorted(origin.family):
        raise InputError(
            f"the family asked for is {', '.join(given)}, and the study declares {', '.join(origin.family) or 'none'}",
            remedy="write the outcomes under `family` in the study file, before their effects are seen",
        )
    return _curve("family", sums, name, lambda: models.family_effects(sums, name=name))


def _curve(verb: str, sums: Sequence[SchoolSums], name: str, alone: Callable[[], Curve]) -> Curve:
    made = study_wide(verb, sums, name, alone)
    assert isinstance(made, Curve)
    return made
