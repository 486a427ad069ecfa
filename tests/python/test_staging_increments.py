"""Staging in increments: it ends in the base tables of a full build, and rows that nothing happened to stay as they were."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import duckdb
import pytest
from oracle.runs import run_dbt

from lifecycle_tools.build import PROJECT_DIR

SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
BASE = ["base_*", "+int_erasures", "+stg_shop__order_outcomes"]


class Staging:
    """A warehouse with the demo's raw tables and base models, whose raw tables are changed by hand."""

    def __init__(self, directory: Path) -> None:
        """Load the files, build seeds and base models."""
        self.directory = directory
        self.warehouse = directory / "warehouse.duckdb"
        self.started_at = "2030-01-01 00:00:00"
        self.run("seed")
        self.run("run", "--select", *BASE, raw_data_dir=PROJECT_DIR / "seeds" / "demo")

    def run(self, *arguments: str, **settings) -> None:
        """Run dbt on the raw tables as they stand."""
        environment = {
            "raw_data_dir": "",
            "warehouse_path": self.warehouse,
            "build_started_at": self.started_at,
            "dbt_target_path": self.directory / "target",
            "dbt_log_path": self.directory / "logs",
        }
        result = run_dbt(arguments, **environment | settings)
        assert result.success, "\n".join(result.problems)

    def increment(self) -> None:
        """Bring the base models up to date."""
        self.run("run", "--select", *BASE)

    def execute(self, *statements: str) -> list[tuple]:
        """Run SQL in the warehouse; the rows of the last statement."""
        with duckdb.connect(str(self.warehouse)) as connection:
            return [connection.execute(statement) for statement in statements][-1].fetchall()

    def tables(self) -> dict[str, list[str]]:
        """All rows of all base models and of the tables of staging, in order."""
        names = self.execute(
            "select table_name from duckdb_tables() where table_name similar to '(base|stg)_.*' order by all"
        )
        return {name: sorted(map(str, self.execute(f"select * from staging.{name}"))) for (name,) in names}

    def assert_as_in_a_full_build(self) -> None:
        """Compare with the same raw tables cleaned from scratch."""
        incremental = self.tables()
        assert len(incremental) == 24, "a table of changes was left behind, or a base model is missing"
        kept = shutil.copy(self.warehouse, self.directory / "kept.duckdb")
        self.run("run", "--full-refresh", "--select", *BASE)
        full = self.tables()
        shutil.move(kept, self.warehouse)
        for name, rows in full.items():
            assert incremental[name] == rows, (
                f"{name}: only in the increments {sorted(set(incremental[name]) - set(rows))[:3]}; "
                f"only in full {sorted(set(rows) - set(incremental[name]))[:3]}"
            )


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Staging:
    """The demo's raw tables, cleaned."""
    return Staging(tmp_path_factory.mktemp("staging"))


# (table, key column) of raw tables whose rows name a customer by themselves, and of some that do not
TABLES = {
    "customers": "customer_id",
    "orders": "order_id",
    "order_items": "order_item_id",
    "refunds": "refund_id",
    "touchpoints": "touchpoint_id",
    "engagements": "engagement_id",
    "subscriptions": "subscription_id",
    "identity_links": "link_id",
    "campaigns": "campaign_id",
}


def random_changes(rng: random.Random, number: int) -> list[str]:
    """What may happen to raw tables between two builds, good and bad."""

    def some(column: str, share: int) -> str:
        return f"hash({column}, {rng.randrange(10**9)}) % {share} = 0"

    today = f"2025-08-{number:02d} 02:00:00"
    changes = []
    for table, key in TABLES.items():
        stamp = rng.choice([f"'{today}'", f"'{today}'", "loaded_at", "null"])
        copied = f"insert into raw.{table} by name select * replace"
        changes += [
            # rows that land, late or not; some repeat what is there, some correct an older version
            f"{copied} ('n{number}-' || {key} as {key}, '{today}' as loaded_at) from raw.{table} where {some(key, 40)}",
            f"{copied} ({stamp} as loaded_at) from raw.{table} where {some(key, 60)}",
            # rows that go, or lose their key
            f"delete from raw.{table} where {some(key + ', rowid', 80)}",
            f"update raw.{table} set {key} = ' ' where {some(key, 300)}",
        ]
    changes += [
        f"update raw.orders set status = 'cancelled', loaded_at = '{today}' where {some('order_id', 50)}",
        f"update raw.orders set total_amount = '12,50' where {some('order_id', 50)}",  # edited in place
        # after this build began, before the next one
        f"update raw.orders set loaded_at = null, ordered_at = '203{number}-06-01' where {some('order_id', 90)}",
        f"update raw.customers set is_test = 'true' where {some('customer_id', 40)}",
        f"update raw.customers set is_test = 'false' where {some('customer_id', 3)}",
        f"update raw.customers set created_at = 'soon' where {some('customer_id', 40)}",  # its orders are orphans
        f"update raw.customers set created_at = '2024-01-01' where created_at = 'soon' and {some('customer_id', 2)}",
        f"update raw.touchpoints set is_bot = 'true' where {some('touchpoint_id', 40)}",
    ]
    rng.shuffle(changes)
    return changes


# One thing alone happens between two builds: what hangs on it is found without anything else that happens to the same rows.
SINGLE_CHANGES = (
    "delete from raw.orders where (order_id, loaded_at) in (select order_id, max(loaded_at) from raw.orders group by order_id "
    "having count(distinct loaded_at) > 1)",
    "update raw.customers set is_test = case when lower(is_test) = 'true' then 'false' else 'true' end",
    "update raw.customers set created_at = 'never' where hash(customer_id) % 5 = 0",
    "select 'the clock alone'",
)


def test_increments_end_in_the_base_tables_of_a_full_build(staging: Staging) -> None:
    rng = random.Random(SEED)
    for number in range(1, 4):
        staging.started_at = f"203{number}-01-01 00:00:00"
        staging.execute(*random_changes(rng, number))
        staging.increment()
    staging.assert_as_in_a_full_build()
    for change in SINGLE_CHANGES:
        if "clock" in change:
            staging.started_at = "2040-01-01 00:00:00"
        staging.execute(change)
        staging.increment()
    staging.assert_as_in_a_full_build()


def untouched(staging: Staging, table: str) -> int:
    """How many rows still bear the mark of ``mark``."""
    return staging.execute(f"select count(*) from staging.{table} where cleaning_failures = 'marked'")[0][0]


def mark(staging: Staging, table: str) -> int:
    """Write into every row what only cleaning it again removes; the number of rows."""
    staging.execute(f"update staging.{table} set cleaning_failures = 'marked'")
    return untouched(staging, table)


def rows_with_keys_of(condition: str) -> str:
    """SQL: the rows of orders whose key some row has for which ``condition`` holds."""
    return (
        "select count(*) from staging.base_shop__orders as orders semi join "
        f"(select brand, record_key from staging.base_shop__orders where {condition}) as others using (brand, record_key)"
    )


def test_rows_that_nothing_happened_to_are_not_cleaned_again(staging: Staging) -> None:
    orders, touchpoints = mark(staging, "base_shop__orders"), mark(staging, "base_marketing__touchpoints")
    ((batch, row),) = staging.execute(
        "insert into raw.orders by name select * replace ('new-' || order_id as order_id, '2026-01-01' as loaded_at) "
        "from raw.orders limit 5",
        "select loaded_at[:10], rowid from raw.orders where loaded_at is not null order by rowid limit 1",
    )
    staging.execute(f"update raw.orders set total_amount = '1' where rowid = {row}")
    ((of_the_batch,),) = staging.execute(rows_with_keys_of(f"loaded_batch = '{batch}'"))
    ((by_the_clock,),) = staging.execute(
        rows_with_keys_of("rejection_reason = 'future_timestamp' and loaded_at is null")
    )
    staging.increment()
    assert untouched(staging, "base_marketing__touchpoints") == touchpoints > 0
    cleaned_again = orders - untouched(staging, "base_shop__orders")
    assert 1 <= cleaned_again <= of_the_batch + by_the_clock < orders / 2


def test_other_rules_or_columns_clean_everything_again(staging: Staging) -> None:
    orders, carts = mark(staging, "base_shop__orders"), mark(staging, "base_shop__carts")
    staging.execute(
        "insert into staging.order_statuses (status, effect, is_engagement) values ('nouveau', 'purchase', true)"
    )
    staging.increment()
    assert orders and untouched(staging, "base_shop__orders") == 0
    assert carts and untouched(staging, "base_shop__carts") == carts
    staging.execute("alter table raw.carts add column note varchar")
    staging.increment()
    assert untouched(staging, "base_shop__carts") == 0
    touchpoints = mark(staging, "base_marketing__touchpoints")
    staging.run("run", "--select", *BASE, business_time_zone="Asia/Tokyo")
    assert touchpoints and untouched(staging, "base_marketing__touchpoints") == 0
