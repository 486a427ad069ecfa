"""Working files of known content, and processes that publish, read and are killed, for the tests of publishing.

Each table of such a file says of each row which run it is of, so that a reading of two runs shows.
As a program: ``publish <warehouse> <serving>`` publishes one run after the other, ``read <current> <stop file>`` reads until
the stop file is there, and prints what it saw as JSON; ``count`` does so with files of real builds.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import duckdb

PROJECT_DIR = Path(__file__).resolve().parents[2]
if str(PROJECT_DIR) not in sys.path:
    sys.path.insert(0, str(PROJECT_DIR))

from lifecycle_tools.publishing import Run, new_run_id, publish  # noqa: E402

MARTS = ("lifecycle_customers", "stage_funnel_daily", "stage_restatements")
ROWS = 150_000


def work(warehouse: Path, number: int, rows: int = ROWS) -> None:
    """Build the run ``number`` into a working file: two marts, one that is a view, and a quarantine."""
    with duckdb.connect(str(warehouse)) as connection:
        for schema in ("staging", "intermediate", "marts", "quality"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute("create or replace table staging.as_of_date as select date '2024-06-30' as as_of_date")
        connection.execute("create or replace table staging.stg_customers as select 'anna@example.com' as email")
        for table in ("marts.lifecycle_customers", "marts.stage_funnel_daily", "intermediate.int_stage_restatements"):
            connection.execute(
                f"create or replace table {table} as select {number} as run, range as id, md5(range::varchar) as name "
                f"from range({rows})"
            )
        connection.execute(
            "create or replace view marts.stage_restatements as select * from intermediate.int_stage_restatements"
        )
        connection.execute(
            f"create or replace table quality.rejected_records as select 'orders' as entity, 'default' as brand, "
            f"'anna@example.com' as record_key, 'erased' as rejection_reason, '{{\"email\": \"anna@example.com\"}}' as raw_row, "
            f"null::date as main_date, null::timestamp as loaded_at, {number} as run from range(3)"
        )


def publish_run(warehouse: Path, serving: Path, number: int, **options: int) -> Path:
    """Publish what ``work`` has built."""
    return publish(warehouse, serving, MARTS, Run(new_run_id(), {"number": number}), **options)


def problem_of(path: Path) -> str | None:
    """What is wrong with a published file: rows of another run than its own, or fewer than it says."""
    with duckdb.connect(str(path), read_only=True) as connection:
        ((number,),) = connection.execute("select number from publish_meta").fetchall()
        said = connection.execute("select table_schema || '.' || table_name, row_count from publish_tables").fetchall()
        if {table for table, _ in said} != {*(f"marts.{mart}" for mart in MARTS), "quality.rejected_records"}:
            return f"tables {said}"
        for mart in MARTS:
            found = connection.execute(f"select run, count(*) from marts.{mart} group by run").fetchall()
            if found != [(number, dict(said)[f"marts.{mart}"])]:
                return f"run {number}: {mart} has {found}"
    return None


def counts_of(path: Path) -> dict[str, int]:
    """Rows of each table of a published file, which must be what the file says of itself."""
    with duckdb.connect(str(path), read_only=True) as connection:
        said = connection.execute("select table_schema || '.' || table_name, row_count from publish_tables").fetchall()
        ((total,),) = connection.execute("select row_count from publish_meta").fetchall()
        found = {table: connection.execute(f"select count(*) from {table}").fetchone()[0] for table, _ in said}
    assert found == dict(said), f"{path} says {said} and has {found}"
    assert sum(found.values()) == total
    return found


def start(*arguments: object) -> subprocess.Popen:
    """Start this file as a program."""
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def kill_at_random(process: subprocess.Popen, rng: random.Random, longest: float) -> bool:
    """Send SIGKILL within ``longest`` seconds; whether that came before the process ended by itself, without a fault."""
    with suppress(subprocess.TimeoutExpired):
        said, _ = process.communicate(timeout=rng.uniform(0, longest))
        assert process.returncode == 0, said
        return False
    process.kill()
    process.communicate()
    return True


def _publish_on_and_on(warehouse: Path, serving: Path) -> None:
    number = int(time.time() * 1000)
    while True:
        number += 1
        work(warehouse, number)
        publish_run(warehouse, serving, number)
        print(number, flush=True)


def _read_on_and_on(problem_of: Callable[[Path], object], current: Path, stop: Path) -> None:
    readings, problems = 0, []
    print("ready", flush=True)
    while not stop.exists():
        try:
            problem = problem_of(current)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        readings += 1
        time.sleep(0.02)  # for the other processes of a small machine
        if problem:
            problems.append(problem)
    print(json.dumps({"readings": readings, "problems": problems[:20]}))


if __name__ == "__main__":
    command, *paths = sys.argv[1:]
    programs = {
        "publish": _publish_on_and_on,
        "read": partial(_read_on_and_on, problem_of),
        "count": partial(_read_on_and_on, lambda path: None if counts_of(path) else "no tables"),
    }
    programs[command](*map(Path, paths))
