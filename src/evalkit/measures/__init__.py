"""What is measured about persons in periods: Ibis in, Ibis out."""

from evalkit.measures import attendance, connectedness, forums

__all__ = ["attendance", "connectedness", "forums"]
