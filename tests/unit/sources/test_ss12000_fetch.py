"""Pages come from a server whole, once, and only from the server named, whatever goes wrong on the way."""

from __future__ import annotations

import gzip
import json
import logging
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from small_site import TABLES, small_site, take_in
from ss12000_server import TOKEN, VARIABLE, Failure, Service, serving

from evalkit.errors import EvalkitError, InputError, RunError
from evalkit.sources import Layout, Source, open_tables
from evalkit.sources.simulation import settings_from, simulate
from evalkit.sources.ss12000 import answers
from evalkit.sources.ss12000.access import ApiAccess
from evalkit.sources.ss12000.api import fetch_pages
from evalkit.sources.ss12000.progress import FETCHING, FetchSummary
from evalkit.sources.ss12000.questions import in_order, questions_of
from evalkit.sources.ss12000.shapes import FETCHED, endpoints_of

FIRST, LAST = date(2023, 8, 1), date(2024, 6, 30)
NEEDED, OPTIONAL = endpoints_of(TABLES)
FORBIDDEN = (TOKEN, "Anna", "Testlund", "20100304", "pageToken=", "to-7b", "half")


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(Service(small_site(), limit=2)) as found:
        yield found


def access(service: Service, **more: Any) -> ApiAccess:
    return ApiAccess(service.url, VARIABLE, FIRST, LAST, **{"limit": 2, "timeout": 5.0, **more})


def fetch(
    service: Service, folder: Path, *endpoints: str, waits: list[float] | None = None, **more: Any
) -> FetchSummary:
    anew = more.pop("anew", False)
    pauses = [] if waits is None else waits
    asked = endpoints or NEEDED
    optional = () if endpoints else OPTIONAL
    return fetch_pages(access(service, **more), folder, asked, optional=optional, anew=anew, wait=pauses.append)


def pages(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.json.gz"))}


def records(folder: Path, endpoint: str) -> list[Any]:
    told = [json.loads(gzip.decompress(path.read_bytes())) for path in sorted((folder / endpoint).iterdir())]
    return [record for page in told for record in page["data"]]


def refused(service: Service, folder: Path, kind: type[EvalkitError], *endpoints: str, **more: Any) -> str:
    with pytest.raises(kind) as caught:
        fetch(service, folder, *endpoints, **more)
    told = str(caught.value)
    for word in FORBIDDEN:
        assert word not in told
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert not folder.exists()
    return told


def test_every_record_of_every_endpoint_arrives_once(service: Service, tmp_path: Path) -> None:
    summary = fetch(service, tmp_path / "pages")
    for endpoint in (*NEEDED, "programmes", "groups", "syllabuses"):
        held = small_site()[endpoint]
        if endpoint == "calendarEvents":
            held.sort(key=lambda record: record["startTime"])
        assert records(tmp_path / "pages", endpoint) == held, endpoint
        assert summary.endpoints[endpoint].records == len(small_site()[endpoint])
    assert summary.endpoints["attendances"].pages == 6
    assert summary.new
    assert len(service.asked) == sum(count.pages for count in summary.endpoints.values()) + len(summary.unsupported)


def test_pages_are_asked_for_as_the_standard_says(service: Service, tmp_path: Path) -> None:
    fetch(service, tmp_path / "pages", "attendances", "calendarEvents")
    for endpoint, query in service.asked:
        if "pageToken" in query:
            assert query.keys() == {"pageToken", "limit"}, "a token stands alone or with the limit"
        elif endpoint == "attendances":
            assert query == {"limit": "2"}
        else:
            assert query.keys() == {"startTime.onOrAfter", "startTime.onOrBefore", "limit"}


def test_calendar_events_are_asked_for_in_windows_that_leave_no_gap() -> None:
    api = ApiAccess("https://example.se/v2.0", VARIABLE, date(2023, 10, 1), date(2024, 4, 15))
    asked = questions_of("calendarEvents", api)
    bounds = [(question["startTime.onOrAfter"], question["startTime.onOrBefore"]) for question in asked]
    assert bounds[0] == ("2023-10-01T00:00:00+02:00", "2023-10-28T23:59:59+02:00")
    assert bounds[1][0] == "2023-10-29T00:00:00+02:00", "the clocks go back that night, after midnight"
    assert bounds[1][1] == "2023-11-25T23:59:59+01:00"
    assert bounds[-1][1] == "2024-04-15T23:59:59+02:00"
    days = [(date.fromisoformat(first[:10]), date.fromisoformat(last[:10])) for first, last in bounds]
    assert all((begin - end).days == 1 for (_, end), (begin, _) in pairwise(days))
    assert all((end - begin).days < 30 for begin, end in days)


def test_what_refers_is_asked_for_before_what_it_refers_to() -> None:
    order = in_order(["organisations", "persons", "deletedEntities", "calendarEvents", "attendances"])
    assert order == ("attendances", "calendarEvents", "persons", "organisations", "deletedEntities")
    with pytest.raises(InputError, match="no endpoint calendarevents"):
        in_order(["calendarevents"])


def test_absences_are_asked_for_by_the_days_wanted() -> None:
    api = ApiAccess("https://example.se/v2.0", VARIABLE, date(2023, 8, 1), date(2024, 6, 30))
    wanted = {"endTime.onOrAfter": "2023-08-01T00:00:00+02:00", "startTime.onOrBefore": "2024-06-30T23:59:59+02:00"}
    assert questions_of("absences", api) == (wanted,)


def test_packed_and_plain_answers_give_the_same_pages(service: Service, tmp_path: Path) -> None:
    fetch(service, tmp_path / "plain")
    service.packed = True
    fetch(service, tmp_path / "packed")
    assert pages(tmp_path / "plain") == pages(tmp_path / "packed")


def test_only_the_owner_can_read_what_was_fetched(service: Service, tmp_path: Path) -> None:
    fetch(service, tmp_path / "pages")
    found = list((tmp_path / "pages").rglob("*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (*found, tmp_path / "pages") if path.is_dir()} == {0o700}
    assert [path.name for path in tmp_path.iterdir()] == ["pages"], "nothing is left beside it"


def test_a_finished_folder_is_not_fetched_again_unless_asked(service: Service, tmp_path: Path) -> None:
    first = fetch(service, tmp_path / "pages")
    asked = len(service.asked)
    again = fetch(service, tmp_path / "pages")
    assert len(service.asked) == asked
    assert again == replace(first, new=False)
    assert "already fetched" in str(again)
    service.records["grades"].pop()
    anew = fetch(service, tmp_path / "pages", anew=True)
    assert anew.endpoints["grades"].records == 1
    assert anew.digest != first.digest
    assert len(records(tmp_path / "pages", "grades")) == 1


def test_other_days_are_another_fetch(service: Service, tmp_path: Path) -> None:
    fetch(service, tmp_path / "pages")
    api = replace(access(service), last_day=date(2023, 12, 31))
    summary = fetch_pages(api, tmp_path / "pages", NEEDED, optional=OPTIONAL, wait=lambda _: None)
    assert summary.new
    assert summary.endpoints["calendarEvents"].records == len(small_site()["calendarEvents"]) - 1


def test_a_failed_fetch_anew_leaves_the_earlier_pages(service: Service, tmp_path: Path) -> None:
    fetch(service, tmp_path / "pages")
    before = pages(tmp_path / "pages")
    service.failures["grades", service.times("grades")] = Failure(403)
    with pytest.raises(InputError):
        fetch(service, tmp_path / "pages", anew=True)
    assert pages(tmp_path / "pages") == before


def test_a_folder_that_no_fetch_wrote_is_left_alone(service: Service, tmp_path: Path) -> None:
    (tmp_path / "pages" / "persons").mkdir(parents=True)
    for anew in (False, True):
        with pytest.raises(InputError, match="no fetch wrote"):
            fetch(service, tmp_path / "pages", anew=anew)
    assert not service.asked


PASSING = [
    (Failure(429, {"Retry-After": "7"}), 7.0, 8.0),
    (Failure(429, {"Retry-After": "{soon}"}), 37.0, 41.0),
    (Failure(503, {"Retry-After": "100000"}), 300.0, 300.0),
    (Failure(429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), 0.0, 1.0),
    (Failure(429, {"Retry-After": "in a while"}), 1.0, 2.0),
    (Failure(429), 1.0, 2.0),
    (Failure(500), 1.0, 2.0),
    (Failure(502), 1.0, 2.0),
    (Failure("cut"), 1.0, 2.0),
    (Failure("cut gzip"), 1.0, 2.0),
    (Failure("garbled gzip"), 1.0, 2.0),
    (Failure("slow", seconds=1.6), 1.0, 2.0),
    (Failure("drops", seconds=1.6), 1.0, 2.0),
]


@pytest.mark.parametrize(("failure", "least", "most"), PASSING, ids=lambda part: str(getattr(part, "kind", "")))
def test_what_may_pass_is_tried_again_after_a_pause(
    failure: Failure, least: float, most: float, service: Service, tmp_path: Path
) -> None:
    service.failures["grades", 0] = failure
    waits: list[float] = []
    quick = {"timeout": 0.8, "page_timeout": 0.8} if failure.seconds else {}
    fetch(service, tmp_path / "pages", "grades", waits=waits, **quick)
    assert records(tmp_path / "pages", "grades") == small_site()["grades"]
    assert len(waits) == 1
    assert least <= waits[0] <= most
    assert service.times("grades") == 2


def test_pauses_grow_and_end(service: Service, tmp_path: Path) -> None:
    service.failures = {("grades", number): Failure(503) for number in range(6)}
    waits: list[float] = []
    told = refused(service, tmp_path / "pages", RunError, "grades", waits=waits)
    assert "did not answer in 6 tries; the last time, it answered 503" in told
    assert "/v2.0/grades" in told
    assert len(waits) == 5
    assert all(least <= wait <= least + 1 for least, wait in zip((1, 2, 4, 8, 16), waits, strict=True))
    assert service.times("grades") == 6
    fetch(service, tmp_path / "pages", "grades")


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with serving(Service({})) as gone:
        pass
    assert "no connection" in refused(gone, tmp_path / "pages", RunError, "grades", most_tries=2)


REFUSED = [
    (Failure(401), f"set the variable {VARIABLE}"),
    (Failure(403), "may not read grades (403)"),
    (Failure(404), "the server has no grades (404)"),
    (Failure(400), "refuses the question (400)"),
    (Failure(422), "refuses the question (422)"),
    (Failure(204), "refuses the question (204)"),
    (Failure("login"), "a web page, perhaps to log in"),
    (Failure("not JSON"), "the answer is no JSON"),
    (Failure("no number"), "the answer is no JSON"),
    (Failure("no envelope"), "no page of SS 12000"),
    (Failure("no list"), "no page of SS 12000"),
    (Failure("brotli"), "packed otherwise"),
    (Failure(302, {"Location": "https://elsewhere.example/v2.0/grades?token=1"}), "on to another host"),
    (Failure(302, {"Location": "http://127.0.0.1:9/v2.0/grades"}), "on to another host"),
    (Failure(302, {"Location": "https://127.0.0.1/v2.0/grades"}), "on to another host"),
]


@pytest.mark.parametrize(("failure", "expected"), REFUSED, ids=lambda part: str(getattr(part, "kind", ""))[:12])
def test_what_will_not_pass_ends_at_once_and_says_nothing_of_the_answer(
    failure: Failure, expected: str, service: Service, tmp_path: Path
) -> None:
    service.failures["grades", 0] = failure
    waits: list[float] = []
    assert expected in refused(service, tmp_path / "pages", InputError, "grades", waits=waits)
    assert not waits
    assert service.times("grades") == 1


def test_a_redirect_on_the_same_host_is_followed(service: Service, tmp_path: Path) -> None:
    service.failures["grades", 0] = Failure(307, {"Location": "/v2.0/moved/grades?limit=2"})
    fetch(service, tmp_path / "pages", "grades")
    assert records(tmp_path / "pages", "grades") == small_site()["grades"]


def test_redirects_round_in_a_circle(service: Service, tmp_path: Path) -> None:
    service.failures = {("grades", number): Failure(302, {"Location": "/v2.0/grades"}) for number in range(9)}
    assert "round in a circle" in refused(service, tmp_path / "pages", InputError, "grades")


def test_a_token_the_server_does_not_know(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "another.token")
    told = refused(service, tmp_path / "pages", InputError)
    assert "another.token" not in told
    assert "refuses the token (401)" in told
    for value, expected in (
        ("", "is not set"),
        ("Bearer abc", "without the word Bearer"),
        ("abc\ndef", "no token has"),
    ):
        monkeypatch.setenv(VARIABLE, value)
        assert expected in refused(service, tmp_path / "pages", InputError)


def test_optional_endpoints_need_not_be_there(service: Service, tmp_path: Path) -> None:
    service.supported = tuple(name for name in service.records if name not in ("programmes", "groups"))
    summary = fetch(service, tmp_path / "pages")
    assert {"programmes", "groups", "duties", "deletedEntities"} <= set(summary.unsupported)
    assert not (tmp_path / "pages" / "groups").exists()
    assert "groups: not supported by this server" in str(summary)
    service.supported = ("grades",)
    assert "the server has no attendances (404)" in refused(service, tmp_path / "other", InputError)


def test_pages_that_lead_round_in_a_circle(service: Service, tmp_path: Path) -> None:
    service.failures = {("grades", number): Failure("loop") for number in range(3)}
    assert "round in a circle" in refused(service, tmp_path / "pages", InputError, "grades")
    assert service.times("grades") == 2


def test_empty_pages_without_end(tmp_path: Path) -> None:
    endless = [json.dumps({"data": [], "pageToken": f"t-{number + 2}"}).encode() for number in range(200)]
    with serving(Service({}, pages={"grades": endless})) as service:
        assert "round in a circle" in refused(service, tmp_path / "pages", InputError, "grades")
        assert service.times("grades") == 101


def test_a_page_larger_than_can_be_held(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LARGEST_PAGE", 1 << 20)
    service.failures["grades", 0] = Failure("bomb")
    assert "larger than 1 MB" in refused(service, tmp_path / "pages", InputError, "grades")


def test_a_page_with_more_records_than_were_asked_for(tmp_path: Path) -> None:
    page = json.dumps({"data": [{"id": str(number)} for number in range(3)]}).encode()
    with serving(Service({}, pages={"grades": [page]})) as service:
        assert "write `limit: 3` or more" in refused(service, tmp_path / "pages", InputError, "grades")
        assert fetch(service, tmp_path / "pages", "grades", limit=3).endpoints["grades"].records == 3


def test_a_token_that_has_expired_starts_its_endpoint_anew(service: Service, tmp_path: Path) -> None:
    service.failures["attendances", 3] = Failure(403)
    with pytest.raises(InputError):
        fetch(service, tmp_path / "pages", "attendances", "grades")
    draft = tmp_path / ".pages.fetching"
    state = json.loads((draft / FETCHING).read_text(encoding="utf-8"))
    assert (state["endpoint"], state["count"]["pages"]) == ("attendances", 3)
    assert state["token"].startswith("to-")
    service.expired.add(state["token"])
    fetch(service, tmp_path / "pages", "attendances", "grades")
    assert records(tmp_path / "pages", "attendances") == small_site()["attendances"]
    fresh = fetch(service, tmp_path / "fresh", "attendances", "grades")
    assert pages(tmp_path / "pages").keys() == pages(tmp_path / "fresh").keys()
    assert fresh.endpoints["grades"].pages == 1


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_server_that_never_takes_its_own_tokens(status: int, service: Service, tmp_path: Path) -> None:
    service.failures = {("attendances", number): Failure(status) for number in (1, 3, 5, 7, 9)}
    told = refused(service, tmp_path / "pages", InputError, "attendances")
    assert f"does not take its own page tokens ({status})" in told
    assert service.times("attendances") == 6


def test_it_goes_on_where_it_stopped(service: Service, tmp_path: Path) -> None:
    service.failures["attendances", 4] = Failure(401)
    with pytest.raises(InputError):
        fetch(service, tmp_path / "pages")
    asked = len(service.asked)
    summary = fetch(service, tmp_path / "pages")
    whole = fetch(service, tmp_path / "whole")
    assert pages(tmp_path / "pages") == pages(tmp_path / "whole")
    assert summary.digest == whole.digest
    assert asked == 5
    assert service.times("attendances") == 1 + 2 * whole.endpoints["attendances"].pages


def test_a_state_that_cannot_be_read_starts_anew(service: Service, tmp_path: Path) -> None:
    service.failures["attendances", 4] = Failure(401)
    with pytest.raises(InputError):
        fetch(service, tmp_path / "pages")
    (tmp_path / ".pages.fetching" / FETCHING).write_text('{"plan": "', encoding="utf-8")
    fetch(service, tmp_path / "pages")
    assert records(tmp_path / "pages", "attendances") == small_site()["attendances"]


CHILD = """
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path
from evalkit.sources.ss12000.access import ApiAccess
from evalkit.sources.ss12000.api import fetch_pages
api = ApiAccess(sys.argv[1], sys.argv[2], date(2023, 8, 1), date(2024, 6, 30), limit=2)
fetch_pages(api, Path(sys.argv[3]), sys.argv[4].split(","))
"""


def test_a_fetch_that_is_killed_goes_on_and_gives_the_same_bytes(tmp_path: Path) -> None:
    many = [{"id": f"a{number}"} for number in range(80)]
    service = Service({**small_site(), "attendances": many})
    with serving(service):
        fetch(service, tmp_path / "whole", "attendances", "grades")
        undisturbed = len(service.asked)
        service.asked.clear()
        service.pause = 0.05
        for pages_before in (5, 17):
            killed_after(service, tmp_path / "pages", pages_before)
        service.pause = 0.0
        fetch(service, tmp_path / "pages", "attendances", "grades")
        assert pages(tmp_path / "pages") == pages(tmp_path / "whole")
        assert len(service.asked) <= undisturbed + 2, "at most the page under way is asked for again at each kill"


def killed_after(service: Service, folder: Path, asked: int) -> None:
    command = [sys.executable, "-c", CHILD, service.url, VARIABLE, str(folder), "attendances,grades"]
    child = subprocess.Popen(command, env={**os.environ, VARIABLE: TOKEN})
    until = time.monotonic() + 60
    while len(service.asked) < asked and child.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert not folder.exists(), "half a fetch is never read"


@pytest.mark.parametrize("moment", ["before the move", "amid the move", "after the move"])
def test_a_kill_around_the_last_move_leaves_one_whole_fetch(moment: str, service: Service, tmp_path: Path) -> None:
    folder, draft, aside = (tmp_path / name for name in ("pages", ".pages.fetching", ".pages.earlier"))
    fetch(service, folder)
    if moment == "before the move":
        folder.rename(draft)
    elif moment == "amid the move":
        folder.rename(draft)
        (aside / "persons").mkdir(parents=True)
    else:
        (aside / "persons").mkdir(parents=True)
    asked = len(service.asked)
    summary = fetch(service, folder)
    assert len(service.asked) == asked
    assert summary.endpoints["grades"].records == len(records(folder, "grades"))
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]
    assert {path.name for path in folder.glob(".*")} == {FETCHED}


def test_two_fetches_into_one_folder_do_not_mix(service: Service, tmp_path: Path) -> None:
    told: list[str] = []

    def meanwhile(_: float) -> None:
        with pytest.raises(RunError) as caught:
            fetch(service, tmp_path / "pages")
        told.append(str(caught.value))

    service.failures["attendances", 1] = Failure(500)
    fetch_pages(access(service), tmp_path / "pages", NEEDED, wait=meanwhile)
    assert len(told) == 1
    assert "another fetch is at work" in told[0]


def test_no_token_name_or_question_is_logged_or_kept(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service.failures["grades", 0] = Failure(500)
    with caplog.at_level(logging.DEBUG):
        summary = fetch(service, tmp_path / "pages")
        logging.getLogger("httpx").info("heard again")
    assert [record.getMessage() for record in caplog.records if record.name.startswith("http")] == ["heard again"]
    kept = (tmp_path / "pages" / FETCHED).read_text(encoding="utf-8")
    told = caplog.text + kept + str(summary) + repr(summary) + repr(access(service))
    for word in (*FORBIDDEN, "?", "onOrAfter"):
        assert word not in told
    assert json.loads(kept)["url"] == service.url


URLS = [
    ("http://ss12000.example.se/v2.0", "without encryption"),
    ("ftp://ss12000.example.se", "not the address"),
    ("ss12000.example.se/v2.0", "not the address"),
    ("https://", "not the address"),
    ("https://[::1", "not the address"),
    ("https://user:geheim@example.se/v2.0", "more than host and path"),
    ("https://example.se/v2.0?key=geheim", "more than host and path"),
    ("https://example.se/v2.0#geheim", "more than host and path"),
    ("https://example.se:geheim/v2.0", "not the address"),
]


@pytest.mark.parametrize(("url", "expected"), URLS)
def test_addresses_that_could_betray_something(url: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected) as caught:
        ApiAccess(url, VARIABLE, FIRST, LAST)
    assert "geheim" not in str(caught.value)


def test_what_an_access_refuses() -> None:
    good = ApiAccess("http://localhost:8080/v2.0/", VARIABLE, FIRST, LAST)
    assert good.url == "http://localhost:8080/v2.0"
    for change in ({"last_day": date(2023, 7, 31)}, {"limit": 0}, {"most_tries": 0}, {"timeout": 0.0}):
        with pytest.raises(InputError):
            replace(good, **change)
    with pytest.raises(InputError, match="not the name") as caught:
        replace(good, token_variable="eyJhbGciOi.geheim")
    assert "geheim" not in str(caught.value)


def test_pages_fetched_are_read_like_pages_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "lessons_per_week": 2,
        "page_size": 90,
        "school_years": ["2022/23"],
        "sites": {"ale": {"name": "Ale", "municipality": "1440", "format": "ss12000", "pupils": 30, "schools": 2}},
    }
    simulate(settings_from(told, 4), tmp_path / "simulated")
    handed = tmp_path / "simulated" / "ale" / "ss12000"
    held = {folder.name: records(handed, folder.name) for folder in handed.iterdir()}
    with serving(Service(held, packed=True)) as service:
        api = ApiAccess(service.url, VARIABLE, date(2022, 7, 1), date(2023, 6, 30), limit=70)
        fetch_pages(api, tmp_path / "fetched", NEEDED, optional=OPTIONAL)
    for name, folder in (("direct", handed), ("served", tmp_path / "fetched")):
        take_in([Source(Layout("ss12000", folder), TABLES)], tmp_path, tmp_path / name)
    direct, served = open_tables(tmp_path / "direct"), open_tables(tmp_path / "served")
    assert direct.keys() == served.keys() == set(TABLES)
    for name, table in direct.items():
        rows = [found.order_by(found.columns).to_pyarrow() for found in (table, served[name])]
        assert rows[0].equals(rows[1]), name
        assert rows[0].num_rows, name
