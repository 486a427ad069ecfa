"""What dbt compiles for warehouses that no test can run on: BigQuery, Snowflake, Databricks, Redshift, Trino.

Each adapter's own macros compile every model and every test, without a connection, and run every incremental model as if an
earlier build had left all tables; sqlglot reads the result as that dialect, follows every column through all models, and the
rules below catch what it would let pass. docs/warehouses.md says what that is worth. The adapters live in an environment of
their own, made here and again only when its lock file changes.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pytest
import sqlglot
from connectors.ga4_world import OPTIONAL, REQUIRED
from connectors.stores import CONNECTORS, macros_alone, make_store
from oracle import runs
from oracle.environments import differences, python_with
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from dev.project_copy import READ_BY_DBT, copy_of_project
from lifecycle_tools.build import NO_TESTS, PROJECT_DIR

HERE = Path(__file__).parent / "dialects"
LOCK = HERE / "requirements.txt"
ENGINES = tuple(os.environ.get("LIFECYCLE_DIALECTS", "bigquery databricks redshift snowflake trino").split())
# Nothing connects: what the example profiles ask of the environment only has to be there.
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
    "databricks": {"btrim", "get", "url_decode", "xxhash64"},
    "redshift": {"fnv_hash", "json_serialize", "object"},
    "snowflake": {"hash", "try_to_timestamp_tz"},
    "trino": {"at_timezone", "from_big_endian_64", "with_timezone", "xxhash64"},
}
MADE_BY_ADAPTER = "__dbt_"  # in the name of a table that an adapter makes on the way
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
    """The project as compiled for one engine: ``directory`` is what compile_offline.py has filled."""

    engine: str
    directory: Path

    @cached_property
    def manifest(self) -> dict:
        """What dbt says that it compiled."""
        return json.loads((self.directory / "full" / "manifest.json").read_text())

    @cached_property
    def models(self) -> dict[str, dict]:
        """The models by their unique id."""
        return {name: node for name, node in self.manifest["nodes"].items() if node["resource_type"] == "model"}

    @cached_property
    def schema(self) -> MappingSchema:
        """The columns of every relation, each model's qualified on the way; AssertionError for one that is not there."""
        schema = MappingSchema(dialect=self.engine)
        for node in self.manifest["nodes"].values():
            if node["resource_type"] == "seed":
                with (PROJECT_DIR / node["original_file_path"]).open(newline="") as file:
                    _add(schema, self.engine, node["relation_name"], next(csv.reader(file)))
        for unique_id, source in self.manifest["sources"].items():
            _add(schema, self.engine, source["relation_name"], self.raw_columns(unique_id), is_quoted=True)
        done: set[str] = set()
        while len(done) < len(self.models):
            ready = [
                name
                for name, node in self.models.items()
                if name not in done and done.issuperset(set(node["depends_on"]["nodes"]) & set(self.models))
            ]
            assert ready
            for name in ready:
                node = self.models[name]
                tree = self.qualified(node["name"], self.tree_of(node), schema)
                _add(schema, self.engine, node["relation_name"], tree.named_selects)
                done.add(name)
        return schema

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """The columns of every relation by the name of the table, lower case."""
        nodes = [*self.manifest["nodes"].values(), *self.manifest["sources"].values()]
        tables = [
            exp.to_table(node["relation_name"], dialect=self.engine) for node in nodes if node.get("relation_name")
        ]
        return {table.name.lower(): self.schema.column_names(table) for table in tables}

    def qualified(self, name: str, tree: exp.Expression, schema: MappingSchema | None = None) -> exp.Expression:
        """The query with a table for each column; AssertionError if there is none."""
        try:
            return qualify(
                tree.copy(), schema=schema or self.schema, dialect=self.engine,
                validate_qualify_columns=True, quote_identifiers=False,
            )  # fmt: skip
        except sqlglot.errors.SqlglotError as error:
            raise AssertionError(f"{name} as {self.engine}: {error}") from error

    @cached_property
    def queries(self) -> list[tuple[str, exp.Expression]]:
        """Every compiled query, tests included, with the name of its file."""
        return self._read((self.directory / "full" / "compiled").rglob("*.sql"))

    @cached_property
    def later_queries(self) -> list[tuple[str, exp.Expression]]:
        """Every model that is another query once everything is there, with the name of its file."""
        later, first = self.directory / "few", self.directory / "full"
        paths = (later / "compiled").rglob("*.sql")
        return self._read(path for path in paths if path.read_text() != (first / path.relative_to(later)).read_text())

    @cached_property
    def statements(self) -> list[tuple[str, exp.Expression]]:
        """Every statement that increments send, once, in their order, with the name of its file: ``0002.<model>.sql``."""
        firsts: dict[tuple[str, str], Path] = {}
        for path in sorted(self.directory.glob("*/statements/*.sql")):
            firsts.setdefault((_model_of(path.name), path.read_text()), path)
        return self._read(firsts.values())

    @property
    def trees(self) -> list[tuple[str, exp.Expression]]:
        """All of these."""
        return self.queries + self.later_queries + self.statements

    @property
    def incremental(self) -> dict[str, dict]:
        """The models that increments add to, by their name."""
        models = self.models.values()
        return {node["name"]: node for node in models if node["config"]["materialized"] == "incremental"}

    def _read(self, paths: Iterable[Path]) -> list[tuple[str, exp.Expression]]:
        """What files say; AssertionError for what the dialect does not read."""
        found = []
        for path in sorted(paths):
            try:
                trees = sqlglot.parse(path.read_text(), read=self.engine)
            except sqlglot.ParseError as error:
                raise AssertionError(f"{path.name} as {self.engine}: {error}") from error
            found += [(path.name, tree) for tree in trees if tree is not None]
        return found

    def tree_of(self, node: dict) -> exp.Expression:
        """The query of one model."""
        path = self.directory / "full" / "compiled" / "customer_lifecycle" / node["original_file_path"]
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


def compile_offline(engine: str, directory: Path, project_dir: Path = PROJECT_DIR) -> Compiled:
    """Compile a project with the example profile of an engine, then let it send what it would send when all of that is built."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    shutil.copy(PROJECT_DIR / "docs" / "profiles" / f"{engine}.yml", directory / "profiles.yml")
    compiled = Compiled(engine, directory)
    _run_offline(compiled, "compile", project_dir)
    (directory / "columns.json").write_text(json.dumps(compiled.columns))
    _run_offline(compiled, "increment", project_dir)
    return compiled


def _run_offline(compiled: Compiled, step: str, project_dir: Path, *more: str) -> None:
    directory = compiled.directory
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAW_", "DBT_", "LINK_"))}
    environment |= PLACEHOLDERS | {"DO_NOT_TRACK": "1", "DBT_LOG_PATH": str(directory / "logs")}
    arguments = [
        "--threads",
        "1",
        "--log-level",
        "error",
        "--project-dir",
        project_dir,
        "--profiles-dir",
        directory,
        *more,
    ]
    finished = subprocess.run(
        [adapters(), HERE / "compile_offline.py", compiled.engine, directory, step, *arguments],
        env=environment, cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.fixture(scope="module", params=ENGINES)
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The project compiled with the example profile of an engine."""
    return compile_offline(request.param, tmp_path_factory.mktemp(request.param))


def test_the_adapters_are_those_of_the_lock_file() -> None:
    assert not (different := differences(LOCK, adapters())), different


def test_everything_compiles_and_reads_as_its_dialect(compiled: Compiled) -> None:
    """A statement that sqlglot gives up on would come back as a bare command."""
    queries = compiled.queries
    assert {node["name"] for node in compiled.models.values()} <= {name.removesuffix(".sql") for name, _ in queries}
    assert not [name for name, tree in queries if not isinstance(tree, exp.Query)]


def test_every_increment_reads_as_its_dialect(compiled: Compiled) -> None:
    """Each incremental model adds to what is there, after its hooks have deleted what is computed again."""
    assert compiled.incremental
    assert not [(name, tree.sql()[:100]) for name, tree in compiled.statements if isinstance(tree, exp.Command)]
    added = {_model_of(name) for name, tree in compiled.statements if isinstance(tree, (exp.Insert, exp.Merge))}
    deleted = {_model_of(name) for name, tree in compiled.statements if isinstance(tree, exp.Delete)}
    assert added == set(compiled.incremental)
    if compiled.engine == "bigquery":  # a DELETE without a condition is refused there
        statements = compiled.statements
        assert not [name for name, tree in statements if isinstance(tree, exp.Delete) and not tree.args.get("where")]
    hooks = re.compile("(?:delete|forget)_changed|delete_later|delete_interrupted")
    assert deleted == {name for name, node in compiled.incremental.items() if hooks.search(str(node["config"]))}
    assert deleted


def test_every_column_is_one_of_what_it_is_read_from(compiled: Compiled) -> None:
    """From the raw contract to the marts, by the dialect's rules of names: what is quoted here and not there is lost.

    An increment has the columns of a first build, and its hooks read what is there.
    """
    for node in compiled.models.values():
        if node["config"]["contract"]["enforced"] or "/marts/" in node["original_file_path"]:
            columns = compiled.columns[node["alias"].lower()]
            assert [column.lower() for column in columns] == list(node["columns"]), node["name"]
    for name, tree in compiled.later_queries:
        model = name.removesuffix(".sql")
        if model not in compiled.incremental:  # those are among the statements
            assert compiled.qualified(name, tree).named_selects == compiled.columns[model], name
    problems = list(_problems(compiled))
    assert not problems, "\n".join(problems)


def _problems(compiled: Compiled) -> Iterator[str]:
    """What the statements of increments read that is not there, or make that is not as in a first build."""
    for name, tree in compiled.statements:
        query = _what_is_read(tree)
        if query is None or any(MADE_BY_ADAPTER in table.name.lower() for table in query.find_all(exp.Table)):
            continue
        try:
            query = compiled.qualified(name, query)
        except AssertionError as error:
            yield str(error)
            continue
        if isinstance(tree, exp.Create) and MADE_BY_ADAPTER not in tree.find(exp.Table).name.lower():
            # made by a hook, for what comes next
            _add(compiled.schema, compiled.engine, tree.find(exp.Table).sql(compiled.engine), query.named_selects)
        elif (
            isinstance(tree, (exp.Create, exp.Insert, exp.Merge))
            and query.named_selects != compiled.columns[_model_of(name)]
        ):
            yield f"{name} as {compiled.engine}: {query.named_selects} instead of {compiled.columns[_model_of(name)]}"


def _what_is_read(statement: exp.Expression) -> exp.Query | None:
    """The query in a statement; of a deletion, one that reads what it reads."""
    if isinstance(statement, exp.Query):
        return statement
    if isinstance(statement, exp.Merge):
        return statement.args["using"].this
    if isinstance(statement, exp.Delete):
        where = statement.args.get("where")
        query = exp.select("1").from_(statement.this.copy())
        return query.where(where.this.copy()) if where else query
    expression = statement.args.get("expression")
    return expression.unnest() if isinstance(expression, (exp.Query, exp.Subquery)) else None


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


def test_a_fault_in_an_increment_is_found(tmp_path: Path) -> None:
    """In a hook, in what a hook makes, and in a model that reads an earlier build: none of them is in a first build."""
    # without tests, which take dbt as long to read as the models do
    project = copy_of_project(tmp_path / "project", [name for name in READ_BY_DBT if name != "tests/singular"])
    for path in (project / "models").rglob("*__unit_tests.yml"):
        path.unlink()
    for path, right, wrong in [
        ("macros/incremental/increments.sql", "in (select {{ key }} from", "in (select no_column from"),
        (
            "macros/cleaning/changed_rows.sql",
            "select distinct base_rows.loaded_batch,",
            "select distinct base_rows.no_batch,",
        ),
        (
            "models/intermediate/identity/int_customers.sql",
            "from {{ earlier }}",
            "from {{ earlier }} where no_function(customer_id)",
        ),
    ]:
        text = (project / path).read_text()
        assert right in text
        (project / path).write_text(text.replace(right, wrong))
    faulty = compile_offline("trino", tmp_path, project)
    wrong = "".join(_problems(faulty))
    assert "no_column" in wrong
    assert "no_batch" in wrong
    with pytest.raises(AssertionError, match="no_function"):
        test_every_function_exists(faulty)
    statement = next((tmp_path / "few" / "statements").glob("*.customer_stages_daily.sql"))
    statement.write_text("delete from somewhere in where")
    with pytest.raises(AssertionError, match=r"customer_stages_daily\.sql as trino"):
        test_every_increment_reads_as_its_dialect(Compiled("trino", tmp_path))


def test_nothing_rests_on_what_least_and_greatest_make_of_nulls(tmp_path: Path) -> None:
    """Some engines leave nulls out, some return null. DuckDB, taught to return null, publishes the same."""
    warehouses = {name: tmp_path / name / runs.NAME for name in ("plain", "strict")}
    for path in warehouses.values():
        path.parent.mkdir()
    with duckdb.connect(str(warehouses["strict"])) as connection:
        for function, sign in (("least", "<"), ("greatest", ">")):
            connection.execute(
                f"create macro {function} {', '.join(_strict_form(names, sign) for names in ('ab', 'abc', 'abcd'))}"
            )
        assert connection.execute("select least(1, null), greatest(2, null, 3), least(3, 1, 2)").fetchone() == (
            None,
            None,
            1,
        )
    for path in warehouses.values():
        result = runs.run_dbt(
            ["build", *NO_TESTS],
            raw_data_dir=PROJECT_DIR / "seeds" / "demo", warehouse_path=path, as_of_date="",
            build_started_at="2030-01-01T00:00:00+00:00",
            dbt_target_path=tmp_path / "target", dbt_log_path=tmp_path / "logs",
        )  # fmt: skip
        assert result.success, "\n".join(result.problems)
    with duckdb.connect() as connection:
        for name, path in warehouses.items():
            connection.execute(f"attach '{path}' as {name} (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where database_name = 'plain' and schema_name in ('intermediate', 'marts', 'quality')"
        ).fetchall()
        assert len(tables) > 50
        for (table,) in tables:
            one, other = f"from plain.{table}", f"from strict.{table}"
            query = f"select count(*) from (({one} except all {other}) union all ({other} except all {one}))"
            assert connection.execute(query).fetchone() == (0,), table


def _model_of(file_name: str) -> str:
    """``0002.<model>.sql`` -> the model."""
    return file_name.split(".")[1]


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


def test_the_export_of_ga4_reads_as_bigquery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its columns as BigQuery describes them; of two tables of one day the whole one, and all days in one reading."""
    store = make_store(tmp_path / "store", macros_alone(tmp_path / "customer_lifecycle"))
    names = {"bigint": "INTEGER", "varchar": "STRING", "double": "FLOAT", "boolean": "BOOLEAN"}
    columns = [
        (name, names.get(type_, "RECORD"), "REPEATED" if type_.endswith("[]") else "NULLABLE")
        for name, type_ in (REQUIRED | OPTIONAL).items()
    ]
    days = (
        "events_20250101",
        "events_20250102",
        "events_intraday_20250102",
        "events_intraday_20250103",
        "users_20250101",
    )
    (tmp_path / "tables.json").write_text(json.dumps(dict.fromkeys(days, columns)))
    profile = (PROJECT_DIR / "docs" / "profiles" / "bigquery.yml").read_text()
    (tmp_path / "profiles.yml").write_text(profile.replace("customer_lifecycle:", "store:"))
    monkeypatch.setenv("CUSTOMER_LIFECYCLE_DIR", str(store.lifecycle))
    monkeypatch.setenv("CONNECTORS_DIR", str(CONNECTORS))
    ga4 = {"ga4": {"schemas": "analytics_1", "loader": "bigquery_export"}}
    models = [path.stem for path in (CONNECTORS / "models" / "ga4").glob("*.sql")]
    of_ga4 = ("--select", *models, "--vars", json.dumps({"connectors": ga4}))
    _run_offline(Compiled("bigquery", tmp_path), "tables", store.directory, *of_ga4)
    texts = {path.stem: path.read_text() for path in tmp_path.glob("full/compiled/**/ga4__*.sql")}
    assert sorted(texts) == sorted(models)
    for name, text in texts.items():
        tree = sqlglot.parse_one(text, dialect="bigquery")
        assert not list(tree.find_all(exp.Anonymous, exp.Command)), name
    (wildcard,) = re.findall(r"from \(select \* from (.*) where (.*)\) as loaded", texts["ga4__events"])
    assert wildcard[0].endswith("`analytics_1`.`events_*`")
    assert wildcard[1] == "regexp_contains(_table_suffix, '^[0-9]{8}$') or _table_suffix in ('intraday_20250103')"
    assert "unnest(loaded.`event_params`)" in texts["ga4__events"]
