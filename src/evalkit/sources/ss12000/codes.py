"""Texts of SS 12000 that only a site file can turn into codes: where a lesson was, and what an absence was for."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.errors import InputError, Where
from evalkit.sources.engine import Workshop
from evalkit.vocabulary.schema import table_schema

Modes = Mapping[str, Mapping[str, str]]
"""By ``room`` and ``activity``: mode by ``displayName``. The first that fits counts; ``*`` stands for any text."""
NO_MODES: Modes = {}
NAMED_BY = ("room", "activity")


def check_modes(modes: Modes, label: str) -> list[InputError]:
    """Return a fault per entry that names no kind of place or no mode."""
    known = [mode for mode in table_schema("attendance").column("mode").allowed if mode != "unknown"]
    faults = []
    for kind, patterns in modes.items():
        if kind not in NAMED_BY:
            faults.append(
                InputError(
                    f"a lesson's mode is not told by {kind}",
                    where=Where(file=label, column="modes"),
                    remedy=f"write {' or '.join(NAMED_BY)}",
                )
            )
        elif not set(patterns.values()) <= set(known):
            faults.append(
                InputError(
                    f"`modes.{kind}` names a mode that there is not",
                    where=Where(file=label, column=f"modes.{kind}"),
                    remedy=f"the modes are {', '.join(known)}; what is not mapped is unknown",
                )
            )
    return faults


def make_modes(raw: Mapping[str, str], shop: Workshop, prefix: str, modes: Modes) -> None:
    """Make the table ``modes`` of ``lesson`` and ``mode``: by the rooms booked, else by the activity.

    Rooms that disagree make it unknown, and so does what is not mapped.
    """
    rooms, name = "", "b.displayName"
    if "rooms" in raw:
        rooms, name = f"LEFT JOIN {raw['rooms']} AS r ON r.id = b.room", "coalesce(r.displayName, b.displayName)"
    shop.run(
        f"""
        CREATE TABLE {prefix}modes AS
        WITH booked AS (
            SELECT b.id AS lesson, {_first_fit(modes.get("room", {}), name)} AS mode
            FROM {raw["booked"]} AS b {rooms}
        ), placed AS (
            SELECT lesson, CASE WHEN count(DISTINCT mode) = 1 THEN min(mode) ELSE 'unknown' END AS mode
            FROM booked WHERE mode IS NOT NULL GROUP BY lesson
        )
        SELECT l.id AS lesson, coalesce(p.mode, {_first_fit(modes.get("activity", {}), "a.displayName")}) AS mode
        FROM {prefix}lessons AS l LEFT JOIN placed AS p ON p.lesson = l.id
        JOIN {raw["activities"]} AS a ON a.id = l.activity
        """
    )


def reason_of(column: str, codes: Mapping[str, str]) -> str:
    """Return SQL for the code of a free text: null without text, ``unknown`` where the site file does not map it.

    Letters' case and blanks at the ends do not count. The text itself is never in the answer.
    """
    text = f"lower(trim({column}))"
    cases = "".join(f" WHEN {_quoted(said.strip().lower())} THEN {_quoted(code)}" for said, code in codes.items())
    mapped = f"CASE {text}{cases} ELSE 'unknown' END" if cases else "'unknown'"
    return f"CASE WHEN {text} <> '' THEN nullif({mapped}, '') END"


def _first_fit(patterns: Mapping[str, str], text: str) -> str:
    cases = " ".join(
        f"WHEN lower(trim({text})) LIKE {_quoted(_like(pattern))} ESCAPE '!' THEN {_quoted(mode)}"
        for pattern, mode in patterns.items()
    )
    return f"CASE {cases} END" if cases else "NULL::VARCHAR"


def _like(pattern: str) -> str:
    plain = pattern.strip().lower()
    for sign in "!%_":
        plain = plain.replace(sign, f"!{sign}")
    return plain.replace("*", "%")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
