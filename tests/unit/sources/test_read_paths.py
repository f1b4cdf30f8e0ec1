"""Where a site file may lead: inside the project, or openly elsewhere; never by a detour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_site import ALVA, take_in

from evalkit.errors import InputError
from evalkit.sources import Layout, Lookup, Source, digest_inputs
from evalkit.sources.files import refuse_changed, stamp_inputs

PERSONS = Source(Layout("csv", Path("elever.csv"), encoding="utf-8", separator=";"), ("persons",))
OUTSIDE = "the path leads out of the project folder"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "elsewhere" / "elever.csv").write_text(f"person_id;sex\n{ALVA};woman\n", encoding="utf-8")
    return tmp_path / "project"


def at(path: Path) -> Source:
    return replace(PERSONS, layout=replace(PERSONS.layout, path=path))


def refusal(source: Source, project: Path) -> str:
    with pytest.raises(InputError) as caught:
        take_in([source], project, project / "out")
    with pytest.raises(InputError):
        digest_inputs([source], project)
    return str(caught.value)


@pytest.mark.parametrize("path", ["../elsewhere/elever.csv", "a/../../elsewhere/elever.csv", "../../../../etc/passwd"])
def test_relative_paths_stay_inside(path: str, project: Path) -> None:
    assert OUTSIDE in refusal(at(Path(path)), project)
    looked_up = replace(PERSONS, lookups={"x": Lookup(Layout("csv", Path(path)), {"sex": "sex"})})
    (project / "elever.csv").write_text(f"person_id;sex\n{ALVA};woman\n", encoding="utf-8")
    assert OUTSIDE in refusal(looked_up, project)


def test_links_do_not_lead_out(project: Path) -> None:
    (project / "elever.csv").symlink_to(project.parent / "elsewhere" / "elever.csv")
    assert OUTSIDE in refusal(PERSONS, project)
    (project / "folder").mkdir()
    (project / "folder" / "elever.csv").symlink_to(project.parent / "elsewhere" / "elever.csv")
    assert "a link that leads out of it" in refusal(at(Path("folder")), project)


def test_an_absolute_path_is_open_for_all_to_see(project: Path) -> None:
    source = at(project.parent / "elsewhere" / "elever.csv")
    assert take_in([source], project, project / "out").tables["persons"] == 1


def test_a_file_of_the_machine_is_not_repeated(project: Path) -> None:
    told = refusal_of_content(at(Path("/etc/passwd")), project)
    assert "root" not in told
    assert "no column person_id" in told


def refusal_of_content(source: Source, project: Path) -> str:
    with pytest.raises(InputError) as caught:
        take_in([source], project, project / "out")
    return str(caught.value)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin"])
def test_what_is_no_file_is_not_opened(path: str, project: Path) -> None:
    assert "there is no such file" in refusal(at(Path(path)), project)


def test_names_with_signs_of_patterns_and_quotes_are_names(project: Path) -> None:
    for name in ("a[1]*.csv", "it's?.csv"):
        (project / name).write_text(f"person_id;sex\n{ALVA};woman\n", encoding="utf-8")
        assert take_in([at(Path(name))], project, project / "out").tables["persons"] == 1


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    source = Source(Layout("csv", Path("skolor.csv")), ("school_units",))
    (tmp_path / "skolor.csv").write_text("school_id;name\n12345678;A\n", encoding="utf-8")
    stamps = stamp_inputs([source], tmp_path)
    refuse_changed([source], tmp_path, stamps)
    (tmp_path / "skolor.csv").write_text("school_id;name\n12345678;AB\n", encoding="utf-8")
    with pytest.raises(InputError, match="changed while it was read") as told:
        refuse_changed([source], tmp_path, stamps)
    assert told.value.where is not None
    assert told.value.where.file == "skolor.csv"
