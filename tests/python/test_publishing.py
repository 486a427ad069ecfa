"""Publishing: whole or not at all, for every reader, whatever ends a run. ``make test-crash`` kills more and real builds too."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pytest
from publishing_runs import MARTS, PROJECT_DIR, kill_at_random, problem_of, publish_run, start, work

from lifecycle_tools import outcomes
from lifecycle_tools.build import run_dbt
from lifecycle_tools.commands import build
from lifecycle_tools.commands.expectations import reader_of
from lifecycle_tools.commands.publish import Warnings, audit
from lifecycle_tools.publishing import (
    CURRENT,
    DEMO_DATA,
    PublishError,
    Run,
    compared_run,
    dbt_settings,
    new_run_id,
    only_build,
    prepare_serving,
    publish,
)

KILLS = int(os.environ.get("LIFECYCLE_KILLS", "4"))
READERS = int(os.environ.get("LIFECYCLE_READERS", "2"))
FEW = 100


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    work(tmp_path / "warehouse.duckdb", 1, rows=FEW)
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def serving(warehouse: Path) -> Path:
    """The directory of published files, run 1 published."""
    publish_run(warehouse, warehouse.parent / "serving", 1)
    return warehouse.parent / "serving"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of dbt's own for this file, so that the project is read in full once."""
    folder = tmp_path_factory.mktemp("dbt")
    return {"dbt_target_path": str(folder / "target"), "dbt_log_path": str(folder / "logs")}


def files(serving: Path) -> set[str]:
    return {path.name for path in serving.iterdir()} - {".lock"}


def rows(path: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_each_warehouse_has_a_target_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``mf query`` reads what dbt left of the project's own warehouse, whatever is built elsewhere meanwhile."""
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    own, other = PROJECT_DIR / "warehouse.duckdb", tmp_path / "shop.duckdb"
    assert dbt_settings(own) == {"warehouse_path": own}
    assert dbt_settings(other) == {"warehouse_path": other, "dbt_target_path": tmp_path / "shop.target"}
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "named"))
    assert dbt_settings(other) == {"warehouse_path": other}


def test_marts_are_published_as_tables_and_quality_without_keys_and_rows(serving: Path) -> None:
    tables = rows(serving / CURRENT, "select table_schema, table_name, table_type from information_schema.tables")
    assert set(tables) == {
        *(("marts", mart, "BASE TABLE") for mart in MARTS),
        ("quality", "rejected_records", "BASE TABLE"),
        *(("main", f"publish_{table}", "BASE TABLE") for table in ("meta", "tables", "warnings")),
        *(("main", f"publish_{table}", "BASE TABLE") for table in ("freshness", "rejected_amounts")),
    }
    columns = [row[0] for row in rows(serving / CURRENT, "describe quality.rejected_records")]
    assert columns == ["entity", "brand", "rejection_reason", "main_date", "loaded_at"]
    assert problem_of(serving / CURRENT) is None


def test_no_byte_of_a_quarantined_row_is_in_the_published_file(serving: Path, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("checkpoint")
    assert b"example.com" in warehouse.read_bytes()
    assert b"example.com" not in (serving / CURRENT).read_bytes()


def test_the_published_file_is_readable_by_older_releases_and_by_itself(serving: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{serving / CURRENT}' as published (read_only)")
        (tags,) = connection.execute("select tags from duckdb_databases() where database_name = 'published'").fetchone()
    assert tags["storage_version"].startswith("v1.4.0")
    name = os.readlink(serving / CURRENT)
    assert "/" not in name, "the directory may be moved"
    assert files(serving) == {CURRENT, name}, "no log beside the file"
    assert not (serving / CURRENT).stat().st_mode & 0o222


def test_a_mart_that_is_no_model_any_more_is_not_published(warehouse: Path, tmp_path: Path) -> None:
    published = publish(warehouse, tmp_path / "serving", MARTS[:1], Run(new_run_id(), {}))
    found = rows(published, "select table_name from information_schema.tables where table_schema = 'marts'")
    assert found == [(MARTS[0],)]


def test_a_mart_that_was_not_built_stops_the_publication(warehouse: Path, serving: Path) -> None:
    before = files(serving)
    with pytest.raises(PublishError, match="The mart nps_monthly is not in the warehouse"):
        publish(warehouse, serving, [*MARTS, "nps_monthly"], Run(new_run_id(), {}))
    assert files(serving) == before
    assert problem_of(serving / CURRENT) is None


def test_the_last_three_stay_and_an_open_one_is_read_on(warehouse: Path, serving: Path) -> None:
    with duckdb.connect(str(serving / CURRENT), read_only=True) as reader:
        published = []
        for number in range(2, 6):
            work(warehouse, number, rows=FEW)
            published.append(publish_run(warehouse, serving, number))
        assert reader.execute("select distinct run from marts.lifecycle_customers").fetchall() == [(1,)]
    assert files(serving) == {CURRENT, *(path.name for path in published[-3:])}
    assert os.readlink(serving / CURRENT) == published[-1].name
    assert rows(serving / CURRENT, "select number from publish_meta") == [(5,)]


def test_the_current_file_stays_when_it_is_an_older_one(warehouse: Path, serving: Path) -> None:
    """By hand, after a bad run; the next publication moves on from there."""
    older = os.readlink(serving / CURRENT)
    for number in (2, 3):
        publish_run(warehouse, serving, number)
    (serving / CURRENT).unlink()
    (serving / CURRENT).symlink_to(older)
    publish_run(warehouse, serving, 1, kept=1)
    assert len(files(serving)) == 2
    assert problem_of(serving / CURRENT) is None


def test_readers_see_one_run_at_each_moment_while_runs_are_killed(tmp_path: Path) -> None:
    """The next run ends whole and removes what the killed ones left."""
    rng = random.Random(os.environ.get("LIFECYCLE_SEED", "publishing"))
    warehouse, serving, stop = tmp_path / "warehouse.duckdb", tmp_path / "serving", tmp_path / "stop"
    work(warehouse, 1)
    started = time.monotonic()
    publish_run(warehouse, serving, 1)
    longest = time.monotonic() - started
    readers = [start("read", serving / CURRENT, stop) for _ in range(READERS)]
    assert [reader.stdout.readline().strip() for reader in readers] == ["ready"] * READERS
    try:
        for kill in range(KILLS):
            publisher = start("publish", warehouse, serving)
            assert publisher.stdout.readline().strip().isdigit(), "a first run is published"
            while kill % 3 and not list(serving.glob(".lifecycle.*")):
                time.sleep(0.002)  # two of three are killed while they publish, the others anywhere
            assert kill_at_random(publisher, rng, longest)
            left = sorted(name for name in files(serving) if name.startswith("."))
            print(f"killed while {'publishing' if left else 'building'}: {left}")
            published = [path for path in serving.iterdir() if path.name.startswith("lifecycle.")]
            assert published
            assert [problem for path in published if (problem := problem_of(path))] == []
    finally:
        stop.touch()
        seen = [json.loads(reader.communicate()[0].splitlines()[-1]) for reader in readers]
    assert [reading["problems"] for reading in seen] == [[]] * READERS
    assert min(reading["readings"] for reading in seen) > KILLS
    prepare_serving(serving)
    assert {name for name in files(serving) if name.startswith(".")} == set()
    work(warehouse, 2)
    publish_run(warehouse, serving, 2)
    assert rows(serving / CURRENT, "select number from publish_meta") == [(2,)]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["chmod", "rename", "symlink", "replace"])
def test_a_run_that_is_killed_at_a_step_leaves_the_old_run_or_the_new_one(
    warehouse: Path, serving: Path, step: str, moment: str
) -> None:
    """The steps that a random moment seldom meets: when the file gets its name, and the link its target."""
    work(warehouse, 2, rows=FEW)
    program = (
        "import os, signal, sys; from pathlib import Path; from publishing_runs import publish_run\n"
        f"step = os.{step}\n"
        "def killed(*arguments, **options):\n"
        f"    {'step(*arguments, **options)' if moment == 'after' else ''}\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"os.{step} = killed\n"
        "publish_run(Path(sys.argv[1]), Path(sys.argv[2]), 2)"
    )
    command = [sys.executable, "-c", program, str(warehouse), str(serving)]
    assert subprocess.run(command, cwd=Path(__file__).parent, check=False).returncode == -signal.SIGKILL
    published = [path for path in serving.iterdir() if path.name.startswith("lifecycle.")]
    assert len(published) == (
        1 if (step, moment) in {("chmod", "before"), ("chmod", "after"), ("rename", "before")} else 2
    )
    assert [problem for path in published if (problem := problem_of(path))] == []
    current = 2 if (step, moment) == ("replace", "after") else 1
    assert rows(serving / CURRENT, "select number from publish_meta") == [(current,)]
    publish_run(warehouse, serving, 2)
    assert rows(serving / CURRENT, "select number from publish_meta") == [(2,)]
    assert not [name for name in files(serving) if name.startswith(".")]


def test_what_a_killed_run_left_is_removed(serving: Path) -> None:
    before = files(serving)
    (serving / ".lifecycle.20240101T000000000000Z.duckdb").write_bytes(b"half")
    (serving / ".lifecycle.20240101T000000000000Z.duckdb.wal").write_bytes(b"half")
    (serving / ".lifecycle.20240101T000000000000Z.duckdb.tmp").mkdir()
    (serving / ".current.lifecycle.20240101T000000000000Z.duckdb").symlink_to("nowhere")
    (serving / "notes.txt").write_text("of the user")
    prepare_serving(serving)
    assert files(serving) == {*before, "notes.txt"}


def test_a_second_build_says_that_one_is_running(warehouse: Path, serving: Path) -> None:
    before = files(serving), warehouse.read_bytes()
    settings = {"WAREHOUSE_PATH": str(warehouse), "SERVING_DIR": str(serving)}
    with only_build(warehouse):
        for command in (["build", "--demo"], ["publish"]):
            second = subprocess.run(
                [sys.executable, "-m", "lifecycle_tools", *command],
                cwd=PROJECT_DIR, env=os.environ | settings, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert second.returncode == 1
            first_line = second.stderr.splitlines()[0]
            assert first_line.startswith(f"A build of {warehouse} is running (process {os.getpid()}, since ")
            assert len(second.stderr.splitlines()) == 2
            assert not second.stdout
    assert (files(serving), warehouse.read_bytes()) == before
    with only_build(warehouse):
        """The lock is free again."""


def test_a_directory_that_cannot_be_written_is_one_sentence(warehouse: Path) -> None:
    place = Path(tempfile.mkdtemp())
    for path in (place, place / "serving"):
        path.mkdir(exist_ok=True)
        path.chmod(0o555)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)  # permissions do not stop root
        with pytest.raises(
            PublishError, match=f"^The directory of published files {place}/serving cannot be written: P"
        ):
            prepare_serving(place / "serving")
        with pytest.raises(PublishError, match=f"^The directory of published files {place}/new cannot be written: P"):
            prepare_serving(place / "new")
        with (
            pytest.raises(PublishError, match=f"^The warehouse {place}/w.duckdb cannot be written: P"),
            only_build(place / "w.duckdb"),
        ):
            pytest.fail("the lock was given")
    finally:
        os.seteuid(user)
        place.chmod(0o755)
        (place / "serving").chmod(0o755)
        shutil.rmtree(place)


@pytest.mark.parametrize("limit", [0, 100_000, 2_000_000, 8_000_000])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(warehouse: Path, serving: Path, limit: int) -> None:
    """A limit to the size of files stands for the disk."""
    work(warehouse, 2)
    before = files(serving)
    program = (
        "import resource, sys; from pathlib import Path; from publishing_runs import publish_run\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "publish_run(Path(sys.argv[1]), Path(sys.argv[2]), 2)"
    )
    command = [sys.executable, "-c", program, str(warehouse), str(serving)]
    child = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    assert child.returncode == 1
    last_line = child.stderr.splitlines()[-1]
    assert f"PublishError: There is no space left in {serving}" in last_line
    assert files(serving) == before
    assert rows(serving / CURRENT, "select number from publish_meta") == [(1,)]


def suite(folder: Path, severity: str | None) -> Path:
    """A folder with one suite that the working file does not meet."""
    folder.mkdir()
    meta = {
        "about": "Customers.",
        "rows": "select id from marts.lifecycle_customers",
        "needs": "marts.lifecycle_customers",
    }
    if severity:
        meta["severity"] = severity
    expected = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "id", "max_value": 9}}
    said = {"name": "few_customers", "meta": meta, "expectations": [expected]}
    (folder / "few_customers.json").write_text(json.dumps(said))
    return folder


def asked(warehouse: Path, warn: Warnings, suites: Path) -> int:
    """``audit`` of the working file alone."""
    with reader_of(warehouse) as reader:
        return audit(reader, warn, suites)


def test_a_gate_stops_the_publication_or_warns(warehouse: Path, tmp_path: Path) -> None:
    warn = Warnings()
    with pytest.raises(PublishError, match=r"^Gate few_customers: .*90 of 100 rows are otherwise"):
        asked(warehouse, warn, suite(tmp_path / "errors", "error"))
    assert warn.given == []
    assert asked(warehouse, warn, suite(tmp_path / "warnings", "warning")) == 0
    ((source, sentence),) = warn.given
    assert source == "gate"
    assert "90 of 100 rows are otherwise" in sentence
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("alter table marts.lifecycle_customers rename id to number")
    with pytest.raises(PublishError, match=r"^Gate few_customers: cannot be asked: Binder Error"):
        asked(warehouse, warn, tmp_path / "errors")
    with pytest.raises(PublishError, match=r"few_customers\.json has the severity None"):
        asked(warehouse, warn, suite(tmp_path / "neither", None))


@pytest.mark.parametrize(
    ("published", "is_compared"), [({"is_demo": False}, True), ({"is_demo": True}, False), ({"tests_passed": 7}, True)]
)
def test_no_shop_is_compared_with_the_demo(warehouse: Path, published: dict[str, object], is_compared: bool) -> None:
    """A user who tries the demo first publishes where the demo was. An earlier version did not say whose a run was."""
    serving = warehouse.parent / "serving"
    assert compared_run(warehouse) == serving / CURRENT
    publish(warehouse, serving, MARTS, Run(new_run_id(), published))
    assert compared_run(warehouse) == (serving / CURRENT if is_compared else None)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists raw")
        connection.execute(
            "create or replace table raw._loaded_files as select ? as file_path", [str(DEMO_DATA / "x.csv")]
        )
    was_demo = published.get("is_demo", True)
    assert compared_run(warehouse) == (serving / CURRENT if was_demo else None)


def test_warnings_are_published_with_the_run(warehouse: Path, tmp_path: Path) -> None:
    run = Run(new_run_id(), {"tests_passed": 7}, [("gate", "Fewer orders.")])
    published = publish(warehouse, tmp_path / "serving", MARTS, run)
    assert rows(published, "select * from publish_warnings") == [("gate", "Fewer orders.")]
    assert rows(published, "select run_id, tests_passed from publish_meta") == [(run.run_id, 7)]


def test_a_failed_test_says_where_and_how_many_rows(warehouse: Path, project: dict[str, str]) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update quality.rejected_records set brand = null")
    claims = [
        "every_rejected_record_has_a_brand",
        "every_rejected_record_has_a_reason",
        "every_cleaning_event_names_its_table",
    ]
    result = run_dbt(["test", "--select", *claims], warehouse_path=warehouse, **project)
    assert outcomes.passed(result) == 1
    absent, broken = sorted(outcomes.failures(result, warehouse))
    assert absent.startswith('Test of cleaning_events: "every cleaning event names its table": Catalog Error')
    assert broken.startswith(
        'Test of rejected_records: "every rejected record has a brand": 3 rows break it (its query: '
    )
    assert Path(broken.split("its query: ")[1].split(")")[0]).exists()
    assert broken.endswith("It stands in models/quality/_quality__models.yml.")


def test_a_failed_build_publishes_nothing(
    warehouse: Path,
    serving: Path,
    tmp_path: Path,
    project: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    before = files(serving)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "orders.csv").write_text("order_id,total_amount\n1,10\n")
    settings = {"warehouse_path": warehouse, "raw_data_dir": tmp_path / "raw", "serving_dir": serving, **project}
    for name, value in settings.items():
        monkeypatch.setenv(name.upper(), str(value))
    assert build.main([]) == 1
    problem, outcome = capsys.readouterr().err.strip().splitlines()
    assert "lacks the required column ordered_at" in problem
    assert outcome == f"The build failed. Nothing was published: {serving / CURRENT} is as it was."
    assert files(serving) == before
    assert problem_of(serving / CURRENT) is None
