"""The value models give the published results on CDNOW, know what they cannot know, and find the customers who have gone."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from oracle.raw_files import write_raw_data
from oracle.runs import project, run_dbt
from scipy.special import hyp2f1

from dev.examples import cdnow
from dev.examples.mapping import ExampleError
from dev.generate import generate
from lifecycle_tools import predictions, value_models

READERS = ("customer_value", "value_model_parameters")

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


def expected_from_the_paper(
    frequency: np.ndarray, last_purchase: np.ndarray, age: np.ndarray, weeks: float
) -> np.ndarray:
    """Equation 10 with the published parameters, written down once more."""
    r, alpha, a, b = (PUBLISHED["bg_nbd"][name] for name in ("r", "alpha", "a", "b"))
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
    published = means(expected_from_the_paper(*pattern, HOLDOUT_WEEKS))
    assert ours == pytest.approx(published, rel=0.01)
    # so that the distance to what came is the model's own, not the fit's: it expects too little of those who bought 0 to 6 times
    distance = np.abs(ours - np.array(HOLDOUT_MEANS))
    assert distance == pytest.approx(np.abs(published - np.array(HOLDOUT_MEANS)), abs=0.01)
    assert distance.max() < 0.5


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


def test_customers_with_hundreds_of_purchases_have_finite_predictions(cdnow_patterns: pd.DataFrame) -> None:
    """Where the library's own formula overflows; elsewhere both forms of it agree."""
    model = value_models.fit(cdnow_patterns).purchases
    frequency = np.array([0.0, 1, 5, 20, 300, 2000])
    last_purchase, age = np.array([0.0, 5, 20, 30, 38, 38.9]), np.full(6, 39.0)
    expected = value_models.expected_purchases(model, 52.0, frequency, last_purchase, age)
    assert np.isfinite(expected).all()
    assert (expected >= 0).all()
    assert value_models._expected_purchases(model, 52.0, frequency[:4], last_purchase[:4], age[:4]) == pytest.approx(
        expected[:4]
    )
    # a + b below 1: of a customer without a repeat the series is negative, and has no logarithm
    parameters = {"r": 0.5, "alpha": 4.0, "a": 0.2, "b": 0.5}
    model.fitter.params_ = pd.Series(parameters)
    expected = value_models.expected_purchases(
        replace(model, parameters=parameters), 52.0, frequency, last_purchase, age
    )
    assert np.isfinite(expected).all()
    assert (expected > 0).all()


def patterns_of(*rows: tuple) -> pd.DataFrame:
    """Patterns from tuples in the order of their columns."""
    return pd.DataFrame(rows, columns=list(value_models.PATTERN_COLUMNS))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        pytest.param([(0, 0, 10, 0.0, 1)], "1 customers have bought and 0 of them again", id="one_customer"),
        pytest.param([(0, 0, 10, 0.0, 5000)], "5000 customers have bought and 0 of them again", id="no_repeat_buyers"),
        pytest.param([(0, 0, 10, 0.0, 500), (1, 5, 10, 9.0, 49)], "49 of them again", id="too_few_repeat_buyers"),
    ],
)
def test_too_little_data_gives_nulls_and_one_sentence(rows: list[tuple], says: str) -> None:
    """No crash, no number."""
    patterns = patterns_of(*rows)
    models = value_models.fit(patterns)
    assert models.fitted == ()
    assert len(models.problems) == 1
    assert says in models.problems[0]
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
    assert told.startswith("Brand default has no predicted value: 1 customers have bought and 1 of them again")
    path = tmp_path / "warehouse.duckdb"
    (row,) = query(path, "select * from marts.customer_value").to_dict("records")
    assert (row["order_count"], row["purchase_date_count"], row["frequency"]) == (3, 2, 1)
    assert pd.isna(row["p_alive"])
    assert pd.isna(row["predicted_clv_365d"])
    assert query(path, "select * from marts.value_model_parameters").empty


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
