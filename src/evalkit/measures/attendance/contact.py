"""From absence to contact: how long it takes, and how many long spells are answered."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.errors import InputError
from evalkit.measures.attendance.days import Reach, school_days, school_year_number
from evalkit.measures.attendance.lessons import KEYS
from evalkit.measures.attendance.spells import spell_days, spell_length
from evalkit.measures.judged import ratio_of
from evalkit.values import Known, Measure
from evalkit.vocabulary import FIRST_THRESHOLDS, absence_threshold


def days_to_contact() -> Measure:
    """Measure how long after the last attendance someone made contact about the absence.

    Of each contact about absence in the period: the last present day before it, in the same school year. It counts if
    an absent day lies after that day, up to and including the day of the contact, and if it is the first to do so.

    Returns
    -------
    Measure
        ``days_to_contact``, a mean over the person's contacts that count, in calendar days from the last present day;
        missing without such a contact. The table ``contacts`` must be there.
    """

    def compute(known: Known) -> ibis.Table:
        found = _answering(known)
        waited = found.contacted.delta(found.last_present, unit="day")
        return found.group_by(*KEYS).agg(days_to_contact=waited.mean())

    return Measure("days_to_contact", "mean", "days", "lower", ("days_to_contact",), compute)


def spells_contacted(days: int | str = "long", within: int | None = None, *, on: date = FIRST_THRESHOLDS) -> Measure:
    """Measure how many long spells of absence led to a contact in time.

    Parameters
    ----------
    days
        Absent days in a row from which a spell counts, or a threshold's name, as in `long_spell`.
    within
        Calendar days from the day the spell became so long; the vocabulary's ``"answered"`` (14) where none are given.
        The spell counts in the period in which they end.
    on
        Day on which named thresholds are looked up.

    Returns
    -------
    Measure
        ``spells_contacted``, a ratio in [0, 1]: ``contacted_spells``, with a contact about absence after the spell's
        first day and at most ``within`` days after it became so long, over ``due_spells``. Where the numbers are not
        the vocabulary's, name and columns bear them (``spells_contacted_10_within_14``). The table ``contacts`` must be
        there.

    Raises
    ------
    InputError
        If the days are none, or no spell is called so.
    """
    least = spell_length(days, on)
    wait = int(absence_threshold("answered", on).limit) if within is None else within
    if wait < 0:
        raise InputError("the time for contact ends before the spell is long", remedy="give days, from 0")
    usual = days == "long" and within is None
    suffix = "" if usual else f"_{least}_within_{wait}"
    above, below = f"contacted_spells{suffix}", f"due_spells{suffix}"

    def compute(known: Known) -> ibis.Table:
        due = _due(known, least, wait)
        about = _about_absence(known)
        same = [due[key] == about[key] for key in KEYS]
        met = due.join(about, [*same, about.contacted > due["first"], about.contacted <= due.due])
        answered = met.select(due.person_id, due.period, due["first"]).distinct()
        of_all = due.group_by(*KEYS).agg(due.count().name(below))
        of_answered = answered.group_by(*KEYS).agg(answered.count().name(above))
        joined = of_all.left_join(of_answered, KEYS)
        return joined.select(
            *(of_all[key] for key in KEYS), ibis.coalesce(of_answered[above], 0).name(above), of_all[below]
        )

    return ratio_of(
        f"spells_contacted{suffix}",
        (above, below),
        compute,
        better="higher",
        parameters=(("days", least), ("within", wait)),
        meaning="spells_contacted",
    )


def _due(known: Known, least: int, within: int) -> ibis.Table:
    """Return the spells whose time for contact ended in a period."""
    rows = spell_days(known, reach=Reach(days=within))
    reached = rows.filter(rows.length == least).select(
        "person_id", "strand", "first", due=(rows.date + ibis.interval(days=within)).cast("date")
    )
    windows = known.grid.select("person_id", "period", "start", "end")
    joined = reached.join(windows, [reached.person_id == windows.person_id, reached.due >= windows.start])
    own = (joined.strand == "") | (joined.strand == joined.period)
    return joined.filter(joined.due < joined.end, own).select(*KEYS, "first", "due")


def _about_absence(known: Known) -> ibis.Table:
    rows = known.history("contacts", day="date")
    return rows.filter(rows.about == "absence").select(*KEYS, contacted=rows.date).distinct()


def _answering(known: Known) -> ibis.Table:
    """Return the contacts that were the first to answer an absence, each with the last present day before it."""
    rows = known.facts("contacts")
    contacts = rows.filter(rows.about == "absence").select(
        *KEYS, contacted=rows.date, contact_year=school_year_number(rows.date)
    )
    contacts = contacts.distinct()
    days = school_days(known)
    seen = _before(contacts, days.filter(days.present), strictly=True)
    away = _before(contacts, spell_days(known), strictly=False)
    seen = seen.group_by(*KEYS, "contacted").agg(last_present=seen.date.max())
    # the latest absent day's spell is the latest to begin
    away = away.group_by(*KEYS, "contacted").agg(last_absent=away.date.max(), first_absent=away["first"].max())
    both = seen.join(away, [*KEYS, "contacted"])
    both = both.filter(both.last_absent > both.last_present)
    about = _about_absence(known)
    same = [both[key] == about[key] for key in KEYS]
    return both.anti_join(about, [*same, about.contacted >= both.first_absent, about.contacted < both.contacted])


def _before(contacts: ibis.Table, days: ibis.Table, *, strictly: bool) -> ibis.Table:
    """Join contacts with the person's days before them in the same school year, or up to them."""
    days = days.rename(day_person="person_id", day_period="period")
    joined = contacts.join(
        days,
        [
            contacts.person_id == days.day_person,
            contacts.contact_year == days.school_year,
            days.date < contacts.contacted if strictly else days.date <= contacts.contacted,
        ],
    )
    return joined.filter((joined.strand == "") | (joined.strand == joined.period))
