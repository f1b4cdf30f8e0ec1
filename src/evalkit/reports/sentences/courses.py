"""Words for what tables say as pictures: courses over time, distributions, grids."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evalkit.reports.figures.course import Course, Series, is_shortened
from evalkit.reports.figures.distribution import HIGH, Distribution
from evalkit.reports.figures.grid import Grid
from evalkit.reports.labels import Words, joined, upper_first, without_no_break
from evalkit.reports.numbers import is_term, number, percent, term
from evalkit.reports.sentences.captions import Caption
from evalkit.values import SUPPRESSED

OFTEN, ALIKE = 0.5, 0.5


def course_caption(drawn: Course, words: Words) -> Caption:
    """Compose the words around a course over time; every number in them stands in the table."""
    subject = words.name("outcome", drawn.column.name)
    axes = words.name("axis", "term" if is_term(drawn.times[0]) else "school_year")
    if drawn.by:
        axes = words.say("list.and", {"first": words.name("axis", drawn.by), "last": axes})
    facts = {"name": words.name("column", drawn.column.name), "axes": axes}
    subtitle = words.choose((f"subtitle.{drawn.column.name}", "subtitle"), facts)
    groups = [series for series in drawn.series if series.role != "main" or not drawn.by]
    if drawn.by == "school":
        title = _range_title(drawn, subject, words)
    elif drawn.by:
        title = _order_title(drawn, groups, subject, words)
    else:
        title = _course_title(drawn, drawn.series[0], subject, words)
    notes = [
        words.say("note.shortened") if is_shortened(drawn) else "",
        words.say("note.seasons") if drawn.seasonal else "",
        words.say("note.grey", {"total": drawn.total}) if any(s.role == "other" for s in drawn.series) else "",
        words.say("note.gaps") if any(s.protected for s in drawn.series) else "",
    ]
    return Caption(title, upper_first(subtitle), joined(*notes), _course_alt(drawn, subject, words))


def _amount(value: float, drawn: Course, words: Words) -> str:
    return number(value, words.language, decimals=max(drawn.column.decimals, 1 if drawn.column.unit == "share" else 0))


def _unit(drawn: Course, words: Words) -> str:
    return words.say("unit.percent") if drawn.column.unit == "share" else ""


def _when(drawn: Course, place: int, words: Words) -> str:
    return term(drawn.times[place], words.language, form="text")


def _movement(drawn: Course, series: Series, subject: str, words: Words, *, group: bool = False) -> str:
    """Return how one group moved between the ends of one season, empty where that is not known."""
    ends = drawn.ends(series)
    if ends is None:
        return ""
    before, after = (_amount(series.values[place], drawn, words) for place in ends)
    rise = series.values[ends[1]] - series.values[ends[0]]
    key = "group" if group else "same" if before == after else "rose" if rise > 0 else "fell"
    unit = _unit(drawn, words)
    facts = {"subject": subject, "before": before, "after": after, "unit": unit and f" {unit}"}
    return words.say(f"course.{key}", facts)


def _course_title(drawn: Course, series: Series, subject: str, words: Words) -> str:
    moved = _movement(drawn, series, subject, words)
    return upper_first(moved) if moved else upper_first(words.say("course.unknown", {"subject": subject}))


def _order_title(drawn: Course, groups: Sequence[Series], subject: str, words: Words) -> str:
    """Say which group lies lowest at the last time that all have."""
    common = [place for place in range(len(drawn.times)) if all(place in series.known for series in groups)]
    if len(groups) < 2 or not common:
        return upper_first(words.say("course.by", {"subject": subject, "by": words.name("axis", drawn.by)}))
    lowest = min(groups, key=lambda series: series.values[common[-1]])
    highest = max(series.values[common[-1]] for series in groups)
    if drawn.column.unit == "share" and highest - lowest.values[common[-1]] < ALIKE:
        return upper_first(words.choose((f"course.alike.{drawn.by}", "course.alike"), {"subject": subject}))
    among = _among(drawn, lowest, words)
    return upper_first(words.say("course.lowest", {"subject": subject, "among": among}))


def _among(drawn: Course, series: Series, words: Words) -> str:
    level = words.level(drawn.by, series.label)
    return words.choose((f"among.{drawn.by}", "among"), {"level": level})


def _range_title(drawn: Course, subject: str, words: Words) -> str:
    """Say between which values the schools lay at the last time of the season that ends count by."""
    schools = [series for series in drawn.series if series.role != "main"]
    autumns = [place for place, label in enumerate(drawn.times) if label.startswith("HT")] or [len(drawn.times) - 1]
    values = [series.values[autumns[-1]] for series in schools if autumns[-1] in series.known]
    if len(values) < 2:
        whole = next((series for series in drawn.series if series.role == "main"), drawn.series[0])
        return _course_title(drawn, whole, subject, words)
    facts = {
        "subject": subject,
        "low": _amount(min(values), drawn, words),
        "high": _amount(max(values), drawn, words),
        "unit": _unit(drawn, words),
        "when": _when(drawn, autumns[-1], words),
    }
    return upper_first(words.say("course.range", facts).replace("  ", " "))


def _course_alt(drawn: Course, subject: str, words: Words) -> str:
    if not drawn.by:
        series = drawn.series[0]
        said = [_between(drawn, series, _movement(drawn, series, subject, words), words)]
    else:
        loud = [series for series in drawn.series if series.role != "other"]
        said = []
        for series in loud:
            moved = _movement(drawn, series, words.level(drawn.by, series.label), words, group=True)
            said.append(_between(drawn, series, moved, words))
        if drawn.by == "school":
            said.insert(0, _range_title(drawn, subject, words))
    protected = any(SUPPRESSED in series.marks for series in drawn.series)
    warning = words.say("alt.gaps") if protected else ""
    return without_no_break(joined(words.say("alt.line"), *said, warning))


def _between(drawn: Course, series: Series, moved: str, words: Words) -> str:
    ends = drawn.ends(series)
    if ends is None or not moved:
        return ""
    first, last = (term(drawn.times[place], words.language) for place in ends)
    return words.say("alt.between", {"text": moved, "from": first, "to": last})


def distribution_caption(drawn: Distribution, words: Words) -> Caption:
    """Compose the words around bars over bands of absence."""
    high, low = drawn.share_from(HIGH), _share_below(drawn, 10.0)
    facts = {
        "high": number(100 * high, words.language) if not math.isnan(high) else "",
        "low": number(100 * low, words.language) if not math.isnan(low) else "",
        "bound": number(HIGH, words.language),
        "when": term(drawn.time, words.language, form="text"),
        "n": number(drawn.persons, words.language) if not math.isnan(drawn.persons) else "",
    }
    if math.isnan(high):
        title = words.say("bars.title")
    else:
        title = words.say("bars.title.mostly_low" if not math.isnan(low) and low > OFTEN else "bars.title.high", facts)
    subtitle = words.say("bars.subtitle.when", facts) if is_term(drawn.time) else words.say("bars.subtitle")
    notes = [
        words.say("bars.note.n", facts) if facts["n"] else "",
        words.say("bars.note.bounds"),
        words.say("bars.note.merged") if any(band.merged > 1 for band in drawn.bands) else "",
    ]
    bands = [
        words.say("alt.band", {"band": band.label, "share": percent(band.share, words.language, decimals=0)})
        for band in drawn.bands
        if not math.isnan(band.share)
    ]
    alt = without_no_break(joined(words.say("alt.bars"), title, "; ".join(bands)))
    return Caption(upper_first(title), upper_first(subtitle), joined(*notes), alt)


def _share_below(drawn: Distribution, bound: float) -> float:
    below = [band for band in drawn.bands if band.low < bound]
    return math.nan if any(band.high > bound for band in below) else sum(band.share for band in below)


def grid_caption(drawn: Grid, words: Words) -> Caption:
    """Compose the words around a grid of schools and terms."""
    treated = drawn.treated
    starts = [term(drawn.times[place], words.language) for place in sorted({place for _, place in treated})]
    facts = {
        "n": upper_first(words.numeral(len(treated))),
        "place": drawn.place,
        "starts": words.say("list.and", {"first": ", ".join(starts[:-1]), "last": starts[-1]})
        if len(starts) > 1
        else "".join(starts),
    }
    if not treated:
        title = words.say("grid.title.none" if drawn.place else "grid.title.none_here", facts)
    else:
        title = words.count("grid.title", len(treated), facts)
    held = [
        words.say("alt.first_forum", {"school": school, "when": term(drawn.times[place], words.language)})
        for school, place in treated
    ]
    without = len(drawn.schools) - len(treated)
    quiet = words.count("alt.no_forum", without, {"n": number(without, words.language)}) if without else ""
    counted = any(any(row) for row in drawn.held)
    note = [words.say("grid.note.counted" if counted else "grid.note") if treated else "", words.say("grid.note.grey")]
    return Caption(
        title, words.say("grid.subtitle"), joined(*note), without_no_break(joined(words.say("alt.grid"), *held, quiet))
    )
