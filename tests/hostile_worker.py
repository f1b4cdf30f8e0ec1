"""A child process that takes in sources under hard limits of time and memory, one task after the other.

Run as a program it answers tasks, one JSON object a line; imported it offers `Worker`, which asks them.
"""

from __future__ import annotations

import json
import os
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

KEY = b"a key for tests, of 32 bytes ..."
MEMORY = 6 << 30
"""Bytes of address space; threads and mapped files count, so it lies well above what is really used."""
SECONDS = 25.0
SEARCHED = 4_000_000

Task = dict[str, Any]
Answer = dict[str, Any]


class Worker:
    """A child that answers; one that hangs or ends is replaced."""

    def __init__(self, *, memory: int = MEMORY, file_size: int | None = None) -> None:
        self._command = [sys.executable, __file__, str(memory), str(file_size or 0)]
        self._child: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._said.close()

    def ask(self, task: Task, seconds: float = SECONDS) -> Answer:
        """Return what became of a task.

        ``outcome`` is ``"read"``, ``"refused"`` (with what was told), ``"other"`` (an error that is none of ours),
        ``"hang"`` or ``"crash"``. ``leaks`` are secrets of the task that were told, ``left`` what lies in the store.
        """
        child = self._started()
        assert child.stdin is not None
        child.stdin.write(json.dumps(task).encode() + b"\n")
        child.stdin.flush()
        line = self._line(child, time.monotonic() + seconds)
        if line is None:
            ended = child.poll()
            self._end()
            return {"outcome": "hang" if ended is None else "crash", "told": f"{ended}", "leaks": [], "left": []}
        answer: Answer = json.loads(line)
        answer["leaks"] = sorted(self._leaks(task, answer))
        return answer

    def _leaks(self, task: Task, answer: Answer) -> set[str]:
        self._said.seek(max(0, self._said.seek(0, 2) - SEARCHED))
        said = self._said.read().decode("utf-8", "replace") + "".join(answer["everything"])
        return {secret for secret in task.get("secrets", ()) if secret in said}

    def _line(self, child: subprocess.Popen[bytes], until: float) -> bytes | None:
        assert child.stdout is not None
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, until - time.monotonic()))
        return (child.stdout.readline() or None) if ready else None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env={**os.environ, "PYTHONWARNINGS": "ignore"},
            )
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    pipe.close()
            self._child = None


def everything(fault: BaseException) -> list[str]:
    """Return all an error could tell, and those it came from."""
    told = []
    seen: BaseException | None = fault
    while seen is not None:
        told += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return told


def answer(task: Task) -> Answer:
    """Take in the sources of a task, and tell what became of it."""
    from pydantic import ValidationError

    from evalkit.errors import InputError
    from evalkit.sources import open_sources, open_tables
    from evalkit.studies.source_entries import SourceEntry

    root, out = Path(task["root"]), Path(task["out"])
    shutil.rmtree(out.parent, ignore_errors=True)
    result: Answer = {"outcome": "read", "told": "", "everything": [], "rows": {}}
    try:
        sources = [SourceEntry.model_validate(entry).source() for entry in task["sources"]]
        open_sources(sources, root, KEY, out, memory="1GB", threads=2, municipality="1481", on=None)
    except InputError as fault:
        result |= {"outcome": "refused", "told": str(fault), "everything": everything(fault)}
    except ValidationError:  # a site file's reader tells it without the input
        result |= {"outcome": "refused", "told": "the site file", "everything": []}
    except Exception as fault:
        result |= {"outcome": "other", "told": type(fault).__name__, "everything": everything(fault)}
    result["left"] = [str(path) for path in out.parent.rglob("*")] if out.parent.exists() else []
    if result["outcome"] == "read" and task.get("wanted"):
        for name, table in open_tables(out).items():
            result["rows"][name] = [list(row.values()) for row in table.to_pyarrow().to_pylist()]
    return result


def _serve(memory: int, file_size: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if file_size:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        replies.write(json.dumps(answer(json.loads(line)), default=str).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    _serve(*(int(argument) for argument in sys.argv[1:3]))
