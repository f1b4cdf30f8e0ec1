"""Text of a PDF, as far as the standard library gets: for searching, not for reading."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
# possessive throughout: a font's bytes may hold a bracket and thousands of digits, and no end
_SHOWN = re.compile(
    rb"\[((?:\s*+(?:\((?:\\.|[^\\()])*+\)|<[0-9A-Fa-f\s]*+>|-?[\d.]++))*+)\s*+\]\s*+TJ"
    rb"|((?:\((?:\\.|[^\\()])*+\)|<[0-9A-Fa-f\s]*+>))\s*+Tj"
)
_PIECE = re.compile(rb"\(((?:\\.|[^\\()])*)\)|<([0-9A-Fa-f\s]*)>")
_CODES = re.compile(rb"<[0-9A-Fa-f\s]++>")
_SINGLES = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
LONGEST_RANGE = 4096
DIGITS = frozenset("0123456789abcdef")
KNOWN = 0.8
"""Share of a string's codes that a font knows before it is read in it; a glyph may stand in no table."""


def pdf_texts(content: bytes) -> Iterator[str]:
    """Give the file's own bytes, its unpacked streams, and what their strings say in each of its fonts.

    Which font draws a string stands elsewhere, so it is read with every font's table of characters that knows most of
    its codes; the wrong ones make gibberish, and one reading is right. Encrypted files and fonts without such a table
    are not read.

    Parameters
    ----------
    content
        The file.
    """
    yield content.decode("latin-1")
    streams = [_unpacked(found[1]) for found in _STREAM.finditer(content)]
    fonts = [font for stream in streams if b"beginbf" in stream for font in [_font(stream)] if font]
    for stream in streams:
        # codes of characters, eight of which may look like a pseudonym; what they say is read below
        yield _CODES.sub(b"<>", stream).decode("latin-1")
        lines = [_string(found[1] or found[2]) for found in _SHOWN.finditer(stream)]
        if lines:
            yield "\n".join(line.decode("latin-1") for line in lines)
            yield "\n".join(reading for line in lines for reading in _readings(line, fonts))


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return stream


def _font(stream: bytes) -> dict[int, str]:
    """Return a font's table from two-byte codes to characters."""
    found: dict[int, str] = {}
    for block in _SINGLES.finditer(stream):
        codes = _HEX.findall(block[1])
        found |= {int(code, 16): _character(text) for code, text in zip(codes[::2], codes[1::2], strict=False)}
    for block in _RANGES.finditer(stream):
        for first, last, start, several in _RANGE.findall(block[1]):
            span = range(int(first, 16), min(int(last, 16), int(first, 16) + LONGEST_RANGE) + 1)
            texts = _HEX.findall(several)
            if texts:
                found |= {code: _character(text) for code, text in zip(span, texts, strict=False)}
            elif start:
                base = _character(start)
                found |= {code: base[:-1] + chr(ord(base[-1]) + step) for step, code in enumerate(span) if base}
    return found


def _character(digits: bytes) -> str:
    return bytes.fromhex(digits.decode() if len(digits) % 2 == 0 else "0" + digits.decode()).decode(
        "utf-16-be", "replace"
    )


def _string(shown: bytes) -> bytes:
    pieces = []
    for literal, digits in _PIECE.findall(shown):
        packed = re.sub(rb"\s", b"", digits)
        pieces.append(
            bytes.fromhex((packed + b"0" * (len(packed) % 2)).decode()) if packed else _ESCAPE.sub(_escaped, literal)
        )
    return b"".join(pieces)


def _escaped(found: re.Match[bytes]) -> bytes:
    told = found[1]
    if told[:1] in b"01234567" and told:
        return bytes([int(told, 8) & 0xFF])
    return _CONTROLS.get(told, b"" if told == b"\n" else told)


def _readings(line: bytes, fonts: list[dict[int, str]]) -> Iterator[str]:
    """Read a string's two-byte codes with each of the fonts that know most of them.

    A font that holds little but the digits of digests must know them all: it makes any other text look like digests.
    """
    codes = [int.from_bytes(line[at : at + 2], "big") for at in range(0, len(line), 2)]
    for font in fonts:
        known = sum(code in font for code in codes)
        plain = len(set("".join(font.values())) - DIGITS) > len(DIGITS)
        if known >= (KNOWN if plain else 1.0) * len(codes):
            yield "".join(font.get(code, "\x00") for code in codes)
