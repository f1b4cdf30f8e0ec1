"""Checks of lessons: at the same time, too long, on days off, in two files, or with attendance alike for everyone."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from evalkit.errors import Finding
from evalkit.sources.checks.days import week_of
from evalkit.sources.checks.examination import Examination, Question, ask, finding, first_places
from evalkit.sources.checks.hashes import HASH, parts_of, united
from evalkit.sources.register import AT, ROW_BITS
from evalkit.vocabulary.calendar import holidays
from evalkit.vocabulary.schema import table_schema

SLOTS, SLOT_BITS, FIRST_MINUTE = 48, 4, 420
"""Slots of sixteen minutes from seven in the morning; what lies outside falls into the first or the last."""
SATURDAY = 5
DAY = ("person_id", "date")
GROUP = ("school_id", "class_id", "subject", "teacher_id")


def check_lesson_days(examination: Examination) -> list[Finding]:
    """Return repeated lessons of one pupil, lessons at the same time or in two files, and days with too many hours.

    Two rows of one key are either of a lesson that stands at two times, or at one time on one crowded day; so the
    other rows need not be compared, and the answer is as exact as if they were.
    """
    minutes, hours = examination.number("overlapping_lessons", "minutes"), examination.number("long_day", "hours")
    crowded = _crowded_lessons(examination, minutes, hours * 60)
    found = ask([_repeated_lessons(crowded, examination)], examination)
    return [*found, *ask([*_crowded(crowded, minutes, hours)], examination)]


def _crowded_lessons(examination: Examination, minutes: int, most: int) -> ibis.Table:
    """Keep the lessons of person-days that may hold an overlap or too many minutes."""
    table, rows = examination.tables["attendance"], examination.rows["attendance"]
    columns = (*DAY, "start_minute", "minutes_offered", "lesson_id")
    kept = []
    for number, part in enumerate(parts_of(table, rows, DAY)):
        suspects = examination.keep(f"crowded_days_{number}", _suspect_days(part, minutes, most))
        behind = part.semi_join(suspects, HASH).select(AT, *columns)
        kept.append(examination.keep(f"crowded_lessons_{number}", behind))
    return ibis.union(*kept) if len(kept) > 1 else kept[0]


def _repeated_lessons(crowded: ibis.Table, examination: Examination) -> Question:
    table, key = examination.tables["attendance"], table_schema("attendance").key
    lessons = table.group_by("lesson_id").aggregate(
        first=table.date.min(), last=table.date.max(), early=table.start_minute.min(), late=table.start_minute.max()
    )
    moved = lessons.filter((lessons["first"] < lessons["last"]) | (lessons.early < lessons.late)).select("lesson_id")
    moved = examination.keep("moved_lessons", moved)
    suspects = ibis.union(table.semi_join(moved, "lesson_id").select(AT, *key), crowded.select(AT, *key), distinct=True)
    ranked = suspects.mutate(earlier=ibis.row_number().over(ibis.window(group_by=list(key), order_by=AT)))
    failing, headings = ranked.filter(ranked.earlier > 0), {"headings": (" ".join(key), ", ")}
    return Question("duplicate_key", "attendance", (key[-1], *key[:-1]), failing, {}, headings)


def _suspect_days(part: ibis.Table, minutes: int, most: int) -> ibis.Table:
    """Return the hashes of person-days that may hold an overlap or too many minutes; none that does is missed.

    Every lesson, shortened by ``minutes`` in all, sets the bits of the slots that it touches. The sum of the lessons'
    numbers differs from their union exactly where two of them share a bit.
    """

    def slot(minute: ibis.IntegerValue) -> ibis.IntegerValue:
        # cast twice: Ibis believes the value to be wide already, DuckDB would shift the bits out of 32
        return ibis.least(ibis.greatest(minute - FIRST_MINUTE, 0) >> SLOT_BITS, SLOTS - 1).cast("int32").cast("int64")

    begin = part.start_minute + minutes // 2
    last = part.start_minute + part.minutes_offered - minutes // 2 - 1
    slots = part.select(part[HASH], part.minutes_offered, low=slot(begin), high=slot(ibis.greatest(begin, last)))
    one = ibis.literal(1, "int64")
    masked = slots.select(HASH, "minutes_offered", bits=(one << (slots.high + 1)) - (one << slots.low))
    days = masked.group_by(HASH).aggregate(
        added=masked.bits.sum(), united=united(masked.bits), offered=masked.minutes_offered.sum()
    )
    return days.filter((days.added != days.united) | (days.offered > most)).select(HASH)


def _crowded(rows: ibis.Table, minutes: int, hours: int) -> Iterator[Question]:
    ends = rows.mutate(until=rows.start_minute + rows.minutes_offered)
    before = ibis.window(group_by=list(DAY), order_by=["start_minute", AT], preceding=(None, 1))
    marked = ends.mutate(latest=ends.until.max().over(before))
    shared = ibis.least(marked.latest, marked.until) - marked.start_minute
    yield Question(
        "overlapping_lessons",
        "attendance",
        ("start_minute", "person_id", "date"),
        marked.filter(marked.latest.notnull() & (shared >= minutes)),
        {"minutes": str(minutes)},
    )
    at_once = ibis.window(group_by=[*DAY, "start_minute"])
    file = rows[AT] // (1 << ROW_BITS)
    twice = rows.mutate(file=file, earliest=file.min().over(at_once))
    yield Question("double_report", "attendance", ("start_minute",), twice.filter(twice.file > twice.earliest))
    days = rows.group_by(list(DAY)).aggregate(**{AT: rows[AT].min(), "offered": rows.minutes_offered.sum()})
    long = days.filter(days.offered > hours * 60)
    yield Question("long_day", "attendance", ("date", "person_id"), long, {"hours": str(hours)})


def check_lessons(examination: Examination) -> list[Finding]:
    """Return lessons of odd length or on days off."""
    table = examination.tables["attendance"]
    most = examination.number("long_lesson", "minutes")
    span = table.aggregate(
        first=table.date.min(),
        last=table.date.max(),
        longest=table.minutes_offered.max(),
        shortest=table.minutes_offered.min(),
    )
    seen = span.to_pyarrow().to_pylist()[0]
    off = [day.day for year in range(seen["first"].year, seen["last"].year + 1) for day in holidays(year)]
    closed = (table.date.day_of_week.index() >= SATURDAY) | table.date.isin([ibis.literal(day) for day in off])
    asked = [Question("lessons_on_days_off", "attendance", ("date",), table.filter(closed))]
    column = ("minutes_offered",)
    if seen["longest"] > most:
        failing = table.filter(table.minutes_offered > most)
        asked.append(Question("long_lesson", "attendance", column, failing, {"minutes": str(most)}))
    if seen["shortest"] == 0:
        asked.append(Question("empty_lesson", "attendance", column, table.filter(table.minutes_offered == 0)))
    return ask(asked, examination)


def check_uniform(examination: Examination) -> list[Finding]:
    """Return classes in a subject whose every pupil has the same share of attendance, for weeks in a row."""
    weeks, rows = (examination.number("uniform_attendance", name) for name in ("weeks", "minimum_rows"))
    spells = examination.keep("uniform_spells", _uniform_spells(examination.tables["attendance"], weeks, rows))
    if not spells.count().to_pyarrow().as_py():
        return []
    pupils = _with_pupils(spells, examination.tables["attendance"])
    suspicious = examination.keep(
        "uniform_groups", pupils.filter(pupils.pupils >= examination.number("uniform_attendance", "minimum_pupils"))
    )
    count = int(suspicious.count().to_pyarrow().as_py())
    if not count:
        return []
    places = examination.register.places(first_places(suspicious), "attendance", "minutes_attended")
    columns = ("minutes_attended", "minutes_other")
    facts = {"weeks": str(weeks)}
    return [finding("uniform_attendance", facts, table="attendance", columns=columns, count=count, places=places)]


def _uniform_spells(table: ibis.Table, weeks: int, rows: int) -> ibis.Table:
    judged = table.filter(table.reported & table.class_id.notnull() & (table.minutes_offered > 0))
    present = judged.minutes_attended.fill_null(0) + judged.minutes_other.fill_null(0)
    shares = judged.select(
        *GROUP, judged[AT], week=week_of(judged.date), share=present * 1000 // judged.minutes_offered
    )
    weekly = shares.group_by([*GROUP, "week"]).aggregate(
        **{AT: shares[AT].min(), "n": shares.count(), "least": shares.share.min(), "most": shares.share.max()}
    )
    order = ibis.window(group_by=list(GROUP), order_by="week")
    numbered = weekly.mutate(number=ibis.row_number().over(order))
    alike = numbered.filter((numbered.least == numbered.most) & (numbered.most > 0))
    ranked = alike.mutate(rank=ibis.row_number().over(order))
    run = ranked.mutate(run=ranked.number - ranked["rank"])
    runs = run.group_by([*GROUP, "run"]).aggregate(
        **{AT: run[AT].min(), "weeks": run.count(), "n": run.n.sum(), "begin": run.week.min(), "last": run.week.max()}
    )
    return runs.filter((runs.weeks >= weeks) & (runs.n >= rows))


def _with_pupils(spells: ibis.Table, table: ibis.Table) -> ibis.Table:
    """Return the spells with how many pupils each has."""
    judged = table.filter(table.reported).select(*GROUP, "person_id", monday=week_of(table.date))
    named = spells.rename({f"own_{name}": name for name in GROUP})
    same = [judged[name].identical_to(named[f"own_{name}"]) for name in GROUP]
    joined = judged.join(named, [*same, judged.monday >= named.begin, judged.monday <= named["last"]])
    return joined.group_by(AT).aggregate(pupils=joined.person_id.nunique())
