"""The comparison of engines sees what it must see: a test that cannot fail is a defect."""

from __future__ import annotations

import contextlib

import duckdb
import pytest

from engines.comparison import difference
from lifecycle_tools.engines.postgres import connect, copy_raw_tables

ROWS = """
    select * from (values
        ('a', cast(1.50 as decimal(18, 2)), true, date '2024-01-01', timestamp '2024-01-01 10:00:00.5', 0.1, 'x,"y"'),
        ('b', null, null, null, null, null, ''),
        ('b', null, null, null, null, null, ''),
        ('c', 0.00, false, date '0001-01-01', timestamp '1970-01-01 00:00:00', 1e20, null)
    ) as rows (id, amount, flag, day, moment, ratio, note)
"""


@pytest.fixture(scope="module")
def tables(engines, tmp_path_factory: pytest.TempPathFactory):
    """The same table of every kind of value on both engines, made by the loader of raw tables."""
    path = tmp_path_factory.mktemp("comparison") / "one.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.things as select * replace (cast(ratio as double) as ratio) from ({ROWS})"
        )
    server = engines.server.new_database("comparison")
    copy_raw_tables(path, server.environment, "marts")
    return path, server


def test_a_copied_table_is_the_same(tables) -> None:
    """Nulls, empty texts, quotes, repeated rows, early dates and decimals survive the loader."""
    assert difference(*tables, "marts", "things") is None


@pytest.mark.parametrize(
    "change",
    [
        "update marts.things set amount = 1.51 where id = 'a'",
        "update marts.things set amount = 0 where id = 'b'",
        "update marts.things set note = null where id = 'b'",
        "update marts.things set note = '' where id = 'c'",
        "update marts.things set moment = '2024-01-01 10:00:00' where id = 'a'",
        "update marts.things set ratio = 0.10001 where id = 'a'",
        "update marts.things set ratio = null where id = 'a'",
        "delete from marts.things where ctid in (select min(ctid) from marts.things where id = 'b')",
        "insert into marts.things select * from marts.things where id = 'a'",
        "alter table marts.things rename column flag to is_flag",
    ],
)
def test_a_changed_table_is_not(change: str, tables) -> None:
    """One value, one row or one name too many, too few or other is told."""
    path, server = tables
    with contextlib.closing(connect(server.environment)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(change)
    try:
        assert difference(path, server, "marts", "things")
    finally:
        copy_raw_tables(path, server.environment, "marts")
