from __future__ import annotations

from datetime import date

import pytest

from evalkit.vocabulary import identity
from evalkit.vocabulary.identity import IdentityError, check_digit, explain_fault, normalise, read_identity, sex_of

# Skatteverket's published test numbers, and numbers computed by hand from the same rule.
VALID = ("191212121212", "198112189876", "189001019802", "189001029819")
ON = date(2024, 5, 1)


@pytest.mark.parametrize("number", VALID)
def test_published_numbers_pass(number: str) -> None:
    assert normalise(number) == number
    assert check_digit(number[2:11]) == int(number[11])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("198112189876", "198112189876"),
        ("19811218-9876", "198112189876"),
        ("811218-9876", "198112189876"),
        ("8112189876", "198112189876"),
        ("121212-1212", "201212121212"),
        ("121212+1212", "191212121212"),
        (" 20100315-TF01 ", "20100315TF01"),
        ("20100315tf01", "20100315TF01"),
    ],
)
def test_every_way_of_writing_gives_one_form(text: str, value: str) -> None:
    assert normalise(text, on=ON) == value


def test_plus_means_a_hundred_years_that_year() -> None:
    number = identity.test_number(date(1924, 2, 29), 0, sex="woman")
    assert normalise(f"{number[2:8]}+{number[8:]}", on=ON) == number
    assert normalise(f"{number[2:8]}-{number[8:]}", on=ON) == f"20{number[2:]}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("198112189875", "check digit"),
        ("198113189876", "no date"),
        ("201302299801", "no date"),
        ("81121898", "ten or twelve"),
        ("abc", "ten or twelve"),
        ("", "ten or twelve"),
        ("811218-9876", "century"),
    ],
)
def test_faults_are_explained_without_the_number(text: str, reason: str) -> None:
    explanation = explain_fault(text)
    assert explanation is not None
    assert reason in explanation
    assert not text or text not in explanation
    assert not any(part in explanation for part in ("8112", "9876", "9875"))
    with pytest.raises(IdentityError, match=reason):
        read_identity(text)


def test_a_valid_number_has_no_fault() -> None:
    assert explain_fault("198112189876") is None


def test_a_number_never_stands_in_its_repr() -> None:
    assert "1981" not in repr(read_identity("198112189876"))


def test_coordination_number_adds_sixty_to_the_day() -> None:
    number = identity.test_number(date(2009, 3, 28), 3, sex="woman", coordination=True)
    read = read_identity(number)
    assert number[6:8] == "88"
    assert (read.kind, read.birth_date, read.sex) == ("samordningsnummer", date(2009, 3, 28), "woman")


def test_temporary_numbers_have_no_sex_and_no_check_digit() -> None:
    read = read_identity("20100315TF29")
    assert (read.kind, read.sex, read.is_test) == ("temporary", "unknown", False)


def test_leap_day() -> None:
    assert read_identity(identity.test_number(date(2012, 2, 29), 0, sex="man")).birth_date == date(2012, 2, 29)


def test_test_numbers_are_valid_distinct_and_of_the_sex_asked_for() -> None:
    made = {
        identity.test_number(date(2010, 6, 14), serial, sex=sex): sex
        for serial in range(10)
        for sex in ("woman", "man")
    }
    assert len(made) == 20
    for number, sex in made.items():
        read = read_identity(number)
        assert read.is_test
        assert read.sex == sex == sex_of(number)
        assert 980 <= int(number[8:11]) <= 999


def test_there_are_only_twenty_test_numbers_a_day() -> None:
    with pytest.raises(ValueError, match="0 to 9"):
        identity.test_number(date(2010, 6, 14), 10, sex="man")


def test_hyphened() -> None:
    assert read_identity("198112189876").hyphened == "19811218-9876"
