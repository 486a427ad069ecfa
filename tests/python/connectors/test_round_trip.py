"""The generator's world goes into each vendor's tables as each loader lands them, and comes back by the connector: row by row the same."""

# ruff: noqa: E501
from __future__ import annotations

import os
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
from stores import Store, differences, load_world, make_store

from dev.generate.schema import TABLES

CUSTOMERS = 1_000
SEEDS = tuple(int(seed) for seed in os.environ.get("LIFECYCLE_CONNECTOR_SEEDS", "1").split())
WORLDS = {
    "shopify": shopify_world,
    "stripe": stripe_world,
    "hubspot": hubspot_world,
    "klaviyo": klaviyo_world,
    "google_ads": google_ads_world,
    "facebook_ads": facebook_ads_world,
    "ga4": ga4_world,
    "woocommerce": woocommerce_world,
    "recharge": recharge_world,
    "zendesk": zendesk_world,
}
LOADERS = dict.fromkeys(ga4_world.LOADERS, "bigquery_export")  # of others, what stands before the first _
SHAPES = [(vendor, loader) for vendor, world in WORLDS.items() for loader in world.LOADERS]
# what identifies a row where the vendor has another id, or several rows of one
KEYS = {
    ("shopify", "engagements"): ("customer_id", "occurred_at", "engagement_type"),
    ("stripe", "subscriptions"): ("subscription_id", "updated_at"),
    ("recharge", "subscriptions"): ("subscription_id", "updated_at"),
    ("hubspot", "identity_links"): ("id_value", "customer_id"),
    ("woocommerce", "touchpoints"): ("customer_id", "occurred_at", "utm_source"),
    ("ga4", "engagements"): ("customer_id", "occurred_at", "engagement_type"),
    ("ga4", "identity_links"): ("id_type", "id_value", "customer_id", "linked_at"),
}
WITHOUT_LETTERS = (
    "case when {0} like 'K%' and '{1}' <> 'fivetran_graphql' then {0} else regexp_replace({0}, '^[A-Z]+', '') end"
)


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest, macros: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one of the generator's worlds beside it."""
    directory = tmp_path_factory.mktemp("world")
    store = make_store(directory / "store", macros)
    load_world(store, directory / "raw", CUSTOMERS, request.param)
    return store


@pytest.mark.parametrize(("vendor", "loader"), SHAPES)
def test_what_a_vendor_holds_comes_back_as_it_was(world: Store, vendor: str, loader: str) -> None:
    schema = f"{vendor}_{loader}"
    with duckdb.connect(str(world.warehouse)) as connection:
        schemas = WORLDS[vendor].write(connection, loader)
    options = getattr(WORLDS[vendor], "OPTIONS", {})
    world.connect(
        {vendor: {"schemas": schemas, "loader": LOADERS.get(loader, loader.split("_")[0]), **options}}, schema
    )
    wrong = {}
    for table, query in WORLDS[vendor].expected(loader).items():
        found = f"{schema}_connectors.raw__{table}"
        columns = [row[0] for row in world.rows(f"describe {found}")]
        assert set(columns) <= set(TABLES[table].columns)
        lacking = "".join(f" or {name} is not null" for name in TABLES[table].columns if name not in columns)
        assert not world.rows(f"select * from ({query}) where false{lacking} limit 1"), (
            "a column that has values is lacking"
        )
        if rows := differences(world, found, f"({query})", columns):
            wrong[table] = columns, rows
    assert not wrong


@pytest.mark.parametrize(("vendor", "loader"), SHAPES)
def test_what_a_vendor_cannot_say_is_listed(world: Store, vendor: str, loader: str) -> None:
    """Against the contract's own rows, nothing differs that is not listed with its reason."""
    listed, differing = {}, {}
    for table, query in WORLDS[vendor].expected(loader).items():
        both = [of.get(table, {}) for of in (WORLDS[vendor].UNSAYABLE, WORLDS[vendor].UNSAYABLE_BY_LOADER[loader])]
        listed[table] = set(both[0]) | set(both[1])
        ids = [
            name
            for name in TABLES[table].columns
            if name.endswith("_id") and name not in ("customer_id", "campaign_id")
        ]
        if vendor != "shopify":
            ids = []
        plain = ", ".join(f"{WITHOUT_LETTERS.format(name, loader)} as {name}" for name in ids)
        own = f"(select * {f'replace ({plain})' if plain else ''} from contract.{table})"
        if hasattr(WORLDS[vendor], "own"):
            own = f"({WORLDS[vendor].own(table)})"
        keys = ("brand", *KEYS.get((vendor, table), TABLES[table].key))
        columns = [name for name in TABLES[table].columns if name not in keys]
        counts = ", ".join(f"count(*) filter (own.{name} is distinct from said.{name})" for name in columns)
        joined = f"from {own} as own inner join ({query}) as said using ({', '.join(keys)})"
        found = world.rows(f"select count(*), {counts} {joined}")[0]
        differing[table] = {name for name, count in zip(columns, found[1:], strict=True) if count}
        (missing,) = world.rows(f"select count(*) - {found[0]} from {own}")[0]
        differing[table] |= {"*"} if missing else set()
        if (vendor, table) == ("shopify", "engagements"):
            differing[table].add("engagement_id")
    unlisted = {table: differing[table] - listed[table] for table in listed if differing[table] - listed[table]}
    assert not unlisted


def test_the_comparison_sees_one_cent(world: Store) -> None:
    """A comparison that finds nothing has to be able to find something."""
    changed = "(select * replace (total_amount + case when order_id like '%7' then 0.01 else 0 end as total_amount) from contract.orders)"
    wrong = differences(world, changed, "contract.orders", ["brand", "order_id", "total_amount"])
    assert set(wrong) == {"too many", "missing"}
