"""Study and site files: typed, unknown keys refused, told where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from evalkit.errors import InputError
from evalkit.studies.parameters import digest_of, load_site, load_study, site_files

STUDY = {
    "study": "prov",
    "title": {"sv": "Prov", "en": "Trial"},
    "project": {"number": "1", "funder": {"sv": "f", "en": "f"}, "from": "2023-02-01", "to": "2026-01-31"},
    "date": "2026-02-15",
    "school_years": ["2021/22"],
    "assignment_date": "2023-10-15",
    "largest_plausible_effect": 5.0,
    "policy": "skolverket",
    "notebooks": ["basis"],
}
SITE = {
    "site": "ale",
    "name": "Ale",
    "municipality": "1440",
    "simulated": True,
    "policy": "skolverket",
    "sources": [{"kind": "csv", "table": "forums", "path": "a.csv"}],
}


def written(folder: Path, name: str, content: dict[str, object]) -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_dates_arrive_as_dates_and_the_order_of_keys_does_not_count(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, "study.yml", STUDY))
    assert study.assignment_date == date(2023, 10, 15)
    turned = load_study(written(tmp_path, "turned.yml", dict(reversed(STUDY.items()))))
    assert digest_of(turned) == digest_of(study)
    moved = load_study(written(tmp_path, "moved.yml", {**STUDY, "assignment_date": "2023-10-16"}))
    assert digest_of(moved) != digest_of(study)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"assigment_date": "2023-10-15"}, "unknown key assigment_date"),
        ({"title": {"sv": "Prov"}}, "missing key title.en"),
        ({"date": "soon"}, "date:"),
        ({"school_years": ["2021"]}, "school_years.0"),
    ],
)
def test_a_wrong_study_file_says_what_and_where(tmp_path: Path, change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as fault:
        load_study(written(tmp_path, "study.yml", {**STUDY, **change}))
    assert words in str(fault.value)
    assert "study.yml" in str(fault.value)
    assert fault.value.exit_code == 2


def test_a_site_file_bears_its_site_s_name_and_a_source_names_its_table(tmp_path: Path) -> None:
    assert load_site(written(tmp_path, "ale.yml", SITE)).municipality == "1440"
    with pytest.raises(InputError, match="says site: ale"):
        load_site(written(tmp_path, "lerum.yml", SITE))
    nameless = {**SITE, "sources": [{"kind": "csv", "path": "a.csv"}]}
    with pytest.raises(InputError, match="names either"):
        load_site(written(tmp_path, "ale.yml", nameless))
    with pytest.raises(InputError, match="municipality"):
        load_site(written(tmp_path, "ale.yml", {**SITE, "municipality": 180}))


def test_a_file_that_is_missing_or_not_yaml(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        load_study(tmp_path / "study.yml")
    (tmp_path / "study.yml").write_text("a: [1\nb: 2\n", encoding="utf-8")
    with pytest.raises(InputError) as fault:
        load_study(tmp_path / "study.yml")
    assert fault.value.where is not None
    assert fault.value.where.row == 2
    (tmp_path / "study.yml").write_bytes("title: Mölndal".encode("cp1252"))
    with pytest.raises(InputError, match="UTF-8"):
        load_study(tmp_path / "study.yml")


def test_site_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("study.yml", "molndal.yml", "ale.yml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert list(site_files(tmp_path)) == ["ale", "molndal"]
