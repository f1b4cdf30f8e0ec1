"""Attendance by person and period, and the rows of a panel, in plain Python: what the engines are held against.

Written from the definitions in words, one loop a rule and no thought of speed. Rows are dictionaries by the canonical
tables' columns, with ``known_from``; everything takes the rows of one person, or of the site where it says so. What was
known on the period's last day counts, and nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

Row = dict[str, Any]
Answer = dict[str, Any]
Stay = tuple[str, str | None, str]
LAST = "\uffff"
DAY = timedelta(days=1)
BANDS = ((5, "0-5"), (10, "5-10"), (15, "10-15"), (20, "15-20"), (30, "20-30"), (50, "30-50"))
LATE, WITHIN, LONG = 20, 14, 5
NOTHING = float("nan")


@dataclass(frozen=True)
class When:
    """A period and its place in the study."""

    time: int
    start: date
    end: date
    label: str

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.start <= day < self.end


@dataclass(frozen=True)
class SchoolDay:
    """All of a person's lessons on one date: what was reported, and whether the person was there."""

    day: date
    reported: int
    present: int
    absent: int

    @property
    def state(self) -> Literal["present", "absent", "unknown"]:
        """What is known of the day."""
        if self.present > 0:
            return "present"
        return "absent" if self.reported > 0 else "unknown"


@dataclass(frozen=True)
class Run:
    """Days of one kind in a row, without those that are bridged."""

    days: tuple[date, ...]


def seen(rows: Iterable[Row], end: date) -> list[Row]:
    """Return the rows known before a day."""
    return [row for row in rows if row["known_from"] < end]


def year_of(day: date) -> int:
    """Return the calendar year in which the day's school year began."""
    return day.year if day.month >= 7 else day.year - 1


def reported_minutes(row: Row) -> int:
    return row["minutes_offered"] if row["reported"] else 0


def present(row: Row) -> int:
    return (row["minutes_attended"] or 0) + (row["minutes_other"] or 0) if row["reported"] else 0


def valid(row: Row) -> int:
    return (row["minutes_valid_absence"] or 0) if row["reported"] else 0


def invalid(row: Row) -> int:
    return (row["minutes_invalid_absence"] or 0) if row["reported"] else 0


def absent(row: Row) -> int:
    return valid(row) + invalid(row)


def divided(above: int, below: int) -> float:
    return above / below if below else NOTHING


def begins_the_day(row: Row, lessons: list[Row]) -> bool:
    """Tell whether no lesson of the person's day begins earlier."""
    return row["start_minute"] == min(other["start_minute"] for other in lessons if other["date"] == row["date"])


def rate(lessons: list[Row], suffix: str, chosen: Callable[[Row], bool]) -> Answer:
    rows = [row for row in lessons if chosen(row)]
    offered = sum(row["minutes_offered"] for row in rows)
    reported, there = sum(map(reported_minutes, rows)), sum(map(present, rows))
    return {
        f"offered_minutes{suffix}": offered,
        f"reported_minutes{suffix}": reported,
        f"present_minutes{suffix}": there,
        f"attendance_rate{suffix}": divided(there, reported),
    }


def rates(lessons: list[Row]) -> Answer:
    """Return the attendance rate of all lessons and of those chosen."""
    reported = [row for row in lessons if row["reported"]]
    return {
        **rate(lessons, "", lambda row: True),
        "attended_minutes": sum(row["minutes_attended"] or 0 for row in reported),
        "other_minutes": sum(row["minutes_other"] or 0 for row in reported),
        "valid_absence_minutes": sum(map(valid, lessons)),
        "invalid_absence_minutes": sum(map(invalid, lessons)),
        **rate(lessons, "_campus", lambda row: row["mode"] == "campus"),
        **rate(lessons, "_online", lambda row: row["mode"] == "online"),
        **rate(lessons, "_unknown", lambda row: row["mode"] == "unknown"),
        **rate(lessons, "_subject_MA", lambda row: row["subject"] == "MA"),
        **rate(lessons, "_weekdays_1_5", lambda row: row["date"].isoweekday() in (1, 5)),
        **rate(lessons, "_before_540", lambda row: row["start_minute"] < 540),
        **rate(lessons, "_first", lambda row: begins_the_day(row, lessons)),
    }


def shares(lessons: list[Row]) -> Answer:
    """Return what the absence is made of, and how lessons were held."""
    away, not_valid = sum(map(absent, lessons)), sum(map(invalid, lessons))
    of_reason = sum(absent(row) for row in lessons if row["reason"] == "family")
    any_reason = sum(absent(row) for row in lessons if row["reason"] is not None)
    at_ends = sum(absent(row) for row in lessons if row["date"].isoweekday() in (1, 5))
    offered = sum(row["minutes_offered"] for row in lessons)
    known_mode = sum(row["minutes_offered"] for row in lessons if row["mode"] != "unknown")
    online = sum(row["minutes_offered"] for row in lessons if row["mode"] == "online")
    return {
        "invalid_minutes": not_valid,
        "absent_minutes": away,
        "invalid_share": divided(not_valid, away),
        "reason_minutes_family": of_reason,
        "any_reason_minutes_family": any_reason,
        "away_minutes_family": away,
        "absence_reason_family": divided(of_reason, any_reason),
        "monday_friday_absent_minutes": at_ends,
        "weekly_absent_minutes": away,
        "monday_friday_share": divided(at_ends, away),
        "online_minutes": online,
        "known_mode_minutes": known_mode,
        "any_mode_minutes": offered,
        "online_share": divided(online, known_mode),
    }


def flags(lessons: list[Row]) -> Answer:
    """Return flags and band of absence, in whole numbers: hundredths of what was reported against minutes away."""
    told, away, not_valid = (sum(map(each, lessons)) for each in (reported_minutes, absent, invalid))

    def reaches(minutes: int, percent: int) -> float:
        return NOTHING if told == 0 else float(100 * minutes >= percent * told)

    band = next((label for percent, label in BANDS if 100 * away < percent * told), "50-100") if told else None
    return {
        "high_absence": reaches(away, 15),
        "high_absence_20": reaches(away, 20),
        "chronic_absence": reaches(away, 10),
        "severe_absence": reaches(away, 50),
        "invalid_absence": reaches(not_valid, 5),
        "absence_band": band,
    }


def punctuality(lessons: list[Row], suffix: str) -> Answer:
    reported = [row for row in lessons if row["reported"]]
    came = [row for row in reported if present(row) > 0]
    on_time = sum(absent(row) == 0 for row in came)
    late = sum(1 <= absent(row) <= LATE for row in came)
    return {
        f"on_time_lessons{suffix}": on_time,
        f"timed_lessons{suffix}": on_time + late,
        f"punctuality_reported{suffix}": len(reported),
        f"punctuality_lessons{suffix}": len(lessons),
        f"punctuality{suffix}": divided(on_time, on_time + late),
    }


def school_days(lessons: list[Row]) -> list[SchoolDay]:
    """Return the person's days with lessons, in order."""
    by_date: dict[date, list[Row]] = defaultdict(list)
    for row in lessons:
        by_date[row["date"]].append(row)
    return [
        SchoolDay(day, *(sum(map(each, rows)) for each in (reported_minutes, present, absent)))
        for day, rows in sorted(by_date.items())
    ]


def day_counts(days: list[SchoolDay]) -> Answer:
    known = [each for each in days if each.state != "unknown"]
    away = sum(each.state == "absent" for each in known)
    return {
        "absent_days": away,
        "known_days": len(known),
        "days": len(days),
        "absent_day_share": divided(away, len(known)),
    }


def runs(days: list[SchoolDay], wanted: Callable[[SchoolDay], bool], *, ends: bool, over_summer: bool) -> list[Run]:
    """Return the maximal runs of wanted days; an unknown day is bridged or ends one."""
    found: list[list[date]] = []
    going, last = False, None
    for each in days:
        if last is not None and year_of(last) != year_of(each.day) and not over_summer:
            going = False
        last = each.day
        if each.state == "unknown":
            going = going and not ends
        elif wanted(each):
            if not going:
                found.append([])
            found[-1].append(each.day)
            going = True
        else:
            going = False
    return [Run(tuple(each)) for each in found]


def longest(found: list[Run], when: When) -> int:
    """Return the largest running length on a day in the period."""
    lengths = [number for run in found for number, day in enumerate(run.days, start=1) if when.holds(day)]
    return max(lengths, default=0)


def reached(found: list[Run], minimum: int, when: When) -> int:
    """Return how many runs became so long on a day in the period."""
    return sum(len(run.days) >= minimum and when.holds(run.days[minimum - 1]) for run in found)


def is_absent(each: SchoolDay) -> bool:
    return each.state == "absent"


def is_whole(each: SchoolDay) -> bool:
    return each.reported > 0 and each.absent == 0


def spells(days: list[SchoolDay], when: When) -> Answer:
    """Return spells and streaks; ``days`` are all until the period's end."""
    plain = runs(days, is_absent, ends=False, over_summer=False)
    broken = runs(days, is_absent, ends=True, over_summer=False)
    summers = runs(days, is_absent, ends=False, over_summer=True)
    whole = runs(days, is_whole, ends=False, over_summer=False)
    known = any(each.state != "unknown" and when.holds(each.day) for each in days)
    return {
        "longest_spell": longest(plain, when),
        "longest_spell_ends": longest(broken, when),
        "longest_spell_over_summer": longest(summers, when),
        "spells": reached(plain, 1, when),
        "spells_3": reached(plain, 3, when),
        "spells_3_ends": reached(broken, 3, when),
        "long_spell_5": float(longest(plain, when) >= 5) if known else NOTHING,
        "long_spell_10": float(longest(plain, when) >= 10) if known else NOTHING,
        "longest_streak": longest(whole, when),
    }


def activity(lessons: list[Row], checkins: list[Row]) -> Answer:
    online = {row["date"] for row in lessons if row["mode"] == "online" and present(row) > 0}
    active = {row["date"] for row in checkins if row["direction"] == "activity"}
    return {"activity_days": len(online | active)}


def waits(days: list[SchoolDay], contacts: list[Row], when: When) -> Answer:
    """Return the mean of days from the last attendance to the first contact about the absence since."""
    first: dict[date, date] = {}
    for day in sorted({row["date"] for row in contacts if row["about"] == "absence"}):
        before = [each for each in days if each.day <= day and year_of(each.day) == year_of(day)]
        there = [each.day for each in before if each.state == "present" and each.day < day]
        if there and any(is_absent(each) and each.day > there[-1] for each in before):
            first.setdefault(there[-1], day)
    found = [(day - last).days for last, day in first.items() if when.holds(day)]
    return {"days_to_contact": sum(found) / len(found) if found else NOTHING}


def contacted(days: list[SchoolDay], contacts: list[Row], when: When) -> Answer:
    """Return how many long spells were answered in time."""
    long = [run.days for run in runs(days, is_absent, ends=False, over_summer=False) if len(run.days) >= LONG]
    due = [run for run in long if when.holds(run[LONG - 1] + WITHIN * DAY)]
    about = [row["date"] for row in contacts if row["about"] == "absence"]
    met = sum(any(run[0] < day <= run[LONG - 1] + WITHIN * DAY for day in about) for run in due)
    return {"contacted_spells": met, "due_spells": len(due), "spells_contacted": divided(met, len(due))}


def measured(lessons: list[Row], checkins: list[Row], contacts: list[Row], when: When) -> Answer:
    """Return every measure of one person in one period."""
    until = seen([row for row in lessons if row["date"] < when.end], when.end)
    inside = [row for row in until if when.holds(row["date"])]
    days = school_days(until)
    told = seen([row for row in contacts if row["date"] < when.end], when.end)
    active = seen([row for row in checkins if when.holds(row["date"])], when.end)
    return {
        **rates(inside),
        **shares(inside),
        **flags(inside),
        **punctuality(inside, ""),
        **punctuality([row for row in inside if begins_the_day(row, inside)], "_first"),
        **day_counts(school_days(inside)),
        **spells(days, when),
        **activity(inside, active),
        **waits(days, told, when),
        **contacted(days, told, when),
    }


def enrolled(enrolments: list[Row], person: Row, when: When, *, autumn_from: date) -> Row | None:
    """Return the enrolment that gives a person a row in a period, or None.

    An enrolment known before the period's end counts where the person is followed before that end and the enrolment
    overlaps the period and [entry, exit) on one day; in autumn terms from 15 August. Of several, one with a year group,
    then the latest, then the first school.
    """
    if person["follow_from"] >= when.end:
        return None
    begin, end = max(autumn_from, person["entry"]), min(when.end, person["exit"] or date.max)
    there = [
        row
        for row in seen(enrolments, when.end)
        if max(row["start"], begin) < min(row["end"] or date.max, end) and (row["end"] or not row["cancelled"])
    ]
    return min(there, key=_latest, default=None)


def _latest(row: Row) -> tuple[bool, int, str]:
    return (row["year_group"] is None, -row["start"].toordinal(), row["school_id"])


def place_of(lessons: list[Row], when: When) -> tuple[str | None, str | None]:
    """Return the school of most lessons in the period and the class of most there; ties by the code."""
    inside = [row for row in seen(lessons, when.end) if when.holds(row["date"])]
    if not inside:
        return None, None
    school = _commonest(row["school_id"] for row in inside)
    return school, _commonest(row["class_id"] for row in inside if row["school_id"] == school and row["class_id"])


def _commonest(codes: Iterable[str]) -> str | None:
    counted = Counter(codes)
    return min(counted, key=lambda code: (-counted[code], code), default=None)


def assigned_school(enrolments: list[Row], on: date) -> str | None:
    """Return the school a person was enrolled in on the assignment date, as known that day."""
    there = [
        row
        for row in seen(enrolments, on + DAY)
        if row["start"] <= on < (row["end"] or date.max) and (row["end"] or not row["cancelled"])
    ]
    return min(there, key=_latest)["school_id"] if there else None


def treated_from(school: str | None, forums: list[Row], periods: list[When]) -> float:
    """Return the time of the school's first forum: NaN for never, -1 where it was in the study's first period."""
    held = [row["date"] for row in forums if row["school_id"] == school]
    if not held or min(held) >= periods[-1].end:
        return NOTHING
    time = next(each.time for each in periods if min(held) < each.end)
    return float(time) if time > 0 else -1.0


def exposed(school: str, forums: list[Row], when: When) -> float:
    """Tell whether the school had held a forum by the period's end, and this was known."""
    return float(any(row["date"] < when.end for row in seen(forums, when.end) if row["school_id"] == school))


def on_site(lessons: list[Row], checkins: list[Row], minute: int) -> list[Stay]:
    """Return where a person is at a minute of one day, from that day's rows.

    Passages win over lessons from the first of the day on. Of lessons at once, the one that began last comes first,
    then the first by the codes of school and building.
    """
    before = [row for row in checkins if row["direction"] in ("in", "out") and row["minute"] <= minute]
    if before:
        last = max(before, key=lambda row: row["minute"])
        return [(last["school_id"], last["building_id"], "checkin")] if last["direction"] == "in" else []
    running = [
        row
        for row in lessons
        if row["mode"] == "campus"
        and present(row) > 0
        and row["start_minute"] <= minute < row["start_minute"] + row["minutes_offered"]
    ]
    running.sort(key=lambda row: (-row["start_minute"], row["school_id"], row["building_id"] or LAST))
    return [(row["school_id"], row["building_id"], "lesson") for row in running]


def by_hour(persons: Iterable[dict[int, list[Stay]]]) -> Counter[tuple[str | None, int]]:
    """Count, by building and hour, those there any minute of it; of each person, where they are by minute."""
    found: Counter[tuple[str | None, int]] = Counter()
    for minutes in persons:
        found.update({(building, minute // 60) for minute, stays in minutes.items() for _, building, _ in stays})
    return found
