"""No identity under the store, in no log and no message: canaries are planted, and every byte written is searched."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from canaries import Search
from evalkit.sources import open_tables
from evalkit.vocabulary import test_number as number_of

ROOT = Path(__file__).parents[2]
KIRA, OLE, ANA, SAM = (
    number_of(date(2009, 3, 4), 1, sex="woman"),
    number_of(date(2010, 5, 6), 2, sex="man", coordination=True),
    "20110708TF01",
    number_of(date(2008, 2, 29), 3, sex="man"),
)
TEACHER = number_of(date(1981, 12, 18), 4, sex="woman")
NUMBERS = (KIRA, OLE, ANA, SAM, TEACHER)
TEXTS = (
    "Kanarina",
    "Fågelsdotter",
    "Burvägen 17 B",
    "kanarina@fagel.example",
    "070-174 06 05",
    "Sångström",
    "vill inte leva med oss",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "elev-kanariefagel",
    "hemligt-losenord-i-databasen",
    "polly-wants-a-token",
)
MASTER = bytes(range(7, 39))
UNIT = "12345678"
FORMATS = ("csv", "excel", "parquet", "duckdb", "ss12000")
WRITTEN = (f"{KIRA[2:8]}-{KIRA[8:]}", f"{OLE[:8]} {OLE[8:]}", ANA.lower(), SAM)
ABSENT = ("minutes_valid_absence", "minutes_invalid_absence", "minutes_other")
MEASURED = ("date", "start_minute", "minutes_offered", "minutes_attended", *ABSENT)
STAFF = (TEACHER, "Sångström", "kanarina@fagel.example")
Rows = list[list[Any]]
PROGRAM = """
import logging, sys, warnings
logging.basicConfig(level=logging.DEBUG)
warnings.simplefilter("always")
sys.argv = ["evalkit", *sys.argv[1:]]
if sys.argv[1] == "take-in":
    from evalkit.errors import EvalkitError
    from evalkit.studies.opening import find_place, take_in
    for site in sys.argv[3:]:
        try:
            print(site, take_in(find_place(f"{sys.argv[2]}/study.yml", f"{sys.argv[2]}/{site}.yml")).folder)
        except EvalkitError as fault:
            print(site, fault)
            print(repr(fault), vars(fault), file=sys.stderr)
else:
    from evalkit.cli import main
    main()
"""


@dataclass(frozen=True)
class Project:
    """A project folder with sites that hold canaries, and what its commands wrote."""

    root: Path
    temporary: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "EVALKIT_KEY": MASTER.hex(),
            "TMPDIR": str(self.temporary),
            "CANARY_DATABASE": "postgresql://me:hemligt-losenord-i-databasen@127.0.0.1:1/polly-wants-a-token",
            "CANARY_TOKEN": "polly-wants-a-token",
        }

    def run(self, *arguments: str) -> bytes:
        """Run a command with every log on; return all it wrote to its outputs."""
        command = [sys.executable, "-X", "dev", "-c", PROGRAM, *arguments]
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, check=False)
        return done.stdout + done.stderr


def tables(*, faulty: bool) -> dict[str, Rows]:
    """Return what a site hands over, by table; headings first."""
    lesson = ["m1", UNIT, "2024-02-05", 500, 60, 60, 0, 0, 0, "ja"]
    pupils: Rows = [
        ["person_id", "Namn", "Adress", "Epost", "Telefon", "sex"],
        *([written, "Kanarina Fågelsdotter", *TEXTS[2:5], "woman"] for written in WRITTEN),
    ]
    attendance: Rows = [
        ["person_id", "lesson_id", "school_id", *MEASURED, "reported", "teacher_id", "reason", "Kommentar"],
        *([written, *lesson, "Lärare Sångström", "", TEXTS[6]] for written in WRITTEN),
    ]
    if faulty:
        wrong = KIRA[:11] + str((int(KIRA[11]) + 1) % 10)
        pupils += [[text, "", "", "", "", "Kanarina Fågelsdotter"] for text in (wrong, "Fågelsdotter", KIRA, TEXTS[8])]
        attendance += [
            [WRITTEN[0], *lesson, "Sångström", TEXTS[6], ""],
            [WRITTEN[1], "m2", UNIT, "Burvägen 17 B", TEXTS[4], KIRA, *lesson[5:9], "Sångström", "", "", ""],
            [TEACHER, "m3", "Kanarina", *lesson[2:], TEACHER, "", ""],
        ]
    return {
        "persons": pupils,
        "attendance": attendance,
        "school_units": [["school_id", "name", "municipality", "school_types"], [UNIT, "Skolan", "1481", "GR"]],
        "enrolments": [
            ["person_id", "school_id", "school_type", "year_group", "start"],
            *([written, UNIT, "GR", 7, "2023-08-16"] for written in WRITTEN),
        ],
        "staff_survey": [
            ["respondent_id", "wave", "date", "unit", "item", "answer"],
            *(
                [who, "HT2023", "2023-10-02", "school", "a", 3]
                for who in (TEACHER, "Sångström", "kanarina@fagel.example")
            ),
        ],
        "aliases": [["old_id", "new_id"], [f"{ANA[2:8]}-{ANA[8:]}", SAM if faulty else ANA]],
    }


def write(rows: Rows, kind: str, path: Path, table: str) -> dict[str, Any]:
    """Write one table in a format; return what the site file says of it."""
    told: dict[str, Any] = {"kind": kind, "table": table}
    frame = pd.DataFrame(rows[1:], columns=rows[0], dtype=str).replace("", None)
    if kind == "csv":
        path = path.with_suffix(".csv")
        with path.open("w", encoding="cp1252", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)
    elif kind == "excel":
        path = path.with_suffix(".xlsx")
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(path)
    elif kind == "parquet":
        path = path.with_suffix(".parquet")
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    else:
        path = path.with_name("site.duckdb")
        with duckdb.connect(str(path)) as connection:
            connection.register("rows_in", frame)
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM rows_in")
        told["relation"] = table
    return told | {"path": path}


def pages(folder: Path, *, faulty: bool) -> dict[str, Any]:
    """Write an SS 12000 export; return what the site file says of it."""
    people = [
        {
            "id": f"{TEXTS[7][:-1]}{place}",
            "givenName": "Kanarina",
            "familyName": "Fågelsdotter",
            "civicNo": {"value": number},
            "sex": "Kvinna",
            "emails": [{"value": TEXTS[3], "type": "Privat"}],
            "phoneNumbers": [{"value": TEXTS[4]}],
            "addresses": [{"streetAddress": TEXTS[2]}],
            "enrolments": [{"enroledAt": {"id": "u"}, "schoolYear": 7, "schoolType": "GR", "startDate": "2023-08-16"}],
        }
        for place, number in enumerate((KIRA, OLE, ANA, TEXTS[8] if faulty else SAM))
    ]
    people.append({"id": TEXTS[7], "givenName": "Lärare", "familyName": "Sångström", "civicNo": {"value": TEACHER}})
    unit = {"id": "u", "displayName": "Skolan", "organisationType": "Skolenhet", "schoolUnitCode": UNIT}
    if faulty:
        people[0]["enrolments"] = [{"enroledAt": {"id": TEXTS[7]}, "startDate": "Kanarina", "schoolType": "GR"}]
    for endpoint, records in (("persons", people), ("organisations", [unit])):
        (folder / endpoint).mkdir(parents=True)
        page = json.dumps({"data": records, "pageToken": None}, ensure_ascii=False)
        (folder / endpoint / "0.json").write_text(page, encoding="utf-8")
    return {"kind": "ss12000", "tables": ["persons", "school_units", "enrolments"], "path": folder}


def write_site(root: Path, name: str, kind: str, *, faulty: bool) -> None:
    """Write one site: its data, and the site file."""
    data = root / "data" / name
    data.mkdir(parents=True)
    if kind == "ss12000":
        sources = [pages(data / "pages", faulty=faulty)]
    else:
        sources = [write(rows, kind, data / table, table) for table, rows in tables(faulty=faulty).items()]
    write_site_file(root, name, sources)


def write_site_file(root: Path, name: str, sources: list[dict[str, Any]]) -> None:
    told = [
        source | ({"path": str(source["path"].relative_to(root))} if "path" in source else {}) for source in sources
    ]
    site = {"site": name, "name": "Hamnby", "municipality": "1481", "simulated": False, "policy": "skolverket"}
    path = root / "params" / "canary" / f"{name}.yml"
    path.write_text(yaml.safe_dump(site | {"sources": told}, allow_unicode=True), encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("project")
    study = root / "params" / "canary"
    study.mkdir(parents=True)
    shutil.copytree(ROOT / "params" / "policies", root / "params" / "policies")
    content = yaml.safe_load((ROOT / "params" / "exempelkommun" / "study.yml").read_text(encoding="utf-8"))
    content |= {"study": "canary", "named_schools": [], "notebooks": []}
    (study / "study.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    for kind in FORMATS:
        write_site(root, kind, kind, faulty=False)
        write_site(root, f"{kind}-faulty", kind, faulty=True)
    server = {"kind": "postgresql", "table": "persons", "relation": "p", "connection_variable": "CANARY_DATABASE"}
    write_site_file(root, "server", [server])
    return Project(root, tmp_path_factory.mktemp("temporary"))


@pytest.fixture(scope="module")
def search() -> Search:
    keys = (MASTER.hex(), MASTER.decode("latin-1"))
    return Search(NUMBERS, TEXTS + keys)


class Watch:
    """Looks at what lies in folders while a command works: raw values only where their owner alone reads."""

    def __init__(self, project: Project, search: Search) -> None:
        self._project, self._search = project, search
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.workshops: set[int] = set()
        self.strays: set[str] = set()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            for top in (self._project.root / ".evalkit", self._project.temporary):
                # Files vanish while they are looked at; os.walk passes over what is gone.
                for folder, folders, files in os.walk(top):
                    for name in (*folders, *files):
                        self._note(Path(folder) / name)
            time.sleep(0.02)

    def _note(self, path: Path) -> None:
        try:
            if path.name.startswith(".taking-in-"):
                self.workshops.add(path.stat().st_mode & 0o777)
            elif any(part.startswith(".taking-in-") for part in path.parts) or not path.is_file():
                return
            elif self._search.content(path.read_bytes()):
                self.strays.add(path.name)
        except OSError:
            return


def assert_clean(project: Project, search: Search, said: bytes) -> None:
    inputs = (project.root / "data", project.root / "params")
    assert search.content(said) == set()
    assert search.folder(project.root, without=inputs) == {}
    assert search.folder(project.temporary) == {}
    assert not [*project.root.rglob(".taking-in-*")]


def test_the_search_finds_what_is_planted_however_it_is_packed(tmp_path: Path, search: Search) -> None:
    table = pa.table({"a": [1, 2], "b": ["x", f"y {KIRA[2:8]}-{KIRA[8:]}"]})
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd")
    pq.write_table(table.select(["a"]).replace_schema_metadata({"k": OLE}), tmp_path / "b.parquet", compression="zstd")
    (tmp_path / "c.gz").write_bytes(gzip.compress("Fågelsdotter".encode()))
    with zipfile.ZipFile(tmp_path / "d.docx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", "kanarina@fagel.example" * 9)
    with duckdb.connect(str(tmp_path / "e.duckdb")) as connection:
        connection.execute(f"CREATE TABLE t AS SELECT '{ANA}' AS x FROM range(5000)")
    (tmp_path / "f.bin").write_bytes("Burvägen 17 B".encode("utf-16-le"))
    (tmp_path / "g.txt").write_text(json.dumps({"name": "Sångström"}))
    (tmp_path / f"{SAM}.txt").touch()
    found = search.folder(tmp_path)
    assert {name.split(".")[0] for name in found} == {*"abcdefg", SAM}


def test_an_intake_leaves_pseudonyms_and_nothing_else(project: Project, search: Search) -> None:
    with Watch(project, search) as watch:
        said = project.run("take-in", "params/canary", *FORMATS)
    assert_clean(project, search, said)
    assert watch.workshops == {0o700}
    assert watch.strays == set()
    folders = [Path(line.partition(" ")[2]) for line in said.decode().splitlines() if line.startswith(FORMATS)]
    people = [sorted(open_tables(folder)["persons"].person_id.execute()) for folder in folders]
    assert len(people[0]) == 4
    assert people == [people[0]] * len(FORMATS), "every format gives a person the same pseudonym"


def test_a_refused_intake_tells_no_value_and_leaves_nothing(project: Project, search: Search) -> None:
    sites = [*(f"{kind}-faulty" for kind in FORMATS), "server"]
    with Watch(project, search) as watch:
        said = project.run("take-in", "params/canary", *sites)
    assert_clean(project, search, said)
    assert watch.strays == set()
    told = [line.split()[0] for line in said.decode().splitlines() if line.startswith(tuple(sites))]
    assert set(told) == set(sites)
    assert said.count(b"mend:") >= len(sites)
    assert not [site for site in sites if (project.root / ".evalkit" / "canary" / "tables" / site).exists()]


def test_a_check_of_all_sites_tells_no_value_on_any_page(project: Project, search: Search) -> None:
    with Watch(project, search) as watch:
        said = project.run("check", "params/canary")
    assert_clean(project, search, said)
    assert watch.workshops == {0o700}
    assert watch.strays == set()
    assert len([*(project.root / ".evalkit" / "canary" / "checks").rglob("check.html")]) == 2 * len(FORMATS) + 1


def secrets_of(data: Path) -> Iterator[Mapping[str, str]]:
    with (data / "elever.csv").open(encoding="cp1252", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


@pytest.mark.slow
def test_a_run_publishes_and_keeps_no_identity(tmp_path: Path) -> None:
    """The example municipality, as if its pupils were real."""
    shutil.copytree(ROOT / "params" / "exempelkommun", tmp_path / "params" / "exempelkommun")
    shutil.copytree(ROOT / "params" / "policies", tmp_path / "params" / "policies")
    site = tmp_path / "params" / "exempelkommun" / "hamnby.yml"
    site.write_text(site.read_text(encoding="utf-8").replace("simulated: true", "simulated: false"), encoding="utf-8")
    pupils = [*secrets_of(site.parent / "data")]
    names = {row[name] for row in pupils for name in row if "namn" in name.lower()}
    search = Search([row["Personnummer"].replace("-", "") for row in pupils], {MASTER.hex()})
    whole = Search([], {name for name in names if len(name) > 5})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    project = Project(tmp_path, temporary)
    said = project.run("run", "params/exempelkommun", "--renderer", "embedded")
    assert (tmp_path / "reports" / "published" / "exempelkommun" / "hamnby" / "index.html").is_file(), said.decode()
    inputs = (tmp_path / "params",)
    for sought in (search, whole):
        assert sought.content(said) == set()
        assert sought.folder(tmp_path, without=inputs) == {}
