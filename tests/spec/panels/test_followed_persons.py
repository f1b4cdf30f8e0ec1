"""Follow-up: outcomes and exposures.

A panel with an outcome follows persons from the day on which the cohort's rules were settled until the outcome, the
exit or the end of what is known. What would look ahead, or count time in which nothing could be seen, is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import ibis
import pandas as pd
import pytest

from drawn_cohort import cohort_of
from drawn_tables import matches, site
from evalkit.errors import DesignError, InputError
from evalkit.measures import completion, participants, progression, transitions
from evalkit.panels import attrition, build_panel
from evalkit.values import Events, Known, Measure, Tables

PUPILS = "person_id sex \n anna woman \n bo man"
SCHOOLS = "school_id name \n A Aleskolan"
ENROLMENTS = """
person_id school_id year_group start      end
anna      A         7          2021-08-17 -
bo        A         7          2021-08-17 2022-07-01
"""
COHORT = """
person_id entry      follow_from exit       exit_cause
anna      2021-08-17 2021-10-15  -          -
bo        2021-08-17 2021-10-15  2022-07-01 moved
"""


def incidents(kind: str) -> Events:
    """Return the incidents of a kind as events."""

    def compute(tables: Tables) -> ibis.Table:
        rows = tables["incidents"]
        return rows.filter(rows.kind == kind).select("person_id", "date", "known_from", cause=rows.kind)

    return Events(kind, compute)


def tables_of(incidents: str, enrolments: str = ENROLMENTS) -> Tables:
    return site(persons=PUPILS, school_units=SCHOOLS, enrolments=enrolments, incidents=incidents)


def test_rows_end_with_the_period_of_the_outcome() -> None:
    """A person has rows until the period of the first outcome, which holds a 1, its cause and the days at risk."""
    tables = tables_of("incident_id person_id date kind \n 1 anna 2022-01-10 violence \n 2 anna 2022-02-10 violence")
    panel = build_panel(cohort_of(tables, COHORT), measures=[], outcome=incidents("violence"))
    assert matches(
        panel.frame,
        """
        person_id term   violence violence_cause violence_at_risk
        anna      HT2021 0        -              78
        anna      VT2022 1        violence       10
        bo        HT2021 0        -              78
        bo        VT2022 0        -              181
        """,
    )


def test_an_outcome_on_the_day_of_exit_belongs_to_the_last_period() -> None:
    """What ends a spell is dated on the first day outside it, and counts in the last period inside."""
    tables = tables_of("incident_id person_id date kind \n 1 bo 2022-07-01 violence")
    panel = build_panel(cohort_of(tables, COHORT), measures=[], outcome=incidents("violence"))
    assert matches(
        panel.frame[panel.frame["person_id"] == "bo"], "person_id term violence \n bo HT2021 0 \n bo VT2022 1"
    )


def test_an_outcome_while_enrolled_nowhere_belongs_to_the_last_period_before() -> None:
    """An outcome in a period without a row is not lost: it ends the last period in which the person was enrolled."""
    gap = """
    person_id school_id year_group start      end
    anna      A         7          2021-08-17 2021-12-20
    anna      A         7          2022-08-17 -
    bo        A         7          2021-08-17 -
    """
    tables = tables_of("incident_id person_id date kind \n 1 anna 2022-03-01 violence", gap)
    panel = build_panel(cohort_of(tables, COHORT), measures=[], outcome=incidents("violence"))
    assert matches(panel.frame[panel.frame["person_id"] == "anna"], "person_id term violence \n anna HT2021 1")


def test_an_outcome_before_entry_is_refused() -> None:
    """Who had the outcome before being followed was never at risk of a first one; the cohort must leave them out."""
    tables = tables_of("incident_id person_id date kind \n 1 anna 2021-10-14 violence")
    with pytest.raises(DesignError, match="outcome before entry") as told:
        build_panel(cohort_of(tables, COHORT), measures=[], outcome=incidents("violence"))
    assert "leave out those who had it" in told.value.remedy
    others = cohort_of(tables, "person_id entry follow_from \n bo 2021-08-17 2021-10-15")
    assert len(build_panel(others, measures=[], outcome=incidents("violence")).frame) == 2


def test_exposure_counts_from_the_period_in_which_it_was_known() -> None:
    """An exposure that became known in a later period counts from that one; before it nothing is said."""
    tables = tables_of("incident_id person_id date kind known_from \n 1 anna 2021-11-10 bullying 2022-02-01")
    panel = build_panel(cohort_of(tables, COHORT), measures=[], exposures=[incidents("bullying")])
    assert matches(
        panel.frame,
        """
        person_id term   bullying_since
        anna      HT2021 -
        anna      VT2022 0
        anna      HT2022 1
        anna      VT2023 2
        bo        HT2021 -
        bo        VT2022 -
        """,
    )


def test_exposure_before_entry_is_refused() -> None:
    """Who was exposed before entry, and what it did then, is not seen from the start."""
    tables = tables_of("incident_id person_id date kind \n 1 anna 2021-08-16 bullying")
    with pytest.raises(DesignError, match="exposed before entry"):
        build_panel(cohort_of(tables, COHORT), measures=[], exposures=[incidents("bullying")])


@pytest.mark.parametrize(("exposed", "since"), [("2022-01-09", "0"), ("2022-01-10", "-"), ("2022-01-11", "-")])
def test_an_outcome_before_the_exposure_is_never_exposed_time(exposed: str, since: str) -> None:
    """In the period of the outcome, an exposure on the same day or later came after it, and is none."""
    tables = tables_of(f"incident_id person_id date kind \n 1 anna 2022-01-10 violence \n 2 anna {exposed} bullying")
    panel = build_panel(
        cohort_of(tables, COHORT), measures=[], outcome=incidents("violence"), exposures=[incidents("bullying")]
    )
    last = panel.frame[(panel.frame["person_id"] == "anna") & (panel.frame["violence"] == 1)]
    assert matches(last, f"term bullying_since \n VT2022 {since}")


def test_conditioning_on_the_future_is_refused() -> None:
    """A measure that reads a table past what is known in the period is refused before it runs."""

    def ever(known: Known) -> ibis.Table:
        later = known.tables["incidents"].group_by("person_id").agg(ever=known.tables["incidents"].count())
        return known.grid.join(later, "person_id").select("person_id", "period", "ever")

    tables = tables_of("incident_id person_id date kind \n 1 anna 2022-01-10 violence")
    with pytest.raises(DesignError, match="would see facts known after its period"):
        build_panel(cohort_of(tables, COHORT), measures=[Measure("ever", "count", "events", "none", ("ever",), ever)])


def test_the_day_after_a_period_is_seen_by_measures_that_say_so_alone() -> None:
    """What ended on the last day is known on the day after: a measure that counts it says that it rests on that day."""

    def ended(known: Known) -> ibis.Table:
        rows = known.closed("courses")
        return rows.group_by("person_id", "period").agg(ended=rows.end.count())

    tables = site(
        persons="person_id \n anna",
        school_units="school_id \n V",
        courses="person_id course_id start end outcome \n anna 1 2022-01-10 2022-07-01 completed",
    )
    cohort = cohort_of(tables, "person_id entry \n anna 2022-01-10")
    says = Measure("ended", "count", "events", "none", ("ended",), ended, lag_days=1)
    assert matches(build_panel(cohort, measures=[says]).frame, "term ended \n VT2022 1")
    with pytest.raises(DesignError, match="the day after its period and does not say so"):
        build_panel(cohort, measures=[replace(says, lag_days=0)])


def test_what_is_known_on_the_day_after_the_last_period_is_missing_until_then() -> None:
    """Anna's course ends on the term's last day, 30 June, which is known on 1 July. Seen as of that morning, the term
    says nothing of courses: to say that she goes on would be undone the day after. The terms before are told. A count
    has no missing, and is refused.
    """
    tables = site(
        persons="person_id \n anna",
        school_units="school_id \n V",
        courses="""
        person_id course_id start      end        outcome
        anna      1         2021-08-16 2021-12-10 discontinued
        anna      2         2022-01-10 2022-07-01 completed
        """,
    )
    measures = (completion.course_completed(), progression.completion_rate(name="rate"))

    def seen(as_of: str) -> pd.DataFrame:
        return build_panel(
            cohort_of(tables, "person_id entry \n anna 2021-08-16", as_of=as_of), measures=measures
        ).frame

    told = "term course_completed rate rate_base"
    assert matches(seen("2022-07-01"), f"{told} \n HT2021 0 0 1 \n VT2022 - - 0")
    assert matches(seen("2022-07-02"), f"{told} \n HT2021 0 0 1 \n VT2022 1 1 1")

    def ended(known: Known) -> ibis.Table:
        rows = known.closed("courses")
        return rows.group_by("person_id", "period").agg(ended=rows.end.count())

    count = Measure("ended", "count", "events", "none", ("ended",), ended, lag_days=1)
    with pytest.raises(DesignError, match="rests on the day after its period, which is not seen of VT2022"):
        build_panel(cohort_of(tables, "person_id entry \n anna 2021-08-16", as_of="2022-07-01"), measures=[count])


def test_no_period_before_the_rules_were_settled() -> None:
    """Periods that end on or before the day a person is followed from are left out: nobody could fail in them."""
    tables = tables_of("incident_id person_id date kind \n 1 anna 2022-01-10 violence")
    panel = build_panel(cohort_of(tables, COHORT, as_of="2021-12-01"), period="month", measures=[])
    assert matches(
        panel.frame,
        """
        person_id time month   school_year
        anna      3    2021-10 2021/22
        anna      4    2021-11 2021/22
        bo        3    2021-10 2021/22
        bo        4    2021-11 2021/22
        """,
    )


def test_attrition_says_where_everyone_is() -> None:
    """In each period each person of the cohort is in one state: seen, or why not."""
    tables = tables_of("incident_id person_id date kind \n 1 anna 2022-01-10 violence")
    cohort = cohort_of(tables, COHORT)
    table = attrition(build_panel(cohort, measures=[]), cohort)
    assert matches(
        table.frame.sort_values(["state", "term"]),
        """
        term   state persons
        HT2021 moved 0
        HT2022 moved 1
        VT2022 moved 0
        VT2023 moved 1
        HT2021 seen  2
        HT2022 seen  1
        VT2022 seen  2
        VT2023 seen  1
        HT2021 total 2
        HT2022 total 2
        VT2022 total 2
        VT2023 total 2
        """,
    )
    assert [(axis.name, axis.total, axis.partition) for axis in table.axes] == [
        ("term", None, False),
        ("state", "total", True),
    ]


def test_attrition_tells_the_outcome_from_leaving() -> None:
    """Once a person has had the outcome, that is where the person is."""
    tables = tables_of("incident_id person_id date kind \n 1 anna 2022-01-10 violence")
    cohort = cohort_of(tables, COHORT)
    panel = build_panel(cohort, measures=[], outcome=incidents("violence"))
    table = attrition(panel, cohort, outcome="violence")
    autumn = table.frame[table.frame["term"] == "HT2022"]
    assert matches(autumn, "state persons \n seen 0 \n violence 1 \n moved 1 \n total 2")


def test_what_is_judged_after_persons_left_asks_for_everyone() -> None:
    """A panel holds persons while they are enrolled, or everyone from when they are followed.

    Whoever left stays among those of whom a diploma is asked years later.
    """
    tables = site(
        persons="person_id \n stays \n leaves",
        school_units="school_id \n A",
        enrolments="""
        person_id school_id year_group start      end
        stays     A         1          2021-08-17 2023-06-10
        leaves    A         1          2021-08-17 2021-11-01
        """,
    )
    cohort = cohort_of(tables, "person_id entry exit \n stays 2021-08-17 - \n leaves 2021-08-17 2021-11-01")
    assert matches(
        build_panel(cohort, period="school_year", measures=[]).frame,
        """
        person_id school_year school year_group
        leaves    2021/22     A      1
        stays     2021/22     A      1
        stays     2022/23     A      1
        """,
    )
    assert matches(
        build_panel(cohort, period="school_year", measures=[], whom="everyone").frame,
        """
        person_id school_year school year_group
        leaves    2021/22     A      1
        leaves    2022/23     A      -
        stays     2021/22     A      1
        stays     2022/23     A      1
        """,
    )
    with pytest.raises(InputError, match="no panel is of 'all'"):
        build_panel(cohort, period="term", measures=[], whom="all")  # type: ignore[arg-type]


def test_a_measure_judged_when_a_time_has_run_out_asks_for_everyone() -> None:
    """A panel of the enrolled is refused for shares of those whose time has run out: it holds who is still there."""
    tables = site(
        persons="person_id \n anna",
        school_units="school_id \n A",
        enrolments="person_id school_id year_group start \n anna A 1 2021-08-17",
    )
    cohort = cohort_of(tables, "person_id entry \n anna 2021-08-17")
    for measure in (completion.diploma(3), progression.restart_rate(), transitions.lost()):
        with pytest.raises(DesignError, match="no fair sample"):
            build_panel(cohort, period="term", measures=[measure])


def test_an_event_after_a_person_left_stands_where_it_happened_in_a_panel_of_everyone() -> None:
    """Followed wherever they are, persons keep their rows until the event, and none after an exit."""
    tables = site(
        persons="person_id \n works \n waits \n moves",
        school_units="school_id \n A",
        enrolments="""
        person_id school_id year_group start      end
        works     A         3          2021-08-17 2021-11-01
        waits     A         3          2021-08-17 2021-11-01
        moves     A         3          2021-08-17 2021-11-01
        """,
        statuses="""
        person_id kind       status   start
        works     employment employed 2022-10-03
        """,
    )
    cohort = cohort_of(
        tables,
        """
        person_id entry      exit       exit_cause
        works     2021-08-17 -          -
        waits     2021-08-17 -          -
        moves     2021-08-17 2022-03-01 moved
        """,
    )
    work = participants.first_job(after="any")
    panel = build_panel(cohort, period="term", measures=[], outcome=work, whom="everyone")
    assert matches(
        panel.frame.rename(columns={work.name: "event"}),
        """
        person_id term   event
        moves     HT2021 0
        moves     VT2022 0
        waits     HT2021 0
        waits     VT2022 0
        waits     HT2022 0
        waits     VT2023 0
        works     HT2021 0
        works     VT2022 0
        works     HT2022 1
        """,
    )


def test_attrition_of_a_panel_of_everyone_says_who_has_left() -> None:
    """Such a panel has rows after the exit too; who has left is not said to be seen."""
    tables = tables_of("incident_id person_id date kind \n 1 anna 2022-01-10 violence")
    cohort = cohort_of(tables, COHORT)
    panel = build_panel(cohort, measures=[], whom="everyone")
    assert matches(panel.frame[panel.frame["person_id"] == "bo"], "term \n HT2021 \n VT2022 \n HT2022 \n VT2023")
    counts = attrition(panel, cohort).frame.pivot(index="term", columns="state", values="persons")
    assert matches(
        counts.reset_index(),
        """
        term   seen moved total
        HT2021 2    0     2
        HT2022 1    1     2
        VT2022 2    0     2
        VT2023 1    1     2
        """,
    )


@pytest.mark.parametrize("whom", ["enrolled", "everyone"])
def test_a_comparison_person_is_followed_until_entering_the_cohort(whom: Literal["enrolled", "everyone"]) -> None:
    """Only periods that had ended by then are rows, for the one in which they joined holds what came after, and an
    event in that period is the comparison's no more.
    """
    tables = tables_of("incident_id person_id date kind \n 1 anna 2022-02-10 violence \n 2 bo 2022-02-10 violence")
    plain = cohort_of(tables, COHORT)
    joins = plain.frame.assign(joins=pd.to_datetime(["2022-03-01", None]).astype("datetime64[us]"))
    cohort = replace(plain, frame=joins)
    panel = build_panel(cohort, measures=[], outcome=incidents("violence"), whom=whom)
    assert matches(
        panel.frame,
        """
        person_id term   violence violence_at_risk
        anna      HT2021 0        78
        bo        HT2021 0        78
        bo        VT2022 1        41
        """,
    )
    counts = attrition(panel, cohort, outcome="violence").frame.pivot(index="term", columns="state", values="persons")
    assert matches(
        counts.reset_index(),
        """
        term   seen joined violence total
        HT2021 2    0      0        2
        HT2022 0    1      1        2
        VT2022 1    1      0        2
        VT2023 0    1      1        2
        """,
    )
