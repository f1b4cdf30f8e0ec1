"""Let a site's year 9 go on to its upper secondary schools, together with pupils from other municipalities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, States
from evalkit.sources.simulation.careers.attainment import Background, Grades, draw_grades
from evalkit.sources.simulation.careers.choice import choose_programmes
from evalkit.sources.simulation.careers.fates import Fates, draw_fates
from evalkit.sources.simulation.careers.latents import ranked_within
from evalkit.sources.simulation.careers.spells import INTRODUCTORY, PROGRAMMES, VOCATIONAL, programme_kind
from evalkit.sources.simulation.careers.upper import Path, lay_out, outcome_of
from evalkit.sources.simulation.homes import Homes
from evalkit.sources.simulation.magnitudes import absence_quantile, magnitudes, normal_ranks

OWN_SHARE = 0.65
"""Largest share of beginners who come from the site's own year 9."""
SPARE = 5
"""Pupils of other municipalities drawn for each place, as not every programme is offered."""
PUPILS_A_PROGRAMME = 14
POPULAR = ("SA", "EK", "NA", "TE", "EE", "BF", "VO", "BA", "FS", "FT", "FR", "ES", "IN", "NB", "VF", "RL", "HT", "HU")
PLAIN = ("person", "autumn", "programme", "begins", "absence_score", "outcome", "school_years")
OLD_CODES = {"HA": "FS", "HV": "FR"}


class Candidates(NamedTuple):
    """Pupils who may begin in an autumn: their numbers, homes, scores of absence in years 7-9, and grades if known."""

    person: Integers
    homes: Homes
    score: Floats
    grades: Grades


@dataclass(frozen=True, eq=False)
class Beginners:
    """Those admitted to the site's upper secondary schools, over all autumns; arrays of shape (admitted,).

    Parameters
    ----------
    person
        Number at the site; pupils from elsewhere are numbered after the site's own.
    autumn
        Calendar year.
    programme
        Admitted to, places in ``PROGRAMMES``.
    begins
        False for those who do not show up.
    fates, path
        How it goes.
    absence_score
        Normal score of absence in upper secondary school.
    outcome, school_years
        Place in ``FATES``, after so many school years.
    """

    person: Integers
    autumn: Integers
    programme: States
    begins: Flags
    fates: Fates
    path: Path
    absence_score: Floats
    outcome: Integers
    school_years: Integers

    def only(self, chosen: Flags) -> Beginners:
        """Return the chosen ones."""
        fates = Fates(**{name: getattr(self.fates, name)[chosen] for name in _names(Fates)})
        path = Path(**{name: getattr(self.path, name)[chosen] for name in _names(Path)})
        own = {name: getattr(self, name)[chosen] for name in PLAIN}
        return Beginners(**own, fates=fates, path=path)


def offered_programmes(beginners: int) -> tuple[str, ...]:
    """Return the programmes a site of so many beginners offers: the popular ones, and the introductory ones."""
    wanted = min(max(beginners // PUPILS_A_PROGRAMME, 5), len(POPULAR))
    return (*POPULAR[:wanted], *INTRODUCTORY)


def school_of(programme: Integers, offered: tuple[str, ...], schools: int) -> Integers:
    """Return which of the site's upper secondary schools holds each programme."""
    places = [offered.index(OLD_CODES.get(name, name)) % schools if name else 0 for name in _offered_names(offered)]
    known = dict(zip(_offered_names(offered), places, strict=True))
    return np.array([known.get(name, 0) for name in PROGRAMMES])[programme]


def admit(
    candidates: Candidates,
    outsiders: Candidates,
    autumn: int,
    *,
    places: int,
    offered: tuple[str, ...],
    rng: np.random.Generator,
) -> tuple[Candidates, States, Flags]:
    """Return who is admitted in an autumn, to what, and who begins: exactly ``places`` do.

    Those of the site's own year 9 who choose what it does not offer, or for whom there is no place, go elsewhere.
    """
    own = _choices(candidates, autumn, offered, rng)
    room = np.cumsum(own.begins & own.admitted) <= round(OWN_SHARE * places)
    chosen = np.flatnonzero(own.admitted & room)
    begin = int(own.begins[chosen].sum())
    other = _choices(outsiders, autumn, offered, rng)
    filling = np.flatnonzero(other.admitted)[: places - begin]
    admitted = Candidates(
        person=np.concatenate([candidates.person[chosen], outsiders.person[filling]]),
        homes=candidates.homes.only(chosen).and_also(outsiders.homes.only(filling)),
        score=np.concatenate([candidates.score[chosen], outsiders.score[filling]]),
        grades=candidates.grades,
    )
    programme = np.concatenate([own.programme[chosen], other.programme[filling]])
    begins = np.concatenate([own.begins[chosen], np.ones(len(filling), dtype=bool)])
    return admitted, programme, begins


class _Choices(NamedTuple):
    programme: States
    begins: Flags
    admitted: Flags


def _choices(candidates: Candidates, autumn: int, offered: tuple[str, ...], rng: np.random.Generator) -> _Choices:
    count = len(candidates.person)
    background = background_of(candidates.homes, candidates.score)
    programme, begins = choose_programmes(candidates.grades, background, np.full(count, autumn), rng)
    names = _offered_names(offered)
    admitted = np.isin(programme, [PROGRAMMES.index(name) for name in names])
    return _Choices(programme, begins, admitted)


def background_of(homes: Homes, score: Floats) -> Background:
    """Return what decides attainment, absence as usual in year 9."""
    return Background(
        absence=absence_quantile("9", normal_ranks(score)),
        education=homes.education,
        woman=homes.woman,
        late=homes.late,
        ability=homes.ability,
    )


def outsiders(homes: Homes, score: Floats, first: int, autumn: int, rng: np.random.Generator) -> Candidates:
    """Return candidates from other municipalities, numbered from ``first``."""
    grades = draw_grades(background_of(homes, score), autumn, rng)
    return Candidates(np.arange(first, first + len(score)), homes, score, grades)


def begin(
    admitted: Candidates,
    programme: States,
    begins: Flags,
    *,
    autumn: Integers,
    offered: tuple[str, ...],
    rng: np.random.Generator,
) -> Beginners:
    """Draw how upper secondary school goes for those admitted."""
    next_stage = magnitudes()["persistence"]["next_stage"]
    rest = np.sqrt(1 - next_stage**2)
    score = next_stage * admitted.score + rest * rng.standard_normal(len(admitted.score))
    introductory = programme_kind(programme) == 3
    absence = np.zeros(len(score))
    for chosen, stage in ((introductory, "IM"), (~introductory, "GY")):
        absence[chosen] = absence_quantile(stage, ranked_within(score[chosen]))
    background = background_of(admitted.homes, admitted.score)
    fates = draw_fates(programme, background, absence, admitted.homes.region > 0, rng)
    path = _as_offered(lay_out(programme, begins, fates, woman=admitted.homes.woman, autumn=autumn, rng=rng), offered)
    outcome, years = outcome_of(fates, path)
    return Beginners(admitted.person, autumn, programme, begins, fates, path, score, outcome, years)


def _as_offered(path: Path, offered: tuple[str, ...]) -> Path:
    """Let changes lead to programmes that are offered: another vocational one where the first choice is not."""
    names = _offered_names(offered)
    practical = [PROGRAMMES.index(name) for name in names if name in VOCATIONAL and name not in OLD_CODES]
    instead = np.arange(len(PROGRAMMES), dtype=np.int8)
    for number, name in enumerate(PROGRAMMES):
        if name and name not in names:
            instead[number] = practical[number % len(practical)]
    return replace(path, programme=instead[path.programme], changed_to=instead[path.changed_to])


def ranks(beginners: Beginners, persons: int) -> Floats:
    """Return each person's rank among those at national (column 0) and at introductory programmes (column 1)."""
    found = np.full((persons, 2), 0.5)
    kinds = programme_kind(beginners.path.programme)
    for column, chosen in enumerate([(kinds % 3 > 0).any(axis=1), (kinds == 3).any(axis=1)]):
        rows = np.flatnonzero(chosen)
        found[beginners.person[rows], column] = ranked_within(beginners.absence_score[rows])
    return found


def merged(parts: list[Beginners]) -> Beginners:
    """Return the beginners of several autumns as one."""
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in PLAIN}
    fates = Fates(**{name: np.concatenate([getattr(p.fates, name) for p in parts]) for name in _names(Fates)})
    path = Path(**{name: np.concatenate([getattr(p.path, name) for p in parts]) for name in _names(Path)})
    return replace(parts[0], **joined, fates=fates, path=path)


def _names(kind: type) -> list[str]:
    return list(kind.__dataclass_fields__)  # type: ignore[attr-defined]


def _offered_names(offered: tuple[str, ...]) -> list[str]:
    return [name for name in PROGRAMMES if name and OLD_CODES.get(name, name) in offered]
