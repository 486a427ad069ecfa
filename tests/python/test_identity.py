"""Identities that a shop gives by e-mail, and links that run in circles, built by the real models."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from conftest import Builder, Warehouse
from oracle.raw_files import merge_raw_data

RING_LENGTH = 60  # more links than int_identity_links follows

EMAIL_CUSTOMERS = {
    "customers": [
        # one customer, spelt in two ways; the later record wins
        {
            "customer_id": "Anna@example.org",
            "email": "anna@example.org",
            "segment": "old",
            "updated_at": date(2024, 1, 1),
        },
        {
            "customer_id": "anna@example.org",
            "email": "anna@example.org",
            "segment": "new",
            "updated_at": date(2024, 1, 2),
        },
        # each one's e-mail is the other's id
        {"customer_id": "paul@example.org", "email": "quinn@example.org", "created_at": date(2024, 1, 1)},
        {"customer_id": "quinn@example.org", "email": "paul@example.org", "created_at": date(2024, 2, 1)},
        # a guest whose order comes over when the account is made
        {"customer_id": "vera@example.org", "email": "uma@example.org", "created_at": date(2024, 1, 10)},
    ],
    "orders": [
        {"order_id": "o1", "customer_id": "ANNA@example.org", "ordered_at": date(2024, 1, 5), "total_amount": "10"},
        {"order_id": "o2", "customer_id": "paul@example.org", "ordered_at": date(2023, 12, 5), "total_amount": "10"},
        {"order_id": "o3", "customer_id": "quinn@example.org", "ordered_at": date(2023, 12, 6), "total_amount": "10"},
        {"order_id": "o4", "email": "uma@example.org", "ordered_at": date(2024, 1, 1), "total_amount": "10"},
    ],
}
RING = {
    "orders": [
        {"order_id": f"r{n}", "customer_id": f"ring-{n}", "ordered_at": date(2024, 1, 1), "total_amount": "10"}
        for n in range(RING_LENGTH)
    ],
    "identity_links": [
        {
            "link_id": f"l{n}",
            "linked_at": date(2024, 2, 1),
            "id_type": "customer_id",
            "id_value": f"ring-{n}",
            "customer_id": f"ring-{(n + 1) % RING_LENGTH}",
        }
        for n in range(RING_LENGTH)
    ],
}


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All of the above in one build."""
    raw: dict[str, list[dict[str, Any]]] = merge_raw_data([EMAIL_CUSTOMERS, RING])
    models = ("customer_stage_intervals", "lifecycle_customers", "identity_conflicts")
    return builder.build("identity", raw, as_of_date=date(2024, 3, 1), models=models)


def test_a_customer_id_that_is_an_email_is_the_same_however_it_is_spelt(warehouse: Warehouse) -> None:
    """Its two records are versions of one, and its order is its own."""
    rows = warehouse.rows(
        "select customer_id, purchase_date_count from marts.lifecycle_customers where segment = 'new'"
    )
    assert len(rows) == 1
    assert rows[0][1] == 1
    assert warehouse.rows("select * from marts.lifecycle_customers where segment = 'old'") == []


def test_two_customers_with_each_others_email_do_not_absorb_each_other(warehouse: Warehouse) -> None:
    """The earlier account absorbs the later one; the later one's claim closes a cycle and is reported."""
    conflicts = warehouse.rows(
        "select linked_date, reason from quality.identity_conflicts where source_table = 'customers'"
    )
    assert conflicts == [(date(2024, 2, 1), "closes_cycle")]


def test_a_ring_of_links_is_broken_however_long(warehouse: Warehouse) -> None:
    """The build ends, a customer is left of the ring, and what is not followed is reported."""
    (living,) = warehouse.rows(
        "select count(*) from marts.lifecycle_customers where customer_id like 'ring-%' and current_stage is not null"
    )[0]
    reported = warehouse.rows("select reason from quality.identity_conflicts where source_table = 'identity_links'")
    assert 1 <= living < RING_LENGTH / 2
    assert reported == [("closes_cycle",)] * living


def test_no_email_is_published_in_clear(warehouse: Warehouse) -> None:
    """Neither as an id nor as the row that caused a stay or a link."""
    columns = warehouse.rows(
        "select table_schema, table_name, column_name from information_schema.columns "
        "where data_type = 'VARCHAR' and (table_schema = 'marts' or table_name = 'identity_conflicts')"
    )
    assert ("marts", "customer_stage_intervals", "caused_by_row") in columns
    for schema, table, column in columns:
        assert warehouse.rows(f"select {column} from {schema}.{table} where {column} like '%@%'") == [], (table, column)
    assert warehouse.rows("select 1 from marts.customer_stage_intervals where caused_by_table = 'customers'")
