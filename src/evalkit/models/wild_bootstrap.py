"""Wild cluster bootstrap on demeaned scores: tests and their inversion from k x k sums a cluster.

Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90(3); on scores, so that no regression is run
again: MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38(5). Six-point weights: Webb (2023),
Canadian Journal of Economics 56(3). Known to fail, by never rejecting or by rejecting far too often, where few clusters
are treated: MacKinnon and Webb (2018), Econometrics Journal 21(2).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.models.arrays import Booleans, Floats
from evalkit.models.cluster_covariance import inverse_root
from evalkit.models.permutation import SLACK, fine_enough
from evalkit.values import Segment

Weights = Literal["rademacher", "webb"]

DRAWS = 9_999
BLOCK = 500_000
FLAT = 1e-12
POINTS: dict[Weights, Floats] = {
    "rademacher": np.array([1.0, -1.0]),
    "webb": np.array([1.0, -1.0, math.sqrt(1.5), -math.sqrt(1.5), math.sqrt(0.5), -math.sqrt(0.5)]),
}


@dataclass(frozen=True)
class WildBootstrap:
    """A wild cluster bootstrap test against 0, and the interval that inverts it.

    Parameters
    ----------
    p
        Two-sided share of the samples, the observed one among them, whose t is at least as far from 0 as the observed.
    attainable_p
        Smallest p that these samples can give.
    interval
        Values that the test does not reject: segments in order, ends may be infinite.
    samples
        How many, the observed one among them; those that differ in sign alone count once where all are listed.
    weights
        Points that the weights take.
    enumerated
        Whether every weighting is among the samples.
    """

    p: float
    attainable_p: float
    interval: tuple[Segment, ...]
    samples: int
    weights: Weights
    enumerated: bool


def wild_bootstrap(
    cross: Floats,
    scores: Floats,
    combination: Floats,
    value: float,
    *,
    seed: int,
    level: float = 0.95,
    restricted: bool = True,
    draws: int = DRAWS,
    weights: Weights | None = None,
) -> WildBootstrap | None:
    """Test a combination of coefficients against 0, and invert the test exactly.

    Parameters
    ----------
    cross, scores, combination
        As for `bias_reduced`: (G, k, k), (G, k) with the residuals, and (k,).
    value
        ``combination @ coefficients``.
    seed
        Of the draws. Clusters are first put in the order of their pull on the estimate, so that neither their names nor
        the outcome's unit or sign matter.
    level
        Confidence level; a value is kept where its p is above ``1 - level``.
    restricted
        Build samples on the tested value (WCR, the more reliable), or on the estimate (WCU).
    draws
        All weightings are used where there are at most so many; otherwise so many are drawn.
    weights
        None takes Rademacher's two points, or Webb's six where two would make p coarse.

    Returns
    -------
    WildBootstrap or None
        None with fewer than two clusters, or where every residual score is 0.
    """
    pull = _pull(cross, scores, combination) if len(cross) > 1 else None
    if pull is None:
        return None
    chosen = weights or choose_weights(len(cross), level)
    enumerated = len(cross) * math.log(len(POINTS[chosen])) <= math.log(draws)
    every = [every_weighting(chosen, len(cross))] if enumerated else drawn_weightings(chosen, len(cross), draws, seed)
    moments = _moments(pull, every)
    if restricted:
        lines = _polynomials(moments)
        p, samples = float(_extreme(lines, value / pull.spread).mean()), len(lines)
        attainable = float(_always(lines).mean())
        interval = _invert(lines, float(value), pull.spread, level)
    else:
        steps = np.sort(np.abs(moments[:, 0]) / np.sqrt(np.maximum(moments[:, 2], FLAT)))[::-1]
        samples = len(steps) + 1
        p = (1 + int((steps >= abs(value) / pull.spread * (1.0 - SLACK)).sum())) / samples
        attainable = 1.0 / samples
        interval = _around(steps, float(value), pull.spread, level)
    return WildBootstrap(p, attainable, interval, samples, chosen, enumerated)


def choose_weights(clusters: int, level: float) -> Weights:
    """Return Webb's six points where Rademacher's two would let p move in too coarse steps."""
    return "rademacher" if fine_enough(2 ** min(clusters - 1, 60), level) else "webb"


def every_weighting(weights: Weights, clusters: int) -> Floats:
    """List every weighting of the clusters up to sign, that of the observed sample among them: (N, G)."""
    points = POINTS[weights]
    others = itertools.product(points, repeat=clusters - 1)
    return np.array([(first, *rest) for rest in others for first in points[::2]], dtype=float)


def drawn_weightings(weights: Weights, clusters: int, draws: int, seed: int) -> Iterator[Floats]:
    """Draw weightings beside that of the observed sample, which has only ones, in (N, G) blocks that fit in memory."""
    generator = np.random.default_rng(seed)
    points = POINTS[weights]
    yield np.ones((1, clusters))
    step = max(1, BLOCK // clusters)
    for begin in range(0, draws, step):
        size = (min(step, draws - begin), clusters)
        yield points[generator.integers(0, len(points), size, dtype=np.int8)]


@dataclass(frozen=True, eq=False)
class _Pull:
    """How G clusters pull on the estimate, in standard errors; per standard error tested, ``slope`` and ``shift`` add.

    ``level`` and ``slope`` (G,) are the pull of a cluster's scores; ``score`` and ``shift`` (G, k) the scores
    themselves; ``back`` (G, k) turns the sum of all samples' scores into what the new fit takes out of each cluster.
    """

    level: Floats
    slope: Floats
    score: Floats
    shift: Floats
    back: Floats
    spread: float


def _pull(cross: Floats, scores: Floats, combination: Floats) -> _Pull | None:
    root = inverse_root(cross.sum(axis=0))
    weight = root @ (root.T @ combination)
    own = scores @ weight
    spread = math.sqrt(float((own**2).sum()))
    if not spread > 0:
        return None
    pushed = cross @ weight / float(combination @ weight)
    slope = pushed @ weight
    order = np.lexsort((slope, np.abs(own)))
    score, pushed = scores[order] / spread, pushed[order]
    back = cross[order] @ weight @ root @ root.T
    return _Pull(own[order] / spread, slope[order], score, pushed, back, spread)


def _moments(pull: _Pull, weightings: Iterable[Floats]) -> Floats:
    """Return (N, 5): a sample at x standard errors from the estimate has ``t = (n + m x) / sqrt(a + b x + c x^2)``.

    Under the root stand squares of ``v (level + slope x) - back @ (sums of v (score + shift x))``, multiplied out.
    """
    level, slope, back = pull.level[:, None], pull.slope[:, None], pull.back
    linear = np.concatenate([level, slope, pull.score, pull.shift, level * back, slope * back], axis=1)
    square = np.concatenate([level**2, 2.0 * level * slope, slope**2], axis=1)
    taken, k = back.T @ back, back.shape[1]
    blocks = []
    for v in weightings:
        sums = v @ linear
        score, shift, own, moved = (sums[:, 2 + k * i : 2 + k * (i + 1)] for i in range(4))
        made = np.concatenate([sums[:, :2], (v * v) @ square], axis=1)
        made[:, 2] += ((score @ taken - 2.0 * own) * score).sum(axis=1)
        made[:, 3] += 2.0 * ((score @ taken - own) * shift - moved * score).sum(axis=1)
        made[:, 4] += ((shift @ taken - 2.0 * moved) * shift).sum(axis=1)
        blocks.append(made)
    found = np.concatenate(blocks)
    found[found[:, 4] <= FLAT, 3:] = 0.0
    return found


def _polynomials(moments: Floats) -> Floats:
    """Return (N, 5) coefficients, highest first, of what is at least 0 where a sample is as extreme as the observed."""
    n, m, a, b, c = moments.T
    shade = (1.0 - SLACK) ** 2
    return np.stack([-shade * c, -shade * b, m**2 - shade * a, 2.0 * n * m, n**2], axis=1)


def _extreme(polynomials: Floats, x: Floats | float) -> Booleans:
    """Tell which samples have a t at least as far from 0 as the observed sample's, x."""
    made = np.zeros(len(polynomials))
    for coefficient in polynomials.T:
        made = made * x + coefficient
    return np.asarray(made >= 0, dtype=bool)


def _always(polynomials: Floats) -> Booleans:
    """Tell which samples are as extreme as the observed one whatever value is tested."""
    fourth, third, second, first, constant = polynomials.T
    square = (fourth == 0) & (third == 0) & (second >= 0)
    return np.asarray(square & (first**2 - 4.0 * second * constant <= FLAT**2), dtype=bool)


def _roots(polynomials: Floats) -> Floats:
    """Return (N, 4) places among which are all real roots; those that are none do no harm."""
    places = np.zeros((len(polynomials), 4))
    steep = polynomials[:, 0] != 0
    companion = np.zeros((int(steep.sum()), 4, 4))
    companion[:, [1, 2, 3], [0, 1, 2]] = 1.0
    companion[:, 0, :] = -polynomials[steep, 1:] / polynomials[steep, :1]
    places[steep] = np.linalg.eigvals(companion).real
    _, _, second, first, constant = polynomials[~steep].T
    half = -0.5 * (first + np.copysign(np.sqrt(np.maximum(first**2 - 4.0 * second * constant, 0.0)), first))
    for column, (above, below) in enumerate(((half, second), (constant, half))):
        places[~steep, column] = np.where(np.abs(below) > FLAT, above / np.where(below == 0, 1.0, below), 0.0)
    return np.sort(places, axis=1)


def _invert(polynomials: Floats, value: float, spread: float, level: float) -> tuple[Segment, ...]:
    """Return the values under which enough samples are extreme; each is so over stretches between its roots."""
    fixed = _always(polynomials)
    moving = polynomials[~fixed]
    places = _roots(moving)
    inside = (places[:, 1:] + places[:, :-1]) / 2.0
    tested = np.concatenate([places[:, :1] - 1.0, inside, places[:, -1:] + 1.0], axis=1)
    holds = np.stack([_extreme(moving, column) for column in tested.T], axis=1)
    begins = places[~holds[:, :-1] & holds[:, 1:]]
    ends = places[holds[:, :-1] & ~holds[:, 1:]]
    base = int(fixed.sum()) + int(holds[:, 0].sum())
    needed = (1.0 - level) * len(polynomials) * (1.0 + SLACK)
    points = np.concatenate([begins, ends])
    change = np.repeat([1, -1], [len(begins), len(ends)])
    order = np.lexsort((-change, points))
    kept = np.concatenate([[False, base > needed], base + np.cumsum(change[order]) > needed, [False]])
    edges = np.concatenate([[-np.inf], points[order], [np.inf]])
    low, high = edges[~kept[:-1] & kept[1:]], edges[kept[:-1] & ~kept[1:]]
    stretches = [(float(a), float(b)) for a, b in zip(low, high, strict=True) if a < b]
    return tuple(Segment(value - spread * b, value - spread * a) for a, b in reversed(stretches))


def _around(steps: Floats, value: float, spread: float, level: float) -> tuple[Segment, ...]:
    """Return the values that no more than so many of the samples' t, largest first, fall short of."""
    needed = math.floor((1.0 - level) * (len(steps) + 1) * (1.0 + SLACK))
    reach = spread * float(steps[needed - 1]) if needed else math.inf
    return (Segment(value - reach, value + reach),)
