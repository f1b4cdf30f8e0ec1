"""Write small_panel.csv: made-up persons in eight schools of unlike size over four terms, some terms missing.

The measure ``x`` and the outcome ``y`` share shocks by school and term, so that clustering by school matters.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

TERMS = 4
generator = np.random.default_rng(5)
rows = []
for school in range(8):
    shock = generator.normal(size=(TERMS, 2))
    for person in range(3 + school):
        level = generator.normal()
        for time in range(TERMS):
            x = level + 0.7 * shock[time, 0] + generator.normal()
            y = 0.3 * x + level + 0.2 * time + 0.7 * shock[time, 1] + generator.normal()
            if generator.random() < 0.85:
                rows.append((school, 100 * school + person, time, x, y))
frame = pd.DataFrame(rows, columns=["school", "person", "time", "x", "y"])
frame = frame[frame.groupby("person")["time"].transform("size") > 1]
frame.to_csv(Path(__file__).parent / "small_panel.csv", index=False, float_format="%.6f")
