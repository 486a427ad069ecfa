"""Tables with the columns of the loaders' published schemas: all of them, those alone that are required, half of the others, and one more.

``published_columns.csv`` has the columns of the tables that Fivetran's own packages test with or ask for (dbt_shopify d768d54, dbt_stripe 42687a2,
dbt_hubspot be3a903, dbt_klaviyo 15d17fa, dbt_google_ads 7d48f41, dbt_facebook_ads 97d6af8; Meta's reports by campaign, which these do not read, as others query them), and of the streams of
Airbyte's source-woocommerce, for the tables that the connectors read. The variants stand in several schemas, which one build reads as several brands.
"""

# ruff: noqa: E501
from __future__ import annotations

import csv
from pathlib import Path

import pytest
from stores import Store

COLUMNS = list(csv.DictReader((Path(__file__).parent / "published_columns.csv").open()))
REQUIRED = {
    "shopify": {"id", "order_id", "customer_id", "product_id", "total_price", "total_price_set_shop_amount"},
    "stripe": {"id", "customer_id", "subscription_id"},
    "hubspot": {
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
    "woocommerce": {"id", "total"},
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
OPTIONS = {"hubspot": {"orders": True}, "woocommerce": {"loader": "airbyte"}}
VARIANTS = ("complete", "required_alone", "one_half", "other_half", "one_more", "no_rows")


def type_of(column: str, vendor: str) -> str:
    """A type as Fivetran lands such a column."""
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
    required = [name for name in columns if name in REQUIRED[vendor]]
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
        (["woocommerce"], "airbyte"),
        (["recharge", "zendesk"], "api"),
    ],
)
def test_every_model_builds_whatever_columns_are_there(store: Store, vendors: list[str], api: str) -> None:
    connectors = {
        vendor: {
            "schemas": {variant: f"{vendor}_{variant}" for variant in VARIANTS},
            "loader": "fivetran",
            **OPTIONS.get(vendor, {}),
        }
        for vendor in vendors
    }
    for vendor in vendors:
        write_variants(store, vendor, api)
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
        brands = [row[0] for row in store.rows(f"select brand from store_connectors.{of_brands} order by brand")]
        assert brands == sorted(set(VARIANTS) - {"no_rows"})


def write_variants(store: Store, vendor: str, api: str) -> None:
    """The tables of a vendor in a schema for each variant."""
    for variant in VARIANTS:
        store.execute(f"create schema {vendor}_{variant}")
        for row in COLUMNS:
            if (row["vendor"], row["api"]) == (vendor, api):
                names = columns_of(variant, row["columns"].split(), vendor)
                store.execute(
                    f'create table {vendor}_{variant}."{row["table"]}" ({", ".join(f"{chr(34)}{name}{chr(34)} {type_of(name, vendor)}" for name in names)})',
                    *([] if variant == "no_rows" else [f'insert into {vendor}_{variant}."{row["table"]}" (id) values (1)'] if "id" in names else []),
                )  # fmt: skip
