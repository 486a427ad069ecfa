"""Builds that are killed at any moment, first ones and increments: the next one ends in the tables of builds left in peace.

``make test-crash`` runs it with 50 kills; it takes about as long as 35 builds of the demo.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from publishing_runs import PROJECT_DIR, counts_of, kill_at_random, start

from lifecycle_tools.publishing import CURRENT

KILLS = int(os.environ.get("LIFECYCLE_KILLS", "50"))
READERS = int(os.environ.get("LIFECYCLE_READERS", "6"))
KILLS_OF_A_BUILD = min(5, max(1, KILLS // 2))
LAST_LOAD_OF_FIRST_BUILD = "2025-03-31"


@dataclass
class Shop:
    """A working file and what is published from it, built from two states of the raw data: ``first`` and ``then``."""

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def serving(self) -> Path:
        return self.folder / "serving"

    def start(self, raw: Path) -> subprocess.Popen:
        """Start a build, with predictions and publication."""
        settings = {
            "RAW_DATA_DIR": raw,
            "WAREHOUSE_PATH": self.folder / "warehouse.duckdb",
            "SERVING_DIR": self.serving,
            "IDENTITY_SALT": "pepper",  # the same ids in all folders, which are compared
            "DBT_TARGET_PATH": self.folder / "target",
            "DBT_LOG_PATH": self.folder / "logs",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "lifecycle_tools", "build"],
            cwd=PROJECT_DIR, env=os.environ | {name: str(value) for name, value in settings.items()},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def build(self, raw: Path) -> None:
        """Build to the end."""
        started = time.monotonic()
        process = self.start(raw)
        said, _ = process.communicate()
        assert process.returncode == 0, said
        self.seconds[raw.name] = time.monotonic() - started


def write_raw(folder: Path) -> list[Path]:
    """The demo as it was known on a day, and all of it."""
    folders = [folder / "first", folder / "then"]
    for state in folders:
        state.mkdir()
    with duckdb.connect() as connection:
        for path in sorted((PROJECT_DIR / "seeds" / "demo").glob("*.csv")):
            text = f"read_csv('{path}', all_varchar = true, header = true)"
            known = f"loaded_at is null or loaded_at <= '{LAST_LOAD_OF_FIRST_BUILD}'"
            for state, condition in zip(folders, (known, "true"), strict=True):
                connection.execute(f"copy (from {text} where {condition}) to '{state / path.name}' (header)")
    return folders


def differences(found: Path, expected: Path) -> list[str]:
    """Tables of two published files whose rows differ."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{found}' as found (read_only); attach '{expected}' as expected (read_only)")
        tables = "select table_schema, table_name from {}.publish_tables order by all"
        names = connection.execute(tables.format("expected")).fetchall()
        if connection.execute(tables.format("found")).fetchall() != names:
            return ["publish_tables"]
        query = "select count(*) from (select * from {0} except all select * from {1})"
        different = []
        for schema, table in names:
            pair = [f"found.{schema}.{table}", f"expected.{schema}.{table}"]
            extra, missing = (connection.execute(query.format(*order)).fetchone()[0] for order in (pair, pair[::-1]))
            if extra or missing:
                different.append(f"{schema}.{table}: {extra} rows that should not be, {missing} missing")
        return different


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_raw(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def in_peace(raw: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Both builds, not interrupted."""
    shop = Shop(tmp_path_factory.mktemp("in_peace"))
    for state in raw:
        shop.build(state)
    return shop


def test_killed_builds_end_in_the_tables_of_builds_left_in_peace(
    raw: list[Path], in_peace: Shop, tmp_path: Path
) -> None:
    rng = random.Random(os.environ.get("LIFECYCLE_SEED", "crash"))
    shop = Shop(tmp_path)
    stop, kills, seconds = tmp_path / "stop", 0, dict(in_peace.seconds)
    shutil.copytree(in_peace.serving, shop.serving, symlinks=True)  # so that readers have something from the beginning
    readers = [start("count", shop.serving / CURRENT, stop) for _ in range(READERS)]
    try:
        while kills < KILLS:
            for path in tmp_path.glob("warehouse.duckdb*"):
                path.unlink()
            for state in raw:
                killed = 0
                while killed < min(KILLS_OF_A_BUILD, KILLS - kills):
                    before, started = os.readlink(shop.serving / CURRENT), time.monotonic()
                    if kill_at_random(shop.start(state), rng, 0.9 * seconds[state.name]):
                        killed += 1
                    else:  # the machine is faster than it was
                        seconds[state.name] = time.monotonic() - started
                    moved = os.readlink(shop.serving / CURRENT) != before
                    print(f"{state.name}: {killed} killed; {'published' if moved else 'not published'}", flush=True)
                    assert counts_of(shop.serving / CURRENT)
                kills += killed
                shop.build(state)
            assert differences(shop.serving / CURRENT, in_peace.serving / CURRENT) == []
    finally:
        stop.touch()
        seen = [json.loads(reader.communicate()[0].splitlines()[-1]) for reader in readers]
    assert [reading["problems"] for reading in seen] == [[]] * READERS
    assert min(reading["readings"] for reading in seen) > KILLS
    assert not [path.name for path in shop.serving.iterdir() if path.name.startswith((".lifecycle", ".current"))]
