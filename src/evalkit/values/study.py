"""A study, a site, and one run of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from evalkit.values.origin import Origin
from evalkit.values.period import Period
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
    terms
        The study's terms in order.
    assignment_date
        Pupils belong to the school they had on this day, which lies before the study's first forum.
    largest_plausible_effect
        Percentage points; a detectable effect above it means too little data.
    named_schools
        School unit codes the study names; all others are numbered.
    digest
        SHA-256 of the study file's meaning, the same at every site.
    tables
        The site's tables, open.
    """

    id: str
    title: Mapping[str, str]
    site: Site
    sites: tuple[str, ...]
    terms: tuple[Period, ...]
    assignment_date: date
    largest_plausible_effect: float
    named_schools: tuple[str, ...]
    digest: str
    tables: Tables
    origin: Origin
    settings: Mapping[str, Any] = MappingProxyType({})


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
