"""Panels with every attendance measure: the library against SQL written by hand and against pandas.

Run as ``python tests/bench/bench_panels.py [--rows 54000000] [--years 10] [--kind week] [--keep FOLDER]``.
Lesson rows are made once (`school_years`), 900 a pupil and school year, one Parquet file a year. Then each way to the
panel is a process of its own, with two threads and 2 GB: its seconds, its processor seconds (which other work on the
machine changes less) and what the system says of its peak memory. The answers are compared before ratios are told.
With ``--years``, more school years of as many rows, each with pupils of its own, are measured a school year at a time.
Aims: at most 1.2 times the SQL and 2 GB, 5 times faster than pandas; ten years at most 10 times one, and 4 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from school_years import FIRST_DAY, YEAR, write_school_year

from evalkit.measures import attendance
from evalkit.panels import build_panel
from evalkit.panels.rows import PanelPlan, panel_parts
from evalkit.sources.engine import SHARE_OF_MEMORY, bytes_of
from evalkit.sources.store import open_tables
from evalkit.values import Cohort, Flow, Measure, Tables
from evalkit.vocabulary import school_year_of, terms_of
from evalkit.vocabulary.periods import stretch, stretches

MEMORY, MEMORY_OF_YEARS, THREADS = "2GB", "4GB", 2
BY_HAND = Path(__file__).with_name("panels_by_hand.sql")
KINDS = ("week", "term")
COMPARED = ("library", "hand")
ABSENCES = ("valid_absence", "invalid_absence")
NOT_BY_HAND = {"time", "week", "term", "school_year", "place", "municipality", "school_label", "assigned_school"} | {
    "cluster_school",
    "treated_from",
    "forum_exposed",
    "any_mode_minutes",
    "online_minutes",
    "weekly_absent_minutes",
    "invalid_minutes",
    "away_minutes_physical_illness",
}
"""Columns of the library's panel that the SQL leaves out: labels, timing, and sums that it gives under another name."""
BYTES_A_ROW = 60
"""Disk that a lesson row and its part of the other tables may take, in real files; simulated ones are smaller."""
PERIOD_OF = {
    "week": "date_trunc('week', day)::DATE",
    "term": "make_date(year(day), if(month(day) < 7, 1, 7), 1)",
}


def all_measures() -> tuple[Measure, ...]:
    """Return every attendance measure, with the variants that panels usually hold."""
    return (
        attendance.rate(),
        attendance.rate(mode="campus"),
        attendance.rate(mode="online"),
        attendance.rate(weekdays=(1, 5)),
        attendance.rate(position="first"),
        attendance.absence_reason("physical_illness"),
        attendance.invalid_share(),
        attendance.monday_friday_share(),
        attendance.online_share(),
        attendance.punctuality(),
        attendance.punctuality(position="first"),
        attendance.absent_days(),
        attendance.activity_days(),
        attendance.high_absence(),
        attendance.chronic(),
        attendance.band(),
        attendance.longest_spell(),
        attendance.spells(),
        attendance.long_spell(),
        attendance.long_spell("very_long"),
        attendance.longest_streak(),
        attendance.days_to_contact(),
        attendance.spells_contacted(),
    )


def everyone(folder: Path, years: int, memory: str) -> Cohort:
    """Return all pupils in the store as a cohort, followed from the start of their enrolment."""
    labels = tuple(school_year_of(FIRST_DAY - back * YEAR).label for back in reversed(range(years)))
    terms = terms_of(labels)
    assigned = date(terms[-1].end.year - 1, 10, 15)
    tables = Tables(open_tables(folder, memory=memory, threads=THREADS), None, terms, assigned, (), "Stor")
    rows = tables["enrolments"].select("person_id", "school_id", "year_group", entry="start").to_pyarrow().to_pandas()
    entry = pd.to_datetime(rows["entry"]).astype("datetime64[us]")
    frame = rows.assign(entry=entry, exit=pd.Series(pd.NaT, rows.index, "datetime64[us]"), exit_cause="")
    return Cohort(frame, Flow(()), "everyone", "everyone", tables, None, terms[-1].end)


def by_library(folder: Path, kind: str) -> pd.DataFrame:
    return build_panel(everyone(folder, 1, MEMORY), period=kind, measures=all_measures()).frame


def by_hand(folder: Path, kind: str) -> pd.DataFrame:
    limit = f"{int(bytes_of(MEMORY) * SHARE_OF_MEMORY / 10**6)}MB"
    settings = {"threads": THREADS, "memory_limit": limit, "temp_directory": str(folder / ".spill-hand")}
    with duckdb.connect(config=settings) as connection:
        for path in sorted(each for each in folder.glob("[!.]*") if each.is_dir()):
            connection.execute(f"CREATE VIEW {path.name} AS SELECT * FROM read_parquet('{path}/*.parquet')")
        connection.execute(f"CREATE MACRO period_of(day) AS {PERIOD_OF[kind]}")
        year = school_year_of(FIRST_DAY)
        ended = [each for each in stretches(kind, year.start, year.end) if each.end <= year.end]
        rows = ", ".join(f"(DATE '{each.start}', DATE '{each.end}')" for each in ended)
        connection.execute(f"CREATE TABLE periods AS SELECT * FROM (VALUES {rows}) AS rows(start, until)")
        return connection.execute(BY_HAND.read_text(encoding="utf-8")).df()


def by_pandas(folder: Path, kind: str) -> pd.DataFrame:
    """Return the sums of minutes and the rate alone: what pandas can hold of so many rows."""
    columns = ["person_id", "date", "minutes_offered", "reported"]
    columns += [f"minutes_{part}" for part in ("attended", "other", "valid_absence", "invalid_absence")]
    lessons = pd.read_parquet(folder / "attendance", columns=columns)
    reported = lessons["reported"]
    minutes = {part: lessons[f"minutes_{part}"].where(reported, 0).fillna(0) for part in ("attended", "other")}
    minutes |= {part: lessons[f"minutes_{part}"].where(reported, 0).fillna(0) for part in ABSENCES}
    day = lessons["date"].astype("datetime64[s]")
    week, half = day - pd.to_timedelta(day.dt.weekday, "D"), day.dt.year * 2 + (day.dt.month > 6)
    period = {"week": week, "term": half}[kind]
    table = pd.DataFrame({"person_id": lessons["person_id"].astype("category"), "period": period, **minutes})
    table["offered_minutes"] = lessons["minutes_offered"]
    table["reported_minutes"] = lessons["minutes_offered"].where(reported, 0)
    sums = table.groupby(["person_id", "period"], observed=True, as_index=False).sum()
    sums["present_minutes"] = sums["attended"] + sums["other"]
    reported_minutes = sums["reported_minutes"].where(sums["reported_minutes"] > 0)
    return sums.assign(attendance_rate=sums["present_minutes"] / reported_minutes)


def sums_by_library(folder: Path, kind: str) -> pd.DataFrame:
    return build_panel(everyone(folder, 1, MEMORY), period=kind, measures=[attendance.rate()]).frame


def years_by_library(folder: Path, kind: str, years: int) -> int:
    """Measure a school year at a time, each put down before the next; return how many rows there were."""
    plan = PanelPlan(everyone(folder, years, MEMORY_OF_YEARS), kind, all_measures())
    rows = 0
    for year, frame in panel_parts(plan):
        rows += len(frame)
        frame.to_parquet(folder / f".panel-{year.replace('/', '-')}.parquet")
        del frame
    return rows


def add_years(folder: Path, years: int) -> None:
    """Repeat the school year that is there, with shifted days and pseudonyms: the same rows, other pupils."""
    text = ("lesson_id", "contact_id")
    with duckdb.connect(config={"threads": THREADS, "memory_limit": "1400MB"}) as connection:
        for name in ("persons", "enrolments", "attendance", "checkins", "contacts"):
            first = folder / name / f"{FIRST_DAY.year}.parquet"
            kinds = connection.execute(f"DESCRIBE SELECT * FROM '{first}'").fetchall()
            for back in range(1, years):
                chosen = []
                for column, kind, *_ in kinds:
                    value = f'"{column}"'
                    if column == "person_id":
                        # no pseudonym has a y, so none of the first year comes back in another
                        value = f"'y{back}' || {value}[3:]"
                    elif kind == "DATE" and name != "persons":
                        value = f"({value} - {back * YEAR.days})::DATE"
                    elif column in text:
                        value = f"{value} || '-{back}'"
                    chosen.append(f'{value} AS "{column}"')
                path = folder / name / f"{(FIRST_DAY - back * YEAR).year}.parquet"
                connection.execute(
                    f"COPY (SELECT {', '.join(chosen)} FROM '{first}') TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
                )


def differing(library: pd.DataFrame, hand: pd.DataFrame, kind: str) -> list[str]:
    """Return the columns in which the two panels differ, and what only one of them has."""
    labels = library[kind].cat.categories
    starts = dict(zip(labels, (pd.Timestamp(stretch(label).start) for label in labels), strict=True))
    library = library.assign(period=library[kind].map(starts).astype("datetime64[us]"))
    library["person_id"] = library["person_id"].astype("str")
    keys = ["person_id", "period"]
    hand = hand.astype({"period": "datetime64[us]"})
    here, there = (each.sort_values(keys, ignore_index=True) for each in (library, hand))
    if not (here["person_id"].equals(there["person_id"]) and here["period"].equals(there["period"])):
        return ["rows"]
    wrong = sorted((set(here) ^ set(there)) - NOT_BY_HAND)
    for name in (set(here) & set(there)) - set(keys):
        one, other = here[name], there[name]
        if isinstance(one.dtype, pd.CategoricalDtype):
            same = np.array_equal(one.astype(object).fillna(""), other.astype(object).fillna(""))
        else:
            # a whole number is 0 where there was nothing to sum, in SQL it is missing
            other = other.fillna(0) if one.dtype.kind == "i" else other
            numbers = (each.astype("float64").to_numpy(na_value=np.nan) for each in (one, other))
            same = bool(np.isclose(*numbers, rtol=1e-9, atol=1e-9, equal_nan=True).all())
        wrong += [] if same else [name]
    return wrong


def step(name: str, folder: Path, kind: str, years: int) -> dict[str, float]:
    """Go one way to the panel in this process; time, processor time and peak memory of it."""
    ways: dict[str, Callable[[Path, str], pd.DataFrame]] = {
        "library": by_library,
        "hand": by_hand,
        "pandas": by_pandas,
        "library, sums": sums_by_library,
    }
    begun, busy = time.perf_counter(), sum(os.times()[:2])
    made = years_by_library(folder, kind, years) if name == "years" else ways[name](folder, kind)
    told = {"seconds": time.perf_counter() - begun, "processor": sum(os.times()[:2]) - busy}
    told["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    told["load"] = os.getloadavg()[0]
    if isinstance(made, pd.DataFrame) and name in COMPARED:
        made.to_pickle(folder / f".{name}-{kind}.pickle")
    return told | {"rows": made if isinstance(made, int) else len(made)}


def in_own_process(name: str, folder: Path, kind: str, years: int = 1) -> dict[str, float]:
    command = [sys.executable, __file__, "--step", name, "--keep", str(folder), "--kind", kind, "--years", str(years)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told: dict[str, float] = json.loads(answer.splitlines()[-1])
    print(
        f"| {name} | {kind} | {told['rows']:,} | {told['seconds']:.1f} | {told['processor']:.1f} | "
        f"{told['peak']:.2f} | {told['load']:.1f} |",
        flush=True,
    )
    return told


def compare(folder: Path, kind: str, ways: tuple[str, str]) -> None:
    """Go two ways to one panel, refuse answers that differ, and tell ratios."""
    told = {name: in_own_process(name, folder, kind) for name in ways}
    if ways == COMPARED:
        panels = (pd.read_pickle(folder / f".{name}-{kind}.pickle") for name in ways)
        wrong = differing(*panels, kind)
        assert not wrong, f"the answers differ in {wrong}"
    over, under = ways
    ratios = (f"{told[over][each] / told[under][each]:.2f} ({each})" for each in ("seconds", "processor"))
    print(f"{over} over {under}, by {kind}: {', '.join(ratios)}", flush=True)


def main() -> None:
    """Make the rows where they are not kept from before, then measure each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--rows-of-pandas", type=int, default=5_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--step")
    parser.add_argument("--kind", nargs="+", default=list(KINDS))
    asked = parser.parse_args()
    if asked.step:
        print(json.dumps(step(asked.step, asked.keep, asked.kind[0], asked.years)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = made(asked.keep or Path(temporary) / "all", asked.rows)
        # pandas would take 14 GB for 54 million rows, so it and the library are held against each other on fewer
        fewer = made(Path(temporary) / "fewer", asked.rows_of_pandas)
        print("| way | panel | rows | seconds | processor seconds | peak memory, GB | load |\n" + 7 * "|---" + "|")
        for kind in asked.kind:
            compare(folder, kind, COMPARED)
            compare(fewer, kind, ("pandas", "library, sums"))
        if asked.years > 1:
            many_years(folder, asked)


def made(folder: Path, rows: int) -> Path:
    """Return a folder with a school year of lesson rows, made where it is not there from before."""
    if not (folder / "attendance").exists():
        print(f"{write_school_year(rows, folder):,} lesson rows made", flush=True)
    return folder


def many_years(folder: Path, asked: argparse.Namespace) -> None:
    """Measure many school years against one, each kept in its own folder."""
    need = asked.years * asked.rows * BYTES_A_ROW
    free = shutil.disk_usage(folder).free
    print(f"{asked.years} years need at most {need / 1e9:.1f} GB of disk; {free / 1e9:.1f} GB are free")
    told = {}
    for years in (1, asked.years):
        add_years(folder, years)
        told[years] = {kind: in_own_process("years", folder, kind, years) for kind in asked.kind}
    for kind in asked.kind:
        one, every = told[1][kind], told[asked.years][kind]
        ratios = (f"{every[each] / one[each]:.2f} ({each})" for each in ("seconds", "processor"))
        print(f"{asked.years} years over one, by {kind}: {', '.join(ratios)}", flush=True)


if __name__ == "__main__":
    main()
