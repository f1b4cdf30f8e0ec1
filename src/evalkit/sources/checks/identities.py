"""How identity numbers are written: those of ten digits lack the century."""

from __future__ import annotations

from evalkit.errors import Finding
from evalkit.sources.checks.examination import Examination, Question, ask
from evalkit.sources.extract import Extract
from evalkit.vocabulary.schema import TableSchema

TEN_DIGITS = r"^\s*\d{6}[-+]?\d{4}\s*$"


def check_written_identities(schema: TableSchema, extract: Extract, examination: Examination) -> list[Finding]:
    """Return a note per identity column with numbers of ten digits, as the source writes them."""
    if extract.pseudonymised:
        return []
    questions = []
    for column in schema.columns:
        given = column.identity == "person" and column.name in extract.rows.columns
        if given and extract.rows[column.name].type().is_string():
            failing = extract.rows.filter(extract.rows[column.name].re_search(TEN_DIGITS).fill_null(False))
            questions.append(Question("ten_digit_numbers", schema.name, (column.name,), failing))
    return ask(questions, examination)
