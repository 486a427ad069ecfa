"""The value models give the published results on CDNOW, know what they cannot know, and find the customers who have gone.

Their likelihoods and expectations are written down once more here, customer by customer, and their errors counted from the rows.
"""

from __future__ import annotations

import bisect
import math
import os
import random
import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from oracle.raw_files import write_raw_data
from oracle.runs import project, run_dbt
from scipy.integrate import quad
from scipy.special import hyp2f1

from dev.examples import cdnow, online_retail
from dev.examples.mapping import ExampleError, read_holdouts
from dev.generate import generate
from lifecycle_tools import predictions, value_models
from lifecycle_tools.build import PROJECT_DIR

READERS = ("customer_value", "value_model_parameters", "value_model_holdouts")

# Fader, Hardie and Lee (2005) for BG/NBD, Fader and Hardie (2013) for Gamma-Gamma: the sample, calibrated to 1997-09-30
CALIBRATION_END = "1997-09-30"
PUBLISHED = {
    "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "gamma_gamma": {"p": 6.25, "q": 3.74, "v": 15.44},
}
PUBLISHED_LOG_LIKELIHOOD = -9582.43
# the walkthrough of the package BTYD: repeat purchases in the 39 weeks after, by those before (the last: seven or more)
HOLDOUT_WEEKS = 39
HOLDOUT_MEANS = (0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359)
ONLINE_RETAIL = Path(os.environ.get("ONLINE_RETAIL_DATA") or PROJECT_DIR.parent / "shared" / "data")
HOLDOUT_CUSTOMERS = (1411, 439, 214, 100, 62, 38, 29, 64)


def query(path: Path, sql: str) -> pd.DataFrame:
    """The rows of a query."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).df()


def settings_of(directory: Path) -> dict:
    """The settings of every call on the warehouse in ``directory``; the project is parsed once for all of them."""
    return {
        "raw_data_dir": "",
        "warehouse_path": directory / "warehouse.duckdb",
        "as_of_date": "",
        "reporting_currency": "EUR",
        "business_time_zone": "UTC",
        "dbt_target_path": directory.parent / "value_target",
        "dbt_log_path": directory / "logs",
    }


def run_models(directory: Path, models: Sequence[str], **settings: str) -> None:
    """Run models of a warehouse that is built."""
    result = run_dbt(["run", "--select", *models], **settings_of(directory) | settings)
    assert result.success, result.problems


def build(directory: Path, models: Sequence[str], **settings: str) -> predictions.Predictions:
    """Build ``models`` and all they need on the files in ``directory/raw``, predict, and build what reads predictions."""
    settings = settings_of(directory) | settings
    for arguments in (["seed"], ["run", "--select", *models]):
        result = run_dbt(arguments, **settings | {"raw_data_dir": directory / "raw"})
        assert result.success, result.problems
    found = predictions.predict(rebuild=False, manifest=project(settings), **settings)
    run_models(directory, READERS, **settings)
    return found


@pytest.fixture(scope="module")
def cdnow_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the value marts on the sample as of the end of calibration, and predict."""
    directory = tmp_path_factory.mktemp("cdnow_values")
    try:
        cdnow.write_raw(cdnow.find_data(), directory / "raw")
    except ExampleError as error:
        pytest.skip(str(error))
    found = build(directory, ["+marts.value", "+purchase_gaps"], as_of_date=CALIBRATION_END, reporting_currency="USD")
    assert found.as_of_date == date.fromisoformat(CALIBRATION_END)
    assert not found.warnings
    return directory


@pytest.fixture(scope="module")
def cdnow_patterns(cdnow_directory: Path) -> pd.DataFrame:
    """The patterns of purchases of the sample."""
    return query(
        cdnow_directory / "warehouse.duckdb",
        """
        select frequency, last_purchase_age_days, age_days, cast(repeat_revenue_amount as double) as repeat_revenue_amount,
            count(*) as customer_count
        from intermediate.int_customer_purchase_summary group by all order by all
        """,
    )


def test_the_fit_gives_the_published_parameters(cdnow_directory: Path) -> None:
    """Within 1 %, and the published likelihood to its last digit."""
    fits = query(cdnow_directory / "warehouse.duckdb", "select * from marts.value_model_parameters")
    assert fits["is_current"].all()
    assert len(fits) == 7
    for row in fits.to_dict("records"):
        assert row["parameter_value"] == pytest.approx(PUBLISHED[row["model"]][row["parameter"]], rel=0.01), row
    purchases = fits[fits["model"] == "bg_nbd"].iloc[0]
    assert round(purchases["log_likelihood"], 2) == PUBLISHED_LOG_LIKELIHOOD
    assert purchases["customer_count"] == 2357
    assert fits[fits["model"] == "gamma_gamma"]["customer_count"].unique().tolist() == [946]


def test_as_many_customers_buy_the_nth_time_as_published(cdnow_directory: Path) -> None:
    """Customers by number of repeats in the calibration period, 7 or more together."""
    gaps = query(
        cdnow_directory / "warehouse.duckdb",
        "select * from marts.purchase_gaps where window_days = 30 order by purchase_number",
    )
    stopped = gaps["customer_count"] - gaps["next_purchase_count"]
    assert [*stopped[:7], gaps["customer_count"][7]] == list(HOLDOUT_CUSTOMERS)


def expected_with(
    parameters: Sequence[float], frequency: np.ndarray, last_purchase: np.ndarray, age: np.ndarray, weeks: float
) -> np.ndarray:
    """Equation 10, written down once more."""
    r, alpha, a, b = parameters
    ratio = ((alpha + age) / (alpha + age + weeks)) ** (r + frequency)
    series = hyp2f1(r + frequency, b + frequency, a + b + frequency - 1, weeks / (alpha + age + weeks))
    stopped = a / (b + np.maximum(frequency, 1) - 1) * ((alpha + age) / (alpha + last_purchase)) ** (r + frequency)
    return (a + b + frequency - 1) / (a - 1) * (1 - ratio * series) / (1 + (frequency > 0) * stopped)


def test_the_holdout_is_predicted_as_by_the_published_model(cdnow_patterns: pd.DataFrame) -> None:
    """By number of repeats: what came is the published mean, what we expect is what the published parameters expect."""
    rows = pd.read_csv(
        cdnow.find_data(), sep=r"\s+", header=None, names=["master", "customer", "day", "units", "amount"]
    )
    days = rows.drop_duplicates(["master", "day"])
    in_calibration = days["day"] <= int(CALIBRATION_END.replace("-", ""))
    repeats = days[in_calibration].groupby("master").size() - 1
    came = days[~in_calibration].groupby("master").size().reindex(repeats.index, fill_value=0)
    actual = came.groupby(repeats.clip(upper=7)).agg(["size", "mean"])
    assert tuple(actual["size"]) == HOLDOUT_CUSTOMERS
    assert tuple(actual["mean"].round(3)) == HOLDOUT_MEANS

    models = value_models.fit(cdnow_patterns)
    pattern = (
        cdnow_patterns["frequency"].to_numpy(float),
        cdnow_patterns["last_purchase_age_days"].to_numpy(float) / 7,
        cdnow_patterns["age_days"].to_numpy(float) / 7,
    )
    weights = cdnow_patterns["customer_count"]
    group = cdnow_patterns["frequency"].clip(upper=7)

    def means(expected: np.ndarray) -> np.ndarray:
        return ((expected * weights).groupby(group).sum() / weights.groupby(group).sum()).to_numpy()

    ours = means(value_models.expected_purchases(models.purchases, HOLDOUT_WEEKS, *pattern))
    published = means(expected_with(list(PUBLISHED["bg_nbd"].values()), *pattern, HOLDOUT_WEEKS))
    assert ours == pytest.approx(published, rel=0.01)
    # so that the distance to what came is the model's own, not the fit's: it expects too little of those who bought 0 to 6 times
    distance = np.abs(ours - np.array(HOLDOUT_MEANS))
    assert distance == pytest.approx(np.abs(published - np.array(HOLDOUT_MEANS)), abs=0.01)
    assert distance.max() < 0.5


def purchase_dates_of(file: Path) -> pd.DataFrame:
    """Customer, day and amount of each purchase date of a file of CDNOW."""
    rows = pd.read_csv(file, sep=r"\s+", header=None, skiprows=int(file.stem.endswith("master")), dtype=str)
    found = pd.DataFrame(
        {"customer": rows[0], "day": pd.to_datetime(rows[len(rows.columns) - 3]), "amount": rows.iloc[:, -1]}
    )
    return found.astype({"amount": float}).groupby(["customer", "day"], as_index=False)["amount"].sum()


def holdout_of(purchases: pd.DataFrame, calibration_end: str, last_day: str) -> pd.DataFrame:
    """A row per customer (``PATTERN_COLUMNS`` and ``HOLDOUT_COLUMNS``), counted one by one."""
    end, last = pd.Timestamp(calibration_end), pd.Timestamp(last_day)
    rows = []
    for _, own in purchases.sort_values("day").groupby("customer"):
        days, amounts = own["day"].tolist(), own["amount"].tolist()
        if days[0] > end:
            continue
        known = [day for day in days if day <= end]
        later = [place for place, day in enumerate(days) if end < day <= last]
        repeats = round(sum(amounts[1 : len(known)]), 2)
        brought = round(sum(amounts[place] for place in later), 2)
        rows.append((len(known) - 1, (known[-1] - days[0]).days, (end - days[0]).days, repeats, 1, len(later), brought))
    return pd.DataFrame(rows, columns=[*value_models.PATTERN_COLUMNS, *value_models.HOLDOUT_COLUMNS])


@pytest.mark.parametrize(
    ("file", "predicted", "actual"),
    [("CDNOW_sample.txt", 1653, 1882), ("CDNOW_master.txt", 16874, 19684)],
)
def test_the_holdout_of_cdnow_is_as_far_off_as_published(file: str, predicted: int, actual: int) -> None:
    """All customers, and a sample of a tenth of them: the models expect a seventh too little of the 39 weeks after 1997-09-30."""
    try:
        purchases = purchase_dates_of(cdnow.find_data().with_name(file))
    except ExampleError as error:
        pytest.skip(str(error))
    patterns = holdout_of(purchases, CALIBRATION_END, "1998-06-30")
    bands = value_models.holdout_bands(patterns, value_models.fit(patterns), HOLDOUT_WEEKS * 7)
    total = bands.iloc[0]
    assert (round(total["predicted_purchases"]), total["actual_purchase_count"]) == (predicted, actual)
    assert total["customer_count"] == len(patterns)
    assert_bands(bands, patterns, HOLDOUT_WEEKS)


def assert_bands(bands: pd.DataFrame, customers: pd.DataFrame, weeks: float) -> None:
    """The bands are tenths of ``customers`` (a row each), ranked one by one by what models fitted to them expect."""
    models = value_models.fit(customers)
    purchases, amounts = (list(model.parameters.values()) for model in models.fitted)
    p, q, v = amounts
    expected, values = [], []
    for row in customers.itertuples():
        pattern = (float(row.frequency), row.last_purchase_age_days / 7, row.age_days / 7)
        expected.append(float(expected_with(purchases, *map(np.array, pattern), weeks)))
        values.append(expected[-1] * p * (v + row.repeat_revenue_amount) / (p * row.frequency + q - 1))
    ordered = sorted(round(one, 9) for one in expected)  # equal predictions differ in the last digits
    counted: dict[int, list[float]] = {}
    for row, purchase, value in zip(customers.itertuples(), expected, values, strict=True):
        fewer = bisect.bisect_left(ordered, round(purchase, 9))
        for band in (0, 1 + 10 * fewer // len(ordered)):
            sums = counted.setdefault(band, [0.0] * 5)
            own = (1, purchase, row.holdout_purchase_count, value, row.holdout_revenue_amount)
            counted[band] = [one + other for one, other in zip(sums, own, strict=True)]
    assert sorted(counted) == bands["band_number"].tolist()
    for band in bands.itertuples(index=False):
        assert list(band)[1:] == pytest.approx(counted[band.band_number], rel=1e-6, abs=0.01), band


def test_the_step_publishes_the_holdout_of_its_day(cdnow_directory: Path) -> None:
    """As counted from the file: the 90 days up to the end of calibration, by models that know nothing of them."""
    customers = holdout_of(purchase_dates_of(cdnow.find_data()), "1997-07-02", CALIBRATION_END)
    published = query(
        cdnow_directory / "warehouse.duckdb", "select * from marts.value_model_holdouts order by band_number"
    )
    assert set(published["calibration_end_date"].astype(str)) == {"1997-07-02"}
    assert set(published["reason"]) == {"measured"}
    assert published[["is_used", "is_amount_used", "is_current"]].all(axis=None)
    assert_bands(published[list(value_models.BAND_COLUMNS)].astype(float), customers, 90 / 7)
    total = published.iloc[0]
    (line,) = read_holdouts(cdnow_directory / "warehouse.duckdb")  # what `make example-cdnow` prints
    said = f"{total['predicted_purchases']:,.0f} purchases predicted, {total['actual_purchase_count']:,} came"
    assert line == f"The last 90 days: {said}; predictions are used (measured)."
    assert total["purchase_error_rate"] == pytest.approx(
        total["predicted_purchases"] / total["actual_purchase_count"] - 1
    )
    assert total["revenue_error_rate"] == pytest.approx(
        float(total["predicted_revenue_amount"]) / float(total["actual_revenue_amount"]) - 1
    )


def test_a_fit_that_says_no_customer_leaves_is_not_used() -> None:
    """The year of Online Retail: dropout at its limit, whatever the error of the holdout."""
    try:
        data = online_retail.find_data(ONLINE_RETAIL)
    except ExampleError as error:
        pytest.skip(f"Real data are absent: {error}")
    with duckdb.connect() as connection:
        connection.execute(f"create table lines as {online_retail.LINES}", [str(data)])
        purchases = connection.execute(
            f"""
            select customer_id as customer, cast(cast(invoiced_at as date) as timestamp) as day,
                cast(sum(quantity * unit_price) as double) as amount
            from ({online_retail.VALID_LINES}) group by all
            """
        ).df()
    customers = holdout_of(purchases, "2011-09-10", "2011-12-09")
    today = holdout_of(purchases, "2011-12-09", "2011-12-09")
    models = value_models.fit(today)
    assert value_models.share_gone(today, models.purchases) < 0.002
    bands = value_models.holdout_bands(customers, value_models.fit(customers), 90)
    assert_bands(bands, customers, 90 / 7)
    judged = predictions.judge(today, models, bands, 90, 0.5)
    assert (judged.is_used, judged.is_amount_used, judged.reason) == (False, False, "no_dropout")
    assert abs(bands["predicted_purchases"].iloc[0] / bands["actual_purchase_count"].iloc[0] - 1) < 0.5


@pytest.mark.parametrize(
    ("predicted", "actual", "reason"),
    [(150, 100, "measured"), (151, 100, "purchase_error"), (50, 100, "measured"), (49, 100, "purchase_error"),
     (0.5, 0, "measured"), (0.6, 0, "purchase_error")],
)  # fmt: skip
def test_an_error_at_the_limit_is_within_it(
    cdnow_patterns: pd.DataFrame, predicted: float, actual: int, reason: str
) -> None:
    """A half, to both sides; where nothing came, half a purchase."""
    models = value_models.fit(cdnow_patterns)
    bands = pd.DataFrame([(0, 1, predicted, actual, 10.0, 10.0)], columns=list(value_models.BAND_COLUMNS))
    assert predictions.judge(cdnow_patterns, models, bands, 90, 0.5).reason == reason
    bands["predicted_purchases"] = bands["actual_purchase_count"] = 100
    bands["predicted_revenue_amount"], bands["actual_revenue_amount"] = float(predicted), float(actual)
    judged = predictions.judge(cdnow_patterns, models, bands, 90, 0.5)
    assert judged.reason == reason.replace("purchase", "revenue")
    assert (judged.is_used, judged.is_amount_used) == (True, reason == "measured")


def orders_of(
    brand: str, rng: random.Random, first_days: tuple[int, int], leaves: float, until: int, price
) -> list[dict]:
    """Orders of 400 customers: their first one between two days of 2024, then at their own pace until they leave."""
    rows = []
    for customer in range(400):
        day, pace = rng.randint(*first_days), rng.gammavariate(2, 0.03)
        own = rng.betavariate(3 * leaves, 3 - 3 * leaves) if leaves else 0.0
        while day <= until:
            when = date(2024, 1, 1) + timedelta(days=int(day))
            rows.append(
                {"brand": brand, "order_id": f"{brand}{len(rows)}", "customer_id": f"c{customer}",
                 "ordered_at": when.isoformat(), "total_amount": f"{price(day) * rng.uniform(0.8, 1.2):.2f}"}
            )  # fmt: skip
            if rng.random() < own:
                break
            day += 1 + rng.expovariate(pace)
    return rows


CUTOFF, LAST = 91, 181  # 2024-04-01, the day before the last 90 days, and 2024-06-30
BRANDS = {
    # name: first orders, share that leaves after each, last day of orders, price of a day; reason, purchases used, amounts used
    "steady": ((0, 60), 0.0, LAST, lambda day: 20, ("no_dropout", False, False)),
    "closed": ((0, 60), 0.3, CUTOFF, lambda day: 20, ("purchase_error", False, False)),
    "young": ((CUTOFF + 1, 150), 0.3, LAST, lambda day: 20, ("unmeasured", True, True)),
    "dearer": ((0, 80), 0.3, LAST, lambda day: 20 if day <= CUTOFF else 90, ("revenue_error", True, False)),
}


def test_brands_whose_predictions_are_not_to_be_relied_on_have_none(tmp_path: Path) -> None:
    """Each for its reason, in the table and in a sentence, and what came as counted from the orders."""
    rng = random.Random("brands")
    orders = [row for brand, made in BRANDS.items() for row in orders_of(brand, rng, *made[:4])]
    write_raw_data({"orders": orders}, tmp_path / "raw")
    found = build(tmp_path, ["+marts.value"], as_of_date="2024-06-30")
    path = tmp_path / "warehouse.duckdb"
    holdouts = query(path, "select * from marts.value_model_holdouts where band_number = 0").set_index("brand")
    values = query(path, "select * from marts.customer_value")
    for brand, (*_, (reason, is_used, is_amount_used)) in BRANDS.items():
        row, own = holdouts.loc[brand], values[values["brand"] == brand]
        assert (row["reason"], row["is_used"], row["is_amount_used"]) == (reason, is_used, is_amount_used), brand
        for column, is_there in (("p_alive", is_used), ("predicted_clv_365d", is_amount_used)):
            assert own[column].notna().all() if is_there else own[column].isna().all(), (brand, column)
        dates = {(o["customer_id"], o["ordered_at"]) for o in orders if o["brand"] == brand}
        known = {customer for customer, day in dates if day <= "2024-04-01"}
        if reason == "unmeasured":
            assert pd.isna(row["customer_count"])
            assert not known
            continue
        held_out = {(customer, day) for customer, day in dates if customer in known and day > "2024-04-01"}
        assert (row["customer_count"], row["actual_purchase_count"]) == (len(known), len(held_out)), brand
    said = {warning.split(":")[0]: warning for warning in found.warnings}
    assert set(said) == {
        "Brand steady has no predicted value", "Brand closed has no predicted value", "Brand dearer has no predicted amount",
    }  # fmt: skip
    assert "no customer ever leaves" in said["Brand steady has no predicted value"]
    assert "and 0 came" in said["Brand closed has no predicted value"]
    text = predictions.describe(found)
    assert "young holdout not measured: unmeasured" in text


def test_each_customer_has_the_prediction_of_its_pattern(cdnow_directory: Path, cdnow_patterns: pd.DataFrame) -> None:
    """Equal purchases, equal predictions; the mean of all is that of the patterns, weighted."""
    customers = query(cdnow_directory / "warehouse.duckdb", "select * from marts.customer_value")
    assert len(customers) == 2357
    assert customers["p_alive"].notna().all()
    predicted = value_models.predict(cdnow_patterns, value_models.fit(cdnow_patterns))
    for column in ("p_alive", "predicted_purchases_90d", "predicted_purchases_365d", "predicted_clv_365d"):
        total = (predicted[column] * predicted["customer_count"]).sum()
        assert customers[column].astype(float).sum() == pytest.approx(total, abs=0.01 * len(customers))
    assert (customers.loc[customers["frequency"] == 0, "p_alive"] == 1).all()
    assert (customers["predicted_purchases_90d"] < customers["predicted_purchases_365d"]).all()


def test_a_prediction_is_of_its_day_alone_and_its_parameters_stay(cdnow_directory: Path, tmp_path: Path) -> None:
    """A day later nothing is predicted until the step has run again; the earlier fit remains, and is not seen before its day."""
    path = tmp_path / "warehouse.duckdb"
    shutil.copy(cdnow_directory / "warehouse.duckdb", path)
    models = ("as_of_date", "int_customer_purchase_summary", *READERS)
    tomorrow = {"reporting_currency": "USD", "as_of_date": "1997-10-01"}

    run_models(tmp_path, models, **tomorrow)
    assert query(path, "select p_alive from marts.customer_value")["p_alive"].isna().all()
    assert not query(path, "select is_current from marts.value_model_parameters")["is_current"].any()

    predictions.predict(rebuild=False, manifest=project(tomorrow), **settings_of(tmp_path) | tomorrow)
    run_models(tmp_path, READERS, **tomorrow)
    assert query(path, "select p_alive from marts.customer_value")["p_alive"].notna().all()
    fits = query(path, "select * from marts.value_model_parameters order by fitted_as_of_date")
    assert fits["is_current"].tolist() == [False] * 7 + [True] * 7
    held_out = query(
        path, "select fitted_as_of_date, is_current, count(*) from marts.value_model_holdouts group by all"
    )
    assert sorted(held_out["is_current"]) == [False, True]

    run_models(tmp_path, models, **tomorrow | {"as_of_date": "1997-09-29"})
    assert query(path, "select * from marts.value_model_parameters").empty


def test_the_order_of_rows_makes_no_difference(cdnow_patterns: pd.DataFrame) -> None:
    """The same parameters to the last bit, whatever the order, and however equal customers are counted."""
    first = value_models.fit(cdnow_patterns)
    split = cdnow_patterns.loc[cdnow_patterns.index.repeat(cdnow_patterns["customer_count"])].assign(customer_count=1)
    for rows in (cdnow_patterns.sample(frac=1, random_state=1), split.sample(frac=1, random_state=2)):
        again = value_models.fit(rows)
        assert [model.parameters for model in again.fitted] == [model.parameters for model in first.fitted]


def test_another_currency_changes_amounts_by_its_rate_alone(cdnow_patterns: pd.DataFrame) -> None:
    """Yen instead of dollars: p and q stay, v and what is expected are a hundred times as much."""
    dollars = value_models.fit(cdnow_patterns)
    yen_patterns = cdnow_patterns.assign(repeat_revenue_amount=cdnow_patterns["repeat_revenue_amount"] * 100)
    yen = value_models.fit(yen_patterns)
    for name, factor in (("p", 1), ("q", 1), ("v", 100)):
        assert yen.amounts.parameters[name] == pytest.approx(dollars.amounts.parameters[name] * factor, rel=1e-4)
    one, other = value_models.predict(cdnow_patterns, dollars), value_models.predict(yen_patterns, yen)
    assert np.allclose(other["predicted_clv_365d"], one["predicted_clv_365d"] * 100, rtol=1e-4)


def log_likelihood_of_purchases(parameters: Sequence[float], frequency: int, last_purchase: float, age: float) -> float:
    """BG/NBD of one customer, as a product of gamma functions: alive to this day, or gone after the last purchase."""
    r, alpha, a, b = parameters
    log_gamma = math.lgamma
    shared = log_gamma(r + frequency) - log_gamma(r) + r * math.log(alpha) + log_gamma(a + b) - log_gamma(b)
    alive = math.exp(log_gamma(b + frequency) - log_gamma(a + b + frequency) - (r + frequency) * math.log(alpha + age))
    gone = 0.0
    if frequency:
        gone = a * math.exp(
            log_gamma(b + frequency - 1)
            - log_gamma(a + b + frequency)
            - (r + frequency) * math.log(alpha + last_purchase)
        )
    return shared + math.log(alive + gone)


def log_likelihood_of_amounts(parameters: Sequence[float], frequency: int, mean: float) -> float:
    """Gamma-Gamma of one customer: the density of the mean of its amounts, the unknown mean integrated out."""
    p, q, v = parameters
    shape = p * frequency
    log_beta = math.lgamma(shape) + math.lgamma(q) - math.lgamma(shape + q)
    return (
        -log_beta + q * math.log(v) + (shape - 1) * math.log(mean) + shape * math.log(frequency)
        - (shape + q) * math.log(v + frequency * mean)
    )  # fmt: skip


CUSTOMERS = [(0, 0.0, 0.3), (0, 0.0, 39.0), (1, 5.0, 39.0), (3, 20.0, 22.0), (20, 30.0, 39.0), (150, 38.0, 39.0)]


@pytest.mark.parametrize("parameters", [(0.243, 4.414, 0.793, 2.426), (3.0, 40.0, 0.01, 50.0), (0.5, 4.0, 0.2, 0.5)])
def test_the_likelihood_of_purchases_is_the_paper_s_and_its_gradient_is_its_slope(parameters: tuple) -> None:
    """Customer by customer, and by a step to both sides of each parameter."""
    arguments = [np.array(values, dtype=float) for values in zip(*CUSTOMERS, strict=True)]
    found, gradient = value_models.bg_nbd_log_likelihood(parameters, *arguments)
    assert found == pytest.approx([log_likelihood_of_purchases(parameters, *customer) for customer in CUSTOMERS])
    assert_slope(value_models.bg_nbd_log_likelihood, parameters, arguments, gradient)


@pytest.mark.parametrize("parameters", [(6.25, 3.74, 15.44), (0.5, 1.2, 300.0)])
def test_the_likelihood_of_amounts_is_the_paper_s_and_its_gradient_is_its_slope(parameters: tuple) -> None:
    customers = [(1, 0.01), (1, 35.0), (2, 12.5), (7, 80.0), (200, 9000.0)]
    arguments = [np.array(values, dtype=float) for values in zip(*customers, strict=True)]
    found, gradient = value_models.gamma_gamma_log_likelihood(parameters, *arguments)
    assert found == pytest.approx([log_likelihood_of_amounts(parameters, *customer) for customer in customers])
    assert_slope(value_models.gamma_gamma_log_likelihood, parameters, arguments, gradient)


def assert_slope(log_likelihood, parameters: Sequence[float], arguments: Sequence[np.ndarray], gradient) -> None:
    """The gradient is what a small step of each parameter changes."""
    for place, parameter in enumerate(parameters):
        step = parameter * 1e-5
        ends = []
        for sign in (1, -1):
            moved = list(parameters)
            moved[place] += sign * step
            ends.append(log_likelihood(moved, *arguments)[0])
        slope = (ends[0] - ends[1]) / (2 * step)
        assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-5), place


def expected_by_integration(parameters: Sequence[float], weeks: float, frequency: float, age: float) -> float:
    """Purchases of a customer who is alive, over all dropout probabilities, each as likely as the history makes it."""
    r, alpha, a, b = parameters
    log_beta = math.lgamma(a) + math.lgamma(b + frequency) - math.lgamma(a + b + frequency)

    def integrand(p: float) -> float:
        none = math.exp(-(r + frequency) * math.log1p(p * weeks / (alpha + age)))
        return math.exp((a - 2) * math.log(p) + (b + frequency - 1) * math.log1p(-p) - log_beta) * (1 - none)

    middle = a / (a + b + frequency)
    ends = [0.0, middle / 100, middle / 10, middle, min(3 * middle, (1 + middle) / 2), 1.0]
    return sum(quad(integrand, low, high, limit=200)[0] for low, high in pairwise(ends))


# of one who buys often the first form of the equation overflows; with equal dropout for all the second has no value
@pytest.mark.parametrize(
    "parameters",
    [
        (0.243, 4.414, 0.793, 2.426),
        (0.93, 3.9, 1.77, 15.8),
        (0.5, 4.0, 0.2, 0.5),
        (2.0, 9.0, 300.0, 2981.0),
        (2.0, 9.0, 2981.0, 20.0),
    ],
)
def test_expected_purchases_are_those_of_an_integration(parameters: tuple) -> None:
    """Of customers without repeats and with thousands."""
    model = value_models.FittedModel("bg_nbd", dict(zip(("r", "alpha", "a", "b"), parameters, strict=True)), 0.0, 1)
    customers = [*CUSTOMERS, (2000, 38.9, 39.0)]
    frequency, last_purchase, age = (np.array(values, dtype=float) for values in zip(*customers, strict=True))
    expected = value_models.expected_purchases(model, 52.0, frequency, last_purchase, age)
    alive = value_models.probability_alive(model, frequency, last_purchase, age)
    assert ((alive >= 0) & (alive <= 1)).all()
    integrated = [expected_by_integration(parameters, 52.0, count, old) for count, _, old in customers]
    assert expected == pytest.approx(alive * integrated, rel=1e-5)


def test_an_amount_is_expected_between_the_customer_s_and_everyone_s() -> None:
    """The mean of both, weighted as the paper does."""
    p, q, v = PUBLISHED["gamma_gamma"].values()
    model = value_models.FittedModel("gamma_gamma", {"p": p, "q": q, "v": v}, 0.0, 1)
    customers = [(0, 0.0), (1, 12.5), (4, 400.0)]
    everyone = p * v / (q - 1)
    for count, revenue in customers:
        weight = p * count / (p * count + q - 1)
        mean = weight * (revenue / max(count, 1)) + (1 - weight) * everyone
        (found,) = value_models.expected_amounts(model, np.array([float(count)]), np.array([revenue]))
        assert found == pytest.approx(mean)


def patterns_of(*rows: tuple) -> pd.DataFrame:
    """Patterns from tuples in the order of their columns."""
    return pd.DataFrame(rows, columns=list(value_models.PATTERN_COLUMNS))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        pytest.param([(0, 0, 10, 0.0, 1)], "1 customer has bought and 0 of them again", id="one_customer"),
        pytest.param([(0, 0, 10, 0.0, 5000)], "5000 customers have bought and 0 of them again", id="no_repeat_buyers"),
        pytest.param([(0, 0, 10, 0.0, 500), (1, 5, 10, 9.0, 49)], "49 of them again", id="too_few_repeat_buyers"),
    ],
)
def test_too_little_data_gives_nulls_and_one_sentence(rows: list[tuple], says: str) -> None:
    """No crash, no number."""
    patterns = patterns_of(*rows)
    models = value_models.fit(patterns)
    assert models.fitted == ()
    ((reason, problem),) = models.problems
    assert reason == "too_few_customers"
    assert says in problem
    predicted = value_models.predict(patterns, models)
    assert predicted[list(value_models.PREDICTION_COLUMNS)].isna().all(axis=None)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(1, 5, 10, 10.0, 500)], id="all_alike"),
        pytest.param([(1, 0, 0, 10.0, 60), (0, 0, 0, 0.0, 60)], id="all_on_the_as_of_date"),
        pytest.param([(3, 30, 30, 0.0, 200), (0, 0, 30, 0.0, 300)], id="all_free"),
        pytest.param([(n, n, 400, 0.01 * n, 20) for n in range(60)], id="bought_daily_once_and_never_again"),
        pytest.param([(n, 400, 400, 1e9, 20) for n in range(60)], id="never_stops"),
    ],
)
def test_data_that_determine_nothing_are_no_crash(rows: list[tuple]) -> None:
    """Either finite predictions in their bounds, or none and the reason."""
    patterns = patterns_of(*rows)
    models = value_models.fit(patterns)
    predicted = value_models.predict(patterns, models)
    assert len(models.fitted) + len(models.problems) >= 1
    if models.purchases is not None:
        assert predicted["p_alive"].between(0, 1).all()
        assert (predicted["predicted_purchases_365d"] >= 0).all()
    if models.amounts is not None:
        assert (predicted["predicted_clv_365d"] >= 0).all()


def test_many_brands_without_predictions_are_few_sentences() -> None:
    """Five brands have a sentence each; of 300 the last sentence counts the others."""
    sentences = [f"Brand {number} has no predicted value: no reason." for number in range(300)]
    assert predictions.at_most_a_few(sentences[:5]) == sentences[:5]
    few = predictions.at_most_a_few(sentences)
    assert few[:4] == sentences[:4]
    assert few[4].startswith("296 more brands have no predicted values: marts.value_model_holdouts")
    assert len(few) == 5


def test_the_step_on_a_shop_of_three_orders_warns_and_leaves_nulls(tmp_path: Path) -> None:
    """The build is as good as before, and says once why nothing is predicted."""
    orders = [
        {"order_id": f"o{number}", "customer_id": "c", "ordered_at": day, "total_amount": "10"}
        for number, day in enumerate(("2024-01-01", "2024-02-01", "2024-02-01"))
    ]
    write_raw_data({"orders": orders}, tmp_path / "raw")
    found = build(tmp_path, ["+marts.value"])
    assert found.pattern_count == 0
    (told,) = found.warnings
    assert told.startswith("Brand default has no predicted value: 1 customer has bought and 1 of them again")
    path = tmp_path / "warehouse.duckdb"
    (row,) = query(path, "select * from marts.customer_value").to_dict("records")
    assert (row["order_count"], row["purchase_date_count"], row["frequency"]) == (3, 2, 1)
    assert pd.isna(row["p_alive"])
    assert pd.isna(row["predicted_clv_365d"])
    assert query(path, "select * from marts.value_model_parameters").empty
    (holdout,) = query(path, "select * from marts.value_model_holdouts").to_dict("records")
    assert (holdout["band_number"], holdout["is_used"], holdout["reason"]) == (0, False, "too_few_customers")
    assert pd.isna(holdout["customer_count"])


def test_without_orders_all_marts_are_empty_and_nothing_is_said(tmp_path: Path) -> None:
    """A business of subscriptions alone: valid tables, no rows, no complaint."""
    subscription = {"subscription_id": "s", "customer_id": "c", "started_at": "2024-01-01", "monthly_amount": "10"}
    write_raw_data({"subscriptions": [subscription]}, tmp_path / "raw")
    found = build(tmp_path, ["+marts.value"], as_of_date="2024-06-30")
    assert (found.pattern_count, found.warnings) == (0, ())
    path = tmp_path / "warehouse.duckdb"
    tables = query(path, "select table_name from information_schema.tables where table_schema = 'marts'")["table_name"]
    assert {"customer_value", "rfm_segments_monthly", "ideal_customer_profile"} <= set(tables)
    by_month = {"customer_value_totals_monthly", "order_metrics_monthly"}  # a row for each month, with customers or not
    assert all(query(path, f"select * from marts.{table}").empty for table in set(tables) - by_month)


def test_a_project_that_cannot_be_built_is_told_in_a_sentence(tmp_path: Path) -> None:
    """The step on a warehouse in which nothing is built."""
    settings = {**settings_of(tmp_path), "warehouse_path": tmp_path / "empty.duckdb"}
    with pytest.raises(predictions.PredictionError, match="int_customer_purchase_summary"):
        predictions.predict(rebuild=False, **settings)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame, pd.DataFrame]:
    """Generate clean people, build and predict: the warehouse, the people by customer, and their lapses."""
    directory = tmp_path_factory.mktemp("truth")
    generate(
        customers=4000, directory=directory / "raw", file_format="parquet", seed=3, dirt=0, quiet=True,
        truth_directory=directory / "truth",
    )  # fmt: skip
    build(directory, ["+marts.value", "+customer_stages_daily"])
    tables = {
        name: pd.read_csv(directory / "truth" / f"{name}.csv", parse_dates=dates)
        for name, dates in (
            ("people", ["churned_date", "first_purchase_date"]),
            ("lapses", ["lapsed_date", "won_back_date"]),
            ("coverage", []),
        )
    }
    people = tables["people"].dropna(subset=["customer_id", "first_purchase_date"])
    people = people[~people["is_test"] & ~people["person_id"].isin(tables["coverage"]["person_id"])]
    people = people.assign(
        customer_id=[
            f"{'' if brand == 'default' else brand + ':'}{int(number)}"
            for brand, number in zip(people["brand"], people["customer_id"], strict=True)
        ]
    )
    return directory / "warehouse.duckdb", people, tables["lapses"]


def test_true_churn_is_recovered_where_the_data_determine_it(truth) -> None:
    """Who stopped for good, or slept, has churned once the window has run out, and not a day before.

    People without subscription: their last order says everything. A customer who stopped less than 90 days ago cannot be
    told from one who will order again: there the data determine nothing, and p_alive speaks.
    """
    path, people, lapses = truth
    days = query(path, "select customer_id, date_day, stage from marts.customer_stages_daily")
    values = query(path, "select * from marts.customer_value")
    as_of = days["date_day"].max()
    known = people.merge(values, on="customer_id")
    assert len(known) > 300

    stopped = known[known["churned_date"].notna() & known["last_purchase_date"].notna()]
    long_gone = stopped[stopped["churned_date"] <= as_of - pd.Timedelta(days=90)]
    stages = days[days["date_day"] == as_of].set_index("customer_id")["stage"]
    assert len(long_gone) > 100
    assert (stages.reindex(long_gone["customer_id"]) == "churned").all()

    slept = lapses.merge(people[["person_id", "customer_id"]], on="person_id").merge(
        values[["customer_id", "last_purchase_date"]], on="customer_id"
    )
    ends = slept["won_back_date"].fillna(as_of + pd.Timedelta(days=1))
    first_churned = slept["lapsed_date"] + pd.Timedelta(days=90)
    asleep = slept[(first_churned < ends) & (first_churned <= as_of)].assign(day=first_churned)
    found = days.merge(asleep, left_on=["customer_id", "date_day"], right_on=["customer_id", "day"])
    assert len(found) > 50
    assert (found["stage"] == "churned").mean() > 0.95, found["stage"].value_counts()
    before = asleep.assign(day=asleep["day"] - pd.Timedelta(days=1))
    found = days.merge(before, left_on=["customer_id", "date_day"], right_on=["customer_id", "day"])
    assert (found["stage"] != "churned").mean() > 0.9


def test_the_probability_of_being_alive_tells_who_has_gone(truth) -> None:
    """Of repeat buyers, one who is alive outranks one who has stopped or sleeps in at least 85 of 100 pairs."""
    path, people, lapses = truth
    values = query(path, "select customer_id, frequency, p_alive, predicted_purchases_365d from marts.customer_value")
    asleep = set(lapses.loc[lapses["won_back_date"].isna(), "person_id"])
    known = people.merge(values, on="customer_id")
    known = known[(known["frequency"] > 0) & known["p_alive"].notna()]
    gone = known["churned_date"].notna() | known["person_id"].isin(asleep)
    assert min(gone.sum(), (~gone).sum()) > 50
    for column, least in (("p_alive", 0.85), ("predicted_purchases_365d", 0.8)):
        ranks = known[column].rank()
        pairs = gone.sum() * (~gone).sum()
        won = ranks[~gone].sum() - (~gone).sum() * ((~gone).sum() + 1) / 2
        assert won / pairs > least, (column, won / pairs)
    assert known.loc[gone, "p_alive"].median() < known.loc[~gone, "p_alive"].median()
