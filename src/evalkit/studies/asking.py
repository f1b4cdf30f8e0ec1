"""A notebook's question to the whole study: answered at once by hand, after all sites have collected in a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from evalkit.disclosure import load_policy, protect
from evalkit.studies.pooling import answer, pending, protect_sums, sums_folder
from evalkit.studies.study_verbs import Answer, Question
from evalkit.values import SchoolSums


def study_wide(
    verb: str, sums: Sequence[SchoolSums], name: str, alone: Callable[[], Answer], treated: int | None = None
) -> Answer:
    """Ask the study.

    Parameters
    ----------
    verb
        Key of `study_verbs.VERBS`.
    sums
        A site's sums, from which the other sites' are found by name; or sums without origin, which are all there is.
    name
        Name of the answer.
    alone
        Makes the answer from sums without origin.
    treated
        For ``detectable_effect``.
    """
    origin = sums[0].origin
    if origin is None or origin.site is None:
        return alone()
    question = Question(verb, name, tuple(one.name for one in sums), treated or 0)
    if origin.stage != "interactive":
        for one in sums:
            protect(one)
        return pending(question, sums[0].unit, origin)
    policy = load_policy(origin.policy, Path(origin.policies))
    folder = sums_folder(Path(origin.store), origin.study_digest, origin.key)
    own = tuple((one.name, protect_sums(one, policy)) for one in sums)
    return answer(question, sums[0].unit, origin, folder=folder, sites=origin.sites, own=own)
