"""What may be shown. Only the room `disclosure` can make one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from evalkit.values.cohort import Flow
from evalkit.values.estimate import Curve, Estimate
from evalkit.values.frames import fingerprint, settle
from evalkit.values.origin import Origin
from evalkit.values.school_sums import SchoolSums
from evalkit.values.table import Table

Protectable = Table | Flow | Estimate | Curve | SchoolSums
Status = Literal["placeholder", "preliminary", "released"]

SUPPRESSED, ZERO, MISSING, NOT_APPLICABLE = "..", "0", "u.s.", "."


class Birthright:
    """Token without which a `Protected` cannot be born. `tests/test_architecture.py` lets only `disclosure` use it."""


@dataclass(frozen=True, eq=False)
class Protected:
    """A value made safe, with what was taken from it.

    Parameters
    ----------
    value
        The treated noun: suppressed numbers are missing in it (NaN or None), never another number.
    marks
        For a Table: a frame of the table's shape with ``""``, ``".."``, ``"u.s."``, ``"."``, ``"~0"`` or ``"~100"`` in
        each cell; an empty frame for other nouns.
    policy
        Name and digest of the policy.
    suppressed
        Cells taken.
    status
        ``"placeholder"`` in the collecting pass, ``"preliminary"`` in an interactive notebook, ``"released"`` in a run.
    request
        Key of the request in the run: notebook, name and ordinal.
    birthright
        A `Birthright`.

    Raises
    ------
    PermissionError
        If born elsewhere than in `protect`.
    """

    value: Protectable
    marks: pd.DataFrame
    policy: str
    policy_digest: str
    suppressed: int
    status: Status
    request: str
    birthright: Birthright

    def __post_init__(self) -> None:
        if not isinstance(self.birthright, Birthright):
            raise PermissionError("only protect() makes a protected value")
        object.__setattr__(self, "marks", settle(self.marks))

    @property
    def origin(self) -> Origin | None:
        """Origin of the value."""
        return self.value.origin

    @property
    def fingerprint(self) -> str:
        """Digest of what may be shown."""
        return fingerprint(*parts(self.value), self.marks, self.policy_digest)


def parts(value: Protectable) -> tuple[object, ...]:
    """Return what a value says, without where it came from, for digests."""
    if isinstance(value, Table):
        return ("table", value.name, value.universe, value.axes, value.columns, value.frame)
    if isinstance(value, Flow):
        return ("flow", value.name, value.universe, value.steps)
    if isinstance(value, Curve):
        return ("curve", value.name, value.kind, value.estimand, value.unit, value.method, value.details, value.frame)
    if isinstance(value, SchoolSums):
        frames = (value.schools, value.terms, value.contrasts, value.moves, value.covariates, value.products)
        merging = (value.merged, value.left_out, value.treated_left_out, value.rule)
        return ("sums", value.outcome, value.unit, value.labels, value.adjusted, *frames, *merging)
    facts = (value.interval, value.level, value.standard_error, value.p, value.attainable_p, value.n, value.clusters)
    return ("estimate", value.name, value.estimand, value.value, value.unit, *facts, value.diagnostics, value.details)
