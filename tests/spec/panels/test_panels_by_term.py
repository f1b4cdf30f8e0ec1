"""Panels by term, what is counted over them, and what a site gives to the study.

A panel has a row for each person and term. It is the one form in which models and tables meet the data.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pandas as pd
import pytest

from drawn_tables import matches, site
from evalkit.cohorts import school_year_starters
from evalkit.cohorts.build import build_cohort
from evalkit.errors import DesignError, InputError
from evalkit.measures import attendance, connectedness, forums
from evalkit.panels import build_panel, school_sums, tabulate
from evalkit.values import Cohort, Flow, Known, Measure, Panel, Tables

LESSONS = "person_id lesson_id school_id class_id date minutes_attended minutes_valid_absence"
PUPILS = """
person_id sex
anna      woman
bo        man
cia       woman
"""
SCHOOLS = """
school_id name
A         Aleskolan
B         Bergskolan
"""
ENROLMENTS = """
person_id school_id year_group start      end
anna      A         7          2021-08-17 2022-07-01
anna      A         8          2022-08-17 -
bo        A         7          2021-08-17 2022-07-01
bo        B         8          2022-08-17 -
cia       B         7          2021-08-17 2022-05-01
"""
ATTENDANCE = f"""
{LESSONS}
anna 1 A 7a 2021-09-01 60 -
anna 2 A 7a 2022-02-01 45 15
anna 3 A 8a 2022-09-01 60 -
anna 4 A 8a 2023-02-01 30 30
bo   1 A 7a 2021-09-01 60 -
bo   2 A 7b 2022-02-01 60 -
bo   3 B 8x 2022-09-01 30 30
bo   4 B 8x 2023-02-01 60 -
cia  1 B 7x 2021-09-01 60 -
cia  2 B 7x 2022-02-01 60 -
"""


@cache
def drawn_site(**changes: str) -> Tables:
    texts = {
        "persons": PUPILS,
        "school_units": SCHOOLS,
        "enrolments": ENROLMENTS,
        "attendance": ATTENDANCE,
        "forums": "forum_id school_id date \n f1 A 2022-10-01",
    }
    return site(**(texts | changes))


@cache
def cohort_of(tables: Tables, as_of: str = "2024-07-01") -> Cohort:
    return build_cohort(tables, school_year_starters(7, ("2021-08-01", "2022-07-31"), as_of))


def panel_of(*measures: Measure, as_of: str = "2024-07-01", **changes: str) -> Panel:
    return build_panel(cohort_of(drawn_site(**changes), as_of), period="term", measures=measures)


class TestBuildPanel:
    def test_a_person_has_a_row_for_each_term_enrolled_in_the_cohort(self) -> None:
        assert matches(
            panel_of(attendance.rate()).frame,
            """
            person_id time term   school_year school class_id year_group sex   attendance_rate
            anna      0    HT2021 2021/22     A      7a       7          woman 1
            anna      1    VT2022 2021/22     A      7a       7          woman 0.75
            anna      2    HT2022 2022/23     A      8a       8          woman 1
            anna      3    VT2023 2022/23     A      8a       8          woman 0.5
            bo        0    HT2021 2021/22     A      7a       7          man   1
            bo        1    VT2022 2021/22     A      7b       7          man   1
            bo        2    HT2022 2022/23     B      8x       8          man   0.5
            bo        3    VT2023 2022/23     B      8x       8          man   1
            cia       0    HT2021 2021/22     B      7x       7          woman 1
            cia       1    VT2022 2021/22     B      7x       7          woman 1
            """,
        )

    def test_the_assigned_school_is_kept_by_movers_and_tells_the_treatment(self) -> None:
        assert matches(
            panel_of(forums.exposed()).frame,
            """
            person_id term   school assigned_school cluster_school treated_from forum_exposed
            anna      HT2021 A      A               A              2            0
            anna      VT2022 A      A               A              2            0
            anna      HT2022 A      A               A              2            1
            anna      VT2023 A      A               A              2            1
            bo        HT2021 A      A               A              2            0
            bo        VT2022 A      A               A              2            0
            bo        HT2022 B      A               A              2            0
            bo        VT2023 B      A               A              2            0
            cia       HT2021 B      B               B              -            0
            cia       VT2022 B      B               B              -            0
            """,
        )

    def test_exposure_is_there_without_being_asked_for_and_is_the_same(self) -> None:
        for known in ("2022-10-01", "2022-12-31", "2023-01-01"):
            held = f"forum_id school_id date known_from \n f1 A 2022-10-01 {known}"
            asked, unasked = (panel_of(each, forums=held).frame for each in (forums.exposed(), attendance.rate()))
            assert asked["forum_exposed"].tolist() == unasked["forum_exposed"].tolist()
            assert asked["forum_exposed"].sum() == (1 if known == "2023-01-01" else 2)

    def test_who_was_in_no_school_on_the_assignment_day_clusters_by_the_first_school(self) -> None:
        enrolments = ENROLMENTS.replace(
            "cia       B         7          2021-08-17", "cia       B         7          2021-08-18"
        )
        tables = replace(drawn_site(enrolments=enrolments), assignment_date=date(2021, 8, 17))
        frame = build_panel(cohort_of(tables), measures=[attendance.rate()]).frame.drop_duplicates("person_id")
        assert matches(frame, "person_id assigned_school cluster_school \n anna A A \n bo A A \n cia - B")

    def test_school_and_class_are_those_of_most_lessons_and_ties_go_to_the_first_code(self) -> None:
        lessons = f"""
        {LESSONS}
        anna 1 B 7x 2021-09-01 60 -
        anna 2 B 7x 2021-09-02 60 -
        anna 3 A 7a 2021-09-03 60 -
        anna 4 A 7b 2022-02-03 60 -
        anna 5 A 7a 2022-02-04 60 -
        anna 6 B 7x 2022-02-05 60 -
        anna 7 B 7x 2022-02-06 60 -
        anna 8 A -  2022-09-06 60 -
        bo   1 A 7a 2021-09-01 60 -
        bo   2 A 7a 2023-05-02 60 -
        cia  1 B 7x 2021-09-01 60 -
        """
        frame = panel_of(attendance.rate(), attendance=lessons).frame
        assert matches(
            frame[frame["person_id"] == "anna"],
            """
            term   school class_id offered_minutes attendance_rate
            HT2021 B      7x       180             1
            VT2022 A      7a       240             1
            HT2022 A      -        60              1
            VT2023 A      -        0               -
            """,
        )

    def test_an_enrolment_that_ends_in_the_summer_holidays_does_not_reach_into_autumn(self) -> None:
        enrolments = """
        person_id school_id year_group start      end
        anna      A         7          2021-08-17 2022-08-01
        bo        A         7          2021-08-17 2022-08-20
        """
        frame = panel_of(attendance.rate(), enrolments=enrolments).frame
        assert frame.groupby("person_id")["term"].agg(list).to_dict() == {
            "anna": ["HT2021", "VT2022"],
            "bo": ["HT2021", "VT2022", "HT2022"],
        }

    def test_named_schools_bear_their_names_and_the_others_a_number(self) -> None:
        tables = replace(drawn_site(), named_schools=("A",))
        frame = build_panel(cohort_of(tables), measures=[attendance.rate()]).frame
        labels = dict(zip(frame["school"], frame["school_label"], strict=True))
        assert labels == {"A": "Aleskolan", "B": "Ale 1"}

    def test_treatment_before_anything_was_seen_is_told_from_never(self) -> None:
        early = panel_of(attendance.rate(), forums="forum_id school_id date \n f1 A 2021-09-01").frame
        assert set(early.loc[early["assigned_school"] == "A", "treated_from"]) == {-1.0}
        without = site(persons=PUPILS, school_units=SCHOOLS, enrolments=ENROLMENTS, attendance=ATTENDANCE)
        never = build_panel(cohort_of(without), measures=[attendance.rate()]).frame
        assert never["treated_from"].isna().all()
        assert (never["forum_exposed"] == 0).all()

    def test_terms_that_had_not_ended_by_as_of_are_left_out_and_later_facts_are_not_seen(self) -> None:
        panel = panel_of(attendance.rate(), as_of="2022-07-01")
        assert panel.labels == ((0, "HT2021"), (1, "VT2022"))
        assert panel.frame["treated_from"].isna().all(), "the forum was held later"

    def test_one_scan_serves_all_measures_and_none_changes_another(self) -> None:
        survey = "person_id wave date item answer \n anna HT2021 2021-11-01 a 3"
        together = panel_of(
            attendance.rate(), attendance.high_absence(), attendance.band(), connectedness.index(), survey=survey
        ).frame
        alone = panel_of(attendance.rate(), survey=survey).frame
        assert together["attendance_rate"].equals(alone["attendance_rate"])
        assert matches(
            together[together["person_id"] == "anna"],
            """
            term   high_absence absence_band connectedness_index
            HT2021 0            0-5          3
            VT2022 1            20-30        -
            HT2022 0            0-5          -
            VT2023 1            50-100       -
            """,
        )


class TestRefusals:
    def test_a_measure_that_would_see_later_facts(self) -> None:
        def peek(known: Known):
            lessons = known.tables["attendance"]
            joined = lessons.join(known.grid, "person_id")
            return joined.group_by("person_id", "period").agg(lessons=joined.count())

        with pytest.raises(DesignError, match="'lessons' would see facts known after its period") as told:
            panel_of(Measure("lessons", "count", "events", "none", ("lessons",), peek))
        assert "known.facts" in told.value.remedy

    def test_a_measure_that_guards_one_table_but_not_the_other(self) -> None:
        def peek(known: Known):
            honest = forums.exposed().compute(known)
            later = known.tables["survey"].group_by("person_id").agg(peek=known.tables["survey"].answer.max())
            return honest.left_join(later, "person_id").select("person_id", "period", "peek")

        survey = "person_id wave date item answer \n anna HT2021 2021-11-01 a 3"
        with pytest.raises(DesignError, match="known after its period"):
            panel_of(Measure("peek", "count", "events", "none", ("peek",), peek), survey=survey)

    def test_a_measure_without_a_column_it_declares(self) -> None:
        honest = attendance.rate()
        with pytest.raises(InputError, match="gives no column lateness"):
            panel_of(replace(honest, columns=(*honest.columns, "lateness")))

    def test_a_measure_with_two_rows_for_a_person_and_term(self) -> None:
        def twice(known: Known):
            once = attendance.rate().compute(known)
            return once.union(once)

        with pytest.raises(DesignError, match="more than once"):
            panel_of(replace(attendance.rate(), compute=twice))

    def test_two_measures_with_the_same_column(self) -> None:
        with pytest.raises(InputError, match="is in the panel already"):
            panel_of(attendance.high_absence(0.1), attendance.high_absence(0.2))
        both = panel_of(attendance.high_absence(0.1, name="a"), attendance.high_absence(0.3, name="b")).frame
        assert (both["a"].sum(), both["b"].sum()) == (3, 2)

    def test_terms_that_all_lie_after_as_of(self) -> None:
        tables = drawn_site()
        cohort = replace(cohort_of(tables), as_of=date(2021, 12, 1))
        with pytest.raises(DesignError, match="facts from later"):
            build_panel(cohort, measures=[attendance.rate()])

    def test_a_cohort_without_tables(self) -> None:
        with pytest.raises(InputError, match="no open tables"):
            build_panel(replace(cohort_of(drawn_site()), tables=None), measures=[attendance.rate()])


class TestTabulate:
    def test_persons_and_rates_by_term_with_coverage(self) -> None:
        unreported = ATTENDANCE.replace("minutes_valid_absence", "minutes_valid_absence reported minutes_offered")
        lines = [line if "reported" in line else f"{line} true 60" for line in unreported.strip().splitlines()]
        lines = [line.replace("60 - true 60", "- - false 60") if line.startswith("cia  1") else line for line in lines]
        panel = panel_of(attendance.rate(), attendance="\n".join(lines))
        table = tabulate(panel, [attendance.rate()], by=["term"], name="attendance_by_term")
        assert matches(
            table.frame,
            """
            term   persons attendance_rate_persons attendance_rate attendance_coverage reported_minutes
            HT2021 3       2                       1               0.666667            120
            VT2022 3       3                       0.916667        1                   180
            HT2022 2       2                       0.75            1                   120
            VT2023 2       2                       0.75            1                   120
            """,
        )
        (term,) = table.axes
        assert (term.levels, term.total, term.partition) == (("HT2021", "VT2022", "HT2022", "VT2023"), None, False)
        rate, coverage = table.column("attendance_rate"), table.column("attendance_coverage")
        assert (rate.kind, rate.numerator, rate.denominator, rate.persons) == (
            "rate",
            "present_minutes",
            "reported_minutes",
            "attendance_rate_persons",
        )
        assert (coverage.numerator, coverage.denominator) == ("reported_minutes", "offered_minutes")
        assert [c.name for c in table.columns if c.shown] == ["persons", "attendance_rate", "attendance_coverage"]

    def test_all_margins_over_axes_that_share_out_the_persons(self) -> None:
        table = tabulate(panel_of(attendance.rate()), by=["term", "school", "sex"], name="who")
        autumn = table.frame[table.frame["term"] == "HT2022"]
        a, b = (_label_of(code) for code in "AB")
        assert {(s, x): n for s, x, n in zip(autumn["school"], autumn["sex"], autumn["persons"], strict=True)} == {
            (a, "woman"): 1,
            (a, "man"): 0,
            (a, "total"): 1,
            (b, "woman"): 0,
            (b, "man"): 1,
            (b, "total"): 1,
            ("Ale", "woman"): 1,
            ("Ale", "man"): 1,
            ("Ale", "total"): 2,
        }
        assert [(axis.name, axis.total, axis.partition) for axis in table.axes] == [
            ("term", None, False),
            ("school", "Ale", True),
            ("sex", "total", True),
        ]

    def test_a_person_counts_once_however_many_terms(self) -> None:
        table = tabulate(panel_of(attendance.high_absence()), [attendance.high_absence()], by=["sex"], name="ever")
        assert matches(
            table.frame,
            """
            sex   persons high_absence_known high_absence_persons high_absence
            woman 2       2                  1                    0.5
            man   1       1                  1                    1
            total 3       3                  2                    0.666667
            """,
        )
        schools = tabulate(panel_of(attendance.rate()), by=["school"], name="schools")
        assert schools.axes[0].partition is False, "bo was in two schools"
        assert schools.frame["persons"].tolist() == [2, 2, 3]

    def test_an_unknown_division_is_a_level_of_its_own(self) -> None:
        lessons = ATTENDANCE.replace("cia  2 B 7x 2022-02-01 60 -", "")
        table = tabulate(panel_of(attendance.band(), attendance=lessons), by=["term", "absence_band"], name="bands")
        spring = table.frame[table.frame["term"] == "VT2022"].set_index("absence_band")["persons"]
        assert spring.to_dict() == {
            "0-5": 1, "5-10": 0, "10-15": 0, "15-20": 0, "20-30": 1, "30-50": 0, "50-100": 0, "missing": 1, "total": 3,
        }  # fmt: skip

    def test_a_mean_is_a_sum_over_persons_with_one(self) -> None:
        survey = """
        person_id wave   date       item answer
        anna      HT2021 2021-11-01 a    4
        anna      VT2022 2022-03-01 a    2
        bo        HT2021 2021-11-01 a    1
        """
        panel = panel_of(connectedness.index(), survey=survey)
        overall = tabulate(panel, [connectedness.index()], by=[], name="overall")
        assert matches(
            overall.frame,
            """
            persons connectedness_index_sum connectedness_index_persons connectedness_index
            3       4                       2                           2
            """,
        )

    def test_a_cohort_by_school_year_and_sex(self) -> None:
        table = tabulate(cohort_of(drawn_site()), [], by=["school_year", "sex"], name="starters")
        assert matches(
            table.frame,
            """
            school_year sex   persons
            2021/22     woman 2
            2021/22     man   1
            2021/22     total 3
            total       woman 2
            total       man   1
            total       total 3
            """,
        )
        assert all(axis.partition for axis in table.axes)
        assert table.universe == cohort_of(drawn_site()).flow.universe

    def test_tables_of_the_same_persons_and_times_share_a_universe_whatever_was_measured(self) -> None:
        one, two = panel_of(attendance.rate()), panel_of(attendance.band())
        first, second = (tabulate(panel, by=["term"], name="t").universe for panel in (one, two))
        assert first == second
        assert first != tabulate(panel_of(attendance.rate(), as_of="2022-07-01"), by=["term"], name="t").universe

    def test_what_is_not_there_is_refused_by_name(self) -> None:
        panel = panel_of(attendance.rate())
        with pytest.raises(InputError, match="no column shoe_size to divide by"):
            tabulate(panel, by=["shoe_size"], name="t")
        with pytest.raises(InputError, match="no high_absence"):
            tabulate(panel, [attendance.high_absence()], by=["term"], name="t")
        with pytest.raises(InputError, match="is a state"):
            tabulate(panel_of(attendance.band()), [attendance.band()], by=["term"], name="t")
        with pytest.raises(InputError, match="holds no measures"):
            tabulate(cohort_of(drawn_site()), [attendance.rate()], by=["sex"], name="t")
        with pytest.raises(DesignError, match="single persons"):
            tabulate(panel, by=["person_id"], name="t")


class TestSchoolSums:
    def test_contrasts_follow_the_assigned_school_at_every_possible_start(self) -> None:
        sums = school_sums(panel_of(attendance.rate()), outcome="attendance_rate")
        assert matches(sums.schools, "site municipality school treated_from \n Ale 1440 A 2 \n Ale 1440 B -")
        assert matches(
            sums.terms,
            """
            school time pupils outcome_sum
            A      0    2      200
            A      1    2      175
            A      2    2      150
            A      3    2      150
            B      0    1      100
            B      1    1      100
            """,
        )
        # at start 2: anna (100 + 50) / 2 - (100 + 75) / 2 = -12.5; bo (50 + 100) / 2 - 100 = -25; 7a and 7b before it
        assert matches(
            sums.contrasts,
            """
            school start pupils classes contrast_sum variance_within_school variance_within_class
            A      1     2      1       -41.6667     34.7222                34.7222
            A      2     2      2       -37.5        78.125                 -
            A      3     2      2       -25          1701.39                -
            B      1     1      1       0            -                      -
            """,
        )

    def test_pupils_assigned_to_no_school_are_left_out(self) -> None:
        tables = replace(drawn_site(), assignment_date=date(2022, 9, 1))
        sums = school_sums(build_panel(cohort_of(tables), measures=[attendance.rate()]), outcome="attendance_rate")
        assert sums.schools["school"].tolist() == ["A", "B"], "bo had moved, cia had left"
        assert sums.terms["pupils"].tolist() == [1] * 8

    def test_any_frame_can_be_summed(self) -> None:
        frame = pd.DataFrame(
            {
                "county": ["x", "x", "y", "y"],
                "year": [2003, 2004, 2003, 2004],
                "first": [0, 0, 2004, 2004],
                "score": [1.0, 2.0, 3.0, 5.0],
            }
        )
        panel = Panel(frame, unit="county", time="year", cluster="county", treated_from="first")
        sums = school_sums(panel, outcome="score", unit="points")
        assert matches(sums.schools, "site municipality school treated_from \n '' '' x - \n '' '' y 2004")
        assert matches(sums.contrasts, "school start pupils classes contrast_sum \n x 2004 1 0 1 \n y 2004 1 0 2")

    def test_what_cannot_be_summed_is_refused(self) -> None:
        panel = panel_of(attendance.rate())
        with pytest.raises(InputError, match="no outcome 'grades'"):
            school_sums(panel, outcome="grades")
        with pytest.raises(InputError, match="is no share"):
            school_sums(panel, outcome="offered_minutes")
        early = panel_of(attendance.rate(), forums="forum_id school_id date \n f1 A 2021-09-01")
        with pytest.raises(DesignError, match="treated before"):
            school_sums(early, outcome="attendance_rate")


def test_a_panel_of_nobody_is_refused() -> None:
    frame = cohort_of(drawn_site()).frame.assign(entry=pd.Timestamp("2030-08-17"), exit=pd.NaT)
    cohort = Cohort(frame, Flow(()), "later", "key", drawn_site())
    with pytest.raises(DesignError, match="nobody"):
        build_panel(cohort, measures=[attendance.rate()])


def _label_of(code: str) -> str:
    frame = panel_of(attendance.rate()).frame
    return str(dict(zip(frame["school"], frame["school_label"], strict=True))[code])
