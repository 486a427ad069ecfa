"""Tables of Shopify and Stripe give the same rows on Spark, where other functions read JSON, child tables and times."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
import shopify_world
import stripe_world
from engines.comparison import difference_of_files
from spark.environment import Spark, spark_in
from stores import CONNECTORS, Store, load_world, make_store

from lifecycle_tools.engines.parquet_files import write_raw_parquet

WORLDS = {"shopify": shopify_world, "stripe": stripe_world}
# Run -> vendor -> the shape of its tables. Stripe's orders are read beside the shop's, so that they are compared.
RUNS = {
    "fivetran": {"shopify": "fivetran_rest", "stripe": "fivetran"},
    "fivetran_graphql": {"shopify": "fivetran_graphql"},
    "airbyte": {"shopify": "airbyte", "stripe": "airbyte"},
    "dlt": {"shopify": "dlt", "stripe": "dlt"},
}
OPTIONS = {"shopify": {}, "stripe": {"orders": True}}
# What Airbyte lands as JSON is text in the tables of one brand, and of Spark's own nested types in those of the other.
NATIVE_BRAND = "atelier"
NATIVE_TYPES = {
    ("shopify", "orders"): {
        "customer": "struct<id: bigint>",
        "line_items": "array<struct<id: bigint, product_id: bigint, variant_id: bigint, quantity: bigint, price: string,"
        " total_discount: string, gift_card: boolean>>",
        "shipping_lines": "array<struct<id: bigint, price: string, discounted_price: string,"
        " tax_lines: array<struct<title: string, price: string>>>>",
        "discount_codes": "array<struct<code: string, amount: string>>",
    },
    ("shopify", "order_refunds"): {
        "transactions": "array<struct<id: bigint, order_id: bigint, kind: string, status: string, amount: string,"
        " currency: string,"
        " created_at: string, processed_at: string>>",
    },
    ("shopify", "customers"): {
        "default_address": "struct<country_code: string, city: string>",
        "email_marketing_consent": "struct<state: string, consent_updated_at: string>",
    },
    ("shopify", "abandoned_checkouts"): {"customer": "struct<id: bigint>"},
    ("stripe", "customers"): {"address": "struct<country: string, city: string>"},
    ("stripe", "subscriptions"): {
        "cancellation_details": "struct<reason: string, feedback: string>",
        "items": "struct<object: string, data: array<struct<id: string, quantity: bigint, plan: struct<id: string>>>>",
    },
    ("stripe", "prices"): {"recurring": "struct<interval: string, interval_count: bigint>"},
    ("stripe", "invoice_line_items"): {"price": "struct<id: string>", "period": "struct<start: bigint>"},
    ("stripe", "charges"): {"billing_details": "struct<email: string>"},
}  # fmt: skip


@pytest.fixture(scope="module")
def store(macros: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with a small world beside it."""
    directory = tmp_path_factory.mktemp("on_spark")
    store = make_store(directory / "store", macros)
    load_world(store, directory / "raw", 60, 1)
    return store


@pytest.fixture(scope="module")
def spark(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Spark:
    """Spark, after the connectors ran there and on DuckDB, each run in schemas of its own name."""
    spark = spark_in(tmp_path_factory.mktemp("spark"))
    steps: list[dict] = []
    for run, shapes in RUNS.items():
        with duckdb.connect(str(store.warehouse)) as connection:
            schemas = {vendor: WORLDS[vendor].write(connection, shape) for vendor, shape in shapes.items()}
        connectors = {
            vendor: {"schemas": brands, "loader": run.split("_")[0], **OPTIONS[vendor]}
            for vendor, brands in schemas.items()
        }
        store.connect(connectors, run)
        for vendor, brands in schemas.items():
            for brand, schema in brands.items():
                files = spark.directory / "files" / schema
                steps.append({"sql": f"create schema {schema}"})
                for table in write_raw_parquet(store.warehouse, files, schema):
                    is_native = run == "airbyte" and brand == NATIVE_BRAND
                    nested = NATIVE_TYPES.get((vendor, table), {}) if is_native else {}
                    steps.append({"sql": table_of(f"{schema}.`{table}`", files / table, nested)})
        steps.append(run_of(store, connectors, run))
    print(spark.run(steps))
    return spark


def table_of(name: str, files: Path, nested: dict[str, str]) -> str:
    """The statement that makes a table of these files; JSON in the columns ``nested`` becomes a value of such a type."""
    if not nested:
        return f"create table {name} using parquet location '{files}'"
    values = ", ".join(f"from_json({column}, '{type_}') as {column}" for column, type_ in nested.items())
    return (
        f"create table {name} using parquet as select * except ({', '.join(nested)}), {values} from parquet.`{files}`"
    )


def run_of(store: Store, connectors: dict, schema: str) -> dict:
    """The step that runs the connectors on Spark."""
    places = ["--project-dir", str(store.directory), "--profiles-dir", str(store.directory), "--target", "spark"]
    return {
        "dbt": [
            "run", "--select", "package:customer_lifecycle_connectors", *places, "--vars", json.dumps({"connectors": connectors}),
        ],
        "environment": {
            "CUSTOMER_LIFECYCLE_DIR": str(store.lifecycle),
            "CONNECTORS_DIR": str(CONNECTORS),
            "STORE_SCHEMA": schema,
        },
    }  # fmt: skip


@pytest.mark.parametrize("run", RUNS)
def test_spark_gives_the_same_rows(store: Store, spark: Spark, run: str) -> None:
    """Names, types and rows of each table of the contract."""
    schema = f"{run}_connectors"
    tables = [name for _, name in spark.tables([schema]) if name.startswith("raw__")]
    expected = store.rows(
        f"select table_name from information_schema.tables where table_schema = '{schema}' and table_name like 'raw%'"
    )
    assert tables == sorted(name for (name,) in expected)
    told = [
        difference_of_files(store.warehouse, spark.files(schema, table), schema, table, "Spark") for table in tables
    ]
    assert not [text for text in told if text], "\n".join(text for text in told if text)
