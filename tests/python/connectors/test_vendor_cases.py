"""What vendors' documentation says of single rows, worked out by hand: each case by every loader that can land it.

A case is a few rows as a loader lands them and the row of the contract that they are. The worlds of the other tests say that nothing is lost
on the way; these say that the way is the right one.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from stores import Store, make_store

from lifecycle_tools.build import BuildResult

Row = Mapping[str, Any]
DAY = datetime(2025, 3, 1, 12)


def day(number: int) -> datetime:
    """Noon of a day in March 2025."""
    return datetime(2025, 3, number, 12)


class JsonText(str):
    """A text in a column of JSON."""


def literal(value: Any) -> str:
    """SQL for a value; what is nested is JSON."""
    if isinstance(value, JsonText):
        return f"cast({literal(json.dumps(str(value)))} as json)"
    if isinstance(value, dict | list):
        return f"cast({literal(json.dumps(value))} as json)"
    if isinstance(value, datetime | date):
        return f"{'timestamp' if isinstance(value, datetime) else 'date'} '{value}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "null" if value is None else str(value).lower()


def write(store: Store, schema: str, tables: Mapping[str, list[Row]]) -> None:
    """A schema with these tables; a column that a row does not name is null in it."""
    statements = [f"create schema {schema}"]
    for table, rows in tables.items():
        selects = [", ".join(f'{literal(value)} as "{name}"' for name, value in row.items()) for row in rows]
        statements.append(
            f'create table {schema}."{table}" as ' + " union all by name ".join(f"select {one}" for one in selects)
        )
    store.execute(*statements)


def amounts(store: Store, query: str) -> dict[str, tuple]:
    """The rows of a query by their first column, with numbers as they are read."""
    return {row[0]: tuple(float(v) if isinstance(v, Decimal) else v for v in row[1:]) for row in store.rows(query)}


# --- Shopify: what was ordered, in the words of its REST API --------------------------------------------------------
# id, what was charged and what it consists of; prices_with_tax says that the shop's prices have their tax in them
SHOPIFY_ORDERS: list[Row] = [
    # goods 100 and shipping 12, both with 20 % in them: 16.67 and 2.00
    {"id": 1, "total_price": 112.0, "total_tax": 18.67, "total_line_items_price": 100.0, "taxes_included": True},
    # goods 83.33, shipping 10, and 18.67 of tax beside
    {"id": 2, "total_price": 112.0, "total_tax": 18.67, "total_line_items_price": 83.33, "taxes_included": False},
    # a tip of 3
    {"id": 3, "total_price": 27.0, "total_tax": 4.0, "total_tip_received": 3.0},
    # paid with 95 francs
    {"id": 4, "total_price": 100.0, "total_tax": 0.0, "presentment": 95.0, "presentment_currency": "CHF"},
    # at the till of a store: no customer, no address, nothing to send
    {"id": 5, "total_price": 20.0, "source_name": "pos", "customer_id": None, "email": None},
    {"id": 6, "total_price": 30.0, "financial_status": "voided", "cancelled_at": day(2)},
    {"id": 7, "total_price": 30.0, "test": True},
    # a line was taken out again, and parts were paid back
    {"id": 8, "total_price": 90.0, "financial_status": "partially_refunded", "updated_at": day(9)},
    # from a draft that became an order
    {"id": 9, "total_price": 15.0, "financial_status": "partially_paid", "source_name": "shopify_draft_order"},
]  # fmt: skip
SHIPPING = {1: (12.0, 2.0), 2: (10.0, 2.0), 4: (5.0, 0.0)}  # price, tax of it, by order
# id, order, kind, status, amount, currency
PAYMENTS = [
    (41, 4, "refund", "success", 47.5, "CHF"),  # half of the 95 francs
    (81, 8, "refund", "success", 20.0, "EUR"),  # for goods
    (82, 8, "refund", "success", 5.0, "EUR"),  # for shipping alone
    (83, 8, "refund", "success", 7.0, "EUR"),  # goodwill: an adjustment of no line
    (84, 8, "refund", "failure", 20.0, "EUR"),
    (85, 8, "refund", "pending", 20.0, "EUR"),
    (86, 8, "sale", "success", 90.0, "EUR"),
    (61, 6, "void", "success", 30.0, "EUR"),
    (51, 5, "change", "success", 30.0, "EUR"),  # of a note of 50
]
# id, order, quantity, price, discount, gift card; the second line of order 8 was taken out of it again
LINES = [
    (11, 1, 2, 50.0, 0.0, False),
    (81, 8, 1, 60.0, 10.0, False),
    (82, 8, 1, 40.0, 0.0, False),
    (91, 9, 1, 15.0, 0.0, True),
]
CODES = {1: ["SPRING", "FREESHIP"]}
# order -> shipping, tax, total, status, channel, code, is_test, is it cancelled?
EXPECTED_ORDERS = {
    "1": (10.0, 18.67, 112.0, "paid", "web", "SPRING", False, False),
    "2": (10.0, 18.67, 112.0, "paid", "web", None, False, False),
    "3": (0.0, 7.0, 27.0, "paid", "web", None, False, False),
    "4": (5.0, 0.0, 100.0, "paid", "web", None, False, False),
    "5": (0.0, 0.0, 20.0, "paid", "pos", None, False, False),
    "6": (0.0, 0.0, 30.0, "voided", "web", None, False, True),
    "7": (0.0, 0.0, 30.0, "paid", "web", None, True, False),
    "8": (0.0, 0.0, 90.0, "partially_refunded", "web", None, False, False),
    "9": (0.0, 0.0, 15.0, "partially_paid", "shopify_draft_order", None, False, False),
}
EXPECTED_REFUNDS = {"41": ("4", 50.0), "81": ("8", 20.0), "82": ("8", 5.0), "83": ("8", 7.0)}
EXPECTED_LINES = {
    "11": (2.0, 50.0, 0.0, False),
    "81": (1.0, 60.0, 10.0, False),
    "82": (1.0, 40.0, 0.0, False),
    "91": (1.0, 15.0, 0.0, True),
}
COMMON = {"currency": "EUR", "presentment_currency": "EUR", "processed_at": DAY, "email": "ann@example.org", "customer_id": 70, "financial_status": "paid",
    "source_name": "web", "test": False, "total_tip_received": 0.0, "taxes_included": False, "cancelled_at": None, "total_tax": 0.0}  # fmt: skip


def money(order: Row) -> dict:
    """An amount as Shopify's REST API has it in both currencies."""
    shop = {"amount": str(order["total_price"]), "currency_code": "EUR"}
    shown = {
        "amount": str(order.get("presentment", order["total_price"])),
        "currency_code": order["presentment_currency"],
    }
    return {"shop_money": shop, "presentment_money": shown}


def shopify_tables(shape: str) -> dict[str, list[Row]]:
    """The orders above as a loader lands them."""
    orders = [COMMON | order for order in SHOPIFY_ORDERS]
    lines = [
        dict(zip(("id", "order_id", "quantity", "price", "total_discount", "gift_card"), line, strict=True))
        for line in LINES
    ]
    payments = [
        dict(
            zip(("id", "order_id", "kind", "status", "amount", "currency"), one, strict=True),
            created_at=DAY,
            refund_id=one[0],
        )
        for one in PAYMENTS
    ]
    if shape == "rest":
        return {
            "order": [{k: v for k, v in order.items() if k != "presentment"} | {"total_price_set": money(order)} for order in orders],
            "order_line": lines,
            "order_shipping_line": [{"id": 10 * order, "order_id": order, "price": price + 1, "discounted_price": price} for order, (price, _) in SHIPPING.items()],
            "order_shipping_tax_line": [{"order_shipping_line_id": 10 * order, "index": 0, "price": tax} for order, (_, tax) in SHIPPING.items()],
            "order_discount_code": [{"order_id": order, "index": n, "code": code} for order, codes in CODES.items() for n, code in reversed(list(enumerate(codes)))],
            "transaction": payments,
            "draft_order": [{"id": 99, "total_price": 1000.0}],
        }  # fmt: skip
    if shape == "graphql":
        names = {"total_price": "total_price_set_shop_amount", "total_tax": "total_tax_set_shop_amount", "currency": "currency_code", "total_tip_received": "total_tip_received_set_shop_amount",
            "presentment_currency": "presentment_currency_code", "financial_status": "display_financial_status", "presentment": "total_price_set_pres_amount"}  # fmt: skip
        return {
            "order": [{names.get(k, k): v.upper() if k == "financial_status" else v for k, v in order.items() if k != "total_line_items_price"} for order in orders],
            "order_line": [{"id": line["id"], "order_id": line["order_id"], "quantity": line["quantity"], "current_quantity": 0 if line["id"] == 82 else line["quantity"],
                "original_total_set_shop_amount": line["price"] * line["quantity"], "total_discount_set_shop_amount": line["total_discount"], "is_gift_card": line["gift_card"]} for line in lines],
            "order_shipping_line": [{"id": 10 * order + gone, "order_id": order, "discounted_price_set_shop_amount": price, "discounted_price_set_pres_amount": 2 * price, "is_removed": bool(gone)}
                for order, (price, _) in SHIPPING.items() for gone in (0, 1)],
            "order_shipping_tax_line": [{"order_shipping_line_id": 10 * order + gone, "price_set_shop_amount": tax} for order, (_, tax) in SHIPPING.items() for gone in (0, 1)],
            "order_discount_code": [{"order_id": order, "index": n, "code": code} for order, codes in CODES.items() for n, code in enumerate(codes)],
            "transaction": [{k: v.upper() if k in ("kind", "status") else v for k, v in one.items() if k not in ("amount", "currency")} | {"amount_set_pres_amount": one["amount"],
                "amount_set_shop_amount": round(one["amount"] / 0.95, 2) if one["currency"] == "CHF" else one["amount"], "amount_set_shop_currency_code": "EUR"} for one in payments],
        }  # fmt: skip
    refunds = [
        {
            "id": one["id"],
            "order_id": one["order_id"],
            "created_at": DAY,
            "transactions": [one | {"created_at": "2025-03-01T12:00:00Z", "amount": str(one["amount"])}],
        }
        for one in payments
    ]
    if shape == "airbyte":
        return {
            "orders": [{k: v for k, v in order.items() if k not in ("presentment", "customer_id")} | {
                "customer": {"id": order["customer_id"]} if order["customer_id"] else None, "total_price_set": money(order),
                "line_items": [{k: str(v) if k in ("price", "total_discount") else v for k, v in line.items() if k != "order_id"} for line in lines if line["order_id"] == order["id"]],
                "shipping_lines": [{"id": 1, "price": str(price + 1), "discounted_price": str(price), "tax_lines": [{"title": "VAT", "price": str(tax)}]} for price, tax in [SHIPPING.get(order["id"])] if price]
                    if order["id"] in SHIPPING else [],
                "discount_codes": [{"code": code} for code in CODES.get(order["id"], [])]} for order in orders],
            "order_refunds": refunds,
        }  # fmt: skip
    child = {"_dlt_list_idx": 0, "_dlt_root_id": "r"}
    return {
        "orders": [{k: v for k, v in order.items() if k not in ("presentment", "customer_id")} | {"customer__id": order["customer_id"], "_dlt_id": f"o{order['id']}",
            "total_price_set__presentment_money__amount": money(order)["presentment_money"]["amount"]} for order in orders],
        "orders__line_items": [{k: v for k, v in line.items() if k != "order_id"} | child | {"_dlt_parent_id": f"o{line['order_id']}", "_dlt_id": f"l{line['id']}"} for line in lines],
        "orders__shipping_lines": [{"id": 10 * order, "price": price + 1, "discounted_price": price, "_dlt_parent_id": f"o{order}", "_dlt_id": f"s{order}"} | child for order, (price, _) in SHIPPING.items()],
        "orders__shipping_lines__tax_lines": [{"price": tax, "_dlt_parent_id": f"s{order}", "_dlt_id": f"t{order}"} | child for order, (_, tax) in SHIPPING.items()],
        "orders__discount_codes": [{"code": code, "_dlt_parent_id": f"o{order}", "_dlt_list_idx": n, "_dlt_id": f"c{n}"} for order, codes in CODES.items() for n, code in enumerate(codes)],
        "orders__refunds": [{"id": one["id"], "order_id": one["order_id"], "_dlt_parent_id": f"o{one['order_id']}", "_dlt_id": f"f{one['id']}"} | child for one in payments],
        "orders__refunds__transactions": [{k: v for k, v in one.items() if k != "refund_id"} | child | {"_dlt_parent_id": f"f{one['id']}", "_dlt_id": f"p{one['id']}"} for one in payments],
    }  # fmt: skip


# --- Stripe ---------------------------------------------------------------------------------------------------------
# charges of 500 in the smallest unit, and what they are worth
CURRENCIES = {
    "eur": 5.0,
    "jpy": 500.0,
    "krw": 500.0,
    "clp": 500.0,
    "isk": 5.0,
    "ugx": 5.0,
    "huf": 5.0,
    "twd": 5.0,
    "bhd": 0.5,
    "kwd": 0.5,
    "tnd": 0.5,
}
PRICES: list[Row] = [
    {"id": "ten", "unit_amount": 1000, "interval": "month", "interval_count": 1},
    {"id": "year", "unit_amount": 12000, "interval": "year", "interval_count": 1},
    {"id": "quarter", "unit_amount": 3000, "interval": "month", "interval_count": 3},
    {"id": "week", "unit_amount": 1000, "interval": "week", "interval_count": 1},
    # ten cents a call, billed afterwards
    {"id": "calls", "unit_amount": 10, "interval": "month", "interval_count": 1, "usage_type": "metered"},
    {"id": "tiers", "unit_amount": None, "interval": "month", "interval_count": 1, "tiers_mode": "graduated"},
    # five euros for ten seats; seats that were begun are paid, or are not
    {"id": "lots", "unit_amount": 500, "interval": "month", "interval_count": 1, "divide_by": 10, "round": "up"},
    {"id": "full_lots", "unit_amount": 500, "interval": "month", "interval_count": 1, "divide_by": 10, "round": "down"},
    {"id": "cents", "unit_amount": None, "unit_amount_decimal": "0.5", "interval": "month", "interval_count": 1},
]
# what a subscription has: price -> quantity; the rest is its own
SUBSCRIPTIONS: dict[str, tuple[dict[str, int | None], Row]] = {
    "several_items": ({"ten": 2, "year": 1}, {}),
    "quarterly": ({"quarter": 1}, {}),
    "weekly": ({"week": 1}, {}),
    "calls_alone": ({"calls": None}, {}),
    "calls_beside": ({"ten": 1, "calls": None}, {}),
    "tiers_alone": ({"tiers": 7}, {}),
    "begun_lots": ({"lots": 25}, {}),
    "full_lots": ({"full_lots": 25}, {}),
    "half_cents": ({"cents": 1000}, {}),
    "in_trial": ({"ten": 1}, {"status": "trialing", "trial_start": day(1), "trial_end": day(20)}),
    "converted": ({"ten": 1}, {"trial_start": day(1), "trial_end": day(8)}),
    "left_in_trial": (
        {"ten": 1},
        {"status": "canceled", "trial_start": day(1), "trial_end": day(8), "canceled_at": day(5), "ended_at": day(8)},
    ),
    "never_paid": ({"ten": 1}, {"status": "incomplete_expired", "ended_at": day(2)}),
    "paused_after_trial": ({"ten": 1}, {"status": "paused", "trial_start": day(1), "trial_end": day(8)}),
    # a month as a present, to a subscriber of two
    "free_later": (
        {"ten": 1},
        {"status": "trialing", "start_date": datetime(2025, 1, 1, 12), "trial_start": day(1), "trial_end": day(30)},
    ),
    "leaves_with_the_period": (
        {"ten": 1},
        {"cancel_at_period_end": True, "current_period_end": day(31), "canceled_at": day(3)},
    ),
    "leaves_on_a_day": ({"ten": 1}, {"cancel_at": day(20), "canceled_at": day(3)}),
    "not_collected": (
        {"ten": 1},
        {"pause_collection_behavior": "void", "current_period_end": day(31), "cancel_at_period_end": False},
    ),
    "past_due": ({"ten": 1}, {"status": "past_due"}),
    "lost_to_a_card": (
        {"ten": 1},
        {"status": "canceled", "ended_at": day(9), "canceled_at": day(9), "reason": "payment_failed"},
    ),
    "test_mode": ({"ten": 1}, {"livemode": False}),
}
# status, trial, start, end, is_involuntary, monthly amount
EXPECTED_SUBSCRIPTIONS = {
    "several_items": ("active", None, day(1), None, None, 30.0),
    "quarterly": ("active", None, day(1), None, None, 10.0),
    "weekly": ("active", None, day(1), None, None, 43.33),
    "calls_alone": ("active", None, day(1), None, None, None),
    "calls_beside": ("active", None, day(1), None, None, 10.0),
    "tiers_alone": ("active", None, day(1), None, None, None),
    "begun_lots": ("active", None, day(1), None, None, 15.0),
    "full_lots": ("active", None, day(1), None, None, 10.0),
    "half_cents": ("active", None, day(1), None, None, 5.0),
    "in_trial": ("trialing", day(20), None, None, None, 10.0),
    "converted": ("active", day(8), day(8), None, None, 10.0),
    "left_in_trial": ("canceled", day(8), None, None, None, 10.0),
    "never_paid": ("incomplete_expired", None, None, None, None, 10.0),
    "paused_after_trial": ("paused", day(8), None, None, None, 10.0),
    "free_later": ("active", None, datetime(2025, 1, 1, 12), None, None, 10.0),
    "leaves_with_the_period": ("active", None, day(1), day(31), None, 10.0),
    "leaves_on_a_day": ("active", None, day(1), day(20), None, 10.0),
    "not_collected": ("active", None, day(1), None, None, 10.0),
    "past_due": ("past_due", None, day(1), None, None, 10.0),
    "lost_to_a_card": ("canceled", None, day(1), day(9), True, 10.0),
}
TIMES = ("start_date", "trial_start", "trial_end", "canceled_at", "cancel_at", "ended_at", "current_period_end")


def seconds(row: Row) -> Row:
    """Times as Stripe's own API has them."""
    return {name: int(value.timestamp()) if isinstance(value, datetime) else value for name, value in row.items()}


def stripe_tables(shape: str) -> dict[str, list[Row]]:
    """The charges and subscriptions above as a loader lands them."""
    empty = dict.fromkeys(TIMES)
    subscriptions = [{"id": name, "customer_id": "cus", "status": "active", "livemode": True, "start_date": day(1), "reason": None, "cancel_at_period_end": False} | empty | {"start_date": day(1)} | own
        for name, (_, own) in SUBSCRIPTIONS.items()]  # fmt: skip
    items = [
        {"id": f"{name}-{price}", "subscription_id": name, "price": price, "quantity": quantity}
        for name, (prices, _) in SUBSCRIPTIONS.items()
        for price, quantity in prices.items()
    ]
    charges = [
        {
            "id": currency,
            "amount": 500,
            "currency": currency,
            "status": "succeeded",
            "captured": True,
            "livemode": True,
            "created": DAY,
        }
        for currency in CURRENCIES
    ]
    charges += [{"id": "reserved", "amount": 500, "currency": "eur", "status": "succeeded", "captured": False, "livemode": True, "created": DAY},
        {"id": "refused", "amount": 500, "currency": "eur", "status": "failed", "captured": False, "livemode": True, "created": DAY}]  # fmt: skip
    refunds = [
        {"id": f"r-{status}", "amount": 100, "currency": "ugx", "status": status, "created": DAY}
        for status in ("succeeded", "pending", "failed", "canceled", "requires_action")
    ]
    prices = [
        {"currency": "eur", "usage_type": "licensed", "unit_amount_decimal": None, "divide_by": None, "round": None}
        | price
        for price in PRICES
    ]
    own = ("id", "currency", "unit_amount", "unit_amount_decimal")
    if shape == "fivetran":
        return {
            "customer": [{"id": "cus", "email": "ann@example.org"}],
            "subscription_history": [{("cancellation_details_reason" if k == "reason" else k): v for k, v in one.items()} | {"_fivetran_active": True} for one in subscriptions],
            "subscription_item": [{("plan_id" if k == "price" else k): v for k, v in one.items()} for one in items],
            "price": [{k: price[k] for k in own} | {"recurring_interval": price["interval"], "recurring_interval_count": price["interval_count"], "recurring_usage_type": price["usage_type"],
                "transform_quantity_divide_by": price["divide_by"], "transform_quantity_round": price["round"], "tiers_mode": price.get("tiers_mode")} for price in prices],
            "charge": charges,
            "refund": [one | {"charge_id": "ugx"} for one in refunds],
        }  # fmt: skip
    if shape == "airbyte":
        return {
            # a connection that reads the log of a database says so of each row
            "customers": [{"id": "cus", "email": "ann@example.org", "_ab_cdc_deleted_at": None}, {"id": "gone", "_ab_cdc_deleted_at": "2025-03-03T12:00:00Z"}],
            "subscriptions": [seconds({("customer" if k == "customer_id" else k): v for k, v in one.items() if k != "reason"}) | {"cancellation_details": {"reason": one["reason"]},
                "items": {"data": [{"id": item["id"], "quantity": item["quantity"], "price": {"id": item["price"]}} for item in items if item["subscription_id"] == one["id"]]}} for one in subscriptions],
            "prices": [{k: price[k] for k in own} | {"recurring": {"interval": price["interval"], "interval_count": price["interval_count"], "usage_type": price["usage_type"]},
                "transform_quantity": {"divide_by": price["divide_by"], "round": price["round"]} if price["divide_by"] else None} for price in prices],
            "charges": [seconds(one) for one in charges],
            "refunds": [seconds(one) | {"charge": "ugx"} for one in refunds],
        }  # fmt: skip
    return {
        "customer": [{"id": "cus", "email": "ann@example.org"}],
        "subscription": [seconds({("customer" if k == "customer_id" else k): v for k, v in one.items() if k != "reason"}) | {"cancellation_details__reason": one["reason"], "_dlt_id": one["id"]} for one in subscriptions],
        "subscription__items__data": [{"id": one["id"], "quantity": one["quantity"], "price__id": one["price"], "_dlt_parent_id": one["subscription_id"], "_dlt_list_idx": 0} for one in items],
        "price": [{k: price[k] for k in own} | {"recurring__interval": price["interval"], "recurring__interval_count": price["interval_count"], "recurring__usage_type": price["usage_type"],
            "transform_quantity__divide_by": price["divide_by"], "transform_quantity__round": price["round"]} for price in prices],
        "charge": [seconds(one) for one in charges],
        "refund": [seconds(one) | {"charge": "ugx"} for one in refunds],
    }  # fmt: skip


FIRST, SECOND = day(2), day(5)
OLD = {"_fivetran_active": False, "_fivetran_start": FIRST, "_fivetran_end": SECOND}
NEW = {"_fivetran_active": True, "_fivetran_start": SECOND, "_fivetran_end": datetime(9999, 12, 31)}
# beside them there are shops with versions and deletions of rows, as each loader marks them
ODD_SHOPS: dict[str, dict[str, dict[str, list[Row]]]] = {
    "fivetran": {
        # history mode
        "versions": {
            "order": [{"id": 1, "total_price": 20.0} | OLD, {"id": 1, "total_price": 15.0} | NEW, {"id": 2, "total_price": 8.0} | OLD],
            "order_line": [{"id": 1, "order_id": 1, "quantity": 2, "price": 10.0} | OLD, {"id": 1, "order_id": 1, "quantity": 1, "price": 10.0} | NEW],
            "order_shipping_line": [{"id": 3, "order_id": 1, "price": 4.0} | OLD, {"id": 3, "order_id": 1, "price": 5.0} | NEW],
        },
        "rates": {
            "order": [COMMON | {"id": 1, "total_price": 100.0}],
            "transaction": [{"id": n, "order_id": 1, "kind": "refund", "status": "success", "amount": 10.0, "currency": currency, "created_at": DAY} for n, currency in enumerate(("CHF", "EUR", None), 1)],
        },
    },
    "airbyte": {
        "deletions": {"orders": [{"id": 1, "total_price": "20.00", "deleted_at": None}, {"id": 2, "total_price": "20.00", "deleted_at": day(3)}]},
        "appended": {"orders": [{"id": 1, "total_price": "20.00"}, {"id": 1, "total_price": "15.00"}]},
    },
    "dlt": {
        # scd2
        "versions": {
            "orders": [{"id": 1, "total_price": 20.0, "_dlt_id": "a", "_dlt_valid_to": SECOND}, {"id": 1, "total_price": 15.0, "_dlt_id": "b", "_dlt_valid_to": None}],
            "orders__line_items": [{"id": n, "quantity": n, "price": 10.0, "_dlt_parent_id": parent, "_dlt_root_id": parent} for n, parent in ((2, "a"), (1, "b"))],
        },
    },
}  # fmt: skip
SHAPES = {"fivetran": ["rest", "graphql"], "airbyte": ["airbyte"], "dlt": ["dlt"]}


@dataclass(frozen=True)
class Shops:
    """Shopify and Stripe by a loader, each shop a brand; by Fivetran, one by each of Shopify's APIs."""

    store: Store
    loader: str
    result: BuildResult

    def of(self, brand: str, query: str) -> dict[str, tuple]:
        """The rows of a query on the contract, of one shop."""
        return amounts(self.store, query.replace("raw.", "store_connectors.raw__") + f" where brand = '{brand}'")


@pytest.fixture(scope="module", params=list(SHAPES))
def shops(request: pytest.FixtureRequest, macros: Path, tmp_path_factory: pytest.TempPathFactory) -> Shops:
    """Built once by each loader."""
    loader = request.param
    store = make_store(tmp_path_factory.mktemp("cases") / "store", macros)
    tables = {shape: shopify_tables(shape) for shape in SHAPES[loader]} | ODD_SHOPS[loader]
    for brand, of_shop in tables.items():
        write(store, f"shop_{brand}", of_shop)
    write(store, "stripe", stripe_tables(loader))
    connectors = {
        "shopify": {"schemas": {brand: f"shop_{brand}" for brand in tables}, "loader": loader, "prefix_ids": False},
        "stripe": {"schemas": {"till": "stripe"}, "loader": loader, "orders": True, "prefix_ids": False},
    }
    result = store.run("build", "--select", "package:customer_lifecycle_connectors", connectors=connectors)
    assert result.success, "\n".join(result.problems)
    return Shops(store, loader, result)


def test_orders_of_shopify(shops: Shops) -> None:
    """Tax within prices, tips, two currencies, tills, cancellations, tests, codes, drafts."""
    query = "select order_id, shipping_amount, tax_amount, total_amount, status, sales_channel, discount_code, is_test, cancelled_at is not null from raw.orders"
    for shape in SHAPES[shops.loader]:
        assert shops.of(shape, query) == EXPECTED_ORDERS


def test_refunds_of_shopify(shops: Shops) -> None:
    """What was paid back, in the currency of the shop: for goods, shipping, goodwill."""
    for shape in SHAPES[shops.loader]:
        assert shops.of(shape, "select refund_id, order_id, amount from raw.refunds") == EXPECTED_REFUNDS


def test_lines_of_shopify(shops: Shops) -> None:
    """A line that was taken out of its order again is there as it was ordered: what was paid for it is a refund."""
    query = "select order_item_id, quantity, unit_price, discount_amount, is_gift_card from raw.order_items"
    for shape in SHAPES[shops.loader]:
        assert shops.of(shape, query) == EXPECTED_LINES


def test_versions_and_deletions_of_shopify(shops: Shops) -> None:
    """Of versions that a loader keeps the current one counts, with its lines; what is gone was true until then. Appended rows are reported."""
    orders = "select order_id, total_amount, subtotal_amount, shipping_amount, deleted_at from raw.orders"
    lines = "select order_item_id, quantity from raw.order_items"
    if shops.loader == "airbyte":
        assert shops.of("deletions", "select order_id, deleted_at from raw.orders") == {"1": (None,), "2": (day(3),)}
    else:
        deleted = {"2": (8.0, None, 0.0, SECOND)} if shops.loader == "fivetran" else {}
        assert shops.of("versions", orders) == {"1": (15.0, 10.0, 5.0 if deleted else 0.0, None)} | deleted
        assert shops.of("versions", lines) == {"1": (1.0,)}
    status = shops.result.statuses["test.customer_lifecycle_connectors.assert_no_order_is_landed_twice"]
    assert status == ("warn" if shops.loader == "airbyte" else "pass")


def test_a_payment_in_another_currency_without_its_rate_has_no_amount(shops: Shops) -> None:
    """Francs are not taken for euros: the row is rejected, with its reason, by the cleaning."""
    if shops.loader == "fivetran":
        assert shops.of("rates", "select refund_id, amount from raw.refunds") == {
            "1": (None,),
            "2": (10.0,),
            "3": (10.0,),
        }


def test_charges_of_stripe_in_all_units(shops: Shops) -> None:
    found = amounts(
        shops.store,
        "select order_id, total_amount, currency, status from store_connectors.raw__orders where brand = 'till'",
    )
    paid = {currency: (amount, currency.upper(), "paid") for currency, amount in CURRENCIES.items()}
    assert found == paid | {"reserved": (5.0, "EUR", "pending"), "refused": (5.0, "EUR", "failed")}
    refunds = "select refund_id, order_id, amount from store_connectors.raw__refunds where brand = 'till'"
    assert amounts(shops.store, refunds) == {"r-succeeded": ("ugx", 1.0)}


def test_subscriptions_of_stripe(shops: Shops) -> None:
    """Items, prices by use, by tiers and by lots; trials, pauses and ends."""
    query = "select subscription_id, status, trial_ended_at, started_at, ended_at, is_involuntary, monthly_amount from store_connectors.raw__subscriptions"
    assert amounts(shops.store, query) == EXPECTED_SUBSCRIPTIONS


# --- the other vendors ----------------------------------------------------------------------------------------------
def mailings(event: str) -> list[Row]:
    """Events of Klaviyo: of a person, of a scanner or a mail program, and of a time that did not tell."""
    return [{"id": f"{event}-{said}", "person_id": "yes", "type": event, "datetime": DAY, "property_bot_click": said if event == "Clicked Email" else None,
        "property_machine_open": said if event == "Opened Email" else None} for said in (False, True, None)]  # fmt: skip


EVENT = {
    "event_name": "page_view", "user_pseudo_id": "d", "user_id": None, "collected_traffic_source": json.dumps({"manual_source": "news", "manual_medium": "email", "gclid": None}),
    "event_params": [{"key": "ga_session_id", "value": {"int_value": "5"}}, {"key": "page_location", "value": {"string_value": "https://shop.example/a"}}, {"key": "value", "value": {"double_value": 12.5}}],
}  # fmt: skip
OTHER_VENDORS: dict[str, dict[str, list[Row]]] = {
    "klaviyo": {
        "person": [
            {"id": "yes", "subscriptions_email_marketing_consent": "SUBSCRIBED", "subscriptions_email_marketing_can_receive_email_marketing": True, "subscriptions_sms_marketing_consent": "UNSUBSCRIBED"},
            {"id": "no", "subscriptions_email_marketing_consent": "UNSUBSCRIBED", "subscriptions_email_marketing_can_receive_email_marketing": False, "subscriptions_sms_marketing_consent": "SUBSCRIBED"},
            {"id": "never", "subscriptions_email_marketing_consent": "NEVER_SUBSCRIBED", "subscriptions_email_marketing_can_receive_email_marketing": True, "subscriptions_sms_marketing_consent": "SUBSCRIBED"},
            # said yes; the address bounced
            {"id": "suppressed", "subscriptions_email_marketing_consent": "SUBSCRIBED", "subscriptions_email_marketing_can_receive_email_marketing": False, "subscriptions_sms_marketing_consent": None},
        ],
        "event": [*mailings("Clicked Email"), *mailings("Opened Email"), {"id": "spam", "person_id": "yes", "type": "Marked Email as Spam", "datetime": DAY},
            {"id": "text", "person_id": "yes", "type": "Clicked SMS", "datetime": DAY}, {"id": "copy", "person_id": "yes", "type": "Placed Order", "datetime": DAY, "property_value": "9.99"}],
    },
    "hubspot": {
        "contact": [
            {"id": 1, "property_email": "ann@example.org", "property_lifecyclestage": "customer", "property_hs_email_optout": None, "property_hs_marketable_status": "true", "is_deleted": False, "property_hs_calculated_merged_vids": "2:1740823200000"},
            {"id": 3, "property_email": "ben@example.org", "property_lifecyclestage": "163952814", "property_hs_email_optout": "true", "property_hs_marketable_status": "true", "is_deleted": False, "_fivetran_synced": DAY},
            {"id": 4, "property_email": "cem@example.org", "property_lifecyclestage": None, "property_hs_email_optout": "false", "property_hs_marketable_status": None, "is_deleted": True, "_fivetran_synced": DAY},
        ],
        "email_event": [{"id": type_, "type": type_, "created": DAY, "recipient": "ann@example.org", "filtered_event": type_ == "OPEN"} for type_ in ("DELIVERED", "OPEN", "CLICK", "SPAMREPORT", "BOUNCE", "STATUSCHANGE")],
        "email_event_status_change": [{"id": "STATUSCHANGE", "portal_subscription_status": "UNSUBSCRIBED"}],
    },
    "google_ads": {
        "account_history": [{"id": 9, "currency_code": "JPY", "time_zone": "Asia/Tokyo", "updated_at": DAY}],
        "campaign_history": [{"id": 1, "customer_id": 9, "name": "Brand", "advertising_channel_type": "PERFORMANCE_MAX", "start_date": "2025-03-01", "end_date": "2037-12-30", "updated_at": DAY, "_fivetran_active": False}],
        "campaign_stats": [{"id": 1, "customer_id": 9, "date": date(2025, 3, 1), "device": device, "cost_micros": 750_000_000, "impressions": 10, "clicks": 1, "conversions": 0.5} for device in ("MOBILE", "DESKTOP")],
    },
    "facebook_ads": {
        "account_history": [{"id": 8, "currency": "EUR", "_fivetran_synced": DAY}],
        "campaign_history": [{"id": 5, "account_id": 8, "name": "Spring", "objective": "OUTCOME_SALES", "status": "DELETED", "created_time": day(1), "updated_time": day(2)},
            {"id": 5, "account_id": 8, "name": "Test", "objective": "OUTCOME_SALES", "status": "ACTIVE", "created_time": day(1), "updated_time": day(1)}],
        "basic_campaign": [{"campaign_id": 5, "account_id": 8, "date": date(2025, 3, 1), "spend": 12.345, "impressions": 100, "inline_link_clicks": 3}],
        # the value is that of the account's attribution; its windows stand beside it, and are parts of it
        "basic_campaign_actions": [{"campaign_id": 5, "date": date(2025, 3, 1), "index": n, "action_type": type_, "value": 3.0, "_7_d_click": 2.0, "_1_d_view": 1.0}
            for n, type_ in enumerate(("purchase", "offsite_conversion.fb_pixel_purchase", "omni_purchase", "link_click", "lead"))],
    },
    "zendesk": {
        "ticket": [{"id": n, "requester_id": 1, "status": status, "type": "question", "created_at": day(1), "updated_at": day(9)} for n, status in enumerate(("solved", "open", "deleted", "closed"), 1)],
        "user": [{"id": 1, "role": "end-user", "name": "Ann"}, {"id": 2, "role": "agent", "name": "Bo"}],
        "ticket_comment": [{"id": 1, "ticket_id": 1, "user_id": 2, "public": False, "created": day(2)}, {"id": 2, "ticket_id": 1, "user_id": 1, "public": True, "created": day(3)}, {"id": 3, "ticket_id": 1, "user_id": 2, "public": True, "created": day(4)}],
        "ticket_field_history": [{"ticket_id": 1, "field_name": "status", "value": value, "updated": day(n)} for n, value in enumerate(("new", "open", "solved", "open", "solved", "closed"), 1)]
            + [{"ticket_id": 4, "field_name": "status", "value": "solved", "updated": day(2)}, {"ticket_id": 1, "field_name": "priority", "value": "solved", "updated": day(8)}],
        "satisfaction_rating": [{"id": n, "ticket_id": n, "requester_id": 1, "score": score, "created_at": day(5), "updated_at": day(6)} for n, score in enumerate(("offered", "good", "badwithcomment", "unoffered"), 1)],
    },
    "recharge": {
        "customer": [{"id": 1, "email": "ann@example.org"}],
        "subscription_history": [
            # two bags each fortnight, at 15 a bag
            {"subscription_id": 1, "customer_id": 1, "status": "ACTIVE", "price": "15.00", "quantity": 2, "order_interval_unit": "week", "charge_interval_frequency": 2, "created_at": day(1), "updated_at": day(1), "product_title": "Coffee"},
            {"subscription_id": 2, "customer_id": 1, "status": "EXPIRED", "price": "30.00", "quantity": 1, "order_interval_unit": "month", "charge_interval_frequency": 3, "created_at": day(1), "updated_at": day(5), "product_title": "Coffee"},
            # cancelled, and gone from the list since then
            {"subscription_id": 3, "customer_id": 1, "status": "CANCELLED", "price": "9.00", "quantity": None, "order_interval_unit": "day", "charge_interval_frequency": 30, "created_at": day(1), "updated_at": day(6), "cancelled_at": day(6), "_fivetran_deleted": True, "_fivetran_synced": day(7)},
        ],
    },
    "shopify": {
        "order": [COMMON | {"id": 1, "total_price": 115.0, "total_tip_received": 3.0, "total_tax": 18.67, "taxes_included": True}],
        "order_shipping_line": [{"id": 1, "order_id": 1, "price": 12.0}],
    },
    "ga4": {"events": [
        EVENT | {"event_timestamp": 1_740_830_400_250_000}, EVENT | {"event_timestamp": 1_740_830_401_000_000, "event_name": "add_to_cart"},
        EVENT | {"event_timestamp": 1_740_830_402_000_000, "event_params": [], "collected_traffic_source": None},
    ]},
    "woocommerce": {
        # a shop that enters prices with tax: lines and shipping are without it all the same
        "orders": [
            {"id": "1", "status": "completed", "currency": "EUR", "total": "36.00", "total_tax": "6.00", "shipping_total": "5.00", "discount_total": "0.00", "customer_id": "0", "billing_email": "guest@example.org", "date_created_gmt": "2025-03-01T12:00:00", "prices_include_tax": "true"},
            {"id": "2", "status": "checkout-draft", "currency": "EUR", "total": "0.00", "total_tax": "0.00", "shipping_total": "0.00", "discount_total": "0.00", "customer_id": "7", "billing_email": None, "date_created_gmt": "2025-03-01T12:00:00", "prices_include_tax": "true"},
        ],
        "order_line_item": [{"id": "1", "order_id": "1", "product_id": "0", "variation_id": "0", "quantity": "2", "subtotal": "25.00", "subtotal_tax": "5.00", "total": "20.00", "total_tax": "4.00", "price": "10"}],
        "refund": [{"id": "5", "order_id": "1", "amount": "12.00", "date_created_gmt": "2025-03-05T12:00:00", "reason": None}],
        "product": [{"id": "3", "name": "Cup"}],
        "product_category": [{"product_id": "3", "category_id": "10"}, {"product_id": "3", "category_id": "9"}],
        "category": [{"id": "10", "name": "Sale"}, {"id": "9", "name": "Kitchen"}],
        "order_metadata": [{"index": "0", "order_id": "1", "key": "_wc_order_attribution_session_start_time", "value": JsonText("2025-03-01 11:00:00")}, {"index": "1", "order_id": "1", "key": "_wc_order_attribution_source_type", "value": JsonText("utm")},
            {"index": "2", "order_id": "1", "key": "_wc_order_attribution_utm_source", "value": JsonText('news "March"')}, {"index": "3", "order_id": "1", "key": "_a_plugin", "value": {"a": [1]}}],
    },
}  # fmt: skip
QUERY = "select {} from store_connectors.{}"


@pytest.fixture(scope="module")
def others(macros: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The other vendors as Fivetran lands them, the export of GA4 as JSON, and a shop of which no taxes are loaded."""
    store = make_store(tmp_path_factory.mktemp("others") / "store", macros)
    for vendor, tables in OTHER_VENDORS.items():
        write(store, vendor, tables)
    own = {"ga4": {"loader": "bigquery_export", "carts": True}, "woocommerce": {"touchpoints": True}}
    store.connect(
        {
            vendor: {"schemas": vendor, "loader": "fivetran", "prefix_ids": False} | own.get(vendor, {})
            for vendor in OTHER_VENDORS
        }
    )
    return store


def test_profiles_and_mailings_of_klaviyo(others: Store) -> None:
    """Consent to e-mail is not that to text messages; links that a scanner followed and images that a program fetched are marked."""
    consents = QUERY.format("customer_id, marketing_consent", "klaviyo__customers")
    assert amounts(others, consents) == {"yes": (True,), "no": (False,), "never": (None,), "suppressed": (False,)}
    events = "select engagement_id, engagement_type, is_bot from store_connectors.klaviyo__engagements union all select touchpoint_id, touch_type, is_bot from store_connectors.klaviyo__touchpoints"
    marked = {
        f"{event}-{said}": (type_, said)
        for event, type_ in (("Clicked Email", "email_clicked"), ("Opened Email", "email_opened"))
        for said in (False, True, None)
    }
    assert amounts(others, events) == marked | {"spam": ("newsletter_unsubscribed", None)}


def test_contacts_and_mailings_of_hubspot(others: Store) -> None:
    """A stage of the account's own, an opt-out, a contact that was deleted or merged; who marks an e-mail as spam gets no more."""
    contacts = QUERY.format("customer_id, marketing_consent, deleted_at is not null", "hubspot__customers")
    assert amounts(others, contacts) == {"1": (True, False), "3": (False, False), "4": (None, True)}
    links = QUERY.format("id_value, customer_id, linked_at", "hubspot__identity_links")
    assert amounts(others, links) == {"2": ("1", datetime(2025, 3, 1, 10))}
    events = QUERY.format("engagement_id, engagement_type, is_bot", "hubspot__engagements")
    assert amounts(others, events) == {
        "CLICK": ("email_clicked", False),
        "SPAMREPORT": ("newsletter_unsubscribed", False),
        "STATUSCHANGE": ("newsletter_unsubscribed", False),
    }
    opened = QUERY.format("touchpoint_id, touch_type, is_bot", "hubspot__touchpoints")
    assert amounts(others, opened) == {"DELIVERED": ("email_delivered", False), "OPEN": ("email_opened", True)}


def test_costs_and_claims_of_advertising(others: Store) -> None:
    """Millionths of yen; a campaign that was deleted; purchases that stand there three times, with the windows that they consist of."""
    costs = QUERY.format("campaign_id, spend_amount, currency, clicks, platform_conversions", "raw__ad_performance")
    assert amounts(others, costs) == {"1": (1500.0, "JPY", 2, 1.0), "5": (12.35, "EUR", 3, 3.0)}
    campaigns = QUERY.format("campaign_id, name, channel, started_at, ended_at", "raw__campaigns")
    assert amounts(others, campaigns) == {
        "1": ("Brand", "paid_search", datetime(2025, 2, 28, 15), None),
        "5": ("Spring", "paid_social", day(1), None),
    }


def test_tickets_of_zendesk(others: Store) -> None:
    """A note is no answer, closing changes nothing, and what was only offered is no rating."""
    tickets = QUERY.format(
        "ticket_id, first_response_at, resolved_at, reopened_count, deleted_at",
        "zendesk__support_tickets",
    )
    found = amounts(others, tickets)
    assert found == {
        "1": (day(4), day(5), 1, None),
        "2": (None, None, None, None),
        "3": (None, None, None, day(9)),
        "4": (None, day(2), 0, None),
    }
    assert amounts(others, QUERY.format("response_id, score, scale_max, responded_at", "raw__survey_responses")) == {
        "2": (2, 2, day(6)),
        "3": (1, 2, day(6)),
    }


def test_subscriptions_of_recharge(others: Store) -> None:
    """2 x 15 each two weeks are 30 x 26 / 12 = 65 a month; 30 for three months 10; 9 for 30 days 9 x 365 / 30 / 12 = 9.13."""
    query = QUERY.format("subscription_id, monthly_amount, started_at, ended_at, deleted_at", "raw__subscriptions")
    assert amounts(others, query) == {
        "1": (65.0, day(1), None, None),
        "2": (10.0, day(1), day(5), None),
        "3": (9.13, day(1), day(6), None),
    }


def test_orders_of_woocommerce(others: Store) -> None:
    """Fivetran's tables: a guest, a product that is gone, a coupon within the line, the oldest category, metadata as JSON."""
    orders = QUERY.format(
        "order_id, customer_id, email, status, subtotal_amount, shipping_amount, tax_amount, total_amount",
        "woocommerce__orders",
    )
    assert amounts(others, orders) == {
        "1": (None, "guest@example.org", "completed", 25.0, 5.0, 6.0, 36.0),
        "2": ("7", None, "draft", None, 0.0, 0.0, 0.0),
    }
    assert amounts(
        others,
        QUERY.format("order_item_id, product_id, quantity, unit_price, discount_amount", "woocommerce__order_items"),
    ) == {"1": (None, 2.0, 12.5, 5.0)}
    assert amounts(others, QUERY.format("refund_id, order_id, amount, refunded_at", "woocommerce__refunds")) == {
        "5": ("1", 12.0, day(5))
    }
    assert amounts(others, QUERY.format("product_id, name, category", "woocommerce__products")) == {
        "3": ("Cup", "Kitchen")
    }
    visits = QUERY.format("touchpoint_id, utm_source, occurred_at, email", "woocommerce__touchpoints")
    assert amounts(others, visits) == {"visit-1": ('news "March"', datetime(2025, 3, 1, 11), "guest@example.org")}


def test_tax_within_the_price_of_shipping_is_a_share_where_its_lines_are_not_loaded(others: Store) -> None:
    """12 x 18.67 / 112 = 2.00: the tax of shipping has the share that tax has of the order, without the tip."""
    query = QUERY.format("order_id, shipping_amount, tax_amount", "shopify__orders")
    assert amounts(others, query) == {"1": (10.0, 21.67)}


def test_the_export_of_ga4_as_one_table_of_json(others: Store) -> None:
    """Brought elsewhere, its days are one table, lists and structs are JSON, and whole numbers within are text."""
    visits = QUERY.format("touchpoint_id, occurred_at, utm_source, utm_medium, landing_page", "ga4__touchpoints")
    first = datetime(2025, 3, 1, 12, 0, 0, 250000)
    assert amounts(others, visits) == {"d.5": (first, "news", "email", "https://shop.example/a")}
    assert amounts(others, QUERY.format("cart_id, value_amount", "ga4__carts")) == {"d.5": (12.5,)}
