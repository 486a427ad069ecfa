"""Metrics by dimension, recounted fact by fact: what each fact counts, by which values it is cut, and what that adds up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from oracle.money import first_of_month, next_month

SLICES = ("acquisition_channel", "acquisition_campaign", "country_code", "segment")
PAGE = "acquisition_landing_page"
APART = 20
Rows = Callable[[str], list[dict[str, Any]]]
Months = Mapping[int, list[Mapping[str, Any]]]


@dataclass(frozen=True)
class Fact:
    """Something to count: when, whose, and how much of what. Costs have a channel and a campaign and no customer."""

    brand: str
    subject: str
    item: str
    day: date
    customer: int | None
    counted: Mapping[str, Any]
    came_by: tuple[str, str] | None = None


@dataclass(frozen=True)
class Metric:
    """A metric of a subject: its parts, the first of which says how frequent a value is, and when it is due."""

    numerator: str
    denominator: str | None = None
    due_days: int = 0


METRICS = {
    "stage_durations": {
        "stays": Metric("stays"),
        "days_in_stage_per_exit": Metric("days", "exits"),
        **{f"left_within_{days}d_rate": Metric(f"left_{days}", f"seen_{days}", days) for days in (30, 90, 365)},
    },
    "acquisition": {
        "new_customers": Metric("customers"),
        "leads": Metric("leads"),
        "website_sessions": Metric("sessions"),
        "ad_spend": Metric("spend"),
        "first_order_revenue": Metric("revenue"),
        "customer_acquisition_cost": Metric("real_spend", "customers"),
        "cost_per_lead": Metric("real_spend", "leads"),
        "return_on_ad_spend": Metric("revenue", "spend"),
        "discounted_first_order_share": Metric("discounted", "orders"),
    },
    "unit_economics": {
        "net_revenue_per_customer": Metric("revenue", "customers"),
        "margin_per_customer": Metric("margin", "customers"),
        "ltv_to_cac": Metric("margin", "spend"),
    },
    "csat": {"answers": Metric("answers"), "csat": Metric("good", "answers")},
    "nps": {"answers": Metric("answers"), "nps_of_answers": Metric("good", "answers")},
    "attribution": {
        "conversions": Metric("credit"),
        "first_conversions": Metric("first_credit"),
        "credited_revenue": Metric("revenue"),
    },
}
FREQUENT_BY = ("stays", "customers", "answers", "credit")


def facts(rows: Rows, as_of: date, months: Months) -> Iterable[Fact]:
    """Everything that is counted; ``months``: what each customer brought in each month from its first purchase on."""
    brand = {
        row["customer_key"]: row["brand"] for row in rows("select customer_key, brand from intermediate.int_customers")
    }
    keys = {
        row["customer_id"]: row["customer_key"]
        for row in rows("select customer_id, customer_key from intermediate.int_customers")
    }
    for row in rows("select * from intermediate.int_customer_stays"):
        stayed, outcome = row["seen_days"], row["outcome"]
        counted = {"stays": 1, "days": stayed, "exits": int(outcome == "completed"), "open": int(outcome == "open")}
        for days in (30, 90, 365):
            counted[f"left_{days}"] = int(outcome == "completed" and stayed <= days)
            counted[f"seen_{days}"] = int(outcome != "merged" or stayed >= days)
        yield Fact(row["brand"], "stage_durations", row["stage"], row["reached_date"], row["customer_key"], counted)
    says: dict[str, set[str]] = defaultdict(set)
    for row in rows("select * from marts.acquisition_channels_monthly"):
        came_by = row["channel"], row["campaign_id"]
        counted = {
            "spend": row["spend_amount"],
            "sessions": row["session_count"],
            "real_spend": row["spend_amount"] or None,
        }
        if row["lead_count"] is not None:
            says[row["brand"]].add("leads")
            counted["leads"] = 0
        if row["discounted_first_order_count"] is not None:
            says[row["brand"]].add("discounts")
            counted["discounted"] = 0
        yield Fact(row["brand"], "acquisition", "all", row["month_date"], None, counted, came_by)
        for number in (3, 12):
            if row["spend_amount"] and is_over(row["month_date"], number, as_of):
                spent = {"spend": row["spend_amount"]}
                yield Fact(row["brand"], "unit_economics", f"{number} months", row["month_date"], None, spent, came_by)
    for row in rows("select * from intermediate.int_leads"):
        customer = row["customer_key"]
        counted = {"leads": 1, "customers": 0, "orders": 0, "revenue": 0}
        if "discounts" in says[brand[customer]]:
            counted["discounted"] = 0
        yield Fact(brand[customer], "acquisition", "all", row["lead_date"], customer, counted)
    for row in rows("select * from intermediate.int_customer_first_purchases"):
        customer = row["customer_key"]
        counted = {
            "customers": 1,
            "orders": int(row["order_id"] is not None),
            "revenue": row["revenue_amount"] or 0,
        }
        if "leads" in says[brand[customer]]:
            counted["leads"] = 0
        if "discounts" in says[brand[customer]]:
            counted["discounted"] = int(row["is_discounted"])
        yield Fact(brand[customer], "acquisition", "all", row["first_purchase_date"], customer, counted)
        for number in (3, 12):
            if is_over(first_of_month(row["first_purchase_date"]), number, as_of):
                brought = months[customer][: number + 1]
                counted = {
                    "customers": 1,
                    "revenue": sum(month["revenue_amount"] - month["refunded_revenue_amount"] for month in brought),
                }
                if any(month["costed_entries"] for month in brought):
                    counted["margin"] = sum(month["margin_amount"] for month in brought)
                yield Fact(
                    *(brand[customer], "unit_economics", f"{number} months"),
                    *(row["first_purchase_date"], customer, counted),
                )
    for row in rows("select * from intermediate.int_survey_scores where is_scored"):
        good = {"promoter": 100, "detractor": -100}.get(row["nps_group"], 0)
        counted = {"answers": 1, "good": int(row["is_satisfied"]) if row["survey_type"] == "csat" else good}
        yield Fact(
            *(row["brand"], row["survey_type"], row["touchpoint"]),
            *(row["responded_date"], row["customer_key"], counted),
        )
    for row in rows("select * from marts.attribution_credits"):
        first = row["credit"] if row["is_first_purchase"] else 0
        counted = {"credit": row["credit"], "first_credit": first, "revenue": row["credited_amount"]}
        yield Fact(
            *(row["brand"], f"attribution_{row['model']}", row["channel"]),
            *(row["converted_date"], keys.get(row["customer_id"]), counted),
        )


def page_of(address: str) -> str:
    """The path of an address: a scheme or a dot before the first stroke tells of a site."""
    address = address.lower()
    if "://" not in address and "." in address.split("/")[0] and "/" in address:
        address = f"https://{address}"
    return "/" + urlsplit(address).path.split(";")[0].strip("/")


def first_pages(rows: Rows) -> dict[int, str]:
    """Where each customer first arrived, if that was by the channel that won it: its touchpoints one by one."""
    owners = {
        row["customer_key"]: (row["brand"], row["acquisition_channel"])
        for row in rows("select * from intermediate.int_customer_dimensions")
    }
    first_day = {
        row["customer_key"]: row["first_known_date"]
        for row in rows("select * from intermediate.int_customer_lifespans")
    }
    visits = {
        (row["brand"], row["touchpoint_id"]): row for row in rows("select * from staging.stg_marketing__touchpoints")
    }
    channel = {
        (row["brand"], row["touchpoint_id"]): row["channel"]
        for row in rows("select * from intermediate.int_touchpoint_channels")
    }
    arrived: dict[int, list[tuple[Any, str]]] = defaultdict(list)
    for row in rows("select * from intermediate.int_customer_events where source_table = 'touchpoints'"):
        customer = row["customer_key"]
        if row["known_from"] == first_day[customer]:
            visit = visits[owners[customer][0], row["source_row"]]
            arrived[customer].append((visit["occurred_at"], row["source_row"]))
    pages = {}
    for customer, (brand, won_by) in owners.items():
        if customer in arrived:
            key = brand, min(arrived[customer])[1]
            if channel[key] == won_by and visits[key]["landing_page"]:
                pages[customer] = page_of(visits[key]["landing_page"])
    return pages


def is_over(month: date, number: int, as_of: date) -> bool:
    """Whether so many months after this one have ended by the as-of date, too."""
    for _ in range(number + 1):
        month = next_month(month)
    return month - timedelta(days=1) <= as_of


def cuts_of(
    fact: Fact, slices: Mapping[int, Mapping[str, str]], firsts: Mapping[int, tuple[date, Mapping[str, str]]]
) -> dict[str, str]:
    """The value of each dimension under which a fact stands."""
    names = sorted({name for _, values in firsts.values() for name in values})
    found = {"all": "all"}
    if fact.came_by is not None:
        found |= dict.fromkeys((*SLICES, PAGE, *names), "not split")
        found["acquisition_channel"], found["acquisition_campaign"] = fact.came_by
    elif fact.customer is None:
        found |= dict.fromkeys((*SLICES, PAGE, *names), "unknown")
    else:
        found |= slices[fact.customer]
        first_day, values = firsts.get(fact.customer, (date.max, {}))
        found |= values if fact.day >= first_day else dict.fromkeys(names, "no purchase yet")
    if fact.subject.startswith("attribution"):
        found = {name: value for name, value in found.items() if name in ("all", *SLICES)}
    return found


def metrics(found: Iterable[tuple[Fact, dict[str, str]]], as_of: date) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Each metric, month, dimension and value: numerator, denominator, and whether it is mature."""
    cells: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
    for fact, cuts in found:
        for name, value in cuts.items():
            cell = cells[fact.brand, fact.subject, fact.item, first_of_month(fact.day), name, value]
            for key, number in fact.counted.items():
                if number is not None:
                    cell[key] = cell.get(key, 0) + number
    frequency: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for (brand, subject, _, month, name, value), cell in cells.items():
        frequency[brand, subject, month, name][value] += next((cell[key] for key in FREQUENT_BY if key in cell), 0)
    kept: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
    for (brand, subject, item, month, name, value), cell in cells.items():
        values = frequency[brand, subject, month, name]
        ranks = sorted(values, key=lambda one: (one == "all others", -values[one], one))
        shown = value if ranks.index(value) < APART else "all others"
        together = kept[brand, subject, item, month, name, shown]
        for key, number in cell.items():
            together[key] = together.get(key, 0) + number
    expected = {}
    for (brand, subject, item, month, name, value), cell in kept.items():
        for metric, parts in METRICS[subject.split("_")[0] if subject.startswith("attribution") else subject].items():
            numerator, denominator = cell.get(parts.numerator), cell.get(parts.denominator or "")
            last_day = next_month(month) - timedelta(days=1)
            if numerator is None and denominator is None:
                continue
            if parts.due_days and last_day + timedelta(days=parts.due_days) > as_of:
                continue
            is_mature = last_day <= as_of and subject != "attribution_markov"
            if metric == "days_in_stage_per_exit" and cell["open"]:
                is_mature = False
            expected[brand, subject, item, metric, month, name, value] = (numerator, denominator, is_mature)
    return expected
