"""The same release has the same bytes in every process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
sys.path.insert(0, "tests")
from drawn_releases import SKOLVERKET, table
from evalkit.disclosure import protect_release
rows = [f"{term} {school} {12 + (7 * n + 3 * m) % 40} {(5 * n + m) % 9}" for n, term in enumerate("xyz")
        for m, school in enumerate("ABCDEF")]
drawn = table("term school persons failed\\n" + "\\n".join(rows))
print(protect_release({"c/drawn": drawn}, SKOLVERKET).digest)
"""


@pytest.mark.parametrize("seeds", [("1", "2")])
def test_two_processes_agree(seeds):
    digests = set()
    for seed, zone, locale in zip(seeds, ("UTC", "Pacific/Kiritimati"), ("C.UTF-8", "C"), strict=True):
        around = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        found = subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=ROOT, env=around, capture_output=True, text=True, check=True
        )
        digests.add(found.stdout)
    assert len(digests) == 1
