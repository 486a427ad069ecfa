"""Why a customer is in a stage, and what a number is made of: what ``explain`` says, as lines of text.

What is published answers first: it never changes, so that a build in progress is not in the way. Events, links and rejected
rows are in the working tables alone, and are left out, with a sentence, while a build has them.
"""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.publishing import CURRENT

BUSY = "A build is running, so {what}: ask again when it is over."
ABSENT = "There is no {where}, so {what}."
MISSED = "what only its working tables know ({}) is not shown"
SEEDS = PROJECT_DIR / "seeds" / "lifecycle"


class ExplainError(Exception):
    """Nothing can be explained; the message is a sentence for the user."""


class DuckDB:
    """The published file, and the working file while no process writes to it."""

    def __init__(self, warehouse: Path, serving: Path) -> None:
        self.published, self.warehouse = serving / CURRENT, warehouse
        if not self.published.exists():
            raise ExplainError(f"Nothing is published in {serving}: run make build first.")

    def marts(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        """Rows of the published tables, schema marts and main."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.execute(query, list(parameters)).fetchall()

    @contextlib.contextmanager
    def working(self) -> Iterator[Working]:
        """The working tables; without ``rows`` where they cannot be read now."""
        try:
            connection = duckdb.connect(str(self.warehouse), read_only=True)
        except duckdb.Error as error:
            absent = not self.warehouse.exists() or "lock" not in str(error)
            yield Working(None, (ABSENT if absent else BUSY).replace("{where}", f"warehouse {self.warehouse}"))
            return
        with connection:

            def rows(query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
                return connection.execute(query, list(parameters)).fetchall()

            yield Working(rows, "")


class Postgres:
    """The schema ``serving``, and the schemas in which builds work."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        from psycopg2 import OperationalError

        from lifecycle_tools.engines.postgres import connect

        self._connect = lambda: contextlib.closing(connect(environment))
        try:
            found = self._rows("select 1 from pg_namespace where nspname = ?", ["serving"])
        except OperationalError as error:
            why = str(error).strip().splitlines()[0]
            raise ExplainError(
                f"PostgreSQL cannot be reached ({why}): see to PGHOST, PGPORT, PGUSER and PGDATABASE."
            ) from error
        if not found:
            raise ExplainError("Nothing is published in the schema serving: run make build TARGET=postgres first.")

    def _rows(self, query: str, parameters: Sequence[Any]) -> list[tuple]:
        with self._connect() as connection, connection.cursor() as cursor:
            # psycopg2 reads a percent sign only where there are parameters
            query = query.replace("%", "%%").replace("?", "%s") if parameters else query
            cursor.execute(query, list(parameters) or None)
            return cursor.fetchall()

    def marts(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        """Rows of the published tables, which the query calls those of schema marts or of none."""
        published = query.replace("marts.", "serving.").replace("from publish_", "from serving.publish_")
        return self._rows(published, parameters)

    @contextlib.contextmanager
    def working(self) -> Iterator[Working]:
        """The working tables, which a build replaces one by one."""
        yield Working(lambda query, parameters=(): self._rows(query, parameters), "")


class Working:
    """The working tables: ``rows`` asks them, or is none and ``why_not`` says why."""

    def __init__(self, rows: Any, why_not: str) -> None:
        self.rows, self._why_not = rows, why_not

    def without(self, what: str) -> str:
        """The sentence that says why ``what`` is not shown."""
        return self.why_not(MISSED.format(what))

    def why_not(self, consequence: str) -> str:
        """The sentence that says why, and what comes of it."""
        return self._why_not.replace("{what}", consequence)


def seed_rows(name: str) -> list[dict[str, str]]:
    """The rows of a seed of the project, as text."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def source_of(target: str, warehouse: Path, serving: Path) -> DuckDB | Postgres:
    """Where a target publishes and works."""
    return Postgres(os.environ) if target == "postgres" else DuckDB(warehouse, serving)


def table(rows: Sequence[Sequence[Any]], indent: str = "  ") -> list[str]:
    """Rows as lines, in columns."""
    cells = [["" if cell is None else _safe(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)] if cells else []
    return [
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in cells
    ]


def _safe(text: str) -> str:
    """Text of raw data without what would steer a terminal, and without an e-mail address."""
    text = "".join(character if character.isprintable() else "?" for character in text)
    return "(withheld)" if "@" in text else text
