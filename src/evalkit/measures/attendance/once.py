"""Expressions that several measures share are built once for each `Known`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from weakref import WeakKeyDictionary

import ibis

from evalkit.values import Known

P = ParamSpec("P")
Build = Callable[Concatenate[Known, P], ibis.Table]


def once(build: Build[P]) -> Build[P]:
    """Return ``build`` so that it gives the same expression again to whoever asks with the same `Known`.

    The engine would find equal expressions equal anyhow; building and comparing them a dozen times takes seconds.
    """
    built: WeakKeyDictionary[Known, dict[object, ibis.Table]] = WeakKeyDictionary()

    @wraps(build)
    def remembered(known: Known, /, *args: P.args, **kwargs: P.kwargs) -> ibis.Table:
        mine = built.setdefault(known, {})
        asked = (args, tuple(sorted(kwargs.items())))
        if asked not in mine:
            mine[asked] = build(known, *args, **kwargs)
        return mine[asked]

    return remembered
