"""No progression and low progression, flagged on the day a limit is passed; the limits are this project's own."""

from __future__ import annotations

import ibis

from evalkit.measures.judged import KEYS, settled_in, yes
from evalkit.measures.progression.courses import RULES, begun
from evalkit.measures.progression.passing import time_to_pass, yearly_medians
from evalkit.values import Events, Known, Measure, Tables

WEEK = 7
STAY = ["person_id", "course_id", "since"]
EVENT = ("person_id", "date", "known_from", "cause")


def no_progress(weeks: int | None = None) -> Events:
    """Find students who have been in courses for so many weeks without passing any.

    Parameters
    ----------
    weeks
        Active weeks since the first day, or since the last course passed; None for the 26 of the vocabulary. Only days
        in a course count, each once, so that agreed breaks and gaps between courses do not.

    Returns
    -------
    Events
        On the day the limit is reached, if the person is in a course then; once until a course is passed.
    """
    limit = WEEK * (weeks or RULES.number("no_progress_weeks"))

    def compute(tables: Tables) -> ibis.Table:
        return _without_pass(begun(tables), limit)

    return Events("no_progress", compute, parameters=(("days", limit),))


def low_progress(share: tuple[int, int] | None = None, restarts: int | None = None) -> Events:
    """Find students who take much longer over a course than usual here, or begin it again and again.

    Parameters
    ----------
    share
        Times (numerator, denominator) the local median, which is that of those who passed the same course, on the same
        study path, in the calendar year before the enrolment began; time is scaled by teaching hours a week. None for
        the 3/2 of the vocabulary.
    restarts
        So many dropouts from the same course before it is begun again; None for the two of the vocabulary.

    Returns
    -------
    Events
        ``cause`` is ``slow``, on the day the limit is passed, or ``restarts``, on the first day of the new enrolment;
        each once for a person and course.
    """
    limit, times = share or RULES.share("slow_share"), restarts or RULES.number("restarts")

    def compute(tables: Tables) -> ibis.Table:
        rows = begun(tables)
        earlier = _earlier_in_course(rows)
        found = ibis.union(_slow(rows, earlier, limit), _begun_again(earlier, times))
        line = ibis.row_number().over(
            group_by=[found.person_id, found.label, found.cause], order_by=[found.known_from, found.date]
        )
        ranked = found.mutate(line=line)
        return ranked.filter(ranked.line == 0).select(*EVENT)

    return Events("low_progress", compute, parameters=(("share", limit), ("restarts", times)))


def flagged(of: Events, name: str = "") -> Measure:
    """Measure whether a student was flagged in the period, of all who were in a course in it.

    Parameters
    ----------
    of
        The flags, such as `no_progress` or `low_progress`.
    name
        Column in the panel; the events' name with ``_flag`` where it is empty.

    Returns
    -------
    Measure
        A flag; persons without a course in the period have none.
    """
    own = name or f"{of.name}_flag"

    def compute(known: Known) -> ibis.Table:
        courses = known.spells("courses")
        studying = courses.filter(courses.outcome.isnull() | (courses.outcome != "no_show")).select(*KEYS).distinct()
        raised = settled_in(known, of).select(*KEYS).distinct().mutate(raised=ibis.literal(1))
        told = studying.left_join(raised, KEYS)
        return told.select(*KEYS, yes(told.raised.notnull()).name(own))

    return Measure(own, "flag", "persons", "lower", (own,), compute, parameters=(("of", of.key),), meaning="flagged")


def _without_pass(rows: ibis.Table, limit: int) -> ibis.Table:
    stays = _with_fresh_starts(rows)
    prior = _active_before(rows, stays)
    told = stays.left_join(prior, STAY)
    base = ibis.greatest(told.start, told.since)
    strikes = (base + (limit - ibis.coalesce(told.active, 0)).cast("int32").as_interval("D")).cast("date")
    told = told.mutate(date=ibis.greatest(strikes, base))
    told = told.filter(told.end.isnull() | (told.end > told.date))
    told = told.mutate(known_from=ibis.greatest(told.known_from, told.since_known, told.date))
    passes = rows.filter(rows.passed == 1).select("person_id", passed_on="end", pass_known="known_from")
    reset = told.join(
        passes,
        [
            told.person_id == passes.person_id,
            passes.passed_on > told.since,
            passes.passed_on <= told.date,
            passes.pass_known <= told.known_from,
        ],
    )
    told = told.anti_join(reset.select(*STAY).distinct(), STAY)
    line = ibis.row_number().over(
        group_by=[told.person_id, told.since], order_by=[told.known_from, told.date, told.course_id]
    )
    ranked = told.mutate(line=line, cause=ibis.literal(""))
    return ranked.filter(ranked.line == 0).select(*EVENT)


def _with_fresh_starts(rows: ibis.Table) -> ibis.Table:
    """Give each enrolment the days from which time without a pass can be counted: any start, and each earlier pass."""
    stays = rows.select("person_id", "course_id", "start", "end", "known_from")
    passes = rows.filter(rows.passed == 1).select(
        "person_id", since="end", since_known=ibis.greatest(rows.known_from, rows.end)
    )
    first = stays.mutate(since=ibis.date(1900, 1, 1), since_known=stays.known_from)
    near = stays.join(passes, "person_id")
    later = near.filter(near.end.isnull() | (near.since < near.end))
    by_pass = later.group_by("person_id", "course_id", "start", "end", "known_from", "since").agg(
        since_known=later.since_known.min()
    )
    return ibis.union(first, by_pass.select(*first.columns))


def _active_before(rows: ibis.Table, stays: ibis.Table) -> ibis.Table:
    """Give each enrolment the days in earlier courses since its fresh start, each day once."""
    others = rows.select("person_id", "start", "end", other_id="course_id", other_known="known_from")
    others = others.rename(other_start="start", other_end="end")
    near = stays.join(
        others,
        [
            stays.person_id == others.person_id,
            stays.course_id != others.other_id,
            others.other_start < stays.start,
            others.other_known <= ibis.greatest(stays.known_from, stays.since_known),
        ],
    )
    ends = ibis.ifelse(near.other_end < near.start, near.other_end, near.start)
    cut = near.mutate(first=ibis.greatest(near.other_start, near.since), past=ibis.coalesce(ends, near.start))
    cut = cut.filter(cut.past > cut["first"])
    window = ibis.window(
        group_by=[cut[name] for name in STAY], order_by=[cut["first"], cut.past, cut.other_id], preceding=(None, 1)
    )
    reach = cut.past.max().over(window)
    cut = cut.mutate(begins=ibis.greatest(cut["first"], ibis.coalesce(reach, cut["first"])))
    fresh = cut.filter(cut.past > cut.begins)
    return fresh.group_by(*STAY).agg(active=fresh.past.delta(fresh.begins, unit="day").sum().cast("int64"))


def _earlier_in_course(rows: ibis.Table) -> ibis.Table:
    """Give each enrolment what the person did before in the same course: effort, and dropouts."""
    before = rows.filter(rows.end.notnull()).select(
        "person_id",
        "label",
        "dropped",
        ended="end",
        other_id="course_id",
        other_known=ibis.greatest(rows.known_from, rows.end),
        effort=rows.end.delta(rows.start, unit="day") * rows.hours,
    )
    near = rows.join(
        before,
        [
            rows.person_id == before.person_id,
            rows.label == before.label,
            rows.course_id != before.other_id,
            before.ended <= rows.start,
            before.other_known <= rows.known_from,
        ],
        rname="{name}_before",
    )
    return near.group_by("person_id", "course_id", "label", "start", "known_from").agg(
        effort=near.effort.sum().cast("int64"), dropouts=near.dropped_before.sum().cast("int64")
    )


def _slow(rows: ibis.Table, earlier: ibis.Table, limit: tuple[int, int]) -> ibis.Table:
    numerator, denominator = limit
    medians = yearly_medians(time_to_pass(rows), "effort")
    own = rows.mutate(year=rows.start.year().cast("int64"))
    told = own.join(medians, ["label", "year"])
    before = earlier.select("person_id", "course_id", "effort")
    told = told.left_join(before, ["person_id", "course_id"])
    left = told.expected * numerator - ibis.coalesce(told.effort, 0) * denominator
    # the first whole day on which the time spent is more than the limit
    days = ibis.greatest((left.cast("float64") / (told.hours * denominator)).floor().cast("int64") + 1, 0)
    told = told.mutate(date=(told.start + days.cast("int32").as_interval("D")).cast("date"))
    still = told.filter(told.end.isnull() | (told.end > told.date))
    return still.select(
        "person_id",
        "label",
        date="date",
        known_from=ibis.greatest(still.date, still.known_from),
        cause=ibis.literal("slow"),
    )


def _begun_again(earlier: ibis.Table, times: int) -> ibis.Table:
    again = earlier.filter(earlier.dropouts >= times)
    return again.select(
        "person_id", "label", date=again.start, known_from=again.known_from, cause=ibis.literal("restarts")
    )
