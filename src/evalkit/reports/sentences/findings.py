"""The sentence that answers a question: what was found, between which bounds, and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evalkit.reports.labels import Words, joined, sentence, upper_first
from evalkit.reports.numbers import is_term, number, percent, term
from evalkit.reports.sentences.reading import Reading, read
from evalkit.reports.sentences.verdict import Certainty, Verdict, certainty_of, verdict_of
from evalkit.values import Estimate


@dataclass(frozen=True)
class Finding:
    """An answer in words.

    Parameters
    ----------
    verdict
        What the rule says.
    lead
        Its first words, without a full stop: the finding itself.
    rest
        What follows the lead, up to the last full stop.
    own
        What follows the lead where that stands as a heading: whole sentences.
    runs_on
        Whether the rest continues the lead's sentence.
    certainty
        How sure it is; None for what is no finding about pupils.
    """

    verdict: Verdict
    lead: str
    rest: str
    own: str
    runs_on: bool
    certainty: Certainty | None

    @property
    def text(self) -> str:
        """Return lead and rest as running text."""
        return f"{self.lead}{'' if self.runs_on else '.'} {self.rest}".strip()


def find(estimate: Estimate, words: Words) -> Finding:
    """Put an estimate into words by rule.

    Parameters
    ----------
    estimate
        Protected; a change over time is never called an effect, an association never a cause.
    words
        Language.
    """
    reading = read(estimate, words)
    if estimate.design == "level":
        return _smallest(reading)
    verdict = verdict_of(reading)
    certainty = certainty_of(reading, verdict)
    if verdict == "blinded":
        why = words.say("finding.blinded.why")
        return Finding(verdict, words.say("finding.blinded"), why, why, False, certainty)
    if verdict in {"too_little", "pending"}:
        if estimate.value is None and reading.fact("sites_missing"):
            why = words.say("finding.waiting.why")
            return Finding("too_little", words.say("finding.waiting"), why, why, False, certainty)
        uncertain = _how_uncertain(reading)
        return Finding("too_little", words.say("finding.too_little"), uncertain, uncertain, False, certainty)
    facts = _facts(reading)
    lead = upper_first(words.say(f"finding.{estimate.design}.{verdict}", facts))
    if verdict == "unclear":
        key = "same" if round(estimate_value(reading), reading.decimals) == 0 else _direction(reading)
        rest = sentence(words.say(f"finding.{estimate.design}.unclear.{key}", facts))
        return Finding(verdict, lead, rest, rest, False, certainty)
    where = words.say(f"finding.{estimate.design}.where", facts)
    bounds = sentence(words.say(f"finding.bounds.{estimate.design}.{verdict}", _bounds(reading)))
    levels = _levels(reading)
    own = upper_first(levels) or words.say(f"finding.{estimate.design}.own", facts)
    return Finding(verdict, lead, f"{levels or where}. {bounds}", joined(own, bounds), True, certainty)


def topic_lead(finding: Finding, reading: Reading) -> str:
    """Return a finding's lead so that it stands alone: what shows nothing clear says what it is about."""
    if finding.verdict not in {"unclear", "too_little", "blinded"} or reading.estimate.design == "level":
        return finding.lead
    facts = {"subject": reading.subject, "other": reading.other}
    return upper_first(reading.words.say(f"topic.{reading.estimate.design}.{finding.verdict}", facts))


def estimate_value(reading: Reading) -> float:
    """Return the value, zero where there is none."""
    return reading.estimate.value or 0.0


def _direction(reading: Reading) -> str:
    return "higher" if estimate_value(reading) > 0 else "lower"


def _facts(reading: Reading) -> dict[str, str]:
    value, language = estimate_value(reading), reading.words.language
    return {
        "subject": reading.subject,
        "on": reading.on,
        "other": reading.other,
        "value": reading.size(value),
        "unit": reading.unit(value),
        "from": term(str(reading.fact("from") or ""), language, form="text"),
        "to": term(str(reading.fact("to") or ""), language, form="text"),
        "schools": schools_held(reading),
        "range": range_words(reading),
    }


def schools_held(reading: Reading) -> str:
    """Return the treated schools as a definite noun phrase: ``de två skolorna``."""
    treated = reading.estimate.treated_clusters or 0
    return reading.words.count("schools.those", treated, {"n": reading.words.numeral(treated)})


def range_words(reading: Reading) -> str:
    """Return the interval in words: ``från 0,7 lägre till 2,4 högre``; empty where it has no end."""
    low, high = reading.estimate.low, reading.estimate.high
    facts = {"low": _written(reading, low), "high": _written(reading, high)}
    if math.isnan(low) or not (math.isfinite(low) or math.isfinite(high)):
        return ""
    if not math.isfinite(high):
        return reading.words.say("range.from_lower" if low < 0 else "range.from_higher", facts)
    if not math.isfinite(low):
        return reading.words.say("range.up_to_higher" if high > 0 else "range.up_to_lower", facts)
    key = "range.both" if low < 0 < high else "range.higher" if low >= 0 else "range.lower"
    return reading.words.say(key, facts)


def _written(reading: Reading, end: float) -> str:
    return reading.size(end) if math.isfinite(end) else ""


def _bounds(reading: Reading) -> dict[str, str]:
    small, large = sorted((abs(reading.estimate.low), abs(reading.estimate.high)))
    return {"small": reading.size(small), "large": reading.size(large), "unit": reading.unit(large)}


def _levels(reading: Reading) -> str:
    """Return from which level to which, where a change knows both."""
    before, after = reading.amount("from_level"), reading.amount("to_level")
    start, end = str(reading.fact("from") or ""), str(reading.fact("to") or "")
    if before is None or after is None or not (is_term(start) and is_term(end)) or reading.estimate.design != "change":
        return ""
    facts = {
        "before": level_text(before, reading),
        "after": level_text(after, reading),
        "from": term(start, reading.words.language, form="text"),
        "to": term(end, reading.words.language, form="text"),
    }
    return reading.words.say("finding.change.levels", facts)


def level_text(value: float, reading: Reading) -> str:
    """Write a level: percent where changes are in percentage points, else a number."""
    if reading.estimate.unit == "percentage_points":
        return percent(value / 100, reading.words.language)
    return number(value, reading.words.language, decimals=2)


def _how_uncertain(reading: Reading) -> str:
    words = reading.words
    said = range_words(reading)
    if not said:
        return sentence(words.say("finding.too_little.no_interval"))
    unit = reading.unit(2.0)
    return sentence(words.say("finding.too_little.interval", {"range": said, "unit": unit}))


def _smallest(reading: Reading) -> Finding:
    words, value = reading.words, reading.estimate.value
    if value is None and reading.fact("sites_missing"):
        why = words.say("finding.waiting.why")
        return Finding("too_little", words.say("finding.waiting"), why, why, False, None)
    if value is None or not math.isfinite(value):
        return Finding("too_little", words.say("finding.smallest.none"), "", "", False, None)
    facts = {
        "value": reading.size(value),
        "unit": reading.unit(value),
        "n": words.numeral(reading.estimate.treated_clusters or 0),
    }
    lead = upper_first(words.say("finding.smallest.lead", facts))
    treated = reading.estimate.treated_clusters or 0
    rest = sentence(words.count("finding.smallest.rest", treated, facts))
    return Finding("unclear", lead, rest, rest, False, None)
