"""What a report says about where it came from, on every page and in a file beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evalkit.reports.texts import frame_texts, long_date

Format = Literal["html", "pdf", "docx"]
SHOWN = 8


@dataclass(frozen=True)
class Chapter:
    """One chapter: its notebook's name, and what readers call it."""

    name: str
    title: str


@dataclass(frozen=True)
class ReportInfo:
    """All that a report's frame says, given from outside so that the same run gives the same bytes.

    Parameters
    ----------
    study, study_title
        Id, and title in the report's language.
    site, site_name
        Id and name of the site; both empty for the study's own pages.
    language
        ``"sv"`` or ``"en"``.
    date
        ISO date printed on the report.
    run
        The run's id.
    study_digest, site_digest, inputs_digest, code_digest
        SHA-256 in hex.
    versions
        Name and version of what made the numbers, in the order shown.
    renderer, renderer_version
        ``"quarto"`` or ``"embedded"`` and the versions behind it.
    simulated
        Whether the data are made up; then every page says so.
    project, funder, policy, period
        Project number; texts in the report's language: who pays, the disclosure rule, the time covered.
    chapters
        In the order of reading; the first is the summary.
    overview
        Address of the study's page over all sites, as seen from a site's page; empty where there is none.
    """

    study: str
    study_title: str
    site: str
    site_name: str
    language: str
    date: str
    run: str
    study_digest: str
    site_digest: str
    inputs_digest: str
    code_digest: str
    versions: tuple[tuple[str, str], ...]
    renderer: str
    renderer_version: str
    simulated: bool
    project: str
    funder: str
    policy: str
    period: str
    chapters: tuple[Chapter, ...]
    overview: str = ""

    @property
    def long_date(self) -> str:
        """Return the date as readers write it."""
        return long_date(self.date, self.language)

    @property
    def epoch(self) -> int:
        """Return the date as seconds since 1970, at noon, for programs that stamp their files."""
        from datetime import UTC, datetime

        return int(datetime.fromisoformat(f"{self.date}T12:00:00").replace(tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Fact:
    """One line of the footer: what it is, what it says, and a code set in fixed width."""

    term: str
    text: str
    code: str = ""

    @property
    def line(self) -> str:
        """Return text and code in one line of Markdown."""
        return f"{self.text} `{self.code}`" if self.code else self.text


def short(digest: str) -> str:
    """Return a digest as it is shown: its first eight signs."""
    return digest[:SHOWN]


def facts(info: ReportInfo) -> tuple[Fact, ...]:
    """Return the footer's facts in the order of reading."""
    texts = frame_texts(info.language)
    place = Fact(texts["footer.site"], info.site_name) if info.site else Fact(texts["footer.scope"], info.study_title)
    data = f"{texts['simulated']}, sha256" if info.simulated else "sha256"
    numbered = f"{info.study_title}, {info.project}" if info.project else info.study_title
    evalkit = next((version for name, version in info.versions if name == "evalkit"), "")
    return (
        place,
        Fact(texts["footer.run"], f"`{short(info.run)}` · {info.long_date}"),
        Fact(texts["footer.data"], data, short(info.inputs_digest)),
        Fact(texts["footer.policy"], info.policy),
        Fact(texts["footer.study"], numbered, short(info.study_digest)),
        Fact(texts["footer.code"], f"evalkit {evalkit}", short(info.code_digest)),
        Fact(texts["footer.period"], info.period),
        Fact(texts["footer.funder"], info.funder),
    )


def versions_text(info: ReportInfo) -> str:
    """Return renderer and versions as one line."""
    texts = frame_texts(info.language)
    made = f"{texts['footer.renderer']} {info.renderer} {info.renderer_version}".strip()
    return "; ".join([made, *(f"{name} {version}" for name, version in info.versions)])


def provenance_record(info: ReportInfo, folder: Path, files: Iterable[str]) -> Mapping[str, Any]:
    """Return what `provenance.json` holds: run, digests, versions, and the SHA-256 of each file beside it."""
    return {
        "study": info.study,
        "site": info.site,
        "language": info.language,
        "date": info.date,
        "run": info.run,
        "simulated": info.simulated,
        "digests": {
            "study": info.study_digest,
            "site": info.site_digest,
            "inputs": info.inputs_digest,
            "code": info.code_digest,
        },
        "renderer": {"name": info.renderer, "version": info.renderer_version},
        "versions": dict(info.versions),
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(files)},
    }


def write_provenance(info: ReportInfo, folder: Path) -> Path:
    """Write `provenance.json` over every file in a report's folder."""
    path = folder / "provenance.json"
    files = [entry.relative_to(folder).as_posix() for entry in folder.rglob("*") if entry.is_file() and entry != path]
    record = provenance_record(info, folder, files)
    path.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
