"""Random numbers that depend on the seed, the site and the purpose alone."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, site: str, purpose: str) -> np.random.Generator:
    """Return a generator of its own for one purpose at one site.

    What is drawn for one purpose, or at another site, never shifts it.
    """
    key = [seed, zlib.crc32(site.encode()), zlib.crc32(purpose.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))
