"""A study, a site, and one run of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evalkit.values.origin import Origin
from evalkit.values.tables import Tables


@dataclass(frozen=True, eq=False)
class Site:
    """One municipality (or other data holder) of a study, as its site file says."""

    id: str
    name: str
    municipality: str
    simulated: bool
    policy: str
    digest: str


@dataclass(frozen=True, eq=False)
class Study:
    """An opened study at one site.

    Parameters
    ----------
    id, title
        Name of the study; title by language.
    largest_plausible_effect
        Percentage points; a detectable effect above it means too little data.
    digest
        SHA-256 of the study file's meaning, the same at every site.
    sites
        Every site of the study, this one among them.
    tables
        The site's tables, open, with the study's terms and assignment date.
    settings
        The study file as read, for texts and appendices.
    """

    id: str
    title: Mapping[str, str]
    site: Site
    sites: tuple[str, ...]
    largest_plausible_effect: float
    digest: str
    tables: Tables
    origin: Origin
    settings: Mapping[str, object]


RunStatus = Literal["started", "collected", "protected", "shown", "published", "failed"]


@dataclass(frozen=True)
class Run:
    """One run: what went in, and how far it came."""

    id: str
    study: str
    sites: tuple[str, ...]
    inputs: str
    code: str
    policy: str
    environment: str
    status: RunStatus = "started"
