"""What linear estimators weigh each school and term by, for every assignment of the start dates at once.

Each function takes the first treated term of N assignments and returns (N, G, T) weights; an estimate is their sum with
the outcomes. Schools weigh the same in all terms, each is seen in all of them, and each treated school's mean effect
over its terms counts by the school's weight, except in two-way regression, which weighs terms by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.permutation import invert, unite
from evalkit.values import Segment

TOGETHER = 1_000_000


@dataclass(frozen=True, eq=False)
class Assigned:
    """N assignments over G schools and T terms, the observed first.

    Parameters
    ----------
    began
        (N, G) index of the first treated term; T for never.
    weight
        (G,) of each school.
    terms
        T.
    """

    began: Integers
    weight: Floats
    terms: int

    @property
    def treated(self) -> Booleans:
        """(N, G, T) which terms are treated."""
        return np.asarray(np.arange(self.terms)[None, None, :] >= self.began[:, :, None], dtype=bool)

    @property
    def shares(self) -> Floats:
        """(N, G, T) weight of each treated school and term in the mean effect; each assignment's add up to 1."""
        on = self.treated
        own = np.where(on.any(axis=2), self.weight, 0.0)
        own = own / own.sum(axis=1, keepdims=True)
        return np.asarray(on * (own / np.maximum(on.sum(axis=2), 1))[:, :, None], dtype=float)


Weigh = Callable[[Assigned], Floats]


def assign(assignments: Integers, slots: Integers, weight: Floats, terms: int) -> Assigned:
    """Hand start terms to schools.

    Parameters
    ----------
    assignments
        (N, k) schools treated.
    slots
        (k,) index of the first treated term of each of the k.
    weight
        (G,) of each school.
    terms
        T.
    """
    began = np.full((len(assignments), len(weight)), terms, dtype=np.int64)
    np.put_along_axis(began, assignments, np.broadcast_to(slots, assignments.shape), axis=1)
    return Assigned(began, weight, terms)


def weigh_two_way(assigned: Assigned) -> Floats:
    """Return the weights of the coefficient of treatment in a two-way regression (Frisch and Waugh)."""
    on = assigned.treated.astype(float)
    share = assigned.weight / assigned.weight.sum()
    by_term = np.einsum("g,ngt->nt", share, on)
    left = on - on.mean(axis=2, keepdims=True) - by_term[:, None, :] + by_term.mean(axis=1)[:, None, None]
    weights = assigned.weight[None, :, None] * left
    return np.asarray(weights / (weights * on).sum(axis=(1, 2), keepdims=True), dtype=float)


def weigh_group_time(assigned: Assigned) -> Floats:
    """Return the weights of group-time effects against the never treated, averaged within and then over starts.

    Callaway and Sant'Anna (2021), Journal of Econometrics 225(2): each term after the start less the last term before.
    """
    shares = assigned.shares
    own = shares.sum(axis=2)
    base = np.zeros_like(shares)
    rows, schools = np.nonzero(own)
    base[rows, schools, assigned.began[rows, schools] - 1] = own[rows, schools]
    never = np.where(own > 0, 0.0, assigned.weight)
    never = never / never.sum(axis=1, keepdims=True)
    change = shares - base
    return np.asarray(change - never[:, :, None] * change.sum(axis=1)[:, None, :], dtype=float)


def weigh_imputation(assigned: Assigned) -> Floats:
    """Return the weights of imputation; two stages and the extended two-way regression have the same.

    The school effects are swept out of the weighted regression on untreated rows, which leaves T equations an
    assignment.
    """
    shares, free = assigned.shares, (~assigned.treated).astype(float)
    size = assigned.weight
    count = free.sum(axis=2)
    loaded = free * (size[None, :] / count)[:, :, None]
    equations = -np.einsum("ngt,ngs->nts", loaded, free)
    spot = np.arange(assigned.terms)
    equations[:, spot, spot] += np.einsum("g,ngt->nt", size, free)
    own = shares.sum(axis=2)
    target = shares.sum(axis=1) - np.einsum("ngt,ng->nt", free, own / count)
    by_term = np.einsum("nts,ns->nt", np.linalg.pinv(equations, rcond=1e-10, hermitian=True), target)
    by_school = (own - size * np.einsum("ngt,nt->ng", free, by_term)) / (size * count)
    return np.asarray(shares - size[:, None] * free * (by_school[:, :, None] + by_term[:, None, :]), dtype=float)


def weigh_contrast(assigned: Assigned) -> Floats:
    """Return the weights of the mean after less the mean before, against the never treated over the same terms."""
    shares = assigned.shares
    own = shares.sum(axis=2)
    before = (~assigned.treated) & (own > 0)[:, :, None]
    change = shares - before * (own / np.maximum(before.sum(axis=2), 1))[:, :, None]
    never = np.where(own > 0, 0.0, assigned.weight)
    never = never / never.sum(axis=1, keepdims=True)
    return np.asarray(change - never[:, :, None] * change.sum(axis=1)[:, None, :], dtype=float)


@dataclass(frozen=True, eq=False)
class Tested:
    """What a linear estimator finds under N assignments, the observed first.

    Parameters
    ----------
    effect, exposure
        (N,) Estimate, and how much of a true effect of 1 it would hold.
    reach
        (N, G) How much of a school's contrast it holds: half the sum of the sizes of the school's weights.
    """

    effect: Floats
    exposure: Floats
    reach: Floats


def carry_out(weigh: Weigh, assignments: Integers, slots: Integers, weight: Floats, outcome: Floats) -> Tested:
    """Estimate under every assignment, a few at a time.

    Parameters
    ----------
    weigh
        One of the functions above.
    assignments, slots, weight
        As for `assign`.
    outcome
        (G, T)
    """
    terms = outcome.shape[1]
    treated = assign(assignments[:1], slots, weight, terms).treated[0].astype(float)
    effect, exposure = np.empty(len(assignments)), np.empty(len(assignments))
    reach = np.empty((len(assignments), len(weight)))
    step = max(1, TOGETHER // outcome.size)
    for first in range(0, len(assignments), step):
        rows = slice(first, first + step)
        weights = weigh(assign(assignments[rows], slots, weight, terms))
        effect[rows] = np.einsum("ngt,gt->n", weights, outcome)
        exposure[rows] = np.einsum("ngt,gt->n", weights, treated)
        reach[rows] = np.abs(weights).sum(axis=2) / 2.0
    return Tested(effect, exposure, reach)


def permute(tested: Tested, variances: tuple[Floats, ...], level: float) -> tuple[Segment, ...]:
    """Return the constant effects that the permutation test of a linear estimator does not reject.

    Each estimate is divided by its standard deviation under a variance a school. The union over the variances is kept.

    Parameters
    ----------
    tested
        From `carry_out`.
    variances
        (G,) variance of a school's contrast, one array for each class correlation that must be allowed for.
    level
        Confidence level.
    """
    made = (np.sqrt(tested.reach**2 @ one) for one in variances)
    return unite(tuple(invert(tested.effect, tested.exposure, deviation, level) for deviation in made))
