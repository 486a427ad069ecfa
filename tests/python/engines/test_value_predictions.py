"""The prediction step writes the same on PostgreSQL, by inserts, as on DuckDB, through a file; and again on a second run."""

from __future__ import annotations

import contextlib

import duckdb
import pytest

from engines.conftest import BUILD_STARTED_AT
from lifecycle_tools import predictions
from lifecycle_tools.engines.postgres import connect

READERS = ("customer_value", "value_model_parameters", "value_model_holdouts")
QUERY = """
    select customer_id, frequency, recency_days, age_days, p_alive, predicted_purchases_90d, predicted_purchases_365d,
        expected_purchase_amount, predicted_clv_365d
    from marts.customer_value order by customer_id
"""
FITS = "select * from marts.value_model_parameters order by brand, model, parameter"
HOLDOUTS = "select * from marts.value_model_holdouts order by brand, band_number"


def read(pair, query: str) -> tuple[list[tuple], list[tuple]]:
    """The rows of a query on DuckDB and on PostgreSQL."""
    with duckdb.connect(str(pair.duckdb_path), read_only=True) as connection:
        ours = connection.execute(query).fetchall()
    with contextlib.closing(connect(pair.server.environment)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return ours, cursor.fetchall()


def assert_close(ours: list[tuple], theirs: list[tuple]) -> None:
    """Numbers agree to the last digits, everything else exactly."""
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        for value, same in zip(one, other, strict=True):
            assert same == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value), (one, other)


def test_predictions_are_the_same_on_both_engines(demo, engines, monkeypatch) -> None:
    """Twice on PostgreSQL, in batches that do not come out even: a second run replaces the first."""
    monkeypatch.setattr(predictions, "ROWS_PER_CALL", 100)
    settings = {
        "duckdb": engines.duckdb_settings("demo", ""),
        "postgres": engines.postgres_settings(demo.server),
    }
    found = []
    for engine in ("duckdb", "postgres", "postgres"):
        common = {"build_started_at": BUILD_STARTED_AT, "business_time_zone": "UTC", "as_of_date": ""}
        common["dbt_target_path"] = engines.directory / f"target_{engine}"
        common["dbt_log_path"] = engines.directory / f"logs_{engine}"
        found.append(predictions.predict(target=engine, rebuild=False, **common, **settings[engine]))
        engines.run(engine, ["run", "--select", *READERS], **settings[engine])
    here, _, there = found
    assert here.pattern_count == there.pattern_count > 100
    assert here.warnings == there.warnings
    values = read(demo, QUERY)
    assert sum(row[4] is not None for row in values[0]) > 100
    assert_close(*values)
    fits = read(demo, FITS)
    assert len(fits[0]) == 7
    assert_close(*fits)
    holdouts = read(demo, HOLDOUTS)
    assert len(holdouts[0]) > 10
    assert_close(*holdouts)
