"""Numbers, intervals, terms and dates as Swedish and English readers expect them."""

from __future__ import annotations

import math
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

NO_BREAK, MINUS, EN_DASH = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}", "\N{EN DASH}"
LOCALES = {"sv": "sv_SE", "en": "en_GB"}
LANGUAGES = tuple(LOCALES)


def number(value: float, language: str, *, decimals: int = 0) -> str:
    """Write a number: ``1 234,5`` in Swedish, ``1,234.5`` in English.

    Parameters
    ----------
    value
        Any finite number.
    language
        ``"sv"`` or ``"en"``.
    decimals
        Always as many as this.

    Returns
    -------
    str
        With no-break spaces, and U+2212 before a negative number; what rounds to zero has no sign.

    Raises
    ------
    ValueError
        If the value is not finite: a number that is not there is written with a sign, never as a number.
    """
    if not math.isfinite(value):
        raise ValueError("only a finite number can be written as a number")
    rounded = round(float(value), decimals) + 0.0
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    text = str(format_decimal(abs(rounded), format=pattern, locale=LOCALES[language]))
    return MINUS + text if rounded < 0 else text


def signed(value: float, language: str, *, decimals: int = 1) -> str:
    """Write a change, with plus or minus: ``+1,6``; what rounds to zero has no sign."""
    text = number(value, language, decimals=decimals)
    return f"+{text}" if round(value, decimals) > 0 else text


def percent(share: float, language: str, *, decimals: int = 1) -> str:
    """Write a share (0-1) in percent: ``12,5 %`` in Swedish, ``12.5%`` in English."""
    text = number(100 * share, language, decimals=decimals)
    return f"{text}{NO_BREAK}%" if language == "sv" else f"{text}%"


def span(low: float, high: float, language: str, *, decimals: int = 1) -> str:
    """Write an interval of numbers.

    Parameters
    ----------
    low, high
        Ends, finite, in order.
    language
        ``"sv"`` or ``"en"``.
    decimals
        Of both ends.

    Returns
    -------
    str
        ``0,8–2,4``, but ``−0,7 till +2,4`` as soon as one end is negative.
    """
    if round(low, decimals) < 0 or round(high, decimals) < 0:
        word = {"sv": "till", "en": "to"}[language]
        return f"{signed(low, language, decimals=decimals)} {word} {signed(high, language, decimals=decimals)}"
    return f"{number(low, language, decimals=decimals)}{EN_DASH}{number(high, language, decimals=decimals)}"


def decimals_for(*values: float, least: int = 1, most: int = 3) -> int:
    """Return the fewest decimals by which no number that is not zero is written as zero."""
    for decimals in range(least, most):
        if all(round(v, decimals) != 0 or v == 0 for v in values if math.isfinite(v)):
            return decimals
    return most


def is_term(label: str) -> bool:
    """Say whether a label is a school term, such as ``HT2024``."""
    return len(label) == 6 and label[:2] in {"HT", "VT"} and label[2:].isdigit()


def term(label: str, language: str, *, form: str = "table") -> str:
    """Write a school term.

    Parameters
    ----------
    label
        Such as ``"HT2024"``. Anything else comes back as it is.
    language
        ``"sv"`` or ``"en"``.
    form
        ``"table"`` (``HT 2024``, ``autumn 2024``), ``"figure"`` (``HT 24``, ``aut 24``), or ``"text"`` (``höstterminen
        2024``, ``autumn 2024``).

    Returns
    -------
    str
        With a no-break space before the year.
    """
    if not is_term(label):
        return label
    words = {
        ("sv", "HT", "text"): "höstterminen",
        ("sv", "VT", "text"): "vårterminen",
        ("en", "HT", "figure"): "aut",
        ("en", "VT", "figure"): "spr",
        ("en", "HT", "table"): "autumn",
        ("en", "VT", "table"): "spring",
        ("en", "HT", "text"): "autumn",
        ("en", "VT", "text"): "spring",
    }
    half = words.get((language, label[:2], form), label[:2])
    return f"{half}{NO_BREAK}{label[4:] if form == 'figure' else label[2:]}"


def day(value: date, language: str) -> str:
    """Write a date: ``15 februari 2026``, ``15 February 2026``."""
    return str(format_date(value, format="d MMMM y", locale=LOCALES[language])).replace(" ", NO_BREAK)
