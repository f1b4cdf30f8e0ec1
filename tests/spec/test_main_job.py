"""From exports on disk to published reports: one command, and what it must not do."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from small_study import small_project, write_study

from evalkit.errors import DisclosureError, InputError
from evalkit.studies.running import RunReport, run_study

pytestmark = pytest.mark.slow
SITES = ("ale", "goteborg", "lerum", "molndal")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def report(study: Path) -> RunReport:
    return run_study(study, renderer="embedded")


def bytes_of(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_site_has_its_pages_pdf_and_word(report: RunReport) -> None:
    assert [one.site for one in report.published] == list(SITES)
    for one in report.published:
        there = {path.name for path in one.folder.iterdir()}
        assert {"index.html", "basis.html", "attendance.html", "dialogue_forums.html"} <= there
        assert {"report.pdf", "report.docx", "provenance.json"} <= there
        provenance = json.loads((one.folder / "provenance.json").read_text(encoding="utf-8"))
        assert provenance["site"] == one.site
        assert provenance["run"] == report.run


def test_every_page_names_its_own_site_and_says_that_data_are_simulated(report: RunReport) -> None:
    names = {"ale": "Ale", "goteborg": "Göteborg", "lerum": "Lerum", "molndal": "Mölndal"}
    for one in report.published:
        for page in one.folder.glob("*.html"):
            text = page.read_text(encoding="utf-8")
            assert "Simulerade data" in text
            assert '<html lang="sv"' in text
            assert names[one.site] in text
            assert report.run in text


def test_the_study_s_digest_is_the_same_at_every_site(report: RunReport) -> None:
    records = [json.loads((one.folder / "provenance.json").read_text(encoding="utf-8")) for one in report.published]
    assert len({record["digests"]["study"] for record in records}) == 1
    assert len({record["digests"]["site"] for record in records}) == len(SITES)


def test_the_forum_effect_is_one_estimate_for_the_study(report: RunReport) -> None:
    effects = [one.release["dialogue_forums/forum_effect"].value for one in report.published]
    assert len({effect.value for effect in effects}) == 1  # type: ignore[union-attr]
    assert effects[0].treated_clusters == 2  # type: ignore[union-attr]
    assert effects[0].attainable_p is not None  # type: ignore[union-attr]
    assert effects[0].standard_error is None, "two treated schools allow no cluster-robust interval"  # type: ignore[union-attr]


def test_the_overview_leads_to_every_site(report: RunReport) -> None:
    page = report.overview.read_text(encoding="utf-8")
    for site in SITES:
        assert f'href="{site}/index.html"' in page
    assert (report.overview.parent / "ale" / "index.html").is_file()


def test_no_identity_number_and_no_pseudonym_is_published(report: RunReport, study: Path) -> None:
    top = report.overview.parent
    csv = (study.parents[1] / "data" / "skolanknytning" / "lerum" / "elever.csv").read_text(encoding="cp1252")
    numbers = set(re.findall(r"\d{8}-?\d{4}", csv))
    assert len(numbers) > 80
    for page in top.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not [number for number in numbers if number in text or number.replace("-", "") in text]
        assert not re.search(r"\b[0-9a-f]{32}\b", text)


def test_the_store_is_the_owner_s_alone_and_the_ledger_has_a_line_a_site(report: RunReport, study: Path) -> None:
    store = study.parents[1] / ".evalkit" / "skolanknytning"
    assert store.stat().st_mode & 0o777 == 0o700
    ledger = store / "ledger.jsonl"
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert len(ledger.read_text(encoding="utf-8").splitlines()) == len(SITES)


def test_the_same_run_again_gives_the_same_bytes_and_adds_nothing_to_the_ledger(report: RunReport, study: Path) -> None:
    top = report.overview.parent
    before = bytes_of(top)
    ledger = study.parents[1] / ".evalkit" / "skolanknytning" / "ledger.jsonl"
    lines = ledger.read_text(encoding="utf-8")
    for kept in ("results", "tables", "runs", "sums"):
        shutil.rmtree(ledger.parent / kept)
    again = run_study(study, renderer="embedded")
    assert again.run == report.run
    assert bytes_of(top) == before
    assert ledger.read_text(encoding="utf-8") == lines


def test_one_site_alone_finds_the_others_sums_in_the_store(report: RunReport, study: Path) -> None:
    alone = run_study(study, sites=("lerum",), language="en", renderer="embedded")
    effect = alone.published[0].release["dialogue_forums/forum_effect"].value
    together = report.published[0].release["dialogue_forums/forum_effect"].value
    assert effect.value == together.value  # type: ignore[union-attr]
    page = (alone.published[0].folder / "dialogue_forums.html").read_text(encoding="utf-8")
    assert '<html lang="en"' in page
    assert "Simulated data" in page
    assert alone.published[0].folder.parts[-2:] == ("en", "lerum")


def test_a_site_alone_says_which_sites_are_missing(study: Path) -> None:
    store = study.parents[1] / ".evalkit"
    store.rename(store.with_name(".kept"))
    try:
        alone = run_study(study, sites=("lerum",), renderer="embedded")
        effect = alone.published[0].release["dialogue_forums/forum_effect"].value
        assert effect.value is None  # type: ignore[union-attr]
        assert "goteborg" in str(effect.detail("sites_missing"))  # type: ignore[union-attr]
    finally:
        store.rename(store.with_name(".lonely"))
        store.with_name(".kept").rename(store)


def test_a_study_without_a_treated_school_is_refused_and_nothing_is_published(tmp_path: Path) -> None:
    folder = small_project(tmp_path)
    for site in ("ale", "molndal"):
        path = folder / f"{site}.yml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["sources"] = [source for source in content["sources"] if source.get("table") != "forums"]
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    content = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    write_study(folder, {**content, "notebooks": ["dialogue_forums"]})
    with pytest.raises(InputError, match="no school of the study held a dialogue forum"):
        run_study(folder, renderer="embedded")
    assert not (tmp_path / "reports" / "published").exists()


def test_a_notebook_that_shows_what_was_not_protected_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_project(tmp_path)
    content = yaml.safe_load((folder / "study.yml").read_text(encoding="utf-8"))
    write_study(folder, {**content, "notebooks": ["basis"]})
    leaking = json.loads((Path(__file__).parents[2] / "notebooks" / "basis.ipynb").read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "execution_count": None, "id": "leak", "metadata": {}, "outputs": []}
    leaking["cells"].append({**cell, "source": "print(panel.frame.head())"})
    (tmp_path / "basis.ipynb").write_text(json.dumps(leaking), encoding="utf-8")
    monkeypatch.setattr("evalkit.studies.running._notebook", lambda name: tmp_path / f"{name}.ipynb")
    with pytest.raises(DisclosureError, match=r"notebook basis, cell \d+: printed text"):
        run_study(folder, sites=("lerum",), renderer="embedded")
    assert not (tmp_path / "reports" / "published").exists()
