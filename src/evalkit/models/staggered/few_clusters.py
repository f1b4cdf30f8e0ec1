"""How many clusters an effect rests on, and how few are too few for an interval built on clusters."""

from __future__ import annotations

import numpy as np

CLUSTERS_NEEDED = 20
"""Fewest effective treated, and fewest effective compared, clusters for a cluster-robust or multiplier interval.

Set 2026-11-23 as the smallest number of 2, 3, 5, 8, 10, 12, 15, 20 and 25 treated clusters at which the usual interval
(CR1, t with G - 1 degrees of freedom) misses at most 7 % of the time where it should miss 5 %, whether 28, 60 or 300
clusters are compared; 7 % is the study's limit for any interval shown. Equal clusters with normal means, 40,000
replications, misses with 28, 60 and 300 compared: .29, .34 and .38 with 2 treated; .11, .13 and .15 with 5; .07, .08
and .09 with 10; .06, .06 and .08 with 15; .05, .06 and .07 with 20. The residuals of k treated clusters make up nearly
all of the variance and k - 1 of them are free, so the same holds where few are compared, and no bootstrap of such sums
helps (MacKinnon and Webb 2018, Econometrics Journal 21(2)). The intervals given here take t with the effective clusters
on the smaller side less 1 as degrees of freedom: at 20 they miss .05 to .055 of the time with normal means and .04, .05
and .08 with exponential ones; at 12 the latter are .05, .07 and .09.
`tests/unit/models/test_staggered_few_clusters.py` repeats the first of these.
"""


def enough(treated: float, compared: float) -> bool:
    """Whether effective treated and compared clusters reach `CLUSTERS_NEEDED`."""
    return bool(min(treated, compared) >= CLUSTERS_NEEDED * (1.0 - 1e-9)) and bool(np.isfinite(treated + compared))
