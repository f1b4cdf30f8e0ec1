"""Effects that stay hidden until the design's declared checks pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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
    return Diagnostics(tuple(Diagnostic(f"check_{name}", _verdict(found, name, at)) for name, at in declared))


def veil(question: Question, sums: Sequence[SchoolSums], declared: Thresholds) -> Answer | None:
    """Return an answer without any number where the question tells effects and a declared check does not pass.

    None where nothing is to be hidden: only then is the answer made at all. Each of several outcomes must pass.
    """
    if not declared or not VERBS[question.verb].tells_effect:
        return None
    judged = [judge(one, declared) for one in sums]
    worst = max(judged, key=lambda checks: len(_not_passed(checks)))
    failed = ";".join(sorted({name for checks in judged for name in _not_passed(checks)}))
    if not failed:
        return None
    told = (("blinded", digest_of_checks(declared)), ("failed", failed))
    if VERBS[question.verb].kind is None:
        return Estimate(question.name, HIDDEN, "blinded", None, sums[0].unit, diagnostics=worst, details=told)
    return Curve(question.name, "blinded", HIDDEN, sums[0].unit, pd.DataFrame(), "", told)


def openly(question: Question, sums: Sequence[SchoolSums], declared: Thresholds) -> Sequence[SchoolSums]:
    """Return the sums that an answer shown in any case may rest on.

    Sums of coverage beside the outcome's are run through the design as an outcome; any other could be handed over in
    their place, so they are left out while a declared check does not pass.
    """
    beside = declared and not VERBS[question.verb].tells_effect and len(sums) > 1
    return sums[:1] if beside and _not_passed(judge(sums[0], declared)) else sums


def lift(answer: Answer, question: Question, declared: Thresholds) -> Answer:
    """Return an answer that says under which declaration it was let through, so that the ledger can tell."""
    if not declared or not VERBS[question.verb].tells_effect:
        return answer
    return replace(answer, details=(*answer.details, ("unblinded", digest_of_checks(declared))))


def digest_of_checks(declared: Thresholds) -> str:
    """Return the digest of a declaration."""
    return fingerprint(declared)[:16]


def _not_passed(checks: Diagnostics) -> list[str]:
    return [check.name for check in checks.items if check.value != "passed"]


def _verdict(found: Diagnostics, name: str, threshold: float) -> str:
    value = found.get(name)
    if value is None or isinstance(value, str) or math.isnan(value):
        return "unknown"
    attainable = found.get(f"{name.removesuffix('_p')}_attainable_p")
    if isinstance(attainable, float) and attainable > threshold:
        # so few assignments that no design could fail
        return "unknown"
    return "passed" if PASSES[name](float(value), threshold) else "failed"
