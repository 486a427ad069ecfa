"""The commands of lifecycle_tools.engines as docs/engines.md has them: files loaded into a server, or written as Parquet."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import duckdb
import pytest

from lifecycle_tools.engines import __main__ as command
from lifecycle_tools.engines.postgres import running_server
from lifecycle_tools.engines.raw_files import raw_warehouse

ORDERS = "order_id,customer_id,ordered_at,total_amount\n1,anna,2025-01-10,40.00\n2,ben,2025-01-11,5.00\n"
ROWS = "psql --no-align --tuples-only --command 'select customer_id from {}.orders order by 1'"


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of dbt's for this file, so that the project is read in full once."""
    return tmp_path_factory.mktemp("parsed")


@pytest.fixture
def orders(tmp_path: Path, parsed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of raw files: two orders."""
    monkeypatch.setattr(command, "raw_warehouse", partial(raw_warehouse, dbt_target_path=parsed))
    monkeypatch.delenv("RAW_SCHEMA", raising=False)
    (tmp_path / "orders.csv").write_text(ORDERS)
    return tmp_path


def test_files_are_loaded_into_a_server(orders: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Before the command that runs beside the server for a moment."""
    assert command.main(["postgres", "--load", str(orders), "--run", ROWS.format("raw")]) == 0
    said = capfd.readouterr().out
    assert "Copied 2 rows into 1 tables of schema raw." in said
    assert "anna\nben\n" in said


def test_files_are_loaded_into_a_schema_of_another_name(orders: Path, monkeypatch: pytest.MonkeyPatch, capfd) -> None:
    with running_server() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        assert command.main(["load", str(orders), "--schema", "webshop"]) == 0
        assert "Copied 2 rows into 1 tables of schema webshop." in capfd.readouterr().out
        assert command.main(["postgres", "--run", "exit 3"]) == 3


def test_files_are_written_as_parquet(orders: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert command.main(["parquet", str(orders), "--to", str(orders / "out")]) == 0
    assert "Wrote 2 rows of 1 tables" in capfd.readouterr().out
    rows = duckdb.sql(f"select customer_id from '{orders}/out/orders/*.parquet' order by 1").fetchall()
    assert rows == [("anna",), ("ben",)]


def test_files_that_cannot_be_read_are_told_in_one_sentence(orders: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (orders / "orders.csv").rename(orders / "order.csv")
    assert command.main(["parquet", str(orders), "--to", str(orders / "out")]) == 1
    assert "did you mean 'orders'?" in capfd.readouterr().err
