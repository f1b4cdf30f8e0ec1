"""How much persons and classes differ within schools, pooled over schools."""

from __future__ import annotations

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Booleans, Floats

CLASS_SIZE = 25.0
SHARE_IN_CLASSES = 0.9
FREEDOM_OF_CLASSES = 20


def classes_tell(share: Floats | float, freedom: Floats | float) -> Booleans:
    """Tell whether the known classes can stand for all: few of them would settle the class correlation of everyone.

    Parameters
    ----------
    share
        Of the pupils, how many stand in known classes.
    freedom
        Known classes beyond the first in each school.
    """
    return np.asarray((np.asarray(share) >= SHARE_IN_CLASSES) & (np.asarray(freedom) >= FREEDOM_OF_CLASSES), dtype=bool)


def estimated_classes(classes: Floats, pupils: Floats) -> Floats:
    """Return the classes of each school, at 25 pupils each where they are unknown."""
    unknown = ~(classes >= 1)
    return np.where(unknown, np.maximum(1.0, np.round(pupils / CLASS_SIZE)), np.minimum(classes, pupils))


def pooled_variances(
    pupils: Floats, seated: Floats, classes: Floats, within: Floats, inner: Floats
) -> tuple[Floats, Floats]:
    """Split a person's variance into within and between classes, pooled over schools, for each start.

    Between-class squares expect ``(m - 1) b + c (n - n / m)``, with m classes of equal size in a school.

    Parameters
    ----------
    pupils, seated, classes
        (G, S) pupils, those whose class is known (NaN for all of them, if any), and their classes.
    within, inner
        (G, S) variance around the school's mean and around the class's. Schools without the former do not count.

    Returns
    -------
    tuple
        (S,) variance within classes and between them; where `classes_tell` does not hold, variance within schools and
        NaN.

    Raises
    ------
    DesignError
        If no school has a variance at some start.
    """
    counted = np.isfinite(within) & (pupils > 1)
    freedom = np.where(counted, pupils - 1, 0.0).sum(axis=0)
    if not (freedom > 0).all():
        raise DesignError(
            "the school sums hold no variance within schools, so chance cannot be judged",
            remedy="make the sums from persons, with schools of at least two pupils",
        )
    person = np.where(counted, (pupils - 1) * within, 0.0).sum(axis=0) / freedom
    known = counted & np.isfinite(inner) & (classes >= 1) & (pupils > classes)
    spare = np.where(known, pupils - classes, 0.0)
    safe = np.where(known, classes, 1.0)
    inside = np.where(known, spare * inner, 0.0)
    b = inside.sum(axis=0) / np.maximum(spare.sum(axis=0), 1.0)
    between = np.where(known, (pupils - 1) * within - inside, 0.0).sum(axis=0)
    freely = np.where(known, safe - 1, 0.0).sum(axis=0)
    reach = np.where(known, pupils - pupils / safe, 0.0).sum(axis=0)
    c = np.maximum(0.0, (between - freely * b) / np.maximum(reach, 1.0))
    sat = np.where(known, np.where(np.isnan(seated), pupils, seated), 0.0).sum(axis=0)
    told = classes_tell(sat / np.where(counted, pupils, 0.0).sum(axis=0), freely)
    return np.where(told, b, person), np.where(told, c, np.nan)
