"""The questions of analyses/ have the same answers on PostgreSQL as on DuckDB."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.engines.postgres import connect

ANALYSES = sorted(path.stem for path in (PROJECT_DIR / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def compiled(engines, demo) -> dict[tuple[str, str], str]:
    """SQL of each analysis by engine and name."""
    settings = {
        "duckdb": {"raw_data_dir": PROJECT_DIR / "seeds" / "demo", "warehouse_path": demo.duckdb_path},
        "postgres": engines.postgres_settings(demo.server),
    }
    found = {}
    for engine, of_engine in settings.items():
        engines.run(engine, ["compile", "--select", "path:analyses"], **of_engine)
        folder = engines.directory / f"target_{engine}" / "compiled" / "customer_lifecycle" / "analyses"
        found |= {(engine, name): (folder / f"{name}.sql").read_text() for name in ANALYSES}
    return found


def comparable(value: Any) -> Any:
    """A number as a float of nine digits, whatever its type; all else as it is."""
    return float(f"{float(value):.9g}") if isinstance(value, (int, float, Decimal)) else value


@pytest.mark.parametrize("name", ANALYSES)
def test_a_question_has_one_answer(compiled, demo, name: str) -> None:
    with duckdb.connect(str(demo.duckdb_path), read_only=True) as connection:
        ours = connection.execute(compiled["duckdb", name]).fetchall()
    with contextlib.closing(connect(demo.server.environment)) as connection, connection.cursor() as cursor:
        cursor.execute(compiled["postgres", name])
        theirs = cursor.fetchall()
    assert ours
    told = [sorted((tuple(map(comparable, row)) for row in rows), key=repr) for rows in (ours, theirs)]
    assert told[0] == told[1]
