"""What a site hands over, read, checked and pseudonymised."""

from evalkit.sources.config import Source, SourceKind
from evalkit.sources.files import digest_inputs
from evalkit.sources.ingest import IngestSummary, open_sources
from evalkit.sources.store import open_tables

__all__ = ["IngestSummary", "Source", "SourceKind", "digest_inputs", "open_sources", "open_tables"]
