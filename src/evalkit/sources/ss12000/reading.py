"""A folder of SS 12000 pages as canonical tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from evalkit.errors import InputError, Where
from evalkit.sources.config import Source
from evalkit.sources.engine import Workshop
from evalkit.sources.extract import Extract
from evalkit.sources.files import name_of
from evalkit.sources.pseudonyms import LOCAL, pseudonym_table
from evalkit.sources.register import AT, FileRegister
from evalkit.sources.ss12000.demands import check_demands, check_ids, demands
from evalkit.sources.ss12000.lessons import attendance_rows, make_lessons
from evalkit.sources.ss12000.pages import load_pages, pages_of
from evalkit.sources.ss12000.shapes import CODES, NEEDED, WELCOME
from evalkit.vocabulary.schema import table_schema


def read_ss12000(
    source: Source, root: Path, number: int, shop: Workshop, register: FileRegister, *, key: bytes, on: date | None
) -> tuple[list[Extract], list[InputError], list[str]]:
    """Read the canonical tables that a source names.

    Parameters
    ----------
    number
        Of the source at its site, so that two folders keep apart.
    key, on
        As in `pseudonyms_of`.

    Returns
    -------
    tuple
        An extract per table, the faults found (then there may be no extract), and warnings.
    """
    prefix = f"s{number}_"
    raw, faults = _load(source, root, prefix, shop, register)
    if not faults:
        _unfold(raw, shop, prefix)
        faults = check_ids(raw, shop, register) + check_demands(demands(raw), raw, shop, register)
    if faults:
        return [], faults, []
    if "persons" in raw:
        _make_people(raw, shop, prefix, key, on)
    if "attendances" in raw:
        make_lessons(raw, shop, prefix)
    extracts = [_extract(table, source, raw, shop, prefix) for table in source.tables]
    return extracts, [], _warnings(raw, shop)


def _load(
    source: Source, root: Path, prefix: str, shop: Workshop, register: FileRegister
) -> tuple[dict[str, str], list[InputError]]:
    raw: dict[str, str] = {}
    faults = _misplaced(source, name_of(root / source.path, root))
    tables = [table for table in source.tables if table in NEEDED]
    needed = dict.fromkeys(endpoint for table in tables for endpoint in NEEDED[table])
    welcome = dict.fromkeys(endpoint for table in tables for endpoint in WELCOME.get(table, ()))
    for endpoint in {**needed, **welcome}:
        folder = root / source.path / endpoint
        pages = [(path, name_of(path, root)) for path in pages_of(folder)]
        if pages:
            raw[endpoint] = f"{prefix}{endpoint}"
            faults += load_pages(endpoint, pages, raw[endpoint], shop, register)
        elif endpoint in needed:
            faults.append(
                InputError(
                    f"there are no pages of {endpoint}",
                    where=Where(file=name_of(folder, root)),
                    remedy=f"put them there as .json or .json.gz; {endpoint} is spelt exactly so",
                )
            )
    return raw, faults


def _misplaced(source: Source, label: str) -> list[InputError]:
    """Return the faults of what a site file says of SS 12000 but may not."""
    faults = [
        InputError(
            f"SS 12000 does not hold the table {table}",
            where=Where(file=label, column="tables"),
            remedy=f"it holds {', '.join(NEEDED)}; hand over {table} as csv or parquet",
        )
        for table in source.tables
        if table not in NEEDED
    ]
    if source.columns:
        faults.append(
            InputError(
                "`columns` has no meaning for SS 12000, whose fields the standard names",
                where=Where(file=label, column="columns"),
                remedy="take it out of the site file",
            )
        )
    known = {column for table in source.tables if table in NEEDED for column in table_schema(table).column_names}
    faults += [
        InputError(
            f"none of the tables has a column {name}",
            where=Where(file=label, column=f"values.{name}"),
            remedy="correct it in the site file: `values` goes by canonical column",
        )
        for name in source.values
        if name not in known
    ]
    return faults


def _unfold(raw: dict[str, str], shop: Workshop, prefix: str) -> None:
    """Give what stands inside records a table of its own."""

    def unfold(endpoint: str, name: str, columns: str, inside: str) -> None:
        if endpoint in raw:
            raw[name] = f"{prefix}{name}"
            rows = f"SELECT {AT}, id, {columns} unnest({inside}) AS part FROM {raw[endpoint]}"
            shop.run(f"CREATE TABLE {raw[name]} AS SELECT * EXCLUDE (part), part.* FROM ({rows})")

    unfold("persons", "spells", "", "enrolments")
    unfold("calendarEvents", "exceptions", "", "studentExceptions")
    if "groups" in raw:
        raw["memberships"] = f"{prefix}memberships"
        shop.run(
            f"""
            CREATE TABLE {raw["memberships"]} AS
            SELECT {AT}, id, groupType, part.person.id AS student, coalesce(part.startDate, startDate) AS since,
                   coalesce(part.endDate, endDate) AS until
            FROM (SELECT {AT}, id, groupType, startDate, endDate, unnest(groupMemberships) AS part FROM {raw["groups"]})
            """
        )


def _make_people(raw: Mapping[str, str], shop: Workshop, prefix: str, key: bytes, on: date | None) -> None:
    """Give every person with an enrolment a pseudonym; staff and guardians get none, and enter no table."""
    shop.run(
        f"""
        CREATE TABLE {prefix}written AS
        SELECT id, coalesce(nullif(trim(civicNo.value), ''), '{LOCAL}' || id) AS written
        FROM {raw["persons"]} WHERE len(enrolments) > 0
        """
    )
    pseudonym_table(f"{prefix}known", shop.connection.table(f"{prefix}written").written, shop, key, on=on)
    shop.run(
        f"""
        CREATE TABLE {prefix}people AS
        SELECT id, pseudonym AS person_id FROM {prefix}written JOIN {prefix}known USING (written)
        """
    )


def _extract(table: str, source: Source, raw: Mapping[str, str], shop: Workshop, prefix: str) -> Extract:
    codes = {
        name: {**CODES.get(table, {}).get(name, {}), **source.values.get(name, {})} for name in _coded(table, source)
    }
    return Extract(
        table=table,
        rows=shop.view(f"{prefix}{table}_rows", _SQL[table](raw, prefix)),
        values=codes,
        strict_values=False,
        end_is_last_day=True,
        pseudonymised=table != "persons",
    )


def _coded(table: str, source: Source) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*CODES.get(table, {}), *source.values)))


def _persons(raw: Mapping[str, str], prefix: str) -> str:
    return f"""
        SELECT p.{AT}, w.written AS person_id, p.sex, p.birthDate AS birth_date, p.securityMarking AS security_marking
        FROM {raw["persons"]} AS p JOIN {prefix}written AS w USING (id)
    """


def _school_units(raw: Mapping[str, str], prefix: str) -> str:
    return f"""
        SELECT {AT}, schoolUnitCode AS school_id, displayName AS name, municipalityCode AS municipality,
               array_to_string(schoolTypes, ' ') AS school_types
        FROM {raw["organisations"]} WHERE organisationType = 'Skolenhet'
    """


def _enrolments(raw: Mapping[str, str], prefix: str) -> str:
    programme, kind, programmes = "e.educationCode", "NULL::VARCHAR", ""
    if "programmes" in raw:
        programme, kind = "coalesce(e.educationCode, g.code, g.name)", "g.type"
        programmes = f"LEFT JOIN {raw['programmes']} AS g ON g.id = e.programme.id"
    return f"""
        SELECT e.{AT}, w.person_id, o.schoolUnitCode AS school_id, e.schoolType AS school_type,
               e.schoolYear AS year_group, e.startDate AS start, e.endDate AS "end", e.cancelled,
               {programme} AS programme, {kind} AS programme_type
        FROM {raw["spells"]} AS e JOIN {prefix}people AS w USING (id)
        LEFT JOIN {raw["organisations"]} AS o ON o.id = e.enroledAt.id {programmes}
    """


def _grades(raw: Mapping[str, str], prefix: str) -> str:
    school, organisations = "NULL::VARCHAR", ""
    if "organisations" in raw:
        school = "CASE WHEN o.organisationType = 'Skolenhet' THEN o.schoolUnitCode END"
        organisations = f"LEFT JOIN {raw['organisations']} AS o ON o.id = g.organisation.id"
    return f"""
        SELECT g.{AT}, w.person_id, {school} AS school_id,
               coalesce(s.subjectDesignation, s.subjectCode, s.courseCode, s.subjectName) AS subject,
               g.gradeValue AS grade,
               coalesce(g.semester, CASE WHEN month(day) >= 7 THEN 'HT' ELSE 'VT' END)
                   || coalesce(g.year, year(day)::VARCHAR) AS term,
               g.registeredDate AS registered, g.finalGrade AS final, s.curriculum
        FROM (SELECT *, try_cast(registeredDate AS DATE) AS day FROM {raw["grades"]}) AS g
        LEFT JOIN {prefix}people AS w ON w.id = g.student.id
        LEFT JOIN {raw["syllabuses"]} AS s ON s.id = g.syllabus.id {organisations}
    """


_SQL: Mapping[str, Callable[[Mapping[str, str], str], str]] = {
    "persons": _persons,
    "school_units": _school_units,
    "enrolments": _enrolments,
    "attendance": attendance_rows,
    "grades": _grades,
}


def _warnings(raw: Mapping[str, str], shop: Workshop) -> list[str]:
    if "attendances" not in raw:
        return []
    untyped = shop.run(f"SELECT 1 FROM {raw['activities']} WHERE activityType IS NULL LIMIT 1").fetchone()
    return ["some activities have no activityType; their lessons count as teaching"] if untyped else []
