"""Study-wide estimates: asked for in every site's notebook, made once from all sites' protected sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from evalkit.disclosure import Policy, protect_alone
from evalkit.errors import DesignError
from evalkit.models import combine_sums
from evalkit.studies.blinding import lift, openly, veil
from evalkit.studies.store import MAKERS, code_digest
from evalkit.studies.study_verbs import VERBS, Answer, Question
from evalkit.values import Curve, Estimate, Origin, Protectable, SchoolSums, fingerprint
from evalkit.values.archive import read, write

Own = tuple[tuple[str, SchoolSums], ...]


def pending(question: Question, unit: str, origin: Origin | None) -> Answer:
    """Return the stand-in for a study's answer while not all sites' sums are there.

    Parameters
    ----------
    question
        What is asked; the site's own sums have been asked to be protected.
    unit
        Of the sums.
    origin
        Of the sums.
    """
    told = "to be made from all sites"
    if VERBS[question.verb].kind is not None:
        return Curve(question.name, "pending", told, unit, pd.DataFrame(), "", question.details, origin)
    return Estimate(question.name, told, "pending", None, unit, details=question.details, origin=origin)


def protect_sums(sums: SchoolSums, policy: Policy) -> SchoolSums:
    """Return a site's sums as they may leave it."""
    value = protect_alone(replace(sums, origin=None), policy, sums.name).value
    if not isinstance(value, SchoolSums):
        raise TypeError("protection changed the kind of the sums")
    return replace(value, origin=sums.origin)


def sums_folder(store: Path, study_digest: str, key: str) -> Path:
    """Return where protected sums of one study definition, one version of the code and one key's id are kept.

    Sums made by another study file, other code or of persons under another key's pseudonyms lie elsewhere, so that
    they are missing rather than mixed in.
    """
    return store / "sums" / fingerprint(study_digest, code_digest((*MAKERS, "disclosure")), key)


def keep_sums(sums: SchoolSums, folder: Path, site: str) -> None:
    """Keep a site's protected sums where the study's other sites find them."""
    write(sums, folder / site / sums.name)


def gather_sums(
    name: str, folder: Path, sites: tuple[str, ...], own: SchoolSums | None = None
) -> tuple[SchoolSums | None, tuple[str, ...]]:
    """Return the sums of all sites that are kept, combined, and the sites that are missing.

    Parameters
    ----------
    name
        Of the sums.
    folder
        From `sums_folder`.
    sites
        Every site of the study.
    own
        A site's sums that are not kept, in place of what is kept for it: those of a notebook opened by hand.
    """
    found: dict[str, SchoolSums] = {}
    if own is not None and own.origin is not None and own.origin.site is not None:
        found[own.origin.site] = own
    for site in sites:
        if site not in found and (folder / site / name / "noun.json").is_file():
            found[site] = read(folder / site / name)
    missing = tuple(site for site in sites if site not in found)
    if not found:
        return None, missing
    return combine_sums([found[site] for site in sites if site in found]), missing


def answer(
    question: Question, unit: str, origin: Origin | None, *, folder: Path, sites: tuple[str, ...], own: Own = ()
) -> Answer:
    """Make the study's answer.

    Parameters
    ----------
    question
        What is asked.
    unit, origin
        Of the sums, for an answer that cannot be made.
    folder, sites
        As `gather_sums`.
    own
        A site's sums that are not kept, by name, in place of what is kept for it: those of a notebook opened by hand.

    Raises
    ------
    DesignError
        If all sites are there and the design cannot give an answer that is needed. Other answers, and those of a study
        whose sites are missing, are empty then and say why.
    """
    mine = dict(own)
    gathered = [gather_sums(name, folder, sites, mine.get(name)) for name in question.sums]
    missing = tuple(site for site in sites if any(site in absent for _, absent in gathered))
    facts: tuple[tuple[str, str | float | int], ...] = (("sites_missing", ", ".join(missing)),) if missing else ()
    there = [sums for sums, _ in gathered if sums is not None]
    verb = VERBS[question.verb]
    try:
        if len(there) < len(gathered):
            raise DesignError("no site's sums are there")
        made = _made(question, there, origin)
    except DesignError as fault:
        if verb.needed and not missing:
            raise
        made = verb.empty(question, unit, "sites are missing" if missing else fault.problem)
        facts = facts or (("out_of_reach", 1),)
    return replace(made, details=made.details + facts, origin=origin)


def _made(question: Question, sums: list[SchoolSums], origin: Origin | None) -> Answer:
    declared = origin.blind if origin is not None else ()
    hidden = veil(question, sums, declared)
    if hidden is not None:
        return hidden
    made = lift(VERBS[question.verb].carry_out(openly(question, sums, declared), question), question, declared)
    return with_design_facts(made, sums[0].outcome, origin) if isinstance(made, Estimate) else made


def with_design_facts(estimate: Estimate, outcome: str, origin: Origin | None) -> Estimate:
    """Return an estimate that knows its outcome, and the largest effect that the study holds plausible."""
    facts: list[tuple[str, str | float | int]] = [("outcome", outcome)]
    if origin is not None and origin.largest_plausible_effect is not None:
        facts.append(("largest_plausible_effect", origin.largest_plausible_effect))
    known = {name for name, _ in estimate.details}
    return replace(estimate, details=estimate.details + tuple(fact for fact in facts if fact[0] not in known))


def resolve(
    requests: Mapping[str, Protectable], folder: Path, sites: tuple[str, ...], made: dict[Question, Answer]
) -> dict[str, Protectable]:
    """Return a site's requests with every pending one answered.

    Parameters
    ----------
    requests
        By key.
    folder
        Where the sites' sums are kept, from `sums_folder`.
    sites
        Every site of the study.
    made
        Answers made already for other sites of the run, by question; new ones are added.
    """
    resolved: dict[str, Protectable] = {}
    for key, value in requests.items():
        if isinstance(value, Estimate | Curve) and "pending" in (
            getattr(value, "design", ""),
            getattr(value, "kind", ""),
        ):
            question = Question.of(value)
            if question not in made:
                made[question] = answer(question, value.unit, value.origin, folder=folder, sites=sites)
            resolved[key] = replace(made[question], origin=value.origin)
        else:
            resolved[key] = value
    return resolved
