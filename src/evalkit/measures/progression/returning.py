"""Dropouts on record, agreed breaks, and what comes after: returns, staying on, completing."""

from __future__ import annotations

import ibis

from evalkit.measures.judged import plus_days, plus_months, share_of, verdicts
from evalkit.measures.progression.courses import DROPPED, RULES, begun, course_label
from evalkit.values import Events, Measure, Tables

CASE = ["person_id", "day", "cause"]
BREAK = "break"


def recorded_dropouts() -> Events:
    """Find course enrolments that the register says were discontinued, or ended for lack of progress.

    Returns
    -------
    Events
        On the day after the last of the enrolment; ``cause`` is ``discontinued`` or ``ended_no_progress``. Kept apart
        from `dropouts`, which go by absence.
    """

    def compute(tables: Tables) -> ibis.Table:
        rows = tables["courses"]
        ended = rows.filter(rows.outcome.isin(DROPPED), rows.end.notnull())
        return ended.select(
            "person_id",
            date=ended.end,
            known_from=ibis.greatest(ended.known_from, ended.end),
            cause=ended.outcome,
            label=course_label(ended),
        )

    return Events("recorded_dropouts", compute)


def breaks() -> Events:
    """Find agreed pauses: course enrolments with the outcome ``break``, on the day after the last."""

    def compute(tables: Tables) -> ibis.Table:
        rows = tables["courses"]
        paused = rows.filter(rows.outcome == BREAK, rows.end.notnull())
        return paused.select(
            "person_id",
            date=paused.end,
            known_from=ibis.greatest(paused.known_from, paused.end),
            cause=course_label(paused),
        )

    return Events("breaks", compute)


def returns(of: Events | None = None, within_months: int = 12) -> Events:
    """Find returns to studies: a course begun after a dropout, within so many months.

    Parameters
    ----------
    of
        The dropouts; `recorded_dropouts` if not given.
    within_months
        From the dropout's day.

    Returns
    -------
    Events
        On the first day of the course; ``cause`` is the course. Who was admitted again and never came has not
        returned; a course is therefore known from the first day attended, or after four weeks (`begun`).
    """
    dropped = of or recorded_dropouts()

    def compute(tables: Tables) -> ibis.Table:
        near = _begun_after(tables, _cases(dropped, tables), within_months)
        told = near.mutate(told=ibis.greatest(near.known_from, near.begun_known))
        line = ibis.row_number().over(
            group_by=[told[column] for column in CASE], order_by=[told.told, told.start, told.course_id]
        )
        ranked = told.mutate(line=line)
        first = ranked.filter(ranked.line == 0)
        return first.group_by("person_id", date=first.start, cause=first.label).agg(known_from=first.told.min())

    return Events("returns", compute, parameters=(("of", dropped.key), ("within_months", within_months)))


def restart_rate(of: Events | None = None, within_months: int = 12, *, name: str = "") -> Measure:
    """Measure the share of dropouts after which the person began a course again.

    Parameters
    ----------
    of
        The dropouts; `recorded_dropouts` if not given.
    within_months
        From the dropout's day, such as 6 or 12.
    name
        Column in the panel; ``restarted_within_12_months``, with the number of months, where it is empty.

    Returns
    -------
    Measure
        A ratio of dropouts. Each is counted once its months, and the four weeks until the last course begun in them is
        known, have run out; not before, or those who had no time to return would count as gone.
    """
    return share_of(
        _followed_by_course(of or recorded_dropouts(), within_months, "restarted_within"),
        better="higher",
        name=name or f"restarted_within_{within_months}_months",
        meaning="restarted_within",
    )


def break_resumed(within_months: int = 12, *, name: str = "break_resumed") -> Measure:
    """Measure the share of agreed breaks after which the person began a course again within so many months."""
    return share_of(_followed_by_course(breaks(), within_months, "break_resumed"), better="higher", name=name)


def still_studying(of: Events | None = None, days: int | None = None, *, name: str = "still_studying") -> Measure:
    """Measure the share of those who returned who are in a course so many days later.

    Parameters
    ----------
    of
        What is followed; `returns` if not given. Counted so many days after.
    days
        None for the 90 of the vocabulary.
    name
        Column in the panel.
    """
    followed, after = of or returns(), days or RULES.number("retention_days")

    def compute(tables: Tables) -> ibis.Table:
        cases = _cases(followed, tables)
        day = plus_days(cases.day, after)
        cases = cases.mutate(last=day, settled=ibis.greatest(day, cases.known_from))
        courses = begun(tables).select("person_id", "start", "end", begun_known="known_from")
        near = cases.join(
            courses,
            [
                cases.person_id == courses.person_id,
                courses.start <= cases["last"],
                courses.end.isnull() | (courses.end > cases["last"]),
                courses.begun_known <= cases.settled,
            ],
        )
        return _judged(cases, near)

    cases = Events("still_studying", compute, parameters=(("of", followed.key), ("days", after)))
    return share_of(cases, better="higher", name=name)


def completed_after_return(
    of: Events | None = None, within_months: int = 12, *, name: str = "completed_after_return"
) -> Measure:
    """Measure the share of those who returned who passed a course within so many months of the return.

    Parameters
    ----------
    of
        What is followed; `returns` if not given.
    within_months
        From the first day of the course that they returned to; counted once they have run out.
    name
        Column in the panel.
    """
    followed = of or returns()

    def compute(tables: Tables) -> ibis.Table:
        cases = _cases(followed, tables)
        day = plus_months(cases.day, within_months)
        cases = cases.mutate(last=day, settled=ibis.greatest(day, cases.known_from))
        return _judged(cases, passed_between(tables, cases))

    parameters = (("of", followed.key), ("within_months", within_months))
    return share_of(Events("completed_after_return", compute, parameters=parameters), better="higher", name=name)


def passed_between(tables: Tables, cases: ibis.Table) -> ibis.Table:
    """Give cases with a course that began on their ``day`` or later and was passed by their ``last`` day."""
    courses = begun(tables)
    passed = courses.filter(courses.passed == 1).select("person_id", "start", "end", "step", begun_known="known_from")
    return cases.join(
        passed,
        [
            cases.person_id == passed.person_id,
            passed.start >= cases.day,
            passed.end <= cases["last"],
            passed.begun_known <= cases.settled,
        ],
    )


def _followed_by_course(of: Events, within_months: int, name: str) -> Events:
    waiting = RULES.number("begun_after_days")

    def compute(tables: Tables) -> ibis.Table:
        cases = _cases(of, tables)
        run_out = plus_days(plus_months(cases.day, within_months), waiting)
        cases = cases.mutate(settled=ibis.greatest(run_out, cases.known_from))
        near = _begun_after(tables, cases, within_months)
        return _judged(cases, near.filter(near.begun_known <= near.settled))

    return Events(name, compute, parameters=(("of", of.key), ("within_months", within_months)))


def _cases(events: Events, tables: Tables) -> ibis.Table:
    rows = events.compute(tables)
    return rows.group_by("person_id", "cause", day=rows.date).agg(known_from=rows.known_from.min())


def _begun_after(tables: Tables, cases: ibis.Table, within_months: int) -> ibis.Table:
    courses = begun(tables).select("person_id", "course_id", "start", "label", begun_known="known_from")
    return cases.join(
        courses,
        [
            cases.person_id == courses.person_id,
            courses.start >= cases.day,
            courses.start <= plus_months(cases.day, within_months),
        ],
    )


def _judged(cases: ibis.Table, near: ibis.Table) -> ibis.Table:
    found = near.group_by(*CASE).agg(found=near.count())
    told = cases.left_join(found, CASE)
    return verdicts(told, told.found.notnull())
