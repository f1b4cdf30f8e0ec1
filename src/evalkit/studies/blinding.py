"""Effects that stay hidden until the design's declared checks pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import ge, le

import pandas as pd

from evalkit import models
from evalkit.studies.study_verbs import VERBS, Answer, Question
from evalkit.values import Curve, Diagnostic, Diagnostics, Estimate, SchoolSums, fingerprint

Thresholds = tuple[tuple[str, float], ...]
HIDDEN = "hidden until the declared checks of the design pass"
PASSES: Mapping[str, Callable[[float, float], bool]] = {
    "coverage": ge,
    "overlap": ge,
    "exchangeability_p": ge,
    "detectable_effect": le,
    "registration_change": le,
}


def judge(sums: SchoolSums, declared: Thresholds) -> Diagnostics:
    """Tell which declared checks a design passes; the difference after the start is not looked at.

    Parameters
    ----------
    sums
        Of all the study's sites.
    declared
        ``(check, threshold)`` as in the study file.

    Returns
    -------
    Diagnostics
        ``check_<name>``: ``"passed"``, ``"failed"``, or ``"unknown"`` where the sums cannot tell, which does not pass.
    """
    found = models.design_report(sums).diagnostics
    return Diagnostics(tuple(Diagnostic(f"check_{name}", _verdict(found.get(name), name, at)) for name, at in declared))


def veil(question: Question, sums: SchoolSums, declared: Thresholds) -> Answer | None:
    """Return an answer without any number where the question tells the effect and a declared check does not pass.

    None where nothing is to be hidden: only then is the answer made at all.
    """
    if not declared or not VERBS[question.verb].tells_effect:
        return None
    checks = judge(sums, declared)
    failed = ";".join(check.name for check in checks.items if check.value != "passed")
    if not failed:
        return None
    told = (("blinded", digest_of_checks(declared)), ("failed", failed))
    if VERBS[question.verb].kind is None:
        return Estimate(question.name, HIDDEN, "blinded", None, sums.unit, diagnostics=checks, details=told)
    return Curve(question.name, "blinded", HIDDEN, sums.unit, pd.DataFrame(), "", told)


def lift(answer: Answer, question: Question, declared: Thresholds) -> Answer:
    """Return an answer that says under which declaration it was let through, so that the ledger can tell."""
    if not declared or not VERBS[question.verb].tells_effect:
        return answer
    return replace(answer, details=(*answer.details, ("unblinded", digest_of_checks(declared))))


def digest_of_checks(declared: Thresholds) -> str:
    """Return the digest of a declaration."""
    return fingerprint(declared)[:16]


def _verdict(value: float | int | str | None, name: str, threshold: float) -> str:
    if value is None or isinstance(value, str) or math.isnan(value):
        return "unknown"
    return "passed" if PASSES[name](float(value), threshold) else "failed"
