"""Run dbt in this process, with the settings of one build as environment variables.

Tests, examples, benchmarks and ``make build`` all start dbt here, so that a build means the same thing everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class BuildResult:
    """What one dbt run came to.

    ``success``: dbt's own verdict. ``problems``: one line per failed node or, when nothing ran, dbt's error.
    ``seconds``: run time of each node by its unique id. ``statuses``: dbt's status of each node by its unique id.
    """

    success: bool
    problems: tuple[str, ...]
    seconds: Mapping[str, float]
    statuses: Mapping[str, str]


@contextmanager
def _environment(settings: Mapping[str, str]):
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def run_dbt(arguments: Sequence[str], *, quiet: bool = True, **settings: str | os.PathLike[str]) -> BuildResult:
    """Invoke dbt with ``arguments`` (such as ``["build", "--select", "marts"]``) on this project.

    ``settings`` become environment variables of the call, upper case: ``raw_data_dir=…``, ``warehouse_path=…``,
    ``as_of_date=…`` and so on (macros/settings.sql lists them). Never raises for a failed build: read ``success``
    and ``problems``.
    """
    from dbt.cli.main import dbtRunner

    environment = {name.upper(): str(value) for name, value in settings.items()}
    environment |= {"DO_NOT_TRACK": "1", "DBT_PROJECT_DIR": str(PROJECT_DIR), "DBT_PROFILES_DIR": str(PROJECT_DIR)}
    flags = ["--log-level", "none"] if quiet else []
    here = Path.cwd()
    with _environment(environment):
        try:
            result = dbtRunner().invoke([*flags, *arguments])
        finally:
            os.chdir(here)
            _release_warehouse()
    problems, seconds, statuses = [], {}, {}
    if result.exception is not None:
        problems.append(_one_line(str(result.exception)))
    for node in getattr(result.result, "results", None) or ():
        unique_id = node.node.unique_id if getattr(node, "node", None) else "operation"
        seconds[unique_id] = node.execution_time
        statuses[unique_id] = str(node.status)
        if str(node.status) in {"error", "fail", "runtime error"}:
            problems.append(f"{unique_id}: {_one_line(node.message or '')}")
    return BuildResult(bool(result.success), tuple(problems), seconds, statuses)


def _release_warehouse() -> None:
    """Close the DuckDB file, which dbt keeps open for its next run in this process and nobody else could read meanwhile."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _one_line(message: str) -> str:
    return " ".join(message.split())
