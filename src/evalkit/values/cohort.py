"""Who is studied, from when to when, and who was left out and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import ibis
import pandas as pd

from evalkit.values.frames import fingerprint, settle
from evalkit.values.origin import Origin
from evalkit.values.tables import Tables

Unit = Literal["person", "spell"]


@dataclass(frozen=True, eq=False)
class Criterion:
    """One named rule of a cohort.

    Parameters
    ----------
    id
        Stable name, part of every digest.
    sv, en
        What readers see in the flow, as a noun phrase about those who remain.
    unit
        Whether the rule judges persons or spells.
    keep
        From the site's tables and the candidates so far to the candidates that remain. Candidates are an Ibis table
        with ``person_id``, ``spell_id``, ``entry`` (date), ``exit`` (date or null), ``school_id``, ``year_group``.
    parameters
        Plain values behind ``keep``, part of every digest.
    """

    id: str
    sv: str
    en: str
    unit: Unit
    keep: Callable[[Tables, ibis.Table], ibis.Table]
    parameters: tuple[tuple[str, object], ...] = ()

    @property
    def key(self) -> str:
        """Digest of what the rule means."""
        return fingerprint(self.id, self.unit, self.parameters)


@dataclass(frozen=True, eq=False)
class CohortDefinition:
    """An ordered list of criteria over a first set of candidates.

    Parameters
    ----------
    name
        Stable name, such as ``"school_year_starters"``.
    candidates
        From the site's tables to the first candidates (columns as in `Criterion`).
    criteria
        Applied in order; each is a step of the flow.
    as_of
        No fact known on or after this day is seen.
    sv, en
        What readers call the first candidates.
    parameters
        Plain values behind ``candidates``.
    """

    name: str
    candidates: Callable[[Tables], ibis.Table]
    criteria: tuple[Criterion, ...]
    as_of: date
    sv: str
    en: str
    parameters: tuple[tuple[str, object], ...] = ()

    @property
    def key(self) -> str:
        """Digest of what the definition means."""
        return fingerprint(self.name, self.as_of, self.parameters, tuple(c.key for c in self.criteria))


@dataclass(frozen=True)
class FlowStep:
    """How many persons and spells remain after one step."""

    id: str
    sv: str
    en: str
    persons: int
    spells: int


@dataclass(frozen=True)
class Flow:
    """From the first candidates to the cohort, step by step.

    Parameters
    ----------
    steps
        In order; counts never rise.
    universe
        Digest of whom the counts are about.

    Raises
    ------
    ValueError
        If a count rises from one step to the next.
    """

    steps: tuple[FlowStep, ...]
    universe: str = ""
    name: str = "flow"
    origin: Origin | None = None

    def __post_init__(self) -> None:
        for before, after in zip(self.steps, self.steps[1:], strict=False):
            if after.persons > before.persons or after.spells > before.spells:
                raise ValueError(f"the flow rises at step {after.id!r}")


@dataclass(frozen=True, eq=False)
class Cohort:
    """Units with entry and exit, and how they were found.

    Parameters
    ----------
    frame
        One row per unit: ``person_id``, ``entry`` (datetime64), ``exit`` (datetime64, NaT while open), ``exit_cause``
        (string, "" while open), ``school_id`` and ``year_group`` at entry.
    flow
        Step by step.
    name, key
        Name and digest of the definition.
    as_of
        No fact known on or after this day was seen, and none is to be seen by what is built on the cohort; None for
        cohorts made by hand.

    Raises
    ------
    ValueError
        If a unit stands twice, or leaves before it enters.
    """

    frame: pd.DataFrame
    flow: Flow
    name: str
    key: str
    tables: Tables | None = field(default=None, repr=False)
    origin: Origin | None = None
    as_of: date | None = None

    def __post_init__(self) -> None:
        frame = settle(self.frame, ("person_id",))
        if frame["person_id"].duplicated().any():
            raise ValueError("a cohort holds each person once")
        ended = frame["exit"].notna()
        if (frame.loc[ended, "exit"] < frame.loc[ended, "entry"]).any():
            raise ValueError("a person leaves the cohort before entering it")
        object.__setattr__(self, "frame", frame)

    @property
    def size(self) -> int:
        """Persons in the cohort."""
        return len(self.frame)

    @property
    def fingerprint(self) -> str:
        """Digest of who is in it and from when to when."""
        return fingerprint(self.key, self.frame)
