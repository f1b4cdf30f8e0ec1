"""Records that the source has deleted since: named by ``/deletedEntities``, and left out with what hangs on them."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.sources.engine import Workshop
from evalkit.sources.register import FileRegister, Remark
from evalkit.vocabulary import ss12000

HANGING = (
    ("calendarEvents", "activity", "activities"),
    ("attendances", "calendarEvent", "calendarEvents"),
    ("attendances", "student", "persons"),
    ("absences", "student", "persons"),
    ("grades", "student", "persons"),
)
"""What goes with a deleted record: endpoint, its reference, and the endpoint referred to; those referred to first."""


def leave_deleted_out(raw: Mapping[str, str], shop: Workshop, prefix: str, register: FileRegister) -> None:
    """Take deleted records out of the tables of the workshop, and remark on each endpoint that lost any.

    Parameters
    ----------
    raw
        Table of the workshop by endpoint.
    """
    if "deletedEntities" not in raw:
        return
    gone = f"{prefix}gone"
    lists = " UNION ALL ".join(
        f"SELECT '{endpoint}' AS endpoint, unnest({name}) AS id FROM {raw['deletedEntities']}"
        for name, endpoint in ss12000.deleted_lists().items()
    )
    shop.run(f"CREATE TABLE {gone} AS SELECT DISTINCT endpoint, id FROM ({lists})")

    def named(endpoint: str) -> str:
        return f"(SELECT id FROM {gone} WHERE endpoint = '{endpoint}' AND id IS NOT NULL)"

    for endpoint, reference, target in HANGING:
        if endpoint in raw:
            hanging = f"SELECT '{endpoint}', id FROM {raw[endpoint]} WHERE {reference}.id IN {named(target)}"
            shop.run(f"INSERT INTO {gone} {hanging}")
    for endpoint, table in raw.items():
        if endpoint == "deletedEntities":
            continue
        left = shop.run(f"DELETE FROM {table} WHERE id IN {named(endpoint)}").fetchone()[0]
        if left:
            register.remarks.append(Remark("deleted_records", {"endpoint": endpoint}, count=left))
