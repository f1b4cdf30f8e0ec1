"""Stays: where a person was, from enrolments, courses and statuses, under one list of places."""

from __future__ import annotations

import ibis

from evalkit.values import Tables, took_place
from evalkit.vocabulary.school_types import school_types
from evalkit.vocabulary.sfi_courses import sfi_courses
from evalkit.vocabulary.transition_types import course_places, programme_kinds, programme_type_kinds

COLUMNS = ("person_id", "stay_id", "place", "start", "end", "known_from", "school_id", "programme", "empty")
SFI_TYPES = ("SFI", "VUXSFI")
JOBS = ("employed", "self_employed")


def stays(tables: Tables) -> ibis.Table:
    """Return every stay at a place of the vocabulary of transitions.

    Returns
    -------
    ibis.Table
        ``person_id``, ``stay_id`` (unique with person and start), ``place``, ``start``, ``end`` (known on that day),
        ``known_from`` (never before the start), ``school_id``, ``programme`` (national programme, or kind of
        introductory programme), ``empty`` (whether nobody came; known at the end).
    """
    parts = []
    if "enrolments" in tables:
        parts.append(_enrolled(tables["enrolments"]))
    if "courses" in tables:
        parts.append(_in_courses(tables["courses"]))
    if "statuses" in tables:
        parts.append(_statuses(tables["statuses"]))
    if not parts:
        tables["enrolments"]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def _enrolled(rows: ibis.Table) -> ibis.Table:
    stages = {
        stage: [t.code for t in school_types() if t.stage == stage] for stage in {t.stage for t in school_types()}
    }
    upper = rows.school_type.isin(stages["upper_secondary"])
    year = ibis.literal("year_") + rows.year_group.cast("string")
    place = ibis.cases(
        (rows.school_type.isin(stages["preschool_class"]), "preschool_class"),
        (rows.school_type.isin(stages["compulsory"]) & rows.year_group.notnull(), year),
        (upper & _is_kind(rows, "vocational"), "vocational"),
        (upper & _is_kind(rows, "preparatory"), "preparatory"),
        (upper & _is_kind(rows, "introductory"), "introductory"),
        (upper, "upper_other"),
        (rows.school_type.isin([*stages["tertiary"], "FHS"]), "further"),
        (rows.school_type.isin(stages["adult"]), "adult"),
    )
    letters = ibis.ifelse(rows.programme.startswith("IM"), 3, 2)
    begun = rows.filter(took_place(rows))
    return _as_stays(
        begun, place, stay_id="e:" + rows.school_id, school=rows.school_id, programme=rows.programme.substr(0, letters)
    )


def _is_kind(rows: ibis.Table, kind: str) -> ibis.Value:
    """Tell whether a programme is of a kind: by its recorded kind, or where there is none by its code."""
    recorded = [code for code, named in programme_type_kinds().items() if named == kind]
    told = rows.programme_type.isin(list(programme_type_kinds()))
    by_code = ibis.or_(*[rows.programme.startswith(letters) for letters in programme_kinds()[kind]])
    return ibis.ifelse(ibis.coalesce(told, False), rows.programme_type.isin(recorded), ibis.coalesce(by_code, False))


def _in_courses(rows: ibis.Table) -> ibis.Table:
    facts = course_places()
    sfi = rows.school_type.isin(SFI_TYPES)
    letters = [(sfi & rows.course.isin(each.codes), f"sfi_{each.letter.lower()}") for each in sfi_courses()]
    basic = rows.school_type.isin(facts["basic"])
    swedish = ibis.or_(*[rows.course.startswith(code) for code in facts["basic_swedish_codes"]])
    place = ibis.cases(
        *letters,
        (basic & swedish, "basic_swedish"),
        (basic, "basic"),
        (rows.school_type.isin(facts["upper_level"]), "upper_level"),
    )
    nobody = rows.outcome == "no_show"
    return _as_stays(
        rows, place, stay_id="c:" + rows.course_id, school=rows.school_id, programme=rows.course, empty=nobody
    )


def _statuses(rows: ibis.Table) -> ibis.Table:
    place = ibis.cases(
        ((rows.kind == "employment") & rows.status.isin(JOBS), "work"),
        ((rows.kind == "study") & (rows.status == "studying"), "studying"),
    )
    nowhere = ibis.null("string")
    return _as_stays(rows, place, stay_id="s:" + rows.kind, school=nowhere, programme=nowhere)


def _as_stays(
    rows: ibis.Table,
    place: ibis.Value,
    *,
    stay_id: ibis.Value,
    school: ibis.Value,
    programme: ibis.Value,
    empty: ibis.Value | None = None,
) -> ibis.Table:
    found = rows.select(
        "person_id",
        "start",
        "end",
        stay_id=stay_id,
        place=place,
        known_from=ibis.greatest(rows.known_from, rows.start),
        school_id=school,
        programme=programme,
        empty=ibis.coalesce(empty, False) if empty is not None else ibis.literal(False),
    )
    return found.filter(found.place.notnull()).select(*COLUMNS)
