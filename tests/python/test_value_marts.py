"""The value and product marts on demo data and random histories, recomputed naively from staging: order by order, month by month.

Only who is one person, slices, margins of orders and converted referrals are taken from the warehouse: they have tests
of their own. Predictions have theirs in test_predictions.py.
"""

from __future__ import annotations

import csv
import math
import random
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle import histories, messages, products, profiles
from oracle.money import Order, first_of_month, gift_cards, months_from, next_month, owners, read_orders
from oracle.raw_files import merge_raw_data, write_raw_data
from oracle.runs import NAME, run_dbt
from oracle.runs import demo as demo_in
from oracle.trade import with_trade
from oracle.truncation import truncate

from lifecycle_tools.build import PROJECT_DIR

MARTS = (
    "customer_value",
    "customer_value_monthly",
    "rfm_segments_monthly",
    "revenue_concentration_monthly",
    "ideal_customer_profile",
    "product_lifecycle",
    "product_pairs",
    "product_sequences",
    "customer_profile",
)
FOREVER = date.max
PROFILE_DAYS = 90
YEAR = timedelta(days=365)
Z = 1.959963984540054


@dataclass(frozen=True)
class PlacedOrder:
    """An order of a customer, as read_orders lives through it, and its row in staging."""

    row: dict[str, Any]
    order: Order


@dataclass
class Reference:
    """A warehouse and what plain Python makes of its staging tables; ``raw``: the rows of random histories."""

    path: Path
    as_of: date
    brand: dict[int, str]
    customer_id: dict[int, str]
    orders: dict[int, list[PlacedOrder]]
    owner: dict[str, int] = field(default_factory=dict)
    all_orders: list[Order] = field(default_factory=list)
    raw: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            result = connection.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def counting(self, customer: int) -> list[Order]:
        """The customer's orders that count at the as-of date."""
        return [placed.order for placed in self.orders[customer] if placed.order.counts]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Build the demo data: categories, discounts, referrals, dirt."""
    return reference_of(demo_in(tmp_path_factory.mktemp("value"), "Europe/Paris"))


@pytest.fixture(scope="module", params=["demo", "histories"])
def reference(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Give the demo data, then random histories: merges, shared ids, reversals and deletions in all orders."""
    if request.param == "demo":
        return request.getfixturevalue("demo")
    directory = tmp_path_factory.mktemp("value_histories")
    rng = random.Random("value")
    goods = [
        {"brand": brand, "product_id": product, "category": category}
        for brand in histories.TIME_ZONES
        for product, category in (("euro", "tea"), ("dollar", "tea"), ("dear", "cups"), ("costless", None))
    ]
    made = [with_prices(with_trade(history, rng)) for history in histories.random_histories(4, 300)]
    campaigns = [
        {"brand": brand, "campaign_id": "mail", "name": "Mail", "ended_at": histories.AS_OF_DATE}
        for brand in list(histories.TIME_ZONES)[:2]
    ]
    raw = merge_raw_data([*made, {"products": goods, "campaigns": campaigns}])
    give_habits(raw, rng)
    raw["messages"] = messages.with_messages(raw, random.Random("messages"))
    found = build_reference(write_raw_data(raw, directory / "raw"), directory, histories.AS_OF_DATE.isoformat())
    found.raw = raw
    return found


def with_prices(raw: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Give the items prices, discounts and gift cards, without drawing from what other values are drawn from."""
    rng = random.Random(f"prices of {len(raw.get('order_items', ()))}")
    for item in raw.get("order_items", ()):
        item["unit_price"] = rng.choice([0, 1, 3.33, 10, 19.99, None])
        item["discount_amount"] = rng.choice([None, None, 0.5, 40])
        if rng.random() < 0.05:
            item |= {"is_gift_card": True, "quantity": 1}
    return raw


def give_habits(raw: dict[str, list[dict[str, Any]]], rng: random.Random) -> None:
    """Discounts, consents of records and answers to the newsletter, by devices as well as by customers."""
    for order in raw["orders"]:
        if rng.random() < 0.4:
            order["discount_code"] = "SPRING"
    for customer in raw["customers"]:
        customer["marketing_consent"] = rng.choice(["true", "false", None, None])
        if rng.random() < 0.2 and "created_at" in customer:
            customer["updated_at"] = customer["created_at"]
    for engagement in raw["engagements"]:
        if rng.random() < 0.5:
            engagement["engagement_type"] = rng.choice(["newsletter_subscribed"] * 3 + ["newsletter_unsubscribed"])


def build_reference(raw_data_dir: Path, directory: Path, as_of_date: str) -> Reference:
    """Build raw data in ``directory`` and read staging."""
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
    models = ["+marts.value", "+marts.products", "+customer_profile", "+int_audience_habits", "+message_uplift"]
    for arguments in (["seed"], ["run", "--select", *models]):
        result = run_dbt(arguments, **settings)
        assert result.success, "\n".join(result.problems)
    return reference_of(path)


def reference_of(path: Path) -> Reference:
    """Read staging."""
    with duckdb.connect(str(path), read_only=True) as connection:
        as_of = connection.execute("select as_of_date from staging.as_of_date").fetchone()[0]
        owner = owners(connection)
        cards = gift_cards(connection, as_of)
        customers = connection.execute(
            "select customer_key, brand, customer_id from intermediate.int_customers"
        ).fetchall()
        shared_from = dict(
            connection.execute(
                "select person_id, shared_from_date from intermediate.int_identity_shared_ids"
            ).fetchall()
        )
    found = Reference(
        path, as_of, {row[0]: row[1] for row in customers}, {row[0]: row[2] for row in customers}, defaultdict(list)
    )
    found.owner = owner
    refunds = defaultdict(list)
    for refund in found.rows("select * from staging.base_shop__refunds where rejection_reason is null"):
        refunds[refund["brand"], refund["order_id"]].append(refund)
    for row in found.rows("select * from staging.stg_shop__orders"):
        for order in read_orders([row], refunds[row["brand"], row["order_id"]], owner, shared_from, as_of, cards):
            found.all_orders.append(order)
            if order.owner is not None:
                found.orders[order.owner].append(PlacedOrder(row, order))
    return found


def movements(order: Order) -> list[tuple[date, Decimal]]:
    """What the order brings and what is taken back, by day."""
    return [(order.day, order.revenue), *((day, -amount) for day, amount in order.reversed.items())]


def net_between(orders: list[Order], first: date, last: date) -> Decimal:
    """Net revenue of the days from first to last."""
    return sum((amount for order in orders for day, amount in movements(order) if first <= day <= last), Decimal(0))


def last_day(month: date) -> date:
    """Give the last day of the month."""
    return next_month(month) - timedelta(days=1)


def year_before(month: date) -> date:
    """Give the first day of the twelve months that end with the month."""
    return next_month(month.replace(year=month.year - 1))


def test_customer_value(reference: Reference) -> None:
    """Totals, purchase dates and ages of every customer who ever ordered."""
    margins = defaultdict(list)
    for row in reference.rows("select * from intermediate.int_order_amounts where customer_key is not null"):
        if row["is_valid"] or row["margin_amount"] is not None:
            margins[row["customer_key"]].append(row["margin_amount"])
    expected = {}
    for customer, placed in reference.orders.items():
        counting = reference.counting(customer)
        days = sorted({order.day for order in counting})
        known = margins[customer]
        worth = sum((order.net for order in counting), Decimal(0))
        expected[reference.brand[customer], reference.customer_id[customer]] = {
            "first_purchase_date": days[0] if days else None,
            "last_purchase_date": days[-1] if days else None,
            "order_count": len(counting),
            "purchase_date_count": len(days),
            "frequency": len(days) - 1 if days else None,
            "recency_days": (reference.as_of - days[-1]).days if days else None,
            "age_days": (reference.as_of - days[0]).days if days else None,
            "revenue_amount": sum(one.order.revenue for one in placed),
            "net_revenue_amount": sum(one.order.net for one in placed),
            "margin_amount": sum(known) if known and None not in known else None,
            "purchase_revenue_amount": worth,
            "mean_purchase_amount": float(worth) / len(days) if days else None,
            "p_alive": None,
            "predicted_clv_365d": None,
        }
    actual = {(row["brand"], row["customer_id"]): row for row in reference.rows("select * from marts.customer_value")}
    assert {key: {name: row[name] for name in expected[key]} for key, row in actual.items()} == expected
    assert any(row["order_count"] > row["purchase_date_count"] > 0 for row in actual.values()), "no same-day orders"
    assert any(row["purchase_date_count"] == 0 for row in actual.values()), (
        "no customer whose orders were all taken back"
    )


def test_customer_value_as_of_each_month(reference: Reference) -> None:
    """The one row that is valid in a month says what came and what was taken back to its end."""
    rows = defaultdict(list)
    for row in reference.rows("select * from marts.customer_value_monthly"):
        rows[row["brand"], row["customer_id"]].append(row)
    checked = 0
    for customer, placed in reference.orders.items():
        orders = [one.order for one in placed]
        months = rows.pop((reference.brand[customer], reference.customer_id[customer]))
        assert len(months) == len({first_of_month(day) for order in orders for day, _ in movements(order)})
        for month in months_from(min(order.day for order in orders), reference.as_of):
            valid = [
                row
                for row in months
                if row["month_date"] <= month and (row["valid_to_month"] is None or row["valid_to_month"] > month)
            ]
            assert len(valid) == 1
            end = last_day(month)
            assert valid[0]["cumulative_net_revenue_amount"] == net_between(orders, date.min, end)
            assert valid[0]["cumulative_revenue_amount"] == sum(order.revenue for order in orders if order.day <= end)
            assert valid[0]["cumulative_order_count"] == sum(order.day <= end for order in orders)
            checked += 1
    assert not rows
    assert checked > 500


def rfm_months(reference: Reference) -> dict[tuple[int, date], tuple[int, int, Decimal]]:
    """Recency, frequency and money of every buyer at the end of every month."""
    found = {}
    for customer in reference.orders:
        counting = reference.counting(customer)
        for month in months_from(min((order.day for order in counting), default=FOREVER), reference.as_of):
            end, start = min(last_day(month), reference.as_of), year_before(month)
            days = {order.day for order in counting if order.day <= end}
            found[customer, month] = (
                (end - max(days)).days,
                sum(day >= start for day in days),
                net_between(counting, start, end),
            )
    return found


def seed(name: str) -> list[dict[str, str]]:
    """Rows of a seed's file."""
    with (PROJECT_DIR / "seeds" / "lifecycle" / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_rfm_segments(reference: Reference) -> None:
    """Scores by walking down the seed's cut-offs; equal customers have equal scores."""
    cutoffs = sorted(seed("rfm_cutoffs"), key=lambda row: -int(row["score"]))[:-1]
    names = {
        (int(row["recency_score"]), int(row["frequency_score"])): row["rfm_segment"] for row in seed("rfm_segments")
    }
    expected = {}
    for (customer, month), (recency, frequency, money) in rfm_months(reference).items():
        scores = [
            next((int(row["score"]) for row in cutoffs if reached(row)), 1)
            for reached in (
                lambda row, days=recency: days <= int(row["maximum_recency_days"]),
                lambda row, dates=frequency: dates >= int(row["minimum_frequency"]),
                lambda row, amount=money: amount >= Decimal(row["minimum_monetary_amount"]),
            )
        ]
        key = (reference.brand[customer], month, reference.customer_id[customer])
        expected[key] = (
            recency,
            frequency,
            money,
            *scores,
            names[scores[0], scores[1]],
            last_day(month) <= reference.as_of,
        )
    actual = {
        (row["brand"], row["month_date"], row["customer_id"]): (
            row["recency_days"], row["frequency"], row["monetary_amount"], row["recency_score"], row["frequency_score"],
            row["monetary_score"], row["rfm_segment"], row["is_mature"],
        )
        for row in reference.rows("select * from marts.rfm_segments_monthly")
    }  # fmt: skip
    assert actual == expected
    assert len({row[6] for row in actual.values()}) > 8


def test_revenue_concentration(reference: Reference) -> None:
    """Customers sorted by revenue, the first fifth of them summed up, and as many as make four fifths of the sum."""
    amounts = defaultdict(list)
    for (customer, month), (_, frequency, money) in rfm_months(reference).items():
        amounts[reference.brand[customer], month].append((money, frequency))
    expected = {}
    for (brand, month), customers in amounts.items():
        revenues = sorted((money for money, _ in customers if money > 0), reverse=True)
        total, top = sum(revenues, Decimal(0)), revenues[: math.ceil(Fraction(len(revenues), 5))]
        needed, sum_so_far = 0, Decimal(0)
        while sum_so_far < total * Decimal("0.8"):
            sum_so_far += revenues[needed]
            needed += 1
        is_mature = last_day(month) <= reference.as_of
        expected[brand, month] = (
            len(revenues),
            sum(money <= 0 and frequency > 0 for money, frequency in customers),
            total,
            len(top),
            sum(top, Decimal(0)),
            float(sum(top)) / float(total) if is_mature and total else None,
            needed,
            needed / len(revenues) if is_mature and revenues else None,
            is_mature,
        )
    actual = {
        (row["brand"], row["month_date"]): tuple(list(row.values())[2:])
        for row in reference.rows("select * exclude (currency) from marts.revenue_concentration_monthly")
    }
    assert actual == {key: pytest.approx(row) for key, row in expected.items()}


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Both ends of the score interval, from its textbook form."""
    share = successes / trials
    middle = share + Z * Z / (2 * trials)
    reach = Z * math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    return (middle - reach) / (1 + Z * Z / trials), (middle + reach) / (1 + Z * Z / trials)


def test_ideal_customer_profile(reference: Reference) -> None:
    """Each customer's first order and its revenue of ninety days, seen from the ninetieth."""
    category = {
        (row["brand"], row["product_id"]): row["category"]
        for row in reference.rows("select * from staging.stg_shop__products")
    }
    items = defaultdict(list)
    for row in reference.rows("select * from staging.stg_shop__order_items"):
        items[row["brand"], row["order_id"]].append(row)
    slices = {row["customer_key"]: row for row in reference.rows("select * from intermediate.int_customer_dimensions")}
    referrals = defaultdict(list)
    for row in reference.rows("""
        select memberships.customer_key, conversions.valid_from, conversions.valid_to
        from intermediate.int_referral_conversions as conversions
        inner join intermediate.int_customers as customers on conversions.referred_customer_key = customers.customer_key
        inner join intermediate.int_identity_map as memberships
            on customers.customer_id = memberships.person_id and memberships.valid_to = '9999-12-31'
    """):
        referrals[row["customer_key"]].append(row)
    profiles = defaultdict(list)
    for customer, placed in reference.orders.items():
        first = min(placed, key=lambda one: (one.order.day, one.row["ordered_at"], one.row["order_id"]))
        day = first.order.day + timedelta(days=PROFILE_DAYS)
        if day > reference.as_of:
            continue
        spent = defaultdict(Decimal)
        for item in items[first.row["brand"], first.row["order_id"]]:
            name = category.get((item["brand"], item["product_id"]))
            if name is not None and (item["deleted_date"] is None or item["deleted_date"] > day):
                quantity = item["quantity"] if item["quantity"] is not None else 1
                spent[name] += quantity * (item["unit_price"] or 0) - (item["discount_amount"] or 0)
        profiles[reference.brand[customer]].append((
            net_between([one.order for one in placed], date.min, day),
            {
                "acquisition_channel": slices[customer]["acquisition_channel"],
                "country": slices[customer]["country_code"],
                "segment": slices[customer]["segment"],
                "first_sales_channel": first.row["sales_channel"] or "unknown",
                "first_category": min(spent, key=lambda name: (-spent[name], name)) if spent else "unknown",
                "discounted_first_order": (
                    "yes" if (first.row["discount_amount"] or 0) > 0 or first.row["discount_code"] else "no"
                ),
                "referred": (
                    "yes" if any(row["valid_from"] <= day < row["valid_to"] for row in referrals[customer]) else "no"
                ),
            },
        ))  # fmt: skip
    expected = {}
    for brand, customers in profiles.items():
        values = sorted((value for value, _ in customers), reverse=True)
        bar = values[math.ceil(Fraction(len(values), 5)) - 1]
        top = [value >= bar and value > 0 for value, _ in customers]
        for attribute in customers[0][1]:
            for value in {attributes[attribute] for _, attributes in customers}:
                has_it = [attributes[attribute] == value for _, attributes in customers]
                both = sum(one and other for one, other in zip(has_it, top, strict=True))
                rate = sum(top) / len(top)
                expected[brand, attribute, value] = (
                    sum(has_it),
                    len(customers),
                    sum(has_it) / len(customers),
                    both,
                    sum(top),
                    *(
                        (both / sum(top), both / sum(has_it) / rate, *(end / rate for end in wilson(both, sum(has_it))))
                        if rate
                        else (None,) * 4
                    ),
                )
    actual = {
        (row["brand"], row["attribute"], row["attribute_value"]): tuple(list(row.values())[3:])
        for row in reference.rows("select * from marts.ideal_customer_profile")
    }
    assert actual == {key: pytest.approx(row, abs=1e-9) for key, row in expected.items()}
    values = defaultdict(set)
    for _, attribute, value in actual:
        values[attribute].add(value)
    if not reference.raw:
        assert all(len(found) > 1 for found in values.values()), "an attribute of the demo has one value only"


def trade(reference: Reference) -> tuple[list[products.Basket], dict[int, list[date]], dict[int, list[set[Any]]]]:
    """What is in the orders that count, the purchase dates of each customer, and what was bought on them."""
    found = products.baskets(reference.rows, reference.all_orders, reference.as_of)
    dates = products.purchase_dates(reference.rows, reference.all_orders, reference.owner, reference.as_of)
    return found, dates, products.purchases(found, dates)


def by_key(rows: list[dict[str, Any]], length: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows by their first columns."""
    return {tuple(row.values())[:length]: tuple(row.values())[length:] for row in rows}


def test_product_lifecycle(reference: Reference) -> None:
    """Order by order for what is sold, customer by customer for who comes back, entry by entry for what they bring."""
    found, dates, bought = trade(reference)
    orders, revenue = defaultdict(int), defaultdict(Decimal)
    for basket in found:
        for (level, key), amount in basket.parts.items():
            orders[basket.order.brand, level, key] += 1
            revenue[basket.order.brand, level, key] += amount
    entries = defaultdict(list)
    for row in reference.rows("select * from intermediate.int_revenue_entries where customer_key is not null"):
        entries[row["customer_key"]].append(row)
    steps = defaultdict(
        list
    )  # of a product: each customer's number of the first purchase of it, and its date, and the next
    for customer, made in bought.items():
        for thing in set().union(*made):
            numbers = [number for number, things in enumerate(made) if thing in things]
            days = dates[customer]
            after = days[numbers[0] + 1] if numbers[0] + 1 < len(days) else date.max
            again = days[numbers[1]] if len(numbers) > 1 else date.max
            steps[thing].append((customer, numbers[0], days[numbers[0]], after, again))
    names = {
        (row["brand"], "product", row["product_id"]): row["name"]
        for row in reference.rows("select * from staging.stg_shop__products")
    }
    expected = {}
    for thing, count in orders.items():
        beginners = [(customer, day) for customer, number, day, _, _ in steps[thing] if number == 0]
        everyone = sum(bool(made[0]) for customer, made in bought.items() if reference.brand[customer] == thing[0])
        row: list[Any] = [names.get(thing) or thing[2], count, revenue[thing], len(steps[thing]), len(beginners)]
        row += [everyone, products.rate(len(beginners), everyone)]
        for window in (90, 365):
            length = timedelta(days=window)
            eligible = [step for step in steps[thing] if step[2] + length <= reference.as_of]
            waits = [(after - day).days for _, _, day, after, _ in eligible if (after - day).days <= window]
            again = sum((once_more - day).days <= window for _, _, day, _, once_more in eligible)
            row += [len(eligible), len(waits), products.rate(len(waits), len(eligible))]
            row += [again, products.rate(again, len(eligible)), products.median(waits)]
        old = [(customer, day) for customer, day in beginners if day + YEAR <= reference.as_of]
        for customers in (beginners, old):
            row += [len(customers)] if customers is old else []
            counted = [
                entry
                for customer, day in customers
                for entry in entries[customer]
                if entry["ordered_date"] >= day and (customers is not old or entry["entry_date"] <= day + YEAR)
            ]
            costed = [entry for entry in counted if entry["margin_amount"] is not None]
            row.append(sum((entry["net_revenue_amount"] for entry in counted), Decimal(0)))
            row.append(sum((entry["net_revenue_amount"] for entry in costed), Decimal(0)))
            row.append(sum((entry["margin_amount"] for entry in costed), Decimal(0)))
        expected[thing] = (*row, products.rate(row[-3], len(old)), "EUR")
    assert by_key(reference.rows("select * from marts.product_lifecycle"), 3) == expected
    assert sum(revenue.values()) == 2 * sum(order.net for order in reference.all_orders)
    assert any(name == "gift_card" for _, _, name in expected) == bool(reference.raw)


def test_product_pairs(reference: Reference) -> None:
    """Every pair of every order; the interval from the gradient of the lift's logarithm."""
    found, _, _ = trade(reference)
    expected = products.pairs(found)
    actual = by_key(reference.rows("select * from marts.product_pairs"), 4)
    assert actual == {key: pytest.approx(row, abs=1e-9) for key, row in expected.items()}
    assert {level for _, level, _, _ in actual} == {"product", "category"}


def test_product_sequences(reference: Reference) -> None:
    """Purchase by purchase of each customer."""
    _, _, bought = trade(reference)
    actual = by_key(reference.rows("select * from marts.product_sequences"), 5)
    expected = products.sequences(bought)
    assert actual == {key: pytest.approx(row, abs=1e-9) for key, row in expected.items()}
    assert len({number for _, _, number, _, _ in actual}) > 1


def test_customer_profiles(reference: Reference) -> None:
    """Consent, next order, favourites and clicks of every customer; what other marts say of it is theirs."""
    of_id = {name: key for key, name in reference.customer_id.items()}
    with duckdb.connect(str(reference.path), read_only=True) as connection:
        owner = owners(connection)
    names = {person: reference.customer_id[key] for person, key in owner.items()}
    shared_from = {
        row["person_id"]: row["shared_from_date"] for row in reference.rows("from intermediate.int_identity_shared_ids")
    }
    said = profiles.consents(reference.rows, names, shared_from, reference.as_of)
    clicks = defaultdict(list)
    for row in profiles.events_of(reference.rows, names, shared_from, reference.as_of, ["email_clicked"]):
        clicks[row["owner"]].append(row["occurred_date"])
    category = {
        (row["brand"], row["product_id"]): row["category"] for row in reference.rows("from staging.stg_shop__products")
    }
    bought = defaultdict(set)
    for item in reference.rows("from staging.base_shop__order_items where rejection_reason is null"):
        found = category.get((item["brand"], item["product_id"]))
        if found and (item["deleted_date"] is None or item["deleted_date"] > reference.as_of):
            bought[item["brand"], item["order_id"]].add(found)
    visits, answers = defaultdict(list), defaultdict(list)
    for row in reference.rows("from intermediate.int_sessions"):
        visits[row["customer_key"]].append((row["channel"], row["started_date"]))
    for row in reference.rows("from intermediate.int_survey_scores where nps_group is not null"):
        moment = row["responded_at"], row["response_id"]
        answers[row["customer_key"]].append((moment, row["nps_group"], row["responded_date"]))
    values = {row["customer_id"]: row for row in reference.rows("from marts.customer_value")}
    months = {row["customer_id"]: row for row in reference.rows("from marts.rfm_segments_monthly order by month_date")}
    expected = {}
    for row in reference.rows("from marts.lifecycle_customers"):
        name = row["customer_id"]
        key = of_id[name]
        placed = [each for each in reference.orders[key] if each.order.counts]
        days = profiles.next_order(each.order.day for each in placed) if row["current_stage"] != "churned" else None
        consent, value = said[name], values.get(name, {})
        answer = max(answers[key], default=(None, None, None))
        expected[row["brand"], name] = {
            "is_anonymous": consent.is_anonymous,
            "has_marketing_consent": consent.may_be_written_to,
            "has_record_consent": consent.record,
            "record_consent_date": consent.record_date,
            "has_newsletter_consent": consent.newsletter,
            "newsletter_consent_date": consent.newsletter_date,
            **{column: row[column] for column in ("current_stage", "stage_entered_date", "is_at_risk", "segment")},
            **{column: row[column] for column in ("next_scheduled_stage", "next_scheduled_date", "last_purchase_date")},
            "order_count": len(placed),
            "discounted_order_count": sum(map(is_discounted, placed)),
            "revenue_amount": value.get("revenue_amount", 0),
            "net_revenue_amount": value.get("net_revenue_amount", 0),
            "p_alive": value.get("p_alive"),
            "predicted_clv_365d": value.get("predicted_clv_365d"),
            "churn_risk_rate": None if value.get("p_alive") is None else 1 - value["p_alive"],
            "rfm_segment": months.get(name, {}).get("rfm_segment"),
            "expected_next_order_date": days and days[0],
            "expected_next_order_from_date": days and days[1],
            "expected_next_order_to_date": days and days[2],
            "favourite_category": profiles.favourite(
                (each, one.order.day) for one in placed for each in bought[one.order.brand, one.order.order_id]
            ),
            "favourite_channel": profiles.favourite(visits[key]),
            "last_visit_date": max((day for _, day in visits[key]), default=None),
            "last_nps_group": answer[1],
            "last_nps_date": answer[2],
            "last_clicked_date": max(clicks[name], default=None),
        }
    actual = {(row["brand"], row["customer_id"]): row for row in reference.rows("from marts.customer_profile")}
    assert {key: {name: row[name] for name in expected[key]} for key, row in actual.items()} == expected
    for column in (
        "expected_next_order_date",
        "favourite_category",
        "favourite_channel",
        "last_nps_group",
        "last_clicked_date",
    ):
        assert 5 < sum(row[column] is not None for row in actual.values()) < len(actual), column
    assert any(row["is_anonymous"] and row["has_newsletter_consent"] for row in actual.values())


def test_price_sensitive_customers(reference: Reference) -> None:
    """Order by order, the share of discounts so far."""
    (seed,) = reference.rows("from staging.lifecycle_audience_definitions where audience = 'price_sensitive'")
    share, minimum = Fraction(seed["minimum_share"]), seed["minimum_orders"]
    expected = {}
    for customer, placed in reference.orders.items():
        orders = [(each.order.day, is_discounted(each)) for each in placed if each.order.counts]
        since = profiles.price_sensitive_since(orders, share, minimum)
        if since:
            discounted = sum(discounted for _, discounted in orders)
            expected[customer] = (since, f"orders with a discount: {discounted} of {len(orders)}")
    actual = {
        row["customer_key"]: (row["trigger_date"], row["reason"])
        for row in reference.rows("from intermediate.int_audience_habits where audience = 'price_sensitive'")
    }
    assert actual == expected
    assert len(actual) > 1


def is_discounted(placed: PlacedOrder) -> bool:
    """Whether an order was bought with a discount or by a code."""
    return placed.row["discount_code"] is not None or (placed.row["discount_amount"] or 0) > 0


def test_later_facts_change_nothing(reference: Reference, tmp_path: Path) -> None:
    """All data with an as-of date, and the data as they stood on that day, come to the same marts."""
    if not reference.raw:
        pytest.skip("the demo data know nothing of later")
    known = truncate(reference.raw, histories.SETTINGS, reference.as_of)
    assert sum(map(len, known.values())) < sum(map(len, reference.raw.values())) - 100
    raw_data_dir = write_raw_data(known, tmp_path / "raw")
    truncated = build_reference(raw_data_dir, tmp_path, reference.as_of.isoformat())
    for mart in MARTS:
        query = f"select * from marts.{mart} order by all"
        rows = truncated.rows(query)
        assert rows, mart
        assert rows == reference.rows(query), mart


def test_uplift_is_what_a_naive_reading_finds(reference: Reference) -> None:
    """Person by person and order by order; most traps of messages occur in the random histories."""
    shared = reference.rows("select person_id, shared_from_date from intermediate.int_identity_shared_ids")
    sent = reference.rows("select * from staging.stg_marketing__messages")
    expected = messages.uplifts(
        sent,
        reference.owner,
        {row["person_id"]: row["shared_from_date"] for row in shared},
        reference.all_orders,
        reference.rows("select * from staging.stg_marketing__campaigns"),
        reference.as_of,
    )
    found = reference.rows("select * from marts.message_uplift")
    key = ("brand", "dimension_name", "dimension_value", "period_name", "month_date")
    assert {tuple(row[name] for name in key) for row in found} == set(expected)
    assert len(found) == len(expected)
    for row in found:
        naive = expected[tuple(row[name] for name in key)]
        for name in set(row) - {*key, "currency", "window_days"}:
            value = naive[name]
            wanted = pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value
            assert row[name] == wanted, (row, name, naive)
    of_all = [row for row in found if row["period_name"] == "all"]
    assert any(row["uplift_rate"] for row in of_all)
    assert any(row["crossed_over_customer_count"] for row in of_all)
    assert any(row["unknown_customer_count"] for row in of_all)
    assert {row["is_mature"] for row in found} == {True, False}


def test_the_reference_gives_published_intervals_and_sizes() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10; and the example of R's power.prop.test."""
    published = {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (6, 7, 2, 7): (0.0582, 0.8062),
        (5, 56, 0, 29): (-0.0381, 0.1926),
        (0, 10, 0, 20): (-0.1611, 0.2775),
        (10, 10, 0, 20): (0.6791, 1.0),
    }
    for counts, interval in published.items():
        assert messages.difference(*counts)[1:] == pytest.approx(interval, abs=0.00005)
    assert messages.size(0.5, 0.75, power=0.9) == pytest.approx(76.7, abs=0.05)


FAULTS = {
    "assert_customer_values_reconcile_with_revenue": (
        "update marts.customer_value_monthly set cumulative_net_revenue_amount = cumulative_net_revenue_amount + 0.01 "
        "where valid_to_month is null"
    ),
    "assert_profiles_count_every_customer_once": (
        "delete from marts.ideal_customer_profile where attribute_value = 'unknown'"
    ),
    "assert_revenue_concentration_reconciles_with_segments": (
        "update marts.revenue_concentration_monthly set customer_count = customer_count + 1 where not is_mature"
    ),
    "assert_products_share_out_all_revenue": (
        "delete from marts.product_lifecycle where product_level = 'category' and product_key = 'unknown'"
    ),
    "assert_rfm_cutoffs_are_complete": "update staging.rfm_cutoffs set minimum_frequency = 4 where score = 5",
}


@pytest.mark.parametrize("claim", FAULTS)
def test_a_planted_fault_is_found(claim: str, demo: Reference, tmp_path: Path) -> None:
    """Each singular test passes on the demo data and fails when what it claims is made untrue."""
    faulty = tmp_path / NAME
    shutil.copy(demo.path, faulty)
    settings = {
        "raw_data_dir": "",
        "warehouse_path": faulty,
        "as_of_date": "",
        "dbt_target_path": demo.path.parent / "target",
        "dbt_log_path": demo.path.parent / "logs",
    }
    sound = run_dbt(["test", "--select", claim], **settings)
    assert sound.success, sound.problems
    with duckdb.connect(str(faulty)) as connection:
        assert connection.execute(FAULTS[claim]).fetchone()[0] > 0, "nothing was changed"
    result = run_dbt(["test", "--select", claim], **settings)
    assert not result.success
    assert any(claim in problem for problem in result.problems), result.problems
