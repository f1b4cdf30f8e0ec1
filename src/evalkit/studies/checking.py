"""Check a study's files and sources without running it, and tell the data holder what was found."""

from __future__ import annotations

import importlib.metadata
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evalkit.errors import InputError, SourceFaultsError
from evalkit.reports.checks_page import CheckedSite, about_rows, checks_page
from evalkit.reports.checks_record import checks_record
from evalkit.sources import IngestSummary, check_sources
from evalkit.studies.opening import Place, find_place, pseudonym_key
from evalkit.studies.parameters import StudyFile, chosen_sites, load_study
from evalkit.studies.store import Store
from evalkit.vocabulary.school_types import Language


@dataclass(frozen=True)
class SiteCheck:
    """What was found at one site, and where it is told.

    Parameters
    ----------
    site
        Id.
    checked
        What was found.
    page, record
        HTML and JSON, which only their owner reads.
    """

    site: str
    checked: CheckedSite
    page: Path
    record: Path

    @property
    def stopped(self) -> bool:
        """Tell whether an error stops the import."""
        return bool(self.checked.of("error"))


def check_study(study_folder: Path, sites: tuple[str, ...] = (), *, language: Language = "sv") -> list[SiteCheck]:
    """Check study file, site files and every source; a broken site does not hide what is found at the others.

    Parameters
    ----------
    study_folder
        Holds ``study.yml`` and the site files.
    sites
        Which to check; all by default.
    language
        Of the pages.

    Returns
    -------
    list of SiteCheck
        In the order asked for. Each is also written under ``.evalkit/<study>/checks/<site>/``, never to the reports.

    Raises
    ------
    InputError
        If the study file is not as it must be, or the study has no such site.
    """
    files = chosen_sites(study_folder, sites)
    study = load_study(study_folder / "study.yml")
    store = Store(study_folder.resolve().parents[1] / ".evalkit" / study.study)
    return [_check_site(path, study, store, language) for path in files.values()]


def _check_site(site_file: Path, study: StudyFile, store: Store, language: Language) -> SiteCheck:
    name, simulated = site_file.stem, False
    try:
        place = find_place(site_file.parent / "study.yml", site_file)
        name, simulated = place.site.name, place.site.simulated
        summary = _checked(place)
    except InputError as fault:
        several = fault if isinstance(fault, SourceFaultsError) else SourceFaultsError([fault])
        summary = IngestSummary({}, "", several.findings)
    now = datetime.now().astimezone()
    checked = CheckedSite(
        study_title=study.title.model_dump()[language],
        site_name=name,
        date=now.date().isoformat(),
        simulated=simulated,
        digest=summary.digest,
        version=importlib.metadata.version("evalkit"),
        tables=tuple((table, about_rows(rows, language)) for table, rows in summary.tables.items()),
        files=summary.files,
        findings=summary.findings,
    )
    folder = store.root / "checks" / site_file.stem / now.strftime("%Y-%m-%dT%H-%M-%S")
    record = json.dumps(checks_record(checked, study=study.study, site=site_file.stem), ensure_ascii=False, indent=2)
    page = _write_privately(folder / "check.html", checks_page(checked, language))
    return SiteCheck(site_file.stem, checked, page, _write_privately(folder / "check.json", record + "\n"))


def _checked(place: Place) -> IngestSummary:
    engine = place.site.engine
    return check_sources(
        place.sources,
        place.project,
        pseudonym_key(place),
        place.store.root,
        memory=engine.memory,
        threads=engine.threads,
        municipality=place.site.municipality,
        on=place.study.date,
    )


def _write_privately(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        folder.chmod(0o700)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path
