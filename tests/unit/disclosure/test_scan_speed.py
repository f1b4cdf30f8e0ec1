"""The scan reads what a font's bytes may look like in no time: a bracket, digits without end, no closing."""

from __future__ import annotations

import subprocess
import sys

HOSTILE = "b'stream\\n' + b'[' + b'1' * 100_000 + b' (a' * 5_000 + b'\\nendstream'"


def test_digits_without_end_do_not_hold_the_scan_up() -> None:
    code = f"from evalkit.disclosure.pdf_text import pdf_texts; print(len(list(pdf_texts({HOSTILE}))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) >= 2
