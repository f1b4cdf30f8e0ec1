"""Transitions as events: a stay begins whose latest earlier stay makes it a transition of a type."""

from __future__ import annotations

import ibis

from evalkit.measures.judged import plus_days
from evalkit.measures.transitions.stays import stays
from evalkit.values import Events, Tables
from evalkit.vocabulary.transition_types import (
    TransitionType,
    places_of,
    transition_type,
    transition_types,
)

COLUMNS = ("person_id", "date", "known_from", "cause", "from_school", "to_school", "programme", "left")


def changes(type: str | tuple[str, ...] | None = None) -> Events:
    """Find transitions, on the first day of the stay that a person goes over to.

    Parameters
    ----------
    type
        One or several of `evalkit.vocabulary.transition_types`, such as ``"6_to_7"``; None for all of them.

    Returns
    -------
    Events
        ``cause`` is the type; further columns ``from_school``, ``to_school``, ``programme`` and ``left`` (the day after
        the last of the stay that is left, missing where it goes on). It is told by what was known when the new stay
        was; earlier stays that are registered after that change nothing.

    Raises
    ------
    KeyError
        If there is no such type.
    """
    types = named_types(type)
    name = "transitions" if type is None else f"transitions_{'_or_'.join(each.name for each in types)}"
    return Events(name, lambda tables: _found(tables, types), parameters=(("types", tuple(t.name for t in types)),))


def named_types(type: str | tuple[str, ...] | None) -> tuple[TransitionType, ...]:
    """Return the types of transition meant, None for all."""
    if type is None:
        return transition_types()
    return tuple(transition_type(name) for name in ((type,) if isinstance(type, str) else type))


def column_name(plain: str, type: str | tuple[str, ...] | None, name: str) -> str:
    """Return the name given, or else the plain one with the types that were asked for."""
    if name or type is None:
        return name or plain
    return "_".join((plain, "_or_".join((type,) if isinstance(type, str) else type)))


def study_types(type: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the names of the types meant, None for all that lead to another school stage, school or course."""
    if type is not None:
        return tuple(each.name for each in named_types(type))
    places = {*places_of("school"), *places_of("adult")}
    return tuple(each.name for each in transition_types() if {*each.targets, *each.sources} <= places)


def _found(tables: Tables, types: tuple[TransitionType, ...]) -> ibis.Table:
    every = stays(tables)
    parts = [_among(every, among, types, tables) for among in dict.fromkeys(each.among for each in types)]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def _among(every: ibis.Table, among: tuple[str, ...], types: tuple[TransitionType, ...], tables: Tables) -> ibis.Table:
    """Find the transitions whose earlier stay is looked for among the same places; each stay begun is one of them."""
    family = [each for each in transition_types() if each.among == among]
    pairs = _with_latest_earlier(every, family)
    # what was left is known to have ended only where it had by then
    left = ibis.ifelse(pairs.earlier_end <= pairs.known_from, pairs.earlier_end, ibis.null("date"))
    told = pairs.mutate(left=left, date=pairs.start).filter(~pairs.earlier_empty)
    if any(each.younger_than is not None for each in family):
        told = told.left_join(tables["persons"].select("person_id", "birth_date"), "person_id")
    cause = ibis.cases(*[(_fits(told, each), each.name) for each in family])
    told = told.select("person_id", "date", "known_from", "from_school", "to_school", "programme", "left", cause=cause)
    return told.filter(told.cause.isin([each.name for each in types])).select(*COLUMNS)


def _with_latest_earlier(every: ibis.Table, family: list[TransitionType]) -> ibis.Table:
    earlier = every.filter(every.place.isin(family[0].among)).rename(
        earlier_start="start",
        earlier_id="stay_id",
        earlier_end="end",
        earlier_place="place",
        earlier_known="known_from",
        from_school="school_id",
        earlier_programme="programme",
        earlier_gone="empty",
    )
    targets = {place for each in family for place in each.targets}
    later = every.filter(every.place.isin(sorted(targets))).view().rename(to_school="school_id")
    pairs = later.join(
        earlier,
        [
            later.person_id == earlier.person_id,
            earlier.earlier_start < later.start,
            earlier.earlier_known <= later.known_from,
        ],
    )
    # nobody came to the earlier stay: known once it was closed
    empty = pairs.earlier_gone & ibis.coalesce(pairs.earlier_end <= pairs.known_from, False)
    pairs = pairs.mutate(earlier_empty=empty)
    latest = ibis.row_number().over(
        group_by=[pairs.person_id, pairs.start, pairs.stay_id],
        order_by=[pairs.earlier_empty, pairs.earlier_start.desc(), pairs.earlier_id.desc()],
    )
    ranked = pairs.mutate(place_in_line=latest)
    return ranked.filter(ranked.place_in_line == 0)


def _fits(told: ibis.Table, kind: TransitionType) -> ibis.Value:
    """Tell whether a stay begun, with the one before it, is a transition of a type."""
    fits = told.earlier_place.isin(kind.sources) & told.place.isin(kind.targets)
    if kind.differs == "school":
        fits &= told.from_school != told.to_school
    if kind.differs == "programme":
        fits &= told.earlier_programme != told.programme
    if kind.ended:
        fits &= told.left.notnull() & (told.left <= told.date)
    if kind.longer_than_days is not None:
        fits &= told.date > plus_days(told.left, kind.longer_than_days)
    if kind.within_days is not None:
        fits &= told.left.isnull() | (told.date <= plus_days(told.left, kind.within_days))
    if kind.younger_than is not None:
        fits &= (told.birth_date + ibis.interval(years=kind.younger_than)).cast("date") > told.date
    return ibis.coalesce(fits, False)
