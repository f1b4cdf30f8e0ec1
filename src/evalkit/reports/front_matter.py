"""The YAML at the top of a notebook: the little of it that reports use, read and written the same way each time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.errors import RenderError

FENCE = "---"
PAIR = re.compile(r"""([\w-]+)\s*:\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^,{}]+)""")


def read_front_matter(text: str, *, place: str) -> dict[str, str | dict[str, str]]:
    """Return keys and values of a notebook's front matter.

    Parameters
    ----------
    text
        ``key: value``, ``key: {sv: …, en: …}``, or a key with indented ``sv:`` and ``en:`` lines; fences may stand.
    place
        Notebook and cell, for the error.

    Raises
    ------
    RenderError
        For a line in any other form.
    """
    found: dict[str, str | dict[str, str]] = {}
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.strip() == FENCE or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.strip().partition(":")
        if not colon or not re.fullmatch(r"[\w-]+", key):
            raise RenderError(
                f"{place}, line {number}: not of the form `key: value`",
                remedy="front matter holds keys with one value, or one per language",
            )
        if line[0].isspace():
            inner = found[current] if current else None
            if not isinstance(inner, dict):
                raise RenderError(f"{place}, line {number}: indented under a key that has a value of its own")
            inner[key] = _scalar(value)
        else:
            current = key
            found[key] = _value(value.strip())
    return found


def _value(text: str) -> str | dict[str, str]:
    if not text:
        return {}
    if text.startswith("{") and text.endswith("}"):
        return {key: _scalar(value) for key, value in PAIR.findall(text[1:-1])}
    return _scalar(text)


def _scalar(text: str) -> str:
    text = text.strip()
    if text[:1] == text[-1:] == '"' and len(text) > 1:
        return str(json.loads(text))
    if text[:1] == text[-1:] == "'" and len(text) > 1:
        return text[1:-1].replace("''", "'")
    return text


def in_language(value: str | Mapping[str, str] | None, language: str, *, place: str) -> str:
    """Return the text of one language; a text without languages serves both.

    Raises
    ------
    RenderError
        If the language is missing among several.
    """
    if value is None or isinstance(value, str):
        return value or ""
    if value and language not in value:
        raise RenderError(f"{place} has no text in {language!r}", remedy="give it in sv and en")
    return value.get(language, "")


def write_yaml(values: Mapping[str, Any], *, indent: int = 0) -> str:
    """Return plain data as YAML, in the order given, each text quoted so that nothing in it is taken for markup."""
    lines = []
    for key, value in values.items():
        lines += _entry(" " * indent + f"{key}:", value, indent)
    return "\n".join(lines)


def _entry(head: str, value: object, indent: int) -> list[str]:
    if isinstance(value, Mapping):
        return [head, write_yaml(value, indent=indent + 2)] if value else [f"{head} {{}}"]
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            return [f"{head} []"]
        return [head, *(_item(item, indent + 2) for item in value)]
    return [f"{head} {json.dumps(value, ensure_ascii=False)}"]


def _item(item: object, indent: int) -> str:
    mark = " " * indent + "- "
    if not isinstance(item, Mapping):
        return mark + json.dumps(item, ensure_ascii=False)
    return mark + write_yaml(item, indent=indent + 2).lstrip()


def fenced(values: Mapping[str, Any]) -> str:
    """Return front matter with its fences."""
    return f"{FENCE}\n{write_yaml(values)}\n{FENCE}"
