"""The retention marts on demo data and random histories, recomputed naively from staging: order by order, day by day.

Only who is one person is taken from the warehouse (identities have tests of their own); stages come from
customer_stages_daily.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle import histories, products, survival
from oracle.claims import check_claims, check_fault
from oracle.cuts import first_pages
from oracle.money import Order, first_of_month, gift_cards, months_from, next_month, owners, read_orders, rounded
from oracle.raw_files import merge_raw_data, write_raw_data
from oracle.runs import demo as demo_in
from oracle.runs import run_dbt

FOREVER = date.max
PROSPECT_STAGES = {"discovery", "engagement", "dormant"}
CHURN_AFTER = timedelta(days=90)
SLICES = ("acquisition_channel", "country_code", "segment")
COHORT_COUNTS = (
    *("purchasing_customer_count", "repurchased_customer_count", "active_customer_count", "reactivation_count"),
    *("order_count", "order_revenue_amount", "revenue_amount", "refunded_revenue_amount"),
)
COHORT_RATES = {
    "purchasing_customer_rate": "purchasing_customer_count",
    "repurchased_customer_rate": "repurchased_customer_count",
    "active_customer_rate": "active_customer_count",
    "orders_per_customer": "order_count",
    "cumulative_net_revenue_per_customer": "cumulative_net_revenue_amount",
    "cumulative_margin_per_customer": "cumulative_margin_amount",
}


def monday(day: date) -> date:
    """Give the week of a day."""
    return day - timedelta(days=day.weekday())


@dataclass
class Reference:
    """The demo warehouse and what plain Python makes of its staging tables."""

    path: Path
    as_of: date
    brand: dict[int, str]
    owner: dict[str, int]
    orders: list[Order]
    subscriptions: list[dict[str, Any]]  # those that are not deleted
    versions: dict[tuple[str, str], list[dict[str, Any]]]
    purchase_dates: dict[int, list[date]]
    active_days: dict[str, dict[date, str]] = field(default_factory=dict)
    charged: list[dict[str, Any]] = field(default_factory=list)  # all subscriptions

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            result = connection.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Build the demo data: dirt, campaigns, surveys, reasons to leave."""
    return reference_of(demo_in(tmp_path_factory.mktemp("retention"), "Europe/Paris"))


@pytest.fixture(scope="module", params=["demo", "histories"])
def reference(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Give the demo data, then random histories: merges, shared ids, reversals and deletions in all orders."""
    if request.param == "demo":
        return request.getfixturevalue("demo")
    directory = tmp_path_factory.mktemp("retention_histories")
    raw = write_raw_data(merge_raw_data(histories.random_histories(1, 300)), directory / "raw")
    return build_reference(raw, directory, histories.AS_OF_DATE.isoformat())


def build_reference(
    raw_data_dir: Path, directory: Path, as_of_date: str, models: str = "+marts.retention"
) -> Reference:
    """Build ``models`` of raw data in ``directory`` and read staging."""
    path = directory / "warehouse.duckdb"
    settings = {
        "raw_data_dir": raw_data_dir,
        "warehouse_path": path,
        "as_of_date": as_of_date,
        "reporting_currency": "EUR",
        "business_time_zone": "Europe/Paris",
        "dbt_target_path": directory / "target",
        "dbt_log_path": directory / "logs",
    }
    for arguments in (
        ["seed"],
        ["run", "--select", models, "+int_order_amounts", "+customer_stages_daily"],
    ):
        result = run_dbt(arguments, **settings)
        assert result.success, "\n".join(result.problems)
    return reference_of(path)


def reference_of(path: Path) -> Reference:
    """Read staging."""
    with duckdb.connect(str(path), read_only=True) as connection:
        as_of = connection.execute("select as_of_date from staging.as_of_date").fetchone()[0]
        owner = owners(connection)
        cards = gift_cards(connection, as_of)
        brand = dict(connection.execute("select customer_key, brand from intermediate.int_customers").fetchall())
        shared_from = dict(
            connection.execute(
                "select person_id, shared_from_date from intermediate.int_identity_shared_ids"
            ).fetchall()
        )
    found = Reference(path, as_of, brand, owner, [], [], defaultdict(list), {})
    for row in found.rows(
        "select *, cast(timezone('Europe/Paris', timezone('UTC', coalesce(updated_at, loaded_at))) as date) as version_date "
        "from staging.base_billing__subscriptions where coalesce(rejection_reason, 'superseded_version') = 'superseded_version'"
    ):
        found.versions[row["brand"], row["subscription_id"]].append(row)
    found.orders = read_orders(
        found.rows("select * from staging.stg_shop__orders"),
        found.rows("select * from staging.base_shop__refunds where rejection_reason is null"),
        owner,
        shared_from,
        as_of,
        cards,
    )
    found.charged = [
        {**row, "owner": owner[row["person_id"]]}
        for row in found.rows("select * from staging.stg_billing__subscriptions")
        if row["started_date"] is not None and row["started_date"] <= as_of and row["person_id"] in owner
    ]
    found.subscriptions = [row for row in found.charged if row["deleted_date"] is None or row["deleted_date"] > as_of]
    dates = defaultdict(set)
    for order in found.orders:
        if order.counts and order.owner is not None:
            dates[order.owner].add(order.day)
    for row in found.subscriptions:
        dates[row["owner"]].add(row["started_date"])
    found.purchase_dates = {customer: sorted(days) for customer, days in dates.items()}
    for row in found.rows("select customer_id, date_day, stage from marts.customer_stages_daily"):
        found.active_days.setdefault(row["customer_id"], {})[row["date_day"]] = row["stage"]
    return found


def is_active(stage: str | None) -> bool:
    """Whether a stage is that of an active customer."""
    return stage is not None and stage != "churned" and stage not in PROSPECT_STAGES


def active_on(reference: Reference, day: date) -> set[int]:
    """Find the customers of today of whose ids one had an active stage on the day."""
    return {
        reference.owner[customer_id]
        for customer_id, stages in reference.active_days.items()
        if customer_id in reference.owner and is_active(stages.get(day))
    }


def test_order_amounts(reference: Reference) -> None:
    """Revenue, what is taken back, and whether the order counts: sums by brand, owner and date."""
    expected: dict[tuple, list] = defaultdict(lambda: [0, 0, Decimal(0), Decimal(0)])
    for order in reference.orders:
        cell = expected[order.brand, order.owner, order.day]
        cell[0] += 1
        cell[1] += order.counts
        cell[2] += order.revenue
        cell[3] += order.revenue - order.net
    actual = reference.rows("""
        select brand, customer_key, ordered_date, count(*) as orders, count(*) filter (where is_valid) as valid_orders,
            sum(revenue_amount) as revenue, sum(refunded_revenue_amount) as refunded
        from intermediate.int_order_amounts group by all
    """)
    assert {
        (row["brand"], row["customer_key"], row["ordered_date"]): [
            row["orders"],
            row["valid_orders"],
            row["revenue"],
            row["refunded"],
        ]
        for row in actual
    } == expected
    assert any(order.reversed and order.counts for order in reference.orders), "there is no partial refund"


@pytest.mark.parametrize("length", ["month", "week"])
def test_retention_cohorts(reference: Reference, length: str) -> None:
    """Every cell: who bought, who bought then or later, who was active on the last day, and the money."""
    start_of = first_of_month if length == "month" else monday

    def following(day: date) -> date:
        return next_month(day) if length == "month" else day + timedelta(days=7)

    cohorts: dict[tuple[str, date], set[int]] = defaultdict(set)
    for customer, days in reference.purchase_dates.items():
        cohorts[reference.brand[customer], start_of(days[0])].add(customer)
    movements = defaultdict(list)
    for order in reference.orders:
        if order.owner in reference.purchase_dates and order.day >= reference.purchase_dates[order.owner][0]:
            movements[order.owner].append((order.day, order.revenue))
            movements[order.owner].extend((day, -amount) for day, amount in order.reversed.items())
    expected = {}
    active: dict[date, set[int]] = {}
    for (brand, cohort), customers in cohorts.items():
        start, number, cumulative = cohort, 0, Decimal(0)
        while start <= reference.as_of:
            end = following(start)
            last_day = min(end - timedelta(days=1), reference.as_of)
            if last_day not in active:
                active[last_day] = active_on(reference, last_day)
            net = sum(
                (amount for customer in customers for day, amount in movements[customer] if start <= day < end),
                Decimal(0),
            )
            cumulative += net
            has_ended = end - timedelta(days=1) <= reference.as_of
            buying = sum(
                any(start <= day < end for day in reference.purchase_dates[customer]) for customer in customers
            )
            expected[brand, cohort, number] = (
                len(customers),
                len(customers) if has_ended else 0,
                buying,
                buying / len(customers) if has_ended else None,
                sum(reference.purchase_dates[customer][-1] >= start for customer in customers),
                len(customers & active[last_day]),
                net,
                cumulative,
                has_ended,
            )
            start, number = end, number + 1
    actual = {
        (row["brand"], row[f"cohort_{length}"], row["period_number"]): (
            row["cohort_customer_count"],
            row["eligible_customer_count"],
            row["purchasing_customer_count"],
            row["purchasing_customer_rate"],
            row["unbounded_retained_customer_count"],
            row["active_customer_count"],
            row["net_revenue_amount"],
            row["cumulative_net_revenue_amount"],
            row["is_mature"],
        )
        for row in reference.rows(f"select * from marts.retention_cohorts_{length}ly")
    }
    assert actual == expected


SIZES = [0, *(digit * 10**power for power in range(1, 6) for digit in (1, 2, 5)), 10**6]


def size_of(amount: Decimal) -> str:
    """The band of an amount: from one figure up to, but not including, the next."""
    lower = max(size for size in SIZES if size <= max(amount, 0))
    upper = [size for size in SIZES if size > lower]
    return f"{lower} to {upper[0]}" if upper else f"over {lower}"


def discount_of(order: Mapping[str, Any], revenue: Decimal, says_discounts: bool) -> tuple[str, str]:
    """Code and band of the discount of an order."""
    code, discount = order["discount_code"], rounded((order["discount_amount"] or Decimal(0)) * order["reporting_rate"])
    if not says_discounts:
        return "unknown", "unknown"
    if not discount:
        return code or "none", "unknown" if code else "none"
    percent = 100 * discount / (revenue + discount)
    band = (
        "up to 10 %"
        if percent <= 10
        else "over 10 to 25 %"
        if percent <= 25
        else "over 25 to 50 %"
        if percent <= 50
        else "over 50 %"
    )
    return code or "without code", band


def cut_customers(reference: Reference) -> dict[int, dict[str, str]]:
    """Each customer with a purchase: its value of each dimension."""
    raw_orders = {
        (row["brand"], row["order_id"]): row for row in reference.rows("select * from staging.stg_shop__orders")
    }
    category = {
        (row["brand"], row["product_id"]): row["category"]
        for row in reference.rows("select * from staging.stg_shop__products")
    }
    lines = defaultdict(list)
    for row in reference.rows("select * from staging.stg_shop__order_items"):
        if row["product_id"] and (row["deleted_date"] is None or row["deleted_date"] > reference.as_of):
            lines[row["brand"], row["order_id"]].append(row)
    path_touches = {
        row["event_type"] for row in reference.rows("select * from staging.event_types where is_path_touch")
    }
    shared_from = {
        row["person_id"]: row["shared_from_date"]
        for row in reference.rows("select * from intermediate.int_identity_shared_ids")
    }
    channel = {
        (row["brand"], row["touchpoint_id"]): row["channel"]
        for row in reference.rows("select * from intermediate.int_touchpoint_channels")
    }
    touches = defaultdict(list)
    for row in reference.rows("select * from staging.stg_marketing__touchpoints"):
        person, day = row["person_id"], row["occurred_date"]
        is_known = row["deleted_date"] is None or row["deleted_date"] > reference.as_of
        is_shared = day >= shared_from.get(person, FOREVER)
        if (row["touch_type"] or "visit") in path_touches and is_known and person in reference.owner and not is_shared:
            touches[reference.owner[person]].append(
                (row["occurred_at"], row["touchpoint_id"], day, channel[row["brand"], row["touchpoint_id"]])
            )
    firsts = {}
    for order in sorted(reference.orders, key=lambda order: (order.at, order.order_id)):
        if order.counts and order.owner is not None and order.day == reference.purchase_dates[order.owner][0]:
            firsts.setdefault(order.owner, order)
    says_discounts = {
        order.brand
        for order in firsts.values()
        if raw_orders[order.brand, order.order_id]["discount_amount"] is not None
        or raw_orders[order.brand, order.order_id]["discount_code"] is not None
    }
    subscribed = {(row["owner"], row["started_date"]) for row in reference.subscriptions}
    pages = first_pages(reference.rows)
    found = {}
    for row in reference.rows("select * from intermediate.int_customer_dimensions"):
        customer = row["customer_key"]
        if customer not in reference.purchase_dates:
            continue
        first_day = reference.purchase_dates[customer][0]
        early = [touch for touch in sorted(touches[customer]) if touch[2] <= first_day]
        is_of_profile = row["channel_evidence"] == "profile"
        cuts = {
            "all_customers": "all",
            "acquisition_channel": row["acquisition_channel"],
            "stitched_channel": row["acquisition_channel"] if is_of_profile else early[0][3] if early else "unknown",
            "acquisition_campaign": row["acquisition_campaign_id"] or "none",
            "acquisition_landing_page": pages.get(customer, "none"),
            "country_code": row["country_code"],
            "segment": row["segment"],
            "first_purchase_type": "subscription" if (customer, first_day) in subscribed else "one_time",
        }
        order = firsts.get(customer)
        product = sales_channel = code = band = size = None
        if order is not None:
            key = order.brand, order.order_id
            spent = Counter()
            for line in lines[key]:
                spent[line["product_id"]] += (1 if line["quantity"] is None else line["quantity"]) * (
                    line["unit_price"] or 0
                )
                spent[line["product_id"]] -= line["discount_amount"] or 0
            product = min(spent, key=lambda product: (-spent[product], product), default=None)
            sales_channel, size = raw_orders[key]["sales_channel"], size_of(order.revenue)
            code, band = discount_of(raw_orders[key], order.revenue, order.brand in says_discounts)
        cuts |= {
            "first_product": product or "unknown",
            "first_category": category.get((row["brand"], product)) or "unknown",
            "first_sales_channel": sales_channel or "unknown",
            "first_discount_code": code or "unknown",
            "first_discount_share": band or "unknown",
            "first_order_size": size or "unknown",
        }
        found[customer] = cuts
    return found


def customer_months(reference: Reference) -> dict[int, list[Counter]]:
    """Each customer with a purchase: what happened in each month from its first purchase to the as-of date."""
    costs = {
        (row["brand"], row["order_id"]): row["ordered_cost_amount"]
        for row in reference.rows("select * from intermediate.int_order_unit_costs")
    }
    orders = defaultdict(list)
    for order in reference.orders:
        orders[order.owner].append(order)
    returns = {customer: [start for start, _ in runs[1:]] for customer, runs in episodes(reference).items()}
    active = cache(lambda day: active_on(reference, day))
    found = {}
    for customer, days in reference.purchase_dates.items():
        found[customer] = []
        for start in months_from(days[0], reference.as_of):
            end, cell = next_month(start), Counter()
            cell["purchasing_customer_count"] = int(any(start <= day < end for day in days))
            cell["repurchased_customer_count"] = int(len(days) > 1 and days[1] < end)
            cell["active_customer_count"] = int(customer in active(min(end - timedelta(days=1), reference.as_of)))
            cell["reactivation_count"] = sum(start <= day < end for day in returns.get(customer, []))
            for order in orders[customer]:
                if order.counts and start <= order.day < end and not order.sells_cards_only:
                    cell["order_count"] += 1
                    cell["order_revenue_amount"] += order.revenue
                if order.day < days[0]:
                    continue
                cost = costs.get((order.brand, order.order_id))
                for day in {order.day, *order.reversed, *order.standing}:
                    if start <= day < end:
                        revenue = order.revenue if day == order.day else Decimal(0)
                        back = order.reversed.get(day, Decimal(0))
                        cell["entries"] += 1
                        cell["revenue_amount"] += revenue
                        cell["refunded_revenue_amount"] += back
                        if cost is not None:
                            cell["costed_entries"] += 1
                            cell["margin_amount"] += revenue - back - order.standing.get(day, 0) * cost
            found[customer].append(cell)
    return found


def test_cohorts_by_dimension(reference: Reference) -> None:
    """Every cell of every cut: counts, money and margin of its customers, added up customer by customer."""
    cuts, months = cut_customers(reference), customer_months(reference)
    cohorts: dict[tuple[str, date, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for customer, values in cuts.items():
        for dimension, value in values.items():
            month = first_of_month(reference.purchase_dates[customer][0])
            cohorts[reference.brand[customer], month, dimension][value].append(customer)
    expected = {}
    for (brand, month, dimension), values in cohorts.items():
        kept: dict[str, list[int]] = defaultdict(list)
        for number, value in enumerate(sorted(values, key=lambda value: (-len(values[value]), value))):
            kept[value if number < 20 else "all others"] += values[value]
        for value, customers in kept.items():
            together: Counter = Counter()
            for number, start in enumerate(months_from(month, reference.as_of)):
                cell: Counter = Counter()
                for customer in customers:
                    cell.update(months[customer][number])
                together.update(cell)
                is_over = next_month(start) - timedelta(days=1) <= reference.as_of
                knows_margin = bool(cell["costed_entries"]) or not cell["entries"]
                expected[brand, dimension, value, month, number] = {
                    "cohort_customer_count": len(customers),
                    "eligible_customer_count": len(customers) if is_over else 0,
                    **{name: cell[name] for name in COHORT_COUNTS},
                    "net_revenue_amount": cell["revenue_amount"] - cell["refunded_revenue_amount"],
                    "cumulative_net_revenue_amount": together["revenue_amount"] - together["refunded_revenue_amount"],
                    "margin_amount": cell["margin_amount"] if knows_margin else None,
                    "cumulative_margin_amount": together["margin_amount"] if together["costed_entries"] else None,
                    "is_mature": is_over and dimension != "stitched_channel",
                }
    rows = reference.rows("select * from marts.retention_cohorts_by_dimension")
    keys = ("brand", "dimension", "dimension_value", "cohort_month", "period_number")
    actual = {tuple(row[name] for name in keys): row for row in rows}
    assert set(actual) == set(expected)
    wrong = [
        (key, name, actual[key][name], value)
        for key, values in expected.items()
        for name, value in values.items()
        if actual[key][name] != value
    ]
    assert not wrong, f"{len(wrong)} values differ:\n" + "\n".join(map(str, wrong[:20]))
    for row in rows:
        customers = row["eligible_customer_count"]
        for rate, numerator in COHORT_RATES.items():
            number = row[numerator]
            assert row[rate] == (float(number) / customers if customers and number is not None else None), (row, rate)
        average = float(row["order_revenue_amount"]) / row["order_count"] if row["order_count"] else None
        assert row["average_order_value"] == average


def test_growth_accounting(reference: Reference) -> None:
    """Every day of every customer compared with its day before."""
    keys = {row["customer_id"]: row for row in reference.rows("select * from intermediate.int_customers")}
    arrivals = {
        (row["customer_key"], row["valid_from"]): set()
        for row in reference.rows("select * from intermediate.int_identity_map")
    }
    for row in reference.rows("select * from intermediate.int_identity_map"):
        arrivals[row["customer_key"], row["valid_from"]].add(row["person_id"])
    slices = {
        row["customer_key"]: [(name, row[name]) for name in SLICES]
        for row in reference.rows("select * from intermediate.int_customer_dimensions")
    }
    expected: dict[tuple[str, date], Counter] = defaultdict(Counter)
    cut: dict[tuple[str, str, str, date], Counter] = defaultdict(Counter)
    closings: dict[tuple[str, date], int] = Counter()
    one_day = timedelta(days=1)
    for customer_id, stages in reference.active_days.items():
        customer = keys[customer_id]
        theirs: dict[date, Counter] = defaultdict(Counter)
        before = None
        # the day after a day with a stage may have none: the customer was merged, and comes back where that is undone
        for day in sorted({*stages, *(day + one_day for day in stages)}):
            stage = stages.get(day)
            month = theirs[first_of_month(day)]
            if is_active(stage) and not is_active(before):
                came_with = [
                    other
                    for other in arrivals.get((customer["customer_key"], day), ())
                    if other != customer_id and is_active(reference.active_days.get(other, {}).get(day - one_day))
                ]
                if came_with or (before is None and day != min(stages)):
                    month["merged_net"] += 1
                else:
                    month["reactivated" if before == "churned" or stage == "reactivated" else "new"] += 1
            elif is_active(before) and not is_active(stage) and day <= reference.as_of:
                if stage is None:
                    month["merged_net"] -= 1
                else:
                    month["churned" if stage == "churned" else "reversed"] += 1
            before = stage
        for day in stages:
            if is_active(stages[day]) and (day + one_day == next_month(day) or day == reference.as_of):
                closings[customer["brand"], first_of_month(day)] += 1
                theirs[first_of_month(day)]["closing_active"] += 1
        for month, counted in theirs.items():
            for kind, count in counted.items():
                if kind != "closing_active":
                    expected[customer["brand"], month][kind] += count
                for name, value in slices[customer["customer_key"]]:
                    cut[customer["brand"], name, value, month][kind] += count
    rows = reference.rows("select * from marts.growth_accounting_monthly order by brand, month_date")
    for row in rows:
        counted = expected[row["brand"], row["month_date"]]
        for kind in ("new", "reactivated", "churned", "reversed", "merged_net"):
            assert row[kind] == counted[kind], (kind, row)
        assert row["closing_active"] == closings[row["brand"], row["month_date"]], row
        gained, lost = counted["new"] + counted["reactivated"], counted["churned"] + counted["reversed"]
        assert row["quick_ratio"] == (gained / lost if lost else None)
        opening = row["opening_active"]
        assert row["gross_churn_rate"] == (counted["churned"] / opening if opening else None)
    assert {kind for counter in expected.values() for kind in counter} >= {"new", "reactivated", "churned", "reversed"}
    assert len(rows) == len({(row["brand"], row["month_date"]) for row in rows})
    assert {key for key, counter in expected.items() if +counter} <= {(row["brand"], row["month_date"]) for row in rows}
    parts = {
        (row["brand"], row["dimension_name"], row["dimension_value"], row["month_date"]): row
        for row in reference.rows("select * from marts.growth_accounting_by_dimension")
    }
    for key, row in parts.items():
        for kind in ("new", "reactivated", "churned", "reversed", "merged_net", "closing_active"):
            assert row[kind] == cut[key][kind], (kind, row)
    assert {key for key, counter in cut.items() if any(counter.values())} <= parts.keys()
    for row in rows:
        for name in SLICES:
            same = [
                part for key, part in parts.items() if key[:2] == (row["brand"], name) and key[3] == row["month_date"]
            ]
            for kind in ("opening_active", "new", "reactivated", "churned", "reversed", "merged_net", "closing_active"):
                assert sum(part[kind] for part in same) == row[kind], (name, kind, row)


def price_on(versions: list[Mapping[str, Any]], day: date) -> Decimal | None:
    """What a subscription costs on a day: go through its paid versions with a price, the oldest first."""
    price, known = None, False
    for version in sorted(versions, key=lambda version: -version["version_number"]):
        if version["started_date"] is None or version["monthly_amount"] is None:
            continue
        since = version["version_date"]
        if not known or since is None or since <= day:
            price = rounded(version["monthly_amount"] * version["reporting_rate"])
        known = True
    return price


def mrr_on(reference: Reference, day: date) -> dict[int, Decimal]:
    """Monthly recurring revenue by customer on a day."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for row in reference.charged:
        ends = [end for end in (row["ended_date"], row["deleted_date"]) if end is not None]
        is_running = row["started_date"] <= day and all(end > day for end in ends)
        price = price_on(reference.versions[row["brand"], row["subscription_id"]], day) if is_running else None
        if price is not None:
            found[row["owner"]] += price
    return found


def test_recurring_revenue(reference: Reference) -> None:
    """The bridge between the months' last days, customer by customer."""
    charged_on = cache(lambda day: mrr_on(reference, day))
    brands = {row["brand"] for row in reference.charged if row["monthly_amount"] is not None}
    for row in reference.rows("select * from marts.growth_accounting_monthly"):
        if row["brand"] not in brands:
            assert row["opening_mrr_amount"] is None
            assert row["closing_mrr_amount"] is None
            continue
        ends = [
            min(next_month(month) - timedelta(days=1), reference.as_of)
            for month in months_from(date(2000, 1, 1), row["month_date"])
        ]
        before, after = (
            {customer: amount for customer, amount in charged_on(day).items() if amount}
            for day in (row["month_date"] - timedelta(days=1), ends[-1])
        )
        earlier = {customer for day in ends[:-1] for customer, amount in charged_on(day).items() if amount}
        expected: dict[str, Decimal] = defaultdict(Decimal)
        for customer in {*before, *after}:
            if reference.brand[customer] != row["brand"]:
                continue
            old, new = before.get(customer, Decimal(0)), after.get(customer, Decimal(0))
            expected["opening"] += old
            expected["closing"] += new
            if not new:
                expected["churned"] += old
            elif not old:
                expected["reactivated" if customer in earlier else "new"] += new
            else:
                expected["expansion" if new > old else "contraction"] += abs(new - old)
        for kind in ("opening", "new", "reactivated", "expansion", "contraction", "churned", "closing"):
            assert row[f"{kind}_mrr_amount"] == expected[kind], (kind, row)
        held = [
            (old, after.get(customer, Decimal(0)))
            for customer, old in before.items()
            if reference.brand[customer] == row["brand"]
        ]
        opening = sum(old for old, _ in held)
        for rate, kept in (
            ("gross_revenue_retention_rate", sum(min(old, new) for old, new in held)),
            ("net_revenue_retention_rate", sum(new for _, new in held)),
        ):
            assert row[rate] == (pytest.approx(float(kept / opening)) if opening else None), (rate, row)


def churn_reason(reference: Reference, customer: int, day: date, surveys: Mapping[int, list]) -> str:
    """Find the reason of the subscription that ran out that day, else of the nearest exit survey, else lapsed."""
    ended = sorted(
        (row["cancel_reason"] is None, row["subscription_id"], row["cancel_reason"])
        for row in reference.subscriptions
        if row["owner"] == customer and row["ended_date"] == day
    )
    if ended and ended[0][2] is not None:
        return ended[0][2]
    near = sorted((abs((answered - day).days), key, reason) for answered, key, reason in surveys.get(customer, ()))
    return near[0][2] if near and near[0][0] <= 30 else "lapsed"


def test_churn(reference: Reference) -> None:
    """Sets of customers on two days, by slice and reason."""
    slices = {
        row["customer_key"]: tuple(row[name] for name in SLICES)
        for row in reference.rows("select * from intermediate.int_customer_dimensions")
    }
    shared_from = {
        row["person_id"]: row["shared_from_date"]
        for row in reference.rows("select * from intermediate.int_identity_shared_ids")
    }
    surveys = defaultdict(list)
    for row in reference.rows("select * from staging.stg_feedback__survey_responses where survey_type = 'exit'"):
        is_deleted = row["deleted_date"] is not None and row["deleted_date"] <= reference.as_of
        is_shared = shared_from.get(row["person_id"], date.max) <= row["responded_date"]
        if row["reason"] is not None and row["person_id"] in reference.owner and not is_deleted and not is_shared:
            surveys[reference.owner[row["person_id"]]].append(
                (row["responded_date"], row["response_id"], row["reason"])
            )
    ids = defaultdict(list)
    for customer_id, customer in reference.owner.items():
        ids[customer].append(customer_id)
    expected: dict[tuple, int] = Counter()
    first = min(day for stages in reference.active_days.values() for day in stages)
    one_day = timedelta(days=1)
    for month in months_from(first, reference.as_of):
        start = active_on(reference, month - one_day)
        last_day = min(next_month(month) - one_day, reference.as_of)
        end = active_on(reference, last_day)
        for customer in start:
            reason = "retained"
            if customer not in end:
                day = last_day
                while not any(
                    is_active(reference.active_days.get(key, {}).get(day - one_day)) for key in ids[customer]
                ):
                    day -= one_day
                reason = churn_reason(reference, customer, day, surveys)
            expected[(reference.brand[customer], *slices[customer], month, reason)] += 1
    rows = reference.rows("select * from marts.churn_monthly")
    actual = {
        (row["brand"], *(row[name] for name in SLICES), row["month_date"], row["churn_reason"]): row[
            "active_at_start_count"
        ]
        for row in rows
    }
    assert actual == dict(expected)
    for row in rows:
        same_slice = [*(row[name] for name in ("brand", *SLICES)), row["month_date"]]
        total = sum(count for key, count in expected.items() if list(key[:-1]) == same_slice)
        assert row["churned_count"] == (0 if row["churn_reason"] == "retained" else row["active_at_start_count"])
        assert row["dimension_active_at_start_count"] == total
        has_ended = next_month(row["month_date"]) - one_day <= reference.as_of
        assert row["churn_rate"] == (row["churned_count"] / total if has_ended else None)


def episodes(reference: Reference) -> dict[int, list[tuple[date, date]]]:
    """Find runs of active days [from, to) by customer, from the facts that count at the as-of date."""
    periods = defaultdict(list)
    for order in reference.orders:
        if order.counts and order.owner is not None:
            periods[order.owner].append((order.day, order.day + CHURN_AFTER))
    for row in reference.subscriptions:
        end = row["ended_date"]
        known = end is not None and (
            end <= reference.as_of or (row["cancelled_date"] is not None and row["cancelled_date"] <= reference.as_of)
        )
        if not known or end > row["started_date"]:
            periods[row["owner"]].append((row["started_date"], end if known else FOREVER))
    found = {}
    for customer, windows in periods.items():
        runs: list[tuple[date, date]] = []
        for start, end in sorted(windows):
            if runs and start <= runs[-1][1]:
                runs[-1] = (runs[-1][0], max(runs[-1][1], end))
            else:
                runs.append((start, end))
        found[customer] = runs
    return found


def test_winbacks(reference: Reference) -> None:
    """Every later run of activity, the last touchpoint before it, and what came of it."""
    touchpoints = defaultdict(list)
    for row in reference.rows("select * from staging.stg_marketing__touchpoints"):
        if row["person_id"] in reference.owner and row["deleted_date"] is None:
            touchpoints[reference.owner[row["person_id"]]].append(row)
    began = defaultdict(list)
    for order in reference.orders:
        if order.counts:
            began[order.owner, order.day].append(order.at)
    for row in reference.subscriptions:
        began[row["owner"], row["started_date"]].append(row["started_at"])
    expected: dict[tuple, dict[str, Any]] = {}
    for customer, runs in episodes(reference).items():
        for start, end in runs[1:]:
            before = [row for row in touchpoints[customer] if row["occurred_at"] < min(began[customer, start])]
            last = min(before, key=lambda row: (-row["occurred_at"].timestamp(), row["touchpoint_id"]), default=None)
            campaign = (last["campaign_id"] if last else None) or "none"
            cell = expected.setdefault(
                (reference.brand[customer], first_of_month(start), campaign),
                {"reactivated_count": 0, "net_revenue_amount": Decimal(0)}
                | {f"{name}_{days}d_count": 0 for name in ("eligible", "still_active") for days in (30, 90, 180)}
                | {f"active_on_day_{days}_count": 0 for days in (30, 90, 180)},
            )
            cell["reactivated_count"] += 1
            cell["net_revenue_amount"] += sum(
                (order.net for order in reference.orders if order.owner == customer and order.day >= start), Decimal(0)
            )
            for days in (30, 90, 180):
                day = start + timedelta(days=days)
                if day <= reference.as_of:
                    cell[f"eligible_{days}d_count"] += 1
                    cell[f"still_active_{days}d_count"] += day < end
                    cell[f"active_on_day_{days}_count"] += any(begins <= day < ends for begins, ends in runs)
    actual = {
        (row["brand"], row["reactivation_month"], row["campaign_id"]): row
        for row in reference.rows("select * from marts.winback_cohorts_monthly")
    }
    assert {key: {name: row[name] for name in expected[key]} for key, row in actual.items()} == expected
    for row in actual.values():
        for days in (30, 90, 180):
            eligible = row[f"eligible_{days}d_count"]
            rate = row[f"still_active_{days}d_count"] / eligible if eligible else None
            assert row[f"still_active_{days}d_rate"] == rate
            rate = row[f"active_on_day_{days}_count"] / eligible if eligible else None
            assert row[f"active_on_day_{days}_rate"] == rate


def waits(reference: Reference) -> dict[str, list[tuple[int, date, date | None]]]:
    """Who waits for which event, from when until when: by purchases, runs of activity and events."""
    found: dict[str, list[tuple[int, date, date | None]]] = defaultdict(list)
    first_events = reference.rows(
        "select customer_key, min(event_date) as day from intermediate.int_customer_events "
        f"where known_until = date '9999-12-31' and event_date <= date '{reference.as_of}' group by customer_key"
    )
    living = set(reference.owner.values())
    for row in first_events:
        if row["customer_key"] in living:
            bought = reference.purchase_dates.get(row["customer_key"], [None])[0]
            found["first_purchase"].append((row["customer_key"], row["day"], bought))
    for customer, days in reference.purchase_dates.items():
        found["repurchase"].append((customer, days[0], days[1] if len(days) > 1 else None))
    for customer, runs in episodes(reference).items():
        found["churn"].append((customer, *runs[0]))
        for number, (_, end) in enumerate(runs):
            following = runs[number + 1][0] if number + 1 < len(runs) else None
            if end <= reference.as_of:
                found["win_back"].append((customer, end, following))
    return found


def test_curves(reference: Reference) -> None:
    """Every point of every curve: of events, by month and attribute, and of stays in stages."""
    slices = {row["customer_key"]: row for row in reference.rows("select * from intermediate.int_customer_dimensions")}
    observed: dict[tuple[str, str, str, str], list[tuple[int, bool]]] = defaultdict(list)

    def see(customer: int, event: str, month: date, days: int, has_event: bool) -> None:
        cuts = {"all": "all", "cohort_month": str(month)} | {cut: slices[customer][cut] for cut in SLICES}
        for name, value in cuts.items():
            observed[slices[customer]["brand"], event, name, value].append((days, has_event))

    for event, customers in waits(reference).items():
        for customer, start, end in customers:
            has_event = end is not None and end <= reference.as_of
            days = ((end if has_event else reference.as_of) - start).days
            see(customer, event, start.replace(day=1), days, has_event)
    for row in reference.rows("select * from intermediate.int_customer_stays"):
        has_event = row["outcome"] == "completed"
        see(row["customer_key"], f"leaves_{row['stage']}", row["entry_month"], row["seen_days"], has_event)
    expected = {
        (*key, day): (
            point.at_risk,
            point.events,
            point.censored,
            point.survival,
            point.standard_error,
            point.lower,
            point.upper,
        )
        for key, times in observed.items()
        for day, point in survival.curve(times).items()
    }
    actual = {
        tuple(row.values())[:5]: tuple(row.values())[5:]
        for row in reference.rows("select * from marts.survival_curves")
    }
    assert actual.keys() == expected.keys()
    for key, point in expected.items():
        assert actual[key][:3] == point[:3], key
        assert all(
            (one is None) == (other is None) and (one is None or one == pytest.approx(other, rel=1e-9, abs=1e-12))
            for one, other in zip(actual[key][3:], point[3:], strict=True)
        ), (key, actual[key], point)
    assert len({key[1] for key in actual}) == 13


def test_curves_and_stage_durations_say_the_same(demo: Reference) -> None:
    """The median stay of a stage and month is the first day on which half of the stays are over."""
    medians = {
        (row["brand"], f"leaves_{row['stage']}", str(row["entry_month"])): row["median_days"]
        for row in demo.rows("select * from marts.stage_durations")
    }
    halves: dict[tuple[str, str, str], int | None] = {}
    for row in demo.rows(
        "select * from marts.survival_curves where dimension_name = 'cohort_month' order by day_number"
    ):
        key = (row["brand"], row["event_name"], row["dimension_value"])
        if row["event_name"].startswith("leaves_"):
            halves.setdefault(key, None)
            if halves[key] is None and row["survival_rate"] <= 0.5 + 1e-9:
                halves[key] = row["day_number"]
    assert halves == medians


def test_repurchases(reference: Reference) -> None:
    """Second purchase dates within so many days of the first, of customers whose days have run out."""
    expected: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])
    for customer, days in reference.purchase_dates.items():
        for window in (30, 60, 90, 180, 365):
            cell = expected[reference.brand[customer], first_of_month(days[0]), window]
            end = days[0] + timedelta(days=window)
            cell[0] += 1
            cell[1] += end <= reference.as_of
            cell[2] += end <= reference.as_of and len(days) > 1 and days[1] <= end
    rows = reference.rows("select * from marts.repurchase_monthly")
    assert {
        (row["brand"], row["cohort_month"], row["window_days"]): [
            row["cohort_customer_count"],
            row["eligible_count"],
            row["repurchased_count"],
        ]
        for row in rows
    } == expected
    for row in rows:
        eligible = row["eligible_count"]
        assert row["repurchase_rate"] == (row["repurchased_count"] / eligible if eligible else None)
        assert row["is_mature"] == (eligible == row["cohort_customer_count"])


def test_purchase_gaps(reference: Reference) -> None:
    """From each purchase to the next, customer by customer."""
    actual = {
        tuple(row.values())[:3]: tuple(row.values())[3:] for row in reference.rows("select * from marts.purchase_gaps")
    }
    expected = products.gaps(reference.purchase_dates, reference.brand, reference.as_of)
    assert actual == {key: pytest.approx(row, abs=1e-9) for key, row in expected.items()}
    assert max(number for _, number, _ in actual) > 5


def test_churn_windows(reference: Reference) -> None:
    """Customers whom a window would have called churned, day by day, and those of them who came back."""
    covered = {row["owner"] for row in reference.subscriptions}
    segments = {
        row["customer_key"]: row["segment"]
        for row in reference.rows("select * from intermediate.int_customer_dimensions")
    }
    for row in reference.rows("select * from marts.churn_window_calibration"):
        window = timedelta(days=row["window_days"])
        customers = churned = returned = 0
        gaps = []
        for customer, days in reference.purchase_dates.items():
            if customer in covered or (reference.brand[customer], segments[customer]) != (row["brand"], row["segment"]):
                continue
            customers += 1
            # a churned day is one on or after the window's end with no purchase since
            came_back = any(later > day + window for day, later in pairwise(days))
            churned += came_back or days[-1] + window <= reference.as_of
            returned += came_back
            gaps += [(later - day).days for day, later in pairwise(days)]
        assert (
            row["customer_count"],
            row["customers_churned_count"],
            row["later_returned_count"],
            row["gap_count"],
        ) == (
            customers,
            churned,
            returned,
            len(gaps),
        )
        assert row["false_churn_rate"] == (returned / churned if churned else None)
        if gaps:
            position = (len(gaps) - 1) * 0.9
            lower, upper = sorted(gaps)[int(position)], sorted(gaps)[min(int(position) + 1, len(gaps) - 1)]
            assert row["gap_p90_days"] == pytest.approx(lower + (upper - lower) * (position - int(position)))


FAULTS = {
    "assert_order_amounts_reconcile_with_staging": (
        "update intermediate.int_order_amounts set revenue_amount = revenue_amount + 0.01 where net_revenue_amount > 0"
    ),
    "assert_revenue_movements_add_up_to_order_amounts": (
        "delete from intermediate.int_revenue_entries where revenue_amount = 0"
    ),
    "assert_orders_that_count_are_worth_what_is_left": (
        "update intermediate.int_order_amounts set net_revenue_amount = 0.01 where not is_valid"
    ),
    "assert_orders_count_in_money_as_in_stages": (
        "update intermediate.int_order_amounts set is_valid = true where refunded_revenue_amount > 0"
    ),
    "assert_growth_accounting_closes": "update marts.growth_accounting_monthly set merged_net = 0",
    "assert_closing_counts_are_the_customers_active_that_day": (
        "update marts.growth_accounting_monthly set closing_active = closing_active + 1 where not is_mature"
    ),
    "assert_cohorts_begin_with_their_size": (
        "update marts.retention_cohorts_weekly set purchasing_customer_rate = 0.5 where not is_mature"
    ),
    "assert_cohort_revenue_reconciles_with_orders": (
        "update marts.retention_cohorts_monthly set net_revenue_amount = net_revenue_amount + 1 where period_number = 3"
    ),
    "assert_cut_cohorts_add_up_to_the_whole": (
        "update marts.retention_cohorts_by_dimension set purchasing_customer_count = purchasing_customer_count + 1 "
        "where dimension = 'first_product' and period_number = 2"
    ),
    "assert_purchase_gaps_follow_from_purchase_to_purchase": (
        "update marts.purchase_gaps set next_purchase_count = next_purchase_count + 1 where purchase_number = 2"
    ),
    "assert_churn_rows_add_up_to_their_dimensions": "delete from marts.churn_monthly where churn_reason = 'payment_failed'",
    "assert_eligible_customers_bound_what_is_counted_of_them": (
        "update marts.repurchase_monthly set repurchased_count = eligible_count + 1 where not is_mature"
    ),
}


def test_the_demo_has_reasons_to_leave_and_campaigns_to_return(demo: Reference) -> None:
    """Without them the comparisons above would say little."""
    assert len(demo.rows("select distinct churn_reason from marts.churn_monthly")) > 3
    assert len(demo.rows("select distinct campaign_id from marts.winback_cohorts_monthly")) > 3


def test_claims_across_models_hold_on_the_demo_data(demo: Reference) -> None:
    """Every singular test passes before a fault is planted."""
    check_claims(demo.path, FAULTS)


@pytest.mark.parametrize("claim", FAULTS)
def test_a_planted_fault_is_found(claim: str, demo: Reference, tmp_path: Path) -> None:
    """Each singular test fails when what it claims is made untrue."""
    check_fault(demo.path, claim, FAULTS[claim], tmp_path)
