"""The real-data examples give what others have published about the same data, to the cell and to the penny."""

from __future__ import annotations

import os
from pathlib import Path

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


@pytest.mark.parametrize(
    ("count_cancellations", "totals"),
    [
        pytest.param(False, Totals(4338, 18532, 16763, "8911407.90"), id="valid_purchases"),
        pytest.param(True, Totals(4372, 22190, 19296, "8911407.90"), id="cancellations_count"),
    ],
)
def test_online_retail_reproduces_the_published_cohorts(
    online_retail_data: Path, tmp_path: Path, count_cancellations: bool, totals: Totals
) -> None:
    """Every cell of both published tables, 18,532 valid invoices of 4,338 customers and GBP 8,911,407.90."""
    warehouse = online_retail.build(
        online_retail_data, tmp_path, count_cancellations=count_cancellations, select=MODELS
    )
    assert read_totals(warehouse) == totals
    published = online_retail.find_published(online_retail_data, count_cancellations=count_cancellations)
    assert differences(read_cohorts(warehouse), published_table(published)) == []


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
