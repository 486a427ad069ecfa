"""Businesses of unlike shapes: without marketing, without orders, with dates only, with customers of 10,000 orders."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from conftest import Builder, Warehouse

EVERYTHING = ("path:models/marts", "path:models/metrics", "path:models/quality")
DAY_0 = date(2024, 1, 1)
METRICS_OF_ORDERS = [
    "active_customers",
    "advocates",
    "average_order_value",
    "churn_rate",
    "conversion_to_retention_rate",
    "customer_lifetime_value_historic",
    "customer_retention_rate",
    "gross_churn_rate",
    "loyal_customers",
    "net_sales",
    "new_customers",
    "orders_per_customer",
    "quick_ratio",
    "reactivation_rate",
    "refund_rate",
    "repurchase_rate",
    "repurchase_rate_30d",
    "repurchase_rate_60d",
    "returning_customer_rate",
    "revenue_concentration",
]


def stages(warehouse: Warehouse, customer_id: str) -> list[tuple[str, int]]:
    """The stays of a customer up to the as-of date: stage and first day, counted from day 0."""
    rows = warehouse.rows(
        "select stage, valid_from from marts.customer_stage_intervals "
        "where customer_id = ? and not is_scheduled order by valid_from",
        [customer_id],
    )
    return [(stage, (valid_from - DAY_0).days) for stage, valid_from in rows]


def day(number: int) -> date:
    return DAY_0 + timedelta(days=number)


def test_a_shop_that_has_orders_and_nothing_else(builder: Builder) -> None:
    orders = [
        {"order_id": f"o{number}", "customer_id": "anna", "ordered_at": datetime(2024, 1, 1, 9), "total_amount": 5}
        for number in range(2)
    ] + [{"order_id": "o9", "customer_id": "bert", "ordered_at": datetime(2024, 4, 30, 9), "total_amount": 5}]
    warehouse = builder.build("orders_only", {"orders": orders}, as_of_date=None, models=EVERYTHING)
    assert stages(warehouse, "anna") == [("conversion", 0), ("churned", 90)]
    assert stages(warehouse, "bert") == [("conversion", 120)]
    assert warehouse.rows(
        "select sum(cohort_customer_count) from marts.retention_cohorts_monthly where period_number = 0"
    ) == [(2,)]
    # what asks for spend, discounts, referrals, traffic, surveys and so on has no value, rather than 0
    metrics = warehouse.rows(
        "select distinct metric_id from marts.lifecycle_metrics_monthly where value is not null order by metric_id"
    )
    assert [metric for (metric,) in metrics] == METRICS_OF_ORDERS


def test_a_subscription_business_without_orders(builder: Builder) -> None:
    subscriptions = [
        {
            "subscription_id": "s1",
            "customer_id": "anna",
            "started_at": day(0),
            "ended_at": day(30),
            "monthly_amount": 9,
        },
        {"subscription_id": "s2", "customer_id": "anna", "started_at": day(200), "monthly_amount": 9},
        {"subscription_id": "s3", "customer_id": "bert", "trial_started_at": day(210), "monthly_amount": 9},
    ]
    warehouse = builder.build(
        "subscriptions_only", {"subscriptions": subscriptions}, as_of_date=day(240), models=EVERYTHING
    )
    assert stages(warehouse, "anna") == [("conversion", 0), ("churned", 30), ("reactivated", 200), ("retention", 230)]
    assert stages(warehouse, "bert") == [("engagement", 210)]


def test_bare_dates_are_business_dates_in_every_zone(builder: Builder) -> None:
    raw = {
        "orders": [{"order_id": "o1", "customer_id": "anna", "ordered_at": day(0), "total_amount": 5}],
        "touchpoints": [{"touchpoint_id": "t1", "customer_id": "bert", "occurred_at": day(3), "touch_type": "visit"}],
    }
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        warehouse = builder.build(
            f"dates_only_{zone[:3]}", raw, as_of_date=day(5), models=EVERYTHING, time_zones={"default": zone}
        )
        assert stages(warehouse, "anna") == [("conversion", 0)]
        assert stages(warehouse, "bert") == [("discovery", 3)]


@pytest.mark.parametrize("reversed_share", [0, 1], ids=["none reversed", "every one reversed"])
def test_a_customer_with_ten_thousand_orders(builder: Builder, reversed_share: int) -> None:
    """Ten orders a day for a thousand days; reversed, each a week after it was placed."""
    orders = [
        {
            "order_id": f"o{number}",
            "customer_id": "anna",
            "ordered_at": day(number // 10),
            "total_amount": 5,
            "cancelled_at": day(number // 10 + 7) if reversed_share else None,
        }
        for number in range(10_000)
    ]
    warehouse = builder.build(
        f"many_orders_{reversed_share}", {"orders": orders}, as_of_date=day(999), models=EVERYTHING
    )
    (last_stage, _) = stages(warehouse, "anna")[-1]
    assert last_stage == "loyalty"
    (days,) = warehouse.rows("select count(*) from marts.customer_stages_daily")
    assert days == (1000,)
