"""Tables drawn from the schema arrive as they were drawn, whatever their form; broken ones are told and not stored."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from drawn_schema import DAMAGES, FORMS, MARK, Drawing, Tables, damage, stored, write
from evalkit.errors import InputError, SourceFaultsError
from evalkit.sources import open_sources, open_tables
from evalkit.studies.source_entries import SourceEntry
from evalkit.vocabulary.schema import table_names, table_schema
from hostile_worker import KEY, everything

EXAMPLES = settings(
    max_examples=10,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
NUMBERS = st.integers(0, 2**32)


def take_in(tables: Tables, forms: dict[str, str], folder: Path, chance: Random) -> Path:
    """Write drawn tables, each in its form, and take them in."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    told = [write(rows, table_schema(name), forms[name], folder / "data", chance) for name, rows in tables.items()]
    sources = [SourceEntry.model_validate(entry).source() for entry in told]
    out = folder / "store" / "tables"
    open_sources(sources, folder / "data", KEY, out, memory="1GB", threads=2, municipality="1481")
    return out


def content(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(repr(sorted(row.items())) for row in rows)


def assert_arrived(tables: Tables, out: Path) -> None:
    arrived = open_tables(out)
    assert set(arrived) == set(tables)
    for name, rows in stored(tables, KEY).items():
        assert content(arrived[name].to_pyarrow().to_pylist()) == content(rows), name


@pytest.mark.parametrize("form", FORMS)
def test_every_table_arrives_as_it_was_drawn(form: str, tmp_path: Path) -> None:
    chance = Random(7)
    tables = Drawing(chance).all(set(table_names()))
    assert set(tables) == set(table_names())
    assert_arrived(tables, take_in(tables, dict.fromkeys(tables, form), tmp_path, chance))


@seed(1)
@EXAMPLES
@given(number=NUMBERS, names=st.sets(st.sampled_from(table_names()), min_size=1, max_size=4))
def test_tables_in_mixed_forms_arrive_as_they_were_drawn(number: int, names: set[str], tmp_path: Path) -> None:
    chance = Random(number)
    tables = Drawing(chance).all(names)
    forms = {name: chance.choice(FORMS) for name in tables}
    assert_arrived(tables, take_in(tables, forms, tmp_path, chance))


def secrets_of(tables: Tables) -> set[str]:
    """Return the identities and texts that no message may hold; code and numbers may stand in it by chance."""
    values = {str(value) for rows in tables.values() for row in rows for value in row.values()}
    return {value[:6] for value in values if MARK in value} | {
        value for value in values if len(value) == 12 and value.isdigit()
    }


def tells(fault: SourceFaultsError, table: str, column: str) -> bool:
    return any(
        (one.table == table and column in one.columns)
        or any((where.file or "").startswith(f"{table}.") and where.column == column for where in one.places)
        for one in fault.faults
    )


@pytest.mark.parametrize("kind", DAMAGES)
@seed(2)
@settings(EXAMPLES, max_examples=4)
@given(number=NUMBERS, names=st.sets(st.sampled_from(table_names()), min_size=1, max_size=3))
def test_one_damage_is_told_where_it_is_and_nothing_is_stored(
    kind: str, number: int, names: set[str], tmp_path: Path
) -> None:
    chance = Random(number)
    drawing = Drawing(chance)
    tables = drawing.all(names)
    done = damage(tables, kind, drawing)
    assert done is not None
    with pytest.raises(InputError) as caught:
        take_in(tables, {name: chance.choice(FORMS) for name in tables}, tmp_path, chance)
    assert isinstance(caught.value, SourceFaultsError)
    assert any(tells(caught.value, done.table, column) for column in done.columns), (done, str(caught.value))
    said = "\n".join(everything(caught.value))
    assert not [secret for secret in secrets_of(tables) if secret in said]
    assert not (tmp_path / "store").exists()
