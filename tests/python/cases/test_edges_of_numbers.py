"""Edges at which a number of a mart was once wrong: each case is a brand of its own, and all are one build."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from conftest import Builder, Warehouse


def at(month: int, day: int) -> datetime:
    return datetime(2024, month, day, 12)


def order(brand: str, name: str, customer: str, moment: datetime, total: float = 50, **columns: Any) -> dict[str, Any]:
    return {
        "brand": brand, "order_id": name, "customer_id": customer, "ordered_at": moment, "total_amount": total,
    } | columns  # fmt: skip


def link(brand: str, merged: str, canonical: str, moment: datetime) -> dict[str, Any]:
    return {
        "brand": brand, "link_id": f"{merged}_{canonical}", "linked_at": moment, "id_type": "customer_id",
        "id_value": merged, "customer_id": canonical,
    }  # fmt: skip


# Prices of which a tenth, divided by the price, is more than 0.1 as a double: 0.56 / 5.60 = 0.10000000000000002.
TENTHS = (280, 560, 1120, 1370, 2240, 2490, 27400)

RAW: dict[str, list[dict[str, Any]]] = {
    "customers": [
        {"brand": brand, "customer_id": "tester", "is_test": "true"} for brand in ("staff_first", "staff_alone")
    ],
    "orders": [
        order("staff_first", "o1", "staff", at(1, 5)),
        order("staff_first", "o2", "c1", at(3, 5)),
        order("staff_alone", "o1", "staff", at(1, 5)),
        *(
            order("tenth", f"o{cents}", f"c{cents}", at(1, 5), cents * 9 / 1000, discount_amount=cents / 1000)
            for cents in TENTHS
        ),
        *(order("leavers", f"o_{name}", name, at(1, 5)) for name in ("kept", "taken_back")),
    ],
    "identity_links": [
        link("staff_first", "staff", "tester", at(2, 10)),
        link("staff_alone", "staff", "tester", at(2, 10)),
    ],
    "survey_responses": [
        {
            "brand": "leavers",
            "response_id": customer,
            "customer_id": customer,
            "survey_type": "exit",
            "responded_at": at(4, 6),
            "reason": "price",
            "deleted_at": deleted_at,
        }
        for customer, deleted_at in (("kept", None), ("taken_back", at(4, 9)))
    ],
}


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All brands in one build."""
    return builder.build(
        "edges_of_numbers",
        RAW,
        as_of_date=date(2024, 5, 31),
        models=(
            "growth_accounting_monthly",
            "growth_accounting_by_dimension",
            "retention_cohorts_by_dimension",
            "churn_monthly",
        ),
    )


NEW, LOST_TO_A_TEST_ACCOUNT, NOTHING = (1, 0, 0), (0, 0, -1), (0, 0, 0)


@pytest.mark.parametrize(
    ("brand", "expected"),
    [
        # staff was active from January on until its id was linked to a test account; c1 churned in June, after the as-of date
        (
            "staff_first",
            [(0, *NEW, 1), (1, *LOST_TO_A_TEST_ACCOUNT, 0), (0, *NEW, 1), (1, *NOTHING, 1), (1, *NOTHING, 1)],
        ),
        ("staff_alone", [(0, *NEW, 1), (1, *LOST_TO_A_TEST_ACCOUNT, 0), *[(0, *NOTHING, 0)] * 3]),
    ],
)
def test_growth_begins_with_the_first_purchase_whatever_became_of_its_customer(
    warehouse: Warehouse, brand: str, expected: list[tuple[int, ...]]
) -> None:
    measures = "opening_active, new, churned, merged_net, closing_active"
    whole = f"select {measures} from marts.growth_accounting_monthly where brand = ? order by month_date"
    assert warehouse.rows(whole, [brand]) == expected
    parts = (
        f"select sum({measures.replace(', ', '), sum(')}) from marts.growth_accounting_by_dimension "
        "where brand = ? and dimension_name = 'segment' group by month_date order by month_date"
    )
    assert warehouse.rows(parts, [brand]) == expected


def test_a_tenth_off_is_up_to_ten_percent(warehouse: Warehouse) -> None:
    assert any((cents / 1000) / (cents / 100) > 0.1 for cents in TENTHS)
    bands = warehouse.rows(
        "select dimension_value, cohort_customer_count from marts.retention_cohorts_by_dimension "
        "where brand = 'tenth' and dimension = 'first_discount_share' and period_number = 0"
    )
    assert bands == [("up to 10 %", len(TENTHS))]


def test_a_deleted_answer_is_no_reason(warehouse: Warehouse) -> None:
    reasons = (
        "select churn_reason, churned_count from marts.churn_monthly where brand = 'leavers' and churned_count > 0"
    )
    assert sorted(warehouse.rows(reasons)) == [("lapsed", 1), ("price", 1)]
