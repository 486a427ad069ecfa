"""The real-data examples give what others have published about the same data, to the cell and to the penny."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from dev.examples import cdnow, online_retail
from dev.examples.mapping import (
    ExampleError,
    Totals,
    differences,
    read_cohorts,
    read_published,
    read_totals,
)
from lifecycle_tools.build import PROJECT_DIR

SHARED_DATA = PROJECT_DIR.parent / "shared" / "data"
ONLINE_RETAIL = Path(os.environ.get("ONLINE_RETAIL_DATA") or SHARED_DATA / "online_retail" / online_retail.FILE_NAME)
# as the file writes them; its others are no countries (the Channel Islands are three of them)
COUNTRY_CODES = {
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Brazil": "BR", "Canada": "CA", "Cyprus": "CY",
    "Czech Republic": "CZ", "Denmark": "DK", "EIRE": "IE", "Finland": "FI", "France": "FR", "Germany": "DE", "Greece": "GR",
    "Iceland": "IS", "Israel": "IL", "Italy": "IT", "Japan": "JP", "Lebanon": "LB", "Lithuania": "LT", "Malta": "MT",
    "Netherlands": "NL", "Norway": "NO", "Poland": "PL", "Portugal": "PT", "RSA": "ZA", "Saudi Arabia": "SA", "Singapore": "SG",
    "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "USA": "US", "United Arab Emirates": "AE", "United Kingdom": "GB",
}  # fmt: skip
MODELS = ("+retention_cohorts_monthly", "+int_order_amounts")


@pytest.fixture(scope="module")
def online_retail_data() -> Path:
    """Find the Online Retail file; skips the test where it is not at hand."""
    try:
        return online_retail.find_data(ONLINE_RETAIL)
    except ExampleError as error:
        pytest.skip(f"Real data are absent: {error} Or set ONLINE_RETAIL_DATA to the file or its folder.")


def published_table(path: Path | None) -> pd.DataFrame:
    """Read a published table; skips the test where it is not at hand."""
    if path is None or not path.is_file():
        pytest.skip(f"Published results are absent: looked for {path or 'a folder published beside the data'}.")
    return read_published(path)


@pytest.fixture(scope="module")
def valid_purchases(online_retail_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a warehouse of the valid purchases of Online Retail."""
    select = (*MODELS, "+retention_cohorts_weekly", "+retention_cohorts_by_dimension")
    return online_retail.build(online_retail_data, tmp_path_factory.mktemp("valid_purchases"), select=select)


def test_online_retail_reproduces_the_published_cohorts(online_retail_data: Path, valid_purchases: Path) -> None:
    """Every cell of the published table, 18,532 valid invoices of 4,338 customers and GBP 8,911,407.90."""
    assert read_totals(valid_purchases) == Totals(4338, 18532, 16763, "8911407.90")
    published = online_retail.find_published(online_retail_data, count_cancellations=False)
    assert differences(read_cohorts(valid_purchases), published_table(published)) == []


def test_online_retail_reproduces_the_published_cohorts_where_cancellations_count(
    online_retail_data: Path, tmp_path: Path
) -> None:
    """Every cell of the other published table: whatever names a customer is an order, and brings what it brought before."""
    warehouse = online_retail.build(online_retail_data, tmp_path, count_cancellations=True, select=MODELS)
    assert read_totals(warehouse) == Totals(4372, 22190, 19296, "8911407.90")
    published = online_retail.find_published(online_retail_data, count_cancellations=True)
    assert differences(read_cohorts(warehouse), published_table(published)) == []


@pytest.fixture(scope="module")
def purchases(online_retail_data: Path) -> pd.DataFrame:
    """Every valid line of Online Retail, straight from the file: its customer, country (the latest) and date."""
    lines = pd.read_parquet(online_retail_data).dropna(subset=["CustomerID"])
    lines = lines[~lines["InvoiceNo"].str.startswith("C")]
    lines = lines[(lines["Quantity"].astype(int) > 0) & (lines["UnitPrice"].astype(float) > 0)]
    lines["date"] = pd.to_datetime(lines["InvoiceDate"])
    country = lines.sort_values("date").groupby("CustomerID")["Country"].last().map(COUNTRY_CODES).fillna("others")
    return lines[["CustomerID", "date"]].join(country.rename("country"), on="CustomerID")


def cells(purchases: pd.DataFrame, frequency: str) -> dict[tuple[str, str, int], int]:
    """Customers who buy, by country, first day of the cohort's month or week, and number of periods since."""
    rows = purchases.assign(period=purchases["date"].dt.to_period(frequency))
    rows["first"] = rows.groupby("CustomerID")["period"].transform("min")
    rows["since"] = rows["period"].astype("int64") - rows["first"].astype("int64")
    rows["cohort"] = rows["first"].dt.start_time.dt.strftime("%Y-%m-%d")
    return rows.groupby(["country", "cohort", "since"])["CustomerID"].nunique().to_dict()


def test_cohorts_of_each_country_agree_with_a_count_of_the_lines(
    valid_purchases: Path, purchases: pd.DataFrame
) -> None:
    """Customers who buy, by country and month: the cut cohorts of the warehouse, to the cell."""
    found: Counter[tuple[str, str, int]] = Counter()
    for code, *cell, count in rows_of(
        valid_purchases,
        "select dimension_value, strftime(cohort_month, '%Y-%m-%d'), period_number, purchasing_customer_count "
        "from marts.retention_cohorts_by_dimension where dimension = 'country_code' and purchasing_customer_count > 0",
    ):
        found[(code if code in COUNTRY_CODES.values() else "others", *cell)] += count
    assert found == cells(purchases, "M")


def test_weekly_cohorts_agree_with_a_count_of_the_lines(valid_purchases: Path, purchases: pd.DataFrame) -> None:
    """Customers who buy, by week beginning on a Monday: to the cell."""
    found = rows_of(
        valid_purchases,
        "select 'all', strftime(cohort_week, '%Y-%m-%d'), period_number, purchasing_customer_count "
        "from marts.retention_cohorts_weekly where purchasing_customer_count > 0",
    )
    assert {tuple(cell): count for *cell, count in found} == cells(purchases.assign(country="all"), "W-SUN")


def rows_of(warehouse: Path, query: str) -> list[tuple]:
    """The rows of a query."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def cdnow_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a warehouse of the CDNOW sample; skips the test where the package with the data is not installed."""
    try:
        cdnow.find_data()
    except ExampleError as error:
        pytest.skip(str(error))
    return cdnow.build(tmp_path_factory.mktemp("cdnow"), select=MODELS)


def test_cdnow_counts_purchase_dates_rather_than_orders(cdnow_warehouse: Path) -> None:
    """6,919 orders of 2,357 customers lie on 6,696 purchase dates."""
    totals = read_totals(cdnow_warehouse)
    assert (totals.customers, totals.orders, totals.purchase_dates) == (2357, 6919, 6696)


def test_cdnow_cohorts_agree_with_a_count_of_the_rows(cdnow_warehouse: Path) -> None:
    """The same table straight from the vendor's rows."""
    rows = pd.read_csv(
        cdnow.find_data(), sep=r"\s+", header=None, names=["master", "customer", "day", "units", "amount"]
    )
    month = pd.PeriodIndex(pd.to_datetime(rows["day"].astype(str)), freq="M")
    months = pd.DataFrame(
        {"customer": rows["master"], "month": month.year * 12 + month.month, "label": month.astype(str)}
    )
    first = months.sort_values("month").groupby("customer").first()
    months = months.join(first.rename(columns={"month": "first_month", "label": "cohort"}), on="customer")
    months["period"] = months["month"] - months["first_month"]
    counted = months.groupby(["cohort", "period"])["customer"].nunique().unstack().astype("Int64")
    assert differences(read_cohorts(cdnow_warehouse), counted) == []


def test_cdnow_reproduces_the_published_cohorts(cdnow_warehouse: Path) -> None:
    """Every cell of the published table."""
    try:
        folder = online_retail.find_data(ONLINE_RETAIL).resolve().parent.parent / "published"
    except ExampleError:
        folder = SHARED_DATA / "published"
    published = published_table(folder / "cdnow_sample_cohorts.csv")
    assert differences(read_cohorts(cdnow_warehouse), published) == []


def test_a_wrong_path_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with status 1 and says which file it wants."""
    assert online_retail.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.strip().startswith(f"There is no {online_retail.FILE_NAME} in {tmp_path}")
