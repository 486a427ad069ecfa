"""dbt on this project for tests: the project is read once, and what several modules build is built once.

Reading the project takes dbt longer than building a small warehouse does, and dbt reads it again whenever the path of the
warehouse is another. What it reads depends on nothing but the name of the database, which is the name of the warehouse's file,
and on the settings in ``READ_WHILE_PARSING``: test_runs.py holds that. Hence warehouses of tests are called warehouse.duckdb,
each in a folder of its own, and share what was read.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lifecycle_tools import build
from lifecycle_tools.build import NO_TESTS, PROJECT_DIR, BuildResult

NAME = "warehouse.duckdb"
# What configurations and sources are made of. Every other setting is read when a model is compiled.
READ_WHILE_PARSING = ("raw_database", "raw_schema", "customer_stages_daily_as")
PARSED_OTHERWISE = {"parse", "deps", "--vars", "--target", "--profile", "--no-partial-parse"}

_manifests: dict[tuple[str, ...], Any] = {}
_shared: Path | None = None


def share_in(directory: Path) -> None:
    """Keep what tests share below ``directory``, which is the same for all processes that run tests."""
    global _shared
    _shared = directory


def run_dbt(arguments: Sequence[str], **settings: Any) -> BuildResult:
    """``lifecycle_tools.build.run_dbt``, without reading the project again where that would read the same."""
    shareable = Path(settings.get("warehouse_path") or "").name == NAME
    if not shareable or {"project_dir", "manifest"} & set(settings) or PARSED_OTHERWISE & set(arguments):
        return build.run_dbt(arguments, **settings)
    # the manifest would be written after each command, which takes longer than many of them
    return build.run_dbt(arguments, manifest=project(settings), **{"dbt_write_json": "false"} | settings)


def project(settings: dict[str, Any]) -> Any:
    """The project as dbt reads it with these settings."""
    read = {name: str(settings.get(name, os.environ.get(name.upper(), ""))) for name in READ_WHILE_PARSING}
    read = {name: value for name, value in read.items() if value or name in settings}
    key = tuple(f"{name}={value}" for name, value in read.items())
    if key not in _manifests:
        with _alone("_".join(["project", *key])) as directory:
            parsed = build.run_dbt(
                ["parse"],
                warehouse_path=directory / NAME,
                dbt_target_path=directory / "target",
                dbt_log_path=directory / "logs",
                **read,
            )
        assert parsed.success, parsed.problems
        _manifests[key] = parsed.manifest
    return _manifests[key]


def demo(directory: Path, business_time_zone: str) -> Path:
    """Every model of the demo data in this time zone, in euros, and no test: a copy of the warehouse in ``directory``.

    Beside it stands ``target`` with the compiled models.
    """

    def make(folder: Path) -> None:
        result = run_dbt(
            ["build", *NO_TESTS],
            raw_data_dir=PROJECT_DIR / "seeds" / "demo",
            warehouse_path=folder / NAME,
            as_of_date="",
            reporting_currency="EUR",
            business_time_zone=business_time_zone,
            dbt_target_path=folder / "target",
            dbt_log_path=folder / "logs",
        )
        assert result.success, "\n".join(result.problems)

    made = once(f"demo_{business_time_zone.replace('/', '_')}", make)
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copytree(made / "target" / "compiled", directory / "target" / "compiled", dirs_exist_ok=True)
    return shutil.copy(made / NAME, directory / NAME)


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name, filled by the first process that asks for it; the others wait, and read it only."""
    with _alone(name) as directory:
        if not (directory / "ready").exists():
            make(directory)
            (directory / "ready").touch()
    return directory


@contextmanager
def _alone(name: str) -> Iterator[Path]:
    """A folder of that name that all processes share, and no other process in it meanwhile."""
    assert _shared is not None, "share_in has not been called"
    directory = _shared / name
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield directory
