from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from evalkit.vocabulary import school_year, school_year_of, term, term_of, terms_of

STUDY = ("2021/22", "2022/23", "2023/24", "2024/25")


def test_the_study_has_eight_terms_that_meet() -> None:
    terms = terms_of(STUDY)
    assert [found.label for found in terms] == [
        "HT2021",
        "VT2022",
        "HT2022",
        "VT2023",
        "HT2023",
        "VT2024",
        "HT2024",
        "VT2025",
    ]
    assert all(one.end == other.start for one, other in itertools.pairwise(terms))
    assert [found.school_year for found in terms] == [year for year in STUDY for _ in range(2)]


@pytest.mark.parametrize(
    ("day", "label", "year"),
    [
        (date(2023, 6, 30), "VT2023", "2022/23"),
        (date(2023, 7, 1), "HT2023", "2023/24"),
        (date(2023, 12, 31), "HT2023", "2023/24"),
        (date(2024, 1, 1), "VT2024", "2023/24"),
        (date(2000, 1, 1), "VT2000", "1999/00"),
    ],
)
def test_every_day_has_one_term_and_one_school_year(day: date, label: str, year: str) -> None:
    assert term_of(day).label == label
    assert school_year_of(day).label == year
    assert term(label) == term_of(day)
    assert term_of(day).start <= day < term_of(day).end


def test_windows_are_half_open() -> None:
    window = school_year("2023/24")
    assert (window.start, window.end) == (date(2023, 7, 1), date(2024, 7, 1))
    assert school_year_of(window.end - timedelta(days=1)) == window


@pytest.mark.parametrize("label", ["2023", "2023/25", "2023/2024", "HT2023"])
def test_a_school_year_is_written_one_way(label: str) -> None:
    with pytest.raises(ValueError, match="2023/24"):
        school_year(label)


@pytest.mark.parametrize("label", ["HT23", "ht2023", "2023HT"])
def test_a_term_is_written_one_way(label: str) -> None:
    with pytest.raises(ValueError, match="HT2023"):
        term(label)
