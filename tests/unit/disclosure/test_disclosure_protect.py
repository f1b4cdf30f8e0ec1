"""The door: by hand, in the collecting pass and in the showing pass."""

from dataclasses import replace

import pandas as pd
import pytest

from drawn_releases import INTERNAL, SKOLVERKET, STRICT, hidden, origin, seen, table
from evalkit.disclosure import protect, protect_release, read_release, read_requests, write_release
from evalkit.errors import DisclosureError
from evalkit.values import Curve, Estimate, Flow, FlowStep, Protected, SchoolSums, Table

DRAWN = table("school persons\nA 40\nB 3\nC 30\nall 73", name="by_school")


def at(value, folder, **facts):
    return replace(value, origin=origin(folder, **facts))


def run(folder, *values):
    """Collect, protect, and return what the showing pass gives."""
    for value in values:
        protect(at(value, folder, stage="collect"))
    write_release(protect_release(read_requests(folder), SKOLVERKET), folder)
    return [protect(at(value, folder, stage="show")) for value in values]


class TestByHand:
    def test_the_sites_policy_and_preliminary(self, tmp_path):
        protected = protect(at(DRAWN, tmp_path))
        assert (protected.status, protected.policy) == ("preliminary", "skolverket")
        assert seen(protected, "persons") == ["40", "..", "..", "73"]
        assert not list(tmp_path.iterdir())

    def test_a_stricter_policy_may_be_named_and_a_laxer_one_not(self, tmp_path):
        assert protect(at(DRAWN, tmp_path), policy=STRICT).policy == "strict"
        with pytest.raises(DisclosureError, match="laxer"):
            protect(at(DRAWN, tmp_path), policy=INTERNAL)

    def test_a_value_without_origin_needs_a_policy(self):
        with pytest.raises(DisclosureError, match="no policy"):
            protect(DRAWN)

    def test_what_is_protected_stays_as_it_is(self, tmp_path):
        once = protect(at(DRAWN, tmp_path))
        assert protect(once) is once

    def test_the_value_handed_in_is_unchanged(self, tmp_path):
        before = DRAWN.frame.copy()
        protect(at(DRAWN, tmp_path))
        pd.testing.assert_frame_equal(DRAWN.frame, before)


class TestCollecting:
    def test_the_placeholder_holds_no_number(self, tmp_path):
        protected = protect(at(DRAWN, tmp_path, stage="collect"))
        assert (protected.status, protected.request) == ("placeholder", "chapter/by_school")
        assert isinstance(protected.value, Table)
        assert protected.value.frame["persons"].isna().all()
        assert all(hidden(protected, "persons"))

    @pytest.mark.parametrize(
        "value",
        [
            Flow((FlowStep("a", "a", "a", 100, 100),)),
            Estimate("e", "what", "effect", 1.5, "points", n=100, p=0.1),
            Estimate("e", "what", "pending", None, "points"),
            Curve(
                "c", "event_study", "what", "points", pd.DataFrame({"relative": [0], "value": [1.5], "pupils": [99]})
            ),
            Curve("c", "pending", "what", "points", pd.DataFrame()),
        ],
        ids=lambda value: f"{type(value).__name__}-{value.name}",
    )
    def test_other_placeholders(self, tmp_path, value):
        protected = protect(at(value, tmp_path, stage="collect"))
        assert type(protected.value) is type(value)
        told = str(protected.value)
        assert "100" not in told
        assert "1.5" not in told
        assert list(read_requests(tmp_path)) == [f"chapter/{value.name}"]

    def test_the_same_twice_is_one_request(self, tmp_path):
        for _ in range(2):
            protect(at(DRAWN, tmp_path, stage="collect"))
        assert list(read_requests(tmp_path)) == ["chapter/by_school"]

    def test_one_name_for_two_values(self, tmp_path):
        protect(at(DRAWN, tmp_path, stage="collect"))
        other = table("school persons\nA 41\nB 3\nC 30\nall 74", name="by_school")
        with pytest.raises(DisclosureError, match="two different values named 'by_school'"):
            protect(at(other, tmp_path, stage="collect"))
        protect(at(other, tmp_path, stage="collect", notebook="another"))
        assert list(read_requests(tmp_path)) == ["another/by_school", "chapter/by_school"]

    @pytest.mark.parametrize("name", ["../escape", "a/b", "", "a b"])
    def test_a_name_that_is_no_folder(self, tmp_path, name):
        with pytest.raises(DisclosureError, match="cannot be called"):
            protect(at(replace(DRAWN, name=name), tmp_path, stage="collect"))

    def test_internal_is_never_rendered(self, tmp_path):
        with pytest.raises(DisclosureError, match="internal"):
            protect(at(DRAWN, tmp_path, stage="collect", policy="internal"))


class TestShowing:
    def test_the_joint_result(self, tmp_path):
        sexes = table("sex persons\nwoman 33\nman 40", name="by_sex")
        schools = table("school persons\nA 40\nB 3\nC 30", name="by_school")
        by_school, by_sex = run(tmp_path, schools, sexes)
        assert by_school.status == "released"
        assert seen(by_school, "persons") == ["40", "..", ".."]
        assert by_sex.suppressed == 0
        assert by_school.origin == origin(tmp_path, stage="show")

    def test_a_request_that_collect_did_not_make(self, tmp_path):
        run(tmp_path, DRAWN)
        late = at(table("school persons\nA 40", name="late"), tmp_path, stage="show")
        with pytest.raises(DisclosureError, match="notebook chapter shows 'late'"):
            protect(late)

    def test_a_value_that_changed_between_the_passes(self, tmp_path):
        run(tmp_path, DRAWN)
        other = table("school persons\nA 41\nB 3\nC 30\nall 74", name="by_school")
        with pytest.raises(DisclosureError, match="differs"):
            protect(at(other, tmp_path, stage="show"))

    def test_a_pending_estimate_is_answered(self, tmp_path):
        pending = Estimate("forum_effect", "to be made", "pending", None, "points")
        protect(at(pending, tmp_path, stage="collect"))
        made = replace(pending, design="effect", value=1.5, n=400, clusters=30)
        write_release(protect_release({"chapter/forum_effect": made}, SKOLVERKET), tmp_path)
        protected = protect(at(pending, tmp_path, stage="show"))
        assert (protected.value.design, protected.value.value) == ("effect", 1.5)

    def test_another_policy_in_between(self, tmp_path):
        run(tmp_path, DRAWN)
        with pytest.raises(DisclosureError, match="another policy"):
            protect(at(DRAWN, tmp_path, stage="show", policy="strict"))

    def test_before_anything_was_released(self, tmp_path):
        protect(at(DRAWN, tmp_path, stage="collect"))
        with pytest.raises(DisclosureError, match="was not released"):
            protect(at(DRAWN, tmp_path, stage="show"))


class TestReleaseOnDisk:
    def test_read_back_equal(self, tmp_path):
        release = protect_release({"c/by_school": DRAWN}, SKOLVERKET)
        write_release(release, tmp_path)
        back = read_release(tmp_path)
        assert (back.digest, back.policy) == (release.digest, SKOLVERKET)
        assert isinstance(back.protected["c/by_school"], Protected)

    def test_an_edited_release_is_noticed(self, tmp_path):
        write_release(protect_release({"c/by_school": DRAWN}, SKOLVERKET), tmp_path)
        contents = tmp_path / "release.json"
        digest = read_release(tmp_path).fingerprints["c/by_school"]
        contents.write_text(contents.read_text(encoding="utf-8").replace(digest, "0" * 64), encoding="utf-8")
        with pytest.raises(DisclosureError, match="changed since: c/by_school"):
            read_release(tmp_path)

    def test_no_release(self, tmp_path):
        with pytest.raises(DisclosureError, match="no release"):
            read_release(tmp_path)


def test_placeholders_of_sums(tmp_path):
    frame = pd.DataFrame({"site": ["ale"], "municipality": ["1440"], "school": ["a"], "treated_from": [None]})
    terms = frame.assign(time=0, pupils=40, outcome_sum=1.0)
    contrasts = frame.assign(
        start=1, pupils=40, classes=2, contrast_sum=1.0, variance_within_school=1.0, variance_within_class=1.0
    )
    sums = SchoolSums("o", "points", frame, terms, contrasts, ((0, "HT2021"),))
    protected = protect(at(sums, tmp_path, stage="collect"))
    assert not len(protected.value.terms)
    assert not len(protected.value.contrasts)
