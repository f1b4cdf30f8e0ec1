"""A content-addressed store: what made a result is its address."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import platform
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evalkit.values import fingerprint
from evalkit.values.archive import read, write

PACKAGE = Path(__file__).parents[1]
MAKERS = ("errors.py", "vocabulary", "values", "sources", "measures", "cohorts", "panels", "models")
EVERY_ROOM = (*MAKERS, "disclosure", "reports", "studies")
ENVIRONMENT = ("numpy", "pandas", "scipy", "statsmodels", "linearmodels", "ibis-framework", "duckdb")


@dataclass(frozen=True)
class Store:
    """The folder of one study's results, readable by its owner alone."""

    root: Path

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root.chmod(0o700)

    def get(self, key: str) -> Any | None:
        """Return the noun kept under a key, or None."""
        folder = self._place(key)
        return read(folder) if (folder / "noun.json").is_file() else None

    def put(self, key: str, noun: Any) -> None:
        """Keep a noun under a key; what is there already stays."""
        folder = self._place(key)
        if not (folder / "noun.json").is_file():
            write(noun, folder, keep_first=True)

    def secret(self, name: str) -> bytes:
        """Return 32 random bytes, made at the first call and kept with mode 0600."""
        path = self.root / f"{name}.key"
        if not path.exists():
            making = self.root / f".{name}-{secrets.token_hex(4)}"
            descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(making)
            making.unlink()
        return path.read_bytes()

    def _place(self, key: str) -> Path:
        return self.root / "results" / key[:2] / key


def result_key(*makers: object) -> str:
    """Return the address of a result: digest of what made it, the code and the environment among it."""
    return fingerprint(code_digest(), environment_digest(), *makers)


@cache
def code_digest(rooms: tuple[str, ...] = MAKERS) -> str:
    """Return the SHA-256 over every source and data file of some rooms of this package."""
    digest = hashlib.sha256()
    for room in rooms:
        top = PACKAGE / room
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def environment_digest() -> str:
    """Return the SHA-256 over the versions of Python and of the libraries that make numbers."""
    versions = [f"python {platform.python_version()}"]
    versions += [f"{name} {importlib.metadata.version(name)}" for name in ENVIRONMENT]
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()
