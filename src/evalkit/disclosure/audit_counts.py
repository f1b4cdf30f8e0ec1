"""The attack on counts and shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from evalkit.disclosure.attack import Position, Reader, add_margins
from evalkit.disclosure.policy import Policy
from evalkit.disclosure.published import Finding, PublishedRow, adding_axes
from evalkit.vocabulary import absence_bands, absence_threshold

EXACT = 1e-6


class Count(NamedTuple):
    """One count: of whom, what, where."""

    universe: str
    column: str
    position: Position


class Rest(NamedTuple):
    """The persons of a whole who are not in a part of it."""

    part: Count
    whole: Count


class Pair(NamedTuple):
    """A part and its whole in one row, and the share of them if that is a column readers see."""

    part: str
    whole: str
    share: str | None
    told: bool


def attack_counts(rows: Sequence[PublishedRow], policy: Policy) -> Finding | None:
    """Try to tell hidden counts.

    Returns
    -------
    Finding or None
        The first count told more narrowly than the policy allows, or shown against its rules.
    """
    truth = {count: value for row in rows for count, value in _counts(row)}
    reader = Reader(truth)
    earlier = {count for row in rows if not row.current for count in _shown(row)}
    reader.known = earlier | {count for row in rows if row.current for count in _shown(row)}
    _tell_relations(reader, rows)
    for row in rows:
        _tell_row(reader, row, policy)
    nobody = _nobody(reader, policy)
    for row in (row for row in rows if row.current):
        for quantity, column, width in _guarded(row, policy, nobody):
            if (quantity[0] if isinstance(quantity, Rest) else quantity) in earlier:
                continue
            if reader.uncertainty(quantity, width) < width - EXACT:
                return Finding(
                    row.table.name, column, "a hidden count can be worked out, or should be hidden and is not"
                )
    small = [rest for rest in reader.rests() if 1 <= truth_of(reader, rest) <= policy.small]
    if any(reader.uncertainty(rest, policy.small - 1) < policy.small - 1 - EXACT for rest in small):
        return Finding("the release", "persons", "persons at no level of an axis can be counted")
    return None


def truth_of(reader: Reader, quantity: object) -> float:
    """Return the true value of a quantity of the reader's."""
    return reader.truth[quantity]


def pairs_of(row: PublishedRow) -> list[Pair]:
    """Return every part with its whole."""
    seen = _columns(row)
    found: dict[tuple[str, str], Pair] = {}
    for column in row.table.columns:
        if column.name in seen and column.denominator in seen:
            found[column.name, column.denominator] = Pair(column.name, column.denominator, None, column.shown)
    for column in row.table.columns:
        if column.kind == "share" and column.shown and column.sensitive:
            part, whole = str(column.numerator), str(column.denominator)
            found[part, whole] = Pair(part, whole, column.name, True)
    return list(found.values())


def _columns(row: PublishedRow) -> set[str]:
    """Return the counts that can be read or worked out in a row."""
    told = [c for c in row.table.columns if c.kind == "share" and c.shown and c.sensitive]
    inside = {str(name) for column in told for name in (column.numerator, column.denominator)}
    return {c.name for c in row.table.columns if c.kind == "count" and c.sensitive and (c.shown or c.name in inside)}


def _counts(row: PublishedRow) -> Iterator[tuple[Count, float]]:
    for name in sorted(_columns(row)):
        value = row.true(name)
        if value is not None:
            yield Count(row.universe, name, row.position), value


def _shown(row: PublishedRow) -> Iterator[Count]:
    columns = {name for name in _columns(row) if row.shows(name)}
    for pair in pairs_of(row):
        if pair.share is not None and row.shows(pair.share):
            columns |= {pair.part, pair.whole}
    return (Count(row.universe, name, row.position) for name in columns)


def _tell_relations(reader: Reader, rows: Sequence[PublishedRow]) -> None:
    adding = adding_axes(rows)
    stands: dict[tuple[str, str], set[Position]] = defaultdict(set)
    for count in [count for count in reader.truth if isinstance(count, Count)]:
        stands[count.universe, count.column].add(count.position)
    for (universe, column), positions in sorted(stands.items()):
        add_margins(
            reader,
            positions,
            lambda position, universe=universe, column=column: Count(universe, column, position),  # type: ignore[misc]
            lambda axis, universe=universe: adding.get((universe, axis), False),  # type: ignore[misc]
        )
        _tell_repeats(reader, universe, column, positions, adding)
    _tell_bands(reader)


def _tell_repeats(
    reader: Reader, universe: str, column: str, positions: set[Position], adding: dict[tuple[str, str], bool]
) -> None:
    """Tell that a total over terms is no smaller than any term and no larger than all of them."""
    terms: dict[tuple[Position, str], list[Count]] = defaultdict(list)
    for position in sorted(positions, key=sorted):
        for axis, level in position:
            total = position - {(axis, level)}
            if not adding.get((universe, axis), True) and total in positions:
                terms[total, axis].append(Count(universe, column, position))
    for (total, _), members in terms.items():
        whole = Count(universe, column, total)
        values = [reader.truth[member] for member in members]
        if max(values) > reader.truth[whole] or sum(values) < reader.truth[whole]:
            continue
        for member in members:
            reader.order({whole: 1.0, member: -1.0})
        reader.order({**dict.fromkeys(members, 1.0), whole: -1.0})


def _tell_bands(reader: Reader) -> None:
    """High absence is the bands from its threshold up."""
    high = float(absence_threshold("high", date.max).limit)
    labels = {band.label for band in absence_bands(date.max) if band.lower >= high}
    sums: dict[Count, list[Count]] = defaultdict(list)
    for count in [count for count in reader.truth if isinstance(count, Count) and count.column == "persons"]:
        for level in count.position:
            whole = Count(count.universe, "high_absence_persons", count.position - {level})
            if level[0] == "absence_band" and level[1] in labels and whole in reader.truth:
                sums[whole].append(count)
    if all(sum(reader.truth[count] for count in counts) == reader.truth[whole] for whole, counts in sums.items()):
        for whole, counts in sums.items():
            reader.equate({**dict.fromkeys(counts, 1.0), whole: -1.0})


def _tell_row(reader: Reader, row: PublishedRow, policy: Policy) -> None:
    """Tell what marks, and the absence of marks, mean."""
    parts = {pair.part for pair in pairs_of(row)}
    for count, value in _counts(row):
        # Zeros are shown, so what is hidden is none.
        reader.bound(count, 1.0 if value and count.column not in parts else 0.0)
    for pair in pairs_of(row):
        part, whole = (Count(row.universe, name, row.position) for name in (pair.part, pair.whole))
        if part not in reader.truth or whole not in reader.truth:
            continue
        rest = Rest(part, whole)
        if rest not in reader.truth:
            reader.truth[rest] = reader.truth[whole] - reader.truth[part]
            reader.equate({part: 1.0, rest: 1.0, whole: -1.0})
        reader.bound(rest, 0.0)
        if part not in reader.known and whole in reader.known and reader.truth[whole] >= policy.ratio_persons:
            _tell_mark(reader, row, pair, rest, policy)
    _tell_carriers(reader, row, policy)


def _tell_mark(reader: Reader, row: PublishedRow, pair: Pair, rest: Rest, policy: Policy) -> None:
    low, high = policy.near
    least = {quantity: min(float(low), reader.truth[quantity]) for quantity in (rest.part, rest)}
    mark = str(row.marks[pair.share]) if pair.share is not None else ""
    middle = min(reader.truth[rest.part], reader.truth[rest]) > high
    near = {"~0": rest.part, "~100": rest}.get(mark)
    for quantity in (rest.part, rest):
        if quantity is near:
            reader.bound(quantity, low, high)
        elif near is not None or (pair.share is not None and middle):
            reader.bound(quantity, high + 1)
        elif pair.told:
            reader.bound(quantity, least[quantity])


def _tell_carriers(reader: Reader, row: PublishedRow, policy: Policy) -> None:
    """Tell that a shown rate or mean rests on enough persons."""
    for column in row.table.columns:
        count = Count(row.universe, str(column.persons), row.position)
        if column.kind in ("rate", "mean") and column.sensitive and row.shows(column.name) and count in reader.truth:
            reader.bound(count, min(float(policy.ratio_persons), reader.truth[count]))


def _nobody(reader: Reader, policy: Policy) -> set[object]:
    """Return what is 0 because published zeros, and shares of 0 and 100 %, say so."""
    found: set[object] = {count for count in reader.known if reader.truth[count] == 0}
    for rest in [one for one in reader.truth if isinstance(one, Rest)]:
        whole = reader.truth[rest.whole] >= policy.ratio_persons
        if whole and reader.truth[rest] == 0 and {rest.part, rest.whole} <= reader.known:
            found.add(rest)
    before = -1
    while before < len(found):
        before = len(found)
        for terms in reader.equations:
            for sign in (1, -1):
                if all(quantity in found for quantity, factor in terms.items() if factor * sign > 0):
                    found.update(quantity for quantity, factor in terms.items() if factor * sign < 0)
        for terms in reader.orders:
            if all(quantity in found for quantity, factor in terms.items() if factor > 0):
                found.update(quantity for quantity, factor in terms.items() if factor < 0)
    return found


def _guarded(row: PublishedRow, policy: Policy, nobody: set[object]) -> Iterator[tuple[Count | Rest, str, float]]:
    """Give what must stay uncertain in a row, and how far."""
    low, high = policy.near
    excused = set()
    for pair in (pair for pair in pairs_of(row) if pair.told):
        part, whole = row.true(pair.part), row.true(pair.whole)
        if part is None or not whole:
            continue
        count = Count(row.universe, pair.part, row.position)
        rest = Rest(count, Count(row.universe, pair.whole, row.position))
        if whole >= policy.ratio_persons:
            for quantity, value in ((count, part), (rest, whole - part)):
                if low <= value <= high:
                    yield quantity, pair.part, float(high - low)
            continue
        if count in nobody or rest in nobody:
            excused.add(pair.part)
        else:
            yield count, pair.part, float(policy.spread)
    for count, value in _counts(row):
        if 1 <= value <= policy.small:
            yield count, count.column, policy.small - 1.0
        elif not row.shows(count.column) and row.table.column(count.column).shown and count.column not in excused:
            yield count, count.column, 1.0
