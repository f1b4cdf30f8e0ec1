"""Dates, numbers and times of day as people and programs write them, read by DuckDB; what is none becomes null."""

from __future__ import annotations

import re
from datetime import date

import ibis

from evalkit.errors import InputError, Where

PARTS = {
    "%Y": r"(\d{4})",
    "%y": r"(\d{2})",
    "%m": r"(\d{1,2})",
    "%d": r"(\d{1,2})",
    "%B": r"([A-Za-z]+)\.?",
    "%H": r"(\d{1,2})",
    "%M": r"(\d{2})",
    "%S": r"(\d{2})",
}
YEAR, MONTH, DAY, CLOCK = ("%Y", "%y"), ("%m", "%B"), ("%d",), ("%H", "%M", "%S")
ISO = r"^(\d{4})(?:-(\d{1,2})-|(\d{2}))(\d{1,2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
MONTHS = (
    ("januari", "january", "jan"),
    ("februari", "february", "feb", "febr"),
    ("mars", "march", "mar"),
    ("april", "apr"),
    ("maj", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("augusti", "august", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
BLANKS = "[ \u00a0\u2009\u202f]"
"""What stands between thousands: blank, no-break space, thin space, narrow no-break space."""


def as_text(raw: ibis.Value) -> ibis.StringValue:
    """Return values as text without blanks at the ends, null where nothing is left; whole numbers have no decimals."""
    if raw.type().is_floating():
        whole = raw == raw.round()
        raw = whole.ifelse(raw.try_cast("int64").cast("string"), raw.cast("string"))
    return raw.cast("string").strip().nullif("")


def check_date_format(text: str | None, label: str) -> None:
    """Refuse a date format that cannot be read; ``label`` is the file as users know it.

    A format names the year (``%Y``, or ``%y``: 69-99 are 1969-1999, as in POSIX), the month (``%m``, or ``%B`` for
    its name in Swedish or English, whole or cut short) and ``%d``, once each; ``%H``, ``%M`` and ``%S`` may follow.
    So 1/9 2023 is ``%d/%m %Y`` and 1 september 2023 is ``%d %B %Y``. Without a format, dates are ISO 8601:
    2023-09-01 or 20230901, and a time of day without a zone may follow.

    Raises
    ------
    InputError
        If it lacks one of the three, names one twice, or names anything else.
    """
    if text is None:
        return
    named = re.findall(r"%.", text)
    once = all(sum(part in named for part in parts) == 1 for parts in (YEAR, MONTH, DAY))
    if not once or len(set(named)) < len(named) or not set(named) <= set(PARTS):
        raise InputError(
            f"the date format {text} cannot be read",
            where=Where(file=label),
            remedy="write `date_format` with %Y (or %y), %m (or %B) and %d once each, such as %Y-%m-%d",
        )


def read_date(text: ibis.StringValue, date_format: str | None) -> ibis.DateValue:
    """Return dates; null where a text is none in the format, as `check_date_format` tells it."""
    if date_format is None:
        plain = text.re_replace(ISO, r"\1-\2\3-\4")
        return text.re_search(ISO).ifelse(plain, None).try_cast("date")
    named = re.findall(r"%.", date_format)
    pattern = "^" + "".join(PARTS.get(part, re.escape(part)) for part in re.split(r"(%.)", date_format)) + "$"
    found = {part: text.re_extract(pattern, place + 1) for place, part in enumerate(named)}
    year = found["%Y"] if "%Y" in found else _century(found["%y"]) + found["%y"]
    month = found["%m"].lpad(2, "0") if "%m" in found else _month(found["%B"])
    whole = year + "-" + month + "-" + found["%d"].lpad(2, "0")
    return text.re_search(pattern).ifelse(whole, None).try_cast("date")


def write_date(day: date, date_format: str) -> str:
    """Return a date as text that `read_date` reads in the same format; times of day are midnight."""
    parts = {
        "%Y": f"{day.year:04d}",
        "%y": f"{day.year % 100:02d}",
        "%m": f"{day.month:02d}",
        "%d": f"{day.day:02d}",
        "%B": MONTHS[day.month - 1][0],
    }
    return "".join(parts.get(part, "00" if part in CLOCK else part) for part in re.split(r"(%.)", date_format))


def read_number(text: ibis.StringValue, decimal: str) -> ibis.FloatingValue:
    """Return numbers; ``decimal`` stands before tenths, and thousands may be set apart by blanks."""
    point = re.escape(decimal)
    number = rf"^[+-]?(\d+|\d{{1,3}}({BLANKS}\d{{3}})+)({point}\d+)?$"
    plain = text.replace("\u2212", "-")
    cleared = _without_blanks(plain).replace(decimal, ".")
    return plain.re_search(number).ifelse(cleared, None).try_cast("float64")


def read_integer(text: ibis.StringValue) -> ibis.IntegerValue:
    """Return whole numbers, also such as 60.0 and 1 200."""
    plain = text.re_search(r"^[+-]?\d+$").ifelse(text, None).try_cast("int32")
    rare = r"^[+-]?(\d+|\d{1,3}(" + BLANKS + r"\d{3})+)([.,]0+)?$"
    cleared = _without_blanks(text).re_replace(r"[.,]0+$", "")
    return ibis.coalesce(plain, text.re_search(rare).ifelse(cleared, None).try_cast("int32"))


def read_clock(text: ibis.StringValue) -> ibis.IntegerValue:
    """Return minutes since midnight of such as 08:30, 8.30 and 08:30:00, and of whole numbers."""
    clock = r"^(\d{1,2})[:.](\d{2})(:\d{2})?$"
    hours, minutes = (text.re_extract(clock, group).try_cast("int32") for group in (1, 2))
    on_the_clock = text.re_search(clock) & (hours < 24) & (minutes < 60)
    return on_the_clock.ifelse((hours * 60 + minutes).cast("int32"), read_integer(text))


def _without_blanks(text: ibis.StringValue) -> ibis.StringValue:
    return text.re_replace(BLANKS, "")


def _century(two: ibis.StringValue) -> ibis.StringValue:
    return (two >= "69").ifelse("19", "20")


def _month(name: ibis.StringValue) -> ibis.StringValue:
    spelt = [(word, f"{number:02d}") for number, words in enumerate(MONTHS, start=1) for word in words]
    return name.lower().cases(*spelt, else_=None)
