"""Words for pictures that set methods beside each other: how often each is wrong, and what each answers."""

from __future__ import annotations

import math

from evalkit.reports.figures.estimators import Answer, answers_in, decimals_in, shown_unit
from evalkit.reports.figures.placebo_size import Trial, chance_in, nominal_in, trials_in
from evalkit.reports.figures.scale import known
from evalkit.reports.labels import Words, joined, upper_first, without_no_break
from evalkit.reports.numbers import number, percent, signed
from evalkit.reports.sentences.captions import Caption, range_of
from evalkit.reports.sentences.tables import listed
from evalkit.values import Curve

NEAR = 0.02


def placebo_size_caption(curve: Curve, words: Words) -> Caption:
    """Compose the words around how often intervals are wrong; the title is about the method that the report uses."""
    trials, nominal = trials_in(curve), nominal_in(curve)
    used = next((one for one in trials if one.headline and math.isfinite(one.size)), None)
    intended = percent(nominal, words.language, decimals=0)
    title = words.say("sizes.title.none")
    if used is not None:
        facts = {"size": percent(used.size, words.language), "nominal": intended}
        title = words.say(f"sizes.title.{_held(used.size, curve)}", facts)
    about = words.say("sizes.note", {"nominal": intended})
    note = joined(about, _trials(used, curve, words), _width(curve, words), _left_out(curve, words))
    alt = joined(words.say("alt.sizes"), title, _not_used(trials, words))
    return Caption(title, words.say("sizes.subtitle"), note, without_no_break(alt))


def _held(size: float, curve: Curve) -> str:
    """Say whether a method is wrong as often as intended, more, less, or further off than could be told from chance."""
    least, most = chance_in(curve)
    if abs(size - nominal_in(curve)) <= NEAR:
        return "held"
    return "more" if size > most else "less" if size < least else "unclear"


def _trials(used: Trial | None, curve: Curve, words: Words) -> str:
    apart = curve.detail("placebos_apart")
    if used is None or not known(apart):
        return ""
    low, high = (percent(end, words.language, decimals=0) for end in chance_in(curve))
    facts = {"n": number(used.placebos, words.language), "apart": number(apart, words.language)}
    return words.say("sizes.note.trials", facts | {"low": low, "high": high})


def _left_out(curve: Curve, words: Words) -> str:
    names = [words.name("method", code) for code in str(curve.detail("left_out") or "").split()]
    return words.say("sizes.note.left_out", {"methods": listed(names, words)}) if names else ""


def _width(curve: Curve, words: Words) -> str:
    return words.say("sizes.note.width", {"unit": words.count(f"unit.{shown_unit(curve.unit)}", 2)})


def _not_used(trials: tuple[Trial, ...], words: Words) -> str:
    sizes = [one.size for one in trials if not one.offered and not one.headline and math.isfinite(one.size)]
    if not sizes:
        return ""
    low, high = (percent(size, words.language) for size in (min(sizes), max(sizes)))
    return words.say("alt.sizes.other" if low == high else "alt.sizes.others", {"low": low, "high": high})


def estimators_caption(curve: Curve, words: Words) -> Caption:
    """Compose the words around several answers to one question; the title counts those outside the headline."""
    answers = answers_in(curve)
    decimals = decimals_in([number for one in answers for number in (one.value, one.low, one.high)])
    unit = words.count(f"unit.{shown_unit(curve.unit)}", 2)
    headline = next((one for one in answers if one.headline and not one.hidden), None)
    others = [one for one in answers if not one.headline and not one.hidden]
    title = _answers_title(headline, others, (unit, decimals), words)
    hidden = words.say("estimators.note.hidden") if any(one.hidden for one in answers) else ""
    said = [words.say("alt.estimators"), title]
    if headline is not None:
        facts = {"value": signed(headline.value, words.language, decimals=decimals), "unit": unit}
        said.append(words.say("alt.estimators.headline", facts))
    if others and headline is not None:
        said.append(
            words.say(
                "alt.estimators.others",
                {"span": range_of([one.value for one in others], decimals, words), "unit": unit},
            )
        )
    note = joined(words.say("estimators.note"), _without_answer(curve, words), hidden)
    return Caption(title, words.say("estimators.subtitle", {"unit": unit}), note, without_no_break(joined(*said)))


def _without_answer(curve: Curve, words: Words) -> str:
    """Return which methods could not answer, empty if all could."""
    missing = [name.removeprefix("reason_") for name, _ in curve.details if name.startswith("reason_")]
    names = [words.name("method", method) for method in missing]
    return words.say("estimators.note.without", {"methods": listed(names, words)}) if names else ""


def _answers_title(headline: Answer | None, others: list[Answer], shown: tuple[str, int], words: Words) -> str:
    unit, decimals = shown
    known = ([headline] if headline else []) + others
    if len(known) < 2:
        return words.say("estimators.title.one" if known else "estimators.title.protected")
    if headline is None or not (math.isfinite(headline.low) and math.isfinite(headline.high)):
        return words.say(
            "estimators.title.range", {"span": range_of([one.value for one in known], decimals, words), "unit": unit}
        )
    outside = sum(not headline.low <= one.value <= headline.high for one in others)
    if not outside:
        return words.say("estimators.title.inside")
    facts = {"n": upper_first(words.numeral(outside)), "all": words.numeral(len(others))}
    return words.count("estimators.title.outside", outside, facts)
