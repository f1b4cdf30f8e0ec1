"""Texts of the frame around the chapters, in the reader's language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache

from babel.dates import format_date

from evalkit.errors import RenderError
from evalkit.reports.locator import theme_folder

LANGUAGES = ("sv", "en")


@cache
def frame_texts(language: str) -> Mapping[str, str]:
    """Return the frame's texts by key; those of the footer as ``footer.<key>``.

    Raises
    ------
    RenderError
        For a language that the theme has no texts in.
    """
    every = tomllib.loads((theme_folder() / "texts.toml").read_text(encoding="utf-8"))
    if language not in every:
        raise RenderError(f"reports are not written in {language!r}", remedy=f"choose one of {', '.join(every)}")
    texts: dict[str, str] = {}
    for key, value in every[language].items():
        if isinstance(value, dict):
            texts |= {f"{key}.{name}": text for name, text in value.items()}
        else:
            texts[key] = value
    return texts


def long_date(day: str, language: str) -> str:
    """Return an ISO date as readers write it: ``15 februari 2026``, ``15 February 2026``."""
    locale = "en_GB" if language == "en" else language
    return str(format_date(date.fromisoformat(day), "d MMMM y", locale=locale))
