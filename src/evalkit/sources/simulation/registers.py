"""Write what every site hands over as CSV from Excel: semicolons, cp1252, decimal comma, Swedish headings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.site_draw import SiteDraw
from evalkit.sources.simulation.surveys import NOT_KNOWN
from evalkit.sources.simulation.text import dates, joined, lines, numbered, picked
from evalkit.vocabulary import answer_scale, dimension

ENCODING = "cp1252"
LINE_END = "\r\n"
ROWS_AT_A_TIME = 200_000
OUTCOMES = {
    "examen_3": "Gymnasieexamen",
    "examen_4": "Gymnasieexamen",
    "examen_5": "Gymnasieexamen",
    "studiebevis": "Studiebevis",
    "left": "Avbrott",
}


def write_csv(path: Path, columns: dict[str, pa.Array]) -> None:
    """Write columns of text under their headings, cp1252 with semicolons."""
    write_rows(path, list(columns), [rows_of(list(columns.values()))])


def rows_of(columns: list[pa.Array]) -> pa.Array:
    """Return the columns as finished rows."""
    parts: list[str | pa.Array] = []
    for column in columns:
        parts += [column, ";"]
    return joined(*parts[:-1], LINE_END)


def write_rows(path: Path, headings: list[str], chunks: list[pa.Array]) -> None:
    """Write finished rows under headings."""
    with path.open("wb") as file:
        file.write((";".join(headings) + LINE_END).encode(ENCODING))
        for chunk in chunks:
            for content, _ in lines(chunk, ROWS_AT_A_TIME):
                file.write(content.decode("utf-8").encode(ENCODING))


def write_registers(draw: SiteDraw, folder: Path) -> None:
    """Write survey, support, incidents and handovers, and forums and diplomas where there are any."""
    if len(draw.forums):
        _write_forums(draw, folder / "dialogtorg.csv")
    _write_survey(draw, folder / "skolanknytning.csv")
    _write_support(draw, folder / "stod.csv")
    _write_incidents(draw, folder / "handelser.csv")
    _write_handovers(draw, folder / "overlamningar.csv")
    if draw.upper is not None:
        _write_diplomas(draw, draw.upper.diplomas, folder / "examina.csv")


def write_absences(draw: SiteDraw, absences: list[pd.DataFrame], path: Path) -> None:
    """Write absences reported beforehand, all school years together."""
    table = pd.concat(absences, ignore_index=True)
    write_csv(
        path,
        {
            "Personnummer": picked(draw.people.hyphened(), table["person"].to_numpy()),
            "Anmälan": numbered(np.arange(1, len(table) + 1)),
            "Skolenhetskod": picked([school.code for school in draw.schools], table["school"].to_numpy()),
            "Typ": pa.array(table["kind"].tolist(), type=pa.string()),
            "Anmäld": dates(table["registered"].to_numpy()),
            "Från": dates(table["start"].to_numpy()),
            "Till (ej med)": dates(table["end"].to_numpy()),
        },
    )


def _write_incidents(draw: SiteDraw, path: Path) -> None:
    incidents = draw.incidents
    write_csv(
        path,
        {
            "Händelse": numbered(np.arange(1, len(incidents) + 1)),
            "Personnummer": picked(draw.people.hyphened(), incidents["person"].to_numpy()),
            "Skolenhetskod": picked([school.code for school in draw.schools], incidents["school"].to_numpy()),
            "Datum": dates(incidents["day"].to_numpy()),
            "Slag": pa.array(incidents["kind"].tolist(), type=pa.string()),
            "Allvar (1-3)": numbered(incidents["severity"].to_numpy()),
        },
    )


def _write_handovers(draw: SiteDraw, path: Path) -> None:
    handovers = draw.handovers
    codes = ["", *(school.code for school in draw.schools)]
    documented = handovers["documented"].to_numpy()
    consent = np.where(documented, 1 + handovers["consent"].to_numpy(), 0)
    write_csv(
        path,
        {
            "Personnummer": picked(draw.people.hyphened(), handovers["person"].to_numpy()),
            "Datum": dates(handovers["day"].to_numpy()),
            "Från skola": picked(codes, handovers["from_school"].to_numpy() + 1),
            "Till skola": picked(codes, handovers["to_school"].to_numpy() + 1),
            "Från skolform": pa.array(handovers["from_type"].tolist(), type=pa.string()),
            "Till skolform": pa.array(handovers["to_type"].tolist(), type=pa.string()),
            "Dokumenterad": picked(["Nej", "Ja"], documented.astype(np.int8)),
            "Samtycke": picked(["", "Nej", "Ja"], consent.astype(np.int8)),
        },
    )


def _write_diplomas(draw: SiteDraw, diplomas: pd.DataFrame, path: Path) -> None:
    names = [OUTCOMES[name] for name in diplomas["outcome"]]
    write_csv(
        path,
        {
            "Personnummer": picked(draw.people.hyphened(), diplomas["person"].to_numpy()),
            "Skolenhetskod": picked([school.code for school in draw.schools], diplomas["school"].to_numpy()),
            "Program": pa.array(diplomas["programme"].tolist(), type=pa.string()),
            "Datum": dates(diplomas["day"].to_numpy()),
            "Utfall": pa.array(names, type=pa.string()),
        },
    )


def _write_forums(draw: SiteDraw, path: Path) -> None:
    forums = draw.forums
    write_csv(
        path,
        {
            "Dialogtorg": pa.array(forums["forum"].tolist()),
            "Skolenhetskod": picked([school.code for school in draw.schools], forums["school"].to_numpy()),
            "Datum": dates(forums["day"].to_numpy()),
            "Station": pa.array(forums["station"].tolist()),
            "Dimension": pa.array(forums["dimension"].tolist()),
            "Antal grupper": numbered(forums["groups"].to_numpy()),
            "Antal deltagare": numbered(forums["participants"].to_numpy()),
            "Återkoppling": dates(forums["feedback"].to_numpy()),
        },
    )


def _write_survey(draw: SiteDraw, path: Path) -> None:
    items = magnitudes()["survey"]["items"]
    survey, item = draw.survey, draw.survey["item"].to_numpy()
    scale = answer_scale()
    waves = list(draw.terms)
    write_csv(
        path,
        {
            "Personnummer": picked(draw.people.hyphened(), survey["person"].to_numpy()),
            "Omgång": picked(waves, survey["wave"].map(waves.index).to_numpy()),
            "Svarsdatum": dates(survey["day"].to_numpy()),
            "Fråga": picked([entry["item"] for entry in items], item),
            "Dimension": picked([dimension(entry["dimension"]).label("sv") for entry in items], item),
            "Svar": picked(
                [scale.not_known if answer == NOT_KNOWN else str(answer) for answer in range(scale.highest + 1)],
                survey["answer"].to_numpy(),
            ),
        },
    )


def _write_support(draw: SiteDraw, path: Path) -> None:
    support = draw.support
    hours, place = np.unique(support["hours"].to_numpy(), return_inverse=True)
    write_csv(
        path,
        {
            "Personnummer": picked(draw.people.hyphened(), support["person"].to_numpy()),
            "Utförare": pa.array(support["provider"].tolist(), type=pa.string()),
            "Insats": pa.array(support["kind"].tolist(), type=pa.string()),
            "Från": dates(support["start"].to_numpy()),
            "Till (ej med)": dates(support["end"].to_numpy()),
            "Timmar per vecka": picked([f"{value:.1f}".replace(".", ",") for value in hours], place),
        },
    )
