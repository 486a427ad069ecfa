"""What orders bring, read from the staging tables row by row: the contract's section on money in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb

CENT = Decimal("0.01")
FOREVER = date.max


def rounded(amount: Decimal) -> Decimal:
    """To whole cents, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def first_of_month(day: date) -> date:
    """Give the month of a day."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Give the first day of the month after the day's."""
    return first_of_month(first_of_month(day) + timedelta(days=32))


def months_from(first: date, last: date) -> Iterable[date]:
    """First days of the months from one day's to a later day's."""
    month = first_of_month(first)
    while month <= last:
        yield month
        month = next_month(month)


@dataclass
class Order:
    """One order that carries money: its owner (a key, or None), revenue, and what is taken back on which day.

    ``standing``: 1 on the day from which it counts, -1 on one from which it does not, 0 where only money moves.
    """

    brand: str
    order_id: str
    owner: int | None
    day: date
    at: datetime
    revenue: Decimal
    reversed: dict[date, Decimal]
    counts: bool
    standing: dict[date, int]
    sells_cards_only: bool = False

    @property
    def net(self) -> Decimal:
        """What is left at the as-of date."""
        return self.revenue - sum(self.reversed.values(), Decimal(0))


def owners(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Raw id -> key of the customer who has it at the as-of date."""
    return dict(
        connection.execute(
            "select person_id, customer_key from intermediate.int_identity_map where valid_to = '9999-12-31'"
        ).fetchall()
    )


@dataclass
class Cards:
    """What gift cards do in an order, in its currency: what they paid and the total leaves out, and what was sold of them."""

    left_out: Decimal = Decimal(0)
    sold: Decimal = Decimal(0)


def gift_cards(connection: duckdb.DuckDBPyConnection, as_of: date) -> dict[tuple[str, str], Cards]:
    """Go through the lines of orders, as the page on money says; an order without gift cards has no entry.

    A line is a gift card if it says so, else if its product does. What a card paid is left out of the total unless the total
    is the price of the goods already, with or without tax on top of it; it paid no more than that price.
    """

    def rows(query: str) -> list[dict[str, Any]]:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    product_is_card = {
        (row["brand"], row["product_id"]): row["is_gift_card"]
        for row in rows("select * from staging.stg_shop__products")
    }
    lines: dict[tuple[str, str], list[tuple[bool, Decimal | None]]] = defaultdict(list)
    for item in rows("select * from staging.base_shop__order_items where rejection_reason is null"):
        if item["deleted_date"] is None or item["deleted_date"] > as_of:
            is_card = item["is_gift_card"]
            if is_card is None:
                is_card = product_is_card.get((item["brand"], item["product_id"]))
            is_priced = item["quantity"] is not None and item["unit_price"] is not None
            amount = item["quantity"] * item["unit_price"] - (item["discount_amount"] or 0) if is_priced else None
            lines[item["brand"], item["order_id"]].append((bool(is_card), amount))
    found = {}
    for order in rows("select * from staging.stg_shop__orders"):
        key = order["brand"], order["order_id"]
        sold = sum((amount for is_card, amount in lines[key] if is_card and amount is not None), Decimal(0))
        paid, price = order["gift_card_amount"] or Decimal(0), order["subtotal_amount"]
        priced = [amount for _, amount in lines[key] if amount is not None]
        if price is None and priced:
            price = sum(priced, Decimal(0))
        if price is not None:
            price = price + (order["shipping_amount"] or 0)
            total, tax, cent = order["total_amount"], order["tax_amount"] or 0, Decimal("0.01")
            paid, price = min(paid, max(price + tax - total, Decimal(0))), price - (order["discount_amount"] or 0)
            if total >= price + tax - cent or abs(total - price) <= cent:
                paid = Decimal(0)
        if paid or sold > 0:
            found[key] = Cards(paid, max(sold, Decimal(0)))
    return found


def is_split(refund: Mapping[str, Any]) -> bool:
    """Whether a refund says what it is for."""
    return any(refund[f"{part}_amount"] is not None for part in ("goods", "shipping", "tax"))


def goods_of(refund: Mapping[str, Any]) -> Decimal | None:
    """What a refund pays back for goods: as it says, else what is left of it without shipping and tax."""
    if not is_split(refund):
        return None
    if refund["goods_amount"] is not None:
        return min(refund["goods_amount"], refund["amount"])
    return refund["amount"] - (refund["shipping_amount"] or 0) - (refund["tax_amount"] or 0)


def taken_back(total: Decimal, own: Decimal, balance: list[Decimal]) -> Decimal:
    """Revenue that refunds have taken back: what was for goods, and its share of what does not say."""
    _, goods, unsaid = balance
    return goods + (unsaid * own / total if total else Decimal(0))


def is_all_back(total: Decimal, own: Decimal, balance: list[Decimal]) -> bool:
    """Whether all money came back, or all goods."""
    money, goods, _ = balance
    return (money >= total and money > 0) or (goods > 0 and own > 0 and taken_back(total, own, balance) >= own)


def read_orders(
    rows: Iterable[Mapping[str, Any]],
    refunds: Iterable[Mapping[str, Any]],
    owner: Mapping[str, int],
    shared_from: Mapping[str, date],
    as_of: date,
    cards: Mapping[tuple[str, str], Cards],
) -> list[Order]:
    """Live through each order day by day of its events, as the contract's section on money says."""
    by_order = defaultdict(list)
    for refund in refunds:
        by_order[refund["brand"], refund["order_id"]].append(refund)
    orders = []
    for row in rows:
        if row["status_effect"] == "never":
            continue
        card = cards.get((row["brand"], row["order_id"]), Cards())
        total = row["total_amount"] + card.left_out
        goods = total - (row["tax_amount"] or 0) - (row["shipping_amount"] or 0)
        own = max(goods - card.sold, Decimal(0))
        # what is paid back on a day: all of it, what is said to be for goods, and what does not say what it is for
        all_events: dict[date, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)

        def pay_back(day: date, refund: Mapping[str, Any], sign: int, events: dict[date, list[Decimal]]) -> None:
            amounts = (
                refund["amount"],
                goods_of(refund) or Decimal(0),
                Decimal(0) if is_split(refund) else refund["amount"],
            )
            events[day] = [before + sign * amount for before, amount in zip(events[day], amounts, strict=True)]

        for refund in by_order[row["brand"], row["order_id"]]:
            refunded_date = max(refund["refunded_date"], row["ordered_date"])
            pay_back(refunded_date, refund, 1, all_events)
            if refund["deleted_date"] is not None:
                pay_back(max(refund["deleted_date"], refunded_date), refund, -1, all_events)
        balance, ever_refunded = [Decimal(0)] * 3, False
        for day in sorted(all_events):
            balance = [before + amount for before, amount in zip(balance, all_events[day], strict=True)]
            # a refund that the as-of date does not know yet explains a status all the same
            ever_refunded = ever_refunded or is_all_back(total, own, balance)
        events = {day: amounts for day, amounts in all_events.items() if day <= as_of}
        called_off = row["cancelled_date"]
        if called_off is None and row["status_effect"] == "reversed" and not ever_refunded:
            called_off = row["updated_date"]
            if called_off is None:
                continue
        ends = [day for day in (called_off, row["deleted_date"]) if day is not None and day <= as_of]
        end = max(min(ends), row["ordered_date"]) if ends else None
        revenue = rounded(own * row["reporting_rate"])
        reversed, so_far, balance = {}, Decimal(0), [Decimal(0)] * 3
        standing, stands = {row["ordered_date"]: 1}, True
        for day in sorted({*events, *([end] if end else [])}):
            if end is not None and day > end:
                break
            change = events.get(day, [Decimal(0)] * 3)
            balance = [before + amount for before, amount in zip(balance, change, strict=True)]
            stood, stands = stands, not (day == end or is_all_back(total, own, balance))
            standing[day] = standing.get(day, 0) + stands - stood
            back = rounded(taken_back(total, own, balance) * row["reporting_rate"])
            target = min(revenue, back) if stands else revenue
            reversed[day], so_far = target - so_far, target
        counts = end is None and stands
        orders.append(
            Order(
                row["brand"],
                row["order_id"],
                owner.get(row["person_id"])
                if row["ordered_date"] < shared_from.get(row["person_id"], FOREVER)
                else None,
                row["ordered_date"],
                row["ordered_at"],
                revenue,
                reversed,
                counts,
                standing,
                card.sold > 0 and goods <= card.sold,
            )
        )
    return orders
