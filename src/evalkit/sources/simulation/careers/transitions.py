"""Find every change of school or stage in a register of spells, and draw how it was handed over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Integers, States
from evalkit.sources.simulation.careers.spells import FKLASS, FS, GR, GY, SFI, VUXGR, VUXGY, programme_kind
from evalkit.sources.simulation.magnitudes import magnitudes

TYPES = (
    "preschool_to_class",
    "class_to_1",
    "3_to_4",
    "6_to_7",
    "9_to_vocational",
    "9_to_preparatory",
    "9_to_introductory",
    "introductory_to_national",
    "programme_change",
    "school_change",
    "re_entry",
    "to_adult",
    "sfi_to_basic",
    "basic_to_upper",
)
NONE = -1
LARGE_GAP = 60
"""Days; more than the summer."""
GROUPS = {
    "within_compulsory": ("preschool_to_class", "class_to_1", "3_to_4", "6_to_7"),
    "to_upper": ("9_to_vocational", "9_to_preparatory", "9_to_introductory"),
    "to_national": ("introductory_to_national",),
    "change": ("programme_change", "school_change", "re_entry"),
    "to_adult": ("to_adult", "sfi_to_basic", "basic_to_upper"),
}
ADULT = (SFI, VUXGR, VUXGY)


def find_transitions(spells: pd.DataFrame) -> pd.DataFrame:
    """Return one row a transition between two spells of a person.

    Parameters
    ----------
    spells
        By person and start, with none cancelled.

    Returns
    -------
    DataFrame
        person, kind (of ``TYPES``), from_row and to_row (rows of ``spells``), last (day after the last), first, gap
        (days between).
    """
    columns = {name: spells[name].to_numpy() for name in ("person", "school", "school_type", "year_group", "programme")}
    same = columns["person"][1:] == columns["person"][:-1]
    kind = _kinds({name: (values[:-1], values[1:]) for name, values in columns.items()}, spells)
    row = np.flatnonzero(same & (kind != NONE))
    last, first = spells["end"].to_numpy()[row], spells["start"].to_numpy()[row + 1]
    return pd.DataFrame(
        {
            "person": columns["person"][row],
            "kind": np.array(TYPES, dtype=object)[kind[row]],
            "from_row": row,
            "to_row": row + 1,
            "last": last,
            "first": first,
            "gap": first - last,
        }
    )


def draw_handovers(transitions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add to each transition whether it was handed over on paper, when, with consent, and with support around it."""
    table = magnitudes()["handover"]
    share = {kind: table["documented"][group] for group, kinds in GROUPS.items() for kind in kinds}
    count = len(transitions)
    documented = rng.random(count) < transitions["kind"].map(share).to_numpy(dtype=float)
    before = rng.integers(5, 50, count)
    day = np.where(
        transitions["gap"] > LARGE_GAP, transitions["last"] - before, transitions["first"] - before.clip(max=25)
    )
    return transitions.assign(
        documented=documented,
        day=day.astype(np.int32),
        consent=documented & (rng.random(count) < table["consent"]),
        supported=rng.random(count) < table["with_support"],
    )


def _kinds(pairs: dict[str, tuple[Integers, Integers]], spells: pd.DataFrame) -> States:
    (was, now), (before, after) = pairs["school_type"], pairs["year_group"]
    kind = np.full(len(was), NONE, dtype=np.int8)

    def mark(name: str, rows: Any) -> None:
        kind[rows & (kind == NONE)] = TYPES.index(name)

    national_before, national_after = programme_kind(pairs["programme"][0]), programme_kind(pairs["programme"][1])
    mark("preschool_to_class", (was == FS) & (now == FKLASS))
    mark("class_to_1", (was == FKLASS) & (now == GR))
    school = (was == GR) & (now == GR)
    mark("3_to_4", school & (before == 3) & (after == 4))
    mark("6_to_7", school & (before == 6) & (after == 7))
    to_upper = (was == GR) & (now == GY)
    for number, name in ((1, "9_to_vocational"), (2, "9_to_preparatory"), (3, "9_to_introductory")):
        mark(name, to_upper & (national_after == number))
    upper = (was == GY) & (now == GY)
    mark("introductory_to_national", upper & (national_before == 3) & (national_after != 3))
    gap = spells["start"].to_numpy()[1:] - spells["end"].to_numpy()[:-1]
    mark("re_entry", upper & (gap > LARGE_GAP + 15))
    mark("programme_change", upper & (pairs["programme"][0] != pairs["programme"][1]))
    mark("sfi_to_basic", (was == SFI) & (now == VUXGR))
    mark("basic_to_upper", (was == VUXGR) & (now == VUXGY))
    mark("to_adult", np.isin(now, ADULT) & ~np.isin(was, ADULT))
    mark("school_change", (pairs["school"][0] != pairs["school"][1]) & (was == now))
    return kind
