"""One PostgreSQL server for all tests of this folder, stopped at their end; the same raw data on it and on DuckDB."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest

from lifecycle_tools.__main__ import main
from lifecycle_tools.build import NO_TESTS, NO_UNIT_TESTS, PROJECT_DIR, run_dbt
from lifecycle_tools.engines.postgres import Server, connect, copy_raw_tables, running_server
from lifecycle_tools.engines.raw_files import raw_warehouse

# The same moment for both engines: rows that lie after the build's start are rejected.
BUILD_STARTED_AT = "2030-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Engines:
    """dbt on either engine; ``directory`` keeps the parsed projects: only the first call of each parses all."""

    server: Server
    directory: Path

    def run(self, engine: str, arguments: Sequence[str], **settings: Any) -> None:
        """Run dbt on ``engine``; fails the test with dbt's own problems."""
        result = run_dbt([*arguments, "--target", engine], **self.settings_of_every_run(engine) | settings)
        if not result.success:
            pytest.fail(f"dbt {' '.join(arguments)} on {engine}:\n" + "\n".join(result.problems), pytrace=False)

    def command(self, arguments: Sequence[str], server: Server, **settings: Any) -> tuple[int, str]:
        """Run a command of ``lifecycle_tools`` on PostgreSQL; its exit status, and what it has said."""
        said = io.StringIO()
        environment = self.settings_of_every_run("postgres") | self.postgres_settings(server) | settings
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            for name, value in environment.items():
                patch.setenv(name.upper(), str(value))
            status = main([*arguments, "--target", "postgres"])
        return status, said.getvalue()

    def settings_of_every_run(self, engine: str) -> dict[str, Any]:
        """Return the settings that do not depend on what is built."""
        return {
            "dbt_target_path": self.directory / f"target_{engine}",
            "dbt_log_path": self.directory / f"logs_{engine}",
            "build_started_at": BUILD_STARTED_AT,
            "business_time_zone": "UTC",
            "as_of_date": "",
        }

    def query(self, engine: str, query: str, directory: Path) -> list[tuple]:
        """Return the rows of a query with calls of the project's macros, as dbt renders it for ``engine``."""
        from dbt.cli.main import dbtRunner

        settings = self.duckdb_settings(f"query_{directory.name}", Path()) if engine == "duckdb" else {}
        settings |= {"raw_data_dir": "", "dbt_target_path": self.directory / f"target_{engine}"}
        settings |= {"dbt_project_dir": PROJECT_DIR, "dbt_profiles_dir": PROJECT_DIR, **self.server.environment}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name.upper(), str(value))
            arguments = ["--log-level", "none", "show", "--target", engine, "--limit", "-1", "--inline", query]
            result = dbtRunner().invoke(arguments)
        if not result.success:
            problems = [
                str(result.exception),
                *(node.message for node in getattr(result.result, "results", None) or []),
            ]
            pytest.fail(f"query on {engine}: {problems}", pytrace=False)
        return [tuple(row) for row in result.result.results[0].agate_table.rows]

    def duckdb_settings(self, name: str, raw_data_dir: Path) -> dict[str, Any]:
        """Return the settings of a build on DuckDB."""
        return {"raw_data_dir": raw_data_dir, "warehouse_path": self.directory / f"{name}.duckdb"}

    def postgres_settings(self, server: Server) -> dict[str, Any]:
        """Return the settings of a build on PostgreSQL, whose raw tables are there already."""
        return {"raw_data_dir": "", "warehouse_path": "", **server.environment}


@dataclass(frozen=True)
class Pair:
    """The same raw data, built on both engines."""

    duckdb_path: Path
    server: Server
    said: str = ""  # by the build on PostgreSQL


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Keep a running server and room for DuckDB files."""
    with running_server() as server:
        yield Engines(server, tmp_path_factory.mktemp("engines"))


@pytest.fixture(scope="session")
def demo(engines: Engines) -> Pair:
    """Build the demo data, and on PostgreSQL publish it with every test; on DuckDB without (``make demo`` runs them there)."""
    raw_data_dir = PROJECT_DIR / "seeds" / "demo"
    server = engines.server.new_database("demo")
    with raw_warehouse(raw_data_dir, engines.directory / "target_duckdb") as warehouse:
        copy_raw_tables(warehouse, server.environment)
    duckdb_settings = engines.duckdb_settings("demo", raw_data_dir)
    engines.run("duckdb", ["build", *NO_TESTS], **duckdb_settings)
    status, said = engines.command(["build", "--without-predictions"], server)
    assert status == 0, said
    engines.run("postgres", ["test", "--select", "test_type:unit"], **engines.postgres_settings(server))
    return Pair(duckdb_settings["warehouse_path"], server, said)


@pytest.fixture(scope="session")
def build_loads(engines: Engines) -> Callable[..., Pair]:
    """Build several loads one after the other on both engines: ``build_loads(name, loads, seeds)``.

    ``loads``: raw data and as-of date of each. ``seeds`` (table -> rows) replace the rows of seeds, as in ``Builder.build``.
    On PostgreSQL, what stands there in the end passes every data test.
    """

    def build(name: str, loads: Sequence[tuple[Path, str]], seeds: Mapping[str, Sequence[Mapping[str, Any]]]) -> Pair:
        duckdb_settings = engines.duckdb_settings(name, loads[0][0])
        path = duckdb_settings["warehouse_path"]
        engines.run("duckdb", ["seed"], **duckdb_settings)
        with duckdb.connect(str(path)) as connection:
            _replace_seeds(connection, seeds, "?")
        server = engines.server.new_database(name)
        postgres_settings = engines.postgres_settings(server)
        engines.run("postgres", ["seed"], **postgres_settings)
        with contextlib.closing(connect(server.environment)) as connection, connection, connection.cursor() as cursor:
            _replace_seeds(cursor, seeds, "%s")
        for raw_data_dir, as_of_date in loads:
            engines.run("duckdb", ["run"], **duckdb_settings | {"raw_data_dir": raw_data_dir, "as_of_date": as_of_date})
            copy_raw_tables(path, server.environment)
            engines.run("postgres", ["run"], **postgres_settings | {"as_of_date": as_of_date})
        engines.run("postgres", ["test", *NO_UNIT_TESTS], **postgres_settings | {"as_of_date": loads[-1][1]})
        return Pair(path, server)

    return build


def _replace_seeds(
    cursor: duckdb.DuckDBPyConnection | psycopg2.extensions.cursor,
    seeds: Mapping[str, Sequence[Mapping[str, Any]]],
    mark: str,
) -> None:
    for table, rows in seeds.items():
        cursor.execute(f"delete from staging.{table}")
        for row in rows:
            marks = ", ".join(mark for _ in row)
            cursor.execute(f"insert into staging.{table} ({', '.join(row)}) values ({marks})", list(row.values()))
