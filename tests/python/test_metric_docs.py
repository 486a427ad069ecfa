"""What is written about the metrics and marts, against what is there. Reads files as text; runs no dbt."""

from __future__ import annotations

import re

import yaml

from dev.metric_list import BI_PAGE, PAGE, headcount_list, metric_list, with_headcounts, with_list
from lifecycle_tools.build import PROJECT_DIR

MODELS = PROJECT_DIR / "models"


def test_the_page_lists_the_metrics_of_the_catalogue() -> None:
    """`python -m dev.metric_list` writes it anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert "| `churn_rate` |" in page
    assert page == with_list(page, metric_list())


def test_the_page_on_bi_tools_lists_what_must_not_be_summed() -> None:
    page = BI_PAGE.read_text(encoding="utf-8")
    assert "| `stage_funnel_daily` | `closing_count` | `date_day` |" in page
    assert page == with_headcounts(page, headcount_list())


def test_the_tidy_table_reads_marts_of_the_semantic_layer_only() -> None:
    """At parse time dbt does not know the metrics yet, but has to know what is read. A mart too few stops the build."""
    text = (MODELS / "metrics" / "int_metric_values.sql").read_text()
    listed = re.findall(r"^    '(\w+)',$", text, flags=re.M)
    measured = {
        name
        for path in (MODELS / "metrics" / "semantic").glob("*.yml")
        for model in yaml.safe_load(path.read_text())["semantic_models"]
        for name in re.findall(r"'(\w+)'\)", model["model"])
    }
    assert listed == sorted(listed)
    assert set(listed) <= measured <= {path.stem for path in (MODELS / "marts").rglob("*.sql")}


def test_heads_are_declared_as_such() -> None:
    """A measure that counts heads, or distinct people, names the time over which it must not be summed."""
    heads = {
        "closing_count", "customer_count", "active_count", "loyal_count", "advocate_count", "web_visitor_count", "follower_count",
        "active_customer_count", "respondent_count", "valued_customer_count", "cumulative_net_revenue_amount", "referrer_count",
    }  # fmt: skip
    declared = {
        measure["name"]
        for path in (MODELS / "metrics" / "semantic").glob("*.yml")
        for model in yaml.safe_load(path.read_text())["semantic_models"]
        for measure in model["measures"]
        if measure.get("non_additive_dimension")
    }
    assert heads <= declared
