"""The study's page over its sites: what was found, where, and the way to each site's report."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from evalkit.reports.embedded.page import html_page
from evalkit.reports.front_matter import fenced
from evalkit.reports.page_frame import HOME, overview_frame
from evalkit.reports.provenance import ReportInfo
from evalkit.reports.website import ASSETS, copy_assets


@dataclass(frozen=True)
class SiteLink:
    """One site on the study's page.

    Parameters
    ----------
    name, href
        What readers call it, and the address of its report.
    verdict
        One sentence: what was found there.
    amount
        How much, with its interval; may be empty.
    """

    name: str
    href: str
    verdict: str
    amount: str = ""


@dataclass(frozen=True)
class OverviewSection:
    """One question on the study's page and its answer.

    Parameters
    ----------
    title
        The reader's question.
    text
        Answer in plain text, may be empty.
    fragments
        Ready-made HTML, in the order of reading: what `show` gives for a figure, table or box.
    notes
        Term and text of each note in the margin.
    """

    title: str
    text: str = ""
    fragments: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


def index_page(
    info: ReportInfo,
    *,
    title: str,
    lead: str,
    sites: Sequence[SiteLink],
    sections: Sequence[OverviewSection] = (),
    support: str = "",
    aside: str = "",
) -> str:
    """Return the study's page as HTML.

    Parameters
    ----------
    info
        Of the study, with an empty site.
    title, lead
        The finding over all sites, and the sentences under it, in plain text.
    sites
        In the order shown.
    sections
        Questions and answers below the links.
    support
        Small line under the lead.
    aside
        HTML beside the title, such as a map.

    Returns
    -------
    str
        A page that takes its style sheet from ``assets/`` beside it.
    """
    pairs = [(site.name, site.href) for site in sites]
    frame = overview_frame(info, title=_plain(title), lead=_plain(lead), support=_plain(support), sites=pairs)
    if aside:
        frame["evalkit"]["aside"] = f"`{_one_line(aside)}`{{=html}}"
    body = "\n".join([_links(sites), *(_section(section) for section in sections)])
    return html_page(f"{fenced(frame)}\n\n```````{{=html}}\n{body}\n```````\n", epoch=info.epoch)


def write_index(page: str, folder: Path) -> Path:
    """Put the study's page and its assets into a folder, leaving the sites' reports in it alone.

    Parameters
    ----------
    page
        What `index_page` gave.
    folder
        The study's folder of published reports.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".index-", dir=folder) as name:
        fresh = Path(name)
        copy_assets(fresh)
        (fresh / HOME).write_text(page, encoding="utf-8")
        if (folder / ASSETS).exists():
            os.rename(folder / ASSETS, fresh / "old")  # noqa: PTH104
        os.rename(fresh / ASSETS, folder / ASSETS)  # noqa: PTH104
        shutil.move(fresh / HOME, folder / HOME)
    return folder / HOME


def _links(sites: Sequence[SiteLink]) -> str:
    items = []
    for site in sites:
        amount = f'<p class="amount">{escape(site.amount)}</p>' if site.amount else ""
        link = f'<a href="{escape(site.href)}">{escape(site.name)}</a>'
        items.append(f"<li>{link}<p>{escape(site.verdict)}</p>{amount}</li>")
    return f'<ul class="site-links">{"".join(items)}</ul>'


def _section(section: OverviewSection) -> str:
    notes = "".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in section.notes)
    beside = f'<div class="sidenote"><dl>{notes}</dl></div>' if notes else ""
    text = f"<p>{escape(section.text)}</p>" if section.text else ""
    return "\n".join([f"<h2>{escape(section.title)}</h2>", beside, text, *section.fragments])


def _plain(text: str) -> str:
    """Escape what Markdown would take for its own."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#$@^~|" else sign for sign in text)


def _one_line(html: str) -> str:
    return " ".join(html.replace("`", "&#96;").split())
