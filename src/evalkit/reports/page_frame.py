"""What stands around the text, as front matter that both renderers hand to the same templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.reports.provenance import Format, ReportInfo, facts, short, versions_text
from evalkit.reports.texts import frame_texts

PDF, WORD, HOME = "report.pdf", "report.docx", "index.html"


def page_name(info: ReportInfo, chapter: str) -> str:
    """Return the file name of a chapter's page; the first chapter is the site's front page."""
    return HOME if chapter == info.chapters[0].name else f"{chapter}.html"


def page_frame(info: ReportInfo, *, chapter: str, title: str, subtitle: str = "", support: str = "") -> dict[str, Any]:
    """Return the front matter of one chapter.

    Parameters
    ----------
    info
        Of the report.
    chapter
        Name, one of ``info.chapters``.
    title, subtitle, support
        The page's own heading, the sentence under it, and the small line under that.
    """
    number = [one.name for one in info.chapters].index(chapter) + 1
    frame = _shared(info, title=title, subtitle=subtitle)
    frame["format"] = {"html": "default"}
    frame["evalkit"] |= {
        "kind": "summary" if number == 1 else "chapter",
        "chapter": str(number),
        "kicker": kicker(info, number),
        "support": support,
        "home": HOME,
        "assets": "assets/",
        "nav": _navigation(info, chapter),
        "downloads": _downloads(info),
    }
    return frame


def document_frame(info: ReportInfo, form: Format) -> dict[str, Any]:
    """Return the front matter of the whole report in one document."""
    quarto = {"pdf": "typst"}.get(form, form)
    return _shared(info, title=document_title(info), subtitle="") | {"format": {quarto: "default"}}


def overview_frame(
    info: ReportInfo, *, title: str, lead: str, support: str, sites: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Return the front matter of the study's page over all sites, given name and address of each."""
    frame = _shared(info, title=title, subtitle=lead)
    here = {"href": HOME, "title": frame_texts(info.language)["overview"], "current": True}
    frame["evalkit"] |= {
        "kind": "overview",
        "kicker": " · ".join(name for name, _ in sites),
        "support": support,
        "home": HOME,
        "assets": "assets/",
        "nav": [here, *({"href": href, "title": name} for name, href in sites)],
    }
    return frame


def document_title(info: ReportInfo) -> str:
    """Return what the whole report is called: the study, and the site if it is of one."""
    return f"{info.study_title} · {info.site_name}" if info.site_name else info.study_title


def kicker(info: ReportInfo, number: int) -> str:
    """Return the line above a chapter's heading."""
    place = info.site_name or info.study_title
    if number == 1:
        return f"{place} · {info.chapters[0].title}"
    return f"{place} · {frame_texts(info.language)['chapter']} {number}"


def running_foot(info: ReportInfo) -> str:
    """Return the line at the foot of printed pages."""
    run = f"{frame_texts(info.language)['run_word']} {short(info.run)}"
    return " · ".join(part for part in (info.site_name, run, info.long_date, info.policy) if part)


def _navigation(info: ReportInfo, chapter: str) -> list[dict[str, Any]]:
    upwards = [{"href": info.overview, "title": frame_texts(info.language)["overview"]}] if info.overview else []
    pages = [
        {"href": page_name(info, one.name), "title": one.title, **({"current": True} if one.name == chapter else {})}
        for one in info.chapters
    ]
    return [*upwards, *pages]


def _downloads(info: ReportInfo) -> list[dict[str, str]]:
    texts = frame_texts(info.language)
    return [{"href": PDF, "title": texts["pdf"]}, {"href": WORD, "title": texts["docx"]}]


def _shared(info: ReportInfo, *, title: str, subtitle: str) -> dict[str, Any]:
    texts = {key.replace("_", "-"): text for key, text in frame_texts(info.language).items() if "." not in key}
    lines = [{"term": fact.term, "line": fact.line} for fact in facts(info)]
    evalkit = {
        "study": info.study_title,
        "site": info.site_name,
        "date": info.date,
        "document-title": document_title(info),
        "footer": running_foot(info),
        "simulated": info.simulated,
        "facts": lines,
        "versions": versions_text(info),
        "texts": texts,
    }
    return {
        "title": title,
        "pagetitle": f"{title} · {document_title(info)}" if title != document_title(info) else title,
        **({"subtitle": subtitle} if subtitle else {}),
        "lang": info.language,
        "evalkit": evalkit,
    }
