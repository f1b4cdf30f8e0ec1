from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.errors import DesignError
from evalkit.models import combine_sums
from evalkit.values import Origin

ORIGIN = Origin("skolanknytning", "ale", "d", "s", "i", "skolverket", "sv", True, "store")


def one(sums, school: str, municipality: str, site: str):
    made = sums({school: {4: 1.0}}, {}, municipality={school: municipality})
    return replace(made, origin=replace(ORIGIN, site=site))


def test_all_schools_stand_in_the_result_whatever_the_order(sums) -> None:
    ale, lerum = one(sums, "s1", "1440", "ale"), one(sums, "s2", "1441", "lerum")
    forth, back = combine_sums([ale, lerum]), combine_sums([lerum, ale])
    assert list(forth.schools["school"]) == ["s1", "s2"]
    for frame in ("schools", "terms", "contrasts"):
        pd.testing.assert_frame_equal(getattr(forth, frame), getattr(back, frame))
    assert forth.origin is not None
    assert forth.origin.site is None
    assert len(ale.schools) == 1


def test_one_site_alone_keeps_its_origin(sums) -> None:
    ale = one(sums, "s1", "1440", "ale")
    assert combine_sums([ale]).origin == ale.origin


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"outcome": "other"}, "outcome"),
        ({"unit": "share"}, "unit"),
        ({"labels": ()}, "labels"),
        ({"adjusted": ("sex",)}, "adjusted"),
        ({"rule": "merged_within_municipality"}, "rule"),
    ],
)
def test_sites_must_speak_of_the_same(sums, change, word: str) -> None:
    with pytest.raises(DesignError, match=word):
        combine_sums([one(sums, "s1", "1440", "ale"), replace(one(sums, "s2", "1441", "lerum"), **change)])


def test_a_school_belongs_to_one_site(sums) -> None:
    ale = one(sums, "s1", "1440", "ale")
    copy = replace(ale, **{frame: getattr(ale, frame).assign(site="x") for frame in ("schools", "terms", "contrasts")})
    with pytest.raises(DesignError, match="two sites"):
        combine_sums([ale, copy])


def test_what_was_merged_left_out_and_moved_is_that_of_all_sites(sums) -> None:
    moves = pd.DataFrame({"site": "ale", "municipality": "1440", "start": [4], "pupils": [90], "moved": [12]})
    ale = replace(one(sums, "s1", "1440", "ale"), merged=2, left_out=1, moves=moves)
    lerum = replace(one(sums, "s2", "1441", "lerum"), merged=3, left_out=2, treated_left_out=1)
    both = combine_sums([lerum, ale])
    assert (both.merged, both.left_out, both.treated_left_out) == (5, 3, 1)
    assert both.moves["moved"].tolist() == [12]


def test_nothing_cannot_be_combined() -> None:
    with pytest.raises(DesignError):
        combine_sums([])
