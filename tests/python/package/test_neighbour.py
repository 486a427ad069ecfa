"""Another package stands beside this project: when this project is the root, and when a third project installs both."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml
from test_package import SHOP, copy_of_shop, load_webshop

from dev.project_copy import copy_of_project
from lifecycle_tools.build import PROJECT_DIR, BuildResult, run_dbt

NEIGHBOUR = SHOP.parent / "neighbour"


def run(directory: Path, *arguments: str, **settings: object) -> BuildResult:
    """Dbt in ``directory``, where a warning is an error."""
    settings = {"customer_lifecycle_dir": PROJECT_DIR, "raw_data_dir": "", "as_of_date": "", **settings}
    settings |= {"dbt_target_path": directory / "target", "dbt_log_path": directory / "logs"}
    settings.setdefault("warehouse_path", directory / "warehouse.duckdb")
    return run_dbt(["--warn-error", *arguments], project_dir=directory, **settings)


def install(directory: Path, *packages: Path | str) -> None:
    """Write ``packages.yml`` in ``directory`` and install what it lists."""
    listed = {"packages": [{"local": str(package)} for package in packages]}
    (directory / "packages.yml").write_text(yaml.safe_dump(listed))
    result = run(directory, "deps")
    assert result.success, result.problems


def check_neighbour(directory: Path, warehouse: Path) -> None:
    """The neighbour's two models are built, and each reads what it means."""
    manifest = json.loads((directory / "target" / "manifest.json").read_text())
    assert manifest["parent_map"]["model.neighbour.neighbour_counts"] == ["model.neighbour.neighbour_streets"]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (schema,) = connection.execute(
            "select table_schema from information_schema.tables where table_name = 'neighbour_streets'"
        ).fetchone()
        assert connection.execute(f"select street from {schema}.neighbour_streets").fetchall() == [("RUE HAUTE",)]
        assert connection.execute(f"select street_count from {schema}.neighbour_counts").fetchall() == [(1,)]


def test_another_package_can_be_installed_where_this_project_is_the_root(tmp_path: Path) -> None:
    directory = copy_of_project(tmp_path / "project")
    install(directory, NEIGHBOUR)
    result = run(directory, "run", "--select", "package:neighbour")
    assert result.success, result.problems
    check_neighbour(directory, directory / "warehouse.duckdb")


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's project with this one and the neighbour as its packages, side by side."""
    directory = copy_of_shop(tmp_path_factory.mktemp("street"))
    install(directory, PROJECT_DIR, NEIGHBOUR)
    load_webshop(directory / "warehouse.duckdb")
    return directory


def test_another_package_can_be_installed_beside_this_one(street: Path) -> None:
    """The shop has models and seeds in the place of raw tables and of ours, and parses without a warning (an error here)."""
    result = run(street, "run", "--select", "package:neighbour", "brands")
    assert result.success, result.problems
    check_neighbour(street, street / "warehouse.duckdb")


def test_the_shop_says_when_a_raw_table_counts_as_silent(street: Path) -> None:
    """As docs/package.md says how: what the shop says of all tables comes before what we say of one."""
    run(street, "parse")
    sources = json.loads((street / "target" / "manifest.json").read_text())["sources"]
    days = {
        name.split(".")[-1]: source["freshness"]["warn_after"]["count"]
        for name, source in sources.items()
        if "lifecycle_raw" in name
    }
    assert set(days) == {path.stem for path in (PROJECT_DIR / "seeds" / "demo").glob("*.csv")}, (
        "the demo has a file for each raw table"
    )
    assert (days["orders"], days["products"], days["campaigns"]) == (1, 7, 1)


def test_a_model_that_a_connector_package_brings_is_named_with_its_package(street: Path, tmp_path: Path) -> None:
    """As `raw_models: {products: neighbour.neighbour_products}`: else the root project would have to wrap it."""
    directory = Path(shutil.copytree(street, tmp_path / "shop", symlinks=True))
    connector = Path(shutil.copytree(NEIGHBOUR, tmp_path / "neighbour"))
    (connector / "models" / "neighbour_products.sql").write_text("select 'p1' as product_id")
    project = yaml.safe_load((directory / "dbt_project.yml").read_text())
    project["vars"]["customer_lifecycle"]["raw_models"]["products"] = "neighbour.neighbour_products"
    (directory / "dbt_project.yml").write_text(yaml.safe_dump(project))
    install(directory, PROJECT_DIR, connector)
    result = run(directory, "parse")
    assert result.success, result.problems
    assert (
        "model.neighbour.neighbour_products"
        in result.manifest.nodes["model.customer_lifecycle.base_shop__products"].depends_on.nodes
    )


@pytest.mark.parametrize(("model", "access"), [("int_customers", "protected"), ("int_leads", "private")])
def test_what_is_not_public_stays_inside(street: Path, tmp_path: Path, model: str, access: str) -> None:
    """Marts are public, which the shop's own models read; the steps before them may change without notice."""
    directory = Path(shutil.copytree(street, tmp_path / "shop", symlinks=True))
    (directory / "models" / "reader.sql").write_text(f"select * from {{{{ ref('customer_lifecycle', '{model}') }}}}")
    result = run(directory, "parse")
    assert not result.success
    (problem,) = result.problems
    assert f"attempted to reference node model.customer_lifecycle.{model}, which is not allowed" in problem
    assert f"is {access} to the" in problem
