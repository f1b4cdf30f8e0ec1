"""Young people under the municipal activity responsibility (kommunalt aktivitetsansvar)."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.cohorts.places import with_school
from evalkit.cohorts.responsibility_cases import responsibility_cases
from evalkit.cohorts.windows import Window, window_of
from evalkit.values import CohortDefinition, Criterion, Events, Known, Tables, took_place
from evalkit.vocabulary.cohort_rules import ActivityRule, activity_rule, reference_day

KEYS = ["person_id", "spell_id"]
FIRST_MONTH_OF_SUMMER = 6


def activity_responsibility(
    between: tuple[str, str], as_of: str, *, diplomas: Events | None, home: str | None = None
) -> CohortDefinition:
    """Define the young people who come under the municipal activity responsibility.

    It covers those under 20 whose compulsory attendance has ended, and who are neither at upper secondary school, or in
    studies that count as such, nor hold a diploma (skollagen 29 kap. 9 §). Entry is the first day of that: compulsory
    attendance ends, an enrolment ends, or the person moves to Sweden. A gap of 28 days or fewer between two enrolments,
    or a summer, is none; nobody is followed up before that is known. Exit is the 20th birthday (``turned_20``), the
    start of studies (``studies``) or the diploma (``diploma``), whichever comes first. Without a birth date nobody is a
    candidate.

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
        Code of the municipality whose residents count, such as ``"1440"``; None for everyone in the registers.

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
        criteria.insert(2, _no_diploma(diplomas))
    if home is not None:
        criteria.insert(0, _living_in(home))
    return CohortDefinition(
        name="activity_responsibility",
        candidates=lambda tables, until: _candidates(tables, until, rule, window, diplomas),
        criteria=tuple(criteria),
        as_of=window.as_of,
        sv=f"slutade skolan eller nådde skolpliktens slut {window.period}",
        en=f"left school or reached the end of compulsory attendance {window.period}",
        parameters=(("window", window), ("rule", rule), ("home", home), ("diplomas", diplomas and diplomas.key)),
        followed_in=("enrolments", "attendance"),
        cases=responsibility_cases(window.first, home),
    )


def _living_in(home: str) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        persons = known.history("persons")
        return candidates.semi_join(persons.filter(persons.home_municipality == home), "person_id")

    return Criterion(
        "home", "är folkbokförda i kommunen", "live in the municipality", "person", keep, (("home", home),)
    )


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
        return _without_studies(known, candidates, rule)

    return Criterion("not_studying", "går inte i skolan den dagen", "are not at school on that day", "spell", keep)


def _no_diploma(diplomas: Events) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        earned = known.events(diplomas)
        return candidates.anti_join(earned.select("person_id", spell_id="period"), KEYS)

    texts = ("har ingen gymnasieexamen", "have no upper secondary diploma")
    return Criterion("no_diploma", *texts, "spell", keep, (("diplomas", diplomas.key),))


def _no_gap(rule: ActivityRule, window: Window) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        return _without_studies(known, candidates, rule)

    def settled(candidates: ibis.Table) -> ibis.Value:
        entry = candidates.entry
        over = (entry + ibis.interval(days=rule.gap_days)).cast("date")
        autumn = reference_day(window.first.year)
        back = ibis.date(entry.year(), autumn.month, autumn.day)
        in_summer = (entry.month() >= FIRST_MONTH_OF_SUMMER) & (entry < back)
        return ibis.ifelse(in_summer, ibis.greatest(over, back), over)

    return Criterion(
        id="gap",
        sv=f"började inte studera igen inom {rule.gap_days} dagar, eller före den 15 oktober efter en sommar",
        en=f"did not study again within {rule.gap_days} days, or by 15 October after a summer",
        unit="spell",
        keep=keep,
        parameters=(("gap_days", rule.gap_days),),
        settled=settled,
    )


def _without_studies(known: Known, candidates: ibis.Table, rule: ActivityRule) -> ibis.Table:
    """Leave out spells with studies on a day of theirs, from entry to the day the rule is settled."""
    enrolments = known.spells("enrolments")
    school = enrolments.filter(took_place(enrolments), enrolments.school_type.isin((*rule.schools, *rule.equivalent)))
    left = candidates.anti_join(school.select("person_id", spell_id="period"), KEYS)
    if "courses" not in known:
        return left
    courses = known.spells("courses")
    adult = courses.filter(courses.school_type.isin(rule.equivalent))
    return left.anti_join(adult.select("person_id", spell_id="period"), KEYS)


def _candidates(tables: Tables, until: date, rule: ActivityRule, window: Window, diplomas: Events | None) -> ibis.Table:
    """Return the days on which somebody could have come under the responsibility, in the window."""
    persons = tables["persons"]
    young = persons.filter(persons.birth_date.notnull()).mutate(
        duty_ends=ibis.date(persons.birth_date.year() + rule.duty_age, *rule.duty_ends),
        turns=(persons.birth_date + ibis.interval(years=rule.under_age)).cast("date"),
    )
    enrolments = tables["enrolments"]
    ended = enrolments.filter(
        took_place(enrolments), enrolments.school_type.isin(rule.schools), enrolments.end.notnull()
    )
    days = [
        ended.select("person_id", day="end", known="known_from"),
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
    return _with_exits(with_school(spells, tables), tables, until, rule, diplomas)


def _with_exits(
    spells: ibis.Table, tables: Tables, until: date, rule: ActivityRule, diplomas: Events | None
) -> ibis.Table:
    enrolments = tables["enrolments"]
    school = enrolments.filter(took_place(enrolments), enrolments.school_type.isin((*rule.schools, *rule.equivalent)))
    begun = school.select("person_id", day="start")
    if "courses" in tables:
        courses = tables["courses"]
        adult = courses.filter(courses.school_type.isin(rule.equivalent))
        begun = begun.union(adult.select("person_id", day="start"))
    left = _first_after(spells, begun, "studies")
    if diplomas is None:
        left = left.mutate(diploma=ibis.null("date"))
    else:
        left = _first_after(left, diplomas.compute(tables).select("person_id", day="date"), "diploma")
    seen = left.mutate(turned=ibis.ifelse(left.turns < ibis.literal(until), left.turns, ibis.null("date")))
    exits = seen.mutate(exit=ibis.least(seen.turned, seen.studies, seen.diploma))
    causes = [
        (exits.exit == exits.diploma, "diploma"),
        (exits.exit == exits.studies, "studies"),
        (exits.exit == exits.turned, f"turned_{rule.under_age}"),
    ]
    return exits.mutate(exit_cause=ibis.cases(*causes, else_="")).drop("turns", "turned", "studies", "diploma")


def _first_after(spells: ibis.Table, days: ibis.Table, name: str) -> ibis.Table:
    """Add the first of a person's days after entry."""
    there = spells.select(*KEYS, "entry").join(days, "person_id")
    after = there.filter(there.day > there.entry)
    first = after.group_by(*KEYS).agg(**{name: after.day.min()})
    joined = spells.view().left_join(first, KEYS)
    return joined.select(*spells.columns, name)
