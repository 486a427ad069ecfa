"""Publish a finished build: copy what readers may see to a file of its own, whole, and point ``current.duckdb`` at it.

The build works in the working file (WAREHOUSE_PATH), where one process at a time writes and no other reads. Readers open
``current.duckdb`` of SERVING_DIR, a symbolic link to the last published file. A published file is written under a hidden
name, checked, brought to disk and only then named; it never changes afterwards, so that a reader that has it open reads
the same run until it opens the link again.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.outcomes import NO_SPACE, OPEN_ELSEWHERE

DEMO_DATA = PROJECT_DIR / "seeds" / "demo"
CURRENT = "current.duckdb"
KEPT = 3  # published files: the current one and the two before, for readers that have one of them open
STORAGE_VERSION = "v1.4.0"  # the oldest DuckDB that reads the published file
MARTS = "marts"
# Of schema quality these columns alone: keys and rows of the quarantine may be e-mail addresses or hold them.
SAFE_COLUMNS = {
    "cleaning_events": ("entity", "brand", "column_name", "reason", "value_count"),
    "identity_conflicts": (
        "brand", "merged_customer_id", "canonical_customer_id", "linked_date", "source_table", "source_row", "reason",
        "shared_from_date",
    ),
    "improbable_ids": ("brand", "customer_id", "counted", "usage_count", "share_rate"),
    "raw_row_outcomes": ("entity", "brand", "outcome", "rejection_reason", "row_count"),
    "raw_volumes_daily": (
        "entity", "date_day", "measured_by", "row_count", "compared_day_count", "usual_count", "lower_count", "upper_count",
        "volume_status",
    ),
    "rejected_records": ("entity", "brand", "rejection_reason", "main_date", "loaded_at"),
}  # fmt: skip
# Of rejected rows the money is published: the column of each raw table whose rows bring or take money.
MONEY_COLUMNS = {"orders": "total_amount", "refunds": "amount", "affiliate_sales": "commission_amount"}

_PUBLISHED = re.compile(r"lifecycle\.\d{8}T\d{12}Z\.duckdb")
_PARTIAL = re.compile(r"\.(lifecycle|current|probe|board|whatif)\..*")  # what only a killed run leaves


class PublishError(Exception):
    """Nothing was published; the message is a sentence for the user."""


@dataclass(frozen=True)
class Run:
    """What ``publish_meta`` says of a run, beside when it was published.

    ``run_id`` names the published file. ``facts``: further columns by name. ``warnings``: pairs of who warns and of what.
    """

    run_id: str
    facts: Mapping[str, Any]
    warnings: Sequence[tuple[str, str]] = field(default_factory=tuple)


def new_run_id() -> str:
    """The present moment, UTC: ids of runs sort by time."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")


def working_file() -> Path:
    """The DuckDB file in which builds work, as WAREHOUSE_PATH says."""
    return Path(os.environ.get("WAREHOUSE_PATH") or "warehouse.duckdb").resolve()


def dbt_settings(warehouse: Path) -> dict[str, Path]:
    """What dbt is told of the warehouse: where it is, and for any but the project's own a target folder beside it.

    What dbt leaves in its target folder is true of one warehouse: ``mf query`` reads it, and another build must not change it.
    """
    own = PROJECT_DIR / "warehouse.duckdb"
    is_own = warehouse == own or "DBT_TARGET_PATH" in os.environ
    target = {} if is_own else {"dbt_target_path": warehouse.with_name(f"{warehouse.stem}.target")}
    return {"warehouse_path": warehouse} | target


def serving_directory(warehouse: Path) -> Path:
    """Where readers look, as SERVING_DIR says: by default ``serving`` beside the working file."""
    named = os.environ.get("SERVING_DIR")
    return Path(named).resolve() if named else warehouse.parent / "serving"


def holds_demo(warehouse: Path) -> bool:
    """Whether the warehouse was built from the demo data and nothing else."""
    if not warehouse.exists():
        return False
    from lifecycle_tools.raw_loading import RECORD  # takes a second, and the first line is printed before

    loaded = []
    with suppress(duckdb.Error), duckdb.connect(str(warehouse), read_only=True) as connection:
        # a file that cannot be read, or that no build has filled, holds nothing
        loaded = connection.execute(f"select file_path from raw.{RECORD}").fetchall()
    return bool(loaded) and all(Path(file).is_relative_to(DEMO_DATA) for (file,) in loaded)


def compared_run(warehouse: Path) -> Path | None:
    """The published file that the gates compare a warehouse with: none where one is the demo's and the other a shop's."""
    current = serving_directory(warehouse) / CURRENT
    with suppress(duckdb.Error), duckdb.connect(str(current), read_only=True) as connection:
        (was_demo,) = connection.execute("select is_demo from publish_meta").fetchone()
        return current if was_demo == holds_demo(warehouse) else None
    return current  # nothing is published, or by a version that did not say it


@contextmanager
def only_build(warehouse: Path) -> Iterator[None]:
    """Hold the lock of the working file, which ends with this process however it ends.

    Raises ``PublishError`` when another build holds it or its file cannot be written.
    """
    if not re.fullmatch(r"[\w .-]+", warehouse.name):  # it is the name of the database, which stands in every query
        raise PublishError(
            f"The file of the warehouse is called {warehouse.name!r}: write letters, digits, _, - and . (WAREHOUSE_PATH)."
        )
    path = warehouse.with_name(warehouse.name + ".lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise PublishError(f"The warehouse {warehouse} cannot be written: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.read(descriptor, 200).decode(errors="replace").strip()
            raise PublishError(
                f"A build of {warehouse} is running{f' ({who})' if who else ''}: wait until it is over, nothing was changed."
            ) from None
        with suppress(OSError):  # no space: the lock holds all the same
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()}, since {datetime.now(UTC):%H:%M:%S} UTC\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def prepare_serving(serving: Path) -> None:
    """Make the directory, try to write there, and remove what killed runs left; ``PublishError`` when that fails."""
    try:
        serving.mkdir(parents=True, exist_ok=True)
        with only_publication(serving):
            tempfile.NamedTemporaryFile(prefix=".probe.", dir=serving).close()
            _remove_partial(serving)
    except OSError as error:
        raise PublishError(_cannot_write(serving, error)) from error


def publish(warehouse: Path, serving: Path, marts: Sequence[str], run: Run, kept: int = KEPT) -> Path:
    """Publish the tables ``marts`` and the safe parts of ``quality`` of the working file; return the published file.

    Raises ``PublishError`` when there is no space, the directory cannot be written, or a table is absent. Then, and when
    the process is killed at any point, ``current.duckdb`` is what it was or already the new file.
    """
    prepare_serving(serving)
    name = f"lifecycle.{run.run_id}.duckdb"
    partial = serving / f".{name}"
    try:
        with only_publication(serving):
            if (serving / name).exists():
                raise PublishError(f"{serving / name} is published already.")
            try:
                _write(warehouse, partial, marts, run)
                _sync(partial)
                # a program that opened it to write would lock out all readers
                os.chmod(partial, partial.stat().st_mode & 0o555)
                os.rename(partial, serving / name)
                _sync(serving)
                _point_at(serving, name)
                _remove_old(serving, kept)
                _remove_with_erased(serving, name, run.facts.get("erased_id_count", 0))
            finally:
                _remove_partial(serving)
    except OSError as error:
        raise PublishError(_cannot_write(serving, error)) from error
    except duckdb.Error as error:
        raise PublishError(_cannot_copy(warehouse, serving, error)) from error
    return serving / name


def _write(warehouse: Path, partial: Path, marts: Sequence[str], run: Run) -> None:
    with duckdb.connect(config={"memory_limit": os.environ.get("DUCKDB_MEMORY_LIMIT") or "6GB"}) as connection:
        connection.execute(f"set temp_directory = {_literal(str(partial) + '.tmp')}")
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {_literal(warehouse)} as working (read_only)")
        connection.execute(f"attach {_literal(partial)} as published (storage_version '{STORAGE_VERSION}')")
        found = _columns(connection)
        counts = []
        for schema, table, columns in _tables(found, marts):
            connection.execute(f"create schema if not exists published.{schema}")
            selected = ", ".join(_quoted(column) for column in columns)
            connection.execute(
                f"create table published.{schema}.{_quoted(table)} as select {selected} from working.{schema}.{_quoted(table)}"
            )
            counts.append((schema, table, *_equal_counts(connection, schema, table)))
        _write_meta(connection, run, counts)
        connection.execute("checkpoint published")
        connection.execute("detach published")
    leftover = partial.with_name(partial.name + ".wal")
    if leftover.exists():
        raise PublishError(f"{leftover} was not brought into the published file.")


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    rows = connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns "
        "where table_catalog = 'working' and table_schema in ('marts', 'quality') "
        "order by table_schema, table_name, ordinal_position"
    ).fetchall()
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in rows:
        found.setdefault((schema, table), []).append(column)
    return found


def _tables(
    found: Mapping[tuple[str, str], list[str]], marts: Sequence[str]
) -> Iterator[tuple[str, str, Sequence[str]]]:
    for table in sorted(marts):
        if (MARTS, table) not in found:
            raise PublishError(f"The mart {table} is not in the warehouse: build it.")
        yield MARTS, table, found[MARTS, table]
    for table, safe in SAFE_COLUMNS.items():
        if columns := [column for column in safe if column in found.get(("quality", table), ())]:
            yield "quality", table, columns


def _equal_counts(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> tuple[int]:
    count = "select count(*) from {}.{}.{}"
    ((worked,),) = connection.execute(count.format("working", schema, _quoted(table))).fetchall()
    ((published,),) = connection.execute(count.format("published", schema, _quoted(table))).fetchall()
    if worked != published:
        raise PublishError(f"Of the {worked} rows of {schema}.{table} {published} arrived in the published file.")
    return (published,)


def _write_meta(connection: duckdb.DuckDBPyConnection, run: Run, counts: Sequence[tuple[str, str, int]]) -> None:
    facts = {"run_id": run.run_id, "published_at": datetime.now(UTC).replace(tzinfo=None), **run.facts}
    facts |= {"table_count": len(counts), "row_count": sum(count for _, _, count in counts)}
    values = ", ".join(f"? as {name}" for name in facts)
    connection.execute(f"create table published.publish_meta as select {values}", list(facts.values()))
    connection.execute(
        "create table published.publish_tables (table_schema varchar, table_name varchar, row_count bigint)"
    )
    connection.executemany("insert into published.publish_tables values (?, ?, ?)", counts)
    connection.execute("create table published.publish_warnings (source varchar, warning varchar)")
    if run.warnings:
        connection.executemany("insert into published.publish_warnings values (?, ?)", run.warnings)
    _write_freshness(connection)
    _write_rejected_amounts(connection)


def _write_freshness(connection: duckdb.DuckDBPyConnection) -> None:
    """When the newest row of each cleaned raw table was loaded, and how many days before the as-of date."""
    connection.execute(
        "create table published.publish_freshness "
        "(entity varchar, latest_loaded_at timestamp, days_behind integer, row_count bigint)"
    )
    tables = connection.execute(
        "select table_name from information_schema.columns where table_catalog = 'working' and table_schema = 'staging' "
        "and table_name like 'base\\_%\\_\\_%' escape '\\' and column_name = 'loaded_at' order by table_name"
    ).fetchall()
    for (table,) in tables:
        connection.execute(
            "insert into published.publish_freshness select ?, max(loaded_at), "
            "date_diff('day', cast(max(loaded_at) as date), (select as_of_date from published.publish_meta)), count(*) "
            f"from working.staging.{_quoted(table)} having count(*) > 0",
            [table.partition("__")[2]],
        )


def _write_rejected_amounts(connection: duckdb.DuckDBPyConnection) -> None:
    """The money in the rejected rows of the tables that bring money, by currency as received; no row itself."""
    connection.execute(
        "create table published.publish_rejected_amounts (entity varchar, brand varchar, rejection_reason varchar, "
        "currency varchar, row_count bigint, readable_count bigint, amount decimal(18, 2))"
    )
    columns = "select column_name from information_schema.columns where table_catalog = 'working' and table_schema = 'quality' "
    if {"raw_row", "entity"} - {
        name for (name,) in connection.execute(columns + "and table_name = 'rejected_records'").fetchall()
    }:
        return
    columns_by_entity = " ".join(
        f"when {_literal(each)} then {_literal(column)}" for each, column in MONEY_COLUMNS.items()
    )
    amount = f"try_cast(replace(raw_row ->> ('$.' || case entity {columns_by_entity} end), ',', '.') as decimal(18, 2))"
    connection.execute(
        f"""
        insert into published.publish_rejected_amounts
        select
            entity, brand, rejection_reason,
            nullif(regexp_extract(upper(trim(raw_row ->> '$.currency')), '^[A-Z]{{3}}$'), ''),  -- another text might be anything
            count(*), count({amount}), sum({amount})
        from working.quality.rejected_records
        where entity in ({", ".join(map(_literal, MONEY_COLUMNS))})
        group by all
        """
    )


@contextmanager
def only_publication(serving: Path) -> Iterator[None]:
    """Wait for other publications into the same directory, those of other working files."""
    descriptor = os.open(serving / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _point_at(serving: Path, name: str) -> None:
    """Let ``current.duckdb`` name the published file, in one step: at no moment is it absent."""
    link = serving / f".current.{name}"
    os.symlink(name, link)
    os.replace(link, serving / CURRENT)
    _sync(serving)


def _remove_partial(serving: Path) -> None:
    for path in serving.iterdir():
        if _PARTIAL.fullmatch(path.name):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def _remove_old(serving: Path, kept: int) -> None:
    """Remove all but the newest; the current one stays whatever its name."""
    published = sorted(path for path in serving.iterdir() if _PUBLISHED.fullmatch(path.name))
    current = os.readlink(serving / CURRENT)
    for path in published[:-kept]:
        if path.name != current:
            path.unlink(missing_ok=True)


def _remove_with_erased(serving: Path, name: str, erased_id_count: int) -> None:
    """Remove predecessors in which other persons are erased than now: they hold who has asked to be forgotten since."""
    for path in serving.iterdir():
        if _PUBLISHED.fullmatch(path.name) and path.name != name:
            found = 0
            with suppress(duckdb.Error), duckdb.connect(str(path), read_only=True) as connection:
                found = connection.execute("select erased_id_count from publish_meta").fetchone()[0]
            if found != erased_id_count:
                path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Bring a file, or the names in a directory, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cannot_write(serving: Path, error: OSError) -> str:
    return f"The directory of published files {serving} cannot be written: {error.strerror}."


def _cannot_copy(warehouse: Path, serving: Path, error: duckdb.Error) -> str:
    if NO_SPACE.search(str(error)):
        return f"There is no space left in {serving} for the published file: free some, then publish again."
    if OPEN_ELSEWHERE.search(str(error)):
        return f"Another program has {warehouse} open to write: close it, then publish again."
    return f"The published file cannot be written: {str(error).splitlines()[0]}"


def _literal(value: str | os.PathLike[str]) -> str:
    return "'" + os.fspath(value).replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
