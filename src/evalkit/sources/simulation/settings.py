"""What a simulation is told, typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Format = Literal["ss12000", "parquet", "csv"]
SCHOOL_YEARS = ("2021/22", "2022/23", "2023/24", "2024/25")
SMALLEST_SCHOOL = 3
SMALLEST_REGISTER, LARGEST_REGISTER = 50, 60_000
"""Persons of a register that is written; the careers alone can be drawn for any number."""
FAULT_NAMES = (
    "duplicate_rows",
    "overlapping_enrolments",
    "attendance_outside_enrolment",
    "missing_school",
    "wrong_check_digit",
    "late_registration",
    "uniform_attendance_class",
    "routine_change",
    "minutes_too_many",
)
"""Faults that can be planted in a site's export."""


@dataclass(frozen=True)
class EffectSettings:
    """Effects that are planted, in percentage points of attendance.

    Parameters
    ----------
    forum
        Mean rise at a school from its first dialogue forum on, over the days exposed and the study's schools.
    forum_profile
        Size of the effect by term since the first forum (the last goes on), relative to one another.
    forum_spread
        Standard deviation of the effect between the study's schools with forums, in percentage points; their plain
        mean stays ``forum``.
    connectedness
        Rise when a pupil's own connectedness is one step (of the scale 1-4) above the pupil's usual level.
    support
        Mean rise while a pupil has support.
    """

    forum: float = 2.0
    forum_profile: tuple[float, ...] = (1.0,)
    forum_spread: float = 0.0
    connectedness: float = 3.0
    support: float = 1.0


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
    """Level and spread of connectedness (scale 1-4), its correlation with absence between pupils, and response.

    ``dimension`` is the standard deviation of a pupil's four dimensions around the pupil's own level.
    """

    mean: float = 3.0
    school: float = 0.08
    between: float = 0.40
    within: float = 0.28
    dimension: float = 0.18
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
class UpperSettings:
    """Upper secondary school of a site.

    Parameters
    ----------
    schools
        How many.
    share
        Beginners every autumn, as a share of one year group of years 7-9: exactly so many begin.
    lessons
        Lessons a week, relative to ``lessons_per_week``.
    """

    schools: int = 1
    share: float = 0.33
    lessons: float = 0.85


@dataclass(frozen=True)
class SiteSettings:
    """One municipality: how many pupils, in how many schools, handed over how.

    Exactly one number rules. ``pupils``: so many in years 7-9 at the start of each school year, whoever comes and
    goes, and upper secondary school by its number of beginners. ``persons``: so many persons in the register, all
    stages and years together, each with an enrolment; how many are in a stage follows from their careers.

    Parameters
    ----------
    size_ratio
        The largest school's size over the smallest's, of those with years 7-9.
    faults
        Names of faults to plant in the export, from `faults.FAULTS`.
    """

    id: str
    name: str
    municipality: str
    format: Format
    pupils: int = 0
    schools: int = 0
    size_ratio: float = 4.0
    persons: int = 0
    forum: ForumSettings | None = None
    upper_secondary: UpperSettings | None = None
    faults: tuple[str, ...] = ()


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
