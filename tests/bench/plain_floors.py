"""The shortest correct numpy for the tasks of ``bench_models.py``: what any of them could cost at best."""

from __future__ import annotations

import itertools

import numpy as np


def two_way(data: dict[str, np.ndarray]) -> np.ndarray:
    """Return coefficient and clustered standard error of y on x with unit and time effects, any panel."""
    unit, time, school = data["unit"], data["time"], data["school"]
    count = np.bincount(unit)

    def sweep(values: np.ndarray) -> np.ndarray:
        return values - (np.bincount(unit, values) / count)[unit]

    x, y = sweep(data["x"]), sweep(data["y"])
    seen = np.zeros((len(count), time.max() + 1))
    seen[unit, time] = 1.0
    crossed = np.diag(seen.sum(axis=0)) - (seen / count[:, None]).T @ seen
    inverse = np.linalg.pinv(crossed, rcond=1e-10, hermitian=True)
    x = x - sweep((inverse @ np.bincount(time, x))[time])
    y = y - sweep((inverse @ np.bincount(time, y))[time])
    steep = x @ x
    slope = x @ y / steep
    scores = np.bincount(school, x * (y - slope * x))
    clusters, rows = len(scores), len(x)
    factor = clusters / (clusters - 1) * (rows - 1) / (rows - 1 - seen.shape[1])
    return np.array([slope, np.sqrt(factor * (scores @ scores)) / steep])


def group_time(data: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return effects by time since the start, and their (P, C) influence by school; balanced panels."""
    terms, units = data["time"].max() + 1, data["unit"].max() + 1
    wide = np.empty((terms, units))
    wide[data["time"], data["unit"]] = data["outcome"]
    start, school = np.empty(units, dtype=np.int64), np.empty(units, dtype=np.int64)
    start[data["unit"]], school[data["unit"]] = data["start"], data["school"]
    never, clusters = np.flatnonzero(start == 0), school.max() + 1
    found: dict[int, list[tuple[float, np.ndarray, np.ndarray]]] = {}
    for first in np.unique(start[start > 0]):
        mine = np.flatnonzero(start == first)
        load = np.bincount(school[mine], minlength=clusters)
        for time in range(1, terms):
            base = first - 1 if time >= first else time - 1
            value, influence = 0.0, np.zeros(clusters)
            for sign, members in ((1.0, mine), (-1.0, never)):
                change = wide[time, members] - wide[base, members]
                mean = change.mean()
                value += sign * mean
                influence += sign * np.bincount(school[members], change - mean, clusters) / len(members)
            found.setdefault(int(time - first), []).append((value, influence, load))
    effects, influences = [], []
    for since in sorted(found):
        values, influence, load = (np.array(part) for part in zip(*found[since], strict=True))
        share = load.sum(axis=1) / load.sum()
        effects.append(share @ values)
        influences.append(share @ influence + (values - effects[-1]) @ load / load.sum())
    return np.array(effects), np.array(influences)


def group_time_band(data: dict[str, np.ndarray], draws: int = 999) -> np.ndarray:
    """Return the effects, and how many standard errors a uniform band reaches, by a multiplier bootstrap by school."""
    effects, influence = group_time(data)
    scaled = influence / np.sqrt((influence**2).sum(axis=1))[:, None]
    signs = np.random.default_rng(1).choice([-1.0, 1.0], size=(draws, influence.shape[1]))
    return np.append(effects, np.quantile(np.abs(signs @ scaled.T).max(axis=1), 0.95))


def permutation(contrast: np.ndarray, pupils: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the studentised difference of every pair of schools, weighted by pupils, the first two observed; and p."""
    pairs = np.array(list(itertools.combinations(range(len(contrast)), 2)))
    treated = np.zeros((len(pairs), len(contrast)))
    np.put_along_axis(treated, pairs, 1.0, axis=1)
    own, other = treated * pupils, (1.0 - treated) * pupils
    weight = own / own.sum(axis=1, keepdims=True) - other / other.sum(axis=1, keepdims=True)
    far = np.abs(weight @ contrast) / np.sqrt(weight**2 @ variance)
    return np.append(far, (far >= far[0]).mean())
