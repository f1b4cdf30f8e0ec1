"""Instruments of the vocabulary: dated, checked, with their source."""

from __future__ import annotations

from datetime import date

import pytest

from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.vocabulary import Provenance, answer_scale
from evalkit.vocabulary.connectedness import lowest_positive_answer, scoring
from evalkit.vocabulary.instruments import Instrument, Item, instrument

SOURCE = Provenance("a test", "PROP")


def test_an_instrument_is_in_force_from_its_day() -> None:
    assert instrument("skolanknytning", date(2023, 1, 1)) == instrument("skolanknytning")
    with pytest.raises(KeyError, match="skolanknytning"):
        instrument("skolanknytning", date(2020, 1, 1))
    with pytest.raises(KeyError, match="sei, skolanknytning"):
        instrument("pssm")


def test_items_of_one_dimension_keep_their_order() -> None:
    own = instrument("skolanknytning")
    assert [item.code for item in own.of("academic")] == ["S1", "S2"]
    assert own.of(None) == own.items
    assert own.provenance.certainty == "PROP"


def test_simulated_answers_are_to_the_projects_own_items() -> None:
    simulated = {(entry["item"], entry["dimension"]) for entry in magnitudes()["survey"]["items"]}
    assert simulated == {(item.code, item.dimension) for item in instrument("skolanknytning").items}


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        ((), ValueError),
        ((Item("a", "affective"), Item("a", "cognitive")), ValueError),
        ((Item("a", "social"),), KeyError),
    ],
)
def test_a_faulty_instrument_is_refused(items: tuple[Item, ...], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        Instrument("egen", items, "egen", "own", SOURCE)


def test_scorings_begin_and_end_as_named() -> None:
    scale = answer_scale()
    ends = {name: (scoring(name).lowest, scoring(name).highest) for name in ("points", "ten", "hundred")}
    assert ends == {"points": (scale.lowest, scale.highest), "ten": (0, 10), "hundred": (0, 100)}
    assert scale.lowest < lowest_positive_answer() < scale.highest
    with pytest.raises(KeyError, match="points, ten, hundred"):
        scoring("stars")  # type: ignore[arg-type]
