"""What the notebooks of a run ask to show: written down in the collecting pass, looked up in the showing pass."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from evalkit.errors import DisclosureError
from evalkit.values import Curve, Estimate, Flow, Origin, Protectable, SchoolSums, Table, fingerprint
from evalkit.values.archive import read, write
from evalkit.values.protected import parts

REQUESTS = "requests"
NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_-]*")


def request_key(value: Protectable, origin: Origin) -> str:
    """Return the key of a request: notebook and name.

    Raises
    ------
    DisclosureError
        If one of them cannot be the name of a folder.
    """
    for name in (origin.notebook, value.name):
        if not NAME.fullmatch(name):
            raise DisclosureError(
                f"a request cannot be called {name!r}", remedy="use letters, digits, hyphens and underscores in name="
            )
    return f"{origin.notebook}/{value.name}"


def store_request(value: Protectable, origin: Origin) -> str:
    """Keep a request in the run's folder, and return its key.

    Raises
    ------
    DisclosureError
        If the notebook has asked for something else under the same name.
    """
    key = request_key(value, origin)
    folder = Path(origin.run_folder) / REQUESTS / key
    if not (folder / "noun.json").is_file():
        write(value, folder)
    elif content(read(folder)) != content(value):
        raise DisclosureError(
            f"notebook {origin.notebook} asks for two different values named {value.name!r}",
            remedy="give each its own name=",
        )
    return key


def find_request(value: Protectable, origin: Origin) -> str:
    """Return the key under which the collecting pass asked for a value.

    Raises
    ------
    DisclosureError
        If it did not, or asked for another value under this name.
    """
    key = request_key(value, origin)
    folder = Path(origin.run_folder) / REQUESTS / key
    if not (folder / "noun.json").is_file():
        raise DisclosureError(
            f"notebook {origin.notebook} shows {value.name!r}, which the collecting pass did not ask for",
            remedy="let the notebook ask for the same values every time it runs",
        )
    asked = read(folder)
    if not is_pending(asked) and content(asked) != content(value):
        raise DisclosureError(
            f"notebook {origin.notebook} shows a {value.name!r} that differs from what the collecting pass asked for",
            remedy="take chance and the clock out of the notebook, and give each value its own name=",
        )
    return key


def read_requests(run_folder: Path | str) -> dict[str, Protectable]:
    """Return every request of a run by its key, in the order of the keys."""
    folder = Path(run_folder) / REQUESTS
    places = sorted(path.parent for path in folder.glob("*/*/noun.json"))
    return {place.relative_to(folder).as_posix(): read(place) for place in places}


def is_pending(value: Protectable) -> bool:
    """Tell whether a value waits for all sites' sums."""
    return (isinstance(value, Estimate) and value.design == "pending") or (
        isinstance(value, Curve) and value.kind == "pending"
    )


def content(value: Protectable) -> str:
    """Digest of everything that a request says."""
    if isinstance(value, Estimate):
        beside = (value.design, value.method, value.convention, value.treated_clusters, value.persons_minimum)
        return fingerprint(*parts(value), *beside)
    if isinstance(value, SchoolSums):
        return fingerprint(*parts(value), value.name, value.minimum)
    return fingerprint(*parts(value))


def emptied(value: Protectable) -> tuple[Protectable, pd.DataFrame]:
    """Return a value of the same kind without a number, and its marks, for the pass in which nothing is shown."""
    nothing = pd.DataFrame()
    if isinstance(value, Table):
        numbers = {column.name: float("nan") for column in value.columns if column.kind != "text"}
        marks = value.frame.astype("object").assign(**dict.fromkeys(value.frame.columns, ""))
        marks = marks.assign(**dict.fromkeys(numbers, ".."))
        return Table(
            value.name, value.universe, value.axes, value.columns, value.frame.assign(**numbers), value.origin
        ), marks
    if isinstance(value, Flow):
        return Flow((), value.universe, value.name, value.origin), nothing
    if isinstance(value, Estimate):
        return Estimate(value.name, value.estimand, value.design, None, value.unit, origin=value.origin), nothing
    if isinstance(value, Curve):
        frame = value.frame.head(0)
        return Curve(
            value.name, value.kind, value.estimand, value.unit, frame, value.method, origin=value.origin
        ), nothing
    frames = (value.schools.head(0), value.terms.head(0), value.contrasts.head(0))
    return SchoolSums(
        value.outcome, value.unit, *frames, value.labels, value.minimum, value.name, value.origin
    ), nothing
