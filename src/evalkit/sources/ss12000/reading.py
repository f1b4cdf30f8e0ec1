"""A folder of SS 12000 pages as canonical tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from evalkit.errors import InputError, Where
from evalkit.sources.config import Source
from evalkit.sources.engine import Workshop
from evalkit.sources.extract import Extract
from evalkit.sources.files import label_of, locate, name_of
from evalkit.sources.pseudonyms import LOCAL, NO_ALIASES, Aliases, pseudonym_table
from evalkit.sources.register import AT, FileRegister, Remark
from evalkit.sources.ss12000.codes import NO_MODES, Modes, check_modes, make_modes
from evalkit.sources.ss12000.deletions import leave_deleted_out
from evalkit.sources.ss12000.demands import check_demands, check_ids, demands
from evalkit.sources.ss12000.lessons import attendance_rows, make_lessons
from evalkit.sources.ss12000.pages import load_pages, pages_of
from evalkit.sources.ss12000.shapes import CODES, FETCHED, NEEDED, endpoints_of
from evalkit.sources.ss12000.tables import absence_rows, enrolment_rows, grade_rows, person_rows, school_unit_rows
from evalkit.sources.ss12000.teachers import make_teachers
from evalkit.vocabulary.schema import table_schema


def read_ss12000(
    source: Source,
    root: Path,
    number: int,
    shop: Workshop,
    register: FileRegister,
    *,
    key: bytes,
    on: date | None,
    aliases: Aliases = NO_ALIASES,
    modes: Modes = NO_MODES,
) -> tuple[list[Extract], list[InputError]]:
    """Read the canonical tables that a source names.

    Parameters
    ----------
    number
        Of the source at its site, so that two folders keep apart.
    key, on, aliases
        As in `pseudonyms_of`.
    modes
        Where lessons were, as the site file tells it.

    Returns
    -------
    tuple
        An extract per table, and the faults found (then there may be no extract).
    """
    prefix = f"s{number}_"
    raw, faults = _load(source, root, prefix, shop, register)
    faults += check_modes(modes, label_of(source.layout, root))
    if faults:
        return [], faults
    leave_deleted_out(raw, shop, prefix, register)
    _unfold(raw, shop, prefix)
    # A server filters lessons by day, but not their attendances.
    some_days = (locate(source.layout, root) / FETCHED).is_file()
    faults = check_ids(raw, shop, register) + check_demands(demands(raw, some_days=some_days), raw, shop, register)
    if faults:
        return [], faults
    if "persons" in raw:
        _make_people(raw, shop, prefix, key=key, on=on, aliases=aliases)
    if "attendances" in raw:
        make_lessons(raw, shop, prefix)
        make_teachers(raw, shop, prefix, key, on)
        make_modes(raw, shop, prefix, modes)
    extracts = [_extract(table, source, raw, shop, prefix) for table in source.tables]
    _remark(raw, shop, register, some_days=some_days)
    return extracts, []


def _load(
    source: Source, root: Path, prefix: str, shop: Workshop, register: FileRegister
) -> tuple[dict[str, str], list[InputError]]:
    raw: dict[str, str] = {}
    faults = _misplaced(source, label_of(source.layout, root))
    needed, welcome = endpoints_of(source.tables)
    for endpoint in (*needed, *welcome):
        folder = locate(source.layout, root) / endpoint
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
    unfold("activities", "teachers", "", "teachers")
    unfold("calendarEvents", "exceptions", "", "studentExceptions")
    unfold("calendarEvents", "stand_ins", "", "teacherExceptions")
    if "calendarEvents" in raw:
        raw["booked"] = f"{prefix}booked"
        rooms = f"SELECT {AT}, id, unnest(rooms) AS part FROM {raw['calendarEvents']}"
        columns = f"{AT}, id, part.id AS room, part.displayName AS displayName"
        shop.run(f"CREATE TABLE {raw['booked']} AS SELECT {columns} FROM ({rooms})")
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


def _make_people(
    raw: Mapping[str, str], shop: Workshop, prefix: str, *, key: bytes, on: date | None, aliases: Aliases
) -> None:
    """Give every person with an enrolment a pseudonym; staff and guardians get none, and enter no table."""
    shop.run(
        f"""
        CREATE TABLE {prefix}written AS
        SELECT id, coalesce(nullif(trim(civicNo.value), ''), '{LOCAL}' || id) AS written
        FROM {raw["persons"]} WHERE len(enrolments) > 0
        """
    )
    written = shop.connection.table(f"{prefix}written").written
    pseudonym_table(f"{prefix}known", written, shop, key, on=on, aliases=aliases)
    shop.run(
        f"""
        CREATE TABLE {prefix}people AS
        SELECT id, pseudonym AS person_id FROM {prefix}written JOIN {prefix}known USING (written)
        """
    )


def _extract(table: str, source: Source, raw: Mapping[str, str], shop: Workshop, prefix: str) -> Extract:
    rows = attendance_rows(raw, prefix, source.values.get("reason", {})) if table == "attendance" else None
    # Free text is mapped while it is read, so that none of it comes further.
    own = {name: codes for name, codes in source.values.items() if (table, name) != ("attendance", "reason")}
    standard = CODES.get(table, {})
    return Extract(
        table=table,
        rows=shop.view(f"{prefix}{table}_rows", _SQL[table](raw, prefix) if rows is None else rows),
        values={name: {**standard.get(name, {}), **own.get(name, {})} for name in dict.fromkeys((*standard, *own))},
        strict_values=False,
        end_is_last_day=True,
        pseudonymised=table != "persons",
    )


_SQL: Mapping[str, Callable[[Mapping[str, str], str], str]] = {
    "persons": person_rows,
    "school_units": school_unit_rows,
    "enrolments": enrolment_rows,
    "absences": absence_rows,
    "grades": grade_rows,
}


def _remark(raw: Mapping[str, str], shop: Workshop, register: FileRegister, *, some_days: bool) -> None:
    if "attendances" not in raw:
        return
    if shop.run(f"SELECT 1 FROM {raw['activities']} WHERE activityType IS NULL LIMIT 1").fetchone():
        register.remarks.append(Remark("untyped_activities"))
    if some_days:
        events = f"SELECT id FROM {raw['calendarEvents']}"
        sql = f"SELECT count(*) FROM {raw['attendances']} WHERE calendarEvent.id NOT IN ({events})"
        left = shop.run(sql).fetchone()[0]
        if left:
            register.remarks.append(Remark("lessons_outside_days", count=left))
