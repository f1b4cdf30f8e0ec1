"""Words around tables."""

from __future__ import annotations

from evalkit.reports.labels import Words, joined, upper_first
from evalkit.reports.sentences.captions import Caption
from evalkit.values import Table


def table_caption(table: Table, words: Words) -> Caption:
    """Compose the words around a table: its own where the catalogue has them, else from its columns and axes."""
    shown = [words.name("column", column.name) for column in table.columns if column.shown]
    axes = [words.name("axis", axis.name) for axis in table.axes]
    if words.has(f"table.{table.name}"):
        title = words.say(f"table.{table.name}")
    else:
        facts = {"columns": listed(shown, words), "axes": listed(axes, words)}
        title = words.say("table.title" if axes else "table.title.whole", facts)
    notes = [words.say(key) for column in table.columns if column.shown and words.has(key := f"note.{column.name}")]
    return Caption(upper_first(title), "", joined(*notes), "")


def listed(texts: list[str], words: Words) -> str:
    """Return several names as a list in words."""
    if len(texts) < 2:
        return "".join(texts)
    return words.say("list.and", {"first": ", ".join(texts[:-1]), "last": texts[-1]})
