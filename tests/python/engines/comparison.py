"""Tables of two engines, row for row."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from lifecycle_tools.engines.postgres import Server, connect

COMPARED_SCHEMAS = ("marts", "quality")
# Sums of doubles depend on the order of the summands: the last digits may differ, nothing else may.
RELATIVE_TOLERANCE = 1e-9
EXAMPLES = 3


def published_tables(path: Path) -> list[tuple[str, str]]:
    """Return schema and name of every table that a DuckDB build publishes."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            "select table_schema, table_name from information_schema.tables where list_contains(?, table_schema) "
            "order by all",
            [list(COMPARED_SCHEMAS)],
        ).fetchall()


def postgres_tables(server: Server) -> list[tuple[str, str]]:
    """Return schema and name of every table that a PostgreSQL build publishes."""
    with contextlib.closing(connect(server.environment)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name from information_schema.tables where table_schema = any(%s) order by 1, 2",
            [list(COMPARED_SCHEMAS)],
        )
        return cursor.fetchall()


def difference(path: Path, server: Server, schema: str, table: str) -> str | None:
    """Tell how a table differs from engine to engine, with a few rows; None when it does not.

    Column names and their order, the number of rows and every value must agree; a row may stand anywhere.
    """
    with (
        tempfile.TemporaryDirectory() as directory,
        duckdb.connect(str(path), read_only=True) as source,
        contextlib.closing(connect(server.environment)) as target,
        duckdb.connect() as here,
        target.cursor() as cursor,
    ):
        columns = dict(
            source.execute(
                "select column_name, data_type from information_schema.columns "
                "where table_schema = ? and table_name = ? order by ordinal_position",
                [schema, table],
            ).fetchall()
        )
        cursor.execute(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s "
            "order by ordinal_position",
            [schema, table],
        )
        names = [row[0] for row in cursor.fetchall()]
        if names != list(columns):
            return f"{schema}.{table}: columns {list(columns)} on DuckDB, {names} on PostgreSQL"
        ours, theirs = Path(directory) / "duckdb.parquet", Path(directory) / "postgres.csv"
        source.execute(f"copy {schema}.\"{table}\" to '{ours}' (format parquet)")
        with theirs.open("wb") as file:
            cursor.copy_expert(f"copy (select * from {schema}.\"{table}\") to stdout (format csv, null '\\N')", file)
        fields = ", ".join(f"'{name}': '{data_type}'" for name, data_type in columns.items())
        here.execute(f"create view duckdb_rows as from read_parquet('{ours}')")
        here.execute(
            f"create view postgres_rows as from read_csv('{theirs}', auto_detect = false, header = false, delim = ',', "
            f"quote = '\"', escape = '\"', nullstr = '\\N', columns = {{{fields}}})"
        )
        return difference_of_views(here, f"{schema}.{table}", columns, "postgres_rows")


def difference_of_files(path: Path, files: Sequence[Path], schema: str, table: str, engine: str) -> str | None:
    """Tell how a table of the DuckDB file at ``path`` differs from Parquet files of another engine; None when it does not.

    Names, order and types of columns must agree, and every row.
    """
    with duckdb.connect() as here:
        here.execute(f"attach '{path}' as ours (read_only)")
        here.execute(f'create temp view duckdb_rows as from ours.{schema}."{table}"')
        here.execute(f"create temp view other_rows as from read_parquet({[str(file) for file in files]})")
        ours, theirs = (
            {row[0]: row[1] for row in here.execute(f"describe {rows}").fetchall()}
            for rows in ("duckdb_rows", "other_rows")
        )
        if list(ours.items()) != list(theirs.items()):
            return f"{schema}.{table}: columns {ours} on DuckDB, {theirs} on {engine}"
        return difference_of_views(here, f"{schema}.{table}", ours, "other_rows")


def difference_of_views(
    here: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], other_rows: str
) -> str | None:
    """Tell how the views ``duckdb_rows`` and ``other_rows`` differ, which have the same ``columns`` (name -> type)."""
    exact = [f'"{name}"' for name, data_type in columns.items() if data_type not in ("DOUBLE", "FLOAT")]
    inexact = [f'"{name}"' for name, data_type in columns.items() if data_type in ("DOUBLE", "FLOAT")]
    told = []
    for one, other in (("duckdb_rows", other_rows), (other_rows, "duckdb_rows")):
        query = f"select {', '.join(exact)} from {one} except all select {', '.join(exact)} from {other}"
        count = here.execute(f"select count(*) from ({query})").fetchone()[0]
        if count:
            rows = here.execute(f"from ({query}) order by all limit {EXAMPLES}").fetchall()
            told.append(f"{count} rows only in {one} ({', '.join(exact)}):\n" + "\n".join(f"    {row}" for row in rows))
    if not told and inexact:
        numbered = "select *, row_number() over (order by {}) as row_position from {}"
        order = ", ".join(exact + inexact)
        unequal = " or ".join(
            f"(one.{name} is null) <> (other.{name} is null) or abs(one.{name} - other.{name}) > "
            f"{RELATIVE_TOLERANCE} * greatest(1, abs(one.{name}))"
            for name in inexact
        )
        rows = here.execute(
            f"from ({numbered.format(order, 'duckdb_rows')}) as one "
            f"inner join ({numbered.format(order, other_rows)}) as other on one.row_position = other.row_position "
            f"select * where {unequal} limit {EXAMPLES}"
        ).fetchall()
        told += [f"doubles differ: {row}" for row in rows]
    return f"{name}: " + "\n".join(told) if told else None
