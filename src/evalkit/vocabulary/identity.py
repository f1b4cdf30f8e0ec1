"""Swedish identity numbers: one written form, checks that explain themselves, and test numbers.

A personnummer is ``YYYYMMDDNNNC``: birth date, birth number, check digit. A samordningsnummer adds 60 to the day.
A temporary number has letters among its last four characters and no check digit.
Sources: Skatteverket, SKV 704 and SKVM 2010:3 (centuries 18, 19 and 20); SS 12000 (civicNo, two letters).
No message here ever holds a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

Sex = Literal["woman", "man", "unknown"]
IdentityKind = Literal["personnummer", "samordningsnummer", "temporary"]

COORDINATION_DAYS = 60
CENTURIES = ("18", "19", "20")
OLDEST = 120
"""Years that no one has lived in Sweden; whoever would be older has a century mistyped [M-hi]."""
TEST_BIRTH_NUMBERS = range(980, 1000)
"""Birth numbers that Skatteverket gives to test persons [M-med]."""

# Two letters and two digits (SS 12000: TF01), or one of the letters of interim numbers and three digits [M-med].
_WRITTEN = re.compile(
    r"([0-9]{2})?([0-9]{2})-?([0-9]{2})-?([0-9]{2})([-+]?)([0-9]{4}|[A-Z]{2}[0-9]{2}|[TRSUWXJKLMN][0-9]{3})"
)
# What word processors and spreadsheets put for a hyphen, and what keyboards of other scripts put for digits.
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_PLAIN = str.maketrans(
    {
        **dict.fromkeys(_HYPHENS, "-"),
        **dict.fromkeys(_INVISIBLE, None),
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "\uff0b": "+",
    }
)
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))


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
    """Return the number in a text of ten or twelve characters, with or without ``-`` or ``+``, blanks or none.

    Parameters
    ----------
    text
        As found in a file. Blanks of any kind, invisible characters and hyphens within the date do not count;
        a dash or minus sign is a hyphen; digits are 0 to 9, full-width ones among them.
    on
        The day the text was written. Ten characters hold no century: it is then the latest that makes the person
        younger than 100 (``-`` or nothing) or at least 100 (``+``) that year. With it, no one is older than 120
        or born in a later year.

    Raises
    ------
    IdentityError
        If the text is no identity number. The message never holds the text.
    """
    value = normalise(text, on=on)
    if not value[8:].isdigit():
        kind: IdentityKind = "temporary"
    else:
        kind = "samordningsnummer" if int(value[6:8]) > COORDINATION_DAYS else "personnummer"
    return IdentityNumber(value, kind, _birth_date(value[:8]), sex_of(value))


def normalise(text: str, *, on: date | None = None) -> str:
    """Return the number's twelve characters; as `read_identity`."""
    match = _WRITTEN.fullmatch(text) or _WRITTEN.fullmatch("".join(text.translate(_PLAIN).upper().split()))
    if match is None:
        raise IdentityError("an identity number has ten or twelve digits, with '-' or '+' before the last four at most")
    century, year, month, day, separator, four = match.groups()
    six = year + month + day
    eight = (century or _century(six, separator, on)) + six
    _check_year(eight, on)
    _birth_date(eight)
    if four.isdigit():
        if int(four[3]) != check_digit(six + four[:3]):
            raise IdentityError("the check digit does not agree with the other digits; probably a digit is mistyped")
        if four[:3] == "000":
            raise IdentityError("the birth number is 000, which is never given out")
    return eight + four


def explain_fault(text: str, *, on: date | None = None) -> str | None:
    """Return why a text is no identity number, or None if it is one; never with the text itself."""
    try:
        read_identity(text, on=on)
    except IdentityError as error:
        return str(error)
    return None


def check_digit(nine: str) -> int:
    """Return the check digit of ``YYMMDDNNN`` (Luhn's mod 10, weights 2 1 2 1 2 1 2 1 2)."""
    digits = nine.encode("ascii")
    return (4 * ord("0") - sum(digits[::2].translate(_DOUBLED)) - sum(digits[1::2])) % 10


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


@lru_cache(maxsize=1 << 16)
def _birth_date(eight: str) -> date:
    day = int(eight[6:])
    try:
        return date(int(eight[:4]), int(eight[4:6]), day - COORDINATION_DAYS if day > COORDINATION_DAYS else day)
    except ValueError:
        raise IdentityError("the first digits are no date (a samordningsnummer has 60 added to the day)") from None


def _check_year(eight: str, on: date | None) -> None:
    if eight[:2] not in CENTURIES:
        raise IdentityError("the century is not 18, 19 or 20")
    if on is not None and not 0 <= on.year - int(eight[:4]) <= OLDEST:
        raise IdentityError(
            f"the person would be born in a later year or be older than {OLDEST}; the century or '+' is wrong"
        )


def _century(six: str, separator: str, on: date | None) -> str:
    if on is None:
        raise IdentityError("ten digits hold no century, and the day they were written on was not told")
    year = on.year - (on.year - int(six[:2])) % 100
    day = int(six[4:])
    born = (int(six[2:4]), day - COORDINATION_DAYS if day > COORDINATION_DAYS else day)
    if separator == "+" or (year == on.year and born > (on.month, on.day)):
        year -= 100
    return f"{year // 100:02d}"
