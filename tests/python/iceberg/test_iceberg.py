"""Increments on Iceberg, on Spark 3.5: what is published after each load, and which files a small load writes."""

from __future__ import annotations

import pytest
from oracle.environments import differences
from spark.environment import Spark

from iceberg.conftest import LOADS, ORDERS, TABLES_BY_CUSTOMER, Shop, files_of
from iceberg.environment import LOCK


def test_the_environment_is_that_of_the_lock_file(iceberg: Spark) -> None:
    assert not (different := differences(LOCK, iceberg.python)), different


@pytest.mark.parametrize("load", LOADS)
def test_after_each_load_every_table_is_that_of_duckdb(load: str, shop: Shop) -> None:
    """Late rows, corrections, merges, an erasure, a build that was killed: types, names and rows, restatements included."""
    told = shop.differences[load]
    assert shop.tables > 50
    if told:
        pytest.fail(f"{len(told)} of {shop.tables} tables differ:\n" + "\n".join(told), pytrace=False)


def test_the_loads_are_increments(shop: Shop) -> None:
    """Each has a number of its own, computes changed customers alone, and some restate what was published."""
    assert shop.answers["build"] == [[len(LOADS)]]
    assert shop.answers["kinds"] == [[False]]
    assert shop.rows("select count(*) > 0 from marts.stage_restatements") == [(True,)]


@pytest.mark.parametrize("table", TABLES_BY_CUSTOMER)
def test_a_small_load_rewrites_the_files_of_the_customers_that_it_touches(table: str, shop: Shop) -> None:
    """By the summaries of Iceberg's snapshots, and not one file more."""
    touched = {customer for (customer,) in shop.answers[f"customers of {table}"]}
    before = shop.before[f"files of {table}"]
    assert touched
    assert files_of(before, touched) < files_of(before)
    assert shop.written(table)[0] == len(files_of(before, touched))


def test_a_small_load_cleans_its_own_rows_alone(shop: Shop) -> None:
    """Rows of other days stay in their files."""
    assert shop.written(ORDERS) == (0, 1)


def test_a_replaced_table_was_never_absent(shop: Shop) -> None:
    """It keeps its snapshots, which it would lose with the table; what lives for one model leaves no file behind."""
    ((snapshots,),) = shop.answers["replaced"]
    assert snapshots >= len(LOADS)
    assert not list(shop.spark.directory.glob("warehouse/*/*__changes/**/*.parquet"))
