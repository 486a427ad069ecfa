"""The macros of macros/cross_db on Spark, case by case, and whatever is published there as on DuckDB, row for row."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from engines.comparison import COMPARED_SCHEMAS, difference_of_files, published_tables
from engines.macro_cases import query_of_all_cases, query_of_all_cells, wrong_cases, wrong_cells
from oracle import histories
from oracle.environments import differences
from oracle.raw_files import merge_raw_data, write_raw_data

from spark.conftest import SETTINGS, Pair, Questions, gate_questions
from spark.environment import LOCKS, Spark

HISTORIES = int(os.environ.get("LIFECYCLE_SPARK_HISTORIES", "100"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))


@pytest.mark.parametrize("version", LOCKS)
def test_the_environment_is_that_of_the_lock_file(version: str, new_spark: Callable[..., Spark]) -> None:
    assert not (different := differences(LOCKS[version], new_spark("environment", version).python)), different


@pytest.mark.parametrize("version", LOCKS)
def test_every_macro_case(version: str, new_spark: Callable[..., Spark]) -> None:
    """Each macro gives what its cases say, cells are read as elsewhere: on Spark 3.5, too, which many managed services run."""
    spark = new_spark("macros", version)
    answer = spark.directory / "rows.json"
    # Spark 3.5 has no recursion; chains of joins (LINK_DEPTH) are not found there within a scalar subquery, which cases are
    without = ("recursive_columns", "follow_links") if version == "3.5" else ()
    cells = spark.directory / "cells.json"
    spark.run(
        [
            {"show": query_of_all_cases(without), "to": str(answer), "environment": SETTINGS},
            {"show": query_of_all_cells(), "to": str(cells)},
        ]
    )
    wrong = wrong_cases(json.loads(answer.read_text()), without) + wrong_cells(json.loads(cells.read_text()))
    assert not wrong, "\n".join(wrong)


def test_the_demo_builds_with_all_its_data_tests_and_publishes_the_same(demo: Pair) -> None:
    """The demo's dirt in all its forms: what is cleaned, rejected and counted, and every mart."""
    assert_same(demo)


def test_the_gates_find_the_same(demo: Pair) -> None:
    """Great Expectations is not in Spark's environment: what its suites ask is compared, figure by figure."""
    with duckdb.connect(str(demo.duckdb_path), read_only=True) as connection:
        for name, query in gate_questions(Questions(connection, text="varchar")).items():
            found = json.loads((demo.spark.directory / f"{name}.json").read_text())
            assert rounded(found) == rounded(connection.execute(query).fetchall()), name


def rounded(rows: Sequence[Sequence[Any]]) -> list[tuple]:
    """Rows in an order of their own, numbers to six decimals."""
    return sorted(tuple(str(value) if not is_number(value) else f"{float(value):.6f}" for value in row) for row in rows)


def is_number(value: Any) -> bool:
    """Whether a value is a number, or a decimal that JSON took for a text."""
    try:
        return value is not None and float(value) is not None
    except (TypeError, ValueError):
        return False


@pytest.mark.skipif(
    HISTORIES == 0, reason="LIFECYCLE_SPARK_HISTORIES is 0: the demo has been compared, and these take minutes"
)
def test_random_histories_publish_the_same(build_pair: Callable[..., Pair], tmp_path: Path) -> None:
    """Merges, shared identifiers, reversals, deletions, referrals and subscriptions in all orders, in four time zones.

    Built without data tests, which the demo has passed. ``LIFECYCLE_SPARK_HISTORIES`` (default 100) says how many,
    ``LIFECYCLE_SEED`` (default 1) which ones; 0 is for users without minutes to spare.
    """
    raw = merge_raw_data(histories.random_histories(SEED, HISTORIES))
    seeds = {
        "lifecycle_thresholds": [{"segment": name, **values} for name, values in histories.THRESHOLDS.items()],
        "brands": [{"brand": name, "business_time_zone": zone} for name, zone in histories.TIME_ZONES.items()],
    }
    directory = write_raw_data(raw, tmp_path / "raw")
    as_of_date = histories.AS_OF_DATE.isoformat()
    assert_same(build_pair("histories", directory, tests=False, seeds=seeds, AS_OF_DATE=as_of_date))


def assert_same(pair: Pair) -> None:
    """Fail with every table that differs."""
    tables = published_tables(pair.duckdb_path)
    assert tables
    assert pair.spark.tables(COMPARED_SCHEMAS) == tables
    told = [difference(pair, schema, table) for schema, table in tables]
    told = [text for text in told if text]
    if told:
        pytest.fail(f"{len(told)} of {len(tables)} tables differ:\n" + "\n".join(told), pytrace=False)


@pytest.mark.parametrize(
    ("change", "is_told"),
    [
        ("select * from things", False),
        ("select * from things order by id desc", False),
        ("select * replace (1.51 as amount) from things", True),
        ("select * replace (cast(amount as decimal(18, 3)) as amount) from things", True),
        ("select amount, id, ratio from things", True),
        ("select * from things union all select * from things", True),
        ("select * replace (ratio + 0.001 as ratio) from things", True),
        ("select * replace (ratio + 1e-12 as ratio) from things", False),
    ],
)
def test_a_table_that_differs_is_told(change: str, is_told: bool, tmp_path: Path) -> None:
    """One value, type, name or row too many; not the order of rows, nor the last digits of a double. Needs no Spark."""
    folder = tmp_path / "warehouse" / "marts.db" / "things"
    folder.mkdir(parents=True)
    with duckdb.connect(str(tmp_path / "one.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.things as select * from (values ('a', cast(1.50 as decimal(18, 2)), cast(0.1 as double)), "
            "('b', null, null)) as things (id, amount, ratio)"
        )
        connection.execute("use marts")
        connection.execute(f"copy ({change}) to '{folder / 'part-0.parquet'}' (format parquet)")
    assert bool(difference(Pair(tmp_path / "one.duckdb", Spark(Path(), tmp_path)), "marts", "things")) == is_told


def difference(pair: Pair, schema: str, table: str) -> str | None:
    """Tell how a table differs on Spark, with a few rows; None when it does not. Spark's files are read as they lie."""
    return difference_of_files(pair.duckdb_path, pair.spark.files(schema, table), schema, table, "Spark")
