"""One run of a study over its sites: collect, protect together, show, publish."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from evalkit.disclosure import check_notebook, protect_release, read_ledger, read_release, read_requests, write_release
from evalkit.errors import InputError, Where
from evalkit.reports.locator import project_file
from evalkit.reports.renderers import Renderer, choose_renderer
from evalkit.studies.alone import alone
from evalkit.studies.keys import forget_key
from evalkit.studies.manifest import SiteMade, write_manifest
from evalkit.studies.notebooks import NotebookDone, NotebookTask, run_notebook
from evalkit.studies.opening import PassFile, Place, find_place, policy_of, take_in
from evalkit.studies.overview import publish_reports
from evalkit.studies.parameters import chosen_sites, digest_of, site_files
from evalkit.studies.pooling import gather_sums, keep_sums, protect_sums, resolve, sums_folder
from evalkit.studies.publishing import Edition, Published, render_report
from evalkit.studies.store import EVERY_ROOM, code_digest, environment_digest
from evalkit.studies.study_verbs import Answer, Question
from evalkit.values import Protectable, SchoolSums, fingerprint
from evalkit.values.origin import Pass

Tell = Callable[[str], None]


@dataclass(frozen=True)
class SiteInput:
    """One site, taken in."""

    place: Place
    tables: Path
    inputs: str
    key: str


@dataclass(frozen=True)
class Plan:
    """What one run will do."""

    sites: tuple[SiteInput, ...]
    every_site: tuple[str, ...]
    notebooks: tuple[Path, ...]
    edition: Edition
    folder: Path
    workers: int

    @property
    def sums(self) -> Path:
        """Return the folder of the sites' protected sums."""
        place = self.sites[0].place
        return sums_folder(place.store.root, digest_of(place.study), self.sites[0].key)

    def site_folder(self, site: str) -> Path:
        """Return the run's folder for one site."""
        return self.folder / site


@dataclass(frozen=True)
class RunReport:
    """What a run did: its id, where the reports lie, and how long each step took in seconds."""

    run: str
    overview: Path | None
    published: tuple[Published, ...]
    steps: tuple[tuple[str, float], ...]
    notebooks: tuple[NotebookDone, ...]
    renderer: str


def run_study(
    study_folder: Path,
    *,
    sites: tuple[str, ...] = (),
    language: str = "sv",
    renderer: str = "auto",
    workers: int = 2,
    tell: Tell = lambda line: None,
) -> RunReport:
    """Run a study at some or all of its sites, and publish the reports.

    Parameters
    ----------
    study_folder
        Holds ``study.yml`` and the site files.
    sites
        Which to run; all by default.
    language
        ``"sv"`` or ``"en"``.
    renderer
        ``"auto"``, ``"quarto"`` or ``"embedded"``.
    workers
        Notebooks run at a time.
    tell
        Receives one line as each step ends.

    Returns
    -------
    RunReport
        Where the reports lie, and how long each step took.

    Raises
    ------
    InputError
        If a file or source is not as it must be, or no school of the study is treated. Nothing is published.
    DisclosureError
        If a notebook shows what did not come through ``protect``, or the protection does not hold.
    RunError, RenderError
        If a notebook or the renderer fails.
    """
    clock = _Clock(tell)
    chosen = choose_renderer(renderer, environ=os.environ)
    files = chosen_sites(study_folder, sites)
    places = [find_place(study_folder / "study.yml", path) for path in files.values()]
    _refuse_without_notebooks(places[0])
    with alone(places[0]):
        taken = tuple(_timed_intake(place, clock) for place in places)
        plan = _plan(taken, study_folder, language, chosen, workers)
        shutil.rmtree(plan.folder, ignore_errors=True)
        _note(plan)
        done = _pass(plan, "collect")
        clock.lap("collect")
        _protect(plan)
        clock.lap("protect")
        done += _pass(plan, "show")
        _gate(plan)
        clock.lap("show")
        made = tuple(_render(plan, site, clock) for site in plan.sites)
        overview = publish_reports(made, plan.edition, plan.every_site)
        clock.lap("publish")
    described = f"{chosen.name} ({chosen.version})"
    return RunReport(plan.edition.run, overview, made, tuple(clock.laps), tuple(done), described)


def _refuse_without_notebooks(place: Place) -> None:
    if not place.study.notebooks:
        raise InputError(
            "the study names no notebooks, so there is nothing to run",
            where=Where(file=place.study_path.name, column="notebooks"),
            remedy="name them under `notebooks`; `evalkit check` reads and checks the sources without any",
        )


class _Clock:
    """Times the steps of a run and tells of each."""

    def __init__(self, tell: Tell) -> None:
        self.laps: list[tuple[str, float]] = []
        self._tell = tell
        self._last = perf_counter()

    def lap(self, step: str) -> None:
        now = perf_counter()
        self.laps.append((step, now - self._last))
        self._tell(f"{step:<24}{now - self._last:8.1f} s")
        self._last = now

    def remark(self, line: str) -> None:
        self._tell(line)


def _timed_intake(place: Place, clock: _Clock) -> SiteInput:
    taken = take_in(place)
    clock.lap(f"take in {place.site.site}" if taken.summary else f"kept {place.site.site}")
    if taken.summary is not None and taken.summary.warnings:
        clock.remark(
            f"{place.site.name}: {len(taken.summary.warnings)} warning(s) about the sources; "
            f"see `evalkit check {place.study_path.parent.name} --site {place.site.site}`"
        )
    return SiteInput(place, taken.folder, taken.inputs, taken.key)


def _plan(taken: tuple[SiteInput, ...], study_folder: Path, language: str, chosen: Renderer, workers: int) -> Plan:
    place = taken[0].place
    notebooks = tuple(_notebook(name) for name in place.study.notebooks)
    run = fingerprint(
        digest_of(place.study),
        tuple((digest_of(site.place.site), site.tables.name) for site in taken),
        tuple(path.read_text(encoding="utf-8") for path in notebooks),
        code_digest(EVERY_ROOM),
        environment_digest(),
        policy_of(place).digest,
        language,
        (chosen.name, chosen.version),
        _others_sums(taken),
    )[:8]
    folder = place.store.root / "runs" / run
    edition = Edition(run, language, chosen, place.study.notebooks)
    return Plan(taken, tuple(site_files(study_folder)), notebooks, edition, folder, workers)


def _others_sums(taken: tuple[SiteInput, ...]) -> tuple[str, ...]:
    """Return the content of the sums that sites outside the run gave, for they are in the study's estimate."""
    place, own = taken[0].place, [site.place.site.site for site in taken]
    folder = sums_folder(place.store.root, digest_of(place.study), taken[0].key)
    files = [path for path in sorted(folder.rglob("*.*")) if path.relative_to(folder).parts[0] not in own]
    return tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file())


def _note(plan: Plan) -> None:
    study = plan.sites[0].place.study
    made = {
        site.place.site.site: SiteMade(digest_of(site.place.site), site.inputs, site.tables.name, site.key)
        for site in plan.sites
    }
    write_manifest(plan.folder, plan.edition.run, study.study, digest_of(study), made)


def _notebook(name: str) -> Path:
    path = project_file(f"notebooks/{name}.ipynb")
    if not path.is_file():
        raise InputError(
            f"there is no notebook {name}", where=Where(file="study.yml", column="notebooks"), remedy="check its name"
        )
    return path


def _pass(plan: Plan, stage: Pass) -> list[NotebookDone]:
    """Run every notebook at every site; each site's first notebook comes first, so that the rest find its panel."""
    tasks = [_task(plan, site, path, stage) for path in plan.notebooks for site in plan.sites]
    with ProcessPoolExecutor(plan.workers, get_context("spawn"), initializer=forget_key) as pool:
        return list(pool.map(run_notebook, tasks))


def _task(plan: Plan, site: SiteInput, notebook: Path, stage: Pass) -> NotebookTask:
    place, folder = site.place, plan.site_folder(site.place.site.site)
    told = PassFile(
        plan.edition.run, place.site.site, stage, notebook.stem, str(folder), site.inputs, str(site.tables), site.key
    )
    told_path = folder / stage / f"{notebook.stem}.pass.json"
    told.write(told_path)
    bound = f"{plan.edition.run} {place.site.site}".encode()
    (folder / "receipt.key").write_bytes(hmac.digest(place.store.secret("receipts"), bound, "sha256"))
    return NotebookTask(
        notebook,
        folder / stage / f"{notebook.stem}.ipynb",
        place.study_path,
        place.site_path,
        plan.edition.language,
        told_path,
        place.site.site,
    )


def _protect(plan: Plan) -> None:
    """Make the study's estimates from all sites' sums, then protect each site's release as a whole."""
    requests = {site.place.site.site: read_requests(plan.site_folder(site.place.site.site)) for site in plan.sites}
    names = set()
    for site in plan.sites:
        sums = [value for value in requests[site.place.site.site].values() if isinstance(value, SchoolSums)]
        names |= {value.name for value in sums}
        for value in sums:
            keep_sums(protect_sums(value, policy_of(site.place)), plan.sums, site.place.site.site)
    for name in sorted(names):
        _refuse_untreated(plan, name)
    made: dict[Question, Answer] = {}
    for site in plan.sites:
        resolved = resolve(requests[site.place.site.site], plan.sums, plan.every_site, made)
        _protect_site(plan, site, resolved)


def _refuse_untreated(plan: Plan, name: str) -> None:
    sums, missing = gather_sums(name, plan.sums, plan.every_site)
    if sums is not None and not missing and not sums.schools["treated_from"].notna().any():
        raise InputError(
            "no school of the study held a dialogue forum, so there is no effect to estimate",
            where=Where(file="study.yml"),
            remedy="check the forums sources of the sites, or leave dialogue_forums out of `notebooks`",
        )


def _protect_site(plan: Plan, site: SiteInput, resolved: dict[str, Protectable]) -> None:
    store = site.place.store.root
    here = (site.place.study.study, site.place.site.site)
    earlier = [entry for entry in read_ledger(store / "ledger.jsonl") if (entry.study, entry.site) == here]
    release = protect_release(resolved, policy_of(site.place), earlier)
    write_release(release, plan.site_folder(site.place.site.site))


def _gate(plan: Plan) -> None:
    for site in plan.sites:
        folder = plan.site_folder(site.place.site.site)
        released, key = read_release(folder).fingerprints, (folder / "receipt.key").read_bytes()
        for notebook in plan.notebooks:
            check_notebook(_parsed(folder / "show" / notebook.name), notebook.stem, key, released)


def _parsed(path: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _render(plan: Plan, site: SiteInput, clock: _Clock) -> Published:
    made = render_report(site.place, plan.site_folder(site.place.site.site), plan.edition, site.inputs)
    clock.lap(f"render {site.place.site.site}")
    return made
