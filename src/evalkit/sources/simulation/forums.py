"""Draw the dialogue forums of a site: stations, groups, participants, and when pupils heard back."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from evalkit.sources.simulation.schools import School
from evalkit.sources.simulation.settings import SiteSettings
from evalkit.vocabulary import dimension

GROUP_SIZE = 6


def draw_forums(site: SiteSettings, schools: tuple[School, ...], rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a forum and station; no row for a site without forums.

    Returns
    -------
    DataFrame
        forum, school (number), day (ordinal), station, dimension (Swedish), groups, participants, feedback (ordinal; 0
        where none was given).
    """
    rows = []
    if site.forum is not None:
        school = schools[0]
        for number, day in enumerate(site.forum.dates, start=1):
            turnout = school.pupils * rng.uniform(0.75, 0.9)
            for station, code in site.forum.stations:
                participants = int(turnout * rng.uniform(0.94, 1.0))
                heard = rng.random() < 0.85
                feedback = day + timedelta(days=int(rng.integers(14, 50)))
                rows.append(
                    (
                        f"{site.id}-{number}",
                        school.number,
                        day.toordinal(),
                        station,
                        dimension(code).label("sv"),
                        max(1, round(participants / GROUP_SIZE)),
                        participants,
                        feedback.toordinal() if heard else 0,
                    )
                )
    columns = ["forum", "school", "day", "station", "dimension", "groups", "participants", "feedback"]
    return pd.DataFrame(rows, columns=columns)
