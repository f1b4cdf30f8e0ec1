"""What the checks found, as JSON for other programs.

Shape, version 1::

    {"format": "evalkit-check", "version": 1,
     "study": str, "site": str, "date": "2026-02-15", "evalkit": str, "digest": str,
     "errors": int, "warnings": int, "notes": int,
     "tables": [{"name": str, "rows_about": str}], "files": [{"file": str, "read_as": str}],
     "findings": [{"check": str, "level": "error" | "warning" | "note", "group": str, "unit": str,
                   "table": str, "columns": [str], "count": int, "share": float | null,
                   "places": [{"file": str | null, "sheet": str | null, "column": str | null, "row": int | null}],
                   "groups": [str], "problem": str, "remedy": str,
                   "sv": {"title": str, "meaning": str}, "en": {"title": str, "meaning": str}}]}

A key is never used anew for something else; new keys may come in the same version.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, get_args

from evalkit.errors import Finding
from evalkit.reports.checks_page import CheckedSite
from evalkit.vocabulary.checks import LEVELS, check
from evalkit.vocabulary.school_types import Language

VERSION = 1


def checks_record(checked: CheckedSite, *, study: str, site: str) -> dict[str, Any]:
    """Return plain data of the shape above.

    Parameters
    ----------
    checked
        What was found.
    study, site
        Ids.
    """
    return {
        "format": "evalkit-check",
        "version": VERSION,
        "study": study,
        "site": site,
        "date": checked.date,
        "evalkit": checked.version,
        "digest": checked.digest,
        **{f"{level}s": len(checked.of(level)) for level in LEVELS},
        "tables": [{"name": name, "rows_about": about} for name, about in checked.tables],
        "files": [{"file": file, "read_as": remark} for file, remark in checked.read("en")],
        "findings": [_finding(one) for level in LEVELS for one in checked.of(level)],
    }


def _finding(one: Finding) -> dict[str, Any]:
    entry = check(one.check)
    texts = {
        language: {"title": entry.texts[language].title, "meaning": entry.texts[language].meaning}
        for language in get_args(Language)
    }
    return {
        "check": one.check,
        "level": one.level,
        "group": entry.group,
        "unit": entry.unit,
        "table": one.table,
        "columns": list(one.columns),
        "count": one.count,
        "share": one.share,
        "places": [asdict(where) for where in one.places],
        "groups": list(one.groups),
        "problem": one.problem,
        "remedy": one.remedy,
        **texts,
    }
