"""Short names for the arrays of the simulator."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Shares = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer[Any]]
Minutes = npt.NDArray[np.int16]
States = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
