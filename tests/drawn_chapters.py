"""Two executed notebooks in the forms that `show` gives, small enough to read; their numbers mean nothing."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evalkit.reports.provenance import Chapter, ReportInfo

INFO = ReportInfo(
    study="skolanknytning",
    study_title="Skolanknytning och närvaro",
    site="ale",
    site_name="Ale",
    language="sv",
    date="2026-02-15",
    run="7f3a2c91aa",
    study_digest="4be1" * 16,
    site_digest="90d7" * 16,
    inputs_digest="a91c" * 16,
    code_digest="01e2" * 16,
    versions=(("evalkit", "0.1.0"), ("Python", "3.11")),
    renderer="embedded",
    renderer_version="for tests",
    simulated=True,
    project="22-004-S04",
    funder="Medfinansieras av Europeiska unionen (ESF+)",
    policy="1–4 elever redovisas inte",
    period="HT 2021–VT 2025",
    chapters=(Chapter("summary", "Sammanfattning"), Chapter("attendance", "Närvaro")),
)
ENGLISH = replace(
    INFO,
    language="en",
    study_title="School connectedness and attendance",
    policy="1–4 pupils are not shown",
    period="autumn 2021 to spring 2025",
    funder="Co-funded by the European Union (ESF+)",
    chapters=(Chapter("summary", "Summary"), Chapter("attendance", "Attendance")),
)


def drawing(alt: str, *, themed: bool, width: int = 720, height: int = 200) -> str:
    main = "var(--main, #134b75)" if themed else "#134b75"
    ink = "var(--text-second, #46535d)" if themed else "#46535d"
    paint = f'style="fill: {ink}; font: 13px Inter"'
    points = " ".join(f"{60 + 80 * place},{height - 40 - 9 * (place % 3) - 8 * place}" for place in range(8))
    return (
        f'<svg role="img" aria-label="{alt}" xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">'
        f'<polyline points="{points}" style="fill: none; stroke: {main}; stroke-width: 3"/>'
        f'<text x="60" y="{height - 8}" {paint}>HT 2021</text>'
        f'<text x="{width - 120}" y="{height - 8}" {paint}>VT 2025</text></svg>'
    )


def pixels(width: int = 72, height: int = 20) -> str:
    rows = b"".join(b"\0" + bytes([19, 75, 117] * width) for _ in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def shown(kind: str, html: str, plain: str, *, picture: bool = False, **facts: object) -> dict[str, Any]:
    data: dict[str, Any] = {"text/html": html, "text/markdown": plain}
    if picture:
        data |= {"image/svg+xml": drawing(str(facts["alt"]), themed=False), "image/png": pixels()}
    said = {"receipt": "ab" * 32, "request": f"attendance/{kind}", "kind": kind, **facts}
    return {"output_type": "display_data", "data": data, "metadata": {"evalkit": said}}


def code(source: str, *outputs: Mapping[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    metadata = {"tags": list(tags), "papermill": {"duration": 1.25, "start_time": "2026-01-01T10:00:00"}}
    return {
        "cell_type": "code",
        "id": "a1b2",
        "execution_count": 7,
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
    }


def text(source: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "c3", "metadata": {"tags": list(tags)}, "source": source}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    metadata = {
        "kernelspec": {"display_name": "evalkit", "language": "python", "name": "evalkit"},
        "papermill": {"input_path": "/home/someone/notebooks/attendance.ipynb", "duration": 3.5},
    }
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def raw(source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "id": "r1", "metadata": {}, "source": source}


def start() -> tuple[dict[str, Any], ...]:
    injected = 'study_file = "/home/someone/params/skolanknytning/study.yml"'
    return (
        code('study_file, site_file, language, run = "study.yml", "ale.yml", "sv", None', tags=("parameters",)),
        code(injected, tags=("injected-parameters",)),
        code("import evalkit as ek\n\nstudy = ek.open_study(study_file, site_file, language=language, run=run)"),
    )


def certainty(word: str, reason: str) -> tuple[str, str]:
    bars = '<svg viewBox="0 0 26 16" width="26" height="16" aria-hidden="true"><rect width="6" height="6" y="9"/></svg>'
    html = f'<div class="certainty">{bars}<p><strong>{word}.</strong> {reason}</p></div>'
    return html, f"::: {{.certainty}}\n●○○ **{word}.** {reason}\n:::"


def card(title: str, sentence: str, word: str) -> dict[str, Any]:
    alt = f"Linjediagram. {title}."
    sure_html, sure_plain = certainty(word, "Bara 2 av 30 skolor höll dialogtorg.")
    html = (
        '<div class="finding"><p class="finding-what">Alla elever i årskurs 7–9</p>'
        f"{drawing(alt, themed=True, width=440)}"
        f"<h3>{title}</h3><p>{sentence}</p>{sure_html}</div>"
    )
    plain = f"::: {{.finding-what}}\nAlla elever i årskurs 7–9\n:::\n\n### {title}\n\n{sentence}\n\n{sure_plain}"
    return shown("finding", html, plain, picture=True, alt=alt)


def conclusions() -> dict[str, Any]:
    html = (
        '<div class="conclusions"><h2>Vad vi kan och inte kan säga</h2><div class="columns">'
        '<div class="can"><h3>Det här kan vi säga</h3><ul><li>Närvaron har ökat.</li></ul></div>'
        '<div class="cannot"><h3>Det här kan vi inte säga</h3>'
        "<ul><li>Att projektet har orsakat det.</li></ul></div></div>"
        '<p class="surer"><strong>Vad skulle göra oss säkrare?</strong> Fler skolor.</p></div>'
    )
    plain = (
        "::::: {.conclusions}\n\n## Vad vi kan och inte kan säga\n\n### Det här kan vi säga\n\n"
        "::: {.can}\n- Närvaron har ökat.\n:::\n\n### Det här kan vi inte säga\n\n"
        "::: {.cannot}\n- Att projektet har orsakat det.\n:::\n\n"
        "::: {.surer}\n**Vad skulle göra oss säkrare?** Fler skolor.\n:::\n\n:::::"
    )
    return shown("box", html, plain)


def summary() -> dict[str, Any]:
    return notebook(
        raw(
            "title: {sv: Eleverna är oftare i skolan, en: Pupils are in school more often}\n"
            "nav:\n  sv: Sammanfattning\n  en: Summary"
        ),
        *start(),
        code(
            "ek.show(ek.protect(change), view='headline')",
            card("Närvaron ökade", "Med 1,6 procentenheter.", "Hög säkerhet"),
        ),
        code(
            "ek.show(ek.protect(effect), view='headline')",
            card("Ingen tydlig förändring", "Allt mellan −0,7 och +2,4.", "Låg säkerhet"),
        ),
        code("ek.show(ek.protect(change), ek.protect(effect), view='conclusions')", conclusions()),
    )


def attendance() -> dict[str, Any]:
    sure_html, sure_plain = certainty("Hög säkerhet", "Det gäller att närvaron ökade, inte varför.")
    answer = shown(
        "box",
        '<div class="answer"><p><strong>Närvaron ökade med 1,6 procentenheter</strong> från hösten 2022.</p>'
        f"{sure_html}</div>",
        f"::: {{.answer}}\n**Närvaron ökade med 1,6 procentenheter** från hösten 2022.\n:::\n\n{sure_plain}",
    )
    return notebook(
        raw(
            "title: {sv: Närvaro, en: Attendance}\n"
            "subtitle:\n  sv: Hur mycket är eleverna i skolan?\n  en: How much are pupils in school?"
        ),
        *start(),
        text("::: {.sidenote}\n**Närvaro**\\\nNärvarande tid delad med rapporterad lektionstid.\n:::", "sv"),
        text("::: {.sidenote}\n**Attendance**\\\nTime attended over time reported.\n:::", "en"),
        code("ek.show(ek.protect(change))", answer),
        text(COURSE_SV, "sv"),
        text(COURSE_EN, "en"),
        text("::: {.sidenote}\n**Så läser du figuren**\\\nVårterminer ligger lägre; jämför höst med höst.\n:::", "sv"),
        text("::: {.sidenote}\n**How to read it**\\\nCompare autumn with autumn.\n:::", "en"),
        code("ek.show(ek.protect(table), view='line')", figure()),
        code("ek.show(ek.protect(table))", table()),
        text(METHOD_SV, "sv"),
        text(METHOD_EN, "en"),
    )


COURSE_SV = """## Hur har närvaron utvecklats? {#sec-course}

Som @fig-course visar ökade den, och i @tbl-course står talen.[^1]

[^1]: Lov räknas inte.
"""
COURSE_EN = """## How has attendance developed? {#sec-course}

As @fig-course shows it rose; the numbers stand in @tbl-course.[^1]

[^1]: Holidays do not count.
"""
METHOD_SV = """## Så räknade vi {#sec-method}

::: {.callout-note collapse="true" title="Metod"}
Se [-@fig-course] i @sec-course. Andelen är $p = \\frac{n}{N}$.
:::

::: {.callout-warning title="Att tänka på"}
Rapporteringen ändrades hösten 2023. Läs mer hos [Skolverket](https://www.skolverket.se/).
:::

Skillnaden står i @eq-difference.

$$d = \\bar{y}_1 - \\bar{y}_0$$ {#eq-difference}

::: {.panel-tabset}

### Före

Terminen före.

### Efter

Terminen efter.
:::
"""
METHOD_EN = (
    METHOD_SV.replace("Så räknade vi", "How we counted").replace("Metod", "Method").replace("Att tänka på", "Beware")
)


def figure() -> dict[str, Any]:
    alt = "Linjediagram. Närvaron steg från 88,7 till 90,3 procent, HT 2021 till VT 2025."
    html = f"<figure><figcaption>Närvaron ökade</figcaption>{drawing(alt, themed=True)}</figure>"
    return shown(
        "figure",
        html,
        "Närvaron ökade",
        picture=True,
        label="fig-course",
        caption="Närvaron ökade i alla år",
        subtitle="Andel av rapporterad tid, procent",
        note="Den lodräta axeln är avkortad. Simulerade data.",
        alt=alt,
    )


def table() -> dict[str, Any]:
    html = (
        '<div class="scroll" role="region" tabindex="0" aria-label="Närvaro per termin">'
        '<table data-quarto-disable-processing="true">'
        '<caption><span class="title">Närvaro</span></caption>'
        '<thead><tr><th scope="col">Termin</th><th scope="col" class="number">Elever</th>'
        '<th scope="col" class="number">Närvaro</th></tr></thead>'
        '<tbody><tr><th scope="row">HT 2021</th>'
        '<td class="number">1\u00a0215</td><td class="number">88,7\u00a0%</td></tr>'
        '<tr><th scope="row">VT 2025</th><td class="number protected"><abbr title="skyddat">..</abbr></td>'
        '<td class="number protected"><abbr title="skyddat">..</abbr></td></tr></tbody></table></div>'
        '<p class="legend"><span><b>..</b> skyddat</span></p>'
    )
    plain = (
        "| Termin | Elever | Närvaro |\n|:-------|-------:|--------:|\n"
        "| HT 2021 | 1\u00a0215 | 88,7\u00a0% |\n| VT 2025 | .. | .. |\n\n.. skyddat."
    )
    return shown("table", html, plain, label="tbl-course", caption="Närvaro per termin", note="Simulerade data.")


def chapters() -> list[tuple[str, dict[str, Any]]]:
    return [("summary", summary()), ("attendance", attendance())]
