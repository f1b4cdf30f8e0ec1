"""The verbs of the door that estimate: a result is kept in the store, or made for the whole study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from evalkit import models
from evalkit.errors import DesignError
from evalkit.measures import connectedness
from evalkit.studies.asking import study_wide
from evalkit.studies.keeping import kept
from evalkit.studies.pooling import with_design_facts
from evalkit.values import Cohort, Curve, Estimate, Panel, SchoolSums
from evalkit.vocabulary.instruments import Instrument


def few_treated_effect(sums: SchoolSums, *, name: str = "forum_effect") -> Estimate:
    """Estimate the effect of forums from the sums of all sites. See `evalkit.models.few_treated_effect`."""
    made = study_wide("few_treated_effect", (sums,), name, lambda: models.few_treated_effect(sums, name=name))
    assert isinstance(made, Estimate)
    return made


def event_study(sums: SchoolSums, *, name: str = "forum_event_study") -> Curve:
    """Estimate the difference term by term around the start. See `evalkit.models.event_study`."""
    made = study_wide("event_study", (sums,), name, lambda: models.event_study(sums, name=name))
    assert isinstance(made, Curve)
    return made


def staggered_effect(
    panel: Panel,
    *,
    outcome: str,
    control: Literal["never", "not_yet"] = "never",
    aggregate: Literal["simple", "dynamic", "group", "calendar"] = "simple",
    covariates: Sequence[str] = (),
    unbalanced: Literal["pairwise", "balanced"] = "pairwise",
    name: str = "staggered_effect",
) -> Estimate | Curve:
    """Estimate group-time effects in a panel with many treated clusters. See `evalkit.models.staggered_effect`.

    Raises
    ------
    DesignError
        Also where the study's effects stay hidden until checks pass: those are judged on all sites' sums alone.
    """
    if panel.origin is not None and panel.origin.blind:
        raise DesignError(
            "the study hides effects until its checks pass, and one site's panel cannot tell whether they do",
            remedy="use few_treated_effect, which is hidden and shown by those checks",
        )
    parts = ("staggered", panel.fingerprint, outcome, control, aggregate, tuple(covariates), unbalanced, name)
    made = kept(
        panel.origin,
        parts,
        lambda: models.staggered_effect(
            panel,
            outcome=outcome,
            control=control,
            aggregate=aggregate,
            covariates=covariates,
            unbalanced=unbalanced,
            name=name,
        ),
    )
    return replace(made, origin=panel.origin)


def within_effect(panel: Panel, *, outcome: str, on: str, name: str) -> Estimate:
    """Relate an outcome to another measure within persons. See `evalkit.models.within_effect`.

    Raises
    ------
    DesignError
        Also where a few schools differ from the others in the measure and their pupils do not differ from each other:
        that is what schools did, and persons' intervals are not valid for it.
    """
    _refuse_what_few_schools_did(panel, on)
    parts = ("within", panel.fingerprint, outcome, on, name)
    made = kept(panel.origin, parts, lambda: models.within_effect(panel, outcome=outcome, on=on, name=name))
    return replace(made, origin=panel.origin)


def change_over_time(
    panel: Panel, *, outcome: str, between: tuple[str, str], year_group: int | None = None, name: str
) -> Estimate:
    """Compare an outcome between two terms. See `evalkit.models.change_over_time`."""
    parts = ("change", panel.fingerprint, outcome, between, year_group, name)
    made = kept(
        panel.origin,
        parts,
        lambda: models.change_over_time(panel, outcome=outcome, between=between, year_group=year_group, name=name),
    )
    return replace(with_design_facts(made, outcome, panel.origin), origin=panel.origin)


def reliability(
    cohort: Cohort,
    *,
    wave: str,
    dimension: str | None = None,
    instrument: str | Instrument | None = None,
    coefficient: Literal["alpha", "omega"] = "alpha",
) -> Estimate:
    """Estimate how reliable a scale of the survey is. See `evalkit.models.reliability`.

    Parameters
    ----------
    cohort
        Whose answers are used.
    wave
        Of the survey.
    dimension, instrument
        Which items; all of the wave where both are None. See `evalkit.measures.connectedness.item_moments`.
    coefficient
        Cronbach's alpha, or McDonald's omega.
    """
    moments = connectedness.item_moments(cohort, wave=wave, dimension=dimension, instrument=instrument)
    return replace(models.reliability(moments, coefficient=coefficient), origin=cohort.origin)


def _refuse_what_few_schools_did(panel: Panel, on: str) -> None:
    if panel.treated_from is None or on not in panel.frame.columns:
        return
    values = panel.frame.dropna(subset=[on]).groupby([panel.cluster, panel.time], observed=True)[on]
    apart = values.nunique() > 1
    if apart.any() or not (values.size() > 1).any():
        return
    raise DesignError(
        f"{on} is the same for all pupils of a school in a term, so it is what schools did, not what pupils met",
        remedy="use few_treated_effect on school sums, or staggered_effect where many schools did it",
    )
