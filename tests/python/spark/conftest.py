"""Spark for all tests of this folder, and raw data built on it and on DuckDB."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pytest
from conftest import replace_seed
from engines.comparison import COMPARED_SCHEMAS

from lifecycle_tools.build import NO_TESTS, NO_UNIT_TESTS, PROJECT_DIR, run_dbt
from lifecycle_tools.commands.expectations import SUITES, DuckDBReader, query_of
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
def new_spark(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Spark]:
    """Make a Spark by name, of a version of LOCKS: ``new_spark("macros", "3.5")``."""
    return lambda name, version="4": spark_in(tmp_path_factory.mktemp(name), version)


@pytest.fixture(scope="session")
def build_pair(new_spark: Callable[[str], Spark], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Pair]:
    """Build a raw data set on both engines: ``build_pair(name, raw_data_dir, tests, seeds, questions, **settings)``.

    With ``tests``, every data test on Spark; on DuckDB none. Unit tests test the models' logic, which DuckDB and PostgreSQL
    have run: on Spark only where LIFECYCLE_SPARK_UNIT_TESTS is 1, since they take as long as building.
    ``seeds`` (table -> rows) replace the rows of seeds. ``questions`` says which queries, by name, are asked of Spark; their
    rows are written to ``<name>.json`` in its directory. ``settings`` are those of macros/settings.sql, upper case.
    """

    def build(
        name: str,
        raw_data_dir: Path,
        tests: bool = True,
        seeds: Mapping[str, Sequence[Mapping[str, Any]]] = MappingProxyType({}),
        questions: Callable[[Questions], Mapping[str, str]] = lambda _: {},
        **settings: str,
    ) -> Pair:
        directory = tmp_path_factory.mktemp(f"{name}_duckdb")
        spark = new_spark(name)
        with raw_warehouse(raw_data_dir, directory / "target") as warehouse:
            tables = write_raw_parquet(warehouse, spark.directory / "raw_files")
            with duckdb.connect(str(warehouse), read_only=True) as connection:
                asked = questions(Questions(connection, text="string"))
        command = ["build"]
        if not tests:
            command += ["--exclude-resource-type", "test"]
        if not tests or os.environ.get("LIFECYCLE_SPARK_UNIT_TESTS") != "1":
            command += NO_UNIT_TESTS
        steps = [
            {"sql": "create schema raw", "environment": SETTINGS | settings},
            *(
                {"sql": f"create table raw.{table} using parquet location '{spark.directory / 'raw_files' / table}'"}
                for table in tables
            ),
            *seed_steps(seeds),
            {"dbt": [*command, *without_seeds(seeds), "--target", "spark"]},
            {"views": COMPARED_SCHEMAS, "to": str(spark.directory / "views")},
            *({"show": query, "to": str(spark.directory / f"{name}.json")} for name, query in asked.items()),
        ]
        print(spark.run(steps))

        path = directory / f"{name}.duckdb"
        ours = {"raw_data_dir": raw_data_dir, "warehouse_path": path}
        ours |= {"dbt_target_path": directory / "target", "dbt_log_path": directory / "logs"}
        ours = {key.lower(): value for key, value in (SETTINGS | settings).items()} | ours
        if seeds:
            _run_on_duckdb(["seed"], ours)
            with duckdb.connect(str(path)) as connection:
                for table, rows in seeds.items():
                    replace_seed(connection, f"staging.{table}", rows)
        _run_on_duckdb(["build", *NO_TESTS, *without_seeds(seeds)], ours)
        return Pair(path, spark)

    return build


@pytest.fixture(scope="session")
def demo(build_pair: Callable[..., Pair]) -> Pair:
    """Build the demo data, and ask what the gates ask."""
    return build_pair("demo", PROJECT_DIR / "seeds" / "demo", questions=gate_questions)


class Questions(DuckDBReader):
    """What the gates ask of the raw tables of a DuckDB file on an engine with this type of texts, before any publication."""

    published = "marts"
    published_quality = "quality"

    def __init__(self, connection: duckdb.DuckDBPyConnection, text: str) -> None:
        super().__init__(connection, published=None)
        self.text = text


def gate_questions(reader: Questions) -> dict[str, str]:
    """The query of each gate by its name."""
    suites = {path.stem: json.loads(path.read_text(encoding="utf-8"))["meta"] for path in SUITES.glob("*.json")}
    return {
        f"{name}_{part}": query_of(query, meta, reader)
        for name, meta in suites.items()
        for part, query in {"rows": meta["rows"], **meta.get("parameters", {})}.items()
    }


def seed_steps(seeds: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict]:
    """The steps that load all seeds and put other rows in the place of those of some; columns not named become null."""
    steps: list[dict] = [{"dbt": ["seed", "--target", "spark"]}] if seeds else []
    for table, rows in seeds.items():
        with (PROJECT_DIR / "seeds" / "lifecycle" / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            columns = next(csv.reader(file))
        values = ", ".join("(" + ", ".join(_literal(row.get(column)) for column in columns) + ")" for row in rows)
        steps.append({"sql": f"insert overwrite table staging.{table} values {values}"})
    return steps


def without_seeds(seeds: Mapping[str, Any]) -> list[str]:
    """Arguments that leave alone seeds whose rows were replaced."""
    return ["--exclude-resource-type", "seed"] if seeds else []


def _literal(value: Any) -> str:
    return "null" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


def _run_on_duckdb(arguments: Sequence[str], settings: Mapping[str, Any]) -> None:
    result = run_dbt(arguments, **settings)
    assert result.success, "\n".join(result.problems)
