"""Draw lessons: each class's week, laid out over the real school days of a school year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Integers
from evalkit.sources.simulation.careers.spells import PROGRAMMES, VOCATIONAL
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.population import SchoolClass
from evalkit.sources.simulation.settings import AttendanceSettings

TEACHING, PUPILS, STAFF, TEST = range(4)
ACTIVITY_TYPES = ("Undervisning", "Elevaktivitet", "Läraraktivitet", "Provaktivitet")
MENTOR = "MENTOR"
STAFF_MEETING = "ARBETSLAG"
NATIONAL_TEST = "NP"
WEEKDAYS = 5
TEST_PERIOD = 45
CLASSES_A_TEACHER = 4


@dataclass(frozen=True, eq=False)
class Timetable:
    """The calendar events of one school year at one site.

    Parameters
    ----------
    days
        School days in order.
    activities
        One row an activity: room, subject (``""`` where there is none), kind (place in ``ACTIVITY_TYPES``), title,
        teacher (a text that stays the same from year to year).
    events
        One row an event, sorted by class, day and start: activity, room, day (place in ``days``), start (minutes since
        midnight), minutes, kind, first (of the pupils' day), cancelled, reported, remote, placement.
    """

    days: tuple[date, ...]
    activities: pd.DataFrame
    events: pd.DataFrame


def draw_timetable(
    rooms: Integers,
    days: tuple[date, ...],
    lessons_per_week: int,
    settings: AttendanceSettings,
    rng: np.random.Generator,
    *,
    classes: Sequence[SchoolClass] | None = None,
    upper_lessons: int | None = None,
) -> Timetable:
    """Return the events of a school year.

    Parameters
    ----------
    rooms
        Numbers of the classes that have lessons, ascending.
    days
        The school days.
    lessons_per_week
        Lessons a class has in a whole week; classes differ by one.
    classes
        By number; a teacher has a subject in a few classes of one school. Without them all are of one school.
    upper_lessons
        Lessons a week in upper secondary school; as many as in the others where it is not told.
    """
    upper = {room for room in rooms.tolist() if classes and classes[room].letter in PROGRAMMES}
    slots = pd.DataFrame(
        [
            slot
            for room in rooms.tolist()
            for slot in _week(
                room, (upper_lessons or lessons_per_week) if room in upper else lessons_per_week, room in upper, rng
            )
        ],
        columns=["room", "subject", "kind", "weekday", "start", "minutes", "first"],
    )
    activities = slots.drop_duplicates(["room", "subject"])[["room", "subject", "kind"]].reset_index(drop=True)
    activities = activities.assign(teacher=_teachers(activities, classes))
    slots = slots.merge(activities.assign(activity=activities.index), on=["room", "subject", "kind"])
    calendar = pd.DataFrame({"day": np.arange(len(days)), "weekday": [day.weekday() for day in days]})
    events = slots.merge(calendar, on="weekday")
    thinned = (events["kind"] != TEST) | (events["day"] % TEST_PERIOD < WEEKDAYS)
    events = events[thinned].sort_values(["room", "day", "start"], kind="stable").reset_index(drop=True)
    events = _happen(events, activities, days, settings, rng)
    if classes:
        events = _at_workplaces(events, days, classes)
    return Timetable(days, _titled(activities), events)


def _teachers(activities: pd.DataFrame, classes: Sequence[SchoolClass] | None) -> list[str]:
    """Return each activity's teacher: a school's teachers of a subject have a few classes each."""
    rooms = activities["room"].tolist()
    school = [classes[room].school if classes else 0 for room in rooms]
    keys = pd.DataFrame({"school": school, "subject": activities["subject"]})
    turn = keys.groupby(["school", "subject"]).cumcount() // CLASSES_A_TEACHER
    return [f"{at}-{subject}-{number}" for at, subject, number in zip(school, keys["subject"], turn, strict=True)]


def _at_workplaces(events: pd.DataFrame, days: tuple[date, ...], classes: Sequence[SchoolClass]) -> pd.DataFrame:
    """Let vocational classes past their first year have lessons at workplaces in some weeks."""
    weeks = np.array([day.isocalendar().week for day in days])
    away = np.isin(weeks, magnitudes()["timetable"]["placement_weeks"])[events["day"].to_numpy()]
    first = days[0].year
    older = np.array([each.letter in VOCATIONAL and each.intake < first for each in classes])
    return events.assign(placement=away & older[events["room"].to_numpy()])


def _week(
    room: int, lessons_per_week: int, upper: bool, rng: np.random.Generator
) -> list[tuple[int, str, int, int, int, int, bool]]:
    table = magnitudes()["timetable"]
    wanted = lessons_per_week + int(rng.integers(-1, 2)) if lessons_per_week > WEEKDAYS else lessons_per_week
    subjects = list(rng.permutation(table["upper_subjects" if upper else "subjects"][:wanted]))
    week = []
    for weekday in range(WEEKDAYS):
        start = int(rng.choice(table["first_starts"]))
        for number, subject in enumerate(subjects[weekday::WEEKDAYS]):
            minutes = int(rng.choice(table["lengths"]))
            kind = PUPILS if subject == MENTOR else TEACHING
            week.append((room, str(subject), kind, weekday, start, minutes, number == 0))
            start += minutes + (table["lunch"] if number == 2 else int(rng.choice(table["breaks"])))
    week.append((room, STAFF_MEETING, STAFF, int(rng.integers(WEEKDAYS)), 15 * 60 + 45, 60, False))
    week.append((room, NATIONAL_TEST, TEST, int(rng.integers(WEEKDAYS)), 14 * 60 + 50, 50, False))
    return week


def _happen(
    events: pd.DataFrame,
    activities: pd.DataFrame,
    days: tuple[date, ...],
    settings: AttendanceSettings,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Add what becomes of each event: cancelled, reported, at a distance."""
    clustering = settings.unreported_clustering
    mean = min(max(settings.unreported, 1e-9), 1 - 1e-9)
    teacher, _ = pd.factorize(activities["teacher"])
    habit = rng.beta(mean * clustering, (1 - mean) * clustering, size=teacher.max() + 1)[teacher]
    remote = magnitudes()["remote"]
    in_window = np.array([remote["first"] <= day <= remote["last"] for day in days])
    weeks = np.array([day.isocalendar().week for day in days])
    class_weeks = rng.random((int(events["room"].max()) + 1, 54)) < remote["share"]
    day, room = events["day"].to_numpy(), events["room"].to_numpy()
    draws = rng.random((2, len(events)))
    return events.assign(
        cancelled=draws[0] < settings.cancelled,
        reported=draws[1] >= habit[events["activity"].to_numpy()],
        remote=in_window[day] & class_weeks[room, weeks[day]],
        placement=False,
    )


def _titled(activities: pd.DataFrame) -> pd.DataFrame:
    titles = {MENTOR: "Mentorstid", STAFF_MEETING: "Arbetslagsmöte", NATIONAL_TEST: "Nationellt prov"}
    return activities.assign(
        title=[titles.get(subject, subject) for subject in activities["subject"]],
        subject=["" if subject in titles else subject for subject in activities["subject"]],
    )
