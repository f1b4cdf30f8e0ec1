"""What a site hands over, read, checked and pseudonymised."""

from evalkit.sources.config import ColumnMap, Layout, Lookup, Source, SourceKind
from evalkit.sources.engine import EngineName
from evalkit.sources.files import digest_inputs
from evalkit.sources.ingest import check_sources, open_sources
from evalkit.sources.marker import MARKER, is_marked
from evalkit.sources.private import remove_leftovers
from evalkit.sources.store import engine_version, open_tables
from evalkit.sources.summary import IngestSummary

__all__ = [
    "MARKER",
    "ColumnMap",
    "EngineName",
    "IngestSummary",
    "Layout",
    "Lookup",
    "Source",
    "SourceKind",
    "check_sources",
    "digest_inputs",
    "engine_version",
    "is_marked",
    "open_sources",
    "open_tables",
    "remove_leftovers",
]
