"""The study's page over its sites."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalkit.disclosure import scan_published
from evalkit.reports.index_page import write_index
from evalkit.reports.overview import SiteResults, overview_page
from evalkit.reports.website import replacing
from evalkit.studies.opening import Place
from evalkit.studies.publishing import Edition, Published, published_folder, report_info
from evalkit.values import Protected, fingerprint


def publish_overview(place: Place, edition: Edition, published: Sequence[Published]) -> Path:
    """Write the page over the sites of one run, from what they released.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    DisclosureError
        If something that must not be there is found. The page is not published then.
    """
    sites = [SiteResults(one.name, f"{one.site}/index.html", _by_name(one)) for one in published]
    inputs = fingerprint(tuple(one.inputs for one in published))
    info = report_info(place, edition, (), inputs, whole_study=True)
    page = overview_page(info, sites)
    aside = place.store.root / "runs" / edition.run / "overview"
    with replacing(aside) as fresh:
        write_index(page, fresh)
    scan_published(aside, (str(place.project),))
    return write_index(page, published_folder(place, edition.language))


def _by_name(published: Published) -> dict[str, Protected]:
    return {key.rpartition("/")[2]: value for key, value in published.release.items()}
