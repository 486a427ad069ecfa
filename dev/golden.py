"""``golden``: what two shops publish, in one number a column, so that no value changes unnoticed.

The shops are the demo and one that is generated with more dirt, to another day. A test holds them to
``tests/fixtures/golden.csv``. A change that is meant is written there by ``python -m dev.golden``, and the file's difference says
which columns of which tables it touches.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb

from dev.generate import generate
from lifecycle_tools.build import NO_TESTS, PROJECT_DIR, BuildResult, run_dbt

FILE = PROJECT_DIR / "tests" / "fixtures" / "golden.csv"
HEADER = ("shop", "table", "column", "values", "sum")
DEMO, ANOTHER = "demo", "another"
WHOLE_ROW = "(row)"
CLEANING_RULES = "cleaning_rules"  # changes with the text of the macros, whatever they do

PUBLISHED = ("staging", "marts", "quality")

Golden = Mapping[tuple[str, str], tuple[int, float]]


def fingerprints(warehouse: Path, schemas: Sequence[str] = PUBLISHED, only: Container[str] | None = None) -> Golden:
    """For each table and column the number of values, and a sum over them that does not depend on the order of rows.

    The sum of numbers with a floating point is their own; that of anything else is of numbers made from its text. ``(row)``
    stands for all columns of the second kind together, so that values which change places between rows are seen. ``only``:
    the names of the tables that are read, without their schemas; all of them if none are given.
    """
    found = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns: dict[str, list[tuple[str, str]]] = {}
        for schema, table, column, kind in connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() "
            "where list_contains(?, schema_name) order by 1, 2, column_index",
            [list(schemas)],
        ).fetchall():
            if column != CLEANING_RULES and (only is None or table in only):
                columns.setdefault(f"{schema}.{table}", []).append((column, kind))
        for table, named in columns.items():
            exact = [f'"{column}"' for column, kind in named if kind not in ("DOUBLE", "FLOAT")]
            sums = [_sum(f'"{column}"', kind) for column, kind in named]
            row = connection.execute(
                f"select count(*), {_of_text(f'concat_ws(chr(31), {_shown(exact)})')}, {', '.join(sums)} from {table}"
            ).fetchone()
            found[table, WHOLE_ROW] = (row[0], float(row[1]))
            for place, (column, _) in enumerate(named):
                found[table, column] = (row[2 * place + 2], float(row[2 * place + 3]))
    return found


def _shown(columns: Sequence[str]) -> str:
    return ", ".join(f"coalesce(cast({column} as varchar), chr(30))" for column in columns)


def _sum(column: str, kind: str) -> str:
    total = f"coalesce(sum({column}), 0)" if kind in ("DOUBLE", "FLOAT") else _of_text(f"cast({column} as varchar)")
    return f"count({column}), {total}"


def _of_text(text: str) -> str:
    return f"coalesce(sum(cast(md5_number({text}) % 1000000007 as bigint)), 0)"


def differences(found: Golden, expected: Golden) -> list[str]:
    """A line for each table that is not as expected: which columns."""
    by_table: dict[str, list[str]] = {}
    for key in sorted(set(found) | set(expected)):
        if key not in found or key not in expected or not _same(found[key], expected[key]):
            by_table.setdefault(key[0], []).append(key[1])
    return [f"{table}: {', '.join(columns)}" for table, columns in by_table.items()]


def _same(one: tuple[int, float], other: tuple[int, float]) -> bool:
    return one[0] == other[0] and abs(one[1] - other[1]) <= 1e-9 * max(abs(one[1]), abs(other[1]), 1.0)


def raw_data_of(shop: str, directory: Path) -> Path:
    """The folder of a shop's raw files; they are generated below ``directory`` where they are not in the repository."""
    if shop == DEMO:
        return PROJECT_DIR / "seeds" / "demo"
    raw = directory / "raw"
    generate(customers=500, directory=raw, months=14, seed=23, end_date=date(2024, 11, 30), dirt=0.05, quiet=True)
    return raw


def build(shop: str, directory: Path, run: Callable[..., BuildResult] = run_dbt) -> Path:
    """Every model of a shop, and no test, in a warehouse below ``directory``, which is returned."""
    warehouse = directory / "warehouse.duckdb"
    result = run(
        ["build", *NO_TESTS],
        raw_data_dir=raw_data_of(shop, directory),
        warehouse_path=warehouse,
        as_of_date="",
        reporting_currency="EUR",
        business_time_zone="UTC",
        identity_salt="golden",
        dbt_target_path=directory / "target",
        dbt_log_path=directory / "logs",
    )
    if not result.success:
        raise RuntimeError("\n".join(result.problems))
    return warehouse


def read(shop: str) -> Golden:
    """What the file says of a shop."""
    with FILE.open(newline="") as file:
        return {
            (row["table"], row["column"]): (int(row["values"]), float(row["sum"]))
            for row in csv.DictReader(file)
            if row["shop"] == shop
        }


def main() -> int:
    """Write the file anew, and say which tables are not as they were."""
    with tempfile.TemporaryDirectory() as scratch:
        found = {shop: fingerprints(build(shop, Path(scratch) / shop)) for shop in (DEMO, ANOTHER)}
    for shop, values in found.items():
        for line in differences(values, read(shop)) if FILE.exists() else ():
            print(f"{shop}: {line}")
    with FILE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for shop, values in found.items():
            writer.writerows([shop, *key, count, f"{total:.12g}"] for key, (count, total) in values.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
