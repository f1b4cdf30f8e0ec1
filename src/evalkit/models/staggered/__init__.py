"""Group-time effects of a treatment that starts at different times, on arrays (Callaway and Sant'Anna 2021)."""

from evalkit.models.staggered.aggregation import Aggregate, Aggregated, aggregate
from evalkit.models.staggered.few_clusters import CLUSTERS_NEEDED
from evalkit.models.staggered.group_time import Control, Estimator, GroupTime, group_time_effects
from evalkit.models.staggered.two_by_two_cells import Base
from evalkit.models.staggered.uncertainty import Convention, Multiplier, clustered_error, uniform_quantile
from evalkit.models.staggered.units_by_time import Unbalanced, UnitsByTime, arrange

__all__ = [
    "CLUSTERS_NEEDED",
    "Aggregate",
    "Aggregated",
    "Base",
    "Control",
    "Convention",
    "Estimator",
    "GroupTime",
    "Multiplier",
    "Unbalanced",
    "UnitsByTime",
    "aggregate",
    "arrange",
    "clustered_error",
    "group_time_effects",
    "uniform_quantile",
]
