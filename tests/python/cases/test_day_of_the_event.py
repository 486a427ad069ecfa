"""Audiences, onboarding and durations go by the day on which the person, all ids joined, reached the stage.

Each case is a brand of its own. Day 0 is 2024-01-01, the last day published is day 100; thresholds are the defaults.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from conftest import Builder, Warehouse

FIRST = date(2024, 1, 1)
LAST_DAY = 100


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def at(number: int) -> datetime:
    return datetime(2024, 1, 1, 12) + timedelta(days=number)


def order(brand: str, name: str, number: int, **person: str) -> dict[str, Any]:
    return {"brand": brand, "order_id": name, "ordered_at": at(number), "total_amount": 10, **person}


def profile(brand: str, name: str, number: int, **columns: Any) -> dict[str, Any]:
    return {"brand": brand, "customer_id": name, "created_at": at(number), "marketing_consent": "true", **columns}


def merge(brand: str, number: int, merged: str, into: str) -> dict[str, Any]:
    return {
        "brand": brand,
        "link_id": f"{merged} into {into}",
        "linked_at": at(number),
        "id_type": "customer_id",
        "id_value": merged,
        "customer_id": into,
    }


# first and last day of a trial, and the day on which it is paid
TRIALS = {
    "week": (93, 107, None),
    "eight_days": (93, 108, None),
    "over": (86, LAST_DAY, None),
    "paid": (93, 107, 99),
    "short": (99, 102, None),
}
RAW: dict[str, list[dict[str, Any]]] = {
    "orders": [
        order("guest", "o1", 20, email="ann@example.org"),  # opens an account on day 90
        order("import", "o2", 3, email="bob@example.org"),  # the profile was imported on day 95
        order("import", "o3", 60, email="cleo@example.org"),
        order("twins", "o4", 40, customer_id="A"),  # two records, merged on day 98
        order("twins", "o5", 55, customer_id="B"),
        order("loyal", "o6", 10, customer_id="A"),
        order("loyal", "o7", 20, customer_id="A"),
        order("loyal", "o8", 30, customer_id="B"),
        order("loyal", "o9", 42, customer_id="B"),  # the fourth date, known to be one person's on day 99
        order("back", "o10", 0, customer_id="A"),  # churned on day 90
        order("back", "o11", 92, customer_id="B"),  # the same person, known on day 98
        order("visitor", "o12", 10, customer_id="A"),  # signs in as it buys
        order("lone", "o13", 5, customer_id="A"),  # merged into who has bought twice, while its first stay runs
        order("lone", "o14", 15, customer_id="B"),
        order("lone", "o15", 25, customer_id="B"),
        order("new", "o16", 95, customer_id="A"),  # nothing merged: is on the list
    ],
    "customers": [
        profile("guest", "ann", 90, email="ann@example.org"),
        profile("import", "bob", 95, email="bob@example.org"),
        profile("import", "cleo", 95, email="cleo@example.org"),
        *(profile("twins", name, 0) for name in "AB"),
        *(profile("loyal", name, 0) for name in "AB"),
        *(profile("back", name, 0) for name in "AB"),
        *(profile("lone", name, 0) for name in "AB"),
        profile("visitor", "A", 10),
        profile("new", "A", 95),
        *(profile("trial", name, 0) for name in TRIALS),
    ],
    "subscriptions": [
        {
            "brand": "trial",
            "subscription_id": name,
            "customer_id": name,
            "monthly_amount": 5,
            "trial_started_at": at(first),
            "trial_ended_at": at(last),
            "started_at": None if paid is None else at(paid),
        }
        for name, (first, last, paid) in TRIALS.items()
    ],
    "identity_links": [
        merge("twins", 98, "A", "B"),
        merge("loyal", 99, "B", "A"),
        merge("back", 98, "B", "A"),
        merge("lone", 30, "A", "B"),
    ],
    "touchpoints": [
        {
            "brand": "visitor",
            "touchpoint_id": name,
            "occurred_at": at(number),
            "touch_type": "visit",
            "anonymous_id": "device",
            **person,
        }
        for name, number, person in [("t1", 0, {}), ("t2", 10, {"customer_id": "A"})]
    ],
}


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All brands in one build."""
    return builder.build(
        "day_of_the_event", RAW, as_of_date=day(LAST_DAY), models=("lifecycle_audiences", "stage_durations")
    )


@pytest.mark.parametrize(
    ("brand", "expected"),
    {
        "guest": [("second_order", 50), ("at_risk", 65)],  # and no onboarding
        "import": [("second_order", 90), ("at_risk", 105), ("win_back", 93)],
        "twins": [("next_order", 55), ("at_risk", 100)],
        "loyal": [("at_risk", 87), ("referral_ask", None)],  # the reward was due on day 42, for 30 days
        "back": [("welcome_back", 92)],
        "new": [("onboarding", 95)],
    }.items(),
)
def test_audiences_go_by_the_day_of_the_person(
    warehouse: Warehouse, brand: str, expected: list[tuple[str, int | None]]
) -> None:
    rows = warehouse.rows("select audience, since_date from marts.lifecycle_audiences where brand = ?", [brand])
    found = {(audience, (since - FIRST).days) for audience, since in rows}
    assert found == {(name, number) for name, number in expected if number is not None and number <= LAST_DAY}


def test_a_trial_is_written_of_from_a_week_before_its_end(warehouse: Warehouse) -> None:
    """Not a day before, nor when it is over or paid; a trial of three days from its first day."""
    rows = warehouse.rows(
        "select customer_id, since_date, reason from marts.lifecycle_audiences where audience = 'trial_ending'"
    )
    assert {name: (since, reason) for name, since, reason in rows} == {
        "trial:week": (day(LAST_DAY), f"trial ends on {day(107)}"),
        "trial:short": (day(99), f"trial ends on {day(102)}"),
    }


def test_a_merge_begins_and_ends_no_stay(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select brand, stage, entry_month, stay_count, completed_count, merged_count from marts.stage_durations"
    )
    found = {(brand, stage, month.month): counts for brand, stage, month, *counts in rows}
    assert {key: value for key, value in found.items() if key[0] in ("guest", "import")} == {
        ("guest", "conversion", 1): [1, 0, 0],  # one stay, open since day 20
        ("import", "conversion", 1): [1, 1, 0],  # bob, days 3 to 92
        ("import", "churned", 4): [1, 0, 0],  # since day 93, before the import
        ("import", "conversion", 3): [1, 0, 0],
    }
    assert {key: value for key, value in found.items() if key[0] == "twins"} == {
        ("twins", "conversion", 2): [2, 0, 2],  # day 40 and day 55, both ended by the merge alone
        ("twins", "retention", 2): [1, 0, 0],  # reached on day 55
    }
    assert {key: value for key, value in found.items() if key[0] == "visitor"} == {
        ("visitor", "discovery", 1): [1, 1, 0],  # ten days, until the purchase
        ("visitor", "conversion", 1): [1, 1, 0],
        ("visitor", "churned", 4): [1, 0, 0],
    }
    assert found["back", "reactivated", 4] == [1, 0, 0]
    assert found["back", "churned", 3] == [1, 0, 1]
    assert found["lone", "conversion", 1] == [2, 1, 1]  # A's is cut off on day 30; B bought again on day 25
    assert found["lone", "retention", 1] == [1, 0, 0]
