"""The gate: only what bears a receipt of this run passes."""

import json

import nbformat
import pytest

from evalkit.disclosure import check_notebook, receipt
from evalkit.errors import DisclosureError

KEY = b"k" * 32
REQUEST = "attendance/by_school"
RELEASED = {REQUEST: "a" * 64, "attendance/by_sex": "b" * 64}
BUNDLE = {"text/html": "<table>\n<tr><td>..</td></tr>\n</table>", "text/markdown": "| .. |\n"}


def said(request=REQUEST, digest=None):
    return {"kind": "table", "caption": "Elever", "requests": {request: digest or RELEASED.get(request, "c" * 64)}}


def shown(bundle=BUNDLE, request=REQUEST, key=KEY, stamp=None, digest=None):
    facts = said(request, digest)
    facts["receipt"] = stamp or receipt(bundle, facts, key)
    return nbformat.v4.new_output("display_data", data=dict(bundle), metadata={"evalkit": facts})


def notebook(*outputs):
    """Return an executed notebook as it stands on disk: its third cell has the outputs."""
    cells = [nbformat.v4.new_markdown_cell("text"), nbformat.v4.new_code_cell("import evalkit as ek")]
    cells.append(nbformat.v4.new_code_cell("show", outputs=list(outputs), execution_count=1))
    return json.loads(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))


def test_protected_outputs_pass():
    check_notebook(notebook(shown(), shown(request="attendance/by_sex")), "attendance", KEY, RELEASED)


def test_a_notebook_without_outputs_passes():
    check_notebook(notebook(), "attendance", KEY, RELEASED)


SECRET = "19121212-1212"
FRAME = {"text/plain": f"   person\n0  {SECRET}", "text/html": f"<td>{SECRET}</td>"}


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (nbformat.v4.new_output("stream", name="stdout", text=SECRET), "printed text"),
        (nbformat.v4.new_output("stream", name="stderr", text=SECRET), "printed text or a warning"),
        (nbformat.v4.new_output("execute_result", data=FRAME, execution_count=1), "bare expression"),
        (nbformat.v4.new_output("display_data", data=FRAME), "without show"),
        (
            nbformat.v4.new_output("display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}),
            "without show",
        ),
        (
            nbformat.v4.new_output("error", ename="ValueError", evalue=SECRET, traceback=[f"ValueError: {SECRET}"]),
            "traceback",
        ),
    ],
    ids=["print", "warning", "bare expression", "display", "matplotlib", "traceback"],
)
def test_anything_else_is_refused(output, told):
    with pytest.raises(DisclosureError, match=told) as caught:
        check_notebook(notebook(shown(), output), "attendance", KEY, RELEASED)
    assert "notebook attendance, cell 3" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "output",
    [
        shown(stamp="0" * 64),
        shown(key=b"another run"),
        shown(stamp=receipt(BUNDLE, said("attendance/by_sex"), KEY)),
        shown(stamp=receipt(BUNDLE | {"text/plain": "3"}, said(), KEY)),
    ],
    ids=["made up", "another run's", "another request's", "of other content"],
)
def test_a_forged_receipt(output):
    with pytest.raises(DisclosureError, match="receipt is not of this run"):
        check_notebook(notebook(output), "attendance", KEY, RELEASED)


def test_an_output_changed_afterwards():
    changed = notebook(shown())
    changed["cells"][2]["outputs"][0]["data"]["text/html"] = "<table><tr><td>3</td></tr></table>"
    with pytest.raises(DisclosureError, match="changed afterwards"):
        check_notebook(changed, "attendance", KEY, RELEASED)


def test_an_execute_result_with_a_receipt_is_no_display():
    output = nbformat.v4.new_output("execute_result", data=BUNDLE, execution_count=1, metadata=shown()["metadata"])
    with pytest.raises(DisclosureError, match="bare expression"):
        check_notebook(notebook(output), "attendance", KEY, RELEASED)


def test_a_request_that_was_not_released():
    with pytest.raises(DisclosureError, match="not released"):
        check_notebook(notebook(shown(request="attendance/other")), "attendance", KEY, RELEASED)


def test_a_value_that_is_not_the_released_one():
    with pytest.raises(DisclosureError, match="not released"):
        check_notebook(notebook(shown(digest="d" * 64)), "attendance", KEY, RELEASED)


@pytest.mark.parametrize("fact", ["caption", "alt", "note"])
def test_words_around_an_output_are_signed_too(fact):
    changed = notebook(shown())
    changed["cells"][2]["outputs"][0]["metadata"]["evalkit"][fact] = "3 elever"
    with pytest.raises(DisclosureError, match="changed afterwards"):
        check_notebook(changed, "attendance", KEY, RELEASED)


def test_every_value_in_an_output_must_be_released():
    facts = said() | {"requests": {REQUEST: RELEASED[REQUEST], "attendance/raw": "e" * 64}}
    facts["receipt"] = receipt(BUNDLE, facts, KEY)
    output = nbformat.v4.new_output("display_data", data=dict(BUNDLE), metadata={"evalkit": facts})
    with pytest.raises(DisclosureError, match="not released"):
        check_notebook(notebook(output), "attendance", KEY, RELEASED)


def test_an_attached_file():
    attached = notebook()
    attached["cells"][0]["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    with pytest.raises(DisclosureError, match="cell 1: an attached file"):
        check_notebook(attached, "attendance", KEY, RELEASED)


def test_a_gate_has_a_key():
    with pytest.raises(DisclosureError, match="key"):
        check_notebook(notebook(), "attendance", b"", RELEASED)
