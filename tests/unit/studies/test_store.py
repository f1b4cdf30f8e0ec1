"""The store: private, atomic, and a miss whenever what made a result changed."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

from evalkit.studies import store as store_module
from evalkit.studies.store import Store, code_digest, result_key
from evalkit.values import Flow, FlowStep


def flow(persons: int) -> Flow:
    return Flow((FlowStep("a", "å", "a", persons, persons),))


def secret_of(root: str) -> bytes:
    return Store(Path(root)).secret("receipts")


def test_a_kept_result_comes_back_and_the_first_one_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert store.get("k" * 64) is None
    store.put("k" * 64, flow(3))
    store.put("k" * 64, flow(4))
    assert store.get("k" * 64) == flow(3)


def test_the_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert store.root.stat().st_mode & 0o777 == 0o700
    store.secret("receipts")
    assert (store.root / "receipts.key").stat().st_mode & 0o777 == 0o600


def test_a_secret_is_made_once_even_by_several_processes(tmp_path: Path) -> None:
    with get_context("spawn").Pool(2) as pool:
        found = set(pool.map(secret_of, [str(tmp_path / "store")] * 8))
    assert len(found) == 1
    assert len(found.pop()) == 32
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["receipts.key"]


def test_a_key_changes_with_what_made_the_result() -> None:
    assert result_key("panel", 1, (2.0, "a")) == result_key("panel", 1, (2.0, "a"))
    assert result_key("panel", 1, (2.0, "a")) != result_key("panel", 1, (2.5, "a"))
    assert result_key("panel", 1) != result_key("table", 1)


def test_the_code_s_digest_sees_a_changed_byte(tmp_path: Path, monkeypatch) -> None:
    room = tmp_path / "models"
    room.mkdir()
    (room / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(store_module, "PACKAGE", tmp_path)
    code_digest.cache_clear()
    before = code_digest(("models",))
    (room / "a.py").write_text("x = 2\n")
    code_digest.cache_clear()
    assert code_digest(("models",)) != before
    code_digest.cache_clear()
