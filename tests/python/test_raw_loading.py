"""What loading makes of a directory of files, or of tables that the user brought."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from oracle.runs import run_dbt

from lifecycle_tools.build import PROJECT_DIR, BuildResult
from lifecycle_tools.raw_loading import FILE_NUMBER

ORDERS = "order_id,customer_id,ordered_at,total_amount\n"
RECORD = "_loaded_files"
BASE = ["--no-write-json", "run", "--select", "base_marketing__campaigns"]
LOADING = ["--no-write-json", "run-operation", "load_raw_files"]


class Workshop:
    """A raw directory and a warehouse that are built again and again."""

    def __init__(self, directory: Path) -> None:
        """Keep everything below ``directory``, the parsed project too, which saves most of the time."""
        self.raw = directory / "raw"
        self.warehouse = directory / "warehouse.duckdb"
        self.directory = directory
        self.moment = 1_700_000_000  # each file is older than the next one, and old enough to be taken at its word

    def clear(self) -> None:
        """Start with an empty raw directory and no warehouse."""
        shutil.rmtree(self.raw, ignore_errors=True)
        self.raw.mkdir()
        self.warehouse.unlink(missing_ok=True)

    def write(self, name: str, text: str) -> None:
        """Write one raw file."""
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.age(name)

    def age(self, name: str) -> None:
        """Say that a file was modified at a time of its own, long ago."""
        self.moment += 10
        os.utime(self.raw / name, (self.moment, self.moment))

    def parquet(self, name: str, query: str) -> None:
        """Write the result of a query as one raw Parquet file."""
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"copy ({query}) to '{str(path).replace(chr(39), chr(39) * 2)}' (format parquet)")
        self.age(name)

    def dbt(self, *arguments: str, from_files: bool = True, **settings: str | Path) -> BuildResult:
        """Run dbt on the warehouse."""
        usual = {
            "raw_data_dir": self.raw if from_files else "",
            "warehouse_path": self.warehouse,
            "dbt_target_path": self.directory / "target",
            "dbt_log_path": self.directory / "logs",
        }
        return run_dbt(arguments or BASE, **(usual | settings))

    def rows(self, query: str) -> list[tuple]:
        """All rows of a query on the warehouse."""
        with duckdb.connect(str(self.warehouse)) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def shared_workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Share one workshop among the tests of this module."""
    return Workshop(tmp_path_factory.mktemp("l'été 2024"))  # a quote and a blank in the path must not matter


@pytest.fixture
def workshop(shared_workshop: Workshop) -> Workshop:
    """Give the workshop, cleared."""
    shared_workshop.clear()
    return shared_workshop


def load(workshop: Workshop, *options: str) -> None:
    """Load the files; fails with dbt's problems."""
    result = workshop.dbt(*BASE, *options)
    assert result.success, result.problems


def tables_of(warehouse: Path) -> dict[str, tuple[list, list]]:
    """Columns with their types, and sorted rows, of every raw table but the record of loaded files."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'raw'"
        ).fetchall()
        described = {
            name: [row[:2] for row in connection.execute(f"describe raw.{name}").fetchall() if row[0] != FILE_NUMBER]
            for (name,) in names
            if name != RECORD
        }
        return {
            name: (
                columns,
                connection.execute(
                    f"select {', '.join(chr(34) + column + chr(34) for column, _ in columns)} from raw.{name} order by all"
                ).fetchall(),
            )
            for name, columns in described.items()
        }


def test_files_of_a_folder_are_one_table_and_later_ones_add_to_it(workshop: Workshop) -> None:
    """Columns are matched by name, missing ones are null."""
    workshop.write("orders/2024-01.csv", ORDERS + "1,C1,2024-01-10,10\n")
    workshop.write("orders/2024-02/part.csv", "order_id,ordered_at,total_amount,status\n2,2024-02-10,20,paid\n")
    load(workshop)
    found = workshop.rows("select order_id, customer_id, status from raw.orders order by 1")
    assert found == [("1", "C1", None), ("2", None, "paid")]
    workshop.write("orders/2024-03.csv", ORDERS + "3,C3,2024-03-10,30\n")
    load(workshop)
    assert workshop.rows("select count(*) from raw.orders") == [(3,)]


def test_types_stay_where_all_files_agree_and_become_text_where_they_do_not(workshop: Workshop) -> None:
    """Typed input stays cheap; type drift loses nothing."""
    others = "timestamp '2024-01-10' as ordered_at, 10.5::decimal(9, 2) as total_amount"
    workshop.parquet("orders/a.parquet", f"select 1 as order_id, {others}")
    workshop.parquet("orders/b.parquet", f"select 'x' as order_id, {others}")
    load(workshop)
    columns, _ = tables_of(workshop.warehouse)["orders"]
    assert dict(columns) == {"order_id": "VARCHAR", "ordered_at": "TIMESTAMP", "total_amount": "DECIMAL(9,2)"}
    assert workshop.rows("select order_id from raw.orders order by 1") == [("1",), ("x",)]


def test_a_table_whose_file_is_gone_is_gone(workshop: Workshop) -> None:
    """The raw schema mirrors the directory."""
    workshop.write("orders.csv", ORDERS + "1,C1,2024-01-10,10\n")
    workshop.write("products.csv", "product_id\nP1\n")
    load(workshop)
    assert workshop.rows("select count(*) from raw.products") == [(1,)]
    (workshop.raw / "products.csv").unlink()
    load(workshop)
    assert tables_of(workshop.warehouse).keys() == {"orders"}


def mark(workshop: Workshop) -> None:
    """Change a value of every order by hand, which tells rows that stayed from rows that were loaded again."""
    workshop.rows("update raw.orders set customer_id = 'by hand'")


def orders(workshop: Workshop) -> list[tuple]:
    """Each order with its customer."""
    return workshop.rows("select order_id, customer_id from raw.orders order by all")


@pytest.fixture
def two_orders(workshop: Workshop) -> Workshop:
    """Give the workshop with two files of one order each loaded, and marked."""
    workshop.write("orders/1.csv", ORDERS + "1,C1,2024-01-10,10\n")
    workshop.write("orders/2.csv", ORDERS + "2,C2,2024-01-10,10\n")
    load(workshop)
    assert orders(workshop) == [("1", "C1"), ("2", "C2")]
    mark(workshop)
    return workshop


def test_files_that_did_not_change_are_not_read_again(two_orders: Workshop) -> None:
    """Their table stays as it is beside others that are loaded, unless the user asks for all anew."""
    record = two_orders.rows(f"from raw.{RECORD}")
    two_orders.write("customers.csv", "customer_id\nC1\n")
    load(two_orders)
    assert orders(two_orders) == [("1", "by hand"), ("2", "by hand")]
    assert set(record) < set(two_orders.rows(f"from raw.{RECORD}"))
    load(two_orders, "--full-refresh")
    assert orders(two_orders) == [("1", "C1"), ("2", "C2")]


def test_a_new_file_is_added_to_what_is_there(two_orders: Workshop) -> None:
    """Whatever its name, and whether or not it has all columns, or a row."""
    two_orders.write("orders/0.csv", "total_amount,order_id,ordered_at\n30,0,2024-03-10\n")
    two_orders.write("orders/3.csv", ORDERS)
    two_orders.write("orders/4.csv", "")
    load(two_orders)
    # a fresh load would meet the columns of the first file first
    assert orders(two_orders) == [("0", None), ("1", "C1"), ("2", "C2")]
    mark(two_orders)
    two_orders.write("orders/5.csv", "total_amount,order_id,ordered_at\n30,5,2024-03-10\n")
    two_orders.write("orders/6.csv", ORDERS)
    two_orders.write("orders/7.csv", "")
    load(two_orders)
    assert orders(two_orders) == [("0", "by hand"), ("1", "by hand"), ("2", "by hand"), ("5", None)]


def test_a_table_of_which_a_file_changed_is_replaced(two_orders: Workshop) -> None:
    """No row of the former file stays."""
    two_orders.write("orders/2.csv", ORDERS + "2,C3,2024-01-10,10\n")
    load(two_orders)
    assert orders(two_orders) == [("1", "C1"), ("2", "C3")]


def test_files_of_another_directory_are_other_files(two_orders: Workshop) -> None:
    """Though their names, sizes and times of modification are the same."""
    other = two_orders.raw / ".other"
    shutil.copytree(two_orders.raw / "orders", other / "orders")
    result = two_orders.dbt(raw_data_dir=other)
    assert result.success, result.problems
    assert orders(two_orders) == [("1", "C1"), ("2", "C2")]


@pytest.mark.parametrize("what", ["insert into raw.orders (order_id) values ('3')", "drop table raw.orders"])
def test_a_table_that_somebody_filled_or_emptied_is_loaded_again(two_orders: Workshop, what: str) -> None:
    """Its rows are no longer those of the files."""
    two_orders.rows(what)
    load(two_orders)
    assert orders(two_orders) == [("1", "C1"), ("2", "C2")]


def test_an_unreadable_new_file_leaves_tables_and_record_as_they_were(two_orders: Workshop) -> None:
    """Nothing of it counts as loaded, so that all of it comes in once it is repaired."""
    before = two_orders.rows(f"from raw.{RECORD}")
    two_orders.write("customers.csv", "customer_id\nC1\n")
    two_orders.write("orders/3.csv", ORDERS + "3,C3,2024-03-10,30\n4,C4\n")
    result = two_orders.dbt()
    assert "orders/3.csv line 3 has fewer values than the header has columns" in result.problems[0]
    assert two_orders.rows(f"from raw.{RECORD}") == before
    assert tables_of(two_orders.warehouse).keys() == {"orders"}
    assert orders(two_orders) == [("1", "by hand"), ("2", "by hand")]
    two_orders.write("orders/3.csv", ORDERS + "3,C3,2024-03-10,30\n")
    load(two_orders)
    assert orders(two_orders) == [("1", "by hand"), ("2", "by hand"), ("3", "C3")]


def test_a_file_of_this_very_moment_is_not_trusted(workshop: Workshop) -> None:
    """It may be written again within the second that its time is told to, and keep its size."""
    moment = time.time() + 60
    for customer_id in ("C1", "C2"):
        workshop.write("orders.csv", ORDERS + f"1,{customer_id},2024-01-10,10\n")
        os.utime(workshop.raw / "orders.csv", (moment, moment))
        load(workshop)
        assert orders(workshop) == [("1", customer_id)]


def test_any_sequence_of_changes_ends_in_what_loading_everything_gives(workshop: Workshop) -> None:
    """Files come, change and go, with columns and types that agree with the others' or do not."""
    rng = random.Random(1)
    columns = "select {} as order_id, timestamp '2024-01-10' as ordered_at, 10.5::decimal(9, 2) as total_amount"
    kinds = {
        "csv": lambda name, text: workshop.write(f"{name}.csv", ORDERS + f"{text},C,2024-01-10,10\n"),
        "wide": lambda name, text: workshop.write(f"{name}.csv", f"note,{ORDERS}n,{text},C,2024-01-10,10\n"),
        "empty": lambda name, _: workshop.write(f"{name}.csv", ""),
        "numbers": lambda name, text: workshop.parquet(f"{name}.parquet", columns.format(text)),
        "texts": lambda name, text: workshop.parquet(f"{name}.parquet", columns.format(f"'{text}'")),
        "gone": lambda *_: None,
    }
    workshop.write("subscriptions.csv", "subscription_id,customer_id\nS1,C1\n")
    aside = workshop.directory / "aside.duckdb"
    recorded: set[tuple] = set()
    seen = Counter()
    for step in range(10):
        for _ in range(rng.choice([0, 1, 1, 2])):
            names = sorted(path.stem for path in (workshop.raw / "orders").glob("*"))
            name = rng.choice(names) if names and rng.random() < 0.3 else f"{rng.random():.3f}"
            for path in (workshop.raw / "orders").glob(f"{name}.*"):
                path.unlink()
            kinds[rng.choices(list(kinds), [3, 1, 1, 6, 1, 2])[0]](f"orders/{name}", step)
        assert workshop.dbt(*LOADING).success
        workshop.warehouse.rename(aside)
        assert workshop.dbt(*LOADING).success
        fresh = tables_of(workshop.warehouse)
        aside.replace(workshop.warehouse)
        assert tables_of(workshop.warehouse) == fresh, step
        before, recorded = recorded, set(workshop.rows(f"from raw.{RECORD} where table_name = 'orders'"))
        seen["kept" if recorded == before else "added to" if before < recorded else "replaced"] += 1
    assert min(seen[what] for what in ("kept", "added to", "replaced")) > 1, seen


def test_hidden_files_and_read_me_are_nobodys_data(workshop: Workshop) -> None:
    """Markers, read-me files and the books that dlt keeps do not stop the build."""
    workshop.write("orders/1.csv", ORDERS + "1,C1,2024-01-10,10\n")
    of_dlt = ("init", "orders/init", "_dlt_loads/init", "_dlt_version/shop__1.jsonl", "_dlt_pipeline_state/shop__1.csv")
    for name in (".DS_Store", "_SUCCESS", "README.md", "orders/_temporary/part.csv", *of_dlt):
        workshop.write(name, "nothing\n")
    load(workshop)


def test_tables_that_somebody_brought_are_read_and_left_alone(workshop: Workshop) -> None:
    """Without RAW_DATA_DIR the raw schema is read as it stands."""
    workshop.rows("create schema raw")
    workshop.rows(
        "create table raw.orders as select 1 as \"Order_ID\", 'C1' as customer_id, date '2024-01-10' as ordered_at, "
        "12.5 as total_amount, 'kept' as note"
    )
    selection = ["+stg_shop__orders", "+stg_marketing__touchpoints"]
    result = workshop.dbt("build", "--select", *selection, "--indirect-selection", "cautious", from_files=False)
    assert result.success, result.problems
    found = workshop.rows("select order_id, total_amount, ordered_date from staging.stg_shop__orders")
    assert found == [("1", Decimal("12.50"), date(2024, 1, 10))]
    assert workshop.rows("select note from raw.orders") == [("kept",)]
    assert workshop.rows("select count(*) from staging.stg_marketing__touchpoints") == [(0,)]
    assert workshop.rows("select table_name from information_schema.tables where table_schema = 'raw'") == [("orders",)]
    assert tables_of(workshop.warehouse).keys() == {"orders"}


def test_a_brought_table_without_a_required_column_stops_the_build(workshop: Workshop) -> None:
    """The message names the table, the column and what was found."""
    workshop.rows("create schema raw")
    workshop.rows("create table raw.orders as select 1 as order_id, date '2024-01-10' as ordered_at")
    result = workshop.dbt(from_files=False)
    assert not result.success
    assert (
        "Table orders lacks the required column total_amount: the columns found are order_id, ordered_at."
        in result.problems[0]
    )


def test_dbt_started_elsewhere_loads_the_files(workshop: Workshop, tmp_path: Path) -> None:
    """The profile finds the loader whatever the current directory is, with one thread, too."""
    workshop.write("orders.csv", ORDERS + "1,C1,2024-01-10,10\n")
    settings = {
        "RAW_DATA_DIR": str(workshop.raw),
        "WAREHOUSE_PATH": str(workshop.warehouse),
        "DBT_TARGET_PATH": str(workshop.directory / "target"),
        "DBT_LOG_PATH": str(tmp_path),
        "DBT_THREADS": "1",
        "DO_NOT_TRACK": "1",
    }
    starting = "import sys; sys.path.pop(0); from dbt.cli.main import cli; cli()"
    command = [
        sys.executable,
        "-c",
        starting,
        *BASE,
        "--project-dir",
        str(PROJECT_DIR),
        "--profiles-dir",
        str(PROJECT_DIR),
    ]
    for name, is_good in (("orders.csv", True), ("order.csv", False)):
        (workshop.raw / "orders.csv").rename(workshop.raw / name)
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, **settings, "PYTHONPATH": ""},
            capture_output=True,
            text=True,
        )
        assert (done.returncode == 0) == is_good, done.stdout
        assert ("did you mean 'orders'?" in done.stdout) != is_good
        assert "Traceback" not in done.stdout + done.stderr
        assert orders(workshop) == [("1", "C1")]
        (workshop.raw / name).rename(workshop.raw / "orders.csv")


def test_a_warehouse_in_memory_is_loaded(workshop: Workshop) -> None:
    """The loader works in dbt's own database, which only dbt's connection reaches."""
    workshop.write("orders.csv", ORDERS)
    result = workshop.dbt(warehouse_path=":memory:")
    assert "neither orders nor subscriptions has a row" in result.problems[0]
    workshop.write("orders.csv", ORDERS + "1,C1,2024-01-10,10\n")
    result = workshop.dbt(warehouse_path=":memory:")
    assert result.success, result.problems


@pytest.mark.parametrize("command", ["compile", "list", "test", "parse", "show", "docs generate"])
def test_commands_that_build_nothing_load_nothing(workshop: Workshop, command: str) -> None:
    """Only commands that build look at the files."""
    workshop.write("order.csv", ORDERS)  # would stop a build
    selection = [] if command == "parse" else ["--select", "base_marketing__campaigns"]
    result = workshop.dbt(*command.split(), *selection)
    assert result.success, result.problems
    assert workshop.rows("from information_schema.tables where table_schema = 'raw'") == []


def test_the_planted_faults_of_the_demo_data_land_in_quarantine(tmp_path: Path) -> None:
    """Every planted fault is found, for its reason, and nothing else is."""
    warehouse = tmp_path / "warehouse.duckdb"
    result = run_dbt(
        ["build", "--select", "+rejected_records", "--indirect-selection", "cautious"],
        raw_data_dir=PROJECT_DIR / "seeds" / "demo",
        warehouse_path=warehouse,
        dbt_target_path=tmp_path / "target",
        dbt_log_path=tmp_path / "logs",
    )
    assert result.success, result.problems
    truth = PROJECT_DIR / "tests" / "fixtures" / "demo_truth" / "dirt.csv"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        differences = connection.execute(
            f"""
            with planted as (
                select table_name as entity, reason, count(*) as row_count
                from read_csv('{truth}', all_varchar = true) group by all
            ),
            found as (
                select entity, rejection_reason as reason, count(*) as row_count
                from quality.rejected_records group by all
            )
            select entity, reason, planted.row_count, found.row_count
            from planted full join found using (entity, reason)
            where planted.row_count is distinct from found.row_count
                and reason not in ('test_account', 'bot_traffic', 'erased', 'shared_identifier')
            """
        ).fetchall()
    assert differences == []
