"""What every test needs: this folder on the path, and silence about clashes between libraries we do not write."""

from collections import Counter
from typing import Any

import pytest

CLASHES = (
    "ignore:fetch_arrow_table:DeprecationWarning",  # ibis 12 with duckdb 2
    "ignore:The 'future.infer_string':DeprecationWarning",  # ibis 12 with pandas 3
)
CLASHES_ON_SPARK = (
    "ignore:The copy keyword is deprecated:DeprecationWarning",  # pyspark 4.0 with pandas 3
    "ignore:unclosed <socket:ResourceWarning",  # pyspark leaves them to the garbage collector
)


def pytest_configure(config: pytest.Config) -> None:
    for clash in CLASHES:
        config.addinivalue_line("filterwarnings", clash)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests that ask for Spark, and put the slowest files first, so that all workers end together."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker("spark")
            for clash in CLASHES_ON_SPARK:
                item.add_marker(pytest.mark.filterwarnings(clash))
    slow = Counter(item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("spark"))
    every = Counter(item.path for item in items)
    items.sort(key=lambda item: (-slow[item.path], -every[item.path], item.path))


@pytest.fixture(scope="session")
def spark() -> Any:
    """Give the process's Ibis backend on Spark; see ``spark_engine.py``."""
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install -e '.[spark]'")
    from evalkit.errors import InputError
    from spark_engine import running_spark

    try:
        return running_spark()
    except InputError as fault:
        pytest.skip(str(fault))
