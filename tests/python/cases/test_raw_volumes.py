"""Freshness and volume of each raw table and day, against what is usual on that weekday (quality.raw_volumes_daily)."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Builder, Warehouse

from lifecycle_tools.commands.expectations import SUITES, check, reader_of
from lifecycle_tools.explaining.customer import _contract

LAST = date(2026, 3, 31)  # a Tuesday
TODAY = LAST + timedelta(days=1)  # the night's load


def rows_of(table: str, counts: dict[date, int], loaded: Callable[[date], date | None]) -> list[dict[str, Any]]:
    """So many rows of a table on each day, with nothing but what the contract requires."""
    meta = _contract()[table]
    required = {name: each.get("example") for name, each in meta["columns"].items() if each.get("required")}
    main = meta["main"] if isinstance(meta["main"], str) else meta["main"][0]
    key = next(name for name in meta["key"] if name != "brand")
    rows = []
    for day, count in sorted(counts.items()):
        for number in range(count):
            row = {**required, main: f"{day} 12:{number % 60:02}:00", key: f"{table}-{day}-{number}"}
            if when := loaded(day):
                row["loaded_at"] = f"{when} 02:00:00"
            rows.append(row)
    return rows


def usual(days: int, number: Callable[[date], int]) -> dict[date, int]:
    """A number of rows for each of the last days."""
    return {day: number(day) for day in (LAST - timedelta(days=back) for back in range(days))}


def weekly(weekday: int, weekend: int) -> Callable[[date], int]:
    return lambda day: weekend if day.weekday() >= 5 else weekday


def poisson(rng: random.Random, mean: float) -> int:
    """As many as come in a day when each hour is left to chance."""
    count, passed = 0, rng.expovariate(mean)
    while passed < 1:
        count, passed = count + 1, passed + rng.expovariate(mean)
    return count


def planted() -> dict[str, dict[date, int]]:
    """A table for each kind: what comes of it is below."""
    rng = random.Random("volumes")
    weekend_dip = usual(120, weekly(40, 8))
    silent = usual(120, weekly(30, 30)) | {LAST - timedelta(days=back): 0 for back in range(3)}
    half = usual(120, weekly(24, 10)) | {LAST - timedelta(days=4): 12}  # a Friday
    doubled = usual(120, weekly(50, 50)) | {LAST: 100}
    young = usual(20, weekly(30, 30)) | {LAST: 300}
    chance = usual(120, lambda day: poisson(rng, 18 if day.weekday() < 5 else 6))
    seldom = usual(120, lambda day: 1 if day.day == 3 else 0) | {LAST: 60}
    mondays = usual(120, lambda day: 70 if day.weekday() == 0 else 0) | {LAST - timedelta(days=1): 0}
    sparse = usual(120, weekly(2, 2)) | {LAST - timedelta(days=back): 0 for back in range(8)}
    return {
        "orders": weekend_dip,
        "touchpoints": silent,
        "engagements": half,
        "support_tickets": doubled,
        "carts": young,
        "survey_responses": chance,
        "reviews": seldom,
        "referrals": mondays,
        "subscriptions": sparse,
    }


EXPECTED = {
    "touchpoints": ("silent", 3),
    "engagements": ("low", 1),
    "support_tickets": ("high", 1),
    "referrals": ("silent", 2),  # the Monday, and the Tuesday after a week without a row
    "subscriptions": ("silent", 2),
}


@pytest.fixture(scope="module", params=["loaded nightly", "loaded at once", "no loaded_at"])
def built(request: pytest.FixtureRequest, builder: Builder) -> tuple[Warehouse, timedelta]:
    """The same rows, loaded the night after, all in one night, or with no word of when."""
    nightly = request.param == "loaded nightly"
    loaded = {
        "loaded nightly": lambda day: day + timedelta(days=1),
        "loaded at once": lambda _: TODAY,
        "no loaded_at": lambda _: None,
    }[request.param]
    raw = {table: rows_of(table, counts, loaded) for table, counts in planted().items()}
    name = f"volumes_{request.param.replace(' ', '_')}"
    warehouse = builder.build(name, raw, as_of_date=LAST, models=["raw_volumes_daily"])
    return warehouse, timedelta(days=1 if nightly else 0)


def test_what_is_out_of_the_band_is_found_and_nothing_else(built: tuple[Warehouse, timedelta]) -> None:
    warehouse, later = built
    found = warehouse.rows(
        "select entity, volume_status, date_day from quality.raw_volumes_daily "
        "where volume_status in ('silent', 'low', 'high') and date_day > ? order by all",
        [LAST + later - timedelta(days=7)],
    )
    statuses = Counter((entity, status) for entity, status, _ in found)
    assert {entity: (status, count) for (entity, status), count in statuses.items()} == EXPECTED
    assert ("engagements", "low", LAST + later - timedelta(days=4)) in found


def test_the_weekend_is_no_surprise_and_chance_is_not_either(built: tuple[Warehouse, timedelta]) -> None:
    """Not on a single day of eight weeks."""
    warehouse, _ = built
    statuses = warehouse.rows(
        "select distinct entity, volume_status from quality.raw_volumes_daily where entity in ('orders', 'survey_responses')"
    )
    assert set(statuses) == {("orders", "as_usual"), ("survey_responses", "as_usual")}
    ((weekend, weekday),) = warehouse.rows(
        "select max(usual_count) filter (where usual_count < 20), min(usual_count) filter (where usual_count > 20) "
        "from quality.raw_volumes_daily where entity = 'orders'"
    )
    assert (weekend, weekday) == (8, 40)


def test_too_little_history_and_tables_without_a_rhythm_are_not_judged(built: tuple[Warehouse, timedelta]) -> None:
    warehouse, _ = built
    statuses = dict(
        warehouse.rows(
            "select entity, string_agg(distinct volume_status, ', ') from quality.raw_volumes_daily group by 1"
        )
    )
    assert statuses["carts"] == "not_yet_judged"
    assert statuses["reviews"] == "irregular"
    assert "order_items" not in statuses, "an absent table"


def test_each_row_has_a_band_around_what_is_usual(built: tuple[Warehouse, timedelta]) -> None:
    warehouse, later = built
    broken = warehouse.rows(
        "select * from quality.raw_volumes_daily where lower_count > usual_count or upper_count < usual_count "
        "or (lower_count is null) <> (volume_status = 'not_yet_judged')"
    )
    assert broken == []
    ((rows, days, last),) = warehouse.rows(
        "select count(*), count(distinct date_day), max(date_day) from quality.raw_volumes_daily where entity = 'orders'"
    )
    assert (rows, days, last) == (56, 56, LAST + later)


def test_a_table_that_is_loaded_by_the_day_and_stopped_stops_the_publication(
    built: tuple[Warehouse, timedelta], tmp_path: Path
) -> None:
    """Three days without visits while other tables go on. A table without loads may be late by rule: nothing is said."""
    warehouse, later = built
    shutil.copy(SUITES / "raw_volumes.json", tmp_path)
    with reader_of(warehouse.path) as reader:
        surprises = [verdict for verdict in check(reader, tmp_path) if not verdict.success]
    assert [verdict.severity for verdict in surprises] == (["error", "warning"] if later else [])
    assert all(verdict.found.endswith("rows are otherwise, such as 3 (touchpoints)") for verdict in surprises)


def test_the_build_says_it_in_one_line_for_each_table(builder: Builder) -> None:
    """The day's number, what is usual, and where to look; tables as usual are not mentioned."""
    from oracle.raw_files import write_raw_data
    from oracle.runs import NAME, run_dbt

    raw = {table: rows_of(table, counts, lambda day: day + timedelta(days=1)) for table, counts in planted().items()}
    folder = builder.directory / "volume_lines"
    folder.mkdir()
    said: list[str] = []
    settings = {
        "raw_data_dir": write_raw_data(raw, builder.directory / "volume_lines_raw"),
        "warehouse_path": folder / NAME,
        "as_of_date": LAST.isoformat(),
        "dbt_target_path": builder.directory / "target",
        "dbt_log_path": builder.directory / "logs",
    }
    assert run_dbt(["seed"], **settings).success
    assert run_dbt(["run", "--select", "+raw_volumes_daily"], on_warning=said.append, **settings).success
    lines = {line.partition(":")[0]: line for line in said if "quality.raw_volumes_daily" in line}
    assert set(lines) == set(EXPECTED)
    assert lines["touchpoints"] == (
        "touchpoints: no row loaded on Wednesday, 2026-04-01, where 23 to 37 are usual on that weekday, and 2 more of the last "
        "seven days out of band: see whether a file is missing, cut short or loaded twice (quality.raw_volumes_daily)."
    )
    assert lines["support_tickets"].startswith(
        "support_tickets: 100 rows loaded on Wednesday, 2026-04-01, where 38 to 62 "
    )
