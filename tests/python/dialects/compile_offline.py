"""Compile the project for one warehouse without one: run by test_dialects.py in an environment that has the adapters.

``python compile_offline.py <adapter> <dbt arguments …>``. Whatever an adapter does when it connects is replaced by a
stand-in that gives nothing: SQL sent to it ends the run.
"""

from __future__ import annotations

import importlib
import sys

from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.cli.main import dbtRunner


class NoConnection:
    """A connection's handle that nothing can be asked of; closing it is all right."""

    def close(self) -> None:
        """Nothing to close."""

    def __getattr__(self, name: str):
        raise RuntimeError(f"Something needs a connection to compile: handle.{name}")


def open_nothing(cls, connection: Connection) -> Connection:
    """What ``open`` of a connection manager is replaced by."""
    connection.state = ConnectionState.OPEN
    connection.handle = NoConnection()
    return connection


def no_relation(self, *names: str, **named: str) -> None:
    """What ``get_relation`` is replaced by: nothing is there yet, so that incremental models compile to their first build."""


def main(adapter: str, arguments: list[str]) -> int:
    """Exit status of dbt."""
    connections = importlib.import_module(f"dbt.adapters.{adapter}.connections")
    for name, manager in vars(connections).items():
        if name.endswith("ConnectionManager") and manager.__module__ == connections.__name__:
            manager.open = classmethod(open_nothing)
    implementation = importlib.import_module(f"dbt.adapters.{adapter}").Plugin.adapter
    implementation.get_relation = no_relation
    return 0 if dbtRunner().invoke(arguments).success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
