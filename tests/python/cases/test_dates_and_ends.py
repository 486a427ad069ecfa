"""Cases that came out right from the beginning, and stay so; each kind is a brand of its own, all of them in one build.

Months from the 31st, days without a midnight, affiliates of failed orders, subscriptions that are cancelled before they end.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from conftest import Builder, Warehouse

AS_OF_DATE = date(2024, 12, 31)
NOON = datetime(2024, 3, 1, 12)

ANCHORS: dict[str, tuple[str, str | None, list[str]]] = {
    # customer: (start, end, first days of the months that are charged)
    "jan31": ("2024-01-31", "2024-05-31", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
    "leap": ("2024-02-29", "2024-06-29", ["2024-02-29", "2024-03-29", "2024-04-29", "2024-05-29"]),
    "dec31": ("2023-12-31", "2024-03-01", ["2023-12-31", "2024-01-31", "2024-02-29"]),
    "leap_year": (
        *("2020-02-29", "2021-03-28"),
        ["2020-02-29", *(f"2020-{month:02}-29" for month in range(3, 13)), "2021-01-29", "2021-02-28"],
    ),
    "no_drift": ("2023-01-30", "2023-04-30", ["2023-01-30", "2023-02-28", "2023-03-30"]),
    "ends_on_the_clamped_day": ("2024-08-31", "2024-11-30", ["2024-08-31", "2024-09-30", "2024-10-31"]),
    "runs_on": ("2024-10-31", None, ["2024-10-31", "2024-11-30", "2024-12-31"]),
}

ZONES = {
    "saopaulo": "America/Sao_Paulo",
    "cairo": "Africa/Cairo",
    "beirut": "Asia/Beirut",
    "havana": "America/Havana",
}
# order: (brand, time as sent, business date). Each zone but Havana's autumn leaves out the midnight of that day.
DAYS = {
    "sp_bare": ("saopaulo", "2018-11-04", "2018-11-04"),
    "sp_before": ("saopaulo", "2018-11-04T02:30:00Z", "2018-11-03"),
    "sp_after": ("saopaulo", "2018-11-04T03:00:00Z", "2018-11-04"),
    "sp_bare_autumn": ("saopaulo", "2018-02-18", "2018-02-18"),
    "sp_twice": ("saopaulo", "2018-02-18T02:30:00Z", "2018-02-17"),
    "cairo_bare": ("cairo", "2024-04-26", "2024-04-26"),
    "cairo_before": ("cairo", "2024-04-25T21:59:59Z", "2024-04-25"),
    "cairo_after": ("cairo", "2024-04-25T22:00:00Z", "2024-04-26"),
    "beirut_bare": ("beirut", "2024-03-31", "2024-03-31"),
    "beirut_before": ("beirut", "2024-03-30T21:59:59Z", "2024-03-30"),
    "beirut_after": ("beirut", "2024-03-30T22:00:00Z", "2024-03-31"),
    "havana_bare": ("havana", "2024-11-03", "2024-11-03"),
    "havana_before": ("havana", "2024-11-03T03:59:59Z", "2024-11-02"),
    "havana_midnight": ("havana", "2024-11-03T04:00:00Z", "2024-11-03"),
    "havana_midnight_again": ("havana", "2024-11-03T05:00:00Z", "2024-11-03"),
}
# customer: (first order, second order, cohort week, period of the second order)
WEEKS = {
    "week": ("2019-12-31", "2020-01-05", "2019-12-30", 0),
    "week53": ("2020-12-31", "2021-01-03", "2020-12-28", 0),
    "next_year": ("2021-01-01", "2021-01-04", "2020-12-28", 1),
    "sunday": ("2022-01-02", "2022-01-03", "2021-12-27", 1),
    "monday": ("2024-12-30", "2024-12-31", "2024-12-30", 0),
}
# what became of the order that an affiliate brought, and whether the sale counts; the network approved of each
CLAIMS: dict[str, tuple[str | None, str, bool]] = {
    "failed": ("failed", "approved", False),
    "good": (None, "approved", True),
    "pending": ("pending", "approved", False),
    "voided": ("voided", "approved", False),
    "draft": ("draft", "approved", False),
    "refused_by_network": ("paid", "rejected", False),
    "completed": ("completed", "approved", True),
}


def subscription(customer: str, started: str, ended: str | None, cancelled: str | None, **more: Any) -> dict[str, Any]:
    """One subscription of twenty euros a month, under the customer's name."""
    row = {
        "brand": "sched",
        "subscription_id": customer,
        "customer_id": customer,
        "monthly_amount": 20,
        "currency": "EUR",
    }
    return row | {"plan": "m", "started_at": started, "ended_at": ended, "cancelled_at": cancelled} | more


def order(brand: str, key: str, customer: str, ordered_at: Any, total: int = 10, **more: Any) -> dict[str, Any]:
    """One order in euros."""
    row = {"brand": brand, "order_id": key, "customer_id": customer, "ordered_at": ordered_at, "total_amount": total}
    return row | {"currency": "EUR"} | more


RAW: dict[str, list[dict[str, Any]]] = {
    "orders": [
        *(order(brand, key, key, sent) for key, (brand, sent, _) in DAYS.items()),
        *(
            order("weeks", f"{customer}{number}", customer, f"{day}T12:00:00Z")
            for customer, days in WEEKS.items()
            for number, day in enumerate(days[:2])
        ),
        *(order("affil", key, key, NOON, 100, status=status) for key, (status, _, _) in CLAIMS.items()),
    ],
    "affiliate_sales": [
        {
            **{"brand": "affil", "affiliate_sale_id": key, "affiliate_id": key, "order_id": key, "occurred_at": NOON},
            **{"commission_amount": 10, "currency": "EUR", "status": status},
        }
        for key, (_, status, _) in CLAIMS.items()
    ],
    "subscriptions": [
        *(
            subscription(customer, start, end, None, brand="anchor", monthly_amount=50)
            for customer, (start, end, _) in ANCHORS.items()
        ),
        subscription("future", "2024-10-15", "2025-01-15", "2024-12-20"),
        subscription("past", "2024-08-23", "2024-11-23", "2024-11-03", cancel_reason="too expensive"),
        subscription("year_before", "2024-01-15", "2024-12-15", "2024-02-01", cancel_reason="moved"),
        subscription("last_day", "2024-10-15", "2025-01-01", "2024-12-31"),
        subscription("ends_today", "2024-10-15", "2024-12-31", "2024-12-01"),
        subscription("card_declined", "2024-08-23", "2024-11-23", "2024-11-03", is_involuntary="true"),
        subscription("never_ends", "2024-08-23", None, "2024-11-03"),
    ],
}


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All kinds in one build."""
    models = (
        *("affiliate_revenue_monthly", "churn_monthly", "lifecycle_customers", "customer_stage_intervals"),
        *("retention_cohorts_weekly", "int_revenue_entries"),
    )
    return builder.build(
        "dates_and_ends", RAW, as_of_date=AS_OF_DATE, time_zones=ZONES, models=models, subscription_revenue="accrued"
    )


@pytest.mark.parametrize("customer", ANCHORS)
def test_months_start_on_the_day_of_the_first_or_on_the_last_of_a_shorter_month(
    warehouse: Warehouse, customer: str
) -> None:
    """Counted from the first start, so that a short month moves none after it."""
    rows = warehouse.rows(
        "select entry_date, sum(net_revenue_amount) from intermediate.int_revenue_entries "
        "inner join intermediate.int_customers using (customer_key) where customer_id = ? group by 1 order by 1",
        [f"anchor:{customer}"],
    )
    assert rows == [(date.fromisoformat(day), 50) for day in ANCHORS[customer][2]]


@pytest.mark.parametrize("key", DAYS)
def test_a_day_without_a_midnight_begins_all_the_same(warehouse: Warehouse, key: str) -> None:
    """Bare dates stay what they are; a moment belongs to the day on the clocks of the place."""
    brand, _, day = DAYS[key]
    assert warehouse.rows(
        "select ordered_date from staging.stg_shop__orders where brand = ? and order_id = ?", [brand, key]
    ) == [(date.fromisoformat(day),)]


def test_weeks_do_not_end_with_the_year(warehouse: Warehouse) -> None:
    """A second order in the same week is in period 0, whatever the year."""
    rows = warehouse.rows(
        "select cohort_week, period_number, sum(cohort_customer_count), sum(purchasing_customer_count) "
        "from marts.retention_cohorts_weekly where brand = 'weeks' and purchasing_customer_count > 0 group by 1, 2"
    )
    expected: dict[tuple[date, int], set[str]] = {}
    sizes: dict[date, int] = {}
    for customer, (_, _, week, period) in WEEKS.items():
        cohort = date.fromisoformat(week)
        sizes[cohort] = sizes.get(cohort, 0) + 1
        for number in {0, period}:
            expected.setdefault((cohort, number), set()).add(customer)
    assert sorted(rows) == sorted((*key, sizes[key[0]], len(customers)) for key, customers in expected.items())


@pytest.mark.parametrize("key", CLAIMS)
def test_an_order_that_never_was_a_purchase_earns_no_commission(warehouse: Warehouse, key: str) -> None:
    """Although the network says approved."""
    counts = CLAIMS[key][2]
    assert warehouse.rows(
        "select sum(sale_count), sum(rejected_count), sum(net_revenue_amount), sum(commission_amount) "
        "from marts.affiliate_revenue_monthly where brand = 'affil' and affiliate_id = ?",
        [key],
    ) == [(1, 0, 100, 10) if counts else (0, 1, 0, 0)]


STATES: dict[str, tuple[str, str | None, str | None]] = {
    # customer: (stage at the end, stage that is scheduled next, from when on)
    "future": ("conversion", "retention", "2025-01-13"),
    "past": ("churned", None, None),
    "year_before": ("churned", None, None),
    "last_day": ("conversion", "churned", "2025-01-01"),
    "ends_today": ("churned", None, None),
    "card_declined": ("churned", None, None),
    "never_ends": ("retention", "loyalty", "2025-08-23"),
}
CHURNED = {
    "future": "2025-01-15",
    "past": "2024-11-23",
    "year_before": "2024-12-15",
    "last_day": "2025-01-01",
    "ends_today": "2024-12-31",
    "card_declined": "2024-11-23",
}


@pytest.mark.parametrize("customer", STATES)
def test_a_cancelled_subscription_holds_until_its_end(warehouse: Warehouse, customer: str) -> None:
    """The day on which it is cancelled and the day on which it ends are two; without an end it goes on."""
    rows = warehouse.rows(
        "select current_stage, next_scheduled_stage, cast(next_scheduled_date as varchar) "
        "from marts.lifecycle_customers where customer_id = ?",
        [f"sched:{customer}"],
    )
    assert rows == [STATES[customer]]


def test_churn_comes_on_the_day_of_the_end(warehouse: Warehouse) -> None:
    """Where that is still to come, it is scheduled."""
    rows = warehouse.rows(
        "select split_part(customer_id, ':', 2), cast(valid_from as varchar), is_scheduled "
        "from marts.customer_stage_intervals where brand = 'sched' and stage = 'churned'"
    )
    assert sorted(rows) == sorted((customer, day, day > "2024-12-31") for customer, day in CHURNED.items())


def test_churn_keeps_the_reason_and_whose_will_it_was(warehouse: Warehouse) -> None:
    """In the month of the end, not of the cancellation; a declined card is not the customer's will."""
    rows = warehouse.rows(
        "select cast(month_date as varchar), churn_reason, sum(voluntary_churned_count), sum(involuntary_churned_count) "
        "from marts.churn_monthly where brand = 'sched' and churned_count > 0 group by 1, 2"
    )
    assert {(month, reason) for month, reason, _, _ in rows} >= {
        ("2024-11-01", "too expensive"),
        ("2024-12-01", "moved"),
    }
    assert {row[:2]: row[2:] for row in rows}["2024-11-01", "too expensive"] == (1, 0)
    assert sum(row[3] for row in rows if row[0] == "2024-11-01") == 1
