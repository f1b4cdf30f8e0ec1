"""From executed notebooks to published reports: render aside, scan, note in the ledger, move into place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evalkit.disclosure import Release, append_ledger, read_release, scan_published
from evalkit.reports.numbers import term
from evalkit.reports.prepare import chapter_title
from evalkit.reports.provenance import Chapter, ReportInfo
from evalkit.reports.renderers import Renderer
from evalkit.reports.website import render_site, replacing
from evalkit.studies.opening import Place, policy_of
from evalkit.studies.parameters import digest_of
from evalkit.studies.store import EVERY_ROOM, code_digest
from evalkit.values import Protected
from evalkit.vocabulary import terms_of

SHOWN_VERSIONS = ("evalkit", "duckdb", "ibis-framework", "pandas", "linearmodels", "statsmodels")


@dataclass(frozen=True, eq=False)
class Published:
    """One site's report.

    Parameters
    ----------
    place
        Study and site.
    made, folder
        Where it was rendered, and where readers find it.
    inputs
        Digest of the site's inputs.
    released
        The protected values in it.
    """

    place: Place
    made: Path
    folder: Path
    inputs: str
    released: Release

    @property
    def site(self) -> str:
        """Return the site's id."""
        return self.place.site.site

    @property
    def release(self) -> Mapping[str, Protected]:
        """Return the protected values by request."""
        return self.released.protected


@dataclass(frozen=True)
class Edition:
    """What all pages of one run share."""

    run: str
    language: str
    renderer: Renderer
    notebooks: tuple[str, ...]


def render_report(place: Place, folder: Path, edition: Edition, inputs: str) -> Published:
    """Render one site's report in the run's folder and search it for what must not be there; nothing is published yet.

    Parameters
    ----------
    place
        Study and site.
    folder
        The run's folder for the site, with the notebooks of the showing pass and the release.
    edition
        Run, language, renderer and chapters.
    inputs
        Digest of the site's inputs.

    Raises
    ------
    RenderError
        If a notebook cannot be rendered.
    DisclosureError
        If something that must not be there is found.
    """
    notebooks = [(name, _executed(folder, name)) for name in edition.notebooks]
    chapters = tuple(
        Chapter(name, chapter_title(book, name=name, language=edition.language)) for name, book in notebooks
    )
    info = report_info(place, edition, chapters, inputs)
    made = render_site(notebooks, info=info, renderer=edition.renderer, out=folder / "report")
    scan_published(made, (str(place.project),))
    target = published_folder(place, edition.language) / place.site.site
    return Published(place, made, target, inputs, read_release(folder))


def put_in_place(report: Published, edition: Edition) -> None:
    """Write a report's release into the ledger, then move the report to where readers find it.

    Raises
    ------
    DisclosureError
        If the ledger cannot be written; the report is not published then.
    """
    store, study = report.place.store.root, report.place.study.study
    append_ledger(store / "ledger.jsonl", report.released, run=edition.run, study=study, site=report.site)
    with replacing(report.folder) as fresh:
        shutil.copytree(report.made, fresh, dirs_exist_ok=True)


def published_folder(place: Place, language: str) -> Path:
    """Return where a study's reports lie; those in Swedish at the top, others in a folder of their language."""
    top = place.project / "reports" / "published" / place.study.study
    return top if language == "sv" else top / language


def report_info(
    place: Place,
    edition: Edition,
    chapters: tuple[Chapter, ...],
    inputs: str,
    *,
    whole_study: bool = False,
    simulated: bool | None = None,
) -> ReportInfo:
    """Return what every page of a report says about where it came from."""
    study, policy, language = place.study, policy_of(place), edition.language
    terms = terms_of(study.school_years)
    return ReportInfo(
        study=study.study,
        study_title=getattr(study.title, language),
        site="" if whole_study else place.site.site,
        site_name="" if whole_study else place.site.name,
        language=language,
        date=study.date.isoformat(),
        run=edition.run,
        study_digest=digest_of(study),
        site_digest="" if whole_study else digest_of(place.site),
        inputs_digest=inputs,
        code_digest=code_digest(EVERY_ROOM),
        versions=tuple((name, version(name)) for name in SHOWN_VERSIONS),
        renderer=edition.renderer.name,
        renderer_version=edition.renderer.version,
        simulated=place.site.simulated if simulated is None else simulated,
        project=study.project.number,
        funder=getattr(study.project.funder, language),
        policy=policy.sv if language == "sv" else policy.en,
        period=f"{term(terms[0].label, language)}–{term(terms[-1].label, language)}",
        chapters=chapters,
        overview="" if whole_study else "../index.html",
    )


def _executed(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "show" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return content
