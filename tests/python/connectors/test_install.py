"""Both packages are installed from git, of one repository, as README.md and the guide say."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from stores import CONNECTORS, STORE, Store

from lifecycle_tools.build import PROJECT_DIR


def packages_of(page: str) -> list[dict[str, Any]]:
    """What a page says that packages.yml should list, of both packages."""
    for block in re.findall(r"```yaml\n(.*?)```", (PROJECT_DIR / page).read_text(), flags=re.S):
        if "subdirectory: connectors" in block:
            return yaml.safe_load(block.split("# dbt_project.yml")[0])["packages"]
    raise AssertionError(f"{page} has no such block")


def repository(directory: Path, lifecycle: Path) -> tuple[str, str]:
    """A git repository with both packages as this one has them, the first without its models; its address and commit."""
    shutil.copytree(lifecycle, directory)
    shutil.copytree(CONNECTORS, directory / "connectors")
    git = ["git", "-C", str(directory), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Both packages"]):
        subprocess.run([*git, *arguments], check=True)
    found = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return directory.as_uri(), found.stdout.strip()


def test_both_packages_are_installed_from_git(macros: Path, tmp_path: Path) -> None:
    packages = packages_of("README.md")
    assert packages == packages_of("docs/connectors.md")
    address, commit = repository(tmp_path / "repository", macros)
    for package in packages:
        package.update(git=address, revision=commit)
    store = Store(Path(shutil.copytree(STORE, tmp_path / "store")), macros)
    (store.directory / "packages.yml").write_text(yaml.safe_dump({"packages": packages}))
    installed = store.run("deps")
    assert installed.success, installed.problems
    store.execute("create schema shopify", 'create table shopify."order" as select 1 as id, 12.5 as total_price')
    store.connect({"shopify": {"schemas": "shopify", "loader": "fivetran"}})
    assert store.rows("select order_id from store_connectors.raw__orders") == [("1",)]


def test_both_packages_have_one_version() -> None:
    files = (PROJECT_DIR / "dbt_project.yml", CONNECTORS / "dbt_project.yml")
    assert len({yaml.safe_load(file.read_text())["version"] for file in files}) == 1
