"""The words readers see, from one gettext catalogue a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import read_po

from evalkit.errors import InputError
from evalkit.reports.numbers import LANGUAGES

FOLDER = Path(__file__).parent / "locale"
NOTHING: Mapping[str, str] = MappingProxyType({})
NUMERALS = 12


@cache
def catalogue(language: str) -> Mapping[str, tuple[str, ...]]:
    """Read the catalogue of one language.

    Parameters
    ----------
    language
        ``"sv"`` or ``"en"``.

    Returns
    -------
    Mapping
        From message id to its forms: one, or singular and plural.

    Raises
    ------
    InputError
        If there is no catalogue of the language.
    """
    if language not in LANGUAGES:
        raise InputError(f"no texts in the language {language!r}", remedy=f"choose one of {', '.join(LANGUAGES)}")
    with (FOLDER / language / "evalkit.po").open("rb") as file:
        messages = read_po(file, locale=language)
    found: dict[str, tuple[str, ...]] = {}
    for message in messages:
        key = message.id if isinstance(message.id, str) else message.id[0]
        if key:
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return MappingProxyType(found)


@dataclass(frozen=True)
class Words:
    """The texts of one language.

    Parameters
    ----------
    language
        ``"sv"`` or ``"en"``.
    """

    language: str

    def has(self, key: str) -> bool:
        """Say whether the catalogue holds a message."""
        return key in catalogue(self.language)

    def say(self, key: str, facts: Mapping[str, str] = NOTHING) -> str:
        """Return a message with its facts filled in.

        Parameters
        ----------
        key
            Message id, such as ``"sign.suppressed"``.
        facts
            Text for each name that the message holds in braces, written by `evalkit.reports.numbers`.

        Raises
        ------
        KeyError
            If the catalogue lacks the message, or the message a fact.
        """
        return catalogue(self.language)[key][0].format_map(facts)

    def count(self, key: str, quantity: float, facts: Mapping[str, str] = NOTHING) -> str:
        """Return a message in the singular or the plural."""
        forms = catalogue(self.language)[key]
        return forms[0 if quantity == 1 else -1].format_map(facts)

    def choose(self, keys: tuple[str, ...], facts: Mapping[str, str] = NOTHING) -> str:
        """Return the first of several messages that the catalogue holds."""
        return self.say(next((key for key in keys if self.has(key)), keys[-1]), facts)

    def name(self, family: str, identifier: str) -> str:
        """Return what readers call a column, an axis or an outcome; what is not in the catalogue keeps its name."""
        key = f"{family}.{identifier}"
        return self.say(key) if self.has(key) else identifier.replace("_", " ")

    def level(self, axis: str, identifier: str) -> str:
        """Return what readers call one level of an axis; names of schools and years are their own."""
        keys = (f"level.{axis}.{identifier}", f"level.{identifier}")
        return next((self.say(key) for key in keys if self.has(key)), identifier)

    def numeral(self, quantity: int) -> str:
        """Return a whole number in words up to twelve, in figures above."""
        return self.say(f"numeral.{quantity}") if 0 <= quantity <= NUMERALS else str(quantity)


def sentence(text: str) -> str:
    """Return the text with its first letter raised and one full stop at its end."""
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!" else text + "."


def joined(*texts: str) -> str:
    """Return several sentences as one text, empty ones left out."""
    return " ".join(sentence(text) for text in texts if text.strip())


def upper_first(text: str) -> str:
    """Return the text with its first letter raised."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Return the text with its first letter lowered."""
    return text[:1].lower() + text[1:]


def without_no_break(text: str) -> str:
    """Return the text with plain spaces, for texts that are read aloud."""
    return re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text)
