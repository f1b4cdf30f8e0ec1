"""Colours by the job they do; each picture is drawn once and takes the reader's theme on screen."""

from __future__ import annotations

import re

ROLES = {
    "main": "#134b75",
    "main-band": "#cfe1ee",
    "treated": "#b1560f",
    "treated-ground": "#f7e1cb",
    "others": "#aab5bd",
    "paper": "#ffffff",
    "text": "#17222b",
    "text-second": "#46535d",
    "text-notes": "#616e78",
    "lines": "#d4dce2",
    "empty": "#e4e9ed",
    "panel": "#f3f6f8",
    "amount-1": "#eaf1f6",
    "amount-2": "#c3d8e6",
    "amount-3": "#8fb5cf",
    "amount-4": "#5288ae",
    "amount-5": "#123f5f",
}
BY_COLOUR = {colour: role for role, colour in ROLES.items()}


def themed(svg: str) -> str:
    """Return a picture whose colours are the page's variables, each with its light colour to fall back on.

    Parameters
    ----------
    svg
        A picture in which colours stand only in ``style`` attributes.

    Returns
    -------
    str
        With ``var(--main, #134b75)`` where ``#134b75`` stood, and so on for every role.

    Raises
    ------
    ValueError
        If a colour has no role: it could not follow the reader into the dark.
    """

    def variable(match: re.Match[str]) -> str:
        colour = match.group(0).lower()
        if colour not in BY_COLOUR:
            raise ValueError(f"the colour {colour} has no role in the palette")
        return f"var(--{BY_COLOUR[colour]}, {colour})"

    return re.sub(r"(?<=[ :])#[0-9a-fA-F]{6}\b", variable, svg)
