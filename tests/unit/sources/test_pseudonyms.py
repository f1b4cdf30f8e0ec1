"""Pseudonyms: one per person however written, none shared, nothing without the key."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from pathlib import Path

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.sources.config import SWEDISH
from evalkit.sources.engine import open_workshop
from evalkit.sources.pseudonyms import (
    LENGTH,
    LOCAL,
    STAFF,
    check_key,
    pseudonym,
    pseudonym_table,
    pseudonyms_of,
    written_text,
)
from evalkit.vocabulary import test_number as number_of

KEY = b"one key of at least 16 bytes"
ON = date(2024, 8, 1)
NUMBERS = st.builds(
    number_of,
    st.dates(date(1930, 1, 1), date(2020, 12, 31)),
    st.integers(0, 9),
    sex=st.sampled_from(["woman", "man"]),
    coordination=st.booleans(),
)
SCHEMES = [SWEDISH, STAFF, "student id", "other id"]
thorough = settings(max_examples=60, derandomize=True, database=None, deadline=None)


def of(text: str, scheme: str = SWEDISH) -> str | None:
    return pseudonyms_of([text], KEY, on=ON, scheme=scheme)[text].pseudonym


@thorough
@given(st.lists(NUMBERS, min_size=1, max_size=200, unique=True))
def test_pseudonyms_are_stable_and_injective(numbers: list[str]) -> None:
    first = pseudonyms_of(numbers, KEY)
    assert first == pseudonyms_of(reversed(numbers), KEY), "the order does not count"
    made = [known.pseudonym for known in first.values()]
    assert len(set(made)) == len(numbers), "no two persons share one"
    hyphened = pseudonyms_of([f"{number[:8]}-{number[8:]}" for number in numbers], KEY)
    assert list(hyphened.values()) == list(first.values()), "however written"
    other = {known.pseudonym for known in pseudonyms_of(numbers, KEY + b"!").values()}
    assert not other & set(made), "another key, other pseudonyms"
    assert all(value is not None and len(value) == LENGTH for value in made)


@thorough
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), min_size=1, max_size=12), max_size=40))
def test_no_two_ids_of_any_schemes_share_a_pseudonym(ids: list[str]) -> None:
    found: dict[str, tuple[str, str]] = {}
    for scheme in SCHEMES[1:]:
        for text, known in pseudonyms_of(ids, KEY, scheme=scheme).items():
            if known.pseudonym is not None:
                plain = " ".join(text.split())
                same = found.setdefault(known.pseudonym, (scheme, plain))
                assert same[0] == scheme
                assert pseudonyms_of([same[1]], KEY, scheme=scheme)[same[1]] == known


def test_a_pseudonym_is_a_keyed_digest_of_scheme_and_number() -> None:
    number = number_of(date(2010, 1, 1), 0, sex="woman")
    expected = hmac.digest(KEY, b"swedish\x1f" + number.encode(), hashlib.sha256).hex()[:32]
    assert pseudonym(number, KEY) == of(number) == expected


def test_a_teacher_and_a_pupil_with_one_number_do_not_share_a_pseudonym() -> None:
    number = number_of(date(1990, 1, 1), 0, sex="woman")
    assert len({of(number, scheme) for scheme in SCHEMES}) == len(SCHEMES)


def test_staff_are_any_text_and_their_numbers_join_however_written() -> None:
    number = number_of(date(1980, 3, 4), 0, sex="man")
    assert of(number, STAFF) == of(f"{number[2:8]}-{number[8:]}", STAFF)
    assert of("Ann  Li ", STAFF) == of("Ann Li", STAFF)
    assert of("ANLI", STAFF) != of("anli", STAFF), "letters keep their case"
    assert of("A\u030asa", STAFF) == of("Åsa", STAFF), "composed or not"
    assert of(number[:-1] + str((int(number[-1]) + 1) % 10), STAFF) is not None


def test_a_data_holder_s_own_ids_keep_their_zeros() -> None:
    assert len({of("7", "student id"), of("07", "student id"), of("007", "student id")}) == 3


def test_a_person_without_a_number_in_ss12000_has_a_pseudonym_of_the_id() -> None:
    assert of(f"{LOCAL}id-1") not in {None, of("id-1", "student id"), of(f"{LOCAL}id-2")}


def test_what_is_no_number_has_a_reason_and_no_pseudonym() -> None:
    found = pseudonyms_of(["", "201013019999", "name"], KEY)
    assert [known.pseudonym for known in found.values()] == [None] * 3
    assert "no date" in str(found["201013019999"].fault)
    assert "ten or twelve digits" in str(found["name"].fault)
    assert pseudonyms_of([" "], KEY, scheme="student id")[" "].fault == "the identity is empty"


def test_an_identity_that_became_another_has_the_newest_s_pseudonym() -> None:
    old, new = "20100304TF01", number_of(date(2010, 3, 4), 0, sex="woman")
    found = pseudonyms_of([old, "100304-tf01", new], KEY, on=ON, aliases={old: (new, 2)})
    assert {known.pseudonym for known in found.values()} == {pseudonym(new, KEY)}
    assert [known.changes for known in found.values()] == [2, 2, 0]


def test_keys_that_could_be_guessed_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        check_key(b"short")


def test_columns_of_numbers_and_of_text_give_the_same_table(tmp_path: Path) -> None:
    """A column of numbers cannot hold the zeros that ten digits of the years 2000 to 2009 begin with."""
    number = number_of(date(2004, 3, 2), 0, sex="woman")
    ten = number[2:]
    assert ten.startswith("0")
    forms = {
        "text": ("VARCHAR", f"'{ten[:6]}-{ten[6:]}'"),
        "whole": ("BIGINT", str(int(ten))),
        "broken": ("DOUBLE", f"{int(ten)}.0"),
        "twelve": ("DOUBLE", f"{number}.0"),
    }
    with open_workshop(tmp_path / "store", memory="500MB", threads=1) as shop:
        for name, (kind, value) in forms.items():
            shop.run(f"CREATE TABLE {name} AS SELECT {value}::{kind} AS id UNION ALL SELECT NULL")
            written = written_text(shop.connection.table(name).id)
            table = pseudonym_table(f"known_{name}", written, shop, KEY, on=ON)
            assert table.pseudonym.to_pyarrow().to_pylist() == [pseudonym(number, KEY)], name
        blank = ibis.memtable({"id": ["  ", "-", "x"]})
        assert written_text(blank.id, "student id", ["-"]).execute().fillna("").tolist() == ["", "", "x"]
