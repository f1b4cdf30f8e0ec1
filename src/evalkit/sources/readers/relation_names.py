"""Names of relations in databases, as a site file writes them."""

from __future__ import annotations

import re

from evalkit.errors import InputError, Where
from evalkit.sources.readers.column_types import quoted

PART = r'"(?:[^"\x00]|"")+"|[^".\x00]+'
MOST_PARTS = 2


def relation_parts(relation: str | None, where: Where) -> tuple[str, ...]:
    """Return the parts of ``table``, ``schema.table`` or ``"a name with . or blanks"``, without quotation marks.

    Raises
    ------
    InputError
        If there is no name, or it is not written so.
    """
    written = (relation or "").strip()
    if not re.fullmatch(rf"(?:{PART})(?:\.(?:{PART}))*", written):
        raise _unnamed(where)
    parts = tuple(
        part[1:-1].replace('""', '"') if part.startswith('"') else part.strip() for part in re.findall(PART, written)
    )
    if len(parts) > MOST_PARTS or not all(parts):
        raise _unnamed(where)
    return parts


def quoted_relation(parts: tuple[str, ...]) -> str:
    """Return the name as SQL takes it; whatever stands in it is a name and nothing else."""
    return ".".join(quoted(part) for part in parts)


def _unnamed(where: Where) -> InputError:
    return InputError(
        "the source names no table or view of the database",
        where=where,
        remedy='write `relation: table` or `relation: schema.table`, and names with . or " in quotation marks',
    )
