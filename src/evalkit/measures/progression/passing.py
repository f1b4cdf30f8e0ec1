"""Courses passed: within months, two within two years, and how long it takes beside the local median."""

from __future__ import annotations

import ibis

from evalkit.measures.judged import EVERY, KEYS, mean_of, plus_months, ratio_of, settled_in, share_of, yes
from evalkit.measures.progression.courses import RULES, SFI_TYPES, begun, first_begun
from evalkit.measures.progression.returning import passed_between
from evalkit.values import Events, Known, Measure, Tables

LAST_DAY_OF_YEAR = (12, 31)


def passed_course(within_months: int = 12, school_types: tuple[str, ...] | None = None, *, name: str = "") -> Measure:
    """Measure the share of beginners who passed a course within so many months of their first day.

    Parameters
    ----------
    within_months
        Such as 6 or 12; a beginner is counted once they have run out.
    school_types
        School types by code that a person begins in; None for all in the table courses.
    name
        Column in the panel; ``passed_within_12_months``, with the number of months, where it is empty.
    """

    def compute(tables: Tables) -> ibis.Table:
        rows = begun(tables)
        chosen = rows if school_types is None else rows.filter(rows.school_type.isin(school_types))
        first = first_begun(chosen)
        last = plus_months(first.start, within_months)
        cases = first.select("person_id", "known_from", "label", day=first.start, last=last)
        cases = cases.mutate(settled=ibis.greatest(cases["last"], cases.known_from))
        near = passed_between(tables, cases)
        found = near.group_by("person_id").agg(found=near.count())
        return _verdicts(cases.left_join(found, "person_id"), "found", 1)

    parameters = (("within_months", within_months), ("school_types", school_types))
    cases = Events("passed_within", compute, parameters=parameters)
    return share_of(cases, better="higher", name=name or f"passed_within_{within_months}_months")


def passed_two(
    courses: int | None = None, years: int | None = None, municipality: str | None = None, *, name: str = "passed_two"
) -> Measure:
    """Measure the share of SFI beginners who passed at least two courses by the end of the second year after.

    Kolada's rule: a beginner was never enrolled before; breaks and changes of unit do not matter; a higher course
    passed implies the lower ones from the lowest that the person began, so that B counts where A was skipped; a person
    belongs to the municipality of the last course passed.

    Parameters
    ----------
    courses, years
        None for the vocabulary's two courses and two calendar years after the one the person began in.
    municipality
        Code of the municipality whose students are counted; None for all.
    name
        Column in the panel.

    Returns
    -------
    Measure
        A ratio of beginners, counted on the last day of the last year. Only courses in this site's tables are seen.
    """
    needed, after = courses or RULES.number("beginner_courses"), years or RULES.number("beginner_years")

    def compute(tables: Tables) -> ibis.Table:
        rows = begun(tables)
        sfi = rows.filter(rows.school_type.isin(SFI_TYPES), rows.step.notnull())
        first = first_begun(sfi)
        last = ibis.date(first.start.year() + after, *LAST_DAY_OF_YEAR)
        cases = first.select("person_id", "known_from", "label", "school_id", last=last)
        cases = cases.mutate(settled=ibis.greatest(cases["last"], cases.known_from))
        told = _steps(cases, sfi)
        if municipality is not None:
            told = _of_municipality(told, tables, municipality)
        return _verdicts(told, "steps", needed)

    parameters = (("courses", needed), ("years", after), ("municipality", municipality))
    return share_of(Events("passed_two", compute, parameters=parameters), better="higher", name=name)


def weeks_to_pass(course: str | None = None, *, name: str = "weeks_to_pass") -> Measure:
    """Measure weeks in a course until it was passed: the enrolments in it up to then, breaks apart.

    Parameters
    ----------
    course
        Such as ``"2C"``; None for all.
    name
        Column in the panel.

    Returns
    -------
    Measure
        A person's mean over the courses passed in the period.
    """
    return mean_of(_passes(course), "weeks", name=name, unit="weeks", better="lower", meaning="weeks_to_pass")


def time_against_median(course: str | None = None, *, name: str = "time_against_median") -> Measure:
    """Measure days in courses until they were passed over the local median of the calendar year before.

    Returns
    -------
    Measure
        A ratio of days; above 1 it took longer than half of those took who passed the same course here in the year
        before. Courses that nobody passed then are outside; coverage is the rest.
    """
    cases = _passes(course)
    columns = tuple(f"{name}_{part}" for part in ("days", "expected", "compared", "passed"))

    def compute(known: Known) -> ibis.Table:
        rows = settled_in(known, cases)
        there = rows.expected.notnull()
        sums = rows.group_by(*KEYS).agg(
            **{
                columns[0]: ibis.coalesce(rows.days.sum(where=there), 0).cast("int64"),
                columns[1]: ibis.coalesce(rows.expected.sum(), 0).cast("int64"),
                columns[2]: rows.expected.count().cast("int64"),
                columns[3]: rows.count().cast("int64"),
            }
        )
        return sums.select(*KEYS, *columns)

    return ratio_of(
        name,
        columns,
        compute,
        better="lower",
        coverage=(f"{name}_coverage", columns[2], columns[3]),
        parameters=cases.parameters,
        meaning="time_against_median",
        asks_for="everyone",
    )


def time_to_pass(rows: ibis.Table) -> ibis.Table:
    """Give passed courses the days (and tenths of teaching hours) that the person spent in the course until then.

    Returns
    -------
    ibis.Table
        ``person_id``, ``course_id``, ``label``, ``date`` and ``known_from`` (when passed), ``days``, ``effort`` (days
        times tenths of hours a week).
    """
    passed = rows.filter(rows.passed == 1)
    ends = passed.select(
        "person_id", "course_id", "label", date=passed.end, passed_known=ibis.greatest(passed.known_from, passed.end)
    )
    spent = rows.filter(rows.end.notnull()).select("person_id", "label", "start", "end", "hours", "known_from")
    near = ends.join(
        spent,
        [
            ends.person_id == spent.person_id,
            ends.label == spent.label,
            spent.end <= ends.date,
            spent.known_from <= ends.passed_known,
        ],
    )
    days = near.end.delta(near.start, unit="day")
    return near.group_by("person_id", "course_id", "label", "date", known_from=near.passed_known).agg(
        days=days.sum().cast("int64"), effort=(days * near.hours).sum().cast("int64")
    )


def yearly_medians(times: ibis.Table, value: str) -> ibis.Table:
    """Return the lower median per course of those who passed in a calendar year, as it was known at the year's end.

    Returns
    -------
    ibis.Table
        ``label``, ``year`` (the year after, in which it serves), ``expected``.
    """
    rows = times.filter(times.known_from.year() == times.date.year())
    rows = rows.mutate(year=(rows.date.year() + 1).cast("int64"))
    place = ibis.row_number().over(
        group_by=[rows.label, rows.year], order_by=[rows[value], rows.person_id, rows.course_id]
    )
    count = rows.count().over(group_by=[rows.label, rows.year])
    ranked = rows.mutate(line=place, size=count)
    # the lower of the two in the middle: a whole number that some student took
    middle = (2 * ranked.line + 1 == ranked["size"]) | (2 * ranked.line + 2 == ranked["size"])
    return ranked.filter(middle).select("label", "year", expected=value)


def _passes(course: str | None) -> Events:
    def compute(tables: Tables) -> ibis.Table:
        times = time_to_pass(begun(tables))
        medians = yearly_medians(times, "days")
        own = times if course is None else times.filter(times.label == course)
        own = own.mutate(year=own.date.year().cast("int64"))
        told = own.left_join(medians, ["label", "year"])
        return told.select(
            "person_id",
            "date",
            "known_from",
            "days",
            "expected",
            cause=told.label,
            weeks=told.days.cast("float64") / 7,
        )

    return Events("passes", compute, parameters=(("course", course),))


def _steps(cases: ibis.Table, sfi: ibis.Table) -> ibis.Table:
    """Give beginners how many steps they passed, from the lowest course begun to the highest passed."""
    taken = sfi.select("person_id", "start", "end", "step", "passed", taken_known="known_from", taken_at="school_id")
    near = cases.join(
        taken,
        [
            cases.person_id == taken.person_id,
            taken.start <= cases["last"],
            taken.taken_known <= cases.settled,
        ],
    )
    by_then = (near.passed == 1) & ibis.coalesce(near.end <= near["last"], False)
    line = ibis.row_number().over(
        group_by=near.person_id, order_by=[yes(by_then).desc(), near.end.desc(), near.step.desc(), near.taken_at]
    )
    near = near.mutate(step_passed=ibis.ifelse(by_then, near.step, ibis.null("int64")), line=line)
    sums = near.group_by("person_id").agg(
        steps=near.step_passed.max() - near.step.min() + 1,
        last_school=ibis.ifelse(
            (near.line == 0) & near.step_passed.notnull(), near.taken_at, ibis.null("string")
        ).max(),
    )
    return cases.left_join(sums, "person_id")


def _of_municipality(told: ibis.Table, tables: Tables, municipality: str) -> ibis.Table:
    units = tables["school_units"]
    here = units.filter(units.municipality == municipality).select(unit="school_id")
    placed = told.mutate(unit=ibis.coalesce(told.last_school, told.school_id))
    return placed.semi_join(here, "unit")


def _verdicts(told: ibis.Table, count: str, needed: int) -> ibis.Table:
    return told.select(
        "person_id",
        date=told.settled,
        known_from=told.settled,
        cause=told.label,
        judged=EVERY,
        met=yes(told[count] >= needed),
    )
