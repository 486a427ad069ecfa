"""What dbt compiles for warehouses that no test can run on: BigQuery, Snowflake, Databricks, Redshift, Trino.

Each adapter's own macros compile every model and every test, without a connection; sqlglot reads the result as that dialect,
follows every column through all models, and the rules below catch what it would let pass. docs/warehouses.md says what
that is worth. The adapters live in an environment of their own, made here and again only when its lock file changes.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pytest
import sqlglot
from oracle.environments import python_with
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from lifecycle_tools.build import PROJECT_DIR, run_dbt

HERE = Path(__file__).parent / "dialects"
LOCK = HERE / "requirements.txt"
ENGINES = ("bigquery", "databricks", "redshift", "snowflake", "trino")
# Nobody connects: what the example profiles ask of the environment only has to be there.
PLACEHOLDERS = {
    name: "placeholder.example.org"
    for name in (
        "BIGQUERY_PROJECT", "DATABRICKS_HOST", "DATABRICKS_HTTP_PATH", "DATABRICKS_TOKEN", "REDSHIFT_HOST", "REDSHIFT_USER",
        "REDSHIFT_PASSWORD", "SNOWFLAKE_ACCOUNT", "SNOWFLAKE_USER", "SNOWFLAKE_PASSWORD", "TRINO_HOST",
        "TRINO_USER", "TRINO_PASSWORD",
    )
} | {"BIGQUERY_PROJECT": "placeholder"}  # fmt: skip
# Functions that the engine's manual has and sqlglot has not: every other name that it does not know fails.
KNOWN_FUNCTIONS = {
    "bigquery": set(),
    "databricks": {"btrim", "xxhash64"},
    "redshift": {"fnv_hash", "json_serialize", "object"},
    "snowflake": {"hash", "try_to_timestamp_tz"},
    "trino": {"at_timezone", "from_big_endian_64", "xxhash64"},
}
Type = exp.DataType.Type
NUMBERS_AND_DATES = {Type.BIGINT, Type.BOOLEAN, Type.DATE, Type.DECIMAL, Type.INT}
# Types by name; sqlglot reads more than the engines do.
KNOWN_TYPES = {
    "bigquery": NUMBERS_AND_DATES | {Type.BIGDECIMAL, Type.DOUBLE, Type.TEXT, Type.TIMESTAMPTZ},
    "databricks": NUMBERS_AND_DATES | {Type.DOUBLE, Type.TEXT, Type.TIMESTAMPNTZ, Type.TIMESTAMPTZ},
    "redshift": NUMBERS_AND_DATES | {Type.DOUBLE, Type.TIMESTAMP, Type.TIMESTAMPTZ, Type.VARCHAR},
    "snowflake": NUMBERS_AND_DATES | {Type.DOUBLE, Type.TIMESTAMPNTZ, Type.VARCHAR},
    "trino": NUMBERS_AND_DATES | {Type.ARRAY, Type.DOUBLE, Type.JSON, Type.TIMESTAMP, Type.TIMESTAMPTZ, Type.VARCHAR},
}
# What an engine does not have at all, though sqlglot reads it.
UNKNOWN_CONSTRUCTS = {
    "bigquery": (exp.Filter, exp.Values, exp.PercentileCont, exp.Explode),
    "databricks": (),
    "redshift": (exp.Filter, exp.Unnest, exp.Explode, exp.GenerateSeries),
    "snowflake": (exp.Filter, exp.Unnest),
    "trino": (exp.PercentileCont, exp.Explode),
}  # fmt: skip


@dataclass(frozen=True)
class Compiled:
    """The project as compiled for one engine: ``target`` is dbt's target folder."""

    engine: str
    target: Path

    @cached_property
    def manifest(self) -> dict:
        """What dbt says that it compiled."""
        return json.loads((self.target / "manifest.json").read_text())

    @cached_property
    def models(self) -> dict[str, dict]:
        """The models by their unique id."""
        return {name: node for name, node in self.manifest["nodes"].items() if node["resource_type"] == "model"}

    @cached_property
    def trees(self) -> list[tuple[str, exp.Expression]]:
        """Every compiled query, tests included, with the name of its file; AssertionError for what the dialect does not read."""
        found = []
        for path in sorted((self.target / "compiled").rglob("*.sql")):
            try:
                trees = sqlglot.parse(path.read_text(), read=self.engine)
            except sqlglot.ParseError as error:
                raise AssertionError(f"{path.name} as {self.engine}: {error}") from error
            found += [(path.name, tree) for tree in trees if tree is not None]
        return found

    def tree_of(self, node: dict) -> exp.Expression:
        """The query of one model."""
        path = self.target / "compiled" / "customer_lifecycle" / node["original_file_path"]
        return sqlglot.parse_one(path.read_text(), read=self.engine)

    def raw_columns(self, source: str) -> list[str]:
        """The columns that the base model of a raw table reads: without a connection, those of the whole contract."""
        reader = next(node for node in self.models.values() if node["depends_on"]["nodes"].count(source))
        identifier = self.manifest["sources"][source]["identifier"]
        table = next(
            table for table in self.tree_of(reader).find_all(exp.Table) if table.db and table.name == identifier
        )
        return [column.this.name for column in table.parent_select.expressions]


def adapters() -> Path:
    """The Python of the environment with the adapters, made if need be."""
    return python_with(LOCK, "dialects")


@pytest.fixture(scope="module", params=ENGINES)
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The project compiled with the example profile of an engine."""
    engine = request.param
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    directory = tmp_path_factory.mktemp(engine)
    shutil.copy(PROJECT_DIR / "docs" / "profiles" / f"{engine}.yml", directory / "profiles.yml")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAW_", "DBT_"))}
    environment |= PLACEHOLDERS | {"DO_NOT_TRACK": "1", "DBT_LOG_PATH": str(directory / "logs")}
    arguments = ["compile", "--no-introspect", "--no-populate-cache", "--threads", "1", "--log-level", "error"]
    arguments += ["--project-dir", PROJECT_DIR, "--profiles-dir", directory, "--target-path", directory / "target"]
    finished = subprocess.run(
        [adapters(), HERE / "compile_offline.py", engine, *arguments],
        env=environment, cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return Compiled(engine, directory / "target")


def test_everything_compiles_and_reads_as_its_dialect(compiled: Compiled) -> None:
    """A statement that sqlglot gives up on would come back as a bare command."""
    trees = compiled.trees
    assert {node["name"] for node in compiled.models.values()} <= {name.removesuffix(".sql") for name, _ in trees}
    assert not [name for name, tree in trees if not isinstance(tree, exp.Query)]


def test_every_column_is_one_of_what_it_is_read_from(compiled: Compiled) -> None:
    """From the raw contract to the marts, by the dialect's rules of names: what is quoted here and not there is lost."""
    schema = MappingSchema(dialect=compiled.engine)
    for node in compiled.manifest["nodes"].values():
        if node["resource_type"] == "seed":
            with (PROJECT_DIR / node["original_file_path"]).open(newline="") as file:
                _add(schema, compiled.engine, node["relation_name"], next(csv.reader(file)))
    for unique_id, source in compiled.manifest["sources"].items():
        _add(schema, compiled.engine, source["relation_name"], compiled.raw_columns(unique_id), is_quoted=True)
    done: set[str] = set()
    while len(done) < len(compiled.models):
        ready = [
            name
            for name, node in compiled.models.items()
            if name not in done and done.issuperset(set(node["depends_on"]["nodes"]) & set(compiled.models))
        ]
        assert ready
        for name in ready:
            node = compiled.models[name]
            try:
                tree = qualify(
                    compiled.tree_of(node), schema=schema, dialect=compiled.engine,
                    validate_qualify_columns=True, quote_identifiers=False,
                )  # fmt: skip
            except sqlglot.errors.SqlglotError as error:
                raise AssertionError(f"{node['name']} as {compiled.engine}: {error}") from error
            _add(schema, compiled.engine, node["relation_name"], tree.named_selects)
            if node["config"]["contract"]["enforced"] or "/marts/" in node["original_file_path"]:
                assert [column.lower() for column in tree.named_selects] == list(node["columns"]), node["name"]
            done.add(name)


def test_every_function_exists(compiled: Compiled) -> None:
    """Of another engine's function sqlglot says only that it does not know it."""
    unknown = Counter(function.name.lower() for _, tree in compiled.trees for function in tree.find_all(exp.Anonymous))
    assert set(unknown) == KNOWN_FUNCTIONS[compiled.engine], unknown


def test_every_type_exists(compiled: Compiled) -> None:
    """Such as varchar, which is none on BigQuery and needs a length elsewhere."""
    wrong = set()
    for name, tree in compiled.trees:
        for data_type in tree.find_all(exp.DataType):
            is_short = compiled.engine == "redshift" and data_type.this == Type.VARCHAR and not data_type.expressions
            if data_type.this not in KNOWN_TYPES[compiled.engine] or is_short:
                wrong.add((name, data_type.this.name))
    assert not wrong


def test_no_construct_that_the_engine_lacks(compiled: Compiled) -> None:
    """`filter (where …)`, rows made in the select list, lists of values."""
    lacking = UNKNOWN_CONSTRUCTS[compiled.engine]
    assert not [
        (name, construct.__name__) for name, tree in compiled.trees for construct in lacking if tree.find(construct)
    ]


def test_outer_joins_have_an_equality_of_both_sides(compiled: Compiled) -> None:
    """BigQuery refuses outer joins without one, and no engine is fast at them."""
    wrong = []
    for name, tree in compiled.trees:
        for join in tree.find_all(exp.Join):
            condition = join.args.get("on")
            if join.side and not (
                condition and any(_joins_two_tables(equality) for equality in condition.find_all(exp.EQ))
            ):
                wrong.append((name, condition and condition.sql(compiled.engine)))
    assert not wrong


def test_nothing_rests_on_what_least_and_greatest_make_of_nulls(tmp_path: Path) -> None:
    """Some engines leave nulls out, some return null. DuckDB, taught to return null, publishes the same."""
    plain, strict = tmp_path / "plain.duckdb", tmp_path / "strict.duckdb"
    with duckdb.connect(str(strict)) as connection:
        for function, sign in (("least", "<"), ("greatest", ">")):
            connection.execute(
                f"create macro {function} {', '.join(_strict_form(names, sign) for names in ('ab', 'abc', 'abcd'))}"
            )
        assert connection.execute("select least(1, null), greatest(2, null, 3), least(3, 1, 2)").fetchone() == (
            None,
            None,
            1,
        )
    for path in (plain, strict):
        result = run_dbt(
            ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"],
            raw_data_dir=PROJECT_DIR / "seeds" / "demo", warehouse_path=path, as_of_date="",
            build_started_at="2030-01-01T00:00:00+00:00",
            dbt_target_path=tmp_path / "target", dbt_log_path=tmp_path / "logs",
        )  # fmt: skip
        assert result.success, "\n".join(result.problems)
    with duckdb.connect() as connection:
        for path in (plain, strict):
            connection.execute(f"attach '{path}' (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where database_name = 'plain' and schema_name in ('intermediate', 'marts', 'quality')"
        ).fetchall()
        assert len(tables) > 50
        for (table,) in tables:
            one, other = f"from plain.{table}", f"from strict.{table}"
            query = f"select count(*) from (({one} except all {other}) union all ({other} except all {one}))"
            assert connection.execute(query).fetchone() == (0,), table


def _strict_form(names: str, sign: str) -> str:
    """A macro's form for so many arguments: null when one is, else the first that none of the others beats."""
    cases = [f"when {' or '.join(f'{name} is null' for name in names)} then null"]
    for name in names[:-1]:
        cases.append(
            f"when {' and '.join(f'not {other} {sign} {name}' for other in names if other != name)} then {name}"
        )
    return f"({', '.join(names)}) as case {' '.join(cases)} else {names[-1]} end"


def _joins_two_tables(equality: exp.EQ) -> bool:
    """Whether each side names a column, of different tables."""
    left, right = (
        {column.table for column in side.find_all(exp.Column)} for side in (equality.this, equality.expression)
    )
    return bool(left and right and left != right)


def _add(schema: MappingSchema, engine: str, relation: str, columns: list[str], is_quoted: bool = False) -> None:
    mapping = {f'"{column}"' if is_quoted and engine == "snowflake" else column: "text" for column in columns}
    schema.add_table(exp.to_table(relation, dialect=engine), mapping, dialect=engine, match_depth=False)
