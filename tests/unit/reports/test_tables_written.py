from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from shown_values import PERSONS, RATE, TERM, bands, by_school, by_term, by_year_group, table

from evalkit.errors import InputError
from evalkit.reports.labels import Words
from evalkit.reports.tables import read_cells, read_wide, signs_used, table_html, table_plain
from evalkit.values import Axis, Column

SV, EN = Words("sv"), Words("en")
SIGNED = (
    (0, "attendance_rate", ".."),
    (1, "attendance_rate", "u.s."),
    (2, "attendance_rate", "."),
    (3, "attendance_rate", "~0"),
    (4, "attendance_rate", "~100"),
)


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def test_numbers_by_the_rules_of_the_language() -> None:
    grid = read_cells(by_term(), SV)
    assert [heading.text for heading in grid.headings] == ["Elever", "Närvaro", "Rapporterad lektionstid"]
    assert [cell.text for cell in grid.rows[0].cells] == ["240", "88,7\N{NO-BREAK SPACE}%", "96,0\N{NO-BREAK SPACE}%"]
    assert [cell.text for cell in read_cells(by_term(), EN).rows[0].cells] == ["240", "88.7%", "96.0%"]


def test_columns_that_are_not_shown_are_not_there() -> None:
    hidden = Column("present_minutes", "amount", persons="persons", unit="minutes", shown=False)
    rows = [("HT2021", 240, 0.9, 123456.0)]
    html = table_html(read_cells(table(rows, (TERM,), (PERSONS, RATE, hidden)), SV), SV, title="t")
    assert "123" not in html


def test_each_sign_stands_for_itself_and_is_explained_once() -> None:
    grid = read_cells(by_term(hidden=SIGNED), SV)
    assert [row.cells[1].text for row in grid.rows[:5]] == ["..", "u.s.", ".", "~0", "~100"]
    assert [sign.sign for sign in signs_used(grid, SV)] == ["..", "~0", "~100", "u.s.", "."]
    assert signs_used(read_cells(by_term(), SV), SV) == ()


def test_zero_is_a_real_value_and_is_explained() -> None:
    rows = [("HT2021", 0, 0.9), ("VT2022", 10, 0.9)]
    grid = read_cells(table(rows, (TERM,), (PERSONS, RATE)), SV)
    assert grid.rows[0].cells[0].text == "0"
    assert [sign.sign for sign in signs_used(grid, SV)] == ["0"]


def test_html_has_a_caption_scopes_and_no_ids() -> None:
    page = soup(table_html(read_cells(by_school(), SV), SV, title="Titel & mer", note="Not."))
    assert page.caption is not None
    assert page.caption.get_text() == "Titel & merNot."
    assert {head["scope"] for head in page.find_all("th")} == {"col", "row", "rowgroup"}
    assert not page.find_all(id=True)
    assert all(head.get_text(strip=True) for head in page.find_all("th"))
    region = page.find(role="region")
    assert region is not None
    assert region["tabindex"] == "0"


def test_every_row_of_a_grouped_table_has_all_its_cells() -> None:
    page = soup(table_html(read_cells(by_school(), SV), SV, title="t"))
    for body in page.find_all("tbody"):
        rows = body.find_all("tr")
        first = rows[0].find("th", scope="rowgroup")
        assert int(first["rowspan"]) == len(rows) == 5
        assert {len(row.find_all(["th", "td"])) for row in rows[1:]} == {4}


def test_a_protected_cell_is_marked_and_said() -> None:
    page = soup(table_html(read_cells(by_term(hidden=SIGNED), SV), SV, title="t"))
    cells = page.find_all("td", class_="protected")
    assert [cell.get_text() for cell in cells] == [".."]
    assert cells[0].abbr["title"] == "skyddat"
    assert "skyddas" in page.find(class_="legend").get_text()


def test_text_from_the_data_cannot_break_out() -> None:
    rows = [("<script>", 10, 0.9)]
    html = table_html(read_cells(table(rows, (Axis("school", ("<script>",)),), (PERSONS, RATE)), SV), SV, title="<b>")
    assert "<script>" not in html
    assert "<b>" not in html.replace('<p class="legend">', "")


def test_the_plain_form_is_a_pipe_table_with_its_legend() -> None:
    lines = table_plain(read_cells(by_term(hidden=SIGNED[:1]), SV), SV).splitlines()
    assert lines[0] == "| Termin | Elever | Närvaro | Rapporterad lektionstid |"
    assert set(lines[1]) == {"|", "-", ":"}
    assert lines[1].count("|") == 5
    assert ".." in lines[2]
    assert lines[-3:] == ["::: {.legend}", ".. skyddas: för få elever, eller kan räknas ut", ":::"]


def test_the_plain_form_escapes_markdown() -> None:
    rows = [("A|b_*c", 10, 0.9)]
    plain = table_plain(read_cells(table(rows, (Axis("school", ("A|b_*c",)),), (PERSONS, RATE)), SV), SV)
    assert r"A\|b\_\*c" in plain


def test_both_forms_hold_the_same_cells() -> None:
    grid = read_cells(by_school(hidden=((3, "attendance_rate", ".."),)), SV)
    page = soup(table_html(grid, SV, title="t"))
    rich = [cell.get_text() for cell in page.find_all("td")]
    plain = [
        cell.strip()
        for line in table_plain(grid, SV).splitlines()[2:]
        if line.startswith("|")
        for cell in line.strip("|").split("|")[2:]
    ]
    assert rich == plain


def test_wide_tables_set_times_side_by_side() -> None:
    grid = read_wide(by_year_group(), SV)
    assert grid.stub == ("Årskurs",)
    assert [heading.text for heading in grid.headings][:2] == ["HT\N{NO-BREAK SPACE}21", "VT\N{NO-BREAK SPACE}22"]
    assert [row.names[0] for row in grid.rows] == ["Årskurs 7", "Årskurs 8", "Årskurs 9", "Alla"]
    assert [cell.text for cell in grid.rows[1].cells[:3]] == [".", ".", "89,5\N{NO-BREAK SPACE}%"]
    assert grid.rows[-1].total


def test_wide_needs_a_time_and_one_other_division() -> None:
    with pytest.raises(InputError, match="time and one other"):
        read_wide(by_term(), SV)


def test_levels_and_totals_have_names() -> None:
    names = [row.names for row in read_cells(bands(), SV).rows[:8]]
    assert names[0] == ("HT\N{NO-BREAK SPACE}2021", "0–5\N{NO-BREAK SPACE}%")
    assert names[7][1] == "Alla"
    assert read_wide(by_school(), SV).rows[-1].names == ("Ale, alla skolor",)
