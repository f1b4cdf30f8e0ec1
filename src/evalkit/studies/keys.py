"""The key of a study's pseudonyms: kept by its owner, never under the project.

One master key serves all studies of an owner. Each study's key is derived from it, so that a person has the same
pseudonym in all sources and at all sites of a study, and another in every other study.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.errors import InputError, Where
from evalkit.sources import MARKER, Source, is_marked

VARIABLE = "EVALKIT_KEY"
FILE_VARIABLE = "EVALKIT_KEY_FILE"
MASTER_BYTES = 32
LONGEST_FILE = 4096
OTHERS = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
NEW_KEY = "openssl rand -hex 32"


def study_key(study: str, project: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """Return the key of one study's pseudonyms, derived from the master key.

    The master key is ``EVALKIT_KEY`` (hexadecimal or base64), or stands in the file that ``EVALKIT_KEY_FILE`` names, or
    in ``evalkit/pseudonyms.key`` of the user's configuration folder, which is made at the first use.

    Parameters
    ----------
    study
        Its name.
    project
        Folder under which no key may lie.

    Raises
    ------
    InputError
        If the key is too short or no key, or its file can be read by others, lies in the project or is a link.
    """
    return hmac.digest(_master(project, environ), f"study {study}".encode(), hashlib.sha256)


def simulated_key(study: str, seed: int) -> bytes:
    """Return the key for made-up persons: the same at every run, for there is no one to protect."""
    return hashlib.sha256(f"simulated {study} {seed}".encode()).digest()


def key_id(key: bytes) -> str:
    """Return twelve hexadecimal digits that tell keys apart and from which no key can be found."""
    return hmac.digest(key, b"key id", hashlib.sha256).hex()[:12]


def check_simulated(sources: Sequence[Source], project: Path, site_file: str) -> None:
    """Refuse to call data simulated that no simulation's marker stands by.

    `evalkit simulate` writes the marker; made-up data that ship with a study bear it too.

    Raises
    ------
    InputError
        If the marker does not stand by every file, or a source is a server.
    """
    if not all(is_marked(source, project) for source in sources):
        raise InputError(
            f"the site file says that the data are simulated, but no {MARKER} stands by them",
            where=Where(file=site_file, column="simulated"),
            remedy="write simulated: false; only data made by `evalkit simulate` are simulated",
        )


def forget_key() -> None:
    """Take the key out of this process's environment, where a notebook could show it."""
    os.environ.pop(VARIABLE, None)


def _master(project: Path, environ: Mapping[str, str]) -> bytes:
    named = [name for name in (VARIABLE, FILE_VARIABLE) if name in environ]
    if len(named) > 1:
        raise _refused(f"both {VARIABLE} and {FILE_VARIABLE} are set", "environment", f"unset {FILE_VARIABLE}")
    if VARIABLE in environ:
        return _decoded(environ[VARIABLE], VARIABLE, f"set {VARIABLE} to what `{NEW_KEY}` gives, or unset it")
    path = Path(environ[FILE_VARIABLE]).expanduser() if FILE_VARIABLE in environ else _default_file(environ)
    if path.parent.resolve().is_relative_to(project.resolve()):
        raise _refused(
            "the key lies under the project folder, beside what it protects",
            path,
            f"move it elsewhere and set {FILE_VARIABLE} to its path",
        )
    if FILE_VARIABLE not in environ and not path.is_symlink() and not path.exists():
        _make(path)
    remedy = f"write what `{NEW_KEY}` gives into it, unless there is a copy of the key that was there"
    return _decoded(_read(path), str(path), remedy)


def _default_file(environ: Mapping[str, str]) -> Path:
    named = Path(environ.get("XDG_CONFIG_HOME", ""))
    # The XDG Base Directory Specification: a relative path is to be ignored.
    folder = named if named.is_absolute() else Path(environ.get("HOME") or Path.home()) / ".config"
    return folder / "evalkit" / "pseudonyms.key"


def _make(path: Path) -> None:
    """Write a new key; the first of several processes wins."""
    try:
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        making = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(MASTER_BYTES) + "\n")
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(making)
                sys.stderr.write(
                    f"made a new key, {path}; keep a copy: without it persons cannot be followed across deliveries\n"
                )
        finally:
            making.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(
            f"no key could be made there ({type(error).__name__})", path, f"set {FILE_VARIABLE} to a file that you made"
        ) from None


def _read(path: Path) -> str:
    """Return the text of a key file that its owner alone can read and replace."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise _refused("the key is a link", path, f"set {FILE_VARIABLE} to the file it leads to") from None
        raise _refused(
            f"the key cannot be read ({type(error).__name__})",
            path,
            f"put the key there, or correct {FILE_VARIABLE}; a new one: umask 077; {NEW_KEY} > FILE",
        ) from None
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise _refused("the key is no file", path, f"correct {FILE_VARIABLE}")
        if about.st_uid != os.geteuid():
            raise _refused("the key belongs to someone else", path, f"copy it: install -m 600 {path} FILE")
        if about.st_mode & OTHERS:
            raise _refused("others can read or write the key", path, f"chmod 600 {path}")
        if _replaceable(path.parent):
            raise _refused("others can replace the key", path, f"chmod go-w {path.parent}")
        return os.read(descriptor, LONGEST_FILE).decode("latin-1")
    finally:
        os.close(descriptor)


def _replaceable(folder: Path) -> bool:
    mode = folder.stat().st_mode
    return bool(mode & OTHERS_WRITE) and not mode & stat.S_ISVTX


def _decoded(text: str, place: str, remedy: str) -> bytes:
    written = text.strip()
    if re.fullmatch(r"([0-9A-Fa-f]{2})+", written):
        key = bytes.fromhex(written)
    else:
        try:
            key = base64.b64decode(written.replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            raise _refused("the key is neither hexadecimal nor base64", place, remedy) from None
    if len(key) < MASTER_BYTES:
        raise _refused(f"the key has fewer than {MASTER_BYTES} bytes", place, remedy)
    return key


def _refused(problem: str, place: Path | str, remedy: str) -> InputError:
    return InputError(problem, where=Where(file=str(place)), remedy=remedy)
