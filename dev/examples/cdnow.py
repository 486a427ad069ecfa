"""CDNOW (customers of a music shop in early 1997, to mid-1998): the sample in lifetimes mapped, built, compared.

``python -m dev.examples.cdnow``; the data are read where the package is installed, and never copied into
the project.

The file has one row per order and no order id: customer, a second customer number of the sample, date (yyyymmdd),
units, USD. Mapping: ``orders`` alone, one row per row of the file. ``order_id`` is the row's number; ``ordered_at`` a
bare date, which is the business date itself; ``total_amount`` in USD, zero for the few free orders, which are purchases
too. Two orders of a customer on one day remain two orders and make one purchase date.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dev.examples.mapping import (
    BUILD_DIR,
    ExampleError,
    build_warehouse,
    read_cohorts,
    read_holdouts,
    read_totals,
    report,
    write_raw_files,
)

ROWS = """
    select
        row_number() over () as row_id,
        string_split_regex(trim(line, chr(13) || ' '), ' +') as fields
    from read_csv(?, header = false, delim = '\x1f', quote = '', auto_detect = false, columns = {'line': 'varchar'})
"""

MAPPING = {
    "orders": """
        select
            row_id as order_id,
            fields[1] as customer_id,
            strftime(strptime(fields[3], '%Y%m%d'), '%Y-%m-%d') as ordered_at,
            'completed' as status,
            'USD' as currency,
            fields[5] as total_amount
        from rows
        order by row_id
    """,
}


def find_data() -> Path:
    """Find CDNOW_sample.txt in the installed package lifetimes.

    The package is not imported for it. Raises ``ExampleError`` when it is not installed.
    """
    package = importlib.util.find_spec("lifetimes")
    path = Path(package.origin).parent / "datasets" / "CDNOW_sample.txt" if package and package.origin else None
    if path is None or not path.is_file():
        raise ExampleError(
            "The package lifetimes, which carries the data, is not installed: pip install lifetimes==0.11.3."
        )
    return path


def write_raw(data: Path, directory: Path) -> Path:
    """Map ``data`` (CDNOW_sample.txt) to raw files in ``directory``, which is returned."""
    with duckdb.connect() as connection:
        connection.execute(f"create table rows as {ROWS}", [str(data)])
        return write_raw_files(connection, MAPPING, directory)


def build(directory: Path, *, warehouse: Path | None = None, select: Sequence[str] = ()) -> Path:
    """Map the sample to files in ``directory/raw`` and build the warehouse on them; returns the DuckDB file.

    Raises ``ExampleError`` for a failed build.
    """
    write_raw(find_data(), directory / "raw")
    return build_warehouse(
        directory, warehouse, select, as_of_date="", reporting_currency="USD", business_time_zone="UTC"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example from the command line; returns the exit status, 1 when a cell differs or the build fails."""
    parser = argparse.ArgumentParser(prog="python -m dev.examples.cdnow", description=__doc__.split("\n")[0])
    parser.add_argument("--warehouse", type=Path, help="DuckDB file to build (default: build/examples/cdnow/…)")
    parser.add_argument("--published", type=Path, help="cohort table to compare with")
    parser.add_argument("--select", nargs="+", default=(), help="build only these models (default: everything)")
    options = parser.parse_args(arguments)
    try:
        warehouse = build(BUILD_DIR / "cdnow", warehouse=options.warehouse, select=options.select)
        found = read_totals(warehouse), read_cohorts(warehouse), options.published, read_holdouts(warehouse)
        return 1 if report("CDNOW sample", *found) else 0
    except ExampleError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
