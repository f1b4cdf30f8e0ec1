"""Attendance around transitions: who shows up, and how attendance changes from each pupil's own weeks before.

After a transition, lessons at the receiving school count alone: those at a school that was left, or at another that the
person goes to beside it, say nothing of the new place. Who goes over to two schools on one day makes one transition,
and both are receiving schools. A lesson on which no school stands is taken to be held where the
person had gone.
"""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.measures.judged import KEYS, mean_of, plus_days, ratio_of, settled_in, share_of, yes
from evalkit.measures.transitions.changes import changes, column_name, study_types
from evalkit.values import Events, Known, Measure, Tables
from evalkit.vocabulary.progression_rules import progression_rules

FIRST_RULES = date(2011, 7, 1)
CASE = ["person_id", "moved", "cause"]
WEEK = 7


def show_up(type: str | tuple[str, ...] | None = None, days: int | None = None, *, name: str = "") -> Measure:
    """Measure the share of transitions after which the person was present at the receiving school in the first days.

    Parameters
    ----------
    type
        Types of transition; None for all to another stage, school or course.
    days
        How many days from the first with a lesson there; 1 for the first day alone, None for the two weeks of the
        vocabulary.
    name
        Column in the panel; ``show_up`` or ``show_up_first_day``, with the types asked for, where it is empty.

    Returns
    -------
    Measure
        A ratio; a case without a reported lesson in those days is a case, but not judged.
    """
    rules = progression_rules(FIRST_RULES)
    length, types = days or rules.number("show_up_days"), study_types(type)
    wait = rules.number("first_lesson_within_days")
    plain = "show_up_first_day" if length == 1 else "show_up"

    def compute(tables: Tables) -> ibis.Table:
        return _shown_up(tables, types, length, wait)

    cases = Events(plain, compute, parameters=(("types", types), ("days", length), ("wait", wait)))
    return share_of(cases, better="higher", name=column_name(plain, type, name), meaning=plain)


def attendance_before(
    type: str | tuple[str, ...] | None = None, weeks: int | None = None, *, name: str = ""
) -> Measure:
    """Measure attendance in the last weeks before transitions; the other half of `attendance_after`."""
    return _rate_around(type, weeks, "before", name)


def attendance_after(type: str | tuple[str, ...] | None = None, weeks: int | None = None, *, name: str = "") -> Measure:
    """Measure attendance at the receiving school in the first weeks after transitions.

    Parameters
    ----------
    type
        Types of transition; None for all to another stage, school or course.
    weeks
        Before and after; None for the six of the vocabulary. Those after begin with the first lesson, those before end
        with the last, so that no holiday lies in them.
    name
        Column in the panel; ``attendance_after_transition``, with the types asked for, where it is empty.

    Returns
    -------
    Measure
        A ratio of minutes present over reported, of the transitions with a reported lesson on both sides; its coverage
        is those over all. It counts in the period in which the last of the weeks ended.
    """
    return _rate_around(type, weeks, "after", name)


def attendance_change(
    type: str | tuple[str, ...] | None = None, weeks: int | None = None, *, name: str = ""
) -> Measure:
    """Measure attendance after a transition less attendance before it, in percentage points; a person's mean."""
    own = column_name("attendance_change", type, name)
    return mean_of(
        _around(type, weeks), "change", name=own, unit="points", better="higher", meaning="attendance_change"
    )


def absence_rise(
    type: str | tuple[str, ...] | None = None,
    weeks: int | None = None,
    points: int | None = None,
    *,
    name: str = "",
) -> Measure:
    """Measure the share of transitions after which absence was higher by a number of percentage points or more.

    Parameters
    ----------
    type, weeks
        As in `attendance_after`.
    points
        Percentage points; None for the five of the vocabulary.
    name
        Column in the panel.
    """
    limit = points or progression_rules(FIRST_RULES).number("change_points")
    around = _around(type, weeks)

    def compute(tables: Tables) -> ibis.Table:
        rows = around.compute(tables)
        fallen = rows.present_before * rows.reported_after - rows.present_after * rows.reported_before
        risen = (rows.judged == 1) & (fallen * 100 >= limit * rows.reported_before * rows.reported_after)
        return rows.mutate(met=yes(risen))

    cases = Events("absence_rise", compute, parameters=(*around.parameters, ("points", limit)))
    return share_of(cases, better="lower", name=column_name("absence_rise", type, name))


def _rate_around(type: str | tuple[str, ...] | None, weeks: int | None, side: str, name: str) -> Measure:
    cases, meaning = _around(type, weeks), f"attendance_{side}_transition"
    own = column_name(meaning, type, name)
    columns = tuple(f"{own}_{part}" for part in ("present", "reported", "judged", "cases"))

    def compute(known: Known) -> ibis.Table:
        rows = settled_in(known, cases)
        judged = rows.judged == 1
        sums = rows.group_by(*KEYS).agg(
            **{
                columns[0]: ibis.coalesce(rows[f"present_{side}"].sum(where=judged), 0).cast("int64"),
                columns[1]: ibis.coalesce(rows[f"reported_{side}"].sum(where=judged), 0).cast("int64"),
                columns[2]: rows.judged.sum().cast("int64"),
                columns[3]: rows.count().cast("int64"),
            }
        )
        return sums.select(*KEYS, *columns)

    return ratio_of(
        own,
        columns,
        compute,
        better="higher",
        coverage=(f"{own}_coverage", columns[2], columns[3]),
        parameters=cases.parameters,
        meaning=meaning,
    )


def _around(type: str | tuple[str, ...] | None, weeks: int | None) -> Events:
    rules = progression_rules(FIRST_RULES)
    types, days = study_types(type), WEEK * (weeks or rules.number("weeks_around"))
    wait, back = rules.number("first_lesson_within_days"), rules.number("last_lesson_within_days")

    def compute(tables: Tables) -> ibis.Table:
        near = _from_first_lesson(tables, types, days, wait=wait, before=back + days)
        seen = (near.day < near.moved) & (near.day >= plus_days(near.moved, -back)) & (near.known <= near.settled)
        last = ibis.ifelse(seen, near.day, ibis.null("date")).max().over(group_by=[near[name] for name in CASE])
        near = near.mutate(last=last)
        here = near.known <= near.settled
        before = here & (near.day <= near["last"]) & (near.day >= plus_days(near["last"], 1 - days))
        after = here & (near.day >= near["first"]) & (near.day < plus_days(near["first"], days))
        sums = near.group_by(*CASE, "settled").agg(
            **{
                f"{part}_{side}": ibis.coalesce(near[part].sum(where=where), 0).cast("int64")
                for side, where in (("before", before), ("after", after))
                for part in ("present", "reported")
            }
        )
        return _compared(sums)

    return Events("attendance_around", compute, parameters=(("types", types), ("days", days), ("wait", wait)))


def _compared(sums: ibis.Table) -> ibis.Table:
    """Give each case the change from before to after, where both sides were reported."""
    both = (sums.reported_before > 0) & (sums.reported_after > 0)
    after = sums.present_after.cast("float64") / sums.reported_after.nullif(0).cast("float64")
    before = sums.present_before.cast("float64") / sums.reported_before.nullif(0).cast("float64")
    return sums.select(
        "person_id",
        "cause",
        "present_before",
        "reported_before",
        "present_after",
        "reported_after",
        date=sums.settled,
        known_from=sums.settled,
        judged=yes(both),
        change=ibis.ifelse(both, 100 * (after - before), ibis.null("float64")),
    )


def _shown_up(tables: Tables, types: tuple[str, ...], length: int, wait: int) -> ibis.Table:
    near = _from_first_lesson(tables, types, length, wait=wait, before=0)
    there = (near.day >= near["first"]) & (near.day < plus_days(near["first"], length)) & (near.known <= near.settled)
    sums = near.group_by(*CASE, "settled").agg(
        present=near.present.sum(where=there), reported=near.reported.sum(where=there)
    )
    return sums.select(
        "person_id",
        "cause",
        date=sums.settled,
        known_from=sums.settled,
        judged=yes(sums.reported > 0),
        met=yes(sums.present > 0),
    )


def _from_first_lesson(tables: Tables, types: tuple[str, ...], days: int, *, wait: int, before: int) -> ibis.Table:
    """Give each transition the lessons around it, a row a day and school; one empty row where there are none.

    Of lessons after it, those at a receiving school bear a day alone; schools of the same day that became known later
    are none. ``first`` is the first day with one, as registered on that day, missing without one; ``settled`` is the
    last of so many days from then, or the day on which waiting for a lesson ends.
    """
    found = changes(types).compute(tables).mutate(moved=ibis._.date)
    at_once = found.known_from.min().over(group_by=[found[name] for name in CASE])
    found = found.mutate(told=at_once).filter(ibis._.known_from == ibis._.told)
    cases = found.group_by(*CASE).agg(known_from=found.known_from.min(), anywhere=found.to_school.isnull().max())
    receiving = found.select(
        receiver=found.person_id, receiver_moved=found.moved, receiver_cause=found.cause, receiving=found.to_school
    ).distinct()
    lessons = _minutes(tables)
    near = cases.left_join(
        lessons,
        [
            cases.person_id == lessons.person_id,
            lessons.day >= plus_days(cases.moved, -before),
            lessons.day < plus_days(cases.moved, wait + days),
        ],
    ).drop("person_id_right")
    near = near.left_join(
        receiving,
        [
            near.person_id == receiving.receiver,
            near.moved == receiving.receiver_moved,
            near.cause == receiving.receiver_cause,
            near.school == receiving.receiving,
        ],
    )
    there = (near.day < near.moved) | near.anywhere | near.school.isnull() | near.receiving.notnull()
    near = near.mutate(day=ibis.ifelse(there, near.day, ibis.null("date")))
    prompt = (near.known <= near.day) & (near.day >= near.moved) & (near.day < plus_days(near.moved, wait))
    case = [near[name] for name in CASE]
    near = near.mutate(first=ibis.ifelse(prompt, near.day, ibis.null("date")).min().over(group_by=case))
    ends = ibis.coalesce(plus_days(near["first"], days - 1), plus_days(near.moved, wait - 1))
    return near.mutate(settled=ibis.greatest(ends, near.known_from))


def _minutes(tables: Tables) -> ibis.Table:
    """Return minutes present and reported by person, school and day, and by the day they were known."""
    rows = tables["attendance"]
    present = ibis.coalesce(rows.minutes_attended, 0) + ibis.coalesce(rows.minutes_other, 0)
    return rows.group_by("person_id", school=rows.school_id, day=rows.date, known=rows.known_from).agg(
        present=ibis.coalesce(present.sum(where=rows.reported), 0).cast("int64"),
        reported=ibis.coalesce(rows.minutes_offered.sum(where=rows.reported), 0).cast("int64"),
    )
