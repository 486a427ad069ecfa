"""Raw tables as Parquet files, for engines that read tables where files lie, such as Spark."""

from __future__ import annotations

from pathlib import Path

import duckdb

# Types that Parquet has as well; what has none becomes text, whole numbers beyond 64 bits a decimal.
KEPT_TYPES = ("BOOLEAN", "DATE", "DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "VARCHAR")


def write_raw_parquet(warehouse: Path, directory: Path, raw_schema: str = "raw") -> dict[str, int]:
    """Write each table of the schema ``raw_schema`` of a DuckDB file to ``directory/<table>/rows.parquet``; return its rows.

    Timestamps with a zone are instants in the file, others local: engines tell them apart.
    """
    counts = {}
    with duckdb.connect(str(warehouse), read_only=True) as source:
        source.execute("set timezone = 'UTC'")
        described: dict[str, list[str]] = {}
        for table, column, data_type in source.execute(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = ? "
            "order by table_name, ordinal_position",
            [raw_schema],
        ).fetchall():
            described.setdefault(table, []).append(f"{_value(column, data_type)} as {_quoted(column)}")
        for table, columns in described.items():
            folder = directory / table
            folder.mkdir(parents=True, exist_ok=True)
            path = str(folder / "rows.parquet").replace("'", "''")
            counts[table] = source.execute(
                f"copy (select {', '.join(columns)} from {_quoted(raw_schema)}.{_quoted(table)}) "
                f"to '{path}' (format parquet, compression zstd)"
            ).fetchone()[0]
    return counts


def _value(column: str, data_type: str) -> str:
    name = data_type.upper()
    if "[" not in name and (name in KEPT_TYPES or name.startswith(("DECIMAL(", "TIMESTAMP"))):
        return _quoted(column)
    if name in ("UTINYINT", "USMALLINT", "UINTEGER"):
        return f"cast({_quoted(column)} as bigint)"
    if name in ("UBIGINT", "HUGEINT", "UHUGEINT"):
        return f"try_cast({_quoted(column)} as decimal(38, 0))"
    return f"cast({_quoted(column)} as varchar)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
