"""What stage_restatements says is what has changed about days already published, by copies kept of the daily table."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest
from conftest import Builder, Warehouse
from oracle import histories
from oracle.raw_files import merge_raw_data
from oracle.runs import NAME, run_dbt
from test_increments import EIGHT_DATES, SEEDS, cut_into_loads

HISTORIES = int(os.environ.get("LIFECYCLE_RESTATEMENT_HISTORIES", "150"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
PUBLISHED = ("stage_restatements", "customer_stages_daily", "int_recorded_build")
INTERRUPTED_LOAD = 4  # only part of what this load asks for is built, before the next load comes

Days = dict[tuple[str, str, date], str]


def published_days(warehouse: Warehouse) -> Days:
    """Copy the daily table: stage by brand, customer and day."""
    rows = warehouse.rows("select brand, customer_id, date_day, stage from marts.customer_stages_daily")
    return {(brand, customer_id, day): stage for brand, customer_id, day, stage in rows}


def differences(before: Days, after: Days) -> dict[tuple[str, str, date], tuple[str | None, str | None]]:
    """Compare two copies row by row, over the days that both have."""
    if not before or not after:
        return {}
    last_day = min(max(day for *_, day in copy) for copy in (before, after))
    return {
        key: (before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if key[2] <= last_day and before.get(key) != after.get(key)
    }


def expanded(warehouse: Warehouse, build_number: int) -> Iterator[tuple]:
    """The rows of one build, a tuple for each of their days."""
    for brand, customer_id, valid_from, valid_to, day_count, *stages in warehouse.rows(
        "select brand, customer_id, valid_from, valid_to, day_count, published_stage, restated_stage "
        "from marts.stage_restatements where build_number = ?",
        [build_number],
    ):
        assert (valid_to - valid_from).days == day_count > 0
        for number in range(day_count):
            yield (brand, customer_id, valid_from + timedelta(days=number)), tuple(stages)


@pytest.fixture(scope="module")
def builds(builder: Builder) -> list[tuple[Days, Warehouse, Days]]:
    """Eight loads in random order: what was published before, the warehouse (its last state), and what was after."""
    raw = merge_raw_data(histories.random_histories(SEED, HISTORIES, first=2000))
    loads = cut_into_loads(raw, random.Random(SEED), len(EIGHT_DATES))
    before: Days = {}
    found = []
    for number, as_of_date in enumerate(EIGHT_DATES, start=1):
        merged = merge_raw_data(loads[:number])
        if number == INTERRUPTED_LOAD:
            # the tables of stays and days are written, nothing after them
            builder.build("restated", merged, as_of_date=as_of_date, **SEEDS)
            continue
        warehouse = builder.build("restated", merged, as_of_date=as_of_date, models=PUBLISHED, **SEEDS)
        after = published_days(warehouse)
        found.append((before, warehouse, after))
        before = after
    assert len(found) == len(EIGHT_DATES) - 1
    return found


def test_restatements_are_the_differences_between_copies_of_the_daily_table(builds) -> None:
    """Day by day, of each build: nothing more and nothing less, every day once."""
    total = 0
    for number, (before, warehouse, after) in enumerate(builds, start=1):
        rows = list(expanded(warehouse, number))
        assert len(rows) == len({key for key, _ in rows}), f"build {number} says a day twice"
        expected = differences(before, after)
        assert dict(rows) == expected, f"build {number}"
        total += len(expected)
    assert total > 1000


def test_restatements_are_as_long_as_they_can_be(builds) -> None:
    """No two rows of a build could be one."""
    _, warehouse, _ = builds[-1]
    assert not warehouse.rows(
        """
        select * from marts.stage_restatements as one
        inner join marts.stage_restatements as other
            on one.build_number = other.build_number and one.customer_id = other.customer_id
            and one.valid_to = other.valid_from
            and one.published_stage is not distinct from other.published_stage
            and one.restated_stage is not distinct from other.restated_stage
        """
    )


def test_all_kinds_of_causes_occur_and_each_names_its_row(builds) -> None:
    """No restatement of random histories is left without a row to blame."""
    _, warehouse, _ = builds[-1]
    causes = dict(warehouse.rows("select cause, count(*) from marts.stage_restatements group by cause"))
    assert causes.keys() >= {"late_row", "correction", "merge"}
    assert not warehouse.rows("select * from marts.stage_restatements where caused_by_row is null")


# ---- by hand: one customer for each cause -------------------------------------------------------------------------

FIRST_AS_OF = date(2024, 4, 30)
SECOND_AS_OF = date(2024, 5, 10)
ORDER_DAY = date(2024, 1, 10)


def order(order_id: str, customer_id: str, day: date, **columns) -> dict:
    """A paid order of 10."""
    return {
        "order_id": order_id, "customer_id": customer_id, "ordered_at": day, "total_amount": 10, "status": "paid",
        **columns,
    }  # fmt: skip


def visit(touchpoint_id: str, customer_id: str, day: date) -> dict:
    """A visit of a known customer."""
    return {"touchpoint_id": touchpoint_id, "customer_id": customer_id, "occurred_at": day, "touch_type": "visit"}


CUSTOMERS = (
    "away",
    "late",
    "corrected",
    "moved_from",
    "cancelled",
    "deleted_order",
    "vanished",
    "absorbed",
    "new_segment",
    "same",
)
BEFORE = {
    "customers": [{"customer_id": "new_segment", "created_at": ORDER_DAY, "updated_at": ORDER_DAY}],
    "orders": [order(f"{name}_1", name, ORDER_DAY, updated_at=ORDER_DAY) for name in CUSTOMERS],
    "touchpoints": [visit("visit_1", "survivor", date(2024, 3, 1)), visit("visit_h", "host", date(2024, 3, 1))],
}


def changed(orders: list[dict]) -> list[dict]:
    """The orders of the second load: each change of an order that there is a cause for."""
    rows = {row["order_id"]: dict(row) for row in orders}
    rows["late_2"] = order("late_2", "late", date(2024, 2, 1))
    rows["corrected_1"] |= {"ordered_at": date(2024, 1, 20), "updated_at": SECOND_AS_OF}
    rows["moved_from_1"] |= {"customer_id": "moved_to", "updated_at": SECOND_AS_OF}
    rows["cancelled_1"] |= {"cancelled_at": date(2024, 1, 31), "updated_at": SECOND_AS_OF}
    rows["deleted_order_1"] |= {"deleted_at": date(2024, 1, 31), "updated_at": SECOND_AS_OF}
    del rows["vanished_1"]
    # news of days that were not published yet restate nothing
    rows["same_2"] = order("same_2", "same", date(2024, 5, 2))
    return list(rows.values())


AFTER = {
    "customers": [*BEFORE["customers"], BEFORE["customers"][0] | {"segment": "swift", "updated_at": SECOND_AS_OF}],
    "orders": changed(BEFORE["orders"]),
    "touchpoints": [*BEFORE["touchpoints"], visit("visit_2", "survivor", date(2024, 4, 20))],
    "identity_links": [
        {
            "link_id": "merge_1", "id_type": "customer_id", "id_value": "absorbed", "customer_id": "survivor",
            "linked_at": date(2024, 3, 21),
        },
        {
            "link_id": "merge_2", "id_type": "customer_id", "id_value": "away", "customer_id": "host",
            "linked_at": date(2024, 3, 21), "deleted_at": date(2024, 4, 2),
        },
    ],
}  # fmt: skip
CHURN_DAY = date(2024, 4, 9)  # 90 days after the first order
END = date(2024, 5, 1)  # the day after the first as-of date
EXPECTED = [
    # customer, from, to, stage published, stage now, cause, table, row
    ("absorbed", date(2024, 3, 21), CHURN_DAY, "conversion", None, "merge", "identity_links", "merge_1"),
    ("absorbed", CHURN_DAY, END, "churned", None, "merge", "identity_links", "merge_1"),
    # a merge that was undone: away between the two days
    ("away", date(2024, 3, 21), date(2024, 4, 2), "conversion", None, "merge", "identity_links", "merge_2"),
    ("cancelled", date(2024, 1, 31), CHURN_DAY, "conversion", "engagement", "reversal", "orders", "cancelled_1"),
    ("cancelled", CHURN_DAY, END, "churned", "discovery", "reversal", "orders", "cancelled_1"),
    ("corrected", ORDER_DAY, date(2024, 1, 20), "conversion", None, "correction", "orders", "corrected_1"),
    ("corrected", CHURN_DAY, date(2024, 4, 19), "churned", "conversion", "correction", "orders", "corrected_1"),
    ("deleted_order", date(2024, 1, 31), CHURN_DAY, "conversion", "dormant", "deletion", "orders", "deleted_order_1"),
    ("deleted_order", CHURN_DAY, END, "churned", "dormant", "deletion", "orders", "deleted_order_1"),
    ("host", date(2024, 3, 21), date(2024, 4, 2), "discovery", "conversion", "merge", "identity_links", "merge_2"),
    ("late", date(2024, 2, 1), CHURN_DAY, "conversion", "retention", "late_row", "orders", "late_2"),
    ("late", CHURN_DAY, END, "churned", "retention", "late_row", "orders", "late_2"),
    ("moved_from", ORDER_DAY, CHURN_DAY, "conversion", None, "correction", "orders", "moved_from_1"),
    ("moved_from", CHURN_DAY, END, "churned", None, "correction", "orders", "moved_from_1"),
    ("moved_to", ORDER_DAY, CHURN_DAY, None, "conversion", "correction", "orders", "moved_from_1"),
    ("moved_to", CHURN_DAY, END, None, "churned", "correction", "orders", "moved_from_1"),
    # a swift customer settles after 8 days and churns after 10
    ("new_segment", date(2024, 1, 18), date(2024, 1, 20), "conversion", "retention", "correction", "customers", "new_segment"),
    ("new_segment", date(2024, 1, 20), CHURN_DAY, "conversion", "churned", "correction", "customers", "new_segment"),
    ("survivor", date(2024, 3, 21), CHURN_DAY, "discovery", "conversion", "merge", "identity_links", "merge_1"),
    ("survivor", CHURN_DAY, END, "discovery", "churned", "merge", "identity_links", "merge_1"),
    ("vanished", ORDER_DAY, CHURN_DAY, "conversion", None, "deletion", "orders", "vanished_1"),
    ("vanished", CHURN_DAY, END, "churned", None, "deletion", "orders", "vanished_1"),
]  # fmt: skip


def restatements(warehouse: Warehouse, build_number: int) -> list[tuple]:
    """The restatements of one build, in order."""
    return warehouse.rows(
        "select customer_id, valid_from, valid_to, published_stage, restated_stage, cause, caused_by_table, caused_by_row "
        "from marts.stage_restatements where build_number = ? order by customer_id, valid_from",
        [build_number],
    )


def test_each_cause_has_its_case_and_nothing_is_said_of_what_stays(builder: Builder) -> None:
    """One warehouse through its life: an increment, the same again, back and forth, other thresholds."""

    def build(number: int, raw, as_of_date: date, **options) -> list[tuple]:
        options = {"thresholds": histories.THRESHOLDS} | options
        warehouse = builder.build("causes", raw, as_of_date=as_of_date, models=PUBLISHED, **options)
        (found,) = warehouse.rows("select build_number, as_of_date from intermediate.int_current_build")
        assert found == (number, as_of_date)
        return restatements(warehouse, number)

    assert build(1, BEFORE, FIRST_AS_OF) == []
    assert build(2, AFTER, SECOND_AS_OF) == EXPECTED
    warehouse = Warehouse(builder.directory / "causes" / NAME)
    days = published_days(warehouse)
    assert build(3, AFTER, SECOND_AS_OF) == []
    assert published_days(warehouse) == days, "an increment that computes no customer deletes none"
    ((view,),) = warehouse.rows("select sql from duckdb_views() where view_name = 'int_person_events'")
    assert "computed_persons" in view, "an increment reads the rows of other customers than those that it computes"
    # days after an earlier as-of date are withdrawn: no restatement; published again, they are new
    assert build(4, AFTER, FIRST_AS_OF) == []
    late = {
        **AFTER,
        "orders": [*AFTER["orders"], order("same_3", "same", date(2024, 4, 29))],
        "erasure_requests": [
            {"request_id": "erase_1", "customer_id": "deleted_order", "requested_at": date(2024, 5, 9)}
        ],
    }
    assert build(5, late, SECOND_AS_OF) == [
        ("same", date(2024, 4, 29), END, "churned", "reactivated", "late_row", "orders", "same_3")
    ]
    # who was erased is not listed, neither now nor for what was found before
    assert restatements(warehouse, 2) == [row for row in EXPECTED if row[0] != "deleted_order"]
    slower = histories.THRESHOLDS | {"default": histories.THRESHOLDS["default"] | {"churn_after_days": 95}}
    rows = build(6, late, SECOND_AS_OF, thresholds=slower)
    assert {row[5:] for row in rows} == {("thresholds", "lifecycle_thresholds", "default")}
    assert (
        "same",
        CHURN_DAY,
        date(2024, 4, 14),
        "churned",
        "retention",
        "thresholds",
        "lifecycle_thresholds",
        "default",
    ) in rows


def test_a_full_refresh_is_compared_and_forgets_nothing(builder: Builder) -> None:
    """A stage that the rules did not give, put into the warehouse by hand, is restated, and what was found before stays."""
    warehouse = builder.build("refreshed", BEFORE, as_of_date=FIRST_AS_OF, models=PUBLISHED, **SEEDS)
    warehouse = builder.build("refreshed", AFTER, as_of_date=SECOND_AS_OF, models=PUBLISHED, **SEEDS)
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(
            "update intermediate.int_customer_stage_periods set stage = 'loyalty' where stage = 'churned' and customer_key = "
            "(select customer_key from intermediate.int_customers where customer_id = 'late')"
        )
        connection.execute(
            "update intermediate.int_customer_stage_periods set stage = 'loyalty' where stage = 'retention' and customer_key = "
            "(select customer_key from intermediate.int_customers where customer_id = 'late')"
        )
    result = run_dbt(
        ["run", "--full-refresh", "--select", *(f"+{model}" for model in PUBLISHED)],
        raw_data_dir=builder.directory / "refreshed_raw",
        warehouse_path=warehouse.path,
        as_of_date=SECOND_AS_OF.isoformat(),
        business_time_zone="UTC",
        dbt_target_path=builder.directory / "target",
        dbt_log_path=builder.directory / "logs",
    )
    assert result.success, result.problems
    assert restatements(warehouse, 2) == EXPECTED
    assert restatements(warehouse, 3) == [
        ("late", date(2024, 2, 1), date(2024, 5, 1), "loyalty", "retention", "rules", None, None),
        ("late", date(2024, 5, 1), date(2024, 5, 11), "loyalty", "churned", "rules", None, None),
    ]
