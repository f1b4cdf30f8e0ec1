"""The ledger: append-only, sealed line by line, without numbers."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from drawn_releases import SKOLVERKET, hidden, table
from evalkit.disclosure import append_ledger, protect_release, read_ledger
from evalkit.errors import DisclosureError


def release(largest=40, name="by_school"):
    drawn = table(f"school persons\nA {largest}\nB 3\nC 30\nall {largest + 33}", name=name, universe=f"u{largest}")
    return protect_release({f"chapter/{name}": drawn}, SKOLVERKET)


def filled(folder, count=3):
    ledger = folder / "ledger.jsonl"
    for number in range(count):
        append_ledger(ledger, release(40 + number), run=f"r{number}", site="ale", study="study")
    return ledger


def test_an_entry_says_what_left(tmp_path):
    one = release()
    entry = append_ledger(tmp_path / "ledger.jsonl", one, run="r1", site="ale", study="study")
    assert read_ledger(tmp_path / "ledger.jsonl") == (entry,)
    assert (entry.run, entry.site, entry.study, entry.policy) == ("r1", "ale", "study", "skolverket")
    assert entry.policy_digest == SKOLVERKET.digest
    assert entry.released == (("chapter/by_school", one.protected["chapter/by_school"].fingerprint),)
    assert entry.load().digest == one.digest


def test_nothing_was_released_yet(tmp_path):
    assert read_ledger(tmp_path / "ledger.jsonl") == ()


def test_it_is_its_owners_and_holds_no_number(tmp_path):
    ledger = filled(tmp_path, 1)
    assert ledger.stat().st_mode & 0o777 == 0o600
    facts = json.loads(ledger.read_text(encoding="utf-8"))
    assert set(facts) == {
        "run", "site", "study", "policy", "policy_digest", "content", "released", "blinded",
        "unblinded", "previous", "digest",
    }  # fmt: skip


def test_the_same_again_adds_nothing(tmp_path):
    ledger = filled(tmp_path)
    before = ledger.read_bytes()
    entry = append_ledger(ledger, release(41), run="r9", site="ale", study="study")
    assert entry.run == "r1"
    assert ledger.read_bytes() == before
    append_ledger(ledger, release(41), run="r9", site="molndal", study="study")
    assert len(read_ledger(ledger)) == 4


def lines_of(ledger):
    return ledger.read_text(encoding="utf-8").splitlines(keepends=True)


@pytest.mark.parametrize(
    ("tamper", "row"),
    [
        (lambda lines: [lines[0].replace('"ale"', '"lerum"'), *lines[1:]], 1),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: [lines[0], lines[2], lines[1]], 2),
        (lambda lines: [*lines, lines[2]], 4),
        (lambda lines: [*lines, "no json\n"], 4),
        (lambda lines: [lines[0], "\n", *lines[1:]], 2),
    ],
    ids=["changed", "first gone", "middle gone", "moved", "doubled", "garbage", "blank line"],
)
def test_tampering_is_noticed(tmp_path, tamper, row):
    ledger = filled(tmp_path)
    ledger.write_text("".join(tamper(lines_of(ledger))), encoding="utf-8")
    with pytest.raises(DisclosureError, match="tampered") as caught:
        read_ledger(ledger)
    assert f"row {row}" in str(caught.value)
    with pytest.raises(DisclosureError, match="tampered"):
        append_ledger(ledger, release(99), run="r", site="ale", study="study")


def test_an_append_cut_off_never_happened(tmp_path):
    ledger = filled(tmp_path, 2)
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:-40])
    assert [entry.run for entry in read_ledger(ledger)] == ["r0"]
    append_ledger(ledger, release(41), run="r1", site="ale", study="study")
    assert ledger.read_bytes() == whole


def test_kept_cells_that_were_changed(tmp_path):
    ledger = filled(tmp_path, 1)
    for path in (tmp_path / "released").rglob("release/chapter/by_school/noun.json"):
        path.write_text(
            path.read_text(encoding="utf-8").replace('"suppressed": 2', '"suppressed": 1'), encoding="utf-8"
        )
        path.write_text(path.read_text(encoding="utf-8").replace("u40", "u41"), encoding="utf-8")
    with pytest.raises(DisclosureError, match="changed since"):
        read_ledger(ledger)[0].load()


def test_many_at_once_lose_nothing(tmp_path):
    releases = [release(40 + number) for number in range(6)]
    ledger = tmp_path / "ledger.jsonl"
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: append_ledger(ledger, one, run="r", site="ale", study="study"), releases))
    assert {entry.content for entry in read_ledger(ledger)} == {one.digest for one in releases}


def test_later_releases_are_protected_together_with_it(tmp_path):
    """By itself the table by sex would show both sexes, and so the total that the first release hid a school for."""
    ledger = tmp_path / "ledger.jsonl"
    schools = table("school persons\nA 40\nB 3\nC 30\nD 40", name="by_school")
    append_ledger(ledger, protect_release({"c/by_school": schools}, SKOLVERKET), run="r1", site="ale", study="study")
    sexes = {"c/by_sex": table("sex persons\nwoman 53\nman 60\nall 113", name="by_sex")}
    assert not any(hidden(protect_release(sexes, SKOLVERKET).protected["c/by_sex"], "persons"))
    later = protect_release(sexes, SKOLVERKET, read_ledger(ledger)).protected["c/by_sex"]
    assert any(hidden(later, "persons"))


def test_the_folder_is_its_owners(tmp_path):
    ledger = filled(tmp_path / "store", 1)
    assert ledger.parent.stat().st_mode & 0o077 == 0
