"""What one site hands to the study's estimate: sums per school, never persons."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from evalkit.values.frames import settle
from evalkit.values.origin import Origin

PLACE = ("site", "municipality")
SCHOOL_COLUMNS = (*PLACE, "school", "treated_from")
TERM_COLUMNS = (*PLACE, "school", "time", "pupils", "outcome_sum")
CONTRAST_COLUMNS = (
    *PLACE,
    "school",
    "start",
    "pupils",
    "classes",
    "contrast_sum",
    "variance_within_school",
    "variance_within_class",
)
MOVE_COLUMNS = (*PLACE, "start", "pupils", "moved")
COVARIATE_COLUMNS = (*PLACE, "school", "start", "covariate", "members", "known", "value_sum")
PRODUCT_COLUMNS = (
    *PLACE,
    "start",
    "first",
    "second",
    "members",
    "pupils",
    "within_school",
    "within_class",
    "between_classes",
    "freedom_school",
    "freedom_class",
    "freedom_between",
    "reach",
)
OPTIONAL = {"schools": ("fewest",), "terms": ("enrolled",), "contrasts": ("seated",)}
PLAN = (
    ("schools", SCHOOL_COLUMNS, ("site", "school")),
    ("terms", TERM_COLUMNS, ("site", "school", "time")),
    ("contrasts", CONTRAST_COLUMNS, ("site", "school", "start")),
    ("moves", MOVE_COLUMNS, (*PLACE, "start")),
    ("covariates", COVARIATE_COLUMNS, ("site", "school", "start", "covariate")),
    ("products", PRODUCT_COLUMNS, (*PLACE, "start", "first", "second")),
)


@dataclass(frozen=True, eq=False)
class SchoolSums:
    """Sums per school of one outcome, for pupils kept in the school they had on the assignment date.

    Parameters
    ----------
    outcome
        Name of the outcome; its unit is ``unit``.
    schools
        One row a school: ``site``, ``municipality``, ``school``, ``treated_from`` (time, NaN for never). May have
        ``fewest``: the school's fewest pupils in the rows that schools of the site must have, with the outcome or
        without it, so that small schools are the same ones whatever the outcome; NaN where not known.
    terms
        One row per school and time: ``pupils`` with an outcome, ``outcome_sum`` over them. May have ``enrolled``, the
        school's pupils with the outcome or without it; once protected, those without are rounded.
    contrasts
        One row per school and possible ``start`` time: ``pupils`` seen both before and from the start on, their
        ``classes``, ``contrast_sum`` (sum over pupils of mean outcome from the start minus mean outcome before),
        ``variance_within_school`` (of the person's contrast around the school's mean, n - 1),
        ``variance_within_class`` (around the class's mean, n - classes; NaN without classes). May have ``seated``
        (those of the pupils whose class is known).
    labels
        What readers call each time, ``(time, label)`` in order.
    minimum
        Fewest pupils any row may stand for, once protected.
    moves
        Per site, municipality and start: ``pupils`` in the contrasts, and how many of them ``moved``, that is, were in
        another school than the assigned one at the start or later. Empty where the schools attended are not known.
    adjusted
        What contrasts are adjusted for; empty for none.
    covariates
        Per school, start and ``covariate``: the ``value_sum`` over the pupils in the contrasts (a pupil without a value
        counts as the mean of the school's others), how many have a value (``known``), and how many have the value 1
        (``members``; those known, where the covariate is a number and no group).
    products
        Per site, municipality, start and pair of covariates (or ``"contrast"``), over the schools that were never
        treated: products of deviations from the school's mean (``within_school``) and from the class's mean
        (``within_class``), and the former minus the latter (``between_classes``), with their degrees of freedom;
        ``reach`` is the sum over schools of n - n / classes, ``members`` the smallest group of pupils that the row
        tells of, 0 left aside.
    merged, left_out, treated_left_out, rule
        How many schools were merged into units when the sums were protected, how many were left out, how many of these
        were treated, and the code of the rule.

    Raises
    ------
    ValueError
        If a column is missing, a key stands twice, or a row stands for fewer pupils than ``minimum``.
    """

    outcome: str
    unit: str
    schools: pd.DataFrame
    terms: pd.DataFrame
    contrasts: pd.DataFrame
    labels: tuple[tuple[int, str], ...]
    minimum: int = 0
    name: str = "school_sums"
    origin: Origin | None = None
    moves: pd.DataFrame = field(default_factory=lambda: _nothing(MOVE_COLUMNS))
    adjusted: tuple[str, ...] = ()
    covariates: pd.DataFrame = field(default_factory=lambda: _nothing(COVARIATE_COLUMNS))
    products: pd.DataFrame = field(default_factory=lambda: _nothing(PRODUCT_COLUMNS))
    merged: int = 0
    left_out: int = 0
    treated_left_out: int = 0
    rule: str = ""

    def __post_init__(self) -> None:
        for name, columns, keys in PLAN:
            frame = getattr(self, name)
            absent = [column for column in columns if column not in frame.columns]
            if absent:
                raise ValueError(f"{name} has no column {', '.join(absent)}")
            if frame.duplicated(list(keys)).any():
                raise ValueError(f"{name} holds each {keys} once")
            if "pupils" in frame and len(frame) and frame["pupils"].min() < self.minimum:
                raise ValueError(f"a row of {name} stands for fewer than {self.minimum} pupils")
            more = [column for column in OPTIONAL.get(name, ()) if column not in frame.columns]
            whole = frame.assign(**dict.fromkeys(more, np.nan))
            object.__setattr__(self, name, settle(whole[[*columns, *OPTIONAL.get(name, ())]], keys))

    @property
    def unadjusted(self) -> SchoolSums:
        """The same sums without what adjusts for covariates."""
        return replace(self, adjusted=(), covariates=self.covariates.head(0), products=self.products.head(0))


def _nothing(columns: tuple[str, ...]) -> pd.DataFrame:
    texts = {"site", "municipality", "school", "covariate", "first", "second"}
    return pd.DataFrame({name: pd.Series(dtype="str" if name in texts else "float64") for name in columns})
