"""Parquet with the types that other programs write."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_site import ALVA, BO, CIM, pseudonym_of, rows_of, take_in

from evalkit.errors import InputError
from evalkit.sources import Layout, Source, open_tables

SOURCE = Source(Layout("parquet", Path("elever")), ("persons",), columns={"birth_date": "Född"})


def write(folder: Path, name: str, columns: dict[str, pa.Array]) -> None:
    (folder / "elever").mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), folder / "elever" / f"{name}.parquet")


def test_files_with_different_types_are_one_table(tmp_path: Path) -> None:
    late = [datetime(2010, 3, 3, 23, 30, tzinfo=UTC)]
    whole, floating = [Decimal(ALVA)], [float(BO)]
    write(tmp_path, "a", {"person_id": pa.array(whole, pa.decimal128(12)), "Född": pa.array(late)})
    write(tmp_path, "b", {"person_id": pa.array(floating), "Född": pa.array(["2010-05-06"]).dictionary_encode()})
    write(tmp_path, "c", {"Född": pa.array([date(2010, 7, 8)]), "person_id": pa.array([CIM])})
    take_in([SOURCE], tmp_path, tmp_path / "out")
    stored = rows_of(open_tables(tmp_path / "out")["persons"], "person_id", "birth_date")
    days = {ALVA: date(2010, 3, 4), BO: date(2010, 5, 6), CIM: date(2010, 7, 8)}
    assert stored == sorted((pseudonym_of(number), day) for number, day in days.items())


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (pa.array([[1]]), "the column holds lists"),
        (pa.array([{"a": 1}]), "the column holds records"),
        (pa.array([b"x"]), "the column holds bytes"),
    ],
)
def test_nested_and_binary_columns_are_refused_only_where_wanted(values: pa.Array, told: str, tmp_path: Path) -> None:
    write(tmp_path, "a", {"person_id": pa.array([ALVA]), "Född": pa.nulls(1, pa.date32()), "Annat": values})
    assert take_in([SOURCE], tmp_path, tmp_path / "out").tables["persons"] == 1
    write(tmp_path, "a", {"person_id": pa.array([ALVA]), "Född": values})
    with pytest.raises(InputError) as caught:
        take_in([SOURCE], tmp_path, tmp_path / "other")
    assert f"{told}, where one date, number or text is wanted" in str(caught.value)
    assert "elever/a.parquet, column Född" in str(caught.value)


def test_what_is_not_a_number_is_missing(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a",
        {"person_id": pa.array([ALVA]), "Född": pa.nulls(1), "home_municipality": pa.array([float("nan")])},
    )
    take_in([SOURCE], tmp_path, tmp_path / "out")
    assert rows_of(open_tables(tmp_path / "out")["persons"], "home_municipality") == [(None,)]
