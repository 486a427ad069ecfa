"""Data tests of the project held against a finished warehouse, before and after a fault is planted in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb

from lifecycle_tools.build import BuildResult

from .runs import NAME, run_dbt


def run_claims(settings: Path, warehouse: Path, *claims: str) -> BuildResult:
    """Run data tests by name on a DuckDB file; ``settings`` is the folder with the ``target`` and ``logs`` of its build."""
    return run_dbt(
        ["test", "--select", *claims],
        raw_data_dir="",
        warehouse_path=warehouse,
        as_of_date="",
        dbt_target_path=settings / "target",
        dbt_log_path=settings / "logs",
    )


def check_claims(warehouse: Path, claims: Iterable[str]) -> None:
    """Assert that every data test passes, and that each of them has run."""
    claims = list(claims)
    result = run_claims(warehouse.parent, warehouse, *claims)
    assert result.success, result.problems
    assert sum(status == "pass" for status in result.statuses.values()) == len(claims)


def check_fault(warehouse: Path, claim: str, fault: str, folder: Path) -> None:
    """Assert that the data test ``claim`` fails once the statement ``fault`` has changed a copy of the warehouse."""
    faulty = folder / NAME
    shutil.copy(warehouse, faulty)
    with duckdb.connect(str(faulty)) as connection:
        assert connection.execute(fault).fetchone()[0] > 0, "nothing was changed"
    result = run_claims(warehouse.parent, faulty, claim)
    assert not result.success
    assert any(claim in problem for problem in result.problems), result.problems
