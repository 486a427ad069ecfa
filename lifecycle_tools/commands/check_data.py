"""``check-data``: read and judge the raw files of RAW_DATA_DIR, and build nothing that stays.

Says of each table how many of its rows can be used, why others cannot, which columns are not read, and which settings help.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from lifecycle_tools import outcomes
from lifecycle_tools.build import NO_TESTS, PROJECT_DIR, run_dbt
from lifecycle_tools.commands.publish import Warnings
from lifecycle_tools.publishing import DEMO_DATA

READ = ["path:models/base", "stg_shop__order_outcomes"]
FOLDERS = ("base", "staging", "calendar", "intermediate/links")
MARK = "RAW DATA "
SMALL = 50_000_000  # bytes of raw files


def main(argv: Sequence[str] | None = None) -> int:
    """Print what is found; return 0 when a build could go on from here, with or without warnings, else 1."""
    parser = argparse.ArgumentParser(prog="check-data", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="judge the demo data")
    options = parser.parse_args(argv)
    raw_data = DEMO_DATA if options.demo or not os.environ.get("RAW_DATA_DIR") else Path(os.environ["RAW_DATA_DIR"])
    reports: dict[str, Any] = {}
    warn = Warnings()

    def listen(line: str) -> None:
        if line.startswith(MARK):
            reports.update(json.loads(line.removeprefix(MARK)))

    folder = PROJECT_DIR / "target" / "check-data"  # always the same, so that dbt need not read the project again
    warehouse = folder / "warehouse.duckdb"
    warehouse.unlink(missing_ok=True)
    built = run_dbt(
        ["build", "--select", *(f"+{model}" for model in READ), *NO_TESTS],
        on_warning=warn,
        on_info=listen,
        project_dir=_project_that_reads(folder / "project", raw_data),
        raw_data_dir=raw_data.resolve(),
        warehouse_path=warehouse,
        dbt_target_path=folder,
        dbt_write_json="false",
        check_data="1",
        # nothing of this build stays: that it has no salt of its own is no news
        identity_salt=os.environ.get("IDENTITY_SALT") or "none",
    )
    warehouse.unlink(missing_ok=True)
    for table, report in reports.items():
        if report["rows"]:
            _print(table, report)
    if not built.success:
        print("\n".join(outcomes.failures(built, warehouse)) + "\nA build would stop here.", file=sys.stderr)
        return 1
    print(f"\nA build would go on, with {len(warn.given) or 'no'} warnings{' (above)' if warn.given else ''}.")
    return 0


def _project_that_reads(folder: Path, raw_data: Path) -> Path:
    """The part of the project that reads raw data, in ``folder``: dbt takes a third of the time to read it.

    Models are copied, with the time of their modification, since dbt follows no link below the folder of the models.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for part in FOLDERS:
        unit_tests = shutil.ignore_patterns("*__unit_tests.yml")
        shutil.copytree(PROJECT_DIR / "models" / part, folder / "models" / part, ignore=unit_tests)
    shutil.copy2(PROJECT_DIR / "models" / "_groups.yml", folder / "models")
    for part in ("macros", "seeds", "lifecycle_tools", "profiles.yml"):
        (folder / part).symlink_to(PROJECT_DIR / part)
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    # Nothing is there that a hook could look at, and dbt would compile four for each table.
    project["models"]["customer_lifecycle"]["base"] = {"+schema": "staging", "+materialized": "table"}
    if sum(file.stat().st_size for file in raw_data.rglob("*") if file.is_file()) < SMALL:
        # Half of the time of the long queries of base models would go into better plans than so few rows need.
        every = ", ".join(name for (name,) in duckdb.execute("select name from duckdb_optimizers()").fetchall())
        project["on-run-start"].insert(0, f"set global disabled_optimizers = '{every.replace(' ', '')}'")
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project | {"test-paths": [], "analysis-paths": []}))
    return folder


def _print(table: str, report: Mapping[str, Any]) -> None:
    print(f"\n{table}: {report['rows']:,} rows, {report['usable']:,} usable")
    for reason, count in report["rejected"].items():
        sample = report["samples"].get(reason) or {"column": "", "values": [], "hint": ""}
        values = f" ({', '.join(sample['values'])})" if sample["values"] else ""
        column = f" in {sample['column']}{values}{sample['hint']}" if sample["column"] else ""
        print(f"  {count:>8,} rejected: {reason}{column}")
    for failure, count in report["nulled"].items():
        column, reason = failure.split(":")
        print(f"  {count:>8,} values of {column} left out: {reason}")
    if report["unknown"]:
        print(f"  columns that are not read: {', '.join(report['unknown'])}")


if __name__ == "__main__":
    sys.exit(main())
