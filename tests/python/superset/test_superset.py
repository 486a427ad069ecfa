"""Apache Superset on the published demo, over its REST API: what is imported, its numbers, and runs published meanwhile."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from oracle.boards import published_demo
from oracle.environments import differences, python_with
from oracle.runs import NAME

from dev.superset.__main__ import FOLDER, packed, uri_of
from dev.superset.datasets import TIDY, catalogue
from lifecycle_tools.publishing import MARTS, Run, new_run_id, publish
from superset.client import Superset, running
from superset.heads import HEADS

LOCK = Path(__file__).parent / "requirements.txt"
RUNS, THREADS = 5, 6
# Takes seconds, and as long as the processor is busy otherwise.
LONG = "select max(one.range * other.range % 1000003) as most from range(60000) as one, range(30000) as other"
GRAINS = {"week": "P1W", "quarter": "P3M", "year": "P1Y"}


@dataclass(frozen=True)
class Demo:
    """The demo as built and published, and a Superset that reads what is published."""

    warehouse: Path
    published: Path
    superset: Superset

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        """What the published file answers, as Superset would write it."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            rows = connection.execute(query, list(parameters)).fetchall()
        return [tuple(map(_plain, row)) for row in rows]


@pytest.fixture(scope="module")
def python() -> Path:
    """The Python of the environment with Superset, made if need be."""
    return python_with(LOCK, "superset")


@pytest.fixture(scope="module")
def demo(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, published, and imported into Superset from the files of the repository."""
    directory = tmp_path_factory.mktemp("superset")
    published = published_demo(directory)
    with running(python, tmp_path_factory.mktemp("superset_home")) as superset:
        superset.upload("/api/v1/dashboard/import/", "formData", packed(uri_of(published)), overwrite="true")
        yield Demo(directory / NAME, published, superset)


def test_the_environment_is_that_of_the_lock_file(python: Path) -> None:
    assert not (different := differences(LOCK, python)), different


def test_the_database_is_open_to_read_and_no_file_beside_it(demo: Demo) -> None:
    databases = "select readonly from duckdb_databases() where path like '%lifecycle.%'"
    assert demo.superset.sql_lab(databases) == [{"readonly": True}]
    with pytest.raises(RuntimeError, match="DML"):
        demo.superset.sql_lab("create table marts.mine as select 1 as one")
    with pytest.raises(RuntimeError, match="file system operations are disabled"):
        demo.superset.sql_lab(f"select content from read_text('{LOCK}')")


def test_each_mart_is_a_dataset_with_its_columns_described_and_its_metrics(demo: Demo) -> None:
    columns: dict[str, list[str]] = {}
    for table, column in demo.sql(
        "select table_name, column_name from information_schema.columns where table_schema = ? "
        "order by table_name, ordinal_position",
        [MARTS],
    ):
        columns.setdefault(table, []).append(column)
    assert len(columns) > 50
    numbers = demo.superset.datasets()
    assert set(numbers) == {*columns, "publish_meta"}
    for table, expected in columns.items():
        described = demo.superset.get(f"/api/v1/dataset/{numbers[table]}")["result"]
        assert [each["column_name"] for each in described["columns"]] == expected
        assert described["description"] and all(each["description"] for each in described["columns"])
        file = yaml.safe_load((FOLDER / "datasets" / "customer_lifecycle" / f"{table}.yaml").read_text())
        assert {each["metric_name"]: each["expression"] for each in described["metrics"]} == {
            each["metric_name"]: each["expression"] for each in file["metrics"]
        }


@pytest.mark.parametrize("mart", sorted({row["model"] for row in catalogue()}))
def test_metrics_of_a_mart_are_those_of_the_tidy_table(demo: Demo, mart: str) -> None:
    """By month and brand; the tidy table is computed by the warehouse, and held to numbers made by hand."""
    file = yaml.safe_load((FOLDER / "datasets" / "customer_lifecycle" / f"{mart}.yaml").read_text())
    shipped = {each["metric_name"] for each in file["metrics"]}
    metrics = [row["metric_id"] for row in catalogue() if row["model"] == mart and row["metric_id"] in shipped]
    assert metrics or mart == "support_monthly"
    rows = demo.superset.rows(mart, [_by(file["main_dttm_col"], "P1M"), "brand"], metrics) if metrics else []
    asked = {
        (metric, month, brand): value
        for month, brand, *values in rows
        for metric, value in zip(metrics, values, strict=True)
        if value is not None
    }
    expected = {
        (metric, month, brand): value
        for metric, month, brand, value in demo.sql(
            f"select metric_id, month_date, brand, value from marts.{TIDY} where dimension_name = 'all' and value is not null"
        )
        if metric in metrics
    }
    assert asked == {key: pytest.approx(value, rel=1e-9) for key, value in expected.items()}
    assert expected or metrics in ([], ["customer_lifetime_value_predicted"])


def test_the_tidy_table_gives_each_metric_and_never_one_of_several_months(demo: Demo) -> None:
    """Its own values, as the dimensions are."""
    rows = demo.superset.rows(TIDY, [_by("month_date", "P1M"), "brand", "metric_id", "dimension_name"], ["value"])
    expected = demo.sql(
        f"select month_date, brand, metric_id, value from marts.{TIDY} where dimension_name = 'all' and value is not null"
    )
    asked = {row[:3]: row[-1] for row in rows if row[3] == "all" and row[-1] is not None}
    assert asked == {row[:3]: pytest.approx(row[-1], rel=1e-9) for row in expected}
    assert len({metric for _, _, metric in asked}) >= len(catalogue()) - 1
    only = [{"col": "dimension_name", "op": "==", "val": "all"}]
    assert {row[-1] for row in demo.superset.rows(TIDY, ["metric_id"], ["value"], only)} == {None}
    assert {row[-1] for row in demo.superset.rows(TIDY, [_by("month_date", "P1M")], ["value"], only)} == {None}


@pytest.mark.parametrize(("mart", "over"), HEADS)
def test_headcounts_are_those_of_the_last_date_and_no_sum_over_dates(demo: Demo, mart: str, over: str) -> None:
    """Over all time, and by week, quarter and year."""
    metrics = HEADS[mart, over]
    trapped = False
    for grain in ("all", *GRAINS):
        period = "0" if grain == "all" else f"cast(date_trunc('{grain}', {over}) as date)"
        amounts = ", ".join(f"sum({amount})" for amount in metrics.values())
        lasts = f"select {period} as period, brand, max({over}) as last from marts.{mart} group by all"
        expected = demo.sql(
            f"select period, brand, {amounts} from marts.{mart} inner join ({lasts}) as lasts using (brand) "
            f"where {over} = last and {period} = period group by all"
        )
        sums = demo.sql(f"select {period}, brand, {amounts} from marts.{mart} group by all")
        trapped = trapped or not _same(sums, expected)
        axis = [] if grain == "all" else [_by(over, GRAINS[grain])]
        asked = [row if axis else (0, *row) for row in demo.superset.rows(mart, [*axis, "brand"], list(metrics))]
        assert _same(asked, expected), (grain, asked, expected)
    assert trapped


def test_a_filter_of_the_dashboard_acts_as_where(demo: Demo) -> None:
    brand, country = demo.sql(
        "select brand, country_code from marts.churn_monthly group by all order by count(*) desc"
    )[0]
    filters = [
        {"col": name, "op": "IN", "val": [value]} for name, value in (("brand", brand), ("country_code", country))
    ]
    filters.append({"col": "month_date", "op": "TEMPORAL_RANGE", "val": "2024-06-01 : 2025-01-01"})
    asked = demo.superset.rows(
        "churn_monthly", [_by("month_date", "P1M")], ["active_at_start_count", "churn_rate"], filters
    )
    expected = demo.sql(
        "select month_date, sum(active_at_start_count), sum(churned_count) / nullif(sum(active_at_start_count), 0) "
        "from marts.churn_monthly where is_mature and brand = ? and country_code = ? "
        "and month_date >= date '2024-06-01' and month_date < date '2025-01-01' group by month_date",
        [brand, country],
    )
    assert len(expected) == 7
    assert _same(asked, expected)
    # a mart without such a column is not filtered, and its chart stands as it was
    elsewhere = [{"col": "segment", "op": "IN", "val": ["no such segment"]}]
    published = demo.superset.rows("user_content_monthly", ["brand"], ["user_content_published"], elsewhere)
    assert _same(
        published, demo.sql("select brand, sum(user_content_count) from marts.user_content_monthly group by brand")
    )


def test_the_dashboard_shows_every_metric_and_the_published_run(demo: Demo) -> None:
    charts = demo.superset.charts()
    assert {row["name_en"] for row in catalogue()} < set(charts)
    shown = {name: demo.superset.chart(number)["data"] for name, number in charts.items()}
    assert {name for name, rows in shown.items() if not _has_values(rows)} == _without_values(demo)
    columns = "run_id, published_at, as_of_date, reporting_currency"
    assert _same(
        [tuple(row.values()) for row in shown["Published run"]], demo.sql(f"select {columns} from publish_meta")
    )
    stages = demo.sql("select current_stage, count(*) from marts.lifecycle_customers group by all")
    assert _same([tuple(row.values()) for row in shown["Customers by stage, on the last day"]], stages)


def test_a_newer_version_of_the_files_takes_the_place_of_the_older(demo: Demo, tmp_path: Path) -> None:
    """With the numbers of charts that users have made and bookmarked."""
    before = demo.superset.charts(), demo.superset.datasets()
    file = "datasets/customer_lifecycle/churn_monthly.yaml"
    for each in FOLDER.rglob("*.yaml"):
        copy = tmp_path / each.relative_to(FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(each.read_text())
    newer = yaml.safe_load((tmp_path / file).read_text()) | {"description": "A newer one."}
    (tmp_path / file).write_text(yaml.safe_dump(newer))
    demo.superset.upload("/api/v1/assets/import/", "bundle", packed(uri_of(demo.published), tmp_path))
    assert (demo.superset.charts(), demo.superset.datasets()) == before
    described = demo.superset.get(f"/api/v1/dataset/{before[1]['churn_monthly']}")["result"]
    assert described["description"] == "A newer one."


# ---- runs published meanwhile ----------------------------------------------------------------------------------------


@dataclass
class Publications:
    """What was published, and what Superset must show of it."""

    begun: int = 0
    done: int = 0
    answers: list[dict[str, list[tuple]]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Reading:
    """What a thread saw in a chart, while the runs from ``first`` to ``last`` were the published one."""

    thread: int
    chart: str
    first: int
    last: int
    rows: list[tuple]


def test_a_question_that_takes_long_does_not_keep_others_at_its_run(demo: Demo) -> None:
    """DuckDB before 1.5 opened the run that any connection of the process had open."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(demo.superset.sql_lab, LONG)
        while not demo.superset.running():
            assert not asked.done(), "The question ended before it was seen to run."
            time.sleep(0.1)
        _publish(demo, 0)
        shown = demo.superset.chart(demo.superset.charts()["Published run"])["data"]
        assert not asked.done(), "The question ended before the run was published."
        assert [(row["run_id"],) for row in shown] == demo.sql("select run_id from publish_meta")
        assert len(asked.result()) == 1


def test_six_threads_read_one_run_at_a_time_while_five_are_published(demo: Demo) -> None:
    """No error, in each answer one run, and never an older one than was published when it was asked."""
    numbers = demo.superset.charts()
    asked = {name: demo.superset.chart(number)["query"] for name, number in numbers.items()}
    runs = Publications(answers=[_answers(demo, asked)])
    readings: list[Reading] = []
    with ThreadPoolExecutor(THREADS) as pool:
        threads = [pool.submit(_read_on_and_on, demo, numbers, runs, readings, thread) for thread in range(THREADS)]
        try:
            _wait_until_each_thread_has_read(0, readings, threads)
            for number in range(1, RUNS + 1):
                _change_every_amount(demo.warehouse)
                runs.begun = number
                _publish(demo, number)
                runs.done = number
                runs.answers.append(_answers(demo, asked))
                _wait_until_each_thread_has_read(number, readings, threads)
        finally:
            runs.stop.set()
        for thread in threads:
            thread.result()
    for name in (
        set(asked) - _without_values(demo) - {"Months to payback"}
    ):  # a number of months is no amount that changes
        told_apart = [each[name] for each in runs.answers]
        assert not [1 for one in told_apart for other in told_apart if one is not other and _same(one, other)], name
    mixed = [each for each in readings if not any(_same(each.rows, answers[each.chart]) for answers in runs.answers)]
    assert not mixed, f"{len(mixed)} of {len(readings)} answers are of no run: {mixed[:3]}"
    stale = [
        each
        for each in readings
        if not any(_same(each.rows, answers[each.chart]) for answers in runs.answers[each.first : each.last + 1])
    ]
    assert not stale, f"{len(stale)} of {len(readings)} answers are of another run than was published: {stale[:3]}"
    shown = {name: _rows_of(demo.superset.chart(number)) for name, number in numbers.items()}
    assert not [name for name, rows in shown.items() if not _same(rows, runs.answers[RUNS][name])]
    print(f"{len(readings)} readings by {THREADS} threads while {RUNS} runs were published")


def _read_on_and_on(
    demo: Demo, numbers: dict[str, int], runs: Publications, readings: list[Reading], thread: int
) -> None:
    rng = random.Random(thread)
    while not runs.stop.is_set():
        chart, first = rng.choice(sorted(numbers)), runs.done
        rows = _rows_of(demo.superset.chart(numbers[chart]))
        readings.append(Reading(thread, chart, first, runs.begun, rows))


def _wait_until_each_thread_has_read(number: int, readings: list[Reading], threads: list) -> None:
    """Each has an answer to what it asked after this run was published; an error of a thread ends it here."""
    while {each.thread for each in readings if each.first >= number} != set(range(THREADS)):
        for thread in threads:
            if thread.done():
                thread.result()
        time.sleep(0.1)


def _change_every_amount(warehouse: Path) -> None:
    """Let the next run differ from the one before in every row of every mart of numbers."""
    with duckdb.connect(str(warehouse)) as connection:
        tables: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from information_schema.columns inner join information_schema.tables "
            "using (table_schema, table_name) where table_schema = ? and table_type = 'BASE TABLE' "
            # keys are texts and dates, numbers of periods are integers
            "and (data_type = 'BIGINT' or data_type like 'DECIMAL%' "
            "or (table_name = ? and column_name in ('numerator', 'denominator'))) order by all",
            [MARTS, TIDY],
        ).fetchall():
            tables.setdefault(table, []).append(column)
        assert len(tables) > 30
        for table, columns in tables.items():
            changed = ", ".join(f'"{column}" = "{column}" + 1000' for column in columns)
            connection.execute(f"update {MARTS}.{table} set {changed}")


def _publish(demo: Demo, number: int) -> None:
    """Publish what is in the working file."""
    marts = [name for (name,) in demo.sql("select table_name from publish_tables where table_schema = ?", [MARTS])]
    facts = {"as_of_date": date(2025, 7, 1 + number), "reporting_currency": "EUR"}
    publish(demo.warehouse, demo.published.parent, marts, Run(new_run_id(), facts))


def _answers(demo: Demo, asked: dict[str, str]) -> dict[str, list[tuple]]:
    """What the charts show of the run that is published now, by their own SQL."""
    return {name: demo.sql(query) for name, query in asked.items()}


def _rows_of(chart: dict[str, Any]) -> list[tuple]:
    return [tuple(row[name] for name in chart["colnames"]) for row in chart["data"]]


def _without_values(demo: Demo) -> set[str]:
    """Names of the metrics of which there is no value: the demo of the tests is built without predictions."""
    found = {metric for (metric,) in demo.sql(f"select distinct metric_id from marts.{TIDY} where value is not null")}
    without = {row["name_en"] for row in catalogue() if row["metric_id"] not in found}
    assert without <= {"Customer lifetime value, predicted"}
    return without


def _has_values(rows: list[dict[str, Any]]) -> bool:
    return any(list(row.values())[-1] is not None for row in rows)


def _by(column: str, grain: str) -> dict[str, str]:
    """A date by week, month, ..., as the axis of a chart."""
    return {
        "columnType": "BASE_AXIS", "expressionType": "SQL", "label": column, "sqlExpression": column, "timeGrain": grain,
    }  # fmt: skip


def _same(some: Sequence[tuple], others: Sequence[tuple]) -> bool:
    """Whether the rows are the same in whatever order; only the last columns may be fractions, and these nearly equal."""
    if len(some) != len(others):
        return False

    def key(row: tuple) -> str:
        return str([value for value in row if not isinstance(value, float) or value.is_integer()])

    pairs = zip(sorted(some, key=key), sorted(others, key=key), strict=True)
    return all(len(one) == len(other) and all(map(_alike, one, other)) for one, other in pairs)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


def _plain(value: Any) -> Any:
    """A value as Superset sends it: moments in milliseconds, amounts as fractions."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return moment.replace(tzinfo=UTC).timestamp() * 1000
    return value
