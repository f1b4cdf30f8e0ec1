"""Units by periods, with the timing of treatment."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evalkit.values.frames import fingerprint, settle
from evalkit.values.origin import Origin


@dataclass(frozen=True, eq=False)
class Panel:
    """One row per unit and time.

    Parameters
    ----------
    frame
        The rows. Units are not shared out to readers; they are pseudonyms.
    unit, time
        Key columns. ``time`` is an integer that grows by one a period.
    cluster
        Column with the highest level that shares treatment or shocks (the school); ``unit`` where there is none.
    inner_cluster
        Column with the class, or None.
    treated_from
        Column with the first treated time, missing or 0 for never treated; None where nothing is treated.
    labels
        What readers call each time, in order, as ``(time, label)``.
    weight
        Column with how many persons a row stands for, where it holds counts and sums over persons (a school panel);
        None where a row is one unit.
    universe
        Digest of the persons and times behind the rows, where these are not persons; else empty.

    Raises
    ------
    ValueError
        On a duplicate (unit, time), a missing key or a column that is not there.
    """

    frame: pd.DataFrame
    unit: str
    time: str
    cluster: str
    inner_cluster: str | None = None
    treated_from: str | None = None
    labels: tuple[tuple[int, str], ...] = ()
    weight: str | None = None
    universe: str = ""
    name: str = "panel"
    origin: Origin | None = None

    def __post_init__(self) -> None:
        needed = [self.unit, self.time, self.cluster]
        needed += [c for c in (self.inner_cluster, self.treated_from, self.weight) if c is not None]
        absent = [column for column in needed if column not in self.frame.columns]
        if absent:
            raise ValueError(f"the panel has no column {', '.join(absent)}")
        if self.frame[[self.unit, self.time, self.cluster]].isna().any(axis=None):
            raise ValueError("a panel's unit, time and cluster are never missing")
        if self.frame.duplicated([self.unit, self.time]).any():
            raise ValueError(f"a panel holds each ({self.unit}, {self.time}) once")
        object.__setattr__(self, "frame", settle(self.frame, (self.unit, self.time)))

    @property
    def fingerprint(self) -> str:
        """Digest of rows and roles."""
        roles = (self.unit, self.time, self.cluster, self.inner_cluster, self.treated_from, self.weight)
        return fingerprint(self.frame, *roles, self.universe)
