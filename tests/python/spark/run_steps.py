"""Run SQL and dbt in one Spark session: by the tests of this folder, in an environment that has Spark.

``python run_steps.py <file>``: the file is a list, as JSON, of steps {"sql": "..."}, {"dbt": [arguments]}, {"show": "a query with
macros", "to": "file for its rows"}, {"ask": "a query", "to": "file"}, {"views": [schemas], "to": "folder for a Parquet copy
of each view"} or {"relations": [schemas], "to": "the same for tables and views"}; {"environment": {...}} beside any of them stays
set. The first that fails ends it, with what it said.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

SLOWEST = 10


def run_dbt(arguments: list[str]) -> list:
    """The results of one dbt command; ends the process when it failed."""
    finished = dbtRunner().invoke(["--log-level", os.environ.get("DBT_SHOWN_LEVEL", "none"), *arguments])
    results = list(getattr(finished.result, "results", None) or [])
    if not finished.success:
        if finished.exception is not None:
            print(finished.exception)
        for result in results:
            if str(result.status) in ("error", "fail", "runtime error"):
                print(f"{result.node.unique_id}: {result.message[:1000]}")
        sys.exit(1)
    return results


def main(plan: Path) -> None:
    """Run all steps."""
    session = SparkSession.builder.enableHiveSupport().getOrCreate()
    for step in json.loads(plan.read_text()):
        started = time.monotonic()
        os.environ.update(step.get("environment", {}))
        if "sql" in step:
            session.sql(step["sql"])
        elif "show" in step:
            shown = run_dbt(["show", "--target", "spark", "--limit", "-1", "--inline", step["show"]])
            rows = [list(row) for row in shown[0].agate_table.rows]
            Path(step["to"]).write_text(json.dumps(rows, default=str))
        elif "ask" in step:
            rows = [list(row) for row in session.sql(step["ask"]).collect()]
            Path(step["to"]).write_text(json.dumps(rows, default=str))
        elif "views" in step or "relations" in step:
            for schema in step.get("views", step.get("relations")):
                shown = session.sql(f"show {'views' if 'views' in step else 'tables'} in {schema}").collect()
                for _, name, is_temporary in shown:
                    if not is_temporary:
                        session.table(f"{schema}.{name}").write.parquet(f"{step['to']}/{schema}.db/{name}")
        else:
            results = run_dbt(step["dbt"])
            print(
                f"dbt {' '.join(step['dbt'])}: {len(results)} nodes in {time.monotonic() - started:.0f} s", flush=True
            )
            for result in sorted(results, key=lambda result: -result.execution_time)[:SLOWEST]:
                print(f"{result.execution_time:8.1f} s  {result.node.unique_id}", flush=True)
    session.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
