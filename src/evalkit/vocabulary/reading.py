"""Open the vocabulary's fact files."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_toml(name: str) -> dict[str, Any]:
    """Return the content of ``facts/<name>.toml``; callers do not change it."""
    return tomllib.loads((files("evalkit.vocabulary") / "facts" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def read_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of the tab-separated ``facts/<name>.tsv`` by its headings."""
    text = (files("evalkit.vocabulary") / "facts" / f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line]
    heading = lines[0]
    return tuple(dict(zip(heading, line + [""] * (len(heading) - len(line)), strict=True)) for line in lines[1:])
