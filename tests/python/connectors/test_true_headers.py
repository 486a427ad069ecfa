"""Tables with the columns of the loaders' published schemas: all of them, those alone that are required, half of the others, and one more.

``published_columns.csv`` has the columns of the tables that Fivetran's own packages test with or ask for (dbt_shopify d768d54, dbt_stripe 42687a2,
dbt_hubspot be3a903, dbt_klaviyo 15d17fa, dbt_google_ads 7d48f41, dbt_facebook_ads 97d6af8; Meta's reports by campaign, which these do not read, as others query them), and of the streams of
Airbyte's sources, with their types, for the tables that the connectors read. dlt publishes no schema: it makes the columns that a vendor's answers
have, so that the columns are those of the round trip. The variants stand in several schemas, which one build reads as several brands.
"""

# ruff: noqa: E501
from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from stores import Store, load_world
from test_round_trip import WORLDS

COLUMNS = list(csv.DictReader((Path(__file__).parent / "published_columns.csv").open()))
REQUIRED = {
    "shopify": {"id", "order_id", "customer_id", "product_id", "total_price", "total_price_set_shop_amount"},
    "stripe": {"id", "customer_id", "customer", "subscription_id"},
    "hubspot": {
        "stages",
        "canonical-vid",
        "vid-to-merge",
        "tickets_id",
        "deals_id",
        "id",
        "type",
        "canonical_vid",
        "vid_to_merge",
        "contact_id",
        "ticket_id",
        "deal_id",
        "stage_id",
        "merged_deal_id",
    },
    "klaviyo": {"id"},
    "google_ads": {"id", "campaign_id", "date", "cost_micros"},
    "facebook_ads": {"id", "campaign_id", "date", "spend", "action_type"},
    "woocommerce": {"id", "total", "order_id", "product_id"},
    "recharge": {"id", "subscription_id", "customer_id"},
    "zendesk": {"id", "ticket_id", "field_name"},
}
TABLES = {
    "shopify": ("customers", "orders", "order_items", "refunds", "products", "carts", "touchpoints", "engagements"),
    "stripe": ("customers", "subscriptions", "orders", "refunds"),
    "hubspot": ("customers", "identity_links", "support_tickets", "campaigns", "touchpoints", "engagements", "orders"),
    "klaviyo": ("customers", "campaigns", "touchpoints", "engagements", "carts"),
    "google_ads": ("ad_performance", "campaigns"),
    "facebook_ads": ("ad_performance", "campaigns"),
    "woocommerce": ("customers", "orders", "order_items", "refunds", "products", "reviews", "touchpoints"),
    "recharge": ("customers", "subscriptions"),
    "zendesk": ("customers", "support_tickets", "survey_responses"),
}
OPTIONS = {"hubspot": {"orders": True}, "stripe": {"orders": True}}
DLT = {"load_id", "inserted_at"}  # of the loads of dlt, beside columns that begin with _dlt
VARIANTS = ("complete", "required_alone", "one_half", "other_half", "one_more", "no_rows")


def type_of(column: str, vendor: str) -> str:
    """A type as Fivetran lands such a column, or as the published schema says, behind a colon."""
    if ":" in column:
        return column.split(":")[1]
    if vendor in ("google_ads", "facebook_ads") and (type_ := type_of_advertising(column)):
        return type_
    if vendor == "woocommerce":
        return type_by_airbyte(column)
    if column.startswith(("is_", "has_")) or column in (
        "test",
        "livemode",
        "captured",
        "_fivetran_deleted",
        "_fivetran_active",
        "proration",
        "closed_won",
        "filtered_event",
        "public",
    ):
        return "boolean"
    if column.endswith(
        ("_at", "_synced", "_start", "_end", "start_date", "createdate", "closedate", "_date")
    ) or column in (
        "created",
        "canceled_at",
        "timestamp",
        "datetime",
        "updated",
        "send_time",
    ):
        return "timestamp"
    if column.endswith(("price", "amount", "total_tax", "total_discount", "total_discounts", "decimal")):
        return "double"
    if column in ("quantity", "index") or (vendor == "shopify" and (column == "id" or column.endswith("_id"))):
        return "bigint"
    return "varchar"


def type_of_advertising(column: str) -> str | None:
    """... where advertising has another one."""
    if column in ("start_date", "end_date"):
        return "varchar"
    if column in ("id", "clicks", "impressions", "inline_link_clicks", "cost_micros") or column.endswith("_id"):
        return "bigint" if column not in ("_fivetran_id", "ad_id") else "varchar"
    types = {
        "date": "date",
        "spend": "double",
        "value": "double",
        "conversions": "double",
        "_fivetran_active": "boolean",
    }
    return types.get(column, "timestamp" if column.endswith("_time") else None)


def type_by_airbyte(column: str) -> str:
    """... as Airbyte lands one: amounts are text, what is nested is JSON."""
    if column in ("id", "rating") or column.endswith("_id"):
        return "bigint"
    if column.startswith("date_") or column == "_airbyte_extracted_at":
        return "timestamptz"
    nested = ("billing", "line_items", "coupon_lines", "refunds", "categories")
    return "json" if column in nested else "varchar"


def columns_of(variant: str, columns: list[str], vendor: str) -> list[str]:
    """The columns that a table has in a variant."""
    required = [name for name in columns if name.split(":")[0] in REQUIRED[vendor] | DLT or name.startswith("_dlt")]
    others = [name for name in columns if name not in required]
    if variant == "required_alone":
        return required
    if variant in ("one_half", "other_half"):
        return required + others[variant == "other_half" :: 2]
    return [*columns, "_a_column_of_tomorrow"] if variant == "one_more" else columns


@pytest.mark.parametrize(
    ("vendors", "api"),
    [
        (["shopify"], "rest"),
        (["shopify"], "graphql"),
        (["stripe"], "api"),
        (["hubspot", "klaviyo"], "api"),
        (["google_ads", "facebook_ads"], "by_campaign"),
        (["google_ads", "facebook_ads"], "by_ad"),
        (["recharge", "zendesk", "woocommerce"], "api"),
        (["shopify", "woocommerce", "stripe", "recharge", "hubspot", "zendesk"], "airbyte"),
    ],
)
def test_every_model_builds_whatever_columns_are_there(store: Store, vendors: list[str], api: str) -> None:
    for vendor in vendors:
        write_variants(store, vendor, api)
    build_and_count(store, vendors, "airbyte" if api == "airbyte" else "fivetran")


def test_every_model_builds_whatever_columns_dlt_made(store: Store, tmp_path: Path) -> None:
    worlds = {vendor: world for vendor, world in WORLDS.items() if "dlt" in world.LOADERS}
    load_world(store, tmp_path / "raw", 60, 1)
    for vendor, world in worlds.items():
        with duckdb.connect(str(store.warehouse)) as connection:
            schema = world.write(connection, "dlt")["default"]
        described = store.rows(
            f"select table_name, list(column_name order by column_index) from duckdb_columns() where schema_name = '{schema}' group by 1"
        )
        statements = []
        for variant in VARIANTS:
            statements.append(f"create schema {vendor}_{variant}")
            for table, columns in described:
                kept = columns_of(variant, columns, vendor)
                names = ", ".join("1 as _a_column_of_tomorrow" if name not in columns else f'"{name}"' for name in kept)
                rows = f"from {schema}.{table}{' limit 0' if variant == 'no_rows' else ''}"
                statements.append(f"create table {vendor}_{variant}.{table} as select {names} {rows}")
        store.execute(*statements)
    build_and_count(store, list(worlds), "dlt")


def build_and_count(store: Store, vendors: list[str], loader: str) -> None:
    """All variants as brands: there are rows of each but the one without."""
    connectors = {
        vendor: {
            "schemas": {variant: f"{vendor}_{variant}" for variant in VARIANTS},
            "loader": loader,
            **OPTIONS.get(vendor, {}),
        }
        for vendor in vendors
    }
    store.connect(connectors, command="build")
    for table in {table for vendor in vendors for table in TABLES[vendor]}:
        assert store.rows(f"select count(*) >= 0 from store_connectors.raw__{table}") == [(True,)]
    for vendor in vendors:
        counted = {
            "hubspot": "customers",
            "klaviyo": "customers",
            "google_ads": "campaigns",
            "facebook_ads": "campaigns",
            "recharge": "customers",
            "zendesk": "support_tickets",
        }
        of_brands = f"{vendor}__{counted.get(vendor, 'orders')}"
        brands = [row[0] for row in store.rows(f"select distinct brand from store_connectors.{of_brands} order by 1")]
        assert brands == sorted(set(VARIANTS) - {"no_rows"})


def write_variants(store: Store, vendor: str, api: str) -> None:
    """The tables of a vendor in a schema for each variant."""
    statements = []
    for variant in VARIANTS:
        statements.append(f"create schema {vendor}_{variant}")
        for row in COLUMNS:
            if (row["vendor"], row["api"]) == (vendor, api):
                names = columns_of(variant, row["columns"].split(), vendor)
                columns = ", ".join(f'"{name.split(":")[0]}" {type_of(name, vendor)}' for name in names)
                table = f'{vendor}_{variant}."{row["table"]}"'
                statements.append(f"create table {table} ({columns})")
                if variant != "no_rows" and "id" in [name.split(":")[0] for name in names]:
                    statements.append(f"insert into {table} (id) values (1)")
    store.execute(*statements)


def test_every_vendor_and_loader_is_among_them() -> None:
    """All that may be written in the var, but for GA4, whose nested types have a test of their own (test_ga4.py)."""
    loaders = {vendor: {loader.split("_")[0] for loader in world.LOADERS} for vendor, world in WORLDS.items()}
    published = {(row["vendor"], "airbyte" if row["api"] == "airbyte" else "fivetran") for row in COLUMNS}
    expected = {(vendor, loader) for vendor, names in loaders.items() if vendor != "ga4" for loader in names - {"dlt"}}
    assert published - {("vendor", "fivetran")} == expected
