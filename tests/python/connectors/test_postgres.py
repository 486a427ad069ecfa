"""The same tables in PostgreSQL give the same rows: JSON and child tables are read by other functions there."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import duckdb
import facebook_ads_world
import ga4_world
import google_ads_world
import hubspot_world
import klaviyo_world
import pytest
import recharge_world
import shopify_world
import stripe_world
import woocommerce_world
import zendesk_world
from stores import Store, load_world, make_store

from lifecycle_tools.engines.postgres import connect, copy_raw_tables, running_server

WORLDS = {
    "shopify": shopify_world,
    "woocommerce": woocommerce_world,
    "stripe": stripe_world,
    "recharge": recharge_world,
    "hubspot": hubspot_world,
    "zendesk": zendesk_world,
    "klaviyo": klaviyo_world,
}


@pytest.fixture(scope="module")
def world(macros: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with a small world beside it."""
    directory = tmp_path_factory.mktemp("postgres")
    store = make_store(directory / "store", macros)
    load_world(store, directory / "raw", 60, 1)
    return store


def write(world: Store, loader: str) -> dict[str, str]:
    """The tables of all vendors of a loader, of the first brand; returns vendor -> schema."""
    with duckdb.connect(str(world.warehouse)) as connection:
        if loader == "bigquery_export":
            return {"ga4": ga4_world.write(connection, "bigquery_export_json")["default"]}
        shapes = {
            vendor: [name for name in of.LOADERS if name.startswith(loader)][-1:] for vendor, of in WORLDS.items()
        }
        schemas = {
            vendor: WORLDS[vendor].write(connection, *shape)["default"] for vendor, shape in shapes.items() if shape
        }
        if loader == "fivetran":
            schemas |= {
                "google_ads": google_ads_world.write(connection, "fivetran")["default"],
                "facebook_ads": facebook_ads_world.write(connection, "fivetran_ad")["default"],
            }
    return schemas


def test_postgres_gives_the_same_rows(world: Store) -> None:
    """Each loader, all its vendors at once; the export of GA4 as JSON, which stands for its nested types."""
    expected_tables = {"fivetran": 15, "airbyte": 14, "dlt": 13, "bigquery_export": 4}
    with running_server("store") as server:
        for loader, table_count in expected_tables.items():
            schemas = write(world, loader)
            for schema in schemas.values():
                copy_raw_tables(world.warehouse, server.environment, schema)
            connectors = {vendor: {"schemas": schema, "loader": loader} for vendor, schema in schemas.items()}
            world.connect(connectors, loader)
            world.connect(connectors, loader, "run", target="postgres", **server.environment)
            of_loader = f"table_schema = '{loader}_connectors' and table_name like 'raw%'"
            tables = world.rows(f"select table_name from information_schema.tables where {of_loader}")
            assert len(tables) == table_count
            for (table,) in tables:
                query = f"select * from {loader}_connectors.{table}"
                with contextlib.closing(connect(server.environment)) as connection, connection.cursor() as cursor:
                    cursor.execute(query)
                    on_postgres = cursor.fetchall()
                assert Counter(on_postgres) == Counter(world.rows(query)), (loader, table)
                assert on_postgres or loader != "bigquery_export"
