"""The attack on rates, means and sums."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evalkit.disclosure.attack import Position, Reader, add_margins
from evalkit.disclosure.policy import Policy
from evalkit.disclosure.published import Finding, PublishedRow, adding_axes
from evalkit.values import Column

EXACT = 1e-6
SAME = 1e-9


class Sum(NamedTuple):
    """One sum over persons: of whom, what, where."""

    universe: str
    column: str
    position: Position


@dataclass(frozen=True)
class Ratio:
    """One rate, mean or sum of one row."""

    row: PublishedRow
    column: Column
    sum: Sum
    value: float
    weight: float
    persons: float

    @property
    def hidden(self) -> bool:
        """Whether readers do not see it."""
        return not self.row.shows(self.column.name)

    def span(self, policy: Policy) -> float:
        """Return how far apart a reader must think it possible, before the rule's share of it is taken."""
        scale = policy.scale(self.column.unit) if self.column.kind != "amount" else None
        if scale is None or not scale[0] * self.weight - SAME <= self.value <= scale[1] * self.weight + SAME:
            return abs(self.value)
        return (scale[1] - scale[0]) * self.weight


def attack_ratios(rows: Sequence[PublishedRow], policy: Policy) -> Finding | None:
    """Try to tell hidden rates, means and sums, with every denominator known.

    Returns
    -------
    Finding or None
        The first one told more narrowly than the policy allows, or shown on too few persons.
    """
    ratios = [ratio for row in rows for ratio in _ratios(row)]
    if bare := next((r for r in ratios if r.row.current and not r.hidden and r.persons < policy.ratio_persons), None):
        return Finding(bare.row.table.name, bare.column.name, "a ratio on too few persons is shown")
    scaled = _in_scale(ratios, policy)
    reader = Reader({ratio.sum: ratio.value / scaled.unit[_key(ratio)] for ratio in ratios})
    reader.known = {ratio.sum for ratio in ratios if not ratio.hidden or ratio.weight == 0}
    earlier = {ratio.sum for ratio in ratios if not ratio.hidden and not ratio.row.current}
    for ratio in ratios:
        reader.bound(ratio.sum, *scaled.bounds(ratio, policy))
    _tell_relations(reader, rows)
    for ratio in ratios:
        if not ratio.row.current or not ratio.hidden or ratio.sum in earlier or ratio.weight == 0:
            continue
        share = policy.ratio_width if ratio.persons < policy.ratio_persons else policy.ratio_width / 10
        wanted = (
            share
            * (ratio.span(policy) if _key(ratio) in scaled.inside else abs(ratio.value))
            / scaled.unit[_key(ratio)]
        )
        if reader.uncertainty(ratio.sum, wanted) < wanted * (1 - EXACT) - SAME:
            return Finding(ratio.row.table.name, ratio.column.name, "a hidden ratio can be worked out")
    return None


@dataclass(frozen=True)
class _Scales:
    """Which columns keep to their unit's scale, and the weight a person has in each."""

    inside: set[tuple[str, str]]
    unit: dict[tuple[str, str], float]

    def bounds(self, ratio: Ratio, policy: Policy) -> tuple[float, float]:
        scale = policy.scale(ratio.column.unit) if _key(ratio) in self.inside else None
        low, high = scale or (min(0.0, ratio.value), math.inf)
        if scale is None:
            return low / self.unit[_key(ratio)], high
        return low * ratio.weight / self.unit[_key(ratio)], high * ratio.weight / self.unit[_key(ratio)]


def _in_scale(ratios: Sequence[Ratio], policy: Policy) -> _Scales:
    outside: set[tuple[str, str]] = set()
    inside: set[tuple[str, str]] = set()
    weights: dict[tuple[str, str], float] = defaultdict(float)
    persons: dict[tuple[str, str], float] = defaultdict(float)
    for ratio in ratios:
        scale = policy.scale(ratio.column.unit) if ratio.column.kind != "amount" else None
        fits = scale is not None and scale[0] * ratio.weight - SAME <= ratio.value <= scale[1] * ratio.weight + SAME
        (inside if fits else outside).add(_key(ratio))
        weights[_key(ratio)] += ratio.weight
        persons[_key(ratio)] += ratio.persons
    unit = {key: weights[key] / persons[key] if weights[key] > 0 and persons[key] > 0 else 1.0 for key in weights}
    return _Scales(inside - outside, unit)


def _key(ratio: Ratio) -> tuple[str, str]:
    return ratio.sum.universe, ratio.sum.column


def _ratios(row: PublishedRow) -> Iterator[Ratio]:
    counts = {column.name for column in row.table.columns if column.kind == "count"}
    for column in row.table.columns:
        if column.kind not in ("rate", "mean", "amount") or not column.shown or not column.sensitive:
            continue
        above = column.name if column.kind == "amount" else str(column.numerator)
        behind = next(name for name in (column.persons, column.denominator, "persons") if name in counts)
        persons = row.true(str(behind))
        below = persons if column.kind == "amount" or column.denominator is None else row.true(column.denominator)
        value = row.true(above)
        if value is not None and below is not None and persons:
            yield Ratio(row, column, Sum(row.universe, above, row.position), value, below, persons)


def _tell_relations(reader: Reader, rows: Sequence[PublishedRow]) -> None:
    adding = adding_axes(rows)
    stands: dict[tuple[str, str], set[Position]] = defaultdict(set)
    for one in [one for one in reader.truth if isinstance(one, Sum)]:
        stands[one.universe, one.column].add(one.position)
    for (universe, column), positions in sorted(stands.items()):
        add_margins(
            reader,
            positions,
            lambda position, universe=universe, column=column: Sum(universe, column, position),  # type: ignore[misc]
            lambda axis, universe=universe: adding.get((universe, axis), False),  # type: ignore[misc]
        )
        _tell_repeats(reader, universe, column, positions, adding)


def _tell_repeats(
    reader: Reader, universe: str, column: str, positions: set[Position], adding: dict[tuple[str, str], bool]
) -> None:
    """Minutes add up over terms as well; where they do not, the total is of something else."""
    terms: dict[tuple[Position, str], list[Sum]] = defaultdict(list)
    for position in sorted(positions, key=sorted):
        for axis, level in position:
            total = position - {(axis, level)}
            if not adding.get((universe, axis), True) and total in positions:
                terms[total, axis].append(Sum(universe, column, position))
    for (total, _), members in terms.items():
        whole = Sum(universe, column, total)
        if math.isclose(sum(reader.truth[member] for member in members), reader.truth[whole], rel_tol=1e-6):
            reader.equate({**dict.fromkeys(members, 1.0), whole: -1.0})
