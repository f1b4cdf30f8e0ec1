"""The verbs of the door: each room's pure verb, with its result kept in the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeVar

from evalkit import cohorts, disclosure, models, panels
from evalkit.studies.opening import find_policy_folder
from evalkit.studies.parameters import site_files
from evalkit.studies.pooling import Answer, answer, keep_sums, pending, protect_sums
from evalkit.studies.store import Store, result_key
from evalkit.values import (
    Cohort,
    CohortDefinition,
    Curve,
    Estimate,
    Measure,
    Origin,
    Panel,
    Protectable,
    Protected,
    SchoolSums,
    Table,
    Tables,
)

Noun = TypeVar("Noun", Cohort, Panel, Table, SchoolSums, Estimate, Curve)
