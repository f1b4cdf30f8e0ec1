"""The key of pseudonyms: never under the project, its owner's alone, one per study."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from evalkit.errors import InputError
from evalkit.sources import Layout, Source
from evalkit.studies.keys import check_simulated, forget_key, key_id, simulated_key, study_key

MASTER = bytes(range(32))
PROGRAM = """
import sys
from pathlib import Path
from evalkit.studies.keys import study_key
print(study_key("s", Path(sys.argv[1])).hex())
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "held" / "my.key"
    path.parent.mkdir(mode=0o700)
    path.write_text(MASTER.hex() + "\n")
    path.chmod(0o600)
    return path


def of(file: Path, project: Path, study: str = "s") -> bytes:
    return study_key(study, project, {"EVALKIT_KEY_FILE": str(file)})


def refusal(project: Path, environ: Mapping[str, str]) -> str:
    with pytest.raises(InputError) as refused:
        study_key("s", project, environ)
    told = str(refused.value)
    assert MASTER.hex() not in told
    return told


def test_all_ways_to_give_one_master_give_one_key(file: Path, project: Path) -> None:
    ways = [MASTER.hex(), MASTER.hex().upper(), base64.b64encode(MASTER).decode(), f" {MASTER.hex()}\n"]
    keys = {study_key("s", project, {"EVALKIT_KEY": way}) for way in ways}
    assert keys == {of(file, project)}
    urlsafe = bytes([251, 255] * 16)
    assert study_key("s", project, {"EVALKIT_KEY": base64.urlsafe_b64encode(urlsafe).decode()}) == study_key(
        "s", project, {"EVALKIT_KEY": urlsafe.hex()}
    )


def test_each_study_has_a_key_of_its_own_and_none_is_the_master(file: Path, project: Path) -> None:
    one, other = of(file, project, "one"), of(file, project, "other")
    assert len({one, other, MASTER}) == 3
    assert one == of(file, project, "one")
    assert len(one) == 32


def test_a_key_s_id_tells_keys_apart_and_not_what_they_are(file: Path, project: Path) -> None:
    one, other = of(file, project, "one"), of(file, project, "other")
    assert key_id(one) != key_id(other)
    assert len(key_id(one)) == 12
    assert key_id(one) not in one.hex() + MASTER.hex()


def test_simulated_persons_have_a_key_that_anybody_can_make_again() -> None:
    assert simulated_key("s", 1) == simulated_key("s", 1)
    assert len({simulated_key("s", 1), simulated_key("s", 2), simulated_key("t", 1)}) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "fewer than 32 bytes"),
        ("00" * 31, "fewer than 32 bytes"),
        (base64.b64encode(b"short").decode(), "fewer than 32 bytes"),
        ("a password, and not a key!", "neither hexadecimal nor base64"),
        ("é" * 40, "neither hexadecimal nor base64"),
    ],
)
def test_what_is_no_key_is_refused_and_never_repeated(text: str, problem: str, file: Path, project: Path) -> None:
    told = refusal(project, {"EVALKIT_KEY": text})
    assert problem in told
    assert not text or text not in told
    file.write_text(text)
    assert problem in refusal(project, {"EVALKIT_KEY_FILE": str(file)})


def test_two_keys_are_one_too_many(file: Path, project: Path) -> None:
    told = refusal(project, {"EVALKIT_KEY": MASTER.hex(), "EVALKIT_KEY_FILE": str(file)})
    assert "both EVALKIT_KEY and EVALKIT_KEY_FILE are set" in told


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o660, 0o666, 0o644])
def test_a_key_that_others_can_read_or_write_is_refused_with_the_remedy(file: Path, project: Path, mode: int) -> None:
    file.chmod(mode)
    assert f"chmod 600 {file}" in refusal(project, {"EVALKIT_KEY_FILE": str(file)})
    file.chmod(0o400)
    assert of(file, project)


def test_a_key_that_others_can_replace_is_refused(file: Path, project: Path) -> None:
    file.parent.chmod(0o770)
    assert f"chmod go-w {file.parent}" in refusal(project, {"EVALKIT_KEY_FILE": str(file)})


def test_a_link_a_folder_and_nothing_at_all_are_refused(file: Path, project: Path) -> None:
    link = file.with_name("link.key")
    link.symlink_to(file)
    assert "the key is a link" in refusal(project, {"EVALKIT_KEY_FILE": str(link)})
    assert "the key is no file" in refusal(project, {"EVALKIT_KEY_FILE": str(file.parent)})
    lost = file.with_name("lost.key")
    assert "cannot be read" in refusal(project, {"EVALKIT_KEY_FILE": str(lost)})
    assert not lost.exists(), "only the default key is made"
    os.mkfifo(lost, 0o600)
    assert "the key is no file" in refusal(project, {"EVALKIT_KEY_FILE": str(lost)})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_someone_else_s_is_refused(file: Path, project: Path) -> None:
    os.chown(file, 65534, 65534)
    assert "belongs to someone else" in refusal(project, {"EVALKIT_KEY_FILE": str(file)})


def test_a_key_under_the_project_is_refused_however_it_is_named(file: Path, project: Path, tmp_path: Path) -> None:
    inside = project / ".evalkit" / "my.key"
    inside.parent.mkdir(mode=0o700)
    shutil.copy(file, inside)
    (tmp_path / "elsewhere").symlink_to(inside.parent)
    for named in (inside, tmp_path / "elsewhere" / "my.key", project / "deep" / ".." / "my.key"):
        assert "lies under the project folder" in refusal(project, {"EVALKIT_KEY_FILE": str(named)})
    assert "lies under the project folder" in refusal(project, {"XDG_CONFIG_HOME": str(project)})
    assert not (project / "evalkit").exists()


@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "HOME"])
def test_the_first_use_makes_a_key_and_says_so_once(
    variable: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config" if variable == "XDG_CONFIG_HOME" else tmp_path / ".config"
    environ = {variable: str(tmp_path / "config")} if variable == "XDG_CONFIG_HOME" else {variable: str(tmp_path)}
    made = study_key("s", project, environ)
    told = capsys.readouterr().err
    assert "made a new key" in told
    assert "keep a copy: without it persons cannot be followed across deliveries" in told
    path = config / "evalkit" / "pseudonyms.key"
    assert str(path) in told
    assert path.read_text().strip() not in told
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["pseudonyms.key"]
    assert study_key("s", project, environ) == made
    assert capsys.readouterr().err == ""


def test_a_relative_configuration_folder_is_ignored(project: Path, tmp_path: Path) -> None:
    assert study_key("s", project, {"XDG_CONFIG_HOME": "here", "HOME": str(tmp_path)})
    assert (tmp_path / ".config" / "evalkit" / "pseudonyms.key").is_file()


def test_processes_that_start_together_get_one_key(project: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    command = [sys.executable, "-c", PROGRAM, str(project)]
    started = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    told = [process.communicate() for process in started]
    assert len({key for key, _ in told}) == 1
    assert sum(b"made a new key" in said for _, said in told) == 1


def test_notebooks_are_not_handed_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALKIT_KEY", MASTER.hex())
    forget_key()
    assert "EVALKIT_KEY" not in os.environ


def csv(path: Path) -> Source:
    return Source(Layout("csv", path), ("persons",))


@pytest.fixture
def simulated(project: Path) -> Path:
    path = project / "data" / "s" / "north" / "elever.csv"
    path.parent.mkdir(parents=True)
    path.write_text("x\n1\n")
    (project / "data" / "s" / ".simulated.json").write_text("{}")
    return path


def test_data_that_the_simulator_wrote_may_be_called_simulated(simulated: Path, project: Path) -> None:
    check_simulated([csv(simulated.relative_to(project)), csv(simulated)], project, "north.yml")


def test_data_without_the_marker_may_not_be_called_simulated(simulated: Path, project: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    shutil.copy(simulated, real)
    server = Source(Layout("postgresql", connection_variable="DATABASE"), ("persons",))
    beside = project / "data" / "elever.csv"
    shutil.copy(simulated, beside)
    for source in (csv(real), csv(beside), server):
        with pytest.raises(InputError, match=r"no .* stands by them") as refused:
            check_simulated([csv(simulated), source], project, "north.yml")
        assert "simulated: false" in str(refused.value)


def test_a_link_to_real_data_is_followed_and_a_marker_over_everything_does_not_count(
    simulated: Path, project: Path
) -> None:
    real = project / "real.csv"
    shutil.copy(simulated, real)
    simulated.unlink()
    simulated.symlink_to(real)
    (project / ".simulated.json").write_text("{}")
    for source in (csv(simulated), csv(real)):
        with pytest.raises(InputError, match="simulated"):
            check_simulated([source], project, "north.yml")
