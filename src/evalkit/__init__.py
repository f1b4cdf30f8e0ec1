"""evalkit: from the records of schools and adult education to evaluation reports.

Everything a notebook needs is here: nouns, verbs, and the namespaces of cohorts and measures. Each is loaded when it is
first asked for, so that a command at the prompt does not wait for estimators it does not use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalkit import cohorts
    from evalkit.measures import (
        attendance,
        completion,
        connectedness,
        forums,
        participants,
        progression,
        support,
        transitions,
    )
    from evalkit.panels import organisation
    from evalkit.studies import diagnostics
    from evalkit.studies.estimating import (
        change_over_time,
        event_study,
        few_treated_effect,
        reliability,
        staggered_effect,
        within_effect,
    )
    from evalkit.studies.opening import open_study
    from evalkit.studies.verbs import (
        attrition,
        build_cohort,
        build_panel,
        presence,
        protect,
        read_panel,
        school_panel,
        school_sums,
        show,
        tabulate,
        write_panel,
    )
    from evalkit.values import Estimate, Events, Measure, Panel, Period, SchoolSums

__version__ = "0.1.0"

__all__ = [
    "Estimate",
    "Events",
    "Measure",
    "Panel",
    "Period",
    "SchoolSums",
    "attendance",
    "attrition",
    "build_cohort",
    "build_panel",
    "change_over_time",
    "cohorts",
    "completion",
    "connectedness",
    "diagnostics",
    "event_study",
    "few_treated_effect",
    "forums",
    "open_study",
    "organisation",
    "participants",
    "presence",
    "progression",
    "protect",
    "read_panel",
    "reliability",
    "school_panel",
    "school_sums",
    "show",
    "staggered_effect",
    "support",
    "tabulate",
    "transitions",
    "within_effect",
    "write_panel",
]

_NAMESPACES = {
    "attendance": "evalkit.measures.attendance",
    "cohorts": "evalkit.cohorts",
    "completion": "evalkit.measures.completion",
    "connectedness": "evalkit.measures.connectedness",
    "diagnostics": "evalkit.studies.diagnostics",
    "forums": "evalkit.measures.forums",
    "organisation": "evalkit.panels.organisation",
    "participants": "evalkit.measures.participants",
    "progression": "evalkit.measures.progression",
    "support": "evalkit.measures.support",
    "transitions": "evalkit.measures.transitions",
}
_ESTIMATING = (
    "change_over_time",
    "event_study",
    "few_treated_effect",
    "reliability",
    "staggered_effect",
    "within_effect",
)
_NOUNS = ("Estimate", "Events", "Measure", "Panel", "Period", "SchoolSums")


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
    room = "estimating" if name in _ESTIMATING else "verbs"
    return getattr(import_module(f"evalkit.studies.{room}"), name)
