"""Young people under the municipal activity responsibility (kommunalt aktivitetsansvar)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import ibis

from evalkit.cohorts.ends import FIRST_MONTH_OF_SUMMER, NO_SHOW
from evalkit.cohorts.places import with_school
from evalkit.cohorts.responsibility_cases import responsibility_cases
from evalkit.cohorts.windows import Window, window_of
from evalkit.values import CohortDefinition, Criterion, Events, Known, Tables, took_place
from evalkit.vocabulary.cohort_rules import ActivityRule, activity_rule, reference_day

KEYS = ["person_id", "spell_id"]


def activity_responsibility(
    between: tuple[str, str], as_of: str, *, diplomas: Events | None, home: str | None = None
) -> CohortDefinition:
    """Define the young people who come under the municipal activity responsibility.

    It covers those under 20 whose compulsory attendance has ended, and who are neither at upper secondary school, or in
    studies that count as such, nor hold a diploma (skollagen 29 kap. 9 §). Entry is the first day of that: compulsory
    attendance ends, an enrolment or a course of that level ends, or the person moves to Sweden. A gap of 28 days or
    fewer between two studies, or a summer, is none; nobody is followed up before that is known. An admission that
    nobody came to is neither studies nor an exit: where one ran when a rule was to be settled, it is settled on the day
    the admission was closed as such. Exit is the 20th birthday (``turned_20``), the start of studies (``studies``) or
    the day on which the diploma was earned and known (``diploma``), whichever comes first; whether somebody has one is
    settled at the end of the gap, for diplomas are often registered after school has ended. Who moves away is not told
    from who stays, for homes bear no dates. Without a birth date nobody is a candidate.

    Parameters
    ----------
    between
        First and last day of entry, both inside. The rule in force on the first is used.
    as_of
        No fact known on or after this day is seen.
    diplomas
        When diplomas were earned, from the measures of completion; None where the site has no record of them, and then
        who holds one is not told from who does not.
    home
        Code of the municipality whose residents count, such as ``"1440"``; None for everyone in the registers. It is
        the home that stands in the table persons as it was handed over: the registers do not say since when, so who has
        moved since entry is judged by the later home.

    Returns
    -------
    CohortDefinition
        With the steps home (where asked for), age, not studying, no diploma (where told) and gap.

    Raises
    ------
    InputError
        If a date cannot be read.
    """
    window = window_of(between, as_of)
    rule = activity_rule(window.first)
    criteria = [_of_age(rule), _not_studying(rule), _no_gap(rule, window)]
    if diplomas is not None:
        criteria.insert(2, _no_diploma(diplomas, rule, window))
    if home is not None:
        criteria.insert(0, _living_in(home))
    return CohortDefinition(
        name="activity_responsibility",
        candidates=lambda tables, until: _candidates(tables, until, rule, window, diplomas),
        criteria=tuple(criteria),
        as_of=window.as_of,
        sv=f"slutade skolan eller vuxenstudier på den nivån, nådde skolpliktens slut eller invandrade {window.period}",
        en=f"left school or adult education of its level, reached the end of compulsory attendance or immigrated "
        f"{window.period}",
        parameters=(("window", window), ("rule", rule), ("home", home), ("diplomas", diplomas and diplomas.key)),
        followed_in=("enrolments", "courses", "attendance"),
        cases=responsibility_cases(window.first, home),
    )


def _living_in(home: str) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        persons = known.history("persons")
        return candidates.semi_join(persons.filter(persons.home_municipality == home), "person_id")

    texts = (
        "har kommunen som hemkommun i de utlämnade personuppgifterna, som inte säger sedan när",
        "have the municipality as home in the personal data handed over, which do not say since when",
    )
    return Criterion("home", *texts, "person", keep, (("home", home),))


def _of_age(rule: ActivityRule) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        persons = known.history("persons")
        birthday = (persons.birth_date + ibis.interval(years=rule.under_age)).cast("date")
        young = persons.filter(birthday >= persons.period_end)
        return candidates.semi_join(young.select("person_id", spell_id="period"), KEYS)

    texts = (f"har inte fyllt {rule.under_age} år", f"are under {rule.under_age}")
    return Criterion("age", *texts, "spell", keep, (("under_age", rule.under_age),))


def _not_studying(rule: ActivityRule) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        return _without_studies(known, candidates, rule, lambda entry: entry)

    def settled(candidates: ibis.Table) -> ibis.Value:
        return ibis.coalesce(candidates.shown_on_entry, candidates.entry)

    texts = ("går inte i skolan den dagen", "are not at school on that day")
    return Criterion("not_studying", *texts, "spell", keep, settled=settled)


def _no_diploma(diplomas: Events, rule: ActivityRule, window: Window) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        earned = known.events(diplomas)
        return candidates.anti_join(earned.select("person_id", spell_id="period"), KEYS)

    texts = ("har ingen gymnasieexamen", "have no upper secondary diploma")
    parameters = (("diplomas", diplomas.key),)
    return Criterion("no_diploma", *texts, "spell", keep, parameters, settled=_gap_settled(rule, window))


def _no_gap(rule: ActivityRule, window: Window) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        return _without_studies(known, candidates, rule, lambda entry: _gap_over(entry, rule, window))

    return Criterion(
        id="gap",
        sv=f"började inte studera igen inom {rule.gap_days} dagar, eller före den 15 oktober efter en sommar",
        en=f"did not study again within {rule.gap_days} days, or by 15 October after a summer",
        unit="spell",
        keep=keep,
        parameters=(("gap_days", rule.gap_days),),
        settled=_gap_settled(rule, window),
    )


def _gap_settled(rule: ActivityRule, window: Window) -> Callable[[ibis.Table], ibis.Value]:
    """Return from candidates the day on which it is known whether the time since entry is more than a gap."""
    return lambda candidates: ibis.coalesce(candidates.shown_after_gap, _gap_over(candidates.entry, rule, window))


def _gap_over(entry: ibis.Value, rule: ActivityRule, window: Window) -> ibis.Value:
    """Return the last day on which studies begun would show the time since entry to be no more than a gap."""
    over = (entry + ibis.interval(days=rule.gap_days)).cast("date")
    autumn = reference_day(window.first.year)
    back = ibis.date(entry.year(), autumn.month, autumn.day)
    in_summer = (entry.month() >= FIRST_MONTH_OF_SUMMER) & (entry < back)
    return ibis.ifelse(in_summer, ibis.greatest(over, back), over)


def _without_studies(
    known: Known, candidates: ibis.Table, rule: ActivityRule, last: Callable[[ibis.Value], ibis.Value]
) -> ibis.Table:
    """Leave out spells with studies on a day of theirs, from entry to the last day that counts."""
    left = candidates
    for name in ("enrolments", "courses"):
        if name in known:
            rows = known.spells(name)
            there = rows.filter(_counts(rows, rule), rows.start <= last(rows.period_start))
            left = left.anti_join(there.select("person_id", spell_id="period"), KEYS)
    return left


def _counts(rows: ibis.Table, rule: ActivityRule) -> ibis.Value:
    """Tell which enrolments or courses are studies that keep a person from the responsibility."""
    if "outcome" in rows.columns:
        return rows.school_type.isin(rule.equivalent) & ibis.coalesce(rows.outcome != NO_SHOW, True)
    return rows.school_type.isin((*rule.schools, *rule.equivalent)) & took_place(rows)


def _candidates(tables: Tables, until: date, rule: ActivityRule, window: Window, diplomas: Events | None) -> ibis.Table:
    """Return the days on which somebody could have come under the responsibility, in the window."""
    persons = tables["persons"]
    young = persons.filter(persons.birth_date.notnull()).mutate(
        duty_ends=ibis.date(persons.birth_date.year() + rule.duty_age, *rule.duty_ends),
        turns=(persons.birth_date + ibis.interval(years=rule.under_age)).cast("date"),
    )
    studied = [rows.filter(_counts(rows, rule), rows.end.notnull()) for rows in _studies(tables)]
    days = [
        *(rows.select("person_id", day="end", known="known_from") for rows in studied),
        young.select("person_id", day="duty_ends", known="duty_ends"),
        young.filter(young.immigrated.notnull()).select("person_id", day="immigrated", known="immigrated"),
    ]
    told = young.select("person_id", "duty_ends", "turns").join(ibis.union(*days), "person_id")
    begun = told.mutate(entry=ibis.greatest(told.day, told.duty_ends))
    inside = begun.filter(begun.entry.between(ibis.literal(window.first), ibis.literal(window.last)))
    spells = inside.group_by("person_id", spell_id=inside.entry.cast("string")).agg(
        entry=inside.entry.min(),
        turns=inside.turns.min(),
        known_from=ibis.greatest(inside.known.min(), inside.entry.min()),
    )
    spells = spells.mutate(gap_over=_gap_over(spells.entry, rule, window))
    spells = _shown(
        _shown(spells, tables, rule, "entry", "shown_on_entry"), tables, rule, "gap_over", "shown_after_gap"
    )
    return _with_exits(with_school(spells.drop("gap_over"), tables), tables, until, rule, diplomas)


def _studies(tables: Tables) -> list[ibis.Table]:
    return [tables[name] for name in ("enrolments", "courses") if name in tables]


def _shown(spells: ibis.Table, tables: Tables, rule: ActivityRule, day: str, name: str) -> ibis.Table:
    """Add the day on which admissions that ran on a day were closed with nobody having come; missing without any."""
    if "courses" not in tables:
        return spells.mutate(**{name: ibis.null("date")})
    courses = tables["courses"]
    closed = courses.filter(courses.school_type.isin(rule.equivalent), courses.outcome == NO_SHOW)
    there = spells.select(*KEYS, day).join(closed.select("person_id", "start", "end"), "person_id")
    running = there.filter(there.start <= there[day], there.end > there[day])
    last = running.group_by(*KEYS).agg(**{name: running.end.max()})
    return spells.view().left_join(last, KEYS).select(*spells.columns, name)


def _with_exits(
    spells: ibis.Table, tables: Tables, until: date, rule: ActivityRule, diplomas: Events | None
) -> ibis.Table:
    studied = [rows.filter(_counts(rows, rule)) for rows in _studies(tables)]
    begun = ibis.union(*[rows.select("person_id", day="start") for rows in studied])
    left = _first_from(spells, begun, "studies", 1)
    if diplomas is None:
        left = left.mutate(diploma=ibis.null("date"))
    else:
        earned = diplomas.compute(tables)
        told = earned.select("person_id", day=ibis.greatest(earned.date, earned.known_from))
        left = _first_from(left, told, "diploma", 0)
    seen = left.mutate(turned=ibis.ifelse(left.turns < ibis.literal(until), left.turns, ibis.null("date")))
    exits = seen.mutate(exit=ibis.least(seen.turned, seen.studies, seen.diploma))
    causes = [
        (exits.exit == exits.diploma, "diploma"),
        (exits.exit == exits.studies, "studies"),
        (exits.exit == exits.turned, f"turned_{rule.under_age}"),
    ]
    return exits.mutate(exit_cause=ibis.cases(*causes, else_="")).drop("turns", "turned", "studies", "diploma")


def _first_from(spells: ibis.Table, days: ibis.Table, name: str, wait: int) -> ibis.Table:
    """Add the first of a person's days so many days after entry or later."""
    there = spells.select(*KEYS, "entry").join(days, "person_id")
    after = there.filter(there.day >= (there.entry + ibis.interval(days=wait)).cast("date"))
    first = after.group_by(*KEYS).agg(**{name: after.day.min()})
    joined = spells.view().left_join(first, KEYS)
    return joined.select(*spells.columns, name)
