"""Publish the marts of a PostgreSQL build: copy them into a schema of their own, and give it the readers' name in one step.

Builds work in the schemas raw to quality. Readers, members of the role ``bi_reader``, see the schema ``serving`` alone. A
publication fills ``serving_next``, then one transaction renames ``serving`` to ``serving_<its run>`` and ``serving_next``
to ``serving``. That transaction waits for those who are reading and lets in no new ones, so that whatever a reader asks
within one transaction is answered by one run.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import psycopg2
from psycopg2 import errors, sql

from lifecycle_tools.engines.postgres import connect
from lifecycle_tools.publishing import KEPT, MARTS, MONEY_COLUMNS, SAFE_COLUMNS, PublishError, Run

SERVING = "serving"
NEXT = "serving_next"
READER = "bi_reader"
QUALITY = "quality"
LOCK = 7_355_608_113  # of pg_advisory_lock: any number that is the same for every publication into this database
LOCK_OF_BUILDS = LOCK + 1
SECONDS_TO_WAIT = 300  # for a moment without readers in the middle of a transaction
# How long new readers wait at a time while a publication waits for such a moment. Less than PostgreSQL's deadlock_timeout,
# a second: it would end a reader that waits for one table while the publication waits for that reader to leave another.
READERS_WAIT = "400ms"


def publish_postgres(environment: Mapping[str, str], marts: Sequence[str], run: Run, kept: int = KEPT) -> None:
    """Publish the tables ``marts`` of schema marts; raise ``PublishError`` with a sentence when that is not possible.

    ``environment`` says where the server is, as libpq's variables do. When the process or the server is killed, readers have
    the run before or the new one, whole.
    """
    try:
        running = "A publication into this database is running: wait until it is over."
        with contextlib.closing(connect(environment)) as connection, _only_one(connection, LOCK, running):
            with connection.cursor() as cursor:
                _make_reader(cursor)
            connection.autocommit = False
            with connection, connection.cursor() as cursor:
                _fill(cursor, marts, run)
            _swap(connection)
            connection.rollback()
            connection.autocommit = True
            with connection.cursor() as cursor:
                _drop_old(cursor, kept, run.facts.get("erased_id_count", 0))
    except psycopg2.Error as error:
        raise PublishError(f"PostgreSQL cannot publish: {str(error).strip().splitlines()[0]}") from error


@contextlib.contextmanager
def only_build_on_postgres(environment: Mapping[str, str]) -> Iterator[None]:
    """Hold the lock of builds, which ends with this process however it ends; ``PublishError`` where another holds it."""
    running = "A build in this database is running: wait until it is over, nothing was changed."
    try:
        connection = connect(environment)
    except psycopg2.Error as error:
        why = str(error).strip().splitlines()[0]
        raise PublishError(
            f"PostgreSQL cannot be reached ({why}): see to PGHOST, PGPORT, PGUSER and PGDATABASE."
        ) from error
    with contextlib.closing(connection), _only_one(connection, LOCK_OF_BUILDS, running):
        yield


@contextlib.contextmanager
def _only_one(connection, lock: int, running: str) -> Iterator[None]:
    """Hold a lock meanwhile; ``PublishError`` with the sentence ``running`` where another process holds it.

    It is given back here: the server learns of a closed connection a moment later, when the next process may have begun.
    """
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [lock])
        if not cursor.fetchone()[0]:
            raise PublishError(running)
    try:
        yield
    finally:
        if not connection.closed:
            with contextlib.suppress(psycopg2.Error):
                connection.rollback()
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute("select pg_advisory_unlock(%s)", [lock])


def read(environment: Mapping[str, str], query: str) -> list[tuple]:
    """The rows that a query returns; ``PublishError`` where the server cannot answer it."""
    try:
        with contextlib.closing(connect(environment)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    except psycopg2.Error as error:
        raise PublishError(f"PostgreSQL cannot be asked: {str(error).strip().splitlines()[0]}") from error


def read_one(environment: Mapping[str, str], query: str) -> object:
    """The one value that a query returns."""
    return read(environment, query)[0][0]


def _make_reader(cursor) -> None:
    cursor.execute("select 1 from pg_roles where rolname = %s", [READER])
    if cursor.fetchone() is None:
        with contextlib.suppress(errors.DuplicateObject):
            cursor.execute(sql.SQL("create role {} nologin").format(sql.Identifier(READER)))


def _fill(cursor, marts: Sequence[str], run: Run) -> None:
    cursor.execute("set transaction isolation level repeatable read")
    cursor.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(NEXT)))
    cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(NEXT)))
    counts = []
    for mart in sorted(marts):
        table, copied = sql.Identifier(NEXT, mart), sql.Identifier(MARTS, mart)
        try:
            cursor.execute(sql.SQL("create table {} as select * from {}").format(table, copied))
        except errors.UndefinedTable as error:
            raise PublishError(f"The mart {mart} is not in the warehouse: build it.") from error
        counts.append((mart, cursor.rowcount))
        cursor.execute(sql.SQL("analyze {}").format(table))
    for table, safe in SAFE_COLUMNS.items():
        there = _columns(cursor, QUALITY, table)
        if columns := [column for column in safe if column in there]:
            selected = sql.SQL(", ").join(map(sql.Identifier, columns))
            names = sql.Identifier(NEXT, table), selected, sql.Identifier(QUALITY, table)
            cursor.execute(sql.SQL("create table {} as select {} from {}").format(*names))
            counts.append((table, cursor.rowcount))
    _write_meta(cursor, run, counts)
    schema, reader = sql.Identifier(NEXT), sql.Identifier(READER)
    cursor.execute(sql.SQL("grant usage on schema {} to {}").format(schema, reader))
    cursor.execute(sql.SQL("grant select on all tables in schema {} to {}").format(schema, reader))


def _columns(cursor, schema: str, table: str) -> set[str]:
    """The names of the columns of a table or view; none where it is absent."""
    query = "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
    cursor.execute(query, [schema, table])
    return {name for (name,) in cursor.fetchall()}


def _write_meta(cursor, run: Run, counts: Sequence[tuple[str, int]]) -> None:
    facts = {"run_id": run.run_id, "published_at": datetime.now(UTC).replace(tzinfo=None), **run.facts}
    facts |= {"table_count": len(counts), "row_count": sum(count for _, count in counts)}
    values = sql.SQL(", ").join(sql.SQL("%s as {}").format(sql.Identifier(name)) for name in facts)
    meta = sql.Identifier(NEXT, "publish_meta")
    cursor.execute(sql.SQL("create table {} as select {}").format(meta, values), list(facts.values()))
    for table, columns, rows in (
        ("publish_tables", ("table_name text", "row_count bigint"), counts),
        ("publish_warnings", ("source text", "warning text"), run.warnings),
    ):
        name = sql.Identifier(NEXT, table)
        cursor.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ".join(columns))))
        cursor.executemany(sql.SQL("insert into {} values (%s, %s)").format(name).as_string(cursor), rows)
    _write_freshness(cursor, run.facts.get("as_of_date"))
    _write_rejected_amounts(cursor)


def _write_freshness(cursor, as_of_date: object) -> None:
    """When the newest row of each cleaned raw table was loaded, and how many days before the as-of date."""
    freshness = sql.Identifier(NEXT, "publish_freshness")
    columns = "(entity text, latest_loaded_at timestamp, days_behind integer, row_count bigint)"
    cursor.execute(sql.SQL("create table {} " + columns).format(freshness))
    cursor.execute(
        "select table_name from information_schema.columns where table_schema = 'staging' and column_name = 'loaded_at' "
        r"and table_name ~ '^base_.*__' order by table_name"
    )
    for (table,) in cursor.fetchall():
        query = (
            "insert into {} select %s, max(loaded_at), cast(%s as date) - cast(max(loaded_at) as date), count(*) "
            "from {} having count(*) > 0"
        )
        names = freshness, sql.Identifier("staging", table)
        cursor.execute(sql.SQL(query).format(*names), [table.partition("__")[2], as_of_date])


def _write_rejected_amounts(cursor) -> None:
    """The money in the rejected rows of the tables that bring money, by currency as received; no row itself."""
    amounts = sql.Identifier(NEXT, "publish_rejected_amounts")
    columns = "entity text, brand text, rejection_reason text, currency text, row_count bigint, readable_count bigint"
    cursor.execute(sql.SQL("create table {} (" + columns + ", amount numeric(18, 2))").format(amounts))
    if {"raw_row", "entity"} - _columns(cursor, QUALITY, "rejected_records"):
        return
    cases = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(*map(sql.Literal, entity_and_column))
        for entity_and_column in MONEY_COLUMNS.items()
    )
    entities = sql.SQL(", ").join(map(sql.Literal, MONEY_COLUMNS))
    query = """
        with received as (
            select entity, brand, rejection_reason, upper(trim(cast(raw_row as json) ->> 'currency')) as currency,
                replace(trim(cast(raw_row as json) ->> case entity {cases} end), ',', '.') as amount
            from quality.rejected_records
            where entity in ({entities})
        ),

        readable as (
            select entity, brand, rejection_reason,
                case when currency ~ '^[A-Z]{{3}}$' then currency end as currency,  -- another text might be anything
                case when amount ~ '^[+-]?[0-9]{{1,16}}([.][0-9]*)?$' then cast(amount as numeric(18, 2)) end as amount
            from received
        )

        insert into {amounts}
        select entity, brand, rejection_reason, currency, count(*), count(amount), sum(amount)
        from readable group by entity, brand, rejection_reason, currency
    """
    cursor.execute(sql.SQL(query).format(cases=cases, entities=entities, amounts=amounts))


def _swap(connection) -> None:
    """Rename the schemas as soon as no reader is in the middle of a transaction; raise when one never ends."""
    until = time.monotonic() + SECONDS_TO_WAIT
    while True:
        try:
            with connection, connection.cursor() as cursor:
                _rename(cursor)
            return
        except errors.QueryCanceled as error:
            if time.monotonic() > until:
                raise PublishError(
                    f"A reader has kept a transaction open for {SECONDS_TO_WAIT} s (pg_stat_activity names it): end it, then"
                    " publish again."
                ) from error
            time.sleep(0.2)


def _rename(cursor) -> None:
    cursor.execute("select tablename from pg_tables where schemaname = %s order by 1", [SERVING])
    tables = [name for (name,) in cursor.fetchall()]
    if tables:
        names = sql.SQL(", ").join(sql.Identifier(SERVING, name) for name in tables)
        cursor.execute("set local statement_timeout = %s", [READERS_WAIT])
        cursor.execute(sql.SQL("lock table {} in access exclusive mode").format(names))
        cursor.execute("set local statement_timeout = 0")
        cursor.execute(sql.SQL("select run_id from {}").format(sql.Identifier(SERVING, "publish_meta")))
        old = sql.Identifier(f"{SERVING}_{cursor.fetchone()[0].lower()}")
        cursor.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(SERVING), old))
    cursor.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(NEXT), sql.Identifier(SERVING)))


def _drop_old(cursor, kept: int, erased_id_count: int) -> None:
    """Drop the runs before the last ``kept`` and those in which other persons are erased than now, who have gone since.

    One that is being read stays until the next publication.
    """
    cursor.execute(
        "select nspname from pg_namespace where nspname ~ %s order by 1 desc", [rf"^{SERVING}_\d{{8}}t\d{{12}}z$"]
    )
    found = [name for (name,) in cursor.fetchall()]
    old = [name for place, name in enumerate(found) if place >= kept - 1 or _erased_in(cursor, name) != erased_id_count]
    cursor.execute("set lock_timeout = '2s'")
    for name in old:
        with contextlib.suppress(errors.LockNotAvailable):
            cursor.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))


def _erased_in(cursor, schema: str) -> int:
    """How many ids were erased when a run was published; none where that was before it was written down."""
    meta = sql.Identifier(schema, "publish_meta")
    try:
        cursor.execute(sql.SQL("select erased_id_count from {}").format(meta))
    except errors.UndefinedColumn:
        return 0
    return cursor.fetchone()[0]
