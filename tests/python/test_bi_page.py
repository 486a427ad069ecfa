"""docs/bi.md does what it says on the published demo: the notebook runs, the trap is one, the columns that it lists are there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle.boards import published_demo

from dev.metric_list import BI_PAGE

TEXT = BI_PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another file than the demo's, when LIFECYCLE_BOARD_OF names one."""
    named = os.environ.get("LIFECYCLE_BOARD_OF")
    return Path(named).resolve() if named else published_demo(tmp_path_factory.mktemp("bi"))


def block(language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.S)
    return code


def test_the_notebook_runs(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "current.duckdb").symlink_to(published)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(block("python"), found)
    assert sum(customers for _, customers in found["stages"]) > 0
    assert found["run"][2] == "EUR"


def test_the_sum_over_days_is_as_wrong_as_the_page_says(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        wrong, correct = connection.execute(block("sql")).fetchone()
    assert f"| wrong | correct |\n|---|---|\n| {wrong} | {correct} |\n" in TEXT


def test_the_columns_of_the_page_are_published(published: Path) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`.*?`) \| `(\w+)` \|$", TEXT, flags=re.M)
    assert len(rows) >= 8
    with duckdb.connect(str(published), read_only=True) as connection:
        for mart, columns, date in rows:
            there = {name for name, *_ in connection.execute(f"describe marts.{mart}").fetchall()}
            assert {date, *re.findall(r"`(\w+)`", columns)} <= there
