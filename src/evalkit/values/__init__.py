"""Frozen nouns and their arithmetic."""

from evalkit.values.cohort import Cohort, CohortDefinition, Criterion, Flow, FlowStep
from evalkit.values.estimate import Curve, Diagnostic, Diagnostics, Estimate, Segment
from evalkit.values.frames import fingerprint, settle
from evalkit.values.measure import Measure
from evalkit.values.origin import Origin
from evalkit.values.panel import Panel
from evalkit.values.period import Period
from evalkit.values.protected import MISSING, NOT_APPLICABLE, SUPPRESSED, ZERO, Birthright, Protectable, Protected
from evalkit.values.school_sums import SchoolSums
from evalkit.values.study import Run, Site, Study
from evalkit.values.table import Axis, Column, Table
from evalkit.values.tables import Tables

__all__ = [
    "MISSING",
    "NOT_APPLICABLE",
    "SUPPRESSED",
    "ZERO",
    "Axis",
    "Birthright",
    "Cohort",
    "CohortDefinition",
    "Column",
    "Criterion",
    "Curve",
    "Diagnostic",
    "Diagnostics",
    "Estimate",
    "Flow",
    "FlowStep",
    "Measure",
    "Origin",
    "Panel",
    "Period",
    "Protectable",
    "Protected",
    "Run",
    "SchoolSums",
    "Segment",
    "Site",
    "Study",
    "Table",
    "Tables",
    "fingerprint",
    "settle",
]
