"""Spark behind Ibis: one local session a process, or a cluster's, with every limit said aloud."""

from __future__ import annotations

import atexit
import importlib.metadata
import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from evalkit.errors import InputError
from evalkit.sources.engine import SHARE_OF_MEMORY, bytes_of
from evalkit.sources.private import private_folder

SILENT = """status = off
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
"""
"""Settings of log4j: what it would print may hold values."""
LOOPBACK = "127.0.0.1"
LEAST_HEAP = 500 * 10**6
"""Bytes below which Spark refuses to start."""


@dataclass(frozen=True)
class Limits:
    """What the process's one Spark was started with; it cannot be changed while it runs."""

    memory: str
    threads: int
    master: str | None


@dataclass(frozen=True, eq=False)
class _Running:
    limits: Limits
    session: Any
    ends: ExitStack


_running: list[_Running] = []


def connect_spark(*, memory: str, threads: int, scratch: Path, master: str | None = None) -> Any:
    """Return an Ibis backend on Spark with names of tables of its own; the first call in a process starts Spark.

    Parameters
    ----------
    memory
        Such as ``"2GB"``: of the local Java process, or of each of a cluster's executors.
    threads
        How many tasks may run at a time.
    scratch
        Folder under which Spark spills, into a folder that only its owner reads and that is gone at the exit.
    master
        Address of a cluster's master, such as ``"spark://host:7077"``; None for Spark inside this process's machine.

    Raises
    ------
    InputError
        If pyspark or Java is missing, Spark does not start, or it runs already in this process with other limits.
    """
    limits = Limits(memory, threads, master)
    if not _running:
        _running.append(_started(limits, scratch))
    running = _running[0]
    if running.limits != limits:
        raise InputError(
            "Spark runs in this process already, with other memory, threads or master",
            remedy="give the sites the same engine in their site files, or open each in a notebook of its own",
        )
    # Ibis keeps the session in UTC and reads every answer as such; the stored tables hold days and minutes, no instants
    from evalkit.sources.spark_backend import backend_on

    return backend_on(running.session.newSession())


def read_parquet(connection: Any, files: Sequence[Path], name: str) -> ibis.Table:
    """Name a table made of Parquet files."""
    # Spark reads a path as a pattern
    paths = ["".join(f"\\{sign}" if sign in "{}[]*?\\" else sign for sign in str(path)) for path in files]
    connection._session.read.parquet(*paths).createOrReplaceTempView(name)
    table: ibis.Table = connection.table(name)
    return table


def installed_version() -> str:
    """Return the version of Spark.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        return importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError:
        raise InputError(
            "`engine: spark` needs pyspark, which is not installed", remedy="pip install 'evalkit[spark]'"
        ) from None


def stop_spark() -> None:
    """Stop the process's Spark and take away its folder; nothing happens where none runs."""
    while _running:
        _running.pop().ends.close()


def _started(limits: Limits, scratch: Path) -> _Running:
    heap = int(bytes_of(limits.memory) * SHARE_OF_MEMORY)
    _check_possible(heap, scratch)
    from py4j.protocol import Py4JJavaError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    with ExitStack() as starting:
        folder = starting.enter_context(private_folder(scratch))
        conf = SparkConf(loadDefaults=False).setAll(list(_settings(limits, heap, folder).items()))
        try:
            streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            gateway = launch_gateway(conf, popen_kwargs=streams)  # type: ignore[no-untyped-call]
            starting.callback(_end, gateway)
            context = SparkContext(conf=conf, gateway=gateway)
        except (PySparkException, Py4JJavaError, OSError, ValueError):
            raise InputError(
                "Spark did not start",
                remedy="see that `java -version` says 17 or later, that the master answers if the site file names one, "
                "and that nothing else in this process uses Spark",
            ) from None
        starting.callback(context.stop)
        ends = starting.pop_all()
    atexit.register(_stop_at_exit)
    return _Running(limits, SparkSession(context), ends)


def _check_possible(heap: int, scratch: Path) -> None:
    installed_version()
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=None if home is None else f"{home}/bin") is None:
        raise InputError(
            "`engine: spark` needs Java, which is not installed",
            remedy="install a Java 17 or later, or let JAVA_HOME point to one",
        )
    if heap < LEAST_HEAP:
        raise InputError("Spark does not start with so little memory", remedy="give engine.memory 1GB or more")
    if set(str(scratch)) & set(',"'):
        # it would take the path for several, and spill where anybody reads
        raise InputError("Spark cannot work under a path with a comma or quotation mark", remedy="rename the folder")


def _settings(limits: Limits, heap: int, folder: Path) -> dict[str, str]:
    silent = folder / "log4j2.properties"
    silent.write_text(SILENT, encoding="utf-8")
    quiet, room = f'"-Dlog4j2.configurationFile={silent.as_uri()}"', f"{heap // 2**20}m"
    settings = {
        "spark.app.name": "evalkit",
        "spark.driver.memory": room,
        "spark.driver.extraJavaOptions": f'{quiet} "-Djava.io.tmpdir={folder}" -XX:-UsePerfData',
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
    }
    if limits.master is not None:
        return settings | {
            "spark.master": limits.master,
            "spark.cores.max": str(limits.threads),
            "spark.executor.memory": room,
            "spark.executor.extraJavaOptions": quiet,
        }
    return settings | {
        "spark.master": f"local[{limits.threads}]",
        "spark.driver.host": LOOPBACK,
        "spark.driver.bindAddress": LOOPBACK,
        # without a secret of its own, other users of the machine could speak with it
        "spark.authenticate": "true",
        "spark.sql.shuffle.partitions": str(8 * limits.threads),
    }


def _stop_at_exit() -> None:
    # after a signal the folder's end asks for the exit that is under way
    with suppress(SystemExit):
        stop_spark()


def _end(gateway: Any) -> None:
    from pyspark import SparkContext

    gateway.shutdown()
    if gateway.proc is not None:
        gateway.proc.stdin.close()
        try:
            gateway.proc.wait(timeout=10)
        except subprocess.TimeoutExpired:
            gateway.proc.kill()
            gateway.proc.wait()
    # pyspark keeps them for the next session, which would speak with a process that is no more
    SparkContext._gateway = SparkContext._jvm = None
