"""Margins and unit economics on demo data and random histories, recomputed naively: order by order, customer by customer.

Who is one person and by which channel a customer was won is taken from the warehouse: both have tests of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import TRADE_MARTS, Builder
from oracle import histories
from oracle.claims import check_claims, check_fault
from oracle.money import Order, first_of_month, months_from, next_month, rounded
from oracle.trade import CAMPAIGNS
from oracle.trade_world import TradeWorld
from oracle.truncation import truncate

NOTHING = Decimal(0)


def rate_on(rates: Iterable[dict[str, Any]], currency: str, day: date) -> Decimal | None:
    """The last known rate into euros."""
    if currency == "EUR":
        return Decimal(1)
    known = [row for row in rates if row["from_currency"] == currency and row["rate_date"] <= day]
    return max(known, key=lambda row: row["rate_date"])["rate"] if known else None


@pytest.fixture(scope="module")
def costs(trade: TradeWorld) -> dict[tuple[str, str], Decimal | None]:
    """What each order's items cost; no entry where it has none."""
    rates = [
        row | {"rate": Decimal(str(row["rate"]))}
        for row in trade.rows("select * from staging.exchange_rates where to_currency = 'EUR'")
    ]
    products = {
        (row["brand"], row["product_id"]): row for row in trade.rows("select * from staging.stg_shop__products")
    }
    ordered = {(order.brand, order.order_id): order.day for order in trade.orders}
    lines: dict[tuple[str, str], list[Decimal | None]] = defaultdict(list)
    for item in trade.standing("staging.stg_shop__order_items"):
        key = item["brand"], item["order_id"]
        if key not in ordered:
            continue
        product = products.get((item["brand"], item["product_id"]))
        if product and product["deleted_date"] is not None and product["deleted_date"] <= ordered[key]:
            product = None
        rate = rate_on(rates, product["currency"], ordered[key]) if product else None
        is_known = rate is not None and product["unit_cost"] is not None and item["quantity"] is not None
        lines[key].append(item["quantity"] * product["unit_cost"] * rate if is_known else None)
    return {key: None if None in found else rounded(sum(found, NOTHING)) for key, found in lines.items()}


def test_order_margins(trade: TradeWorld, costs: dict) -> None:
    """Net revenue less costs of what stands; null, never zero, where the costs are unknown."""
    expected = {}
    for order in trade.orders:
        cost = costs.get((order.brand, order.order_id))
        if cost is not None and not order.counts:
            cost = NOTHING
        expected[order.brand, order.order_id] = (
            order.owner,
            order.day,
            order.counts,
            order.revenue,
            order.net,
            cost,
            None if cost is None else order.net - cost,
        )
    rows = trade.rows("select * from intermediate.int_order_amounts")
    names = ("customer_key", "ordered_date", "is_valid", "revenue_amount", "net_revenue_amount")
    actual = {
        (row["brand"], row["order_id"]): (
            *(row[name] for name in names),
            row["unit_cost_amount"],
            row["margin_amount"],
        )
        for row in rows
    }
    assert actual == expected
    if trade.worlds:
        assert None in costs.values(), "no order is of unknown cost"
        assert any(row[6] is not None and row[6] < 0 for row in expected.values()), "no order loses money"


def test_margin_movements(trade: TradeWorld, costs: dict) -> None:
    """Revenue, refunds and costs on the days on which they come and go."""
    expected = {}
    for order in trade.orders:
        cost = costs.get((order.brand, order.order_id))
        for day in {order.day, *order.reversed}:
            net = (order.revenue if day == order.day else NOTHING) - order.reversed.get(day, NOTHING)
            change = order.standing.get(day, 0)
            expected[order.brand, order.order_id, day] = (
                change,
                net,
                None if cost is None else change * cost,
                None if cost is None else net - change * cost,
            )
    actual = {
        (row["brand"], row["order_id"], row["entry_date"]): (
            row["standing_change"],
            row["net_revenue_amount"],
            row["unit_cost_amount"],
            row["margin_amount"],
        )
        for row in trade.rows("select * from intermediate.int_revenue_entries")
    }
    assert actual == expected
    if trade.worlds:
        restored = [order for order in trade.orders if list(order.standing.values()).count(1) > 1]
        assert restored, "no refund was deleted"


def spend_by_month(trade: TradeWorld) -> dict[tuple[str, date, str], Decimal]:
    """Spend by brand, month and channel."""
    campaigns = {
        (row["brand"], row["campaign_id"]): row for row in trade.rows("select * from staging.stg_marketing__campaigns")
    }
    spend: dict[tuple[str, date, str], Decimal] = defaultdict(Decimal)
    for row in trade.standing("staging.stg_marketing__ad_performance"):
        if row["spend_amount"] is not None:
            # in the demo data a campaign's channel goes by the name that the rules give it
            channel = (
                CAMPAIGNS[row["campaign_id"]][3]
                if trade.worlds
                else campaigns[row["brand"], row["campaign_id"]]["channel"]
            )
            amount = rounded(row["spend_amount"] * row["reporting_rate"])
            spend[row["brand"], first_of_month(row["date_day"]), channel] += amount
    return spend


def curves(
    trade: TradeWorld, costs: dict, channel_of: dict[int, str], spend: dict[tuple[str, date, str], Decimal]
) -> dict[tuple, dict[str, Any]]:
    """Every cell of the unit economics, with the whole past looked at again for each."""
    cohorts: dict[tuple[str, date, str], set[int]] = defaultdict(set)
    for customer, day in trade.first_purchase.items():
        cohorts[trade.brand[customer], first_of_month(day), channel_of[customer]].add(customer)
    of_customer: dict[int, list[Order]] = defaultdict(list)
    for order in trade.orders:
        if order.owner is not None:
            of_customer[order.owner].append(order)
    reported_from = {}
    for brand, month, _ in spend:
        reported_from[brand] = min(month, reported_from.get(brand, month))
    cells = {}
    for key in {*cohorts, *spend}:
        brand, cohort, _ = key
        customers = cohorts.get(key, set())
        cost = spend.get(key, NOTHING) if brand in reported_from and reported_from[brand] <= cohort else None
        paid_back = None
        before = {"net": NOTHING, "margin": NOTHING}
        for number, month in enumerate(months_from(cohort, trade.as_of)):
            last_day = min(next_month(month) - timedelta(days=1), trade.as_of)
            is_mature = next_month(month) - timedelta(days=1) <= trade.as_of
            net = costed = margin = NOTHING
            is_any_known = False
            moved = []
            for customer in customers:
                for order in of_customer[customer]:
                    if order.day < trade.first_purchase[customer] or order.day > last_day:
                        continue
                    worth = order.revenue - sum(
                        (amount for day, amount in order.reversed.items() if day <= last_day), NOTHING
                    )
                    order_cost = costs.get((brand, order.order_id))
                    stands = sum(change for day, change in order.standing.items() if day <= last_day)
                    net += worth
                    if order_cost is not None:
                        is_any_known = True
                        costed += worth
                        margin += worth - stands * order_cost
                    if any(month <= day <= last_day for day in {order.day, *order.reversed}):
                        moved.append(order_cost is not None)
            if paid_back is None and is_mature and customers and is_any_known and (cost or 0) > 0 and margin >= cost:
                paid_back = number
            cells[(*key, number)] = {
                "customer_count": len(customers),
                "net_revenue_amount": net - before["net"],
                "margin_amount": margin - before["margin"] if not moved or any(moved) else None,
                "cumulative_net_revenue_amount": net,
                "cumulative_costed_net_revenue_amount": costed,
                "cost_coverage_rate": pytest.approx(float(costed / net)) if net else None,
                "cumulative_margin_amount": margin if is_any_known else None,
                "cumulative_margin_per_customer": (
                    pytest.approx(float(margin) / len(customers)) if is_mature and is_any_known else None
                ),
                "acquisition_cost": cost,
                "customer_acquisition_cost": (
                    pytest.approx(float(cost) / len(customers))
                    if cost and customers and next_month(cohort) - timedelta(days=1) <= trade.as_of
                    else None
                ),
                "ltv_to_cac": (
                    pytest.approx(float(margin) / float(cost)) if is_mature and is_any_known and cost else None
                ),
                "payback_month": paid_back,
                "is_latest": next_month(month) > trade.as_of,
                "is_mature": is_mature,
            }
            before = {"net": net, "margin": margin}
    return cells


def test_cohort_unit_economics(trade: TradeWorld, costs: dict) -> None:
    """Every cell of every channel."""
    channels = {
        row["customer_key"]: row["acquisition_channel"]
        for row in trade.rows("select * from intermediate.int_customer_dimensions")
    }
    expected = curves(trade, costs, channels, spend_by_month(trade))
    rows = trade.rows("select * exclude (currency) from marts.cohort_unit_economics")
    keys = ("brand", "cohort_month", "acquisition_channel", "period_number")
    actual = {tuple(row.pop(key) for key in keys): row for row in rows}
    assert actual.keys() == expected.keys()
    differing = {
        (*key, name): (actual[key][name], value)
        for key, cell in expected.items()
        for name, value in cell.items()
        if actual[key][name] != value
    }
    assert not differing
    assert any(cell["payback_month"] for cell in expected.values()) or not trade.worlds, "all pay back at once or never"
    assert any(cell["acquisition_cost"] and not cell["customer_count"] for cell in expected.values())
    assert any(cell["customer_count"] and cell["cumulative_margin_amount"] is None for cell in expected.values()) or (
        not trade.worlds
    )


def test_blended_unit_economics(trade: TradeWorld, costs: dict) -> None:
    """Every cell over all channels: all customers as of one channel, all spend as on it."""
    everybody = dict.fromkeys(trade.first_purchase, "all")
    spend: dict[tuple[str, date, str], Decimal] = defaultdict(Decimal)
    for (brand, month, _), amount in spend_by_month(trade).items():
        spend[brand, month, "all"] += amount
    expected = curves(trade, costs, everybody, spend)
    rows = trade.rows("select * exclude (currency) from marts.cohort_unit_economics_blended")
    actual = {
        (row.pop("brand"), row.pop("cohort_month"), "all", row.pop("period_number")): row for row in rows
    }  # fmt: skip
    assert actual == expected


def test_later_facts_change_nothing(trade: TradeWorld, builder: Builder) -> None:
    """All data with an as-of date, and the data as they stood on that day, come to the same marts, those of referral included.

    What is no dated fact stays: the channel of a campaign, a telephone number, the status of an affiliate sale.
    """
    if not trade.worlds:
        pytest.skip("the demo data know nothing of later")
    known = truncate(trade.raw, histories.SETTINGS, trade.as_of)
    known["ad_performance"] = [row for row in known["ad_performance"] if row["date"] <= trade.as_of]
    assert sum(map(len, known.values())) < sum(map(len, trade.raw.values())) - 100
    truncated = builder.build_histories("trade_truncated", known, TRADE_MARTS)
    for mart in TRADE_MARTS:
        query = f"select * from marts.{mart}"
        rows = set(truncated.rows(query))
        assert rows
        assert rows == {tuple(row.values()) for row in trade.rows(query)}, mart


def test_without_costs_or_spend_everything_is_null_and_nothing_is_zero(builder: Builder) -> None:
    """Orders alone are enough to build; what was not sent is not known."""
    raw = {"orders": [{"order_id": "o1", "customer_id": "c1", "ordered_at": datetime(2024, 1, 5), "total_amount": 10}]}
    warehouse = builder.build(
        "only_orders",
        raw,
        as_of_date=date(2024, 3, 31),
        models=("int_order_amounts", *TRADE_MARTS),
    )
    columns = "customer_count, cumulative_net_revenue_amount, cumulative_margin_amount, acquisition_cost, "
    columns += "customer_acquisition_cost, ltv_to_cac, payback_month"
    for mart in ("cohort_unit_economics", "cohort_unit_economics_blended"):
        rows = warehouse.rows(f"select {columns} from marts.{mart}")
        assert rows == [(1, Decimal("10.00"), None, None, None, None, None)] * 3
    assert warehouse.rows("select unit_cost_amount, margin_amount from intermediate.int_order_amounts") == [
        (None, None)
    ]
    for mart in ("customer_referrals", "referral_metrics_monthly", "affiliate_revenue_monthly"):
        assert warehouse.rows(f"select * from marts.{mart}") == []
    assert warehouse.rows("select is_referred, customer_count from marts.referral_value_monthly order by 1") == [
        (False, 1),
        (True, 0),
    ]


FAULTS = {
    "assert_margins_are_net_revenue_less_costs": (
        "update intermediate.int_order_amounts set unit_cost_amount = 1, margin_amount = -1"
        " where not is_valid and unit_cost_amount = 0"
    ),
    "assert_cohort_margins_reconcile_with_orders": (
        "update marts.cohort_unit_economics_blended set cumulative_margin_amount = cumulative_margin_amount + 0.01"
        " where is_latest and period_number = 3"
    ),
    "assert_unit_economics_agree_with_cohort_revenue": (
        "delete from marts.cohort_unit_economics where acquisition_channel = 'email' and period_number = 2"
        " and customer_count > 0"
    ),
}


@pytest.fixture(scope="module")
def demo(trade: TradeWorld) -> TradeWorld:
    """Give the demo data only."""
    if trade.worlds:
        pytest.skip("one warehouse is enough to plant faults in")
    return trade


def test_claims_across_models_hold(trade: TradeWorld) -> None:
    """Every singular test passes before a fault is planted, on the demo data and on random histories."""
    check_claims(trade.path, FAULTS)


@pytest.mark.parametrize("claim", FAULTS)
def test_a_planted_fault_is_found(claim: str, demo: TradeWorld, tmp_path: Path) -> None:
    """Each singular test fails when what it claims is made untrue."""
    check_fault(demo.path, claim, FAULTS[claim], tmp_path)
