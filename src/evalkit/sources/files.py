"""Which files a source is, where they may stand, and the digest of what is in them.

A site file is data, not a program: what it names as a relative path must lie inside the project folder, also after
links are followed. Data that stand elsewhere are named by their absolute path, in full view of whoever reads the
site file. A folder's files must lie in the folder itself, so that a link put there leads nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from evalkit.errors import InputError, Where
from evalkit.sources.config import DATABASE_KINDS, FOLDER_KINDS, Layout, Source
from evalkit.sources.readers.servers import digest_server

ENDINGS = {
    "csv": (".csv", ".txt", ".tsv"),
    "excel": (".xlsx", ".xlsm"),
    "parquet": (".parquet",),
    "duckdb": (".duckdb", ".db"),
    "ss12000": (".json", ".json.gz"),
}


def name_of(path: Path, root: Path) -> str:
    """Return a path as users know it: from the project folder where it lies there."""
    try:
        whole, top = path.resolve(), root.resolve()
    except (OSError, RuntimeError, ValueError):
        return path.as_posix()
    return whole.relative_to(top).as_posix() if whole.is_relative_to(top) else path.as_posix()


def label_of(layout: Layout, root: Path) -> str:
    """Return what users call a place: its path, or the relation of a server."""
    if layout.path is None:
        return layout.relation or layout.kind
    return layout.path.as_posix() if layout.path.is_absolute() else name_of(root / layout.path, root)


def locate(layout: Layout, root: Path) -> Path:
    """Return where a layout's file or folder is.

    Raises
    ------
    InputError
        If there is no path, or a relative one leads out of the project folder.
    """
    if layout.path is None:
        raise InputError(
            f"a {layout.kind} source names its `path`",
            where=Where(file=label_of(layout, root)),
            remedy="write `path` in the site file",
        )
    if layout.path.is_absolute():
        return layout.path
    path = root / layout.path
    if not path.resolve().is_relative_to(root.resolve()):
        raise InputError(
            "the path leads out of the project folder",
            where=Where(file=layout.path.as_posix()),
            remedy="put the file inside, or write its absolute path in the site file",
        )
    return path


def find_files(layout: Layout, root: Path) -> tuple[Path, ...]:
    """Return the files of a layout in the order of their names; none where it is a server.

    Raises
    ------
    InputError
        If the path is not there or not allowed, or a folder holds no file of the layout's form.
    """
    if layout.kind in DATABASE_KINDS:
        return ()
    label = label_of(layout, root)
    with _reached(label):
        return _found(locate(layout, root), layout.kind, label, root)


def _found(path: Path, kind_of_file: str, label: str, root: Path) -> tuple[Path, ...]:
    folders, endings = kind_of_file in FOLDER_KINDS, ENDINGS[kind_of_file]
    if path.is_file() and not folders:
        return (path,)
    if not path.is_dir():
        kind = "folder" if folders else "file"
        raise InputError(
            f"there is no such {kind}",
            where=Where(file=label),
            remedy=f"put the {kind} there, or correct `path` in the site file",
        )
    inside = list(path.rglob("*") if folders else path.iterdir())
    found = tuple(sorted(file for file in inside if is_part(file, endings)))
    if not found:
        raise InputError(
            f"the folder holds no file ending in {' or '.join(endings)}",
            where=Where(file=label),
            remedy="put the files there, or correct `path` and `kind` in the site file",
        )
    _check_inside(inside if folders else found, path, root)
    for file in found:
        str(file).encode()
    return found


def is_part(path: Path, endings: tuple[str, ...]) -> bool:
    """Tell whether a file has one of the endings and is no hidden file."""
    return path.is_file() and not path.name.startswith((".", "~$")) and path.name.lower().endswith(endings)


def sql_path(path: Path) -> str:
    """Return a file's path as a literal for DuckDB's readers, which would take some characters for a pattern."""
    plain = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
    return "'" + plain.replace("'", "''") + "'"


def digest_inputs(sources: Sequence[Source], root: Path) -> str:
    """Return the SHA-256 over the content of all files of the sources, and the digests of relations on servers.

    The order of the sources, and in which files are listed, does not count.

    Raises
    ------
    InputError
        If a file is not there, or cannot be read.
    """
    parts = set()
    for layout in (layout for source in sources for layout in source.layouts):
        if layout.kind in DATABASE_KINDS:
            parts.add(f"{layout.connection_variable}\0{layout.relation}\0{digest_server(layout)}\n")
        for path in _with_logs(find_files(layout, root)):
            with _reached(name_of(path, root)), path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            parts.add(f"{name_of(path, root)}\0{content}\n")
    return hashlib.sha256("".join(sorted(parts)).encode()).hexdigest()


def stamp_inputs(sources: Sequence[Source], root: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return name, size, time of change and inode of every file, by which one that changed is known.

    Raises
    ------
    InputError
        If a file is not there, or cannot be reached.
    """
    stamps = []
    for layout in (layout for source in sources for layout in source.layouts):
        for path in _with_logs(find_files(layout, root)):
            with _reached(name_of(path, root)):
                about = path.stat()
            stamps.append((name_of(path, root), about.st_size, about.st_mtime_ns, about.st_ino))
    return tuple(stamps)


def refuse_changed(sources: Sequence[Source], root: Path, stamps: tuple[tuple[str, int, int, int], ...]) -> None:
    """Refuse to go on when a file is no longer what it was.

    Raises
    ------
    InputError
        If one changed, came or went since it was stamped.
    """
    changed = sorted({name for name, *_ in set(stamps) ^ set(stamp_inputs(sources, root))})
    if changed:
        raise InputError(
            "the file changed while it was read",
            where=Where(file=changed[0]),
            remedy="wait until the delivery is complete, then try again",
        )


def _with_logs(files: Sequence[Path]) -> Iterator[Path]:
    """Give files, and beside a DuckDB file its log of what is not in it yet."""
    for file in files:
        yield file
        log = file.with_name(f"{file.name}.wal")
        if log.is_file():
            yield log


@contextmanager
def _reached(label: str) -> Iterator[None]:
    """Tell in our words what the system says of a path: no right to it, too long, a link to itself, no text."""
    try:
        yield
    except (OSError, RuntimeError, ValueError):
        raise InputError(
            "the path cannot be opened",
            where=Where(file=label),
            remedy="see that you may read it, that no link leads in a circle, and that its name is written in UTF-8",
        ) from None


def _check_inside(files: Sequence[Path], folder: Path, root: Path) -> None:
    top = folder.resolve()
    for file in files:
        if not file.resolve().is_relative_to(top):
            raise InputError(
                "a file of the folder is a link that leads out of it",
                where=Where(file=name_of(folder, root)),
                remedy="put the file itself there",
            )
