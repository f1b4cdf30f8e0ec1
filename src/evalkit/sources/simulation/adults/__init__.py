"""Make up exports of adult education, Komvux and SFI, with a known truth beside them."""

from evalkit.sources.simulation.adults.run import simulate_adults
from evalkit.sources.simulation.adults.settings import AdultSettings, AdultSite, adult_settings_from

__all__ = ["AdultSettings", "AdultSite", "adult_settings_from", "simulate_adults"]
