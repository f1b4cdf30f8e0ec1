"""The last step of a run: everything rendered and searched, the ledger written, the reports moved into place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.disclosure import scan_published
from evalkit.reports.index_page import write_index
from evalkit.reports.overview import SiteResults, overview_page
from evalkit.reports.website import replacing
from evalkit.studies.publishing import Edition, Published, published_folder, put_in_place, report_info
from evalkit.values import Protected, fingerprint


def publish_reports(made: Sequence[Published], edition: Edition, every_site: Sequence[str]) -> Path | None:
    """Publish the reports of one run, and the page over the sites where the run covered them all.

    Parameters
    ----------
    made
        Rendered and searched, one a site.
    edition
        Run, language, renderer and chapters.
    every_site
        Sites of the study. A run of some of them leaves the page over all as it is.

    Returns
    -------
    pathlib.Path or None
        Of the page over the sites; None where there is none yet.

    Raises
    ------
    DisclosureError
        If something that must not be there is found, or the ledger cannot be written. What was not reached by then is
        not published.
    """
    page = _overview(made, edition) if {one.site for one in made} == set(every_site) else None
    for one in made:
        put_in_place(one, edition)
    target = published_folder(made[0].place, edition.language)
    if page is not None:
        return write_index(page, target)
    return target / "index.html" if (target / "index.html").is_file() else None


def _overview(made: Sequence[Published], edition: Edition) -> str:
    """Compose the page from what the sites released, and search it."""
    first = made[0].place
    sites = [SiteResults(one.place.site.name, f"{one.site}/index.html", _by_name(one)) for one in made]
    inputs = fingerprint(tuple(one.inputs for one in made))
    simulated = any(one.place.site.simulated for one in made)
    info = report_info(first, edition, (), inputs, whole_study=True, simulated=simulated)
    page = overview_page(info, sites)
    aside = first.store.root / "runs" / edition.run / "overview"
    with replacing(aside) as fresh:
        write_index(page, fresh)
    scan_published(aside, (str(first.project),))
    return page


def _by_name(report: Published) -> dict[str, Protected]:
    return {key.rpartition("/")[2]: value for key, value in report.release.items()}
