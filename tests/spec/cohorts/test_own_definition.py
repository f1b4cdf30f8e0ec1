"""Your own definition.

A cohort is a list of named criteria over a first set of candidates. A criterion of your own is a function from what is
known, and the candidates so far, to those that remain. It stands in a notebook; nothing of the library is touched. Test
persons stand beside the definition and say who is expected in, and by which criterion others are left out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import ibis
import pytest

from drawn_tables import matches, site
from evalkit.cohorts import check_cases, school_year_starters
from evalkit.cohorts.build import build_cohort
from evalkit.errors import DesignError, InputError
from evalkit.values import Case, CohortDefinition, Criterion, Known, Tables

AS_OF = date(2022, 7, 1)


def stays_of_support(tables: Tables, until: date) -> ibis.Table:
    support = tables["support"]
    return support.select(
        "person_id",
        spell_id=support.provider + support.start.cast("string"),
        entry="start",
        exit="end",
        school_id=ibis.literal(""),
        year_group=ibis.null("int64"),
    )


def lessons_within_a_week(known: Known, candidates: ibis.Table) -> ibis.Table:
    return candidates.semi_join(known.facts("attendance"), "person_id")


def a_week_after_entry(candidates: ibis.Table) -> ibis.Value:
    return (candidates.entry + ibis.interval(days=7)).cast("date")


def definition(*criteria: Criterion) -> CohortDefinition:
    return CohortDefinition(
        "supported",
        stays_of_support,
        criteria,
        AS_OF,
        "fick stöd",
        "had support",
        followed_in=("support", "attendance"),
    )


AT_SCHOOL = Criterion(
    "at_school",
    "hade en lektion inom en vecka",
    "had a lesson within a week",
    "person",
    lessons_within_a_week,
    settled=a_week_after_entry,
)


def drawn() -> Tables:
    return site(
        persons="person_id \n anna \n bo \n cia \n dan",
        support="""
        person_id provider kind start      end
        anna      ifo      talk 2021-09-01 2021-12-01
        bo        ifo      talk 2021-09-01 -
        cia       ifo      talk 2021-09-01 2021-09-05
        dan       ifo      talk 2022-06-28 -
        """,
        attendance="""
        person_id lesson_id school_id date       minutes_attended
        anna      1         A         2021-09-08 60
        bo        2         A         2021-09-09 60
        cia       3         A         2021-09-02 60
        dan       4         A         2022-06-29 60
        """,
    )


def test_a_criterion_is_judged_on_the_day_it_is_settled() -> None:
    """Anna's lesson is within the week; bo's comes a day too late, and nobody looks ahead to it. Cia has left before
    the rule is settled, and dan's week is not over on `as_of`: both fall at the last step, which is there always.
    """
    cohort = build_cohort(drawn(), definition(AT_SCHOOL))
    assert [(step.id, step.persons, step.spells) for step in cohort.flow.steps] == [
        ("candidates", 4, 4),
        ("at_school", 3, 3),
        ("followed", 1, 1),
    ]
    assert matches(
        cohort.frame,
        """
        person_id entry      follow_from exit       censored_at
        anna      2021-09-01 2021-09-08  2021-12-01 2022-06-30
        """,
    )


def test_a_person_kept_for_a_later_spell_is_followed_from_then_on() -> None:
    """The rule judges persons: anna had no lesson in the week after her first stay began, but one after the second. It
    was not known before the second week that she would meet the rule, so she is not followed before.
    """
    tables = site(
        persons="person_id \n anna",
        support="""
        person_id provider kind start      end
        anna      ifo      talk 2021-09-01 -
        anna      ame      job  2022-03-01 -
        """,
        attendance="""
        person_id lesson_id school_id date       minutes_attended
        anna      1         A         2022-03-04 60
        anna      2         A         2022-06-04 60
        """,
    )
    cohort = build_cohort(tables, definition(AT_SCHOOL))
    assert matches(cohort.frame, "person_id entry follow_from \n anna 2021-09-01 2022-03-08")


def test_a_criterion_added_to_a_definition_of_the_library() -> None:
    """Take a definition and add a step: here, women only."""
    starters = school_year_starters(7, ("2021-08-01", "2022-07-31"), "2022-07-01")
    women = Criterion("women", "är kvinnor", "are women", "person", _women)
    tables = site(
        persons="person_id sex \n anna woman \n bo man",
        enrolments="""
        person_id school_id year_group start      end
        anna      A         7          2021-08-17 -
        bo        A         7          2021-08-17 -
        """,
        attendance="""
        person_id lesson_id school_id date       minutes_attended
        anna      1         A         2021-09-01 60
        anna      2         A         2022-06-01 60
        bo        1         A         2021-09-01 60
        """,
    )
    cohort = build_cohort(tables, replace(starters, criteria=(*starters.criteria, women)))
    assert [step.id for step in cohort.flow.steps[-3:]] == ["attendance", "women", "followed"]
    assert list(cohort.frame["person_id"]) == ["anna"]


def _women(known: Known, candidates: ibis.Table) -> ibis.Table:
    persons = known.history("persons")
    return candidates.semi_join(persons.filter(persons.sex == "woman"), "person_id")


def test_a_criterion_that_sees_the_day_after_it_is_settled_is_refused() -> None:
    """Measures may count what ended with the period's last day; nobody is chosen by what was known a day too late."""
    early = Criterion(
        "early", "tittar", "peeks", "person", lambda known, these: these.semi_join(known.closed("support"), "person_id")
    )
    with pytest.raises(DesignError, match="would see the day after it is settled"):
        build_cohort(drawn(), definition(early))


def test_a_criterion_that_reads_tables_past_what_is_known_is_refused() -> None:
    """It would choose persons by facts from later, such as how it went for them."""
    tables = drawn()
    peeking = Criterion(
        "peeking", "tittar", "peeks", "person", lambda _, these: these.semi_join(tables["attendance"], "person_id")
    )
    with pytest.raises(DesignError, match="by facts from later: it reads a table") as told:
        build_cohort(tables, definition(peeking))
    assert "known.facts" in told.value.remedy


def test_an_exit_that_lies_ahead_is_hidden_from_criteria() -> None:
    """When a rule is judged, nobody knows yet that or why a person will leave."""
    leavers = Criterion("leavers", "slutar", "leave", "person", lambda _, these: these.filter(these.exit.notnull()))
    with pytest.raises(DesignError, match="nobody is left after the step 'leavers'"):
        build_cohort(drawn(), definition(leavers))
    later = replace(leavers, settled=lambda these: (these.entry + ibis.interval(days=91)).cast("date"))
    with pytest.raises(DesignError, match="nobody is left after the step 'followed'"):
        build_cohort(drawn(), definition(later))


def test_a_criterion_chooses_among_candidates_and_cannot_change_them() -> None:
    """Rows that a criterion doubles or renames are those that were there."""
    doubled = Criterion("doubled", "dubblerade", "doubled", "spell", lambda _, these: these.union(these))
    other = ibis.literal("X")
    renamed = Criterion("renamed", "omdöpta", "renamed", "person", lambda _, these: these.mutate(school_id=other))
    cohort = build_cohort(drawn(), definition(doubled, renamed))
    assert [(step.id, step.persons, step.spells) for step in cohort.flow.steps] == [
        ("candidates", 4, 4),
        ("doubled", 4, 4),
        ("renamed", 4, 4),
        ("followed", 4, 4),
    ]
    assert set(cohort.frame["school_id"]) == {""}


def test_test_persons_stand_beside_a_definition() -> None:
    """A case is a person with the rows that matter; the pseudonym and the schema's defaults are filled in."""
    stay = {"provider": "ifo", "kind": "talk", "start": "2021-09-01"}
    lesson = {"lesson_id": "1", "school_id": "A", "date": "2021-09-03", "start_minute": 480, "minutes_offered": 60}
    cases = (
        Case("goes to school", {"support": [stay], "attendance": [lesson]}, "in"),
        Case("comes a day late", {"support": [stay], "attendance": [{**lesson, "date": "2021-09-09"}]}, "at_school"),
        Case("support ends at once", {"support": [{**stay, "end": "2021-09-02"}], "attendance": [lesson]}, "followed"),
        Case("has no support", {"attendance": [lesson]}, "candidates"),
    )
    own = replace(definition(AT_SCHOOL), cases=cases)
    assert check_cases(own) == cases


def test_a_test_person_that_comes_out_otherwise_is_told() -> None:
    """The error names each case, what was expected and what was found."""
    stay = {"provider": "ifo", "kind": "talk", "start": "2021-09-01"}
    cases = (Case("no lessons", {"support": [stay]}, "in"), Case("nothing at all", {}, "in"))
    with pytest.raises(DesignError) as told:
        check_cases(definition(AT_SCHOOL), cases)
    assert "'no lessons' was expected in the cohort and is left out by 'at_school'" in str(told.value)
    assert "'nothing at all' was expected in the cohort and is left out by 'candidates'" in str(told.value)


@pytest.mark.parametrize(
    ("cases", "problem"),
    [
        ((), "no test persons"),
        ((Case("a", {}, "in"), Case("a", {}, "in")), "same name"),
        ((Case("a", {"suport": []}, "in"),), "no canonical table suport"),
        ((Case("a", {"support": [{"begins": 1}]}, "in"),), "a column begins that it does not have"),
    ],
)
def test_cases_that_do_not_fit_the_schema_are_refused(cases: tuple[Case, ...], problem: str) -> None:
    """A misspelt table or column would make a person look as if nothing were known."""
    with pytest.raises(InputError, match=problem):
        check_cases(definition(AT_SCHOOL), cases)


def test_candidates_need_their_columns() -> None:
    """What the candidates lack is named."""
    short = replace(definition(AT_SCHOOL), candidates=lambda tables, until: tables["support"].select("person_id"))
    with pytest.raises(InputError, match="no column spell_id, entry, exit, school_id, year_group"):
        build_cohort(drawn(), short)


def test_a_spell_known_only_after_follow_up_begins_is_no_candidate() -> None:
    """Candidates that carry `known_from` say when they became known."""
    late = replace(
        definition(),
        candidates=lambda tables, until: stays_of_support(tables, until).mutate(
            known_from=ibis.literal(date(2021, 9, 2))
        ),
    )
    with pytest.raises(DesignError, match="nobody is left after the step 'followed'"):
        build_cohort(
            site(persons="person_id \n anna", support="person_id provider kind start \n anna ifo talk 2021-09-01"), late
        )
