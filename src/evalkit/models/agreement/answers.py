"""What the adapters are asked with, what they answer, and how a library's trouble becomes a named cause."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.errors import DesignError
from evalkit.values import Panel

# the parts of a library's own words that its troubles are told from; the words are never passed on, they may hold cells
NAMED = (
    ("balanced", "unbalanced"),
    ("collinear", "collinear"),
    ("rank-deficient", "collinear"),
    ("singular", "collinear"),
    ("never-treated", "no_never_treated"),
    ("never_treated", "no_never_treated"),
    ("pre-treatment", "too_few_terms"),
    ("pre_period", "too_few_terms"),
)
EXPECTED = ("weights normalized",)
OTHER = "library_refused"
COVARIATE = "covariate_"


@dataclass(frozen=True, eq=False)
class Cells:
    """Units by periods as every adapter takes them.

    Parameters
    ----------
    frame
        ``unit``, ``time`` (1, 2, ...), ``start`` (first treated time, 0 for never), ``outcome``, ``weight`` (the same
        in all rows of a unit), ``cluster``, and ``covariate_0``, ... where asked for.
    weighted
        Whether units weigh differently.
    balanced
        Whether every unit is seen at every time.
    left_out
        Units treated from the first time on, which no estimator can use.
    """

    frame: pd.DataFrame
    weighted: bool
    balanced: bool
    left_out: int = 0

    @property
    def treated(self) -> pd.Series[bool]:
        """Whether each row is a treated unit after its start."""
        return (self.frame["start"] > 0) & (self.frame["time"] >= self.frame["start"])

    @property
    def starts(self) -> tuple[int, ...]:
        """Starts among the treated, in order."""
        return tuple(sorted(int(start) for start in self.frame["start"].unique() if start > 0))

    def complete(self) -> Cells:
        """Return the cells of the units seen at every time."""
        seen = self.frame.groupby("unit")["time"].transform("size") == self.frame["time"].nunique()
        return replace(self, frame=self.frame[seen].reset_index(drop=True), balanced=True)


@dataclass(frozen=True)
class Answer:
    """What one estimator says.

    Parameters
    ----------
    method
        Code of the estimator.
    value
        Mean effect over treated rows, each by its weight; None where the estimator cannot answer.
    standard_error
        By cluster, as the estimator's own library makes it; None where none is known.
    by_start
        Mean effect of the units of each start, ``(start, value)``; empty where the estimator makes one number only.
    reason
        Why there is no answer: ``"unbalanced"``, ``"collinear"``, ``"too_few_terms"``,
        ``"no_never_treated"``, ``"not_estimated"`` or ``"library_refused"``.
    warned
        Causes that the library warned of, of the same list.
    """

    method: str
    value: float | None
    standard_error: float | None = None
    by_start: tuple[tuple[int, float], ...] = ()
    reason: str = ""
    warned: tuple[str, ...] = ()


def read_cells(panel: Panel, outcome: str, covariates: Sequence[str] = ()) -> Cells:
    """Read a panel into cells; a unit's weight is its mean weight over the rows that have an outcome and covariates.

    Raises
    ------
    DesignError
        If the outcome is not there, nothing is treated or no unit can be used.
    """
    absent = [column for column in (outcome, *covariates) if column not in panel.frame]
    if panel.treated_from is None or absent:
        raise DesignError(
            f"the panel has no {f'column {absent[0]}' if absent else 'treatment'}, so estimators cannot be compared",
            remedy="name the column with the first treated time, and columns of the panel",
        )
    rows = panel.frame[panel.frame[[outcome, *covariates]].notna().all(axis=1)]
    first = int(rows[panel.time].min()) if len(rows) else 0
    times = rows[panel.time].astype("int64") - first + 1
    began = rows[panel.treated_from].astype("float64")
    held = began.notna() & (began != 0)
    weight = rows[panel.weight].astype("float64") if panel.weight else pd.Series(1.0, index=rows.index)
    frame = pd.DataFrame(
        {
            "unit": pd.factorize(rows[panel.unit], sort=True)[0],
            "time": times,
            "start": (began - first + 1).where(held, 0).astype("int64"),
            "outcome": rows[outcome].astype("float64"),
            "weight": weight.groupby(rows[panel.unit].to_numpy()).transform("mean"),
            "cluster": pd.factorize(rows[panel.cluster], sort=True)[0],
            **{f"{COVARIATE}{number}": rows[name].astype("float64") for number, name in enumerate(covariates)},
        }
    ).reset_index(drop=True)
    usable = (frame["start"] > 1) | ~held.to_numpy()
    left = frame.loc[~usable, "unit"].nunique()
    frame = frame[usable].reset_index(drop=True)
    if not (frame["start"] > 0).any():
        raise DesignError(
            "no unit is seen both before and after it was treated, so there is no effect to compare estimators on",
            remedy="extend the terms so that they begin before the first treatment",
        )
    sizes = frame.groupby("unit")["time"].size()
    spread = frame["weight"].max() - frame["weight"].min()
    return Cells(frame, bool(spread > 0), bool((sizes == frame["time"].nunique()).all()), int(left))


def ask(method: str, task: Callable[[], Answer]) -> Answer:
    """Put a question to a library: its warnings become named causes, and what it refuses becomes a reason."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = task()
        except DesignError:
            return Answer(method, None, reason="not_estimated")
        # what the libraries raise where they refuse; a fault of ours (AttributeError, TypeError) is not taken for that
        except (ValueError, RuntimeError, ArithmeticError, LookupError, NotImplementedError) as error:
            return Answer(method, None, reason=name_trouble(str(error)))
    told = [str(warning.message) for warning in caught]
    named = sorted({name_trouble(words) for words in told if not any(part in words for part in EXPECTED)} - {OTHER})
    if answer.value is not None and not np.isfinite(answer.value):
        return Answer(method, None, reason=named[0] if named else "not_estimated", warned=tuple(named))
    return replace(answer, warned=tuple(named))


def name_trouble(words: str) -> str:
    """Return the code of a library's trouble."""
    lowered = words.lower()
    return next((code for part, code in NAMED if part in lowered), OTHER)


def over_starts(by_start: tuple[tuple[int, float], ...], weight: dict[int, float]) -> float:
    """Return the mean of the starts' effects by weight; NaN where a start has no effect."""
    total = sum(weight.values())
    found = dict(by_start)
    return sum(found.get(start, float("nan")) * share / total for start, share in weight.items())


def weight_of_rows(cells: Cells) -> dict[int, float]:
    """Return how much the treated rows of each start weigh."""
    rows = cells.frame[cells.treated]
    totals = rows.groupby("start")["weight"].sum()
    return dict(zip(totals.index.astype(int).tolist(), totals.astype(float).tolist(), strict=True))


def weight_of_units(cells: Cells) -> dict[int, float]:
    """Return how much the treated units of each start weigh."""
    rows = cells.frame[cells.treated].drop_duplicates("unit")
    totals = rows.groupby("start")["weight"].sum()
    return dict(zip(totals.index.astype(int).tolist(), totals.astype(float).tolist(), strict=True))
