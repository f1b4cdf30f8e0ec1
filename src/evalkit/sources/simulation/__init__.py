"""Make up exports as municipalities hand them over, with a known truth beside them."""

from evalkit.sources.simulation.folder import SimulationSummary, SiteSummary
from evalkit.sources.simulation.kinds import simulate_study
from evalkit.sources.simulation.run import simulate
from evalkit.sources.simulation.settings import ForumSettings, SimulationSettings, SiteSettings
from evalkit.sources.simulation.told import settings_from

__all__ = [
    "ForumSettings",
    "SimulationSettings",
    "SimulationSummary",
    "SiteSettings",
    "SiteSummary",
    "settings_from",
    "simulate",
    "simulate_study",
]
