"""Flows that cannot be subtracted: steps that exclude few are merged, counts are rounded."""

from __future__ import annotations

from dataclasses import replace

from evalkit.disclosure.policy import Policy
from evalkit.values import Flow, FlowStep

JOINT = "; "


def treat_flow(flow: Flow, policy: Policy) -> tuple[Flow, int]:
    """Merge and round.

    A step that excludes from 1 to ``step_minimum - 1`` persons or spells is merged with the next, the last one with the
    step before, until every shown difference is 0 or at least the minimum; only then are counts rounded. A step that
    leaves fewer than the minimum, but not 0, is not shown.

    Parameters
    ----------
    flow
        As asked for.
    policy
        The thresholds.

    Returns
    -------
    tuple
        The treated flow, and how many counts were taken. A merged step bears the names of all it holds.
    """
    steps = [step for step in flow.steps if _enough(step, policy)]
    shown: list[FlowStep] = []
    waiting: list[FlowStep] = []
    for step in steps:
        if shown and _few_between(shown[-1], step, policy):
            waiting.append(step)
            continue
        shown.append(_merged([*waiting, step]))
        waiting = []
    if waiting:
        shown.append(_merged(waiting))
    while len(shown) > 1 and _few_between(shown[-2], shown[-1], policy):
        shown[-2:] = [_merged(shown[-2:])]
    rounded = tuple(
        replace(step, persons=_rounded(step.persons, policy), spells=_rounded(step.spells, policy)) for step in shown
    )
    return replace(flow, steps=rounded), len(flow.steps) - len(shown)


def _enough(step: FlowStep, policy: Policy) -> bool:
    return all(count == 0 or count >= policy.step_minimum for count in (step.persons, step.spells))


def _few_between(before: FlowStep, after: FlowStep, policy: Policy) -> bool:
    excluded = (before.persons - after.persons, before.spells - after.spells)
    return any(0 < count < policy.step_minimum for count in excluded)


def _merged(steps: list[FlowStep]) -> FlowStep:
    """Return one step that stands for several: what remains after the last of them."""
    return FlowStep(
        "+".join(step.id for step in steps),
        JOINT.join(step.sv for step in steps),
        JOINT.join(step.en for step in steps),
        steps[-1].persons,
        steps[-1].spells,
    )


def _rounded(count: int, policy: Policy) -> int:
    return (2 * count + policy.rounding_base) // (2 * policy.rounding_base) * policy.rounding_base
