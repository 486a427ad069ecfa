"""Loads, built one after the other on Iceberg and on DuckDB, and what each left."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import replace_seed
from engines.comparison import COMPARED_SCHEMAS, published_tables
from oracle import histories
from oracle.histories import AS_OF_DATE
from oracle.raw_files import merge_raw_data, write_raw_data
from spark.conftest import SETTINGS, Pair, seed_steps
from spark.environment import Spark
from spark.test_spark import difference
from test_increments import EIGHT_DATES, cut_into_loads

from iceberg.environment import iceberg_in
from lifecycle_tools.build import NO_TESTS, PROJECT_DIR, run_dbt
from lifecycle_tools.engines.parquet_files import write_raw_parquet
from lifecycle_tools.engines.raw_files import raw_warehouse

HISTORIES = int(os.environ.get("LIFECYCLE_ICEBERG_HISTORIES", "10"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
# every load is an increment, however many customers it touches
ALIKE = SETTINGS | {"FULL_REFRESH_SHARE": "1", "LINK_DEPTH": "8"}  # Spark 3.5 has no recursion
SEEDS = {
    "lifecycle_thresholds": [{"segment": name, **values} for name, values in histories.THRESHOLDS.items()],
    "brands": [{"brand": name, "business_time_zone": zone} for name, zone in histories.TIME_ZONES.items()],
}
BUILD = ["build", *NO_TESTS, "--exclude-resource-type", "seed"]
LOADS = ("first", "then", "last")
# Each table from which increments delete rows by customer: its column of customers, and where those to rewrite stand.
CHANGED, TO_REWRITE = ("intermediate.int_changed_customers", "intermediate.int_customers_to_rewrite")
TABLES_BY_CUSTOMER = {
    f"intermediate.{name}": ("customer_key", CHANGED)
    for name in (
        "int_customer_events", "int_customer_lifespans", "int_customer_purchase_days", "int_customer_episodes",
        "int_customer_state_intervals", "int_customer_stage_periods",
    )
} | {"marts.customer_stages_daily": ("customer_id", TO_REWRITE)}  # fmt: skip
ORDERS = "staging.base_shop__orders"
SNAPSHOTS = (
    "select snapshot_id, cast(coalesce(summary['deleted-data-files'], '0') as int), "
    "cast(coalesce(summary['added-records'], '0') as int) from {}.snapshots"
)
# When this table of step 2 has lost the rows of the customers that a build computes, the build is in its middle.
TABLE_OF_THE_MIDDLE = "intermediate.db/int_customer_episodes"
KILL_WITHIN = 1800  # seconds


@dataclass
class Shop:
    """The same loads in one catalogue of Iceberg and one DuckDB file."""

    directory: Path
    spark: Spark
    differences: dict[str, list[str]] = field(default_factory=dict)
    tables: int = 0
    before: dict[str, list[list[Any]]] = field(default_factory=dict)
    answers: dict[str, list[list[Any]]] = field(default_factory=dict)

    @property
    def duckdb_path(self) -> Path:
        return self.directory / "lifecycle.duckdb"

    def load(self, name: str, raw: Mapping[str, list[dict]], as_of_date: str, is_killed: bool = False) -> None:
        """Build all rows so far on both, and note each published table that differs."""
        files = write_raw_data(raw, self.directory / f"raw_{name}")
        steps = [*self._raw_steps(name, files), {"dbt": [*BUILD, "--target", "spark"]}]
        steps[0]["environment"] = self._settings(AS_OF_DATE=as_of_date)
        if is_killed:
            self._build_until_killed(steps)
        copies = self.directory / f"copies_{name}"
        started = time.monotonic()
        print(self.spark.run([*steps, {"relations": COMPARED_SCHEMAS, "to": str(copies / "views")}]))
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)

        settings = {key.lower(): value for key, value in ALIKE.items()} | self._duckdb_settings()
        settings |= {"raw_data_dir": files, "as_of_date": as_of_date}
        if not self.duckdb_path.exists():
            assert run_dbt(["seed"], **settings).success
            with duckdb.connect(str(self.duckdb_path)) as connection:
                for table, rows in SEEDS.items():
                    replace_seed(connection, f"staging.{table}", rows)
        result = run_dbt(BUILD, **settings)
        assert result.success, result.problems

        pair = Pair(self.duckdb_path, Spark(self.spark.python, copies))
        expected, found = published_tables(self.duckdb_path), pair.spark.tables(COMPARED_SCHEMAS)
        told = [difference(pair, *table) for table in expected if table in found]
        self.tables = len(expected)
        self.differences[name] = [text for text in told if text]
        self.differences[name] += [f"{table} on one of both" for table in sorted(set(expected) ^ set(found))]

    def rows(self, query: str) -> list[tuple]:
        """The answer of DuckDB's tables."""
        with duckdb.connect(str(self.duckdb_path), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def written(self, table: str) -> tuple[int, int]:
        """Files that the last load took out of a table, and records that it added, by the snapshots that it made."""
        name = f"snapshots of {table}"
        known = {snapshot for snapshot, *_ in self.before[name]}
        new = [counts for snapshot, *counts in self.answers[name] if snapshot not in known]
        return sum(files for files, _ in new), sum(records for _, records in new)

    def ask(self, queries: Mapping[str, str]) -> dict[str, list[list[Any]]]:
        """The rows of each query in Spark's own SQL."""
        answers = {name: self.directory / f"answer_{number}.json" for number, name in enumerate(queries)}
        self.spark.run([{"ask": query, "to": str(answers[name])} for name, query in queries.items()])
        return {name: json.loads(path.read_text()) for name, path in answers.items()}

    def _raw_steps(self, name: str, files: Path) -> list[dict]:
        folder = self.directory / f"parquet_{name}"
        with raw_warehouse(files, self.directory / "target") as warehouse:
            tables = write_raw_parquet(warehouse, folder)
        steps: list[dict] = [{"sql": "drop schema if exists raw cascade"}, {"sql": "create schema raw"}]
        steps += [{"sql": f"create table raw.{table} using parquet location '{folder / table}'"} for table in tables]
        is_first = not (self.spark.directory / "warehouse" / "marts.db").exists()
        return steps + (seed_steps(SEEDS) if is_first else [])

    def _settings(self, **more: str) -> dict[str, str]:
        own = {"SPARK_FILE_FORMAT": "iceberg", "DBT_PROJECT_DIR": str(self.directory / "project")}
        return ALIKE | own | more

    def _duckdb_settings(self) -> dict[str, Any]:
        paths = {"dbt_target_path": self.directory / "target", "dbt_log_path": self.directory / "logs"}
        return paths | {"warehouse_path": self.duckdb_path}

    def _build_until_killed(self, steps: list[dict]) -> None:
        """Build, and kill Spark and dbt in the middle: some tables are written, some half, some not at all."""
        metadata = self.spark.directory / "warehouse" / TABLE_OF_THE_MIDDLE / "metadata"
        before = set(metadata.iterdir())
        running = self.spark.start(steps)
        deadline = time.monotonic() + KILL_WITHIN
        while set(metadata.iterdir()) == before:
            assert running.poll() is None, "\n".join(running.communicate())
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()


def project_as_documented(directory: Path) -> None:
    """The project with the partitions that docs/engines.md recommends on Iceberg."""
    directory.mkdir()
    for path in PROJECT_DIR.iterdir():
        if path.name in ("macros", "models", "seeds", "tests", "analyses"):
            (directory / path.name).symlink_to(path)
    page = (PROJECT_DIR / "docs" / "engines.md").read_text(encoding="utf-8")
    block = page.split("<!-- partitions on Iceberg, read by tests/python/iceberg -->")[1].split("```")[1]
    partitions = yaml.safe_load(block.removeprefix("yaml\n"))["models"]["customer_lifecycle"]
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    _merge(project["models"]["customer_lifecycle"], partitions)
    (directory / "dbt_project.yml").write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")


def _merge(settings: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict):
            _merge(settings.setdefault(name, {}), value)
        else:
            settings[name] = value


def late_order(raw: Mapping[str, list[dict]]) -> dict[str, list[dict]]:
    """One order more of one buyer who asked for no erasure, a day after one that is known, and loaded last."""
    nobody = {None, *(request["customer_id"] for request in raw["erasure_requests"])}
    order = next(row for row in raw["orders"] if row.get("customer_id") not in nobody and not row.get("deleted_at"))
    later = order["ordered_at"] + timedelta(days=1)
    loaded_at = max(row["loaded_at"] for row in raw["orders"] if row["loaded_at"]) + timedelta(days=1)
    return {"orders": [order | {"order_id": "late", "ordered_at": later, "loaded_at": loaded_at}]}


def erasure(raw: Mapping[str, list[dict]]) -> dict[str, list[dict]]:
    """The request of a buyer to be forgotten."""
    customers = sorted({row["customer_id"] for row in raw["orders"] if row.get("customer_id")})
    request = {"request_id": "erasure", "customer_id": random.Random(SEED).choice(customers)}
    return {"erasure_requests": [request | {"requested_at": datetime(2024, 6, 1, 10)}]}


def files_of(rows: Iterable[Sequence[Any]], customers: Collection[Any] | None = None) -> set[str]:
    """The files that hold rows of these customers, or of any."""
    return {file for file, customer in rows if customers is None or customer in customers}


def questions_before() -> dict[str, str]:
    """In which file of each table which customers stand, and the snapshots so far."""
    questions = {
        f"files of {table}": f"select distinct _file, {column} from {table}"
        for table, (column, _) in TABLES_BY_CUSTOMER.items()
    }
    return questions | snapshots()


def questions_after() -> dict[str, str]:
    """Whose rows had to be written again, and the snapshots by then."""
    questions = {
        f"customers of {table}": f"select {column} from {customers}"
        for table, (column, customers) in TABLES_BY_CUSTOMER.items()
    }
    questions["build"] = "select build_number from intermediate.int_recorded_build"
    questions["kinds"] = f"select distinct is_full_refresh from {CHANGED}"
    questions["replaced"] = "select count(*) from marts.lifecycle_customers.snapshots"
    return questions | snapshots()


def snapshots() -> dict[str, str]:
    """The snapshots of each table that is looked at."""
    return {f"snapshots of {table}": SNAPSHOTS.format(table) for table in (*TABLES_BY_CUSTOMER, ORDERS)}


@pytest.fixture(scope="session")
def iceberg(tmp_path_factory: pytest.TempPathFactory) -> Spark:
    """An empty catalogue."""
    return iceberg_in(tmp_path_factory.mktemp("catalogue"))


@pytest.fixture(scope="session")
def shop(iceberg: Spark, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Three loads: most rows; all, some of them corrections, links and an erasure, with a killed build first; one late order."""
    directory = tmp_path_factory.mktemp("loads")
    shop = Shop(directory, iceberg)
    project_as_documented(directory / "project")
    parts = cut_into_loads(
        merge_raw_data(histories.random_histories(SEED, HISTORIES)), random.Random(SEED), len(EIGHT_DATES)
    )
    everything = merge_raw_data(parts)
    then = merge_raw_data([everything, erasure(everything)])
    last = merge_raw_data([then, late_order(then)])
    shop.load("first", merge_raw_data(parts[:5]), (AS_OF_DATE - timedelta(days=20)).isoformat())
    shop.load("then", then, AS_OF_DATE.isoformat(), is_killed=True)
    shop.before = shop.ask(questions_before())
    shop.load("last", last, (AS_OF_DATE + timedelta(days=1)).isoformat())
    shop.answers = shop.ask(questions_after())
    return shop
