"""The audiences of the demo, recomputed naively from the daily table and staging."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle import profiles
from oracle.runs import demo as demo_in

FOREVER = date.max
HABITS = ("trial_ending", "price_sensitive", "replenishment_due")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the demo data."""
    return demo_in(tmp_path_factory.mktemp("audiences"), "UTC")


def rows(path: Path, query: str) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries."""
    with duckdb.connect(str(path), read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def consenting(path: Path, owner: dict[str, str], as_of: date) -> set[str]:
    """Find the customers who may be written to: person by person, answer by answer."""
    shared_from = {
        row["person_id"]: row["shared_from_date"] for row in rows(path, "from intermediate.int_identity_shared_ids")
    }
    found = profiles.consents(partial(rows, path), owner, shared_from, as_of)
    return {customer for customer, consent in found.items() if consent.may_be_written_to}


def habits(path: Path, owner: dict[str, str], as_of: date, definitions: dict[str, dict]) -> dict[str, dict[str, date]]:
    """Since when the customers are on the lists that go by trials, discounts and gaps between orders."""
    found: dict[str, dict[str, date]] = defaultdict(dict)
    paid = {
        (row["brand"], row["subscription_id"])
        for row in rows(path, "from intermediate.int_trial_outcomes where converted_date is not null")
    }
    for row in rows(path, "from staging.stg_billing__subscriptions where trial_started_date is not null"):
        over = row["trial_ended_date"] or row["trial_started_date"] + timedelta(days=14)
        runs = row["trial_started_date"] <= as_of < min(over, row["ended_date"] or FOREVER)
        if runs and row["deleted_date"] is None and (row["brand"], row["subscription_id"]) not in paid:
            near = over - timedelta(days=definitions["trial_ending"]["days_before"])
            found["trial_ending"][owner[row["person_id"]]] = max(near, row["trial_started_date"])
    orders = defaultdict(list)
    bought_by = """
        select customers.customer_id, amounts.ordered_date,
            coalesce(amounts.discount_amount, 0) > 0 or orders.discount_code is not null as is_discounted
        from intermediate.int_order_amounts as amounts
        inner join intermediate.int_customers as customers on amounts.customer_key = customers.customer_key
        inner join staging.stg_shop__orders as orders
        on amounts.brand = orders.brand and amounts.order_id = orders.order_id
        where amounts.is_valid
    """
    for row in rows(path, bought_by):
        orders[row["customer_id"]].append((row["ordered_date"], row["is_discounted"]))
    share = definitions["price_sensitive"]
    for customer, bought in orders.items():
        since = profiles.price_sensitive_since(bought, Fraction(share["minimum_share"]), share["minimum_orders"])
        coming = profiles.next_order(day for day, _ in bought)
        found["price_sensitive"] |= {customer: since} if since else {}
        found["replenishment_due"] |= {customer: coming[1]} if coming else {}
    return found


def test_audiences_are_those_of_a_naive_reading(demo: Path) -> None:
    """Stage lists by walking back from the last day, carts by looking through all of them."""
    as_of = rows(demo, "from staging.as_of_date")[0]["as_of_date"]
    owner = {
        row["person_id"]: row["customer_id"]
        for row in rows(
            demo,
            "select person_id, customer_id from intermediate.int_identity_map as memberships "
            "inner join intermediate.int_customers using (customer_key) where valid_to = date '9999-12-31'",
        )
    }
    days: dict[str, dict[date, dict]] = defaultdict(dict)
    for row in rows(demo, "from marts.customer_stages_daily"):
        days[row["customer_id"]][row["date_day"]] = row

    def since(customer: str, holds) -> date | None:
        day, first = as_of, None
        while day in days[customer] and holds(days[customer][day]):
            first, day = day, day - timedelta(days=1)
        return first

    # what a merge brought counts from when the joined history says (test_property_stages.py recomputes these days)
    arrived: dict[str, dict] = {}
    for row in sorted(
        rows(
            demo, "from intermediate.int_customer_arrivals inner join intermediate.int_customers using (customer_key)"
        ),
        key=lambda row: row["arrived_on"],
    ):
        arrived[row["customer_id"]] = row

    def joined(customer: str, trigger: date | None, column: str) -> date | None:
        row = arrived.get(customer)
        return row[column] if trigger and row and row["arrived_on"] >= trigger else trigger

    last_bought = {
        row["customer_id"]: row["last_purchase_date"]
        for row in rows(demo, "from marts.lifecycle_customers")
        if row["last_purchase_date"]
    }
    left: dict[str, dict] = {}
    for cart in sorted(rows(demo, "from intermediate.int_cart_outcomes"), key=lambda cart: cart["last_touched_at"]):
        if cart["person_id"] in owner and cart["is_abandoned"] and cart["ordered_at"] is None:
            left[owner[cart["person_id"]]] = cart
    definitions = rows(demo, "from staging.lifecycle_audience_definitions")
    by_habit = habits(demo, owner, as_of, {definition["audience"]: definition for definition in definitions})
    expected = set()
    for customer in consenting(demo, owner, as_of):
        stage = days[customer].get(as_of, {}).get("stage")
        for definition in definitions:
            name = definition["audience"]
            if stage is None:
                continue
            if definition["stage"]:
                trigger = since(customer, lambda row, of=definition["stage"]: row["stage"] == of)
                trigger = joined(customer, trigger, "stage_reached_date")
            elif name == "at_risk":
                trigger = joined(customer, since(customer, lambda row: row["is_at_risk"]), "at_risk_date")
            elif name == "referral_ask":
                trigger = since(
                    customer, lambda row: row["is_loyal"] and not row["is_advocate"] and not row["is_at_risk"]
                )
                trigger = joined(customer, trigger, "to_be_asked_date")
            elif name in HABITS:
                trigger = by_habit[name].get(customer)
                if name == "replenishment_due" and stage == "churned":
                    trigger = None
            else:
                trigger = left[customer]["last_touched_date"] if customer in left else None
                if trigger and last_bought.get(customer, date.min) >= trigger:
                    trigger = None
            if trigger is None:
                continue
            on_list = (as_of - trigger).days
            if trigger <= as_of and definition["from_days"] <= on_list < (definition["to_days"] or 10**6):
                expected.add((name, customer, trigger + timedelta(days=definition["from_days"])))
    actual = {
        (row["audience"], row["customer_id"], row["since_date"]) for row in rows(demo, "from marts.lifecycle_audiences")
    }
    assert actual == expected
    # no trial of the demo runs on its last day
    assert {name for name, *_ in actual} == {definition["audience"] for definition in definitions} - {"trial_ending"}


def test_a_customer_has_one_first_audience_and_no_reason_is_an_address(demo: Path) -> None:
    """What a mailing needs: one message each, and nothing in it that tells who it is but the id."""
    found = rows(demo, "from marts.lifecycle_audiences")
    customers = {row["customer_id"] for row in found}
    assert len([row for row in found if row["is_first"]]) == len(customers) > 0
    assert not [row for row in found if any("@" in str(value) for value in row.values())]


def test_a_device_that_subscribes_is_on_no_list(demo: Path) -> None:
    """An anonymous customer has no address that is known to be its own, though it may have subscribed."""
    said = rows(demo, "from marts.customer_profile where is_anonymous and has_newsletter_consent")
    listed = {(row["brand"], row["customer_id"]) for row in rows(demo, "from marts.lifecycle_audiences")}
    assert said
    assert len({row["customer_id"] for row in rows(demo, "from marts.customer_profile where is_anonymous")}) > 100
    assert not [key for key in listed if profiles.is_anonymous(*key)]
