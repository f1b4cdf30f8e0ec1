"""Checks that rows are told apart: no two share the key, and none is the same thing under another id."""

from __future__ import annotations

from collections.abc import Sequence

import ibis

from evalkit.errors import Finding
from evalkit.sources.checks.examination import Examination, Question, ask
from evalkit.sources.checks.hashes import HASH, parts_of
from evalkit.sources.register import AT
from evalkit.vocabulary.schema import TableSchema

ALIKE = {
    "courses": ("person_id", "school_id", "course", "start"),
    "absences": ("person_id", "kind", "start", "start_minute", "end", "end_minute"),
    "incidents": ("person_id", "school_id", "date", "kind"),
    "contacts": ("person_id", "date", "unit", "channel", "about"),
    "grades": ("person_id", "subject", "course", "term", "grade", "registered", "school_id"),
    "plans": ("person_id", "action", "created"),
}
"""Columns that tell things apart where the key is an id that a source gives."""


def check_key(schema: TableSchema, examination: Examination) -> list[Finding]:
    """Return a finding if rows share the key; every row after the first of its key is counted."""
    failing = _repeated("same_key", schema, schema.key, examination)
    headings = {"headings": (" ".join(schema.key), ", ")}
    columns = (schema.key[-1], *schema.key[:-1])
    return ask([Question("duplicate_key", schema.name, columns, rows, {}, headings) for rows in failing], examination)


def check_alike(schema: TableSchema, examination: Examination) -> list[Finding]:
    """Return a finding if rows with different keys are alike in what makes them one thing."""
    columns = ALIKE.get(schema.name)
    if columns is None or set(schema.key) <= set(columns):
        return []
    failing = _repeated("alike", schema, columns, examination)
    headings = {"headings": (" ".join(columns), ", ")}
    return ask([Question("alike_rows", schema.name, columns[1:], rows, {}, headings) for rows in failing], examination)


def _repeated(tag: str, schema: TableSchema, key: Sequence[str], examination: Examination) -> list[ibis.Table]:
    """Return the rows that repeat an earlier one's key, if there are any.

    Two steps, so that most rows are compared by one number only: hashes that several rows share are looked for in
    parts; the rows behind them are then compared exactly. The answer does not depend on the hash.
    """
    table = examination.tables[schema.name]
    suspects = []
    for number, part in enumerate(parts_of(table, examination.rows[schema.name], key)):
        grouped = part.group_by(HASH).aggregate(n=part.count())
        shared = grouped.filter(grouped.n > 1).select(HASH)
        kept = examination.keep(f"{tag}_{schema.name}_{number}", shared)
        if not kept.count().to_pyarrow().as_py():
            continue
        behind = part.semi_join(kept, HASH).select(AT, *key)
        earlier = ibis.row_number().over(ibis.window(group_by=list(key), order_by=AT))
        ranked = behind.mutate(earlier=earlier)
        suspects.append(ranked.filter(ranked.earlier > 0).select(AT))
    if not suspects:
        return []
    return [ibis.union(*suspects) if len(suspects) > 1 else suspects[0]]
