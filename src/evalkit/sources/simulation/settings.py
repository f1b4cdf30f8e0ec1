"""What a simulation is told, typed and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from typing import Any, Literal, TypeVar, get_args

from evalkit.errors import InputError
from evalkit.vocabulary import SchoolCalendar, dimensions, school_calendar, school_year_of

Format = Literal["ss12000", "parquet", "csv"]
Numbers = TypeVar("Numbers")
SCHOOL_YEARS = ("2021/22", "2022/23", "2023/24", "2024/25")
SMALLEST_SCHOOL = 3


@dataclass(frozen=True)
class EffectSettings:
    """Effects that are planted, in percentage points of attendance.

    Parameters
    ----------
    forum
        Mean rise at a school from its first dialogue forum on.
    connectedness
        Rise when a pupil's own connectedness is one step (of the scale 1-4) above the pupil's usual level.
    """

    forum: float = 2.0
    connectedness: float = 3.0


@dataclass(frozen=True)
class ShockSettings:
    """Standard deviations of shocks, relative to a pupil's absence: 0.1 turns 10 % absence into 9 or 11 %."""

    school: float = 0.10
    school_term: float = 0.08
    school_term_memory: float = 0.5
    school_class: float = 0.10
    class_term: float = 0.12
    pupil_term: float = 0.25


@dataclass(frozen=True)
class AttendanceSettings:
    """Shares of lessons or pupils that something happens to; spells in school days."""

    unreported: float = 0.055
    unreported_clustering: float = 8.0
    cancelled: float = 0.015
    exempt: float = 0.015
    shortened: float = 0.005
    other_activity: float = 0.006
    valid_share: float = 0.70
    spell_days: float = 2.2


@dataclass(frozen=True)
class ConnectednessSettings:
    """Level and spread of connectedness (scale 1-4), its correlation with absence between pupils, and response."""

    mean: float = 3.0
    school: float = 0.08
    between: float = 0.40
    within: float = 0.28
    memory: float = 0.3
    correlation: float = -0.30
    response: float = 0.85
    not_known: float = 0.04


@dataclass(frozen=True)
class PopulationSettings:
    """Shares of pupils a year who move, leave or never come; shares with marked or odd identities."""

    move: float = 0.03
    leave: float = 0.035
    no_show: float = 0.004
    confidential: float = 0.005
    protected: float = 0.002
    coordination: float = 0.004
    year_older: float = 0.03


@dataclass(frozen=True)
class ForumSettings:
    """The school of a site that holds dialogue forums.

    Parameters
    ----------
    school
        Its name.
    size_rank
        1 for the site's largest school.
    dates
        Days of the forums, in order; the effect starts on the first.
    stations
        (name of the station, dimension of connectedness).
    """

    school: str
    size_rank: int
    dates: tuple[date, ...]
    stations: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SiteSettings:
    """One municipality: how many pupils (at the start of each school year), in how many schools, handed over how.

    ``size_ratio`` is the largest school's size over the smallest's.
    """

    id: str
    name: str
    municipality: str
    format: Format
    pupils: int
    schools: int
    size_ratio: float = 4.0
    forum: ForumSettings | None = None


@dataclass(frozen=True)
class SimulationSettings:
    """All a simulation is told. Same settings, same bytes."""

    seed: int
    sites: tuple[SiteSettings, ...]
    school_years: tuple[str, ...] = SCHOOL_YEARS
    lessons_per_week: int = 21
    page_size: int = 10_000
    effects: EffectSettings = EffectSettings()
    shocks: ShockSettings = ShockSettings()
    attendance: AttendanceSettings = AttendanceSettings()
    connectedness: ConnectednessSettings = ConnectednessSettings()
    population: PopulationSettings = PopulationSettings()


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
    _refuse_unknown(mapping, SimulationSettings, "simulation", without={"seed"})
    sites = mapping.get("sites")
    if not isinstance(sites, Mapping) or not sites:
        raise _fault("simulation.sites names no site", "write one entry for each municipality")
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
        lessons_per_week=_whole(mapping.get("lessons_per_week", 21), "simulation.lessons_per_week", 1, 26),
        page_size=_whole(mapping.get("page_size", 10_000), "simulation.page_size", 1, 40_000),
        **groups,
    )


def _site(name: str, entry: Any) -> SiteSettings:
    place = f"simulation.sites.{name}"
    _refuse_unknown(entry, SiteSettings, place, without={"id"})
    if not re.fullmatch(r"\d{4}", str(entry["municipality"])):
        raise _fault(f"{place}.municipality is no code of four digits", 'write it as a text, such as "1440"')
    if entry["format"] not in get_args(Format):
        raise _fault(f"{place}.format is unknown", f"choose one of {', '.join(get_args(Format))}")
    schools = _whole(entry["schools"], f"{place}.schools", 1, 99)
    site = SiteSettings(
        id=name,
        name=str(entry["name"]),
        municipality=str(entry["municipality"]),
        format=entry["format"],
        pupils=_whole(entry["pupils"], f"{place}.pupils", SMALLEST_SCHOOL * schools, 100_000),
        schools=schools,
        size_ratio=_number(entry.get("size_ratio", 4.0), f"{place}.size_ratio", lowest=1.0),
        forum=_forum(entry["forum"], f"{place}.forum", schools) if entry.get("forum") else None,
    )
    return site


def _forum(entry: Any, place: str, schools: int) -> ForumSettings:
    _refuse_unknown(entry, ForumSettings, place)
    known = {dimension.code for dimension in dimensions()}
    stations = tuple((str(name), str(dimension)) for name, dimension in dict(entry["stations"]).items())
    if not stations or not {dimension for _, dimension in stations} <= known:
        raise _fault(f"{place}.stations names an unknown dimension", f"choose among {', '.join(sorted(known))}")
    dates = tuple(day for day in entry["dates"] if isinstance(day, date))
    if not dates or len(dates) < len(entry["dates"]) or list(dates) != sorted(set(dates)):
        raise _fault(f"{place}.dates are no dates in order", "list the days, such as 2023-10-17, earliest first")
    for day in dates:
        if not _calendar(school_year_of(day).label).is_school_day(day):
            raise _fault(f"{place}.dates has {day}, which is no school day", "choose a day with school")
    rank = _whole(entry["size_rank"], f"{place}.size_rank", 1, schools)
    return ForumSettings(str(entry["school"]), rank, dates, stations)


def _calendar(school_year: str) -> SchoolCalendar:
    try:
        return school_calendar(school_year)
    except KeyError as unknown:
        raise _fault(str(unknown.args[0]), "choose school years whose calendar is known") from None


def _numbers(kind: type[Numbers], entry: Any, place: str) -> Numbers:
    _refuse_unknown(entry, kind, place)
    lowest = {"correlation": -1.0, "forum": -100.0, "connectedness": -100.0}
    values = {
        str(name): _number(value, f"{place}.{name}", lowest=lowest.get(str(name), 0.0)) for name, value in entry.items()
    }
    return kind(**values)


def _refuse_unknown(entry: Any, kind: type, place: str, without: frozenset[str] | set[str] = frozenset()) -> None:
    if not isinstance(entry, Mapping):
        raise _fault(f"{place} is not a mapping", "write `key: value` lines under it")
    known = [field for field in fields(kind) if field.name not in without]
    for key in entry:
        if key not in {field.name for field in known}:
            raise _fault(f"unknown key {place}.{key}", f"the keys are {', '.join(field.name for field in known)}")
    for field in known:
        if field.default is MISSING and field.name not in entry and field.name != "sites":
            raise _fault(f"missing key {place}.{field.name}", "write it")


def _number(value: Any, place: str, lowest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= lowest:
        raise _fault(f"{place} is not a number of at least {lowest:g}", "write a number with a decimal point")
    return float(value)


def _whole(value: Any, place: str, lowest: int, highest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise _fault(
            f"{place} is not a whole number from {lowest} to {highest}", "write a whole number within the range"
        )
    return value


def _fault(problem: str, remedy: str) -> InputError:
    return InputError(problem, remedy=remedy)
