"""What participants were when they entered."""

from __future__ import annotations

import ibis

from evalkit.measures.participants.participation import KEYS, participation
from evalkit.values import Known, Measure

LEAP_DAY = 229
LAST_OF_FEBRUARY = 228


def age_at_entry(project: str | None = None) -> Measure:
    """Measure participants' age on the day they first entered the project, in whole years.

    Who was born on 29 February has a birthday on 28 February in other years (lag 1930:173, 2 §: a day that the month
    lacks is the month's last).

    Parameters
    ----------
    project
        Number of the project; None for the first project of any.

    Returns
    -------
    Measure
        ``age_at_entry``, a mean in years; missing where the day of birth is, and for those who do not take part.
    """
    name = "age_at_entry"

    def compute(known: Known) -> ibis.Table:
        entered = participation(known, project)
        born = known.history("persons").select("person_id", "period", "birth_date")
        both = entered.join(born, [*KEYS]).filter(ibis._.birth_date.notnull())
        return both.select(*KEYS, _age(both.birth_date, both.entry).cast("float64").name(name))

    return Measure(name, "mean", "years", "none", (name,), compute, parameters=(("project", project or ""),))


def employment_at_entry(project: str | None = None) -> Measure:
    """Measure participants' employment when they first entered, as the project recorded it.

    Returns
    -------
    Measure
        ``employment_at_entry``, a state: ``unemployed``, ``long_term_unemployed``, ``inactive`` or ``employed``;
        missing where it was not recorded. A later return to the project changes nothing.
    """
    return _recorded_at_entry("employment_at_entry", project)


def education_at_entry(project: str | None = None) -> Measure:
    """Measure participants' highest completed education when they first entered, as the project recorded it.

    Returns
    -------
    Measure
        ``education_at_entry``, a state: ``isced_0_2``, ``isced_3_4`` or ``isced_5_8``; missing where it was not
        recorded.
    """
    return _recorded_at_entry("education_at_entry", project)


def _recorded_at_entry(column: str, project: str | None) -> Measure:
    def compute(known: Known) -> ibis.Table:
        rows = known.history("participants", day="start")
        rows = rows if project is None else rows.filter(rows.project == project)
        # the key of participants, so that no tie is left to the engine
        first = ibis.window(group_by=list(KEYS), order_by=[rows.start, rows.project])
        placed = rows.mutate(place=ibis.row_number().over(first))
        return placed.filter(placed.place == 0, placed[column].notnull()).select(*KEYS, column)

    return Measure(column, "state", "", "none", (column,), compute, parameters=(("project", project or ""),))


def _age(born: ibis.Value, day: ibis.Value) -> ibis.Value:
    year = day.year()
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    birthday = _month_and_day(born)
    kept = ibis.ifelse((birthday == LEAP_DAY) & ~leap, LAST_OF_FEBRUARY, birthday)
    return year - born.year() - ibis.ifelse(_month_and_day(day) < kept, 1, 0)


def _month_and_day(day: ibis.Value) -> ibis.Value:
    return day.month() * 100 + day.day()
