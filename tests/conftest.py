"""What every test needs: this folder on the path, and silence about clashes between libraries we do not write."""

import pytest

CLASHES = (
    "ignore:fetch_arrow_table:DeprecationWarning",  # ibis 12 with duckdb 2
    "ignore:The 'future.infer_string':DeprecationWarning",  # ibis 12 with pandas 3
)


def pytest_configure(config: pytest.Config) -> None:
    for clash in CLASHES:
        config.addinivalue_line("filterwarnings", clash)
