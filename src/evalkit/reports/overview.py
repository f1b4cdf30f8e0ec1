"""The study's page over its sites: composed from what the sites released, and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from evalkit.reports.figures.canvas import Picture
from evalkit.reports.figures.course import course
from evalkit.reports.figures.forest import draw_forest
from evalkit.reports.figures.multiples import draw_multiples
from evalkit.reports.index_page import OverviewSection, SiteLink, index_page
from evalkit.reports.labels import Words, upper_first
from evalkit.reports.numbers import signed, span, term
from evalkit.reports.provenance import ReportInfo
from evalkit.reports.sentences import find, read
from evalkit.reports.sentences.findings import topic_lead
from evalkit.reports.views import compose
from evalkit.values import Estimate, Protected, Table

CHANGE, COURSE, EFFECT = "attendance_change", "attendance_by_term", "forum_effect"


@dataclass(frozen=True)
class SiteResults:
    """What one site released.

    Parameters
    ----------
    name, href
        What readers call the site, and the address of its report.
    released
        Protected values by name.
    """

    name: str
    href: str
    released: Mapping[str, Protected]

    def estimate(self, name: str) -> Estimate | None:
        """Return a released estimate, None where there is none."""
        found = self.released.get(name)
        return found.value if found is not None and isinstance(found.value, Estimate) else None


def overview_page(info: ReportInfo, sites: Sequence[SiteResults]) -> str:
    """Compose the page over all sites.

    Parameters
    ----------
    info
        Of the study, with an empty site.
    sites
        In the order shown. A site that did not release a value is left out of the picture of it.

    Returns
    -------
    str
        HTML.
    """
    words = Words(info.language)
    links = [_link(site, words) for site in sites]
    sections = [section for make in (_changes, _courses, _effect) if (section := make(sites, words)) is not None]
    title, lead = _title(sites, words)
    support = words.count(
        "overview.support", len(sites), {"sites": str(len(sites)), "period": info.period, "date": info.long_date}
    )
    return index_page(info, title=title, lead=lead, sites=links, sections=sections, support=support)


def _link(site: SiteResults, words: Words) -> SiteLink:
    estimate = site.estimate(CHANGE)
    if estimate is None:
        return SiteLink(site.name, site.href, words.say("overview.no_change_known"))
    reading = read(estimate, words)
    verdict = topic_lead(find(estimate, words), reading)
    shown = reading.estimate
    if shown.value is None or not shown.interval or reading.open:
        return SiteLink(site.name, site.href, verdict)
    facts = {"value": signed(shown.value, words.language), "range": span(shown.low, shown.high, words.language)}
    return SiteLink(site.name, site.href, verdict, words.say("overview.amount", facts))


def _verdicts(sites: Sequence[SiteResults], words: Words) -> list[str]:
    return [find(estimate, words).verdict for site in sites if (estimate := site.estimate(CHANGE)) is not None]


def _title(sites: Sequence[SiteResults], words: Words) -> tuple[str, str]:
    """Return the finding over all sites, and the sentences under it."""
    verdicts = _verdicts(sites, words)
    known = [site.name for site in sites if site.estimate(CHANGE) is not None]
    facts = {"m": words.numeral(len(known)), "name": "".join(known[:1])}
    form = ".one" if len(known) == 1 else ""
    rose, fell = verdicts.count("increased"), verdicts.count("decreased")
    lead = words.say("overview.lead")
    if rose and not fell:
        return words.say(f"overview.title.rose{form}", facts | {"n": words.numeral(rose)}), lead
    if fell and not rose:
        return words.say(f"overview.title.fell{form}", facts | {"n": words.numeral(fell)}), lead
    if rose and fell:
        counts = {"n": words.numeral(rose), "k": words.numeral(fell)}
        return words.say("overview.title.both", facts | counts), lead
    return words.say(f"overview.title.unclear{form}", facts), lead


def _changes(sites: Sequence[SiteResults], words: Words) -> OverviewSection | None:
    rows = []
    for site in sites:
        estimate = site.estimate(CHANGE)
        if estimate is not None:
            judged = find(estimate, words).verdict != "too_little"
            rows.append((site.name, read(estimate, words).estimate, judged))
    if not rows:
        return None
    first = rows[0][1]
    facts = {key: term(str(first.detail(key) or ""), words.language) for key in ("from", "to")}
    clear = sum(1 for _, estimate, judged in rows if judged and not estimate.low <= 0 <= estimate.high)
    counts = {"n": words.numeral(clear), "m": words.numeral(len(rows))}
    title = upper_first(words.count("overview.forest.title", clear, counts))
    picture = draw_forest(rows, words, unit=words.say("overview.forest.unit", facts))
    told = [_row_text(name, estimate, words) for name, estimate, _ in rows]
    alt = words.say("overview.forest.alt", {"title": title, "rows": "; ".join(told)})
    figure = _figure(
        picture, title, words.say("overview.forest.subtitle", facts), _note("overview.forest.note", sites, words), alt
    )
    notes = ((words.say("overview.read"), words.say("overview.forest.read")), _pooling(words))
    return OverviewSection(words.say("overview.forest.question"), "", (figure,), notes)


def _row_text(name: str, estimate: Estimate, words: Words) -> str:
    value = ".." if estimate.value is None else signed(estimate.value, words.language)
    return f"{name} {value}"


def _pooling(words: Words) -> tuple[str, str]:
    return words.say("overview.pooling"), words.say("overview.pooling.text")


def _courses(sites: Sequence[SiteResults], words: Words) -> OverviewSection | None:
    drawn = []
    for site in sites:
        table = site.released.get(COURSE)
        if table is not None and isinstance(table.value, Table):
            drawn.append((site.name, course(table)))
    if len(drawn) < 2:
        return None
    picture = draw_multiples(drawn, words)
    title = words.say("overview.courses.title")
    alt = words.say("overview.courses.alt", {"n": words.numeral(len(drawn))})
    note = _note("overview.courses.note", sites, words)
    figure = _figure(picture, title, words.say("overview.courses.subtitle"), note, alt)
    return OverviewSection(words.say("overview.courses.question"), "", (figure,))


def _effect(sites: Sequence[SiteResults], words: Words) -> OverviewSection | None:
    found = next((site.released[EFFECT] for site in sites if site.estimate(EFFECT) is not None), None)
    if found is None:
        return None
    answer, drawn = (compose((found,), view, words) for view in ("finding", "interval"))
    figure = "" if drawn.picture is None else _figure(drawn.picture, drawn.title, drawn.subtitle, drawn.note, drawn.alt)
    question, text = words.say("overview.effect.question"), words.say("overview.effect.text")
    return OverviewSection(question, text, (answer.html, figure))


def _figure(picture: Picture, title: str, subtitle: str, note: str, alt: str) -> str:
    svg = picture.page.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)
    heading = f'{escape(title)}<span class="subtitle">{escape(subtitle)}</span>'
    return f'<figure><figcaption>{heading}</figcaption>{svg}</figure><p class="figure-note">{escape(note)}</p>'


def _note(key: str, sites: Sequence[SiteResults], words: Words) -> str:
    note = words.say(key)
    origins = [value.origin for site in sites for value in site.released.values() if value.origin is not None]
    simulated = any(origin.simulated for origin in origins)
    return f"{note} {words.say('mark.simulated')}." if simulated else note
