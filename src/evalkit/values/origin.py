"""Where a value came from: plain data, carried by every noun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Pass = Literal["interactive", "collect", "show"]


@dataclass(frozen=True)
class Origin:
    """The study, site and run behind a value, and where its store is.

    Parameters
    ----------
    study, site
        Names as in the study file and the site file. ``site`` is None for a value made from several sites.
    study_digest, site_digest
        SHA-256 of the parsed files. The study's is the same at every site.
    inputs
        SHA-256 over the content of all that was read.
    tables
        Digest of all that made the site's tables: inputs, site file, code, environment and the key of its pseudonyms.
    key
        Id of that key. A result made of tables with other pseudonyms is another result.
    engine
        What answers questions about the tables: ``"duckdb"``, or Spark and its version.
    policy
        Name of the disclosure policy in force.
    language
        ``"sv"`` or ``"en"``.
    simulated
        Whether the data are made up.
    store, policies
        Folders of the study's store and of the disclosure policies.
    sites
        Every site of the study.
    largest_plausible_effect
        Percentage points, set beforehand by the study; a detectable effect above it means too little data.
    blind
        Checks that must pass before effects are shown, ``(name, threshold)``; empty where effects are never hidden.
    family
        Outcomes whose effects the study declared beforehand as one family.
    stage
        ``"interactive"`` in a notebook opened by hand; ``"collect"`` and ``"show"`` in a run's two passes.
    run, run_folder, notebook
        The run's id, its folder in the store, and the notebook being run; empty when interactive.
    """

    study: str
    site: str | None
    study_digest: str
    site_digest: str
    inputs: str
    policy: str
    language: str
    simulated: bool
    store: str
    tables: str = ""
    key: str = ""
    engine: str = "duckdb"
    stage: Pass = "interactive"
    policies: str = ""
    sites: tuple[str, ...] = ()
    largest_plausible_effect: float | None = None
    blind: tuple[tuple[str, float], ...] = ()
    family: tuple[str, ...] = ()
    run: str = ""
    run_folder: str = ""
    notebook: str = ""
