"""Identity numbers however they are written, and however they are mistyped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evalkit.vocabulary.identity import (
    IdentityError,
    check_digit,
    explain_fault,
    normalise,
    read_identity,
)
from evalkit.vocabulary.identity import test_number as number_of

ON = date(2024, 5, 1)
LETTERS = ("TF29", "AB07", "T123", "M001")
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
BLANKS = (" ", "\u00a0", "\u202f", "\t", "  ", "\u2009")
INVISIBLE = ("\ufeff", "\u200b", "\u00ad", "\u200e")
thorough = settings(max_examples=300, derandomize=True, database=None, deadline=None)

births = st.dates(date(1925, 1, 1), date(2024, 4, 30)) | st.sampled_from(
    [date(1928, 2, 29), date(2000, 2, 29), date(2024, 2, 29), date(1925, 1, 1), date(2024, 4, 30), date(1999, 12, 31)]
)
numbers = st.builds(
    number_of, births, st.integers(0, 9), sex=st.sampled_from(["woman", "man"]), coordination=st.booleans()
)
temporary = st.builds(lambda born, last: f"{born:%Y%m%d}{last}", births, st.sampled_from(LETTERS))


@st.composite
def written(draw: st.DrawFn, number: str) -> str:
    """Return a number as a person or a program may write it."""
    short = draw(st.booleans())
    date_part = number[2:8] if short else number[:8]
    year = 2 if short else 4
    separator = draw(st.sampled_from(["", *HYPHENS]))
    if draw(st.booleans()):
        between = draw(st.sampled_from(HYPHENS))
        date_part = between.join((date_part[:year], date_part[year : year + 2], date_part[year + 2 :]))
    text = date_part + separator + number[8:]
    if draw(st.booleans()):
        text = text.lower()
    if draw(st.booleans()):
        text = text.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    for stray in draw(st.lists(st.sampled_from(BLANKS + INVISIBLE), max_size=3)):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + stray + text[place:]
    return text


@thorough
@given(st.data())
def test_every_form_reads_back_as_the_number(data: st.DataObject) -> None:
    number = data.draw(numbers | temporary)
    text = data.draw(written(number))
    assert normalise(text, on=ON) == number
    read = read_identity(text, on=ON)
    assert read.value == number
    assert normalise(read.hyphened) == number, "and is stable"


@thorough
@given(numbers, st.integers(0, 11), st.integers(1, 9), st.booleans())
def test_a_single_mistyped_digit_is_always_caught(number: str, place: int, more: int, hyphen: bool) -> None:
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    text = f"{wrong[:8]}-{wrong[8:]}" if hyphen else wrong
    assert explain_fault(text, on=ON) is not None
    if place >= 2:
        assert explain_fault(text[2:], on=ON) is not None
        assert explain_fault(text) is not None, "also where the day is not told"


@thorough
@given(numbers, st.integers(2, 10))
def test_two_neighbours_that_changed_places_are_caught_unless_they_are_0_and_9(number: str, place: int) -> None:
    left, right = number[place], number[place + 1]
    assume(left != right and {left, right} != {"0", "9"})
    assert explain_fault(f"{number[:place]}{right}{left}{number[place + 2 :]}", on=ON) is not None


@thorough
@given(numbers, st.integers(0, 11))
def test_a_lost_or_doubled_digit_is_caught(number: str, place: int) -> None:
    assert explain_fault(number[:place] + number[place + 1 :], on=ON) is not None
    assert explain_fault(number[:place] + number[place] + number[place:], on=ON) is not None


@thorough
@given(st.text(max_size=20) | st.text("0123456789-+ TFåäö\u00a0\u0660\u06f1\u00b2", max_size=16))
def test_any_text_gives_a_number_or_a_reason_that_does_not_repeat_it(text: str) -> None:
    reason = explain_fault(text, on=ON)
    if reason is None:
        value = normalise(text, on=ON)
        assert len(value) == 12
        assert value.isascii()
        assert normalise(value, on=ON) == value
    else:
        parts = [part for part in text.split() if len(part) > 3]
        assert not any(part in reason for part in parts)


@pytest.mark.parametrize("text", ["\u0661\u06698112189876", "19811218987\u00b2", "1981-12-18/9876", "19811218 O876"])
def test_digits_of_other_scripts_and_letters_for_digits_are_none(text: str) -> None:
    assert explain_fault(text, on=ON) is not None


@pytest.mark.parametrize(
    ("born", "on", "separator"),
    [
        (date(1924, 1, 2), date(2023, 12, 31), "-"),  # 99 that year
        (date(1924, 12, 31), date(2024, 1, 1), "+"),  # turns 100 that year, so + all year
        (date(1923, 6, 1), date(2024, 1, 1), "+"),
        (date(2024, 1, 1), date(2024, 1, 1), "-"),  # born the day it was written
        (date(1904, 2, 29), date(2024, 1, 1), "+"),
        (date(2000, 2, 29), date(2000, 2, 29), "-"),
    ],
)
def test_the_century_of_ten_digits(born: date, on: date, separator: str) -> None:
    for coordination in (False, True):
        number = number_of(born, 0, sex="woman", coordination=coordination)
        assert normalise(f"{number[2:8]}{separator}{number[8:]}", on=on) == number


@given(born=births, serial=st.integers(0, 9), later=st.integers(0, 36_000))
@thorough
def test_the_century_of_ten_digits_on_any_day_of_a_long_life(born: date, serial: int, later: int) -> None:
    on = born + timedelta(days=later)
    number = number_of(born, serial, sex="man")
    separator = "+" if on.year - born.year >= 100 else "-"
    assert normalise(f"{number[2:8]}{separator}{number[8:]}", on=on) == number


def test_someone_who_turns_a_hundred_later_this_year_may_lack_the_plus() -> None:
    number = number_of(date(1924, 12, 31), 0, sex="woman")
    assert normalise(number[2:], on=ON) == number, "no one is born after the day it was written"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"21010101980{check_digit('010101980')}", "century"),
        (number_of(date(1899, 1, 1), 0, sex="man"), "older than 120"),
        (number_of(date(2025, 1, 1), 0, sex="man"), "later year"),
        (f"020101+{number_of(date(2002, 1, 1), 0, sex='man')[8:]}", "'\\+' is wrong"),
        ("20120230TF01", "no date"),
        ("20121301T001", "no date"),
    ],
)
def test_centuries_and_dates_that_cannot_be(text: str, reason: str) -> None:
    with pytest.raises(IdentityError, match=reason):
        normalise(text, on=ON)


def test_a_birth_number_of_zeros_is_never_given_out() -> None:
    with pytest.raises(IdentityError, match="never given out"):
        normalise("20100101000" + str(check_digit("100101000")))


@pytest.mark.parametrize("last", LETTERS)
def test_temporary_numbers_of_several_systems(last: str) -> None:
    read = read_identity(f"100315-{last.lower()}", on=ON)
    assert (read.value, read.kind, read.sex, read.birth_date) == (
        f"20100315{last}",
        "temporary",
        "unknown",
        date(2010, 3, 15),
    )
