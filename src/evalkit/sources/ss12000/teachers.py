"""Who led a lesson, where exactly one person can be said to have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from evalkit.sources.engine import Workshop
from evalkit.sources.pseudonyms import STAFF, pseudonym_table


def make_teachers(raw: Mapping[str, str], shop: Workshop, prefix: str, key: bytes, on: date | None) -> None:
    """Make the table ``led`` of ``lesson`` and ``teacher_id``, a pseudonym of staff.

    Teachers are those of the activity on the day, without whom the event excepts, with whom it adds. Of several, it is
    the one who grades; if none or more than one does, it is nobody's lesson. Without duties, no lesson is anybody's.

    Parameters
    ----------
    raw
        With ``teachers`` (of activities) and ``stand_ins`` (teacher exceptions of events).
    key, on
        As in `pseudonyms_of`.
    """
    if "duties" not in raw:
        shop.run(f"CREATE TABLE {prefix}led (lesson VARCHAR, teacher_id VARCHAR)")
        return
    _make_staff(raw, shop, prefix, key, on)
    shop.run(
        f"""
        CREATE TABLE {prefix}led AS
        WITH planned AS (
            SELECT l.id AS lesson, t.duty.id AS duty, coalesce(t.grader, 'false') = 'true' AS grader
            FROM {prefix}lessons AS l JOIN {raw["teachers"]} AS t ON t.id = l.activity
            WHERE l.held AND coalesce(t.startDate::DATE, DATE '0001-01-01') <= l.date
              AND l.date <= coalesce(t.endDate::DATE, DATE '9999-12-30')
        ), present AS (
            SELECT p.* FROM planned AS p
            ANTI JOIN {raw["stand_ins"]} AS x ON x.id = p.lesson AND x.duty.id = p.duty AND x.participates = 'false'
            UNION ALL
            SELECT id, duty.id, false FROM {raw["stand_ins"]} WHERE participates = 'true'
        ), people AS (
            SELECT p.lesson, coalesce(d.person.id, p.duty) AS person, bool_or(p.grader) AS grader
            FROM present AS p LEFT JOIN {raw["duties"]} AS d ON d.id = p.duty
            GROUP BY ALL
        ), leaders AS (
            SELECT lesson, CASE WHEN count(*) = 1 THEN min(person)
                                WHEN count(*) FILTER (grader) = 1 THEN min(person) FILTER (grader) END AS person
            FROM people GROUP BY lesson
        )
        SELECT l.lesson, s.teacher_id FROM leaders AS l JOIN {prefix}staff AS s ON s.id = l.person
        """
    )


def _make_staff(raw: Mapping[str, str], shop: Workshop, prefix: str, key: bytes, on: date | None) -> None:
    """Give every person with a duty a pseudonym, which no pupil shares."""
    shop.run(
        f"""
        CREATE TABLE {prefix}staff_written AS
        SELECT id, coalesce(nullif(trim(civicNo.value), ''), id) AS written FROM {raw["persons"]}
        WHERE id IN (SELECT person.id FROM {raw["duties"]})
        """
    )
    written = shop.connection.table(f"{prefix}staff_written").written
    pseudonym_table(f"{prefix}staff_known", written, shop, key, on=on, scheme=STAFF)
    shop.run(
        f"""
        CREATE TABLE {prefix}staff AS
        SELECT id, pseudonym AS teacher_id FROM {prefix}staff_written JOIN {prefix}staff_known USING (written)
        """
    )
