from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.sources.simulation.careers import Careers, draw_careers
from evalkit.sources.simulation.careers.attainment import SUBJECTS, opens, opens_introduction
from evalkit.sources.simulation.careers.counterfactual import completion_truth, eligibility_truth
from evalkit.sources.simulation.careers.fates import INTRODUCTORY_KIND
from evalkit.sources.simulation.careers.spells import FKLASS, FS, GR, GY, PROGRAMMES, SCHOOL_TYPES, programme_kind
from evalkit.sources.simulation.careers.transitions import TYPES
from evalkit.vocabulary import school_type

COUNT = 12_000


@pytest.fixture(scope="module")
def careers() -> Careers:
    return draw_careers(COUNT, 2024, 5, "ale")


@pytest.mark.parametrize("count", [50, 999, 5_001])
def test_exactly_so_many_persons_as_asked_for_each_with_an_enrolment(count: int) -> None:
    drawn = draw_careers(count, 2024, 1, "ale")
    assert len(drawn.persons) == count
    assert set(drawn.spells.loc[~drawn.spells["cancelled"], "person"]) == set(range(count))


def test_the_same_seed_gives_the_same_careers() -> None:
    first, second, other = (draw_careers(800, 2024, seed, "ale").spells for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)


def test_every_stage_is_there_by_its_code(careers: Careers) -> None:
    assert set(careers.spells["school_type"]) == set(range(len(SCHOOL_TYPES)))
    assert {school_type(code).code for code in SCHOOL_TYPES} == set(SCHOOL_TYPES)
    national = careers.spells["programme"][careers.spells["school_type"] == GY]
    assert {PROGRAMMES[number] for number in set(national)} >= {
        "NA",
        "TE",
        "EE",
        "IMV",
        "IMY",
        "IMA",
        "IMS",
        "HA",
        "FS",
    }


def test_every_transition_of_the_brief_is_there(careers: Careers) -> None:
    assert set(careers.transitions["kind"]) == set(TYPES)
    assert careers.transitions["documented"].between(0, 1).all()
    assert 0.4 < careers.transitions["documented"].mean() < 0.9
    assert not (careers.transitions["consent"] & ~careers.transitions["documented"]).any()


def test_spells_of_a_person_do_not_overlap_and_end_after_they_start(careers: Careers) -> None:
    spells = careers.spells[~careers.spells["cancelled"]]
    assert (spells["end"] > spells["start"]).all()
    same = spells["person"].shift(-1) == spells["person"]
    later = spells["start"].shift(-1)
    overlap = same & (later < spells["end"])
    # who repeats a year or arrives late may begin preschool class before preschool's summer is over; nobody else
    assert overlap.mean() < 0.001


def test_pupils_are_of_the_age_of_their_year(careers: Careers) -> None:
    spells = careers.spells[~careers.spells["cancelled"]]
    born = careers.persons.birth_year[spells["person"]]
    autumn = pd.to_datetime(spells["start"] - 719_163, unit="D")
    started = autumn.dt.year - (autumn.dt.month < 7)
    for kind, first in ((FKLASS, 6), (GR, 6), (GY, 15)):
        chosen = (spells["school_type"] == kind).to_numpy()
        age = (started - born)[chosen] - np.where(kind == GY, 0, spells["year_group"][chosen])
        usual = age.between(first, first) if kind != GY else age.between(15, 21)
        assert usual.mean() > 0.93
    preschool = (spells["school_type"] == FS).to_numpy()
    assert (started - born)[preschool].between(0, 6).mean() > 0.99


def test_nothing_is_known_outside_a_persons_time_here_or_after_the_last_day(careers: Careers) -> None:
    spells = careers.spells[~careers.spells["cancelled"]]
    assert (spells["end"] <= careers.seen_until).all()
    assert (spells["start"].to_numpy() >= careers.persons.here_from[spells["person"]]).all()
    assert (spells["end"].to_numpy() <= careers.persons.here_to[spells["person"]]).all()
    assert (spells["open"] == (spells["end"] >= careers.seen_until)).all()
    assert spells["open"].mean() > 0.02


def test_siblings_share_guardians_and_moves(careers: Careers) -> None:
    persons = pd.DataFrame(
        {
            "family": careers.persons.family,
            "abroad": careers.persons.region > 0,
            "education": careers.persons.education,
            "out": careers.persons.here_to < 3_000_000,
        }
    )[~careers.persons.adult]
    assert persons.groupby("family").size().max() == 4
    assert (persons.groupby("family")["out"].nunique() == 1).all()
    families = persons.groupby("family")
    mixed = families["education"].nunique() > 1
    # a child born after the family came has the guardians of the others
    assert mixed.mean() == 0 or mixed[families["abroad"].nunique() == 1].mean() == 0


PASSED = {name: name in ("SV", "EN", "MA", "IDH", "BL", "MU", "SL", "HKK") for name in SUBJECTS}


def passed(**changes: bool) -> np.ndarray:
    return np.array([[{**PASSED, **changes}[name] for name in SUBJECTS]])


def test_eligibility_follows_the_rules() -> None:
    assert opens(passed(), "vocational", 2024)[0]
    assert not opens(passed(MA=False, TK=True), "vocational", 2024)[0], "eight passes without MA"
    assert not opens(passed(BL=False), "vocational", 2024)[0], "seven passes"
    many = dict.fromkeys(("GE", "HI", "RE", "SH"), True)
    assert opens(passed(**many), "social", 2024)[0]
    assert opens(passed(**many), "arts", 2024)[0]
    assert not opens(passed(**many), "science", 2024)[0], "twelve passes lacking BI, FY and KE"
    assert opens(passed(BI=True, FY=True, KE=True, TK=True), "science", 2024)[0]
    assert opens_introduction(passed(MA=False))[0]
    assert not opens_introduction(passed(SV=False))[0]


def test_only_the_eligible_begin_national_programmes_and_only_those_their_grades_open(careers: Careers) -> None:
    kind = programme_kind(careers.upper.programme)
    assert (careers.grades.eligible == (kind != INTRODUCTORY_KIND)).all()
    science = np.isin(careers.upper.programme, [PROGRAMMES.index("NA"), PROGRAMMES.index("TE")])
    assert careers.grades.opens[science, 3].all()


def test_less_absence_means_more_eligible_and_more_diplomas(careers: Careers) -> None:
    truth = eligibility_truth(careers.background, 2024, 5, "ale")
    gain = truth["eligible_with_five_points_less_absence"] - truth["eligible"]
    naive = truth["by_absence"]["0%-10%"] - truth["by_absence"]["10%-20%"]
    assert 0.02 < gain < naive
    abroad = careers.persons.region[careers.nine.person] > 0
    upper = completion_truth(careers.upper.programme, careers.background, careers.upper.absence, abroad)
    assert upper["examen_with_five_points_less_absence"] > upper["examen_within_five_years"]


def test_absence_persists_over_stages_with_noise(careers: Careers) -> None:
    scores = np.corrcoef(careers.latents.absence, rowvar=False)
    assert scores[0, 1] == pytest.approx(0.85, abs=0.02)
    assert scores[0, 3] == pytest.approx(0.85**3, abs=0.03)


def test_adults_enter_as_entrants_that_are_among_the_spells(careers: Careers) -> None:
    entrants = careers.entrants
    assert set(entrants["school_type"]) == {"SFI", "VUXGR", "VUXGY"}
    assert entrants.loc[entrants["school_type"] == "SFI", "study_path"].between(1, 3).all()
    assert (entrants["start"] - entrants["born"] > 16 * 365).all()
    assert (entrants.loc[entrants["school_type"] == "SFI", "arrived"] > 0).all()
    known = set(zip(careers.spells["person"], careers.spells["start"], strict=True))
    there = entrants["start"].to_numpy() >= careers.persons.here_from[entrants["person"]]
    assert there.mean() > 0.9
    assert {(p, s) for p, s in zip(entrants["person"][there], entrants["start"][there], strict=True)} <= known
