"""The generator's world goes into each vendor's tables as each loader lands them, and comes back by the connector: row by row the same."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from shopify_world import LOADERS, expected, write_shopify
from stores import Store, differences, make_store

from dev.generate import generate
from dev.generate.schema import TABLES

CUSTOMERS = 1_000


def load_world(store: Store, raw: Path, seed: int) -> None:
    """The generator's tables, in the schema contract."""
    generate(customers=CUSTOMERS, directory=raw, file_format="parquet", dirt=0, seed=seed, quiet=True)
    tables = [f"create table contract.{table.name} as from read_parquet('{table}/*.parquet')" for table in sorted(raw.iterdir())]
    store.execute("create schema contract", *tables)


@pytest.fixture(scope="module", params=[1, 2])
def world(request: pytest.FixtureRequest, macros: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one of the generator's worlds beside it."""
    directory = tmp_path_factory.mktemp("world")
    store = make_store(directory / "store", macros)
    load_world(store, directory / "raw", request.param)
    return store


@pytest.mark.parametrize("loader", LOADERS)
def test_shopify_comes_back_as_it_was(world: Store, loader: str) -> None:
    with duckdb.connect(str(world.warehouse)) as connection:
        schemas = write_shopify(connection, loader)
    world.connect({"shopify": {"schemas": schemas, "loader": loader.split("_")[0]}}, schema=loader)
    wrong = {}
    for table, query in expected(loader).items():
        (columns,) = world.rows(f"select list(column_name) from (describe {loader}_connectors.raw__{table})")[0]
        lacking = [name for name in TABLES[table].columns if name not in columns]
        assert not world.rows(f"select 1 from ({query}) where coalesce({', '.join([*lacking, 'null', 'null'])}) is not null limit 1"), lacking
        if found := differences(world, f"{loader}_connectors.raw__{table}", f"({query})", columns):
            wrong[table] = columns, found
    assert not wrong
