"""What the examples share: write a mapping's raw files, build the warehouse on them, compare cohort tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from lifecycle_tools.build import PROJECT_DIR, run_dbt
from lifecycle_tools.predictions import PredictionError, predict

BUILD_DIR = PROJECT_DIR / "build" / "examples"

COHORT_COUNTS = """
    select strftime(cohort_month, '%Y-%m') as cohort, period_number, purchasing_customer_count
    from marts.retention_cohorts_monthly
    order by all
"""

HOLDOUTS = """
    select fitted_as_of_date - calibration_end_date, predicted_purchases, actual_purchase_count, is_used, reason
    from marts.value_model_holdouts
    where is_current and band_number = 0
    order by brand
"""


class ExampleError(Exception):
    """The example cannot go on; the message is one sentence for the user."""


@dataclass(frozen=True)
class Totals:
    """What the warehouse counts at its as-of date: customers who have bought, orders, purchase dates, net revenue."""

    customers: int
    orders: int
    purchase_dates: int
    net_revenue: str

    def __str__(self) -> str:
        return (
            f"{self.customers:,} customers, {self.orders:,} orders on {self.purchase_dates:,} purchase dates, "
            f"net revenue {float(self.net_revenue):,.2f}"
        )


def write_raw_files(source: duckdb.DuckDBPyConnection, mapping: Mapping[str, str], directory: Path) -> Path:
    """Write the rows of each query of ``mapping`` to ``<table>.csv``.

    ``mapping``: a table of the raw contract -> SQL on ``source``. ``directory`` is made, holds these csv files alone,
    and is returned.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.csv"):
        old.unlink()
    for table, query in mapping.items():
        target = str(directory / f"{table}.csv").replace("'", "''")
        source.execute(f"copy ({query}) to '{target}' (header, delimiter ',')")
    return directory


def build_warehouse(directory: Path, warehouse: Path | None, select: Sequence[str], **settings: str) -> Path:
    """Build the project on the files in ``directory/raw``: seeds, models and tests, all or those ``select`` names.

    Where all is built, values are predicted as well. Returns the DuckDB file, ``warehouse`` or one in ``directory``. Raises
    ``ExampleError`` with dbt's own problems when the build fails.
    """
    path = warehouse or directory / "warehouse.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    selection = ["--indirect-selection", "cautious", "--select", *select] if select else []
    settings |= {
        "raw_data_dir": (directory / "raw").resolve(),
        "warehouse_path": path.resolve(),
        "dbt_target_path": directory / "target",
        "dbt_log_path": directory / "logs",
    }
    result = run_dbt(["build", *selection], **settings)
    if not result.success:
        raise ExampleError("The build failed:\n" + "\n".join(result.problems))
    if not select:
        try:
            predict(**settings)
        except PredictionError as error:
            raise ExampleError(f"The predictions failed:\n{error}") from error
    return path


def read_cohorts(warehouse: Path) -> pd.DataFrame:
    """Count customers who buy, by cohort month (index, ``YYYY-MM``) and months since (columns 0, 1, …).

    Cells after the as-of date are <NA>.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        cells = connection.execute(COHORT_COUNTS).df()
    return cells.pivot(index="cohort", columns="period_number", values="purchasing_customer_count").astype("Int64")


def read_published(path: Path) -> pd.DataFrame:
    """Read a published cohort table (first column ``cm``, then 0, 1, …) in the shape of ``read_cohorts``.

    Raises ``ExampleError`` when there is no such file.
    """
    if not path.is_file():
        raise ExampleError(f"There is no published table {path}.")
    table = pd.read_csv(path, index_col="cm").astype("Int64")
    table.columns = [int(column) for column in table.columns]
    return table


def read_totals(warehouse: Path) -> Totals:
    """Count the totals at the as-of date."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        customers, dates = connection.execute(
            "select count(distinct customer_key), count(*) from intermediate.int_customer_purchase_history"
        ).fetchone()
        orders, revenue = connection.execute(
            "select count(*) filter (where is_valid), sum(net_revenue_amount) from intermediate.int_order_amounts"
        ).fetchone()
    return Totals(customers, orders, dates, str(revenue))


def read_holdouts(warehouse: Path) -> list[str]:
    """A line for each brand on what the value models had said of the last days, and what came; none without predictions."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if not connection.execute(
            "select 1 from duckdb_tables() where schema_name = 'marts' and table_name = 'value_model_holdouts'"
        ).fetchall():
            return []
        rows = connection.execute(HOLDOUTS).fetchall()
    lines = []
    for days, predicted, came, is_used, reason in rows:
        said = "not measured" if predicted is None else f"{predicted:,.0f} purchases predicted, {came:,} came"
        lines.append(f"The last {days} days: {said}; predictions are {'used' if is_used else 'not used'} ({reason}).")
    return lines


def differences(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[str]:
    """List the cells in which two cohort tables differ, a line each; a cell that only one has is a difference."""
    lines = []
    for cohort in sorted(set(ours.index) | set(theirs.index)):
        for period in sorted(set(ours.columns) | set(theirs.columns)):
            values = [_cell(table, cohort, period) for table in (ours, theirs)]
            if values[0] != values[1]:
                lines.append(f"cohort {cohort}, month {period}: warehouse {values[0]}, published {values[1]}")
    return lines


def _cell(table: pd.DataFrame, cohort: str, period: int) -> int | None:
    if cohort not in table.index or period not in table.columns or pd.isna(table.at[cohort, period]):
        return None
    return int(table.at[cohort, period])


def report(name: str, totals: Totals, ours: pd.DataFrame, published: Path | None, holdouts: Sequence[str] = ()) -> int:
    """Print what the warehouse found and how it compares; returns the number of cells that differ."""
    print(f"{name}: {totals}")
    for line in holdouts:
        print(line)
    print("\nCustomers who buy, by month of first purchase and months since:\n")
    print(ours.astype("string").fillna("").to_string())
    if published is None:
        print("\nNo published table to compare with (see --published).")
        return 0
    theirs = read_published(published)
    lines = differences(ours, theirs)
    print(f"\nCompared with {published.name}: {int(theirs.notna().sum().sum())} cells, {len(lines)} of them different.")
    for line in lines:
        print(f"  {line}")
    return len(lines)
