"""A project that installs this one as a package, names its own things as it likes, and takes what it wants of ours."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml

from lifecycle_tools.build import PROJECT_DIR, BuildResult, run_dbt
from lifecycle_tools.engines.postgres import connect, copy_raw_tables, running_server

SHOP = Path(__file__).parent / "shop"
# By hand, with the shop's thresholds (churn after 30 days, at risk after 14) on 2024-06-30: Ben bought 60 days before, Dora
# twice, Chloé only came to look, Anna bought 20 days before.
STAGES = [
    (1, "Anna", "conversion", True),
    (2, "Ben", "churned", False),
    (3, "Chloé", "discovery", False),
    (4, "Dora", "retention", False),
]
PUBLISHED = {
    "customer_counts_monthly",
    "customer_ids",
    "customer_stage_intervals",
    "customer_stages_daily",
    "lifecycle_customers",
    "stage_advances_monthly",
    "stage_conversion_cohorts",
    "stage_durations",
    "stage_funnel_daily",
    "stage_funnel_monthly",
    "stage_restatements",
    "stage_transitions_daily",
}


def load_webshop(path: Path) -> None:
    """The shop's own tables, in a schema of the shop's."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema webshop")
        for file in sorted((SHOP / "webshop").glob("*.csv")):
            connection.execute(f"create table webshop.{file.stem} as from read_csv('{file}')")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shop's project."""
    return copy_of_shop(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def shop(directory: Path) -> Callable[..., BuildResult]:
    """Dbt in the shop's project, with its packages installed."""
    return installed(directory)


def copy_of_shop(parent: Path) -> Path:
    """The shop's project in a folder of its own, as a checkout would be."""
    ignored = shutil.ignore_patterns("target", "logs", "dbt_packages", "package-lock.yml")
    return Path(shutil.copytree(SHOP, parent / "shop", ignore=ignored))


def installed(directory: Path) -> Callable[..., BuildResult]:
    """Install the packages of the project in ``directory``; return how dbt is run there."""

    def run(*arguments: str, **settings: object) -> BuildResult:
        settings = {"raw_data_dir": "", "as_of_date": "", "customer_lifecycle_dir": PROJECT_DIR, **settings}
        settings |= {"dbt_target_path": directory / "target", "dbt_log_path": directory / "logs"}
        return run_dbt(arguments, project_dir=directory, **settings)

    result = run("deps")
    assert result.success, result.problems
    assert (directory / "dbt_packages" / "customer_lifecycle").exists()
    return run


@pytest.fixture(scope="module")
def built(shop, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildResult]:
    """The shop's warehouse on DuckDB, with all tests, the package's own included."""
    path = tmp_path_factory.mktemp("package_warehouse") / "warehouse.duckdb"
    load_webshop(path)
    result = shop("build", warehouse_path=path)
    assert result.success, "\n".join(result.problems)
    return path, result


def rows(path: Path, query: str) -> list[tuple]:
    """All rows of a query."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_shop_reads_its_own_tables_by_its_own_thresholds(built) -> None:
    """Tables, identifiers, a model in the place of a table, a seed in the place of a seed."""
    path, _ = built
    query = "select client_number, full_name, current_stage, is_at_risk from shop.customers order by 1"
    assert rows(path, query) == STAGES


def test_only_what_is_wanted_is_built_and_where_it_is_wanted(built) -> None:
    """The installing project's rule for schemas holds; disabled folders and models stay away, and their tests with them."""
    path, result = built
    query = "select table_name from information_schema.tables where table_schema = 'shop_lifecycle'"
    assert {row[0] for row in rows(path, query)} == PUBLISHED
    schemas = {row[0] for row in rows(path, "select distinct table_schema from information_schema.tables")}
    assert schemas == {"webshop", "shop", *(f"shop_lifecycle{part}" for part in ("", "_staging", "_quality"))}
    assert not [unique_id for unique_id in result.statuses if "retention" in unique_id or "journeys" in unique_id]


def test_the_package_s_tests_run_too(built) -> None:
    """A package that comes without its tests would leave its user to find the faults."""
    _, result = built
    of_package = [unique_id for unique_id in result.statuses if unique_id.startswith("test.customer_lifecycle.")]
    assert "test.customer_lifecycle.assert_every_raw_row_is_accounted_for" in of_package
    assert len(of_package) > 50
    hooks = [unique_id for unique_id in result.statuses if unique_id.startswith("operation.")]
    assert len(hooks) == 3  # prepare_raw, check_event_sources and report_raw_data, once each


def test_equal_names_are_no_collision(built) -> None:
    """The shop has a model `brands` and a source `raw.orders`; each project reads its own."""
    path, _ = built
    assert rows(path, "select label from shop.brands") == [("Acme",)]
    assert "business_time_zone" in {row[0] for row in rows(path, "describe shop_lifecycle_staging.brands")}


def test_a_model_that_presents_a_raw_table_is_built_before_it_is_read(directory: Path, built) -> None:
    """Else `dbt build` would read yesterday's."""
    manifest = json.loads((directory / "target" / "manifest.json").read_text())
    parents = manifest["parent_map"]["model.customer_lifecycle.base_shop__customers"]
    assert "model.shop.webshop_customers" in parents
    assert "seed.shop.shop_thresholds" in {
        parent
        for unique_id, parents in manifest["parent_map"].items()
        if unique_id.startswith("model.customer_lifecycle.")
        for parent in parents
    }


def test_a_run_of_the_shop_s_models_alone_leaves_the_raw_tables_unread(shop, tmp_path: Path) -> None:
    """The package's hook stops builds without raw data; it has no business in a run that builds nothing of the package."""
    result = shop("build", "--select", "brands,package:shop", warehouse_path=tmp_path / "empty.duckdb")
    assert result.success, result.problems
    stopped = shop("run", "--select", "package:customer_lifecycle", warehouse_path=tmp_path / "empty.duckdb")
    assert not stopped.success
    assert "nothing to build from" in " ".join(stopped.problems)


def test_files_are_loaded_where_the_profile_names_the_plugin(directory: Path, shop, tmp_path: Path) -> None:
    """A profile without it, with files to load, is told what to add; the lines that docs/package.md shows are enough."""
    raw = tmp_path / "raw"
    raw.mkdir()
    shutil.copy(SHOP / "webshop" / "sales.csv", raw / "orders.csv")
    command = ("run", "--select", "base_marketing__campaigns")
    settings = {"raw_data_dir": raw, "warehouse_path": tmp_path / "warehouse.duckdb"}
    stopped = shop(*command, **settings)
    assert not stopped.success
    assert "add plugins: [{module: lifecycle_tools.raw_loading}] to the target duckdb" in " ".join(stopped.problems)

    documented = (PROJECT_DIR / "docs" / "package.md").read_text()
    lines = documented.split("# profiles.yml: your DuckDB output\n")[1].split("```")[0]
    profile = (directory / "profiles.yml").read_text()
    (tmp_path / "profiles.yml").write_text(profile.replace("      type: duckdb\n", "      type: duckdb\n" + lines))
    settings |= {"dbt_profiles_dir": tmp_path, "dbt_target_path": directory / "target", "dbt_log_path": tmp_path}
    settings |= {"as_of_date": "", "do_not_track": "1", "pythonpath": ""}
    # a process of its own, which does not know this project's Python unless the profile says where it is
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.path.pop(0); from dbt.cli.main import cli; cli()", *command],
        cwd=directory,
        env=os.environ | {name.upper(): str(value) for name, value in settings.items()},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert rows(tmp_path / "warehouse.duckdb", "select count(*) from webshop.sales") == [(4,)]


def test_the_shop_s_own_rule_for_schemas_holds(tmp_path: Path) -> None:
    """A project that has a `generate_schema_name` of its own has one for everything it builds."""
    directory = copy_of_shop(tmp_path)
    (directory / "macros").mkdir()
    (directory / "macros" / "generate_schema_name.sql").write_text(
        "{% macro generate_schema_name(custom_schema_name, node) %}{{ node.package_name }}_{{ custom_schema_name }}{% endmacro %}"
    )
    result = installed(directory)("parse", warehouse_path=tmp_path / "warehouse.duckdb")
    assert result.success, result.problems
    nodes = json.loads((directory / "target" / "manifest.json").read_text())["nodes"]
    assert nodes["model.customer_lifecycle.lifecycle_customers"]["schema"] == "customer_lifecycle_lifecycle"


def test_the_semantic_layer_comes_with_the_package(tmp_path: Path) -> None:
    """Where all marts are wanted, so are the metrics over them, and the time spine."""
    directory = copy_of_shop(tmp_path)
    configured = yaml.safe_load((directory / "dbt_project.yml").read_text())
    configured["models"]["customer_lifecycle"] = {"marts": {"+schema": "lifecycle"}}
    for part in ("semantic-models", "metrics"):
        del configured[part]
    (directory / "dbt_project.yml").write_text(yaml.safe_dump(configured))
    result = installed(directory)("parse", warehouse_path=tmp_path / "warehouse.duckdb")
    assert result.success, result.problems
    semantics = json.loads((directory / "target" / "semantic_manifest.json").read_text())
    assert "churn_rate" in {metric["name"] for metric in semantics["metrics"]}
    assert {model["node_relation"]["schema_name"] for model in semantics["semantic_models"]} == {"shop_lifecycle"}
    (time_spine,) = semantics["project_configuration"]["time_spines"]
    assert time_spine["node_relation"]["alias"] == "lifecycle_calendar"


def test_the_same_project_builds_on_postgres(shop, built, tmp_path: Path) -> None:
    """One project, another target."""
    warehouse = tmp_path / "tables.duckdb"
    load_webshop(warehouse)
    with running_server("shop") as server:
        copy_raw_tables(warehouse, server.environment, "webshop")
        # The unit tests need macros/tests/unit_test_sql.sql there, which dbt takes from the root project only; this project's own
        # build on PostgreSQL runs them (tests/python/engines), and the shop's on DuckDB does (the package's tests run too).
        without_unit_tests = ("--exclude-resource-type", "unit_test")
        result = shop("build", "--target", "postgres", *without_unit_tests, **server.environment)
        assert result.success, "\n".join(result.problems)
        with contextlib.closing(connect(server.environment)) as connection, connection.cursor() as cursor:
            cursor.execute("select client_number, full_name, current_stage, is_at_risk from shop.customers order by 1")
            assert cursor.fetchall() == STAGES
