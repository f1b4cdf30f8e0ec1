"""Choosing a renderer: a setting, QUARTO_PATH, the path, else the embedded one."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.errors import RenderError
from evalkit.reports.renderers import choose_renderer


def quarto_saying(folder: Path, version: str, *, status: int = 0) -> str:
    script = folder / "quarto"
    script.write_text(f"#!/bin/sh\necho '{version}'\nexit {status}\n")
    script.chmod(0o755)
    return str(script)


def nowhere(_: str) -> None:
    return None


def test_embedded_by_setting_even_where_a_quarto_is(tmp_path):
    path = quarto_saying(tmp_path, "1.10.18")
    chosen = choose_renderer("embedded", environ={"QUARTO_PATH": path}, look_up=lambda _: path)
    assert chosen.name == "embedded"
    assert chosen.version.startswith("pandoc 3.")
    assert "typst 0.15" in chosen.version


def test_embedded_where_there_is_no_quarto():
    assert choose_renderer("auto", environ={}, look_up=nowhere).name == "embedded"


def test_quarto_path_goes_before_the_path(tmp_path):
    (tmp_path / "named").mkdir()
    (tmp_path / "found").mkdir()
    named, found = quarto_saying(tmp_path / "named", "1.9.1"), quarto_saying(tmp_path / "found", "1.10.2")
    chosen = choose_renderer("auto", environ={"QUARTO_PATH": named}, look_up=lambda _: found)
    assert (chosen.command, chosen.version) == (named, "1.9.1")
    assert choose_renderer("auto", environ={}, look_up=lambda _: found).command == found


def test_an_old_quarto_on_the_path_is_passed_by_unless_asked_for(tmp_path):
    old = quarto_saying(tmp_path, "1.8.25")
    assert choose_renderer("auto", environ={}, look_up=lambda _: old).name == "embedded"
    with pytest.raises(RenderError, match=r"1\.9 or later") as caught:
        choose_renderer("quarto", environ={}, look_up=lambda _: old)
    assert "make quarto" in caught.value.remedy


@pytest.mark.parametrize(("version", "status"), [("1.8.25", 0), ("", 0), ("1.10.0", 1), ("broken", 0)])
def test_a_quarto_that_was_named_and_cannot_be_used_is_an_error(tmp_path, version, status):
    named = quarto_saying(tmp_path, version, status=status)
    with pytest.raises(RenderError, match="QUARTO_PATH names"):
        choose_renderer("auto", environ={"QUARTO_PATH": named}, look_up=nowhere)


def test_a_quarto_that_is_not_there_is_an_error_that_says_how_to_get_one():
    with pytest.raises(RenderError, match="no Quarto was found") as caught:
        choose_renderer("quarto", environ={}, look_up=nowhere)
    assert "quarto.org" in caught.value.remedy


def test_an_unknown_setting_is_refused():
    with pytest.raises(RenderError, match="'pandoc'"):
        choose_renderer("pandoc", environ={}, look_up=nowhere)
