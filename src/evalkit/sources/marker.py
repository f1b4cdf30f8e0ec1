"""The marker that stands by made-up data, and by no other."""

from __future__ import annotations

from pathlib import Path

from evalkit.errors import InputError
from evalkit.sources.config import Source
from evalkit.sources.files import find_files

MARKER = ".simulated.json"


def is_marked(source: Source, root: Path) -> bool:
    """Return whether the marker stands by every file of a source; never by a server.

    It stands in the file's folder or in one above it, but not in the project folder or above that, where it would
    cover everything. Links are followed first: a link among simulated files may lead to real ones.

    Parameters
    ----------
    root
        The project folder. Files that are not there are no matter here; reading tells of them.
    """
    top = root.resolve()
    for layout in source.layouts:
        try:
            files = find_files(layout, root)
        except InputError:
            continue
        folders = [[above for above in file.resolve().parents if not top.is_relative_to(above)] for file in files]
        if not files or not all(any((folder / MARKER).is_file() for folder in above) for above in folders):
            return False
    return True
