"""Words for what would overturn a conclusion: trends that part ways anyway, and many outcomes tested at once."""

from __future__ import annotations

import math

from evalkit.reports.figures.estimators import decimals_in, shown_unit, written_ends
from evalkit.reports.figures.family import Member, chance_words, largest_p, members_in
from evalkit.reports.figures.sensitivity import (
    LEAST_BOUND,
    Bounded,
    Breakdown,
    breakdown_of,
    intervals_in,
    written_bound,
)
from evalkit.reports.labels import Words, joined, upper_first, without_no_break
from evalkit.reports.numbers import decimals_for, number, signed
from evalkit.reports.sentences.captions import Caption
from evalkit.values import Curve


def sensitivity_caption(curve: Curve, words: Words) -> Caption:
    """Compose the words around how much a conclusion bears; the first restriction gives the title."""
    unit = words.count(f"unit.{shown_unit(curve.unit)}", 2)
    panels = intervals_in(curve)
    judged = {name: breakdown_of(curve, name) for name in panels}
    said = [_holds(name, found, unit, words) for name, found in judged.items()]
    told = list(dict.fromkeys(text for text in said if text))
    title = told[0] if told else words.say("sensitivity.title.protected")
    note = joined(*told[1:], words.say("sensitivity.note"))
    spans = [text for name in panels if (text := _first_last(name, panels[name], unit, words))]
    alt = joined(words.say("alt.sensitivity"), title, *told[1:], *spans[:1])
    return Caption(title, words.say("sensitivity.subtitle", {"unit": unit}), note, without_no_break(alt))


def _holds(restriction: str, found: Breakdown, unit: str, words: Words) -> str:
    if found.holds == "unknown":
        return ""
    if found.holds == "open":
        return words.say("sensitivity.title.open")
    kind = "never" if found.holds == "never" else "only" if found.bound < LEAST_BOUND else found.holds
    facts = {"bound": written_bound(found.bound, words) if found.holds != "never" else "", "unit": unit}
    return words.say(f"sensitivity.title.{restriction}.{kind}", facts)


def _first_last(restriction: str, intervals: tuple[Bounded, ...], unit: str, words: Words) -> str:
    """Return the interval at the first bound of the relative restriction, empty for the other, or where it has none."""
    one = intervals[0]
    if restriction != "relative" or not (math.isfinite(one.low) and math.isfinite(one.high)):
        return ""
    written = written_ends(one.low, one.high, decimals_in([one.low, one.high]), words)
    facts = {"bound": number(one.bound, words.language, decimals=1), "span": written, "unit": unit}
    return words.say("alt.sensitivity.span", facts)


def family_caption(curve: Curve, words: Words) -> Caption:
    """Compose the words around several outcomes; a difference is clear if it is so after adjustment for all of them."""
    members = members_in(curve)
    shown = [one for one in members if not one.hidden]
    clear = [one for one in shown if one.adjusted <= largest_p(curve)]
    lost = [one for one in shown if one.adjusted > largest_p(curve) >= one.p]
    units = {one.unit for one in members}
    subtitle = words.say("family.subtitle.mixed")
    if len(units) == 1:
        subtitle = words.say("family.subtitle", {"unit": words.count(f"unit.{members[0].unit}", 2)})
    notes = [words.say("family.note.lost", {"outcome": _outcome(one, words)}) for one in lost]
    notes += [_ps(one, words) for one in shown if not (math.isnan(one.p) or math.isnan(one.adjusted))]
    adjustment = f"family.note.{curve.detail('adjustment')}"
    how = words.say(adjustment) if words.has(adjustment) else ""
    note = joined(*((words.say("family.note"), how) if len(members) > 1 else ()), *notes)
    title = _family_title(len(shown), len(clear), words)
    if shown and all(math.isnan(one.adjusted) for one in shown):
        title = words.say("family.title.unjudged")
    rows = [_row(one, len(members), words) for one in shown]
    return Caption(title, subtitle, note, without_no_break(joined(words.say("alt.family"), title, *rows)))


def _family_title(shown: int, clear: int, words: Words) -> str:
    if not shown:
        return words.say("family.title.protected")
    facts = {"n": upper_first(words.numeral(clear)), "all": words.numeral(shown)}
    if shown == 1:
        return words.say("family.title.single.some" if clear else "family.title.single.none")
    if not clear:
        return words.say("family.title.neither" if shown == 2 else "family.title.none", facts)
    if clear == shown:
        return words.say("family.title.both" if shown == 2 else "family.title.every", facts)
    return words.count("family.title.some", clear, facts)


def _outcome(one: Member, words: Words) -> str:
    return words.name("outcome", one.outcome)


def _ps(one: Member, words: Words) -> str:
    facts = {name: _p(value, words) for name, value in (("p", one.p), ("adjusted", one.adjusted))}
    return words.say("family.note.p", facts | {"outcome": _outcome(one, words)})


def _p(value: float, words: Words) -> str:
    return number(value, words.language, decimals=decimals_for(value, least=2, most=4))


def _row(one: Member, outcomes: int, words: Words) -> str:
    decimals = decimals_in([one.value, one.low, one.high])
    facts = {
        "outcome": _outcome(one, words),
        "value": signed(one.value, words.language, decimals=decimals),
        "unit": words.count(f"unit.{one.unit}", 2),
    }
    return ", ".join(filter(None, (words.say("alt.family.row", facts), chance_words(one, outcomes, words))))
