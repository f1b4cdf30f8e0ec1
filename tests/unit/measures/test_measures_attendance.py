"""Attendance in Ibis equals attendance counted lesson by lesson in plain Python."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import ibis
import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_sites import Row, random_rows, site_of
from evalkit.measures import attendance
from evalkit.values import Tables

GRID = {"person_id": "string", "period": "string", "start": "date", "end": "date", "school_id": "string"}
BANDS = [(50, "50-100"), (30, "30-50"), (20, "20-30"), (15, "15-20"), (10, "10-15"), (5, "5-10"), (0, "0-5")]
few = settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])


def grid_of(tables: Tables, names: list[str]) -> ibis.Table:
    rows = [(name, term.label, term.start, term.end, "A") for name in names for term in tables.terms]
    return ibis.memtable(pd.DataFrame(rows, columns=list(GRID)), schema=GRID)


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
    grid = grid_of(tables, [f"p{number}" for number in range(6)])
    expected = {key: sums for key, sums in by_hand(rows["attendance"], tables).items() if key[0] < "p6"}
    minutes = attendance.rate().compute(tables, grid).execute().set_index(["person_id", "period"])
    assert set(minutes.index) == set(expected)
    for key, sums in expected.items():
        assert minutes.loc[key, "present_minutes"] == sums["attended_minutes"] + sums["other_minutes"]
        for name in set(attendance.SUMS) - {"present_minutes"}:
            assert minutes.loc[key, name] == sums[name], name
    absent = {
        key: Fraction(sums["valid_absence_minutes"] + sums["invalid_absence_minutes"], sums["reported_minutes"])
        for key, sums in expected.items()
        if sums["reported_minutes"]
    }
    both = attendance.high_absence(0.1).compute(tables, grid).join(
        attendance.band().compute(tables, grid), ["person_id", "period"]
    )  # fmt: skip
    found = both.execute().set_index(["person_id", "period"])
    assert found["high_absence"].to_dict() == {key: int(share >= Fraction(1, 10)) for key, share in absent.items()}
    assert found["absence_band"].to_dict() == {
        key: next(label for edge, label in BANDS if share >= Fraction(edge, 100)) for key, share in absent.items()
    }


def test_the_meaning_of_a_measure_is_in_its_key() -> None:
    assert attendance.high_absence(0.1).key != attendance.high_absence(0.2).key
    assert attendance.high_absence(0.15).key == attendance.high_absence().key
    assert attendance.rate().key == attendance.rate().key
