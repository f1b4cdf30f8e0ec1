"""An effect that the study hides until its design has passed the checks declared beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.reports.labels import Words, joined, upper_first
from evalkit.reports.sentences.tables import listed
from evalkit.values import Curve, Estimate

PREFIX = "check_"
STATES = ("failed", "unknown", "passed")


@dataclass(frozen=True)
class Check:
    """One declared check: its name without prefix, and ``"failed"``, ``"unknown"`` or ``"passed"``."""

    name: str
    state: str


def checks_of(value: Estimate | Curve) -> tuple[Check, ...]:
    """Return the declared checks, those that hide the effect first; a curve tells only those."""
    if isinstance(value, Curve):
        failed = str(value.detail("failed") or "").split(";")
        return tuple(Check(name.removeprefix(PREFIX), "failed") for name in failed if name)
    found = [
        Check(item.name.removeprefix(PREFIX), str(item.value))
        for item in value.diagnostics.items
        if item.name.startswith(PREFIX) and item.value in STATES
    ]
    return tuple(sorted(found, key=lambda check: STATES.index(check.state)))


def check_name(check: Check, words: Words) -> str:
    """Return what readers call a check."""
    return words.name("check", check.name)


def failed_names(value: Estimate | Curve, words: Words) -> str:
    """Return the checks that hide the effect as a list in words; empty if none is told."""
    return listed([check_name(check, words) for check in checks_of(value) if check.state != "passed"], words)


def hidden_figure(value: Estimate | Curve, words: Words) -> str:
    """Return what stands in place of a picture that would reveal the effect."""
    names = failed_names(value, words)
    return joined(words.say("figure.blinded"), words.say("figure.blinded.failed", {"checks": names}) if names else "")


def check_items(estimate: Estimate, words: Words) -> tuple[tuple[str, str], ...]:
    """Return each check's name and, as sentences, how it went and what to do about it."""
    items = []
    for check in checks_of(estimate):
        todo = f"check.{check.name}.todo"
        said = [words.say(f"check.state.{check.state}")]
        if check.state == "failed" and words.has(todo):
            said.append(words.say(todo))
        items.append((upper_first(check_name(check, words)), joined(*said)))
    return tuple(items)
