"""The study's page over its sites."""

from __future__ import annotations

from dataclasses import replace

import drawn_chapters as drawn
from evalkit.reports.index_page import OverviewSection, SiteLink, index_page, write_index
from evalkit.reports.outline import outline

INFO = replace(drawn.INFO, site="", site_name="", site_digest="", chapters=())
SITES = (
    SiteLink("Ale", "ale/index.html", "Närvaron ökade", "+1,6 procentenheter (0,8–2,4)"),
    SiteLink("Mölndal", "molndal/index.html", "Ingen tydlig förändring", "+0,3 procentenheter (−0,5 till +1,1)"),
)


def page() -> str:
    section = OverviewSection(
        "Hur mycket förändrades närvaron?",
        "I genomsnitt 1,0 procentenheter, *nästan* & <säkert>.",
        (f"<figure>{drawn.drawing('Fyra intervall.', themed=True)}</figure>",),
        (("Så läser du figuren", "Punkten är vår bästa uppskattning."),),
    )
    lead = "I Mölndal ser vi ingen tydlig *förändring* [1]."
    return index_page(
        INFO, title="Närvaron ökade i Ale", lead=lead, sites=SITES, sections=[section], support="30 skolor"
    )


def test_links_verdicts_and_sections_in_order(tmp_path):
    entries = [str(entry) for entry in outline(write_index(page(), tmp_path))]
    assert entries == [
        "heading 1 | Närvaron ökade i Ale",
        "link ale/index.html | Ale",
        "link molndal/index.html | Mölndal",
        "heading 2 | Hur mycket förändrades närvaron?",
        "alternative | Fyra intervall.",
    ]


def test_text_is_text():
    html = page()
    assert "*förändring* [1]" in html
    assert "*nästan* &amp; &lt;säkert&gt;" in html
    assert "+0,3 procentenheter (−0,5 till +1,1)" in html


def test_the_page_says_that_data_are_simulated_and_whose_they_are():
    html = page()
    assert "Siffrorna är påhittade" in html
    assert "Omfattning" in html
    assert "report.pdf" not in html


def test_writing_leaves_the_sites_alone_and_can_be_repeated(tmp_path):
    (tmp_path / "ale").mkdir()
    (tmp_path / "ale" / "index.html").write_text("a site")
    write_index(page(), tmp_path)
    first = (tmp_path / "index.html").read_bytes()
    write_index(page(), tmp_path)
    assert (tmp_path / "index.html").read_bytes() == first
    assert (tmp_path / "ale" / "index.html").read_text() == "a site"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ale", "assets", "index.html"]
    assert (tmp_path / "assets" / "theme.css").exists()
