"""Study and site files made to do harm: unfolding aliases, programs, characters that order a terminal about."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from evalkit.errors import InputError
from evalkit.studies.parameters import load_site, load_study

PROJECT = Path(__file__).parents[3]
SITE = """site: ale
name: {name}
municipality: "1440"
simulated: false
policy: skolverket
sources: [{{kind: csv, table: school_units, path: {path}{more}}}]
"""
LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
FILES = {
    "billion laughs": LAUGHS,
    "billion laughs where anything may stand": "simulation:\n  " + LAUGHS.replace("\n", "\n  "),
    "an anchor that holds itself": "a: &a [*a]",
    "a program": "a: !!python/object/apply:os.system [touch harm]",
    "a tag of our own": "a: !x y",
    "deep nesting": "a: " + "[" * 50_000 + "]" * 50_000,
    "deep mappings": "{a: " * 20_000 + "}" * 20_000,
    "a date that is none": "date: 2023-13-45",
    "a moment that is none": "date: 2001-12-14t99:59:43.10-99:99",
    "a number of ten thousand digits": "seed: " + "9" * 10_000,
    "infinity": "largest_plausible_effect: .inf",
    "a key that is a list": "{[1]: 2}",
    "a key twice": "study: a\nstudy: b\n",
    "a merge": "<<: 5",
    "NUL": "a: \x00",
    "an order to the terminal": "\x1b[2J: 1",
    "half a surrogate pair": 'study: "\\uD800"',
    "two documents": "a: 1\n---\nb: 2",
    "more than a megabyte": "a: x\n" * 300_000,
    "nothing": "",
    "a list": "- 1",
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_study_file_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "study.yml"
    path.write_text(FILES[name], encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_study(path)
    assert "study.yml" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["study.yml"], "nothing was carried out"


def site(folder: Path, name: str = "Ale", path: str = "a.csv", more: str = "") -> Path:
    file = folder / "ale.yml"
    file.write_text(SITE.format(name=yaml.dump(name).split("\n")[0], path=yaml.dump(path).split("\n")[0], more=more))
    return file


def test_the_site_file_is_sound_without_the_harm(tmp_path: Path) -> None:
    assert load_site(site(tmp_path)).name == "Ale"


@pytest.mark.parametrize("name", ["\x1b[31mAle", "Ale\u202e", "Ale\x07", "A\u2028B", "<b>Ale</b>"])
def test_a_name_that_orders_a_terminal_about_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be seen|holds no <") as caught:
        load_site(site(tmp_path, name=name))
    assert name not in str(caught.value)


@pytest.mark.parametrize("path", ["a\x00b", "\x1b[2J.csv", ""])
def test_a_path_that_no_file_has_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="path"):
        load_site(site(tmp_path, path=path))


@pytest.mark.parametrize(
    "more",
    [
        ', separator: "\\""',
        ', separator: "\\n"',
        ', separator: "\\u202e"',
        ", columns: {name: {column: x, bands: [[.nan, a]]}}",
        ", columns: {name: {column: x, bands: [[.inf, a]]}}",
        ", header_row: 5",
        ", lookups: {l: {match: {}}}",
    ],
)
def test_a_source_that_cannot_be_read_so_is_refused(more: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_site(site(tmp_path, more=more))


@pytest.mark.parametrize(
    "engine",
    [
        "memory: 0MB",
        "memory: 999999999999GB",
        "threads: 100000",
        "threads: 0",
        "name: pandas",
        "master: spark://host:7077",
        "name: spark, master: yarn",
        "name: spark, master: 'spark://host:7077 --conf x=y'",
    ],
)
def test_an_engine_no_machine_has_is_refused(engine: str, tmp_path: Path) -> None:
    path = site(tmp_path)
    path.write_text(f"{path.read_text()}engine: {{{engine}}}\n")
    with pytest.raises(InputError, match="engine"):
        load_site(path)


PROGRAM = """
import sys
import evalkit.studies.checking as checking
from evalkit.cli import main
def fails(*_, **__):
    raise LookupError("19990101-9999 Hemlig")
if sys.argv[1] == "fails":
    checking.check_study = fails
sys.argv = ["evalkit", "check", "study"]
main()
"""


def run(folder: Path, how: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, how]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)


def test_an_error_nobody_foresaw_is_told_without_its_words(tmp_path: Path) -> None:
    done = run(tmp_path, "fails")
    said = done.stdout + done.stderr
    assert done.returncode == 70
    assert b"LookupError" in said
    assert b"Hemlig" not in said
    assert b"Traceback" not in said


def test_what_a_site_names_reaches_terminal_and_page_harmlessly(tmp_path: Path) -> None:
    for folder in ("exempelkommun", "policies"):
        shutil.copytree(PROJECT / "params" / folder, tmp_path / "params" / folder)
    study, marked = tmp_path / "params" / "exempelkommun", "[red]<script>alert(1)</script>[/]"
    name = "[red]Hamnby[/]"
    content = yaml.safe_load((study / "hamnby.yml").read_text(encoding="utf-8")) | {"name": name}
    content["sources"][0] |= {"columns": {"person_id": marked}, "path": "params/exempelkommun/data"}
    (study / "hamnby.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    shutil.copy(study / "data" / "elever.csv", study / "data" / "\x1b[2J\u202eel[red]ever.csv")
    command = [sys.executable, "-W", "ignore", "-m", "evalkit.cli", "check", "params/exempelkommun"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
    said = (done.stdout + done.stderr).decode()
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / ".evalkit").rglob("check.html")]
    assert done.returncode == 2, said
    assert name in said, "shown as it is written, not as colour"
    assert marked in said.replace("\n", "")
    assert "Traceback" not in said
    assert not [letter for letter in "\x1b\u202e" if letter in said + "".join(pages)]
    assert len(pages) == 1
    assert "<script>alert" not in pages[0]
