"""Adjusted contrasts from sums equal those of a regression on the pupils themselves.

The witness is least squares of pupils' contrasts on covariates and one indicator a school, with numpy, over the schools
that were never treated; equal to rounding, so to 1e-9.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from evalkit.errors import DesignError
from evalkit.models import combine_sums, few_treated_effect
from evalkit.models.adjusted_contrasts import read_adjustment
from evalkit.models.school_design import read_design
from evalkit.panels import school_sums
from evalkit.values import Panel, SchoolSums

quick = settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
START = 2
ADJUST = ("sex", "education", "earlier")


def pupils_of(seed: int, *, slope: float = 3.0, schools: int = 5, missing: float = 0.0) -> pd.DataFrame:
    """Return pupils of schools ``s0`` (treated) and on, whose change follows sex, education and an earlier score."""
    generator = np.random.default_rng(seed)
    rows = []
    for number in range(schools):
        for pupil in range(int(generator.integers(30, 60))):
            sex = str(generator.choice(["woman", "man"], p=[0.3 + 0.08 * number, 0.7 - 0.08 * number]))
            education = str(generator.choice(["long", "short", "unknown"], p=[0.4, 0.6 - missing, missing]))
            earlier = generator.normal(number, 1.0)
            change = slope * (sex == "woman") - 2.0 * (education == "long") + 0.5 * earlier + generator.normal()
            for time in range(4):
                rows.append(
                    {
                        "person_id": f"s{number}-{pupil}",
                        "time": time,
                        "school": f"s{number}",
                        "class_id": f"7{pupil % 7}",
                        "municipality": "1440",
                        "treated_from": float(START) if number == 0 else np.nan,
                        "sex": sex,
                        "education": education,
                        "earlier": earlier,
                        "score": generator.normal() + change * (time >= START),
                    }
                )
    return pd.DataFrame(rows)


def sums_of(frame: pd.DataFrame, adjust: tuple[str, ...] = ADJUST, site: str = "ale") -> SchoolSums:
    labels = tuple((time, f"T{time}") for time in range(4))
    panel = Panel(frame.assign(place=site), "person_id", "time", "school", "class_id", "treated_from", labels)
    return school_sums(panel, outcome="score", unit="points", adjust=adjust)


def contrasts_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return pupils with their contrast ``d`` at the start and their covariates."""
    after = frame["time"] >= START
    change = (
        frame[after].groupby("person_id")["score"].mean() - frame[~after].groupby("person_id")["score"].mean()
    ).rename("d")
    facts = frame.drop_duplicates("person_id").set_index("person_id")
    woman, long = (facts["sex"] == "woman").astype(float), (facts["education"] == "long").astype(float)
    return facts[["school", "class_id"]].assign(d=change, woman=woman, long=long, earlier=facts["earlier"])


def least_squares(pupils: pd.DataFrame) -> tuple[np.ndarray, float]:
    """Return slopes on woman, long and earlier, with one indicator a school, and the residuals' variance."""
    dummies = pd.get_dummies(pupils["school"]).to_numpy(float)
    x = np.hstack([pupils[["woman", "long", "earlier"]].to_numpy(), dummies])
    solved = np.linalg.lstsq(x, pupils["d"].to_numpy(), rcond=None)[0]
    left = pupils["d"].to_numpy() - x @ solved
    return solved[:3], float(left @ left / (len(pupils) - x.shape[1]))


@quick
@given(seed=st.integers(0, 10**6))
def test_adjusted_contrasts_and_variance_are_those_of_least_squares_on_the_pupils(seed: int) -> None:
    frame = pupils_of(seed)
    pupils = contrasts_of(frame)
    slope, variance = least_squares(pupils[pupils["school"] != "s0"])
    adjusted = pupils.assign(d=pupils["d"] - pupils[["woman", "long", "earlier"]].to_numpy() @ slope)
    expected = adjusted.groupby("school")["d"].mean()
    unclassed = read_design(sums_of(frame.assign(class_id=None)))
    np.testing.assert_allclose(np.diff(unclassed.contrast[:, 0]), np.diff(expected), atol=1e-9)
    assert unclassed.person_variance[0] == pytest.approx(variance)
    assert unclassed.adjusted == ADJUST
    classed = read_design(sums_of(frame))
    np.testing.assert_allclose(classed.contrast, unclassed.contrast)
    calm = adjusted[adjusted["school"] != "s0"]
    rooms = calm.groupby(["school", "class_id"])["d"]
    inside = ((calm["d"] - rooms.transform("mean")) ** 2).sum() / (len(calm) - rooms.ngroups)
    assert classed.person_variance[0] == pytest.approx(inside)
    assert np.isfinite(classed.class_variance[0])


def test_the_effect_is_adjusted_for_who_goes_where() -> None:
    """The treated school has few women and low earlier scores, and both go with the change: without any effect."""
    plain, adjusted = [], []
    for seed in range(6):
        made = sums_of(pupils_of(seed, slope=8.0, schools=6))
        adjusted.append(few_treated_effect(made).value)
        plain.append(few_treated_effect(made.unadjusted).value)
    assert abs(np.mean(adjusted)) < 0.25
    assert np.mean(plain) < -2.0


def test_sums_of_two_sites_tell_what_the_pupils_of_both_would() -> None:
    one, two = pupils_of(3), pupils_of(4)
    codes = {f"s{number}": f"u{number}" for number in range(5)}
    two = two.assign(school=two["school"].replace(codes), person_id="u" + two["person_id"], treated_from=np.nan)
    apart = combine_sums([sums_of(one), sums_of(two, site="lerum")])
    together = sums_of(pd.concat([one, two], ignore_index=True))
    first, second = read_design(apart), read_design(together)
    np.testing.assert_allclose(first.contrast, second.contrast)
    np.testing.assert_allclose(first.person_variance, second.person_variance)
    np.testing.assert_allclose(first.class_variance, second.class_variance)


def test_a_group_that_one_site_does_not_have_counts_as_empty_there() -> None:
    one, two = pupils_of(3), pupils_of(4).assign(education="short", treated_from=np.nan)
    codes = {f"s{number}": f"u{number}" for number in range(5)}
    two = two.assign(school=two["school"].replace(codes), person_id="u" + two["person_id"])
    apart = read_design(combine_sums([sums_of(one), sums_of(two, site="lerum")]))
    together = read_design(sums_of(pd.concat([one, two], ignore_index=True)))
    np.testing.assert_allclose(apart.contrast, together.contrast)


def test_pupils_without_a_value_stay_and_count_as_the_mean_of_their_schools_others() -> None:
    frame = pupils_of(5, missing=0.2)
    made = sums_of(frame)
    pd.testing.assert_frame_equal(made.contrasts, sums_of(frame, ()).contrasts)
    rows = made.covariates.set_index(["covariate", "school", "start"]).loc["education=long"].xs(START, level="start")
    size = made.contrasts[made.contrasts["start"] == START].set_index("school")["pupils"]
    assert (rows["known"] < size).all()
    np.testing.assert_allclose(rows["value_sum"] / size, rows["members"] / rows["known"])


@quick
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([0.01, 7.0, -3.0]))
def test_units_of_a_covariate_and_order_of_rows_do_not_matter(seed: int, factor: float) -> None:
    frame = pupils_of(seed)
    changed = frame.assign(earlier=frame["earlier"] * factor + 5.0).sample(frac=1.0, random_state=1)
    one, two = read_design(sums_of(frame)), read_design(sums_of(changed))
    np.testing.assert_allclose(one.contrast, two.contrast, atol=1e-8)
    np.testing.assert_allclose(one.person_variance, two.person_variance)


def test_adjusting_for_a_groups_mirror_image_is_the_same() -> None:
    frame = pupils_of(7)
    truth = frame.assign(woman=(frame["sex"] == "woman"))
    number = frame.assign(woman=(frame["sex"] == "woman").astype(float))
    designs = [
        read_design(sums_of(each, (name,))) for each, name in ((frame, "sex"), (truth, "woman"), (number, "woman"))
    ]
    for design in designs[1:]:
        np.testing.assert_allclose(design.contrast, designs[0].contrast, atol=1e-9)
        np.testing.assert_allclose(design.person_variance, designs[0].person_variance)


def test_schools_without_covariates_are_left_out_and_counted() -> None:
    made = sums_of(pupils_of(8))
    few = replace(made, covariates=made.covariates[made.covariates["school"] != "s3"])
    design = read_design(few)
    assert not any(school.endswith("s3") for school in design.schools)
    assert design.left_out == 1


def test_without_products_of_any_site_there_is_no_adjusted_effect() -> None:
    made = sums_of(pupils_of(8))
    with pytest.raises(DesignError, match="few pupils"):
        read_design(replace(made, products=made.products.head(0)))


def test_slopes_are_zero_along_what_does_not_vary() -> None:
    made = sums_of(pupils_of(9).assign(sex="woman"), ("sex",))
    design = read_design(made)
    found = read_adjustment(made, design.schools, design.starts, design.pupils)
    assert found.slope.tolist() == [[0.0]]
    np.testing.assert_allclose(design.contrast, read_design(made.unadjusted).contrast)


def test_sums_without_adjustment_hold_nothing_about_persons_facts() -> None:
    made = sums_of(pupils_of(8)).unadjusted
    assert made.covariates.empty
    assert made.products.empty
    assert read_design(made).adjusted == ()
