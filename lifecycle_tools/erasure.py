"""After a build: what is known of erased persons leaves the raw tables loaded from files, and the bytes of the warehouse.

The models leave the rows of erased persons out and delete what base models hold of them (macros/cleaning/personal_data.sql).
Here the same is done to the raw rows behind them: an e-mail becomes what its id is made of (``<md5>@erased.invalid``, see the
macro ``email_id``), so that the row still belongs to the same erased person; telephone numbers, names, free text and columns
that the contract does not know become null. What other people wrote about them goes by value. The requests are kept in a
register, so that old files without them do not bring an erased person back. DuckDB keeps the bytes of what is deleted: the
warehouse is written into a new file, which takes its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools.publishing import PublishError
from lifecycle_tools.raw_loading import FILE_NUMBER, RECORD, REGISTER, REGISTER_COLUMNS

SOURCE = "source.customer_lifecycle.lifecycle_raw."
MARKER = "_to_rewrite"  # a table of the raw schema: rows were changed, and the file was not yet written anew
ERASED = "intermediate.int_erased_ids"
ORDERS = "staging.stg_shop__order_outcomes"
E_MAIL = r"""[^ @<>(),;:"'/?&=#|]+@[^ @<>(),;:"'/?&=#|]+[.][^ @<>(),;:"'/?&=#|]+"""
VALUES_AT_ONCE = 300  # in one regular expression


@dataclass(frozen=True)
class RawTable:
    """A raw table with its base model. ``columns``: name to type; ``contract``: of those that the contract knows, its words."""

    name: str
    raw: str
    base: str
    columns: Mapping[str, str]
    contract: Mapping[str, Any]
    person_ids: Sequence[str]
    has_parent: bool

    def fingerprint(self, alias: str = "") -> str:
        """As the macro ``row_fingerprint`` tells raw rows apart."""
        return f"hash({', '.join(alias + _name(column) for column in self.columns)})"

    def texts(self) -> list[str]:
        """Columns in which anything may be written: the contract's texts, and those that the contract does not know."""
        return [
            name
            for name, data_type in self.columns.items()
            if data_type == "VARCHAR" and self.type_of(name) in ("text", "code", None)
        ]

    def type_of(self, name: str) -> str | None:
        """The contract's type of a column."""
        column = self.contract.get(name.lower())
        return column.config.meta["type"] if column else None

    def is_personal(self, name: str) -> bool:
        """Whether the contract tags the column pii and a row can do without it."""
        column = self.contract.get(name.lower())
        return column is not None and "pii" in column.config.tags and not column.config.meta.get("required")


def forget_erased(warehouse: Path, manifest: Any) -> int:
    """Delete what raw tables hold of erased persons, then write the file anew; return how many raw rows were changed.

    Nothing happens where all of it was done before. Raises ``PublishError`` where there is no space for the new file.
    """
    changed = 0
    try:
        with duckdb.connect(str(warehouse)) as connection:
            tables = list(_raw_tables(connection, manifest))
            if tables and _exists(connection, ERASED):
                connection.execute("begin transaction")
                changed = _forget(connection, tables)
                if changed:
                    schema = tables[0].raw.rpartition(".")[0]
                    connection.execute(f"create table if not exists {schema}.{MARKER} as select 1 as one")
                connection.execute("commit")
            marker = _marker(connection)
            connection.execute("checkpoint")
        if marker:
            _write_anew(warehouse, marker)
    except duckdb.Error as error:
        raise PublishError(
            f"What {warehouse.name} holds of erased persons could not be deleted: {str(error).splitlines()[0]}"
        ) from error
    except OSError as error:
        raise PublishError(
            f"{warehouse} could not be written without the erased persons: {error.strerror}. Build again."
        ) from error
    return changed


def erased_id_count(warehouse: Path) -> int:
    """How many ids are erased: a run that was published with another number holds a person who was erased since."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(f"select count(*) from {ERASED}").fetchone()[0] if _exists(connection, ERASED) else 0


def _raw_tables(connection: duckdb.DuckDBPyConnection, manifest: Any) -> Iterator[RawTable]:
    """The raw tables that were loaded from files, and that have been cleaned."""
    columns: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, data_type in connection.execute(
        "select table_schema, lower(table_name), column_name, data_type from information_schema.columns "
        "order by 1, 2, ordinal_position"
    ).fetchall():
        columns.setdefault((schema, table), {})[column] = data_type
    bases = {
        table.partition("__")[2]: table
        for schema, table in columns
        if table.startswith("base_") and schema == "staging"
    }
    for unique_id, source in manifest.sources.items():
        table = unique_id.removeprefix(SOURCE)
        if (source.schema, RECORD) not in columns or table == unique_id or table not in bases:
            continue
        loaded = connection.execute(
            f"select 1 from {_name(source.schema)}.{RECORD} where table_name = ?", [source.identifier.lower()]
        ).fetchone()
        found = columns.get((source.schema, source.identifier.lower()))
        base = columns["staging", bases[table]]
        if found and (loaded or table == "erasure_requests") and "raw_fingerprint" in base:
            yield RawTable(
                name=table,
                raw=f"{_name(source.schema)}.{_name(source.identifier)}",
                base=f"staging.{bases[table]}",
                columns=found,
                contract=source.columns,
                # a device alone names no person beside a customer; a row without one has it as its person_id
                person_ids=[name for name in base if name.endswith("person_id") and name != "anonymous_person_id"],
                has_parent=bool(source.config.meta.get("parent")),
            )


def _forget(connection: duckdb.DuckDBPyConnection, tables: Sequence[RawTable]) -> int:
    for table in tables:
        connection.execute(f"create temp table erased_{table.name} as {_erased_rows(table)}")
    patterns = list(_patterns(connection, {table.name: table for table in tables}))
    changed, written = 0, set()
    for table in tables:
        changed += _forget_rows(connection, table)
        for pattern in patterns:
            if count := _forget_values(connection, table, pattern):
                changed += count
                written.add(pattern)
        connection.execute(f"drop table erased_{table.name}")
    for relation, column in _texts_made(connection) if written else ():
        for pattern in written:
            _replace(connection, relation, [column], pattern)
    _register(connection, {table.name: table for table in tables})
    return changed


def _texts_made(connection: duckdb.DuckDBPyConnection) -> Sequence[tuple[str, str]]:
    """Columns in which this build has put texts of raw rows: the next one would find them changed, readers see them now."""
    return connection.execute(
        "select columns.table_schema || '.' || columns.table_name, column_name from information_schema.columns as columns "
        "inner join information_schema.tables as tables using (table_schema, table_name) "
        "where table_schema in ('intermediate', 'marts', 'quality') and table_type = 'BASE TABLE' and data_type = 'VARCHAR' "
        "and not suffix(column_name, '_id') and not suffix(column_name, 'stage') and table_name <> 'customer_stages_daily'"
    ).fetchall()


def _erased_rows(table: RawTable) -> str:
    """A query: the fingerprints of raw rows that name an erased person, with what stands in the place of their e-mails."""
    until = "erased_ids.erased_until_date"
    queries = [
        f"select base_rows.raw_fingerprint from {table.base} as base_rows inner join {ERASED} as erased_ids "
        f"on base_rows.{name} = erased_ids.person_id and coalesce(base_rows.main_date, {until}) <= {until}"
        for name in table.person_ids
    ]
    if table.has_parent:
        queries.append(
            f"select base_rows.raw_fingerprint from {table.base} as base_rows inner join {ORDERS} as parents "
            "on base_rows.brand = parents.brand and base_rows.order_id = parents.order_id where parents.is_erased"
        )
    if not queries:
        return "select null::ubigint as raw_fingerprint where false"
    replaced = ["raw_fingerprint"]
    for name in table.columns:
        if (kind := table.type_of(name)) in ("email", "id", "customer_id"):
            column = f"{name.lower().removesuffix('email')}email_person_id" if kind == "email" else name.lower()
            if kind != "email" or column in table.person_ids:
                replaced.append(
                    f"any_value(regexp_extract({_name(column)}, 'email:([0-9a-f]{{32}})$', 1)) as {_name(name)}"
                )
    return (
        f"select {', '.join(replaced)} from {table.base} where raw_fingerprint in ({' union all '.join(queries)}) "
        "group by raw_fingerprint"
    )


def _forget_rows(connection: duckdb.DuckDBPyConnection, table: RawTable) -> int:
    """Change the raw rows of erased persons, and the fingerprints by which the base model knows them."""
    erased = f"erased_{table.name}"
    hashed = {name for (name, *_) in connection.execute(f"describe {erased}").fetchall()}
    changes = {}
    for name, data_type in table.columns.items():
        column, kind = f"raw_rows.{_name(name)}", table.type_of(name)
        token = f"nullif(erased.{_name(name)}, '') || '@erased.invalid'"
        if name == FILE_NUMBER:
            continue
        if kind == "email" and data_type == "VARCHAR":
            changes[name] = token if name in hashed else "null"
        elif kind is None or table.is_personal(name):
            changes[name] = "null"
        elif kind in ("id", "customer_id") and data_type == "VARCHAR" and name in hashed:
            changes[name] = f"case when {column} like '%@%' then coalesce({token}, {column}) else {column} end"
        elif kind in ("text", "code") and data_type == "VARCHAR":
            changes[name] = f"regexp_replace({column}, {_text(E_MAIL)}, '[e-mail]', 'g')"
    if not changes:
        return 0
    other = " or ".join(f"{value} is distinct from raw_rows.{_name(name)}" for name, value in changes.items())
    return _change(
        connection,
        table,
        f"select raw_rows.rowid as row_number, {table.fingerprint('raw_rows.')} as old_fingerprint, "
        + ", ".join(f"{value} as {_name(name)}" for name, value in changes.items())
        + f" from {table.raw} as raw_rows inner join {erased} as erased "
        f"on {table.fingerprint('raw_rows.')} = erased.raw_fingerprint where {other}",
        list(changes),
    )


def _forget_values(connection: duckdb.DuckDBPyConnection, table: RawTable, pattern: str) -> int:
    """Change raw rows of all people in which something of an erased person is written, and what was made of them."""
    texts = table.texts()
    found = " or ".join(f"regexp_matches({_name(name)}, {_text(pattern)}, 'i')" for name in texts)
    if not texts:
        return 0
    replaced = ", ".join(
        f"regexp_replace({_name(name)}, {_text(pattern)}, '[erased]', 'gi') as {_name(name)}" for name in texts
    )
    changed = _change(
        connection,
        table,
        f"select rowid as row_number, {table.fingerprint()} as old_fingerprint, {replaced} from {table.raw} where {found}",
        texts,
    )
    described = {name for (name, *_) in connection.execute(f"describe {table.base}").fetchall()}
    read = [name.lower() for name in texts if name.lower() in described and table.type_of(name)]
    if changed:
        _replace(connection, table.base, [*read, "raw_row"], pattern)
    return changed


def _change(connection: duckdb.DuckDBPyConnection, table: RawTable, query: str, columns: Sequence[str]) -> int:
    connection.execute(f"create temp table changes as {query}")
    ((count,),) = connection.execute("select count(*) from changes").fetchall()
    if count:
        values = ", ".join(f"{_name(name)} = changes.{_name(name)}" for name in columns)
        connection.execute(
            f"update {table.raw} as raw_rows set {values} from changes where raw_rows.rowid = changes.row_number"
        )
        # known as they are now, so that the next build need not clean them again
        connection.execute(
            f"update {table.base} as base_rows set raw_fingerprint = renamed.fingerprint from ("
            f"select any_value({table.fingerprint('raw_rows.')}) as fingerprint, changes.old_fingerprint "
            f"from {table.raw} as raw_rows inner join changes on raw_rows.rowid = changes.row_number "
            "group by changes.old_fingerprint) as renamed where base_rows.raw_fingerprint = renamed.old_fingerprint"
        )
    connection.execute("drop table changes")
    return count


def _replace(connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], pattern: str) -> None:
    for name in columns:
        connection.execute(
            f"update {relation} set {_name(name)} = regexp_replace({_name(name)}, {_text(pattern)}, '[erased]', 'gi') "
            f"where regexp_matches({_name(name)}, {_text(pattern)}, 'i')"
        )


def _patterns(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, RawTable]) -> Iterator[str]:
    """Regular expressions that find e-mails, telephone numbers and full names of those who are erased."""
    found: set[str] = set()
    for table in tables.values():
        own = f"from {table.raw} where {table.fingerprint()} in (select raw_fingerprint from erased_{table.name})"
        spelt = {name.lower(): _name(name) for name in table.columns}
        for name, column in spelt.items():
            if table.type_of(name) == "email" and name != "referred_email":
                values = connection.execute(f"select distinct trim({column}::varchar) {own} and {column} is not null")
                found |= {_escaped(value) for (value,) in values.fetchall() if _is_e_mail(value)}
        if "phone" in spelt:
            for (phone,) in connection.execute(f"select distinct {spelt['phone']}::varchar {own}").fetchall():
                digits = re.sub(r"\D", "", phone or "").lstrip("0")
                if len(digits) >= 7:
                    found.add(r"[ ()./-]*".join(digits))
        if {"first_name", "last_name"} <= set(spelt):
            names = connection.execute(f"select distinct {spelt['first_name']}, {spelt['last_name']} {own}").fetchall()
            found |= patterns_of_names(names)
    yield from in_groups(found)


def patterns_of_names(names: Sequence[tuple[Any, Any]]) -> set[str]:
    """Regular expressions that find full names, given as pairs of first and last name, in either order."""
    found = set()
    for first, last in names:
        first, last = (r"\s+".join(map(_escaped, str(part or "").split())) for part in (first, last))
        if len(first) > 1 and len(last) > 1:
            found |= {rf"{first}[\s,._-]+{last}", rf"{last}[\s,._-]+{first}"}
    return found


def in_groups(patterns: set[str]) -> Iterator[str]:
    """Some regular expressions as one, so that a text is read once for all of them; few enough for one."""
    values = sorted(patterns)
    for start in range(0, len(values), VALUES_AT_ONCE):
        yield "(" + "|".join(values[start : start + VALUES_AT_ONCE]) + ")"


def _is_e_mail(value: str) -> bool:
    return re.search(r".@.+\..", value) is not None and not value.endswith("@erased.invalid")


def _register(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, RawTable]) -> None:
    """Keep the requests, e-mails hidden: a later load of files without them must not bring an erased person back."""
    table = tables.get("erasure_requests")
    if table is None:
        return
    spelt = {name.lower(): _name(name) for name in table.columns}
    columns = ", ".join(f"{name} varchar" for name in REGISTER_COLUMNS)
    connection.execute(f"create table if not exists {REGISTER} ({columns})")
    values = {
        name: f"cast(raw_rows.{spelt[name]} as varchar)" if name in spelt else "null" for name in REGISTER_COLUMNS
    }
    known = " and ".join(f"register.{name} is not distinct from {values[name]}" for name in ("brand", "request_id"))
    connection.execute(
        f"insert into {REGISTER} select distinct {', '.join(values.values())} from {table.raw} as raw_rows "
        f"where {values['request_id']} is not null and coalesce({values['email']}, '@erased.invalid') like '%@erased.invalid' "
        f"and not exists (select 1 from {REGISTER} as register where {known})"
    )


def _marker(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The schema that says that the file has to be written anew, a killed build's as well."""
    found = connection.execute("select schema_name from duckdb_tables() where table_name = ?", [MARKER]).fetchone()
    return found[0] if found else None


def _write_anew(warehouse: Path, schema: str) -> None:
    """Copy what the warehouse holds into a new file, without the bytes of what it held, and let that take its place."""
    fresh = warehouse.with_name(f"{warehouse.stem}.fresh.duckdb")
    log = fresh.with_name(f"{fresh.name}.wal")
    for leftover in (fresh, log):
        leftover.unlink(missing_ok=True)
    try:
        with duckdb.connect(config={"memory_limit": os.environ.get("DUCKDB_MEMORY_LIMIT") or "6GB"}) as connection:
            connection.execute(f"set temp_directory = {_text(str(fresh) + '.tmp')}")
            # under its own name, which the views in it have in their queries
            connection.execute(f"attach {_text(str(warehouse))} as {_name(warehouse.stem)} (read_only)")
            connection.execute(f"attach {_text(str(fresh))} as fresh_copy")
            connection.execute(f"copy from database {_name(warehouse.stem)} to fresh_copy")
            connection.execute(f"drop table fresh_copy.{_name(schema)}.{MARKER}")
            connection.execute("checkpoint fresh_copy")
            connection.execute("detach fresh_copy")
        os.chmod(fresh, warehouse.stat().st_mode & 0o777)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        # brought into the old file before it was copied: a log beside the new one would be another file's
        warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
        os.replace(fresh, warehouse)
    finally:
        for leftover in (fresh, log):
            with suppress(OSError):
                leftover.unlink(missing_ok=True)


def _exists(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    schema, table = relation.split(".")
    found = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    return connection.execute(found, [schema, table]).fetchone() is not None


def _escaped(value: str) -> str:
    return re.sub(r"([^\w\s@-])", r"\\\1", value)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
