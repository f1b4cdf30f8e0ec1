"""How large an effect must be before this study finds it."""

from __future__ import annotations

import pandas as pd

from evalkit.models.school_design import read_design
from evalkit.models.simulated_power import WANTED, simulate_power
from evalkit.models.unseen_outcome import hide_outcome
from evalkit.values import Curve, Diagnostic, Diagnostics, Estimate, SchoolSums


def detectable_effect(
    sums: SchoolSums, *, treated: int | None = None, level: float = 0.95, name: str = "forum_detectable_effect"
) -> Estimate:
    """Tell the smallest effect that the headline test finds in 8 of 10 studies like this one.

    Studies are simulated from the untreated schools: each school's chance part is one of their standardised
    differences, drawn with replacement and with random sign, times its own standard deviation, which carries the
    uncertainty about the spread between schools. The headline test is then carried out in full. The outcome of treated
    schools from their start on is not used, neither its level nor how much it varies.

    Parameters
    ----------
    sums
        Of all the study's sites.
    treated
        How many schools to imagine as treated, drawn anew in each study; None keeps those treated.
    level
        Confidence level of the test.
    name
        Name of the estimate.

    Returns
    -------
    Estimate
        Design ``"level"``, without interval. ``value`` is None where no effect is ever found.

    Raises
    ------
    DesignError
        As `few_treated_effect`; also if ``treated`` leaves no school to compare with.
    """
    design = read_design(hide_outcome(sums))
    found = simulate_power(design, treated, level)
    return Estimate(
        name=name,
        estimand=f"smallest effect on {sums.outcome} that the headline test finds in 8 of 10 studies like this one",
        design="level",
        value=found.smallest,
        unit=design.unit,
        level=level,
        n=int(design.pupils.max(axis=1).sum()),
        clusters=len(design.schools),
        treated_clusters=found.treated,
        method="simulation on the untreated schools' contrasts",
        convention=f"{found.replications} replications, two-sided test at {1 - level:.2g}",
        diagnostics=Diagnostics((Diagnostic("schools", len(design.schools)),)),
        details=(("rule", found.rule), ("power", WANTED), ("treated", found.treated)),
        origin=sums.origin,
    )


def power_curve(
    sums: SchoolSums, *, treated: int | None = None, level: float = 0.95, name: str = "forum_power"
) -> Curve:
    """Tell how often the headline test finds effects of each size.

    Parameters and errors are those of `detectable_effect`.

    Returns
    -------
    Curve
        Kind ``"power"``: ``effect`` (from 0 up, in ``unit``), ``power`` (0-1). Details: ``smallest``, ``wanted``,
        ``treated``, ``rule``.
    """
    design = read_design(hide_outcome(sums))
    found = simulate_power(design, treated, level)
    smallest = () if found.smallest is None else (("smallest", found.smallest),)
    return Curve(
        name=name,
        kind="power",
        estimand=f"share of studies like this one in which an effect on {sums.outcome} of each size is found",
        unit=design.unit,
        frame=pd.DataFrame({"effect": found.effect, "power": found.power}),
        method="simulation on the untreated schools' contrasts",
        details=(*smallest, ("wanted", WANTED), ("treated", found.treated), ("rule", found.rule)),
        origin=sums.origin,
    )
