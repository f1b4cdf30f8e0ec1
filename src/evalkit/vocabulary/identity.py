"""Swedish identity numbers: one written form, checks that explain themselves, and test numbers.

A personnummer is ``YYYYMMDDNNNC``: birth date, birth number, check digit. A samordningsnummer adds 60 to the day.
A temporary number ``YYYYMMDDTFNN`` has letters and no check digit. Source: Skatteverket, SS 12000 (civicNo).
No message here ever holds a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Sex = Literal["woman", "man", "unknown"]
IdentityKind = Literal["personnummer", "samordningsnummer", "temporary"]

COORDINATION_DAYS = 60
TEST_BIRTH_NUMBERS = range(980, 1000)
"""Birth numbers that Skatteverket gives to test persons [M-med]."""

_NUMBER = re.compile(r"(\d{2})?(\d{6})([-+]?)(\d{4})")
_TEMPORARY = re.compile(r"(\d{8})-?([A-Z]{2}\d{2})")


class IdentityError(ValueError):
    """A text is not an identity number; the message says why, without the text."""


@dataclass(frozen=True)
class IdentityNumber:
    """A checked identity number.

    Parameters
    ----------
    value
        Twelve characters without separator; left out of ``repr``.
    kind
        personnummer, samordningsnummer or temporary.
    birth_date
        The date part, which can deviate from the true date of birth.
    sex
        By the last digit of the birth number; unknown for temporary numbers. Legal sex, not gender.
    """

    value: str = field(repr=False)
    kind: IdentityKind
    birth_date: date = field(repr=False)
    sex: Sex

    @property
    def is_test(self) -> bool:
        """Whether the number belongs to no one: a birth number kept for tests."""
        return self.kind != "temporary" and int(self.value[8:11]) in TEST_BIRTH_NUMBERS

    @property
    def hyphened(self) -> str:
        """The number as people write it, ``YYYYMMDD-NNNC``."""
        return f"{self.value[:8]}-{self.value[8:]}"


def read_identity(text: str, *, on: date | None = None) -> IdentityNumber:
    """Return the number in a text of ten or twelve digits, with or without ``-`` or ``+``.

    Parameters
    ----------
    text
        As found in a file.
    on
        The day the text was written. Ten digits hold no century: it is then the latest that makes the person younger
        than 100 (``-`` or nothing) or at least 100 (``+``) that year.

    Raises
    ------
    IdentityError
        If the text is no identity number. The message never holds the text.
    """
    cleaned = text.strip().upper()
    temporary = _TEMPORARY.fullmatch(cleaned)
    if temporary is not None:
        return IdentityNumber(temporary[1] + temporary[2], "temporary", _birth_date(temporary[1]), "unknown")
    match = _NUMBER.fullmatch(cleaned)
    if match is None:
        raise IdentityError("an identity number has ten or twelve digits, with '-' or '+' before the last four at most")
    century, six, separator, four = match.groups()
    eight = century + six if century else _with_century(six, separator, on)
    birth = _birth_date(eight)
    if int(four[3]) != check_digit(six + four[:3]):
        raise IdentityError("the check digit does not agree with the other digits; probably a digit is mistyped")
    if four[:3] == "000":
        raise IdentityError("the birth number is 000, which is never given out")
    kind: IdentityKind = "samordningsnummer" if int(eight[6:]) > COORDINATION_DAYS else "personnummer"
    return IdentityNumber(eight + four, kind, birth, sex_of(eight + four))


def normalise(text: str, *, on: date | None = None) -> str:
    """Return the number's twelve characters; as `read_identity`."""
    return read_identity(text, on=on).value


def explain_fault(text: str, *, on: date | None = None) -> str | None:
    """Return why a text is no identity number, or None if it is one; never with the text itself."""
    try:
        read_identity(text, on=on)
    except IdentityError as error:
        return str(error)
    return None


def check_digit(nine: str) -> int:
    """Return the check digit of ``YYMMDDNNN`` (Luhn's mod 10, weights 2 1 2 1 2 1 2 1 2)."""
    products = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return -sum(product // 10 + product % 10 for product in products) % 10


def sex_of(number: str) -> Sex:
    """Return the legal sex a twelve-character number tells: even birth number woman, odd man."""
    if not number[8:].isdigit():
        return "unknown"
    return "man" if int(number[10]) % 2 else "woman"


def test_number(birth_date: date, serial: int, *, sex: Sex, coordination: bool = False) -> str:  # noqa: PT028
    """Return a test person's number of twelve digits, check digit right.

    Parameters
    ----------
    serial
        0 to 9; each gives another number for the same date and sex.
    sex
        woman or man.
    coordination
        Make it a samordningsnummer.

    Raises
    ------
    ValueError
        If there is no such number: only twenty birth numbers are kept for tests.
    """
    if sex == "unknown" or not 0 <= serial < len(TEST_BIRTH_NUMBERS) // 2:
        raise ValueError("a test number has a serial from 0 to 9 and is a woman's or a man's")
    birth_number = TEST_BIRTH_NUMBERS[2 * serial + (sex == "man")]
    day = birth_date.day + COORDINATION_DAYS * coordination
    eight = f"{birth_date.year:04d}{birth_date.month:02d}{day:02d}"
    return f"{eight}{birth_number}{check_digit(eight[2:] + str(birth_number))}"


# pytest would otherwise collect it wherever it is imported.
test_number.__test__ = False  # type: ignore[attr-defined]


def _birth_date(eight: str) -> date:
    day = int(eight[6:])
    try:
        return date(int(eight[:4]), int(eight[4:6]), day - COORDINATION_DAYS if day > COORDINATION_DAYS else day)
    except ValueError:
        raise IdentityError("the first digits are no date (a samordningsnummer has 60 added to the day)") from None


def _with_century(six: str, separator: str, on: date | None) -> str:
    if on is None:
        raise IdentityError("ten digits hold no century, and the day they were written on was not told")
    year = on.year - (on.year - int(six[:2])) % 100
    if separator != "+" and _is_later(f"{year}{six[2:]}", on):
        year -= 100
    if separator == "+":
        year -= 100
    return f"{year:04d}{six[2:]}"


def _is_later(eight: str, on: date) -> bool:
    return _birth_date(eight) > on
