"""What messages did, in plain Python: who was messaged and held out first, what each ordered after, and the uplift."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from statistics import NormalDist
from typing import Any

from .money import Order

Row = Mapping[str, Any]
Key = tuple[str, str, str, str, date]  # brand, dimension, its value, period, month
Z = NormalDist().inv_cdf(0.975)


def rate(numerator: float, denominator: float) -> float | None:
    """One number over the other, none over 0."""
    return numerator / denominator if denominator else None


def score_interval(hits: int, count: int) -> tuple[float, float]:
    """Find the 95 % interval of a proportion by Wilson's formula, from its middle."""
    share, square = hits / count, Z * Z / count
    middle = (share + square / 2) / (1 + square)
    reach = math.sqrt(share * (1 - share) * square + square * square / 4) / (1 + square)
    return middle - reach, middle + reach


def difference(hits: int, count: int, other_hits: int, other_count: int) -> tuple[float, float, float]:
    """Take one proportion from another, with Newcombe's hybrid score interval (1998, method 10)."""
    one, other = hits / count, other_hits / other_count
    (low, high), (other_low, other_high) = score_interval(hits, count), score_interval(other_hits, other_count)
    below, above = math.hypot(one - low, other_high - other), math.hypot(high - one, other - other_low)
    return one - other, one - other - below, one - other + above


def size(one: float, other: float, power: float = 0.8) -> float | None:
    """How many customers each group needs for a two-sided test at 5 % to see the difference with this power."""
    middle = (one + other) / 2
    spread = one * (1 - one) + other * (1 - other)
    needed = Z * math.sqrt(2 * middle * (1 - middle)) + NormalDist().inv_cdf(power) * math.sqrt(spread)
    return (needed / (one - other)) ** 2 if one != other else None


def groups(
    messages: Iterable[Row], owner: Mapping[str, int], shared_from: Mapping[str, date], as_of: date
) -> dict[Key, dict[Any, list[Row]]]:
    """The rows of each audience and campaign by period and person, first row first; an id that is no customer's is a text."""
    lists: dict[tuple[str, str, str], list[tuple[Any, Row]]] = defaultdict(list)
    for row in messages:
        if row["deleted_date"] is not None and row["deleted_date"] <= as_of:
            continue
        person = row["person_id"]
        who = owner.get(person, person) if shared_from.get(person, date.max) > row["sent_date"] else person
        for dimension, value in (("audience", row["audience"]), ("campaign", row["campaign_id"])):
            if value is not None:
                lists[row["brand"], dimension, value].append((who, row))
    found: dict[Key, dict[Any, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for name, rows in lists.items():
        months = sorted(row["sent_date"].replace(day=1) for _, row in rows)
        for who, row in sorted(rows, key=lambda one: (one[1]["sent_at"], one[1]["held_out"], one[1]["message_id"])):
            found[(*name, "month", row["sent_date"].replace(day=1))][who].append(row)
            found[(*name, "all", months[0])][who].append(row)
    return found


def uplifts(
    messages: Iterable[Row],
    owner: Mapping[str, int],
    shared_from: Mapping[str, date],
    orders: Iterable[Order],
    campaigns: Iterable[Row],
    as_of: date,
    window: int = 30,
) -> dict[Key, dict[str, Any]]:
    """The table message_uplift, person by person."""
    bought = defaultdict(list)
    for order in orders:
        bought[order.owner].append(order)
    ends = {(row["brand"], row["campaign_id"]): row["ended_date"] for row in campaigns}
    names = {(row["brand"], row["campaign_id"]): row["name"] for row in campaigns}
    made = groups(messages, owner, shared_from, as_of)
    everything = {key[:3]: people for key, people in made.items() if key[3] == "all"}
    found = {}
    for key, people in made.items():
        brand, dimension, value, period, month = key
        row: dict[str, Any] = defaultdict(Decimal)
        last = date.min
        for who, rows in people.items():
            first, until = rows[0], rows[0]["sent_date"] + timedelta(days=window)
            last = max(last, until)
            for sent in rows:
                row["message_count"] += not sent["held_out"]
                if not sent["held_out"] and sent["cost_amount"] is not None:
                    cost = sent["cost_amount"] * sent["reporting_rate"]
                    row["cost_amount"] += cost.quantize(Decimal("0.01"), "ROUND_HALF_UP")
            if not isinstance(who, int):
                row["unknown_customer_count"] += 1
                continue
            group = "held_out" if first["held_out"] else "messaged"
            row[f"{group}_customer_count"] += 1
            after = everything[key[:3]][who]
            row["crossed_over_customer_count"] += group == "held_out" and any(
                not sent["held_out"] and sent["sent_date"] <= until for sent in after[after.index(first) + 1 :]
            )
            standing = 0
            for order in bought[who]:
                if order.brand == brand and order.at > first["sent_at"] and order.day <= until:
                    standing += sum(change for day, change in order.standing.items() if day <= until)
                    back = sum((amount for day, amount in order.reversed.items() if day <= until), Decimal(0))
                    row[f"{group}_net_revenue_amount"] += order.revenue - back
            row[f"{group}_order_count"] += standing
            row[f"{group}_converted_count"] += standing > 0
        following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        over = following - timedelta(days=1) if period == "month" else None
        if dimension == "campaign" and period == "all":
            over = ends.get((brand, value))
        row["is_mature"] = over is not None and max(over, last) <= as_of
        row["dimension_value_name"] = (names.get((brand, value)) if dimension == "campaign" else None) or value
        found[key] = _with_uplift(row)
    return found


def _with_uplift(row: dict[str, Any]) -> dict[str, Any]:
    hits, count, other_hits, other_count = (
        int(row[f"{group}_{what}_count"]) for group in ("messaged", "held_out") for what in ("converted", "customer")
    )
    row["messaged_conversion_rate"], row["held_out_conversion_rate"] = rate(hits, count), rate(other_hits, other_count)
    uplift = difference(hits, count, other_hits, other_count) if count and other_count else (None, None, None)
    row["uplift_rate"], row["uplift_lower"], row["uplift_upper"] = uplift
    needed = size(hits / count, other_hits / other_count) if count and other_count else None
    row["needed_customer_count"] = None if needed is None else math.ceil(needed)
    won = None if uplift[0] is None else uplift[0] * count
    row["incremental_converted_count"] = won
    row["cost_per_incremental_conversion"] = float(row["cost_amount"]) / won if won and won > 0 else None
    scale = rate(count, other_count)
    row["incremental_net_revenue"] = (
        None
        if scale is None
        else float(row["messaged_net_revenue_amount"]) - float(row["held_out_net_revenue_amount"]) * scale
    )
    return row


def with_messages(raw: Mapping[str, list[dict[str, Any]]], rng: Any) -> list[dict[str, Any]]:
    """Rows of messages to the customers of random histories, around the moments of their orders."""
    made: list[dict[str, Any]] = []
    for order in raw["orders"]:
        who, at = order.get("customer_id"), order.get("ordered_at")
        if who is None or not hasattr(at, "hour") or rng.random() < 0.4:
            continue
        for days in rng.sample([-31, -30, -29, -1, 0, 0, 1, 20], rng.choice([1, 1, 2, 3])):
            row = {"brand": order.get("brand"), "message_id": f"s{len(made)}", "customer_id": who}
            row["sent_at"] = at + timedelta(days=days, seconds=rng.choice([-1, 0, 1, 3600]))
            row["held_out"] = rng.choice(["true", "false", "oui", "non", "F", "1"])
            row["audience"] = rng.choice(["win_back", "Win_Back ", "cart", None])
            row["campaign_id"] = rng.choice(["mail", "mail", "unheard", None])
            row["cost_amount"] = rng.choice([None, 0.05, 1, 3.33])
            row["currency"] = rng.choice(["EUR", "USD", None])
            if rng.random() < 0.05:
                row["customer_id"] = "no_customer"
            if rng.random() < 0.05:
                row["deleted_at"] = row["sent_at"] + timedelta(days=1)
            made.append(row)
    return made
