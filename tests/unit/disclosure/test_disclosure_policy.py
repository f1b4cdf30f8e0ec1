"""Policies: files of the data holder, and which is stricter than which."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from drawn_releases import INTERNAL, POLICIES, SKOLVERKET, STRICT, policy_with, table
from evalkit.disclosure import at_least_as_strict, load_policy, protect_alone, protect_release
from evalkit.disclosure.policy import HIGHER_IS_STRICTER, LOWER_IS_STRICTER
from evalkit.errors import DisclosureError, InputError


def test_the_thresholds_of_skolverket():
    assert (SKOLVERKET.count_minimum, SKOLVERKET.ratio_persons, SKOLVERKET.near) == (5, 10, (1, 4))
    assert (SKOLVERKET.small, SKOLVERKET.spread) == (4, 3)


def test_strict_skolverket_internal_in_this_order():
    order = [STRICT, SKOLVERKET, INTERNAL]
    for place, one in enumerate(order):
        for other in order[place:]:
            assert at_least_as_strict(one, other)
        for other in order[:place]:
            assert not at_least_as_strict(one, other)


@pytest.mark.parametrize("rule", HIGHER_IS_STRICTER + LOWER_IS_STRICTER)
def test_every_rule_counts(rule):
    """A policy laxer in one rule alone is not at least as strict, and neither of two crossed ones is."""
    value = getattr(SKOLVERKET, rule)
    step = -1 if rule in LOWER_IS_STRICTER else 1
    stricter = {"complementary": True, "extremes_shown": False}.get(rule, value + step * 5)
    laxer = {"complementary": False, "extremes_shown": True}.get(rule, value)
    one = dataclasses.replace(SKOLVERKET)
    other = dataclasses.replace(SKOLVERKET)
    # the thresholds' own consistency is not at stake here
    object.__setattr__(one, rule, stricter)
    object.__setattr__(other, rule, laxer)
    assert at_least_as_strict(one, other)
    assert not at_least_as_strict(other, one)
    crossed = "sums_pupils" if rule != "sums_pupils" else "curve_persons"
    object.__setattr__(other, crossed, 99)
    assert not at_least_as_strict(one, other)
    assert not at_least_as_strict(other, one)


def test_the_digest_is_of_the_rules():
    assert SKOLVERKET.digest == load_policy("skolverket", POLICIES).digest
    assert dataclasses.replace(SKOLVERKET, sv="annat").digest == SKOLVERKET.digest
    assert policy_with(ratio_persons=11).digest != SKOLVERKET.digest


def test_internal_takes_nothing_and_is_never_released():
    drawn = table("school persons failed\nA 3 1\nB 1 0")
    assert protect_alone(drawn, INTERNAL).suppressed == 0
    with pytest.raises(DisclosureError, match="internal"):
        protect_release({"c/t": drawn}, INTERNAL)


@pytest.mark.parametrize("name", ["absent", "../policies/skolverket", ""])
def test_a_policy_that_is_not_there(name):
    with pytest.raises(InputError, match="no disclosure policy"):
        load_policy(name, POLICIES)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("[rules.step_minimum]\nvalue = 10", "[rules.step_minimum]\nvalue = 12", "multiple of rounding_base"),
        ("[rules.near_minimum]\nvalue = 5", "[rules.near_minimum]\nvalue = 4", "near_minimum"),
        ("[rules.ratio_persons]\nvalue = 10", "[rules.ratio_persons]\nvalue = 8", "ratio_persons"),
        ("[rules.ratio_persons]\nvalue = 10", '[rules.ratio_persons]\nvalue = "10"', "no int"),
        ("[rules.curve_schools]", "[rules.curve_school]", "unknown key curve_school"),
        ("[rules.complementary]\nvalue = true", "[rules.complementary]\nvalue = 1", "no bool"),
        ('name = "skolverket"', 'name = "other"', "its name"),
        ("value = 10", "value = ", "cannot be used"),
    ],
)
def test_a_policy_that_contradicts_itself(tmp_path: Path, before, after, told):
    shutil.copy(POLICIES / "skolverket.toml", tmp_path)
    path = tmp_path / "skolverket.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InputError, match=told):
        load_policy("skolverket", tmp_path)


def test_every_rule_says_where_it_is_from(tmp_path: Path):
    text = (POLICIES / "skolverket.toml").read_text(encoding="utf-8")
    (tmp_path / "skolverket.toml").write_text(text.replace('certainty = "PROP"\n', "", 1), encoding="utf-8")
    with pytest.raises(InputError, match="source and certainty"):
        load_policy("skolverket", tmp_path)
