"""Attendance in Ibis equals attendance counted lesson by lesson in plain Python."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_measures import known_of, measured
from drawn_sites import Row, random_rows, site_of
from evalkit.measures import attendance
from evalkit.measures.attendance.lessons import SUMS, totals
from evalkit.values import Measure, Tables
from evalkit.vocabulary.measures import meaning_of

BANDS = [(50, "50-100"), (30, "30-50"), (20, "20-30"), (15, "15-20"), (10, "10-15"), (5, "5-10"), (0, "0-5")]
LIBRARY = [
    attendance.rate(),
    attendance.rate(mode="online"),
    attendance.rate(position="first"),
    attendance.rate(weekdays=(1, 5)),
    attendance.rate(before=540, subject="MA"),
    attendance.absence_reason("family"),
    attendance.invalid_share(),
    attendance.monday_friday_share(),
    attendance.online_share(),
    attendance.band(),
    attendance.high_absence(),
    attendance.chronic(),
    attendance.punctuality(),
    attendance.punctuality(position="first", limit=10),
    attendance.absent_days(),
    attendance.activity_days(),
    attendance.longest_spell(),
    attendance.longest_spell(unreported="ends", over_summer=True),
    attendance.spells(3),
    attendance.long_spell(),
    attendance.longest_streak(),
    attendance.days_to_contact(),
    attendance.spells_contacted(),
]
few = settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])


def by_hand(rows: list[Row], tables: Tables) -> dict[tuple[str, str], dict[str, int]]:
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        for term in tables.terms:
            if term.start <= row["date"] < term.end and row["known_from"] < term.end:
                cell = sums[(row["person_id"], term.label)]
                cell["offered_minutes"] += row["minutes_offered"]
                if row["reported"]:
                    cell["reported_minutes"] += row["minutes_offered"]
                    for part in ("attended", "other", "valid_absence", "invalid_absence"):
                        cell[f"{part}_minutes"] += row[f"minutes_{part}"] or 0
    return sums


@few
@given(seed=st.integers(0, 10**6))
def test_sums_flags_and_bands_equal_those_counted_by_hand(seed: int) -> None:
    rows = random_rows(seed)
    tables = site_of(rows)
    terms = [term.label for term in tables.terms]
    expected = by_hand(rows["attendance"], tables)
    minutes = measured(attendance.rate(), tables, *terms).set_index(["person_id", "period"])
    assert set(minutes.index) == set(expected)
    for key, sums in expected.items():
        assert minutes.loc[key, "present_minutes"] == sums["attended_minutes"] + sums["other_minutes"]
        for name in set(SUMS) - {"present_minutes"}:
            assert minutes.loc[key, name] == sums[name], name
    absent = {
        key: Fraction(sums["valid_absence_minutes"] + sums["invalid_absence_minutes"], sums["reported_minutes"])
        for key, sums in expected.items()
        if sums["reported_minutes"]
    }
    flags = measured(attendance.high_absence(0.1), tables, *terms).set_index(["person_id", "period"])["high_absence"]
    assert flags.to_dict() == {key: int(share >= Fraction(1, 10)) for key, share in absent.items()}
    bands = measured(attendance.band(), tables, *terms).set_index(["person_id", "period"])["absence_band"]
    assert bands.to_dict() == {
        key: next(label for edge, label in BANDS if share >= Fraction(edge, 100)) for key, share in absent.items()
    }


def test_the_meaning_of_a_measure_is_in_its_key() -> None:
    keys = [measure.key for measure in LIBRARY]
    assert len(set(keys)) == len(keys)
    assert attendance.high_absence(0.1).key != attendance.high_absence(0.2).key
    assert attendance.high_absence(0.15).key == attendance.high_absence().key
    assert attendance.rate().key == attendance.rate().key


@pytest.mark.parametrize("measure", LIBRARY, ids=lambda measure: measure.name)
def test_the_vocabulary_says_what_a_measure_means(measure: Measure) -> None:
    meaning = meaning_of(measure.meaning or measure.name)
    assert meaning.module == "attendance"
    assert meaning.direction == measure.direction
    for text in (meaning.definition, meaning.numerator, meaning.denominator):
        assert all(text.values())
    assert all(bool(text) == (measure.coverage is not None) for text in meaning.coverage.values())


def test_all_measures_fit_in_one_panel() -> None:
    columns = [name for measure in LIBRARY for name in {*measure.columns, measure.name}]
    assert len(columns) == len(set(columns))


def test_measures_of_one_panel_share_their_sums() -> None:
    known = known_of(site_of(random_rows(1)), "HT2021")
    assert totals(known) is totals(known)
    assert totals(known) is not totals(known_of(site_of(random_rows(1)), "HT2021"))
