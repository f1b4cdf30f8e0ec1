"""Show what was protected, and nothing else: one picture, table, finding or box per call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from IPython.display import publish_display_data

from evalkit.disclosure import receipt
from evalkit.errors import DisclosureError
from evalkit.reports.labels import Words
from evalkit.reports.shown import Shown
from evalkit.reports.views import compose
from evalkit.values import Curve, Estimate, Protected

DEFAULT_LANGUAGE = "sv"
KEY_FILE = "receipt.key"
Publish = Callable[[dict[str, str], dict[str, object]], None]
PENDING = "pending"


def show(
    protected: Protected,
    *more: Protected,
    view: str | None = None,
    language: str | None = None,
    key: bytes = b"",
) -> None:
    """Show one protected value, or several in one box, as one output of the cell.

    Parameters
    ----------
    protected, more
        From `protect`. Several are for ``view="conclusions"``, ``"title"`` and ``"headline"``.
    view
        A table: ``"table"`` (default), ``"wide"`` (times side by side), ``"line"``, ``"bars"``, ``"grid"``. A flow:
        ``"flow"``. An estimate: ``"finding"`` (default: sentence and certainty), ``"interval"`` (picture),
        ``"design"`` (what a design can tell, as a list; the default of such a report), ``"headline"`` (picture,
        sentence and certainty, one of several on a page), ``"title"`` (the page's title and lead). A curve: by its
        kind. Several: ``"conclusions"``.
    language
        ``"sv"`` or ``"en"``; by default the origin's.
    key
        Key of the receipt; by default the run's, empty outside a run.

    Raises
    ------
    DisclosureError
        If something was not protected.
    InputError
        If the value has no such view.
    """
    values = (protected, *more)
    _refuse_unprotected(values)
    words = Words(language or _language(values))
    shown = _pending() if any(_is_pending(value) for value in values) else compose(values, view, words)
    bundle = shown.bundle()
    said = {**shown.facts(), "requests": {value.request: value.fingerprint for value in values}}
    stamp = receipt(bundle, said, key or _key_of(protected))
    publish: Publish = publish_display_data
    publish(bundle, {"evalkit": {**said, "receipt": stamp}})


def _refuse_unprotected(values: tuple[object, ...]) -> None:
    for value in values:
        if not isinstance(value, Protected):
            raise DisclosureError(
                f"show() was handed a {type(value).__name__} that did not come through protect()",
                remedy="write ek.show(ek.protect(value))",
            )


def _language(values: tuple[Protected, ...]) -> str:
    return next((value.origin.language for value in values if value.origin is not None), DEFAULT_LANGUAGE)


def _is_pending(protected: Protected) -> bool:
    value = protected.value
    if isinstance(value, Estimate):
        return protected.status == "placeholder" or value.design == PENDING
    return protected.status == "placeholder" or (isinstance(value, Curve) and value.kind == PENDING)


def _pending() -> Shown:
    return Shown(kind="pending", html=f"<p>{PENDING}</p>", plain=PENDING)


def _key_of(protected: Protected) -> bytes:
    folder = protected.origin.run_folder if protected.origin is not None else ""
    path = Path(folder) / KEY_FILE
    return path.read_bytes() if folder and path.is_file() else b""
