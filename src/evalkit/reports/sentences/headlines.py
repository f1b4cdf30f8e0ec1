"""The words at the top of a page and above each of several findings."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.reports.labels import Words, joined, upper_first, without_no_break
from evalkit.reports.numbers import number
from evalkit.reports.sentences.findings import find, schools_held
from evalkit.reports.sentences.reading import Reading, outcome_of, read
from evalkit.reports.sentences.verdict import verdict_of
from evalkit.values import Estimate


def headline_page(estimates: Sequence[Estimate], words: Words) -> tuple[str, str]:
    """Return a page's title and lead.

    Parameters
    ----------
    estimates
        The first gives the title; the others one sentence each.
    words
        Language.
    """
    first, *others = (read(estimate, words) for estimate in estimates)
    verdict = verdict_of(first)
    facts = {"subject": first.subject, "on": first.on, "other": first.other, "schools": schools_held(first)}
    finding = find(first.estimate, words)
    if verdict in {"increased", "decreased"}:
        title, said = finding.lead, finding.own
    else:
        title, said = words.say(f"headline.{first.estimate.design}.{verdict}", facts), finding.rest
    return upper_first(title), joined(said, *(_sentence(other) for other in others))


def _sentence(reading: Reading) -> str:
    facts = {"subject": reading.subject, "on": reading.on, "other": reading.other, "schools": schools_held(reading)}
    return reading.words.say(f"headline.also.{reading.estimate.design}.{verdict_of(reading)}", facts)


def headline_what(reading: Reading) -> str:
    """Return what a finding is about, in a few words above its picture."""
    words, estimate = reading.words, reading.estimate
    outcome = outcome_of(estimate, words)
    year = str(estimate.detail("year_group") or "")
    if words.has(f"persons.{outcome}"):
        text = words.say(f"persons.{outcome}")
        return upper_first(words.say("headline.in_year", {"what": text, "year": year}) if year else text)
    treated = estimate.treated_clusters or 0
    compared = reading.fact("comparison_schools")
    others = int(compared) if isinstance(compared, int | float) else (estimate.clusters or 0) - treated
    facts = {
        "subject": reading.subject,
        "treated": upper_first(words.numeral(treated)),
        "others": words.numeral(others),
        "unit": reading.unit(2.0),
        "year": year,
    }
    if estimate.design in {"effect", "blinded"} and not treated:
        return words.say("headline.what.effect.unknown")
    if estimate.design == "effect":
        return words.count("headline.what.effect", treated, facts)
    return upper_first(words.say(f"headline.what.{estimate.design}", facts))


def is_people(reading: Reading) -> bool:
    """Say whether the outcome is a share of persons, so that it can be drawn as people."""
    return reading.words.has(f"persons.{outcome_of(reading.estimate, reading.words)}")


def people_alt(pairs: tuple[tuple[str, float], ...], words: Words) -> str:
    """Return what a listener hears instead of dots."""
    said = [words.say("alt.dots.of", {"n": number(100 * share, words.language), "when": when}) for when, share in pairs]
    return without_no_break(joined(words.say("alt.dots"), *said))
