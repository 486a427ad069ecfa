"""UCI Online Retail (a UK gift retailer, 2010-12 to 2011-12): the vendor's file mapped, built, compared.

``python -m dev.examples.online_retail DATA``; DATA is online_retail.parquet or the folder that holds it.

The file has one row per invoice line, all text. The mapping, one query per table of the contract:

* ``orders``: one row per invoice with a customer. Lines that sell nothing (quantity or price not above zero) are left
  out, and so are credit notes (invoice numbers that begin with C): the file does not say which invoice they belong to,
  so they can be neither its cancellation nor its refund. ``ordered_at`` is the earliest time on the invoice (43 have
  two), UK local time turned into UTC; ``total_amount`` the sum of quantity times price, in GBP.
* ``order_items``: one row per line of those orders.
* ``products``: one row per stock code, with its longest description.
* ``customers``: one row per customer, with the country of the latest invoice. There is no e-mail and no date, so
  identity has nothing to join.

``--count-cancellations`` maps every invoice with a customer to an order, credit notes included (worth nothing, since a
negative total is no order): the reading behind the cohort table in the README of the package ecommercetools.
"""

from __future__ import annotations

import argparse
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

FILE_NAME = "online_retail.parquet"

LINES = """
    select
        InvoiceNo as invoice_id,
        row_number() over (partition by InvoiceNo) as line_number,
        StockCode as product_id,
        Description as description,
        cast(Quantity as integer) as quantity,
        cast(UnitPrice as decimal(18, 4)) as unit_price,
        timezone('UTC', timezone('Europe/London', cast(InvoiceDate as timestamp))) as invoiced_at,
        CustomerID as customer_id,
        case Country when 'EIRE' then 'Ireland' when 'RSA' then 'South Africa' else Country end as country,
        InvoiceNo like 'C%' as is_credit_note
    from read_parquet(?)
"""

VALID_LINES = """
    select * from lines
    where customer_id is not null and not is_credit_note and quantity > 0 and unit_price > 0
"""

LINES_WITH_A_CUSTOMER = """
    select * from lines
    where customer_id is not null
"""

MAPPING = {
    "orders": """
        select
            invoice_id as order_id,
            any_value(customer_id) as customer_id,
            strftime(min(invoiced_at), '%Y-%m-%dT%H:%M:%SZ') as ordered_at,
            'completed' as status,
            'GBP' as currency,
            greatest(round(sum(quantity * unit_price), 2), 0) as total_amount
        from sold_lines
        group by invoice_id
        order by order_id
    """,
    "order_items": """
        select
            invoice_id || '-' || line_number as order_item_id,
            invoice_id as order_id,
            product_id,
            quantity,
            unit_price
        from sold_lines
        order by order_id, line_number
    """,
    "products": """
        select product_id, max_by(description, length(description)) as name
        from sold_lines
        group by product_id
        order by product_id
    """,
    "customers": """
        select customer_id, arg_max(country, invoiced_at) as country_code
        from sold_lines
        group by customer_id
        order by customer_id
    """,
}


def write_raw(data: Path, directory: Path, *, count_cancellations: bool = False) -> Path:
    """Map ``data`` (the parquet file) to raw files in ``directory``, which is returned."""
    with duckdb.connect() as connection:
        connection.execute(f"create table lines as {LINES}", [str(data)])
        sold_lines = LINES_WITH_A_CUSTOMER if count_cancellations else VALID_LINES
        connection.execute(f"create view sold_lines as {sold_lines}")
        mapping = dict(MAPPING)
        if count_cancellations:
            del mapping["order_items"]  # a credit note's items would have negative quantities
        return write_raw_files(connection, mapping, directory)


def build(
    data: Path,
    directory: Path,
    *,
    count_cancellations: bool = False,
    warehouse: Path | None = None,
    select: Sequence[str] = (),
) -> Path:
    """Map ``data`` to files in ``directory/raw`` and build the warehouse on them; returns the DuckDB file.

    Raises ``ExampleError`` for a failed build.
    """
    write_raw(data, directory / "raw", count_cancellations=count_cancellations)
    return build_warehouse(
        directory,
        warehouse,
        select,
        as_of_date="",
        reporting_currency="GBP",
        business_time_zone="Europe/London",
    )


def find_data(path: Path) -> Path:
    """Find the parquet file that ``path`` is or holds. Raises ``ExampleError`` when there is none."""
    for candidate in (path, path / FILE_NAME, path / "online_retail" / FILE_NAME):
        if candidate.is_file():
            return candidate
    raise ExampleError(
        f"There is no {FILE_NAME} in {path}: download UCI data set 352 and save it as parquet, all text."
    )


def find_published(data: Path, *, count_cancellations: bool) -> Path | None:
    """Find the published cohort table beside the folder of ``data``; None when it is not there."""
    variant = "all_rows" if count_cancellations else "valid_purchases"
    path = data.resolve().parent.parent / "published" / f"online_retail_cohorts_{variant}.csv"
    return path if path.is_file() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example from the command line; returns the exit status, 1 when a cell differs or the build fails."""
    parser = argparse.ArgumentParser(prog="python -m dev.examples.online_retail", description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help=f"{FILE_NAME}, or the folder that holds it")
    parser.add_argument("--warehouse", type=Path, help="DuckDB file to build (default: build/examples/online_retail/…)")
    parser.add_argument("--count-cancellations", action="store_true", help="every invoice with a customer is an order")
    parser.add_argument("--published", type=Path, help="cohort table to compare with (default: ../published, if there)")
    parser.add_argument("--select", nargs="+", default=(), help="build only these models (default: everything)")
    options = parser.parse_args(arguments)
    try:
        data = find_data(options.data)
        published = options.published or find_published(data, count_cancellations=options.count_cancellations)
        warehouse = build(
            data,
            BUILD_DIR / ("online_retail_all_rows" if options.count_cancellations else "online_retail"),
            count_cancellations=options.count_cancellations,
            warehouse=options.warehouse,
            select=options.select,
        )
        found = read_totals(warehouse), read_cohorts(warehouse), published, read_holdouts(warehouse)
        return 1 if report("Online Retail", *found) else 0
    except ExampleError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
