"""The commands at the prompt; each loads what it needs when it is called."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from evalkit.errors import EvalkitError

if TYPE_CHECKING:
    from evalkit.studies.running import RunReport


class RendererChoice(Enum):
    """What ``--renderer`` takes."""

    AUTO = "auto"
    QUARTO = "quarto"
    EMBEDDED = "embedded"


class LanguageChoice(Enum):
    """What ``--language`` takes."""

    SV = "sv"
    EN = "en"


app = typer.Typer(
    help="Evaluate whether pupils and adult students attend, stay connected, get through transitions and complete.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)

StudyArgument = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder with study.yml and the site files.")]
SiteOption = Annotated[list[str] | None, typer.Option("--site", help="One site; may be given several times.")]


@app.command("simulate")
def simulate_command(
    study: StudyArgument,
    target: Annotated[Path, typer.Option("--out", help="Folder to write the exports into.")],
) -> None:
    """Write made-up exports, as municipalities hand them over, with a known truth beside them.

    Example: evalkit simulate params/skolanknytning --out data/skolanknytning
    """
    from evalkit.sources.simulation import settings_from, simulate
    from evalkit.studies.parameters import load_study

    parameters = load_study(study / "study.yml")
    summary = simulate(settings_from(parameters.simulation or {}, parameters.seed), target)
    out.print(f"{target}: {summary}")


@app.command("check")
def check_command(study: StudyArgument, site: SiteOption = None) -> None:
    """Check study file, site files and sources; write nothing to the reports.

    Example: evalkit check params/skolanknytning --site molndal
    """
    from evalkit.studies.checking import check_study

    for line in check_study(study, tuple(site or ())):
        out.print(line)


@app.command("run")
def run_command(
    study: StudyArgument,
    site: SiteOption = None,
    language: Annotated[LanguageChoice, typer.Option(help="Language of the reports.")] = LanguageChoice.SV,
    renderer: Annotated[RendererChoice, typer.Option(help="Which renderer.")] = RendererChoice.AUTO,
    workers: Annotated[int, typer.Option(min=1, help="Notebooks run at a time.")] = 2,
) -> None:
    """Run the study, protect its numbers, and publish the reports.

    Example: evalkit run params/skolanknytning --site molndal
    """
    from evalkit.studies.running import run_study

    report = run_study(
        study,
        sites=tuple(site or ()),
        language=language.value,
        renderer=renderer.value,
        workers=workers,
        tell=lambda line: out.print(line, highlight=False),
    )
    _print_report(report)


def _print_report(report: RunReport) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("site", "notebook", "seconds, both passes"):
        table.add_column(heading, justify="right" if heading.startswith("seconds") else "left")
    totals: dict[tuple[str, str], float] = {}
    for done in report.notebooks:
        totals[done.site, done.name] = totals.get((done.site, done.name), 0.0) + done.seconds
    for (place, name), seconds in totals.items():
        table.add_row(place, name, f"{seconds:.1f}")
    out.print(table)
    out.print(f"run {report.run}, rendered by {report.renderer}")
    for published in report.published:
        out.print(f"  {published.site:<12}{published.folder / 'index.html'}", highlight=False)
    if report.overview is not None:
        out.print(f"  {'all sites':<12}{report.overview}", highlight=False)


def main() -> None:
    """Run the command line; our own errors end in their message and exit code, without a traceback."""
    try:
        app()
    except EvalkitError as fault:
        err.print(str(fault), style="red", markup=False, highlight=False)
        sys.exit(fault.exit_code)


if __name__ == "__main__":
    main()
