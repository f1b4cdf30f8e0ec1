from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.sources.simulation.people import make_people
from evalkit.sources.simulation.population import Population, draw_population
from evalkit.sources.simulation.schools import School, draw_schools
from evalkit.sources.simulation.settings import ForumSettings, PopulationSettings, SiteSettings
from evalkit.sources.simulation.streams import stream
from evalkit.vocabulary import read_identity, school_calendar

YEARS = ("2021/22", "2022/23", "2023/24", "2024/25")
SITE = SiteSettings("ale", "Ale", "1440", "ss12000", pupils=301, schools=5, size_ratio=10.0)
RESTLESS = PopulationSettings(move=0.2, leave=0.2, no_show=0.05)


@pytest.fixture(scope="module")
def schools() -> tuple[School, ...]:
    return draw_schools(SITE, 1)


@pytest.fixture(scope="module")
def population(schools: tuple[School, ...]) -> Population:
    return draw_population(schools, YEARS, RESTLESS, stream(1, "ale", "population"))


@pytest.mark.parametrize(("pupils", "count", "ratio"), [(4000, 15, 10.0), (900, 4, 4.0), (12, 2, 1.0), (301, 5, 10.0)])
def test_school_sizes_sum_to_the_pupils_and_differ_as_told(pupils: int, count: int, ratio: float) -> None:
    schools = draw_schools(replace(SITE, pupils=pupils, schools=count, size_ratio=ratio), 3)
    sizes = [school.pupils for school in schools]
    assert sum(sizes) == pupils
    assert len({school.code for school in schools}) == count
    assert max(sizes) / min(sizes) == pytest.approx(ratio, rel=0.1)


def test_three_intakes_in_a_row_fill_a_school(schools: tuple[School, ...]) -> None:
    for school in schools:
        for intake in range(2015, 2025):
            assert sum(school.intake_size(intake + step) for step in range(3)) == school.pupils


def test_the_forum_school_has_its_name_and_rank() -> None:
    forum = ForumSettings("Da Vinciskolan", 2, (date(2023, 10, 17),), (("lärande", "academic"),))
    schools = draw_schools(replace(SITE, forum=forum), 3)
    assert [school.name for school in schools if school.holds_forums] == ["Da Vinciskolan"]
    assert schools[0].pupils == sorted(school.pupils for school in schools)[-2]
    assert schools[0].code == "99144001"


def test_too_small_a_school_is_refused() -> None:
    with pytest.raises(InputError, match="smallest school would have"):
        draw_schools(replace(SITE, pupils=40, schools=5, size_ratio=20.0), 1)


def test_every_school_year_starts_with_exactly_the_pupils_told(population: Population) -> None:
    stays = population.stays[~population.stays["cancelled"]]
    for label in YEARS:
        first = school_calendar(label).school_days[0].toordinal()
        here = stays[(stays["start"] <= first) & (first < stays["end"])]
        assert len(here) == SITE.pupils
        assert here["person"].is_unique
        assert set(here["year_group"]) == {7, 8, 9}


def test_stays_of_a_pupil_never_overlap_and_follow_the_intake(population: Population) -> None:
    stays = population.stays
    assert (stays["end"] > stays["start"]).all()
    later = stays["person"].shift(-1) == stays["person"]
    assert (stays["end"] <= stays["start"].shift(-1))[later].all()
    classes = np.array([each.intake for each in population.classes])
    homes = np.array([each.school for each in population.classes])
    assert (classes[stays["room"]] == population.intakes[stays["person"]]).all()
    assert (homes[stays["room"]] == stays["school"]).all()
    assert (stays["year_group"] == 7 + 2021 + stays["school_year"] - population.intakes[stays["person"]]).all()


def test_pupils_move_leave_and_stay_away(population: Population) -> None:
    stays = population.stays
    schools_each = stays.groupby("person")["school"].nunique()
    assert 0.1 < (schools_each > 1).mean() < 0.5
    first_days = {school_calendar(label).school_days[0].toordinal() for label in YEARS}
    assert (~stays["start"].isin(first_days)).any(), "some move in the middle of a year"
    never_came = stays[stays["cancelled"]]
    assert len(never_came) > 3
    assert not never_came["person"].isin(stays[~stays["cancelled"]]["person"]).any()
    assert set(stays[stays["open"]]["year_group"]) == {7, 8}


def test_classes_hold_at_most_about_thirty(population: Population) -> None:
    stays = population.stays[~population.stays["cancelled"]]
    first = school_calendar("2023/24").school_days[0].toordinal()
    sizes = Counter(stays[(stays["start"] <= first) & (first < stays["end"])]["room"])
    assert max(sizes.values()) <= 31


def test_identities_are_valid_distinct_test_numbers_and_sites_never_share_one() -> None:
    intakes = np.repeat(np.arange(2019, 2025), 200)
    made = [
        make_people(intakes, PopulationSettings(), stream(1, site, "people"), place=place, places=2)
        for place, site in enumerate(("ale", "lerum"))
    ]
    numbers = [number for people in made for number in people.civic]
    assert len(set(numbers)) == len(numbers) == 2400
    kinds = Counter()
    for people in made:
        for number, woman, born in zip(people.civic, people.woman, people.born, strict=True):
            read = read_identity(number)
            assert read.is_test
            assert (read.sex == "woman") == woman
            assert read.birth_date == born
            kinds[read.kind] += 1
    assert 0 < kinds["samordningsnummer"] < 40
    assert {13, 14} >= {intake - born.year for intake, born in zip(intakes, made[0].born, strict=True)}


def test_more_pupils_than_test_numbers_is_refused() -> None:
    with pytest.raises(InputError, match="more pupils than that"):
        make_people(np.full(9000, 2021), PopulationSettings(), stream(1, "ale", "people"), place=0, places=1)
