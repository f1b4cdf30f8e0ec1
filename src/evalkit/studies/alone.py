"""The lock of a study: two runs at once would publish over each other."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from evalkit.errors import RunError
from evalkit.studies.opening import Place


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Hold the study's lock: two runs of one study at once would publish over each other."""
    path = place.store.root / "run.lock"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"another run of {place.study.study} is under way", remedy="wait until it has ended, then run again"
            ) from None
        yield
