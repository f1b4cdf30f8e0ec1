"""Read what a simulation is told from a study file's mapping, and refuse what cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any, TypeVar, get_args

from evalkit.errors import InputError
from evalkit.sources.simulation.settings import (
    FAULT_NAMES,
    LARGEST_REGISTER,
    SCHOOL_YEARS,
    SMALLEST_REGISTER,
    SMALLEST_SCHOOL,
    AttendanceSettings,
    ConnectednessSettings,
    EffectSettings,
    Format,
    ForumSettings,
    PopulationSettings,
    ShockSettings,
    SimulationSettings,
    SiteSettings,
    UpperSettings,
)
from evalkit.vocabulary import SchoolCalendar, dimensions, school_calendar, school_year_of

Numbers = TypeVar("Numbers")

GROUPS: dict[str, type] = {
    "effects": EffectSettings,
    "shocks": ShockSettings,
    "attendance": AttendanceSettings,
    "connectedness": ConnectednessSettings,
    "population": PopulationSettings,
}


def settings_from(mapping: Mapping[str, Any], seed: int) -> SimulationSettings:
    """Return the settings that a study file's ``simulation:`` says.

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
    refuse_unknown(mapping, SimulationSettings, "simulation", without={"seed"})
    sites = mapping.get("sites")
    if not isinstance(sites, Mapping) or not sites:
        raise fault("simulation.sites names no site", "write one entry for each municipality")
    years = tuple(str(year) for year in mapping.get("school_years", SCHOOL_YEARS))
    for year in years:
        _calendar(year)
    groups: dict[str, Any] = {
        name: _numbers(kind, mapping.get(name, {}), f"simulation.{name}") for name, kind in GROUPS.items()
    }
    return SimulationSettings(
        seed=seed,
        sites=tuple(_site(str(name), entry) for name, entry in sites.items()),
        school_years=years,
        lessons_per_week=whole(mapping.get("lessons_per_week", 21), "simulation.lessons_per_week", 1, 26),
        page_size=whole(mapping.get("page_size", 10_000), "simulation.page_size", 1, 40_000),
        **groups,
    )


def _site(name: str, entry: Any) -> SiteSettings:
    place = f"simulation.sites.{name}"
    refuse_unknown(entry, SiteSettings, place, without={"id"})
    _refuse_two_numbers(entry, place)
    if not re.fullmatch(r"\d{4}", str(entry["municipality"])):
        raise fault(f"{place}.municipality is no code of four digits", 'write it as a text, such as "1440"')
    if entry["format"] not in get_args(Format):
        raise fault(f"{place}.format is unknown", f"choose one of {', '.join(get_args(Format))}")
    if "persons" in entry:
        return SiteSettings(
            id=name,
            name=str(entry["name"]),
            municipality=str(entry["municipality"]),
            format=entry["format"],
            persons=whole(entry["persons"], f"{place}.persons", SMALLEST_REGISTER, LARGEST_REGISTER),
            faults=_faults(entry.get("faults", ()), f"{place}.faults"),
        )
    schools = whole(entry["schools"], f"{place}.schools", 1, 99)
    site = SiteSettings(
        id=name,
        name=str(entry["name"]),
        municipality=str(entry["municipality"]),
        format=entry["format"],
        pupils=whole(entry["pupils"], f"{place}.pupils", SMALLEST_SCHOOL * schools, 100_000),
        schools=schools,
        size_ratio=_number(entry.get("size_ratio", 4.0), f"{place}.size_ratio", lowest=1.0),
        forum=_forum(entry["forum"], f"{place}.forum", schools) if entry.get("forum") else None,
        upper_secondary=_upper(entry["upper_secondary"], f"{place}.upper_secondary", schools)
        if entry.get("upper_secondary")
        else None,
        faults=_faults(entry.get("faults", ()), f"{place}.faults"),
    )
    return site


def _refuse_two_numbers(entry: Mapping[str, Any], place: str) -> None:
    """Let either the pupils or the persons rule, not both and not neither."""
    ruled_by_pupils = ("pupils", "schools", "size_ratio", "forum", "upper_secondary")
    if "persons" in entry:
        extra = [key for key in ruled_by_pupils if key in entry]
        if extra:
            raise fault(f"{place} has both persons and {extra[0]}", "with persons, all else follows from their careers")
        return
    for key in ("pupils", "schools"):
        if key not in entry:
            raise fault(f"missing key {place}.{key}", "write it")


def _upper(entry: Any, place: str, before: int) -> UpperSettings:
    refuse_unknown(entry, UpperSettings, place)
    return UpperSettings(
        schools=whole(entry.get("schools", 1), f"{place}.schools", 1, 99 - before),
        share=_number(entry.get("share", UpperSettings.share), f"{place}.share", lowest=0.05),
        lessons=_number(entry.get("lessons", UpperSettings.lessons), f"{place}.lessons", lowest=0.1),
    )


def _faults(entry: Any, place: str) -> tuple[str, ...]:
    names = tuple(str(name) for name in entry) if isinstance(entry, list | tuple) else ("",)
    for name in names:
        if name not in FAULT_NAMES or names.count(name) > 1:
            raise fault(f"{place} is no list of known faults", f"choose among {', '.join(FAULT_NAMES)}")
    return names


def _forum(entry: Any, place: str, schools: int) -> ForumSettings:
    refuse_unknown(entry, ForumSettings, place)
    known = {dimension.code for dimension in dimensions()}
    stations = tuple((str(name), str(dimension)) for name, dimension in dict(entry["stations"]).items())
    if not stations or not {dimension for _, dimension in stations} <= known:
        raise fault(f"{place}.stations names an unknown dimension", f"choose among {', '.join(sorted(known))}")
    dates = tuple(day for day in entry["dates"] if isinstance(day, date))
    if not dates or len(dates) < len(entry["dates"]) or list(dates) != sorted(set(dates)):
        raise fault(f"{place}.dates are no dates in order", "list the days, such as 2023-10-17, earliest first")
    for day in dates:
        if not _calendar(school_year_of(day).label).is_school_day(day):
            raise fault(f"{place}.dates has {day}, which is no school day", "choose a day with school")
    rank = whole(entry["size_rank"], f"{place}.size_rank", 1, schools)
    return ForumSettings(str(entry["school"]), rank, dates, stations)


def _calendar(school_year: str) -> SchoolCalendar:
    try:
        return school_calendar(school_year)
    except KeyError as unknown:
        raise fault(str(unknown.args[0]), "choose school years whose calendar is known") from None


def _numbers(kind: type[Numbers], entry: Any, place: str) -> Numbers:
    refuse_unknown(entry, kind, place)
    lowest = {"correlation": -1.0, "forum": -100.0, "connectedness": -100.0, "support": -100.0}
    values: dict[str, Any] = {
        str(name): _number(value, f"{place}.{name}", lowest=lowest.get(str(name), 0.0))
        for name, value in entry.items()
        if name != "forum_profile"
    }
    if "forum_profile" in entry:
        values["forum_profile"] = _profile(entry["forum_profile"], f"{place}.forum_profile")
    return kind(**values)


def _profile(entry: Any, place: str) -> tuple[float, ...]:
    if not isinstance(entry, list | tuple) or not entry:
        raise fault(f"{place} is no list of numbers", "write one number a term since the first forum")
    profile = tuple(_number(value, place, lowest=0.0) for value in entry)
    if not any(profile):
        raise fault(f"{place} is nothing but zeros", "write at least one number above 0")
    return profile


def refuse_unknown(entry: Any, kind: type, place: str, without: frozenset[str] | set[str] = frozenset()) -> None:
    """Refuse keys that a settings class does not have, and the lack of those that have no default."""
    if not isinstance(entry, Mapping):
        raise fault(f"{place} is not a mapping", "write `key: value` lines under it")
    known = [field for field in fields(kind) if field.name not in without]
    for key in entry:
        if key not in {field.name for field in known}:
            raise fault(f"unknown key {place}.{key}", f"the keys are {', '.join(field.name for field in known)}")
    for field in known:
        if field.default is MISSING and field.name not in entry and field.name != "sites":
            raise fault(f"missing key {place}.{field.name}", "write it")


def _number(value: Any, place: str, lowest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= lowest:
        raise fault(f"{place} is not a number of at least {lowest:g}", "write a number with a decimal point")
    return float(value)


def whole(value: Any, place: str, lowest: int, highest: int) -> int:
    """Return a whole number within a range, both ends inside.

    Raises
    ------
    InputError
        If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise fault(
            f"{place} is not a whole number from {lowest} to {highest}", "write a whole number within the range"
        )
    return value


def fault(problem: str, remedy: str) -> InputError:
    """Return what is wrong with a simulation's settings."""
    return InputError(problem, remedy=remedy)
