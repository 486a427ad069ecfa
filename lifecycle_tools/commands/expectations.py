"""``expectations``: ask Great Expectations whether raw data and what is published look as they usually do.

dbt's data tests say what must hold on every row. These suites say what is usual: how much of a file is readable, how many
orders a week brings, how customers spread over the stages, what a finished month was when it was last published. Each file
of ``tests/expectations`` is a suite in Great Expectations' own format whose ``meta`` says which figures it is asked of
(``rows``, a query on the warehouse), which numbers it compares them with (``parameters``, queries that return values and
weights), without which table it is left out (``needs``), and whether what is unusual stops the publication (``severity``:
error) or is a warning. An expectation whose own ``meta`` names a severity has that one. The queries are plain SQL that every
engine understands, where ``{text}`` stands for its type of texts and ``{published}`` for the schema of the last publication.
Columns of raw tables may be absent: a name in ``columns`` stands for the columns of a table as texts, absent ones as null.
They return figures, not raw rows, so that Great Expectations has little to read, and reads it as a data frame: its own SQL
data source does not work on DuckDB.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from lifecycle_tools.build import PROJECT_DIR, run_dbt
from lifecycle_tools.publishing import compared_run

if TYPE_CHECKING:
    import pandas as pd

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


class Reader(Protocol):
    """What a warehouse answers. ``text``: its type of texts. ``published``: where the last publication is."""

    text: str
    published: str

    def exists(self, table: str) -> bool:
        """Say whether there is this table, ``schema.name``."""

    def columns(self, table: str) -> set[str]:
        """The names of the columns of a table that is there, in lower case."""

    def frame(self, query: str) -> pd.DataFrame:
        """The rows of a query; ``QueryError`` where it cannot be asked."""


class QueryError(Exception):
    """A query that the warehouse cannot answer; the text is one line."""


class DuckDBReader:
    """Reads the working file, beside which the published file is attached if there is one."""

    text = "varchar"
    published = "published.marts"

    def __init__(self, connection: duckdb.DuckDBPyConnection, published: Path | None) -> None:
        self.connection = connection
        if published is not None and published.exists():
            connection.execute(f"attach '{str(published).replace(chr(39), chr(39) * 2)}' as published (read_only)")

    def exists(self, table: str) -> bool:
        """See ``Reader``."""
        *published, schema, name = table.split(".")
        found = (
            "select 1 from information_schema.tables "
            "where table_schema = ? and table_name = ? and (table_catalog = 'published') = ?"
        )
        return self.connection.execute(found, [schema, name, bool(published)]).fetchone() is not None

    def columns(self, table: str) -> set[str]:
        """See ``Reader``."""
        return {str(name).lower() for name, *_ in self.connection.execute(f"describe {table}").fetchall()}

    def frame(self, query: str) -> pd.DataFrame:
        """See ``Reader``."""
        try:
            return self.connection.execute(query).df()
        except duckdb.Error as error:
            raise QueryError(str(error).splitlines()[0]) from error


class DbtReader:
    """Reads whatever engine a target of the profile names, through dbt and its adapter.

    ``manifest``: the project as read for that target; otherwise each question reads it again.
    """

    published = "serving"

    def __init__(self, target: str, manifest: Any = None, **settings: Any) -> None:
        self.target, self.manifest, self.settings = target, manifest, settings
        self.text = str(self._ask("select '{{ customer_lifecycle.text_type() }}' as text_type").iloc[0, 0])

    def exists(self, table: str) -> bool:
        """See ``Reader``."""
        return bool(self._ask(f"select {{{{ 1 if {self._relation(table)} else 0 }}}} as found").iloc[0, 0])

    def columns(self, table: str) -> set[str]:
        """See ``Reader``."""
        found = f"adapter.get_columns_in_relation({self._relation(table)}) | map(attribute='name') | join('|')"
        # a name of a raw column may hold anything, such as a quotation mark
        names = self._ask(f"select '{{{{ ({found}) | replace(\"'\", '') | replace('\\\\', '') }}}}' as names")
        return set(str(names.iloc[0, 0]).lower().split("|"))

    def frame(self, query: str) -> pd.DataFrame:
        """See ``Reader``."""
        return self._ask(query)

    @staticmethod
    def _relation(table: str) -> str:
        schema, name = table.split(".")
        return f"adapter.get_relation(database=target.database, schema='{schema}', identifier='{name}')"

    def _ask(self, query: str) -> pd.DataFrame:
        import pandas as pd

        command = ["show", "--inline", query, "--limit", "-1", "--target", self.target]
        shown = run_dbt(command, manifest=self.manifest, **{"dbt_write_json": "false"} | self.settings)
        if not shown.success:
            raise QueryError("; ".join(shown.problems) or "dbt failed without saying why")
        rows = [[float(value) if isinstance(value, Decimal) else value for value in row] for row in shown.rows]
        return pd.DataFrame(rows, columns=list(shown.columns))


@contextmanager
def reader_of(warehouse: Path, published: Path | None = None) -> Iterator[DuckDBReader]:
    """The reader of a DuckDB file; ``FileNotFoundError`` when there is no such warehouse."""
    if not warehouse.exists():
        raise FileNotFoundError(
            f"There is no warehouse {warehouse}: build it first, or say where it is with WAREHOUSE_PATH."
        )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield DuckDBReader(connection, published)


def check(reader: Reader, suites: Path = SUITES) -> Iterator[Verdict]:
    """Ask every suite of the folder ``suites`` of a warehouse.

    A suite whose table is absent or whose query finds no rows is left out: an absent source is no surprise. Raises
    ``ValueError`` when a suite has no severity.
    """
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
    for path in sorted(suites.glob("*.json")):
        said = json.loads(path.read_text())
        meta = said.pop("meta")
        _check_severity(path.name, meta.get("severity"))
        if not reader.exists(_of_engine(meta["needs"], reader)):
            continue
        try:
            rows = reader.frame(query_of(meta["rows"], meta, reader))
            if rows.empty:
                continue
            parameters = {
                name: _partition(reader.frame(query_of(query, meta, reader)))
                for name, query in meta.get("parameters", {}).items()
            }
        except QueryError as error:
            yield Verdict(path.stem, False, f"cannot be asked: {error}", meta["severity"], meta["about"])
            continue
        suite = gx.ExpectationSuite(**said)
        asset = frames.add_dataframe_asset(suite.name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})
        for result in batch.validate(suite, expectation_parameters=parameters).results:
            severity = (result.expectation_config.meta or {}).get("severity", meta["severity"])
            _check_severity(path.name, severity)
            yield Verdict(suite.name, bool(result.success), _sentence(result), severity, meta["about"])


def query_of(query: str, meta: Mapping[str, Any], reader: Reader) -> str:
    """A query of a suite with this ``meta``, as it is asked of what ``reader`` reads, every placeholder filled."""
    query = _of_engine(query, reader)
    for name, listed in meta.get("columns", {}).items():
        query = query.replace(f"{{{name}}}", _as_texts(reader, **listed))
    return query


def _of_engine(query: str, reader: Reader) -> str:
    return query.replace("{text}", reader.text).replace("{published}", reader.published)


def _as_texts(reader: Reader, table: str, columns: Sequence[str]) -> str:
    """A subquery with these columns of a table as texts, null where the table lacks one."""
    there = reader.columns(table)
    texts = (f"cast({name if name in there else 'null'} as {reader.text}) as {name}" for name in columns)
    return f"(select {', '.join(texts)} from {table}) as named_columns"


def _check_severity(suite: str, severity: str | None) -> None:
    if severity not in SEVERITIES:
        raise ValueError(f"The suite {suite} has the severity {severity}: write error or warning into its meta.")


def _partition(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Values and their shares, of a query that returns values and counts."""
    values, counts = list(rows.iloc[:, 0]), [float(count) for count in rows.iloc[:, 1]]
    return {"values": values, "weights": [count / sum(counts) for count in counts]}


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
    parser.add_argument("--target", default="duckdb", help="of the profile: the engine that is asked (duckdb)")
    options = parser.parse_args(argv)
    try:
        if options.target == "duckdb":
            warehouse = Path(os.environ.get("WAREHOUSE_PATH") or "warehouse.duckdb").resolve()
            with reader_of(warehouse, compared_run(warehouse)) as reader:
                surprises, where = _print(check(reader)), warehouse
        else:
            surprises, where = _print(check(DbtReader(options.target))), options.target
    except (FileNotFoundError, ValueError, QueryError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if surprises:
        print(f"{surprises} expectations of tests/expectations are not met in {where}.", file=sys.stderr)
    return 1 if surprises else 0


def _print(verdicts: Iterator[Verdict]) -> int:
    surprises = 0
    for verdict in verdicts:
        surprises += not verdict.success
        found = "as usual" if verdict.success else verdict.severity.upper()
        print(f"{found:<9} {verdict.suite}: {verdict.sentence}")
    return surprises
