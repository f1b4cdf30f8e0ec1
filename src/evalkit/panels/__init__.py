"""Cohort by periods by measures, and what is counted and summed over it."""

from evalkit.panels.build import build_panel
from evalkit.panels.sums import school_sums
from evalkit.panels.tabulate import tabulate

__all__ = ["build_panel", "school_sums", "tabulate"]
