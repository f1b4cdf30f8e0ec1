"""Names of sites, and what is said when some are missing from a study's answer."""

from __future__ import annotations

import unicodedata
from functools import cache

from evalkit.reports.labels import Words
from evalkit.vocabulary import municipalities


@cache
def _names() -> dict[str, str]:
    return {_plain(found.name): found.name for found in municipalities()}


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum() and letter.isascii())


def site_name(site: str) -> str:
    """Return what readers call a site: its municipality's name where the id is that, else the id with a capital."""
    return _names().get(_plain(site), site[:1].upper() + site[1:])


def missing_sites(stated: object, words: Words) -> str:
    """Return the names of missing sites as a list in words, empty if none is missing.

    Parameters
    ----------
    stated
        Ids with commas between, as the detail ``sites_missing`` holds them; None where none is.
    words
        Language.
    """
    names = [site_name(site.strip()) for site in str(stated or "").split(",") if site.strip()]
    if len(names) < 2:
        return "".join(names)
    return words.say("list.and", {"first": ", ".join(names[:-1]), "last": names[-1]})
