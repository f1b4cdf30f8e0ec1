from __future__ import annotations

import math
from datetime import date

import pytest

from evalkit.reports.numbers import day, decimals_for, is_term, number, percent, signed, span, term

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "decimals", "swedish", "english"),
    [
        (1234.5, 1, f"1{NBSP}234,5", "1,234.5"),
        (1080980, 0, f"1{NBSP}080{NBSP}980", "1,080,980"),
        (-0.7, 1, "−0,7", "−0.7"),
        (-0.04, 1, "0,0", "0.0"),
        (0.0, 0, "0", "0"),
    ],
)
def test_numbers_by_the_rules_of_each_language(value: float, decimals: int, swedish: str, english: str) -> None:
    assert number(value, "sv", decimals=decimals) == swedish
    assert number(value, "en", decimals=decimals) == english


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_there_is_never_written_as_a_number(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        number(value, "sv")


def test_percent_has_a_no_break_space_in_swedish_and_none_in_english() -> None:
    assert percent(0.125, "sv") == f"12,5{NBSP}%"
    assert percent(0.125, "en") == "12.5%"


@pytest.mark.parametrize(("value", "text"), [(1.6, "+1,6"), (-0.7, "−0,7"), (0.01, "0,0"), (0.0, "0,0")])
def test_changes_have_a_sign_unless_they_round_to_nothing(value: float, text: str) -> None:
    assert signed(value, "sv") == text


@pytest.mark.parametrize(
    ("low", "high", "swedish", "english"),
    [
        (0.8, 2.4, "0,8–2,4", "0.8–2.4"),
        (-0.7, 2.4, "−0,7 till +2,4", "−0.7 to +2.4"),
        (-2.4, -0.7, "−2,4 till −0,7", "−2.4 to −0.7"),
        (0.0, 2.4, "0,0–2,4", "0.0–2.4"),
    ],
)
def test_intervals_use_a_word_as_soon_as_an_end_is_negative(
    low: float, high: float, swedish: str, english: str
) -> None:
    assert span(low, high, "sv") == swedish
    assert span(low, high, "en") == english


def test_decimals_grow_until_no_end_is_written_as_zero() -> None:
    assert decimals_for(0.8, 2.4) == 1
    assert decimals_for(0.03, 1.2) == 2
    assert decimals_for(0.0, 1.2) == 1


def test_terms_in_tables_figures_and_sentences() -> None:
    assert term("HT2024", "sv") == f"HT{NBSP}2024"
    assert term("HT2024", "sv", form="figure") == f"HT{NBSP}24"
    assert term("VT2024", "sv", form="text") == f"vårterminen{NBSP}2024"
    assert term("VT2024", "en", form="text") == f"spring{NBSP}2024"
    assert term("2024/25", "sv") == "2024/25"
    assert is_term("HT2024")
    assert not is_term("HT24")


def test_dates() -> None:
    assert day(date(2026, 2, 15), "sv") == f"15{NBSP}februari{NBSP}2026"
    assert day(date(2026, 2, 15), "en") == f"15{NBSP}February{NBSP}2026"
