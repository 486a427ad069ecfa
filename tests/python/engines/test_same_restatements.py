"""What an increment restates is the same on PostgreSQL as on DuckDB: here both build the same two loads."""

from __future__ import annotations

import contextlib
import os

import duckdb
import pytest
from oracle import histories
from oracle.raw_files import merge_raw_data, write_raw_data

from engines.comparison import difference
from engines.conftest import _replace_seeds
from lifecycle_tools.engines.postgres import connect, copy_raw_tables
from lifecycle_tools.engines.raw_files import raw_warehouse

HISTORIES = int(os.environ.get("LIFECYCLE_ENGINE_HISTORIES", "300"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
MODELS = ("run", "--select", "+stage_restatements", "+int_recorded_build")
SEEDS = {
    "lifecycle_thresholds": [{"segment": name, **values} for name, values in histories.THRESHOLDS.items()],
    "brands": [{"brand": name, "business_time_zone": zone} for name, zone in histories.TIME_ZONES.items()],
}


def test_restatements_of_an_increment(engines, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = histories.random_histories(SEED, HISTORIES, first=4000)
    first = [
        history if number % 3 else {table: rows[::2] for table, rows in history.items()}
        for number, history in enumerate(made)
    ]
    loads = [
        (write_raw_data(merge_raw_data(parts), tmp_path_factory.mktemp(name)), as_of_date)
        for name, parts, as_of_date in (("first", first, "2024-05-31"), ("second", made, "2024-06-30"))
    ]
    duckdb_settings = engines.duckdb_settings("restatements", loads[0][0])
    engines.run("duckdb", ["seed"], **duckdb_settings)
    with duckdb.connect(str(duckdb_settings["warehouse_path"])) as connection:
        _replace_seeds(connection, SEEDS, "?")
    server = engines.server.new_database("restatements")
    postgres_settings = engines.postgres_settings(server)
    engines.run("postgres", ["seed"], **postgres_settings)
    with contextlib.closing(connect(server.environment)) as connection, connection, connection.cursor() as cursor:
        _replace_seeds(cursor, SEEDS, "%s")
    for directory, as_of_date in loads:
        engines.run("duckdb", MODELS, **duckdb_settings | {"raw_data_dir": directory, "as_of_date": as_of_date})
        with raw_warehouse(directory, engines.directory / "target_duckdb") as warehouse:
            copy_raw_tables(warehouse, server.environment)
        engines.run("postgres", MODELS, **postgres_settings | {"as_of_date": as_of_date})
    path = duckdb_settings["warehouse_path"]
    with duckdb.connect(str(path), read_only=True) as connection:
        (count,) = connection.execute("select count(*) from marts.stage_restatements").fetchone()
    assert count > HISTORIES // 2  # no empty agreement
    told = difference(path, server, "marts", "stage_restatements")
    assert told is None, told
