"""The commands at the prompt; each loads what it needs when it is called."""

from __future__ import annotations

import sys
import traceback
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from evalkit.errors import EvalkitError, readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evalkit.errors import Level
    from evalkit.reports.checks_page import CheckedSite
    from evalkit.studies.checking import SiteCheck
    from evalkit.studies.running import RunReport
    from evalkit.vocabulary.school_types import Language


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
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold"}
PLACES_TOLD, FILES_TOLD = 3, 12
UNFORESEEN = 70
"""Exit code of an error that is none of ours (EX_SOFTWARE of sysexits.h)."""
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
    from evalkit.sources.simulation import simulate_study
    from evalkit.studies.parameters import load_study

    parameters = load_study(study / "study.yml")
    summary = simulate_study(parameters.simulation or {}, parameters.seed, target)
    out.print(f"{target}: {summary}")


@app.command("fetch")
def fetch_command(
    study: StudyArgument,
    site: SiteOption = None,
    anew: Annotated[bool, typer.Option("--anew", help="Fetch again what was fetched already.")] = False,
) -> None:
    """Fetch SS 12000 pages from the servers that site files name, into the folders that sources are read from.

    What was interrupted goes on where it stopped. The bearer token is read from the environment.

    Example: evalkit fetch params/mystudy --site myplace
    """
    from evalkit.studies.fetching import fetch_study

    for fetched in fetch_study(study, tuple(site or ()), anew=anew):
        out.print(str(fetched), markup=False, highlight=False)


@app.command("check")
def check_command(
    study: StudyArgument,
    site: SiteOption = None,
    language: Annotated[LanguageChoice, typer.Option(help="Language of what is told.")] = LanguageChoice.SV,
) -> None:
    """Check study file, site files and sources; tell what was found, and store no data.

    Ends with 2 if an error stops the import at some site, else with 0.

    Example: evalkit check params/skolanknytning --site molndal --language en
    """
    from evalkit.studies.checking import check_study

    done = check_study(study, tuple(site or ()), language=language.value)
    for one in done:
        _print_check(one, language.value)
    if len(done) > 1:
        out.print(_side_by_side(done, language.value))
    if any(one.stopped for one in done):
        raise typer.Exit(2)


def _print_check(done: SiteCheck, language: Language) -> None:
    from evalkit.reports.checks_page import verdict
    from evalkit.vocabulary.checks import LEVELS, check_words

    words, checked = check_words(language), done.checked
    title, lead = verdict(checked, words, language)
    out.rule(escape(checked.site_name), align="left")
    out.print(title, style="bold red" if done.stopped else "bold green", highlight=False)
    out.print(lead, highlight=False)
    for level in LEVELS:
        if checked.of(level):
            _print_findings(checked, level, language)
    out.print()
    out.print(_what_was_read(checked, language))
    for file, read_as in checked.read(language)[:FILES_TOLD]:
        out.print(readable(f"  {file}  {read_as}"), markup=False, highlight=False)
    if len(checked.files) > FILES_TOLD:
        out.print(f"  {words['more_files'].format(n=len(checked.files) - FILES_TOLD)}", highlight=False)
    paths = {"site": checked.site_name, "html": str(done.page), "json": str(done.record)}
    out.print(words["pages"].format(**paths), markup=False, highlight=False)


def _print_findings(checked: CheckedSite, level: Level, language: Language) -> None:
    from evalkit.reports.checks_page import amount, place, sentences
    from evalkit.vocabulary.checks import check_words

    words = check_words(language)
    out.print(f"\n{words[f'{level}s']}", style=STYLES[level])
    for one in checked.of(level):
        said = sentences(one, language)
        told = [place(where, words) for where in one.places] or list(one.groups)
        more = [words["and_more"]] if len(told) > PLACES_TOLD else []
        where = "; ".join([*told[:PLACES_TOLD], *more])
        facts = ", ".join(part for part in (one.table, amount(one, words, language)) if part)
        out.print(f"  [bold]{escape(said.title)}[/]  {escape(readable(facts))}", highlight=False)
        parts = {"": said.problem, words["where"]: where, words["meaning"]: said.meaning, words["mend"]: said.mend}
        for label, text in parts.items():
            if text:
                line = escape(readable(f"{label}: {text}" if label else text))
                out.print(Padding(line, (0, 0, 0, 4)), highlight=False, soft_wrap=False)


def _what_was_read(checked: CheckedSite, language: Language) -> Table:
    from evalkit.vocabulary.checks import check_words

    words = check_words(language)
    table = Table(title=words["read"], title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(words["table"])
    table.add_column(words["table_rows"], justify="right")
    for name, about in checked.tables:
        table.add_row(name, about)
    return table


def _side_by_side(done: Sequence[SiteCheck], language: Language) -> Table:
    from evalkit.vocabulary.checks import LEVELS, check_words

    words = check_words(language)
    table = Table(title=words["sites"], title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(words["site"])
    for level in LEVELS:
        table.add_column(words[f"{level}s"], justify="right")
    for one in done:
        table.add_row(escape(one.checked.site_name), *(str(len(one.checked.of(level))) for level in LEVELS))
    return table


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
    """Run the command line; errors end in a message and an exit code, never in a traceback, which could hold data."""
    try:
        app()
    except EvalkitError as fault:
        err.print(str(fault), style="red", markup=False, highlight=False)
        sys.exit(fault.exit_code)
    except Exception as fault:
        err.print(_unforeseen(fault), style="red", markup=False, highlight=False)
        sys.exit(UNFORESEEN)


def _unforeseen(fault: Exception) -> str:
    """Tell an error that nobody foresaw by its kind and place; its own words may repeat what was read."""
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if "evalkit" in Path(frame.filename).parts]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"an error that was not foreseen: {type(fault).__name__}{place}\n  mend:  tell whoever looks after evalkit"


if __name__ == "__main__":
    main()
