"""How often each interval misses 0 where nothing was done: on the study's own untreated schools."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.errors import DesignError
from evalkit.models.arrays import Integers
from evalkit.models.assignments import by_size, count_admissible, keep_admissible, list_assignments
from evalkit.models.competitors import COMPETITORS, competing_intervals
from evalkit.models.permutation import covers
from evalkit.models.prepared_assignments import prepare, prepare_stratified
from evalkit.models.repeated_studies import (
    Intervals,
    Studies,
    choose_permutation,
    find_intervals,
    find_model_intervals,
    studies_suffice,
)
from evalkit.models.school_analysis import analyse, choose_headline
from evalkit.models.school_design import COMPARISONS_NEEDED, SchoolDesign, read_design
from evalkit.values import Curve, SchoolSums, Segment

PLACEBOS = 400
COMPARED = 100
ASSIGNMENTS = 999


def placebo_sizes(sums: SchoolSums, *, level: float = 0.95, name: str = "forum_placebo_sizes") -> Curve:
    """Judge every interval by what it does on untreated schools, where the true effect is 0.

    The treated schools are left out. Each way to hand the start dates to untreated schools (a seeded draw of 400 above
    that number) is taken as if real, schools are compared by the rule of the real design, and each method gives its
    interval; permutation compares at most 999 assignments with each placebo.

    Parameters
    ----------
    sums
        Of all the study's sites.
    level
        Confidence level of the intervals.
    name
        Name of the curve.

    Returns
    -------
    Curve
        Kind ``"placebo_size"``: ``method``, ``size``, ``width`` (NaN where the median interval has no end),
        ``placebos``, ``headline``, ``offered`` (1 for what the study itself may show). The headline follows its rule
        in each placebo. ``stratified`` rests on placebos in the real treated schools' municipalities; what others would
        use on 100 placebos.
        Details: ``rule``, ``comparison``, ``untreated``, ``treated``, ``drawn`` (0 or 1), ``left_out`` (methods that
        gave no interval or could not miss), ``placebos_apart`` and ``error``, ``fewest_pupils`` (of any school that
        stands in for a treated one).

    Notes
    -----
    Placebos share schools, so their number overstates what they tell: only ``untreated // treated`` of them
    (``placebos_apart``) have no treated school in common, and ``error``, the standard error of a size, is that of so
    many independent trials at ``1 - level``. Nor can placebos show what happens at sizes that no untreated school has.

    Raises
    ------
    DesignError
        As `few_treated_effect`; also if no more schools are untreated than treated.
    """
    real = read_design(sums)
    calm = _read_calm(sums, real)
    placebos, drawn = _list_placebos(calm)
    judged = [
        *_own_methods(real, calm, placebos, level),
        *_stratified(real, calm, level),
        *_competitors(calm, _some(placebos), level),
    ]
    apart = len(calm.schools) // len(calm.slots)
    return Curve(
        name=name,
        kind="placebo_size",
        estimand=f"share of intervals for {sums.outcome} that miss 0 when start dates are handed to untreated schools",
        unit=real.unit,
        frame=pd.DataFrame([one.row() for one in judged if one.intervals]),
        method="start dates handed to untreated schools as if they were real; treated schools left out",
        details=(
            ("rule", choose_headline(analyse(real)[0], level)[0]),
            ("comparison", real.comparison),
            ("untreated", len(calm.schools)),
            ("treated", len(calm.slots)),
            ("drawn", int(drawn)),
            ("left_out", " ".join(one.method for one in judged if not one.intervals)),
            ("placebos_apart", apart),
            ("error", math.sqrt(level * (1.0 - level) / apart)),
            ("fewest_pupils", int(calm.pupils.min())),
        ),
        origin=sums.origin,
    )


@dataclass(frozen=True, eq=False)
class _Judged:
    """One method's intervals, one a placebo; none where it gives none."""

    method: str
    intervals: Intervals
    headline: bool = False
    offered: bool = False

    def row(self) -> dict[str, str | float | int]:
        """Return the method's row of the curve."""
        zero = np.zeros(1)
        ends = [(one[0].low, one[-1].high) if one else (0.0, 0.0) for one in self.intervals]
        width = float(np.median([high - low for low, high in ends]))
        return {
            "method": self.method,
            "size": float(np.mean([not covers(one, zero)[0] for one in self.intervals])),
            "width": width if math.isfinite(width) else math.nan,
            "placebos": len(self.intervals),
            "headline": int(self.headline),
            "offered": int(self.offered),
        }


def _read_calm(sums: SchoolSums, real: SchoolDesign) -> SchoolDesign:
    """Read the design of the schools that were never treated, with the real start dates at the first of them."""
    never = sums.schools["treated_from"].isna()
    schools = sums.schools[never].copy()
    there = schools["municipality"] + "/" + schools["school"]
    usable = [real.schools[i] for i in np.flatnonzero(real.untreated)]
    began = dict(zip(usable, (float(real.starts[slot]) for slot in real.slots), strict=False))
    if len(usable) <= len(real.slots):
        raise DesignError(
            "no more schools are untreated than treated, so none can stand in for the treated",
            remedy="add sites or schools that held no forums during the study's terms",
        )
    schools["treated_from"] = there.map(began).astype("float64")
    frames = {}
    for field in ("terms", "contrasts"):
        frame = getattr(sums, field)
        frames[field] = frame[(frame["municipality"] + "/" + frame["school"]).isin(there)]
    return read_design(
        replace(sums, schools=schools, terms=frames["terms"], contrasts=frames["contrasts"]), real.comparison
    )


def _list_placebos(calm: SchoolDesign) -> tuple[Integers, bool]:
    """List the placebos in which each treated school keeps as many comparisons as the rule asks for."""
    listed, drawn = list_assignments(
        by_size(calm), calm.slots, calm.treated, seed=calm.seed, most=PLACEBOS, drawn=20 * PLACEBOS
    )
    needed = COMPARISONS_NEEDED if calm.comparison == "within_municipality" else 1
    found = keep_admissible(calm, listed[1:] if drawn else listed, needed)
    if not len(found):
        raise DesignError(
            "no set of untreated schools leaves enough schools to compare with in their municipality",
            remedy="add schools that held no forums during the study's terms",
        )
    return found[:PLACEBOS], drawn


def _studies(calm: SchoolDesign, placebos: Integers) -> Studies:
    return Studies(
        design=calm,
        treated=placebos,
        contrast=np.broadcast_to(calm.contrast, (len(placebos), *calm.contrast.shape)),
        person_variance=calm.person_variance[None],
        class_variance=calm.class_variance[None],
    )


def _own_methods(real: SchoolDesign, calm: SchoolDesign, placebos: Integers, level: float) -> list[_Judged]:
    studies = _studies(calm, placebos)
    assignments = prepare(calm, most=ASSIGNMENTS, drawn=ASSIGNMENTS)
    ways = count_admissible(real, real.slots)
    permutation = find_intervals(studies, assignments, level)
    model = find_model_intervals(studies, level)
    permuted = choose_permutation(studies, assignments, level, ways)
    headline = tuple(permutation[row] if chosen else model[row] for row, chosen in enumerate(permuted))
    plain = find_intervals(studies, assignments, level, studentised=False)
    return [
        _Judged("headline", headline, headline=True, offered=True),
        _Judged("permutation", permutation, offered=ways * (1.0 - level) >= 1.0),
        _Judged("variance_model", model, offered=studies_suffice(studies)),
        _Judged("permutation_plain", plain),
    ]


def _stratified(real: SchoolDesign, calm: SchoolDesign, level: float) -> list[_Judged]:
    """Judge the test within municipalities on the placebos that lie as the real treated schools do."""
    if len(np.unique(real.stratum)) == 1:
        return []
    first = _beside(real, calm)
    if first is None:
        return [_Judged("stratified", ())]
    listed = prepare_stratified(replace(calm, treated=first))
    rows = keep_admissible(calm, listed.members, COMPARISONS_NEEDED)[:PLACEBOS]
    if not len(rows) or listed.count * (1.0 - level) < 1.0:
        # with the treated schools left out even the most extreme assignment could not be rejected
        return [_Judged("stratified", ())]
    offered = prepare_stratified(real).count * (1.0 - level) >= 1.0
    return [_Judged("stratified", find_intervals(_studies(calm, rows), listed, level), offered=offered)]


def _beside(real: SchoolDesign, calm: SchoolDesign) -> Integers | None:
    """Return untreated schools in the municipalities of the treated, one for each; None where they do not suffice."""
    places = [school.split("/")[0] for school in calm.schools]
    taken: list[int] = []
    for school in real.treated:
        place = real.schools[school].split("/")[0]
        free = [i for i, there in enumerate(places) if there == place and i not in taken]
        if not free:
            return None
        taken.append(free[0])
    return np.array(taken, dtype=np.int64)


def _some(placebos: Integers) -> Integers:
    """Return at most so many placebos, evenly spaced, since what others would use takes longer."""
    rows = np.linspace(0, len(placebos) - 1, min(COMPARED, len(placebos))).round().astype(np.int64)
    return np.asarray(placebos[rows])


def _competitors(calm: SchoolDesign, placebos: Integers, level: float) -> list[_Judged]:
    found: dict[str, list[Sequence[Segment]]] = {name: [] for name in COMPETITORS}
    for row in placebos:
        for method, interval in competing_intervals(replace(calm, treated=row), level).items():
            if interval is not None:
                found[method].append(interval)
    return [_Judged(name, tuple(tuple(one) for one in intervals)) for name, intervals in found.items()]
