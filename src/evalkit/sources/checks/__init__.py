"""Checks of what a site handed over: aggregates made from the schema, the same on every engine; no row is collected."""

from evalkit.sources.checks.examination import Examination, finding
from evalkit.sources.checks.identities import check_written_identities
from evalkit.sources.checks.tables import check_presence, check_tables
from evalkit.sources.checks.values import check_values

__all__ = ["Examination", "check_presence", "check_tables", "check_values", "check_written_identities", "finding"]
