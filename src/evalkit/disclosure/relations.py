"""What everybody knows about the numbers of a release: which of them add up to which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from evalkit.disclosure.cells import Cell, Part
from evalkit.errors import DisclosureError
from evalkit.vocabulary import absence_bands, absence_threshold

Relation = tuple[tuple[Cell, float], ...]
TOLERANCE = 1e-6


class Links:
    """Cells, known or derived, and the relations among them; every relation's terms add up to 0.

    Parameters
    ----------
    truth
        The cells that stand in tables.
    """

    def __init__(self, truth: Mapping[Cell, float]) -> None:
        self.values = dict(truth)
        self.derived: set[Cell] = set()
        self.outside: set[Cell] = set()
        self.relations: list[Relation] = []
        self.loose: set[int] = set()

    def derive(self, cell: Cell, value: float) -> Cell:
        """Add a number that stands in no table but is bound to those that do."""
        if cell not in self.values:
            self.values[cell] = value
            self.derived.add(cell)
        return cell

    def relate(self, *terms: tuple[Cell, float], loose: bool = False) -> None:
        """Add one relation; a loose one rarely binds: it only says by how much, its last term, one side is larger."""
        if loose:
            self.loose.add(len(self.relations))
        self.relations.append(terms)


def link_partitions(links: Links, axes: Mapping[tuple[str, str], bool]) -> None:
    """Levels of an axis that divides persons add up to their total, whether or not a table shows the total.

    Persons at no level (a person without a year group) are a number of their own, since a reader can subtract.

    Raises
    ------
    DisclosureError
        If levels add up to more than their total.
    """
    by_depth: dict[int, set[Cell]] = defaultdict(set)
    for cell in links.values:
        by_depth[len(cell.levels)].add(cell)
    for depth in range(max(by_depth, default=0), 0, -1):
        groups: dict[tuple[Cell, str], list[Cell]] = defaultdict(list)
        for cell in sorted(by_depth[depth]):
            for axis, _ in cell.levels:
                if axes.get((cell.universe, axis), False):
                    groups[_above(cell, axis), axis].append(cell)
        sums: dict[Cell, float] = defaultdict(float)
        for (parent, _), children in groups.items():
            sums[parent] = max(sums[parent], sum(links.values[child] for child in children))
        for parent, total in sums.items():
            by_depth[depth - 1].add(links.derive(parent, total))
        for (parent, axis), children in groups.items():
            _link_group(links, parent, axis, children)


def link_overlaps(links: Links, truth: Mapping[Cell, float], axes: Mapping[tuple[str, str], bool]) -> None:
    """Over an axis in which a person stands many times, a total is at least each level and at most all of them."""
    for (parent, axis), children in _overlapping(truth, axes).items():
        total = truth[parent]
        if any(truth[child] > total for child in children) or sum(truth[child] for child in children) < total:
            continue
        for child in children:
            slack = links.derive(
                Cell(child.universe, f"{child.column} over {axis} less", child.levels), total - truth[child]
            )
            links.relate((parent, 1.0), (child, -1.0), (slack, -1.0), loose=True)
        excess = sum(truth[child] for child in children) - total
        again = links.derive(Cell(parent.universe, f"{parent.column} again over {axis}", parent.levels), excess)
        links.relate(*((child, 1.0) for child in children), (parent, -1.0), (again, -1.0), loose=True)


def link_repeated_sums(links: Links, truth: Mapping[Cell, float], axes: Mapping[tuple[str, str], bool]) -> None:
    """Amounts add up over terms too; where the numbers say otherwise the total is of something else."""
    for (parent, _), children in _overlapping(truth, axes).items():
        if abs(sum(truth[child] for child in children) - truth[parent]) <= TOLERANCE * max(1.0, abs(truth[parent])):
            links.relate(*((child, 1.0) for child in children), (parent, -1.0))


def link_parts(links: Links, parts: Iterable[Part]) -> None:
    """Relate each part and the rest of its whole to the whole."""
    for pair in sorted(parts):
        rest = links.derive(pair.complement, links.values[pair.whole] - links.values[pair.part])
        links.relate((pair.part, 1.0), (rest, 1.0), (pair.whole, -1.0))


def link_bands(links: Links) -> None:
    """Relate persons with high absence to the bands above its threshold, unless the numbers say otherwise."""
    high = float(absence_threshold("high", date.max).limit)
    bands = {band.label for band in absence_bands(date.max) if band.lower >= high}
    members: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in sorted(links.values):
        if cell.column == "persons" and dict(cell.levels).get("absence_band") in bands:
            members[_above(cell, "absence_band")].append(cell)
    found = {Cell(whole.universe, "high_absence_persons", whole.levels): cells for whole, cells in members.items()}
    found = {part: cells for part, cells in found.items() if part in links.values}
    if all(links.values[part] == sum(links.values[cell] for cell in cells) for part, cells in found.items()):
        for part, cells in found.items():
            links.relate(*((cell, 1.0) for cell in cells), (part, -1.0))


def follow_zeros(links: Links, zeros: Iterable[Cell]) -> set[Cell]:
    """Return every number that is 0 because others are: no number is negative, so a sum of 0 has no part.

    Parameters
    ----------
    links
        Numbers and relations.
    zeros
        Numbers known to be 0.
    """
    found = set(zeros)
    growing = True
    while growing:
        growing = False
        for relation in links.relations:
            for sign in (1.0, -1.0):
                one = {cell for cell, factor in relation if factor == sign}
                other = {cell for cell, factor in relation if factor == -sign}
                if one <= found and not other <= found:
                    found |= other
                    growing = True
    return found


def _link_group(links: Links, parent: Cell, axis: str, children: list[Cell]) -> None:
    total = links.values[parent]
    left = total - sum(links.values[child] for child in children)
    terms = [(child, 1.0) for child in children]
    if left < -TOLERANCE * max(1.0, abs(total)):
        raise DisclosureError(
            f"the levels of {axis!r} add up to more than their total in column {parent.column!r}",
            remedy="an axis on which a person stands more than once has partition=False",
        )
    if left > TOLERANCE * max(1.0, abs(total)):
        outside = links.derive(Cell(parent.universe, f"{parent.column} outside {axis}", parent.levels), left)
        links.outside.add(outside)
        terms.append((outside, 1.0))
    links.relate(*terms, (parent, -1.0))


def _overlapping(
    truth: Mapping[Cell, float], axes: Mapping[tuple[str, str], bool]
) -> dict[tuple[Cell, str], list[Cell]]:
    groups: dict[tuple[Cell, str], list[Cell]] = defaultdict(list)
    for cell in sorted(truth):
        for axis, _ in cell.levels:
            if not axes.get((cell.universe, axis), True) and _above(cell, axis) in truth:
                groups[_above(cell, axis), axis].append(cell)
    return groups


def _above(cell: Cell, axis: str) -> Cell:
    return cell._replace(levels=tuple(level for level in cell.levels if level[0] != axis))
