"""What is done about transitions, and how they turn out: handovers, gaps, changes of mind, the first term's grades."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.measures.judged import EVERY, plus_days, share_of, verdicts, yes
from evalkit.measures.transitions.changes import changes, column_name, study_types
from evalkit.measures.transitions.stays import stays
from evalkit.values import Events, Measure, Tables
from evalkit.vocabulary.progression_rules import progression_rules
from evalkit.vocabulary.transition_types import places_of, transition_type

RULES = progression_rules(date(2011, 7, 1))
NATIONAL = ("9_to_vocational", "9_to_preparatory", "introductory_to_national")
CASE = ["person_id", "moved", "cause", "to_school"]
FIRST_MONTH_OF_AUTUMN = 7
FAILS = ("F", "-", "IG")


def programme_change(type: str | tuple[str, ...] = NATIONAL, *, name: str = "programme_change_by_november") -> Measure:
    """Measure the share of those who began a national programme who had changed to another by 15 November.

    Only those who began before that day of the year are counted, and on that day.
    """
    until = RULES.numbers("programme_change_until")
    types = study_types(type)

    def compute(tables: Tables) -> ibis.Table:
        cases = _cases(tables, types)
        last = ibis.date(cases.moved.year(), until["month"], until["day"])
        cases = cases.filter(cases.moved < last).mutate(settled=ibis.greatest(last, cases.known_from), last=last)
        other = _moved_on(tables, cases, places_of("school"), cases["last"], "programme")
        return _verdicts(cases, other)

    cases = Events("programme_change_by_november", compute, parameters=(("types", types), ("until", str(until))))
    return share_of(cases, better="none", name=name)


def registered_elsewhere(
    type: str | tuple[str, ...] | None = None, days: int | None = None, *, name: str = ""
) -> Measure:
    """Measure the share of transitions after which the person was registered at yet another school within so many days.

    Parameters
    ----------
    type
        Types of transition; None for all to another stage or school.
    days
        From the transition; None for the 90 of the vocabulary.
    name
        Column in the panel.
    """
    types, within = _school_types(type), days or RULES.number("registered_elsewhere_days")

    def compute(tables: Tables) -> ibis.Table:
        cases = _cases(tables, types)
        last = plus_days(cases.moved, within)
        cases = cases.mutate(settled=ibis.greatest(last, cases.known_from), last=last)
        other = _moved_on(tables, cases, places_of("school"), cases["last"], "school")
        return _verdicts(cases, other)

    cases = Events("registered_elsewhere", compute, parameters=(("types", types), ("days", within)))
    return share_of(cases, better="none", name=column_name("registered_elsewhere", type, name))


def handover_documented(type: str | tuple[str, ...] | None = None, *, name: str = "") -> Measure:
    """Measure the share of transitions with a documented handover, from half a year before until a month after."""
    own, plain = column_name("handover_documented", type, name), "handover_documented"
    return share_of(_handed_over(type), better="higher", name=own, meaning=plain, hit="documented")


def handover_with_consent(type: str | tuple[str, ...] | None = None, *, name: str = "") -> Measure:
    """Measure the share of documented handovers made with consent.

    Coverage is the transitions with a documented handover of which consent was recorded, yes or no, over all cases.
    """
    own, plain = column_name("handover_with_consent", type, name), "handover_with_consent"
    return share_of(_handed_over(type), better="higher", name=own, meaning=plain, hit="agreed", base="asked")


def long_gap(type: str | tuple[str, ...] | None = None, days: int | None = None, *, name: str = "") -> Measure:
    """Measure the share of transitions with a long gap between the last day of the old stay and the first of the new.

    Parameters
    ----------
    type
        Types of transition; None for all to another stage, school or course.
    days
        More days than these are long; None for 60 in school (the summer) and 28 between courses.
    name
        Column in the panel.

    Returns
    -------
    Measure
        A ratio; transitions from a stay that had not ended have no gap, and are judged.
    """
    types = study_types(type)
    in_courses = tuple(t for t in types if set(transition_type(t).targets) <= set(places_of("adult")))
    summer, between = (days or RULES.number(each) for each in ("summer_gap_days", "course_gap_days"))

    def compute(tables: Tables) -> ibis.Table:
        rows = changes(types).compute(tables)
        limit = ibis.ifelse(rows.cause.isin(in_courses), plus_days(rows.left, between), plus_days(rows.left, summer))
        return rows.select("person_id", "date", "known_from", "cause", judged=EVERY, met=yes(rows.date > limit))

    cases = Events("long_gap", compute, parameters=(("types", types), ("days", (summer, between))))
    return share_of(cases, better="lower", name=column_name("long_gap", type, name))


def on_track(type: str | tuple[str, ...] | None = None, *, name: str = "") -> Measure:
    """Measure the share of transitions after whose first term the person passed Swedish, English and mathematics.

    Of each, the latest grade of the term counts; either Swedish subject will do. Off track is whoever has F or streck
    in one of them; on track is whoever has passed all three; all others are cases but not judged.
    """
    types, wait = _school_types(type), RULES.number("grades_after_days")

    def compute(tables: Tables) -> ibis.Table:
        cases = _cases(tables, types)
        year, autumn = cases.moved.year(), cases.moved.month() >= FIRST_MONTH_OF_AUTUMN
        term_end = ibis.ifelse(autumn, ibis.date(year + 1, 1, 1), ibis.date(year, FIRST_MONTH_OF_AUTUMN, 1))
        label = ibis.ifelse(autumn, "HT", "VT") + year.cast("string")
        cases = cases.mutate(settled=ibis.greatest(plus_days(term_end, wait), cases.known_from), term=label)
        return _by_core_subjects(tables, cases)

    cases = Events("on_track", compute, parameters=(("types", types), ("days", wait)))
    return share_of(cases, better="higher", name=column_name("on_track", type, name))


def _school_types(type: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if type is not None:
        return study_types(type)
    return tuple(t for t in study_types(None) if set(transition_type(t).targets) <= set(places_of("school")))


def _cases(tables: Tables, types: tuple[str, ...]) -> ibis.Table:
    found = changes(types).compute(tables)
    return found.group_by("person_id", "cause", "to_school", moved=found.date).agg(
        known_from=found.known_from.min(), programme=found.programme.max()
    )


def _moved_on(tables: Tables, cases: ibis.Table, places: tuple[str, ...], last: ibis.Value, differs: str) -> ibis.Table:
    """Give the cases followed, until a day, by a stay at another school or on another programme."""
    every = stays(tables)
    others = every.filter(every.place.isin(places)).select(
        "person_id",
        other_start="start",
        other_known="known_from",
        other_school="school_id",
        other_programme="programme",
    )
    near = cases.join(
        others,
        [
            cases.person_id == others.person_id,
            others.other_start > cases.moved,
            others.other_start <= last,
            others.other_known <= cases.settled,
        ],
    )
    changed = near.other_school != near.to_school if differs == "school" else near.other_programme != near.programme
    return near.filter(changed).select(*CASE).distinct()


def _verdicts(cases: ibis.Table, met: ibis.Table) -> ibis.Table:
    found = met.mutate(found=ibis.literal(1))
    told = cases.left_join(found, CASE)
    return verdicts(told, told.found.notnull())


def _handed_over(type: str | tuple[str, ...] | None) -> Events:
    types = study_types(type)
    before, after = RULES.number("handover_before_days"), RULES.number("handover_after_days")

    def compute(tables: Tables) -> ibis.Table:
        cases = _cases(tables, types)
        cases = cases.mutate(settled=ibis.greatest(plus_days(cases.moved, after), cases.known_from))
        papers = tables["handovers"].select(
            "person_id", "documented", "consent", handed="date", paper_known="known_from", receiver="to_school"
        )
        near = cases.join(
            papers,
            [
                cases.person_id == papers.person_id,
                papers.handed >= plus_days(cases.moved, -before),
                papers.handed <= plus_days(cases.moved, after),
                papers.paper_known <= cases.settled,
                papers.receiver.isnull() | (papers.receiver == cases.to_school),
            ],
        )
        written = near.filter(near.documented)
        sums = written.group_by(*CASE).agg(papers=written.count(), agreed=written.consent.cast("int64").max())
        told = cases.left_join(sums, CASE)
        return told.select(
            "person_id",
            date=told.settled,
            known_from=told.settled,
            cause=told.cause,
            judged=EVERY,
            documented=yes(told.papers.notnull()),
            asked=yes(told.agreed.notnull()),
            agreed=yes(told.agreed == 1),
        )

    return Events("handover", compute, parameters=(("types", types), ("days", (before, after))))


def _by_core_subjects(tables: Tables, cases: ibis.Table) -> ibis.Table:
    rows = tables["grades"]
    groups = RULES.codes("core_subjects")
    group = ibis.cases(*((rows.subject.isin(codes), name) for name, codes in groups.items()))
    grades = rows.select(
        "person_id", "grade", "subject", "registered", graded_term=rows.term, grade_known=rows.known_from, group=group
    )
    near = cases.join(
        grades.filter(grades.group.notnull()),
        [
            cases.person_id == grades.person_id,
            cases.term == grades.graded_term,
            grades.grade_known <= cases.settled,
            grades.registered <= cases.settled,
        ],
    )
    latest = ibis.row_number().over(
        group_by=[near[column] for column in (*CASE, "subject")],
        order_by=[near.registered.desc(), near.grade_known.desc(), near.grade],
    )
    near = near.mutate(line=latest)
    last = near.filter(near.line == 0)
    passed = last.group_by(*CASE, "group").agg(passed=yes(~last.grade.isin(FAILS)).max())
    sums = passed.group_by(*CASE).agg(passes=passed.passed.sum(), groups=passed.count())
    told = cases.left_join(sums, CASE)
    on, off = told.passes == len(groups), told.passes < told.groups
    return told.select(
        "person_id",
        date=told.settled,
        known_from=told.settled,
        cause=told.cause,
        judged=yes(on | off),
        met=yes(on),
    )
