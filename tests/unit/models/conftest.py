"""School sums and panels small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from evalkit.values import Panel, SchoolSums

LABELS = tuple(enumerate(("HT2021", "VT2022", "HT2022", "VT2023", "HT2023", "VT2024", "HT2024", "VT2025")))


def make_sums(
    contrast: Mapping[str, Mapping[int, float]],
    treated: Mapping[str, int],
    *,
    municipality: Mapping[str, str] | None = None,
    pupils: Mapping[str, int] | None = None,
    variance: tuple[float, float] = (100.0, 100.0),
    classes: int | float = 4,
    unit: str = "points",
    terms: pd.DataFrame | None = None,
) -> SchoolSums:
    """Return sums with these contrasts by school and start; ``variance`` is within school and within class."""
    places, sizes = municipality or {}, pupils or {}
    names = list(contrast)
    schools = pd.DataFrame({"school": names})
    schools["municipality"] = [places.get(name, "1480") for name in names]
    schools["site"] = "site-" + schools["municipality"]
    schools["treated_from"] = [float(treated.get(name, np.nan)) for name in names]
    rows = []
    for _, school in schools.iterrows():
        for start, value in contrast[school["school"]].items():
            n = sizes.get(school["school"], 100)
            rows.append(
                (school["site"], school["municipality"], school["school"], start, n, classes, n * value, *variance)
            )
    columns = ["site", "municipality", "school", "start", "pupils", "classes", "contrast_sum"]
    contrasts = pd.DataFrame(rows, columns=[*columns, "variance_within_school", "variance_within_class"])
    if terms is None:
        terms = schools.merge(pd.DataFrame({"time": [time for time, _ in LABELS]}), how="cross")
        terms["pupils"] = [sizes.get(name, 100) for name in terms["school"]]
        terms["outcome_sum"] = 0.0
        terms["enrolled"] = terms["pupils"]
    return SchoolSums("attendance_rate", unit, schools, terms, contrasts, LABELS)


def make_study(seed: int, *, starts: tuple[int, ...] = (4, 5), count: int = 8, scale: float = 2.0) -> SchoolSums:
    """Return a random study of two municipalities, ``count`` schools in each, treated schools in turn in both."""
    generator = np.random.default_rng(seed)
    names = [f"{place}{number:02d}" for place in ("a", "b") for number in range(count)]
    treated = {f"{'ab'[i % 2]}{i // 2:02d}": start for i, start in enumerate(starts)}
    base = {name: generator.normal(0, scale) for name in names}
    return make_sums(
        {name: {start: base[name] + generator.normal(0, 0.5) for start in sorted(set(starts))} for name in names},
        treated,
        municipality={name: "1440" if name[0] == "a" else "1481" for name in names},
        pupils={name: int(generator.integers(20, 300)) for name in names},
        variance=(120.0, 110.0),
    )


def make_panel(seed: int, *, schools: int = 6, persons: int = 20, terms: int = 4, slope: float = 0.0) -> Panel:
    """Return an unbalanced panel of persons in schools, with a measure ``x``, an outcome ``y`` and year groups."""
    generator = np.random.default_rng(seed)
    rows = []
    for school in range(schools):
        for person in range(persons + 5 * school):
            level, slant = generator.normal(), generator.normal()
            for time in range(terms):
                if generator.random() < 0.8:
                    x = slant + generator.normal()
                    y = level + slope * x + 0.3 * time + generator.normal() + 0.2 * school * time
                    rows.append((f"p{school}-{person}", time, f"s{school}", 7 + time // 2, x, y))
    frame = pd.DataFrame(rows, columns=["person_id", "time", "cluster_school", "year_group", "x", "y"])
    return Panel(frame, "person_id", "time", "cluster_school", labels=tuple(LABELS[:terms]))


@pytest.fixture
def sums() -> Callable[..., SchoolSums]:
    return make_sums


@pytest.fixture
def study() -> Callable[..., SchoolSums]:
    return make_study


@pytest.fixture
def panel() -> Callable[..., Panel]:
    return make_panel
