"""A merge that is taken back: from the day of its deletion on the two are apart again, each with its own history.

Each case is a brand of its own; the days before, as published then, stay what they were.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from conftest import Builder, Warehouse
from oracle.claims import check_claims
from oracle.evaluator import Settings, evaluate

AS_OF_DATE = date(2024, 12, 31)
MODELS = (
    "customer_stages_daily",
    "customer_stage_intervals",
    "lifecycle_customers",
    "customer_value",
    "stage_transitions_daily",
    "stage_funnel_daily",
    "growth_accounting_monthly",
    "stage_durations",
    "identity_conflicts",
    "customer_journeys",
    "retention_cohorts_monthly",
)


def at(month: int, day: int) -> datetime:
    """Give noon of a day of 2024."""
    return datetime(2024, month, day, 12)


def order(brand: str, key: str, month: int, day: int, **who: str) -> dict[str, Any]:
    """Make an order of ten euros."""
    return {"brand": brand, "order_id": key, "ordered_at": at(month, day), "total_amount": 10, "currency": "EUR"} | who


def link(
    brand: str, key: str, ids: tuple[str, str], linked: datetime, deleted: datetime | None, **more: str
) -> dict[str, Any]:
    """Make a link of the first id into the second."""
    row = {"brand": brand, "link_id": key, "id_type": "customer_id", "id_value": ids[0], "customer_id": ids[1]}
    return row | {"linked_at": linked, "deleted_at": deleted} | more


AGAIN = ("again", "again_undated")
RAW: dict[str, list[dict[str, Any]]] = {
    "orders": [
        order("undone", "o1", 1, 5, customer_id="ann"),
        order("undone", "o2", 4, 20, customer_id="ann"),
        order("undone", "o3", 1, 10, customer_id="bob"),
        order("undone", "o4", 5, 1, customer_id="bob"),
        # bought while merged: ann's then, bob's again afterwards
        order("meanwhile", "o1", 1, 5, customer_id="ann"),
        order("meanwhile", "o2", 3, 1, customer_id="bob"),
        # merged in the wrong direction, taken back, merged the other way round
        order("turned", "o1", 1, 5, customer_id="ann"),
        order("turned", "o2", 1, 10, customer_id="bob"),
        # a guest's e-mail, linked by mistake
        order("guest", "o1", 1, 5, customer_id="ann"),
        order("guest", "o2", 1, 10, email="gus@x.example"),
        order("guest", "o3", 6, 1, email="gus@x.example"),
        # a second link that was in conflict comes in
        order("next", "o1", 1, 5, customer_id="bob"),
        order("next", "o2", 1, 6, customer_id="ann"),
        order("next", "o3", 1, 7, customer_id="cid"),
        # a chain: bob into ann, ann into cid; the last link is taken back
        order("chain", "o1", 1, 5, customer_id="ann"),
        order("chain", "o2", 1, 6, customer_id="bob"),
        order("chain", "o3", 1, 7, customer_id="cid"),
        # erased when the two were apart again: the other asked for nothing
        order("erased", "o1", 1, 5, customer_id="ann"),
        order("erased", "o2", 1, 6, customer_id="bob"),
        order("erased", "o3", 4, 20, customer_id="bob"),
        # merged and taken back on one day, and a deletion that is not known yet
        # taken back, and merged again under the same link id
        *(order(brand, "o1", 1, 5, customer_id="ann") for brand in (*AGAIN, "corrected")),
        *(order(brand, "o2", 1, 10, customer_id="bob") for brand in (*AGAIN, "corrected")),
        order("never", "o1", 1, 5, customer_id="ann"),
        order("never", "o2", 1, 6, customer_id="bob"),
        order("never", "o3", 1, 6, customer_id="cid"),
    ],
    "identity_links": [
        link("undone", "l1", ("bob", "ann"), at(2, 1), at(4, 1)),
        link("meanwhile", "l1", ("bob", "ann"), at(2, 1), at(4, 1)),
        link("turned", "l1", ("bob", "ann"), at(2, 1), at(3, 1)),
        link("turned", "l2", ("ann", "bob"), at(3, 1), None),
        link("guest", "l1", ("gus@x.example", "ann"), at(2, 1), at(3, 1), id_type="email"),
        link("next", "l1", ("bob", "ann"), at(2, 1), at(4, 1)),
        link("next", "l2", ("bob", "cid"), at(3, 1), None),
        link("chain", "l1", ("bob", "ann"), at(2, 1), None),
        link("chain", "l2", ("ann", "cid"), at(3, 1), at(4, 1)),
        link("erased", "l1", ("bob", "ann"), at(2, 1), at(3, 1)),
        link("again", "l1", ("bob", "ann"), at(2, 1), at(4, 1)) | {"loaded_at": at(4, 2)},
        link("again", "l1", ("bob", "ann"), at(6, 1), None) | {"loaded_at": at(6, 2)},
        link("again_undated", "l1", ("bob", "ann"), at(6, 1), None),
        link("again_undated", "l1", ("bob", "ann"), at(2, 1), at(4, 1)),
        # the first days were wrong: the second row corrects them, as it begins before they end
        link("corrected", "l1", ("bob", "ann"), at(2, 1), at(4, 1)) | {"loaded_at": at(4, 2)},
        link("corrected", "l1", ("bob", "ann"), at(3, 1), None) | {"loaded_at": at(6, 2)},
        link("never", "l1", ("bob", "ann"), at(2, 1), at(2, 1)),
        link("never", "l2", ("cid", "ann"), at(2, 1), datetime(2025, 2, 1, 12)),
    ],
    "erasure_requests": [
        {"brand": "erased", "request_id": "e1", "requested_at": at(4, 1), "customer_id": "ann"},
    ],
}
# brand: the links that a late merge is to blame on, and the one whose end is
RESTATED = {
    "chain": (["l1", "l2"], "l2"),
    "guest": (["l1"], "l1"),
    "meanwhile": (["l1"], "l1"),
    "undone": (["l1"], "l1"),
}


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All cases in one build."""
    return builder.build("unmerged", RAW, as_of_date=AS_OF_DATE, models=MODELS)


def spells(warehouse: Warehouse, brand: str) -> dict[str, list[tuple[date, date]]]:
    """The unbroken stretches of days of each customer of a brand, without the brand."""
    rows = warehouse.rows(
        "select split_part(customer_id, ':', 2), date_day from marts.customer_stages_daily where brand = ? order by 1, 2",
        [brand],
    )
    found: dict[str, list[tuple[date, date]]] = {}
    for customer, day in rows:
        stretches = found.setdefault(customer, [])
        if stretches and stretches[-1][1] == day - timedelta(days=1):
            stretches[-1] = (stretches[-1][0], day)
        else:
            stretches.append((day, day))
    return found


def orders(warehouse: Warehouse, brand: str) -> dict[str, int]:
    """Orders of each customer of a brand at the end, without the brand."""
    return dict(
        warehouse.rows(
            "select split_part(customer_id, ':', 2), purchase_date_count from marts.lifecycle_customers "
            "where brand = ? and current_stage is not null",
            [brand],
        )
    )


def stage(warehouse: Warehouse, brand: str, customer: str, day: date) -> str | None:
    """The stage of a customer on a day."""
    rows = warehouse.rows(
        "select stage from marts.customer_stages_daily where customer_id = ? and date_day = ?",
        [f"{brand}:{customer}", day],
    )
    return rows[0][0] if rows else None


def test_two_records_are_apart_again_from_the_day_on(warehouse: Warehouse) -> None:
    """Two orders each; while they were one, ann had both histories and bob was gone."""
    assert orders(warehouse, "undone") == {"ann": 2, "bob": 2}
    assert spells(warehouse, "undone") == {
        "ann": [(date(2024, 1, 5), AS_OF_DATE)],
        "bob": [(date(2024, 1, 10), date(2024, 1, 31)), (date(2024, 4, 1), AS_OF_DATE)],
    }
    assert stage(warehouse, "undone", "ann", date(2024, 3, 31)) == "retention"
    assert stage(warehouse, "undone", "ann", date(2024, 4, 1)) == "conversion"
    assert stage(warehouse, "undone", "bob", date(2024, 4, 1)) == "conversion"
    assert stage(warehouse, "undone", "bob", date(2024, 4, 9)) == "churned"


def test_the_undone_link_is_the_cause_of_both_stays(warehouse: Warehouse) -> None:
    """Ann's step back and bob's return name the row that was deleted."""
    rows = warehouse.rows(
        "select customer_id, previous_stage, caused_by_table, caused_by_row from marts.customer_stage_intervals "
        "where brand = 'undone' and valid_from = '2024-04-01' order by 1"
    )
    assert rows == [
        ("undone:ann", "retention", "identity_links", "l1"),
        ("undone:bob", None, "identity_links", "l1"),
    ]


def test_what_was_bought_meanwhile_goes_back_with_its_id(warehouse: Warehouse) -> None:
    """Bob, of whom nothing was known before, appears on the day on which the merge ends."""
    assert orders(warehouse, "meanwhile") == {"ann": 1, "bob": 1}
    assert spells(warehouse, "meanwhile") == {
        "ann": [(date(2024, 1, 5), AS_OF_DATE)],
        "bob": [(date(2024, 4, 1), AS_OF_DATE)],
    }
    assert stage(warehouse, "meanwhile", "ann", date(2024, 3, 2)) == "retention"


def test_a_merge_in_the_wrong_direction_can_be_turned(warehouse: Warehouse) -> None:
    """The link back closes no cycle, as the first one has ended."""
    assert orders(warehouse, "turned") == {"bob": 2}
    assert spells(warehouse, "turned") == {
        "ann": [(date(2024, 1, 5), date(2024, 2, 29))],
        "bob": [(date(2024, 1, 10), date(2024, 1, 31)), (date(2024, 3, 1), AS_OF_DATE)],
    }
    assert warehouse.rows("select * from quality.identity_conflicts where brand = 'turned'") == []


def test_an_email_linked_by_mistake_is_a_guest_again(warehouse: Warehouse) -> None:
    """With what it bought before and after."""
    assert orders(warehouse, "guest") == {"ann": 1, "email": 2}


def test_who_was_taken_out_of_a_record_is_not_erased_with_it(warehouse: Warehouse) -> None:
    """Ann asks for erasure when bob is himself again: his orders stay, before and after."""
    assert orders(warehouse, "erased") == {"bob": 2}
    assert spells(warehouse, "erased") == {"bob": [(date(2024, 1, 6), AS_OF_DATE)]}


def test_the_next_link_of_the_id_comes_in(warehouse: Warehouse) -> None:
    """What was a conflict while the first link held, holds when that has ended: bob is never alone again."""
    assert orders(warehouse, "next") == {"ann": 1, "cid": 2}
    assert spells(warehouse, "next")["bob"] == [(date(2024, 1, 5), date(2024, 1, 31))]
    assert stage(warehouse, "next", "ann", date(2024, 3, 31)) == "retention"
    assert stage(warehouse, "next", "cid", date(2024, 4, 1)) == "retention"


def test_the_end_of_a_chain_comes_off_with_all_that_hangs_on_it(warehouse: Warehouse) -> None:
    """Ann comes back with bob's history, who stays merged into her."""
    assert orders(warehouse, "chain") == {"ann": 2, "cid": 1}
    assert spells(warehouse, "chain")["ann"] == [(date(2024, 1, 5), date(2024, 2, 29)), (date(2024, 4, 1), AS_OF_DATE)]


@pytest.mark.parametrize("brand", AGAIN)
def test_a_link_that_is_made_again_held_before(warehouse: Warehouse, brand: str) -> None:
    """Bob is gone in February and March, and from June on; whether a loading date or only its own date tells the later row."""
    assert orders(warehouse, brand) == {"ann": 2}
    assert spells(warehouse, brand) == {
        "ann": [(date(2024, 1, 5), AS_OF_DATE)],
        "bob": [(date(2024, 1, 10), date(2024, 1, 31)), (date(2024, 4, 1), date(2024, 5, 31))],
    }
    rows = [row for row in RAW["identity_links"] if row["brand"] == brand]
    told = {"orders": [row for row in RAW["orders"] if row["brand"] == brand], "identity_links": rows}
    evaluated = evaluate(told, Settings(as_of_date=AS_OF_DATE))
    assert {who.split(":")[1]: len(days) for who, days in evaluated.items()} == {
        who: sum((last - first).days + 1 for first, last in stretches)
        for who, stretches in spells(warehouse, brand).items()
    }


def test_a_later_version_that_begins_before_the_end_corrects_the_link(warehouse: Warehouse) -> None:
    """Bob is there until March, and gone from then on."""
    assert spells(warehouse, "corrected")["bob"] == [(date(2024, 1, 10), date(2024, 2, 29))]


def test_a_link_of_no_day_links_nothing_and_an_end_to_come_is_not_known(warehouse: Warehouse) -> None:
    """Bob was never ann; cid is, until the as-of date passes the day."""
    assert orders(warehouse, "never") == {"ann": 2, "bob": 1}


def test_the_end_of_a_merge_is_the_cause_of_what_it_restates(builder: Builder) -> None:
    """Said weeks after its day, it is a link's doing, and no reversal of the orders that go back; nor is a late merge."""
    unsaid = [row | {"deleted_at": None} for row in RAW["identity_links"] if row["brand"] in RESTATED]
    said = [row for row in RAW["identity_links"] if row["brand"] in RESTATED]
    orders = [row for row in RAW["orders"] if row["brand"] in RESTATED]
    models = ("stage_restatements", "customer_stages_daily", "int_recorded_build")
    for links in ([], unsaid, said):
        warehouse = builder.build(
            "unmerged_later", {"orders": orders, "identity_links": links}, as_of_date=AS_OF_DATE, models=models
        )
    rows = warehouse.rows(
        "select distinct build_number, brand, caused_by_row, cause, caused_by_table from marts.stage_restatements"
    )
    assert sorted(rows) == [
        *((2, brand, link, "merge", "identity_links") for brand, (links, _) in RESTATED.items() for link in links),
        *((3, brand, link, "merge", "identity_links") for brand, (_, link) in RESTATED.items()),
    ]
    assert warehouse.rows(
        "select customer_id, valid_from, published_stage, restated_stage from marts.stage_restatements "
        "where build_number = 3 and brand = 'undone' and valid_from <= '2024-04-01' order by 1, 2"
    ) == [
        ("undone:ann", date(2024, 4, 1), "retention", "conversion"),
        ("undone:bob", date(2024, 4, 1), None, "conversion"),
    ]


def test_durations_go_on_with_the_stay_of_before(warehouse: Warehouse) -> None:
    """Each converts in January and churns 90 days later, merged meanwhile or not; the stay of the two as one is censored."""
    rows = warehouse.rows(
        "select stage, entry_month, stay_count, completed_count, merged_count from marts.stage_durations "
        "where brand = 'undone' order by entry_month, stage"
    )
    assert rows == [
        ("conversion", date(2024, 1, 1), 2, 2, 0),
        ("retention", date(2024, 1, 1), 1, 0, 1),
        ("churned", date(2024, 4, 1), 2, 2, 0),
        ("reactivated", date(2024, 4, 1), 1, 1, 0),
        ("reactivated", date(2024, 5, 1), 1, 1, 0),
        ("retention", date(2024, 5, 1), 2, 2, 0),
        ("churned", date(2024, 7, 1), 2, 0, 0),
    ]


def test_growth_counts_no_customer_anew(warehouse: Warehouse) -> None:
    """Bob's return is no new customer and his going no churn: the merge that took him gives him back."""
    rows = warehouse.rows(
        "select month_date, new, merged_net from marts.growth_accounting_monthly "
        "where brand = 'undone' and month_date <= '2024-04-01' order by 1"
    )
    assert [tuple(map(int, row[1:3])) for row in rows] == [(2, 0), (0, -1), (0, 0), (0, 1)]


def test_the_claims_of_the_project_hold(warehouse: Warehouse) -> None:
    """Days, stays, ids and headcounts of customers who come back."""
    check_claims(
        warehouse.path,
        [
            "assert_customers_have_a_stage_on_every_day",
            "assert_stage_periods_leave_no_gap_and_no_overlap",
            "assert_an_id_belongs_to_one_customer_a_day",
            "assert_every_id_that_is_linked_goes_somewhere",
            "assert_the_funnel_counts_every_customer",
            "assert_transitions_are_allowed",
            "assert_closing_counts_are_the_customers_active_that_day",
        ],
    )
