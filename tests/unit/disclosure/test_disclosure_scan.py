"""The scan of published files."""

import zipfile
import zlib

import pytest
import typst

from evalkit.disclosure import scan_published
from evalkit.errors import DisclosureError

CANARY = "Kanariefågel"
IDENTITY = "19121212-1212"
PSEUDONYM = "0123456789abcdef" * 2
PAGE = """<!doctype html><html lang="sv"><head><link rel="stylesheet" href="theme.css">
<script src="site.js"></script></head>
<body><p>Närvaron steg från 88,7 till 90,3 procent, 1 234 elever, dnr 22-004-S04.</p>
<p>Studie {digest}, körning 3f2a9c1d. <a href="https://www.skolverket.se/">Skolverket</a></p>
<svg><path d="M 120.1234567890 900.1011234567 L 3.5 4"/></svg>
<img src="data:image/png;base64,iVBORw0KGgo1912121212121212">
</body></html>""".format(digest="ab" * 32)


def refused(folder, name, canaries=(CANARY,)):
    with pytest.raises(DisclosureError) as caught:
        scan_published(folder, canaries)
    assert f"where: {name}" in str(caught.value)
    assert IDENTITY not in str(caught.value)
    assert CANARY not in str(caught.value)
    return str(caught.value)


def test_a_clean_site_passes(tmp_path):
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "a.csv").write_text("termin;andel\nHT2021;0,887123456789\nVT2022;2024010100000\n", encoding="utf-8")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n")
    scan_published(tmp_path, [CANARY, ""])


@pytest.mark.parametrize(
    "number",
    ["191212121212", "1212121212", "121212-1212", "121212+1212", "19121272-1219", "20130101TF01", IDENTITY],
)
def test_identity_numbers_in_every_form(tmp_path, number):
    (tmp_path / "index.html").write_text(f"<p>Elev {number}.</p>", encoding="utf-8")
    assert "identity number" in refused(tmp_path, "index.html")


@pytest.mark.parametrize("number", ["19121212-1213", "191213121212", "121232-1212", "9912121212121212", "1.1212121212"])
def test_numbers_that_are_none(tmp_path, number):
    (tmp_path / "index.html").write_text(f"<p>{number}</p>", encoding="utf-8")
    scan_published(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.html", f'<p title="{CANARY}">x</p>', "canary"),
        ("a.html", "<p>Kanarie<b>fågel</b></p>", "canary"),
        ("a.html", "<p>Kanarief&aring;gel</p>", "canary"),
        ("a.svg", f"<svg><desc>{CANARY}</desc></svg>", "canary"),
        ("a.csv", f"skola;{PSEUDONYM}\n", "pseudonym"),
        ("data.json", f'{{"id": "{IDENTITY}"}}', "identity number"),
        ("deep/down/a.html", "<p>se .evalkit/studie/runs</p>", "path"),
        ("a.html", "<p>/home/anna/data.csv</p>", "path"),
        ("a.html", '<a href="file:///etc">x</a>', "path"),
        ("a.html", r"<p>C:\Users\anna</p>", "path"),
        ("a.html", '<script src="https://cdn.example.org/x.js"></script>', "outside"),
        ("a.html", "<script defer src=//cdn.example.org/x.js></script>", "outside"),
        ("a.html", '<link href="https://fonts.example.org/x.css" rel="stylesheet">', "outside"),
        ("a.html", '<img alt="" src="http://example.org/x.png">', "outside"),
        ("a.css", "@import url('https://example.org/x.css');", "outside"),
        ("a.bin", CANARY, "canary"),
    ],
)
def test_what_must_not_be_published(tmp_path, name, text, told):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert told in refused(tmp_path, name)


@pytest.mark.parametrize(
    ("member", "text", "told"),
    [
        ("word/document.xml", f"<w:t>Kanarie</w:t><w:t>{CANARY[7:]}</w:t>", "canary"),
        ("word/header1.xml", f"<w:t>{IDENTITY}</w:t>", "identity number"),
        ("docProps/core.xml", "<dc:creator>/root/anna</dc:creator>", "path"),
    ],
)
def test_word_files(tmp_path, member, text, told):
    with zipfile.ZipFile(tmp_path / "report.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, text)
    assert told in refused(tmp_path, "report.docx")


@pytest.mark.parametrize(
    ("text", "told"), [(CANARY, "canary"), (IDENTITY, "identity number"), (f"`{PSEUDONYM}`", "pseudonym")]
)
def test_pdf_text_with_embedded_fonts(tmp_path, text, told):
    source = tmp_path / "report.typ"
    source.write_text(f"= Rapport\nEleven heter *{text}* och bor här.\n", encoding="utf-8")
    published = tmp_path / "published"
    published.mkdir()
    typst.compile(str(source), output=str(published / "report.pdf"))
    assert told in refused(published, "report.pdf")


def test_a_clean_pdf_passes(tmp_path):
    source = tmp_path / "report.typ"
    source.write_text("= Rapport\nNärvaron steg från 88,7 till 90,3 procent, 1 234 elever.\n", encoding="utf-8")
    published = tmp_path / "published"
    published.mkdir()
    typst.compile(str(source), output=str(published / "report.pdf"))
    scan_published(published, [CANARY])


def test_plain_pdf_strings_and_metadata(tmp_path):
    packed = zlib.compress(b"BT /F1 12 Tf [(1912) -20 (1212-\\0612) 3 (12)] TJ ET")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n1 0 obj <<>> stream\n" + packed + b"\nendstream endobj\n")
    assert "identity number" in refused(tmp_path, "a.pdf")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n<< /Author (/home/anna/x) >>\n")
    assert "path" in refused(tmp_path, "a.pdf")
