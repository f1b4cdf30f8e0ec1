"""Verbs whose answer is the study's: made from all sites' sums, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from evalkit import models
from evalkit.values import Curve, Estimate, SchoolSums
from evalkit.values.estimate import CurveKind

Answer = Estimate | Curve
Sums = Sequence[SchoolSums]


@dataclass(frozen=True)
class Question:
    """What a notebook asks of the study.

    Parameters
    ----------
    verb
        Key of `VERBS`.
    name
        Name of the answer.
    sums
        Names of the sums it is made from, in order.
    treated
        For ``detectable_effect``: how many treated schools to imagine; 0 for those treated.
    """

    verb: str
    name: str
    sums: tuple[str, ...]
    treated: int = 0

    @property
    def details(self) -> tuple[tuple[str, str | int], ...]:
        """Return the question as details of its pending answer."""
        return (("verb", self.verb), ("sums", ";".join(self.sums)), ("treated", self.treated))

    @staticmethod
    def of(pending: Answer) -> Question:
        """Read a question back from its pending answer."""
        asked = dict(pending.details)
        return Question(str(asked["verb"]), pending.name, tuple(str(asked["sums"]).split(";")), int(asked["treated"]))


@dataclass(frozen=True)
class StudyVerb:
    """How one verb is carried out.

    Parameters
    ----------
    carry_out
        Makes the answer from the combined sums, in the question's order.
    tells_effect
        Whether the answer shows what treatment changed, so that a blinded study hides it.
    kind, columns
        Of the curve it gives; empty where it gives an estimate.
    needed
        Whether a run ends where the design cannot give the answer; the others are then told to be out of reach.
    """

    carry_out: Callable[[Sums, Question], Answer]
    tells_effect: bool
    kind: CurveKind | None = None
    columns: tuple[str, ...] = ()
    needed: bool = False

    def empty(self, question: Question, unit: str, why: str) -> Answer:
        """Return an answer without any number."""
        told = f"not made: {why}"
        if self.kind is None:
            return Estimate(question.name, told, "effect" if self.tells_effect else "level", None, unit)
        frame = pd.DataFrame(columns=list(self.columns), dtype="float64")
        return Curve(question.name, self.kind, told, unit, frame)


class _Make(Protocol):
    def __call__(self, sums: SchoolSums, *, name: str) -> Answer: ...


def _of_one(make: _Make) -> Callable[[Sums, Question], Answer]:
    """Carry out a verb that takes one outcome's sums."""
    return lambda sums, question: make(sums[0], name=question.name)


def _detectable(sums: Sums, question: Question) -> Answer:
    return models.detectable_effect(sums[0], treated=question.treated or None, name=question.name)


def _design(sums: Sums, question: Question) -> Answer:
    return models.design_report(sums[0], coverage_sums=sums[1] if len(sums) > 1 else None, name=question.name)


BINS = ("left", "right", "assignments", "as_extreme")
BOUNDS = ("restriction", "bound", "low", "high", "schools", "pupils")
BAND = ("relative", "value", "low", "high", "band_low", "band_high", "schools", "pupils")
SIZES = ("method", "size", "width", "placebos", "headline", "offered")
FAMILY = ("outcome", "unit", "value", "low", "high", "p", "p_adjusted", "schools", "pupils")
ESTIMATORS = ("method", "value", "low", "high", "headline", "schools", "pupils")
VERBS: Mapping[str, StudyVerb] = {
    "few_treated_effect": StudyVerb(_of_one(models.few_treated_effect), True, needed=True),
    "event_study": StudyVerb(_of_one(models.event_study), True, "event_study", BAND),
    "placebo_distribution": StudyVerb(_of_one(models.placebo_distribution), True, "placebo_distribution", BINS),
    "sensitivity": StudyVerb(_of_one(models.sensitivity), True, "sensitivity", BOUNDS),
    "agreement": StudyVerb(_of_one(models.agreement), True, "estimators", ESTIMATORS),
    "family": StudyVerb(lambda sums, asked: models.family_effects(sums, name=asked.name), True, "family", FAMILY),
    "placebo_sizes": StudyVerb(_of_one(models.placebo_sizes), False, "placebo_size", SIZES),
    "detectable_effect": StudyVerb(_detectable, False),
    "design": StudyVerb(_design, False),
}
