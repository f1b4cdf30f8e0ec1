"""Study files and site files: typed, with unknown keys refused."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from evalkit.errors import InputError, Where
from evalkit.sources import EngineName
from evalkit.studies.settings_text import SettingsError, SettingsLoader, check_name
from evalkit.studies.source_entries import SourceEntry

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
SchoolYearLabel = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}/[0-9]{2}$")]
SchoolUnitCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
Day = date
Parameters = TypeVar("Parameters", bound=BaseModel)
LANGUAGES = ("sv", "en")
LARGEST = 1_000_000
"""Bytes of a file of settings, which is read whole."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Bilingual(_Strict):
    """One text in the two languages of reports."""

    sv: Annotated[str, AfterValidator(check_name)]
    en: Annotated[str, AfterValidator(check_name)]


class Project(_Strict):
    """The funded project behind a study."""

    number: str
    funder: Bilingual
    start: date = Field(alias="from")
    end: date = Field(alias="to")


class Checks(_Strict):
    """What must hold before a study's effects are shown; a check left out is not asked for.

    A pre-trend is no such check: to show effects only where it looks flat is to choose among them (Roth 2022).
    """

    coverage: float | None = Field(None, gt=0, le=1)
    overlap: float | None = Field(None, gt=0, le=1)
    exchangeability_p: float | None = Field(None, gt=0, lt=1)
    detectable_effect: float | None = Field(None, gt=0)
    registration_change: float | None = Field(None, gt=0)

    @property
    def thresholds(self) -> tuple[tuple[str, float], ...]:
        """Return the checks asked for, with their thresholds."""
        return tuple((name, value) for name, value in self.model_dump().items() if value is not None)


class Blind(_Strict):
    """Effects stay hidden until the design's checks pass."""

    until: Checks

    @model_validator(mode="after")
    def _some_check(self) -> Blind:
        if not self.until.thresholds:
            raise ValueError(f"name at least one of {', '.join(Checks.model_fields)}")
        return self


class StudyFile(_Strict):
    """What a study file may say; it is the same at every site."""

    study: Name
    title: Bilingual
    project: Project
    date: Day
    school_years: tuple[SchoolYearLabel, ...] = Field(min_length=1)
    assignment_date: Day
    largest_plausible_effect: float = Field(gt=0)
    blind: Blind | None = None
    family: tuple[Name, ...] = ()
    named_schools: tuple[SchoolUnitCode, ...] = ()
    policy: Name
    notebooks: tuple[Name, ...] = ()
    seed: int = 0
    simulation: dict[str, Any] | None = None


class Engine(_Strict):
    """What answers a site's questions, and how much of the machine it may take; a name alone takes the defaults."""

    name: EngineName = "duckdb"
    memory: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,5}(MB|GB)$")] = "2GB"
    threads: int = Field(default=2, ge=1, le=256)
    master: Annotated[str, StringConstraints(pattern=r"^spark://[A-Za-z0-9.-]+:[0-9]{1,5}$")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, written: object) -> object:
        return {"name": written} if isinstance(written, str) else written

    @model_validator(mode="after")
    def _only_spark_has_a_master(self) -> Engine:
        if self.master is not None and self.name != "spark":
            raise ValueError("only the engine spark has a master")
        return self


class SiteFile(_Strict):
    """What a site file may say."""

    site: Name
    name: Annotated[str, AfterValidator(check_name)]
    municipality: MunicipalityCode
    simulated: bool
    policy: Name
    engine: Engine = Engine()
    sources: tuple[SourceEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_reserved_name(self) -> SiteFile:
        if self.site in LANGUAGES:
            raise ValueError("a site cannot bear the name of a language")
        return self


def load_study(path: Path) -> StudyFile:
    """Read a study file.

    Raises
    ------
    InputError
        If the file is missing, is not YAML, or says something a study file may not say.
    """
    return _parse(path, StudyFile)


def load_site(path: Path) -> SiteFile:
    """Read a site file. Raises as `load_study`."""
    site = _parse(path, SiteFile)
    if site.site != path.stem:
        raise InputError(
            f"the site file {path.name} says site: {site.site}",
            where=Where(file=path.name, column="site"),
            remedy=f"name the file {site.site}.yml, or write site: {path.stem}",
        )
    return site


def site_files(study_folder: Path) -> dict[str, Path]:
    """Return the site files of a study folder by site, in the order of their names."""
    return {path.stem: path for path in sorted(study_folder.glob("*.yml")) if path.name != "study.yml"}


def chosen_sites(study_folder: Path, sites: tuple[str, ...]) -> dict[str, Path]:
    """Return the site files that a command asks for, by site; all of the study's where it names none.

    Raises
    ------
    InputError
        If the study has no such site, or none at all.
    """
    files = site_files(study_folder)
    unknown = [site for site in sites if site not in files]
    if unknown or not files:
        raise InputError(
            f"the study has no site {', '.join(unknown)}" if unknown else "the study has no site file",
            where=Where(file=str(study_folder)),
            remedy=f"its sites are: {', '.join(files)}"
            if files
            else "write one site file per municipality beside study.yml",
        )
    return {site: files[site] for site in sites or files}


def digest_of(parameters: BaseModel) -> str:
    """Return the SHA-256 of what parameters mean: the order of keys and comments do not count."""
    plain = parameters.model_dump(mode="json", by_alias=True)
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _parse(path: Path, model: type[Parameters]) -> Parameters:
    if not path.is_file():
        raise InputError(
            f"there is no file {path}", where=Where(file=str(path)), remedy="check the path, or write the file"
        )
    try:
        content = yaml.load(_text_of(path), SettingsLoader)
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8", where=Where(file=path.name), remedy="save it as UTF-8") from None
    except (ValueError, OverflowError, RecursionError):
        raise InputError(
            "the file holds a date or number that is none, or is nested too deeply",
            where=Where(file=path.name),
            remedy="write dates as 2024-08-31, and text that looks like a date or number in quotes",
        ) from None
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        row = mark.line + 1 if mark is not None else None
        told = fault.problem if isinstance(fault, SettingsError) else "the file is not YAML"
        raise InputError(
            str(told), where=Where(file=path.name, row=row), remedy="check indentation and colons there"
        ) from None
    if not isinstance(content, dict):
        raise InputError("the file holds no settings", where=Where(file=path.name), remedy="write `key: value` lines")
    try:
        return model.model_validate(content)
    except ValidationError as fault:
        raise _explained(fault, path, model) from None


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError:
        raise InputError(
            "the file cannot be read", where=Where(file=path.name), remedy="see that you may read it"
        ) from None
    if len(content) > LARGEST:
        raise InputError(
            f"the file is larger than {LARGEST // 1000} kB", where=Where(file=path.name), remedy="take data out of it"
        )
    return content.decode("utf-8")


def _explained(fault: ValidationError, path: Path, model: type[BaseModel]) -> InputError:
    lines = []
    for error in fault.errors(include_url=False, include_input=False):
        key = ".".join(str(part) for part in error["loc"]) or "(top)"
        if error["type"] == "extra_forbidden":
            lines.append(f"unknown key {key}")
        elif error["type"] == "missing":
            lines.append(f"missing key {key}")
        else:
            lines.append(f"{key}: {error['msg']}")
    known = ", ".join(field.alias or name for name, field in model.model_fields.items())
    return InputError("; ".join(lines), where=Where(file=path.name), remedy=f"the keys at the top are: {known}")
