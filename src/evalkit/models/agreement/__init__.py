"""The same effect by several estimators, and why they differ."""

from evalkit.models.agreement.compare import Compared, compare_estimators
from evalkit.models.agreement.verb import agreement

__all__ = ["Compared", "agreement", "compare_estimators"]
