"""The reference document that gives Word its styles, header and footer, made afresh for each report."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from evalkit.errors import RenderError
from evalkit.reports.locator import theme_folder
from evalkit.reports.page_frame import document_title, running_foot
from evalkit.reports.provenance import ReportInfo
from evalkit.reports.texts import frame_texts

EARLIEST = (1980, 1, 1, 0, 0, 0)
GROUND, NO_GROUND = "F7E1CB", "auto"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
PARTS = {"header1.xml": "header", "footer1.xml": "footer"}
SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rId101"/><w:footerReference w:type="default" r:id="rId102"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1361" w:right="1247" w:bottom="1361" w:left="1247" w:header="680" w:footer="680" w:gutter="0"/>'
    "</w:sectPr>"
)


def reference_document(info: ReportInfo, plain: bytes) -> bytes:
    """Return a reference document for pandoc in the theme's styles.

    Parameters
    ----------
    info
        Says what stands in header and footer.
    plain
        Pandoc's own reference document (``pandoc --print-default-data-file reference.docx``).

    Returns
    -------
    bytes
        The same bytes for the same report.
    """
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/styles.xml"] = (theme_folder() / "word" / "styles.xml").read_bytes()
    parts |= {f"word/{name}": content.encode() for name, content in _header_and_footer(info).items()}
    _insert(parts, "[Content_Types].xml", "</Types>", _content_types())
    _insert(parts, "word/_rels/document.xml.rels", "</Relationships>", _relationships())
    document = parts["word/document.xml"].decode()
    start = document.rfind("<w:sectPr")
    body = document[:start] if start >= 0 else document[: document.rindex("</w:body>")]
    parts["word/document.xml"] = f"{body}{SECTION}</w:body></w:document>".encode()
    return packed(parts)


def _header_and_footer(info: ReportInfo) -> dict[str, str]:
    badge = f"  {frame_texts(info.language)['simulated']}  " if info.simulated else ""
    words = {
        "title": document_title(info),
        "badge": badge,
        "line": running_foot(info),
        "fill": GROUND if info.simulated else NO_GROUND,
    }
    safe = {name: escape(text) for name, text in words.items()}
    folder = theme_folder() / "word"
    return {
        part: Template((folder / f"{kind}.xml").read_text(encoding="utf-8")).substitute(safe)
        for part, kind in PARTS.items()
    }


def _content_types() -> str:
    return "".join(
        f'<Override PartName="/word/{part}" ContentType="{WORD}.{kind}+xml"/>' for part, kind in PARTS.items()
    )


def _relationships() -> str:
    return "".join(
        f'<Relationship Type="{OFFICE}/{kind}" Id="rId{number}" Target="{part}"/>'
        for number, (part, kind) in enumerate(PARTS.items(), start=101)
    )


def _insert(parts: dict[str, bytes], name: str, before: str, text: str) -> None:
    content = parts[name].decode()
    if before not in content:
        raise RenderError(f"pandoc's reference document has an unexpected {name}", remedy="use pandoc 3.9")
    parts[name] = content.replace(before, text + before).encode()


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of parts, without times, so that equal parts give equal bytes."""
    target = io.BytesIO()
    first = [name for name in ("[Content_Types].xml",) if name in parts]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in [*first, *sorted(set(parts) - set(first))]:
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, parts[name])
    return target.getvalue()


def repack(path: Path) -> None:
    """Rewrite a Word file without the times of its making."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path.write_bytes(packed(parts))
