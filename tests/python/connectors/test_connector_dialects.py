"""What dbt compiles of the connectors for warehouses that no test can run on: BigQuery, Databricks, Redshift, Snowflake.

Each loader's tables of all its vendors, as they land in the warehouse: the columns of the tests' worlds, in its types. sqlglot reads
each model as that dialect and follows every column to the loader's tables, as ``test_dialects.py`` does for the main project.
``LIFECYCLE_CONNECTOR_DIALECTS`` names the warehouses; without it, one.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema
from stores import CONNECTORS, Store, load_world, make_store
from test_dialects import KNOWN_FUNCTIONS, KNOWN_TYPES, UNKNOWN_CONSTRUCTS, Compiled, _add, _run_offline
from test_round_trip import WORLDS

from lifecycle_tools.build import PROJECT_DIR

ENGINES = os.environ.get("LIFECYCLE_CONNECTOR_DIALECTS", "bigquery").split()
LOADERS = ("fivetran", "airbyte", "dlt")
# How a loader's types are called in each warehouse; of all others, and of JSON in Databricks, text.
TYPES = {
    "bigquery": {"bigint": "INT64", "integer": "INT64", "double": "FLOAT64", "boolean": "BOOL", "timestamp": "TIMESTAMP", "date": "DATE", "json": "JSON", "decimal": "NUMERIC", "text": "STRING"},
    "databricks": {"bigint": "bigint", "integer": "int", "double": "double", "boolean": "boolean", "timestamp": "timestamp", "date": "date", "decimal": "decimal(18,2)", "text": "string"},
    "redshift": {"bigint": "bigint", "integer": "integer", "double": "double precision", "boolean": "boolean", "timestamp": "timestamp without time zone", "date": "date", "json": "super", "decimal": "numeric(18,2)", "text": "character varying(256)"},
    "snowflake": {"bigint": "NUMBER(38,0)", "integer": "NUMBER(38,0)", "double": "FLOAT", "boolean": "BOOLEAN", "timestamp": "TIMESTAMP_TZ", "date": "DATE", "json": "VARIANT", "decimal": "NUMBER(18,2)", "text": "VARCHAR"},
}  # fmt: skip
# What the connectors use and the main project does not.
MORE_FUNCTIONS: dict[str, set[str]] = {
    "bigquery": set(),
    "databricks": {"make_dt_interval"},
    "redshift": set(),
    "snowflake": set(),
}
MORE_TYPES: dict[str, set[exp.DataType.Type]] = {
    "bigquery": {exp.DataType.Type.TIMESTAMP},  # DATETIME, in which dbt's dateadd counts
    "databricks": set(),
    "redshift": set(),
    "snowflake": set(),
}
# Vendors whose arrays in JSON Redshift cannot be asked for.
NOT_ON_REDSHIFT = {
    "fivetran": {"hubspot"},
    "airbyte": {"shopify", "stripe", "woocommerce", "hubspot"},
    "dlt": {"hubspot"},
}


@pytest.fixture(scope="module")
def world(macros: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with each vendor's tables by each loader, of one small world."""
    directory = tmp_path_factory.mktemp("dialects")
    store = make_store(directory / "store", macros)
    load_world(store, directory / "raw", 60, 1)
    with duckdb.connect(str(store.warehouse)) as connection:
        for vendor, of in WORLDS.items():
            for loader in of.LOADERS if vendor != "ga4" else ():  # which has nested types, and a test of its own
                of.write(connection, loader)
    return store


def tables_of(world: Store, engine: str, schemas: list[str]) -> dict[str, list[tuple[str, str]]]:
    """``schema.table`` -> columns with their types in that warehouse; on Snowflake in capitals."""
    tables: dict[str, list[tuple[str, str]]] = {}
    query = "select schema_name, table_name, column_name, data_type from duckdb_columns() where schema_name in ({})"
    for schema, table, column, data_type in world.rows(query.format(", ".join(f"'{name}'" for name in schemas))):
        kind = re.match("[a-z]+", data_type.lower()).group()
        name = column.upper() if engine == "snowflake" else column
        tables.setdefault(f"{schema}.{table}", []).append((name, TYPES[engine].get(kind, TYPES[engine]["text"])))
    return tables


def compiled_for(engine: str, world: Store, directory: Path, schemas: dict[str, str], loader: str) -> Compiled:
    """All models but the unions of the contract, of vendors whose tables are in these schemas; fails with what dbt says."""
    (directory / "tables.json").write_text(json.dumps(tables_of(world, engine, list(schemas.values()))))
    profile = (PROJECT_DIR / "docs" / "profiles" / f"{engine}.yml").read_text()
    (directory / "profiles.yml").write_text(profile.replace("customer_lifecycle:", "store:"))
    variables = {"connectors": {vendor: {"schemas": schema, "loader": loader} for vendor, schema in schemas.items()}}
    models = [path.stem for path in (CONNECTORS / "models").rglob("*.sql") if not path.stem.startswith("raw__")]
    compiled = Compiled(engine, directory)
    _run_offline(compiled, "tables", world.directory, "--select", *models, "--vars", json.dumps(variables))
    return compiled


def schemas_of(loader: str) -> dict[str, str]:
    """Vendor -> the schema in which a loader's tables stand, of the first brand."""
    shapes = {vendor: [name for name in of.LOADERS if name.startswith(loader)] for vendor, of in WORLDS.items()}
    return {vendor: f"{vendor}_{names[-1]}_default" for vendor, names in shapes.items() if names}


@pytest.fixture(autouse=True)
def packages(world: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store's packages are."""
    monkeypatch.setenv("CUSTOMER_LIFECYCLE_DIR", str(world.lifecycle))
    monkeypatch.setenv("CONNECTORS_DIR", str(CONNECTORS))


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("engine", ENGINES)
def test_every_model_reads_as_its_dialect(world: Store, tmp_path: Path, engine: str, loader: str) -> None:
    """Functions, types and constructs that there are, and every column one of the table that it is read from."""
    left_out = NOT_ON_REDSHIFT[loader] if engine == "redshift" else set()
    schemas = {vendor: schema for vendor, schema in schemas_of(loader).items() if vendor not in left_out}
    compiled = compiled_for(engine, world, tmp_path, schemas, loader)
    tables = json.loads((tmp_path / "tables.json").read_text())
    schema = MappingSchema(dialect=engine)
    catalog = sqlglot.to_table(next(iter(compiled.models.values()))["relation_name"], dialect=engine).catalog
    for table, columns in tables.items():
        relation = sqlglot.exp.table_(
            table.split(".")[1], db=table.split(".")[0], catalog=catalog, quoted=engine != "snowflake"
        )
        _add(schema, engine, relation.sql(engine), [name for name, _ in columns], is_quoted=True)
    waiting = {node["name"]: node for node in compiled.models.values() if node.get("compiled_code")}
    assert len(waiting) > 5
    problems = []
    while waiting:
        read = {name: {each.split(".")[-1] for each in node["depends_on"]["nodes"]} for name, node in waiting.items()}
        ready = [name for name in waiting if not read[name] & set(waiting)]
        assert ready
        for name in ready:
            node = waiting.pop(name)
            tree = sqlglot.parse_one(node["compiled_code"], dialect=engine)
            problems += [f"{name}: {problem}" for problem in problems_of(tree, engine)]
            try:
                found = qualify(
                    tree.copy(), schema=schema, dialect=engine, validate_qualify_columns=True, quote_identifiers=False
                )
            except sqlglot.errors.SqlglotError as error:
                problems.append(f"{name}: {error}")
                continue
            _add(schema, engine, node["relation_name"], found.named_selects)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine == "redshift"])
@pytest.mark.parametrize(
    ("loader", "vendor"), [(loader, vendor) for loader in LOADERS for vendor in sorted(NOT_ON_REDSHIFT[loader])]
)
def test_a_warehouse_that_reads_no_arrays_says_so(
    world: Store, tmp_path: Path, engine: str, loader: str, vendor: str
) -> None:
    """Rather than send what it does not know."""
    with pytest.raises(AssertionError, match="which the connectors cannot read on redshift"):
        compiled_for(engine, world, tmp_path, {vendor: schemas_of(loader)[vendor]}, loader)


def test_the_guide_lists_what_is_compiled() -> None:
    """Per vendor and warehouse, the loaders that the tests above compile, and a reason for each that they leave out."""
    guide = (PROJECT_DIR / "docs" / "connectors.md").read_text()
    table = guide[guide.index("| vendor | BigQuery |") :].split("\n\n")[0]
    heads, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert [head.lower() for head in heads[1:]] == ["bigquery", "snowflake", "databricks", "redshift"]
    found = {}
    for name, *cells in rows:
        vendor = {"Meta Ads": "facebook_ads", "Google Analytics 4": "ga4"}.get(name, name.lower().replace(" ", "_"))
        found[vendor] = {engine.lower(): cell.lower() for engine, cell in zip(heads[1:], cells, strict=True)}
    assert set(found) == set(WORLDS)
    for vendor, engines in found.items():
        if vendor == "ga4":
            assert (
                engines.pop("bigquery") == "by its own export to bigquery"
            )  # test_the_export_of_ga4_reads_as_bigquery
            assert set(engines.values()) == {"none ³"}
            continue
        loaders = [loader for loader in LOADERS if vendor in schemas_of(loader)]
        for engine, cell in engines.items():
            left_out = {loader for loader in loaders if engine == "redshift" and vendor in NOT_ON_REDSHIFT[loader]}
            compiled = [loader for loader in loaders if loader not in left_out]
            assert re.sub(" [¹²³]$", "", cell) == (", ".join(compiled) or "none"), (vendor, engine)
            assert bool(left_out) == bool(re.search("[¹²³]$", cell)), (vendor, engine)


def problems_of(tree: exp.Expression, engine: str) -> Iterator[str]:
    """What sqlglot would let pass."""
    if not isinstance(tree, exp.Query):
        yield "no query"
    unknown = {function.name.lower() for function in tree.find_all(exp.Anonymous)}
    yield from (f"function {name}" for name in sorted(unknown - KNOWN_FUNCTIONS[engine] - MORE_FUNCTIONS[engine]))
    types = {data_type.this for data_type in tree.find_all(exp.DataType)}
    yield from (f"type {each.name}" for each in types - KNOWN_TYPES[engine] - MORE_TYPES[engine])
    lacking = [each for each in UNKNOWN_CONSTRUCTS[engine] if tree.find(each)]
    yield from (f"construct {each.__name__}" for each in lacking)
