"""What a session in a lake does, in a process of its own: ``session.py read|write|copy|fill <attach> ...``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

CUSTOMERS = "select count(*), sum(order_count) from lake.marts.lifecycle_customers"


def connect(attach: str) -> duckdb.DuckDBPyConnection:
    """A session of its own with the lake in it."""
    connection = duckdb.connect()
    connection.execute("load ducklake")
    connection.execute("load postgres_scanner")
    connection.execute(attach)
    return connection


def read(connection: duckdb.DuckDBPyConnection, stop: Path, found: Path) -> None:
    """Ask on and on until ``stop`` exists; write how long each answer took, and the answers."""
    answers, seconds = [], []
    while not stop.exists():
        started = time.monotonic()
        answers.append([str(value) for value in connection.execute(CUSTOMERS).fetchone()])
        seconds.append(time.monotonic() - started)
        time.sleep(0.05)
    found.write_text(json.dumps({"answers": answers, "slowest": max(seconds)}))


def write(connection: duckdb.DuckDBPyConnection, stop: Path, found: Path) -> None:
    """Insert into a table of its own until ``stop`` exists; write how many rows."""
    connection.execute("create schema if not exists lake.team")
    connection.execute("create or replace table lake.team.notes (number bigint)")
    count = 0
    while not stop.exists():
        connection.execute("insert into lake.team.notes values (?)", [count])
        count += 1
        time.sleep(1)
    found.write_text(json.dumps({"rows": count}))


def copy(connection: duckdb.DuckDBPyConnection, schemas: str, directory: Path) -> None:
    """Each table and view of the schemas as a Parquet file, ``<schema>.<table>.parquet``."""
    tables = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = 'lake' and list_contains(string_split(?, ','), table_schema)",
        [schemas],
    ).fetchall()
    for schema, table in tables:
        file = directory / f"{schema}.{table}.parquet"
        connection.execute(f"copy (select * from lake.{schema}.{table}) to '{file}' (format parquet)")


def fill(connection: duckdb.DuckDBPyConnection, table: str, file: Path) -> None:
    """Put the rows of a Parquet file in the place of a table's."""
    connection.execute("begin")
    connection.execute(f"delete from lake.{table}")
    connection.execute(f"insert into lake.{table} by name from read_parquet('{file}')")
    connection.execute("commit")


def main(action: str, attach: str, *arguments: str) -> None:
    """Do what is asked."""
    connection = connect(attach)
    if action in ("copy", "fill"):
        {"copy": copy, "fill": fill}[action](connection, arguments[0], Path(arguments[1]))
    else:
        {"read": read, "write": write}[action](connection, Path(arguments[0]), Path(arguments[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
