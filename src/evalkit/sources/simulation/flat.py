"""Write persons, schools, enrolments, lessons and grades as flat files: Parquet, or CSV from Excel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evalkit.sources.simulation.arrays import Integers
from evalkit.sources.simulation.people import MARKINGS
from evalkit.sources.simulation.registers import rows_of, write_csv, write_rows
from evalkit.sources.simulation.site_draw import LessonYear, SiteDraw
from evalkit.sources.simulation.text import clock_times, picked

FORMS = ("Närundervisning", "Fjärrundervisning", "APL")
EDUCATION = ("Förgymnasial", "Gymnasial", "Eftergymnasial")
REGIONS = ("Sverige", "EU", "Utanför EU")
START = "Start (minuter efter midnatt)"
ROW_GROUP = 1_000_000
ORDINAL_OF_EPOCH = 719_163
MINUTES = {
    "Lektionsminuter": "offered",
    "Närvarominuter": "attended",
    "Giltig frånvaro (minuter)": "valid",
    "Ogiltig frånvaro (minuter)": "invalid",
    "Annan aktivitet (minuter)": "other",
}


def write_parquet_site(draw: SiteDraw, years: Iterator[LessonYear], folder: Path) -> int:
    """Write a site as Parquet, identity numbers of twelve digits; return the number of lesson rows."""
    for name, table in _small_tables(draw, draw.people.civic).items():
        _write_parquet(folder / f"{name}.parquet", [table])
    return _write_parquet(folder / "narvaro.parquet", (_lessons(draw, year, draw.people.civic) for year in years))


def write_csv_site(draw: SiteDraw, years: Iterator[LessonYear], folder: Path) -> int:
    """Write a site as CSV, identity numbers with a hyphen; return the number of lesson rows."""
    numbers = tuple(draw.people.hyphened())
    for name, table in _small_tables(draw, numbers).items():
        write_csv(folder / f"{name}.csv", {heading: _text(table[heading]) for heading in table.column_names})
    chunks, headings, count = [], [], 0
    for year in years:
        table = _lessons(draw, year, numbers)
        columns = {heading: _text(table[heading]) for heading in table.column_names}
        clock = picked([time[:5] for time in clock_times()], table[START].to_numpy())
        columns = {"Starttid" if name == START else name: clock if name == START else columns[name] for name in columns}
        headings, count = list(columns), count + len(table)
        chunks.append(rows_of(list(columns.values())))
    write_rows(folder / "narvaro.csv", headings, chunks)
    return count


def _small_tables(draw: SiteDraw, numbers: tuple[str, ...]) -> dict[str, pa.Table]:
    return {
        "elever": _people(draw, numbers),
        "skolor": _schools(draw),
        "inskrivningar": _enrolments(draw, numbers),
        "betyg": _grades(draw, numbers),
    }


def _people(draw: SiteDraw, numbers: Sequence[str]) -> pa.Table:
    people, homes = draw.people, draw.homes
    born = np.array([day.toordinal() for day in people.born])
    # the day is drawn from the year of birth, and nobody comes before being born
    arrived = np.where(homes.arrived > 0, np.maximum(homes.arrived, born), 0)
    return pa.table(
        {
            "Personnummer": pa.array(numbers),
            "Förnamn": pa.array(people.given),
            "Efternamn": pa.array(people.family),
            "Kön": picked(["Man", "Kvinna"], people.woman.astype(np.int8)),
            "Födelsedatum": pa.array(people.born),
            "Skyddade uppgifter": picked(MARKINGS, people.marking),
            "Vårdnadshavares utbildning": picked(EDUCATION, homes.education),
            "Födelseregion": picked(REGIONS, homes.region),
            "Invandrad": _days(arrived),
        }
    )


def _schools(draw: SiteDraw) -> pa.Table:
    schools = [school for school in draw.schools if school.handed_over]
    return pa.table(
        {
            "Skolenhetskod": pa.array([school.code for school in schools]),
            "Skolenhet": pa.array([school.name for school in schools]),
            "Kommunkod": pa.array([draw.site.municipality] * len(schools)),
            "Skolformer": pa.array([school.school_type for school in schools]),
        }
    )


def _enrolments(draw: SiteDraw, numbers: Sequence[str]) -> pa.Table:
    stays = draw.population.stays
    group = stays["year_group"].to_numpy()
    return pa.table(
        {
            "Personnummer": picked(numbers, stays["person"].to_numpy()),
            "Skolenhetskod": picked([school.code for school in draw.schools], stays["school"].to_numpy()),
            "Skolform": pa.array(stays["school_type"].tolist(), type=pa.string()),
            "Årskurs": pa.array(group.astype(np.int16), mask=group < 0),
            "Program": pa.array([code or None for code in stays["programme"]], type=pa.string()),
            "Inskriven": _days(stays["start"].to_numpy()),
            "Utskriven": _days(np.where(stays["open"], 0, stays["end"])),
            "Återkallad": pa.array(stays["cancelled"].to_numpy()),
        }
    )


def _grades(draw: SiteDraw, numbers: Sequence[str]) -> pa.Table:
    grades = draw.grades
    columns = {
        "Personnummer": picked(numbers, grades["person"].to_numpy()),
        "Skolenhetskod": picked([school.code for school in draw.schools], grades["school"].to_numpy()),
        "Ämne": pa.array(grades["subject"].tolist(), type=pa.string()),
        "Betyg": pa.array(grades["grade"].tolist(), type=pa.string()),
        "Termin": pa.array(grades["term"].tolist(), type=pa.string()),
        "Betygsdatum": _days(grades["day"].to_numpy()),
        "Slutbetyg": pa.array(grades["final"].to_numpy(dtype=bool)),
    }
    if "course" in grades:
        points = grades["points"].to_numpy(dtype=float)
        columns["Kurs"] = pa.array(grades["course"].tolist(), type=pa.string(), from_pandas=True)
        columns["Poäng"] = pa.array(np.nan_to_num(points).astype(np.int16), mask=np.isnan(points))
        plan = grades["plan_points"].to_numpy(dtype=float)
        columns["Studieplanens poäng"] = pa.array(np.nan_to_num(plan).astype(np.int16), mask=np.isnan(plan))
    return pa.table(columns)


def _lessons(draw: SiteDraw, year: LessonYear, numbers: tuple[str, ...]) -> pa.Table:
    """Return a school year's lessons that count, one row a pupil and lesson."""
    lessons = year.lessons.only(year.lessons.counts)
    events, activities = year.timetable.events, year.timetable.activities
    room = events["room"].to_numpy()[lessons.event]
    classes = draw.population.classes
    schools = np.array([each.school for each in classes])
    names = [f"{draw.schools[each.school].code}-{each.intake}{each.letter}" for each in classes]
    activity = events["activity"].to_numpy()[lessons.event]
    person = year.expectations.stays["person"].to_numpy()[lessons.stay]
    days = np.array([day.toordinal() for day in year.timetable.days])
    unreported = ~lessons.reported
    numbered = range(year.first_event, year.first_event + len(events))
    columns = {
        "Personnummer": _coded(person, list(numbers)),
        "Lektion": _coded(lessons.event, [f"{year.label[:4]}-{number:06d}" for number in numbered]),
        "Skolenhetskod": _coded(schools[room], [school.code for school in draw.schools]),
        "Klass": _coded(room, names),
        "Ämne": _coded(activity, [subject or None for subject in activities["subject"]]),
        "Datum": _days(days[events["day"].to_numpy()[lessons.event]]),
        START: pa.array(events["start"].to_numpy()[lessons.event].astype(np.int16)),
        "Lärare": _coded(activity, [staff_code(draw, name) for name in activities["teacher"]]),
        "Form": _coded(_form(events)[lessons.event], list(FORMS)),
        "Rapporterad": pa.array(lessons.reported),
    }
    for heading, name in MINUTES.items():
        hidden = unreported if name != "offered" else None
        columns[heading] = pa.array(getattr(lessons, name), mask=hidden)
    return pa.table(columns)


def _form(events: pd.DataFrame) -> Integers:
    return np.where(events["placement"], 2, events["remote"]).astype(np.int8)


def staff_code(draw: SiteDraw, teacher: str) -> str:
    """Return a teacher's signature in the school's system."""
    school, subject, number = teacher.split("-")
    return f"{draw.schools[int(school)].code[-4:]}{subject}{int(number) + 1}"


def _coded(index: Integers, values: Sequence[str | None]) -> pa.Array:
    """Return a dictionary-encoded column; a value None is a missing value."""
    codes = pa.array(index.astype(np.int32))
    missing = [place for place, value in enumerate(values) if value is None]
    if missing:
        codes = pa.array(index.astype(np.int32), mask=np.isin(index, missing))
    kept, place = np.unique(np.array([value or "" for value in values], dtype=object), return_inverse=True)
    codes = pa.array(place.astype(np.int32)).take(codes)
    return pa.DictionaryArray.from_arrays(codes, pa.array(kept.tolist(), type=pa.string()))


def _days(ordinals: Integers) -> pa.Array:
    """Return ordinals as dates; 0 is missing."""
    return pa.array((ordinals - ORDINAL_OF_EPOCH).astype(np.int32), mask=ordinals == 0).cast(pa.date32())


def _text(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as CSV text: dates as YYYY-MM-DD, yes as Ja, missing as nothing."""
    plain = column.combine_chunks()
    if pa.types.is_dictionary(plain.type):
        plain = plain.dictionary_decode()
    if pa.types.is_boolean(plain.type):
        return picked(["Nej", "Ja"], plain.to_numpy(zero_copy_only=False).astype(np.int8))
    return plain.cast(pa.string()).fill_null("")


def _write_parquet(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables one after the other into a file, while the next is made; return the number of rows."""
    writer, count = None, 0
    with ThreadPoolExecutor(1) as pool:
        writing: Future[None] | None = None
        try:
            for table in tables:
                if writing is not None:
                    writing.result()
                writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
                writing = pool.submit(writer.write_table, table, row_group_size=ROW_GROUP)
                count += len(table)
            if writing is not None:
                writing.result()
        finally:
            pool.shutdown()
            if writer is not None:
                writer.close()
    return count
