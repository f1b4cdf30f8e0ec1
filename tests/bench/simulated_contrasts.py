"""Made-up studies as arrays of school contrasts, drawn by the thousand at the level of classes.

Ten terms; shocks of schools and of classes follow an autoregression of .5 over them, a person's noise does not. A
contrast is the mean of the terms from a start on minus the mean before. All sampling distributions of sums and squares
are exact: class means are drawn, squares within classes are Wishart; binary outcomes are beta-binomial by class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from evalkit.models.school_design import SchoolDesign, read_design
from evalkit.values import SchoolSums

TERMS = 10
LABELS = tuple((time, f"{'HT' if time % 2 == 0 else 'VT'}{2020 + (time + 1) // 2}") for time in range(TERMS))
PERSISTENCE = 0.5
CLASS = 25
PLACES = (("1440", 4), ("1441", 4), ("1480", 15), ("1481", 7))
OWN_PAIRS = {"own_small": (0, 23), "own_middle": (1, 26), "own_large": (3, 29)}
STAGGERED = {2: (4, 6), 3: (4, 5, 6), 5: (4, 4, 5, 6, 6)}
LOWEST, HIGHEST = 0.1, 0.9
EDGE = 0.02


@dataclass(frozen=True)
class World:
    """What one row of the validation draws; variances are shares of a person's contrast variance.

    ``sizes``: equal; large (treated 600 pupils, others 60); small (30, others 300); lognormal (median 120, tenfold,
    treated drawn anew each time); own_small, own_middle, own_large (30 schools in four municipalities, two treated).
    """

    sizes: str
    treated: int
    schools: int
    correlation: float
    known: bool
    outcome: str = "normal"
    tails: str = "normal"
    starts: str = "one"
    spread: float = 0.01
    place_spread: float = 0.0


@dataclass(frozen=True, eq=False)
class Drawn:
    """R studies: ``mean``, ``within``, ``inner`` (R, G, S) by school; ``treated`` (R, k) or (1, k); ``lift`` (R,).

    ``lift`` is the effect that was really there; ``a``, ``b``, ``c`` the true variances of the parts.
    """

    mean: np.ndarray
    within: np.ndarray
    inner: np.ndarray
    treated: np.ndarray
    lift: np.ndarray
    a: float
    b: float
    c: float


@dataclass(frozen=True, eq=False)
class Geometry:
    """(G,) pupils, classes and municipalities; the starts of the treated, and who they are where that is fixed."""

    pupils: np.ndarray
    classes: np.ndarray
    places: np.ndarray
    began: tuple[int, ...]
    fixed: np.ndarray | None

    @property
    def starts(self) -> tuple[int, ...]:
        """The start times, in order."""
        return tuple(sorted(set(self.began)))

    @property
    def slots(self) -> np.ndarray:
        """(k,) Which of them each treated school has."""
        return np.array([self.starts.index(start) for start in self.began])


def geometry(world: World) -> Geometry:
    """Lay out a world's schools."""
    count, k = world.schools, world.treated
    places = np.full(count, "1480", dtype="<U4")
    fixed: np.ndarray | None = np.arange(k)
    if world.sizes in OWN_PAIRS:
        pupils = np.concatenate([np.round(np.geomspace(40, 400, many)) for _, many in PLACES])
        places = np.repeat([place for place, _ in PLACES], [many for _, many in PLACES])
        fixed = np.array(OWN_PAIRS[world.sizes])
    elif world.sizes == "lognormal":
        pupils = np.round(120 * np.exp(0.7 * norm.ppf((np.arange(count) + 0.5) / count)))
        fixed = None
    else:
        mine, others = {"equal": (120, 120), "large": (600, 60), "small": (30, 300)}[world.sizes]
        pupils = np.where(np.arange(count) < k, mine, others)
    began = (5,) * k if world.starts == "one" else STAGGERED[k]
    classes = np.maximum(1, np.round(pupils / CLASS))
    return Geometry(pupils.astype(int), classes.astype(int), places, began, fixed)


def draw(world: World, studies: int, effect: float, generator: np.random.Generator) -> Drawn:
    """Draw that many studies with a constant effect (for a binary outcome as far as shares allow)."""
    shape = geometry(world)
    if shape.fixed is not None:
        treated = shape.fixed[None, :]
    else:
        treated = generator.random((studies, world.schools)).argsort(axis=1)[:, : world.treated]
    drawing = _draw_binary if world.outcome == "binary" else _draw_normal
    return drawing(world, shape, studies, effect, treated, generator)


def _draw_normal(
    world: World, shape: Geometry, studies: int, effect: float, treated: np.ndarray, generator: np.random.Generator
) -> Drawn:
    n, m, rho, count = shape.pupils, shape.classes, world.correlation, len(shape.starts)
    lasting, passing = contrast_covariance(shape.starts)
    school = np.sqrt(world.spread) * _shocks(generator, (studies, len(n)), lasting, world.tails)
    place = np.sqrt(world.place_spread) * _shocks(generator, (studies, len(PLACES)), lasting, "normal")
    school = school + place[:, np.unique(shape.places, return_inverse=True)[1]]
    per_class = _class_sizes(n, m)
    noise = np.sqrt((1 - rho) / per_class)[:, None] * _shocks(generator, (studies, m.sum()), passing, "normal")
    means = np.sqrt(rho) * _shocks(generator, (studies, m.sum()), lasting, world.tails) + noise
    first = np.concatenate([[0], np.cumsum(m)[:-1]])
    middle = np.add.reduceat(per_class[:, None] * means, first, axis=1) / n[:, None]
    between = np.add.reduceat(per_class[:, None] * means**2, first, axis=1) - n[:, None] * middle**2
    inside = (1 - rho) * _squares(generator, studies, n - m, passing)
    lift = effect * exposure(shape)[shape.slots]
    added = np.zeros((len(treated), len(n), count))
    np.put_along_axis(added, treated[:, :, None], np.broadcast_to(lift, (len(treated), *lift.shape)), axis=1)
    return Drawn(
        mean=middle + school + added,
        within=(inside + between) / (n - 1)[:, None],
        inner=inside / (n - m)[:, None],
        treated=treated,
        lift=np.full(studies, effect),
        a=world.spread,
        b=1 - rho,
        c=rho,
    )


def _draw_binary(
    world: World, shape: Geometry, studies: int, effect: float, treated: np.ndarray, generator: np.random.Generator
) -> Drawn:
    """Draw shares before (.1 to .9 by school) and after, by class; spreads are relative to a contrast's variance."""
    n, m = shape.pupils, shape.classes
    before = generator.uniform(LOWEST, HIGHEST, (studies, len(n)))
    unit = 2 * (before * (1 - before)).mean()
    shock = np.sqrt(world.spread * unit) * _shocks(generator, (studies, len(n)), np.eye(1), world.tails)[:, :, 0]
    untouched = np.clip(before + shock, EDGE, 1 - EDGE)
    lifted = np.zeros((len(treated), len(n)))
    np.put_along_axis(lifted, treated, effect, axis=1)
    after = np.clip(before + shock + lifted, EDGE, 1 - EDGE)
    size = n[treated] / n[treated].sum(axis=1, keepdims=True)
    changes = np.take_along_axis(after - untouched, np.broadcast_to(treated, (studies, treated.shape[1])), axis=1)
    lift = (size * changes).sum(axis=1)
    per_class = _class_sizes(n, m)
    earlier = _count(generator, np.repeat(before, m, axis=1), per_class, world.correlation)
    later = _count(generator, np.repeat(after, m, axis=1), per_class, world.correlation)
    both = generator.hypergeometric(earlier, per_class - earlier, later)
    changed = earlier + later - 2 * both
    first = np.concatenate([[0], np.cumsum(m)[:-1]])
    total = np.add.reduceat(later - earlier, first, axis=1)
    squares = np.add.reduceat(changed, first, axis=1)
    inside = squares - np.add.reduceat((later - earlier) ** 2 / per_class, first, axis=1)
    variance = (before * (1 - before)).mean() + (untouched * (1 - untouched)).mean()
    return Drawn(
        mean=(total / n)[:, :, None],
        within=((squares - total**2 / n) / (n - 1))[:, :, None],
        inner=(inside / (n - m))[:, :, None],
        treated=treated,
        lift=lift,
        a=float((untouched - before).var()),
        b=(1 - world.correlation) * variance,
        c=world.correlation * variance,
    )


def contrast_covariance(starts: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return (S, S) covariances of contrasts at the starts: of an autoregression over terms, and of plain noise.

    Both are scaled to a mean variance of 1.
    """
    time = np.arange(TERMS)
    turn = np.array([np.where(time >= s, 1 / (TERMS - s), -1 / s) for s in starts])
    lasting = turn @ PERSISTENCE ** np.abs(time[:, None] - time[None, :]) @ turn.T
    passing = turn @ turn.T
    return lasting / np.diag(lasting).mean(), passing / np.diag(passing).mean()


def exposure(shape: Geometry) -> np.ndarray:
    """Return (S, S): the contrast at start j of a constant effect from start i on, with equal terms."""
    time = np.arange(TERMS)
    turn = np.array([np.where(time >= s, 1 / (TERMS - s), -1 / s) for s in shape.starts])
    return np.array([turn @ (time >= s) for s in shape.starts])


def true_deviation(weights: np.ndarray, drawn: Drawn, shape: Geometry) -> np.ndarray:
    """Return (N,) standard deviations of effects with these (N, G, S) weights, from what is true of the world."""
    lasting, passing = contrast_covariance(shape.starts)
    shared = drawn.a + drawn.c * _class_share(shape)
    variance = np.einsum("ngs,sr,ngr,g->n", weights, lasting, weights, shared, optimize=True)
    variance += np.einsum("ngs,sr,ngr,g->n", weights, passing, weights, drawn.b / shape.pupils, optimize=True)
    return np.sqrt(variance)


def make_sums(world: World, drawn: Drawn, number: int) -> SchoolSums:
    """Return one of the studies as the public verbs take it; without classes where they are not known."""
    shape = geometry(world)
    treated = drawn.treated[number % len(drawn.treated)]
    names = [f"{place}-{i:02d}" for i, place in enumerate(shape.places)]
    began = np.full(len(names), np.nan)
    began[treated] = shape.began
    schools = pd.DataFrame({"site": shape.places, "municipality": shape.places, "school": names})
    parts = []
    for slot, start in enumerate(shape.starts):
        part = schools.assign(start=start, pupils=shape.pupils, classes=shape.classes.astype(float))
        part["contrast_sum"] = shape.pupils * drawn.mean[number, :, slot]
        part["variance_within_school"] = drawn.within[number, :, slot]
        part["variance_within_class"] = drawn.inner[number, :, slot]
        parts.append(part)
    contrasts = pd.concat(parts, ignore_index=True)
    if not world.known:
        contrasts[["classes", "variance_within_class"]] = np.nan
    terms = schools.assign(pupils=shape.pupils).merge(pd.DataFrame({"time": range(TERMS)}), how="cross")
    return SchoolSums(
        outcome="attendance_rate",
        unit="points",
        schools=schools.assign(treated_from=began),
        terms=terms.assign(outcome_sum=0.0),
        contrasts=contrasts,
        labels=LABELS,
    )


def read_world(world: World, drawn: Drawn) -> SchoolDesign:
    """Return the design that all the studies share, seeded by the first."""
    design = read_design(make_sums(world, drawn, 0))
    return replace(design, slots=geometry(world).slots, treated=drawn.treated[0])


def pool(world: World, drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Return (R, S) person and class variances, as a design reads them from the sums of a study."""
    shape = geometry(world)
    n, m = shape.pupils[:, None].astype(float), shape.classes[:, None].astype(float)
    total = ((n - 1) * drawn.within).sum(axis=1)
    if not world.known:
        return total / (n - 1).sum(), np.full(total.shape, np.nan)
    inside = ((n - m) * drawn.inner).sum(axis=1)
    person = inside / (n - m).sum()
    between = total - inside - (m - 1).sum() * person
    return person, np.maximum(0.0, between / (n - n / m).sum())


def _shocks(generator: np.random.Generator, shape: tuple[int, int], covariance: np.ndarray, tails: str) -> np.ndarray:
    """Return (*shape, S) draws with this covariance; heavy ones are multivariate t with 3 degrees of freedom."""
    found = generator.standard_normal((*shape, len(covariance))) @ np.linalg.cholesky(covariance).T
    return found / np.sqrt(generator.chisquare(3, (*shape, 1))) if tails == "heavy" else found


def _squares(generator: np.random.Generator, studies: int, freedom: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return (R, G, S) diagonals of Wishart matrices, by Bartlett's decomposition."""
    count, root = len(covariance), np.linalg.cholesky(covariance)
    factor = np.zeros((studies, len(freedom), count, count))
    for i in range(count):
        factor[:, :, i, i] = np.sqrt(generator.chisquare(freedom - i, (studies, len(freedom))))
        factor[:, :, i, :i] = generator.standard_normal((studies, len(freedom), i))
    return ((root @ factor) ** 2).sum(axis=3)


def _class_sizes(pupils: np.ndarray, classes: np.ndarray) -> np.ndarray:
    sizes = [n // m + (np.arange(m) < n % m) for n, m in zip(pupils, classes, strict=True)]
    return np.concatenate(sizes)


def _class_share(shape: Geometry) -> np.ndarray:
    """Return (G,) the sum of the squared shares of a school's classes."""
    sizes = _class_sizes(shape.pupils, shape.classes)
    first = np.concatenate([[0], np.cumsum(shape.classes)[:-1]])
    return np.add.reduceat(sizes.astype(float) ** 2, first) / shape.pupils**2


def _count(generator: np.random.Generator, share: np.ndarray, size: np.ndarray, correlation: float) -> np.ndarray:
    if correlation > 0:
        spare = 1 / correlation - 1
        share = generator.beta(share * spare, (1 - share) * spare)
    return generator.binomial(size, share)
