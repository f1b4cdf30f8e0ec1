"""The library of measures and events: every public function, what it gives, and which spec tests hold it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from evalkit import measures
from evalkit.measures import attendance, completion, connectedness, progression, transitions
from evalkit.values import Events, Measure

SPEC = Path(__file__).parent / "spec"
CHAPTER = {"support": "progression"}
ARGUMENTS = {
    "absence_reason": ("family",),
    "days_in": ("in_work",),
    "six_months_after": ("in_work",),
    "status": ("employment",),
    "upon_leaving": ("in_work",),
}
VARIANTS: tuple[Measure | Events, ...] = (
    attendance.rate(subject="MA"),
    completion.diploma(3, credit="diploma_or_certificate2500"),
    *(completion.eligible(group) for group in ("arts", "social", "science", "imv")),
    connectedness.index("affective"),
    progression.completion_rate(of="all"),
    progression.dropout_rate(of="all"),
    progression.dropouts("upper_secondary"),
    transitions.show_up(days=1),
)


def library() -> Iterator[tuple[str, str, Measure | Events]]:
    """Yield module, function and what it gives at its defaults."""
    dropouts = import_module("evalkit.measures.progression").recorded_dropouts()
    for module in measures.__all__:
        room = import_module(f"evalkit.measures.{module}")
        names = getattr(room, "__all__", None) or [
            name
            for name, each in vars(room).items()
            if inspect.isfunction(each) and each.__module__ == room.__name__ and not name.startswith("_")
        ]
        for name in names:
            function = getattr(room, name)
            if str(inspect.signature(function).return_annotation) in {"Measure", "Events"}:
                given = (dropouts,) if name in {"flagged", "plan_in_time"} else ARGUMENTS.get(name, ())
                yield module, name, function(*given)


def meaning_name(made: Measure | Events) -> str:
    """Return the entry of the vocabulary that says what it means."""
    return made.meaning or made.name if isinstance(made, Measure) else made.name


def spec_tests(module: str, name: str) -> tuple[Path, ...]:
    """Return the spec tests in which a function of the library is asked."""
    files = sorted((SPEC / CHAPTER.get(module, module)).glob("test_*.py"))
    return tuple(path for path in files if f"{name}(" in path.read_text(encoding="utf-8"))
