"""Each macro of macros/cross_db and macros/metrics on each engine, case by case, and the rules that those files keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.macro_cases import MACRO_CASES, query_of_all_cases, query_of_all_cells, wrong_cases, wrong_cells
from lifecycle_tools.build import PROJECT_DIR

MACRO_DIRS = (PROJECT_DIR / "macros" / "cross_db", PROJECT_DIR / "macros" / "metrics")


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_every_case(engine: str, engines, tmp_path: Path) -> None:
    """Each macro gives what its cases say."""
    wrong = wrong_cases(engines.query(engine, query_of_all_cases(), tmp_path))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_every_cell_is_read_alike(engine: str, engines, tmp_path: Path) -> None:
    """What is written in raw data is read as on every other engine, or refused as there."""
    wrong = wrong_cells(engines.query(engine, query_of_all_cells(), tmp_path))
    assert not wrong, "\n".join(wrong)


def test_every_file_has_cases_and_a_header_with_an_example() -> None:
    """A macro that differs by engine and is tested on none would be found out by its users."""
    files = {path.stem: path.read_text() for folder in MACRO_DIRS for path in folder.glob("*.sql")}
    assert set(files) == set(MACRO_CASES)
    without = [name for name, text in files.items() if not text.startswith("{#") or "->" not in text.split("#}")[0]]
    assert not without, f"no header with input -> output: {without}"


def test_a_database_of_another_collation_is_warned_of(engines) -> None:
    """Where texts are not compared by bytes, ties may fall otherwise: the build says so before anything else."""
    server = engines.server.new_database("english", "locale_provider icu icu_locale 'en-US'")
    settings = engines.postgres_settings(server)
    with pytest.raises(pytest.fail.Exception, match="has the collation"):
        engines.run("postgres", ["--warn-error", "run", "--select", "as_of_date"], **settings)
    with pytest.raises(pytest.fail.Exception, match="nothing to build from"):
        engines.run("postgres", ["run", "--select", "as_of_date"], **settings)
