"""Named thresholds of absence."""

from __future__ import annotations

from datetime import date

import pytest

from evalkit.vocabulary import FIRST_THRESHOLDS, absence_bands, absence_threshold, absence_thresholds


def test_shares_of_total_absence_are_edges_of_bands() -> None:
    edges = {band.lower for band in absence_bands(FIRST_THRESHOLDS)}
    shares = {float(each.limit) for each in absence_thresholds(FIRST_THRESHOLDS).values() if each.of == "total"}
    assert shares == {0.1, 0.15, 0.2, 0.3, 0.5}
    assert shares <= edges


def test_a_threshold_is_asked_by_name_and_day() -> None:
    assert absence_threshold("late").limit == 20
    assert absence_threshold("high").provenance.certainty == "V2"
    with pytest.raises(KeyError, match="2020-01-01"):
        absence_threshold("severe", date(2020, 1, 1))
    with pytest.raises(KeyError, match="chronic"):
        absence_threshold("much")
