"""Rendering with Quarto, played by a stand-in: what it is handed, and how each way of failing is told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import drawn_chapters as drawn
from evalkit.errors import RenderError
from evalkit.reports.quarto import render_with_quarto
from evalkit.reports.renderers import Renderer
from evalkit.reports.website import render_site
from evalkit.reports.word_theme import packed

STAND_IN = """#!{python}
import json, os, pathlib, signal, sys, time
here = pathlib.Path.cwd()
log = pathlib.Path(sys.argv[sys.argv.index("--log") + 1]) if "--log" in sys.argv else None
record = {{"arguments": sys.argv[1:], "files": sorted(str(p.relative_to(here)) for p in here.rglob("*") if p.is_file()),
           "folder": str(here), "environment": sorted(os.environ)}}
pathlib.Path({record!r}).write_text(json.dumps(record))
for page in {made!r}:
    content = pathlib.Path({word!r}).read_bytes() if page.endswith("docx") else b"made of " + page.encode()
    (here / page).write_bytes(content)
log.write_text({log!r})
sys.stderr.write({stderr!r})
{ending}
"""
MADE = ["index.html", "attendance.html", "report.pdf", "report-word.docx"]


@pytest.fixture
def stand_in(tmp_path):
    def write(*, made=MADE, log="", stderr="", ending="sys.exit(0)"):
        word = tmp_path / "word.docx"
        word.write_bytes(packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d/>"}))
        script = tmp_path / "quarto"
        facts = {"python": sys.executable, "record": str(tmp_path / "record.json"), "word": str(word)}
        script.write_text(STAND_IN.format(made=made, log=log, stderr=stderr, ending=ending, **facts))
        script.chmod(0o755)
        return str(script)

    return write


def record(tmp_path: Path):
    return json.loads((tmp_path / "record.json").read_text())


def render(command: str, out: Path, **settings):
    out.mkdir()
    render_with_quarto(drawn.chapters(), info=drawn.INFO, command=command, folder=out, **settings)


def line(level: str, text: str) -> str:
    return json.dumps({"msg": text, "level": 40, "levelName": level}) + "\n"


def test_success_collects_the_pages_and_nothing_else(stand_in, tmp_path):
    render(stand_in(log=line("INFO", "Output created: index.html")), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "attendance.html",
        "index.html",
        "report.docx",
        "report.pdf",
    ]
    assert (tmp_path / "out" / "report.pdf").read_bytes() == b"made of report.pdf"


def test_what_quarto_is_handed(stand_in, tmp_path):
    render(stand_in(), tmp_path / "out")
    told = record(tmp_path)
    assert told["arguments"] == [
        "render",
        ".",
        "--log",
        "render.log",
        "--log-level",
        "info",
        "--log-format",
        "json-stream",
    ]
    assert {"_quarto.yml", "index.ipynb", "attendance.ipynb", "report.ipynb", "report-word.ipynb"} <= set(told["files"])
    assert {"page.html", "references.lua", "boxes.lua", "reference.docx", "fonts/Inter-Regular.ttf"} <= set(
        told["files"]
    )
    assert "SOURCE_DATE_EPOCH" in told["environment"]
    assert "--execute" not in told["arguments"]


def test_the_folder_is_private_and_gone_afterwards(stand_in, tmp_path):
    render(stand_in(), tmp_path / "one")
    first = record(tmp_path)["folder"]
    render(stand_in(), tmp_path / "two")
    assert record(tmp_path)["folder"] != first
    assert not Path(first).exists()


def test_a_failure_tells_what_quarto_said(stand_in, tmp_path):
    command = stand_in(log=line("ERROR", "Typst compilation failed"), ending="sys.exit(1)")
    with pytest.raises(RenderError, match=r"Quarto failed \(1\): Typst compilation failed") as caught:
        render(command, tmp_path / "out")
    assert "--renderer embedded" in caught.value.remedy


@pytest.mark.parametrize(
    "said",
    [
        {"log": line("INFO", "pandoc") + line("ERROR", "Error running filter references.lua")},
        {"log": line("CRITICAL", "Error running filter references.lua")},
        {"stderr": "ERROR: Error running filter references.lua\n"},
        {"log": "ERROR: Error running filter references.lua\n"},
    ],
)
def test_errors_in_the_log_count_although_quarto_ended_well(stand_in, tmp_path, said):
    with pytest.raises(RenderError, match="logged errors"):
        render(stand_in(**said), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_warnings_do_not_count(stand_in, tmp_path):
    render(stand_in(log=line("WARNING", "a new version is out"), stderr="WARNING: x\n"), tmp_path / "out")
    assert (tmp_path / "out" / "index.html").exists()


def test_a_kill_is_named(stand_in, tmp_path):
    command = stand_in(ending="os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(RenderError, match="stopped by SIGKILL"):
        render(command, tmp_path / "out")


def test_waiting_has_an_end(stand_in, tmp_path):
    with pytest.raises(RenderError, match="not done after"):
        render(stand_in(ending="time.sleep(30)"), tmp_path / "out", patience=1.0)


def test_a_page_left_out_is_named(stand_in, tmp_path):
    with pytest.raises(RenderError, match=r"without making attendance\.html"):
        render(stand_in(made=["index.html", "report.pdf", "report-word.docx"]), tmp_path / "out")


def test_a_quarto_that_cannot_start_is_told(tmp_path):
    with pytest.raises(RenderError, match="could not be started"):
        render(str(tmp_path / "missing"), tmp_path / "out")


def test_a_failed_run_leaves_the_old_report_and_does_not_change_renderer(stand_in, tmp_path):
    out = tmp_path / "report"
    out.mkdir()
    (out / "index.html").write_text("as it was")
    renderer = Renderer("quarto", "1.10.18", stand_in(ending="sys.exit(3)"))
    with pytest.raises(RenderError, match=r"Quarto failed \(3\): it gave no reason"):
        render_site(drawn.chapters(), info=drawn.INFO, renderer=renderer, out=out)
    assert (out / "index.html").read_text() == "as it was"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".report")] == []
    assert [path.name for path in out.iterdir()] == ["index.html"]
