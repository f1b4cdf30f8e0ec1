"""Bad input ends in a message that says which file, row and column, what was expected, and how to mend it.

Each test damages a copy of the example municipality, looks at the whole message, and sees that nothing was written and
that no value of a person is repeated. Rows count as a spreadsheet counts them: the headings are row 1.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from example_site import ExampleSite

from evalkit.errors import SourceFaultsError

DATA = "params/exempelkommun/data"


@pytest.fixture
def site(tmp_path: Path) -> ExampleSite:
    return ExampleSite(tmp_path)


def told(site: ExampleSite) -> str:
    """Take in the site, which must fail, and return the message."""
    before = sorted(site.root.rglob("*"))
    with pytest.raises(SourceFaultsError) as caught:
        site.take_in()
    assert sorted(site.root.rglob("*")) == before, "nothing was written"
    assert caught.value.exit_code == 2
    message = str(caught.value)
    assert not [secret for secret in site.secrets if secret in message], "no number, name or address is repeated"
    return message


def message(text: str) -> str:
    return dedent(text).strip().replace("DATA", DATA)


def test_a_missing_file(site: ExampleSite) -> None:
    site.file("skolor.csv").unlink()
    assert told(site) == message("""
        there is no such file
          where: DATA/skolor.csv
          mend:  put the file there, or correct `path` in the site file
    """)


def test_an_empty_file(site: ExampleSite) -> None:
    site.file("stod.csv").write_bytes(b"")
    assert told(site) == message("""
        the file is empty
          where: DATA/stod.csv
          mend:  hand it over again, or take it out of the site file
    """)


def test_a_file_with_headings_only(site: ExampleSite) -> None:
    site.write("stod.csv", site.rows("stod.csv")[:1])
    assert told(site) == message("""
        the file has headings but no rows
          where: DATA/stod.csv, row 2
          mend:  hand it over again, or take it out of the site file
    """)


def test_a_missing_column(site: ExampleSite) -> None:
    rows = site.rows("narvaro.csv")
    place = rows[0].index("Datum")
    site.write("narvaro.csv", [row[:place] + row[place + 1 :] for row in rows])
    assert told(site) == message("""
        the file has no column Datum, which the site file names for date
          where: DATA/narvaro.csv, row 1, column Datum
          mend:  name the right heading for date under `columns` in the site file
    """)


def test_a_misspelt_heading_is_guessed(site: ExampleSite) -> None:
    rows = site.rows("narvaro.csv")
    rows[0][rows[0].index("Rapporterad")] = "Raporterad"
    site.write("narvaro.csv", rows)
    assert told(site) == message("""
        the file has no column Rapporterad, which the site file names for reported
          where: DATA/narvaro.csv, row 1, column Rapporterad
          mend:  did you mean Raporterad? If not, name the right heading for reported under `columns` in the site file
    """)


def test_the_wrong_separator(site: ExampleSite) -> None:
    site.write("skolor.csv", site.rows("skolor.csv"), separator=",")
    site.lay_out("school_units", separator=";")
    assert "mend:  the file has one column only: correct `separator` in the site file" in told(site)


def test_an_unknown_code(site: ExampleSite) -> None:
    site.set("elever.csv", 7, "Kön", "Kv")
    assert told(site) == message("""
        1 row: expected one of the codes that the site file maps: K, M
          where: DATA/elever.csv, row 7, column Kön
          mend:  correct the rows, or add the code under `values: {sex: ...}` in the site file
    """)


def test_a_code_that_was_never_mapped(site: ExampleSite) -> None:
    site.change("forums", values={})
    assert told(site) == message("""
        8 rows, the first of them here: expected one of behavioural, academic, affective, cognitive
          where: DATA/dialogtorg.csv, row 2, column Dimension
          mend:  correct the rows, or map the file's codes under `values: {dimension: ...}` in the site file
    """)


def test_overlapping_enrolments(site: ExampleSite) -> None:
    rows = site.rows("inskrivningar.csv")
    pupil = rows[1][0]
    rows.append([pupil, "99900002", "GR", "8", "2024-02-01", "", "Nej"])
    site.write("inskrivningar.csv", rows)
    assert told(site) == message(f"""
        1 row: expected a person's enrolments of one Skolform not to overlap, but an earlier one lasts
          where: DATA/inskrivningar.csv, row {len(rows)}, column Första dag
          mend:  end the earlier one before the later begins, or take one of them away
    """)


def test_attendance_outside_enrolment(site: ExampleSite) -> None:
    site.set("narvaro.csv", 12, "Datum", "20210913")
    assert told(site) == message("""
        1 row: expected Datum to lie within an enrolment of the person
          where: DATA/narvaro.csv, row 12, column Datum
          mend:  correct the date, or hand over the enrolment it belongs to
    """)


def test_the_last_day_is_inside_an_enrolment_and_the_day_after_is_not(site: ExampleSite) -> None:
    rows = site.rows("inskrivningar.csv")
    first = next(row for row in rows[1:] if row[5])
    lesson = next(n for n, row in enumerate(site.rows("narvaro.csv"), 1) if row[0] == first[0])
    end = first[5].replace("-", "")
    site.set("narvaro.csv", lesson, "Datum", end)
    assert site.take_in().tables["attendance"] == 720
    site.change("enrolments", end_is_last_day=False)
    with pytest.raises(SourceFaultsError, match=f"narvaro.csv, row {lesson}, column Datum"):
        site.take_in()


def test_more_minutes_attended_than_offered(site: ExampleSite) -> None:
    site.set("narvaro.csv", 15, "Närvaro", "90")
    site.set("narvaro.csv", 15, "Rapporterad", "Ja")
    assert told(site) == message("""
        1 row: expected Närvaro + Annan verksamhet + Giltig frånvaro + Ogiltig frånvaro to be at most Längd
          where: DATA/narvaro.csv, row 15, column Närvaro
          mend:  correct the minutes at the rows
    """)


def test_a_bad_date(site: ExampleSite) -> None:
    site.set("narvaro.csv", 30, "Datum", "20221332")
    assert told(site) == message("""
        1 row: expected a date such as 20240831, written %Y%m%d
          where: DATA/narvaro.csv, row 30, column Datum
          mend:  correct the rows, or set `date_format` in the site file
    """)


def test_a_date_format_that_cannot_be_read(site: ExampleSite) -> None:
    site.lay_out("persons", date_format="%d %j %Y")
    assert told(site) == message("""
        the date format %d %j %Y cannot be read
          where: DATA/elever.csv
          mend:  write `date_format` with %Y (or %y), %m (or %B) and %d once each, such as %Y-%m-%d
    """)


def test_an_enrolment_that_ends_before_it_starts(site: ExampleSite) -> None:
    site.set("inskrivningar.csv", 2, "Sista dag", "2022-06-30")
    assert message("""
        1 row: expected Sista dag to be later than Första dag
          where: DATA/inskrivningar.csv, row 2, column Sista dag
    """) in told(site)


def test_bad_numbers(site: ExampleSite) -> None:
    site.set("narvaro.csv", 20, "Längd", "sextio")
    site.set("narvaro.csv", 21, "Starttid", "25:10")
    site.set("stod.csv", 3, "Timmar i veckan", "1.5")
    site.set("inskrivningar.csv", 4, "Årskurs", "77")
    assert told(site) == message("""
        1 row: expected 0 to 10
          where: DATA/inskrivningar.csv, row 4, column Årskurs
          mend:  correct the rows
        1 row: expected a whole number or a time such as 08:30
          where: DATA/narvaro.csv, row 21, column Starttid
          mend:  correct the rows, or map the file's codes under `values: {start_minute: ...}` in the site file
        1 row: expected a whole number
          where: DATA/narvaro.csv, row 20, column Längd
          mend:  correct the rows, or map the file's codes under `values: {minutes_offered: ...}` in the site file
        1 row: expected a number written like 1,5
          where: DATA/stod.csv, row 3, column Timmar i veckan
          mend:  correct the rows, or set `decimal` in the site file
    """)


def test_empty_cells(site: ExampleSite) -> None:
    site.set("betyg.csv", 5, "Ämne", "")
    assert told(site) == message("""
        1 row: expected a value, but the cell is empty
          where: DATA/betyg.csv, row 5, column Ämne
          mend:  fill it in at the rows
    """)


def test_duplicate_keys(site: ExampleSite) -> None:
    rows = site.rows("narvaro.csv")
    site.write("narvaro.csv", [*rows, rows[20], rows[21]])
    assert told(site) == message(f"""
        2 rows, the first of them here: an earlier row has the same Personnummer, Lektion
          where: DATA/narvaro.csv, row {len(rows) + 1}, column Lektion
          mend:  take the row away, or correct what tells it from the other
    """)


def test_the_wrong_encoding(site: ExampleSite) -> None:
    site.lay_out("grades", encoding="utf-8")
    assert told(site) == message("""
        the file is not written in utf-8
          where: DATA/betyg.csv, row 1
          mend:  set `encoding` in the site file to the file's own; cp1252 is likely
    """)


def test_the_wrong_encoding_that_would_only_look_strange(site: ExampleSite) -> None:
    rows = site.rows("stod.csv")
    rows[0] = ["Personnummer", "Vem", "Insats", "Start", "Slut", "Timmar"]
    site.write("stod.csv", rows, encoding="utf-8")
    assert told(site) == message("""
        the file is written in utf-8, not in cp1252 as the site file says
          where: DATA/stod.csv, row 2
          mend:  set `encoding: utf-8` in the site file
    """)


def test_an_encoding_nobody_knows(site: ExampleSite) -> None:
    site.lay_out("grades", encoding="ebcdic")
    assert "set `encoding` in the site file to utf-8, utf-8-sig, cp1252 or latin-1" in told(site)


def test_a_row_with_too_many_cells(site: ExampleSite) -> None:
    rows = site.rows("elever.csv")
    rows[8].append("x")
    site.write("elever.csv", [*rows[:4], [], *rows[4:]])
    assert told(site) == message("""
        the row has 7 columns, but there are 6 headings
          where: DATA/elever.csv, row 10
          mend:  put the value that holds ; in quotes, or correct `separator`
    """)


def test_a_quotation_mark_that_is_never_closed(site: ExampleSite) -> None:
    file = site.file("stod.csv")
    file.write_bytes(file.read_bytes().replace(b"Samtal", b'"Samtal', 1))
    assert told(site) == message("""
        the file is not CSV from this row on
          where: DATA/stod.csv, row 2
          mend:  look for a quotation mark that is opened and not closed
    """)


def test_empty_lines_count_as_rows(site: ExampleSite) -> None:
    rows = site.rows("elever.csv")
    rows[6][3] = "Kv"
    site.write("elever.csv", [*rows[:3], [], [], *rows[3:]])
    assert "elever.csv, row 9, column Kön" in told(site)


def test_a_number_that_is_no_identity_number(site: ExampleSite) -> None:
    site.set("enkat.csv", 9, "Personnr", "201001019998")
    assert told(site) == message("""
        1 row: the check digit does not agree with the other digits; probably a digit is mistyped
          where: DATA/enkat.csv, row 9, column Personnr
          mend:  correct the number; write twelve digits as text, so that no program takes a zero or the century
    """)


def test_an_answer_of_someone_who_is_no_pupil(site: ExampleSite) -> None:
    site.set("enkat.csv", 9, "Personnr", "191212121212")
    assert told(site) == message("""
        1 row: the table persons does not have what this refers to
          where: DATA/enkat.csv, row 9, column Personnr
          mend:  hand over the missing row of persons, or take the row away
    """)


def test_a_table_that_others_need(site: ExampleSite) -> None:
    site.sources = [source for source in site.sources if source.tables != ("school_units",)]
    assert told(site) == message("""
        no source holds the table school_units, which enrolments and attendance and forums refer to
          where: site file, column sources
          mend:  add a source for school_units
    """)


def test_a_column_map_with_a_slip(site: ExampleSite) -> None:
    site.change("support", lambda source: replace(source, columns={**source.columns, "providr": "Utförare"}))
    assert told(site) == message("""
        the table support has no column providr
          where: DATA/stod.csv, column providr
          mend:  did you mean provider? If not, correct the site file
    """)


def test_a_value_map_into_nowhere(site: ExampleSite) -> None:
    site.change("persons", values={"sex": {"K": "kvinna", "M": "man"}})
    assert message("""
        `values` turns codes of sex into kvinna, which persons does not know
          where: DATA/elever.csv, column Kön
          mend:  in the site file, use woman, man, unknown
    """) in told(site)


def test_at_most_twenty_faults_are_told(site: ExampleSite) -> None:
    for source in site.sources:
        site.change(source.tables[0], columns={})
    text = told(site)
    assert text.count("where:") == 20
    assert text.endswith("and 14 more faults\n  mend:  mend these first, then check again")


def test_faults_of_several_files_are_told_together(site: ExampleSite) -> None:
    site.set("elever.csv", 2, "Födelsedatum", "i våras")
    site.set("betyg.csv", 3, "Betyg", "Z")
    with pytest.raises(SourceFaultsError) as caught:
        site.take_in()
    places = [str(fault.where) for fault in caught.value.faults]
    assert places == [f"{DATA}/elever.csv, row 2, column Födelsedatum", f"{DATA}/betyg.csv, row 3, column Betyg"]
    assert {fault.level for fault in caught.value.faults} == {"error"}
