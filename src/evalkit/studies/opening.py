"""Open a study at one site: read both files, take in the sources, give the tables."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from evalkit.disclosure import Policy, at_least_as_strict, load_policy
from evalkit.errors import InputError, Where
from evalkit.sources import (
    IngestSummary,
    Source,
    digest_inputs,
    engine_version,
    open_sources,
    open_tables,
    remove_leftovers,
)
from evalkit.studies.keys import check_simulated, key_id, simulated_key, study_key
from evalkit.studies.parameters import LANGUAGES, SiteFile, StudyFile, digest_of, load_site, load_study, site_files
from evalkit.studies.store import Store, code_digest, environment_digest
from evalkit.values import Origin, Period, Site, Study, Tables, fingerprint
from evalkit.values.origin import Pass
from evalkit.vocabulary import terms_of

INGEST_ROOMS = ("vocabulary", "sources")


@dataclass(frozen=True)
class Place:
    """Where one study at one site stands: its files as read, and its folders."""

    project: Path
    study_path: Path
    site_path: Path
    study: StudyFile
    site: SiteFile

    @property
    def store(self) -> Store:
        """Return the study's store."""
        return Store(self.store_folder)

    @property
    def store_folder(self) -> Path:
        """Return where the study's store is, or will be."""
        return self.project / ".evalkit" / self.study.study

    @property
    def policies(self) -> Path:
        """Return the folder of disclosure policies."""
        return self.project / "params" / "policies"

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the site's sources; their relative paths start at the project folder."""
        return tuple(entry.source() for entry in self.site.sources)


@dataclass(frozen=True)
class TakenIn:
    """A site's tables in the store.

    Parameters
    ----------
    folder
        Of the tables; its name is the digest of all that made them.
    inputs
        Digest of the files read.
    key
        Id of the key that made the pseudonyms.
    summary
        What was taken in; None where the store had it.
    """

    folder: Path
    inputs: str
    key: str
    summary: IngestSummary | None


@dataclass(frozen=True)
class PassFile:
    """What a run tells a notebook's kernel: which pass, and what is known already."""

    run: str
    site: str
    stage: Pass
    notebook: str
    run_folder: str
    inputs: str
    tables: str
    key: str

    def write(self, path: Path) -> None:
        """Write it where only the owner reads."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(json.dumps(self.__dict__, sort_keys=True), encoding="utf-8")

    @staticmethod
    def read(path: Path) -> PassFile:
        """Read it back."""
        return PassFile(**json.loads(path.read_text(encoding="utf-8")))


def find_place(study_file: str | Path, site_file: str | Path) -> Place:
    """Read a study file and a site file.

    Parameters
    ----------
    study_file, site_file
        Paths as given, from the working folder or any folder above it.

    Raises
    ------
    InputError
        If a file is missing or says what it may not say, or the site's policy forbids the study's.
    """
    study_path, site_path = _locate(study_file), _locate(site_file)
    study, site = load_study(study_path), load_site(site_path)
    place = Place(study_path.parents[2], study_path, site_path, study, site)
    policy_of(place)
    return place


def policy_of(place: Place) -> Policy:
    """Return the policy in force: the study's, which must be at least as strict as the data holder's.

    Raises
    ------
    InputError
        If the study names a laxer policy than the site.
    """
    asked, owned = load_policy(place.study.policy, place.policies), load_policy(place.site.policy, place.policies)
    if not at_least_as_strict(asked, owned):
        raise InputError(
            f"the study's policy {place.study.policy} is laxer than {place.site.name}'s policy {place.site.policy}",
            where=Where(file=place.study_path.name, column="policy"),
            remedy=f"write policy: {place.site.policy}, or a stricter one",
        )
    return asked


def take_in(place: Place) -> TakenIn:
    """Take in a site's sources, unless the store has them.

    Raises
    ------
    InputError
        If the sources are not as they must be. Nothing is written then.
    """
    # A check that was killed left its raw values at the top of the store; an intake and Spark beside the tables.
    for left in (place.store.root, place.store.root / "tables" / place.site.site):
        remove_leftovers(left)
    sources = place.sources
    inputs = digest_inputs(sources, place.project)
    plan = [entry.model_dump(mode="json") for entry in place.site.sources]
    key = pseudonym_key(place)
    made_by = (
        key_id(key),
        code_digest(INGEST_ROOMS),
        environment_digest(),
        place.site.municipality,
        place.study.date,
    )
    folder = (
        place.store.root / "tables" / place.site.site / fingerprint(inputs, json.dumps(plan, sort_keys=True), *made_by)
    )
    if folder.is_dir():
        return TakenIn(folder, inputs, key_id(key), None)
    engine = place.site.engine
    summary = open_sources(
        sources,
        place.project,
        key,
        folder,
        memory=engine.memory,
        threads=engine.threads,
        municipality=place.site.municipality,
        on=place.study.date,
    )
    return TakenIn(folder, inputs, key_id(key), summary)


def pseudonym_key(place: Place) -> bytes:
    """Return the key of the study's pseudonyms: its owner's, or one anybody knows for simulated data.

    Raises
    ------
    InputError
        If there is no key that may be used, or data are called simulated that are not.
    """
    if not place.site.simulated:
        return study_key(place.study.study, place.project)
    check_simulated(place.sources, place.project, place.site_path.name)
    return simulated_key(place.study.study, place.study.seed)


def open_study(study_file: str, site_file: str, *, language: str = "sv", run: str | None = None) -> Study:
    """Open a study at one site.

    Parameters
    ----------
    study_file, site_file
        Paths of the two parameter files.
    language
        Language of what is shown, ``"sv"`` or ``"en"``.
    run
        Path of the file by which a run tells its notebooks which pass it is; None in a notebook opened by hand.

    Returns
    -------
    Study
        With the site's tables open through Ibis, on the engine that the site file names.

    Raises
    ------
    InputError
        If a file or a source is not as it must be, or the engine cannot be had.
    """
    if language not in LANGUAGES:
        raise InputError(f"there is no language {language!r}", remedy="use sv or en")
    place = find_place(study_file, site_file)
    told = None if run is None else PassFile.read(Path(run))
    if told is not None and told.site != place.site.site:
        raise InputError(
            f"a run at {told.site} was handed the site file of {place.site.site}",
            remedy="open the study with the site_file of the parameters cell",
        )
    taken = take_in(place) if told is None else TakenIn(Path(told.tables), told.inputs, told.key, None)
    origin = _origin(place, language, taken, told)
    engine = place.site.engine
    tables = Tables(
        open_tables(
            taken.folder, memory=engine.memory, threads=engine.threads, engine=engine.name, master=engine.master
        ),
        origin,
        tuple(Period(term.start, term.end, term.label) for term in terms_of(place.study.school_years)),
        place.study.assignment_date,
        place.study.named_schools,
        place.site.name,
    )
    return Study(
        place.study.study,
        place.study.title.model_dump(),
        _site(place),
        tuple(site_files(place.study_path.parent)),
        place.study.largest_plausible_effect,
        digest_of(place.study),
        tables,
        origin,
        place.study.model_dump(mode="json", by_alias=True),
    )


def _origin(place: Place, language: str, taken: TakenIn, told: PassFile | None) -> Origin:
    facts = Origin(
        study=place.study.study,
        site=place.site.site,
        study_digest=digest_of(place.study),
        site_digest=digest_of(place.site),
        inputs=taken.inputs,
        tables=taken.folder.name,
        key=taken.key,
        engine=engine_version(place.site.engine.name),
        policy=place.study.policy,
        language=language,
        simulated=place.site.simulated,
        store=str(place.store.root),
        policies=str(place.policies),
        sites=tuple(site_files(place.study_path.parent)),
        largest_plausible_effect=place.study.largest_plausible_effect,
        blind=place.study.blind.until.thresholds if place.study.blind else (),
        family=place.study.family,
    )
    if told is None:
        return facts
    return replace(facts, stage=told.stage, run=told.run, run_folder=told.run_folder, notebook=told.notebook)


def _site(place: Place) -> Site:
    site = place.site
    return Site(site.site, site.name, site.municipality, site.simulated, site.policy, digest_of(site))


def _locate(path: str | Path) -> Path:
    asked = Path(path)
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / asked).is_file():
            return (folder / asked).resolve()
    raise InputError(f"there is no file {path}", where=Where(file=str(path)), remedy="check the path")
