"""The box that says what the results may be taken to mean, and what not, composed by rule."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from evalkit.reports.figures.course import axis_of
from evalkit.reports.labels import Words, joined, sentence
from evalkit.reports.numbers import number, percent
from evalkit.reports.sentences.design import is_design
from evalkit.reports.sentences.findings import schools_held
from evalkit.reports.sentences.reading import Reading, read
from evalkit.reports.sentences.sites import missing_sites
from evalkit.reports.sentences.verdict import SURE_COVERAGE, verdict_of
from evalkit.values import Estimate, Flow, Protected, Table

GOOD_COVERAGE = 0.9


@dataclass(frozen=True)
class Conclusions:
    """What can be said, what cannot, and what would make us surer."""

    can: tuple[str, ...]
    cannot: tuple[str, ...]
    surer: str


def conclude(values: Iterable[Protected], words: Words) -> Conclusions:
    """Compose the box from estimates and tables.

    Parameters
    ----------
    values
        Protected estimates (effects, associations, changes, smallest detectable effects), tables that hold a coverage,
        and flows.
    words
        Language.

    Returns
    -------
    Conclusions
        In the order of the values; nothing is said twice.
    """
    can: list[str] = []
    cannot: list[str] = []
    smallest: list[Reading] = []
    for protected in values:
        value = protected.value
        if isinstance(value, Estimate) and is_design(value):
            continue
        if isinstance(value, Estimate) and value.design == "level":
            smallest.append(read(value, words))
        elif isinstance(value, Estimate):
            _add(read(value, words), can, cannot)
        elif isinstance(value, Table):
            _coverage(value, words, can, cannot)
        elif isinstance(value, Flow) and value.steps:
            _included(value, words, can)
    cannot.append(words.say("conclusion.cannot.individuals"))
    return Conclusions(_once(can), _once(cannot), _surer(smallest, words))


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(joined(text) for text in texts))


def _add(reading: Reading, can: list[str], cannot: list[str]) -> None:
    words, verdict, design = reading.words, verdict_of(reading), reading.estimate.design
    facts = {
        "subject": reading.subject,
        "on": reading.on,
        "other": reading.other,
        "schools": schools_held(reading),
        "missed": _missed(reading),
    }
    if verdict in {"increased", "decreased"}:
        can.append(words.say(f"conclusion.can.{design}.{verdict}", facts))
        cannot.append(words.say(f"conclusion.cannot.{design}.cause", facts))
    elif verdict == "blinded":
        cannot.append(words.say("conclusion.cannot.blinded"))
    elif verdict == "unclear":
        cannot.append(words.say(f"conclusion.cannot.{design}.direction", facts))
    elif reading.estimate.value is None and reading.fact("sites_missing"):
        cannot.append(
            words.say("conclusion.cannot.sites", {"sites": missing_sites(reading.fact("sites_missing"), words)})
        )
    else:
        cannot.append(words.say(f"conclusion.cannot.{design if design != 'pending' else 'effect'}.too_little", facts))


def _missed(reading: Reading) -> str:
    detectable = reading.amount("detectable_effect")
    if detectable is None:
        return reading.words.say("conclusion.missed")
    facts = {"value": number(detectable, reading.words.language, decimals=1), "unit": reading.unit(detectable)}
    return reading.words.say("conclusion.missed_under", facts)


def _coverage(table: Table, words: Words, can: list[str], cannot: list[str]) -> None:
    column = next((column for column in table.columns if column.name.endswith("_coverage")), None)
    if column is None or column.unit != "share":
        return
    frame = table.frame
    for axis in table.axes:
        if axis.total is not None and axis is not axis_of(table, ("term",)):
            frame = frame[frame[axis.name] == axis.total]
    known = frame[column.name].dropna()
    if known.empty:
        return
    least = float(known.min())
    # "At least" must hold, so the share is never rounded upwards.
    whole = math.floor(100 * least + 1e-9) / 100
    facts = {"share": percent(whole, words.language, decimals=0)}
    if least >= GOOD_COVERAGE:
        can.append(words.say("conclusion.can.coverage", facts))
    elif least < SURE_COVERAGE:
        cannot.append(words.say("conclusion.cannot.coverage", facts))


def _included(flow: Flow, words: Words, can: list[str]) -> None:
    first, last = flow.steps[0].persons, flow.steps[-1].persons
    if first:
        can.append(words.say("conclusion.can.included", {"share": percent(last / first, words.language, decimals=0)}))


def _surer(smallest: list[Reading], words: Words) -> str:
    known = [one for one in smallest if one.estimate.value is not None and one.estimate.treated_clusters]
    if len(known) < 2:
        return sentence(words.say("conclusion.surer"))
    now, then = known[0], known[-1]
    facts = {
        "few": words.numeral(now.estimate.treated_clusters or 0),
        "many": words.numeral(then.estimate.treated_clusters or 0),
        "now": now.size(now.estimate.value or 0.0),
        "then": then.size(then.estimate.value or 0.0),
        "unit": then.unit(then.estimate.value or 0.0),
    }
    return sentence(words.say("conclusion.surer.schools", facts))
