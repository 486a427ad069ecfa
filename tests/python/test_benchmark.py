"""What the benchmark compares, on small data: the published days are those of a day spine, and so are their head-counts."""

from __future__ import annotations

import duckdb
import pytest
from oracle import histories
from oracle.raw_files import merge_raw_data

from dev.benchmark import day_spine, headcounts

HISTORIES = 300


@pytest.fixture(scope="module")
def connection(builder):
    """A build of random histories with default thresholds, some of them with purchases that change in retrospect."""
    warehouse = builder.build(
        "benchmark",
        merge_raw_data(histories.random_histories(11, HISTORIES)),
        as_of_date=histories.AS_OF_DATE,
        time_zones=histories.TIME_ZONES,
        models=["customer_stages_daily", "stage_funnel_daily"],
    )
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("create schema bench")
        yield connection


def test_the_day_spine_has_the_published_days(connection) -> None:
    """Every customer-day evaluated on its own is as published; a day that is not would be seen."""
    (revised,) = connection.execute(
        "select count(*) from intermediate.int_customer_lifespans where is_revised"
    ).fetchone()
    (published,) = connection.execute("select count(*) from marts.customer_stages_daily").fetchone()
    figures = day_spine(connection, parts=2)
    assert revised > 0
    assert (figures["spine_days"], figures["spine_differences"]) == (published, 0)
    connection.execute("begin transaction")
    connection.execute(
        "update marts.customer_stages_daily set is_at_risk = not is_at_risk "
        "where date_day = (select max(date_day) from marts.customer_stages_daily)"
    )
    assert day_spine(connection, parts=1)["spine_differences"] == 1
    connection.execute("rollback")


def test_head_counts_are_the_same_in_three_ways(connection) -> None:
    """Published, derived from entries and exits, and counted; a day of which one says otherwise would be seen."""
    assert headcounts(connection)["head_count_differences"] == 0
    assert connection.execute("select count(*) from bench.counted_days").fetchone()[0] > 0
    connection.execute("begin transaction")
    connection.execute(
        "update marts.stage_funnel_daily set closing_count = closing_count + 1 "
        "where date_day = (select min(date_day) from marts.stage_funnel_daily)"
    )
    assert headcounts(connection)["head_count_differences"] > 0
    connection.execute("rollback")
