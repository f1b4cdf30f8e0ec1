"""What a design can and cannot tell, known before any result: one plain sentence for each thing found out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evalkit.reports.figures.scale import number_in
from evalkit.reports.labels import Words, joined
from evalkit.reports.numbers import decimals_for, number, percent, signed, span, term
from evalkit.values import Estimate

FEW_IN_A_HUNDRED, ENOUGH, ALL = 0.05, 0.8, 1.0
UNIT = "schools"


@dataclass(frozen=True, eq=False)
class _Design:
    """A report on a design, ready to be put into words."""

    estimate: Estimate
    words: Words

    def get(self, name: str) -> float:
        """Return what was found out, NaN where it was not or is protected."""
        return number_in(self.estimate.diagnostics.get(name))

    def unit(self, name: str) -> str:
        """Return the unit of what was found out, in words."""
        unit = next((item.unit for item in self.estimate.diagnostics.items if item.name == name), "")
        return self.words.count(f"unit.{unit}", 2) if self.words.has(f"unit.{unit}") else ""

    def share(self, value: float) -> str:
        return percent(value, self.words.language, decimals=0)

    def size(self, value: float) -> str:
        return number(abs(value), self.words.language, decimals=decimals_for(value, most=2))

    def decimals(self, name: str) -> int:
        """Return how many decimals a number and its interval are written with."""
        return decimals_for(*(self.get(f"{name}{end}") for end in ("", "_low", "_high")), most=2)

    def between(self, name: str) -> str:
        """Return an interval in brackets, empty where it is not known."""
        low, high = self.get(f"{name}_low"), self.get(f"{name}_high")
        if not (math.isfinite(low) and math.isfinite(high)):
            return ""
        return f" ({span(low, high, self.words.language, decimals=self.decimals(name))})"


def is_design(estimate: Estimate) -> bool:
    """Say whether an estimate is a report on a design, not on pupils."""
    return estimate.design == "level" and estimate.unit == UNIT


def design_items(estimate: Estimate, words: Words) -> tuple[tuple[str, str], ...]:
    """Return what was found out, a name and a sentence each, in the order a reader needs, without what is missing."""
    design = _Design(estimate, words)
    found = ((name, say(design)) for name, say in SAYINGS.items())
    return tuple((words.say(f"design.{name}.name"), joined(text)) for name, text in found if text)


def _schools(design: _Design) -> str:
    treated, others = design.get("treated_schools"), design.get("comparison_schools")
    if math.isnan(treated) or math.isnan(others):
        return ""
    facts = {"n": design.words.numeral(int(treated)), "others": design.words.numeral(int(others))}
    return design.words.count("design.schools", int(treated), facts)


def _effective(design: _Design) -> str:
    value, largest = number_in(design.estimate.value), design.get("largest_leverage")
    if math.isnan(value):
        return ""
    said = design.words.say("design.effective", {"value": number(value, design.words.language, decimals=1)})
    if math.isnan(largest):
        return said
    return joined(said, design.words.say("design.effective.largest", {"share": design.share(largest)}))


def _coverage(design: _Design) -> str:
    return _share(design, "coverage", "enough" if design.get("coverage") >= ENOUGH else "low")


def _overlap(design: _Design) -> str:
    return _share(design, "overlap", "all" if design.get("overlap") >= ALL else "some")


def _share(design: _Design, name: str, verdict: str) -> str:
    value = design.get(name)
    if math.isnan(value):
        return ""
    return design.words.say(f"design.{name}.{verdict}", {"share": design.share(value)})


def _alike(design: _Design) -> str:
    p = design.get("exchangeability_p")
    if math.isnan(p):
        return ""
    key = "design.exchangeability_p.differ" if p <= FEW_IN_A_HUNDRED else "design.exchangeability_p.alike"
    return design.words.say(key, {"p": number(p, design.words.language, decimals=decimals_for(p, least=2))})


def _registration(design: _Design) -> str:
    value = design.get("registration_change")
    if math.isnan(value):
        return ""
    if round(value, 1) == 0:
        return design.words.say("design.registration_change.steady")
    at = design.estimate.detail("registration_change_at")
    facts = {
        "value": design.size(value),
        "unit": design.unit("registration_change"),
        "when": term(str(at), design.words.language, form="text") if at else "",
    }
    return design.words.say("design.registration_change.at" if at else "design.registration_change", facts)


def _control(design: _Design) -> str:
    value = design.get("coverage_effect")
    if math.isnan(value):
        return ""
    low, high = design.get("coverage_effect_low"), design.get("coverage_effect_high")
    key = "design.coverage_effect.clear" if low > 0 or high < 0 else "design.coverage_effect.none"
    written = signed(value, design.words.language, decimals=design.decimals("coverage_effect"))
    facts = {"value": written, "unit": design.unit("coverage_effect"), "span": design.between("coverage_effect")}
    return design.words.say(key, facts)


def _regression(design: _Design) -> str:
    gap, change = design.get("baseline_difference"), design.get("regression_to_mean")
    if math.isnan(gap) or math.isnan(change):
        return ""
    facts = {
        "gap": design.size(gap),
        "change": signed(change, design.words.language, decimals=design.decimals("regression_to_mean")),
        "unit": design.unit("regression_to_mean"),
        "span": design.between("regression_to_mean"),
    }
    return design.words.say(f"design.regression_to_mean.{'higher' if gap > 0 else 'lower'}", facts)


def _moved(design: _Design) -> str:
    value = design.get("moved_share")
    if math.isnan(value):
        return ""
    return design.words.say("design.moved_share", {"share": percent(value, design.words.language)})


def _counted(name: str) -> Callable[[_Design], str]:
    def say(design: _Design) -> str:
        value = design.get(name)
        if math.isnan(value) or value == 0:
            return ""
        return design.words.count(f"design.{name}", value, {"n": design.words.numeral(int(value))})

    return say


SAYINGS: Mapping[str, Callable[[_Design], str]] = {
    "schools": _schools,
    "effective": _effective,
    "overlap": _overlap,
    "exchangeability_p": _alike,
    "regression_to_mean": _regression,
    "coverage": _coverage,
    "registration_change": _registration,
    "coverage_effect": _control,
    "moved_share": _moved,
    "schools_merged": _counted("schools_merged"),
    "schools_left_out": _counted("schools_left_out"),
}
