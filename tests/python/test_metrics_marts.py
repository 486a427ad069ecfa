"""The monthly marts behind the metrics, on demo data and random histories, recomputed naively: day by day, order by order.

Stages and flags come from customer_stages_daily, journeys from int_customer_journey_steps and who is one person from the
identity models, all of which have tests of their own; orders are lived through as in test_retention_marts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from oracle import cuts, histories
from oracle.claims import check_claims, check_fault
from oracle.money import first_of_month, months_from, next_month
from oracle.raw_files import merge_raw_data, write_raw_data
from oracle.runs import demo as demo_in
from oracle.truncation import truncate
from test_retention_marts import Reference, build_reference, customer_months, cut_customers, reference_of

ONE_DAY = timedelta(days=1)
SLICES = ("acquisition_channel", "country_code", "segment")
MODELS = "+path:models/metrics"
MARTS = (
    "active_customers_monthly",
    "customer_counts_monthly",
    "customer_value_totals_monthly",
    "lifecycle_calendar",
    "lifecycle_metrics_by_dimension",
    "lifecycle_metrics_monthly",
    "net_sales_monthly",
    "order_metrics_monthly",
    "referral_totals_monthly",
    "stage_advances_monthly",
    "stage_funnel_monthly",
    "touchpoint_conversions_monthly",
)
STEPS = ["discovery", "engagement", "conversion", "retention", "loyalty", "advocacy"]
PROSPECTS = {"discovery", "engagement", "dormant"}
Cell = tuple[Any, ...]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Build the demo data."""
    return reference_of(demo_in(tmp_path_factory.mktemp("metrics"), "Europe/Paris"))


@pytest.fixture(scope="module")
def random_raw() -> dict[str, list[dict[str, Any]]]:
    """Make random histories: merges, shared ids, reversals and deletions in all orders, some after the as-of date."""
    return merge_raw_data(histories.random_histories(3, 150))


@pytest.fixture(scope="module")
def made(random_raw: dict[str, list], tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Build the random histories."""
    return build_histories(random_raw, tmp_path_factory.mktemp("steering_histories"))


@pytest.fixture(scope="module", params=["demo", "made"])
def reference(request: pytest.FixtureRequest) -> Reference:
    """Give the demo data, then the random histories."""
    return request.getfixturevalue(request.param)


def build_histories(raw: dict[str, list[dict[str, Any]]], directory: Path) -> Reference:
    """Build raw data as of the histories' date."""
    raw_data_dir = write_raw_data(raw, directory / "raw")
    return build_reference(raw_data_dir, directory, histories.AS_OF_DATE.isoformat(), MODELS)


def slices_by_key(reference: Reference) -> dict[int, Cell]:
    """Brand and slices of each customer, by key."""
    return {
        row["customer_key"]: (row["brand"], *(row[name] for name in SLICES))
        for row in reference.rows("select * from intermediate.int_customer_dimensions")
    }


def slices_by_id(reference: Reference) -> dict[str, Cell]:
    """The same by id."""
    keys = slices_by_key(reference)
    return {
        row["customer_id"]: keys[row["customer_key"]]
        for row in reference.rows("select customer_key, customer_id from intermediate.int_customers")
    }


def last_day_of(month: date, as_of: date) -> date:
    """The last day of a month that is known."""
    return min(next_month(month) - ONE_DAY, as_of)


def published(
    reference: Reference, mart: str, month: str, *columns: str, keys: tuple[str, ...] = ()
) -> dict[Cell, Cell]:
    """Rows of a mart as slices, month and more keys -> columns."""
    return {
        (row["brand"], *(row[name] for name in SLICES), row[month], *(row[key] for key in keys)): tuple(
            row[name] for name in columns
        )
        for row in reference.rows(f"select * from marts.{mart}")
    }


def test_heads_at_the_end_of_each_month(reference: Reference) -> None:
    """Counted on the customer-days of last days of months."""
    slices = slices_by_id(reference)
    expected: dict[Cell, list[int]] = defaultdict(lambda: [0] * 5)
    for row in reference.rows("select * from marts.customer_stages_daily"):
        month = first_of_month(row["date_day"])
        if row["date_day"] == last_day_of(month, reference.as_of):
            is_active = row["stage"] != "churned" and row["stage"] not in PROSPECTS
            flags = [True, is_active, row["is_loyal"], row["is_advocate"], row["is_at_risk"]]
            cell = expected[(*slices[row["customer_id"]], month)]
            for place, holds in enumerate(flags):
                cell[place] += holds
    columns = ["customer_count", "active_count", "loyal_count", "advocate_count", "at_risk_count"]
    assert published(reference, "customer_counts_monthly", "month_date", *columns) == {
        key: tuple(counts) for key, counts in expected.items()
    }


def test_the_monthly_funnel(reference: Reference) -> None:
    """Each customer's days walked one by one, and the day after each: who is merged, and comes back, leaves in between."""
    slices = slices_by_id(reference)
    days: dict[str, dict[date, str]] = defaultdict(dict)
    for row in reference.rows("select customer_id, date_day, stage from marts.customer_stages_daily"):
        days[row["customer_id"]][row["date_day"]] = row["stage"]
    expected: dict[Cell, Counter[str]] = defaultdict(Counter)
    for customer_id, stages in days.items():
        for day in {*stages, *(day + ONE_DAY for day in stages)}:
            month, before, now = first_of_month(day), stages.get(day - ONE_DAY), stages.get(day)
            if day > reference.as_of:
                continue
            if before is not None and day == month:
                expected[(*slices[customer_id], month, before)]["opening"] += 1
            if now != before:
                if now is not None:
                    expected[(*slices[customer_id], month, now)]["entered"] += 1
                if before is not None:
                    left = expected[(*slices[customer_id], month, before)]
                    left["exited"] += 1
                    left["won_back"] += before == "churned" and now is not None and now not in PROSPECTS
            if now is not None and day == last_day_of(month, reference.as_of):
                expected[(*slices[customer_id], month, now)]["closing"] += 1
    columns = ["opening_count", "entered_count", "exited_count", "closing_count", "won_back_count", "reactivation_rate"]
    actual = published(reference, "stage_funnel_monthly", "month_date", *columns, keys=("stage",))
    assert {key: list(row[:4]) for key, row in actual.items()} == {
        key: [counts[name] for name in ("opening", "entered", "exited", "closing")] for key, counts in expected.items()
    }
    for key, row in actual.items():
        is_churned, counts = key[-1] == "churned", expected[key]
        assert row[4] == (counts["won_back"] if is_churned else None)
        has_ended = next_month(key[4]) - ONE_DAY <= reference.as_of
        stays = counts["opening"] + counts["entered"]
        assert row[5] == (counts["won_back"] / stays if is_churned and has_ended else None)
    assert any(row[4] for row in actual.values()), "no customer is won back"


def test_advances_from_step_to_step(reference: Reference) -> None:
    """Each journey walked; the first later step after each entry."""
    slices = slices_by_key(reference)
    journeys = defaultdict(list)
    for row in reference.rows(
        "select * from intermediate.int_customer_journey_steps order by customer_key, step_number"
    ):
        journeys[row["customer_key"]].append((row["stage"], row["entered_date"]))
    expected: dict[Cell, Counter[str]] = defaultdict(Counter)
    for customer, steps in journeys.items():
        for number, (stage, entered) in enumerate(steps):
            if stage not in STEPS:
                continue
            cell = expected[(*slices[customer], first_of_month(entered), stage)]
            later = [
                day for name, day in steps[number + 1 :] if name in STEPS and STEPS.index(name) > STEPS.index(stage)
            ]
            cell["entered"] += 1
            for days in (30, 90, 365):
                end = entered + timedelta(days=days)
                cell[f"eligible_{days}"] += end <= reference.as_of
                cell[f"advanced_{days}"] += end <= reference.as_of and bool(later) and later[0] <= end
    columns = ["entered_count"]
    for days in (30, 90, 365):
        columns += [f"eligible_{days}d_count", f"advanced_within_{days}d_count", f"advanced_within_{days}d_rate"]
    actual = published(reference, "stage_advances_monthly", "entry_month", *columns, keys=("stage",))
    assert actual == {
        key: (
            counts["entered"],
            *(
                value
                for days in (30, 90, 365)
                for value in (
                    counts[f"eligible_{days}"],
                    counts[f"advanced_{days}"],
                    counts[f"advanced_{days}"] / counts[f"eligible_{days}"] if counts[f"eligible_{days}"] else None,
                )
            ),
        )
        for key, counts in expected.items()
    }


def test_sales_and_new_customers(reference: Reference) -> None:
    """Order by order and customer by customer."""
    slices = slices_by_key(reference)
    expected: dict[Cell, list] = defaultdict(lambda: [0, Decimal(0), 0])
    buyers: dict[Cell, list[int]] = defaultdict(list)
    for order in reference.orders:
        if order.counts and not order.sells_cards_only:
            who = slices[order.owner] if order.owner is not None else (order.brand, "unknown", "unknown", "unknown")
            cell = expected[(*who, first_of_month(order.day))]
            cell[0] += 1
            cell[1] += order.revenue
            if order.owner is not None:
                buyers[(*who, first_of_month(order.day))].append(order.owner)
    for customer, days in reference.purchase_dates.items():
        expected[(*slices[customer], first_of_month(days[0]))][2] += 1
    columns = ["order_count", "revenue_amount", "new_customer_count", "average_order_value"]
    columns += ["customer_order_count", "ordering_customer_count", "orders_per_customer"]
    columns += ["returning_customer_count", "returning_customer_rate"]
    actual = published(reference, "order_metrics_monthly", "month_date", *columns)
    assert {key: list(row[:3]) for key, row in actual.items()} == dict(expected)
    for key, row in actual.items():
        orders, revenue, _ = expected[key]
        assert row[3] == (pytest.approx(float(revenue) / orders) if orders else None)
        heads = set(buyers[key])
        back = sum(first_of_month(reference.purchase_dates[customer][0]) < key[-1] for customer in heads)
        assert row[4:] == (
            len(buyers[key]),
            len(heads),
            len(buyers[key]) / len(heads) if heads else None,
            back,
            back / len(heads) if heads else None,
        )


def test_net_sales_by_the_stage_of_the_day(reference: Reference) -> None:
    """Each order's revenue on its day, and what is reversed on later ones, under the stage of whom it belonged to that day."""
    slices = slices_by_key(reference)
    ids = dict(
        row.values() for row in reference.rows("select customer_key, customer_id from intermediate.int_customers")
    )
    owned = defaultdict(list)
    for row in reference.rows("select * from intermediate.int_identity_map"):
        owned[row["person_id"]].append((row["valid_from"], row["valid_to"], ids[row["customer_key"]]))
    persons = {
        (row["brand"], row["order_id"]): row["person_id"]
        for row in reference.rows("select brand, order_id, person_id from staging.stg_shop__orders")
    }
    expected: dict[Cell, list] = defaultdict(lambda: [set(), Decimal(0), Decimal(0)])
    for order in reference.orders:
        is_known = order.owner is not None
        who = slices[order.owner] if is_known else (order.brand, "unknown", "unknown", "unknown")
        for day in {order.day, *order.reversed, *order.standing}:
            stage = None
            for start, end, customer_id in owned[persons[order.brand, order.order_id]] if is_known else ():
                if start <= day < end:
                    stage = reference.active_days.get(customer_id, {}).get(day)
            cell = expected[(*who, first_of_month(day), stage or "unknown")]
            cell[0] |= {order.owner} - {None}
            cell[1] += order.revenue if day == order.day else 0
            cell[2] += order.reversed.get(day, Decimal(0))
    columns = ("customer_count", "revenue_amount", "refunded_revenue_amount", "net_revenue_amount", "refund_rate")
    actual = published(reference, "net_sales_monthly", "month_date", *columns, keys=("stage",))
    assert {key: row[:4] for key, row in actual.items()} == {
        key: (len(who), sold, back, sold - back) for key, (who, sold, back) in expected.items()
    }
    assert all(row[4] == (pytest.approx(float(row[2] / row[1])) if row[1] else None) for row in actual.values())
    assert len({key[-1] for key in actual}) > 4


def test_conversions_by_touchpoint_type(reference: Reference) -> None:
    """Each customer's first touchpoint of a type and month, and whether a purchase date lies within 30 days."""
    shared = {
        row["person_id"]: row["shared_from_date"]
        for row in reference.rows("select * from intermediate.int_identity_shared_ids")
    }
    touched: dict[tuple, date] = {}
    for row in reference.rows("select * from staging.stg_marketing__touchpoints"):
        day = row["occurred_date"]
        is_deleted = row["deleted_date"] is not None and row["deleted_date"] <= reference.as_of
        if is_deleted or row["person_id"] not in reference.owner or day >= shared.get(row["person_id"], date.max):
            continue
        key = (row["brand"], first_of_month(day), row["touch_type"] or "unknown", reference.owner[row["person_id"]])
        touched[key] = min(day, touched.get(key, day))
    expected: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (brand, month, touch_type, customer), day in touched.items():
        end = day + timedelta(days=30)
        cell = expected[brand, month, touch_type]
        cell[0] += 1
        cell[1] += end <= reference.as_of
        bought = any(day <= bought_on <= end for bought_on in reference.purchase_dates.get(customer, ()))
        cell[2] += end <= reference.as_of and bought
    rows = reference.rows("select * from marts.touchpoint_conversions_monthly")
    assert {
        (row["brand"], row["month_date"], row["touch_type"]): [
            row["reached_count"],
            row["eligible_count"],
            row["converted_count"],
        ]
        for row in rows
    } == expected
    for row in rows:
        assert row["conversion_rate"] == (
            row["converted_count"] / row["eligible_count"] if row["eligible_count"] else None
        )


def test_customer_value_at_the_end_of_each_month(reference: Reference) -> None:
    """The customers who have brought an order by then, and what is left of the orders by then."""
    slices = slices_by_key(reference)
    orders = defaultdict(list)
    for order in reference.orders:
        if order.owner is not None:
            orders[order.owner].append(order)
    expected: dict[Cell, list] = defaultdict(lambda: [0, Decimal(0)])
    for customer, theirs in orders.items():
        for month in months_from(min(order.day for order in theirs), reference.as_of):
            end = last_day_of(month, reference.as_of)
            cell = expected[(*slices[customer], month)]
            cell[0] += 1
            for order in theirs:
                if order.day <= end:
                    cell[1] += order.revenue - sum(
                        (amount for day, amount in order.reversed.items() if day <= end), Decimal(0)
                    )
    columns = ["customer_count", "cumulative_net_revenue_amount", "mean_customer_value"]
    actual = published(reference, "customer_value_totals_monthly", "month_date", *columns)
    assert {key: list(row[:2]) for key, row in actual.items()} == dict(expected)
    for key, row in actual.items():
        assert row[2] == pytest.approx(float(expected[key][1]) / expected[key][0])


def test_the_calendar_has_every_day(reference: Reference) -> None:
    rows = reference.rows("select * from marts.lifecycle_calendar order by date_day")
    assert rows[-1]["date_day"] == reference.as_of
    assert [row["date_day"] for row in rows] == [rows[0]["date_day"] + ONE_DAY * number for number in range(len(rows))]
    for row in rows:
        day = row["date_day"]
        assert row["month_date"] == first_of_month(day)
        assert row["week_date"] == day - timedelta(days=day.weekday())
        assert row["is_month_end"] == (day == last_day_of(first_of_month(day), reference.as_of))
        assert row["is_week_end"] == (day.weekday() == 6 or day == reference.as_of)


def test_later_facts_change_nothing(
    made: Reference, random_raw: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """All data with an as-of date, and the data as they stood on that day, come to the same marts and metrics."""
    known = truncate(random_raw, histories.SETTINGS, made.as_of)
    assert sum(map(len, known.values())) < sum(map(len, random_raw.values())) - 50
    truncated = build_histories(known, tmp_path)
    for mart in MARTS:
        query = f"select * from marts.{mart} order by all"
        rows = truncated.rows(query)
        assert rows, mart
        assert rows == made.rows(query), mart


def test_metrics_by_dimension(reference: Reference) -> None:
    """Every cell of every cut, fact by fact; the naive cohorts say what customers bring and what they bought first."""
    owner = {
        row["customer_key"]: reference.owner.get(row["customer_id"])
        for row in reference.rows("select customer_key, customer_id from intermediate.int_customers")
    }
    bought = {
        customer: {name: value for name, value in values.items() if name.startswith("first_")}
        for customer, values in cut_customers(reference).items()
    }
    firsts = {
        customer: (reference.purchase_dates[one][0], bought[one]) for customer, one in owner.items() if one in bought
    }
    pages = cuts.first_pages(reference.rows)
    slices = {
        row["customer_key"]: {
            **{name: row[name] for name in SLICES},
            "acquisition_campaign": row["acquisition_campaign_id"] or "none",
            cuts.PAGE: pages.get(row["customer_key"], "none"),
        }
        for row in reference.rows("select * from intermediate.int_customer_dimensions")
    }
    found = cuts.facts(reference.rows, reference.as_of, customer_months(reference))
    expected = cuts.metrics(((fact, cuts.cuts_of(fact, slices, firsts)) for fact in found), reference.as_of)
    keys = ("brand", "subject", "item", "metric_name", "month_date", "dimension_name", "dimension_value")
    actual = {
        tuple(row[key] for key in keys): row
        for row in reference.rows("select * from marts.lifecycle_metrics_by_dimension")
    }
    assert set(actual) == set(expected)
    for key, (numerator, denominator, is_mature) in expected.items():
        row = actual[key]
        assert row["is_mature"] == is_mature, row
        for name, number in (("numerator", numerator), ("denominator", denominator)):
            assert (row[name] is None) == (number is None), (name, number, row)
            assert number is None or row[name] == pytest.approx(float(number), abs=1e-6), (name, number, row)
    assert {key[1] for key in expected} >= {"acquisition", "attribution_linear", "stage_durations", "unit_economics"}


FAULTS = {
    "assert_metrics_by_dimension_add_up_to_the_whole": (
        "update marts.lifecycle_metrics_by_dimension set numerator = numerator + 1 "
        "where metric_name = 'stays' and dimension_name = 'first_product'"
    ),
    "a_metric_by_dimension_is_its_numerator_over_its_denominator": (
        "update marts.lifecycle_metrics_by_dimension set value = value * 1.01 where metric_name = 'csat' and value > 0"
    ),
    "assert_monthly_headcounts_are_those_of_the_funnel": (
        "update marts.customer_counts_monthly set active_count = active_count + 1 where is_mature"
    ),
    "assert_net_sales_are_the_revenue_of_all_entries": (
        "update marts.net_sales_monthly set revenue_amount = revenue_amount + 1, net_revenue_amount = net_revenue_amount + 1 "
        "where stage = 'loyalty'"
    ),
    "assert_monthly_sales_reconcile_with_orders": (
        "update marts.order_metrics_monthly set revenue_amount = revenue_amount + 0.01 where not is_mature or order_count = 1"
    ),
    "assert_new_customers_are_won_by_one_channel_each": (
        "update marts.order_metrics_monthly set new_customer_count = new_customer_count + 1 where order_count = 1"
    ),
    "a_rate_is_its_numerator_over_its_denominator": (
        "update marts.lifecycle_metrics_monthly set value = value * 1.01 where metric_id = 'churn_rate' and value > 0"
    ),
    "the_months_of_the_funnel_close": "update marts.stage_funnel_monthly set closing_count = closing_count + 1",
}


def test_claims_hold_on_the_demo_data(demo: Reference) -> None:
    check_claims(demo.path, FAULTS)


@pytest.mark.parametrize("claim", FAULTS)
def test_a_planted_fault_is_found(claim: str, demo: Reference, tmp_path: Path) -> None:
    check_fault(demo.path, claim, FAULTS[claim], tmp_path)
