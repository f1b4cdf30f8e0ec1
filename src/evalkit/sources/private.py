"""A folder that only its owner reads, for as long as the work in it lasts: gone at the end, however that comes.

Raw values stand in it. An exception, SIGTERM and SIGHUP take it away on their way out. What SIGKILL or a power cut
leaves is taken away by whoever next works beside it: a folder is held by a lock that ends with its process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

PREFIX = ".taking-in-"
ENDINGS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """Make a folder under ``parent``, and leave nothing of it behind.

    Folders made on the way to ``parent`` are taken away again if they are empty at the end.

    Parameters
    ----------
    parent
        What a killed process left there is taken away first.
    """
    made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    remove_leftovers(parent)
    with _ended_in_order():
        folder, held = _claimed(parent)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)
            with contextlib.suppress(OSError):  # another process works there, or took it away
                for empty in made:
                    empty.rmdir()


def remove_leftovers(parent: Path) -> None:
    """Take away the folders of processes that are no more."""
    for folder in sorted(parent.glob(f"{PREFIX}*")):
        held = _lock(folder, wait=False)
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _claimed(parent: Path) -> tuple[Path, int]:
    """Make a folder and hold its lock; anew if another process took it for a leftover before it was held."""
    while True:
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        except FileNotFoundError:
            continue
        held = _lock(folder, wait=True)
        if held is not None and folder.exists():
            return folder, held
        if held is not None:
            os.close(held)


def _lock(folder: Path, *, wait: bool) -> int | None:
    """Return a descriptor that holds the folder's lock; None if another process holds it, or it is gone."""
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    return held


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let the signals that ask a process to end run the cleaning up; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        received.append(number)
        for ending in ENDINGS:
            signal.signal(ending, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = {ending: signal.getsignal(ending) for ending in ENDINGS}
    for ending, handler in before.items():
        if handler == signal.SIG_DFL:
            signal.signal(ending, end)
    try:
        yield
    finally:
        for ending, handler in before.items():
            if handler == signal.SIG_DFL:
                signal.signal(ending, handler)
        if received:
            # A library may have turned the exit into an error of its own.
            raise SystemExit(128 + received[0])
