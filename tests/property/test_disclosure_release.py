"""Random releases: nothing hidden can be worked out, by a route of the test's own.

The reader of these tests knows less than the audit's (no marks but the numbers' own bounds) but reasons in whole
persons: each hidden count's smallest and largest value come from an integer programme over what is published.
"""

from __future__ import annotations

import time
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from drawn_releases import FAILED, FAILED_SHARE, PERSONS, PRESENT, RATE, REPORTED, SKOLVERKET, STRICT
from evalkit.disclosure import protect, protect_release
from evalkit.disclosure.cells import gather_counts
from evalkit.disclosure.counts import judge
from evalkit.errors import DisclosureError
from evalkit.values import Axis, Flow, FlowStep, Table

FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SEXES = ("woman", "man")
PERSON = st.one_of(st.integers(0, 6), st.integers(0, 60))


@st.composite
def pupils(draw) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Persons and failed by sex, school and year group."""
    schools = draw(st.integers(2, 3))
    keys = list(product(SEXES, "ABC"[:schools], ("7", "8")))
    found = {}
    for key in keys:
        persons = draw(PERSON)
        found[key] = (persons, draw(st.integers(0, persons)))
    return found


AXES = ("sex", "school", "year")


def tabulated(counted, by: tuple[str, ...], *, totals: bool, failed: bool) -> Table:
    """Count over some of the three axes, with or without the totals."""
    found = {}
    for key, (persons, fails) in counted.items():
        levels = dict(zip(AXES, key, strict=True))
        for shown in product(*((levels[axis], "all") if totals else (levels[axis],) for axis in by)):
            before = found.get(shown, (0, 0))
            found[shown] = (before[0] + persons, before[1] + fails)
    frame = pd.DataFrame([(*key, *value) for key, value in found.items()], columns=[*by, "persons", "failed"])
    frame["failed_share"] = frame["failed"] / frame["persons"].where(frame["persons"] > 0)
    columns = (PERSONS, FAILED, FAILED_SHARE) if failed else (PERSONS,)
    levels = {axis: tuple(sorted({key[place] for key in counted})) for place, axis in enumerate(AXES)}
    axes = tuple(Axis(axis, levels[axis], "all" if totals else None) for axis in by)
    name = f"{'_'.join(by)}_{totals}_{failed}"
    return Table(name, "pupils", axes, columns, frame[[*by, *(column.name for column in columns)]])


TABLES = st.lists(
    st.tuples(
        st.sampled_from([("sex",), ("school",), ("sex", "school"), ("school", "year"), ("year",)]),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
    unique=True,
)


def requested(counted, choice) -> dict[str, Table]:
    tables = [tabulated(counted, by, totals=totals, failed=failed) for by, totals, failed in choice]
    return {f"c/{each.name}": each for each in tables}


def hidden_ranges(release) -> list[tuple[int, float, float]]:
    """Return each hidden count's true value, and the least and most it can be, in whole persons, by what is published.

    Unknown are the persons who passed and who failed in every cell of the three axes; everything published is a sum.
    """
    tables = [release.requests[key] for key in release.protected]
    levels = {axis.name: set() for table in tables for axis in table.axes}
    for table in tables:
        for axis in table.axes:
            levels[axis.name] |= set(axis.levels)
    cells = list(product(*(sorted(levels[axis]) for axis in sorted(levels))))
    sums, targets, hidden = [], [], []
    for key, protected in release.protected.items():
        table = release.requests[key]
        asked, told, marks = table.frame, protected.value.frame, protected.marks
        for row in range(len(asked)):
            at = {axis.name: asked.loc[row, axis.name] for axis in table.axes}
            inside = [
                all(at.get(axis, "all") in (level, "all") for axis, level in zip(sorted(levels), cell, strict=True))
                for cell in cells
            ]
            for column in ("persons", "failed"):
                if column not in asked:
                    continue
                passed = column == "persons"
                total = np.array([inside, [one and passed for one in inside]], dtype=float).ravel()
                if marks.loc[row, column] == "":
                    sums.append(total)
                    targets.append(told.loc[row, column])
                elif (
                    passed
                    or asked.loc[row, "persons"] >= 10
                    or asked.loc[row, column] not in (0, asked.loc[row, "persons"])
                ):
                    # that none or all of a few failed may follow from a shown 0 or 100 % around them
                    hidden.append((int(asked.loc[row, column]), total))
    limits = LinearConstraint(np.array(sums), targets, targets) if sums else ()
    ranges = []
    for true, total in hidden:
        ends = []
        for sign in (1, -1):
            found = milp(sign * total, constraints=limits, integrality=np.ones(len(total)), bounds=Bounds(0, 1000))
            assert found.status == 0
            ends.append(sign * found.fun)
        ranges.append((true, ends[0], ends[1]))
    return ranges


@FEW
@given(pupils(), TABLES)
def test_no_hidden_count_can_be_worked_out(counted, choice):
    release = protect_release(requested(counted, choice), SKOLVERKET)
    for true, least, most in hidden_ranges(release):
        assert least <= true <= most
        assert most - least >= 1 - 1e-6
        if 1 <= true <= 4:
            assert most - least >= 3 - 1e-6


@FEW
@given(pupils(), TABLES)
def test_the_same_again_changes_nothing(counted, choice):
    requests = requested(counted, choice)
    once = protect_release(requests, SKOLVERKET)
    assert protect_release(dict(reversed(requests.items())), SKOLVERKET).digest == once.digest
    assert protect_release(requests, SKOLVERKET, [once]).digest == once.digest


@FEW
@given(pupils(), TABLES)
def test_twice_is_once(counted, choice):
    for value in requested(counted, choice).values():
        once = protect(value, policy=SKOLVERKET)
        twice = protect(once.value, policy=SKOLVERKET)
        pd.testing.assert_frame_equal(once.value.frame, twice.value.frame)


@FEW
@given(pupils(), TABLES, TABLES)
def test_a_second_release_gives_nothing_of_the_first_away(counted, first, second):
    before = protect_release(requested(counted, first), SKOLVERKET)
    later = {key: value for key, value in requested(counted, second).items() if key not in before.requests}
    try:
        after = protect_release(later, SKOLVERKET, [before])
    except DisclosureError:
        return  # a refusal gives nothing away
    both = type(before)(SKOLVERKET, {**before.requests, **later}, {**before.protected, **after.protected})
    for true, least, most in hidden_ranges(both):
        assert most - least >= (3 if 1 <= true <= 4 else 1) - 1e-6


@FEW
@given(pupils(), TABLES)
def test_a_stricter_policy_hides_no_less_by_rule(counted, choice):
    counts = gather_counts(requested(counted, choice).values())
    assert judge(counts, SKOLVERKET).hidden <= judge(counts, STRICT).hidden


@FEW
@given(pupils())
def test_what_is_shown_is_true(counted):
    table = tabulated(counted, ("sex", "school"), totals=True, failed=True)
    protected = protect(table, policy=SKOLVERKET)
    for name in ("persons", "failed", "failed_share"):
        shown = protected.marks[name] == ""
        np.testing.assert_allclose(protected.value.frame.loc[shown, name], table.frame.loc[shown, name])
        assert protected.value.frame.loc[~shown, name].isna().all()
        small = table.frame["persons"].between(1, 4) if name == "persons" else table.frame["failed"].between(1, 4)
        assert not (shown & small).any()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), min_size=1, max_size=8),
    st.sampled_from([SKOLVERKET, STRICT]),
)
def test_no_flow_can_be_subtracted(left_out, policy):
    persons = np.cumsum([count for count, _ in left_out][::-1])[::-1]
    spells = persons + np.cumsum([extra for _, extra in left_out][::-1])[::-1]
    steps = tuple(
        FlowStep(str(n), "", "", int(p), int(s)) for n, (p, s) in enumerate(zip(persons, spells, strict=True))
    )
    told = protect(Flow(steps), policy=policy).value
    for numbers in ([step.persons for step in told.steps], [step.spells for step in told.steps]):
        differences = [a - b for a, b in pairwise(numbers)]
        assert all(number == 0 or number >= policy.step_minimum for number in [*numbers, *differences])
        assert all(number % policy.rounding_base == 0 for number in numbers)
    assert protect(told, policy=policy).value.steps == told.steps


@st.composite
def measured(draw) -> Table:
    """Minutes present and reported by school and sex, with totals."""
    rows = {}
    for key in product("ABC"[: draw(st.integers(2, 3))], SEXES):
        persons = draw(st.integers(0, 30))
        reported = persons * draw(st.integers(900, 1100))
        present = int(reported * draw(st.floats(0.5, 1.0)))
        for shown in product(*((level, "all") for level in key)):
            before = rows.get(shown, (0, 0, 0))
            rows[shown] = tuple(a + b for a, b in zip(before, (persons, present, reported), strict=True))
    frame = pd.DataFrame(
        [(*key, *value) for key, value in rows.items()], columns=["school", "sex", "persons", "present", "reported"]
    )
    frame["rate"] = frame["present"] / frame["reported"].where(frame["reported"] > 0)
    levels = [tuple(sorted(set(frame[axis]) - {"all"})) for axis in ("school", "sex")]
    axes = (Axis("school", levels[0], "all"), Axis("sex", levels[1], "all"))
    return Table("measured", "pupils", axes, (PERSONS, PRESENT, REPORTED, RATE), frame)


@FEW
@given(measured())
def test_no_hidden_rate_can_be_worked_out(table):
    """With every denominator known, a rate on too few persons stays uncertain by ten percentage points."""
    protected = protect(table, policy=SKOLVERKET)
    frame, marks = table.frame, protected.marks
    inner = frame[(frame["school"] != "all") & (frame["sex"] != "all")].index
    sums, targets = [], []
    for row in frame.index:
        if marks.loc[row, "rate"] == "":
            sums.append(inside(frame, inner, row))
            targets.append(frame.loc[row, "present"])
    limits = LinearConstraint(np.array(sums), targets, targets) if sums else ()
    for row in frame.index[marks["rate"] == ".."]:
        total, weight = inside(frame, inner, row), frame.loc[row, "reported"]
        most = Bounds(0, frame.loc[inner, "reported"].to_numpy(dtype=float))
        ends = [milp(sign * total, constraints=limits, bounds=most) for sign in (1, -1)]
        width = (-ends[1].fun - ends[0].fun) / weight
        few = frame.loc[row, "persons"] < 10
        assert width >= (0.1 if few else 0.01) - 1e-6
    assert not (frame["persons"].between(1, 9) & (marks["rate"] == "")).any()


def inside(frame, inner, row):
    school, sex = frame.loc[row, "school"], frame.loc[row, "sex"]
    parts = frame.loc[inner]
    return (
        parts["school"].isin([school, *([] if school != "all" else set(parts["school"]))])
        & parts["sex"].isin([sex, *([] if sex != "all" else SEXES)])
    ).to_numpy(dtype=float)


def test_a_release_of_some_hundred_cells_takes_seconds():
    random = np.random.default_rng(1)
    rows = []
    for term, school in product(range(8), range(15)):
        persons = int(random.integers(30, 200))
        rows += [(f"HT{term}", f"S{school}", persons, int(random.binomial(persons, 0.15)))]
    frame = pd.DataFrame(rows, columns=["term", "school", "persons", "failed"])
    totals = frame.groupby("term", as_index=False)[["persons", "failed"]].sum().assign(school="all")
    frame = pd.concat([frame, totals], ignore_index=True)
    frame["failed_share"] = frame["failed"] / frame["persons"]
    axes = (
        Axis("term", tuple(f"HT{n}" for n in range(8)), None, partition=False),
        Axis("school", tuple(f"S{n}" for n in range(15)), "all"),
    )
    table = Table("big", "pupils", axes, (PERSONS, FAILED, FAILED_SHARE), frame)
    started = time.perf_counter()
    release = protect_release(
        {f"c/{name}": Table(name, "pupils", axes, table.columns, frame) for name in "abcdefgh"}, SKOLVERKET
    )
    assert release.protected["c/a"].suppressed > 0
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("seed", range(30))
def test_thirty_like_113_minus_110(seed):
    """A school of 1-4 pupils, and the total in another table: the difference is never left."""
    random = np.random.default_rng(seed)
    small = int(random.integers(1, 5))
    schools = [int(one) for one in random.integers(5, 60, 4)]
    counted = {("woman", "A", "7"): (small, 0)}
    counted |= {(SEXES[n % 2], "BCDE"[n], "7"): (persons, 0) for n, persons in enumerate(schools)}
    release = protect_release(requested(counted, [(("school",), False, False), (("sex",), True, False)]), SKOLVERKET)
    shown = release.protected["c/school_False_False"].value.frame["persons"]
    assert shown.isna().sum() >= 2
    for true, least, most in hidden_ranges(release):
        assert most - least >= (3 if true <= 4 else 1)
