"""The gate that every executed notebook passes: each output bears a receipt that only a run can write."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from evalkit.errors import DisclosureError, Where

WHAT = {
    "stream": "printed text or a warning",
    "execute_result": "the value of a bare expression",
    "error": "a traceback",
    "display_data": "something shown without show(protect(...))",
}


def receipt(bundle: Mapping[str, Any], facts: Mapping[str, Any], key: bytes) -> str:
    """Return the receipt of one output.

    Parameters
    ----------
    bundle
        What is shown, by media type. Text may stand as one string or, as a notebook on disk has it, as lines.
    facts
        All that is said about it: caption, alternative text, page title, and under ``requests`` the fingerprint of
        every protected value in it by request key. A receipt among them is left out.
    key
        Secret of the run.

    Returns
    -------
    str
        HMAC-SHA256 (RFC 2104) in hexadecimal.
    """
    said = {name: content for name, content in facts.items() if name != "receipt"}
    whole = {"data": {mime: _joined(content) for mime, content in bundle.items()}, "facts": said}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode(), "sha256").hex()


def check_notebook(notebook: Mapping[str, Any], name: str, key: bytes, released: Mapping[str, str]) -> None:
    """Refuse an executed notebook that shows anything that did not come through `protect`.

    Parameters
    ----------
    notebook
        Parsed ``.ipynb``.
    name
        For messages.
    key
        Secret of the run.
    released
        Fingerprint of each value that was released, by request key.

    Raises
    ------
    DisclosureError
        Naming notebook and cell (the first is 1), and what kind of thing stands there; never the thing.
    """
    if not key:
        raise DisclosureError("a gate without a key lets everything through", remedy="hand in the run's key")
    for number, cell in enumerate(notebook.get("cells", ()), 1):
        for found in cell.get("outputs", ()):
            told = _fault(found, key, released)
            if told:
                raise DisclosureError(
                    f"notebook {name}, cell {number}: {told}",
                    where=Where(file=f"{name}.ipynb"),
                    remedy="show values with ek.show(ek.protect(value)) and nothing else, then run again",
                )
        if cell.get("attachments"):
            raise DisclosureError(
                f"notebook {name}, cell {number}: an attached file", where=Where(file=f"{name}.ipynb")
            )


def _fault(found: Mapping[str, Any], key: bytes, released: Mapping[str, str]) -> str:
    """Return what is wrong with one output, "" if nothing is."""
    kind = str(found.get("output_type"))
    facts = found.get("metadata", {}).get("evalkit", {})
    if kind != "display_data" or not facts.get("receipt"):
        return WHAT.get(kind, "an output of an unknown kind")
    if not hmac.compare_digest(receipt(found.get("data", {}), facts, key), str(facts["receipt"])):
        return "an output whose receipt is not of this run, or that was changed afterwards"
    requests = facts.get("requests", {})
    if not requests or any(released.get(request) != digest for request, digest in requests.items()):
        return "an output of a value that was not released"
    return ""


def _joined(content: Any) -> Any:
    return "".join(content) if isinstance(content, list) and all(isinstance(line, str) for line in content) else content
