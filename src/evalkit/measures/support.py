"""Support: who gets it and from whom, plans made in time and carried out together, and reasons why students leave."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.measures.judged import EVERY, KEYS, plus_days, share_of, verdicts, yes
from evalkit.values import Events, Known, Measure, Tables
from evalkit.vocabulary.progression_rules import progression_rules

_RULES = progression_rules(date(2011, 7, 1))
_WEEK = 7
_DROPPED = ("discontinued", "ended_no_progress")
_UNKNOWN = "unknown"
_CASE = ["person_id", "flagged", "cause"]


def covered(provider: str | tuple[str, ...] | None = None, *, name: str = "") -> Measure:
    """Measure whether a person had support in the period.

    Parameters
    ----------
    provider
        ``pupil_health``, ``special_education``, ``counsellor``, ``ifo``, ``vux``, ``ame``, ``integration``; one or
        several, None for any.
    name
        Column in the panel; ``supported``, with the one provider, where it is empty.

    Returns
    -------
    Measure
        A flag for everyone in the grid.
    """
    providers = (provider,) if isinstance(provider, str) else provider
    own = name or (f"supported_{provider}" if isinstance(provider, str) else "supported")

    def compute(known: Known) -> ibis.Table:
        spells = known.spells("support")
        if providers is not None:
            spells = spells.filter(spells.provider.isin(providers))
        had = spells.select(*KEYS).distinct().mutate(had=ibis.literal(1))
        told = known.grid.select(*KEYS).left_join(had, KEYS)
        return told.select(*KEYS, yes(told.had.notnull()).name(own))

    return Measure(
        own, "flag", "persons", "none", (own,), compute, parameters=(("provider", providers),), meaning="supported"
    )


def providers(*, name: str = "support_providers") -> Measure:
    """Measure how many providers gave a person support in the period."""

    def compute(known: Known) -> ibis.Table:
        spells = known.spells("support")
        return spells.group_by(*KEYS).agg(spells.provider.nunique().cast("int64").name(name))

    return Measure(name, "count", "", "none", (name,), compute, meaning="support_providers")


def plan_in_time(of: Events, weeks: int | None = None, *, name: str = "plan_in_time") -> Measure:
    """Measure the share of events, such as flags or dropouts, that a documented plan followed within so many weeks.

    Parameters
    ----------
    of
        Such as ``ek.progression.dropouts()`` or ``ek.progression.no_progress()``.
    weeks
        From the day on which the event could be known; None for the four of the vocabulary.
    name
        Column in the panel, for several events side by side.

    Returns
    -------
    Measure
        A ratio of events, counted once the weeks have run out. A plan counts from the event's own day on.
    """
    within = weeks or _RULES.number("plan_weeks")

    def compute(tables: Tables) -> ibis.Table:
        found = of.compute(tables)
        cases = found.group_by("person_id", "cause", flagged=found.date).agg(flag_known=found.known_from.min())
        cases = cases.mutate(settled=plus_days(cases.flag_known, _WEEK * within))
        plans = tables["plans"].select("person_id", "created", plan_known="known_from")
        near = cases.join(
            plans,
            [
                cases.person_id == plans.person_id,
                plans.created >= cases.flagged,
                plans.created <= cases.settled,
                plans.plan_known <= cases.settled,
            ],
        )
        made = near.group_by(*_CASE).agg(plans=near.count())
        told = cases.left_join(made, _CASE)
        return verdicts(told, told.plans.notnull())

    cases = Events("plan_in_time", compute, parameters=(("of", of.key), ("weeks", within)))
    return share_of(cases, better="higher", name=name)


def actions_delivered(grace_days: int | None = None, *, name: str = "actions_delivered") -> Measure:
    """Measure the share of planned actions that were done, of those due.

    Parameters
    ----------
    grace_days
        Days after the due day on which an action is judged; None for the 28 of the vocabulary.
    name
        Column in the panel.

    Returns
    -------
    Measure
        A ratio of actions. Actions without a due day cannot be late, and are outside.
    """
    grace = _RULES.number("action_grace_days") if grace_days is None else grace_days

    def compute(tables: Tables) -> ibis.Table:
        rows = tables["plans"]
        due = rows.filter(rows.due.notnull())
        settled = ibis.greatest(plus_days(due.due, grace), due.known_from)
        return due.select(
            "person_id",
            date=settled,
            known_from=settled,
            cause=due.action,
            judged=EVERY,
            met=yes(due.done <= settled),
        )

    cases = Events("actions_delivered", compute, parameters=(("grace_days", grace),))
    return share_of(cases, better="higher", name=name)


def multi_actor_plans(*, name: str = "multi_actor_plans") -> Measure:
    """Measure the share of plans written in the period by two units or more, such as adult education and AME."""
    columns = (f"{name}_together", f"{name}_plans")

    def compute(known: Known) -> ibis.Table:
        rows = known.facts("plans", day="created")
        # units stand divided by blanks; one that is named twice is one
        first = rows.author_units.split(" ")[0]
        others = rows.author_units.replace(first, "").replace(" ", "")
        plans = rows.group_by(*KEYS, "plan_id").agg(together=yes(others != "").max())
        return plans.group_by(*KEYS).agg(
            **{columns[0]: plans.together.sum().cast("int64"), columns[1]: plans.count().cast("int64")}
        )

    return Measure(
        name,
        "ratio",
        "share",
        "higher",
        columns,
        compute,
        numerator=columns[0],
        denominator=columns[1],
        meaning="multi_actor_plans",
    )


def reason_recorded(*, name: str = "reason_recorded") -> Measure:
    """Measure the share of recorded dropouts with a reason on record, ``unknown`` not counted as one."""
    return share_of(_left(), better="higher", name=name, meaning="reason_recorded", hit="told")


def reason_unknown(*, name: str = "reason_unknown") -> Measure:
    """Measure the share of recorded dropouts whose reason was written down as unknown; others may have none at all."""
    return share_of(_left(), better="lower", name=name, meaning="reason_unknown", hit="unknown")


def usefulness(*, name: str = "usefulness") -> Measure:
    """Measure how much planned actions helped in the student's view, from 1 to 5.

    Returns
    -------
    Measure
        A person's mean over the actions done in the period that the student rated; coverage is these out of all done.
    """
    columns = (name, f"{name}_rated", f"{name}_done")

    def compute(known: Known) -> ibis.Table:
        rows = known.history("plans")
        done = rows.filter(rows.done >= rows.period_start)
        sums = done.group_by(*KEYS).agg(
            **{
                columns[0]: done.useful.cast("float64").mean(),
                columns[1]: done.useful.count().cast("int64"),
                columns[2]: done.count().cast("int64"),
            }
        )
        return sums.select(*KEYS, *columns)

    return Measure(
        name,
        "mean",
        "points",
        "higher",
        columns,
        compute,
        coverage=(f"{name}_coverage", columns[1], columns[2]),
        meaning="usefulness",
    )


def _left() -> Events:
    """Find recorded dropouts, and whether a reason stands there."""

    def compute(tables: Tables) -> ibis.Table:
        rows = tables["courses"]
        ended = rows.filter(rows.outcome.isin(_DROPPED), rows.end.notnull())
        return ended.select(
            "person_id",
            date=ended.end,
            known_from=ibis.greatest(ended.known_from, ended.end),
            cause=ended.outcome,
            judged=EVERY,
            told=yes(ended.reason != _UNKNOWN),
            unknown=yes(ended.reason == _UNKNOWN),
        )

    return Events("reasons", compute)
