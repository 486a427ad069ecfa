"""The demo on the next dbt-core, 1.12: it builds, passes every data test and publishes what the project's own dbt publishes.

dbt-core 1.12 names among its needs a second parser, dbt-core-experimental-parser, which downloads a binary while it is being
installed. It is used on request alone (--use-v2-parser), hence neither in the lock file nor installed.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import duckdb
import pytest
from oracle.environments import differences, python_with
from oracle.runs import NAME
from oracle.runs import demo as demo_in

from lifecycle_tools.build import PROJECT_DIR

LOCK = Path(__file__).parent / "requirements.txt"
LEFT_OUT = ("dbt-core-experimental-parser",)
SCHEMAS = ("marts", "quality")


@pytest.fixture(scope="module")
def python() -> Path:
    """The Python of the environment with the next dbt-core, made if need be."""
    return python_with(LOCK, "dbt_next", LEFT_OUT)


@pytest.fixture(scope="module")
def said(python: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a build with all data tests, and what dbt said."""
    directory = tmp_path_factory.mktemp("dbt_next")
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("RAW_", "DBT_"))}
    settings |= {
        "AS_OF_DATE": "",
        "BUSINESS_TIME_ZONE": "UTC",
        "DBT_LOG_PATH": str(directory / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(directory / "target"),
        "DO_NOT_TRACK": "1",
        "RAW_DATA_DIR": str(PROJECT_DIR / "seeds" / "demo"),
        "REPORTING_CURRENCY": "EUR",
        "WAREHOUSE_PATH": str(directory / NAME),
    }
    command = [python.parent / "dbt", "--no-use-colors", "build", "--exclude-resource-type", "unit_test"]
    finished = subprocess.run(
        [*command, "--show-all-deprecations"], env=settings, cwd=directory, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return directory, finished.stdout


def test_the_environment_is_that_of_the_lock_file(python: Path) -> None:
    assert not (different := differences(LOCK, python)), different


def test_the_demo_passes_every_data_test_without_a_warning(said: tuple[Path, str]) -> None:
    _, output = said
    assert "Running with dbt=1.12." in output
    assert "Completed successfully" in output
    assert "deprecat" not in output.lower(), output
    assert " WARN=0 ERROR=0 " in output


def test_it_publishes_what_our_own_dbt_publishes(said: tuple[Path, str], tmp_path: Path) -> None:
    next_one, ours = said[0] / NAME, demo_in(tmp_path, "UTC")
    tables: dict[Path, dict[str, list]] = {}
    for path in (next_one, ours):
        with duckdb.connect(str(path), read_only=True) as connection:
            names = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables "
                "where table_schema in ? order by all",
                [list(SCHEMAS)],
            ).fetchall()
            tables[path] = {
                name: connection.execute(f"select * from {name} order by all").fetchall() for (name,) in names
            }
    assert len(tables[ours]) > 50
    assert tables[next_one].keys() == tables[ours].keys()
    assert not [name for name, rows in tables[ours].items() if rows != tables[next_one][name]]
