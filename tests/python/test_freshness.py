"""`dbt source freshness`: warns of a raw table that has fallen silent, and stops at no table of the contract that is absent."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lifecycle_tools.build import PROJECT_DIR, run_dbt


def test_a_source_that_falls_silent_is_warned_of(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema raw")
        for table, loaded_at in {
            "orders": "now() - interval 1 hour as loaded_at",
            "refunds": "(now() - interval 3 day)::timestamp as loaded_at",
            "customers": "strftime(now() at time zone 'UTC' - interval 1 day, '%Y-%m-%d %H:%M:%S') as \"Loaded_At\"",
            "carts": "'2024-01-01 10:00:00' as loaded_at",
            "engagements": "current_date - 3 as loaded_at",
            "order_items": "'i1' as order_item_id",
            "products": "now() - interval 20 day as loaded_at",
            "campaigns": "now() - interval 31 day as loaded_at",
        }.items():
            connection.execute(f"create table raw.{table} as select {loaded_at}")
    settings = {"dbt_target_path": tmp_path / "target", "dbt_log_path": tmp_path / "logs"}
    result = run_dbt(["source", "freshness"], warehouse_path=warehouse, raw_data_dir="", raw_schema="raw", **settings)
    assert result.success, result.problems
    statuses = {
        unique_id.split(".")[-1]: status for unique_id, status in result.statuses.items() if "source." in unique_id
    }
    assert set(statuses) == {path.stem for path in (PROJECT_DIR / "seeds" / "demo").glob("*.csv")}, (
        "the demo has a file for each raw table"
    )
    assert {table for table, status in statuses.items() if status == "warn"} == {
        "refunds",
        "carts",
        "engagements",
        "campaigns",
    }
    assert {status for table, status in statuses.items()} == {"pass", "warn"}
