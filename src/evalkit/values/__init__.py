"""Frozen nouns and their arithmetic."""

from evalkit.values.balance import Balance, balance
from evalkit.values.cohort import Case, Cohort, CohortDefinition, Criterion, Flow, FlowStep, Matched, Part
from evalkit.values.estimate import Curve, Diagnostic, Diagnostics, Estimate, Segment
from evalkit.values.events import Events
from evalkit.values.frames import fingerprint, settle
from evalkit.values.item_moments import ItemMoments
from evalkit.values.known import Known, calendar_of
from evalkit.values.measure import Measure
from evalkit.values.origin import Origin
from evalkit.values.panel import Panel
from evalkit.values.period import Period
from evalkit.values.protected import MISSING, NOT_APPLICABLE, SUPPRESSED, ZERO, Birthright, Protectable, Protected
from evalkit.values.school_sums import SchoolSums
from evalkit.values.study import Run, Site, Study
from evalkit.values.table import Axis, Column, Table
from evalkit.values.tables import Tables, took_place

__all__ = [
    "MISSING",
    "NOT_APPLICABLE",
    "SUPPRESSED",
    "ZERO",
    "Axis",
    "Balance",
    "Birthright",
    "Case",
    "Cohort",
    "CohortDefinition",
    "Column",
    "Criterion",
    "Curve",
    "Diagnostic",
    "Diagnostics",
    "Estimate",
    "Events",
    "Flow",
    "FlowStep",
    "ItemMoments",
    "Known",
    "Matched",
    "Measure",
    "Origin",
    "Panel",
    "Part",
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
    "balance",
    "calendar_of",
    "fingerprint",
    "settle",
    "took_place",
]
