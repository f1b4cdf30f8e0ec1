"""A site's servers are asked for what its tables need, into the folders its sources are read from."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import InputError
from evalkit.sources import Layout, Source
from evalkit.sources.ss12000.access import ApiAccess
from evalkit.studies.fetching import fetch_site
from evalkit.studies.opening import Place

VARIABLE = "SS12000_TOKEN_OF_THE_STUDY_TESTS"
HELD = {"persons": [{"id": "p1"}], "organisations": [{"id": "o1"}, {"id": "o2"}]}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        endpoint = self.path.partition("?")[0].rpartition("/")[2]
        found = HELD.get(endpoint)
        body = json.dumps({"code": "NONE", "message": ""} if found is None else {"data": found, "pageToken": None})
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v2.0"
    server.shutdown()
    thread.join()
    server.server_close()


def place_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *sources: Source) -> Place:
    class Site:
        site, name = "ale", "Ale"

    untold: Any = Site()
    monkeypatch.setattr(Place, "sources", property(lambda _: sources))
    monkeypatch.setenv(VARIABLE, "a.token")
    return Place(tmp_path, tmp_path / "params/prov/study.yml", tmp_path / "params/prov/ale.yml", untold, untold)


def test_each_source_with_a_server_is_fetched_into_its_folder(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = ApiAccess(url, VARIABLE, date(2023, 8, 1), date(2024, 6, 30))
    served = Source(Layout("ss12000", Path("data/ale")), ("persons", "enrolments"), api=api)
    other = Source(Layout("csv", Path("data/forums.csv")), ("forums",))
    place = place_with(tmp_path, monkeypatch, other, served)
    fetched = fetch_site(place)
    assert list(fetched.folders) == ["data/ale"]
    summary = fetched.folders["data/ale"]
    assert {name: count.records for name, count in summary.endpoints.items()} == {"persons": 1, "organisations": 2}
    assert set(summary.unsupported) == {"programmes", "deletedEntities"}
    page = gzip.decompress((tmp_path / "data/ale/organisations/0001.json.gz").read_bytes())
    assert json.loads(page)["data"] == HELD["organisations"]
    assert "ale: data/ale" in str(fetched)
    assert not fetch_site(place).folders["data/ale"].new
    assert fetch_site(place, anew=True).folders["data/ale"].new


def test_a_site_without_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_with(tmp_path, monkeypatch, Source(Layout("ss12000", Path("data/ale")), ("persons",)))
    with pytest.raises(InputError, match="no source of Ale has a server") as caught:
        fetch_site(place)
    assert "ale.yml" in str(caught.value)


def test_a_folder_outside_the_project(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = ApiAccess(url, VARIABLE, date(2023, 8, 1), date(2024, 6, 30))
    source = Source(Layout("ss12000", Path("../elsewhere")), ("persons",), api=api)
    with pytest.raises(InputError, match="leads out of the project"):
        fetch_site(place_with(tmp_path / "project", monkeypatch, source))
    assert not (tmp_path / "elsewhere").exists()
