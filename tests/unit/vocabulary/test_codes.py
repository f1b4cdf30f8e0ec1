from __future__ import annotations

import itertools
from datetime import date

import pytest

from evalkit.vocabulary import (
    absence_band_of,
    absence_band_provenance,
    absence_bands,
    absence_threshold,
    answer_scale,
    counties,
    dimension,
    dimensions,
    label_set_provenance,
    municipalities,
    municipality,
    school_type,
    school_types,
    ss12000,
)
from evalkit.vocabulary.certainty import certainty_mark

ON = date(2024, 1, 1)


def test_municipality_codes_are_four_characters_and_tell_the_county() -> None:
    assert len(municipalities()) == 13
    for found in municipalities():
        assert len(found.code) == 4
        assert found.code[:2] == found.county in counties()
    assert municipality("1384").county_name == "Halland"
    assert municipality(1440).name == "Ale"


def test_an_integer_gets_back_its_lost_zero_and_an_unknown_code_is_told() -> None:
    with pytest.raises(KeyError, match="0180"):
        municipality(180)


def test_school_types_are_those_of_the_standard() -> None:
    assert tuple(found.code for found in school_types()) == ss12000.named_enum("SchoolTypesEnum")


def test_labels_of_school_types_follow_the_law() -> None:
    adapted = school_type("GRS")
    assert adapted.label(date(2023, 7, 1)) == "grundsärskola"
    assert adapted.label(date(2023, 7, 2)) == "anpassad grundskola"
    assert school_type("GR").label(ON, "en") == "compulsory school"
    assert school_type("GR").years == (1, 9)


def test_absence_bands_cover_every_share_once() -> None:
    bands = absence_bands(ON)
    assert [band.label for band in bands] == ["0-5", "5-10", "10-15", "15-20", "20-30", "30-50", "50-100"]
    assert (bands[0].lower, bands[-1].upper) == (0, 1)
    assert all(one.upper == other.lower for one, other in itertools.pairwise(bands))


@pytest.mark.parametrize(
    ("share", "label"), [(0, "0-5"), (0.05, "5-10"), (0.1499, "10-15"), (0.15, "15-20"), (1, "50-100")]
)
def test_the_lower_end_belongs_to_the_band(share: float, label: str) -> None:
    assert absence_band_of(share, ON).label == label


def test_a_share_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        absence_band_of(1.01, ON)


def test_no_bands_before_they_were_set() -> None:
    with pytest.raises(KeyError, match="2020-01-01"):
        absence_bands(date(2020, 1, 1))


def test_high_absence_starts_a_band_and_tells_its_certainty() -> None:
    assert float(absence_threshold("high", ON).limit) in {band.lower for band in absence_bands(ON)}
    assert absence_band_provenance(ON).certainty == "PROP"


def test_two_label_sets_over_four_dimensions() -> None:
    assert [found.code for found in dimensions()] == ["behavioural", "academic", "affective", "cognitive"]
    assert [found.label("sv") for found in dimensions()] == ["beteendemässig", "akademisk", "affektiv", "kognitiv"]
    assert {found.label("sv", "early_warning") for found in dimensions()} == {
        "akademisk",
        "beteendemässig",
        "social",
        "affektiv",
    }
    assert dimension("affective").label("en", "early_warning") == "social"
    assert [found.code for found in dimensions() if found.observed] == ["behavioural", "academic"]
    assert label_set_provenance("early_warning").certainty == "PROP"
    with pytest.raises(KeyError, match="behavioural"):
        dimension("social")


def test_answer_scale() -> None:
    scale = answer_scale()
    assert (scale.lowest, scale.highest, scale.not_known) == (1, 4, "Vet ej")
    assert [value for value, language, _ in scale.labels if language == "sv"] == [1, 2, 3, 4]
    assert scale.answered_share == pytest.approx(2 / 3)


def test_certainty_marks_are_closed() -> None:
    assert certainty_mark("M-hi") == "M-hi"
    with pytest.raises(ValueError, match="PROP"):
        certainty_mark("sure")
