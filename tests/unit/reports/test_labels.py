from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import evalkit.reports
from evalkit.errors import InputError
from evalkit.reports.labels import Words, catalogue, joined, sentence
from evalkit.reports.tables.legend import MEANINGS

SOURCE = Path(evalkit.reports.__file__).parent
LANGUAGES = ("sv", "en")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_message_has_its_twin() -> None:
    assert set(catalogue("sv")) == set(catalogue("en"))


def test_no_message_is_empty_and_plurals_have_two_forms() -> None:
    for language in LANGUAGES:
        for key, forms in catalogue(language).items():
            assert all(form.strip() for form in forms), f"{key} is empty in {language}"
            assert len(forms) in {1, 2}
    assert {key for key, forms in catalogue("sv").items() if len(forms) == 2} == {
        key for key, forms in catalogue("en").items() if len(forms) == 2
    }


def test_twins_hold_the_same_facts() -> None:
    for key, forms in catalogue("sv").items():
        swedish = set().union(*(fields(form) for form in forms))
        english = set().union(*(fields(form) for form in catalogue("en")[key]))
        assert swedish == english, key


def test_keys_stand_once_in_each_file() -> None:
    for language in LANGUAGES:
        text = (SOURCE / "locale" / language / "evalkit.po").read_text(encoding="utf-8")
        keys = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)
        assert len(keys) == len(set(keys))


def test_every_fixed_key_in_the_code_is_in_the_catalogue() -> None:
    pattern = re.compile(r'words\.(?:say|count)\(\s*"([^"{}]+)"')
    used = {key for path in SOURCE.rglob("*.py") for key in pattern.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 80
    assert used - set(catalogue("sv")) == set()
    assert set(MEANINGS.values()) <= set(catalogue("sv"))


def test_no_sentence_says_what_may_not_be_said() -> None:
    for language, forbidden in (("sv", r"sannolikt|signifikan"), ("en", r"\blikely\b|significan")):
        for key, forms in catalogue(language).items():
            assert not re.search(forbidden, " ".join(forms), re.IGNORECASE), key
    for language, effect in (("sv", "effekt"), ("en", "effect")):
        for key, forms in catalogue(language).items():
            if ".change." in key or ".association." in key:
                assert effect not in " ".join(forms), f"{key} calls a change an effect"


def test_counts_choose_singular_and_plural() -> None:
    words = Words("sv")
    assert words.count("unit.percentage_points", 1) == "procentenhet"
    assert words.count("unit.percentage_points", 1.6) == "procentenheter"
    assert words.numeral(2) == "två"
    assert words.numeral(30) == "30"


def test_levels_fall_back_to_their_own_name() -> None:
    words = Words("sv")
    assert words.level("sex", "woman") == "flickor"
    assert words.level("sex", "missing") == "uppgift saknas"
    assert words.level("school", "Ale 1") == "Ale 1"
    assert words.name("column", "my_own_column") == "my own column"


def test_an_unknown_language_is_refused_with_a_remedy() -> None:
    with pytest.raises(InputError, match="language") as told:
        Words("de").say("total")
    assert "sv" in told.value.remedy


def test_sentences_begin_with_a_capital_and_end_once() -> None:
    assert sentence("ökade") == "Ökade."
    assert joined("det ökade.", "", "varför?") == "Det ökade. Varför?"


def test_every_composed_key_is_in_the_catalogue() -> None:
    designs, verdicts = ("change", "effect", "association"), ("increased", "decreased", "unclear")
    keys = {f"finding.{design}.{verdict}" for design in designs for verdict in verdicts}
    keys |= {f"finding.{design}.unclear.{way}" for design in designs for way in ("higher", "lower", "same")}
    keys |= {f"finding.{design}.where" for design in designs}
    for design in designs:
        for verdict in ("increased", "decreased"):
            keys |= {f"finding.bounds.{design}.{verdict}", f"reason.about.{design}.{verdict}"}
            keys |= {f"conclusion.can.{design}.{verdict}", f"headline.also.{design}.{verdict}"}
        for verdict in ("unclear", "too_little"):
            keys |= {f"topic.{design}.{verdict}", f"headline.{design}.{verdict}", f"headline.also.{design}.{verdict}"}
        keys |= {f"conclusion.cannot.{design}.{why}" for why in ("cause", "direction", "too_little")}
        keys |= {f"interval.subtitle.{design}", f"headline.what.{design}"}
    keys |= {f"reason.too_little.{what}" for what in ("detectable", "persons", "units", "bounds")}
    keys |= {f"numeral.{number}" for number in range(13)}
    assert keys - set(catalogue("sv")) == set()
