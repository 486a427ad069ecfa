"""A ledger of one build: what came and went month by month, from the rows of orders, refunds and subscriptions.

By the words of docs/money.md and of growth_accounting_monthly. Orders are lived through in ``money``; here they are entered by
month, and subscriptions are charged on each month's last day at the price of the version that holds then.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from .money import Order, first_of_month, gift_cards, months_from, next_month, owners, read_orders, rounded

KINDS = ("new", "reactivated", "expansion", "contraction", "churned")
Row = dict[str, Any]


class Ledger:
    """The entries of a build in the business time zone UTC."""

    def __init__(self, path: Path) -> None:
        with duckdb.connect(str(path), read_only=True) as self._connection:
            self.as_of = self.rows("select as_of_date from staging.as_of_date")[0]["as_of_date"]
            self.owner = owners(self._connection)
            self.brand = {
                row["customer_key"]: row["brand"]
                for row in self.rows("select customer_key, brand from intermediate.int_customers")
            }
            shared = self.rows("select person_id, shared_from_date from intermediate.int_identity_shared_ids")
            self.cards = gift_cards(self._connection, self.as_of)
            self.orders: list[Order] = read_orders(
                self.rows("select * from staging.stg_shop__orders"),
                self.rows("select * from staging.base_shop__refunds where rejection_reason is null"),
                self.owner,
                {row["person_id"]: row["shared_from_date"] for row in shared},
                self.as_of,
                self.cards,
            )
            self.subscriptions = self.rows("select * from staging.stg_billing__subscriptions")
            self.versions: dict[tuple[str, str], list[Row]] = defaultdict(list)
            for row in self.rows(
                "select * from staging.base_billing__subscriptions "
                "where coalesce(rejection_reason, 'superseded_version') = 'superseded_version' "
                "order by coalesce(updated_at, loaded_at) nulls first"
            ):
                self.versions[row["brand"], row["subscription_id"]].append(row)

    def rows(self, query: str) -> list[Row]:
        """Rows of a query as dictionaries."""
        result = self._connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def revenue(self) -> dict[tuple[str, date], tuple[Decimal, Decimal]]:
        """(brand, month) -> what orders brought and what was taken back then, of all customers."""
        entries: dict[tuple[str, date], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for order in self.orders:
            entries[order.brand, first_of_month(order.day)][0] += order.revenue
            for day, amount in order.reversed.items():
                entries[order.brand, first_of_month(day)][1] += amount
        return {key: (brought, back) for key, (brought, back) in entries.items() if brought or back}

    def price_on(self, subscription: Row, day: date) -> Decimal:
        """What a subscription is charged on a day; a version without a price keeps the last, a trial's row has none."""
        starts, ends = subscription["started_date"], subscription["ended_date"]
        if starts is None or starts > day or (ends is not None and ends <= day):
            return Decimal(0)
        priced = [
            (row["updated_at"] or row["loaded_at"], row["monthly_amount"])
            for row in self.versions[subscription["brand"], subscription["subscription_id"]]
            if row["monthly_amount"] is not None and row["started_date"] is not None
        ]
        held = [price for since, price in priced if since is None or since.date() <= day] or [
            price for _, price in priced[:1]
        ]
        return rounded(held[-1] * subscription["reporting_rate"]) if held else Decimal(0)

    def bridge(self) -> dict[tuple[str, date], dict[str, Decimal]]:
        """(brand, month) -> how monthly recurring revenue moved, by kind, and ``closing``."""
        known = [
            (self.owner[row["person_id"]], row)
            for row in self.subscriptions
            if row["person_id"] in self.owner and (row["deleted_date"] is None or row["deleted_date"] > self.as_of)
        ]
        first = min(row["started_date"] for _, row in known if row["started_date"] is not None)
        before: dict[int, Decimal] = defaultdict(Decimal)
        had_some: set[int] = set()
        found: dict[tuple[str, date], dict[str, Decimal]] = {}
        for month in months_from(first, self.as_of):
            day = min(next_month(month) - timedelta(days=1), self.as_of)
            now: dict[int, Decimal] = defaultdict(Decimal)
            for customer, row in known:
                now[customer] += self.price_on(row, day)
            for customer, amount in now.items():
                cell = found.setdefault((self.brand[customer], month), dict.fromkeys((*KINDS, "closing"), Decimal(0)))
                cell["closing"] += amount
                if amount == before[customer]:
                    continue
                if amount == 0:
                    kind = "churned"
                elif before[customer] == 0:
                    kind = "reactivated" if customer in had_some else "new"
                else:
                    kind = "expansion" if amount > before[customer] else "contraction"
                cell[kind] += abs(amount - before[customer])
                had_some.add(customer)
            before = now
        return found
