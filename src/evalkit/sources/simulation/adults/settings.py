"""What a simulation of adult education is told, typed and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from evalkit.sources.simulation.told import fault, refuse_unknown, whole

Format = Literal["excel", "csv", "duckdb", "parquet"]
FIRST, END = date(2022, 8, 1), date(2026, 1, 1)
EARLIEST = date(2016, 1, 1)
LARGEST_SITE = 60_000


@dataclass(frozen=True)
class AdultEffects:
    """Effects that are planted, as ratios of weekly hazards: 1 is none, 0.7 is 30 % less.

    Parameters
    ----------
    support
        Dropout while a student has support from the project, where a site says nothing else.
    returner
        Dropout of students who came back after an earlier dropout.
    job
        Finding work after project support.
    """

    support: float = 0.75
    returner: float = 0.85
    job: float = 1.25


@dataclass(frozen=True)
class AdultShares:
    """Share of beginners by school type; upper secondary takes the rest."""

    sfi: float = 0.66
    basic: float = 0.12


@dataclass(frozen=True)
class AdultSite:
    """One municipality: exactly so many persons, handed over how.

    Parameters
    ----------
    persons
        Persons with at least one course in the window.
    project_start
        First day of the project's support there.
    support_effect
        Hazard ratio of dropout there; None takes the study's.
    """

    id: str
    name: str
    municipality: str
    format: Format
    persons: int
    project_start: date
    support_effect: float | None = None


@dataclass(frozen=True)
class AdultSettings:
    """All a simulation of adult education is told. Same settings, same bytes.

    ``first`` and ``end`` bound the window ``[first, end)``: lessons are from it, and everyone has a course in it.
    """

    seed: int
    sites: tuple[AdultSite, ...]
    project: str = "Yrkesväg"
    first: date = FIRST
    end: date = END
    effects: AdultEffects = AdultEffects()
    shares: AdultShares = AdultShares()

    def support_effect(self, site: AdultSite) -> float:
        """Return the hazard ratio of dropout under project support at a site."""
        return self.effects.support if site.support_effect is None else site.support_effect


def adult_settings_from(mapping: Mapping[str, Any], seed: int) -> AdultSettings:
    """Return the settings that a study file's ``simulation:`` with ``kind: adults`` says.

    Parameters
    ----------
    mapping
        As parsed from YAML. Whatever it leaves out has the default above.
    seed
        Every random number follows from it.

    Raises
    ------
    InputError
        If a key is unknown or missing, or a value cannot be.
    """
    told = {key: value for key, value in mapping.items() if key != "kind"}
    refuse_unknown(told, AdultSettings, "simulation", without={"seed"})
    sites = told.get("sites")
    if not isinstance(sites, Mapping) or not sites:
        raise fault("simulation.sites names no site", "write one entry for each municipality")
    first, end = (_day(told.get(key, usual), f"simulation.{key}") for key, usual in (("first", FIRST), ("end", END)))
    if first < EARLIEST or (end - first).days < 7:
        raise fault(
            "simulation.first and simulation.end are no window",
            f"choose a first day from {EARLIEST} on, and an end at least a week later",
        )
    shares = AdultShares(**_numbers(AdultShares, told.get("shares", {}), "simulation.shares"))
    if shares.sfi + shares.basic > 1:
        raise fault("simulation.shares sum to more than 1", "write shares that leave something for upper secondary")
    return AdultSettings(
        seed=seed,
        sites=tuple(_site(str(name), entry) for name, entry in sites.items()),
        project=str(told.get("project", AdultSettings.project)),
        first=first,
        end=end,
        effects=AdultEffects(**_numbers(AdultEffects, told.get("effects", {}), "simulation.effects")),
        shares=shares,
    )


def _site(name: str, entry: Any) -> AdultSite:
    place = f"simulation.sites.{name}"
    refuse_unknown(entry, AdultSite, place, without={"id"})
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) or name == "truth":
        raise fault(f"{place} is no name of a site", "use small letters a-z, digits, - and _; truth is taken")
    if not re.fullmatch(r"\d{4}", str(entry["municipality"])):
        raise fault(f"{place}.municipality is no code of four digits", 'write it as a text, such as "1780"')
    if entry["format"] not in get_args(Format):
        raise fault(f"{place}.format is unknown", f"choose one of {', '.join(get_args(Format))}")
    effect = entry.get("support_effect")
    return AdultSite(
        id=name,
        name=str(entry["name"]),
        municipality=str(entry["municipality"]),
        format=entry["format"],
        persons=whole(entry["persons"], f"{place}.persons", 1, LARGEST_SITE),
        project_start=_day(entry["project_start"], f"{place}.project_start"),
        support_effect=None if effect is None else _number(effect, f"{place}.support_effect"),
    )


def _numbers(kind: type, entry: Any, place: str) -> dict[str, float]:
    refuse_unknown(entry, kind, place)
    return {str(name): _number(value, f"{place}.{name}") for name, value in entry.items()}


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise fault(f"{place} is not a number of at least 0", "write a number with a decimal point")
    return float(value)


def _day(value: Any, place: str) -> date:
    if type(value) is not date:
        raise fault(f"{place} is no date", "write it like 2023-02-01")
    return value
