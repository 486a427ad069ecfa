"""Publishing on PostgreSQL: readers see one run in each transaction, and of the warehouse the published marts alone."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import duckdb
import psycopg2
import pytest

from lifecycle_tools import publishing_postgres
from lifecycle_tools.engines.postgres import Server, connect
from lifecycle_tools.publishing import CURRENT, PublishError, Run, new_run_id, publish
from lifecycle_tools.publishing_postgres import publish_postgres

MARTS = ("lifecycle_customers", "stage_funnel_daily", "stage_restatements")
KILLS = int(os.environ.get("LIFECYCLE_KILLS", "6"))
PUBLISH = """
import os, sys, time
sys.path[:0] = sys.argv[1:3]
from test_publishing_postgres import publish_run, work
number = int(time.time() * 1000)
while True:
    number += 1
    work(os.environ, number)
    publish_run(os.environ, number)
    print(number, flush=True)
"""
READ = """
import json, os, pathlib, sys
sys.path[:0] = sys.argv[1:3]
from test_publishing_postgres import problem_of
readings, problems = 0, []
print("ready", flush=True)
while not pathlib.Path(sys.argv[3]).exists():
    readings += 1
    try:
        problem = problem_of(os.environ, sys.argv[4])
    except Exception as error:
        problem = repr(error)
    problems += [problem] if problem else []
print(json.dumps({"readings": readings, "problems": problems[:20]}))
"""


@pytest.fixture
def server(engines, request: pytest.FixtureRequest) -> Server:
    """An empty database with run 1 published."""
    database = engines.server.new_database(request.node.name[:60])
    work(database.environment, 1)
    publish_run(database.environment, 1)
    return database


def work(environment, number: int) -> None:
    """Build the run ``number``: each row says of which run it is."""
    with contextlib.closing(connect(environment)) as connection, connection, connection.cursor() as cursor:
        for schema in ("staging", "intermediate", "marts", "quality"):
            cursor.execute(f"create schema if not exists {schema}")
        cursor.execute(
            "create table if not exists quality.raw_row_outcomes as select 'orders' as entity, 'default' as brand, "
            "'accepted' as outcome, null::text as rejection_reason, 7 as row_count, 'anna@example.com' as raw_row"
        )
        cursor.execute("create table if not exists staging.stg_customers as select 'anna@example.com' as email")
        for table in ("marts.lifecycle_customers", "marts.stage_funnel_daily", "intermediate.int_stage_restatements"):
            cursor.execute(f"create table if not exists {table} (run bigint, id bigint)")
            cursor.execute(f"delete from {table}")
            cursor.execute(f"insert into {table} select {number}, id from generate_series(1, 5000) as ids (id)")
        cursor.execute(
            "create or replace view marts.stage_restatements as select * from intermediate.int_stage_restatements"
        )


def publish_run(environment, number: int) -> None:
    publish_postgres(environment, MARTS, Run(new_run_id(), {"number": number}))


def problem_of(environment, isolation: str = "read committed") -> str | None:
    """What does not fit in what one transaction sees."""
    with contextlib.closing(connect(environment)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f"set transaction isolation level {isolation}")
        cursor.execute("select number from serving.publish_meta")
        (number,) = cursor.fetchone()
        for mart in MARTS:
            cursor.execute(f"select run, count(*) from serving.{mart} group by run")
            if (found := cursor.fetchall()) != [(number, 5000)]:
                return f"run {number}: {mart} has {found}"
    return None


def schemas(server: Server) -> list[str]:
    query = "select array_agg(nspname::text order by nspname) from pg_namespace where nspname like 'serving%'"
    return publishing_postgres.read_one(server.environment, query)


def child(program: str, server: Server, *arguments: object) -> subprocess.Popen:
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
    command = [sys.executable, "-c", program, *folders, *map(str, arguments)]
    environment = os.environ | server.environment
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)


def test_the_role_of_readers_sees_what_is_published_and_nothing_else(server: Server) -> None:
    with contextlib.closing(connect(server.environment)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("set role bi_reader")
        cursor.execute("select number from serving.publish_meta")
        assert cursor.fetchone() == (1,)
        cursor.execute("select count(*) from serving.stage_restatements")
        assert cursor.fetchone() == (5000,)
        cursor.execute("select * from serving.raw_row_outcomes")
        assert cursor.fetchone() == ("orders", "default", "accepted", None, 7)
        for table in ("marts.lifecycle_customers", "staging.stg_customers", "intermediate.int_stage_restatements"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(f"select * from {table}")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("delete from serving.lifecycle_customers")


def test_the_last_three_runs_stay(server: Server) -> None:
    for number in range(2, 6):
        work(server.environment, number)
        publish_run(server.environment, number)
    current, *old = schemas(server)
    assert current == "serving"
    runs = [
        publishing_postgres.read_one(server.environment, f"select number from {schema}.publish_meta") for schema in old
    ]
    assert runs == [3, 4]
    assert problem_of(server.environment) is None


def test_a_mart_that_was_not_built_stops_the_publication(server: Server) -> None:
    with pytest.raises(PublishError, match="The mart nps_monthly is not in the warehouse"):
        publish_postgres(server.environment, [*MARTS, "nps_monthly"], Run(new_run_id(), {}))
    assert schemas(server) == ["serving"]
    assert problem_of(server.environment) is None


def test_a_second_publication_says_that_one_is_running(server: Server) -> None:
    with contextlib.closing(connect(server.environment)) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [publishing_postgres.LOCK])
        with pytest.raises(PublishError, match="A publication into this database is running"):
            publish_run(server.environment, 2)
    assert problem_of(server.environment) is None


def test_a_publication_gives_up_when_a_reader_never_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing_postgres, "SECONDS_TO_WAIT", 1)
    with contextlib.closing(connect(server.environment)) as reader, reader.cursor() as cursor:
        cursor.execute("select count(*) from serving.stage_funnel_daily")
        with pytest.raises(PublishError, match="A reader has kept a transaction open for 1 s"):
            publish_run(server.environment, 2)
        cursor.execute("select number from serving.publish_meta")
        assert cursor.fetchone() == (1,)
    publish_run(server.environment, 2)
    assert publishing_postgres.read_one(server.environment, "select number from serving.publish_meta") == 2


def test_readers_see_one_run_in_each_transaction_while_publications_are_killed(server: Server, tmp_path: Path) -> None:
    rng, stop = random.Random("publishing"), tmp_path / "stop"
    readers = [child(READ, server, stop, isolation) for isolation in ("read committed", "repeatable read")]
    assert [reader.stdout.readline().strip() for reader in readers] == ["ready"] * 2
    try:
        for _ in range(KILLS):
            publisher = child(PUBLISH, server)
            assert publisher.stdout.readline().strip().isdigit(), publisher.communicate()[0]
            time.sleep(rng.uniform(0, 0.5))
            assert publisher.poll() is None, publisher.communicate()[0]
            publisher.kill()
            publisher.wait()
            _wait_for_the_lock(server)
            assert problem_of(server.environment) is None
    finally:
        stop.touch()
        said = [reader.communicate()[0].splitlines() for reader in readers]
    seen = [json.loads(lines[-1]) for lines in said]
    assert [reading["problems"] for reading in seen] == [[], []]
    assert min(reading["readings"] for reading in seen) > KILLS
    work(server.environment, 2)
    publish_run(server.environment, 2)
    assert "serving_next" not in schemas(server)


def test_a_build_publishes_what_it_publishes_on_duckdb(demo, tmp_path: Path) -> None:
    """Marts, the safe parts of quality, how fresh raw tables are, and the money in rejected rows."""
    of_marts = (
        "select table_name, (select as_of_date from staging.as_of_date) "
        "from information_schema.tables where table_schema = 'marts'"
    )
    with duckdb.connect(str(demo.duckdb_path), read_only=True) as connection:
        marts = dict(connection.execute(of_marts).fetchall())
    publish(demo.duckdb_path, tmp_path, list(marts), Run(new_run_id(), {"as_of_date": next(iter(marts.values()))}))
    published = ("publish_freshness", "publish_rejected_amounts", "publish_tables")
    with duckdb.connect(str(tmp_path / CURRENT), read_only=True) as connection:
        ours = {name: connection.execute(f"select * from {name}").fetchall() for name in published}
    theirs = {
        name: publishing_postgres.read(demo.server.environment, f"select * from serving.{name}") for name in published
    }
    ours["publish_tables"] = [row[1:] for row in ours["publish_tables"]]  # there they have two schemas
    assert {name: sorted(map(repr, rows)) for name, rows in theirs.items()} == {
        name: sorted(map(repr, rows)) for name, rows in ours.items()
    }
    assert len(ours["publish_freshness"]) > 10
    assert sum(row[-1] or 0 for row in ours["publish_rejected_amounts"]) > 0


def test_a_build_says_what_it_has_done_and_keeps_its_warnings(demo) -> None:
    ask = partial(publishing_postgres.read, demo.server.environment)
    ((run_id, count),) = ask("select run_id, warning_count from serving.publish_meta")
    warnings = ask("select source, warning from serving.publish_warnings")
    assert f": run {run_id}\n\nCustomers by stage on 2025-06-30:\n" in demo.said
    assert "build" in {source for source, _ in warnings}, "what only the build itself says"
    assert len(warnings) == count
    assert [sentence for _, sentence in warnings if f"\n  - {sentence}\n" not in demo.said] == []
    assert (
        "\nOpen:      schema serving, as a member of the role bi_reader\nAsk:       make explain TARGET=postgres CUSTOMER="
        in demo.said
    )
    ((readable,),) = ask(
        "select array_agg(nspname::text) from pg_namespace where has_schema_privilege('bi_reader', oid, 'usage')"
        " and nspname !~ '^(pg_|information_schema|public$)'"
    )
    assert readable == ["serving"]


@pytest.mark.parametrize("command", ["build", "publish"])
def test_a_second_build_says_that_one_is_running(demo, engines, command: str) -> None:
    with contextlib.closing(connect(demo.server.environment)) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [publishing_postgres.LOCK_OF_BUILDS])
        status, said = engines.command([command], demo.server)
    assert (status, said.splitlines()[0]) == (
        1,
        "A build in this database is running: wait until it is over, nothing was changed.",
    )


def test_a_build_that_fails_leaves_what_is_published(demo, engines) -> None:
    run = "select run_id from serving.publish_meta"
    before = publishing_postgres.read(demo.server.environment, run)
    status, said = engines.command(["build"], demo.server, as_of_date="someday")
    assert status == 1
    assert "someday" in said
    assert said.endswith("\nThe build failed. Nothing was published: the schema serving is as it was.\n")
    assert publishing_postgres.read(demo.server.environment, run) == before
    status, said = engines.command(["build"], demo.server, raw_data_dir="my_data")
    assert (status, said.partition(":")[0]) == (1, "On PostgreSQL a build reads the raw tables of the database")


def _wait_for_the_lock(server: Server) -> None:
    """Until the server has noticed that the killed process is gone."""
    query = f"select pg_try_advisory_xact_lock({publishing_postgres.LOCK})"
    until = time.monotonic() + 20
    while not publishing_postgres.read_one(server.environment, query):
        assert time.monotonic() < until
        time.sleep(0.05)
