"""Load the files of ``RAW_DATA_DIR`` into the raw schema of a DuckDB warehouse, all or nothing: a plugin of dbt-duckdb.

The profile names this module under ``plugins``, and the macro ``load_raw_files`` calls it before anything is built. The files
of a table are ``<table>.csv`` (or ``.tsv``, and either packed: ``.csv.gz``), ``<table>.parquet``, or a folder ``<table>/`` of any
number of these. The raw tables always have the rows, columns and types that loading everything would give, but rows of files that
were loaded before and are unchanged stay where they are.

Each row has the number of its file (``FILE_NUMBER``): a file that was loaded later has a greater one, and of one load the file
whose name sorts later. It decides between versions of a row that say no date.

Which files were loaded is recorded in the table ``_loaded_files`` of the raw schema, one row per file (``RECORD_COLUMNS``).
"""

from __future__ import annotations

import codecs
import csv
import difflib
import gzip
import json
import os
import re
import textwrap
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.environments import Environment
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags

from lifecycle_tools.settings import misspelt

READER_VERSION = 5  # raise this number when the same files would give other raw rows than before
RECORD = "_loaded_files"
FILE_NUMBER = "_file_number"  # as in the macro raw_columns
REGISTER = (
    "intermediate.erasure_register"  # requests that hold without a file that says so (lifecycle_tools/erasure.py)
)
REGISTER_COLUMNS = ("brand", "request_id", "requested_at", "customer_id", "email", "loaded_at")
RECORD_COLUMNS = {
    "table_name": "VARCHAR",  # the raw table that the file's rows are in, lower case
    "file_path": "VARCHAR",  # the file, as it was found
    "file_size": "BIGINT",  # its bytes
    "modified_at": "TIMESTAMP",  # when it was last modified (UTC, to the second, which is all that DuckDB says)
    "header": "VARCHAR",  # its columns (Header.as_text), so that an unchanged file need not be opened
    "read_by": "VARCHAR",  # the version of this reader and of DuckDB
    "read_at": "TIMESTAMP",  # when size and time of modification were looked up, which was before the file was read
    "file_number": "BIGINT",  # the order in which files were first loaded as they are now
    "row_count": "BIGINT",  # rows of the table with this file in it; the largest of a table is what it should have now
}
READ_BY = f"{READER_VERSION} {duckdb.__version__}"
SAFE_AGE = timedelta(seconds=2)  # a younger file may be modified again within the same tick of its file system's clock
SMALL_FILE = 100_000  # bytes
ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
NO_RAW_DATA = (
    "readme.md",
    "desktop.ini",
    "thumbs.db",
    "icon\r",
    "init",
)  # what file managers and dlt leave; hidden files and those of open programs too
# By what a business is known again: an id, and what else two rows of it have in common.
BUSINESS_KEYS = {
    "orders": ("order_id", ("ordered_at", "customer_id", "email")),
    "customers": ("customer_id", ("email", "created_at", "last_name")),
    "subscriptions": ("subscription_id", ("started_at", "customer_id")),
}
ALIKE = 0.1  # share of the ids in common, of which so much else must be the same: two shops may both count from 1
CSV_OPTIONS = "auto_detect = false, max_line_size = 20000000, buffer_size = 40000000"
ADVICE = {
    "TOO MANY COLUMNS": "has more values than the header has columns: quote values that hold the delimiter",
    "MISSING COLUMNS": "has fewer values than the header has columns: complete or remove the line",
    "UNQUOTED VALUE": "has a quotation mark that is not closed or stands inside a value: double it inside quoted values",
    "INVALID ENCODING": "is not UTF-8: save the file as CSV UTF-8",
    "LINE SIZE OVER MAXIMUM": "is longer than 20 MB: shorten it",
}


class RawDataError(Exception):
    """Raw data that cannot be loaded; its message is one sentence that says what to do."""


class Plugin(BasePlugin):
    """What dbt-duckdb makes of ``plugins: [{module: lifecycle_tools.raw_loading}]``."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Keep dbt's connection, once for each time that it opens the warehouse."""
        self.connection = conn

    def store(self, target_config: Any) -> None:
        """Load what the macro says in ``target_config.config``: the arguments of ``load_raw_files``.

        Or say what is misspelt, for the macro to warn of: the arguments of ``misspelt``, as ``sentences``.

        What is wrong is written there as ``problem``, for the macro to raise: the traceback of an exception from here would keep
        dbt's connection, and with it the warehouse, open.
        """
        if "variables" in target_config.config:
            project = Path(get_flags().PROJECT_DIR or ".")
            target_config.config["sentences"] = misspelt(
                target_config.config["variables"], os.environ, target_config.config["vars"], project
            )
            return
        cursor = Environment.initialize_cursor(self.creds, self.connection.cursor())
        try:
            load_raw_files(cursor, **target_config.config)
        except (RawDataError, duckdb.Error) as error:
            target_config.config["problem"] = str(error)
        finally:
            cursor.close()


@dataclass(frozen=True)
class FileState:
    """By what a file is told to be unchanged: its bytes and the time of its modification; and when these were looked up (UTC)."""

    size: int
    modified_at: datetime
    read_at: datetime


@dataclass(frozen=True)
class Header:
    """Columns of a file with their types, in order. ``delimiter``: of a CSV file; None: the file is Parquet.

    Names are lower case in CSV files, where all columns are text, and spelled as in the file in Parquet files. ``folders``: the
    columns that stand in the names of a file's folders alone, ``brand=fr``.
    """

    columns: tuple[tuple[str, str], ...]
    delimiter: str | None = None
    folders: tuple[str, ...] = ()

    def as_text(self) -> str:
        """As JSON, for the record."""
        return json.dumps([self.delimiter, self.columns, self.folders], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Header:
        """From what ``as_text`` made."""
        delimiter, columns, folders = json.loads(text)
        return cls(tuple((name, data_type) for name, data_type in columns), delimiter, tuple(folders))


Headers = Mapping[str, Header | None]
"""Of each file by its path; None: a file without a byte."""


@dataclass
class TableBefore:
    """What an earlier loading left of one raw table.

    ``headers``: of those of its files that are as they were. ``is_whole``: all of its rows came from such files, and are
    still there. ``columns``: name to type, in order; empty where there is no such table.
    """

    headers: Headers = field(default_factory=dict)
    is_whole: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


def load_raw_files(
    connection: duckdb.DuckDBPyConnection,
    *,
    directory: str,
    database: str,
    schema: str,
    tables: Mapping[str, Mapping[str, Any]],
    is_full_refresh: bool = False,
) -> None:
    """Make the raw tables of ``database.schema`` what the files below ``directory`` say, in one transaction.

    ``tables``: each table of the raw contract, ``{"orders": {"identifier": "orders", "required": ["order_id", ...]}}``: its name
    in the raw schema and the columns that it must have. A table without a file, or whose files have no column, is absent
    afterwards. ``is_full_refresh``: read all files again. Raises RawDataError for bad data, duckdb.Error where the database
    fails; nothing has changed then.
    """
    try:
        _load_raw_files(connection, directory, database, schema, tables, is_full_refresh)
    except duckdb.IOException as error:
        if packed := re.search("GZIP stream: (.*)", str(error)):
            raise RawDataError(
                f"File {packed[1]} is not packed by gzip or is cut short, though its name ends so: export it again."
            ) from error
        # DuckDB names no file where bytes stand behind the end of the packed ones
        if "not a GZIP stream" in str(error):
            raise RawDataError(
                f"File {_file_with_more(connection, directory, list(tables))} has bytes behind the end of what gzip packed: "
                "unpack it and pack it again."
            ) from error
        if gone := re.search('No files found that match the pattern "(.*)"', str(error)):
            file = re.sub(r"\[([*?\[])\]", r"\1", gone[1])  # as _path has it
            raise RawDataError(
                f"File {file} was there when the build began and is gone: build again once all files are in their place."
            ) from error
        raise


def _load_raw_files(
    connection: duckdb.DuckDBPyConnection,
    directory: str,
    database: str,
    schema: str,
    tables: Mapping[str, Mapping[str, Any]],
    is_full_refresh: bool,
) -> None:
    for table, properties in tables.items():
        if properties["identifier"].lower() == RECORD:
            raise RawDataError(
                f"The var raw_identifiers calls the raw table of {table} {RECORD}, which is where the files that were "
                "loaded are recorded: give it another name."
            )
    with _transaction(connection):
        raw = _RawSchema(connection, database, schema)
        files = find_files(connection, directory, list(tables))
        states = _file_states(connection, [file for paths in files.values() for file in paths])
        raw.start_record(is_full_refresh, states)
        before = raw.loaded_tables(states)
        headers = {}
        for table in files:
            known = before.get(tables[table]["identifier"].lower(), TableBefore())
            headers[table] = _file_headers(connection, files[table], known.headers, states)
            if columns := union_columns(headers[table]):
                _check_required_columns(table, tables[table]["required"], columns, files[table])
        raw.check_same_business(directory, is_full_refresh, states, tables, headers, before)
        for table, properties in tables.items():
            known = before.get(properties["identifier"].lower(), TableBefore())
            raw.load_table(properties["identifier"], known, headers.get(table, {}), states)
        raw.add_registered_requests(tables["erasure_requests"]["identifier"] if "erasure_requests" in tables else None)
        needed = [table for table in ("orders", "subscriptions") if union_columns(headers.get(table, {}))]
        if not any(raw.count(tables[table]["identifier"]) for table in needed):
            raise RawDataError(
                f"There is nothing to build from: neither orders nor subscriptions has a row in {directory}; "
                f"bring at least one of the two (tables found: {', '.join(files)})."
            )


def find_files(connection: duckdb.DuckDBPyConnection, directory: str, tables: Sequence[str]) -> dict[str, list[str]]:
    """Files by table: ``{"orders": ["/data/orders.csv"], "touchpoints": ["/data/touchpoints/a.parquet", ...]}``.

    Hidden files, ``_SUCCESS`` markers, read-me files and what programs leave beside open files are passed over. Raises
    RawDataError where a name is not in ``tables``, a file is of another kind, or there is no file.
    """
    root = directory.rstrip("/\\")
    files: dict[str, list[str]] = {}
    found = {file for (file,) in connection.execute(f"select file from glob({_path(root, '/**')})").fetchall()}
    for file in sorted(found | _behind_links(root)):
        path = file.replace("\\", "/")
        parts = path[len(root) + 1 :].split("/")
        if (
            any(part.startswith((".", "~")) or part.endswith("~") for part in parts)
            or any(part.startswith("_") for part in parts[:-1])
            or parts[-1].lower() in NO_RAW_DATA
        ):
            continue
        ending = next((ending for ending in ENDINGS if parts[-1].lower().endswith(ending)), None)
        if parts[-1].startswith("_") and not ending:
            continue
        stem = parts[-1][: -len(ending)] if ending else parts[-1].rpartition(".")[0]
        table = (parts[0] if len(parts) > 1 else stem or parts[-1]).lower()
        if table not in tables:
            nearest = difflib.get_close_matches(table, tables, n=1, cutoff=0)[0]
            raise RawDataError(
                f"'{parts[0]}' in {root} is no table of the raw contract: did you mean '{nearest}'? "
                f"Several files of one table go into a folder {nearest}/. The tables are {', '.join(tables)}."
            )
        if not ending or not stem:
            raise RawDataError(
                f"File {path} is neither csv nor parquet: open it in the program that wrote it and save it as CSV UTF-8."
            )
        files.setdefault(table, []).append(file)
    if not files:
        raise RawDataError(
            f"RAW_DATA_DIR is '{directory}', where there is no csv or parquet file: "
            "name the directory that holds orders.csv and its like."
        )
    return files


def _behind_links(root: str) -> set[str]:
    """Files that are links or lie in linked folders: DuckDB's search leaves these out in silence. None of a bucket.

    Raises RawDataError for a name with a backslash, which DuckDB leaves out as well, and cannot open.
    """
    files, seen = set(), set()
    for folder, folders, names in os.walk(root, followlinks=True):
        # a link may lead back to where it stands
        folders[:] = [name for name in folders if os.path.realpath(os.path.join(folder, name)) not in seen]
        seen |= {os.path.realpath(os.path.join(folder, name)) for name in folders}
        is_linked = os.path.realpath(folder) != os.path.join(
            os.path.realpath(root), os.path.relpath(folder, root)
        ).removesuffix("/.")
        for name in names:
            if os.sep == "/" and "\\" in name and name.lower().endswith(ENDINGS) and not name.startswith((".", "~")):
                raise RawDataError(f"File {folder}/{name} has a backslash in its name and cannot be opened: rename it.")
            if is_linked or os.path.islink(os.path.join(folder, name)):
                files.add(os.path.join(folder, name))
    return files


def _file_with_more(connection: duckdb.DuckDBPyConnection, directory: str, tables: Sequence[str]) -> str:
    """The packed file at which DuckDB stops, of all files: asked one by one, since there is nothing left to load."""
    packed = [
        file
        for files in find_files(connection, directory, tables).values()
        for file in files
        if file[-3:].lower() == ".gz"
    ]
    for file in packed:
        scan = f"read_csv({_path(file)}, {CSV_OPTIONS}, delim = '\x01', quote = '', escape = '', header = false"
        try:
            connection.execute(
                f"select count(*) from {scan}, columns = {{'line': 'VARCHAR'}}, ignore_errors = true)"
            ).fetchone()
        except duckdb.IOException:
            return file
    return " or ".join(packed)


def parse_csv_header(line: str, file: str) -> Header:
    """Columns and delimiter of a CSV file from its first line: the sign of ``, ; tab |`` that the line has most of.

    Columns follow for which ``file`` has folders such as ``brand=fr``. Raises RawDataError where two columns have the same name.
    """
    line = line.lstrip("\ufeff").rstrip("\r\n")
    unquoted = re.sub('"[^"]*"', "", line)
    delimiter = max(",;\t|", key=unquoted.count)  # of several the first
    if line.count('"') % 2:
        raise RawDataError(
            f"File {file} line 1 has a quotation mark that is not closed, in the name of a column: write the names without."
        )
    names: list[str] = []
    for number, value in enumerate(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)), 1):
        name = value.strip().strip('"').strip().lower().replace('"', "'")
        if name and name in names:
            raise RawDataError(f"File {file} line 1 names the column '{name}' twice: rename or remove one of the two.")
        names.append(name or f"unnamed_{number}")
    folders = _folders(file, names)
    return Header(tuple((name, "VARCHAR") for name in [*names, *folders]), delimiter, folders)


def union_columns(headers: Headers) -> dict[str, str]:
    """Columns that files have together, lower case, CSV files' first: the type on which all agree, else VARCHAR."""
    columns: dict[str, str] = {}
    for header in _by_header(headers):
        for name, data_type in header.columns:
            if name.lower() == FILE_NUMBER:
                continue  # a table that this project wrote
            text_or_own = "VARCHAR" if data_type == "BLOB" else data_type
            agreed = columns.setdefault(name.lower(), text_or_own)
            columns[name.lower()] = text_or_own if agreed == text_or_own else "VARCHAR"
    return columns


def union_query(headers: Headers, columns: Mapping[str, str], numbers: Mapping[str, int]) -> str:
    """The query that reads all of these files, with ``columns`` and ``numbers`` of files; empty where no file has a column."""
    queries = []
    for header, files in _by_header(headers).items():
        own = {name.lower(): (_name(name), data_type) for name, data_type in header.columns}
        expressions = []
        for name, data_type in columns.items():
            column, own_type = own.get(name, ("null", None))
            expression = column if own_type == data_type else f"cast({column} as {data_type})"
            if own_type == "BLOB":  # text of a writer that does not say so
                expression = f"coalesce(try(decode({column})), {expression})"
            expressions.append(f"{expression} as {_name(name)}")
        paths = ", ".join(map(_path, files))
        # a folder order_id=7 does not stand above the file's own column, as it would if DuckDB decided
        is_in_folders = str(bool(header.folders)).lower()
        if header.delimiter is None:
            scan = f"read_parquet([{paths}], filename = '_file_name', hive_partitioning = {is_in_folders})"
        else:
            types = ", ".join(f"{_text(name)}: 'VARCHAR'" for name, _ in header.columns if name not in header.folders)
            dialect = (
                f"store_rejects = true, header = true, delim = {_text(header.delimiter)}, quote = '\"', escape = '\"'"
            )
            dialect += f", hive_partitioning = {is_in_folders}, hive_types_autocast = false"
            scan = f"read_csv([{paths}], {CSV_OPTIONS}, {dialect}, columns = {{{types}}}, filename = '_file_name')"
        if len(files) == 1:
            expressions.append(f"{numbers[files[0]]}::bigint as {FILE_NUMBER}")
        else:
            expressions.append(f"files.number::bigint as {FILE_NUMBER}")
            known = f"unnest([{', '.join(map(_text, files))}]) as name, unnest({[numbers[file] for file in files]}) as number"
            scan += f" as rows inner join (select {known}) as files on rows._file_name = files.name"
        queries.append(f"select {', '.join(expressions)} from {scan}")
    return " union all ".join(queries)


class _RawSchema:
    """The raw tables and the record of loaded files."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> None:
        self.connection = connection
        self.path = f"{_name(database)}.{_name(schema)}"
        self.record = self.relation(RECORD)
        connection.execute(f"create schema if not exists {self.path}")
        self.tables: dict[str, dict[str, str]] = {}
        self.numbers: dict[str, int] = {}
        self.files_before: set[str] = set()
        for table, column, data_type in connection.execute(
            "select lower(table_name), column_name, data_type from information_schema.columns "
            "where lower(table_catalog) = lower(?) and lower(table_schema) = lower(?) order by 1, ordinal_position",
            [database, schema],
        ).fetchall():
            self.tables.setdefault(table, {})[column] = data_type

    def relation(self, identifier: str) -> str:
        return f"{self.path}.{_name(identifier)}"

    def count(self, identifier: str) -> int:
        return self.connection.execute(f"select count(*) from {self.relation(identifier)}").fetchone()[0]

    def start_record(self, is_full_refresh: bool, states: Mapping[str, FileState]) -> None:
        """Make an empty record where there is none, it is another version's, or all files are to be read again.

        Files that are as they were keep their numbers even then: the rows must not depend on whether all files are read again.
        """
        is_known = self.tables.get(RECORD) == RECORD_COLUMNS
        if is_known:
            self.files_before = {
                file for (file,) in self.connection.execute(f"select file_path from {self.record}").fetchall()
            }
            for file, size, modified_at, number in self.connection.execute(
                f"select file_path, file_size, modified_at, file_number from {self.record}"
            ).fetchall():
                if file in states and (size, modified_at) == (states[file].size, states[file].modified_at):
                    self.numbers[file] = number
        last = max(self.numbers.values(), default=0)
        new = sorted(file for file in states if file not in self.numbers)
        self.numbers |= {file: last + place for place, file in enumerate(new, 1)}
        if is_full_refresh or not is_known:
            columns = ", ".join(" ".join(column) for column in RECORD_COLUMNS.items())
            self.connection.execute(f"create or replace table {self.record} ({columns})")

    def check_same_business(
        self,
        directory: str,
        is_full_refresh: bool,
        states: Mapping[str, FileState],
        tables: Mapping[str, Mapping[str, Any]],
        headers: Mapping[str, Headers],
        before: Mapping[str, TableBefore],
    ) -> None:
        """Raise RawDataError where no order, customer or subscription of the raw tables is in the files any more.

        What was published of one business would be restated as the other. One file as it was, or some ids in common whose rows
        say the same otherwise, are the same business. A full refresh over the same paths is meant to replace them.
        """
        has_same_paths = bool(self.files_before & set(states))
        if not self.files_before or (has_same_paths and is_full_refresh):
            return
        has_ids = False
        for table, (key, others) in BUSINESS_KEYS.items():
            identifier = tables.get(table, {}).get("identifier", "")
            known, own = before.get(identifier.lower(), TableBefore()), self.tables.get(identifier.lower(), {})
            columns = union_columns(headers.get(table, {}))
            if key not in columns or key not in map(str.lower, own) or not self.count(identifier):
                continue
            if known.headers:
                return
            shared = [name for name in others if name in columns and name in map(str.lower, own)]
            rows = union_query(headers[table], dict.fromkeys((key, *shared), "VARCHAR"), self.numbers)
            relation = self.relation(identifier)
            first = f"(select * from ({rows}) limit 1000)"  # which are enough, unless it is another business
            if self._is_alike(first, relation, key, shared, "") or self._is_alike(
                f"({rows})", relation, key, shared, "[.]0+$"
            ):
                return
            has_ids = has_ids or self.connection.execute(f"select 1 from ({rows}) limit 1").fetchone() is not None
        if has_ids:
            raise RawDataError(
                f"This warehouse holds another business: it was built from {min(self.files_before)} and others, "
                f"and not one order, customer or subscription of {directory} is in it. "
                "Name a warehouse of its own (WAREHOUSE_PATH), or delete this one to start afresh; put your own newer files "
                "beside the earlier ones, or build with --full-refresh (FULL=1) if the same files have new ids."
            )

    def _is_alike(self, rows: str, relation: str, key: str, others: Sequence[str], ending: str) -> bool:
        """Whether ids that both have stand for the same: of enough of them, one of the other columns is the same too.

        ``ending``: what an id may come without, 7 for 7.0.
        """

        def written(name: str) -> str:
            text = f"trim({name}::varchar, ' \"=')"
            return f"regexp_replace({text}, '{ending}', '')" if ending else text

        values = ", ".join(f"min({written(name)}) as {name}" for name in others)
        ids = f"select {written(key)} as id{', ' if values else ''}{values} from"
        alike = (
            " or ".join(f"(new_rows.{name} = old_rows.{name} and new_rows.{name} <> '')" for name in others) or "true"
        )
        found, same = self.connection.execute(
            f"with new_rows as materialized ({ids} {rows} group by 1), old_rows as ({ids} {relation} where {written(key)} in "
            f"(select id from new_rows) group by 1) select count(*), count(*) filter (where {alike}) from new_rows "
            "inner join old_rows using (id) where id <> ''"
        ).fetchone()
        return same > 0 and same >= ALIKE * found

    def loaded_tables(self, states: Mapping[str, FileState]) -> dict[str, TableBefore]:
        """What the record says of each raw table, by its name in the schema.

        The number of rows tells a table that was filled or emptied since.
        """
        rows = self.connection.execute(
            f"select table_name, {', '.join(list(RECORD_COLUMNS)[1:])} from {self.record} order by table_name"
        ).fetchall()
        before = {}
        for table, recorded in groupby(rows, key=lambda row: row[0]):
            headers, is_unchanged, row_counts = {}, True, []
            for _, file, size, modified_at, header, read_by, read_at, _, row_count in recorded:
                state = states.get(file)
                row_counts.append(row_count)
                if (
                    state is not None
                    and (size, modified_at, read_by) == (state.size, state.modified_at, READ_BY)
                    and modified_at <= read_at - SAFE_AGE
                ):
                    headers[file] = Header.from_text(header) if header else None
                else:
                    is_unchanged = False
            is_whole = is_unchanged and table in self.tables and self.count(table) == max(row_counts)
            before[table] = TableBefore(headers, is_whole, self.tables.get(table, {}))
        return before

    def load_table(
        self, identifier: str, known: TableBefore, headers: Headers, states: Mapping[str, FileState]
    ) -> None:
        """Add the new files where the table is whole and all files together have its very columns; else load all files.

        Without a column there is no table.
        """
        relation, columns = self.relation(identifier), union_columns(headers)
        expected = [*columns.items(), (FILE_NUMBER, "BIGINT")]
        is_replaced = not known.is_whole or expected != list(known.columns.items())
        to_read = {file: header for file, header in headers.items() if is_replaced or file not in known.headers}
        query = union_query(to_read, columns, self.numbers)
        if is_replaced or not columns:
            self.connection.execute(f"delete from {self.record} where table_name = ?", [identifier.lower()])
        try:
            if not columns:
                self.connection.execute(f"drop table if exists {relation}")
            elif is_replaced:
                self.connection.execute(f"create or replace table {relation} as {query}")
            elif query:
                self.connection.execute(f"insert into {relation} by name {query}")
        except duckdb.InvalidInputException as error:
            if "state machine" not in str(error):
                raise
            raise RawDataError(
                f"{_with_mixed_lines(self.connection, list(to_read))} ends some lines in CRLF and others in LF: "
                "save it again in one program, so that all lines end alike."
            ) from error
        if "read_csv" in query:
            _check_rejects(self.connection)
        if columns and to_read:
            self.record_files(identifier, to_read, states)

    def add_registered_requests(self, identifier: str | None) -> None:
        """Add the erasure requests that earlier files had and these do not: old files must not bring erased persons back."""
        schema, table = REGISTER.split(".")
        register = f"{self.path.rpartition('.')[0]}.{REGISTER}"
        is_there = self.connection.execute(
            "select 1 from information_schema.tables where table_catalog = current_database() and table_schema = ? "
            "and table_name = ?",
            [schema, table],
        ).fetchone()
        if identifier is None or not is_there:
            return
        relation = self.relation(identifier)
        columns = ", ".join(f"{name} varchar" for name in REGISTER_COLUMNS)
        self.connection.execute(f"create table if not exists {relation} ({columns}, {FILE_NUMBER} bigint)")
        found = {name.lower(): name for name, *_ in self.connection.execute(f"describe {relation}").fetchall()}
        for name in ("customer_id", "email"):
            if name not in found and self.connection.execute(f"select count({name}) from {register}").fetchone()[0]:
                self.connection.execute(f"alter table {relation} add column {name} varchar")
                found[name] = name
        brand = f"coalesce(trim({_name(found['brand'])}::varchar), '')" if "brand" in found else "''"
        shared = [name for name in REGISTER_COLUMNS if name in found]
        self.connection.execute(
            f"insert into {relation} ({', '.join(_name(found[name]) for name in shared)}, {FILE_NUMBER}) "
            f"select {', '.join(shared)}, 0 from {register} as register where not exists (select 1 from {relation} as requests "
            f"where trim(requests.{_name(found['request_id'])}::varchar) = trim(register.request_id) "
            f"and {brand} = coalesce(trim(register.brand), ''))"
        )
        self.connection.execute(
            f"update {self.record} set row_count = ? where table_name = ?", [self.count(identifier), identifier.lower()]
        )

    def record_files(self, identifier: str, headers: Headers, states: Mapping[str, FileState]) -> None:
        """Record files whose rows the table has now."""
        files = list(headers)
        self.connection.execute(
            f"insert into {self.record} select ?, unnest(?), unnest(?), unnest(?), unnest(?), ?, ?, unnest(?), ?",
            [
                identifier.lower(),
                files,
                [states[file].size for file in files],
                [states[file].modified_at for file in files],
                [headers[file].as_text() if headers[file] else "" for file in files],
                READ_BY,
                min(states[file].read_at for file in files),
                [self.numbers[file] for file in files],
                self.count(identifier),
            ],
        )


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("begin transaction")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _file_states(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> dict[str, FileState]:
    """Size and times of each file. The content is not read: read_blob does so only where its column content is asked for."""
    rows = connection.execute(
        "select filename, size, make_timestamp(epoch_us(last_modified)), make_timestamp(epoch_us(now())) "
        f"from read_blob([{', '.join(map(_path, files))}])"
    ).fetchall()
    return {file: FileState(*state) for file, *state in rows}


def _file_headers(
    connection: duckdb.DuckDBPyConnection, files: Sequence[str], known: Headers, states: Mapping[str, FileState]
) -> dict[str, Header | None]:
    """The header of each file, as known or else as read."""
    new_csv = [file for file in files if file not in known and _is_csv(file)]
    lines = _first_lines(
        connection,
        [
            file
            for file in new_csv
            if file in states and states[file].size < SMALL_FILE and not file.lower().endswith(".gz")
        ],
    )
    headers: dict[str, Header | None] = {}
    for file in files:
        if file in known:
            headers[file] = known[file]
        elif _is_csv(file):
            _check_sum(file)
            line = lines.get(file) or _csv_first_line(connection, file)
            headers[file] = parse_csv_header(line, file) if line else None
        else:
            headers[file] = _parquet_header(connection, file)
    return headers


def _check_sum(file: str) -> None:
    """Raise RawDataError where a packed file is not what was packed: DuckDB does not compare its check sum."""
    if not file.lower().endswith(".gz") or not os.path.exists(file):  # of a bucket
        return
    try:
        with gzip.open(file) as unpacked:
            while unpacked.read(1 << 20):
                pass
    except (zlib.error, gzip.BadGzipFile) as error:
        if "CRC" in str(error) or "length" in str(error) or isinstance(error, zlib.error):
            raise RawDataError(
                f"File {file} is damaged (its check sum is another): export it again, or copy it again."
            ) from error
    except EOFError:
        pass  # cut short, as DuckDB will say


def _first_lines(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> dict[str, str]:
    """The first line of those of these small files where it is one of printable ASCII.

    Many are read at a time: a query for each would take most of the time that loading a thousand small files takes.
    """
    lines = {}
    for start in range(0, len(files), 200):
        paths = ", ".join(map(_path, files[start : start + 200]))
        for file, content in connection.execute(f"select filename, content from read_blob([{paths}])").fetchall():
            if match := re.match(rb"([\t\x20-\x7e]+)\r?\n", content):
                lines[file] = match[1].decode("ascii")
    return lines


def _csv_first_line(connection: duckdb.DuckDBPyConnection, file: str) -> str | None:
    """The first line of any CSV file, never empty; None for a file with nothing in it.

    It is read leniently, as one value, so that one sentence can say what is wrong with it. Raises RawDataError where it is not
    text in UTF-8, or empty before others that are not.
    """
    connection = connection.cursor()  # an error ends the transaction of the connection that meets it
    lines = (
        f"from read_csv({_path(file)}, {CSV_OPTIONS}, header = false, delim = '\x1f', quote = '', escape = '', "
        "columns = {'line': 'VARCHAR'}, strict_mode = false, store_rejects = "
    )
    try:
        rows = connection.execute(f"select line {lines} false) limit 1").fetchall()
        is_text = not rows or "\x00" not in (rows[0][0] or "")
    except duckdb.InvalidInputException as error:
        is_text = not re.search(r"Line: 1\b", str(error))  # else a later line, which is told of when the rows are read
        rows = connection.execute(f"select line {lines} true) limit 1").fetchall() if is_text else []
    if rows and not rows[0][0]:  # an empty line, or one that is no text
        content = connection.execute(f"select content from read_blob({_path(file)})").fetchone()[0].strip(b"\r\n")
        if not content:
            return None
        is_text = bool(connection.execute(f"select 1 {lines} true) where line <> '' limit 1").fetchall())
        if is_text and (file.lower().endswith(".gz") or _is_utf_8(content)):
            raise RawDataError(f"File {file} line 1 is empty: remove the lines before the names of the columns.")
        is_text = False
    if not is_text:
        raise RawDataError(
            f"File {file} line 1 is no text in UTF-8: unpack it if it is packed, "
            "and save it as CSV UTF-8 (not UTF-16 or latin-1)."
        )
    return rows[0][0] if rows else None


def _is_utf_8(content: bytes) -> bool:
    """Whether the beginning of a file is text in UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content[:65536])
    except UnicodeDecodeError:
        return False
    return True


def _parquet_header(connection: duckdb.DuckDBPyConnection, file: str) -> Header:
    try:
        # DuckDB reads from the end of a file; a beginning of something else means that bytes are missing
        is_damaged = f"select size < 100000000 and content[1:4] <> 'PAR1'::blob from read_blob({_path(file)})"
        described = f"describe select * from read_parquet({_path(file)}, hive_partitioning = "
        rows = connection.execute(f"{described}false)").fetchall()
        if folders := _folders(file, [name.lower() for name, *_ in rows]):
            rows = connection.execute(f"{described}true)").fetchall()
        if connection.execute(is_damaged).fetchone()[0]:
            raise duckdb.InvalidInputException(file)
    except duckdb.IOException:
        raise
    except duckdb.Error as error:
        raise RawDataError(
            f"File {file} is no complete parquet file, though its name ends so: export it again."
        ) from error
    names = [name.lower() for name, *_ in rows]
    for name, *_ in rows:
        if names.count(name.lower()) > 1:
            raise RawDataError(f"File {file} has the column '{name}' twice: rename or remove one of the two.")
    return Header(tuple((name, data_type) for name, data_type, *_ in rows), folders=folders)


def _folders(file: str, own: Sequence[str]) -> tuple[str, ...]:
    """Columns that the folders of a file name, ``brand=fr``, and the file itself has not."""
    named = [name.lower() for name in re.findall(r"([A-Za-z_]\w*)=[^/\\]*[/\\]", file)]
    return tuple(dict.fromkeys(name for name in named if name not in own))


def _check_required_columns(table: str, required: Iterable[str], found: Iterable[str], files: Sequence[str]) -> None:
    missing = [name for name in required if name not in found]
    if missing:
        raise RawDataError(
            f"Table {table} ({textwrap.shorten(', '.join(files), 200, placeholder=' ...')}) lacks the required "
            f"column{'s' if len(missing) > 1 else ''} {', '.join(missing)}: the columns found are {', '.join(found)}."
        )


def _check_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise RawDataError at the first line that could not be read as CSV."""
    for file, line, error_type, message in connection.execute(
        "select scans.file_path, errors.line, errors.error_type::varchar, errors.error_message from reject_errors as errors "
        "inner join reject_scans as scans using (scan_id, file_id) order by 1, 2 limit 1"
    ).fetchall():
        raise RawDataError(f"File {file} line {line} {ADVICE.get(error_type, f'cannot be read ({message})')}.")


def _by_header(headers: Headers) -> dict[Header, list[str]]:
    """Files that share each header, CSV files first."""
    groups: dict[Header, list[str]] = {}
    for file, header in sorted(headers.items(), key=lambda item: item[1] is not None and item[1].delimiter is None):
        if header is not None and header.columns:
            groups.setdefault(header, []).append(file)
    return groups


def _is_csv(file: str) -> bool:
    return not file.lower().endswith(".parquet")


def _with_mixed_lines(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> str:
    """Name the file, or, where that is not seen in its bytes, all of them."""
    cursor = connection.cursor()  # outside of the transaction, which is aborted
    for file in filter(_is_csv, files):
        content = cursor.execute(f"select content from read_blob({_path(file)})").fetchone()[0]
        if b"\r\n" in content and re.search(rb"(?<!\r)\n", content):
            return f"File {file}"
    return f"One of {textwrap.shorten(', '.join(files), 200, placeholder=' ...')}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _path(file: str, pattern: str = "") -> str:
    """As a literal that means this very file, whatever its name holds, and ``pattern`` behind it."""
    return _text(re.sub(r"([*?\[])", r"[\1]", file) + pattern)


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
