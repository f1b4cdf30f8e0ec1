"""Who is studied, from when to when, and who was left out and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

import ibis
import pandas as pd

from evalkit.values.balance import Balance
from evalkit.values.frames import fingerprint, settle
from evalkit.values.known import Known
from evalkit.values.origin import Origin
from evalkit.values.questions import empty_known, empty_tables, written_out
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
        What readers see in the flow, as a phrase about those who remain.
    unit
        Whether the rule judges persons or spells.
    keep
        From what is known and the candidates so far to the candidates that remain. Candidates are an Ibis table with
        ``person_id``, ``spell_id``, ``entry`` (date), ``exit`` (date or null), ``school_id``, ``year_group`` and
        whatever the definition adds; a date after the day the rule is settled is missing from them, and the cause of an
        exit with it. In what is known, ``period`` is the ``spell_id``, and facts are seen up to and including that day.
    parameters
        Plain values behind ``keep``, part of every digest.
    settled
        From the candidates to the day on which the rule can be judged, a date for each; None for the entry day. Nobody
        is followed up before the last of these days: a rule that looks further ahead would choose persons by how it
        went for them.
    """

    id: str
    sv: str
    en: str
    unit: Unit
    keep: Callable[[Known, ibis.Table], ibis.Table]
    parameters: tuple[tuple[str, object], ...] = ()
    settled: Callable[[ibis.Table], ibis.Value] | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """A test person beside a definition: what stands in the registers, and what the definition makes of it.

    Parameters
    ----------
    name
        What is special about the person, such as ``"takes the year again"``; once in a definition.
    rows
        By canonical table, rows with the columns that matter: dates, numbers, truth values or text. The person's own
        pseudonym is filled in, and the schema's defaults.
    expected
        ``"in"``, or the id of the step that leaves the person out (``"candidates"`` for who never was one).
    """

    name: str
    rows: Mapping[str, Sequence[Mapping[str, object]]]
    expected: str


@dataclass(frozen=True, eq=False)
class Part:
    """Another definition that a cohort is cut with: those in it remain, or go."""

    how: Literal["intersect", "subtract"]
    definition: CohortDefinition


@dataclass(frozen=True, eq=False)
class CohortDefinition:
    """An ordered list of criteria over a first set of candidates.

    Parameters
    ----------
    name
        Stable name, such as ``"school_year_starters"``.
    candidates
        From the site's tables, and the first day of which nothing can be seen, to the first candidates: columns as in
        `Criterion`, and if wanted ``exit_cause``, ``school_year`` and ``known_from`` (the day the spell was known, by
        default its entry).
    criteria
        Applied in order; each is a step of the flow.
    as_of
        No fact known on or after this day is seen.
    sv, en
        What readers call the first candidates.
    parameters
        Plain values behind ``candidates``.
    followed_in
        Tables in which the persons are followed: what a site handed over may end before ``as_of``, and nothing can be
        seen after the last fact of these. None for ``as_of`` itself.
    parts
        Definitions that this one is cut with (see `evalkit.cohorts.intersect`).
    cases
        Test persons (see `evalkit.cohorts.check_cases`).
    """

    name: str
    candidates: Callable[[Tables, date], ibis.Table]
    criteria: tuple[Criterion, ...]
    as_of: date
    sv: str
    en: str
    parameters: tuple[tuple[str, object], ...] = ()
    followed_in: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    cases: tuple[Case, ...] = ()

    @cached_property
    def key(self) -> str:
        """Digest of what the definition means: names, parameters and the questions themselves.

        The questions are written out as SQL over empty tables, so that a criterion changed in a notebook never meets
        what was kept of the one before.

        Raises
        ------
        InputError
            If candidates or criteria are no expressions over the canonical tables.
        """
        steps = tuple((rule.id, rule.sv, rule.en, rule.unit, rule.parameters) for rule in self.criteria)
        parts = tuple((part.how, part.definition.key) for part in self.parts)
        own = (self.name, self.as_of, self.sv, self.en, self.parameters, self.followed_in)
        return fingerprint(*own, steps, parts, _questions(self))


def _questions(definition: CohortDefinition) -> tuple[str, ...]:
    def ask() -> tuple[ibis.Table, ...]:
        first = definition.candidates(empty_tables(), definition.as_of)
        candidates = ibis.table(first.schema(), name="candidates")
        known = empty_known()
        asked = [first]
        for rule in definition.criteria:
            settled = candidates.entry if rule.settled is None else rule.settled(candidates)
            asked += [candidates.select(settled.name("settled")), rule.keep(known, candidates)]
        return tuple(asked)

    return written_out(definition.name, ask)


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
        One row per unit: ``person_id``, ``entry`` (datetime64), ``follow_from`` (datetime64, the day the last rule was
        settled, never before entry), ``exit`` (datetime64, NaT while open), ``exit_cause`` (string, "" while open),
        ``censored_at`` (datetime64, the first day of which nothing can be seen), ``school_id`` and ``year_group`` at
        entry.
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
    def followed_from(self) -> pd.Series:
        """First day of each person's follow-up; of a cohort made by hand that does not say it, the entry."""
        started: pd.Series = self.frame["entry"]
        return self.frame[["entry", "follow_from"]].max(axis=1) if "follow_from" in self.frame else started

    @property
    def fingerprint(self) -> str:
        """Digest of who is in it and from when to when."""
        return fingerprint(self.key, self.frame)


@dataclass(frozen=True, eq=False)
class Matched:
    """A cohort and the comparison persons found for it, each a cohort of its own.

    A person may stand in both: as a comparison until being followed in the cohort, and in the cohort from then on.

    Parameters
    ----------
    cohort
        Those for whom somebody was found. Its frame has three more columns: ``match_id`` (int64; a person of the cohort
        and those compared with it share one), ``weight`` (float64, 1) and ``distance`` (float64, mean of the comparison
        persons', 0 where nothing but exact columns was matched on).
    comparisons
        Those found. Its frame has the same columns, where those compared with one person share the weight 1 and the day
        ``follow_from`` of that person, on which they were matched; and ``joins`` (datetime64, the day from which the
        comparison person is followed in the cohort, NaT for who never is), on which the comparison's follow-up ends:
        ``censored_at`` is that day at the latest, an exit on it or later is not seen, and panels hold only periods that
        had ended by then.
    before
        Balance of cohort and pool, everyone whose values are known.
    after
        Balance of those matched.
    unmatched
        Persons of the cohort for whom nobody was found.
    """

    cohort: Cohort
    comparisons: Cohort
    before: Balance
    after: Balance
    unmatched: int
