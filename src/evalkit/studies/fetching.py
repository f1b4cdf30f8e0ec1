"""Fetch what a site's SS 12000 servers hold into the folders that its sources are read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from evalkit.errors import InputError, Where
from evalkit.sources.files import locate
from evalkit.sources.ss12000.api import fetch_pages
from evalkit.sources.ss12000.progress import FetchSummary
from evalkit.sources.ss12000.shapes import endpoints_of
from evalkit.studies.opening import Place, find_place
from evalkit.studies.parameters import chosen_sites


@dataclass(frozen=True)
class SiteFetch:
    """What was fetched for one site, by the source's path as the site file writes it."""

    site: str
    folders: Mapping[str, FetchSummary]

    def __str__(self) -> str:
        """Return what was got, a paragraph for each folder."""
        return "\n".join(f"{self.site}: {path}\n{summary}" for path, summary in self.folders.items())


def fetch_study(study_folder: Path, sites: tuple[str, ...] = (), *, anew: bool = False) -> Iterator[SiteFetch]:
    """Fetch for the sites asked for, one after the other; without any, for those of the study that have a server.

    Raises
    ------
    InputError
        If no site has a server, or as `fetch_site`.
    """
    files = chosen_sites(study_folder, sites)
    places = [find_place(study_folder / "study.yml", path) for path in files.values()]
    served = [place for place in places if any(source.api is not None for source in place.sources)]
    for place in places if sites or not served else served:
        yield fetch_site(place, anew)


def fetch_site(place: Place, anew: bool = False, *, wait: Callable[[float], None] = sleep) -> SiteFetch:
    """Fetch the pages of every source of a site that has an ``api``.

    What was fetched already by the same questions is left as it is, and what was interrupted goes on.

    Parameters
    ----------
    anew
        Fetch again in any case; the earlier pages stay until the new ones are complete.
    wait
        Called with the seconds to pause between two tries.

    Raises
    ------
    InputError
        If no source of the site has an ``api``, or as `fetch_pages` says.
    RunError
        If a server does not answer.
    """
    served = [(source, source.api) for source in place.sources if source.api is not None]
    if not served:
        raise InputError(
            f"no source of {place.site.name} has a server to fetch from",
            where=Where(file=place.site_path.name, column="sources"),
            remedy="write `api` with url, token_variable, from and to at a source of kind ss12000",
        )
    folders = {}
    for source, api in served:
        folder = locate(source.layout, place.project)
        needed, welcome = endpoints_of(source.tables)
        folders[str(source.layout.path)] = fetch_pages(api, folder, needed, optional=welcome, anew=anew, wait=wait)
    return SiteFetch(place.site.site, folders)
