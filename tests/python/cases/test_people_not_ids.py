"""What one person does counts once: answers and tickets sent twice, and carts that meet orders on another device.

Each case is a brand of its own, with the defaults of everything.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from conftest import Builder, Warehouse

NOON = datetime(2024, 3, 5, 12)


def after(**delta: float) -> datetime:
    return NOON + timedelta(**delta)


def answers(brand: str, *given: tuple[Any, ...], kind: str = "csat") -> list[dict[str, Any]]:
    """Rows of (customer, score, moment[, touchpoint])."""
    return [
        {
            "brand": brand,
            "response_id": f"{kind}{number}",
            "responded_at": moment,
            "customer_id": customer,
            "survey_type": kind,
            "score": score,
            "scale_max": 5 if kind == "csat" else 10,
            "touchpoint": about[0] if about else "ticket",
        }
        for number, (customer, score, moment, *about) in enumerate(given)
    ]


def cart(brand: str, name: str, moment: datetime, value: float | None = 50, **columns: Any) -> dict[str, Any]:
    return {"brand": brand, "cart_id": name, "created_at": moment, "value_amount": value, "currency": "EUR"} | columns


def order(brand: str, name: str, moment: datetime, **columns: Any) -> dict[str, Any]:
    return {"brand": brand, "order_id": name, "ordered_at": moment, "total_amount": 50} | columns


def visit(brand: str, name: str, moment: datetime, **columns: Any) -> dict[str, Any]:
    return {"brand": brand, "touchpoint_id": name, "occurred_at": moment, "touch_type": "visit"} | columns


RAW: dict[str, list[dict[str, Any]]] = {
    "survey_responses": [
        *answers(
            "twice",
            ("c1", 1, NOON),
            ("c1", 1, after(seconds=1)),
            ("c2", 5, NOON),
            ("c3", 5, after(hours=1)),
            ("c4", 2, after(days=1)),
            ("c4", 5, after(days=1, seconds=40)),
        ),
        *answers("five_times", *(("angry", 1, after(seconds=number)) for number in range(5))),
        *answers("five_times_others", *((f"h{number}", 5, NOON) for number in range(5))),
        *answers("merged", ("left", 1, NOON), ("right", 5, after(minutes=2))),  # one person with two records
        *answers("another_matter", ("c1", 1, NOON), ("c1", 5, after(seconds=5), "delivery")),
        *answers("another_day", ("c1", 1, NOON), ("c1", 5, after(minutes=61))),
        *answers("nobody", (None, 1, NOON), (None, 1, after(seconds=1))),
        *answers("nps", ("c1", 3, NOON), ("c1", 3, after(seconds=1)), ("c2", 10, NOON), kind="nps"),
        *answers("nps", (None, 10, after(days=2)), (None, 10, after(days=2, seconds=1))),
    ],
    "identity_links": [
        {
            "brand": brand,
            "link_id": "l1",
            "linked_at": after(days=9),
            "id_type": "customer_id",
            "id_value": "left",
            "customer_id": "right",
        }
        for brand in ("merged", "merged_cart")
    ],
    "support_tickets": [
        {"brand": brand, "ticket_id": name, "customer_id": "c1", "category": category, "created_at": moment} | columns
        for brand, name, category, moment, columns in [
            ("double_click", "t1", "bill", NOON, {"first_response_at": after(hours=2)}),
            ("double_click", "t2", "bill", after(seconds=3), {}),
            ("two_tickets", "t1", "bill", NOON, {}),
            ("two_tickets", "t2", "bill", after(hours=2), {}),
            ("two_matters", "t1", "bill", NOON, {}),
            ("two_matters", "t2", "parcel", after(seconds=3), {}),
        ]
    ],
    "reviews": [
        {
            "brand": "review",
            "review_id": name,
            "customer_id": "c1",
            "product_id": product,
            "rating": rating,
            "published_at": moment,
        }
        for name, product, rating, moment in [
            ("r1", "p1", 2, NOON),
            ("r2", "p1", 5, after(seconds=2)),
            ("r3", "p2", 5, after(seconds=2)),
            ("r4", "p1", 3, after(days=1)),
        ]
    ],
    "carts": [
        cart("devices", "phone", NOON, anonymous_id="phone"),
        cart("devices", "laptop", after(hours=1), anonymous_id="laptop"),
        cart("by_id", "k1", NOON, customer_id="c1", order_id="o1"),
        cart("merged_cart", "k1", NOON, customer_id="left"),
        cart("recovered", "k1", NOON, customer_id="c1"),
        cart("too_late", "k1", NOON, customer_id="c1"),
        cart("bought_before", "k1", NOON, customer_id="c1"),
        cart("written_late", "k1", NOON, customer_id="c1", updated_at=after(minutes=20, seconds=5)),
        cart("someone_else", "k1", NOON, customer_id="c1"),
        cart("empty", "k1", NOON, value=0, customer_id="c1"),
        cart("empty", "k2", NOON, value=None, customer_id="c2"),
        cart("gift", "k1", NOON, value=0, customer_id="c1", order_id="o1"),
    ],
    "orders": [
        order("devices", "o1", after(hours=2), customer_id="c1"),
        order("by_id", "o1", after(hours=1), customer_id="c2"),
        order("merged_cart", "o1", after(hours=3), customer_id="right"),
        order("recovered", "o1", after(days=3), customer_id="c1"),
        order("too_late", "o1", after(days=31), customer_id="c1"),
        order("bought_before", "o1", after(days=-1), customer_id="c1"),
        order("written_late", "o1", after(minutes=20), customer_id="c1"),
        order("someone_else", "o1", after(hours=1), customer_id="c2"),
        order("gift", "o1", after(hours=1), customer_id="c1"),
    ],
    "touchpoints": [
        visit("devices", "v1", after(hours=2), customer_id="c1", anonymous_id="laptop"),
        visit("devices", "v2", after(days=5), customer_id="c1", anonymous_id="phone"),
    ],
}


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All brands in one build."""
    return builder.build(
        "people_not_ids",
        RAW,
        as_of_date=date(2024, 6, 30),
        models=(
            "csat_monthly",
            "nps_monthly",
            "support_monthly",
            "user_content_monthly",
            "cart_abandonment_daily",
            "customer_stages_daily",
        ),
    )


@pytest.mark.parametrize(
    ("brand", "response_count", "satisfied_count"),
    [
        ("twice", 4, 3),
        ("five_times", 1, 0),
        ("five_times_others", 5, 5),
        ("merged", 1, 1),
        ("another_matter", 2, 1),
        ("another_day", 2, 1),
        ("nobody", 2, 0),
    ],
)
def test_an_answer_sent_again_is_one_answer(
    warehouse: Warehouse, brand: str, response_count: int, satisfied_count: int
) -> None:
    rows = warehouse.rows(
        "select sum(response_count), sum(satisfied_count) from marts.csat_monthly where brand = ?", [brand]
    )
    assert rows == [(response_count, satisfied_count)]


def test_nps_counts_a_person_once_and_nobody_as_often_as_it_comes(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select respondent_count, anonymous_respondent_count, promoter_count, detractor_count from marts.nps_monthly "
        "where brand = 'nps' and month_date = date '2024-03-01' order by acquisition_channel"
    )
    total = "sum(promoter_count), sum(detractor_count)"
    assert warehouse.rows(
        f"select {total} from marts.nps_monthly where brand = 'nps' and month_date = '2024-03-01'"
    ) == [(1, 1)]


@pytest.mark.parametrize(
    ("brand", "counts"),
    [("double_click", [(1, 1)]), ("two_tickets", [(2, 0)]), ("two_matters", [(1, 0), (1, 0)])],
)
def test_a_ticket_sent_twice_is_one(warehouse: Warehouse, brand: str, counts: list[tuple[int, int]]) -> None:
    query = "select ticket_count, answered_count from marts.support_monthly where brand = ?"
    assert warehouse.rows(query, [brand]) == counts


def test_a_review_sent_twice_is_the_last_one(warehouse: Warehouse) -> None:
    query = "select published_count, positive_review_count from marts.user_content_monthly where brand = 'review'"
    assert warehouse.rows(query) == [(3, 2)]


@pytest.mark.parametrize(
    ("brand", "cart_count", "ordered_in_time_count", "recovered_count"),
    [
        ("devices", 2, 2, 0),
        ("by_id", 1, 1, 0),
        ("merged_cart", 1, 1, 0),
        ("recovered", 1, 0, 1),
        ("too_late", 1, 0, 0),
        ("bought_before", 1, 0, 0),
        ("written_late", 1, 1, 0),
        ("someone_else", 1, 0, 0),
        ("empty", 1, 0, 0),
        ("gift", 1, 1, 0),
    ],
)
def test_carts_meet_what_the_person_orders(
    warehouse: Warehouse, brand: str, cart_count: int, ordered_in_time_count: int, recovered_count: int
) -> None:
    rows = warehouse.rows(
        "select sum(cart_count), sum(ordered_in_time_count), sum(recovered_count) from marts.cart_abandonment_daily "
        "where brand = ?",
        [brand],
    )
    assert rows == [(cart_count, ordered_in_time_count, recovered_count)]
