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
    taken_back: dict[date, Decimal]
    counts: bool
    standing: dict[date, int]

    @property
    def net(self) -> Decimal:
        """What is left at the as-of date."""
        return self.revenue - sum(self.taken_back.values(), Decimal(0))


def owners(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Raw id -> key of the customer who has it at the as-of date."""
    return dict(
        connection.execute(
            "select person_id, customer_key from intermediate.int_identity_memberships where valid_to = '9999-12-31'"
        ).fetchall()
    )


def read_orders(
    rows: Iterable[Mapping[str, Any]],
    refunds: Iterable[Mapping[str, Any]],
    owner: Mapping[str, int],
    shared_from: Mapping[str, date],
    as_of: date,
) -> list[Order]:
    """Live through each order day by day of its events, as the contract's section on money says."""
    by_order = defaultdict(list)
    for refund in refunds:
        by_order[refund["brand"], refund["order_id"]].append(refund)
    orders = []
    for row in rows:
        if row["status_effect"] == "never":
            continue
        all_events: dict[date, Decimal] = defaultdict(Decimal)
        for refund in by_order[row["brand"], row["order_id"]]:
            refunded_date = max(refund["refunded_date"], row["ordered_date"])
            all_events[refunded_date] += refund["amount"]
            if refund["deleted_date"] is not None:
                all_events[max(refund["deleted_date"], refunded_date)] -= refund["amount"]
        balance, ever_refunded = Decimal(0), False
        for day in sorted(all_events):
            balance += all_events[day]
            # a refund that the as-of date does not know yet explains a status all the same
            ever_refunded = ever_refunded or (balance > 0 and balance >= row["total_amount"])
        events = {day: amount for day, amount in all_events.items() if day <= as_of}
        called_off = row["cancelled_date"]
        if called_off is None and row["status_effect"] == "reversed" and not ever_refunded:
            called_off = row["updated_date"]
            if called_off is None:
                continue
        ends = [day for day in (called_off, row["deleted_date"]) if day is not None and day <= as_of]
        end = max(min(ends), row["ordered_date"]) if ends else None
        own = max(row["total_amount"] - (row["tax_amount"] or 0) - (row["shipping_amount"] or 0), Decimal(0))
        revenue = rounded(own * row["reporting_rate"])
        taken_back, so_far, balance = {}, Decimal(0), Decimal(0)
        standing, stands = {row["ordered_date"]: 1}, True
        for day in sorted({*events, *([end] if end else [])}):
            if end is not None and day > end:
                break
            balance += events.get(day, Decimal(0))
            stood, stands = stands, not (day == end or (balance > 0 and balance >= row["total_amount"]))
            standing[day] = standing.get(day, 0) + stands - stood
            if day == end or balance >= row["total_amount"]:
                target = revenue
            else:
                target = min(revenue, rounded(balance * own / row["total_amount"] * row["reporting_rate"]))
            taken_back[day], so_far = target - so_far, target
        counts = end is None and not (balance > 0 and balance >= row["total_amount"])
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
                taken_back,
                counts,
                standing,
            )
        )
    return orders
