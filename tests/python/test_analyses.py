"""The questions of analyses/: each runs on the demo and answers something; what can be reckoned by hand is."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle.runs import demo as demo_in
from oracle.runs import run_dbt

from lifecycle_tools.build import PROJECT_DIR

ANALYSES = sorted(path.stem for path in (PROJECT_DIR / "analyses").glob("*.sql"))
ACTIVE = {"conversion", "retention", "loyalty", "advocacy", "reactivated"}
MARTS = (
    "churn_monthly", "churn_window_calibration", "cohort_unit_economics", "cohort_unit_economics_blended", "customer_value",
    "customer_stages_daily", "ideal_customer_profile", "lifecycle_audiences", "stage_funnel_daily", "stage_transitions_daily",
)  # fmt: skip


class Demo:
    """The built demo and its compiled analyses."""

    def __init__(self, directory: Path) -> None:
        self.warehouse = demo_in(directory, "UTC")
        settings = {
            "raw_data_dir": "",
            "warehouse_path": self.warehouse,
            "as_of_date": "",
            "business_time_zone": "UTC",
            "dbt_target_path": directory / "target",
            "dbt_log_path": directory / "logs",
        }
        result = run_dbt(["compile", "--select", "path:analyses"], **settings)
        assert result.success, "\n".join(result.problems)
        self.compiled = directory / "target" / "compiled" / "customer_lifecycle" / "analyses"

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            result = connection.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def answer(self, name: str) -> list[dict[str, Any]]:
        """Rows of an analysis."""
        return self.rows((self.compiled / f"{name}.sql").read_text())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Build the demo and compile the analyses."""
    return Demo(tmp_path_factory.mktemp("analyses"))


def test_there_are_the_questions_that_teams_ask() -> None:
    assert len(ANALYSES) >= 6
    for name in ANALYSES:
        first, second = (PROJECT_DIR / "analyses" / f"{name}.sql").read_text().splitlines()[:2]
        assert first.startswith("-- ") and first.endswith("?"), f"{name} does not begin with its question"
        assert second.startswith("-- One row per "), f"{name} does not say how to read the answer"


@pytest.mark.parametrize("name", ANALYSES)
def test_each_question_is_answered_on_the_demo(demo: Demo, name: str) -> None:
    rows = demo.answer(name)
    assert rows
    unknown = [column for column in rows[0] if all(row[column] is None for row in rows)]
    # predictions are made by a step of their own
    assert set(unknown) <= {"p_alive", "predicted_clv_365d"}


def days_by_customer(demo: Demo) -> dict[tuple[str, str], dict[date, str]]:
    days: dict[tuple[str, str], dict[date, str]] = defaultdict(dict)
    for row in demo.rows("select brand, customer_id, date_day, stage from marts.customer_stages_daily"):
        days[row["brand"], row["customer_id"]][row["date_day"]] = row["stage"]
    return days


def test_the_leaks_are_those_of_the_daily_table(demo: Demo) -> None:
    """Walk through each customer's days of the last year."""
    (as_of,) = {row["as_of_date"] for row in demo.rows("from staging.as_of_date")}
    first_day = as_of - timedelta(days=364)
    present: dict[tuple, int] = defaultdict(int)
    exited: dict[tuple, int] = defaultdict(int)
    leaked: dict[tuple, int] = defaultdict(int)
    for (brand, _), stages in days_by_customer(demo).items():
        for day, stage in stages.items():
            if day >= first_day:
                present[brand, stage] += 1
            after = day + timedelta(days=1)
            if first_day <= after <= as_of and stages.get(after) != stage:
                exited[brand, stage] += 1
                leaked[brand, stage] += stages.get(after) in ("churned", "dormant")
    rows = demo.answer("which_stage_leaks_most")
    assert {
        (row["brand"], row["stage"]): (row["customer_days"], row["exited_count"], row["leaked_count"]) for row in rows
    } == {
        key: (present[key], exited[key], leaked[key]) for key in present if key[1] not in ("churned", "dormant")
    }  # fmt: skip
    for row in rows:
        key = row["brand"], row["stage"]
        assert row["leaked_per_100_customers_in_30_days"] == pytest.approx(leaked[key] / present[key] * 3000)
        assert row["leaked_share"] == (pytest.approx(leaked[key] / exited[key]) if exited[key] else None)
    rates = [row["leaked_per_100_customers_in_30_days"] for row in rows if row["brand"] == "default"]
    assert rates == sorted(rates, reverse=True)


def test_the_misses_are_those_of_the_entries_of_a_year(demo: Demo) -> None:
    """From the mart of entries: those of twelve months whose 90 days are over, against the targets of the seed."""
    with (PROJECT_DIR / "seeds" / "lifecycle" / "lifecycle_targets.csv").open() as file:
        targets = {
            row["metric_id"].split("_to_")[0]: float(row["target"])
            for row in csv.DictReader(file)
            if "_to_" in row["metric_id"]
        }
    (as_of,) = {row["as_of_date"] for row in demo.rows("from staging.as_of_date")}
    entries: dict[tuple, dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for row in demo.rows("select * from marts.stage_advances_monthly"):
        if row["stage"] in targets and last_day_of(row["entry_month"]) <= as_of:
            cell = entries[row["brand"], row["stage"]][row["entry_month"]]
            cell[0] += row["eligible_90d_count"]
            cell[1] += row["advanced_within_90d_count"]
            cell[2] += row["entered_count"] - row["eligible_90d_count"]  # whose days are not over
    rows = {(row["brand"], row["stage"]): row for row in demo.answer("which_stage_misses_its_target")}
    assert set(rows) == set(entries)
    for key, all_months in entries.items():
        months = {month: counts for month, counts in all_months.items() if not counts[2]}
        last = max(months)
        of_year = [
            counts for month, counts in months.items() if (last.year - month.year) * 12 + last.month - month.month < 12
        ]
        entered, advanced = (sum(counts[place] for counts in of_year) for place in (0, 1))
        assert (rows[key]["entered_count"], rows[key]["advanced_count"]) == (entered, advanced), key
        assert rows[key]["missing_count"] == pytest.approx(targets[key[1]] * entered - advanced), key
    assert any(row["missing_count"] > 0 for row in rows.values())


def last_day_of(month: date) -> date:
    """The last day of a month."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def test_more_retention_is_worth_what_the_customers_kept_would_bring(demo: Demo) -> None:
    """Retention from the daily table, month by month; then twelve months to come, one after the other."""
    owner = {
        row["person_id"]: row["customer_key"]
        for row in demo.rows(
            "select person_id, customer_key from intermediate.int_identity_map where valid_to = date '9999-12-31'"
        )
    }
    days = days_by_customer(demo)

    def active_on(brand: str, day: date) -> set[int]:
        return {
            owner[customer]
            for (of_brand, customer), stages in days.items()
            if of_brand == brand and customer in owner and stages.get(day) in ACTIVE
        }

    (as_of,) = {row["as_of_date"] for row in demo.rows("from staging.as_of_date")}
    assert (as_of + timedelta(days=1)).day == 1, "The demo ends with a month."
    first_days = [as_of + timedelta(days=1)]
    for _ in range(12):
        first_days.append((first_days[-1] - timedelta(days=1)).replace(day=1))
    month_ends = [day - timedelta(days=1) for day in sorted(first_days)]
    for row in demo.answer("what_would_5_percent_more_retention_be_worth"):
        brand = row["brand"]
        actives = [active_on(brand, day) for day in month_ends]
        pairs = list(pairwise(actives))
        months = sum(len(start) for start, _ in pairs)
        retention = sum(len(start & end) for start, end in pairs) / months
        assert row["retention_rate"] == pytest.approx(retention)
        movements = demo.rows(
            "select sum(net_revenue_amount) as net, sum(margin_amount) as margin from marts.cohort_unit_economics_blended "
            f"where brand = '{brand}' and period_number > 0 "
            "and cohort_month + to_months(period_number) "
            f"between date '{month_ends[0] + timedelta(days=1)}' and date '{as_of}'"
        )[0]
        higher, kept, higher_kept = min(1.0, retention * 1.05), 0.0, 0.0
        now = sum(stages.get(as_of) in ACTIVE for (of_brand, _), stages in days.items() if of_brand == brand)
        assert row["active_customer_count"] == now
        remaining = higher_remaining = float(now)
        for _ in range(12):
            remaining, higher_remaining = remaining * retention, higher_remaining * higher
            kept, higher_kept = kept + remaining, higher_kept + higher_remaining
        for amount, column in (("net", "extra_net_revenue_amount"), ("margin", "extra_margin_amount")):
            expected = (higher_kept - kept) * float(movements[amount]) / months
            assert float(row[column]) == pytest.approx(expected, abs=0.01)


def test_the_carts_to_remind_are_left_open_and_their_customers_consent(demo: Demo) -> None:
    open_carts = {
        row["cart_id"]: row
        for row in demo.rows("from intermediate.int_cart_outcomes where is_abandoned and ordered_at is null")
    }
    rows = demo.answer("which_carts_to_remind")
    assert len({row["customer_id"] for row in rows}) == len(rows)
    refusing = {
        row["customer_id"] for row in demo.rows("from intermediate.int_customers where marketing_consent is false")
    }
    for row in rows:
        assert row["cart_id"] in open_carts
        assert row["customer_id"] not in refusing
        assert row["since_date"] == open_carts[row["cart_id"]]["last_touched_date"] + timedelta(days=1)
