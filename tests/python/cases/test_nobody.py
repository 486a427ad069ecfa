"""People, not ids: placeholders that stand for no person have sales, and are no customer; other improbable ids are named."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from conftest import Builder, Warehouse

AS_OF_DATE = date(2024, 12, 31)
MODELS = ("lifecycle_customers", "int_revenue_entries", "improbable_ids", "cleaning_events", "rejected_records")
# brand -> what stands in the place of the buyer
PLACEHOLDERS: dict[str, dict[str, str]] = {
    "walkin": {"customer_id": "WALKIN"},
    "walk_in": {"customer_id": " Walk-in Customer "},
    "zero": {"customer_id": "0"},
    "sheet": {"customer_id": "#REF!"},
    "guest": {"customer_id": "Guest"},
    "unknown": {"customer_id": "unknown"},
    "zeros": {"customer_id": "00000000-0000-0000-0000-000000000000"},
    "noemail": {"email": "none@pos.example"},
    "noreply": {"email": "No-Reply@shop.example"},
    "test": {"email": "test@test.com"},
    "email_as_id": {"customer_id": "unknown@pos.example"},
    "listed": {"customer_id": "TILL-1"},
    "listed_email": {"email": "till@shop.example"},
    "listed_digits": {"customer_id": "99999.0"},
    "nobody": {},
    "brackets": {"customer_id": "(null)"},
    "dashes": {"customer_id": "--"},
    "object": {"customer_id": "[object Object]"},
    "guest_user": {"customer_id": "GUEST_USER"},
    "checkout": {"customer_id": "Guest Checkout"},
    "error": {"customer_id": "#NUM!"},
    "formula": {"customer_id": '="0"'},
    "deleted": {"customer_id": "Deleted"},
    "deleted_email": {"email": "deleted@shop.example"},
    "list": {"email": "ann@x.example; bob@x.example"},
    "cash": {"customer_id": "cash customer"},
    "other_languages": {"customer_id": "Consumidor Final"},
}
REAL = (
    *(
        "unknown1",
        "10",
        "nonesuch",
        "Walkinshaw",
        "gustav@x.example",
        "guestroom@x.example",
        "nadia",
        "-17",
        "0x",
        "000017",
    ),
    *("deleted17", "acme @ paris", "naomi@x.example"),
)


def sales(brand: str, who: dict[str, str], count: int = 24) -> list[dict[str, Any]]:
    """Make a sale of ten every other week, and two of a real customer."""
    rows = [
        {"order_id": f"w{number}", "ordered_at": datetime(2024, 1, 3, 12) + timedelta(days=14 * number)} | who
        for number in range(count)
    ]
    rows += [
        {"order_id": f"r{number}", "ordered_at": datetime(2024, 2, number, 12), "customer_id": "rita"}
        for number in (1, 2)
    ]
    return [row | {"brand": brand, "total_amount": 10, "currency": "EUR"} for row in rows]


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All cases in one build."""
    raw: dict[str, list[dict[str, Any]]] = {"orders": [], "customers": [], "touchpoints": []}
    for brand, who in PLACEHOLDERS.items():
        raw["orders"] += sales(brand, who)
    raw["orders"] += sales("account", {"customer_id": "C-777"})
    raw["orders"] += sales("shared", {"email": "office@x.example"})
    for number in range(12):
        raw["customers"].append({"brand": "shared", "customer_id": f"c{number}", "email": "office@x.example"})
    for number, name in enumerate(REAL):
        raw["orders"].append(
            {"brand": "real", "order_id": f"o{number}", "customer_id": name, "ordered_at": datetime(2024, 5, 1, 12)}
            | {"total_amount": 10, "currency": "EUR"}
        )
    raw["customers"].append({"brand": "walkin", "customer_id": "walkin", "email": "a@x.example"})
    for number in range(30):
        who = {
            "anonymous_id": "undefined" if number % 2 else f"d{number}",
            "customer_id": "desk" if number % 2 == 0 else None,
        }
        raw["touchpoints"].append(
            {
                "brand": "devices",
                "touchpoint_id": f"t{number}",
                "occurred_at": datetime(2024, 3, 1, 12),
                "touch_type": "visit",
            }
            | who
        )
    nobody = "till-1, till@shop.example ,99999"
    return builder.build("nobody", raw, as_of_date=AS_OF_DATE, models=MODELS, nobody_ids=nobody)


def customers(warehouse: Warehouse, brand: str) -> set[str]:
    """Customers of a brand with a stage, without the brand."""
    rows = warehouse.rows(
        "select substr(customer_id, length(brand) + 2) from marts.lifecycle_customers "
        "where brand = ? and current_stage is not null",
        [brand],
    )
    return {customer for (customer,) in rows}


def revenue(warehouse: Warehouse, brand: str) -> int:
    """Net revenue of a brand."""
    query = "select cast(sum(net_revenue_amount) as integer) from intermediate.int_revenue_entries where brand = ?"
    return warehouse.rows(query, [brand])[0][0]


@pytest.mark.parametrize("brand", PLACEHOLDERS)
def test_a_placeholder_sells_and_is_nobody(warehouse: Warehouse, brand: str) -> None:
    """One customer, who may be loyal, and all the revenue; no other customer is loyal."""
    assert customers(warehouse, brand) == {"rita"}
    assert revenue(warehouse, brand) == 260


def test_an_email_of_many_profiles_sells_and_is_nobody(warehouse: Warehouse) -> None:
    """Twelve profiles have it: its sales belong to no customer."""
    assert customers(warehouse, "shared") == {"rita"}
    assert revenue(warehouse, "shared") == 260


def test_names_that_only_look_like_placeholders_are_people(warehouse: Warehouse) -> None:
    """No customer is lost to a word that is part of a name or an address."""
    assert len(customers(warehouse, "real")) == len(REAL)


def test_what_was_read_as_nobody_is_counted(warehouse: Warehouse) -> None:
    """In cleaning_events, by column; a profile of no person is rejected."""
    rows = warehouse.rows(
        "select entity, column_name, value_count from quality.cleaning_events "
        "where brand = 'walkin' and reason = 'placeholder_id'"
    )
    assert rows == [("orders", "customer_id", 24)]
    assert warehouse.rows(
        "select rejection_reason from quality.rejected_records where brand = 'walkin' and entity = 'customers'"
    ) == [("missing_key",)]


def test_an_improbable_account_is_named_and_not_guessed_away(warehouse: Warehouse) -> None:
    """Twenty-four of twenty-six orders: it may be no person, or a great customer; the user is told and decides."""
    assert customers(warehouse, "account") == {"rita", "C-777"}
    rows = warehouse.rows("select customer_id, counted, usage_count from quality.improbable_ids order by 1")
    assert rows == [("account:C-777", "orders", 24)]
