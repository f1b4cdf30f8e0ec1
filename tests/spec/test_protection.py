"""Protection: what readers see of numbers about few persons, and what they cannot work out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drawn_releases import PERSONS, SKOLVERKET, STRICT, hidden, seen, table
from evalkit.disclosure import protect, protect_release
from evalkit.errors import DisclosureError
from evalkit.values import Diagnostic, Diagnostics, Estimate, Flow, FlowStep, Segment, Table

SCHOOLS = """
school persons
A      40
B      3
C      30
D      40
"""


def release(*tables: Table, earlier=()):
    return protect_release({f"chapter/{each.name}": each for each in tables}, SKOLVERKET, earlier).protected


class TestSmallCounts:
    def test_counts_from_1_to_4_are_hidden_and_0_is_shown(self):
        drawn = protect(table("school persons\nA 0\nB 1\nC 4\nD 5\nE 60"), policy=SKOLVERKET)
        assert seen(drawn, "school", "persons") == ["A 0", "B ..", "C ..", "D 5", "E 60"]

    def test_a_missing_count_is_missing_and_not_hidden(self):
        assert seen(protect(table("school persons\nA -\nB 20"), policy=SKOLVERKET), "persons") == ["u.s.", "20"]

    def test_a_hidden_count_is_no_number(self):
        drawn = protect(table("school persons\nA 3\nB 20"), policy=SKOLVERKET)
        assert drawn.value.frame["persons"].isna().tolist() == [True, False]
        assert drawn.suppressed == 1

    def test_numbers_about_no_pupil_are_untouched(self):
        groups = replace(PERSONS, name="groups", sensitive=False, unit="groups")
        drawn = protect(table("school groups\nA 2\nB 1", columns=(groups,)), policy=SKOLVERKET)
        assert seen(drawn, "groups") == ["2", "1"]
        assert drawn.value.frame["groups"].tolist() == [2, 1]


class TestShares:
    """Trap 10 of the domain: near 0 and near 100 percent, and the other sex."""

    def test_3_of_12_failed(self):
        drawn = protect(table("school persons failed\nA 12 3\nB 40 20"), policy=SKOLVERKET)
        assert seen(drawn, "persons", "failed", "failed_share") == ["12 .. ~0", "40 20 50"]

    def test_all_but_3_of_12_failed(self):
        drawn = protect(table("school persons failed\nA 12 9\nB 40 20"), policy=SKOLVERKET)
        assert seen(drawn, "persons", "failed", "failed_share") == ["12 .. ~100", "40 20 50"]

    def test_of_9_persons_no_share_is_shown(self):
        drawn = protect(table("school persons failed\nA 9 4\nB 9 0\nC 40 20"), policy=SKOLVERKET)
        assert seen(drawn, "persons", "failed", "failed_share") == ["9 .. ..", "9 .. ..", "40 20 50"]

    def test_none_and_all_are_shown_as_they_are(self):
        drawn = protect(table("school persons failed\nA 12 0\nB 40 40"), policy=SKOLVERKET)
        assert seen(drawn, "failed", "failed_share") == ["0 0", "40 100"]

    def test_a_strict_holder_shows_neither_none_nor_all(self):
        drawn = protect(table("school persons failed\nA 50 0\nB 40 40\nC 60 30"), policy=STRICT)
        assert seen(drawn, "failed", "failed_share") == [".. ~0", ".. ~100", "30 50"]

    def test_of_nobody_there_is_no_share(self):
        drawn = protect(table("school persons failed\nA 0 0\nB 40 20"), policy=SKOLVERKET)
        assert seen(drawn, "persons", "failed", "failed_share") == ["0 0 .", "40 20 50"]

    def test_boys_near_100_hide_the_girls(self):
        drawn = protect(table("sex persons failed\nboys 50 47\ngirls 50 30\nall 100 77"), policy=SKOLVERKET)
        assert seen(drawn, "sex", "failed", "failed_share") == ["boys .. ~100", "girls .. ..", "all 77 77"]

    def test_where_the_girls_cannot_cover_for_the_boys_the_total_does(self):
        # girls are known to be no closer to 100 than 5, so 6 in all would tell that there is 1 boy
        drawn = protect(table("sex persons failed\nboys 50 49\ngirls 50 45\nall 100 94"), policy=SKOLVERKET)
        assert seen(drawn, "failed_share") == ["~100", "90", ".."]

    def test_a_mark_that_would_tell_too_much_is_dropped(self):
        # were the total ~0, at most 4 in all, and the women ~0, at least 1, then at most 3 men failed
        drawn = protect(table("sex persons failed\nman 6 2\nwoman 10 2\nall 16 4"), policy=SKOLVERKET)
        assert seen(drawn, "sex", "failed", "failed_share") == ["man .. ..", "woman .. ~0", "all .. .."]

    def test_few_among_whom_nobody_failed_may_follow_from_a_shown_0(self):
        rows = "man A 8 0\nwoman A 2 0\nall A 10 0\nman B 30 12\nwoman B 40 16\nall B 70 28"
        rows += "\nman all 38 12\nwoman all 42 16\nall all 80 28"
        drawn = protect(table(f"sex school persons failed\n{rows}"), policy=SKOLVERKET)
        assert seen(drawn, "failed", "failed_share")[:3] == [".. ..", ".. ..", "0 0"]


class TestSubtraction:
    def test_the_total_minus_what_is_shown(self):
        drawn = protect(table(SCHOOLS + "all 113"), policy=SKOLVERKET)
        assert seen(drawn, "school", "persons") == ["A 40", "B ..", "C ..", "D 40", "all 113"]

    def test_113_in_one_table_minus_110_in_another(self):
        by_school = table(SCHOOLS, name="by_school")
        by_sex = table("sex persons\nwoman 53\nman 60\nall 113", name="by_sex")
        assert sum(hidden(release(by_school)["chapter/by_school"], "persons")) == 1
        both = release(by_school, by_sex)
        assert hidden(both["chapter/by_school"], "persons") == [False, True, True, False]
        assert hidden(both["chapter/by_sex"], "persons") == [False, False, False]

    def test_two_tables_without_totals_have_the_same_one(self):
        both = release(table(SCHOOLS, name="by_school"), table("sex persons\nwoman 53\nman 60", name="by_sex"))
        assert sum(hidden(both["chapter/by_school"], "persons")) == 2

    def test_tables_about_other_persons_do_not_matter(self):
        others = table("sex persons\nwoman 53\nman 60\nall 113", name="by_sex", universe="teachers")
        both = release(table(SCHOOLS, name="by_school"), others)
        assert sum(hidden(both["chapter/by_school"], "persons")) == 1

    def test_the_same_number_is_hidden_wherever_it_stands(self):
        both = release(table(SCHOOLS, name="one"), table(SCHOOLS + "all 113", name="two"))
        assert hidden(both["chapter/one"], "persons") == hidden(both["chapter/two"], "persons")[:4]
        assert sum(hidden(both["chapter/one"], "persons")) == 2

    def test_a_number_with_two_values_is_refused(self):
        other = table("sex persons\nwoman 53\nman 57\nall 110", name="by_sex")
        with pytest.raises(DisclosureError, match="'by_school' and 'by_sex'"):
            release(table(SCHOOLS + "all 113", name="by_school"), other)

    def test_persons_at_no_level_can_be_counted_too(self):
        drawn = protect(table("year persons\n7 40\n8 37\nall 80"), policy=SKOLVERKET)
        assert sum(hidden(drawn, "persons")) > 0

    def test_terms_do_not_add_up(self):
        drawn = protect(table("term persons\nHT2021 3\nVT2022 40\nHT2022 40"), policy=SKOLVERKET)
        assert hidden(drawn, "persons") == [True, False, False]

    def test_bands_of_absence_and_high_absence_are_linked(self):
        bands = "0-5 60\n5-10 30\n10-15 6\n15-20 20\n20-30 15\n30-50 9\n50-100 2\nall 142"
        by_band = table("absence_band persons\n" + bands, name="by_band")
        flag = replace(PERSONS, name="high_absence_persons")
        high = table("sex high_absence_persons\nwoman 26\nman 20\nall 46", name="high", columns=(flag,))
        alone = release(by_band)["chapter/by_band"]
        assert [row for row in seen(alone, "absence_band", "persons") if ".." in row] == ["10-15 ..", "50-100 .."]
        both = release(by_band, high)["chapter/by_band"]
        assert [row for row in seen(both, "absence_band", "persons") if ".." in row] == ["30-50 ..", "50-100 .."]


class TestRates:
    def test_a_rate_needs_10_persons(self):
        drawn = protect(table("school persons present reported\nA 9 80 90\nB 10 80 100"), policy=SKOLVERKET)
        assert seen(drawn, "persons", "rate") == ["9 ..", "10 80"]

    def test_a_hidden_rate_is_not_the_total_minus_the_others(self):
        text = "school persons present reported\nA 9 80 90\nB 20 150 200\nC 50 450 500\nall 79 680 790"
        drawn = protect(table(text), policy=SKOLVERKET)
        assert [row.split()[0] for row in seen(drawn, "rate")] == ["..", "..", "90", "86.08"]

    def test_what_is_not_shown_does_not_leave(self):
        drawn = protect(table("school persons present reported\nA 12 80 90\nB 10 80 100"), policy=SKOLVERKET)
        assert drawn.value.frame[["present", "reported"]].isna().all(axis=None)

    def test_a_rate_of_hidden_persons_is_hidden(self):
        text = "sex persons present reported\nwoman 20 150 200\nman 50 450 500\nunknown 2 10 20\nall 72 610 720"
        drawn = protect(table(text), policy=SKOLVERKET)
        assert seen(drawn, "sex", "persons", "rate") == ["woman .. ..", "man 50 90", "unknown .. ..", "all 72 84.72"]


def flow(*counts: int) -> Flow:
    steps = tuple(FlowStep(f"s{n}", f"steg {n}", f"step {n}", count, count) for n, count in enumerate(counts))
    return Flow(steps)


def persons(drawn: Flow) -> list[int]:
    return [step.persons for step in protect(drawn, policy=SKOLVERKET).value.steps]


class TestFlows:
    def test_100_to_97_tells_nobody_that_3_were_left_out(self):
        drawn = protect(flow(100, 97), policy=SKOLVERKET)
        assert [(step.sv, step.persons) for step in drawn.value.steps] == [("steg 0; steg 1", 95)]

    def test_a_small_step_goes_with_the_next(self):
        drawn = protect(flow(500, 497, 400), policy=SKOLVERKET)
        assert [(step.id, step.persons) for step in drawn.value.steps] == [("s0", 500), ("s1+s2", 400)]
        assert drawn.suppressed == 1

    def test_the_last_small_step_goes_with_the_one_before(self):
        assert persons(flow(500, 400, 397)) == [500, 395]

    def test_a_step_that_leaves_out_nobody_stays(self):
        assert persons(flow(500, 500, 400)) == [500, 500, 400]

    def test_many_small_steps_make_a_large_one(self):
        assert persons(flow(500, 494, 488, 300)) == [500, 490, 300]

    def test_few_remaining_are_not_shown(self):
        assert persons(flow(500, 3)) == [500]

    def test_counts_are_rounded(self):
        assert persons(flow(1003, 502, 288)) == [1005, 500, 290]

    def test_spells_count_as_much_as_persons(self):
        steps = (FlowStep("a", "a", "a", 100, 120), FlowStep("b", "b", "b", 100, 117))
        assert len(protect(Flow(steps), policy=SKOLVERKET).value.steps) == 1


def estimate(**facts: object) -> Estimate:
    plain = {"n": 113, "clusters": 4, "persons_minimum": 40, "p": 0.2, "standard_error": 0.5}
    return Estimate("e", "what", "change", 1.6, "percentage_points", (Segment(0.8, 2.4),), **plain | facts)


class TestEstimates:
    def test_enough_persons_and_schools(self):
        told = protect(estimate(), policy=SKOLVERKET).value
        assert (told.value, told.interval, told.p) == (1.6, (Segment(0.8, 2.4),), 0.2)

    def test_its_persons_cannot_be_subtracted_from_a_total(self):
        told = protect(estimate(n=110, details=(("persons", 113), ("from", "HT2021"))), policy=SKOLVERKET).value
        assert (told.n, told.persons_minimum, told.details) == (110, 40, (("persons", 115), ("from", "HT2021")))

    @pytest.mark.parametrize("facts", [{"n": 9, "persons_minimum": None}, {"persons_minimum": 9}, {"clusters": 1}])
    def test_too_few_persons_or_schools(self, facts):
        told = protect(estimate(**facts, details=(("level", 0.9), ("year_group", 7))), policy=SKOLVERKET).value
        assert (told.value, told.interval, told.p, told.standard_error) == (None, (), None, None)
        assert told.details == (("year_group", 7),)

    def test_an_estimate_that_does_not_say_on_how_many_it_rests(self):
        assert protect(estimate(n=None, persons_minimum=None), policy=SKOLVERKET).value.value is None

    def test_a_diagnostic_about_few(self):
        items = (
            Diagnostic("coverage", 0.9, "share", 8),
            Diagnostic("left_out", 3, "persons"),
            Diagnostic("schools", 2),
        )
        told = protect(estimate(diagnostics=Diagnostics(items)), policy=SKOLVERKET).value.diagnostics
        assert [(item.value, item.persons) for item in told.items] == [(None, None), (None, None), (2, None)]


class TestLaterReleases:
    def test_what_was_shown_counts_as_known(self):
        before = protect_release({"c/by_sex": table("sex persons\nwoman 53\nman 60\nall 113")}, SKOLVERKET)
        later = release(table(SCHOOLS, name="by_school"), earlier=[before])
        assert hidden(later["chapter/by_school"], "persons") == [False, True, True, False]

    def test_what_was_hidden_stays_hidden(self):
        before = protect_release({"c/all": table(SCHOOLS + "all 113")}, SKOLVERKET)
        later = release(table(SCHOOLS, name="by_school"), earlier=[before])
        assert hidden(later["chapter/by_school"], "persons") == [False, True, True, False]

    def test_the_same_again_is_the_same(self):
        requests = {"c/all": table(SCHOOLS + "all 113"), "c/sex": table("sex persons\nwoman 53\nman 60", name="s")}
        before = protect_release(requests, SKOLVERKET)
        assert protect_release(requests, SKOLVERKET, [before]).digest == before.digest

    def test_what_earlier_releases_give_away_is_refused(self):
        text = "sex persons\nwoman 53\nman 60\nall 113"
        before = protect_release({"c/by_sex": table(text)}, SKOLVERKET)
        with pytest.raises(DisclosureError, match="cannot be protected"):
            release(table("year persons\n7 110\n8 3", name="by_year"), earlier=[before, before_shown()])


def before_shown():
    """Return an earlier release that showed the larger of two year groups."""
    return protect_release({"c/by_year": table("year persons\n7 110", name="seven")}, SKOLVERKET)
