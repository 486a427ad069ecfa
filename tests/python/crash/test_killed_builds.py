"""Builds that are killed at any moment, first ones and increments: the next one ends in the tables of builds left in peace.

``make test-crash`` runs it with 50 kills; it takes about as long as 35 builds of the demo. Then the same with builds that have no
space left, and with a raw file that is taken away while they run: as long as eight builds.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb
import pytest
from publishing_runs import PROJECT_DIR, counts_of, kill_at_random, start

from lifecycle_tools.publishing import CURRENT

KILLS = int(os.environ.get("LIFECYCLE_KILLS", "50"))
READERS = int(os.environ.get("LIFECYCLE_READERS", "6"))
KILLS_OF_A_BUILD = min(5, max(1, KILLS // 2))
SHARES_OF_SPACE = (0.02, 0.4, 0.8)  # of the size of the whole warehouse
MOMENTS = (0.1, 0.2, 0.6)  # of the time of a build: before a raw file is read, about then, and after
LAST_LOAD_OF_FIRST_BUILD = "2025-03-31"


@dataclass
class Shop:
    """A working file and what is published from it, built from two states of the raw data: ``first`` and ``then``."""

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def serving(self) -> Path:
        return self.folder / "serving"

    def start(self, raw: Path, most_bytes: int = resource.RLIM_INFINITY) -> subprocess.Popen:
        """Start a build, with predictions and publication, of which no file may have more than so many bytes."""
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
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
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
    (
        shop.folder / "published"
    ).mkdir()  # the second build removes what the first has published, as persons are erased with it
    for state in raw:
        shop.build(state)
        shutil.copy((shop.serving / CURRENT).resolve(), shop.folder / "published")
    return shop


def begin(shop: Shop, in_peace: Shop) -> None:
    """Publish the first build that was left in peace: the gates would not let it follow the second, which has more."""
    first = min((in_peace.folder / "published").iterdir())
    shop.serving.mkdir(exist_ok=True)
    if not (shop.serving / first.name).exists():
        shutil.copy(first, shop.serving)
    link = shop.serving / "begin"
    link.symlink_to(first.name)
    os.replace(link, shop.serving / CURRENT)
    for path in shop.folder.glob("warehouse.duckdb*"):
        path.unlink()


@contextmanager
def read_meanwhile(shop: Shop, in_peace: Shop, least: int) -> Iterator[None]:
    """Read what is published, from the beginning the first build: each of ``least`` and more readings has one whole run."""
    stop = shop.folder / "stop"
    begin(shop, in_peace)
    readers = [start("count", shop.serving / CURRENT, stop) for _ in range(READERS)]
    try:
        yield
    finally:
        stop.touch()
        seen = [json.loads(reader.communicate()[0].splitlines()[-1]) for reader in readers]
    assert [reading["problems"] for reading in seen] == [[]] * READERS
    assert min(reading["readings"] for reading in seen) > least
    assert not [path.name for path in shop.serving.iterdir() if path.name.startswith((".lifecycle", ".current"))]


def test_killed_builds_end_in_the_tables_of_builds_left_in_peace(
    raw: list[Path], in_peace: Shop, tmp_path: Path
) -> None:
    rng = random.Random(os.environ.get("LIFECYCLE_SEED", "crash"))
    shop = Shop(tmp_path)
    kills, seconds = 0, dict(in_peace.seconds)
    with read_meanwhile(shop, in_peace, KILLS):
        while kills < KILLS:
            begin(shop, in_peace)
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


def test_builds_on_a_full_disk_end_in_a_sentence_and_the_next_one_in_the_same_tables(
    raw: list[Path], in_peace: Shop, tmp_path: Path
) -> None:
    """A limit to the size of files stands for the disk: far below the size of the warehouse, in its middle, close to its end."""
    shop, whole = Shop(tmp_path), (in_peace.folder / "warehouse.duckdb").stat().st_size
    with read_meanwhile(shop, in_peace, 10):
        for state in raw:
            for share in SHARES_OF_SPACE:
                before = os.readlink(shop.serving / CURRENT)
                process = shop.start(state, int(share * whole))
                said, _ = process.communicate()
                print(f"{state.name}, {share:.0%}: {said[-600:]}", flush=True)
                assert process.returncode == 1, said
                assert "There is no space left" in said
                assert "Traceback" not in said
                assert said.endswith(
                    f"The build failed. Nothing was published: {shop.serving / CURRENT} is as it was.\n"
                )
                assert os.readlink(shop.serving / CURRENT) == before
                assert counts_of(shop.serving / CURRENT)
            shop.build(state)
        assert differences(shop.serving / CURRENT, in_peace.serving / CURRENT) == []


def test_a_source_that_is_taken_away_meanwhile_is_whole_or_said(
    raw: list[Path], in_peace: Shop, tmp_path: Path
) -> None:
    """Before it is read, while it is, and after: a build of the whole, or a sentence; with the file back, the same tables."""
    shop, moved = Shop(tmp_path), tmp_path / "moved.csv"
    with read_meanwhile(shop, in_peace, 10):
        for state in raw:
            copy = Path(shutil.copytree(state, tmp_path / "raw" / state.name))
            for share in MOMENTS:
                process = shop.start(copy)
                time.sleep(share * in_peace.seconds[state.name])
                (copy / "orders.csv").rename(moved)
                said, _ = process.communicate()
                moved.rename(copy / "orders.csv")
                print(f"{state.name}, after {share:.0%}: {process.returncode}: {said[-600:]}", flush=True)
                assert "Traceback" not in said
                assert process.returncode == 0 or "is as it was." in said.splitlines()[-1], said
                assert counts_of(shop.serving / CURRENT)
            shop.build(copy)
        assert differences(shop.serving / CURRENT, in_peace.serving / CURRENT) == []
