"""Things that happen to persons on a day: dropouts, returns, transitions, contacts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis

from evalkit.values.frames import fingerprint
from evalkit.values.questions import empty_tables, is_own, written_out
from evalkit.values.tables import Tables

COLUMNS = ("person_id", "date", "known_from", "cause")


@dataclass(frozen=True, eq=False)
class Events:
    """A named kind of event, found in a site's tables.

    Parameters
    ----------
    name
        Stable name, such as ``"dropout_by_rule"``; its meaning stands in the vocabulary of measures.
    compute
        From the site's tables to an Ibis table with ``person_id``, ``date`` (day it happened), ``known_from`` (first
        day on which it could be known, never before ``date``) and ``cause`` (string, ``""`` where there is only one);
        further columns are allowed. A row rests on facts known by its ``known_from`` alone: what becomes known later
        never moves or removes it.
    repeats
        Whether a person can have several.
    parameters
        Plain values behind ``compute``, part of every digest.
    """

    name: str
    compute: Callable[[Tables], ibis.Table]
    repeats: bool = True
    parameters: tuple[tuple[str, object], ...] = ()

    @property
    def key(self) -> str:
        """Digest of what the events mean; of those written in a notebook, the question itself is part of it.

        Raises
        ------
        InputError
            If events of one's own are no expression over the canonical tables.
        """
        asked = written_out(self.name, lambda: (self.compute(empty_tables()),)) if is_own(self.compute) else ()
        return fingerprint(self.name, self.repeats, self.parameters, asked)
