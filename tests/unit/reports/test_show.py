from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shown_values import (
    association,
    bands,
    by_school,
    by_term,
    change,
    effect,
    event_study,
    flow,
    origin,
    placebos,
    power,
    protected,
    smallest,
    waiting,
)

from evalkit.disclosure import receipt
from evalkit.errors import DisclosureError, InputError
from evalkit.reports import show as show_module
from evalkit.reports.show import show
from evalkit.values import Curve, Estimate, Protected

Output = tuple[dict[str, str], dict[str, Any]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Output]:
    caught: list[Output] = []
    monkeypatch.setattr(
        show_module, "publish_display_data", lambda data, metadata: caught.append((data, metadata["evalkit"]))
    )
    return caught


def one(shown: list[Output]) -> Output:
    assert len(shown) == 1, "one call gives one output"
    return shown.pop()


@pytest.mark.parametrize("value", [by_term().value, 17, None, "text"])
def test_only_what_was_protected_is_shown(value: object, shown: list[Output]) -> None:
    with pytest.raises(DisclosureError, match="did not come through protect") as told:
        show(value)  # type: ignore[arg-type]
    assert "ek.protect" in told.value.remedy
    with pytest.raises(DisclosureError):
        show(effect(), value, view="conclusions")  # type: ignore[arg-type]
    assert not shown


@pytest.mark.parametrize(
    ("value", "view", "kind", "label"),
    [
        (by_term(), None, "table", "attendance-by-term"),
        (by_school(), "wide", "table", "attendance-by-school"),
        (by_term(), "line", "figure", "attendance-by-term"),
        (bands(), "bars", "figure", "absence-bands"),
        (by_school(), "grid", "figure", "attendance-by-school"),
        (flow(), None, "figure", "flow"),
        (effect(), None, "box", None),
        (effect(), "interval", "figure", "forum-effect"),
        (effect(), "headline", "finding", None),
        (event_study(), None, "figure", "forum-event-study"),
        (placebos(), None, "figure", "forum-placebos"),
        (power(), None, "figure", "forum-power"),
    ],
)
def test_each_view_has_its_forms(
    value: Protected, view: str | None, kind: str, label: str | None, shown: list[Output]
) -> None:
    show(value, view=view)
    data, facts = one(shown)
    assert facts["kind"] == kind
    assert facts.get("label") == label
    if kind == "figure":
        assert set(data) == {"text/html", "image/svg+xml", "image/png"}
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
        assert facts["alt"] in data["text/html"].replace("&quot;", '"').replace("&#x27;", "'")
        assert facts["caption"]
        assert "Simulerade data." in facts["note"]
    elif kind == "finding":
        assert set(data) == {"text/html", "text/markdown", "image/svg+xml", "image/png"}
    else:
        assert set(data) == {"text/html", "text/markdown"}


def test_the_receipt_is_of_the_data_the_request_and_the_runs_key(shown: list[Output], tmp_path: Path) -> None:
    (tmp_path / "receipt.key").write_bytes(b"secret")
    value = by_term(source=origin(run_folder=str(tmp_path)))
    show(value)
    data, facts = one(shown)
    assert facts["requests"] == {"nb/attendance_by_term": value.fingerprint}
    assert facts["receipt"] == receipt(data, facts, b"secret")
    show(value, key=b"other")
    data, facts = one(shown)
    assert facts["receipt"] == receipt(data, facts, b"other") != receipt(data, facts, b"secret")


def test_outside_a_run_the_key_is_empty(shown: list[Output]) -> None:
    show(by_term())
    data, facts = one(shown)
    assert facts["receipt"] == receipt(data, facts, b"")


@pytest.mark.parametrize("view", [None, "line"])
def test_a_placeholder_shows_one_word(view: str | None, shown: list[Output]) -> None:
    value = by_term()
    show(protected(value.value, value.marks, "placeholder"), view=view)
    data, facts = one(shown)
    assert data["text/markdown"] == "pending"
    assert "88" not in str(data)
    assert facts["kind"] == "pending"


def test_a_study_estimate_that_is_not_made_yet_is_pending(shown: list[Output]) -> None:
    curve = event_study().value
    assert isinstance(curve, Curve)
    show(waiting("pending"))
    show(protected(replace(curve, kind="pending")))
    show(change(), waiting("pending"), view="conclusions")
    assert [data["text/markdown"] for data, _ in shown] == ["pending"] * 3


def test_a_curve_without_its_sites_says_who_is_missing(shown: list[Output]) -> None:
    curve = event_study().value
    assert isinstance(curve, Curve)
    empty = replace(curve, frame=curve.frame.iloc[:0], details=(("sites_missing", "ale, goteborg"),))
    show(protected(empty))
    data, facts = one(shown)
    assert facts["kind"] == "box"
    assert "Ale och Göteborg" in data["text/html"]
    assert "Ale och Göteborg" in data["text/markdown"]


def test_an_estimate_without_its_sites_can_be_shown_in_every_view(shown: list[Output]) -> None:
    estimate = effect().value
    assert isinstance(estimate, Estimate)
    details = (("sites_missing", "ale"),)
    bare = replace(
        estimate,
        value=None,
        interval=(),
        clusters=None,
        treated_clusters=None,
        n=None,
        details=details,
        persons_minimum=None,
    )
    for view in ("finding", "interval", "headline", "title", "conclusions"):
        show(protected(bare), view=view)
        data, _ = one(shown)
        assert "Noll skolor" not in str(data)
        assert "nan" not in data.get("text/markdown", "")


def test_the_language_is_the_origins_unless_told(shown: list[Output]) -> None:
    value = by_term(source=origin(language="en"))
    show(value, view="line")
    assert one(shown)[1]["caption"].startswith("Attendance rose")
    show(value, view="line", language="sv")
    assert one(shown)[1]["caption"].startswith("Närvaron steg")
    show(by_term(source=None), view="line")
    assert one(shown)[1]["caption"].startswith("Närvaron steg")


def test_preliminary_values_say_so_in_every_kind(shown: list[Output]) -> None:
    for value, view in ((by_term(), "table"), (by_term(), "line"), (effect(), "finding"), (effect(), "headline")):
        show(protected(value.value, value.marks, "preliminary"), view=view)
        data, facts = one(shown)
        assert "Preliminär" in facts.get("note", "") + data["text/html"]


def test_several_make_the_box(shown: list[Output]) -> None:
    show(change(), effect(), association(), by_term(), smallest(), smallest(1.4, treated=5))
    data, facts = one(shown)
    assert facts["kind"] == "box"
    assert "Vad vi kan och inte kan säga" in data["text/html"]
    assert "::: {.cannot}" in data["text/markdown"]


def test_the_title_view_gives_the_page_its_title(shown: list[Output]) -> None:
    show(change(), effect(), view="title")
    data, facts = one(shown)
    assert facts["page"]["title"].startswith("Närvaron ökade med 1,6")
    assert "Hög säkerhet" in data["text/markdown"]


def test_a_finding_has_three_bars_a_word_and_a_reason(shown: list[Output]) -> None:
    show(effect())
    data = one(shown)[0]
    assert data["text/html"].count("<rect") == 3
    assert data["text/html"].count("fill: none") == 2
    assert "●○○ **Låg säkerhet.**" in data["text/markdown"]


def test_an_unknown_view_names_those_there_are(shown: list[Output]) -> None:
    with pytest.raises(InputError, match="no view 'pie'") as told:
        show(by_term(), view="pie")
    assert "'line'" in told.value.remedy
    with pytest.raises(InputError, match="estimates"):
        show(effect(), by_term(), view="title")
    assert not shown


def test_values_are_not_changed_by_being_shown(shown: list[Output]) -> None:
    value = by_school(hidden=((3, "attendance_rate", ".."),))
    before = value.fingerprint
    for view in ("table", "wide", "line", "grid"):
        show(value, view=view)
    assert value.fingerprint == before
