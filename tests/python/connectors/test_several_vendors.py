"""Several vendors fill one table: ids do not meet, people do, and no order counts twice."""

# ruff: noqa: E501
from __future__ import annotations

from datetime import datetime

from stores import Store

TABLES = (
    "create schema shopify",
    """create table shopify."order" as select 1 as id, 10 as customer_id, 'ann@example.org' as email, timestamp '2025-01-05 10:00' as created_at,
        19.9 as total_price, 'paid' as financial_status, 'EUR' as currency""",
    """create table shopify.customer as select * from (values
        (10, 'Ann@example.org', timestamp '2025-01-05'), (11, 'ben@example.org', timestamp '2025-01-01')) as c (id, email, created_at)""",
    "create schema stripe",
    """create table stripe.customer as select * from (values
        ('cus_a', 'ann@example.org ', timestamp '2025-01-03'), ('cus_c', 'cem@example.org', timestamp '2025-01-03')) as c (id, email, created)""",
    """create table stripe.charge as select 'ch_1' as id, 'cus_a' as customer_id, timestamp '2025-01-05 10:01' as created, 1990 as amount,
        'eur' as currency, 'succeeded' as status, true as captured, true as livemode""",
    "create table stripe.refund as select 're_1' as id, 'ch_1' as charge_id, timestamp '2025-01-06' as created, 500 as amount, 'eur' as currency, 'succeeded' as status",
)  # fmt: skip
HUBSPOT_TABLES = (
    "create schema hubspot",
    """create table hubspot.contact as select * from (values
        (1, 'ANN@example.org', timestamp '2025-01-07', '2:1736294400000;4:1736380800000', '2;3'), (3, null, timestamp '2025-01-08', null, null))
        as c (id, property_email, property_createdate, property_hs_calculated_merged_vids, property_hs_merged_object_ids)""",
    "create table hubspot.contact_merge_audit as select 2 as canonical_vid, 4 as vid_to_merge, timestamp '2025-01-06' as timestamp",
    """create table hubspot.deal as select 7 as deal_id, 19.9 as property_amount, timestamp '2025-01-05' as property_closedate,
        true as property_hs_is_closed_won""",
    "create schema klaviyo",
    "create table klaviyo.event as select 'e' as id, 'p' as person_id, 'Started Checkout' as type, timestamp '2025-01-05' as datetime",
)  # fmt: skip
SHOPIFY = {"schemas": "shopify", "loader": "fivetran"}
STRIPE = {"schemas": "stripe", "loader": "fivetran"}
HUBSPOT = {"schemas": "hubspot", "loader": "fivetran"}


def test_a_shop_and_its_till(store: Store) -> None:
    """Shopify and Stripe: orders and refunds are the shop's; a customer of both is one person from the later record on."""
    store.execute(*TABLES)
    store.connect({"shopify": SHOPIFY, "stripe": STRIPE})
    assert store.rows("select order_id, customer_id from store_connectors.raw__orders") == [("shopify:1", "shopify:10")]
    assert store.rows("select * from store_connectors.raw__refunds") == []
    customers = [row[0] for row in store.rows("select customer_id from store_connectors.raw__customers order by 1")]
    assert customers == ["shopify:10", "shopify:11", "stripe:cus_a", "stripe:cus_c"]
    links = "select brand, linked_at, id_type, id_value, customer_id from store_connectors.raw__identity_links"
    assert store.rows(links) == [("default", datetime(2025, 1, 5), "customer_id", "stripe:cus_a", "shopify:10")]


def test_a_shop_and_its_contacts(store: Store) -> None:
    """Shopify, HubSpot, Klaviyo: deals are no orders; merged contacts are one person from the merge on, contacts of customers, too."""
    store.execute(*TABLES, *HUBSPOT_TABLES)
    store.connect({"shopify": SHOPIFY, "hubspot": HUBSPOT, "klaviyo": {"schemas": "klaviyo", "loader": "fivetran"}})
    assert store.rows("select order_id from store_connectors.raw__orders") == [("shopify:1",)]
    links = "select id_value, customer_id, linked_at from store_connectors.raw__identity_links order by 1"
    assert store.rows(links) == [
        ("hubspot:1", "shopify:10", datetime(2025, 1, 7)),
        ("hubspot:2", "hubspot:1", datetime(2025, 1, 8)),  # by the list with times
        ("hubspot:3", "hubspot:1", datetime(2025, 1, 8)),  # by the list without: since the later record
        ("hubspot:4", "hubspot:2", datetime(2025, 1, 6)),  # by the audit, though the list of 1 names it, too
    ]
    assert store.rows("select cart_id from store_connectors.raw__carts") == []  # those of Klaviyo are copies


def test_a_shop_that_has_no_carts_leaves_them_to_others(store: Store) -> None:
    """WooCommerce, Stripe, Klaviyo: orders are the shop's, checkouts are Klaviyo's, and a review without an account is of its address."""
    store.execute(*TABLES, *HUBSPOT_TABLES)
    store.execute(
        "create schema woocommerce",
        "create table woocommerce.orders as select 1 as id, '19.90' as total, 0 as customer_id, 'completed' as status",
        """create table woocommerce.product_reviews as select 5 as id, 7 as product_id, 'approved' as status, 'ann@example.org' as reviewer_email,
            4 as rating, '2025-01-09T10:00:00' as date_created_gmt""",
    )
    woocommerce = {"schemas": "woocommerce", "loader": "airbyte"}
    store.connect(
        {"woocommerce": woocommerce, "stripe": STRIPE, "klaviyo": {"schemas": "klaviyo", "loader": "fivetran"}}
    )
    assert store.rows("select order_id, customer_id from store_connectors.raw__orders") == [("woocommerce:1", None)]
    assert store.rows("select cart_id from store_connectors.raw__carts") == [("klaviyo:e",)]
    assert store.rows("select customer_id, published_at from store_connectors.raw__reviews") == [
        ("ann@example.org", datetime(2025, 1, 9, 10))
    ]


def test_orders_of_both_are_reported_when_they_look_like_one(store: Store) -> None:
    store.execute(*TABLES)
    connectors = {"stripe": STRIPE | {"orders": True, "prefix_ids": False}, "shopify": SHOPIFY}
    result = store.run("build", "--select", "package:customer_lifecycle_connectors", connectors=connectors)
    assert result.success, result.problems
    assert store.rows("select order_id from store_connectors.raw__orders order by 1") == [("ch_1",), ("shopify:1",)]
    status = result.statuses["test.customer_lifecycle_connectors.assert_no_order_counts_twice"]
    assert status == "warn"


def test_amounts_of_stripe_are_in_the_unit_of_their_currency(store: Store) -> None:
    """Where Stripe alone is connected, its charges are the orders, and ids have no prefix."""
    store.execute(*TABLES)
    for currency in ("jpy", "kwd"):
        store.execute(
            f"insert into stripe.charge select * replace ('{currency}' as id, '{currency}' as currency) from stripe.charge limit 1"
        )
    store.connect({"stripe": STRIPE})
    orders = "select order_id, cast(total_amount as double), currency, status from store_connectors.raw__orders order by order_id"
    assert store.rows(orders) == [
        ("ch_1", 19.9, "EUR", "paid"),
        ("jpy", 1990, "JPY", "paid"),
        ("kwd", 1.99, "KWD", "paid"),
    ]
    assert store.rows("select refund_id, order_id from store_connectors.raw__refunds") == [("re_1", "ch_1")]
