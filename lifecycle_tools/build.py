"""Run dbt in this process, with the settings of one build as environment variables.

Tests, examples, benchmarks and ``make build`` all start dbt here, so that a build means the same thing everywhere.
"""

from __future__ import annotations

import atexit
import gc
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Else nanobind, which dbt's parser brings, takes what is frozen (run_dbt) for leaks at the end, and says so.
atexit.register(gc.unfreeze)

PROJECT_DIR = Path(__file__).resolve().parent.parent
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
NO_TESTS = ("--exclude-resource-type", "test", *NO_UNIT_TESTS)


@dataclass(frozen=True)
class Outcome:
    """What came of one node: ``kind`` is dbt's resource type, ``about`` names the models that a test reads.

    ``row_count``: how many rows a data test found, none for other nodes. ``query``: the file of what was run, if any.
    ``description`` and ``file``: of the node in the project. ``is_said_plainly``: the message is the project's own sentence.
    """

    kind: str
    name: str
    schema: str
    status: str
    message: str
    about: tuple[str, ...] = ()
    row_count: int | None = None
    query: str | None = None
    description: str = ""
    file: str = ""
    is_said_plainly: bool = False


@dataclass(frozen=True)
class BuildResult:
    """What one dbt run came to.

    ``success``: dbt's own verdict. ``problems``: one line per failed node or, when nothing ran, dbt's error.
    ``seconds``: run time of each node by its unique id. ``statuses``: dbt's status of each node by its unique id.
    ``rows``: what ``dbt show`` found, under the names ``columns``. ``manifest``: the project as ``dbt parse`` read it.
    ``outcomes``: of every node that was to run. ``errors``: what went wrong outside of any node.
    """

    success: bool
    problems: tuple[str, ...]
    seconds: Mapping[str, float]
    statuses: Mapping[str, str]
    rows: Sequence[tuple] = ()
    manifest: Any = None
    outcomes: Sequence[Outcome] = ()
    errors: Sequence[str] = ()
    columns: Sequence[str] = ()


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


@contextmanager
def _few_full_collections():
    """Let Python look for garbage in everything it holds a hundredth as often as usual.

    It looks through dbt's manifest each time: 12 of the 55 seconds that the demo takes. Not to look costs half a gigabyte.
    """
    youngest, middle, oldest = gc.get_threshold()
    gc.set_threshold(youngest, middle, 100 * oldest)
    try:
        yield
    finally:
        gc.set_threshold(youngest, middle, oldest)


def run_dbt(
    arguments: Sequence[str],
    *,
    on_node: Callable[[str, int, int], None] | None = None,
    on_warning: Callable[[str], None] | None = None,
    on_info: Callable[[str], None] | None = None,
    project_dir: Path = PROJECT_DIR,
    manifest: Any = None,
    **settings: str | os.PathLike[str],
) -> BuildResult:
    """Invoke dbt with ``arguments`` (such as ``["build", "--select", "marts"]``) on this project, or on that of ``project_dir``.

    ``settings`` become environment variables of the call, upper case: ``raw_data_dir=…``, ``warehouse_path=…``,
    ``as_of_date=…`` and so on (macros/settings.sql lists them). ``on_node`` is called after each node with its name,
    its number and the number of nodes, ``on_warning`` and ``on_info`` with each warning and each line that a macro of the
    project gives. ``manifest``:
    of an earlier call with ``["parse"]`` on the same target, so that the project is not read again. Never raises for
    a failed build: read ``success`` and ``problems``.
    """
    from dbt.cli.main import dbtRunner
    from dbt_common.events import event_manager_client

    event_manager_client.ctx_set_event_manager(_event_manager())
    environment = {name.upper(): str(value) for name, value in settings.items()}
    environment |= {"DO_NOT_TRACK": "1", "DBT_PROJECT_DIR": str(project_dir), "DBT_PROFILES_DIR": str(project_dir)}

    operation_problems = []

    def listen(event) -> None:
        if event.info.name == "RunningOperationCaughtError":
            operation_problems.append(_sentence(event.data.exc))
        elif on_warning is not None and event.info.name == "JinjaLogWarning":
            on_warning(_sentence(event.data.msg))
        elif on_info is not None and event.info.name == "JinjaLogInfo":
            on_info(event.data.msg)
        elif on_node is not None and event.info.name in _NODE_EVENTS:
            total = event.data.num_models if event.info.name == "LogTestResult" else event.data.total
            on_node(event.data.node_info.node_name, event.data.index, total)

    here = Path.cwd()
    with _environment(environment), _few_full_collections():
        try:
            result = dbtRunner(manifest=manifest, callbacks=[listen]).invoke(
                ["--log-level", "none", "--log-level-file", _file_log_level(), *arguments]
            )
        finally:
            os.chdir(here)
            _release_warehouse()
    problems, seconds, statuses, rows, columns, outcomes = operation_problems, {}, {}, (), (), []
    if result.exception is not None:
        problems.append(_sentence(str(result.exception)))
    errors = list(problems)
    for node in getattr(result.result, "results", None) or ():
        unique_id = node.node.unique_id if getattr(node, "node", None) else "operation"
        seconds[unique_id] = node.execution_time
        statuses[unique_id] = str(node.status)
        if getattr(node, "node", None):
            outcomes.append(_outcome(node))
        elif str(node.status) in _FAILURES and not operation_problems:
            errors.append(_sentence(node.message or ""))
        if str(node.status) in _FAILURES and not operation_problems:
            problems.append(f"{unique_id}: {_sentence(node.message or '')}")
        if "show" in arguments and getattr(node, "agate_table", None) is not None:
            rows, columns = tuple(tuple(row) for row in node.agate_table.rows), node.agate_table.column_names
    parsed = result.result if "parse" in arguments else None
    if parsed is not None:  # the project is there to stay: no collection of garbage needs to look through it again
        gc.unfreeze()  # one that was read before may have gone
        gc.collect()
        gc.freeze()
    return BuildResult(
        bool(result.success), tuple(problems), seconds, statuses, rows, parsed, outcomes, errors, columns
    )


def _file_log_level() -> str:
    return os.environ.get("DBT_LOG_LEVEL_FILE", "info").lower()


def _event_manager() -> Any:
    """What takes dbt's events: all of them when the log is to hold every statement, else those from level info.

    An event is written out twice as a protobuf message: for those of level debug, with the log file, that takes an eighth of the
    demo's processor time.
    """
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager

    class FromInfo(EventManager):
        def fire_event(self, e: Any, level: Any = None, *arguments: Any, **options: Any) -> None:
            if (level or e.level_tag()) != EventLevel.DEBUG:
                super().fire_event(e, level, *arguments, **options)

    return EventManager() if _file_log_level() == "debug" else FromInfo()


def _outcome(result: Any) -> Outcome:
    node = result.node
    tested = getattr(node, "attached_node", None) or getattr(node, "tested_node_unique_id", None)
    read = [tested] if tested else getattr(node, "depends_on_nodes", ())
    return Outcome(
        kind=str(node.resource_type),
        name=node.name,
        schema=getattr(node, "schema", ""),  # exposures and saved queries have none
        status=str(result.status),
        message=_sentence(result.message or ""),
        about=tuple(dict.fromkeys(unique_id.split(".")[-1] for unique_id in read)),
        row_count=result.failures if str(node.resource_type) == "test" else None,
        query=getattr(node, "compiled_path", None),
        description=" ".join((getattr(node, "description", "") or "").split()),
        file=getattr(node, "original_file_path", "") or "",
        is_said_plainly="> in macro stop_build" in (result.message or ""),
    )


_NODE_EVENTS = frozenset({"LogModelResult", "LogSeedResult", "LogTestResult", "LogUnitTestResult"})
_FAILURES = frozenset({"error", "fail", "runtime error"})


def _release_warehouse() -> None:
    """Close the DuckDB file, which dbt keeps open for its next run in this process: no other process could read it meanwhile."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _sentence(message: str) -> str:
    """Dbt's message without its heading and its stack of macros, on one line."""
    lines = [line.strip() for line in message.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("> in ", "> called by ", "compiled code at "))]
    if len(lines) > 1 and " Error" in lines[0]:
        lines = lines[1:]
    return " ".join(lines)
