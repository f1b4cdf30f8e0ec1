"""What an import says of itself, and how an engine's errors are told without the values they repeat."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from evalkit.errors import Finding, InputError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class IngestSummary:
    """What was taken in.

    Parameters
    ----------
    tables
        Rows by canonical table.
    digest
        SHA-256 over the content of all files read; empty where they could not be.
    findings
        What the checks found, in the order of reading.
    files
        What was read, as readers call it, in the order it was opened.
    """

    tables: Mapping[str, int]
    digest: str
    findings: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Return what analysis must reckon with."""
        return tuple(one for one in self.findings if one.level == "warning")


@contextmanager
def told_plainly(memory: str) -> Iterator[None]:
    """Turn DuckDB's errors into our own.

    Raises
    ------
    InputError
        Instead of any error of DuckDB or of the system.
    """
    try:
        yield
    except (MemoryError, RecursionError):
        raise InputError(
            "the sources are too large or too deeply nested for this machine",
            remedy="hand them over in parts, or as Parquet",
        ) from None
    except OSError as error:
        raise (_full() if error.errno in NO_ROOM else _lost()) from None
    except duckdb.OutOfMemoryException:
        raise InputError(
            f"{memory} of memory do not suffice for these sources", remedy="raise `engine.memory` in the site file"
        ) from None
    except duckdb.Error as error:
        # DuckDB repeats values of cells in its messages.
        if lacks_room(error):
            raise _full() from None
        raise InputError(
            f"the sources could not be read ({type(error).__name__})",
            remedy="check that the files are whole and of the kind the site file says",
        ) from None


def lacks_room(error: duckdb.Error) -> bool:
    """Tell whether DuckDB stopped because the disk is full, or a file may not grow."""
    return any(f": {os.strerror(number)}" in str(error) for number in NO_ROOM)


def _full() -> InputError:
    return InputError(
        "there is no room left on the disk to take in the sources",
        remedy="make room where the store is, then begin again; nothing was stored",
    )


def _lost() -> InputError:
    return InputError(
        "a file could not be read to its end", remedy="see that it is still there and that you may read it"
    )
