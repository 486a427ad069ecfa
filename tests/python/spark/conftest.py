"""Spark for all tests of this folder, and the demo data built on it and on DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from engines.comparison import COMPARED_SCHEMAS

from lifecycle_tools.build import PROJECT_DIR, run_dbt
from lifecycle_tools.engines.parquet_files import write_raw_parquet
from lifecycle_tools.engines.raw_files import raw_warehouse
from spark.environment import Spark, spark_in

# The same moment for both engines: rows that lie after the build's start are rejected.
BUILD_STARTED_AT = "2030-01-01T00:00:00+00:00"
SETTINGS = {
    "BUILD_STARTED_AT": BUILD_STARTED_AT,
    "BUSINESS_TIME_ZONE": "UTC",
    "AS_OF_DATE": "",
    "RAW_DATA_DIR": "",
    "DBT_THREADS": "2",  # Spark plans one query while it runs another
}


@dataclass(frozen=True)
class Pair:
    """The same raw data, built on both engines."""

    duckdb_path: Path
    spark: Spark


@pytest.fixture(scope="session")
def new_spark(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Spark]:
    """Make a Spark of one's own by name."""
    return lambda name: spark_in(tmp_path_factory.mktemp(name))


@pytest.fixture(scope="session")
def demo(new_spark: Callable[[str], Spark], tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Build the demo data; on Spark with every data test, on DuckDB without (``make demo`` runs them there)."""
    raw_data_dir = PROJECT_DIR / "seeds" / "demo"
    directory = tmp_path_factory.mktemp("duckdb")
    spark = new_spark("demo")
    with raw_warehouse(raw_data_dir, directory / "target") as warehouse:
        tables = write_raw_parquet(warehouse, spark.directory / "raw_files")
    views = {"views": COMPARED_SCHEMAS, "to": str(spark.directory / "views")}
    print(spark.run([*raw_steps(tables, spark.directory / "raw_files"), build_step(), views]))
    path = directory / "demo.duckdb"
    built = run_dbt(
        ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"],
        raw_data_dir=raw_data_dir, warehouse_path=path, dbt_target_path=directory / "target", dbt_log_path=directory / "logs",
        **{name.lower(): value for name, value in SETTINGS.items() if name != "RAW_DATA_DIR"},
    )  # fmt: skip
    assert built.success, "\n".join(built.problems)
    return Pair(path, spark)


def raw_steps(tables: list[str], directory: Path) -> list[dict]:
    """The steps that let Spark read raw tables where their files lie."""
    created = [{"sql": f"create table raw.{table} using parquet location '{directory / table}'"} for table in tables]
    return [{"sql": "create schema raw"}, *created]


def build_step() -> dict:
    """The step that builds everything; unit tests test the models' logic, which DuckDB and PostgreSQL have run."""
    return {"dbt": ["build", "--exclude-resource-type", "unit_test", "--target", "spark"], "environment": SETTINGS}
