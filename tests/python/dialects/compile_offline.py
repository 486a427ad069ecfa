"""Compile and run the project for one warehouse without one: test_dialects.py calls it in an environment with the adapters.

``python compile_offline.py <adapter> <directory> compile <dbt arguments …>`` leaves in ``directory/full`` dbt's target folder for
a database in which nothing is there yet; SQL sent to it ends the run.

``… increment …`` does so for a database in which everything is there, with the columns of ``directory/columns.json`` (name of the
table -> names), in ``directory/few``. It then runs every incremental model there, and leaves in ``few/statements`` and
``many/statements`` what the adapter would send, a file each, in its order and with the name of the model: hooks and all. The
two differ in how questions are answered: with as few rows as can be, or with one each.

``… tables …`` compiles for a database that has the tables of ``directory/tables.json`` (name or schema.name -> columns: name,
type, on BigQuery mode), and no others; what asks which tables there are is told so.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import agate
from dbt.adapters.base import BaseAdapter
from dbt.adapters.contracts.connection import AdapterResponse, Connection, ConnectionState
from dbt.artifacts.resources.types import NodeType
from dbt.cli.main import dbtRunner

# How adapters name the tables that they make on the way.
MADE_ON_THE_WAY = ("__dbt_tmp", "__dbt_backup", "__dbt_new_data")
AGGREGATE = re.compile(r"\s*select\s+(count|min|max|sum)\s*\(", re.IGNORECASE)


class NoConnection:
    """A connection's handle that nothing can be asked of; closing it is all right."""

    def close(self) -> None:
        """Nothing to close."""

    def __getattr__(self, name: str):
        raise RuntimeError(f"Something needs a connection: handle.{name}")


def open_nothing(cls, connection: Connection) -> Connection:
    """What ``open`` of a connection manager is replaced by."""
    connection.state = ConnectionState.OPEN
    connection.handle = NoConnection()
    return connection


def no_relation(self, *names: str, **named: str) -> None:
    """What ``get_relation`` is replaced by: nothing is there yet, so that incremental models compile to their first build."""


class EarlierBuild:
    """A stand-in for a database in which an earlier build has left every table, that keeps what is sent to it."""

    def __init__(self, columns: dict[str, list[str]], directory: Path, answers_all: bool) -> None:
        self.columns = columns
        self.directory = directory
        self.answers_all = answers_all
        self.count = 0

    def relation(self, adapter: BaseAdapter, database: str, schema: str, identifier: str) -> Any:
        """A table of an earlier build, if there is one of that name; what adapters and hooks make on the way is not left."""
        if identifier.lower() not in self.columns:
            return None
        return adapter.Relation.create(database=database, schema=schema, identifier=identifier, type="table")

    def columns_of(self, adapter: BaseAdapter, relation: Any) -> list[Any]:
        """The columns that the project describes; those of a table made on the way are those of the model."""
        identifier = relation.identifier.lower()
        for mark in MADE_ON_THE_WAY:
            identifier = identifier.split(mark)[0]
        return [adapter.Column.create(name, "string") for name in self.columns[identifier]]

    def execute(self, manager: Any, sql: str, *_: Any, **__: Any) -> tuple[AdapterResponse, agate.Table]:
        """Keep the statement; of an aggregate there is always one row, of nothing."""
        name = manager.get_thread_connection().name or "none"
        self.count += 1
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / f"{self.count:04}.{name.split('.')[-1]}.sql").write_text(sql)
        select_list = re.split(r"\bfrom\b", sql, maxsplit=1, flags=re.IGNORECASE)[0]
        parts = re.split(r",(?![^(]*\))", select_list)
        if AGGREGATE.match(sql):
            rows = [[0 if "count(" in part else None for part in parts]]
        else:
            rows = [["1" for _ in parts]] if self.answers_all else []
        table = agate.Table(rows, column_names=[f"column_{number}" for number, _ in enumerate(parts)])
        return AdapterResponse("done"), table

    def add_query(self, manager: Any, sql: str, *_: Any, **__: Any) -> tuple[Connection, None]:
        """Keep the statement, whose answer is not needed."""
        self.execute(manager, sql)
        return manager.get_thread_connection(), None

    def take_the_place_of(self, implementation: type[BaseAdapter]) -> None:
        """Answer whatever the adapter asks its database."""
        manager = implementation.ConnectionManager
        manager.execute = lambda this, sql, *args, **named: self.execute(this, sql, *args, **named)
        manager.add_query = lambda this, sql, *args, **named: self.add_query(this, sql, *args, **named)
        for name in ("begin", "commit", "commit_if_has_connection", "rollback_if_open"):
            setattr(manager, name, lambda *_, **__: None)
        implementation.get_relation = lambda this, database, schema, identifier, **_: self.relation(
            this, database, schema, identifier
        )
        implementation.get_columns_in_relation = lambda this, relation: self.columns_of(this, relation)
        implementation.get_column_schema_from_query = lambda *_, **__: []  # contracts compare nothing with nothing
        implementation.get_relation_config = lambda _, __, model_config: (
            model_config
        )  # Databricks: the table is as it should be
        implementation.expand_target_column_types = lambda *_, **__: None
        implementation.create_schema = lambda *_, **__: None
        implementation.list_schemas = lambda *_, **__: []
        implementation.drop_relation = lambda *_, **__: None


def take_tables_for_there(implementation: type[BaseAdapter], tables: dict[str, list[list[str]]]) -> None:
    """Answer what models ask of the tables that they read."""
    names = agate.Table([[name] for name in tables], column_names=["table_name"])
    implementation.ConnectionManager.execute = lambda *_, **__: (AdapterResponse("done"), names)

    def columns(schema: str, identifier: str) -> list[list[str]] | None:
        return tables.get(f"{schema}.{identifier}") or tables.get(identifier)

    implementation.get_relation = lambda this, database, schema, identifier, **_: (
        this.Relation.create(database=database, schema=schema, identifier=identifier, type="table")
        if columns(schema, identifier)
        else None
    )
    implementation.get_columns_in_relation = lambda this, relation: [
        this.Column(name, data_type, **({"mode": mode[0]} if mode else {}))
        for name, data_type, *mode in columns(relation.schema, relation.identifier)
    ]


def main(adapter: str, directory: Path, step: str, arguments: list[str]) -> int:
    """Exit status of dbt."""
    connections = importlib.import_module(f"dbt.adapters.{adapter}.connections")
    for name, manager in vars(connections).items():
        if name.endswith("ConnectionManager") and manager.__module__ == connections.__name__:
            manager.open = classmethod(open_nothing)
    implementation = importlib.import_module(f"dbt.adapters.{adapter}").Plugin.adapter
    implementation.get_relation = no_relation
    full = ["--target-path", str(directory / "full")]
    if step == "compile":
        return not dbtRunner().invoke(["compile", "--no-introspect", "--no-populate-cache", *arguments, *full]).success
    if step == "tables":
        take_tables_for_there(implementation, json.loads((directory / "tables.json").read_text()))
        return not dbtRunner().invoke(["compile", "--no-populate-cache", *arguments, *full]).success

    parsed = dbtRunner().invoke(["parse", *arguments, *full])
    if not parsed.success:
        return 1
    for name, node in list(parsed.result.nodes.items()):
        if node.resource_type == NodeType.Operation:  # prepare_raw asks the database about its raw tables
            del parsed.result.nodes[name]
    columns = json.loads((directory / "columns.json").read_text())
    for target, answers_all in (("few", False), ("many", True)):
        EarlierBuild(columns, directory / target / "statements", answers_all).take_the_place_of(implementation)
        commands = [["run", "--select", "config.materialized:incremental"]]
        if target == "few":
            commands.insert(0, ["compile", "--select", "resource_type:model"])
        for command in commands:
            here = ["--no-populate-cache", *arguments, "--target-path", str(directory / target)]
            if not dbtRunner(manifest=parsed.result.deepcopy()).invoke([*command, *here]).success:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))
