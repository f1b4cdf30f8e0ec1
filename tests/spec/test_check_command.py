"""`evalkit check` tells every finding of every site, where only the owner reads, and in its exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from example_site import PROJECT
from typer.testing import CliRunner

from evalkit.cli import app

STUDY = "params/exempelkommun"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("exempelkommun", "policies"):
        shutil.copytree(PROJECT / "params" / folder, tmp_path / "params" / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def damage(project: Path) -> None:
    file = project / STUDY / "data" / "elever.csv"
    lines = file.read_bytes().split(b"\r\n")
    cells = lines[3].split(b";")
    cells[3] = b"Kv"
    lines[3] = b";".join(cells)
    file.write_bytes(b"\r\n".join(lines))


def test_a_sound_site_ends_with_0_and_leaves_a_private_report(project: Path) -> None:
    done = CliRunner().invoke(app, ["check", STUDY, "--site", "hamnby", "--language", "sv"])
    assert done.exit_code == 0, done.output
    assert "Inga fel hindrar inläsningen" in done.output
    (page,) = (project / ".evalkit/exempelkommun/checks/hamnby").glob("*/check.html")
    assert page.stat().st_mode & 0o777 == 0o600
    assert page.parent.stat().st_mode & 0o777 == 0o700
    assert '<html lang="sv">' in page.read_text(encoding="utf-8")
    assert not (project / "reports").exists()
    assert not list((project / ".evalkit/exempelkommun").glob(".taking-in-*"))


def test_an_error_ends_with_2_and_stands_at_its_row(project: Path) -> None:
    damage(project)
    done = CliRunner().invoke(app, ["check", STUDY, "--language", "en"])
    assert done.exit_code == 2, done.output
    assert "1 error stops the import" in done.output
    (file,) = (project / ".evalkit/exempelkommun/checks/hamnby").glob("*/check.json")
    record = json.loads(file.read_text(encoding="utf-8"))
    assert (record["format"], record["version"], record["errors"]) == ("evalkit-check", 1, 1)
    (error,) = [one for one in record["findings"] if one["level"] == "error"]
    assert error["check"] == "unmapped_code"
    assert [place["row"] for place in error["places"]] == [4]
    assert error["sv"]["title"] == "En kod som platsfilen inte översätter"


def test_a_broken_site_does_not_hide_the_others(project: Path) -> None:
    site = project / STUDY / "hamnby.yml"
    (project / STUDY / "tom.yml").write_text("site: tom\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["check", STUDY, "--language", "en"])
    assert done.exit_code == 2, done.output
    assert "missing key" in done.output
    assert "The check of Hamnby" in done.output
    assert site.is_file()


def test_nothing_of_a_person_is_told(project: Path) -> None:
    damage(project)
    done = CliRunner().invoke(app, ["check", STUDY])
    pages = [path.read_text(encoding="utf-8") for path in (project / ".evalkit").rglob("check.*")]
    lines = (project / STUDY / "data" / "elever.csv").read_text(encoding="cp1252").splitlines()[1:]
    secrets = [cell for line in lines if line for cell in line.split(";")[:3]]
    assert len(pages) == 2
    assert not [secret for secret in secrets if any(secret in text for text in (done.output, *pages))]
