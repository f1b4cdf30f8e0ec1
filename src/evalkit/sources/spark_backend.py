"""Ibis on Spark whose errors do not repeat what stands in cells; imported only where pyspark is."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import Any

import ibis
from ibis.backends.pyspark import Backend
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from evalkit.errors import InputError, RunError

REPEATING = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
"""What pyspark names its loggers that write every error to the terminal, with the value it was about."""


class SparkBackend(Backend):  # type: ignore[misc]
    """Ibis on Spark, for questions about persons."""

    def execute(
        self,
        expr: ibis.Expr,
        /,
        *,
        params: Mapping[ibis.Value, Any] | None = None,
        limit: int | str | None = None,
    ) -> Any:
        """Answer in pandas; all other forms of an answer are made of this.

        Raises
        ------
        InputError
            If the memory does not suffice.
        RunError
            Instead of any other error of Spark.
        """
        try:
            with warnings.catch_warnings():
                # pyspark warns with the text of the error
                warnings.simplefilter("ignore")
                return super().execute(expr, params=params, limit=limit)
        except (PySparkException, Py4JError, OSError) as fault:
            raise _told_plainly(fault) from None


def backend_on(session: Any) -> SparkBackend:
    """Return the backend of a session."""
    for name in REPEATING:
        logging.getLogger(name).disabled = True
    SparkBackend.register_options()
    backend = SparkBackend(session)
    backend.reconnect()
    return backend


def _told_plainly(fault: Exception) -> InputError | RunError:
    # a Java process that ran out of memory may be gone, so that nobody answers
    if "OutOfMemory" in str(fault) or not isinstance(fault, PySparkException):
        return InputError(
            "Spark stopped before it had answered; most likely the memory did not suffice",
            remedy="raise `engine.memory` in the site file, and open the study anew",
        )
    return RunError(
        f"Spark could not answer ({fault.getCondition() or type(fault).__name__})",
        remedy="try the same with `engine: duckdb` in the site file, and report what differs",
    )
