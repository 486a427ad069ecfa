"""``make whatif``: the same stages and metrics as a full build under the other thresholds, and nothing else is touched."""

from __future__ import annotations

import calendar
import csv
import hashlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import LIFECYCLE_MODELS, Builder, Warehouse
from oracle import histories
from oracle.raw_files import merge_raw_data
from oracle.runs import demo, project

from lifecycle_tools.board import BOARD
from lifecycle_tools.board.packing import unpack
from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.commands import whatif
from lifecycle_tools.publishing import CURRENT, only_build
from lifecycle_tools.whatif import WhatIfError, comparison
from lifecycle_tools.whatif.kept import WHATIF
from lifecycle_tools.whatif.thresholds import Thresholds, read_thresholds

MODELS = (*LIFECYCLE_MODELS, "lifecycle_metrics_monthly", "int_recorded_build")
INTERVALS = "select brand, customer_id, stage, valid_from, valid_to from marts.customer_stage_intervals order by all"
METRICS = """
    select brand, metric_id, month_date, value, is_mature from marts.lifecycle_metrics_monthly where dimension_name = 'all'
"""
NOW = histories.THRESHOLDS
# One row changed, one that falls away, a new one spelt otherwise than the customers do; and all customers, by few columns.
CHANGES: dict[str, dict[str, dict[str, int]]] = {
    "segments": {
        "default": NOW["default"],
        "swift": {**NOW["swift"], "churn_after_days": 25, "reactivation_days": 0},
        "Un Listed": {**NOW["default"], "churn_after_days": 60, "loyalty_min_purchase_dates": 2},
    },
    "everybody": {
        name: {**values, "churn_after_days": values["churn_after_days"] + 30, "advocacy_window_days": 20}
        for name, values in NOW.items()
    },
}
GIVEN_COLUMNS = {"segments": list(NOW["default"]), "everybody": ["churn_after_days", "advocacy_window_days"]}


@dataclass
class World:
    """A build under the thresholds as they are, and what stages and metrics are asked of it under others."""

    warehouse: Warehouse
    builder: Builder
    raw: Mapping[str, list[dict[str, Any]]]
    captured: dict[str, list[tuple]]

    def ask(self, file: Path, out: Path | None = None) -> str:
        self.captured.clear()
        lines = whatif.what_if(
            file,
            self.warehouse.path,
            out,
            manifest=project({}),
            business_time_zone="UTC",
            full_refresh_share="1",
            dbt_log_path=self.builder.directory / "logs",
        )
        return "\n".join(lines)


@pytest.fixture(scope="module")
def world(builder: Builder) -> Any:
    raw = merge_raw_data(histories.random_histories(11, 120))
    built = builder.build_histories("whatif", raw, MODELS)
    captured: dict[str, list[tuple]] = {}

    def compare(connection: duckdb.DuckDBPyConnection, of_stages: list[str]) -> comparison.Comparison:
        captured.update(
            intervals=connection.execute(INTERVALS).fetchall(), metrics=connection.execute(METRICS).fetchall()
        )
        return comparison.compare(connection, of_stages)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IDENTITY_SALT", "")
        patch.delenv("RAW_DATA_DIR", raising=False)
        patch.setattr(whatif, "compare", compare)
        yield World(built, builder, raw, captured)


def write(file: Path, thresholds: Thresholds, columns: list[str]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["segment", *columns])
        writer.writerows([segment, *(values[name] for name in columns)] for segment, values in thresholds.items())
    return file


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stage_on(intervals: list[tuple], day: date) -> dict[tuple[str, str], str]:
    return {
        (brand, customer): stage
        for brand, customer, stage, valid_from, valid_to in intervals
        if valid_from <= day and (valid_to is None or valid_to > day)
    }


def month_ends(first: date, last: date) -> list[date]:
    days, day = [], first
    while day <= last:
        if day.day == calendar.monthrange(day.year, day.month)[1] or day == last:
            days.append(day)
        day += timedelta(days=1)
    return days


def publish(warehouse: Warehouse, serving: Path, stage: str = "current_stage") -> Path:
    """As much of a published file as is asked for the run that customers are compared with."""
    serving.mkdir()
    with duckdb.connect(str(serving / CURRENT)) as connection:
        connection.execute(f"attach '{warehouse.path}' as working (read_only)")
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.lifecycle_customers as select brand, customer_id, {stage} as current_stage "
            "from working.marts.lifecycle_customers"
        )
        connection.execute(
            "create table publish_meta as select 'the run' as run_id, ?::date as as_of_date", [histories.AS_OF_DATE]
        )
    return serving


@pytest.mark.parametrize("change", CHANGES)
def test_stages_and_metrics_are_those_of_a_full_build(
    world: World, tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = write(tmp_path / "new.csv", CHANGES[change], GIVEN_COLUMNS[change]), tmp_path / "out.csv"
    serving = publish(world.warehouse, tmp_path / "serving")
    monkeypatch.setenv("SERVING_DIR", str(serving))
    before = fingerprint(world.warehouse.path), fingerprint(serving / CURRENT)
    said = world.ask(file, out)
    assert (fingerprint(world.warehouse.path), fingerprint(serving / CURRENT)) == before
    assert f"Look at:   {serving / BOARD}#whatif" in said
    full = world.builder.build(
        f"whatif_{change}",
        world.raw,
        as_of_date=histories.AS_OF_DATE,
        thresholds=CHANGES[change],
        time_zones=histories.TIME_ZONES,
        models=MODELS,
    )
    old, new = world.warehouse.rows(INTERVALS), full.rows(INTERVALS)
    assert world.captured["intervals"] == new
    assert old != new
    published, metrics = ({row[:3]: row[3:] for row in each.rows(METRICS)} for each in (world.warehouse, full))
    captured = {row[:3]: row[3:] for row in world.captured["metrics"]}
    assert captured.keys() == metrics.keys()
    for key, (value, is_mature) in metrics.items():
        assert captured[key] == (pytest.approx(value), is_mature), key

    with out.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    as_of = histories.AS_OF_DATE
    before_of, after_of = stage_on(old, as_of), stage_on(new, as_of)
    moves = Counter((key[0], stage, after_of[key]) for key, stage in before_of.items())
    listed: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        if row["topic"] == "move":
            listed[row["brand"], row["stage"], row["new_stage"]] += int(row["whatif_value"])
    assert listed == moves
    moved = sum(count for (_, stage, new_stage), count in moves.items() if stage != new_stage)
    assert moved > 5
    assert f"{moved:,} of {len(before_of):,} customers" in said

    counts = {}
    for day in month_ends(min(row[3] for row in old), as_of):
        for place, intervals in enumerate((old, new)):
            for (brand, _), stage in stage_on(intervals, day).items():
                counts.setdefault((brand, day.isoformat(), stage), [0, 0])[place] += 1
    ends = [row for row in rows if row["topic"] == "month_end"]
    found = {
        (row["brand"], row["date_day"], row["stage"]): [int(row["published_value"]), int(row["whatif_value"])]
        for row in ends
    }
    assert len(found) == len(ends)
    assert found == counts

    of_metrics = [row for row in rows if row["topic"] == "metric" and row["date_day"]]
    assert len({(row["brand"], row["metric_id"]) for row in of_metrics}) == len(of_metrics) > 10
    for row in of_metrics:
        key = row["brand"], row["metric_id"], date.fromisoformat(row["date_day"])
        # a month that only one side has is finished as far as that side says
        finished = [
            each[2]
            for each in metrics | published
            if each[:2] == key[:2] and all(side.get(each, (None, True))[1] for side in (metrics, published))
        ]
        assert key[2] == max(finished)
        for column, values in (("published_value", published), ("whatif_value", metrics)):
            assert (float(row[column]) if row[column] else None) == pytest.approx(values.get(key, [None])[0]), (
                key,
                column,
            )
    names = [line.partition(":")[0] for line in said.partition("Metrics that depend")[2].splitlines()]
    assert len(names) == len(set(names))
    kept_for_the_board(serving, change, moves, counts, published, metrics, {row["metric_id"] for row in of_metrics})


def changed_thresholds(new: Thresholds) -> set[tuple[str, str, str]]:
    return {
        (name, "kept" if name in NOW and name in new else "new" if name in new else "gone", column)
        for name in {*NOW, *new}
        for column in NOW["default"]
        if NOW.get(name, NOW["default"])[column] != new.get(name, new["default"])[column]
    }


def kept_for_the_board(
    serving: Path, change: str, moves: Counter, counts: dict, published: dict, metrics: dict, of_stages: set[str]
) -> None:
    """The file beside the published one has what the full build has, and the board says with which run it compares."""
    with duckdb.connect(str(serving / WHATIF), read_only=True) as connection:

        def rows(query: str) -> list[tuple]:
            return connection.execute(query).fetchall()

        assert rows("select run_id, as_of_date, thresholds_file from meta") == [
            ("the run", histories.AS_OF_DATE, "new.csv")
        ]
        kept = "select brand, stage, new_stage, sum(customer_count) from moves group by all"
        assert {row[:3]: row[3] for row in rows(kept)} == moves
        of_ends: dict[tuple, list[int]] = {}
        for brand, day, stage, new_stage, count in rows("select * from month_ends"):
            of_ends.setdefault((brand, day.isoformat(), stage), [0, 0])[0] += count
            of_ends.setdefault((brand, day.isoformat(), new_stage), [0, 0])[1] += count
        assert of_ends == counts
        of_months = rows("select * from metrics")
        expected = {key for key in published | metrics if key[1] in of_stages}
        assert {row[:3] for row in of_months} >= expected and len({row[:3] for row in of_months}) == len(of_months)
        for *key, value, new_value, _ in of_months:
            assert value == pytest.approx(published.get(tuple(key), [None])[0]), key
            assert new_value == pytest.approx(metrics.get(tuple(key), [None])[0]), key
        changed = set(
            rows("select threshold_segment, row_kind, threshold from thresholds where published_value <> whatif_value")
        )
        assert changed == changed_thresholds(CHANGES[change])
    content = unpack((serving / BOARD).read_text(encoding="utf-8"))
    assert content["whatif"]["run_id"] == content["meta"]["run_id"] == "the run"
    assert sum(content["datasets"]["whatif_moves"]["measures"]["customer_count"]) == sum(moves.values())
    assert [path.name for path in serving.iterdir() if path.name.startswith(".whatif")] == []


def test_the_same_thresholds_move_nobody_and_readers_are_not_in_the_way(world: World, tmp_path: Path) -> None:
    read = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", read, str(world.warehouse.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == "open\n"
        said = world.ask(write(tmp_path / "same.csv", NOW, list(NOW["default"])))
        reader.stdin.close()
    assert "none is other than now" in said
    assert "no customer moves" in said
    assert "At the ends of months: no customer is in another stage" in said
    assert world.captured["intervals"] == world.warehouse.rows(INTERVALS)
    assert " -> " not in said and "changed in other months" not in said
    folder = world.warehouse.path.with_name("warehouse.target") / "whatif"
    assert not list(folder.rglob("*.duckdb*")) or [path.name for path in folder.rglob("*.duckdb*")] == [
        "warehouse.duckdb.lock"
    ]


def test_one_sentence_says_why_there_is_no_comparison(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "same.csv", NOW, ["churn_after_days"])
    monkeypatch.setenv("WAREHOUSE_PATH", str(world.warehouse.path))

    def fails(*arguments: str) -> str:
        assert whatif.main(arguments) == 1
        said = capsys.readouterr()
        assert not said.out and said.err.count("\n") == 1, said
        return said.err

    assert "make whatif THRESHOLDS=" in fails()
    assert "cannot be read (No such file" in fails("--thresholds", str(tmp_path / "absent.csv"))
    assert "is no CSV file" in fails("--thresholds", str(file), "--out", "out.xlsx")
    assert "make the directory" in fails("--thresholds", str(file), "--out", str(tmp_path / "absent" / "out.csv"))
    with only_build(world.warehouse.path):
        assert "is running" in fails("--thresholds", str(file))
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(world.warehouse.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "open\n"
        assert "Another program has" in fails("--thresholds", str(file))
        writer.stdin.close()
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "warehouse.duckdb"))
    assert "There is no warehouse" in fails("--thresholds", str(file))
    duckdb.connect(str(tmp_path / "warehouse.duckdb")).close()
    assert "did not end" in fails("--thresholds", str(file))


def test_a_build_that_did_not_end_is_nothing_to_compare_with(world: World, tmp_path: Path) -> None:
    """The rows of one customer are other than those that its stages were computed from."""
    copy = tmp_path / world.warehouse.path.name
    copy.write_bytes(world.warehouse.path.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        recorded = "intermediate.int_recorded_fingerprints"
        first = f"where customer_key = (select min(customer_key) from {recorded})"
        connection.execute(f"update {recorded} set input_fingerprint = input_fingerprint - 1 {first}")
    interrupted = World(Warehouse(copy), world.builder, world.raw, world.captured)
    with pytest.raises(WhatIfError, match="did not end"):
        interrupted.ask(write(tmp_path / "same.csv", NOW, ["churn_after_days"]))
    assert not list(tmp_path.rglob("whatif/*.duckdb"))


def test_a_last_build_that_is_not_published_is_said(world: World, tmp_path: Path) -> None:
    with duckdb.connect(str(world.warehouse.path), read_only=True) as connection:
        assert whatif._published_run(connection, tmp_path) == (None, False)  # nothing is
    for name, stage in (("same", "current_stage"), ("other", "'dormant'")):
        publish(world.warehouse, tmp_path / name, stage)
        with duckdb.connect(str(world.warehouse.path), read_only=True) as connection:
            assert whatif._published_run(connection, tmp_path / name) == ("the run", name == "other")


def test_a_comparison_that_cannot_be_kept_is_a_warning(tmp_path: Path) -> None:
    """It was printed and written to OUT all the same."""
    (tmp_path / "whatif.duckdb").mkdir()
    nothing = comparison.Comparison(histories.AS_OF_DATE, "EUR", (), (), (), (), ())
    said = whatif._shown(nothing, BUILT, BUILT, tmp_path, None, "new.csv")
    assert said.startswith(
        f"Warning: The board does not show this comparison, as {tmp_path / 'whatif.duckdb'} cannot be written ("
    )
    assert [path.name for path in tmp_path.iterdir() if path.name not in (".lock", "whatif.duckdb")] == []


def test_a_segment_spelt_otherwise_is_the_same_row() -> None:
    assert comparison._thresholds(
        BUILT, {"default": BUILT["default"], "V IP": {**BUILT["vip"], "churn_after_days": 60}}
    ) == [
        "Thresholds:",
        "  V IP: churn_after_days 90 -> 60",
    ]


WHOLE = {"churn_after_days": 90, "at_risk_after_days": 45, "reactivation_days": 30, "engagement_window_days": 90}
BUILT: Thresholds = {"default": {**WHOLE, "dormant_after_days": 180}, "vip": {**WHOLE, "dormant_after_days": 200}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("segment,churn_days\ndefault,9", "{file}, row 1, column 'churn_days': there is no threshold of this name: did you mean"),
        ("segment;churn_after_days\ndefault;9", "{file}, row 1: ';' stands between the columns"),
        ("segment,discount\ndefault,9", "column 'discount': there is no threshold of this name: write one of segment, churn"),
        ("segment,churn_after_days,churn_after_days\ndefault,90,90", "{file}, row 1, column churn_after_days: it is there twice"),
        ("churn_after_days\n90", "{file}, row 1: the column segment is missing"),
        ("segment,churn_after_days\ndefault,90,1", "{file}, row 2: it has 3 values for 2 columns"),
        ("segment,churn_after_days\n\ndefault,90\nvip,90\nV ip,80", "{file}, row 5, column segment: 'V ip' is in row 4 already"),
        ("segment,churn_after_days\nDefault,90", "{file}, row 2, column segment: it is 'Default': write default."),
        ("segment,churn_after_days\n,90", "{file}, row 2, column segment: it is empty"),
        ("segment,churn_after_days\ngold,90", "{file}, row 2, column segment: no customer has the segment 'gold'"),
        ("segment,churn_after_days\ndefault,0", "row 2 (segment 'default'), column churn_after_days: '0' is no whole number"),
        ("segment,reactivation_days\nvip,-1", "row 2 (segment 'vip'), column reactivation_days: '-1' is no whole number from 0"),
        ("segment,churn_after_days\ndefault,9.5", "'9.5' is no whole number"),
        ("segment,churn_after_days\ndefault,1000001", "'1000001' is no whole number from 1 to 1,000,000"),
        ("segment,churn_after_days\ndefault,", "column churn_after_days: it is empty, which is no whole number"),
        ("segment,churn_after_days\ndefault,44", "column at_risk_after_days: 45 is later than churn_after_days (44)"),
        ("segment,engagement_window_days\nvip,201", "column engagement_window_days: 201 is later than dormant_after_days (200)"),
        ("segment,churn_after_days", "{file} has no row of thresholds"),
        ("", "{file} has no row of thresholds"),
        ("segment,churn_after_days\ndéfaut,90".encode("latin-1"), "{file} is no text in UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_said_in_one_sentence(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(WhatIfError) as raised:
        read_thresholds(file, BUILT, ["business"])
    assert sentence.replace("{file}", str(file)) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_a_file_leaves_out_keeps_its_value(tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("\ufeffchurn_after_days, segment\n+120,Business\n60, V IP \n", encoding="utf-8")
    assert read_thresholds(file, BUILT, ["business"]) == {
        "default": BUILT["default"],
        "Business": {**BUILT["default"], "churn_after_days": 120},
        "V IP": {**BUILT["vip"], "churn_after_days": 60},
    }
    file.write_text("segment\ndefault\n", encoding="utf-8")
    assert read_thresholds(file, BUILT, []) == {"default": BUILT["default"]}


PAGE = PROJECT_DIR / "docs" / "recipes" / "try_a_threshold.md"


def test_the_page_shows_what_the_demo_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids of the demo are made without a salt, and none is asked for."""
    monkeypatch.delenv("IDENTITY_SALT", raising=False)
    page = PAGE.read_text(encoding="utf-8")
    file = tmp_path / "thresholds.csv"
    file.write_text(re.search(r"```csv\n(.*?)```", page, flags=re.S)[1], encoding="utf-8")
    warehouse, out = demo(tmp_path / "demo", "UTC"), tmp_path / "who_moves.csv"
    settings = {"manifest": project({}), "business_time_zone": "UTC", "dbt_log_path": tmp_path / "logs"}
    said = "\n".join(whatif.what_if(file, warehouse, out, **settings)).splitlines()
    shown = re.search(r"```text\n(.*?)```", page, flags=re.S)[1].splitlines()
    assert [line for line in shown if line != "..." and line not in said] == []
    assert "make whatif THRESHOLDS=thresholds.csv OUT=who_moves.csv" in page
    with out.open(encoding="utf-8", newline="") as opened:
        columns = next(csv.reader(opened))
    assert re.findall(r"^\| `(\w+)` \|", page, flags=re.M) == columns
