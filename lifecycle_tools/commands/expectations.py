"""``expectations``: ask Great Expectations whether raw data and what is published look as they usually do.

dbt's data tests say what must hold on every row. These suites say what is usual: how much of a file is readable, how many
orders a week brings, how customers spread over the stages. Each file of ``tests/expectations`` is a suite in Great
Expectations' own format whose ``meta`` says which rows it is asked of (``rows``, a query on the warehouse), which numbers
it compares them with (``parameters``, queries that return values and weights), without which table it is left out
(``needs``), and whether what is unusual stops the publication (``severity``: error) or is a warning. An expectation whose
own ``meta`` names a severity has that one. Great Expectations reads DuckDB through data frames: its SQL data source does
not work there.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools.build import PROJECT_DIR

SUITES = PROJECT_DIR / "tests" / "expectations"
SEVERITIES = ("error", "warning")


@dataclass(frozen=True)
class Verdict:
    """What came of one expectation of a suite: ``sentence`` says what was expected and what was found.

    ``severity``: error or warning, how bad it is when ``success`` is false. ``about``: what the suite asks.
    """

    suite: str
    success: bool
    sentence: str
    severity: str
    about: str


def check(warehouse: Path, suites: Path = SUITES) -> Iterator[Verdict]:
    """Ask every suite of the folder ``suites`` of the DuckDB file ``warehouse``.

    A suite whose table is absent or whose query finds no rows is left out: an absent source is no surprise. Raises
    ``FileNotFoundError`` when there is no such warehouse, ``ValueError`` when a suite has no severity.
    """
    if not warehouse.exists():
        raise FileNotFoundError(
            f"There is no warehouse {warehouse}: build it first, or say where it is with WAREHOUSE_PATH."
        )
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("TQDM_DISABLE", "1")
    import great_expectations as gx

    for talkative in (
        "great_expectations",
        "great_expectations.data_context.types.base",
    ):  # the second has its own level
        logging.getLogger(talkative).setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    frames = context.data_sources.add_pandas("warehouse")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for path in sorted(suites.glob("*.json")):
            said = json.loads(path.read_text())
            meta = said.pop("meta")
            _check_severity(path.name, meta.get("severity"))
            if not _exists(connection, meta["needs"]):
                continue
            try:
                rows = connection.execute(meta["rows"]).df()
                if rows.empty:
                    continue
                parameters = {name: _partition(connection, query) for name, query in meta.get("parameters", {}).items()}
            except duckdb.Error as error:
                problem = f"cannot be asked: {str(error).splitlines()[0]}"
                yield Verdict(path.stem, False, problem, meta["severity"], meta["about"])
                continue
            suite = gx.ExpectationSuite(**said)
            asset = frames.add_dataframe_asset(suite.name)
            batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})
            for result in batch.validate(suite, expectation_parameters=parameters).results:
                severity = (result.expectation_config.meta or {}).get("severity", meta["severity"])
                _check_severity(path.name, severity)
                yield Verdict(suite.name, bool(result.success), _sentence(result), severity, meta["about"])


def _check_severity(suite: str, severity: str | None) -> None:
    if severity not in SEVERITIES:
        raise ValueError(f"The suite {suite} has the severity {severity}: write error or warning into its meta.")


def _exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    schema, name = table.split(".")
    found = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    return connection.execute(found, [schema, name]).fetchone() is not None


def _partition(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, list[Any]]:
    """Values and their shares, of a query that returns values and counts."""
    rows = connection.execute(query).fetchall()
    total = sum(count for _, count in rows)
    return {"values": [value for value, _ in rows], "weights": [count / total for _, count in rows]}


def _sentence(result: Any) -> str:
    """One expectation and what was found, in one line."""
    expected = result.expectation_config
    limits = {name: value for name, value in expected.kwargs.items() if name in _LIMITS}
    text = f"{expected.type.removeprefix('expect_').replace('_', ' ')} ({expected.kwargs.get('column')}"
    text += "".join(f", {name} {value}" for name, value in limits.items()) + ")"
    if result.exception_info.get("raised_exception"):
        return f"{text}: {result.exception_info['exception_message']}"
    found = result.result.get("observed_value")
    if found is None and "unexpected_count" in result.result:
        found = f"{result.result['unexpected_count']:,} of {result.result['element_count']:,} rows are otherwise"
        examples = [str(value) for value in result.result.get("partial_unexpected_list", ())[:3] if value is not None]
        found += f", such as {', '.join(examples)}" if examples else ""
    return f"{text}: {found:.4f}" if isinstance(found, float) else f"{text}: {found}"


_LIMITS = ("min_value", "max_value", "mostly", "regex", "threshold")


def main(argv: Sequence[str] | None = None) -> int:
    """Print every verdict; return 0 when all are as expected, else 1."""
    parser = argparse.ArgumentParser(prog="expectations", description=__doc__.splitlines()[0])
    parser.parse_args(argv)
    warehouse = Path(os.environ.get("WAREHOUSE_PATH") or "warehouse.duckdb").resolve()
    surprises = 0
    try:
        for verdict in check(warehouse):
            surprises += not verdict.success
            found = "as usual" if verdict.success else verdict.severity.upper()
            print(f"{found:<9} {verdict.suite}: {verdict.sentence}")
    except (FileNotFoundError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if surprises:
        print(f"{surprises} expectations of tests/expectations are not met in {warehouse}.", file=sys.stderr)
    return 1 if surprises else 0
