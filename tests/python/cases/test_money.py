"""Money and terms that change: versions of subscriptions, what was never paid, trials, refunds by parts, gift cards.

Each case is a brand of its own in one build. Right values are worked out by hand.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Builder, Warehouse
from oracle.evaluator import Settings, evaluate
from oracle.money import months_from, next_month
from oracle.raw_files import write_raw_data

AS_OF = date(2024, 12, 31)
MODELS = (
    "customer_stage_intervals",
    "growth_accounting_monthly",
    "order_metrics_monthly",
    "customer_value_monthly",
    "trial_conversion_monthly",
    "attribution_credits",
    "retention_cohorts_monthly",
    "rejected_records",
    "cleaning_events",
)
SUBSCRIPTION = (
    "subscription_id", "customer_id", "plan", "started_at", "ended_at", "monthly_amount", "updated_at", "loaded_at",
)  # fmt: skip


def versions(brand: str, *rows: tuple) -> list[dict[str, Any]]:
    """Rows of subscriptions, in the order of ``SUBSCRIPTION``; an empty text is no value."""
    return [{"brand": brand} | dict(zip(SUBSCRIPTION, row, strict=False)) for row in rows]


def subscription(brand: str, subscription: str, customer: str, **values: Any) -> list[dict[str, Any]]:
    """One row of subscriptions by names."""
    return [{"brand": brand, "subscription_id": subscription, "customer_id": customer, "monthly_amount": 20, **values}]


def trial(brand: str, key: str, start: str, end: str, **values: Any) -> list[dict[str, Any]]:
    """A trial of a customer of its own."""
    return subscription(brand, key, f"of_{key}", trial_started_at=start, trial_ended_at=end, **values)


def random_versions() -> list[dict[str, Any]]:
    """Subscriptions with up to five versions, in any order, dated by the change, by the loading, or not at all."""
    rng = random.Random("versions")
    rows = []
    for number in range(150):
        start = date(2023, 10, 1) + timedelta(days=rng.randrange(300))
        end = start + timedelta(days=rng.randint(2, 400)) if rng.random() < 0.6 else ""
        customer = f"c{rng.randrange(60)}"
        has_updates = rng.random() < 0.5
        first = -20 if has_updates else 1  # a row that is loaded before its date is rejected
        changes = sorted(start + timedelta(days=rng.randint(first, 300)) for _ in range(rng.randint(1, 5)))
        mine = [
            (
                f"s{number}", customer, rng.choice("abc"), start, end, rng.choice([0, 5, 10, 20, 20, ""]),
                f"{day}T08:00:00" if has_updates and (place or rng.random() < 0.7) else "",
                f"{day}T09:00:00" if not has_updates and (place or rng.random() < 0.7) else "",
            )
            for place, day in enumerate(dict.fromkeys(changes))
        ]  # fmt: skip
        rows += versions("random", *rng.sample(mine, len(mine)))
    return rows


def random_restarts() -> list[dict[str, Any]]:
    """Subscriptions that end and start again under their id, before, on or after the end; told in any order."""
    rng = random.Random("restarts")
    rows = []
    for number in range(120):
        start, mine = date(2024, 1, 1) + timedelta(days=rng.randrange(120)), []
        for _ in range(rng.randint(1, 4)):
            end = start + timedelta(days=rng.choice([0, 5, 30, 30, 60])) if rng.random() < 0.8 else None
            mine += [{"started_at": start, "updated_at": datetime.combine(start, time(8))}] * (rng.random() < 0.7)
            told = min(end or start, AS_OF)
            mine.append({"started_at": start, "ended_at": end, "updated_at": datetime.combine(told, time(9))})
            start = (end or start) + timedelta(days=rng.choice([-3, 0, 0, 7, 45, 100]))
        if rng.random() < 0.2:  # no date but that of the start tells which is later
            mine = [
                {column: row.get(column) for column in ("started_at", "ended_at")} for row in mine[:: len(mine)]
            ] + [{"started_at": start}]
        mine = list({(str(row.get("updated_at")), row["started_at"]): row for row in mine}.values())
        rows += [
            {
                "brand": "restarts",
                "subscription_id": f"s{number}",
                "customer_id": f"c{number // 2}",
                "monthly_amount": 10,
                **row,
            }
            for row in rng.sample(mine, len(mine))
        ]
    return rows


SUBSCRIPTIONS = [
    # a version without updated_at holds from its day of loading
    *versions("upsame", ("s1", "c1", "basic", "2024-01-15", "", 10, "", "2024-01-16T01:00:00")),
    *versions("upsame", ("s1", "c1", "pro", "2024-01-15", "", 30, "", "2024-03-11T01:00:00")),
    # up and down again, in one load
    *versions("updown", ("s1", "c1", "m", "2024-01-20", "", 20, "2024-01-20", "2024-12-01")),
    *versions("updown", ("s1", "c1", "l", "2024-01-20", "", 50, "2024-02-10", "2024-12-01")),
    *versions("updown", ("s1", "c1", "s", "2024-01-20", "2024-07-20", 15, "2024-05-20", "2024-12-01")),
    # loaded the night after the first payment: the row of the trial tells no price
    *subscription("tried", "s1", "c1", plan="try", trial_started_at="2024-02-01", trial_ended_at="2024-02-15", monthly_amount=0,
           loaded_at="2024-02-02T01:00:00"),
    *subscription("tried", "s1", "c1", plan="pro", trial_started_at="2024-02-01", trial_ended_at="2024-02-15",
           started_at="2024-02-15", monthly_amount=25, loaded_at="2024-02-16T01:00:00"),
    # the first version that is known is later than the start, and the price is lost with the cancellation
    *versions("lost", ("s1", "c1", "m", "2023-11-05", "", 12, "2024-03-01", "")),
    *versions("lost", ("s1", "c1", "m", "2023-11-05", "2024-06-05", "", "2024-05-20", "")),
    # twice on one day: the last of the day holds
    *versions("hasty", ("s1", "c1", "a", "2024-01-10", "", 10, "2024-01-10T08:00:00", "")),
    *versions("hasty", ("s1", "c1", "b", "2024-01-10", "", 90, "2024-04-04T08:00:00", "")),
    *versions("hasty", ("s1", "c1", "c", "2024-01-10", "", 30, "2024-04-04T09:00:00", "")),
    # no version is dated: the one that counts tells all of the past
    *versions("undated", ("s1", "c1", "a", "2024-01-10", "", 10)),
    *versions("undated", ("s1", "c1", "b", "2024-01-10", "", 30)),
    # what was never paid
    *subscription("incomp", "s1", "expired", started_at="2024-03-01T00:10:00", ended_at="2024-03-01T23:10:00"),
    *subscription("incomp", "s2", "trialonly", trial_started_at="2024-03-01", trial_ended_at="2024-03-15",
                  cancelled_at="2024-03-15"),
    *subscription("incomp", "s3", "expired23h", started_at="2024-03-01T12:00:00", ended_at="2024-03-02T11:00:00"),
    *subscription("incomp", "s4", "payer", started_at="2024-03-01T12:00:00"),
    *subscription("stripe", "s1", "incomplete", started_at="2024-03-01T12:00:00", status="incomplete"),
    *subscription("stripe", "s2", "gone", started_at="2024-03-01T12:00:00", ended_at="2024-03-04T12:00:00",
                  status="Incomplete_Expired"),
    *subscription("stripe", "s3", "trying", started_at="2024-03-01T12:00:00", trial_started_at="2024-03-01T12:00:00",
           trial_ended_at="2024-03-15T12:00:00", status="trialing"),
    *subscription("stripe", "s4", "converted", started_at="2024-03-01T12:00:00", trial_started_at="2024-03-01T12:00:00",
           trial_ended_at="2024-03-15T12:00:00", status="active"),
    *subscription("stripe", "s5", "left", started_at="2024-03-01T12:00:00", trial_started_at="2024-03-01T12:00:00",
           trial_ended_at="2024-03-15T12:00:00", ended_at="2024-03-10T12:00:00", status="canceled"),
    *subscription("stripe", "s6", "short", started_at="2024-03-01T22:00:00", ended_at="2024-03-02T11:00:00", status="canceled"),
    *subscription("stripe", "s8", "same_day", started_at="2024-03-01T08:00:00", ended_at="2024-03-01T20:00:00",
           status="canceled"),
    *subscription("stripe", "s9", "spelt", started_at="2024-03-01T12:00:00", status="Incomplete-Expired"),
    *subscription("stripe", "s7", "odd", started_at="2024-03-01T12:00:00", status="hibernating"),
    # trials convert within 30 days of their end
    *trial("trials", "s1", "2024-03-01", "2024-03-15", plan="on_the_day", started_at="2024-04-14T22:00:00"),
    *trial("trials", "s2", "2024-03-01", "2024-03-15", plan="late", started_at="2024-04-15"),
    *trial("trials", "s3", "2024-03-01", "2024-03-15", plan="other_row"),
    *subscription("trials", "s3b", "of_s3", started_at="2024-04-10", plan="pro"),
    *subscription("trials", "s3c", "of_s3", started_at="2024-09-10", plan="pro"),
    *trial("trials", "s4", "2024-11-20", "2024-12-01", plan="in_time"),
    *trial("trials", "s5", "2024-11-20", "2024-12-02", plan="too_early", started_at="2024-12-10"),
    *random_versions(),
    # ended, and started again three months later; told by the version of each change, or without any date
    *versions("again", ("s1", "c1", "m", "2024-01-10", "", 20, "2024-01-10", "")),
    *versions("again", ("s1", "c1", "m", "2024-01-10", "2024-03-10", 20, "2024-03-10", "")),
    *versions("again", ("s1", "c1", "l", "2024-06-10", "", 30, "2024-06-10", "")),
    *versions("again_undated", ("s1", "c1", "l", "2024-06-10", "", 30)),
    *versions("again_undated", ("s1", "c1", "m", "2024-01-10", "2024-03-10", 20)),
    # a row for each month that is paid: one subscription
    *versions("renewed", ("s1", "c1", "m", "2024-01-10", "2024-02-10", 10, "2024-01-10", "")),
    *versions("renewed", ("s1", "c1", "m", "2024-02-10", "2024-03-10", 10, "2024-02-10", "")),
    *versions("renewed", ("s1", "c1", "m", "2024-03-10", "2024-04-10", 15, "2024-03-10", "")),
    # the trial is of the first period
    *trial("again_tried", "s1", "2024-01-01", "2024-01-15", started_at="2024-01-15", ended_at="2024-02-15",
           updated_at="2024-02-15"),
    *trial("again_tried", "s1", "2024-01-01", "2024-01-15", started_at="2024-06-01", updated_at="2024-06-01"),
    *random_restarts(),
    # true until it was deleted
    *subscription("deleted", "s1", "c1", started_at="2024-01-10", deleted_at="2024-03-01"),
    *subscription("day_pass", "s1", "whole", started_at="2024-03-01", ended_at="2024-03-02"),
]  # fmt: skip
AT = "2024-01-10T12:00:00"


def order(brand: str, key: str, customer: str, total: float, at: str = AT, **values: Any) -> dict[str, Any]:
    """One order."""
    return {"brand": brand, "order_id": key, "customer_id": customer, "ordered_at": at, "total_amount": total, **values}


def refund(brand: str, key: str, order_id: str, at: str, amount: float, **values: Any) -> dict[str, Any]:
    """One refund, at noon."""
    at = f"{at}T12:00:00"
    return {"brand": brand, "refund_id": key, "order_id": order_id, "refunded_at": at, "amount": amount, **values}


def item(brand: str, key: str, order_id: str, product: str, price: float, **values: Any) -> dict[str, Any]:
    """One line of one piece."""
    return {
        "brand": brand, "order_item_id": key, "order_id": order_id, "product_id": product, "quantity": 1,
        "unit_price": price, **values,
    }  # fmt: skip


ORDER_STATUSES = [
    ("wc-completed", "purchase"), ("wc-processing", "purchase"), ("WC-Refunded", "reversed"), ("wc-on-hold", "never"),
    ("wc-checkout-draft", "never"), ("Awaiting Fulfillment", "purchase"), ("Payment accepted", "purchase"),
    ("On backorder (not paid)", "never"), ("pending_payment", "never"), ("refunded_partially", "purchase"),
    ("Chargeback", "reversed"), ("shipped-partially", "purchase"),
    # of an order or of its payment: the shop has to say
    ("in_progress", None), ("holded", None), ("wc-", None),
]  # fmt: skip


ORDERS = [
    order("dispute", "o1", "won", 100),
    order("dispute", "o2", "lost", 50),
    order("dispute", "o4", "partial", 100),
    order("parts", "o1", "ship_only", 120, subtotal_amount=100, shipping_amount=20, tax_amount=0),
    order("parts", "o2", "goods_only", 144, subtotal_amount=100, shipping_amount=20, tax_amount=24),
    order("parts", "o3", "by_status", 247, status="refunded", shipping_amount=100, tax_amount=40,
          updated_at="2024-01-20T12:00:00"),
    # returned in March, and a note was added in May; o12 stood again in between
    *(order("returned", "o11", "noted", 100, status=status, updated_at=f"2024-{month}-05T12:00:00")
      for status, month in (("paid", "02"), ("returned", "03"), ("Returned", "05"))),
    *(order("returned", "o12", "stood", 100, status=status, updated_at=f"2024-{month}-05T12:00:00")
      for status, month in (("returned", "02"), ("On Hold", "03"), ("partially refunded", "04"), ("cancelled", "05"))),
    # as shop systems write them
    *(order("spelt", f"o{number}", f"c{number}", 10, status=status, updated_at="2024-02-05T12:00:00")
      for number, (status, _) in enumerate(ORDER_STATUSES)),
    order("parts", "o4", "tax_only", 120, subtotal_amount=100, shipping_amount=0, tax_amount=20),
    order("parts", "o5", "unsaid", 120, shipping_amount=20),
    order("parts", "o6", "some_goods", 144, shipping_amount=20, tax_amount=24),
    order("parts", "o7", "in_turn", 144, shipping_amount=20, tax_amount=24),
    order("parts", "o8", "wrong", 120, shipping_amount=20),
    order("parts", "o9", "undone", 120, shipping_amount=20),
    order("parts", "o10", "rounded", 120, shipping_amount=20),
    order("reflater", "o1", "full", 100),
    order("reflater", "o2", "part", 80, at="2024-01-15T12:00:00"),
    order("gift", "o1", "giver", 100, at="2024-03-01T12:00:00"),
    order("gift", "o2", "receiver", 100, at="2024-04-01T12:00:00"),
    order("giftzero", "o1", "giver", 100, at="2024-03-01T12:00:00"),
    order("giftzero", "o2", "receiver", 0, at="2024-04-01T12:00:00", gift_card_amount=100),
    # a card beside goods, half of a price by points, a total that has the card already, a refund to the card
    order("giftmore", "o1", "both", 150, at="2024-03-01T12:00:00"),
    order("giftmore", "o2", "points", 50, at="2024-04-01T12:00:00", subtotal_amount=100, gift_card_amount=50),
    order("giftmore", "o3", "gross", 80, at="2024-05-01T12:00:00", gift_card_amount=30),
    order("giftmore", "o4", "returned", 0, at="2024-06-01T12:00:00", gift_card_amount=40),
    # the card paid the tax and the shipping as well
    order("giftmore", "o5", "taxed", 0, at="2024-07-01T12:00:00", subtotal_amount=100, shipping_amount=5, tax_amount=20,
          gift_card_amount=125),
    # more on the card than the price
    order("giftmore", "o7", "rich_card", 0, at="2024-07-01T12:00:00", subtotal_amount=100, shipping_amount=5,
          gift_card_amount=150),
    order("giftmore", "o6", "partly_taxed", 10, at="2024-07-01T12:00:00", subtotal_amount=100, shipping_amount=5, tax_amount=20,
          gift_card_amount=115),
]  # fmt: skip
REFUNDS = [
    refund("dispute", "r1", "o1", "2024-02-05", 100, deleted_at="2024-03-20T12:00:00"),
    refund("dispute", "r2", "o2", "2024-02-05", 50),
    refund("dispute", "r4a", "o4", "2024-01-20", 30),
    refund("dispute", "r4b", "o4", "2024-02-05", 100),
    refund("parts", "r1", "o1", "2024-01-20", 20, shipping_amount=20),
    refund("parts", "r2", "o2", "2024-01-20", 120, goods_amount=100, tax_amount=20),
    refund("parts", "r4", "o4", "2024-01-20", 20, goods_amount=0, shipping_amount=0, tax_amount=20),
    refund("parts", "r5", "o5", "2024-01-20", 60),
    refund("parts", "r6", "o6", "2024-01-20", 36, tax_amount=6),
    refund("parts", "r7", "o7", "2024-01-20", 48, goods_amount=40, tax_amount=8),
    refund("parts", "r7b", "o7", "2024-02-20", 72, goods_amount=60, tax_amount=12),
    refund("parts", "r8", "o8", "2024-01-20", 20, goods_amount=30),
    refund("parts", "r8b", "o8", "2024-01-20", 60, goods_amount=30, shipping_amount=10, tax_amount=10),
    refund("parts", "r9", "o9", "2024-01-20", 100, goods_amount=100, deleted_at="2024-03-01T12:00:00"),
    refund("parts", "r10", "o10", "2024-01-20", 30, goods_amount=20, shipping_amount=5.01, tax_amount=5),
    refund("parts", "r10b", "o10", "2024-01-21", 30, goods_amount=20, shipping_amount=5, tax_amount=4.99),
    refund("parts", "r10c", "o10", "2024-01-22", 30, goods_amount=20, shipping_amount=5.02, tax_amount=5),
    refund("parts", "r10d", "o10", "2024-01-23", 30, goods_amount=20, shipping_amount=5, tax_amount=4.98),
    refund("reflater", "r1", "o1", "2024-03-05", 100),
    refund("reflater", "r2", "o2", "2024-03-06", 20),
    refund("giftmore", "r4", "o4", "2024-06-20", 40),
]
ITEMS = [
    *(item(brand, "i1", "o1", "GC", 100) for brand in ("gift", "giftzero", "giftmore")),
    *(item(brand, "i2", "o2", "P", 100) for brand in ("gift", "giftzero")),
    item("giftmore", "i1b", "o1", "P", 50),
    item("giftmore", "i3", "o3", "P", 80),
    item("giftmore", "i4", "o4", "P", 40),
]
PRODUCTS = [
    *({"brand": brand, "product_id": "GC", "is_gift_card": True} for brand in ("gift", "giftzero", "giftmore")),
    *({"brand": brand, "product_id": "P", "unit_cost": 10} for brand in ("gift", "giftzero", "giftmore")),
]
ENGAGEMENTS = [
    {"brand": "incomp", "engagement_id": "e1", "occurred_at": "2024-02-28T10:00:00", "customer_id": "expired",
     "engagement_type": "signup"},
]  # fmt: skip


@pytest.fixture(scope="module")
def found(builder: Builder) -> Warehouse:
    """All cases in one build, with subscriptions as revenue."""
    return builder.build(
        "money",
        {
            "subscriptions": SUBSCRIPTIONS,
            "engagements": ENGAGEMENTS,
            "orders": ORDERS,
            "refunds": REFUNDS,
            "order_items": ITEMS,
            "products": PRODUCTS,
        },
        as_of_date=AS_OF,
        models=MODELS,
        subscription_revenue="accrued",
    )


def mrr(found: Warehouse, brand: str) -> list[tuple]:
    """(month, closing, what moved) of a brand in the months in which something moved."""
    kinds = ("new", "reactivated", "expansion", "contraction", "churned")
    columns = ", ".join(f"{kind}_mrr_amount" for kind in kinds)
    rows = found.rows(
        f"select month_date, closing_mrr_amount, {columns} from marts.growth_accounting_monthly where brand = ? order by 1",
        [brand],
    )
    moved = ((month, closing, dict(zip(kinds, amounts, strict=True))) for month, closing, *amounts in rows)
    return [
        (month.month, int(closing), {kind: int(amount) for kind, amount in amounts.items() if amount})
        for month, closing, amounts in moved
        if any(amounts.values())
    ]


def revenue(found: Warehouse, brand: str) -> dict[int, Decimal]:
    """Net revenue by month of a brand."""
    return dict(
        found.rows(
            "select month(month_date), sum(net_revenue_amount) from marts.customer_value_monthly "
            "where brand = ? group by 1 having sum(net_revenue_amount) <> 0",
            [brand],
        )
    )


def stages(found: Warehouse, brand: str, customer: str) -> list[tuple[str, date]]:
    """(stage, since) of a customer up to the as-of date."""
    return found.rows(
        "select stage, valid_from from marts.customer_stage_intervals "
        "where customer_id = ? and not is_scheduled order by valid_from",
        [f"{brand}:{customer}"],
    )


MRR = {
    "deleted": [(1, 20, {"new": 20}), (3, 0, {"churned": 20})],
    "upsame": [(1, 10, {"new": 10}), (3, 30, {"expansion": 20})],
    "updown": [
        (1, 20, {"new": 20}), (2, 50, {"expansion": 30}), (5, 15, {"contraction": 35}), (7, 0, {"churned": 15}),
    ],
    "tried": [(2, 25, {"new": 25})],
    "hasty": [(1, 10, {"new": 10}), (4, 30, {"expansion": 20})],
    "undated": [(1, 30, {"new": 30})],
    "again": [(1, 20, {"new": 20}), (3, 0, {"churned": 20}), (6, 30, {"reactivated": 30})],
    "again_undated": [(1, 20, {"new": 20}), (3, 0, {"churned": 20}), (6, 30, {"reactivated": 30})],
    "renewed": [(1, 10, {"new": 10}), (3, 15, {"expansion": 5}), (4, 0, {"churned": 15})],
}  # fmt: skip


@pytest.mark.parametrize("brand", MRR)
def test_recurring_revenue_of_a_past_month_is_what_was_charged_then(found: Warehouse, brand: str) -> None:
    """A version holds from its day on, the first one from the start; its change is the month's."""
    assert mrr(found, brand) == MRR[brand]


def test_a_price_that_a_later_version_leaves_out_holds_until_the_end(found: Warehouse) -> None:
    """Started in 2023, priced since, ended in June."""
    assert mrr(found, "lost") == [(11, 12, {"new": 12}), (6, 0, {"churned": 12})]


def charged(versions_of: list[dict[str, Any]], day: date) -> int:
    """What a subscription is charged on a day: go through its versions in the order in which they came to hold."""
    dated = sorted((row["updated_at"] or row["loaded_at"] or "", row["monthly_amount"]) for row in versions_of)
    if str(versions_of[0]["started_at"]) > str(day) or "" != versions_of[0]["ended_at"] <= day:
        return 0
    priced = [(since, price) for since, price in dated if price != ""]
    held = [price for since, price in priced if since[:10] <= str(day)] or [price for _, price in priced[:1]]
    return held[-1] if held else 0


def test_recurring_revenue_of_random_versions(found: Warehouse) -> None:
    """Each month's last day, customer by customer, from the raw rows."""
    by_subscription: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in SUBSCRIPTIONS:
        if row["brand"] == "random":
            by_subscription[row["subscription_id"]].append(row)
    moved = defaultdict(dict)
    for customer, month, closing in found.rows(
        "select customer_id, month_date, closing_mrr_amount from intermediate.int_customer_mrr_months "
        "inner join intermediate.int_customers using (customer_key) where customer_id like 'random:%'"
    ):
        moved[customer.removeprefix("random:")][month] = closing
    expected = defaultdict(dict)
    before: dict[str, int] = defaultdict(int)
    for month in months_from(date(2023, 9, 1), AS_OF):
        last_day = next_month(month) - timedelta(days=1)
        now: dict[str, int] = defaultdict(int)
        for rows in by_subscription.values():
            now[rows[0]["customer_id"]] += charged(rows, last_day)
        for customer in now:
            if now[customer] != before[customer]:
                expected[customer][month] = now[customer]
        before = now
    assert moved == expected
    assert sum(map(len, expected.values())) > 200


REVENUE = {
    "upsame": {1: 10, 2: 10, 3: 30, **dict.fromkeys(range(4, 13), 30)},
    # the month that starts on 20 May is the first at the price of that day
    "updown": {1: 20, 2: 50, 3: 50, 4: 50, 5: 15, 6: 15},
    "tried": dict.fromkeys(range(2, 13), 25),
    "hasty": {1: 10, 2: 10, 3: 10, **dict.fromkeys(range(4, 13), 30)},
    "again": {1: 20, 2: 20, **dict.fromkeys(range(6, 13), 30)},
    "renewed": {1: 10, 2: 10, 3: 15},
}


@pytest.mark.parametrize("brand", REVENUE)
def test_a_month_accrues_the_price_with_which_it_starts(found: Warehouse, brand: str) -> None:
    """In advance; a change within a month counts from the next."""
    assert revenue(found, brand) == REVENUE[brand]


@pytest.mark.parametrize("brand", ["upsame", "updown", "tried", "hasty", "renewed"])
def test_a_change_of_plan_is_no_second_purchase(found: Warehouse, brand: str) -> None:
    """One conversion, one first purchase, one customer."""
    assert found.rows("select count(*) from intermediate.int_conversions where brand = ?", [brand]) == [(1,)]
    assert found.rows("select count(*) from intermediate.int_purchases where brand = ?", [brand]) == [(1,)]
    assert (
        sum(new for (new,) in found.rows("select new from marts.growth_accounting_monthly where brand = ?", [brand]))
        == 1
    )


AGAIN = [
    ("conversion", date(2024, 1, 10)), ("churned", date(2024, 3, 10)), ("reactivated", date(2024, 6, 10)),
    ("retention", date(2024, 7, 10)),
]  # fmt: skip


@pytest.mark.parametrize("brand", ["again", "again_undated"])
def test_a_subscription_that_started_again_was_paid_before(found: Warehouse, brand: str) -> None:
    """Sixty days, a churn, a return: two purchases and conversions of one customer, active in four of its months."""
    assert stages(found, brand, "c1") == AGAIN
    assert found.rows(
        "select conversion_id, is_first_purchase, converted_date from intermediate.int_conversions where brand = ? order by 3",
        [brand],
    ) == [("s1", True, date(2024, 1, 10)), ("s1#2", False, date(2024, 6, 10))]
    assert found.rows(
        "select sum(new), sum(churned), sum(reactivated) from marts.growth_accounting_monthly where brand = ?", [brand]
    ) == [(1, 1, 1)]
    active = found.rows(
        "select period_number, active_customer_count from marts.retention_cohorts_monthly where brand = ? order by 1",
        [brand],
    )
    assert active == [(month, int(month not in (2, 3, 4))) for month in range(12)]


def test_a_subscription_that_goes_on_month_by_month_is_one(found: Warehouse) -> None:
    """Ninety days and one: no second purchase brings retention before them."""
    assert stages(found, "renewed", "c1") == [
        ("conversion", date(2024, 1, 10)),
        ("retention", date(2024, 4, 9)),
        ("churned", date(2024, 4, 10)),
    ]


def test_the_trial_of_a_subscription_that_started_again_is_one(found: Warehouse) -> None:
    """It led to the first payment; the second is none of its."""
    assert found.rows(
        "select trial_count, converted_count from marts.trial_conversion_monthly where brand = 'again_tried'"
    ) == [(1, 1)]
    assert stages(found, "again_tried", "of_s1")[-2:] == [
        ("reactivated", date(2024, 6, 1)),
        ("retention", date(2024, 7, 1)),
    ]


def test_stages_of_random_restarts(found: Warehouse) -> None:
    """Day by day, by an evaluation of the words."""
    rows = [row for row in SUBSCRIPTIONS if row["brand"] == "restarts"]
    expected: dict[str, list[tuple[str, date]]] = {}
    for customer, days in evaluate({"subscriptions": rows}, Settings(as_of_date=AS_OF)).items():
        spells = expected.setdefault(customer.removeprefix("restarts:"), [])
        for day in sorted(days):
            if not spells or spells[-1][0] != days[day].stage:
                spells.append((days[day].stage, date.fromordinal(day)))
    assert {customer: stages(found, "restarts", customer) for customer in expected} == expected
    assert sum(stage == "reactivated" for spells in expected.values() for stage, _ in spells) > 20


def test_trials_convert_within_thirty_days_of_their_end(found: Warehouse) -> None:
    """On the last of them still, not a day later; before they have passed the row is not mature, and its rate is open."""
    rows = found.rows(
        "select trial_month, plan, trial_count, mature_trial_count, converted_count, conversion_rate, is_mature "
        "from marts.trial_conversion_monthly where brand = 'trials' order by 1, 2"
    )
    assert rows == [
        (date(2024, 3, 1), "late", 1, 1, 0, 0.0, True),
        (date(2024, 3, 1), "on_the_day", 1, 1, 1, 1.0, True),
        (date(2024, 3, 1), "other_row", 1, 1, 1, 1.0, True),
        (date(2024, 11, 1), "in_time", 1, 1, 0, 0.0, True),
        (date(2024, 11, 1), "too_early", 1, 0, 0, None, False),
    ]


def test_a_trial_stays_with_the_plan_that_was_tried(found: Warehouse) -> None:
    """The plan that is paid later is another."""
    assert found.rows("select plan, converted_count from marts.trial_conversion_monthly where brand = 'tried'") == [
        ("try", 1)
    ]


def test_versions_in_two_loads_say_what_versions_in_one_load_say(builder: Builder, tmp_path: Path) -> None:
    """The second file of the folder brings the later versions: one with updated_at, one that only its loading dates."""
    first = [
        *versions("default", ("s1", "c1", "basic", "2024-01-15", "", 10, "", "2024-01-16T01:00:00")),
        *versions("default", ("s2", "c2", "m", "2024-01-20", "", 20, "2024-01-20", "2024-02-01T01:00:00")),
        *versions("default", ("s3", "c3", "m", "2024-01-20", "", 7, "2024-01-20", "2024-02-01T01:00:00")),
        *versions("default", ("s4", "c4", "m", "2024-01-20", "2024-03-20", 9, "2024-03-20", "2024-03-21T01:00:00")),
    ]
    second = [
        *versions("default", ("s1", "c1", "pro", "2024-01-15", "", 30, "", "2024-03-11T01:00:00")),
        *versions("default", ("s2", "c2", "s", "2024-01-20", "2024-06-20", 15, "2024-02-25", "2024-03-11T01:00:00")),
        # ended in the first file, started again in the second
        *versions("default", ("s4", "c4", "m", "2024-05-20", "", 11, "2024-05-20", "2024-05-21T01:00:00")),
    ]
    answers = []
    for name, loads in {"two_loads": [first, second], "one_load": [[*first, *second]]}.items():
        for number, rows in enumerate(loads):
            file = write_raw_data({"subscriptions": rows}, tmp_path / name / f"load_{number}") / "subscriptions.csv"
            (tmp_path / name / "raw" / "subscriptions").mkdir(parents=True, exist_ok=True)
            file.rename(tmp_path / name / "raw" / "subscriptions" / f"{number}.csv")
            warehouse = builder.build(
                name,
                tmp_path / name / "raw",
                as_of_date=AS_OF,
                models=["growth_accounting_monthly", "customer_value_monthly"],
                subscription_revenue="accrued",
            )
        answers.append(
            [
                mrr(warehouse, "default"),
                revenue(warehouse, "default"),
                warehouse.rows("select * from staging.stg_billing__subscription_terms order by all"),
            ]
        )
    assert answers[0] == answers[1]
    assert answers[0][0] == [
        (1, 46, {"new": 46}),
        (2, 41, {"contraction": 5}),
        (3, 52, {"expansion": 20, "churned": 9}),
        (5, 63, {"reactivated": 11}),
        (6, 48, {"churned": 15}),
    ]


PROSPECTS = [
    ("incomp", "expired"), ("incomp", "trialonly"), ("incomp", "expired23h"), ("stripe", "incomplete"), ("stripe", "gone"),
    ("stripe", "trying"), ("stripe", "left"), ("stripe", "same_day"), ("stripe", "spelt"),
]  # fmt: skip
PROSPECT_STAGES = {"discovery", "engagement", "dormant"}


@pytest.mark.parametrize(("brand", "customer"), PROSPECTS)
def test_what_was_never_paid_makes_no_customer(found: Warehouse, brand: str, customer: str) -> None:
    """A person who came near it is a prospect, and dormant in the end."""
    reached = stages(found, brand, customer)
    assert {stage for stage, _ in reached} <= PROSPECT_STAGES, reached
    assert reached[0][1] <= date(2024, 3, 1)
    assert reached[-1][0] == "dormant"


BUYERS = {
    ("incomp", "payer"): date(2024, 3, 1),
    ("stripe", "converted"): date(2024, 3, 15),
    ("stripe", "short"): date(2024, 3, 1),
    ("stripe", "odd"): date(2024, 3, 1),
    ("day_pass", "whole"): date(2024, 3, 1),
}


@pytest.mark.parametrize(("brand", "customer"), BUYERS)
def test_who_paid_is_a_customer_from_the_first_payment(found: Warehouse, brand: str, customer: str) -> None:
    """The paid period starts after the trial, and a status that says paid is believed."""
    bought = [since for stage, since in stages(found, brand, customer) if stage not in PROSPECT_STAGES]
    assert bought[0] == BUYERS[brand, customer]


def test_new_customers_are_those_who_paid(found: Warehouse) -> None:
    """One of four checkouts; no customer churned."""
    rows = found.rows("select sum(new), sum(churned) from marts.growth_accounting_monthly where brand = 'incomp'")
    assert rows == [(1, 0)]


def test_an_unknown_status_is_said(found: Warehouse) -> None:
    """It counts as none, and stands in cleaning_events."""
    assert found.rows(
        "select entity, column_name, reason, value_count from quality.cleaning_events where brand = 'stripe'"
    ) == [("subscriptions", "status", "invalid_enum", 1)]


NET = {
    "dispute": {"won": {1: 100, 2: -100, 3: 100}, "lost": {1: 50, 2: -50}, "partial": {1: 70, 2: -70}},
    "parts": {
        "ship_only": {1: 100}, "goods_only": {1: 0}, "by_status": {1: 0}, "tax_only": {1: 100}, "unsaid": {1: 50},
        "some_goods": {1: 70}, "in_turn": {1: 60, 2: -60}, "wrong": {1: 100}, "undone": {1: 0, 3: 100}, "rounded": {1: 60},
    },
    "returned": {"noted": {1: 100, 3: -100}, "stood": {1: 100, 5: -100}},
    "reflater": {"full": {1: 100, 3: -100}, "part": {1: 80, 3: -20}},
    "gift": {"giver": {3: 0}, "receiver": {4: 100}},
    "giftzero": {"giver": {3: 0}, "receiver": {4: 100}},
    "giftmore": {"both": {3: 50}, "points": {4: 100}, "gross": {5: 80}, "returned": {6: 0}, "taxed": {7: 100},
                 "partly_taxed": {7: 100}, "rich_card": {7: 100}},
}  # fmt: skip


@pytest.mark.parametrize(("brand", "customer"), [(brand, customer) for brand in NET for customer in NET[brand]])
def test_net_revenue_by_month(found: Warehouse, brand: str, customer: str) -> None:
    """What refunds are for decides what they take back; a gift card is revenue once, when goods are bought with it."""
    rows = found.rows(
        "select month(entry_date), sum(net_revenue_amount) from intermediate.int_revenue_entries "
        "inner join intermediate.int_customers using (customer_key) where customer_id = ? group by 1 order by 1",
        [f"{brand}:{customer}"],
    )
    assert dict(rows) == NET[brand][customer]


@pytest.mark.parametrize(
    ("brand", "customer", "spans"),
    [
        ("parts", "goods_only", [(date(2024, 1, 10), date(2024, 1, 20))]),
        ("parts", "ship_only", [(date(2024, 1, 10), None)]),
        ("parts", "in_turn", [(date(2024, 1, 10), date(2024, 2, 20))]),
        ("parts", "undone", [(date(2024, 1, 10), date(2024, 1, 20)), (date(2024, 3, 1), None)]),
        ("dispute", "won", [(date(2024, 1, 10), date(2024, 2, 5)), (date(2024, 3, 20), None)]),
        ("gift", "giver", [(date(2024, 3, 1), None)]),
        ("giftmore", "returned", [(date(2024, 6, 1), date(2024, 6, 20))]),
    ],
)
def test_a_purchase_counts_until_all_its_goods_came_back(
    found: Warehouse, brand: str, customer: str, spans: list[tuple[date, date | None]]
) -> None:
    """Shipping and tax that are kept make no purchase; who sells a gift card has a customer."""
    assert (
        found.rows(
            "select valid_from, nullif(valid_to, '9999-12-31') from intermediate.int_purchases where person_id = ? order by 1",
            [f"{brand}:{customer}"],
        )
        == spans
    )


def test_parts_that_contradict_the_amount_are_refused(found: Warehouse) -> None:
    """More than the amount, or all three and less; a cent is rounding."""
    assert found.rows(
        "select record_key, rejection_reason from quality.rejected_records where brand = 'parts' order by 1"
    ) == [(refund_id, "contradictory_amounts") for refund_id in ("r10c", "r10d", "r8", "r8b")]


def test_statuses_are_read_as_shop_systems_write_them(found: Warehouse) -> None:
    """With the prefix of WooCommerce's tables, in words with blanks; what may mean two things is asked."""
    rows = found.rows("select status_effect from staging.base_shop__orders where brand = 'spelt' order by customer_id")
    expected = dict(sorted((f"c{number}", effect) for number, (_, effect) in enumerate(ORDER_STATUSES)))
    assert [effect for (effect,) in rows] == list(expected.values())


@pytest.mark.parametrize("brand", ["gift", "giftzero"])
def test_selling_a_gift_card_is_no_order_of_goods(found: Warehouse, brand: str) -> None:
    """One order of 100, in April, and both people are customers."""
    assert found.rows(
        "select month(month_date), sum(order_count), sum(revenue_amount), sum(revenue_amount) / nullif(sum(order_count), 0), "
        "sum(new_customer_count) from marts.order_metrics_monthly where brand = ? group by 1 order by 1",
        [brand],
    ) == [(3, 0, 0, None, 1), (4, 1, 100, 100, 1)]


def test_a_gift_card_costs_nothing(found: Warehouse) -> None:
    """An order of a card and goods has the margin of the goods."""
    assert found.rows(
        "select margin_amount from intermediate.int_order_amounts where brand = 'giftmore' and order_id = 'o1'"
    ) == [(40,)]
