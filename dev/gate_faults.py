"""``python -m dev.gate_faults``: plant a fault for each gate where it would arise, build, and see that the gate alone notices.

Faults are of two kinds: rows of raw tables, changed in a copy of the demo's warehouse, or a line of a model, changed in a copy of
the project. It is built anew with every data test of dbt, as ``make build`` does, and then the gates are asked. What came of each
is kept in ``tests/fixtures/gate_faults.csv``, from which the table of docs/gates.md is made; a test holds that every gate is
there as it is now. ``python -m dev.gate_faults raw_volumes`` plants that gate's alone (half a minute to a minute each).
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from dev.project_copy import copy_of_project
from lifecycle_tools.build import NO_TESTS, NO_UNIT_TESTS, PROJECT_DIR, BuildResult, run_dbt
from lifecycle_tools.commands.expectations import SUITES, check, reader_of

RECORD = PROJECT_DIR / "tests" / "fixtures" / "gate_faults.csv"
PAGE = PROJECT_DIR / "docs" / "gates.md"
WAREHOUSE = "warehouse.duckdb"


@dataclass(frozen=True)
class Fault:
    """``about``: what happened. ``raw``: the statements that make it in the raw tables, or ``file``, where ``old`` is ``new``."""

    about: str
    raw: Sequence[str] = ()
    file: str = ""
    old: str = ""
    new: str = ""


FAULTS = {
    "closed_months": Fault(
        "The orders of a finished month are missing: a file was lost.",
        ["delete from raw.orders where ordered_at like '2025-03-%' or ordered_at like '03/%/2025%'"],
    ),
    "head_counts": Fault(
        "A spreadsheet has rounded the customer ids of orders, carts and events, so that a thousand customers are one.",
        [
            f"update raw.{table} set customer_id = left(customer_id, -3) || '000', anonymous_id = null"
            for table in ("touchpoints", "engagements", "carts")
        ]
        + ["update raw.orders set customer_id = left(customer_id, -3) || '000'"],
    ),
    "order_counts": Fault(
        "The orders of the last week are missing, visits and carts are there.",
        ["delete from raw.orders where ordered_at >= '2025-06-24'"],
    ),
    "order_values": Fault(
        "The shop writes cents in place of euros for four weeks.",
        ["update raw.orders set total_amount = replace(total_amount, '.', '') where ordered_at >= '2025-06-03'"],
    ),
    "quarantine": Fault(
        "A fifth of the engagements have no time that can be read.",
        ["update raw.engagements set occurred_at = 'n/a' where rowid % 5 = 0"],
    ),
    "raw_customers": Fault(
        "A twentieth of the profiles come without an id.",
        ["update raw.customers set customer_id = null where rowid % 20 = 0"],
    ),
    "raw_orders": Fault(
        "A fifteenth of the orders come with a word in place of a date.",
        ["update raw.orders set ordered_at = 'yesterday' where rowid % 15 = 0"],
    ),
    "raw_row_counts": Fault(
        "Of two files of carts one is missing.",
        ["delete from raw.carts where rowid % 20 < 11"],
    ),
    "raw_touchpoints": Fault(
        "A fifteenth of the visits come with a date without a year.",
        ["update raw.touchpoints set occurred_at = '3rd of May' where rowid % 15 = 0"],
    ),
    "raw_volumes": Fault(
        "Engagements have not been loaded for four days, other tables have.",
        ["delete from raw.engagements where loaded_at >= '2025-06-28'"],
    ),
    "revenue_from_raw": Fault(
        "A model reads the column of another amount: shipping is not taken off.",
        file="models/base/shop/base_shop__orders.sql",
        old="clean_amount(raw.shipping_amount)",
        new="clean_amount(raw.gift_card_amount)",
    ),
    "stage_mix": Fault(
        "Machines sign up 500 times in a night, each time with another id.",
        [
            "insert into raw.engagements by name select 'bot' || i as engagement_id, '2025-06-29 03:00:00' as occurred_at, "
            "'bot' || i as customer_id, 'signup' as engagement_type, '2025-06-30 02:00:00' as loaded_at from range(500) as _ (i)"
        ],
    ),
}
COLUMNS = ("gate", "fault", "planted_on", "tests_passed", "tests_failed", "gate_says", "other_gates", "of_suite")


def digest(gate: str) -> str:
    """A short name for what a gate asks and expects; its words may change."""
    said = json.loads((SUITES / f"{gate}.json").read_text(encoding="utf-8"))
    meta = {name: value for name, value in said["meta"].items() if name != "about"}
    expected = [
        [each["type"], each["kwargs"], (each.get("meta") or {}).get("severity")] for each in said["expectations"]
    ]
    return hashlib.sha256(json.dumps([meta, expected], sort_keys=True).encode()).hexdigest()[:12]


def recorded() -> dict[str, dict[str, str]]:
    """What came of each gate's fault."""
    if not RECORD.exists():
        return {}
    with RECORD.open(newline="", encoding="utf-8") as file:
        return {row["gate"]: row for row in csv.DictReader(file)}


def build(project: Path, warehouse: Path, tests: bool, **settings: Any) -> BuildResult:
    """Build everything, with the data tests or without."""
    return run_dbt(
        ["build", *(NO_UNIT_TESTS if tests else NO_TESTS)],
        project_dir=project,
        warehouse_path=warehouse,
        as_of_date="",
        business_time_zone="UTC",
        reporting_currency="EUR",
        dbt_target_path=warehouse.parent / "target",
        dbt_log_path=warehouse.parent / "logs",
        **settings,
    )


def judge(gate: str, demo: Path, directory: Path) -> dict[str, str]:
    """Plant the fault of a gate in a copy of the demo's warehouse or of the project, build, and ask the gates."""
    fault, project = FAULTS[gate], PROJECT_DIR
    directory.mkdir()
    warehouse = Path(shutil.copy(demo, directory / WAREHOUSE))
    with duckdb.connect(str(warehouse)) as connection:
        for statement in fault.raw:
            if not connection.execute(statement).fetchall()[0][0]:
                raise ValueError(f"The fault of {gate} changes no row: see to its statement.")
    if fault.file:
        project = copy_of_project(directory / "project")
        text = (project / fault.file).read_text(encoding="utf-8")
        if text.count(fault.old) != 1:
            raise ValueError(f"The fault of {gate} has no place in {fault.file}: say where it belongs.")
        (project / fault.file).write_text(text.replace(fault.old, fault.new), encoding="utf-8")
        warehouse.unlink()
    result = build(project, warehouse, tests=True, raw_data_dir=PROJECT_DIR / "seeds" / "demo" if fault.file else "")
    tests = [outcome for outcome in result.outcomes if outcome.kind == "test"]
    failed = sorted(outcome.name for outcome in tests if outcome.status != "pass")
    failed += [outcome.name for outcome in result.outcomes if outcome.kind != "test" and outcome.status == "error"]
    with reader_of(warehouse, demo) as reader:
        said: dict[str, set[str]] = {}
        for verdict in check(reader):
            if not verdict.success:
                print(f"    {verdict.severity} {verdict.suite}: {verdict.sentence}", flush=True)
                said.setdefault(verdict.suite, set()).add(verdict.severity)
    severities = {suite: min(found) for suite, found in said.items()}  # error is before warning
    return {
        "gate": gate,
        "fault": fault.about,
        "planted_on": f"{datetime.now(UTC):%Y-%m-%d}",
        "tests_passed": str(len(tests) - len(failed)),
        "tests_failed": " ".join(failed),
        "gate_says": severities.pop(gate, ""),
        "other_gates": " ".join(sorted(severities)),
        "of_suite": digest(gate),
    }


def table(rows: Mapping[str, Mapping[str, str]]) -> str:
    """The table of docs/gates.md."""
    lines = ["| gate | what it asks | planted fault | dbt's data tests | the gate says | others that notice |"]
    lines += ["|---|---|---|---|---|---|"]
    for gate in sorted(FAULTS):
        about = json.loads((SUITES / f"{gate}.json").read_text(encoding="utf-8"))["meta"]["about"]
        row = rows[gate]
        others = ", ".join(f"`{name}`" for name in row["other_gates"].split())
        failed = ", ".join(f"`{name}`" for name in row["tests_failed"].split())
        tests = f"{failed} fail" if failed else f"all {row['tests_passed']} pass"
        lines += [f"| `{gate}` | {about} | {row['fault']} | {tests} | {row['gate_says']} | {others} |"]
    dates = sorted({row["planted_on"] for row in rows.values()})
    return "\n".join([*lines, "", f"Planted {' to '.join(dict.fromkeys([dates[0], dates[-1]]))}."])


def page(text: str, rows: Mapping[str, Mapping[str, str]]) -> str:
    """The page with the table of what is recorded."""
    return re.sub(
        r"(<!-- faults -->\n).*?(\n<!-- -->)", lambda found: f"{found[1]}\n{table(rows)}\n{found[2]}", text, flags=re.S
    )


def main(gates: Sequence[str]) -> None:
    """Plant, record, and write the table."""
    rows = recorded()
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "demo").mkdir()
        demo = Path(temporary) / "demo" / WAREHOUSE
        built = build(PROJECT_DIR, demo, tests=False, raw_data_dir=PROJECT_DIR / "seeds" / "demo")
        if not built.success:
            raise SystemExit("\n".join(built.problems))
        for gate in gates or sorted(FAULTS):
            print(f"  {gate}: {FAULTS[gate].about}", flush=True)
            rows[gate] = judge(gate, demo, Path(temporary) / gate)
            print(f"    {rows[gate]}", flush=True)
            shutil.rmtree(Path(temporary) / gate)
            with RECORD.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows[name] for name in sorted(rows))
    if not set(FAULTS) - set(rows):
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
