"""Whatever is published is the same on PostgreSQL as on DuckDB, row for row.

``LIFECYCLE_ENGINE_HISTORIES`` (default 300) says how many random histories, ``LIFECYCLE_SEED`` (default 1) which ones.
"""

from __future__ import annotations

import contextlib
import csv
import os

import pytest
from cases.test_erasure import ERASED, FILES, REQUESTS
from oracle import histories
from oracle.raw_files import merge_raw_data, write_raw_data

from engines.comparison import difference, postgres_tables, published_tables
from lifecycle_tools.build import run_dbt
from lifecycle_tools.engines.postgres import Server, connect
from lifecycle_tools.erasure_postgres import forget_names
from lifecycle_tools.publishing_postgres import read_one

HISTORIES = int(os.environ.get("LIFECYCLE_ENGINE_HISTORIES", "300"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))


@pytest.fixture(scope="module")
def random_histories(build_loads, tmp_path_factory: pytest.TempPathFactory):
    """Random histories in four time zones, with three sets of thresholds, in two loads."""
    made = histories.random_histories(SEED, HISTORIES)
    shop = {name.removesuffix(".csv"): list(csv.DictReader(text.splitlines())) for name, text in FILES.items()}
    requests = {"erasure_requests": list(csv.DictReader(REQUESTS.splitlines()))}
    # the first load: half of the histories whole, of the others every second row
    first = [
        history if number % 2 else {table: rows[::2] for table, rows in history.items()}
        for number, history in enumerate(made)
    ]
    loads = [
        (write_raw_data(merge_raw_data(parts), tmp_path_factory.mktemp(name)), as_of_date)
        for name, parts, as_of_date in (
            ("first", [*first, shop], "2024-05-31"),
            ("second", [*made, shop, requests], histories.AS_OF_DATE.isoformat()),
        )
    ]
    seeds = {
        "lifecycle_thresholds": [{"segment": name, **values} for name, values in histories.THRESHOLDS.items()],
        "brands": [{"brand": name, "business_time_zone": zone} for name, zone in histories.TIME_ZONES.items()],
    }
    return build_loads("histories", loads, seeds)


def assert_same(pair) -> None:
    """Fail with every table that differs."""
    tables = published_tables(pair.duckdb_path)
    assert tables
    assert postgres_tables(pair.server) == tables
    told = [difference(pair.duckdb_path, pair.server, schema, table) for schema, table in tables]
    told = [text for text in told if text]
    if told:
        pytest.fail(f"{len(told)} of {len(tables)} tables differ:\n" + "\n".join(told), pytrace=False)


def test_the_demo_builds_with_all_its_tests_and_publishes_the_same(demo) -> None:
    """The demo's dirt in all its forms: what is cleaned, rejected and counted, and every mart."""
    assert_same(demo)


def test_random_histories_publish_the_same_after_an_increment(random_histories) -> None:
    """Merges, shared identifiers, reversals, deletions, referrals and subscriptions in all orders, and what a load restates."""
    assert_same(random_histories)
    with contextlib.closing(connect(random_histories.server.environment)) as connection, connection.cursor() as cursor:
        cursor.execute("select cause, count(*) from marts.metric_restatements group by cause")
        causes = dict(cursor.fetchall())
        cursor.execute(
            "select count(*) from marts.metric_restatements as restated inner join marts.lifecycle_metrics_monthly as metrics "
            "using (brand, metric_id, month_date, dimension_name, dimension_value) "
            "where is_latest and is_mature and abs(restated_value - value) > 1e-9 * (1 + abs(value))"
        )
        ((wrong,),) = cursor.fetchall()
        cursor.execute("select count(*) from marts.stage_restatements")
        ((restated,),) = cursor.fetchall()
    assert causes.get("rows_of_the_month", 0) > HISTORIES // 2
    assert "rules" not in causes
    assert wrong == 0
    assert restated > HISTORIES // 2


def test_of_erased_persons_nothing_stays(random_histories, engines) -> None:
    """Of the shop whose two persons are erased with the second load; the raw tables are the user's."""
    settings = engines.settings_of_every_run("postgres") | engines.postgres_settings(random_histories.server)
    manifest = run_dbt(["parse", "--target", "postgres"], **settings).manifest
    by_value = traces(random_histories.server)
    assert "marts.churn_monthly.churn_reason" in by_value, "another customer's reason names one of them"
    assert forget_names(random_histories.server.environment, manifest, **settings) > 0
    assert traces(random_histories.server) == set()
    assert forget_names(random_histories.server.environment, manifest, **settings) == 0
    reasons = "select count(*) from marts.churn_monthly where churn_reason = 'as [erased] said'"
    assert read_one(random_histories.server.environment, reasons) > 0


def traces(server: Server) -> set[str]:
    """The columns of what is built in which something of the erased stands."""
    found = set()
    columns = (
        "select table_schema, table_name, column_name from information_schema.columns where table_schema = any(%s)"
    )
    with contextlib.closing(connect(server.environment)) as connection, connection.cursor() as cursor:
        cursor.execute(columns, [["staging", "intermediate", "marts", "quality"]])
        for schema, table, column in cursor.fetchall():
            cursor.execute(
                f'select 1 from {schema}."{table}" where lower(cast("{column}" as text)) like any(%s) limit 1',
                [[f"%{value}%" for value in ERASED]],
            )
            if cursor.fetchone():
                found.add(f"{schema}.{table}.{column}")
    return found
