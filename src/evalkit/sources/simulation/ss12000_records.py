"""Identifiers and common parts of SS 12000 records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from evalkit.sources.simulation.text import day_offsets, record_id

ORGANISATION, PERSON, GROUP, SYLLABUS, STAFF = 0xA001, 0xA002, 0xA003, 0xA004, 0xA005
ACTIVITY, EVENT, ATTENDANCE = 0xB001, 0xB002, 0xC001


@dataclass(frozen=True)
class Ids:
    """The identifiers of one site's records: made up, in order, so that they take little room."""

    municipality: str

    def one(self, kind: int, number: int) -> str:
        """Return a record's identifier."""
        return record_id(self.municipality, kind, number)

    def many(self, kind: int, count: int) -> list[str]:
        """Return the identifiers of the first ``count`` records of a kind."""
        return [self.one(kind, number) for number in range(count)]

    def reference(self, kind: int, number: int) -> dict[str, Any]:
        """Return a reference to a record."""
        return {"id": self.one(kind, number)}


@cache
def meta(day: date) -> dict[str, str]:
    """Return a record's meta: made and last changed on the morning of a day."""
    moment = f"{day.isoformat()}T08:00:00{day_offsets([day])[0]}"
    return {"created": moment, "modified": moment}
