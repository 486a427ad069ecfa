"""Every metric of the catalogue, asked of MetricFlow and read from lifecycle_metrics_monthly, against numbers made by hand."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from nine_people import AS_OF_DATE, EXPECTED, EXPECTED_OF_YEAR, EXPECTED_SLICES, PREDICTED, RAW
from oracle.raw_files import write_raw_data

from lifecycle_tools.build import PROJECT_DIR, run_dbt

SEEDS = PROJECT_DIR / "seeds" / "lifecycle"
# The list of metrics that the catalogue owes.
OWED = {
    "discovery": ["social_impressions", "website_sessions", "website_visitors", "podcast_listeners",
                  "podcast_listeners_per_episode"],
    "engagement": ["followers", "comments", "shares", "likes", "podcast_downloads", "social_engagement_rate", "nps"],
    "conversion": [
        "trial_to_paid_rate", "cart_abandonment_rate", "average_order_value", "customer_acquisition_cost", "cost_per_lead",
        "new_customers", "touchpoint_conversion_rate", "discounted_first_order_share", "cart_recovery_rate",
        "return_on_ad_spend", "net_sales", "refund_rate", "ltv_to_cac_3m", "ltv_to_cac_12m", "payback_months",
    ],
    "retention": [
        "churn_rate", "repurchase_rate", "customer_retention_rate", "reactivation_rate", "support_contact_rate",
        "gross_churn_rate", "active_customers", "quick_ratio", "monthly_recurring_revenue", "net_revenue_retention",
        "gross_revenue_retention", "returning_customer_rate", "orders_per_customer", "repurchase_rate_30d",
        "repurchase_rate_60d", "repurchase_rate_180d", "repurchase_rate_365d",
    ],
    "loyalty": [
        "customer_lifetime_value_historic", "customer_lifetime_value_predicted", "csat", "loyal_customers",
        "revenue_concentration", "customer_lifetime_value_margin_3m", "customer_lifetime_value_margin_12m",
    ],
    "advocacy": [
        "referral_rate", "winning_referral_rate", "affiliate_revenue", "k_factor", "referred_new_customer_share", "advocates",
        "user_content_published",
    ],
}  # fmt: skip
STEPS = ["discovery", "engagement", "conversion", "retention", "loyalty", "advocacy"]


class DuckDb:
    """What MetricFlow has to know of a warehouse to write SQL for it."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


@dataclass
class Layer:
    """A finished build, and MetricFlow on its semantic manifest."""

    warehouse: Path
    target: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Give dbt's manifest."""
        return json.loads((self.target / "manifest.json").read_text())

    @cached_property
    def engine(self) -> MetricFlowEngine:
        """Give MetricFlow, which only writes SQL here."""
        text = (self.target / "semantic_manifest.json").read_text()
        return MetricFlowEngine(SemanticManifestLookup(parse_manifest_from_dbt_generated_manifest(text)), DuckDb())

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Give the warehouse, to read."""
        return duckdb.connect(str(self.warehouse), read_only=True)

    def ask(self, metric: str, *group_by: str) -> list[tuple]:
        """Ask MetricFlow for a metric; rows of the group's values and the metric's."""
        request = MetricFlowQueryRequest.create(metric_names=[metric], group_by_names=group_by)
        rows = self.connection.execute(self.engine.explain(request).sql_statement.sql).fetchall()
        return [tuple(value.date() if isinstance(value, datetime) else value for value in row) for row in rows]

    def published(self, metric: str, dimension_name: str) -> dict[tuple, float | None]:
        """Read a metric from lifecycle_metrics_monthly by month, brand and value of the slice; no rows without a value."""
        rows = self.connection.execute(
            "select month_date, brand, dimension_value, value from marts.lifecycle_metrics_monthly"
            " where metric_id = ? and dimension_name = ? and value is not null",
            [metric, dimension_name],
        ).fetchall()
        return {row[: 2 if dimension_name == "all" else 3]: row[-1] for row in rows}

    def asked(self, metric: str, dimension_name: str) -> dict[tuple, float | None]:
        """Ask MetricFlow for the same."""
        cuts = ["metric_time__month", "brand"] + ([] if dimension_name == "all" else [dimension_name])
        return {row[:-1]: float(row[-1]) for row in self.ask(metric, *cuts) if row[-1] is not None}


def catalogue() -> list[dict[str, str]]:
    """Rows of the seed."""
    with (SEEDS / "metric_catalogue.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CATALOGUE = {row["metric_id"]: row for row in catalogue()}


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Layer:
    """Build the nine people's data."""
    directory = tmp_path_factory.mktemp("semantic_layer")
    settings: dict[str, Any] = {
        "raw_data_dir": write_raw_data(RAW, directory / "raw_files"),
        "warehouse_path": directory / "people.duckdb",
        "as_of_date": AS_OF_DATE.isoformat(),
        "business_time_zone": "UTC",
        "reporting_currency": "EUR",
        "dbt_target_path": directory / "target",
        "dbt_log_path": directory / "logs",
    }

    def run(*arguments: str) -> None:
        result = run_dbt(arguments, **settings)
        assert result.success, "\n".join(result.problems)

    run("seed")
    run("run", "--select", "+int_customer_purchase_summary")
    with duckdb.connect(str(settings["warehouse_path"])) as connection:
        predict(connection)
    run("run", "--select", "+lifecycle_metrics_monthly", "stage_funnel_monthly")
    return Layer(settings["warehouse_path"], directory / "target")


def predict(connection: duckdb.DuckDBPyConnection) -> None:
    """Write what the prediction step would."""
    connection.execute(
        "create table intermediate.customer_value_predictions as select summary.brand, summary.as_of_date, summary.frequency,"
        " summary.last_purchase_age_days, summary.age_days, summary.repeat_revenue_amount, cast(0.5 as double) as p_alive,"
        " cast(1 as double) as predicted_purchases_90d, cast(2 as double) as predicted_purchases_365d,"
        " cast(10 as double) as expected_purchase_amount, cast(null as double) as predicted_clv_365d, customers.customer_id"
        " from intermediate.int_customer_purchase_summary as summary"
        " inner join intermediate.int_customers as customers using (customer_key)"
    )
    for customer, amount in PREDICTED.items():
        connection.execute(
            "update intermediate.customer_value_predictions set predicted_clv_365d = ? where customer_id = ?",
            [amount, customer],
        )
    connection.execute("alter table intermediate.customer_value_predictions drop customer_id")


def by_month(values: dict[tuple, float | None], *more: str) -> dict[int, float]:
    """Values of brand default by the number of their month."""
    return {key[0].month: value for key, value in values.items() if key[1:] == ("default", *more)}


def assert_months(actual: dict[int, float], expected: dict[int, float | None]) -> None:
    """Compare the months that are claimed; None says that there is no value."""
    assert {month: actual.get(month) for month in expected} == {
        month: None if value is None else pytest.approx(value, rel=1e-9) for month, value in expected.items()
    }


@pytest.mark.parametrize("metric", CATALOGUE)
def test_a_metric_is_what_it_comes_to_by_hand(layer: Layer, metric: str) -> None:
    assert_months(by_month(layer.asked(metric, "all")), EXPECTED[metric])
    assert_months(by_month(layer.published(metric, "all")), EXPECTED[metric])


@pytest.mark.parametrize("metric", EXPECTED_SLICES)
def test_a_slice_is_what_it_comes_to_by_hand(layer: Layer, metric: str) -> None:
    for (name, value), months in EXPECTED_SLICES[metric].items():
        assert_months(by_month(layer.asked(metric, name), value), months)
        assert_months(by_month(layer.published(metric, name), value), months)


@pytest.mark.parametrize("metric", CATALOGUE)
def test_metricflow_and_the_tidy_table_agree_on_every_row(layer: Layer, metric: str) -> None:
    """Whatever the month, brand and slice; what they agree on is checked by hand above."""
    slices = layer.connection.execute(
        "select distinct dimension_name from intermediate.int_metric_values where metric_id = ?", [metric]
    ).fetchall()
    assert ("all",) in slices
    for (name,) in slices:
        published = layer.published(metric, name)
        assert layer.asked(metric, name) == {key: pytest.approx(value, rel=1e-9) for key, value in published.items()}


def test_brands_are_kept_apart(layer: Layer) -> None:
    assert layer.asked("average_order_value", "all")[date(2024, 1, 1), "west"] == 999
    assert layer.published("average_order_value", "all")[date(2024, 1, 1), "west"] == 999


@pytest.mark.parametrize("metric", EXPECTED_OF_YEAR)
def test_heads_are_not_summed_over_months(layer: Layer, metric: str) -> None:
    """A tool that asks for a year gets the heads of its end."""
    (value,) = (row[-1] for row in layer.ask(metric, "metric_time__year", "brand") if row[1] == "default")
    assert value == pytest.approx(EXPECTED_OF_YEAR[metric])


def test_two_metrics_of_different_marts_are_asked_together(layer: Layer) -> None:
    """By what their marts share: brand, acquisition_channel, country_code, segment."""
    request = MetricFlowQueryRequest.create(
        metric_names=["churn_rate", "average_order_value"], group_by_names=["metric_time__month", "country_code"]
    )
    rows = layer.connection.execute(layer.engine.explain(request).sql_statement.sql).fetchall()
    assert {row[1:] for row in rows if row[0].month == 3} >= {("FR", 0.0, 25.0)}


def test_immature_months_say_so(layer: Layer) -> None:
    """The rate of stage to stage of May and June is not due; k-factors are after 90 days."""
    rows = layer.connection.execute(
        "select metric_id, extract(month from month_date), is_mature from marts.lifecycle_metrics_monthly"
        " where dimension_name = 'all' and brand = 'default'"
    ).fetchall()
    mature = {(metric, month): is_mature for metric, month, is_mature in rows}
    assert mature["churn_rate", 6]
    assert not mature["discovery_to_engagement_rate", 5]
    assert not mature["repurchase_rate", 4]
    assert not mature["cart_abandonment_rate", 6]
    assert mature["k_factor", 3]
    assert mature["repurchase_rate", 3]


# ---- the catalogue -------------------------------------------------------------------------------------------------


def test_the_catalogue_has_every_metric_that_it_owes() -> None:
    stages = {metric: stage for stage, metrics in OWED.items() for metric in metrics}
    stages |= {f"{step}_to_{following}_rate": step for step, following in pairwise(STEPS)}
    assert {metric: row["stage"] for metric, row in CATALOGUE.items()} == stages


def test_catalogue_semantic_layer_and_tidy_table_have_the_same_metrics(layer: Layer) -> None:
    measures = {
        measure["name"] for model in layer.manifest["semantic_models"].values() for measure in model["measures"]
    }
    metrics = {metric["name"] for metric in layer.manifest["metrics"].values()}
    assert metrics - measures == set(CATALOGUE) == set(EXPECTED)
    rows = layer.connection.execute("select distinct metric_id from marts.lifecycle_metrics_monthly").fetchall()
    assert {metric for (metric,) in rows} == set(CATALOGUE)


def test_the_semantic_layer_calls_metrics_as_the_catalogue_does(layer: Layer) -> None:
    labels = {metric["name"]: metric["label"] for metric in layer.manifest["metrics"].values()}
    assert {metric: labels[metric] for metric in CATALOGUE} == {
        metric: row["name_en"] for metric, row in CATALOGUE.items()
    }


def models_of(layer: Layer, metric: str) -> Iterable[str]:
    """Names of the models whose measures a metric is made of."""
    said = {entry["name"]: entry for entry in layer.manifest["metrics"].values()}[metric]["type_params"]
    for measure in said["input_measures"]:
        for model in layer.manifest["semantic_models"].values():
            if measure["name"] in {entry["name"] for entry in model["measures"]}:
                yield model["refs"][0]["name"]


@pytest.mark.parametrize("metric", CATALOGUE)
def test_the_catalogue_names_a_column_that_is_there(layer: Layer, metric: str) -> None:
    row = CATALOGUE[metric]
    columns = layer.manifest["nodes"][f"model.customer_lifecycle.{row['model']}"]["columns"]
    assert row["column_name"] in columns
    assert row["model"] in set(models_of(layer, metric))


def test_both_vocabularies_are_those_of_the_stages() -> None:
    with (SEEDS / "lifecycle_stages.csv").open(encoding="utf-8", newline="") as file:
        stages = {row["stage"]: row for row in csv.DictReader(file)}
    five_steps = {(row["five_step_en"], row["five_step_fr"]) for row in stages.values()}
    for row in CATALOGUE.values():
        assert all(row.values()), row
        assert [row[name] for name in ("six_step_en", "six_step_fr")] == [
            stages[row["stage"]][name] for name in ("six_step_en", "six_step_fr")
        ]
        assert (row["five_step_en"], row["five_step_fr"]) in five_steps
    assert {row["six_step_fr"] for row in CATALOGUE.values()} == {stages[step]["six_step_fr"] for step in STEPS}
    assert {(row["five_step_en"], row["five_step_fr"]) for row in CATALOGUE.values()} == five_steps


def test_no_formula_stands_in_two_places(layer: Layer) -> None:
    """The model that computes all metrics names none, nor a column of theirs: it reads the semantic layer."""
    text = (PROJECT_DIR / "models" / "metrics" / "int_metric_values.sql").read_text()
    amounts = {
        measure["expr"] or measure["name"]
        for model in layer.manifest["semantic_models"].values()
        for measure in model["measures"]
    }
    assert not [name for name in amounts | set(CATALOGUE) if re.search(rf"\b{re.escape(name)}\b", text)]
