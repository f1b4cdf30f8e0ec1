"""SS 12000:2020 (OpenAPI 2.1.0): folders of JSON pages, one folder per endpoint."""

from evalkit.sources.ss12000.reading import read_ss12000

__all__ = ["read_ss12000"]
