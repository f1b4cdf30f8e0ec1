"""A PostgreSQL server of the system's package, started for tests in a folder of its own and stopped after them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adbc_driver_postgresql import dbapi


class DatabaseServer:
    """A running server, reached through a socket; ``owner`` may do everything, ``reader`` only what is granted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def text(self, account: str = "owner") -> str:
        return f"host={self.folder} user={account} dbname=postgres"

    def run(self, *statements: str) -> None:
        with dbapi.connect(self.text(), autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def programs() -> Path | None:
    """Return the folder of the newest server's programs, None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def running() -> Iterator[DatabaseServer]:
    """Start a server; PostgreSQL refuses to run as root, so root becomes the package's own user."""
    folder, where = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp")), programs()
    assert where is not None
    become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if become:
        shutil.chown(folder, "postgres")

    def call(program: str, *arguments: str | Path) -> None:
        command = [*become, where / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    data = folder / "data"
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    try:
        call("initdb", "-D", data, "-A", "trust", "-U", "owner", "--no-sync")
        call("pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        try:
            yield DatabaseServer(folder)
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
