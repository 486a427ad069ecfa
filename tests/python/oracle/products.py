"""What customers buy, in plain Python: the parts of orders, purchases in their order, and the four tables made of them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np

from .money import Order

LEVELS = ("product", "category")
UNKNOWN = "unknown"
Z = 1.959963984540054

Rows = Callable[[str], list[dict[str, Any]]]
Thing = tuple[str, str, str]  # brand, level, key


@dataclass(frozen=True)
class Basket:
    """An order that counts, and what of its revenue belongs to which product and category."""

    order: Order
    parts: Mapping[tuple[str, str], Decimal]

    def things(self) -> set[Thing]:
        """What is in it."""
        return {(self.order.brand, *part) for part in self.parts}


def shares(cents: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Whole cents in proportion to weights: one more for those whose share was cut the most, ties by name."""
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    exact = {name: Fraction(cents * weight, sum(weights.values())) for name, weight in weights.items()}
    found = {name: math.floor(share) for name, share in exact.items()}
    left = cents - sum(found.values())
    for name in sorted(exact, key=lambda name: (found[name] - exact[name], name))[:left]:
        found[name] += 1
    return found


def baskets(rows: Rows, orders: Iterable[Order], as_of: date) -> list[Basket]:
    """Go through the lines of each order that counts."""
    products = {(row["brand"], row["product_id"]): row for row in rows("select * from staging.stg_shop__products")}
    lines = defaultdict(list)
    for item in rows("select * from staging.stg_shop__order_items"):
        if item["deleted_date"] is None or item["deleted_date"] > as_of:
            lines[item["brand"], item["order_id"]].append(item)
    found = []
    for order in orders:
        if not order.counts:
            continue
        weights: dict[str, int] = Counter()
        category: dict[str, str] = {}
        for item in lines[order.brand, order.order_id] or [{"product_id": None, "is_gift_card": None}]:
            product = products.get((order.brand, item["product_id"]), {})
            without_product = "gift_card" if item["is_gift_card"] else UNKNOWN
            name = item["product_id"] or without_product
            category[name] = product.get("category") or (UNKNOWN if item["product_id"] else without_product)
            is_card = item["is_gift_card"] if item["is_gift_card"] is not None else product.get("is_gift_card")
            price = Decimal(0)
            if not is_card and "quantity" in item:
                quantity = Decimal(1) if item["quantity"] is None else item["quantity"]
                price = quantity * (item["unit_price"] or 0) - (item["discount_amount"] or 0)
            weights[name] += int(100 * max(price, Decimal(0)).quantize(Decimal("0.01"), "ROUND_HALF_UP"))
        parts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for name, cents in shares(int(order.net * 100), weights).items():
            parts["product", name] += Decimal(cents) / 100
            parts["category", category[name]] += Decimal(cents) / 100
        found.append(Basket(order, dict(parts)))
    return found


def purchase_dates(rows: Rows, orders: Iterable[Order], owner: Mapping[str, int], as_of: date) -> dict[int, list[date]]:
    """Dates with an order that counts or the start of a paid subscription, of each customer."""
    dates = defaultdict(set)
    for order in orders:
        if order.counts and order.owner is not None:
            dates[order.owner].add(order.day)
    for row in rows("select * from staging.stg_billing__subscriptions"):
        is_gone = row["deleted_date"] is not None and row["deleted_date"] <= as_of
        if (
            row["started_date"] is not None
            and row["started_date"] <= as_of
            and not is_gone
            and row["person_id"] in owner
        ):
            dates[owner[row["person_id"]]].add(row["started_date"])
    return {customer: sorted(days) for customer, days in dates.items()}


def purchases(found: Iterable[Basket], dates: Mapping[int, list[date]]) -> dict[int, list[set[Thing]]]:
    """What each customer bought on each of the dates; nothing where a subscription began."""
    bought = {customer: [set() for _ in days] for customer, days in dates.items()}
    for basket in found:
        if basket.order.owner is not None:
            bought[basket.order.owner][dates[basket.order.owner].index(basket.order.day)] |= basket.things()
    return bought


def median(numbers: list[int]) -> float | None:
    """The middle one, or the middle of the two."""
    return float(np.percentile(numbers, 50)) if numbers else None


def rate(numerator: int | Decimal, denominator: int | Decimal) -> float | None:
    """One number over the other, none over 0."""
    return float(numerator) / float(denominator) if denominator else None


def gaps(
    dates: Mapping[int, list[date]], brand: Mapping[int, str], as_of: date
) -> dict[tuple[str, int, int], tuple[Any, ...]]:
    """The table purchase_gaps, customer by customer."""
    cells = defaultdict(list)
    for customer, days in dates.items():
        for number, day in enumerate(days[:20], start=1):
            for window in (30, 60, 90, 180, 365):
                following = days[number] if number < len(days) else None
                cells[brand[customer], number, window].append((day, following))
    found = {}
    for (name, number, window), steps in cells.items():
        eligible = [step for step in steps if step[0] + timedelta(days=window) <= as_of]
        waits = [(after - day).days for day, after in eligible if after and (after - day).days <= window]
        found[name, number, window] = (
            len(steps),
            sum(after is not None for _, after in steps),
            len(eligible),
            len(eligible) / len(steps),
            len(waits),
            rate(len(waits), len(eligible)),
            *(float(np.percentile(waits, percent)) if waits else None for percent in (25, 50, 75)),
        )
    return found


def pairs(found: Iterable[Basket]) -> dict[tuple[str, str, str, str], tuple[Any, ...]]:
    """The table product_pairs: all pairs of all orders, their lift, and its interval from the gradient of its logarithm."""
    single: Counter[Thing] = Counter()
    both: Counter[tuple[str, str, str, str]] = Counter()
    orders: Counter[tuple[str, str]] = Counter()
    for basket in found:
        things = sorted(thing for thing in basket.things() if thing[2] != UNKNOWN)
        single.update(things)
        orders.update({thing[:2] for thing in things})
        both.update((*one, other[2]) for one, other in permutations(things, 2) if one[1] == other[1])
    expected = {}
    partners = defaultdict(list)
    for (brand, level, one, other), count in both.items():
        if count >= 5:
            partners[brand, level, one].append((-count, other))
    for (brand, level, one), others in partners.items():
        for rank, (minus, other) in enumerate(sorted(others)[:20], start=1):
            count, total = -minus, orders[brand, level]
            first, second = single[brand, level, one], single[brand, level, other]
            cells = np.array([count, first - count, second - count, total - first - second + count]) / total
            slopes = np.array([1 / cells[0] - total / first - total / second, -total / first, -total / second, 0.0])
            error = math.sqrt(max(0.0, (cells @ slopes**2 - (cells @ slopes) ** 2) / total))
            lift = count * total / (first * second)
            expected[brand, level, one, other] = (
                *(rank, count, first, second, total, count / total, count / first, lift),
                *(lift * math.exp(-Z * error), lift * math.exp(Z * error)),
            )
    return expected


def sequences(bought: Mapping[int, list[set[Thing]]]) -> dict[tuple[str, str, int, str, str], tuple[Any, ...]]:
    """The table product_sequences, step by step of each customer."""
    buyers: Counter[tuple[str, str, int, str]] = Counter()
    returned: Counter[tuple[str, str, int, str]] = Counter()
    anything: Counter[tuple[str, str, int]] = Counter()
    steps: Counter[tuple[str, str, int, str, str]] = Counter()
    for made in bought.values():
        known = [{thing for thing in things if thing[2] != UNKNOWN} for things in made]
        for number, things in enumerate(known, start=1):
            anything.update({(brand, level, number) for brand, level, _ in things})
            after = known[number] if number < len(known) else set()
            for brand, level, key in things:
                buyers[brand, level, number, key] += 1
                following = [other for _, other_level, other in after if other_level == level]
                returned[brand, level, number, key] += bool(following)
                steps.update((brand, level, number, key, other) for other in following)
    successors = defaultdict(list)
    for (brand, level, number, key, other), count in steps.items():
        if number <= 5 and count >= 5:
            successors[brand, level, number, key].append((-count, other))
    return {
        (brand, level, number, key, other): (
            rank,
            buyers[brand, level, number, key],
            returned[brand, level, number, key],
            -minus,
            -minus / returned[brand, level, number, key],
            buyers[brand, level, number + 1, other] / anything[brand, level, number + 1],
        )
        for (brand, level, number, key), others in successors.items()
        for rank, (minus, other) in enumerate(sorted(others)[:20], start=1)
    }
