"""The scan reads what a font's bytes may look like in no time: a bracket, digits without end, no closing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from evalkit.disclosure import scan_published
from evalkit.errors import DisclosureError

HOSTILE = "b'stream\\n' + b'[' + b'1' * 100_000 + b' (a' * 5_000 + b'\\nendstream'"


def test_digits_without_end_do_not_hold_the_scan_up() -> None:
    code = f"from evalkit.disclosure.pdf_text import pdf_texts; print(len(list(pdf_texts({HOSTILE}))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) >= 2


def test_eight_character_codes_are_no_pseudonym_but_a_pseudonym_is(tmp_path) -> None:
    codes = b"BT <" + b"0012" * 8 + b"> Tj ET"
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\nstream\n" + codes + b"\nendstream")
    scan_published(tmp_path)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\nstream\nBT (" + b"0a12" * 8 + b") Tj ET\nendstream")
    with pytest.raises(DisclosureError, match="pseudonym"):
        scan_published(tmp_path)


def two_fonts(line: list[int]) -> bytes:
    """Return a PDF whose first font has the digits of digests, its second many letters under codes from 1."""
    digits = "".join(f"<{code:04x}> <{ord(sign):04x}>\n" for code, sign in enumerate("0123456789abcdef", 1))
    letters = "".join(f"<{code:04x}> <{0x60 + code % 26 + 1:04x}>\n" for code in range(1, 60))
    tables = (f"stream\nbeginbfchar\n{table}endbfchar\nendstream\n" for table in (digits, letters))
    drawn = "".join(f"{code:04x}" for code in line)
    return f"%PDF-1.7\n{''.join(tables)}stream\nBT <{drawn}> Tj ET\nendstream\n".encode()


def test_text_is_not_read_with_a_font_that_lacks_its_characters(tmp_path) -> None:
    text = [1 + number % 16 for number in range(32)]
    (tmp_path / "a.pdf").write_bytes(two_fonts([40, *text, 41]))
    scan_published(tmp_path)
    (tmp_path / "a.pdf").write_bytes(two_fonts(text))
    with pytest.raises(DisclosureError, match="pseudonym"):
        scan_published(tmp_path)


def test_one_glyph_without_a_character_hides_no_pseudonym(tmp_path) -> None:
    signs = "0123456789abcdefghijklmnopqrstuvwxyzABCDE"
    letters = "".join(f"<{code:04x}> <{ord(sign):04x}>\n" for code, sign in enumerate(signs, 1))
    other = "".join(f"<{code:04x}> <{0x41 + code % 26:04x}>\n" for code in range(1, 120))
    tables = "".join(f"stream\nbeginbfchar\n{table}endbfchar\nendstream\n" for table in (letters, other))
    drawn = "".join(f"{1 + number % 16:04x}" for number in range(32))
    (tmp_path / "a.pdf").write_bytes(f"%PDF-1.7\n{tables}stream\nBT <{drawn}0063> Tj ET\nendstream\n".encode())
    with pytest.raises(DisclosureError, match="pseudonym"):
        scan_published(tmp_path)
