"""The manifest of a run: what it was made from, by digests and names alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "manifest.json"


@dataclass(frozen=True)
class SiteMade:
    """What one site's part of a run was made from.

    Parameters
    ----------
    site_digest, inputs, tables
        SHA-256 of the parsed site file, of the files read, and of all that made the stored tables.
    key
        Id of the key of the pseudonyms, from which the key cannot be found.
    """

    site_digest: str
    inputs: str
    tables: str
    key: str


def write_manifest(folder: Path, run: str, study: str, study_digest: str, sites: Mapping[str, SiteMade]) -> None:
    """Write the manifest into a run's folder, where only the owner reads."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {
        "run": run,
        "study": study,
        "study_digest": study_digest,
        "sites": {site: asdict(made) for site, made in sites.items()},
    }
    (folder / NAME).write_text(json.dumps(told, sort_keys=True, indent=1) + "\n", encoding="utf-8")
