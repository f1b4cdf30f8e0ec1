"""What of dialogue forums may be told."""

from __future__ import annotations

from datetime import date

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


def smallest_group(on: date | None = None) -> tuple[int, Provenance]:
    """Return from how many pupils a group's statements may be told of, and where the number is from.

    Parameters
    ----------
    on
        Day whose rule is used; None for the latest.

    Raises
    ------
    KeyError
        If no rule was in force by then.
    """
    rules = [rule for rule in read_toml("forums")["groups"] if on is None or rule["since"] <= on]
    if not rules:
        raise KeyError(f"no rule on groups was in force on {on}")
    rule = max(rules, key=lambda each: each["since"])
    return int(rule["smallest"]), Provenance(rule["source"], certainty_mark(rule["certainty"]))
