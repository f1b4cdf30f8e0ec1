"""The checked, pseudonymised tables of one site, open for questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis

from evalkit.values.origin import Origin


@dataclass(frozen=True, eq=False)
class Tables:
    """Canonical tables of one site as Ibis tables on one connection.

    Parameters
    ----------
    named
        Table expressions by canonical name (``persons``, ``attendance``, ...). A table the site does not have is absent.
    origin
        Study, site and store; None for tables made by hand.
    """

    named: Mapping[str, ibis.Table]
    origin: Origin | None = None

    def __getitem__(self, name: str) -> ibis.Table:
        """Return one table; a table the site did not hand over is a KeyError that names it."""
        if name not in self.named:
            raise KeyError(f"this site handed over no table {name!r}; it has {', '.join(sorted(self.named))}")
        return self.named[name]

    def __contains__(self, name: object) -> bool:
        return name in self.named
