"""Who is lost between one stage and the next."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.measures.judged import EVERY, plus_days, share_of, yes
from evalkit.measures.transitions.changes import column_name, named_types
from evalkit.measures.transitions.stays import stays
from evalkit.values import Events, Measure, Tables
from evalkit.vocabulary.progression_rules import progression_rules
from evalkit.vocabulary.transition_types import places_of

RULES = progression_rules(date(2011, 7, 1))
TO_UPPER = ("9_to_vocational", "9_to_preparatory", "9_to_introductory")


def lost(type: str | tuple[str, ...] = TO_UPPER, within_days: int | None = None, *, name: str = "") -> Measure:
    """Measure the share of those who left a stage who were not seen in the next within so many days.

    Parameters
    ----------
    type
        Types of transition that count as going on; from year 9 to any upper secondary programme if not given.
    within_days
        From the end of the stay that was left; None for 130 in school (past 15 October) and 180 between courses.
    name
        Column in the panel; ``lost_in_transition``, with any other types asked for, where it is empty.

    Returns
    -------
    Measure
        A ratio, counted once the time has run out. Who stays on, at another school or in the same course again, has not
        left. Not seen means not in this site's tables: who moves away is lost to it.
    """
    types = named_types(type)
    sources, targets, among = (
        tuple(dict.fromkeys(place for each in types for place in getattr(each, part)))
        for part in ("sources", "targets", "among")
    )
    waiting = RULES.numbers("lost_after_days")
    within = within_days or waiting["school" if set(sources) <= set(places_of("school")) else "adult"]

    def compute(tables: Tables) -> ibis.Table:
        every = stays(tables)
        left = every.filter(every.place.isin(sources), every.end.notnull(), ~every.empty)
        left = left.mutate(settled=ibis.greatest(plus_days(left.end, within), left.known_from))
        seen = _seen_again(left, every.filter(every.place.isin((*among, *targets))), within, targets)
        told = left.left_join(seen, ["person_id", "start", "stay_id"])
        gone_on = told.reached == 1
        cases = told.filter(gone_on | told.reached.isnull())
        return cases.select(
            "person_id",
            date=cases.settled,
            known_from=cases.settled,
            cause=cases.place,
            judged=EVERY,
            met=yes(cases.reached.isnull()),
        )

    parameters = (("types", tuple(each.name for each in types)), ("within_days", within))
    own = column_name("lost_in_transition", None if type == TO_UPPER else type, name)
    return share_of(Events("lost_in_transition", compute, parameters=parameters), better="lower", name=own)


def _seen_again(left: ibis.Table, every: ibis.Table, within: int, targets: tuple[str, ...]) -> ibis.Table:
    """Give the stays after which the person was seen again in time, and whether in a place gone on to."""
    others = every.view().select("person_id", again="start", again_known="known_from", seen_at="place")
    near = left.join(
        others,
        [
            left.person_id == others.person_id,
            others.again > left.start,
            others.again <= plus_days(left.end, within),
            others.again_known <= left.settled,
        ],
    )
    return near.group_by("person_id", "start", "stay_id").agg(reached=yes(near.seen_at.isin(targets)).max())
