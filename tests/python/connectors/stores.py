"""dbt projects that install the connectors, for the tests of this folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dev.generate import generate
from lifecycle_tools.build import PROJECT_DIR, BuildResult, run_dbt

STORE = Path(__file__).parent / "store"
CONNECTORS = PROJECT_DIR / "connectors"


def macros_alone(directory: Path) -> Path:
    """customer_lifecycle without its models, which dbt takes long to read: some of its macros are all that the connectors use."""
    for name in ("cross_db", "cleaning", "raw"):
        shutil.copytree(PROJECT_DIR / "macros" / name, directory / "macros" / name)
    (directory / "dbt_project.yml").write_text("{name: customer_lifecycle, version: 0.0.1, config-version: 2}\n")
    return directory


def in_their_words(column: str, words: Mapping[str, str]) -> str:
    """SQL for the vendor's word for each of ours in ``column``; null for a word that is not among them."""
    cases = " ".join(f"when '{ours}' then '{theirs}'" for ours, theirs in words.items())
    return f"case {column} {cases} end"


def write_tables(
    connection: duckdb.DuckDBPyConnection, name: str, brands: Sequence[str], tables: Mapping[str, str]
) -> dict[str, str]:
    """A schema ``<name>_<brand>`` for each brand, with the rows of each query, whose $brand it is; returns brand -> schema."""
    schemas = {brand: f"{name}_{brand}" for brand in brands}
    for brand, schema in schemas.items():
        connection.execute(f"create schema {schema}")
        for table, query in tables.items():
            connection.execute(f'create table {schema}."{table}" as ' + query.replace("$brand", f"'{brand}'"))
    return schemas


def write_by_way_of_forms(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    brands: Sequence[str],
    forms: Callable[[], Iterator[tuple[str, str]]],
    shape: Mapping[str, str],
) -> dict[str, str]:
    """As ``write_tables``, of queries on the vendor's own form: tables in the schema ``form``, made for each brand in turn."""
    schemas = {}
    for brand in brands:
        connection.execute("drop schema if exists form cascade")
        connection.execute("create schema form")
        for table, query in forms():
            connection.execute(f"create table form.{table} as " + query.replace("$brand", f"'{brand}'"))
        schemas |= write_tables(connection, name, [brand], shape)
    connection.execute("drop schema form cascade")
    return schemas


@dataclass(frozen=True)
class Store:
    """A copy of the store's project with its packages installed, and its warehouse, one DuckDB file."""

    directory: Path
    lifecycle: Path

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.directory / "warehouse.duckdb"

    def run(self, *arguments: str, connectors: Any = None, schema: str = "store", **settings: object) -> BuildResult:
        """Dbt in this project; ``connectors`` is the var, and what is built stands in schemas ``<schema>_…``."""
        settings = {
            "raw_data_dir": "",
            "as_of_date": "",
            "identity_salt": "of the tests",
            "customer_lifecycle_dir": self.lifecycle,
            "connectors_dir": CONNECTORS,
            "warehouse_path": self.warehouse,
            "store_schema": schema,
            "dbt_target_path": self.directory / "target",
            "dbt_log_path": self.directory / "logs",
            **settings,
        }
        target = ("--target", str(settings.pop("target"))) if "target" in settings else ()
        variables = ("--vars", json.dumps({"connectors": connectors})) if connectors is not None else ()
        return run_dbt([*arguments, *target, *variables], project_dir=self.directory, **settings)

    def connect(self, connectors: Any, schema: str = "store", command: str = "run", **settings: object) -> None:
        """Run the connectors alone; fails with dbt's own problems."""
        result = self.run(
            command,
            "--select",
            "package:customer_lifecycle_connectors",
            connectors=connectors,
            schema=schema,
            **settings,
        )
        assert result.success, "\n".join(result.problems)

    def refusal(self, connectors: Any) -> str:
        """What dbt says when it does not build with this var."""
        result = self.run("run", "--select", "package:customer_lifecycle_connectors", connectors=connectors)
        assert not result.success
        return " ".join(result.problems)

    def rows(self, query: str) -> list[tuple]:
        """All rows of a query."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def execute(self, *statements: str) -> None:
        """Change the warehouse."""
        with duckdb.connect(str(self.warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)


def make_store(directory: Path, lifecycle: Path, variables: Mapping[str, Any] | None = None) -> Store:
    """Copy the store's project to ``directory`` and install its packages."""
    store = Store(Path(shutil.copytree(STORE, directory)), lifecycle)
    if variables:
        project = (directory / "dbt_project.yml").read_text()
        lines = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in variables.items())
        (directory / "dbt_project.yml").write_text(project.replace("vars:\n", "vars:\n" + lines))
    installed = store.run("deps")
    assert installed.success, installed.problems
    return store


def differences(store: Store, found: str, expected: str, columns: list[str]) -> dict[str, list[tuple]]:
    """Rows of ``found`` that are not in ``expected`` and the other way round, as often as they occur; at most five each."""
    names = ", ".join(columns)
    query = "select {0} from {1} except all select {0} from {2} order by all limit 5"
    sides = {
        "too many": store.rows(query.format(names, found, expected)),
        "missing": store.rows(query.format(names, expected, found)),
    }
    return {side: rows for side, rows in sides.items() if rows}


def load_world(store: Store, raw: Path, customers: int, seed: int) -> None:
    """The generator's tables, without faults in them, in the schema ``contract``."""
    generate(customers=customers, directory=raw, file_format="parquet", dirt=0, seed=seed, quiet=True)
    tables = [
        f"create table contract.{table.name} as from read_parquet('{table}/*.parquet')"
        for table in sorted(raw.iterdir())
    ]
    store.execute("create schema contract", *tables)
