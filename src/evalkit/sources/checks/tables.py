"""All checks over whole tables, in the order of reading."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from evalkit.errors import Finding, Where
from evalkit.sources.checks.examination import Examination, finding
from evalkit.sources.checks.intervals import check_intervals
from evalkit.sources.checks.keys import check_alike, check_key
from evalkit.sources.checks.lessons import check_lesson_days, check_lessons, check_uniform
from evalkit.sources.checks.persons import check_persons
from evalkit.sources.checks.references import check_references
from evalkit.sources.checks.registration import check_registration
from evalkit.sources.checks.sequences import check_sequences
from evalkit.vocabulary.schema import table_names, table_schema

SITE_FILE = (Where(file="site file", column="sources"),)


def check_presence(handed_over: Collection[str], rows: Mapping[str, int]) -> list[Finding]:
    """Return the tables that have no rows, and those that others refer to and no source holds.

    Parameters
    ----------
    handed_over
        Names of the tables that some source holds, readable or not.
    rows
        Rows by table, of those that could be read.
    """
    empty = [_absent("empty_table", name) for name, count in rows.items() if not count]
    lacking = []
    for absent in (name for name in table_names() if name not in handed_over):
        asking = [
            name
            for name in table_names()
            if name in handed_over and absent in {column.demanded_table for column in table_schema(name).columns}
        ]
        if asking:
            lacking.append(_absent("missing_table", absent, " and ".join(asking)))
    return empty + lacking


def check_tables(examination: Examination) -> list[Finding]:
    """Return what is wrong or odd between rows and between tables."""
    found: list[Finding] = []
    for name in examination.tables:
        schema = table_schema(name)
        if name != "attendance":  # its key is looked at with the days of its lessons
            found += check_key(schema, examination)
        found += check_references(schema, examination)
        found += check_intervals(schema, examination)
        found += check_alike(schema, examination)
    if examination.has("attendance"):
        found += check_lesson_days(examination)
        found += check_lessons(examination)
        found += check_uniform(examination)
        found += check_registration(examination)
    return [*found, *check_sequences(examination), *check_persons(examination)]


def _absent(name: str, table: str, asking: str = "") -> Finding:
    return replace(finding(name, {"table": table, "asking": asking}, table=table), places=SITE_FILE)
