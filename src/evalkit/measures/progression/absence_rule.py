"""Dropout by the rule of an ordinance: away for more than so long in a row, neither ill nor on leave."""

from __future__ import annotations

from datetime import date
from typing import Literal

import ibis

from evalkit.measures.judged import plus_days, plus_months, yes
from evalkit.values import Events, Tables
from evalkit.vocabulary.dropout_rules import DropoutRule, dropout_rule

Dated = Literal["last_attended", "first_absent", "strikes"]
LONGEST_MONTH = 31
TRIAL = ["person_id", "judged_day", "known_from"]


def dropouts(
    rule: str = "komvux",
    *,
    dated: Dated = "last_attended",
    days: int | None = None,
    on: date = date(2021, 7, 1),
    name: str = "",
) -> Events:
    """Find those who by an ordinance's rule have interrupted their studies.

    A run begins with the first day on which the person attended nothing of what was reported, and strikes on the first
    such day that is more than the rule's length after: 21 days away is no dropout, the 22nd is. A day ends the run when
    the person attended a minute, was active online, when at least half of the absence was valid, when an absence
    reported beforehand or leave covers it, or when nothing was reported: a rule with consequences never rests on what
    is unknown. Weekends, holidays and days without lessons count as days of the run, but a stretch of more than two
    weeks without a day of absence ends it, for nobody stays away from lessons that are not given. Someone who never
    attended the course or the enrolment has not dropped out of it. That a principal made an exemption cannot be seen.

    Parameters
    ----------
    rule
        ``"komvux"`` (more than three weeks; courses of adult education) or ``"upper_secondary"`` (more than a month).
    dated
        Which day the dropout bears: that of the last attendance, the first day away, or the day the rule strikes.
    days
        Another length in days, where a municipality goes by its own; None for the rule's.
    on
        Day whose rule is used.
    name
        ``dropout_by_rule``, with the rule's name where it is not Komvux's, if empty.

    Returns
    -------
    Events
        Known from the day on which the absence that makes it strike is known; ``cause`` is the rule. Further columns
        ``last_attended``, ``first_absent`` and ``strikes``. One for each last attended day.

    Raises
    ------
    KeyError
        If there is no such rule.
    """
    found = dropout_rule(rule, on)
    plain = "dropout_by_rule" if rule == "komvux" else f"dropout_by_rule_{rule}"
    parameters = (("rule", str(found)), ("dated", dated), ("days", days))

    def compute(tables: Tables) -> ibis.Table:
        rows = _struck(tables, found, days)
        return rows.select(
            "person_id",
            date=rows[dated],
            known_from=rows.known_from,
            cause=ibis.literal(rule),
            last_attended=rows.last_attended,
            first_absent=rows.first_absent,
            strikes=rows.strikes,
        )

    return Events(name or plain, compute, parameters=parameters)


def _struck(tables: Tables, rule: DropoutRule, days: int | None) -> ibis.Table:
    studies = _studies(tables, rule)
    facts = _facts(tables, studies)
    length = rule.days if days is None else days
    reach = (length or LONGEST_MONTH) + rule.longest_pause_days
    trials = _trials(facts, _far_from_attendance(facts, length), reach)
    runs = _runs(trials, facts, _covered(tables, facts), rule, reach)
    ends = plus_days(runs.first_absent, length) if length else plus_months(runs.first_absent, rule.months)
    strikes = runs.filter(ends <= runs.judged_day)
    dated = _last_attended(strikes, facts)
    enrolled = dated.semi_join(
        studies,
        [
            dated.person_id == studies.person_id,
            studies.start <= dated.last_attended,
            studies.study_known <= dated.known_from,
            studies.end.isnull() | (studies.end > dated.judged_day),
        ],
    )
    first = ibis.row_number().over(
        group_by=[enrolled.person_id, enrolled.last_attended], order_by=[enrolled.known_from, enrolled.judged_day]
    )
    ranked = enrolled.mutate(line=first)
    return ranked.filter(ranked.line == 0).rename(strikes="judged_day")


def _studies(tables: Tables, rule: DropoutRule) -> ibis.Table:
    rows = tables[rule.table]
    chosen = rows.filter(rows.school_type.isin(rule.school_types))
    return chosen.select("person_id", "start", "end", study_known="known_from")


def _facts(tables: Tables, studies: ibis.Table) -> ibis.Table:
    """Return what was reported of each person and day, by the day it was known."""
    whose = studies.select("person_id").distinct()
    rows = tables["attendance"].semi_join(whose, "person_id")

    def minutes(*columns: str) -> ibis.Value:
        parts = [ibis.coalesce(rows[column], 0) for column in columns]
        return ibis.coalesce(sum(parts[1:], parts[0]).sum(where=rows.reported), 0).cast("int64")

    lessons = rows.group_by("person_id", day=rows.date, known=rows.known_from).agg(
        attended=minutes("minutes_attended", "minutes_other"),
        reported=minutes("minutes_offered"),
        away=minutes("minutes_valid_absence", "minutes_invalid_absence"),
        valid=minutes("minutes_valid_absence"),
    )
    if "checkins" not in tables:
        return lessons
    told = tables["checkins"].semi_join(whose, "person_id")
    active = told.filter(told.direction == "activity").select("person_id", day="date", known="known_from").distinct()
    zero = ibis.literal(0).cast("int64")
    online = active.mutate(attended=ibis.literal(1).cast("int64"), reported=zero, away=zero, valid=zero)
    return ibis.union(lessons, online.select(*lessons.columns))


def _far_from_attendance(facts: ibis.Table, length: int) -> ibis.Table:
    """Return days away so long after the last attendance known on its day that the rule could strike.

    Attendance that was known on its day is known whenever a later day is judged, so nothing is left out.
    """
    prompt = (facts.attended > 0) & (facts.known <= facts.day)
    days = facts.group_by("person_id", "day").agg(
        came=yes(prompt).max(), ever=yes(facts.attended > 0).max(), away=facts.away.sum()
    )
    before = {"group_by": days.person_id, "order_by": days.day, "preceding": (None, 1)}
    last = ibis.ifelse(days.came == 1, days.day, ibis.null("date")).max().over(ibis.window(**before))
    ever = days.ever.max().over(ibis.window(**before))
    told = days.mutate(last_prompt=last, attended_before=ever)
    long = told.last_prompt.isnull() | (told.day > plus_days(told.last_prompt, length or LONGEST_MONTH - 3))
    return told.filter(told.away > 0, told.attended_before == 1, long).select("person_id", judged_day="day")


def _trials(facts: ibis.Table, candidates: ibis.Table, reach: int) -> ibis.Table:
    """Give each candidate day the days on which something new became known about it or the days before."""
    near = candidates.join(
        facts,
        [
            candidates.person_id == facts.person_id,
            facts.day <= candidates.judged_day,
            facts.day >= plus_days(candidates.judged_day, -reach),
        ],
    )
    known = ibis.greatest(near.known, near.judged_day)
    return near.select("person_id", "judged_day", known_from=known).distinct()


def _covered(tables: Tables, facts: ibis.Table) -> ibis.Table | None:
    """Return days that an absence told beforehand covers, and when that was first registered."""
    if "absences" not in tables:
        return None
    told = tables["absences"].select("person_id", "start", "end", cover_known="known_from")
    days = facts.select("person_id", "day").distinct()
    # without an end, the absence lasts
    inside = days.join(
        told,
        [
            days.person_id == told.person_id,
            told.start <= days.day,
            told.end.isnull() | (told.end > days.day),
        ],
    )
    return inside.group_by("person_id", "day").agg(cover_known=inside.cover_known.min())


def _runs(
    trials: ibis.Table, facts: ibis.Table, covered: ibis.Table | None, rule: DropoutRule, reach: int
) -> ibis.Table:
    """Give each trial the first day of the run of absence that its day ends, as far as was known by then."""
    near = trials.join(
        facts,
        [
            trials.person_id == facts.person_id,
            facts.day <= trials.judged_day,
            facts.day >= plus_days(trials.judged_day, -reach),
            facts.known <= trials.known_from,
        ],
    )
    days = near.group_by(*TRIAL, "day").agg(
        attended=near.attended.sum(), reported=near.reported.sum(), away=near.away.sum(), valid=near.valid.sum()
    )
    numerator, denominator = rule.valid_share
    missed = (days.attended == 0) & (days.reported > 0) & (days.valid * denominator < days.away * numerator)
    if covered is not None:
        days = days.mutate(missed=missed).left_join(covered, ["person_id", "day"])
        days = days.select(*TRIAL, "day", missed=days.missed & ~(days.cover_known <= days.known_from).fill_null(False))
    else:
        days = days.select(*TRIAL, "day", missed=missed)
    trial = [days[column] for column in TRIAL]
    before = days.day.lag().over(group_by=trial, order_by=days.day)
    days = days.mutate(fresh=days.day > plus_days(before, rule.longest_pause_days))
    trial = [days[column] for column in TRIAL]
    whole = ibis.window(group_by=trial)
    ended = ibis.ifelse(days.missed, ibis.null("date"), days.day).max().over(whole)
    resumed = ibis.ifelse(days.fresh, days.day, ibis.null("date")).max().over(whole)
    days = days.mutate(ended=ended, resumed=resumed)
    in_run = (days.ended.isnull() | (days.day > days.ended)) & (days.resumed.isnull() | (days.day >= days.resumed))
    running = days.filter(in_run)
    runs = running.group_by(*TRIAL).agg(first_absent=running.day.min(), last_absent=running.day.max())
    return runs.filter(runs.last_absent == runs.judged_day).drop("last_absent")


def _last_attended(strikes: ibis.Table, facts: ibis.Table) -> ibis.Table:
    attended = facts.filter(facts.attended > 0).select("person_id", "day", "known")
    earlier = strikes.join(
        attended,
        [
            strikes.person_id == attended.person_id,
            attended.day < strikes.judged_day,
            attended.known <= strikes.known_from,
        ],
    )
    return earlier.group_by(*TRIAL, "first_absent").agg(last_attended=earlier.day.max())
