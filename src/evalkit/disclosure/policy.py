"""Policies: how much a number may tell, as files that the data holder owns."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from evalkit.errors import DisclosureError, InputError, Where
from evalkit.values import fingerprint


@dataclass(frozen=True)
class Policy:
    """Every threshold of one disclosure policy.

    Parameters
    ----------
    name, sv, en
        Name, and what readers call it.
    renderable
        Whether anything treated by it may be shown in a report.
    count_minimum
        Counts of persons from 1 to one less are hidden.
    ratio_persons
        Fewest persons behind a share, rate or mean.
    near_minimum
        A share whose part or complement is from 1 to one less is shown as ``~0`` or ``~100``.
    extremes_shown
        Whether shares of exactly 0 and 100 % are shown.
    ratio_width
        How much of its scale a hidden rate or mean must stay uncertain by.
    step_minimum
        A flow's step that excludes fewer (but not 0) is merged with its neighbour.
    rounding_base
        Counts in flows and beside estimates are rounded to it.
    estimate_persons, estimate_clusters
        Fewest persons and clusters behind an estimate.
    curve_persons, curve_schools
        Fewest persons and schools behind a point of a curve.
    sums_pupils
        Fewest pupils behind a row of a school's sums.
    complementary
        Whether cells are hidden to protect other cells.
    scales
        ``(unit, lowest, highest)``: what any reader knows of a unit.

    Raises
    ------
    ValueError
        If the thresholds contradict one another.
    """

    name: str
    sv: str
    en: str
    renderable: bool
    count_minimum: int
    ratio_persons: int
    near_minimum: int
    extremes_shown: bool
    ratio_width: float
    step_minimum: int
    rounding_base: int
    estimate_persons: int
    estimate_clusters: int
    curve_persons: int
    curve_schools: int
    sums_pupils: int
    complementary: bool
    scales: tuple[tuple[str, float, float], ...] = ()

    def __post_init__(self) -> None:
        if self.near_minimum < self.count_minimum:
            raise ValueError("near_minimum is at least count_minimum: a hidden count must not show through its share")
        if self.ratio_persons < 2 * (self.near_minimum - 1) + 1:
            raise ValueError("ratio_persons is at least twice near_minimum less one: a share is near one end only")
        if self.step_minimum % self.rounding_base:
            raise ValueError("step_minimum is a multiple of rounding_base, or rounding would show what merging hides")
        if min(self.count_minimum, self.rounding_base, self.step_minimum) < 1 or self.ratio_width < 0:
            raise ValueError("no threshold is below 1, and ratio_width is not below 0")

    @property
    def digest(self) -> str:
        """SHA-256 of name and rules; texts about them do not count."""
        rules = tuple((rule.name, getattr(self, rule.name)) for rule in fields(self) if rule.name not in ("sv", "en"))
        return fingerprint("policy", rules)

    @property
    def small(self) -> int:
        """Largest count that is hidden."""
        return self.count_minimum - 1

    @property
    def near(self) -> tuple[int, int]:
        """Fewest and most persons that ``~0`` and ``~100`` may stand for."""
        return (1 if self.extremes_shown else 0, self.near_minimum - 1)

    @property
    def spread(self) -> int:
        """How many persons wide a hidden part of too small a whole must stay."""
        return max(self.count_minimum - 2, 0)

    def scale(self, unit: str) -> tuple[float, float] | None:
        """Return the lowest and highest value of a unit, None if nobody knows them."""
        return next(((low, high) for name, low, high in self.scales if name == unit), None)


HIGHER_IS_STRICTER = (
    "count_minimum",
    "ratio_persons",
    "near_minimum",
    "ratio_width",
    "step_minimum",
    "rounding_base",
    "estimate_persons",
    "estimate_clusters",
    "curve_persons",
    "curve_schools",
    "sums_pupils",
    "complementary",
)
LOWER_IS_STRICTER = ("extremes_shown",)
RULES = HIGHER_IS_STRICTER + LOWER_IS_STRICTER


def load_policy(name: str, folder: Path) -> Policy:
    """Read one policy from its file.

    Parameters
    ----------
    name
        As in a site file, such as ``"skolverket"``.
    folder
        Holds ``<name>.toml``.

    Raises
    ------
    InputError
        If there is no such policy, or its file lacks a rule, has an unknown one or contradicts itself.
    """
    path = folder / f"{name}.toml"
    if not name.isidentifier() or not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise InputError(f"there is no disclosure policy {name!r}", remedy=f"name one of: {known or 'none is there'}")
    try:
        return _policy(tomllib.loads(path.read_text(encoding="utf-8")), name)
    except (tomllib.TOMLDecodeError, ValueError, KeyError, TypeError) as fault:
        told = f"lacks {fault}" if isinstance(fault, KeyError) else str(fault)
        raise InputError(
            f"the disclosure policy cannot be used: {told}",
            where=Where(file=path.name),
            remedy="every rule of skolverket.toml must be there, with value, source and certainty",
        ) from None


def at_least_as_strict(a: Policy, b: Policy) -> bool:
    """Tell whether policy ``a`` is, rule by rule, at least as strict as ``b``.

    A partial order: of two policies neither may be at least as strict as the other. A policy that credits readers with
    knowing more scales is the stricter.
    """
    return (
        all(getattr(a, rule) >= getattr(b, rule) for rule in HIGHER_IS_STRICTER)
        and all(getattr(a, rule) <= getattr(b, rule) for rule in LOWER_IS_STRICTER)
        and set(a.scales) >= set(b.scales)
    )


def refuse_internal(policy: Policy) -> None:
    """Stop a policy that nothing may be rendered by.

    Raises
    ------
    DisclosureError
        If the policy is not renderable.
    """
    if not policy.renderable:
        raise DisclosureError(
            f"nothing treated by the policy {policy.name!r} may be released",
            remedy="name a policy in the site file that may be rendered, such as skolverket",
        )


def _policy(content: dict[str, Any], name: str) -> Policy:
    unknown = set(content) - {"name", "sv", "en", "renderable", "rules", "scales"} | set(content["rules"]) - set(RULES)
    if unknown or content["name"] != name:
        raise ValueError(f"unknown key {', '.join(sorted(unknown))}" if unknown else "its name is not its file's name")
    rules = {rule: _value(content["rules"][rule], rule) for rule in RULES}
    scales = tuple((unit, float(low), float(high)) for unit, (low, high) in sorted(content.get("scales", {}).items()))
    return Policy(name, content["sv"], content["en"], content["renderable"], **rules, scales=scales)


def _value(rule: dict[str, Any], name: str) -> Any:
    """Return a rule's value, of the kind the rule has; every rule says where it is from and how sure it is."""
    expected = {"extremes_shown": bool, "complementary": bool, "ratio_width": float}.get(name, int)
    if set(rule) != {"value", "source", "certainty"}:
        raise ValueError(f"{name} needs value, source and certainty")
    if type(rule["value"]) is not expected:
        raise ValueError(f"{name} is {rule['value']!r}, which is no {expected.__name__}")
    return rule["value"]
