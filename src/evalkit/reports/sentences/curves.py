"""Words for pictures of estimates and curves, and for flows."""

from __future__ import annotations

import math
from typing import Any

from evalkit.reports.figures.flow import rounded
from evalkit.reports.figures.placebo import squares_of
from evalkit.reports.figures.power import detectable_in
from evalkit.reports.figures.scale import known
from evalkit.reports.labels import Words, joined, upper_first, without_no_break
from evalkit.reports.numbers import decimals_for, number, percent, signed, span
from evalkit.reports.sentences.captions import Caption, range_of
from evalkit.reports.sentences.findings import find, topic_lead
from evalkit.reports.sentences.reading import Reading, read
from evalkit.values import Curve, Estimate, Flow

PRETREND_P = 0.05


def interval_caption(estimate: Estimate, words: Words) -> Caption:
    """Compose the words around one estimate on a line of values."""
    reading = read(estimate, words)
    finding = find(estimate, words)
    facts = _compared(reading)
    treated = estimate.treated_clusters or 0
    unknown = estimate.design in {"effect", "blinded"} and not treated
    key = "headline.what.effect.unknown" if unknown else f"interval.subtitle.{estimate.design}"
    subtitle = words.say(key) if unknown else words.count(key, treated, facts)
    level = percent(estimate.level, words.language, decimals=0)
    note = words.say("interval.note", {"level": level}) if estimate.interval else ""
    title = topic_lead(finding, reading)
    shown = [words.say("alt.interval"), title]
    value = reading.estimate.value
    if value is not None:
        facts = {
            "value": signed(value, words.language, decimals=reading.decimals),
            "unit": reading.unit(value),
            "span": "",
        }
        if reading.estimate.interval and not reading.open:
            low, high = reading.estimate.low, reading.estimate.high
            facts["span"] = span(low, high, words.language, decimals=reading.decimals)
        shown.append(words.say("alt.estimate" if facts["span"] else "alt.estimate.open", facts))
    note = joined(note, _rule(reading), _within_municipality(reading), _counts(reading))
    return Caption(title, upper_first(subtitle), note, without_no_break(joined(*shown)))


def _compared(reading: Reading) -> dict[str, str]:
    treated, schools = reading.estimate.treated_clusters or 0, reading.estimate.clusters or 0
    compared = reading.fact("comparison_schools")
    others = int(compared) if isinstance(compared, int | float) else schools - treated
    return {
        "treated": upper_first(reading.words.numeral(treated)),
        "others": reading.words.numeral(others),
        "unit": reading.unit(2.0),
        "subject": reading.subject,
    }


def _rule(reading: Reading) -> str:
    """Return how the interval was made, and why in that way."""
    rule = f"interval.rule.{reading.fact('rule')}"
    keys = (rule, f"{rule}.{reading.fact('rule_reason')}")
    return joined(*(reading.words.say(key) for key in keys if reading.words.has(key)))


def _within_municipality(reading: Reading) -> str:
    """Return how many ways there are to give the start dates within municipalities, and the smallest p they allow."""
    ways, least = reading.fact("assignments_stratified"), reading.amount("attainable_p_stratified")
    if reading.estimate.design != "effect" or not isinstance(ways, int | float) or least is None:
        return ""
    language = reading.words.language
    written = number(least, language, decimals=decimals_for(least, least=3, most=4))
    return reading.words.say("interval.note.stratified", {"n": number(ways, language), "least": written})


def _counts(reading: Reading) -> str:
    """Return on how many pupils and schools an estimate rests."""
    estimate, words = reading.estimate, reading.words
    if not estimate.n or not estimate.clusters:
        return ""
    facts = {"n": number(estimate.n, words.language), "schools": number(estimate.clusters, words.language)}
    return words.count("interval.note.n", estimate.clusters, facts)


def event_study_caption(curve: Curve, words: Words) -> Caption:
    """Compose the words around an event study; whether a term differs is judged by the band over all terms."""
    points: list[dict[Any, Any]] = curve.frame.to_dict("records")
    judged = [point for point in points if int(point["relative"]) != -1 and known(point["value"])]
    after = [point for point in judged if int(point["relative"]) >= 0]
    apart_after = [point for point in after if _apart(point)]
    apart_before = [point for point in judged if int(point["relative"]) < 0 and _apart(point)]
    facts = {"n": upper_first(words.numeral(len(apart_after))), "all": words.numeral(len(after))}
    if not apart_after and not apart_before:
        title = words.say("event.title.none")
    elif apart_before:
        title = words.say("event.title.before")
    else:
        title = words.count("event.title.after", len(apart_after), facts)
    said = [words.say("alt.event"), title]
    values = [float(point["value"]) for point in after]
    if values:
        facts = {"span": range_of(values, 1, words), "unit": words.count(f"unit.{curve.unit}", 2)}
        said.append(words.say("alt.event.after", facts))
    bands = "event.note.permutation" if curve.detail("bands") == "permutation" else "event.note.t"
    single = words.say("event.note.single") if not apart_after else ""
    before = _before(curve, words)
    note = joined(*before, words.say("event.note"), words.say(bands), single)
    alt = without_no_break(joined(*said, *before[:1]))
    return Caption(title, words.say("event.subtitle"), note, alt)


def _before(curve: Curve, words: Words) -> tuple[str, ...]:
    """Return what the test of trends before the start says, and which trends it would have found."""
    p, half, most = (curve.detail(f"pretrend_{name}") for name in ("p", "slope_50", "slope_80"))
    if not known(p):
        return ()
    written = number(p, words.language, decimals=decimals_for(p, least=2, most=4))
    said = words.say("event.pretrend.clear" if p <= PRETREND_P else "event.pretrend.none", {"p": written})
    if not (known(half) and known(most) and half > 0):
        return (said,)
    decimals = decimals_for(half, most)
    facts = {
        "half": number(half, words.language, decimals=decimals),
        "most": number(most, words.language, decimals=decimals),
        "unit": words.count(f"unit.{curve.unit}", 2),
    }
    return said, words.say("event.pretrend.power", facts)


def _apart(point: dict[Any, Any]) -> bool:
    low, high = point["band_low"], point["band_high"]
    return known(low) and known(high) and (float(low) > 0 or float(high) < 0)


def placebo_caption(curve: Curve, words: Words) -> Caption:
    """Compose the words around a placebo distribution: counts first, the p-value in the note."""
    every, far = int(curve.frame["assignments"].sum()), int(curve.frame["as_extreme"].sum())
    each = squares_of(curve)
    p, least = _share(curve, "p", far / max(every, 1)), _share(curve, "attainable_p", 1 / max(every, 1))
    facts = {
        "n": number(far, words.language),
        "all": number(every, words.language),
        "each": words.numeral(each),
        "p": number(p, words.language, decimals=decimals_for(p, least=2, most=4)),
        "least": number(least, words.language, decimals=decimals_for(least, least=2, most=4)),
        "observed": signed(float(curve.detail("observed") or 0.0), words.language),
    }
    title = words.say("placebo.title" if far > 1 else "placebo.title.alone", facts)
    subtitle = words.say("placebo.subtitle" if each == 1 else "placebo.subtitle.each", facts)
    drawn = "placebo.note.drawn" if curve.detail("drawn") else "placebo.note"
    alt = joined(words.say("alt.placebo"), words.say("alt.placebo.observed", facts), title)
    return Caption(title, subtitle, joined(words.say(drawn, facts)), without_no_break(alt))


def _share(curve: Curve, name: str, otherwise: float) -> float:
    value = curve.detail(name)
    return float(value) if isinstance(value, int | float) else otherwise


def power_caption(curve: Curve, words: Words) -> Caption:
    """Compose the words around a power curve."""
    smallest = detectable_in(curve)
    if math.isnan(smallest):
        title = words.say("finding.smallest.none")
    else:
        facts = {"value": number(smallest, words.language, decimals=1), "unit": words.count(f"unit.{curve.unit}", 2)}
        title = upper_first(words.say("finding.smallest.lead", facts))
    alt = without_no_break(joined(words.say("alt.power"), title))
    return Caption(title, words.say("power.subtitle"), joined(words.say("power.note")), alt)


def flow_caption(flow: Flow, words: Words) -> Caption:
    """Compose the words around a flow, from counts rounded to five."""
    first, last = rounded(flow.steps[0].persons), rounded(flow.steps[-1].persons)
    share = last / first if first else 0.0
    tenths = round(10 * share)
    merged = any("+" in step.id or "; " in step.sv for step in flow.steps)
    if share == 1.0 and not merged:
        title = words.say("flow.title.all")
    elif tenths == 10:
        title = words.say("flow.title.nearly_all")
    else:
        title = upper_first(words.count("flow.title", tenths, {"n": words.numeral(tenths)}))
    facts = {"first": number(first, words.language), "last": number(last, words.language)}
    notes = [words.say("flow.note"), words.say("flow.note.merged") if merged else ""]
    alt = without_no_break(joined(words.say("alt.flow"), words.say("alt.flow.counts", facts)))
    return Caption(title, words.say("flow.subtitle"), joined(*notes), alt)
