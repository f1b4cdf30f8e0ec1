"""Pseudonyms: one per person however written, none shared, nothing without the key."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.sources.pseudonyms import LENGTH, check_key, pseudonym, pseudonyms_of
from evalkit.vocabulary import test_number as number_of

KEY = b"one key of at least 16 bytes"
NUMBERS = st.builds(
    number_of,
    st.dates(date(1930, 1, 1), date(2020, 12, 31)),
    st.integers(0, 9),
    sex=st.sampled_from(["woman", "man"]),
    coordination=st.booleans(),
)


@settings(max_examples=60, derandomize=True, database=None, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=200, unique=True))
def test_pseudonyms_are_stable_and_injective(numbers: list[str]) -> None:
    first = pseudonyms_of(numbers, KEY)
    assert first == pseudonyms_of(reversed(numbers), KEY), "the order does not count"
    assert len(set(first.values())) == len(numbers), "no two persons share one"
    hyphened = pseudonyms_of([f"{number[:8]}-{number[8:]}" for number in numbers], KEY)
    assert list(hyphened.values()) == list(first.values()), "however written"
    other = pseudonyms_of(numbers, KEY + b"!")
    assert not set(other.values()) & set(first.values()), "another key, other pseudonyms"
    assert all(value is not None and len(value) == LENGTH for value in first.values())


def test_a_pseudonym_is_a_keyed_digest() -> None:
    number = number_of(date(2010, 1, 1), 0, sex="woman")
    assert pseudonym(number, KEY) == hmac.digest(KEY, number.encode(), hashlib.sha256).hex()[:32]


def test_what_is_no_number_has_no_pseudonym() -> None:
    assert pseudonyms_of(["", "201013019999", "name"], KEY) == {"": None, "201013019999": None, "name": None}


def test_keys_that_could_be_guessed_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        check_key(b"short")
