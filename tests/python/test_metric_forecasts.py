"""Forecasts of metrics, on the demo as of a month's end and of a day within one, made once more from the values of its months.

The values have tests of their own (test_semantic_layer.py, test_metrics_marts.py). Each forecast below is handed the months that
it may know, and no other, so that one that looks ahead would be another number.
"""

from __future__ import annotations

import calendar
import csv
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from oracle.runs import demo as demo_in

from lifecycle_tools.build import PROJECT_DIR

FEWEST = 6
BALANCES = {
    "active_customers", "advocates", "followers", "loyal_customers", "monthly_recurring_revenue", "payback_months",
    "website_visitors",
}  # fmt: skip
SEEDS = PROJECT_DIR / "seeds" / "lifecycle"
Series = tuple[str, str, str, str]


class Month(NamedTuple):
    """One value of a metric: both sides, of which a sum has the first alone."""

    numerator: float | None
    denominator: float | None
    is_ratio: bool

    @property
    def value(self) -> float | None:
        """The quotient, if it is one."""
        if not self.is_ratio:
            return self.numerator
        return self.numerator / self.denominator if self.denominator and self.numerator is not None else None


@dataclass(frozen=True)
class World:
    """A build: its as-of date, the mature months of each series, and the values of all months."""

    path: Path
    as_of: date
    mature: Mapping[Series, Mapping[date, Month]]
    numerators: Mapping[tuple[Series, date], float]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        return rows_of(self.path, query)


def rows_of(path: Path, query: str) -> list[dict[str, Any]]:
    """The rows of a query."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def read(path: Path) -> World:
    """Read a build."""
    ((as_of,),) = (row.values() for row in rows_of(path, "select as_of_date from staging.as_of_date"))
    targets = {
        (row["metric_id"], row["dimension_name"] or "all", row["dimension_value"] or "all") for row in seed_targets()
    }
    mature: dict[Series, dict[date, Month]] = defaultdict(dict)
    numerators = {}
    for row in rows_of(path, "select * from intermediate.int_metric_values"):
        series = (row["brand"], row["metric_id"], row["dimension_name"], row["dimension_value"])
        numerators[series, row["month_date"]] = row["numerator"]
        if row["is_mature"] and (row["dimension_name"] == "all" or series[1:] in targets):
            mature[series][row["month_date"]] = Month(row["numerator"], row["denominator"], row["is_ratio"])
    return World(path, as_of, mature, numerators)


def seed_targets() -> list[dict[str, str]]:
    """The rows of the seed."""
    with (SEEDS / "lifecycle_targets.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=["a_month_s_end", "within_a_month"])
def world(request: pytest.FixtureRequest, builder, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The demo on its own day, 2025-06-30, and on 2025-05-20."""
    if request.param == "a_month_s_end":
        return read(demo_in(tmp_path_factory.mktemp("forecasts"), "UTC"))
    built = builder.build(
        "within_a_month", PROJECT_DIR / "seeds" / "demo", as_of_date=date(2025, 5, 20),
        models=["metric_forecasts", "lifecycle_metrics_monthly"], business_time_zone="Europe/Paris",
    )  # fmt: skip
    return read(built.path)


def moved(month: date, months: int) -> date:
    """The first day of the month so many months later."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def apart(first: date, second: date) -> int:
    """Months from one to another."""
    return (second.year - first.year) * 12 + second.month - first.month


def said(known: Mapping[date, Month], method: str, month: date) -> float | None:
    """What a method says of ``month``, from the months known and nothing else."""
    last = max(known)
    if method == "last_month":
        return known[last].value
    if method == "year_before":
        return known[moved(month, -12)].value if moved(month, -12) in known else None
    three = [known.get(moved(last, -back)) for back in range(3)]
    if any(month is None or month.value is None for month in three):
        return None
    numerator = sum(month.numerator for month in three)
    return numerator / (sum(month.denominator for month in three) if three[0].is_ratio else 3)


def percentile(values: list[float], share: float) -> float:
    """Linear between neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (place - low)


def forecast(months: Mapping[date, Month], month: date) -> tuple[str, float, float, int, float] | None:
    """Method, value, band, number of past forecasts and their mean error, of the method that was closest in the past."""
    distance = apart(max(months), month)
    found = []
    for method in ("last_month", "mean_of_three", "year_before"):
        errors = []
        for origin in months:
            then = moved(origin, distance)
            known = {known: value for known, value in months.items() if known <= origin}
            if then in months and (guess := said(known, method, then)) is not None and months[then].value is not None:
                errors.append(abs(guess - months[then].value))
        value = said(months, method, month)
        if len(errors) >= FEWEST and value is not None:
            found.append((sum(errors) / len(errors), method, value, percentile(errors, 0.8), len(errors)))
    if not found:
        return None
    error, method, value, band, count = min(found, key=lambda one: (round(one[0], 6), one[1]))
    return method, value, band, count, error


def last_december(as_of: date) -> date:
    """Up to which forecasts are made."""
    return date((as_of + timedelta(days=1)).year, 12, 1)


def expected_months(world: World) -> dict[tuple[Series, date], tuple | None]:
    """Method, value to date, value, band, number and mean error of each forecast of a month; None without one."""
    found: dict[tuple[Series, date], tuple | None] = {}
    for series, months in world.mature.items():
        month = moved(max(months), 1)
        while month <= last_december(world.as_of):
            made = forecast(months, month)
            to_date, left = None, 1.0
            days = calendar.monthrange(month.year, month.month)[1]
            is_running = month <= world.as_of < month + timedelta(days=days - 1)
            is_summed = not next(iter(months.values())).is_ratio and series[1] not in BALANCES
            if is_running and is_summed and apart(max(months), month) == 1:
                to_date = world.numerators.get((series, month)) or 0.0
                left = (days - world.as_of.day) / days
            if made is None:
                found[series, month] = None
            else:
                method, value, band, count, error = made
                found[series, month] = (
                    method,
                    to_date,
                    (to_date or 0) + value * left,
                    band * math.sqrt(left),
                    count,
                    error,
                )
            month = moved(month, 1)
    return found


def test_each_month_is_forecast_by_the_method_that_was_closest(world: World) -> None:
    """Value, band and error; no forecast where there is too little past."""
    units = {row["metric_id"]: row["unit"] for row in csv.DictReader((SEEDS / "metric_catalogue.csv").open())}
    published = {
        ((row["brand"], row["metric_id"], row["dimension_name"], row["dimension_value"]), row["period_date"]): row
        for row in world.rows("select * from marts.metric_forecasts where period = 'month'")
    }
    expected = expected_months(world)
    assert set(published) == set(expected)
    kinds = set()
    for key, made in expected.items():
        row = published[key]
        assert row["known_to_month"] == max(world.mature[key[0]]), key
        assert row["horizon_months"] == apart(row["known_to_month"], key[1])
        if made is None:
            assert (row["method"], row["forecast_value"], row["lower_value"], row["reason"]) == (
                None,
                None,
                None,
                "too_short",
            ), key
            continue
        method, to_date, value, band, count, error = made
        assert (row["method"], row["backtest_count"], row["reason"]) == (method, count, None), (key, made, row)
        lower = value - band
        if lower < 0 and units[key[0][1]] in ("count", "rate"):
            lower = 0
        numbers = [row[name] for name in ("forecast_value", "lower_value", "upper_value", "mean_absolute_error")]
        assert numbers == pytest.approx([value, lower, value + band, error], rel=1e-9, abs=1e-9), key
        assert row["value_to_date"] == (None if to_date is None else pytest.approx(to_date)), key
        kinds.add((method, to_date is not None))
    # in May there is one year before a month, and no method is used that was tried less than six times
    assert {method for method, _ in kinds} >= {"last_month", "mean_of_three"}
    assert ("year_before" in {method for method, _ in kinds}) == (world.as_of == date(2025, 6, 30))
    assert ({is_running for _, is_running in kinds} == {True, False}) == (world.as_of.day == 20)


def test_a_year_is_what_is_known_and_what_is_forecast(world: World) -> None:
    """Of what is summed over months; its band those of the months together."""
    expected: dict[tuple[Series, date], list] = defaultdict(list)
    for (series, month), made in expected_months(world).items():
        if not next(iter(world.mature[series].values())).is_ratio and series[1] not in BALANCES:
            expected[series, date(month.year, 1, 1)].append(made)
    published = {
        ((row["brand"], row["metric_id"], row["dimension_name"], row["dimension_value"]), row["period_date"]): row
        for row in world.rows("select * from marts.metric_forecasts where period = 'year'")
    }
    assert set(published) == set(expected)
    for (series, year), made in expected.items():
        row = published[series, year]
        known = sum(value.numerator or 0 for month, value in world.mature[series].items() if month.year == year.year)
        if None in made:
            assert (row["forecast_value"], row["method"], row["reason"]) == (None, None, "too_short")
            continue
        value, band = known + sum(one[2] for one in made), sum(one[3] for one in made)
        assert row["forecast_value"] == pytest.approx(value)
        assert row["upper_value"] == pytest.approx(value + band)
        assert row["value_to_date"] == pytest.approx(known + sum(one[1] or 0 for one in made))
        assert (row["method"], row["backtest_count"]) == ("sum_of_months", min(one[4] for one in made))


def test_the_scheduled_customers_are_those_who_are_active_without_doing_anything(world: World) -> None:
    """Each customer's stage on the last day of the month, as it is scheduled on the as-of date."""
    stages = {row["stage"] for row in world.rows("select stage from staging.lifecycle_stages where is_customer")} - {
        "churned"
    }
    intervals = world.rows("select * from marts.customer_stage_intervals")
    rows = world.rows(
        "select * from marts.metric_forecasts where metric_id = 'active_customers' and dimension_name = 'all'"
    )
    assert len(rows) > 5
    for row in rows:
        last_day = moved(row["period_date"], 1) - timedelta(days=1)
        assert row["scheduled_count"] == sum(
            one["brand"] == row["brand"] and one["stage"] in stages and one["valid_from"] <= last_day
            and (one["valid_to"] is None or one["valid_to"] > last_day)
            for one in intervals
        )  # fmt: skip
    others = world.rows(
        "select count(scheduled_count) as n from marts.metric_forecasts where metric_id <> 'active_customers'"
    )
    assert others == [{"n": 0}]


def target_of(series: Series, month: date) -> float | None:
    """The most specific target: the brand's before all brands', the month's before all months'."""
    brand, metric, name, value = series
    found = [
        ((row["brand"] != brand, row["month_date"] != str(month)), float(row["target"]))
        for row in seed_targets()
        if row["metric_id"] == metric
        and row["brand"] in ("", brand)
        and row["month_date"] in ("", str(month))
        and (row["dimension_name"] or "all", row["dimension_value"] or "all") == (name, value)
    ]
    return min(found)[1] if found else None


def test_months_and_forecasts_have_the_target_of_their_slice_and_what_they_lack(world: World) -> None:
    """Whole and slice each their own; what the numerator lacks is to the target's share of the denominator."""
    lower = {
        row["metric_id"]
        for row in csv.DictReader((SEEDS / "metric_catalogue.csv").open())
        if row["better_when"] == "lower"
    }
    for row in world.rows("select * from marts.metric_forecasts where period = 'month'"):
        series = (row["brand"], row["metric_id"], row["dimension_name"], row["dimension_value"])
        assert row["target"] == target_of(series, row["period_date"]), row
    with_slice = 0
    for row in world.rows("select * from marts.lifecycle_metrics_monthly"):
        series = (row["brand"], row["metric_id"], row["dimension_name"], row["dimension_value"])
        target = target_of(series, row["month_date"])
        assert row["target"] == target, row
        with_slice += target is not None and series[2] != "all"
        whole = 1 if row["denominator"] is None and row["metric_id"] in ("new_customers",) else row["denominator"]
        if target is None or row["numerator"] is None or whole is None:
            continue
        lacks = target * whole - row["numerator"]
        assert row["target_shortfall"] == pytest.approx(-lacks if row["metric_id"] in lower else lacks, abs=1e-9), row
    assert with_slice > 3
