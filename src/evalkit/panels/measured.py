"""Carry out measures on a panel's rows, in one question to the engine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import DesignError, InputError
from evalkit.panels.guard import check_result
from evalkit.values import Known, Measure

KEYS = ("person_id", "period")
LARGEST = np.iinfo(np.int32).max
TIMED = {"time": "int32", "period": "string"}


def measured(
    rows: pd.DataFrame,
    known: Known,
    measures: tuple[Measure, ...],
    unsettled: Mapping[str, tuple[str, ...]],
    scratch: Path | None,
) -> pd.DataFrame:
    """Measure every row.

    All measures are asked for in one question, so that what they share is worked out once. The answers come as numbers
    of persons and periods beside the values, and each value is put in its place by these: a join of millions of rows
    for each measure would take longer than measuring.

    Parameters
    ----------
    rows
        ``person`` (number), ``time`` and ``period``, each pair of person and time once.
    known
        What the measures read, with persons' numbers for pseudonyms; its grid holds the same rows.
    measures
        Carried out together.
    unsettled
        By name of measure: labels of the periods in which nothing is told of it, for it rests on a later day.
    scratch
        Folder in which the engine's answer is put down, into a folder that only its owner reads and that is gone
        afterwards; None for the system's folder of temporary files.

    Returns
    -------
    pandas.DataFrame
        In the order of ``rows``: each measure's columns and its name. A ratio's sums and a count are 0 where there was
        nothing to sum (whole numbers of 32 bits), the ratio is NaN where its denominator is 0; flags are 0.0, 1.0 or
        NaN; states are categoricals.

    Raises
    ------
    InputError
        If a measure lacks a column it declares.
    DesignError
        If a measure would see later facts, or gives a person and period twice.
    """
    if not measures:
        return pd.DataFrame(index=rows.index)
    results = [_carried_out(measure, known, unsettled[measure.name]) for measure in measures]
    places = _Places(rows)
    question = ibis.union(*_branches(results, places)) if len(results) > 1 else _branches(results, places)[0]
    columns: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix=".panel-", dir=scratch) as folder:
        answer = _Answer(question, Path(folder))
        for number, (measure, result) in enumerate(zip(measures, results, strict=True)):
            columns |= _settled(measure, result, answer.of(number, measure), places)
    return pd.DataFrame(columns, index=rows.index, copy=False)


class _Places:
    """Which row of the panel a person's number and a time stand in."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.size = len(rows)
        people = rows["person"].to_numpy("int64")
        labels = rows.drop_duplicates("time").sort_values("time")
        self.times = labels["time"].to_numpy("int64")
        self.periods = pd.DataFrame(
            {"time": np.arange(len(labels), dtype="int32"), "period": labels["period"].astype("str").to_numpy()}
        )
        self.row_of = np.full((people.max(initial=-1) + 1) * len(labels), -1, dtype="int32")
        within = np.searchsorted(self.times, rows["time"].to_numpy("int64"))
        key = people * len(labels) + within
        self.row_of[key] = np.arange(self.size, dtype="int32")

    def find(self, part: pd.DataFrame) -> NDArray[np.int32]:
        """Return the rows of an answer's persons and times, -1 where the panel has none."""
        key = part["person"].to_numpy("int64") * len(self.times) + part["time"].to_numpy("int64")
        found: NDArray[np.int32] = self.row_of[key]
        return found


class _Answer:
    """The engine's answer: on disk where the engine is in this process, so that it is never held as a whole."""

    def __init__(self, question: ibis.Table, folder: Path) -> None:
        connection = ibis.get_backend(question)
        self.path, self.whole = folder / "answer.parquet", None
        if connection.name == "duckdb":
            connection.to_parquet(question, self.path)
        else:
            self.whole = question.to_pyarrow().to_pandas()

    def of(self, number: int, measure: Measure) -> pd.DataFrame:
        """Return one measure's part, with its columns of values."""
        values = ["text"] if measure.kind == "state" else _value_names(len(measure.columns))
        columns = ["person", "time", *values]
        part: pd.DataFrame
        if self.whole is not None:
            part = self.whole.loc[self.whole["measure"] == number, columns]
            return part
        return pd.read_parquet(self.path, columns=columns, filters=[("measure", "==", number)])


def _branches(results: list[ibis.Table], places: _Places) -> list[ibis.Table]:
    periods = ibis.memtable(places.periods, schema=TIMED)
    widest = max(len(result.columns) for result in results) - len(KEYS)
    branches = []
    for number, result in enumerate(results):
        numbered = result.join(periods, "period").rename(person="person_id")
        names = result.columns[len(KEYS) :]
        texts = [name for name in names if result[name].type().is_string()]
        text = numbered[texts[0]] if texts else ibis.null("string")
        values = [ibis.null("float64") if name in texts else numbered[name].cast("float64") for name in names]
        values += [ibis.null("float64")] * (widest - len(names))
        branches.append(
            numbered.select(
                "person",
                "time",
                *(value.name(name) for value, name in zip(values, _value_names(widest), strict=True)),
                measure=ibis.literal(number, "int16"),
                text=text,
            )
        )
    return branches


def _value_names(width: int) -> Iterator[str]:
    return (f"value_{place}" for place in range(width))


def _carried_out(measure: Measure, known: Known, unsettled: tuple[str, ...]) -> ibis.Table:
    try:
        result = measure.compute(known)
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="name the table under sources in the site file") from None
    check_result(measure, result, known)
    if unsettled:
        result = result.filter(~result.period.isin(unsettled))
    return result.select(*KEYS, *measure.columns)


def _settled(measure: Measure, result: ibis.Table, part: pd.DataFrame, places: _Places) -> Mapping[str, Any]:
    """Put one measure's values in their rows."""
    at = places.find(part)
    inside = at >= 0
    at = at[inside]
    if np.bincount(at, minlength=1).max() > 1:
        raise DesignError(
            f"the measure {measure.name!r} gives a person and period more than once",
            remedy="let compute give at most one row per person and period",
        )
    if measure.kind == "state":
        return {measure.name: _text(part["text"][inside], at, places.size)}
    columns: dict[str, Any] = {}
    for place, name in zip(_value_names(len(measure.columns)), measure.columns, strict=True):
        whole = measure.kind in ("ratio", "count") and bool(result[name].type().is_integer())
        columns[name] = _numbers(part[place].to_numpy("float64")[inside], at, places.size, measure, whole)
    if measure.kind == "ratio":
        columns[measure.name] = _divided(columns[str(measure.numerator)], columns[str(measure.denominator)])
    return columns


def _numbers(values: NDArray[Any], at: NDArray[Any], size: int, measure: Measure, whole: bool) -> NDArray[Any]:
    if measure.kind not in ("ratio", "count"):
        placed = np.full(size, np.nan)
        placed[at] = values
        return placed
    sums = np.nan_to_num(values, nan=0.0)
    if whole and len(sums) and np.abs(sums).max() > LARGEST:
        raise DesignError(
            f"the measure {measure.name!r} gives a person more than {LARGEST} in a period",
            remedy="measure in a larger unit, or by shorter periods",
        )
    placed = np.zeros(size, dtype="int32" if whole else "float64")
    placed[at] = sums
    return placed


def _divided(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.float64]:
    rate: NDArray[np.float64] = np.full(len(below), np.nan)
    np.divide(above, below, out=rate, where=below > 0)
    return rate


def _text(values: pd.Series, at: NDArray[Any], size: int) -> pd.Categorical:
    found = pd.Categorical(values.astype("str"))
    codes = np.full(size, -1, dtype="int32")
    codes[at] = found.codes
    return pd.Categorical.from_codes(codes, categories=found.categories)
