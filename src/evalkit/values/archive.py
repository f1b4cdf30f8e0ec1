"""Nouns on disk: one JSON file and the frames beside it, moved into place in one step."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evalkit.values.cohort import Cohort, Flow, FlowStep
from evalkit.values.estimate import Curve, Diagnostic, Diagnostics, Estimate, Segment
from evalkit.values.origin import Origin
from evalkit.values.panel import Panel
from evalkit.values.protected import Birthright, Protected
from evalkit.values.school_sums import SchoolSums
from evalkit.values.table import Axis, Column, Table

NOUNS: dict[str, type[Any]] = {
    noun.__name__: noun
    for noun in (
        Axis,
        Cohort,
        Column,
        Curve,
        Diagnostic,
        Diagnostics,
        Estimate,
        Flow,
        FlowStep,
        Origin,
        Panel,
        Protected,
        SchoolSums,
        Segment,
        Table,
    )
}
NOT_KEPT = {("Cohort", "tables"), ("Protected", "birthright")}


def write(noun: Any, folder: Path, *, keep_first: bool = False) -> None:
    """Write one noun into a new folder.

    Parameters
    ----------
    noun
        A frozen noun named in ``NOUNS``. A cohort's open tables and a protected value's birthright are not kept.
    folder
        Made here, readable by its owner alone; its parents are made too.
    keep_first
        Whether a noun that is there already stays, as where the folder's name is a digest of what made it; else it is
        replaced.

    Raises
    ------
    TypeError
        If the noun, or something in it, is of a kind that cannot be kept.
    """
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    frames: list[pd.DataFrame] = []
    content = _encode(noun, frames)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        for number, frame in enumerate(frames):
            frame.to_parquet(making / f"frame-{number}.parquet", index=False)
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
        (making / "noun.json").write_text(text, encoding="utf-8")
        if keep_first:
            # a folder that another process put there first is not empty, so the move fails and theirs stays
            with contextlib.suppress(OSError):
                making.rename(folder)
        elif folder.exists():
            retired = Path(tempfile.mkdtemp(prefix=".retired-", dir=folder.parent))
            folder.rename(retired / "old")
            making.rename(folder)
            shutil.rmtree(retired, ignore_errors=True)
        else:
            making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def read(folder: Path, birthright: Birthright | None = None) -> Any:
    """Read back what `write` wrote.

    Parameters
    ----------
    folder
        As given to `write`.
    birthright
        Needed for protected values, which are born again here.

    Raises
    ------
    FileNotFoundError
        If there is no noun in the folder.
    PermissionError
        If the noun is protected and no birthright is given.
    """
    content = json.loads((folder / "noun.json").read_text(encoding="utf-8"))
    return _decode(content, folder, birthright)


def _encode(value: Any, frames: list[pd.DataFrame]) -> Any:
    if isinstance(value, pd.DataFrame):
        frames.append(value)
        return {"$frame": len(frames) - 1}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, tuple | list):
        return {"$tuple": [_encode(item, frames) for item in value]}
    kind = type(value).__name__
    if is_dataclass(value) and kind in NOUNS:
        kept = [f.name for f in fields(value) if (kind, f.name) not in NOT_KEPT]
        return {"$noun": kind, "fields": {name: _encode(getattr(value, name), frames) for name in kept}}
    raise TypeError(f"a {kind} cannot be kept in the archive")


def _decode(content: Any, folder: Path, birthright: Birthright | None) -> Any:
    if not isinstance(content, dict):
        return content
    if "$frame" in content:
        return pd.read_parquet(folder / f"frame-{content['$frame']}.parquet")
    if "$date" in content:
        return date.fromisoformat(content["$date"])
    if "$tuple" in content:
        return tuple(_decode(item, folder, birthright) for item in content["$tuple"])
    kind = content["$noun"]
    facts = {name: _decode(item, folder, birthright) for name, item in content["fields"].items()}
    if kind == "Protected":
        facts["birthright"] = birthright
    return NOUNS[kind](**facts)
