"""The manual in docs/manual says what the spec tests say today."""

from __future__ import annotations

from pathlib import Path

from manual import CHAPTERS, SPEC, write_manual

DOCS = Path(__file__).parents[2] / "docs" / "manual"


def test_the_pages_are_those_that_the_spec_tests_make(tmp_path: Path) -> None:
    made = write_manual(tmp_path)
    assert [path.name for path in made] == [*(f"{chapter}.md" for chapter in CHAPTERS), "measures.md"]
    stale = [path.name for path in made if (DOCS / path.name).read_text(encoding="utf-8") != path.read_text("utf-8")]
    assert not stale, "run make docs"
    assert {path.name for path in DOCS.glob("*.md")} == {path.name for path in made}


def test_every_chapter_of_the_spec_is_a_page() -> None:
    assert {path.name for path in SPEC.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(CHAPTERS)


def test_a_page_shows_the_rule_what_goes_in_what_is_asked_and_what_comes_out(tmp_path: Path) -> None:
    write_manual(tmp_path)
    page = (tmp_path / "attendance.md").read_text(encoding="utf-8")
    assert "`attendance`\n\n| person_id | lesson_id |" in page
    assert "Asked: `attendance.rate()" in page
    assert "Answer:\n\n| person_id | period |" in page
