"""A noun read back says what it said, and the same noun gives the same bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from evalkit.values import Axis, Birthright, Column, Estimate, Flow, FlowStep, Protected, Segment, Table
from evalkit.values.archive import read, write
from evalkit.values.protected import parts


def table() -> Table:
    frame = pd.DataFrame({"sex": ["woman", "man", "all"], "persons": [12.0, None, 40.0]})
    return Table("t", "u", (Axis("sex", ("woman", "man"), "all"),), (Column("persons", "count"),), frame)


def test_round_trip(tmp_path: Path) -> None:
    flow = Flow((FlowStep("a", "å", "a", 3, 4),))
    estimate = Estimate(
        "e", "x", "effect", 1.0, "points", (Segment(float("-inf"), 2.0),), details=(("from", "HT2021"),)
    )
    for noun in (table(), flow, estimate):
        write(noun, tmp_path / "noun")
        back = read(tmp_path / "noun")
        assert type(back) is type(noun)
        assert repr(parts(back)) == repr(parts(noun))


def test_same_noun_same_bytes(tmp_path: Path) -> None:
    write(table(), tmp_path / "one")
    write(table(), tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["frame-0.parquet", "noun.json"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_protected_value_needs_a_birthright_to_come_back(tmp_path: Path) -> None:
    marks = pd.DataFrame({"persons": ["", "..", ""]})
    write(Protected(table(), marks, "p", "d", 1, "released", "r", Birthright()), tmp_path / "noun")
    with pytest.raises(PermissionError):
        read(tmp_path / "noun")
    assert read(tmp_path / "noun", Birthright()).suppressed == 1


def test_what_cannot_be_kept_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        write({"a": date(2023, 1, 1)}, tmp_path / "noun")
    assert list(tmp_path.iterdir()) == []
