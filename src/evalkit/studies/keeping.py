"""A result is made once and kept in the store under the digest of all that made it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from evalkit.studies.store import Store, result_key
from evalkit.values import Origin

Noun = TypeVar("Noun")


def kept(origin: Origin | None, parts: tuple[object, ...], make: Callable[[], Noun]) -> Noun:
    """Return what the store keeps under these parts, or make and keep it; without an origin it is only made."""
    if origin is None:
        return make()
    store = Store(Path(origin.store))
    key = result_key(origin.inputs, origin.tables, origin.engine, origin.study_digest, origin.site_digest, *parts)
    kept: Any = store.get(key)
    if kept is not None:
        return kept  # type: ignore[no-any-return]
    made = make()
    store.put(key, made)
    return made
