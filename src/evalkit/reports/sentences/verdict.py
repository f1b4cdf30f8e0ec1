"""The rule that says what an estimate shows, and how sure it is; the same rule for every estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from evalkit.reports.labels import joined
from evalkit.reports.numbers import number, percent
from evalkit.reports.sentences.reading import Reading, outcome_of
from evalkit.reports.sentences.sites import missing_sites

Verdict = Literal["increased", "decreased", "unclear", "too_little", "pending", "blinded"]

FEWEST_PERSONS = 10
FEWEST_UNITS = 2
FEW_UNITS = 5
BOUNDED_OUTCOME = "attendance_rate"
SURE_WIDTH = 0.5
SURE_COVERAGE = 0.8


@dataclass(frozen=True)
class Certainty:
    """How sure a finding is: 0 to 3 bars, the word for it, and the reason."""

    bars: int
    word: str
    reason: str


def verdict_of(reading: Reading) -> Verdict:
    """Say what an estimate shows.

    Parameters
    ----------
    reading
        Of an effect, an association or a change.

    Returns
    -------
    Verdict
        ``"pending"`` and ``"blinded"`` for what is not made yet; ``"too_little"`` where the detectable effect on
        attendance exceeds the largest plausible one set beforehand, a group has fewer than 10 persons, there are fewer
        than 2 units, or the interval has an open end; else by whether the interval is above zero, below it or holds it.
    """
    estimate = reading.estimate
    if estimate.design == "pending":
        return "pending"
    if estimate.design == "blinded":
        return "blinded"
    if estimate.value is None or not estimate.interval or _shortage(reading):
        return "too_little"
    if reading.covers_zero:
        return "unclear"
    return "increased" if estimate.low > 0 else "decreased"


def _shortage(reading: Reading) -> str:
    """Return the name of what there is too little of, empty if there is enough."""
    estimate = reading.estimate
    detectable, plausible = reading.amount("detectable_effect"), reading.amount("largest_plausible_effect")
    units = [count for count in (estimate.clusters, estimate.treated_clusters) if count is not None]
    if reading.fact("sites_missing") and estimate.value is None:
        return "sites"
    if estimate.persons_minimum is not None and estimate.persons_minimum < FEWEST_PERSONS:
        return "persons"
    if units and min(units) < FEWEST_UNITS:
        return "units"
    # The largest plausible effect was set for attendance; other outcomes move on other scales.
    bounded = estimate.design in {"effect", "change"} and outcome_of(estimate, reading.words) == BOUNDED_OUTCOME
    if bounded and detectable is not None and plausible is not None and detectable > plausible:
        return "detectable"
    return "bounds" if not estimate.interval or reading.open else ""


def certainty_of(reading: Reading, verdict: Verdict) -> Certainty:
    """Say how sure a finding is, and why.

    Parameters
    ----------
    reading, verdict
        The estimate, and what it shows.

    Returns
    -------
    Certainty
        High where the interval lies clear of zero and is at most as wide as the value; moderate where the direction is
        clear but the size is not, coverage is under 80 % or fewer than 5 schools take part; low where the interval
        holds zero or fewer than 5 schools were treated; none where there is too little data.
    """
    bars, reasons = _judged(reading, verdict)
    word = reading.words.say(("certainty.none", "certainty.low", "certainty.moderate", "certainty.high")[bars])
    return Certainty(bars, word, joined(*reasons, _missing(reading)))


def _judged(reading: Reading, verdict: Verdict) -> tuple[int, tuple[str, ...]]:
    words = reading.words
    if verdict == "blinded":
        return 0, (words.say("reason.blinded"),)
    if verdict in {"too_little", "pending"}:
        return 0, (_too_little(reading),)
    if verdict == "unclear":
        return 1, (_unclear(reading),)
    if _few_treated(reading):
        return 1, (_treated_of_all(reading), words.say("reason.something_else"))
    doubt = _doubt(reading)
    limit = words.say(f"reason.about.{reading.estimate.design}.{verdict}", {"subject": reading.subject})
    return (2, (doubt, limit)) if doubt else (3, (limit,))


def _few_treated(reading: Reading) -> bool:
    treated = reading.estimate.treated_clusters
    return reading.estimate.design == "effect" and treated is not None and treated < FEW_UNITS


def _treated_of_all(reading: Reading) -> str:
    treated, schools = reading.estimate.treated_clusters or 0, reading.estimate.clusters or 0
    facts = {"n": number(treated, reading.words.language), "all": number(schools, reading.words.language)}
    return reading.words.count("reason.treated_of_all", treated, facts)


def _doubt(reading: Reading) -> str:
    estimate, words = reading.estimate, reading.words
    coverage = reading.amount("coverage")
    if (estimate.high - estimate.low) / 2 > SURE_WIDTH * abs(estimate.value or 0.0) + 1e-9:
        return words.say("reason.wide")
    if coverage is not None and coverage < SURE_COVERAGE:
        return words.say("reason.coverage", {"share": percent(coverage, words.language, decimals=0)})
    if estimate.clusters is not None and estimate.clusters < FEW_UNITS:
        return words.count("reason.few_schools", estimate.clusters, {"n": words.numeral(estimate.clusters)})
    return ""


def _unclear(reading: Reading) -> str:
    words = reading.words
    if reading.estimate.design != "effect" or reading.estimate.treated_clusters is None:
        key = f"reason.covers_zero.{reading.estimate.design}"
        return joined(words.choose((key, "reason.covers_zero")))
    return joined(_treated_of_all(reading), missed(reading))


def missed(reading: Reading) -> str:
    """Return which effects could be missed, empty if that is not known."""
    detectable = reading.amount("detectable_effect")
    if detectable is None:
        return ""
    facts = {"value": number(detectable, reading.words.language, decimals=1), "unit": reading.unit(detectable)}
    return reading.words.say("reason.missed", facts)


def _too_little(reading: Reading) -> str:
    words, shortage = reading.words, _shortage(reading)
    if shortage == "detectable":
        facts = {
            "detectable": number(reading.amount("detectable_effect") or math.nan, words.language, decimals=1),
            "plausible": number(reading.amount("largest_plausible_effect") or math.nan, words.language, decimals=1),
            "unit": reading.unit(2.0),
        }
        keys = (f"reason.too_little.detectable.{reading.estimate.design}", "reason.too_little.detectable")
        return joined(words.choose(keys, facts))
    if shortage == "sites":
        return ""
    return joined(words.say(f"reason.too_little.{shortage or 'bounds'}"))


def _missing(reading: Reading) -> str:
    """Return which sites are missing from the study's answer, empty if none is."""
    sites = missing_sites(reading.fact("sites_missing"), reading.words)
    return reading.words.say("reason.sites", {"sites": sites}) if sites else ""
