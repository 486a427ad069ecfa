"""Order-side metrics of Online Retail, held against plain computations on the vendor's rows with pandas."""

from __future__ import annotations

import math
import os
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from oracle.runs import run_dbt

from dev.examples import online_retail
from dev.examples.mapping import ExampleError
from lifecycle_tools.build import PROJECT_DIR

ONLINE_RETAIL = Path(
    os.environ.get("ONLINE_RETAIL_DATA")
    or PROJECT_DIR.parent / "shared" / "data" / "online_retail" / online_retail.FILE_NAME
)
MODELS = ("+marts.value", "+repurchase_monthly", "+order_metrics_monthly")


@pytest.fixture(scope="module")
def data() -> Path:
    """Find the file; skips the tests where it is not at hand."""
    try:
        return online_retail.find_data(ONLINE_RETAIL)
    except ExampleError as error:
        pytest.skip(f"Real data are absent: {error} Or set ONLINE_RETAIL_DATA to the file or its folder.")


@pytest.fixture(scope="module")
def orders(data: Path) -> pd.DataFrame:
    """One row per invoice that sells something to a customer: customer, day (UK time, as the file has it), amount."""
    rows = pd.read_parquet(data)
    rows = rows[rows["CustomerID"].notna() & ~rows["InvoiceNo"].str.startswith("C")]
    lines = rows.assign(quantity=rows["Quantity"].astype(int), price=rows["UnitPrice"].astype(float))
    lines = lines[(lines["quantity"] > 0) & (lines["price"] > 0)]
    lines = lines.assign(amount=lines["quantity"] * lines["price"], at=pd.to_datetime(lines["InvoiceDate"]))
    found = lines.groupby("InvoiceNo").agg(customer=("CustomerID", "first"), at=("at", "min"), amount=("amount", "sum"))
    return found.assign(
        customer=found["customer"].str.removesuffix(".0"),
        day=found["at"].dt.normalize(),
        month=found["at"].dt.to_period("M"),
        amount=found["amount"].round(2),
    )


@pytest.fixture(scope="module")
def warehouse(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the marts in question."""
    directory = tmp_path_factory.mktemp("online_retail_metrics")
    online_retail.write_raw(data, directory / "raw")
    path = directory / "warehouse.duckdb"
    settings = {
        "raw_data_dir": directory / "raw",
        "warehouse_path": path,
        "as_of_date": "",
        "reporting_currency": "GBP",
        "business_time_zone": "Europe/London",
        "dbt_target_path": directory / "target",
        "dbt_log_path": directory / "logs",
    }
    for arguments in (["seed"], ["run", "--select", *MODELS]):
        result = run_dbt(arguments, **settings)
        assert result.success, result.problems
    return path


def query(path: Path, sql: str) -> pd.DataFrame:
    """The rows of a query."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).df()


def test_average_order_value(warehouse: Path, orders: pd.DataFrame) -> None:
    """Revenue by valid orders, month by month and of each customer."""
    months = query(
        warehouse,
        "select strftime(month_date, '%Y-%m') as month, cast(sum(revenue_amount) as double) as revenue, "
        "cast(sum(order_count) as bigint) as orders from marts.order_metrics_monthly group by all order by all",
    )
    expected = orders.groupby(orders["month"].astype(str))["amount"].agg(["sum", "size"])
    assert months["month"].tolist() == expected.index.tolist()
    assert months["orders"].tolist() == expected["size"].tolist()
    assert (months["revenue"] / months["orders"]).to_numpy() == pytest.approx(
        expected["sum"] / expected["size"], abs=1e-6
    )

    customers = query(
        warehouse,
        "select customer_id, order_count, purchase_date_count, cast(net_revenue_amount as double) as amount, "
        "mean_purchase_amount, recency_days, age_days from marts.customer_value order by customer_id",
    ).set_index("customer_id")
    plain = orders.groupby("customer").agg(
        orders=("amount", "size"),
        days=("day", "nunique"),
        amount=("amount", "sum"),
        first=("day", "min"),
        last=("day", "max"),
    )
    assert customers.index.tolist() == plain.index.tolist()
    assert len(plain) == 4338
    assert customers["order_count"].tolist() == plain["orders"].tolist()
    assert customers["purchase_date_count"].tolist() == plain["days"].tolist()
    assert customers["amount"].to_numpy() == pytest.approx(plain["amount"].to_numpy(), abs=0.005)
    assert customers["mean_purchase_amount"].to_numpy() == pytest.approx(
        (plain["amount"] / plain["days"]).to_numpy(), abs=0.005
    )
    assert customers["recency_days"].tolist() == (orders["day"].max() - plain["last"]).dt.days.tolist()
    assert customers["age_days"].tolist() == (orders["day"].max() - plain["first"]).dt.days.tolist()
    assert customers["amount"].sum() == pytest.approx(8911407.90, abs=0.005)


def test_repurchase_rate(warehouse: Path, orders: pd.DataFrame) -> None:
    """Of those whose days have run out: who came back on another day within them."""
    actual = query(
        warehouse,
        "select strftime(cohort_month, '%Y-%m') as month, window_days, eligible_count, repurchased_count, repurchase_rate "
        "from marts.repurchase_monthly order by all",
    )
    days = orders[["customer", "day"]].drop_duplicates().sort_values(["customer", "day"])
    first = days.groupby("customer")["day"].nth(0).reset_index(drop=True).set_axis(days["customer"].unique())
    second = (
        days[days.duplicated("customer")].drop_duplicates("customer").set_index("customer")["day"].reindex(first.index)
    )
    as_of = orders["day"].max()
    for row in actual.itertuples():
        window = pd.Timedelta(days=row.window_days)
        eligible = (first.dt.strftime("%Y-%m") == row.month) & (first + window <= as_of)
        back = eligible & (second - first <= window)
        assert (row.eligible_count, row.repurchased_count) == (eligible.sum(), back.sum()), row
        assert (
            np.isnan(row.repurchase_rate) if not eligible.any() else row.repurchase_rate == back.sum() / eligible.sum()
        )
    assert len(actual) == 13 * 5
    assert actual["repurchased_count"].sum() > 1000


def test_revenue_share_of_the_top_20_percent(warehouse: Path, orders: pd.DataFrame) -> None:
    """Of the twelve months that end with each: sorted, a fifth of the customers, their share of the revenue."""
    actual = query(
        warehouse,
        "select strftime(month_date, '%Y-%m') as month, * exclude (brand, month_date) from marts.revenue_concentration_monthly "
        "order by month",
    )
    assert len(actual) == 13
    for row in actual.itertuples():
        month = pd.Period(row.month, "M")
        window = orders[(orders["month"] <= month) & (orders["month"] > month - 12)]
        revenue = window.groupby("customer")["amount"].sum().sort_values(ascending=False)
        top = revenue.head(math.ceil(len(revenue) / 5)).sum()
        assert row.customer_count == len(revenue)
        assert float(row.top_20_percent_revenue_amount) == pytest.approx(top, abs=0.01)
        if row.is_mature:
            assert row.top_20_percent_revenue_share == pytest.approx(top / revenue.sum(), abs=1e-9)
            needed = int((revenue.cumsum() < 0.8 * revenue.sum()).sum()) + 1
            assert row.customers_share_for_80_percent == pytest.approx(needed / len(revenue))
    assert actual["is_mature"].tolist() == [True] * 12 + [False]
    assert actual["top_20_percent_revenue_share"].iloc[11] > 0.7
