"""School connectedness: four dimensions, two sets of labels over one model, and the answer scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml
from evalkit.vocabulary.school_types import Language

LabelSet = Literal["research", "early_warning"]
ScoringName = Literal["points", "ten", "hundred"]


@dataclass(frozen=True)
class Dimension:
    """One dimension of school connectedness.

    Parameters
    ----------
    code
        behavioural, academic, affective or cognitive.
    observed
        Whether others can see it; if not, only the pupil can tell.
    labels
        (label set, language, label).
    about
        What it holds, by language.
    """

    code: str
    observed: bool
    labels: tuple[tuple[LabelSet, Language, str], ...]
    about: tuple[tuple[Language, str], ...]

    def label(self, language: Language = "sv", label_set: LabelSet = "research") -> str:
        """Return the dimension's name in one of the two label sets used in Sweden."""
        return next(text for name, spoken, text in self.labels if (name, spoken) == (label_set, language))


@dataclass(frozen=True)
class AnswerScale:
    """The scale that survey items are answered on.

    Parameters
    ----------
    lowest, highest
        Smallest and largest answer.
    not_known
        The answer that counts as none.
    answered_share
        Share of a pupil's items that must be answered for an index.
    labels
        (answer, language, wording).
    """

    lowest: int
    highest: int
    not_known: str
    answered_share: float
    labels: tuple[tuple[int, Language, str], ...]
    provenance: Provenance


@dataclass(frozen=True)
class Scoring:
    """What the scale's lowest and highest answer are worth; those between lie evenly.

    ``labels`` holds (language, what readers call it).
    """

    name: str
    lowest: int
    highest: int
    labels: tuple[tuple[Language, str], ...]
    provenance: Provenance


@cache
def dimensions() -> tuple[Dimension, ...]:
    """Return the four dimensions: behavioural, academic, affective, cognitive."""
    sets: tuple[LabelSet, ...] = ("research", "early_warning")
    languages: tuple[Language, ...] = ("sv", "en")
    return tuple(
        Dimension(
            code=entry["code"],
            observed=entry["observed"],
            labels=tuple((name, spoken, entry[name][spoken]) for name in sets for spoken in languages),
            about=tuple((spoken, entry["about"][spoken]) for spoken in languages),
        )
        for entry in read_toml("connectedness")["dimensions"]
    )


def dimension(code: str) -> Dimension:
    """Return one dimension.

    Raises
    ------
    KeyError
        If there is no such dimension.
    """
    for found in dimensions():
        if found.code == code:
            return found
    raise KeyError(f"no dimension {code!r}; there are {', '.join(found.code for found in dimensions())}")


@cache
def answer_scale() -> AnswerScale:
    """Return the scale of the connectedness survey."""
    entry = read_toml("connectedness")["scale"]
    languages: tuple[Language, ...] = ("sv", "en")
    return AnswerScale(
        lowest=entry["lowest"],
        highest=entry["highest"],
        not_known=entry["not_known"],
        answered_share=entry["answered_share"],
        labels=tuple((label["value"], spoken, label[spoken]) for label in entry["labels"] for spoken in languages),
        provenance=Provenance(entry["source"], certainty_mark(entry["certainty"])),
    )


@cache
def scoring(name: ScoringName) -> Scoring:
    """Return one scoring of the scale.

    Raises
    ------
    KeyError
        If there is no such scoring.
    """
    entries = read_toml("connectedness")["scorings"]
    if name not in entries:
        raise KeyError(f"no scoring {name!r}; there are {', '.join(entries)}")
    entry = entries[name]
    languages: tuple[Language, ...] = ("sv", "en")
    return Scoring(
        name=name,
        lowest=entry["lowest"],
        highest=entry["highest"],
        labels=tuple((spoken, entry[spoken]) for spoken in languages),
        provenance=Provenance(entry["source"], certainty_mark(entry["certainty"])),
    )


def lowest_positive_answer() -> int:
    """Return the lowest answer that counts as positive."""
    return int(read_toml("connectedness")["positive"]["lowest"])


def label_set_provenance(label_set: LabelSet) -> Provenance:
    """Return where a set of labels is from."""
    entry = read_toml("connectedness")["label_sets"][label_set]
    return Provenance(entry["source"], certainty_mark(entry["certainty"]))
