"""The page that tells a data holder what the checks of their sources found; never part of a published report."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from evalkit.errors import Finding, Level, Where
from evalkit.reports.embedded.page import html_page
from evalkit.reports.front_matter import fenced
from evalkit.reports.locator import theme_folder
from evalkit.reports.numbers import number, percent
from evalkit.reports.texts import frame_texts, long_date
from evalkit.vocabulary.checks import GROUPS, LEVELS, CheckText, check, check_words, checks, counted
from evalkit.vocabulary.schema import table_schema
from evalkit.vocabulary.school_types import Language

READ_AS = "read_as"
TOLD_BY_READERS = ("unreadable_source", "unreadable_identity")
"""Checks whose sentences come from a reader, in English."""
FILES_TOLD = 12
NOON = 43_200
STYLE = """
.checks-part { margin-top: 56px; }
.check-item { max-width: 1080px; padding: 18px 0 14px; border-top: 1px solid var(--lines); break-inside: avoid; }
.check-item h3 { margin: 0 0 4px; }
.check-item .counted { margin: 0 0 10px; color: var(--text-second); font-size: 14px; line-height: 21px; }
.check-item .counted { max-width: none; }
.check-item p { margin-bottom: 10px; }
.check-item dl { display: grid; grid-template-columns: 88px minmax(0, 640px); gap: 4px 16px; margin: 0; }
.check-item dt, .check-item dd { font-size: 15px; line-height: 23px; }
.check-item dt { color: var(--text-notes); }
.check-item dd { margin: 0; overflow-wrap: anywhere; }
.check-item dd ul { margin: 0; padding: 0; list-style: none; }
.check-item dd li { margin: 0; }
.check-item.error { border-top: 2px solid var(--treated); }
.check-item.warning { border-top: 2px solid var(--text); }
.files { columns: 2; max-width: 1080px !important; padding-left: 18px; font-size: 14px; line-height: 21px; }
.checks-part table + h3 { margin-top: 32px; }
.files li { overflow-wrap: anywhere; }
@media (max-width: 760px) {
  .check dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .check dd { margin-bottom: 8px; }
  .files { columns: 1; }
}
@media print { details > :not(summary) { display: block; } }
"""


@dataclass(frozen=True)
class CheckedSite:
    """What the checks found at one site, as plain values.

    Parameters
    ----------
    study_title, site_name
        What readers call them, the title in the page's language.
    date
        ISO date of the check.
    simulated
        Whether the data are made up.
    digest
        SHA-256 of the files read; empty where they could not be.
    version
        Of evalkit.
    tables
        Name and about how many rows, as text (see `about_rows`).
    files
        What was read.
    findings
        All of them, in the order of the checks.
    """

    study_title: str
    site_name: str
    date: str
    simulated: bool
    digest: str
    version: str
    tables: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    findings: tuple[Finding, ...]

    def of(self, level: Level) -> tuple[Finding, ...]:
        """Return the findings of one level, in the order of groups; remarks on files stand apart."""
        own = [one for one in self.findings if one.level == level and one.check != READ_AS]
        return tuple(sorted(own, key=lambda one: GROUPS.index(check(one.check).group)))

    def read(self, language: Language) -> tuple[tuple[str, str], ...]:
        """Return each file read, with how its reader found out that it is written; empty where the site file says."""
        found = {
            one.where.file: check(READ_AS).tell(language, dict(one.facts)).problem
            for one in self.findings
            if one.check == READ_AS and one.where is not None
        }
        return tuple((file, found.get(file, "")) for file in self.files)


def about_rows(rows: int, language: Language) -> str:
    """Return a count in two digits at most, so that it tells of no single person."""
    if rows < 10:
        return check_words(language)["few_rows"]
    return number(round(rows, min(-1, 2 - len(str(rows)))), language)


def checks_page(checked: CheckedSite, language: Language) -> str:
    """Return the page as one HTML file that asks nobody for anything.

    Parameters
    ----------
    checked
        What was found.
    language
        ``"sv"`` or ``"en"``.
    """
    words = check_words(language)
    parts = [_part(checked, level, words, language) for level in LEVELS]
    body = "\n".join([*parts, _read(checked, words, language), _catalogue(checked, words, language)])
    page = html_page(f"{fenced(_frame(checked, words, language))}\n\n```````{{=html}}\n{body}\n```````\n", epoch=NOON)
    return re.sub(r'<link rel="stylesheet"[^>]*>', lambda _: f"<style>{_style()}</style>", page, count=1)


def verdict(checked: CheckedSite, words: Mapping[str, str], language: Language) -> tuple[str, str]:
    """Return the finding over all findings, and the sentence under it."""
    counts = {level: len(checked.of(level)) for level in LEVELS}
    written = {level: number(count, language) for level, count in counts.items()}
    errors = counts["error"]
    title = counted(words, "stopped", errors, written["error"]) if errors else words["passed"]
    warnings, notes = (counted(words, level, counts[level], written[level]) for level in ("warning", "note"))
    return title, words["lead"].format(warnings=warnings, notes=notes)


def amount(one: Finding, words: Mapping[str, str], language: Language) -> str:
    """Return how many a finding counts, with their share where it has one."""
    if not one.count or one.check in TOLD_BY_READERS:
        return ""
    text = counted(words, check(one.check).unit, one.count, number(one.count, language))
    return text if one.share is None or one.share >= 1 else f"{text} ({_share(one.share, language)})"


def sentences(one: Finding, language: Language) -> CheckText:
    """Return a finding's sentences; what a reader told stays in English."""
    entry = check(one.check)
    if one.check not in TOLD_BY_READERS:
        text = entry.tell(language, dict(one.facts))
        return replace(text, problem=_sentence(text.problem), mend=_sentence(text.mend))
    return replace(entry.texts[language], problem=_sentence(one.problem), mend=_sentence(one.remedy))


def place(where: Where, words: Mapping[str, str]) -> str:
    """Return a place in words, such as ``betyg.csv, rad 12, kolumn Betyg``."""
    named = (("sheet", where.sheet), ("row", where.row), ("column", where.column))
    return ", ".join([where.file or "", *(f"{words[key]} {said}" for key, said in named if said is not None)]).strip(
        ", "
    )


def _share(share: float, language: Language) -> str:
    if share < 0.001:
        return f"< {percent(0.001, language)}"
    return percent(share, language)


def _frame(checked: CheckedSite, words: Mapping[str, str], language: Language) -> dict[str, Any]:
    title, lead = verdict(checked, words, language)
    texts = {key.replace("_", "-"): text for key, text in frame_texts(language).items() if "." not in key}
    data = f"`{checked.digest[:8]}`" if checked.digest else words["nothing_read"]
    facts = (
        ("site", checked.site_name),
        ("when", long_date(checked.date, language)),
        ("data", data),
        ("code", f"evalkit {checked.version}"),
    )
    return {
        "title": title,
        "pagetitle": f"{title} · {checked.site_name}",
        "subtitle": lead,
        "lang": language,
        "evalkit": {
            "kind": "check",
            "study": checked.study_title,
            "date": checked.date,
            "kicker": f"{checked.site_name} · {words['page']}",
            "support": words["private"],
            "home": "#content",
            "assets": "",
            "simulated": checked.simulated,
            "nav": [{"href": f"#{level}s", "title": words[f"{level}s"]} for level in LEVELS]
            + [{"href": "#read", "title": words["read"]}],
            "facts": [{"term": words[key], "line": line} for key, line in facts],
            "texts": texts,
        },
    }


def _part(checked: CheckedSite, level: Level, words: Mapping[str, str], language: Language) -> str:
    own = checked.of(level)
    told = "\n".join(_article(one, words, language) for one in own) or f"<p>{words['none_found']}</p>"
    about = f"<p>{words[f'about_{level}s']}</p>" if own else ""
    left = f"<p>{words['not_checked']}</p>" if own and level == "error" else ""
    return f'<section class="checks-part"><h2 id="{level}s">{words[f"{level}s"]}</h2>{about}{left}\n{told}</section>'


def _article(one: Finding, words: Mapping[str, str], language: Language) -> str:
    text = sentences(one, language)
    foreign = ' lang="en"' if one.check in TOLD_BY_READERS and language != "en" else ""
    table = str(getattr(table_schema(one.table), language)) if one.table else ""
    line = " · ".join(part for part in (table, amount(one, words, language)) if part)
    counted_line = f'<p class="counted">{escape(line)}</p>' if line else ""
    return (
        f'<article class="check-item {one.level}"><h3>{escape(text.title)}</h3>{counted_line}'
        f"<p{foreign}>{_coded(text.problem)}</p><dl>{_where(one, words)}"
        f"<dt>{words['meaning']}</dt><dd>{escape(text.meaning)}</dd>"
        f"<dt>{words['mend']}</dt><dd{foreign}>{_coded(text.mend)}</dd></dl></article>"
    )


def _where(one: Finding, words: Mapping[str, str]) -> str:
    told = [place(where, words) for where in one.places] or list(one.groups)
    if not told:
        return ""
    more = f"<li>{words['and_more']}</li>" if one.count > len(told) else ""
    items = "".join(f"<li>{escape(line)}</li>" for line in told)
    return f"<dt>{words['where']}</dt><dd><ul>{items}{more}</ul></dd>"


def _read(checked: CheckedSite, words: Mapping[str, str], language: Language) -> str:
    head = f'<tr><th scope="col">{words["table"]}</th><th scope="col" class="number">{words["table_rows"]}</th></tr>'
    rows = "".join(
        f'<tr><th scope="row">{escape(getattr(table_schema(name), language))} <code>{name}</code></th>'
        f'<td class="number">{escape(about)}</td></tr>'
        for name, about in checked.tables
    )
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else f"<p>{words['nothing_read']}</p>"
    told = [
        f"<li>{escape(name)}{f'<br>{escape(read_as)}' if read_as else ''}</li>"
        for name, read_as in checked.read(language)[:FILES_TOLD]
    ]
    left = len(checked.files) - len(told)
    told += [f"<li>{words['more_files'].format(n=number(left, language))}</li>"] if left > 0 else []
    files = f'<h3>{words["files"]}</h3><ul class="files">{"".join(told)}</ul>' if told else ""
    return f'<section class="checks-part"><h2 id="read">{words["read"]}</h2>{table}{files}</section>'


def _catalogue(checked: CheckedSite, words: Mapping[str, str], language: Language) -> str:
    head = "".join(f'<th scope="col">{words[key]}</th>' for key in ("check", "column_level", "result"))
    rows = "".join(_catalogue_rows(checked.findings, words, language))
    return (
        f'<section class="checks-part"><h2>{words["checked"]}</h2><details><summary>{words["checked_about"]}</summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details></section>"
    )


def _catalogue_rows(findings: Sequence[Finding], words: Mapping[str, str], language: Language) -> Iterator[str]:
    for one in checks().values():
        hits = sum(1 for finding in findings if finding.check == one.id)
        result = number(hits, language) if hits else words["result_none"]
        level = words[f"level_{one.level}"]
        yield f'<tr><th scope="row">{escape(one.texts[language].title)}</th><td>{level}</td><td>{result}</td></tr>'


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _coded(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _style() -> str:
    """Return the theme's style sheet with its fonts inside, and what this page adds."""
    theme = (theme_folder() / "theme.css").read_text(encoding="utf-8")

    def inside(match: re.Match[str]) -> str:
        content = base64.b64encode((theme_folder() / match[1]).read_bytes()).decode("ascii")
        return f"url(data:font/woff2;base64,{content})"

    return re.sub(r"url\((fonts/[\w-]+\.woff2)\)", inside, theme) + STYLE
