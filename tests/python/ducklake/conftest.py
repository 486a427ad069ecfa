"""Loads, built one after the other in a DuckLake and in a DuckDB file, with a reader and a writer beside one of them."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import replace_seed
from engines.comparison import COMPARED_SCHEMAS, difference_of_files, published_tables
from iceberg.conftest import BUILD, LOADS, SEEDS, erasure, late_order
from oracle import histories
from oracle.environments import python_with
from oracle.histories import AS_OF_DATE
from oracle.raw_files import merge_raw_data, write_raw_data
from test_increments import EIGHT_DATES, cut_into_loads

from lifecycle_tools.build import PROJECT_DIR, run_dbt
from lifecycle_tools.engines.postgres import Server, connect, running_server

HERE = Path(__file__).parent
LOCK = HERE / "requirements.txt"
SESSION = HERE / "session.py"
HISTORIES = int(os.environ.get("LIFECYCLE_DUCKLAKE_HISTORIES", "30"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
ALIKE = {"FULL_REFRESH_SHARE": "1", "BUSINESS_TIME_ZONE": "Europe/Paris", "REPORTING_CURRENCY": "EUR"}
KILLED_AFTER = 100  # snapshots of a build, of which it makes more than two hundred
KILL_WITHIN = 600  # seconds


@dataclass
class Lake:
    """A lake with its catalogue on PostgreSQL, the same loads in a DuckDB file, and what was seen."""

    python: Path
    directory: Path
    server: Server
    differences: dict[str, list[str]] = field(default_factory=dict)
    tables: int = 0
    seen: dict[str, Any] = field(default_factory=dict)

    @property
    def catalog(self) -> str:
        """The catalogue, as the setting LAKE_CATALOG names it."""
        return (
            f"postgres:dbname={self.server.database} host={self.server.host} port={self.server.port} "
            f"user={self.server.user}"
        )

    @property
    def duckdb_path(self) -> Path:
        """The file to which the lake is held."""
        return self.directory / "lifecycle.duckdb"

    def load(self, name: str, raw: Mapping[str, list[dict]], as_of_date: str) -> None:
        """Build all rows so far on both, and note each published table that differs."""
        files = write_raw_data(raw, self.directory / f"raw_{name}")
        self.build(files, as_of_date)
        settings = {key.lower(): value for key, value in ALIKE.items()}
        settings |= {"raw_data_dir": files, "as_of_date": as_of_date, "warehouse_path": self.duckdb_path}
        settings |= {"dbt_target_path": self.directory / "target", "dbt_log_path": self.directory / "logs"}
        if not self.duckdb_path.exists():
            assert run_dbt(["seed"], **settings).success
            with duckdb.connect(str(self.duckdb_path)) as connection:
                for table, rows in SEEDS.items():
                    replace_seed(connection, f"staging.{table}", rows)
        result = run_dbt(BUILD, **settings)
        assert result.success, result.problems

        copies = self.directory / f"copies_{name}"
        copies.mkdir()
        self.session("copy", ",".join(COMPARED_SCHEMAS), copies).wait()
        expected = published_tables(self.duckdb_path)
        found = {tuple(path.name.split(".")[:2]) for path in copies.iterdir()}
        told = [
            difference_of_files(self.duckdb_path, [copies / f"{schema}.{table}.parquet"], schema, table, "DuckLake")
            for schema, table in expected
            if (schema, table) in found
        ]
        self.tables = len(expected)
        self.differences[name] = [text for text in told if text]
        self.differences[name] += [f"{table} on one of both" for table in sorted(set(expected) ^ found)]

    def seed(self) -> None:
        """Load the seeds, with the thresholds and time zones of the histories."""
        self._finish(self.dbt("seed"))
        with duckdb.connect() as here:
            for table, rows in SEEDS.items():
                project_seed = next((PROJECT_DIR / "seeds").rglob(f"{table}.csv"))
                here.execute(
                    f"create schema if not exists staging; create table staging.{table} as from '{project_seed}'"
                )
                replace_seed(here, f"staging.{table}", rows)
                here.execute(f"copy staging.{table} to '{self.directory / table}.parquet' (format parquet)")
                self.session("fill", f"staging.{table}", self.directory / f"{table}.parquet").wait()

    def build(self, files: Path, as_of_date: str) -> None:
        """Build raw data in the lake."""
        self._finish(self.dbt(*BUILD, RAW_DATA_DIR=str(files), AS_OF_DATE=as_of_date))

    def dbt(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """Start dbt on the target of the profile, as docs/engines.md says."""
        command = [self.python.parent / "dbt", "--no-use-colors", *arguments, "--target", "ducklake"]
        paths = {"DBT_TARGET_PATH": str(self.directory / "lake_target"), "DBT_LOG_PATH": str(self.directory / "logs")}
        lake = {"LAKE_CATALOG": self.catalog, "LAKE_DATA_PATH": f"{self.directory / 'files'}/"}
        return self._start(command, ALIKE | paths | lake | {"RAW_DATA_DIR": "", "AS_OF_DATE": ""} | settings)

    def session(self, action: str, *arguments: str | Path, snapshot: int | None = None) -> subprocess.Popen[str]:
        """Start a session of its own in the lake, at a snapshot if one is named."""
        options = "" if snapshot is None else f" (snapshot_version {snapshot})"
        attach = f"attach 'ducklake:{self.catalog}' as lake{options}"
        return self._start([self.python, SESSION, action, attach, *arguments], {})

    def last_snapshot(self) -> int:
        """Number of the last change of the lake."""
        with contextlib.closing(connect(self.server.environment)) as connection, connection.cursor() as cursor:
            cursor.execute("select max(snapshot_id) from ducklake_snapshot")
            return cursor.fetchone()[0]

    def build_until_killed(self, files: Path, as_of_date: str) -> None:
        """Begin a build and kill it in its middle."""
        before, deadline = self.last_snapshot(), time.monotonic() + KILL_WITHIN
        running = self.dbt(*BUILD, RAW_DATA_DIR=str(files), AS_OF_DATE=as_of_date)
        while self.last_snapshot() < before + KILLED_AFTER:
            assert running.poll() is None, running.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()

    def _start(self, command: list[Any], settings: Mapping[str, str]) -> subprocess.Popen[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("RAW_", "DBT_"))}
        own |= {"HOME": str(self.directory), "DBT_PROFILES_DIR": str(PROJECT_DIR), "DO_NOT_TRACK": "1", **settings}
        return subprocess.Popen(
            command, env=own, cwd=PROJECT_DIR, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def _finish(self, running: subprocess.Popen[str]) -> None:
        said, _ = running.communicate()
        assert running.returncode == 0, said


def _with_extensions(python: Path, home: Path) -> None:
    """Put the extensions of the environment where DuckDB looks for them."""
    for file in python.parents[1].rglob("*.duckdb_extension"):
        folder = home / ".duckdb" / "extensions" / file.parent.name / "linux_amd64"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Three loads: most rows; all, with a killed build first; one order late, with two readers and a writer beside it."""
    directory = tmp_path_factory.mktemp("lake")
    python = python_with(LOCK, "ducklake")
    _with_extensions(python, directory)
    parts = cut_into_loads(
        merge_raw_data(histories.random_histories(SEED, HISTORIES)), random.Random(SEED), len(EIGHT_DATES)
    )
    everything = merge_raw_data(parts)
    then = merge_raw_data([everything, erasure(everything)])
    last = merge_raw_data([then, late_order(then)])
    with running_server("lake") as server:
        lake = Lake(python, directory, server)
        lake.seed()
        lake.load(LOADS[0], merge_raw_data(parts[:5]), (AS_OF_DATE - timedelta(days=20)).isoformat())
        lake.build_until_killed(write_raw_data(then, directory / "raw_killed"), AS_OF_DATE.isoformat())
        lake.load(LOADS[1], then, AS_OF_DATE.isoformat())
        finished = lake.last_snapshot()
        stop = directory / "stop"
        beside = {
            "reader": lake.session("read", stop, directory / "reader.json"),
            "reader of the run before": lake.session("read", stop, directory / "before.json", snapshot=finished),
            "writer": lake.session("write", stop, directory / "writer.json"),
        }
        lake.load(LOADS[2], last, (AS_OF_DATE + timedelta(days=1)).isoformat())
        stop.touch()
        for name, running in beside.items():
            said, _ = running.communicate(timeout=120)
            lake.seen[name] = said if running.returncode else None
        for name in ("reader", "before", "writer"):
            lake.seen[f"{name}.json"] = json.loads((directory / f"{name}.json").read_text())
        yield lake
