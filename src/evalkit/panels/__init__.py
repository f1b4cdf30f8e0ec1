"""Cohort by periods by measures, and what is counted and summed over it."""

from evalkit.panels.attrition import attrition
from evalkit.panels.balance import balance
from evalkit.panels.build import build_panel
from evalkit.panels.counted import count_table
from evalkit.panels.organisation import (
    forums_table,
    implementation_table,
    staff_change_table,
    staff_table,
    statements_table,
)
from evalkit.panels.rows import Whom
from evalkit.panels.schools import school_panel
from evalkit.panels.stored import disk_needed, read_panel, write_panel
from evalkit.panels.sums import school_sums
from evalkit.panels.tabulate import tabulate

__all__ = [
    "Whom",
    "attrition",
    "balance",
    "build_panel",
    "count_table",
    "disk_needed",
    "forums_table",
    "implementation_table",
    "read_panel",
    "school_panel",
    "school_sums",
    "staff_change_table",
    "staff_table",
    "statements_table",
    "tabulate",
    "write_panel",
]
