"""Weeks, months and schools.

The same measures by week, month, school year or school; a panel too large for memory on disk; and how alike two groups
are at the start.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from drawn_cohort import cohort_of
from drawn_tables import matches, site
from evalkit.errors import DesignError, InputError
from evalkit.measures import attendance, forums
from evalkit.panels import balance, build_panel, disk_needed, read_panel, school_panel, tabulate, write_panel
from evalkit.values import Cohort, Panel, Tables
from evalkit.vocabulary.periods import PeriodKind

PUPILS = "person_id sex \n anna woman \n bo man \n cia woman"
SCHOOLS = "school_id name \n A Aleskolan \n B Bergskolan"
ENROLMENTS = """
person_id school_id year_group start      end
anna      A         7          2021-08-17 -
bo        A         7          2021-08-17 2022-08-17
bo        B         8          2022-08-17 -
cia       B         7          2021-08-17 -
"""
LESSONS = """
person_id lesson_id school_id class_id date       minutes_attended minutes_valid_absence
anna      1         A         7a       2021-10-19 60               -
anna      2         A         7a       2021-10-26 30               30
bo        3         A         7a       2021-10-20 60               -
bo        4         B         8x       2022-10-20 -                60
cia       5         B         7x       2021-10-31 45               15
cia       6         B         8x       2022-10-20 60               -
"""
COHORT = """
person_id entry      follow_from
anna      2021-08-17 2021-10-15
bo        2021-08-17 2021-10-15
cia       2021-08-17 2021-10-15
"""
FORUMS = "forum_id school_id date \n 1 A 2022-02-01 \n 2 B 2022-10-01"


def tables_of(**changes: str) -> Tables:
    texts = {"persons": PUPILS, "school_units": SCHOOLS, "enrolments": ENROLMENTS, "attendance": LESSONS}
    return site(**(texts | changes))


def cohort(as_of: str = "2021-11-01", **changes: str) -> Cohort:
    return cohort_of(tables_of(**changes), COHORT, as_of=as_of)


def test_a_row_for_each_week() -> None:
    """Weeks are those of ISO 8601; a week counts once it has ended, and its place is the same for everyone."""
    frame = build_panel(cohort(), period="week", measures=[attendance.rate()]).frame
    assert matches(
        frame,
        """
        person_id time week     school_year school class_id attendance_rate
        anna      15   2021-W41 2021/22     A      -        -
        anna      16   2021-W42 2021/22     A      7a       1
        anna      17   2021-W43 2021/22     A      7a       0.5
        bo        15   2021-W41 2021/22     A      -        -
        bo        16   2021-W42 2021/22     A      7a       1
        bo        17   2021-W43 2021/22     A      -        -
        cia       15   2021-W41 2021/22     B      -        -
        cia       16   2021-W42 2021/22     B      -        -
        cia       17   2021-W43 2021/22     B      7x       0.75
        """,
    )


def test_weeks_divide_a_table_without_a_total() -> None:
    """The same persons stand in many weeks, so weeks have no total; schools have."""
    panel = build_panel(cohort(), period="week", measures=[attendance.rate()])
    table = tabulate(panel, [attendance.rate()], by=["week", "sex"], name="weeks")
    assert [(axis.name, axis.total) for axis in table.axes] == [("week", None), ("sex", "total")]
    assert matches(
        table.frame[table.frame["week"] == "2021-W43"],
        """
        week     sex   persons attendance_rate_persons attendance_rate
        2021-W43 woman 2       2                       0.625
        2021-W43 man   1       0                       -
        2021-W43 total 3       2                       0.625
        """,
    )


@pytest.mark.parametrize(
    ("period", "as_of", "found"),
    [
        ("month", "2021-12-31", {"2021-10", "2021-11"}),
        ("year", "2022-07-01", {"2021"}),
        ("school_year", "2022-07-01", {"2021/22"}),
    ],
)
def test_only_periods_that_had_ended(period: PeriodKind, as_of: str, found: set[str]) -> None:
    """A period that had not ended by the cohort's day would need facts from later."""
    panel = build_panel(cohort(as_of), period=period, measures=[])
    assert set(panel.frame[period]) == found


def test_no_period_that_had_ended_is_refused() -> None:
    """Where no period had ended there is nothing to measure in."""
    with pytest.raises(DesignError, match="facts from later"):
        build_panel(cohort("2022-06-30"), period="school_year", measures=[])


def test_a_period_of_no_kind_is_refused() -> None:
    """What is no kind of period is refused, with those there are."""
    with pytest.raises(InputError, match="no panels by 'fortnight'") as told:
        build_panel(cohort(), period="fortnight", measures=[])
    assert "week" in told.value.remedy


def test_schools_keep_their_pupils() -> None:
    """A pupil counts in the school of the assignment date also after moving; schools start at different times."""
    panel = build_panel(cohort("2023-07-01", forums=FORUMS), measures=[attendance.rate(), forums.exposed()])
    schools = school_panel(panel, [attendance.rate(), forums.exposed()])
    assert (schools.unit, schools.weight, schools.treated_from) == ("school", "persons", "treated_from")
    assert matches(
        schools.frame,
        """
        school time term   treated_from persons reported_minutes attendance_rate forum_exposed classes
        A      0    HT2021 1            2       180              0.833333        0             1
        A      1    VT2022 1            2       0                -               1             0
        A      2    HT2022 1            2       60               0               1             1
        A      3    VT2023 1            2       0                -               1             0
        B      0    HT2021 2            1       60               0.75            0             1
        B      1    VT2022 2            1       0                -               0             0
        B      2    HT2022 2            1       60               1               1             1
        B      3    VT2023 2            1       0                -               1             0
        """,
    )


def test_a_table_of_a_school_panel_counts_persons() -> None:
    """A table made of schools counts the persons behind them, and the same persons are not added up over time."""
    panel = build_panel(cohort("2023-07-01"), measures=[attendance.rate()])
    schools = school_panel(panel, [attendance.rate()])
    table = tabulate(schools, [attendance.rate()], by=["term"], name="schools")
    assert matches(
        table.frame,
        """
        term   persons attendance_rate_persons attendance_rate
        HT2021 3       3                       0.8125
        VT2022 3       0                       -
        HT2022 3       2                       0.5
        VT2023 3       0                       -
        """,
    )
    with pytest.raises(DesignError, match="cannot be added up over time"):
        tabulate(schools, [attendance.rate()], by=["school"], name="schools")


def test_pupils_must_belong_to_schools_before_the_first_forum() -> None:
    """A forum may move pupils, so the day that says where they belong must lie before it."""
    texts = {"persons": PUPILS, "school_units": SCHOOLS, "enrolments": ENROLMENTS, "forums": FORUMS}
    people = cohort_of(site(**texts, assignment_date=date(2022, 10, 15)), COHORT)
    with pytest.raises(DesignError, match="before the day that says to which school pupils belong"):
        build_panel(people, measures=[])


def test_a_panel_on_disk_is_the_panel(tmp_path: Path) -> None:
    """Each school year is a file of its own; what is read back is what would have been built."""
    people, measures = cohort("2023-07-01", forums=FORUMS), [attendance.rate(), attendance.band()]
    whole = build_panel(people, period="week", measures=measures)
    folder = write_panel(people, tmp_path / "weeks", period="week", measures=measures)
    assert sorted(path.name for path in folder.glob("*.parquet")) == ["2021-22.parquet", "2022-23.parquet"]
    back = read_panel(folder, columns=list(whole.frame.columns))
    assert back.fingerprint == whole.fingerprint
    assert back.labels == whole.labels
    second = read_panel(folder, columns=["attendance_rate"], school_years=["2022/23"])
    assert len(second.frame) == (whole.frame["school_year"] == "2022/23").sum()
    with pytest.raises(InputError, match="no shoe_size"):
        read_panel(folder, columns=["shoe_size"])


def test_a_panel_that_the_disk_cannot_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk needed is worked out before anything is measured, and nothing is written where there is too little."""
    people = cohort("2023-07-01")
    needed = disk_needed(people, period="week", measures=[attendance.rate()])
    usage = type("Usage", (), {"free": needed - 1})
    monkeypatch.setattr("evalkit.panels.stored.shutil.disk_usage", lambda path: usage)
    with pytest.raises(InputError, match="GB of disk"):
        write_panel(people, tmp_path / "weeks", period="week", measures=[attendance.rate()])
    assert list(tmp_path.iterdir()) == []


def test_balance_at_the_start() -> None:
    """Groups are compared in standard deviations, text level by level."""
    frame = pd.DataFrame(
        {
            "person_id": list("abcd"),
            "time": [0] * 4,
            "school": ["A"] * 4,
            "treated_from": [1.0, 1.0, None, None],
            "absence": [1.0, 3.0, 2.0, 6.0],
            "sex": ["woman", "man", "woman", None],
        }
    )
    panel = Panel(frame, unit="person_id", time="time", cluster="school", treated_from="treated_from")
    found = balance(panel, between="treated_from", columns=["absence", "sex"])
    assert matches(
        found.frame,
        """
        column     known_in known_out mean_in mean_out standardised_difference variance_ratio
        absence    2        2         2       4        -0.894427               0.25
        sex:_man   2        1         0.5     0        -                       -
        sex:_woman 2        1         0.5     1        -                       -
        """,
    )
    assert found.largest == pytest.approx(2 / 5**0.5)


def test_who_studies_by_course_alone_is_there_and_a_no_show_until_it_is_known() -> None:
    """In adult education a course is a stay at its school. Nobody can tell a no-show before it is told."""
    tables = site(
        persons="person_id \n anna \n bo",
        school_units="school_id \n V",
        courses="""
        person_id course_id school_id start      end        outcome
        anna      1         V         2021-09-01 -          -
        bo        2         V         2021-09-01 2021-10-20 no_show
        """,
    )
    panel = build_panel(
        cohort_of(tables, "person_id entry \n anna 2021-09-01 \n bo 2021-09-01"), period="month", measures=[]
    )
    seen = panel.frame[panel.frame["month"].isin(["2021-09", "2021-10", "2021-11"])]
    assert matches(
        seen,
        """
        person_id month   school
        anna      2021-09 V
        anna      2021-10 V
        anna      2021-11 V
        bo        2021-09 V
        """,
    )
