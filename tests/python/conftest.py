"""Builds of whole raw data sets by the real models, for the tests in this folder."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
if str(PROJECT_DIR) not in sys.path:
    sys.path.insert(0, str(PROJECT_DIR))

# The files that take minutes, the longest first: begun last, one of them would keep one process busy and leave the other idle.
SLOWEST_FILES = (
    "test_increments.py",
    "test_restatements.py",
    "test_dialects.py",
    "test_package.py",
    "test_truncation.py",
    "test_predictions.py",
    "test_semantic_layer.py",
    "test_dirty_input.py",
    "test_mature_means_finished.py",
    "test_raw_loading.py",
    "test_staging_increments.py",
    "test_business_shapes.py",
    "test_doc_commands.py",
    "test_recipe_pages.py",
    "test_property_stages.py",
    "test_generate.py",
)
LIFECYCLE_MODELS = ("customer_stages_daily", "customer_stage_intervals", "lifecycle_customers")
TRADE_MARTS = (
    "cohort_unit_economics",
    "cohort_unit_economics_blended",
    "customer_referrals",
    "referral_metrics_monthly",
    "referral_value_monthly",
    "affiliate_revenue_monthly",
)
TRADE_MODELS = (*TRADE_MARTS, "int_order_amounts", "retention_cohorts_monthly", "customer_stages_daily")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; the tests of a file stay in their order."""
    places = {name: place for place, name in enumerate(SLOWEST_FILES)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@dataclass(frozen=True)
class Warehouse:
    """A finished build: the DuckDB file."""

    path: Path

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        """All rows of a query; the file is open only meanwhile."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query, list(parameters)).fetchall()


@dataclass(frozen=True)
class Builder:
    """Builds raw data sets into files below ``directory``, each under a name of its own."""

    directory: Path

    def build(
        self,
        name: str,
        raw: Mapping[str, list[Mapping[str, Any]]] | Path,
        *,
        as_of_date: date | None,
        thresholds: Mapping[str, Mapping[str, int]] | None = None,
        time_zones: Mapping[str, str] | None = None,
        models: Sequence[str] = LIFECYCLE_MODELS,
        **settings: str,
    ) -> Warehouse:
        """Load ``raw``, rows or a directory, and run ``models`` and all they need; fails the test with dbt's own problems.

        ``thresholds`` (per segment) and ``time_zones`` (per brand) replace the rows of the seeds.
        """
        from oracle.raw_files import write_raw_data
        from oracle.runs import NAME, run_dbt

        raw_directory = raw if isinstance(raw, Path) else write_raw_data(raw, self.directory / f"{name}_raw")
        warehouse = self.directory / name / NAME
        warehouse.parent.mkdir(exist_ok=True)
        environment = {
            "raw_data_dir": raw_directory,
            "warehouse_path": warehouse,
            "as_of_date": "" if as_of_date is None else as_of_date.isoformat(),
            "business_time_zone": "UTC",
            "full_refresh_share": "1",  # an increment computes the changed customers alone, however many they are
            "dbt_target_path": self.directory / "target",
            "dbt_log_path": self.directory / "logs",
            **settings,
        }

        def run(arguments: Sequence[str]) -> None:
            result = run_dbt(arguments, **environment)
            if not result.success:
                pytest.fail(
                    f"dbt {' '.join(arguments)} on '{name}' failed:\n" + "\n".join(result.problems), pytrace=False
                )

        run(["seed"])
        with duckdb.connect(str(warehouse)) as connection:
            if thresholds is not None:
                rows = [{"segment": segment, **values} for segment, values in thresholds.items()]
                replace_seed(connection, "staging.lifecycle_thresholds", rows)
            if time_zones is not None:
                rows = [{"brand": brand, "business_time_zone": zone} for brand, zone in time_zones.items()]
                replace_seed(connection, "staging.brands", rows)
        run(["run", "--select", *(f"+{model}" for model in models)])
        return Warehouse(warehouse)

    def build_histories(
        self, name: str, raw: Mapping[str, list[Mapping[str, Any]]], models: Sequence[str]
    ) -> Warehouse:
        """Build rows of random histories with their own as-of date, thresholds and time zones."""
        from oracle import histories

        return self.build(
            name,
            raw,
            as_of_date=histories.AS_OF_DATE,
            thresholds=histories.THRESHOLDS,
            time_zones=histories.TIME_ZONES,
            models=models,
        )


def replace_seed(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put ``rows`` (the same columns each) in the place of all rows of a seed's table; other columns become null."""
    connection.execute(f"delete from {table}")
    columns = list(rows[0])
    for row in rows:
        marks = ", ".join("?" for _ in columns)
        connection.execute(f"insert into {table} ({', '.join(columns)}) values ({marks})", list(row.values()))


@pytest.fixture(scope="session", autouse=True)
def shared_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all processes that run tests share."""
    from oracle.runs import share_in

    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    share_in(directory)
    return directory


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Builds raw data sets by the real models, one DuckDB file each."""
    return Builder(tmp_path_factory.mktemp("builds"))


@pytest.fixture(scope="session", params=["demo", "histories"])
def trade(request: pytest.FixtureRequest, builder: Builder):
    """Builds everything about unit economics and referral: the demo data, then random histories with goods and advertising."""
    import random

    from oracle import histories
    from oracle.evaluator import RawWorld
    from oracle.raw_files import merge_raw_data
    from oracle.runs import NAME, demo, once
    from oracle.trade import advertising, with_trade
    from oracle.trade_world import TradeWorld

    if request.param == "demo":
        return TradeWorld(demo(builder.directory / "trade_demo", "UTC"), [])
    rng = random.Random("trade")
    made = [with_trade(history, rng) for history in histories.random_histories(1, 450)]
    raw = merge_raw_data([*made, advertising(rng)])
    worlds = [RawWorld(history, histories.SETTINGS) for history in made]
    built = once("trade", lambda folder: Builder(folder).build_histories("histories", raw, TRADE_MODELS))
    # A fixture with parameters is made again when their order makes pytest leave one and come back to it.
    copy = builder.directory / "trade_histories"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(built / "histories", copy)
    return TradeWorld(copy / NAME, worlds, raw)
