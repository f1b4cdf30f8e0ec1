"""evalkit: from the records of schools and adult education to evaluation reports.

Everything a notebook needs is here: nouns, verbs, and the namespaces of cohorts and measures. Each is loaded when it is
first asked for, so that a command at the prompt does not wait for estimators it does not use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit import cohorts
    from evalkit.measures import attendance, connectedness, forums
    from evalkit.studies.opening import open_study
    from evalkit.studies.verbs import (
        build_cohort,
        build_panel,
        change_over_time,
        detectable_effect,
        event_study,
        few_treated_effect,
        placebo_distribution,
        protect,
        school_sums,
        show,
        tabulate,
        within_effect,
    )
    from evalkit.values import Estimate, Panel, Period, SchoolSums

__version__ = "0.1.0"

__all__ = [
    "Estimate",
    "Panel",
    "Period",
    "SchoolSums",
    "attendance",
    "build_cohort",
    "build_panel",
    "change_over_time",
    "cohorts",
    "connectedness",
    "detectable_effect",
    "event_study",
    "few_treated_effect",
    "forums",
    "open_study",
    "placebo_distribution",
    "protect",
    "school_sums",
    "show",
    "tabulate",
    "within_effect",
]

_NAMESPACES = {
    "attendance": "evalkit.measures.attendance",
    "cohorts": "evalkit.cohorts",
    "connectedness": "evalkit.measures.connectedness",
    "forums": "evalkit.measures.forums",
}
_NOUNS = ("Estimate", "Panel", "Period", "SchoolSums")


def __getattr__(name: str) -> object:
    """Load a name of the door at its first use."""
    if name not in __all__:
        raise AttributeError(f"evalkit has no {name!r}; it has {', '.join(__all__)}")
    if name in _NAMESPACES:
        return import_module(_NAMESPACES[name])
    if name == "open_study":
        return import_module("evalkit.studies.opening").open_study
    if name in _NOUNS:
        return getattr(import_module("evalkit.values"), name)
    return getattr(import_module("evalkit.studies.verbs"), name)
