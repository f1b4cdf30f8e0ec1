"""Study-wide estimates: asked for in every site's notebook, made once from all sites' protected sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from evalkit.disclosure import Policy, protect_alone
from evalkit.errors import DesignError
from evalkit.models import (
    combine_sums,
    detectable_effect,
    event_study,
    few_treated_effect,
    placebo_distribution,
)
from evalkit.studies.store import MAKERS, code_digest
from evalkit.values import Curve, Estimate, Origin, Protectable, SchoolSums, fingerprint
from evalkit.values.archive import read, write
from evalkit.values.estimate import CurveKind

Answer = Estimate | Curve
CURVES: dict[str, tuple[CurveKind, tuple[str, ...]]] = {
    "event_study": (
        "event_study",
        ("relative", "value", "low", "high", "band_low", "band_high", "schools", "pupils"),
    ),
    "placebo_distribution": ("placebo_distribution", ("left", "right", "assignments", "as_extreme")),
}


def pending(verb: str, sums: SchoolSums, name: str, treated: int | None = None) -> Answer:
    """Return the stand-in for a study's answer while not all sites' sums are there.

    Parameters
    ----------
    verb
        Name of the verb to be carried out later.
    sums
        The site's own sums, already asked to be protected.
    name
        Name of the answer.
    treated
        For ``detectable_effect``: how many treated schools to imagine.
    """
    details = (("verb", verb), ("sums", sums.name), ("treated", treated or 0))
    if verb in CURVES:
        return Curve(name, "pending", "to be made from all sites", sums.unit, pd.DataFrame(), "", details, sums.origin)
    return Estimate(name, "to be made from all sites", "pending", None, sums.unit, details=details, origin=sums.origin)


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


def answer(question: Answer, folder: Path, sites: tuple[str, ...], own: SchoolSums | None = None) -> Answer:
    """Make the study's answer to a pending question.

    Raises
    ------
    DesignError
        If all sites are there and the design cannot answer. Where sites are missing the answer is empty and says so.
    """
    sums, missing = gather_sums(str(question.detail("sums")), folder, sites, own)
    facts: tuple[tuple[str, str | float | int], ...] = (("sites_missing", ", ".join(missing)),) if missing else ()
    try:
        if sums is None:
            raise DesignError("no site's sums are there")
        made = _carry_out(question, sums)
    except DesignError:
        if not missing:
            raise
        return _unanswered(question, facts)
    if isinstance(made, Estimate):
        made = with_design_facts(made, sums.outcome, question.origin)
    return replace(made, details=made.details + facts, origin=question.origin)


def with_design_facts(estimate: Estimate, outcome: str, origin: Origin | None) -> Estimate:
    """Return an estimate that knows its outcome, and the largest effect that the study holds plausible."""
    facts: list[tuple[str, str | float | int]] = [("outcome", outcome)]
    if origin is not None and origin.largest_plausible_effect is not None:
        facts.append(("largest_plausible_effect", origin.largest_plausible_effect))
    known = {name for name, _ in estimate.details}
    return replace(estimate, details=estimate.details + tuple(fact for fact in facts if fact[0] not in known))


def resolve(
    requests: Mapping[str, Protectable], folder: Path, sites: tuple[str, ...], made: dict[tuple[object, ...], Answer]
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
            question = (value.name, value.details)
            if question not in made:
                made[question] = answer(value, folder, sites)
            resolved[key] = replace(made[question], origin=value.origin)
        else:
            resolved[key] = value
    return resolved


def _carry_out(question: Answer, sums: SchoolSums) -> Answer:
    verb, name = question.detail("verb"), question.name
    if verb == "few_treated_effect":
        return few_treated_effect(sums, name=name)
    if verb == "event_study":
        return event_study(sums, name=name)
    if verb == "placebo_distribution":
        return placebo_distribution(sums, name=name)
    treated = question.detail("treated")
    return detectable_effect(sums, treated=int(treated) if treated else None, name=name)


def _unanswered(question: Answer, facts: tuple[tuple[str, str | float | int], ...]) -> Answer:
    if isinstance(question, Curve):
        kind, columns = CURVES[str(question.detail("verb"))]
        empty = pd.DataFrame(columns=list(columns), dtype="float64")
        return replace(question, kind=kind, estimand="not made: sites are missing", frame=empty, details=facts)
    return replace(question, design="effect", estimand="not made: sites are missing", details=facts)
