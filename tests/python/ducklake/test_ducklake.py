"""Increments in a DuckLake: what is published after each load, and what others read and write meanwhile."""

from __future__ import annotations

import duckdb
import pytest
from iceberg.conftest import LOADS
from oracle.environments import differences

from ducklake.conftest import LOCK, Lake

LONGEST_ANSWER = 10  # seconds, on two processors that build as well


def test_the_environment_is_that_of_the_lock_file(lake: Lake) -> None:
    assert not (different := differences(LOCK, lake.python)), different


@pytest.mark.parametrize("load", LOADS)
def test_after_each_load_every_table_is_that_of_the_file(load: str, lake: Lake) -> None:
    """Late rows, corrections, merges, an erasure, a build that was killed: types, names and rows, restatements included."""
    told = lake.differences[load]
    assert lake.tables > 50
    if told:
        pytest.fail(f"{len(told)} of {lake.tables} tables differ:\n" + "\n".join(told), pytrace=False)


def test_the_loads_are_increments(lake: Lake) -> None:
    with duckdb.connect(str(lake.duckdb_path), read_only=True) as connection:
        query = "select distinct is_full_refresh from intermediate.int_changed_customers"
        assert connection.execute(query).fetchall() == [(False,)]


@pytest.mark.parametrize("who", ["reader", "reader of the run before", "writer"])
def test_no_error_comes_to_who_works_beside_a_build(who: str, lake: Lake) -> None:
    assert lake.seen[who] is None, lake.seen[who]


@pytest.mark.parametrize("who", ["reader", "before"])
def test_a_reader_waits_for_no_build(who: str, lake: Lake) -> None:
    seen = lake.seen[f"{who}.json"]
    assert len(seen["answers"]) > 20
    assert seen["slowest"] < LONGEST_ANSWER


def test_a_reader_of_a_snapshot_sees_one_run_throughout(lake: Lake) -> None:
    answers = {tuple(answer) for answer in lake.seen["before.json"]["answers"]}
    assert len(answers) == 1


def test_what_another_writes_stays(lake: Lake) -> None:
    copies = lake.directory / "notes"
    copies.mkdir()
    assert lake.session("copy", "team", copies).wait() == 0
    with duckdb.connect() as connection:
        query = f"select count(*), count(distinct number) from '{copies}/team.notes.parquet'"
        rows = connection.execute(query).fetchone()
    assert rows == (lake.seen["writer.json"]["rows"],) * 2
    assert rows[0] > 10
