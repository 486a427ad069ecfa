"""A finished build as plain Python sees it: staging rows, who is one person now, and orders with what they bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from .evaluator import RawWorld
from .money import FOREVER, Order, gift_cards, owners, read_orders

Row = dict[str, Any]


@dataclass
class TradeWorld:
    """One build. ``raw``: the raw rows it was made of, and ``worlds``: its histories; none of both for the demo data."""

    path: Path
    worlds: list[RawWorld]
    raw: Mapping[str, list[Row]] = field(default_factory=dict)
    as_of: date = FOREVER
    brand: dict[int, str] = field(default_factory=dict)
    customer_id: dict[int, str] = field(default_factory=dict)
    owner: dict[str, int] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    first_purchase: dict[int, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what every comparison needs."""
        self.as_of = self.rows("select as_of_date from staging.as_of_date")[0]["as_of_date"]
        for row in self.rows("select customer_key, customer_id, brand from intermediate.int_customers"):
            self.brand[row["customer_key"]] = row["brand"]
            self.customer_id[row["customer_key"]] = row["customer_id"]
        with duckdb.connect(str(self.path), read_only=True) as connection:
            self.owner = owners(connection)
            cards = gift_cards(connection, self.as_of)
        shared = self.rows("select person_id, shared_from_date from intermediate.int_identity_shared_ids")
        self.orders = read_orders(
            self.rows("select * from staging.stg_shop__orders"),
            self.rows("select * from staging.base_shop__refunds where rejection_reason is null"),
            self.owner,
            {row["person_id"]: row["shared_from_date"] for row in shared},
            self.as_of,
            cards,
        )
        purchases = defaultdict(list)
        for order in self.orders:
            if order.counts and order.owner is not None:
                purchases[order.owner].append(order.day)
        for row in self.standing("staging.stg_billing__subscriptions"):
            if row["started_date"] is not None and row["started_date"] <= self.as_of and row["person_id"] in self.owner:
                purchases[self.owner[row["person_id"]]].append(row["started_date"])
        self.first_purchase = {customer: min(days) for customer, days in purchases.items()}

    def rows(self, query: str) -> list[Row]:
        """Rows of a query as dictionaries."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            result = connection.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def standing(self, table: str) -> list[Row]:
        """Rows of a table that have not been deleted by the as-of date."""
        return [
            row
            for row in self.rows(f"select * from {table}")
            if row["deleted_date"] is None or row["deleted_date"] > self.as_of
        ]
