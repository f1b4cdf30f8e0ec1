"""A ratio of counted events tells of persons: one dropout of 25 is one person of 25."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from evalkit.disclosure import load_policy, protect
from evalkit.values import Axis, Column, Table

POLICY = load_policy("skolverket", Path(__file__).parents[3] / "params" / "policies")


def table(met: int, unit: str) -> Table:
    frame = pd.DataFrame(
        {
            "term": ["HT2021", "VT2022"],
            "persons": [25, 40],
            "judged_persons": [25, 40],
            "met": [met, 20],
            "judged": [25, 40],
            "rate": [met / 25, 0.5],
        }
    )
    columns = (
        Column("persons", "count"),
        Column("judged_persons", "count", denominator="persons", shown=False),
        Column("met", "amount", persons="judged_persons", unit=unit, shown=False),
        Column("judged", "amount", persons="judged_persons", unit=unit, shown=False),
        Column("rate", "rate", "met", "judged", persons="judged_persons", unit="share", decimals=1),
    )
    return Table("drawn", "universe", (Axis("term", ("HT2021", "VT2022"), None, False),), columns, frame)


@pytest.mark.parametrize(("met", "hidden"), [(0, False), (1, True), (4, True), (5, False), (20, False), (21, True)])
def test_a_few_events_or_a_few_without_are_hidden(met: int, hidden: bool) -> None:
    shown = protect(table(met, "events"), policy=POLICY).value
    assert isinstance(shown, Table)
    assert math.isnan(shown.frame["rate"][0]) == hidden
    assert shown.frame["rate"][1] == 0.5


def test_minutes_are_not_persons() -> None:
    shown = protect(table(1, "minutes"), policy=POLICY).value
    assert isinstance(shown, Table)
    assert shown.frame["rate"][0] == 0.04
