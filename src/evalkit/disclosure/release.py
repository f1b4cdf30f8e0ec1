"""What one run releases at a site, and its place on disk."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from evalkit.disclosure.policy import Policy
from evalkit.errors import DisclosureError
from evalkit.values import Birthright, Protectable, Protected, fingerprint
from evalkit.values.archive import read, write

RELEASED, BASIS, CONTENTS = "release", "basis", "release.json"


@dataclass(frozen=True, eq=False)
class Release:
    """Values protected together.

    Parameters
    ----------
    policy
        By which they were treated.
    requests
        What was asked for, nothing hidden, by request key. Never leaves the store.
    protected
        What may be shown, by request key.
    """

    policy: Policy
    requests: Mapping[str, Protectable]
    protected: Mapping[str, Protected]

    @property
    def fingerprints(self) -> dict[str, str]:
        """Digest of each protected value, by request key."""
        return {key: self.protected[key].fingerprint for key in sorted(self.protected)}

    @property
    def digest(self) -> str:
        """Digest of everything that may be shown."""
        return fingerprint(self.policy.digest, self.fingerprints)


def write_release(release: Release, run_folder: Path | str) -> None:
    """Write a release into a run's folder, in place of one that is there.

    Parameters
    ----------
    release
        From `protect_release`.
    run_folder
        ``release/<notebook>/<name>`` receives what may be shown, ``basis/`` what it was made from, ``release.json``
        the policy and the digests; the last is written last, and without it there is no release.
    """
    folder = Path(run_folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / CONTENTS).unlink(missing_ok=True)
    for part, values in ((BASIS, release.requests), (RELEASED, release.protected)):
        shutil.rmtree(folder / part, ignore_errors=True)
        for key, value in values.items():
            write(value, folder / part / key)
    contents = {"policy": asdict(release.policy), "released": release.fingerprints}
    making = folder / f".{CONTENTS}-{os.getpid()}"
    making.write_text(json.dumps(contents, ensure_ascii=False, sort_keys=True, indent=1), encoding="utf-8")
    making.replace(folder / CONTENTS)


def read_release(run_folder: Path | str) -> Release:
    """Read back what `write_release` wrote.

    Raises
    ------
    DisclosureError
        If there is no whole release, or a value is not the one that was released.
    """
    folder = Path(run_folder)
    if not (folder / CONTENTS).is_file():
        raise DisclosureError("the run has no release", remedy="run again: collect, protect, show")
    contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
    told = contents["policy"]
    policy = Policy(**told | {"scales": tuple((unit, low, high) for unit, low, high in told["scales"])})
    requests = {key: read(folder / BASIS / key) for key in contents["released"]}
    protected = {key: read_protected(folder, key) for key in contents["released"]}
    changed = [key for key, digest in contents["released"].items() if protected[key].fingerprint != digest]
    if changed:
        raise DisclosureError(
            f"what was released has been changed since: {', '.join(changed)}",
            remedy="run again; nothing in a store is edited",
        )
    return Release(policy, requests, protected)


def read_protected(run_folder: Path, key: str) -> Protected:
    """Read one released value.

    Raises
    ------
    FileNotFoundError
        If it was not released.
    """
    value: Protected = read(run_folder / RELEASED / key, Birthright())
    return value
