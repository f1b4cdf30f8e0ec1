"""Which files a source is, and the digest of what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from evalkit.errors import InputError, Where
from evalkit.sources.config import Source

ENDINGS = {"csv": (".csv", ".txt"), "parquet": (".parquet",), "ss12000": (".json", ".json.gz")}


def name_of(path: Path, root: Path) -> str:
    """Return a path as users know it: from the project folder where it lies there."""
    whole, top = path.resolve(), root.resolve()
    return whole.relative_to(top).as_posix() if whole.is_relative_to(top) else path.as_posix()


def find_files(source: Source, root: Path) -> tuple[Path, ...]:
    """Return the files of a source in the order of their names.

    Raises
    ------
    InputError
        If the path is not there, or a folder holds no file of the source's form.
    """
    path = root / source.path
    if path.is_file() and source.kind != "ss12000":
        return (path,)
    if not path.exists() or (path.is_file() and source.kind == "ss12000"):
        kind = "folder" if source.kind == "ss12000" else "file"
        raise InputError(
            f"there is no such {kind}",
            where=Where(file=name_of(path, root)),
            remedy=f"put the {kind} there, or correct `path` in the site file",
        )
    pattern = path.rglob("*") if source.kind == "ss12000" else path.iterdir()
    found = tuple(sorted(file for file in pattern if is_part(file, ENDINGS[source.kind])))
    if not found:
        raise InputError(
            f"the folder holds no file ending in {' or '.join(ENDINGS[source.kind])}",
            where=Where(file=name_of(path, root)),
            remedy="put the files there, or correct `path` and `kind` in the site file",
        )
    return found


def is_part(path: Path, endings: tuple[str, ...]) -> bool:
    """Tell whether a file has one of the endings and is no hidden file."""
    return path.is_file() and not path.name.startswith((".", "~$")) and path.name.lower().endswith(endings)


def digest_inputs(sources: Sequence[Source], root: Path) -> str:
    """Return the SHA-256 over the content of all files of the sources.

    The order of the sources, and in which files are listed, does not count.

    Raises
    ------
    InputError
        If a file is not there.
    """
    parts = set()
    for source in sources:
        for path in find_files(source, root):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            parts.add(f"{name_of(path, root)}\0{content}\n")
    return hashlib.sha256("".join(sorted(parts)).encode()).hexdigest()
