"""Where the files that ship beside the code lie: in a checkout, or packed into the wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from evalkit.errors import RenderError

PACKAGE = Path(__file__).parents[1]
ROOTS = (PACKAGE / "_project", PACKAGE.parents[1])


def project_file(relative: str) -> Path:
    """Return the path of a file or folder under ``notebooks/``, ``params/`` or ``reports/``.

    Parameters
    ----------
    relative
        Path from the top of the project, with forward slashes, such as ``"reports/theme/theme.css"``.

    Raises
    ------
    RenderError
        If it is neither in the checkout nor in the installed package.
    """
    for root in ROOTS:
        path = root / relative
        if path.exists():
            return path
    raise RenderError(
        f"{relative} is missing from the installation",
        remedy="install evalkit again, from the wheel or as an editable checkout",
    )


@cache
def theme_folder() -> Path:
    """Return the folder of the report theme: style sheet, templates, filters, fonts, texts."""
    return project_file("reports/theme")
