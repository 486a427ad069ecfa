"""``benchmark_connectors``: what reading a shop's tables by a connector costs, against the same rows from contract files.

The generator's world of so many orders stands in the tables that Fivetran makes of Shopify. The connector makes the contract's
tables of them; these are written as files, and another warehouse loads and cleans the files. Both times are dbt's own, without
the time in which it reads its project. The ratio is the first by the second.

    python -m dev.benchmark_connectors --orders 1000000 --directory /tmp/benchmark
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from lifecycle_tools.build import PROJECT_DIR, run_dbt

sys.path.insert(0, str(PROJECT_DIR / "tests" / "python" / "connectors"))
import shopify_world
from stores import load_world, macros_alone, make_store

ORDERS_PER_CUSTOMER = 2.85  # what the generator gives, more or less
BASE_MODELS = {
    "customers": "base_shop__customers",
    "orders": "base_shop__orders",
    "order_items": "base_shop__order_items",
    "refunds": "base_shop__refunds",
    "products": "base_shop__products",
    "carts": "base_shop__carts",
    "engagements": "base_marketing__engagements",
}


def elapsed(target: Path) -> float:
    """Seconds of the last run, by dbt."""
    return json.loads((target / "run_results.json").read_text())["elapsed_time"]


def measure(orders: int, directory: Path) -> dict[str, float]:
    """Number of orders, and seconds of both ways."""
    store = make_store(directory / "store", macros_alone(directory / "customer_lifecycle"))
    load_world(store, directory / "world", round(orders / ORDERS_PER_CUSTOMER), 1)
    with duckdb.connect(str(store.warehouse)) as connection:
        schemas = shopify_world.write(connection, "fivetran_rest")
        connection.execute("drop schema contract cascade")
    shutil.rmtree(directory / "world")
    store.connect({"shopify": {"schemas": schemas, "loader": "fivetran"}})
    seconds = {"connector": elapsed(store.directory / "target")}

    files = directory / "files"
    with duckdb.connect(str(store.warehouse), read_only=True) as connection:
        for table in BASE_MODELS:
            (files / table).mkdir(parents=True)
            connection.execute(
                f"copy (from store_connectors.raw__{table}) to '{files}/{table}/1.parquet' (format parquet)"
            )
        (count,) = connection.execute("select count(*) from store_connectors.raw__orders").fetchone()
    models = ["base_calendar__exchange_rates", "base_shop__rejected_customers", *BASE_MODELS.values()]
    for command in (["seed"], ["run", "--select", *models]):  # seeds first: they are part of neither
        result = run_dbt(
            command,
            raw_data_dir="" if command == ["seed"] else files,
            warehouse_path=directory / "from_files.duckdb",
            as_of_date="",
            dbt_target_path=directory / "target",
            dbt_log_path=directory / "logs",
        )
        if not result.success:
            raise SystemExit("\n".join(result.problems))
    return {"orders": count, **seconds, "files": elapsed(directory / "target")}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--directory", type=Path, help="where to write; a temporary directory by default")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        found = measure(options.orders, Path(directory))
    print(
        f"{found['orders']:,} orders: {found['connector']:.1f} s by the connector, {found['files']:.1f} s to load and clean "
        f"the same rows from files, ratio {found['connector'] / found['files']:.2f}"
    )


if __name__ == "__main__":
    main()
