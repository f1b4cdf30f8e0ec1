"""Results are kept under the key of the pseudonyms in them: after another key none bears an old pseudonym."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evalkit import cohorts, measures
from evalkit.errors import InputError
from evalkit.studies.keys import key_id, study_key
from evalkit.studies.opening import open_study
from evalkit.studies.pooling import sums_folder
from evalkit.studies.verbs import build_cohort, build_panel
from evalkit.values import Panel, Study

ROOT = Path(__file__).parents[3]
FIRST, SECOND = bytes(range(1, 33)), bytes(range(2, 34))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example municipality, as if its pupils were real."""
    root = tmp_path_factory.mktemp("project")
    for part in ("exempelkommun", "policies"):
        shutil.copytree(ROOT / "params" / part, root / "params" / part)
    site = root / "params" / "exempelkommun" / "hamnby.yml"
    site.write_text(site.read_text(encoding="utf-8").replace("simulated: true", "simulated: false"), encoding="utf-8")
    return root


def opened(project: Path) -> Study:
    folder = project / "params" / "exempelkommun"
    return open_study(str(folder / "study.yml"), str(folder / "hamnby.yml"))


def measured(project: Path) -> tuple[Study, Panel]:
    study = opened(project)
    starters = cohorts.school_year_starters(7, ("2021-08-01", "2024-07-31"), "2024-08-15")
    cohort = build_cohort(study.tables, starters)
    return study, build_panel(cohort, period="term", measures=[measures.attendance.rate()])


def people(study: Study, panel: Panel) -> list[set[str]]:
    return [set(study.tables["persons"].person_id.execute()), set(panel.frame[panel.unit])]


def test_after_another_key_no_old_pseudonym_appears(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALKIT_KEY", FIRST.hex())
    before = measured(project)
    again = measured(project)
    assert people(*again) == people(*before)
    monkeypatch.setenv("EVALKIT_KEY", SECOND.hex())
    after = measured(project)
    old = set.union(*people(*before))
    assert old
    for found in people(*after):
        assert found
        assert not found & old
    first, second = before[0].origin, after[0].origin
    assert first.inputs == second.inputs
    assert first.tables != second.tables
    assert first.key != second.key
    store = Path(first.store)
    assert sums_folder(store, first.study_digest, first.key) != sums_folder(store, second.study_digest, second.key)


def test_no_key_stands_under_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALKIT_KEY", FIRST.hex())
    study, _ = measured(project)
    key = study_key("exempelkommun", project)
    assert study.origin.key == key_id(key)
    sought = [
        form for secret in (FIRST, key) for form in (secret, secret.hex().encode(), secret.hex().upper().encode())
    ]
    files = [path for path in project.rglob("*") if path.is_file()]
    assert any(".evalkit" in path.parts for path in files)
    assert [path.name for path in files if any(form in path.read_bytes() for form in sought)] == []


def test_real_data_are_not_to_be_called_simulated(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project / "params", tmp_path / "params")
    folder = tmp_path / "params" / "exempelkommun"
    site = folder / "hamnby.yml"
    site.write_text(site.read_text(encoding="utf-8").replace("simulated: false", "simulated: true"), encoding="utf-8")
    assert opened(tmp_path).origin.simulated
    (folder / "data" / ".simulated.json").unlink()
    with pytest.raises(InputError, match=r"no .* stands by them"):
        opened(tmp_path)
