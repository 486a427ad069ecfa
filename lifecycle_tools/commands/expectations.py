"""``expectations``: ask Great Expectations whether raw data and what is published look as they usually do.

dbt's data tests say what must hold on every row. These suites say what is usual: how much of a file is readable, how many
orders a week brings, how customers spread over the stages, what a finished month was when it was last published. Each file
of ``tests/expectations`` is a suite in Great Expectations' own format whose ``meta`` says which figures it is asked of
(``rows``, a query on the warehouse), which numbers it compares them with (``parameters``, queries that return values and
weights), without which table it is left out (``needs``), and whether what is unusual stops the publication (``severity``:
error) or is a warning. An expectation whose own ``meta`` names a severity has that one. The queries are plain SQL that every
engine understands, where ``{text}`` stands for its type of texts, ``{no_loss}`` for the reasons why a row is left out as it
should be, and ``{published}`` and ``{published_quality}`` for the schemas in which the last publication has the marts and the
tables of quality. A column of ``rows`` of which nothing is expected
names the row, and a surprise says it. Columns of raw tables may be absent: a name in ``columns`` stands for the columns of a
table as texts, absent ones as null.
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
import yaml

from lifecycle_tools.build import PROJECT_DIR, run_dbt
from lifecycle_tools.gates_page import gates_page
from lifecycle_tools.publishing import compared_run

if TYPE_CHECKING:
    import pandas as pd

SUITES = PROJECT_DIR / "tests" / "expectations"
PAGE = PROJECT_DIR / "build" / "gates.html"
SEVERITIES = ("error", "warning")


@dataclass(frozen=True)
class Verdict:
    """What came of one expectation of a suite: what was ``expected``, if it could be asked, and what was ``found``.

    ``severity``: error or warning, how bad it is when ``success`` is false. ``about``: what the suite asks. ``notes``: why the
    expectation is as it is. ``measured``: the figures that it was asked of, from the least to the most, if they are numbers.
    """

    suite: str
    success: bool
    expected: str
    found: str
    severity: str
    about: str
    notes: str = ""
    measured: str = ""

    @property
    def sentence(self) -> str:
        """What was expected and what was found."""
        return f"{self.expected}: {self.found}" if self.expected else self.found

    @property
    def word(self) -> str:
        """What came of it in a word or two."""
        return "as usual" if self.success else self.severity


class Reader(Protocol):
    """What a warehouse answers.

    ``text``: its type of texts. ``published``, ``published_quality``: where the last publication has its marts and its quality.
    """

    text: str
    published: str
    published_quality: str

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
    published_quality = "published.quality"

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

    published = published_quality = "serving"

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
            yield Verdict(path.stem, False, "", f"cannot be asked: {error}", meta["severity"], meta["about"])
            continue
        suite = gx.ExpectationSuite(**said)
        asset = frames.add_dataframe_asset(suite.name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})
        asked = {expectation["kwargs"]["column"] for expectation in said["expectations"]}
        names = [column for column in rows.columns if column not in asked]
        form = {"result_format": "COMPLETE", "unexpected_index_column_names": names}
        for result in batch.validate(suite, expectation_parameters=parameters, result_format=form).results:
            own = result.expectation_config.meta or {}
            severity = own.get("severity", meta["severity"])
            _check_severity(path.name, severity)
            yield Verdict(
                suite.name,
                bool(result.success),
                _expected(result),
                _found(result, names),
                severity,
                meta["about"],
                own.get("notes", ""),
                _measured(rows[result.expectation_config.kwargs["column"]]),
            )


def query_of(query: str, meta: Mapping[str, Any], reader: Reader) -> str:
    """A query of a suite with this ``meta``, as it is asked of what ``reader`` reads, every placeholder filled."""
    query = _of_engine(query, reader)
    for name, listed in meta.get("columns", {}).items():
        query = query.replace(f"{{{name}}}", _as_texts(reader, **listed))
    return query


def _of_engine(query: str, reader: Reader) -> str:
    places = {
        "{text}": reader.text,
        "{no_loss}": ", ".join(f"'{reason}'" for reason in _reasons_without_loss()),
        "{published}": reader.published,
        "{published_quality}": reader.published_quality,
    }
    for place, filled in places.items():
        query = query.replace(place, filled)
    return query


def _reasons_without_loss() -> list[str]:
    described = yaml.safe_load((PROJECT_DIR / "seeds" / "lifecycle" / "_raw__seeds.yml").read_text(encoding="utf-8"))
    seeds = {seed["name"]: seed for seed in described["seeds"]}
    return seeds["rejection_reasons"]["config"]["meta"]["no_loss"]


def _as_texts(reader: Reader, table: str, columns: Sequence[str]) -> str:
    """A subquery with these columns of a table as texts, null where the table lacks one."""
    there = reader.columns(table)
    texts = (f"cast({name if name in there else 'null'} as {reader.text}) as {name}" for name in columns)
    return f"(select {', '.join(texts)} from {table}) as named_columns"


def suites_of(folder: Path = SUITES) -> dict[str, str]:
    """What each suite of a folder asks, by its name."""
    return {path.stem: json.loads(path.read_text())["meta"]["about"] for path in sorted(folder.glob("*.json"))}


def _check_severity(suite: str, severity: str | None) -> None:
    if severity not in SEVERITIES:
        raise ValueError(f"The suite {suite} has the severity {severity}: write error or warning into its meta.")


def _partition(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Values and their shares, of a query that returns values and counts."""
    values, counts = list(rows.iloc[:, 0]), [float(count) for count in rows.iloc[:, 1]]
    return {"values": values, "weights": [count / sum(counts) for count in counts]}


def _expected(result: Any) -> str:
    """One expectation in words."""
    expected = result.expectation_config
    limits = {name: value for name, value in expected.kwargs.items() if name in _LIMITS}
    text = f"{expected.type.removeprefix('expect_').replace('_', ' ')} ({expected.kwargs.get('column')}"
    return text + "".join(f", {name} {value}" for name, value in limits.items()) + ")"


def _found(result: Any, names: Sequence[str]) -> str:
    """What was found: a figure, or how many rows are otherwise and the first of them, with what the columns ``names`` say."""
    if result.exception_info.get("raised_exception"):
        return str(result.exception_info["exception_message"])
    found = result.result.get("observed_value")
    if found is None and "unexpected_count" in result.result:
        found = f"{result.result['unexpected_count']:,} of {result.result['element_count']:,} rows are otherwise"
        values = [value for value in result.result.get("unexpected_list", ()) if value is not None]
        named = result.result.get("unexpected_index_list", ()) if names else ()
        places = [f" ({', '.join(_name(place[name]) for name in names)})" for place in named] or [""] * len(values)
        examples = [f"{_name(value)}{place}" for value, place in zip(values, places, strict=True)][:3]
        found += f", such as {', '.join(examples)}" if examples else ""
    return f"{found:.4f}" if isinstance(found, float) else str(found)


def _measured(figures: pd.Series) -> str:
    """The least and the most of figures; nothing of texts, and of figures that are all null."""
    numbers = [float(value) for value in figures.dropna() if not isinstance(value, str)]
    return " to ".join(dict.fromkeys(map(_name, (min(numbers), max(numbers))))) if numbers else ""


def _name(value: Any) -> str:
    """A number with the decimals that it needs, at most four; a day without a time."""
    text = f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return text.removesuffix(" 00:00:00")


_LIMITS = ("min_value", "max_value", "mostly", "regex", "threshold")


def main(argv: Sequence[str] | None = None) -> int:
    """Print every verdict and write the page of them; return 0 when all are as expected, else 1."""
    parser = argparse.ArgumentParser(prog="expectations", description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=PAGE, help="the HTML file with all verdicts (build/gates.html)")
    parser.add_argument("--target", default="duckdb", help="of the profile: the engine that is asked (duckdb)")
    options = parser.parse_args(argv)
    try:
        if options.target == "duckdb":
            warehouse = Path(os.environ.get("WAREHOUSE_PATH") or "warehouse.duckdb").resolve()
            with reader_of(warehouse, compared_run(warehouse)) as reader:
                verdicts, where = _print(check(reader)), warehouse
        else:
            verdicts, where = _print(check(DbtReader(options.target))), options.target
        options.page.parent.mkdir(parents=True, exist_ok=True)
        options.page.write_text(gates_page(verdicts, suites_of(), str(where)), encoding="utf-8")
    except (FileNotFoundError, ValueError, QueryError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Open {options.page}.")
    if surprises := sum(not verdict.success for verdict in verdicts):
        print(f"{surprises} expectations of tests/expectations are not met in {where}.", file=sys.stderr)
    return 1 if surprises else 0


def _print(verdicts: Iterator[Verdict]) -> list[Verdict]:
    said = []
    for verdict in verdicts:
        said.append(verdict)
        print(f"{verdict.word if verdict.success else verdict.word.upper():<9} {verdict.suite}: {verdict.sentence}")
    return said
