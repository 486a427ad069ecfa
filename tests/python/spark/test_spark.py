"""The macros of macros/cross_db on Spark, case by case, and whatever is published there as on DuckDB, row for row."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import pytest
from engines.comparison import COMPARED_SCHEMAS, difference_of_views, published_tables
from engines.macro_cases import MACRO_CASES

from spark.conftest import SETTINGS, Pair
from spark.environment import Spark


def test_every_macro_case(new_spark: Callable[[str], Spark]) -> None:
    """All cases in one query, so that Spark is asked once."""
    cases = [(macro, case) for macro, of_macro in MACRO_CASES.items() for case in of_macro]
    query = " union all ".join(
        f"select {number} as number, '=' || {case.sql} as value" for number, (_, case) in enumerate(cases)
    )
    spark = new_spark("macros")
    answer = spark.directory / "rows.json"
    spark.run([{"show": query + " order by number", "to": str(answer), "environment": SETTINGS}])
    wrong = []
    for (macro, case), (_, value) in zip(cases, json.loads(answer.read_text()), strict=True):
        got = None if value is None else value[1:]
        if got != case.expected:
            wrong.append(f"{macro}: {case.call} of {case.input} is {got!r}, expected {case.expected!r}")
    assert not wrong, "\n".join(wrong)


def test_the_demo_builds_with_all_its_data_tests_and_publishes_the_same(demo: Pair) -> None:
    """The demo's dirt in all its forms: what is cleaned, rejected and counted, and every mart."""
    tables = published_tables(demo.duckdb_path)
    assert tables
    assert demo.spark.tables(COMPARED_SCHEMAS) == tables
    told = [difference(demo, schema, table) for schema, table in tables]
    told = [text for text in told if text]
    if told:
        pytest.fail(f"{len(told)} of {len(tables)} tables differ:\n" + "\n".join(told), pytrace=False)


def difference(pair: Pair, schema: str, table: str) -> str | None:
    """Tell how a table differs on Spark, with a few rows; None when it does not. Spark's files are read as they lie."""
    files = [str(path) for path in pair.spark.files(schema, table)]
    with duckdb.connect() as here:
        here.execute(f"attach '{pair.duckdb_path}' as ours (read_only)")
        here.execute(f'create temp view duckdb_rows as from ours.{schema}."{table}"')
        here.execute(f"create temp view spark_rows as from read_parquet({files})")
        ours, theirs = (
            {row[0]: row[1] for row in here.execute(f"describe {rows}").fetchall()}
            for rows in ("duckdb_rows", "spark_rows")
        )
        if list(ours.items()) != list(theirs.items()):
            return f"{schema}.{table}: columns {ours} on DuckDB, {theirs} on Spark"
        return difference_of_views(here, f"{schema}.{table}", ours, "spark_rows")
