"""Increments: eight loads in random order, built one after the other, end in the rows of one full build."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import isclose

import duckdb
import pytest
from conftest import PROJECT_DIR, Builder, Warehouse
from oracle import histories
from oracle.raw_files import merge_raw_data
from oracle.runs import NAME

HISTORIES = int(os.environ.get("LIFECYCLE_INCREMENT_HISTORIES", "500"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
# the as-of date advances, and once goes back, as when a user builds an earlier day again
EIGHT_DATES = [histories.AS_OF_DATE - timedelta(days=days) for days in (70, 50, 55, 40, 20, 20, 5, 0)]
LOADS = int(os.environ.get("LIFECYCLE_LOADS", "8"))
AS_OF_DATES = [*EIGHT_DATES[: LOADS - 1], EIGHT_DATES[-1]]
EVERYTHING = ("path:models/marts", "path:models/metrics", "path:models/quality", "int_recorded_build")
# What each build changed of what the builds before it had published: a full build has published nothing before.
# test_restatements.py compares it with copies of the daily table instead.
HISTORY_OF_BUILDS = ("marts.stage_restatements", "marts.metric_restatements")
SEEDS = {"thresholds": histories.THRESHOLDS, "time_zones": histories.TIME_ZONES}


def cut_into_loads(raw: dict[str, list[dict]], rng: random.Random, count: int) -> list[dict[str, list[dict]]]:
    """Each row in one of ``count`` loads or, now and then, in two; some first in an earlier version that a later one corrects.

    Most rows say on which day they were loaded, some a day of the load before, some nothing.
    """
    loads: list[dict[str, list[dict]]] = [{} for _ in range(count)]

    def land(table: str, row: dict, load: int) -> None:
        loaded_at = datetime.combine(histories.AS_OF_DATE, time(2)) + timedelta(days=30 + load - (rng.random() < 0.2))
        loads[load].setdefault(table, []).append(row | {"loaded_at": loaded_at if rng.random() < 0.8 else None})

    for table, rows in raw.items():
        for row in rows:
            land(table, row, rng.randrange(count))
            later = rng.randrange(count)
            if rng.random() < 0.1:
                land(table, row, later)
            elif table == "orders" and row.get("updated_at") and rng.random() < 0.3:
                correction = dict(row, updated_at=row["updated_at"] + timedelta(hours=1), cancelled_at=None)
                correction["status"] = "paid" if row.get("status") not in ("draft", "voided") else row["status"]
                land(table, correction, later)
    return loads


@pytest.fixture(scope="module")
def loads() -> list[dict[str, list[dict]]]:
    """The rows of all histories, cut into loads."""
    raw = merge_raw_data(histories.random_histories(SEED, HISTORIES))
    return cut_into_loads(raw, random.Random(SEED), LOADS)


Cell = tuple[str, str, date, str, str]  # brand, metric, month, dimension and its value


@dataclass
class Publication:
    """What one build published of metrics, and which raw rows it had by then: table, brand and month -> fingerprints."""

    as_of_date: date
    values: dict[Cell, tuple[float | None, bool]]
    rows: dict[tuple[str, str, date], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))


def publication(warehouse: Warehouse, as_of_date: date) -> Publication:
    """Copy the metrics and count the rows."""
    columns = "brand, metric_id, month_date, dimension_name, dimension_value, value, is_mature"
    metrics = warehouse.rows(f"select {columns} from marts.lifecycle_metrics_monthly")
    found = Publication(as_of_date, {tuple(cell): (value, is_mature) for *cell, value, is_mature in metrics})
    for (table,) in warehouse.rows(
        "select table_name from duckdb_columns() where schema_name = 'staging' and table_name like 'base%' "
        "and column_name = 'raw_fingerprint'"
    ):
        for brand, day, fingerprint in warehouse.rows(f"select brand, main_date, raw_fingerprint from staging.{table}"):
            if day is None or day <= as_of_date:
                found.rows[table.split("__")[1], brand, (day or date.min).replace(day=1)][fingerprint] += 1
    for day, *rate in warehouse.rows("select date_day, currency, rate from staging.base_calendar__exchange_rates"):
        if day <= as_of_date:
            found.rows["exchange_rates", "", day.replace(day=1)][hash((day, *rate))] += 1
    return found


@pytest.fixture(scope="module")
def publications() -> list[Publication]:
    """What each of the increments has published; filled as they are built."""
    return []


@pytest.fixture(scope="module")
def incremental(builder: Builder, loads: list[dict[str, list[dict]]], publications: list[Publication]) -> Warehouse:
    """All loads one after the other, in one warehouse."""
    for number, as_of_date in enumerate(AS_OF_DATES, start=1):
        raw = merge_raw_data(loads[:number])
        warehouse = builder.build("increments", raw, as_of_date=as_of_date, models=EVERYTHING, **SEEDS)
        publications.append(publication(warehouse, as_of_date))
    return warehouse


@pytest.fixture(scope="module")
def full(builder: Builder, loads: list[dict[str, list[dict]]]) -> Warehouse:
    """All loads at once, in an empty warehouse."""
    return builder.build("full", merge_raw_data(loads), as_of_date=AS_OF_DATES[-1], models=EVERYTHING, **SEEDS)


def warehouse_has_rows(warehouse: Warehouse, table: str) -> bool:
    """Whether a table has any row."""
    return bool(warehouse.rows(f"select 1 from {table} limit 1"))


def differing_tables(warehouse: Warehouse, full: Warehouse) -> dict[str, str]:
    """Each published table whose rows are not those of the full build, the history of builds excepted, and what differs."""
    tables = full.rows(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in ('marts', 'quality') order by all"
    )
    assert len(tables) > 15
    differing = {}
    for (table,) in tables:
        if table in HISTORY_OF_BUILDS:
            assert warehouse_has_rows(warehouse, table) and not warehouse_has_rows(full, table)
            continue
        columns = ", ".join(f'"{name}"' for name, *_ in full.rows(f"describe {table}"))
        rows = [sorted(map(str, one.rows(f"select {columns} from {table}"))) for one in (warehouse, full)]
        if rows[0] != rows[1]:
            only = [sorted(set(rows[one]) - set(rows[1 - one]))[:3] for one in (0, 1)]
            differing[table] = (
                f"{len(rows[0])} rows, {len(rows[1])} in full; only here {only[0]}; only in full {only[1]}"
            )
    return differing


def test_eight_increments_end_in_the_rows_of_one_full_build(incremental: Warehouse, full: Warehouse) -> None:
    differing = differing_tables(incremental, full)
    assert not differing, "\n".join(f"{table}: {what}" for table, what in differing.items())


def test_an_increment_that_touches_most_customers_computes_all_of_them(
    builder: Builder, loads: list[dict[str, list[dict]]], full: Warehouse
) -> None:
    """Above full_refresh_share it ends in the same tables, and in the restatements that a smaller share finds."""
    half, everything = merge_raw_data(loads[: LOADS // 2]), merge_raw_data(loads)
    part = builder.build("part", half, as_of_date=AS_OF_DATES[LOADS // 2], models=EVERYTHING, **SEEDS)
    shutil.copytree(part.path.parent, builder.directory / "whole")
    builds = {
        name: builder.build(name, everything, as_of_date=AS_OF_DATES[-1], models=EVERYTHING, **SEEDS, **settings)
        for name, settings in (("part", {}), ("whole", {"full_refresh_share": "0.33"}))
    }
    kinds = "select distinct is_full_refresh from intermediate.int_changed_customers"
    assert {name: warehouse.rows(kinds) for name, warehouse in builds.items()} == {
        "part": [(False,)],
        "whole": [(True,)],
    }
    assert not differing_tables(builds["whole"], full)
    for table in HISTORY_OF_BUILDS:
        history = f"select * from {table} order by all"
        assert builds["whole"].rows(history) == builds["part"].rows(history), table


def changed_rows(before: Publication, after: Publication, brand: str, month: date) -> tuple[str, str, int]:
    """The cause of a restatement, the tables that are named, and the rows that they have more than before."""
    last_month = before.as_of_date.replace(day=1)
    found: dict[str, dict[str, int]] = defaultdict(Counter)
    for key in before.rows.keys() | after.rows.keys():
        rows, earlier = after.rows.get(key, Counter()), before.rows.get(key, Counter())
        if key[1] in (brand, "") and rows != earlier:
            cause = "rows_of_other_months" if key[2] < last_month else "later_rows"
            found["rows_of_the_month" if key[2] == month else cause][key[0]] += rows.total() - earlier.total()
    cause = next(name for name in ("rows_of_the_month", "rows_of_other_months", "later_rows") if name in found)
    return cause, ", ".join(sorted(found[cause])), sum(found[cause].values())


def test_restated_metrics_are_the_differences_between_copies(
    incremental: Warehouse, publications: list[Publication]
) -> None:
    """Of what was once mature, value by value: what each build says otherwise, and which rows have changed."""
    state: dict[Cell, float | None] = {}
    first: dict[Cell, float | None] = {}
    expected = {}
    for number, now in enumerate(publications, start=1):
        wholes = {cell[:3] for cell in state if cell[3] == "all"}
        cuts = {cell[:4] for cell in state if cell[:3] in wholes}
        published: dict[Cell, float | None] = {}
        for cell, (value, is_mature) in now.values.items():
            if is_mature:
                first.setdefault(cell, None if cell[:4] in cuts else value)
                published[cell] = value
        for cell in state.keys() - now.values.keys():
            if cell[2] < (now.as_of_date + timedelta(days=1)).replace(day=1):
                published[cell] = None
        for cell, value in published.items():
            if not is_same(state.get(cell, first[cell]), value):
                why = changed_rows(publications[number - 2], now, cell[0], cell[2])
                expected[number, cell] = (first[cell], state.get(cell), value, *why)
        state |= published
    rows = incremental.rows(
        "select build_number, brand, metric_id, month_date, dimension_name, dimension_value, first_published_value, "
        "published_value, restated_value, cause, changed_inputs, added_row_count from marts.metric_restatements"
    )
    actual = {(row[0], row[1:6]): row[6:] for row in rows}
    assert len(rows) == len(actual) > 100
    assert actual.keys() == expected.keys()
    for key, said in actual.items():
        assert all(map(is_same, said[:3], expected[key][:3])), (key, said, expected[key])
        assert said[3:] == expected[key][3:], key
    assert len({said[3] for said in actual.values()}) > 1
    assert any(said[0] is None for said in actual.values()), "no value came after its month"
    assert any(said[2] is None for said in actual.values()), "no value is gone"


def is_same(one: float | None, other: float | None) -> bool:
    """Whether two values are one, but for the order in which floats were added."""
    return one is other if one is None or other is None else isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def test_an_increment_computes_the_changed_customers_alone(builder: Builder, incremental: Warehouse, loads) -> None:
    """One more history in the next load: no other customer is computed, and the rows of all others stay as they were."""
    before = set(incremental.rows("select customer_id, date_day, stage from marts.customer_stages_daily"))
    everybody = {row[0] for row in incremental.rows("select customer_id from marts.lifecycle_customers")}
    (another,) = histories.random_histories(SEED, 1, first=HISTORIES + 1)
    raw = merge_raw_data([*loads, another])
    warehouse = builder.build("increments", raw, as_of_date=AS_OF_DATES[-1], models=EVERYTHING, **SEEDS)
    computed = {row[0] for row in warehouse.rows("select customer_id from intermediate.int_changed_customers")}
    after = set(warehouse.rows("select customer_id, date_day, stage from marts.customer_stages_daily"))
    added = {customer_id for customer_id, *_ in after - before}
    assert added
    assert added <= computed
    assert not computed & everybody
    assert before <= after


def test_an_increment_writes_the_days_that_differ_and_the_new_one(
    builder: Builder, incremental: Warehouse, loads
) -> None:
    """One more day, a few more histories: of published days it writes those alone that some customer has otherwise now."""
    warehouse = Warehouse(builder.directory / "marked" / NAME)
    warehouse.path.parent.mkdir()
    shutil.copy(incremental.path, warehouse.path)
    stays = "select customer_id, date_day, stage, stage_entered_date, is_loyal, is_advocate, is_at_risk from {} as days"
    with duckdb.connect(str(warehouse.path)) as connection:
        (last_day,) = connection.execute("select max(date_day) from marts.customer_stages_daily").fetchone()
        connection.execute("create table main.days_before as from marts.customer_stages_daily")
        connection.execute("update marts.customer_stages_daily set days_in_stage = -1")
    # histories end with the as-of date: the next day's rows are made up, one for every tenth buyer
    orders = [row for load in loads for row in load.get("orders", []) if row.get("customer_id")][::10]
    next_day = [
        dict(
            row,
            order_id=f"next-{row['order_id']}",
            ordered_at=row["ordered_at"].replace(year=last_day.year, month=last_day.month, day=last_day.day)
            + timedelta(days=1),
            cancelled_at=None,
            status=None,
            updated_at=None,
            loaded_at=None,
            deleted_at=None,
        )
        for row in orders
    ]
    others = histories.random_histories(SEED, 8, first=HISTORIES + 2)  # some history has no day at all
    raw = merge_raw_data([*loads, *others, {"orders": next_day}])
    builder.build("marked", raw, as_of_date=last_day + timedelta(days=1), models=EVERYTHING, **SEEDS)
    rewritten = f"from marts.customer_stages_daily where days_in_stage >= 0 and date_day <= date '{last_day}'"
    computed = "(select customer_id from intermediate.int_changed_customers)"
    ((customers, rows),) = warehouse.rows(f"select count(distinct customer_id), count(*) {rewritten}")
    ((computed_customers, computed_rows),) = warehouse.rows(
        f"select count(distinct customer_id), count(*) from main.days_before where customer_id in {computed}"
    )
    assert 0 < customers < computed_customers
    assert rows <= 2 * computed_rows
    differing = warehouse.rows(
        f"select distinct customer_id from (({stays.format('marts.customer_stages_daily')} where date_day <= date '{last_day}') "
        f"except ({stays.format('main.days_before')}))"
    )
    assert {customer_id for (customer_id,) in warehouse.rows(f"select distinct customer_id {rewritten}")} == {
        customer_id for (customer_id,) in differing
    }
    assert warehouse.rows(
        "select count(*) from marts.lifecycle_customers as customers where customer_id not in "
        f"(select customer_id from marts.customer_stages_daily where date_day > date '{last_day}')"
    ) == [(0,)]


def test_fingerprints_sum_up_every_column_that_events_are_made_of() -> None:
    """A column that the events are made of and int_customer_fingerprints does not read could change unseen."""
    folder = PROJECT_DIR / "models" / "intermediate"
    events = (folder / "lifecycle" / "int_person_events.sql").read_text()
    fingerprints = (folder / "changes" / "int_customer_fingerprints.sql").read_text()
    models = set(re.findall(r"(?:ref\('customer_lifecycle', |computed_rows\(|seed\()'(\w+)'", events))
    columns = set(re.findall(r"events\.(\w+)", events))
    assert {"int_observed_events", "stg_billing__subscriptions", "int_purchases", "event_types"} <= models
    assert {"event_date", "event_type", "has_two_ids", "ended_date", "deleted_date"} <= columns
    read = (models | columns) - {"brand"}  # an id is of one brand
    assert not {name for name in read if not re.search(rf"\b{name}\b", fingerprints)}
