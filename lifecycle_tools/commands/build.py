"""``build``: load raw data, build and test the models, predict values, say where the warehouse is and who stands where."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from lifecycle_tools.build import PROJECT_DIR, run_dbt
from lifecycle_tools.predictions import PredictionError, predict

DEMO_DATA = PROJECT_DIR / "seeds" / "demo"
CUSTOMERS_BY_STAGE = """
    select stages.stage, count(customers.customer_id) as customer_count, stages.description
    from staging.lifecycle_stages as stages
    left join marts.lifecycle_customers as customers on stages.stage = customers.current_stage
    group by stages.stage, stages.precedence, stages.description
    order by stages.precedence desc
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Build; return 0 when every model was built and every test passed, else 1."""
    parser = argparse.ArgumentParser(prog="build", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="build the demo data, and run the unit tests of the models")
    parser.add_argument("--full-refresh", action="store_true", help="rebuild what is built in increments")
    parser.add_argument("--without-predictions", action="store_true", help="leave predicted purchases and values null")
    options = parser.parse_args(argv)

    warehouse = Path(os.environ.get("WAREHOUSE_PATH") or "warehouse.duckdb").resolve()
    settings = {"warehouse_path": warehouse}
    arguments = ["build"]
    if options.demo:
        settings["raw_data_dir"] = DEMO_DATA
    else:
        arguments += ["--exclude-resource-type", "unit_test"]  # they test the models, not the data
        if raw_data := os.environ.get("RAW_DATA_DIR"):
            settings["raw_data_dir"] = Path(raw_data).resolve()
    if options.full_refresh:
        arguments.append("--full-refresh")

    started = time.monotonic()
    result = run_dbt(arguments, on_node=_Progress(), on_warning=_warn, **settings)
    if not result.success:
        for problem in result.problems:
            print(problem, file=sys.stderr)
        print("The build failed.", file=sys.stderr)
        return 1
    if not options.without_predictions:
        print("  predicting purchases and values", flush=True)
        try:
            predict(on_warning=_warn, **settings)
        except PredictionError as error:
            print(f"{error}\nThe build is done, its predictions failed.", file=sys.stderr)
            return 1
    print(f"Built and tested in {time.monotonic() - started:.0f} s: {warehouse}")
    _show_stages(warehouse)
    return 0


def _warn(sentence: str) -> None:
    print(f"Warning: {sentence}", file=sys.stderr, flush=True)


class _Progress:
    """Says how far the build is, at most every other second."""

    def __init__(self) -> None:
        self.said_at = time.monotonic()

    def __call__(self, name: str, number: int, total: int) -> None:
        if time.monotonic() - self.said_at >= 2:
            self.said_at = time.monotonic()
            print(f"  {number} of {total}: {name}", flush=True)


def _show_stages(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (as_of_date,) = connection.execute("select as_of_date from staging.stg_calendar__as_of_date").fetchone()
        print(f"\nCustomers by stage on {as_of_date}:")
        for stage, customer_count, description in connection.execute(CUSTOMERS_BY_STAGE).fetchall():
            print(f"  {stage:<12}{customer_count:>9,}  {description}")
