"""A PostgreSQL server of one's own in a temporary directory, and raw tables copied into any PostgreSQL."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import psycopg2
from psycopg2 import sql

# Only for tests: nothing here survives a power cut. jit costs more than it gives on wide expressions over few rows.
SERVER_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "timezone": "UTC",
}
PLACES_OF_BINARIES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")
UNPRIVILEGED_USERS = ("postgres", "nobody")
START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server: ``host`` is the directory of its socket, nothing listens on the network."""

    host: str
    port: int
    user: str
    database: str

    @property
    def environment(self) -> dict[str, str]:
        """What the target ``postgres`` of profiles.yml and libpq's own clients read to connect."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": "",
            "PGDATABASE": self.database,
        }

    def new_database(self, name: str, options: str = "") -> Server:
        """Create an empty database, with ``options`` of its own if any (SQL), and return the server with it."""
        with contextlib.closing(connect(self.environment)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            template = sql.SQL("template template0 " + options) if options else sql.SQL("")
            cursor.execute(sql.SQL("create database {} {}").format(sql.Identifier(name), template))
        return replace(self, database=name)


def server_binary(name: str) -> Path:
    """Find ``initdb`` or ``postgres``: the newest of the usual places, else on the path.

    Raises FileNotFoundError, with what to install, when there is none.
    """
    found = [
        path
        for place in PLACES_OF_BINARIES
        for path in Path("/").glob(f"{place[1:]}/{name}")
        if os.access(path, os.X_OK)
    ]
    if found:
        return max(found, key=lambda path: [int(part) if part.isdigit() else 0 for part in path.parts])
    if on_path := shutil.which(name):
        return Path(on_path)
    raise FileNotFoundError(f"{name} of PostgreSQL is not installed (on Debian: apt-get install postgresql).")


@contextlib.contextmanager
def running_server(database: str = "lifecycle") -> Iterator[Server]:
    """Start a server with an empty database, and stop and remove it whatever happens inside the ``with``.

    It runs as an unprivileged user when this process is root, since PostgreSQL refuses to run as root. Text is compared
    by bytes, as DuckDB does, and upper and lower case are those of Unicode. Raises RuntimeError when it does not start.
    """
    initdb, postgres = server_binary("initdb"), server_binary("postgres")
    account = _unprivileged_account() if os.geteuid() == 0 else None
    identity = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    user = account.pw_name if account else pwd.getpwuid(os.geteuid()).pw_name
    home = Path(tempfile.mkdtemp(prefix="lifecycle_pg_"))  # short: a socket's path has at most 107 bytes
    if account is not None:
        os.chown(home, account.pw_uid, account.pw_gid)
    process = None
    try:
        made = subprocess.run(
            [initdb, "--pgdata", home / "data", "--username", user, "--auth", "trust", "--encoding", "UTF8",
             "--lc-collate", "C", "--lc-ctype", "C.UTF-8", "--lc-messages", "C", "--no-sync"],
            cwd=home, capture_output=True, text=True, check=False, **identity,
        )  # fmt: skip
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
        settings = {"unix_socket_directories": str(home), "listen_addresses": "", **SERVER_SETTINGS}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = home / "server.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [postgres, "-D", home / "data", "-p", "5432", *options],
                cwd=home, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=_end_with_parent, **identity,
            )  # fmt: skip
        server = Server(str(home), 5432, user, "postgres")
        _wait_until_ready(server, process, log)
        yield server.new_database(database)
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(home, ignore_errors=True)


def copy_raw_tables(warehouse: Path, environment: Mapping[str, str], raw_schema: str = "raw") -> dict[str, int]:
    """Replace the schema ``raw_schema`` of a PostgreSQL by that of a DuckDB file; return the rows of each table.

    ``environment`` says where it is, as libpq's variables do (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE). All or
    nothing: one transaction. Contract tables that the file does not have are dropped, other tables stay.
    """
    from lifecycle_tools.engines.raw_files import CONTRACT_TABLES

    counts = {}
    with duckdb.connect(str(warehouse), read_only=True) as source, contextlib.closing(connect(environment)) as target:
        source.execute("set timezone = 'UTC'")
        tables = dict.fromkeys(
            row[0]
            for row in source.execute(
                "select table_name from information_schema.tables where table_schema = ?", [raw_schema]
            ).fetchall()
        )
        with target, target.cursor() as cursor, tempfile.TemporaryDirectory() as directory:
            cursor.execute("set timezone to 'UTC'")
            cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(raw_schema)))
            for table in {*CONTRACT_TABLES, *tables}:
                cursor.execute(sql.SQL("drop table if exists {} cascade").format(sql.Identifier(raw_schema, table)))
            for table in tables:
                counts[table] = _copy_table(source, cursor, raw_schema, table, Path(directory) / "rows.csv")
    return counts


def connect(environment: Mapping[str, str]) -> psycopg2.extensions.connection:
    """Connect by libpq's variables; psycopg2.OperationalError when there is nothing to connect to."""
    return psycopg2.connect(
        host=environment.get("PGHOST", "localhost"),
        port=environment.get("PGPORT", "5432"),
        user=environment.get("PGUSER", "postgres"),
        password=environment.get("PGPASSWORD") or None,
        dbname=environment.get("PGDATABASE", "postgres"),
    )


def _copy_table(source: duckdb.DuckDBPyConnection, cursor, schema: str, table: str, file: Path) -> int:
    described = source.execute(
        "select column_name, data_type from information_schema.columns where table_schema = ? and table_name = ? "
        "order by ordinal_position",
        [schema, table],
    ).fetchall()
    columns = {name: _postgres_type(data_type) for name, data_type in described}
    # text cannot hold the byte 0 here
    values = ", ".join(
        f"replace(cast({_quoted(name)} as varchar), chr(0), '') as {_quoted(name)}"
        if column == "text"
        else _quoted(name)
        for name, column in columns.items()
    )
    source.execute(
        f"copy (select {values} from {_quoted(schema)}.{_quoted(table)}) to '{file}' (format csv, header false)"
    )
    target = sql.Identifier(schema, table)
    fields = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(column)) for name, column in columns.items()
    )
    cursor.execute(sql.SQL("create table {} ({})").format(target, fields))
    with file.open("rb") as rows:
        cursor.copy_expert(sql.SQL("copy {} from stdin (format csv)").format(target), rows)
    copied = cursor.rowcount
    cursor.execute(sql.SQL("analyze {}").format(target))
    return copied


def _postgres_type(data_type: str) -> str:
    """Find the type that holds every value of a DuckDB type; what has none becomes text."""
    name = data_type.upper()
    if name.startswith("DECIMAL("):
        return "numeric" + name.removeprefix("DECIMAL")
    if name.startswith(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")):
        return "timestamp with time zone"
    if name.startswith("TIMESTAMP"):
        return "timestamp"
    whole = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
    types = dict.fromkeys(whole, "bigint") | dict.fromkeys(("HUGEINT", "UHUGEINT", "UBIGINT"), "numeric")
    types |= {"DOUBLE": "double precision", "FLOAT": "real", "BOOLEAN": "boolean", "DATE": "date"}
    return types.get(name, "text")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _unprivileged_account() -> pwd.struct_passwd:
    for name in UNPRIVILEGED_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError(f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED_USERS)}.")


def _end_with_parent() -> None:
    """Ask Linux, in the server's process, for the signal to shut down when the starting process ends."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _wait_until_ready(server: Server, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            connect(server.environment).close()
            return
        except psycopg2.OperationalError as error:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text().strip() or error}") from error
            time.sleep(0.05)


def _stop(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGQUIT)  # at once: what it would write out is deleted anyway
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=20)
