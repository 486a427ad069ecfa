"""Staff try the shop with a test account, then as a guest and signed out: what they did counts for nothing, under any id.

What a test account's rows say about whose a device or an e-mail is, holds; each case is a brand of its own.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from conftest import Builder, Warehouse

AS_OF_DATE = date(2025, 6, 30)
MODELS = (
    "customer_stages_daily",
    "lifecycle_customers",
    "rejected_records",
    "raw_row_outcomes",
    "int_revenue_entries",
    "order_metrics_monthly",
    "acquisition_channels_daily",
    "cart_abandonment_daily",
    "support_monthly",
    "affiliate_revenue_monthly",
    "lifecycle_audiences",
    "customer_profile",
    "trial_conversion_monthly",
)


def at(month: int, day: int, hour: int = 12) -> datetime:
    """Give a moment of 2025."""
    return datetime(2025, month, day, hour)


def staff(brand: str) -> dict[str, Any]:
    """Make the profile of a test account, of 5 January."""
    row = {"customer_id": "tess", "email": "tess@shop.example", "created_at": at(1, 5), "is_test": True}
    return row | {"brand": brand}


def order(brand: str, key: str, when: datetime, amount: int, **who: str) -> dict[str, Any]:
    """Make an order."""
    return {"brand": brand, "order_id": key, "ordered_at": when, "total_amount": amount, "currency": "EUR"} | who


def visit(brand: str, key: str, when: datetime, **who: str) -> dict[str, Any]:
    """Make a visit."""
    return {"brand": brand, "touchpoint_id": key, "occurred_at": when, "touch_type": "visit"} | who


RAW: dict[str, list[dict[str, Any]]] = {
    "customers": [
        # a device of a test account, on which a customer signs in later
        staff("device"),
        {"brand": "device", "customer_id": "ruth", "email": "ruth@x.example", "created_at": at(2, 20)},
        # the same device, but the customer was there first
        staff("ours_first"),
        {"brand": "ours_first", "customer_id": "ruth", "email": "ruth@x.example", "created_at": at(1, 1)},
        # checks out as a guest, in another spelling, and has a newsletter sent to a second device
        staff("guest"),
        # a profile without a date: the e-mail was always the test account's
        staff("always") | {"created_at": None},
        # a real account that staff have taken over since
        staff("taken_over"),
        {"brand": "taken_over", "customer_id": "bob", "created_at": at(1, 1)},
        # nothing but what the device did: carts, tickets, trials
        staff("busy"),
    ],
    "touchpoints": [
        visit("device", "t1", at(1, 6), anonymous_id="a"),
        visit("device", "t2", at(1, 7), anonymous_id="a", customer_id="tess"),
        visit("device", "t3", at(1, 20), anonymous_id="a"),
        visit("device", "t4", at(2, 21), anonymous_id="a", customer_id="ruth"),
        visit("ours_first", "t1", at(1, 2), anonymous_id="a", customer_id="ruth"),
        visit("ours_first", "t2", at(1, 7), anonymous_id="a", customer_id="tess"),
        visit("ours_first", "t3", at(1, 8), anonymous_id="a"),
        visit("guest", "t1", at(3, 1), anonymous_id="phone", email="tess@shop.example"),
        visit("guest", "t2", at(3, 2), anonymous_id="phone"),
        visit("busy", "t1", at(1, 7), anonymous_id="a", customer_id="tess"),
        visit("busy", "t2", at(1, 8), anonymous_id="a"),
    ],
    "orders": [
        order("device", "o1", at(3, 10), 50, customer_id="ruth"),
        order("ours_first", "o1", at(3, 10), 50, customer_id="ruth"),
        order("guest", "o1", at(3, 2), 100, email=" Tess@Shop.example"),
        order("guest", "o2", at(3, 3), 20, email="real@x.example"),
        order("always", "o1", at(1, 2), 100, email="tess@shop.example"),
        order("always", "o2", at(1, 2), 20, email="real@x.example"),
        order("taken_over", "o1", at(1, 3), 10, customer_id="bob"),
        order("taken_over", "o2", at(4, 3), 100, customer_id="bob"),
        order("busy", "o1", at(2, 1), 30, customer_id="real"),
    ],
    "order_items": [{"brand": "guest", "order_item_id": "i1", "order_id": "o1", "quantity": 1, "unit_price": 100}],
    "refunds": [{"brand": "guest", "refund_id": "r1", "order_id": "o1", "refunded_at": at(3, 5), "amount": 100}],
    "affiliate_sales": [
        {
            "brand": "guest",
            "affiliate_sale_id": "s1",
            "affiliate_id": "partner",
            "order_id": "o1",
            "occurred_at": at(3, 2),
            "commission_amount": 9,
        }
    ],
    "identity_links": [
        {
            "brand": "taken_over",
            "link_id": "l1",
            "id_type": "customer_id",
            "id_value": "bob",
            "customer_id": "tess",
            "linked_at": at(4, 1),
        }
    ],
    "subscriptions": [
        {"brand": "taken_over", "subscription_id": "p1", "customer_id": "bob", "trial_started_at": at(5, 1)},
    ],
    "carts": [
        {"brand": "busy", "cart_id": "c1", "anonymous_id": "a", "created_at": at(1, 9), "value_amount": 70},
        {"brand": "busy", "cart_id": "c2", "customer_id": "real", "created_at": at(1, 9), "value_amount": 7},
    ],
    "support_tickets": [
        {"brand": "busy", "ticket_id": "k1", "email": "tess@shop.example", "created_at": at(1, 9)},
        {"brand": "busy", "ticket_id": "k2", "customer_id": "real", "created_at": at(1, 9)},
    ],
}


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All cases in one build."""
    return builder.build("staff", RAW, as_of_date=AS_OF_DATE, models=MODELS)


def days(warehouse: Warehouse, brand: str) -> dict[str, tuple[date, date]]:
    """First and last day of each customer of a brand, without the brand."""
    rows = warehouse.rows(
        "select split_part(customer_id, ':', 2), min(date_day), max(date_day) from marts.customer_stages_daily "
        "where brand = ? group by 1",
        [brand],
    )
    return {customer: (first, last) for customer, first, last in rows}


def revenue(warehouse: Warehouse, brand: str) -> float:
    """Net revenue of a brand."""
    query = "select coalesce(sum(net_revenue_amount), 0) from intermediate.int_revenue_entries where brand = ?"
    return float(warehouse.rows(query, [brand])[0][0])


def test_a_device_leaves_when_staff_sign_in_on_it(warehouse: Warehouse) -> None:
    """It is there on 6 January; who signs in on it later is a customer of her own, from her own first day."""
    assert days(warehouse, "device") == {
        "anonymous": (date(2025, 1, 6), date(2025, 1, 6)),
        "ruth": (date(2025, 2, 21), AS_OF_DATE),
    }
    assert revenue(warehouse, "device") == 50


def test_a_device_that_a_customer_had_before_stays_hers(warehouse: Warehouse) -> None:
    """A sign-in of staff is a later link, which is a conflict: what the device does next is hers."""
    assert days(warehouse, "ours_first") == {"ruth": (date(2025, 1, 2), AS_OF_DATE)}
    reasons = warehouse.rows(
        "select record_key, rejection_reason from quality.rejected_records where brand = 'ours_first' and entity = 'touchpoints'"
    )
    assert reasons == [("t2", "test_account")]


def test_an_order_as_a_guest_is_no_sale(warehouse: Warehouse) -> None:
    """Nor are its items, refunds and commissions; a device that gave the same e-mail is no visitor."""
    assert set(days(warehouse, "guest")) == {"email"}
    assert revenue(warehouse, "guest") == 20
    rows = warehouse.rows(
        "select entity, record_key from quality.rejected_records "
        "where brand = 'guest' and rejection_reason = 'test_account' order by 1, 2"
    )
    assert rows == [
        ("affiliate_sales", "s1"),
        ("customers", "tess"),
        ("order_items", "i1"),
        ("orders", "o1"),
        ("refunds", "r1"),
        ("touchpoints", "t1"),
        ("touchpoints", "t2"),
    ]
    assert (
        warehouse.rows("select * from marts.affiliate_revenue_monthly where brand = 'guest' and sale_count > 0") == []
    )


def test_the_email_of_an_undated_test_account_was_always_its(warehouse: Warehouse) -> None:
    """What came before the profile, whose date is not known, is no sale either."""
    assert len(days(warehouse, "always")) == 1
    assert revenue(warehouse, "always") == 20


def test_an_account_that_staff_take_over_was_a_customer_before(warehouse: Warehouse) -> None:
    """Its purchase of January stays; from the link on it is gone, and sells and tries nothing."""
    assert days(warehouse, "taken_over") == {"bob": (date(2025, 1, 3), date(2025, 3, 31))}
    assert revenue(warehouse, "taken_over") == 10
    assert (
        warehouse.rows("select * from marts.trial_conversion_monthly where brand = 'taken_over' and trial_count > 0")
        == []
    )


def test_nothing_that_staff_do_on_a_device_is_counted(warehouse: Warehouse) -> None:
    """Neither as a session, nor as an abandoned cart, nor as a ticket."""
    (carts,) = warehouse.rows("select sum(cart_count) from marts.cart_abandonment_daily where brand = 'busy'")[0]
    (tickets,) = warehouse.rows("select sum(ticket_count) from marts.support_monthly where brand = 'busy'")[0]
    sessions = warehouse.rows("select sum(session_count) from marts.acquisition_channels_daily where brand = 'busy'")
    assert (carts, tickets) == (1, 1)
    assert not sessions[0][0]
    assert set(days(warehouse, "busy")) == {"real"}


def test_every_raw_row_is_accounted_for(warehouse: Warehouse) -> None:
    """Staging holds what the quarantine does not."""
    from oracle.claims import check_claims

    check_claims(
        warehouse.path, ["assert_every_raw_row_is_accounted_for", "assert_an_id_belongs_to_one_customer_a_day"]
    )
