"""From activities, calendar events and groups to lessons; and from attendances to rows per pupil and lesson."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.sources.engine import Workshop
from evalkit.sources.register import AT
from evalkit.sources.ss12000.codes import reason_of
from evalkit.sources.ss12000.demands import taught

_BEGUN = "coalesce(m.since::DATE, DATE '0001-01-01')"
_ENDED = "coalesce(m.until::DATE, DATE '9999-12-30')"


def make_lessons(raw: Mapping[str, str], shop: Workshop, prefix: str) -> None:
    """Make the tables that `attendance_rows` joins: ``lessons``, ``leave``, ``awaited`` and ``on_day``.

    A lesson's class is its activity's group of type Klass, if there is exactly one. Its day is local in Sweden.
    """
    _make_activities(raw, shop, prefix)
    shop.run(
        f"""
        CREATE TABLE {prefix}lessons AS
        SELECT e.{AT}, e.id, e.activity.id AS activity, a.school_id, a.class_id, a.subject,
               started::TIMESTAMP::DATE AS date, started, ended,
               (e.teachingLengthStudent::DOUBLE)::INTEGER AS length,
               coalesce(e.cancelled, 'false') = 'false' AND {taught("a.activityType")} AS held
        FROM (SELECT *, startTime::TIMESTAMPTZ AS started, endTime::TIMESTAMPTZ AS ended
              FROM {raw["calendarEvents"]}) AS e
        JOIN {prefix}taught AS a ON a.id = e.activity.id
        """
    )
    shop.run(
        f"""
        CREATE TABLE {prefix}leave AS
        SELECT id, student.id AS student, bool_and(participates = 'true') AS participates,
               min((teachingLength::DOUBLE)::INTEGER) AS length, min(nullif(startTime, '')::TIMESTAMPTZ) AS started,
               max(nullif(endTime, '')::TIMESTAMPTZ) AS ended
        FROM {raw["exceptions"]} GROUP BY ALL
        """
    )
    _make_awaited(raw, shop, prefix)
    _make_classes(raw, shop, prefix)


def _make_activities(raw: Mapping[str, str], shop: Workshop, prefix: str) -> None:
    subject, syllabus = "NULL::VARCHAR", ""
    if "syllabuses" in raw:
        subject = "coalesce(s.subjectDesignation, s.subjectCode, s.courseCode, s.subjectName)"
        syllabus = f"LEFT JOIN {raw['syllabuses']} AS s ON s.id = a.syllabus.id"
    class_of, classes = "NULL::VARCHAR", ""
    if "groups" in raw:
        class_of = "k.class_id"
        classes = f"""
            LEFT JOIN (SELECT m.id, min(g.id) AS class_id
                       FROM (SELECT id, unnest(groups) AS part FROM {raw["activities"]}) AS m
                       JOIN {raw["groups"]} AS g ON g.id = m.part.id AND g.groupType = 'Klass'
                       GROUP BY m.id HAVING count(DISTINCT g.id) = 1) AS k ON k.id = a.id
        """
    shop.run(
        f"""
        CREATE TABLE {prefix}taught AS
        SELECT a.id, a.activityType, o.schoolUnitCode AS school_id, {class_of} AS class_id, {subject} AS subject
        FROM {raw["activities"]} AS a LEFT JOIN {raw["organisations"]} AS o ON o.id = a.organisation.id
        {syllabus} {classes}
        """
    )


def _make_awaited(raw: Mapping[str, str], shop: Workshop, prefix: str) -> None:
    """Find the lessons that members of the activity's groups were to attend but no attendance was recorded of.

    They were offered and are unknown. It takes an enrolment at the lesson's school that day. Lessons later than the
    last recorded one are yet to come and do not count.
    """
    shop.run(f"CREATE TABLE {prefix}awaited ({AT} BIGINT, lesson VARCHAR, student VARCHAR, school VARCHAR, date DATE)")
    if "memberships" not in raw:
        return
    shop.run(
        f"""
        INSERT INTO {prefix}awaited
        WITH members AS (
            SELECT DISTINCT a.id AS activity, m.student, {_BEGUN} AS since, {_ENDED} AS until
            FROM (SELECT id, unnest(groups) AS part FROM {raw["activities"]}) AS a
            JOIN {raw["memberships"]} AS m ON m.id = a.part.id
        ), recorded AS (
            SELECT t.calendarEvent.id AS lesson, t.student.id AS student FROM {raw["attendances"]} AS t
        ), last AS (
            SELECT max(date) AS day FROM {prefix}lessons WHERE id IN (SELECT lesson FROM recorded)
        )
        SELECT DISTINCT l.{AT}, l.id, m.student, l.school_id, l.date
        FROM {prefix}lessons AS l
        JOIN members AS m ON m.activity = l.activity AND m.since <= l.date AND l.date <= m.until
        ANTI JOIN recorded AS r ON r.lesson = l.id AND r.student = m.student
        WHERE l.held AND l.date <= (SELECT day FROM last)
        """
    )
    shop.run(
        f"""
        DELETE FROM {prefix}awaited AS w WHERE NOT EXISTS (
            SELECT 1 FROM {raw["spells"]} AS e JOIN {raw["organisations"]} AS o ON o.id = e.enroledAt.id
            WHERE e.id = w.student AND o.schoolUnitCode = w.school AND try_cast(e.startDate AS DATE) <= w.date
              AND w.date <= coalesce(try_cast(e.endDate AS DATE), DATE '9999-12-30'))
        """
    )


def _make_classes(raw: Mapping[str, str], shop: Workshop, prefix: str) -> None:
    """Find each pupil's class on the days of lessons that are no class's: the membership that began last."""
    if "memberships" not in raw:
        shop.run(f"CREATE TABLE {prefix}on_day (student VARCHAR, date DATE, class_id VARCHAR)")
        return
    shop.run(
        f"""
        CREATE TABLE {prefix}on_day AS
        WITH days AS (
            SELECT t.student.id AS student, l.date
            FROM {raw["attendances"]} AS t JOIN {prefix}lessons AS l ON l.id = t.calendarEvent.id
            WHERE l.held AND l.class_id IS NULL
            UNION
            SELECT w.student, l.date FROM {prefix}awaited AS w JOIN {prefix}lessons AS l ON l.id = w.lesson
            WHERE l.class_id IS NULL
        )
        SELECT d.student, d.date, max_by(m.id, ({_BEGUN}, m.id)) AS class_id
        FROM days AS d
        JOIN {raw["memberships"]} AS m ON m.student = d.student AND {_BEGUN} <= d.date AND d.date <= {_ENDED}
        WHERE m.groupType = 'Klass'
        GROUP BY d.student, d.date
        """
    )


def attendance_rows(raw: Mapping[str, str], prefix: str, reasons: Mapping[str, str]) -> str:
    """Return SQL for the canonical attendance: lessons that were held and that the pupil was to take part in.

    Minutes offered: the exception's teachingLength, else the event's teachingLengthStudent, else the time between
    start and end, which the clock of a night that changes it does not tell.

    Parameters
    ----------
    reasons
        Code by free text, as the site file says.
    """
    start, end = "coalesce(x.started, l.started)", "coalesce(x.ended, l.ended)"
    offered = f"coalesce(x.length, l.length, ((epoch({end}) - epoch({start})) / 60)::INTEGER)"
    recorded = f"""SELECT {AT}, calendarEvent.id AS lesson, student.id AS student, attendanceMinutes,
        validAbsenceMinutes, invalidAbsenceMinutes, otherAttendanceMinutes, isReported,
        {reason_of("absenceReason", reasons)} AS reason FROM {raw["attendances"]}"""
    awaited = f"SELECT {AT}, lesson, student, NULL, NULL, NULL, NULL, 'false', NULL FROM {prefix}awaited"
    return f"""
        SELECT t.{AT}, w.person_id, l.id AS lesson_id, l.school_id, coalesce(l.class_id, c.class_id) AS class_id,
               l.subject, d.teacher_id, l.date,
               (hour(({start})::TIMESTAMP) * 60 + minute(({start})::TIMESTAMP))::INTEGER AS start_minute,
               h.mode, {offered} AS minutes_offered, t.attendanceMinutes AS minutes_attended,
               t.validAbsenceMinutes AS minutes_valid_absence, t.invalidAbsenceMinutes AS minutes_invalid_absence,
               t.otherAttendanceMinutes AS minutes_other, t.isReported AS reported, t.reason
        FROM ({recorded} UNION ALL {awaited}) AS t
        JOIN {prefix}lessons AS l ON l.id = t.lesson
        LEFT JOIN {prefix}people AS w ON w.id = t.student
        LEFT JOIN {prefix}leave AS x ON x.id = l.id AND x.student = t.student
        LEFT JOIN {prefix}on_day AS c ON c.student = t.student AND c.date = l.date
        LEFT JOIN {prefix}led AS d ON d.lesson = l.id
        LEFT JOIN {prefix}modes AS h ON h.lesson = l.id
        WHERE l.held AND coalesce(x.participates, true)
    """
