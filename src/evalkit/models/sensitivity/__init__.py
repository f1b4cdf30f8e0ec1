"""What would overturn an effect: bounds on how far the groups may have drifted apart (Rambachan and Roth 2023)."""

from evalkit.models.sensitivity.study_sensitivity import sensitivity

__all__ = ["sensitivity"]
