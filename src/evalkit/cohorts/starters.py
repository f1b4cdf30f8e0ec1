"""Pupils who start a year group: of any stage, and of upper secondary school by programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import ibis

from evalkit.cohorts.criteria import enrolled_on_reference_day, has_attendance, has_key_facts, started_in
from evalkit.cohorts.ends import autumn_of, stage_ends
from evalkit.cohorts.starter_cases import beginner_cases, starter_cases
from evalkit.cohorts.windows import Window, autumns_of, school_year, school_years, window_of
from evalkit.errors import InputError
from evalkit.values import CohortDefinition, Tables, took_place
from evalkit.vocabulary import school_type
from evalkit.vocabulary.cohort_rules import reference_day, stage_of, stages
from evalkit.vocabulary.transition_types import programme_kinds, programme_type_kinds

Programmes = Literal["national", "introductory", "all"]
KINDS = {"national": ("vocational", "preparatory"), "introductory": ("introductory",)}
UPPER = "GY"
BASIC = "GR"
PROGRAMME_TEXTS = {
    "national": ("på nationellt program", "on a national programme"),
    "introductory": ("på introduktionsprogram", "on an introductory programme"),
    "all": ("", ""),
}


@dataclass(frozen=True)
class _YearGroup:
    """A year group, the school types it is of, the years of its stage, and what readers call it."""

    year: int
    types: tuple[str, ...]
    years: tuple[int, int]
    sv: str
    en: str

    def of_stage(self, enrolments: ibis.Table) -> ibis.Value:
        return enrolments.school_type.isin(self.types) & _year_of(enrolments).between(*self.years)

    def __call__(self, enrolments: ibis.Table) -> ibis.Value:
        return enrolments.school_type.isin(self.types) & (_year_of(enrolments) == self.year)


def school_year_starters(
    year: int, between: tuple[str, str], as_of: str, school_types: Sequence[str] | None = None
) -> CohortDefinition:
    """Define the pupils who started a year group.

    Entry is the first day in the year group, and nobody is followed up before 15 October, when all rules are settled.
    Exit is the end of the last enrolment in the stage (years 1-3, 4-6 or 7-9, upper secondary school, preschool class);
    its cause is ``finished_year_<last>`` where the last year group of the stage ran to June of its school year, else
    ``left_municipality`` (``left_upper_secondary`` in upper secondary school). A pupil whose enrolment ended with a
    school year is still in the cohort until 15 October of the next has passed, for the next enrolment may not be known
    yet.

    Parameters
    ----------
    year
        Year group: 0 for preschool class, 1-9, or 1-3 of upper secondary school.
    between
        First and last day, both inside, such as ``("2021-08-01", "2025-07-31")``. The school years whose 15 October
        lies between them count.
    as_of
        No fact known on or after this day is seen.
    school_types
        Codes of SS 12000, such as ``("GY",)``; None for preschool class and all types of compulsory school.

    Returns
    -------
    CohortDefinition
        With the steps started, key facts, reference day and attendance.

    Raises
    ------
    InputError
        If there is no such year group, a date cannot be read, or no school year lies between the dates.
    """
    window = window_of(between, as_of)
    autumns, group = autumns_of(window), _group(year, school_types, window)
    period = school_years(autumns)
    return CohortDefinition(
        name="school_year_starters",
        candidates=lambda tables, until: _spells(tables, until, group, autumns),
        criteria=(
            started_in(
                group,
                autumns,
                f"började {group.sv} för första gången läsåren {period}",
                f"started {group.en} for the first time in the school years {period}",
            ),
            has_key_facts(),
            enrolled_on_reference_day(group, autumns),
            has_attendance(autumns),
        ),
        as_of=window.as_of,
        sv=f"inskrivna i {group.sv} något av läsåren {period}",
        en=f"enrolled in {group.en} in any of the school years {period}",
        parameters=(("year", year), ("school_types", group.types), ("autumns", autumns)),
        followed_in=("enrolments", "attendance"),
        cases=starter_cases(year, group.types[0], autumns[0]),
    )


def upper_secondary_beginners(
    between: tuple[str, str], as_of: str, programmes: Programmes = "national"
) -> CohortDefinition:
    """Define the beginners of upper secondary school: in year 1 on 15 October, for the first time.

    This is the base of the national figures of completion within three, four and five years. Who goes from an
    introductory to a national programme is a beginner of each, once. Entry, exit and follow-up are as in
    `school_year_starters`.

    Parameters
    ----------
    between
        First and last day, both inside. The school years whose 15 October lies between them count.
    as_of
        No fact known on or after this day is seen.
    programmes
        ``"national"``, ``"introductory"`` or ``"all"``. An enrolment without a programme counts among ``"all"`` only.

    Returns
    -------
    CohortDefinition
        With the steps programme, started and reference day.

    Raises
    ------
    InputError
        If the programmes are none of these, a date cannot be read, or no school year lies between the dates.
    """
    if programmes not in get_args(Programmes):
        raise InputError(f"there are no programmes {programmes!r}", remedy=f"choose {', '.join(get_args(Programmes))}")
    window = window_of(between, as_of)
    autumns, group = autumns_of(window), _group(1, (UPPER,), window)
    sv, en = (f" {text}" if text else "" for text in PROGRAMME_TEXTS[programmes])
    period = school_years(autumns)

    def counts(enrolments: ibis.Table) -> ibis.Value:
        return group(enrolments) & _on_programme(enrolments, programmes)

    return CohortDefinition(
        name=f"upper_secondary_beginners_{programmes}",
        candidates=lambda tables, until: _spells(tables, until, group, autumns),
        criteria=(
            started_in(
                counts,
                autumns,
                f"började årskurs 1{sv} för första gången läsåren {period}",
                f"started year 1{en} for the first time in the school years {period}",
            ),
            enrolled_on_reference_day(counts, autumns),
        ),
        as_of=window.as_of,
        sv=f"inskrivna i {group.sv} något av läsåren {period}",
        en=f"enrolled in {group.en} in any of the school years {period}",
        parameters=(("programmes", programmes), ("autumns", autumns)),
        followed_in=("enrolments", "attendance"),
        cases=beginner_cases(programmes, autumns[0]),
    )


def _group(year: int, school_types: Sequence[str] | None, window: Window) -> _YearGroup:
    try:
        if school_types is None:
            stage = stage_of(year, "FKLASS" if year == 0 else BASIC)
            types = stage.school_types
        else:
            types = tuple(school_types)
            (stage,) = {stage_of(year, code) for code in types}
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy=_remedy()) from None
    except ValueError:
        raise InputError(
            "the school types are none, or do not share a stage", remedy="define a cohort for each"
        ) from None
    sv, en = f"årskurs {year}", f"year {year}"
    if year == 0:
        sv, en = "förskoleklass", "preschool class"
    elif school_types is not None:
        label = [school_type(code).label(window.first, "sv") for code in types]
        sv += f" i {' och '.join(label)}"
        en += f" of {' and '.join(school_type(code).label(window.first, 'en') for code in types)}"
    return _YearGroup(year, types, stage.years, sv, en)


def _remedy() -> str:
    told = (f"{'/'.join(stage.school_types)} {stage.years[0]}-{stage.years[1]}" for stage in stages())
    return f"choose a year group of {'; '.join(told)}"


def _spells(tables: Tables, until: date, group: _YearGroup, autumns: tuple[int, ...]) -> ibis.Table:
    """Return enrolments in the year group that start in the school years or run on their 15 October."""
    enrolments = tables["enrolments"]
    told = enrolments.filter(took_place(enrolments), group.of_stage(enrolments))
    stage = told.mutate(year_group=_year_of(told), autumn=autumn_of(told.start))
    running = [
        (stage.autumn == autumn) | ((stage.start <= day) & (stage.end.isnull() | (stage.end > day)))
        for autumn in autumns
        for day in [ibis.literal(reference_day(autumn))]
    ]
    spells = stage.filter(stage.year_group == group.year, ibis.or_(*running))
    left = "left_upper_secondary" if group.types[0] in (UPPER, "GYS") else "left_municipality"
    ends = stage_ends(stage, group.years[1], left, until)
    known = spells.join(ends, "person_id")
    labels = [(known.autumn == autumn, school_year(autumn)) for autumn in autumns]
    return known.select(
        "person_id",
        (known.school_id + ibis.literal("|") + known.start.cast("string")).name("spell_id"),
        known.start.name("entry"),
        "exit",
        "exit_cause",
        "school_id",
        "year_group",
        "known_from",
        "autumn",
        ibis.cases(*labels, else_="").name("school_year"),
    )


def _year_of(enrolments: ibis.Table) -> ibis.Value:
    # registers give a pupil of preschool class year group 0 or none
    is_preschool = (enrolments.school_type == "FKLASS") & enrolments.year_group.isnull()
    return ibis.ifelse(is_preschool, ibis.literal(0).cast("int64"), enrolments.year_group)


def _on_programme(enrolments: ibis.Table, programmes: Programmes) -> ibis.Value:
    """Tell which enrolments are on the programmes: by the kind of programme, else by the letters of its code."""
    if programmes == "all":
        return enrolments.start.notnull()
    kinds = KINDS[programmes]
    recorded = [name for name, kind in programme_type_kinds().items() if kind in kinds]
    letters = [prefix for kind in kinds for prefix in programme_kinds()[kind]]
    by_code = ibis.or_(*(enrolments.programme.startswith(prefix) for prefix in letters))
    known = enrolments.programme_type.isin(tuple(programme_type_kinds()))
    return ibis.cases((known, enrolments.programme_type.isin(recorded)), else_=by_code).fill_null(
        ibis.literal(1).cast("int64") < 1
    )
