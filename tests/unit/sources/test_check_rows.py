"""Checks between rows of an import: whole tables or a part of them at a time, errors or warnings."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_site import TABLES, Records, small_site, take_in, write_pages

from evalkit.errors import SourceFaultsError
from evalkit.sources import IngestSummary, Layout, Source
from evalkit.sources.checks import hashes


def taken_in(records: Records, tmp_path: Path) -> IngestSummary:
    write_pages(records, tmp_path / "pages")
    return take_in([Source(Layout("ss12000", Path("pages")), TABLES)], tmp_path, tmp_path / "out")


@pytest.mark.parametrize("at_a_time", [1, 5, 4_000_000])
def test_keys_are_looked_through_a_part_of_the_hashes_at_a_time(
    at_a_time: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashes, "ROWS_AT_A_TIME", at_a_time)
    records = small_site()
    records["attendances"] += [{**records["attendances"][place], "id": f"again {place}"} for place in (6, 1)]
    with pytest.raises(SourceFaultsError) as caught:
        taken_in(records, tmp_path)
    (fault,) = caught.value.faults
    assert fault.problem == "2 rows, the first of them here: an earlier row has the same student, calendarEvent"
    assert str(fault.where) == "pages/attendances/0003.json, row 3, column calendarEvent"


def test_minutes_that_do_not_add_up_are_told_and_kept(tmp_path: Path) -> None:
    records = small_site()
    records["attendances"][1]["attendanceMinutes"] = 10
    (warning,) = [one for one in taken_in(records, tmp_path).warnings if one.check == "sum_below_limit"]
    assert "to add up to calendarEvent.teachingLengthStudent" in warning.problem
    assert str(warning.where) == "pages/attendances/0000.json, row 2, column attendanceMinutes"


def test_one_minute_more_or_less_is_rounding(tmp_path: Path) -> None:
    records = small_site()
    records["attendances"][0]["attendanceMinutes"] = 61
    records["attendances"][1]["attendanceMinutes"] = 29
    assert "sum_below_limit" not in {one.check for one in taken_in(records, tmp_path).findings}
