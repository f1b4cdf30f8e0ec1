"""Fields and enumerations of SS 12000, exactly as the standard spells them, its misspellings included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_rows, read_toml


@dataclass(frozen=True)
class Field:
    """One field of an entity.

    Parameters
    ----------
    entity, name
        Such as ``"Person"`` and ``"sex"``.
    type
        As in the standard, such as ``"string(date)"`` or ``"array[Enrolment]"``.
    required
        Whether a record must have it.
    allowed
        Its enumeration; empty where any value is.
    """

    entity: str
    name: str
    type: str
    required: bool
    allowed: tuple[str, ...]


@cache
def entities() -> tuple[str, ...]:
    """Return the names of all schemas that have fields, in the standard's order, composed ones last."""
    plain = dict.fromkeys(row["schema"] for row in read_rows("ss12000_fields") if row["field"] != "(enum)")
    return (*plain, *read_toml("ss12000")["composed"])


@cache
def fields(entity: str) -> tuple[Field, ...]:
    """Return the fields of an entity in the standard's order.

    Raises
    ------
    KeyError
        If the standard has no such entity.
    """
    schemas = read_toml("ss12000")["composed"].get(entity, [entity])
    rows = [row for row in read_rows("ss12000_fields") if row["schema"] in schemas and row["field"] != "(enum)"]
    if not rows:
        raise KeyError(f"SS 12000 has no entity {entity!r}")
    return tuple(
        Field(
            entity=entity,
            name=row["field"],
            type=row["type"],
            required=row["required"] == "yes",
            allowed=_choices(row["enum_values"]),
        )
        for row in rows
    )


def field(entity: str, name: str) -> Field:
    """Return one field.

    Raises
    ------
    KeyError
        If the entity has no such field; the message lists those it has.
    """
    for found in fields(entity):
        if found.name == name:
            return found
    raise KeyError(f"SS 12000's {entity} has no field {name!r}; it has {', '.join(f.name for f in fields(entity))}")


def enum(entity: str, name: str) -> tuple[str, ...]:
    """Return the values a field allows.

    Raises
    ------
    KeyError
        If there is no such field, or it is not enumerated.
    """
    found = field(entity, name)
    if not found.allowed:
        raise KeyError(f"SS 12000 does not enumerate {entity}.{name}")
    return found.allowed


@cache
def named_enum(name: str) -> tuple[str, ...]:
    """Return the values of an enumeration that has a name of its own, such as ``"SchoolTypesEnum"``.

    Raises
    ------
    KeyError
        If the standard has no such enumeration.
    """
    for row in read_rows("ss12000_fields"):
        if row["schema"] == name and row["field"] == "(enum)":
            return _choices(row["enum_values"])
    raise KeyError(f"SS 12000 has no enumeration {name!r}")


def endpoints() -> dict[str, str]:
    """Return the entity that each endpoint serves, by the endpoint's exact spelling."""
    return dict(read_toml("ss12000")["endpoints"])


def deleted_lists() -> dict[str, str]:
    """Return the endpoint whose deleted records a list of ``/deletedEntities`` names, by the list's exact spelling."""
    return dict(read_toml("ss12000")["deleted"])


def reported_activity_types() -> tuple[str, ...]:
    """Return the activity types whose lessons shall be reported; no other enters attendance."""
    return tuple(read_toml("ss12000")["attendance"]["activity_types"])


def ss12000_provenance() -> Provenance:
    """Return the edition the list is from."""
    entry = read_toml("ss12000")["provenance"]
    return Provenance(entry["source"], certainty_mark(entry["certainty"]))


def _choices(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)
