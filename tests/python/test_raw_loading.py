"""What loading makes of a directory of files, or of tables that somebody else brought."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from lifecycle_tools.build import BuildResult, run_dbt

ORDERS = "order_id,customer_id,ordered_at,total_amount\n"
BASE = ["run", "--select", "base_marketing__campaigns"]


class Workshop:
    """A raw directory and a warehouse that are built again and again."""

    def __init__(self, directory: Path) -> None:
        """Keep everything below ``directory``, the parsed project too, which saves most of the time."""
        self.raw = directory / "raw"
        self.warehouse = directory / "warehouse.duckdb"
        self.directory = directory

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

    def parquet(self, name: str, query: str) -> None:
        """Write the result of a query as one raw Parquet file."""
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"copy ({query}) to '{str(path).replace(chr(39), chr(39) * 2)}' (format parquet)")

    def dbt(self, *arguments: str, from_files: bool = True) -> BuildResult:
        """Run dbt on the warehouse."""
        return run_dbt(
            arguments or BASE,
            raw_data_dir=self.raw if from_files else "",
            warehouse_path=self.warehouse,
            dbt_target_path=self.directory / "target",
            dbt_log_path=self.directory / "logs",
        )

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


def load(workshop: Workshop) -> None:
    """Load the files; fails with dbt's problems."""
    result = workshop.dbt()
    assert result.success, result.problems


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
    columns = workshop.rows("select column_name, data_type from information_schema.columns where table_schema = 'raw'")
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
    assert workshop.rows("select table_name from information_schema.tables where table_schema = 'raw'") == [("orders",)]


def test_hidden_files_and_read_me_are_nobodys_data(workshop: Workshop) -> None:
    """Markers and read-me files do not stop the build."""
    workshop.write("orders.csv", ORDERS + "1,C1,2024-01-10,10\n")
    for name in (".DS_Store", "_SUCCESS", "README.md", "orders/_temporary/part.csv"):
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


@pytest.mark.parametrize("command", ["compile", "list", "test", "parse"])
def test_commands_that_build_nothing_load_nothing(workshop: Workshop, command: str) -> None:
    """Only commands that build look at the files."""
    workshop.write("order.csv", ORDERS)  # would stop a build
    selection = [] if command == "parse" else ["--select", "base_marketing__campaigns"]
    result = workshop.dbt(command, *selection)
    assert result.success, result.problems


def test_the_planted_faults_of_the_demo_data_land_in_quarantine(tmp_path: Path) -> None:
    """Every planted fault is found, for its reason, and nothing else is."""
    from lifecycle_tools.build import PROJECT_DIR

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
