"""Published files for the tests of the board: the demo, and a copy of it in which names are hostile."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from lifecycle_tools.publishing import CURRENT, MARTS, Run, new_run_id, publish
from oracle.runs import demo

HOSTILE = """<img src=x onerror="document.title='taken'">"""
ENDING = "</script><script>document.title='taken'</script>"


def published_demo(directory: Path) -> Path:
    """The published file of the demo, without predictions."""
    warehouse = demo(directory, "UTC")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (as_of_date,) = connection.execute("select as_of_date from staging.as_of_date").fetchone()
        marts = [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = ?", [MARTS]
            ).fetchall()
        ]
    facts = {"as_of_date": as_of_date, "reporting_currency": "EUR", "project_version": "0", "tests_passed": 600}
    facts |= {"gates_passed": 13, "warning_count": 1}
    warnings = [("build", f"Nobody reads {HOSTILE} as more than text.")]
    publish(warehouse, directory / "serving", marts, Run(new_run_id(), facts, warnings))
    return directory / "serving" / CURRENT


def with_hostile_names(published: Path, directory: Path) -> Path:
    """A copy in which a country, a campaign, an affiliate and a reason are markup."""
    copy = directory / "hostile.duckdb"
    shutil.copyfile(published.resolve(), copy)
    copy.chmod(0o644)
    with duckdb.connect(str(copy)) as connection:
        tables = "select table_name from information_schema.columns where table_schema = 'marts' and column_name = ?"
        for column, old, new in (("country_code", "FR", HOSTILE), ("acquisition_channel", "email", ENDING)):
            for (table,) in connection.execute(tables, [column]).fetchall():
                connection.execute(f"update marts.{table} set {column} = ? where {column} = ?", [new, old])
        connection.execute("update marts.acquisition_channels_monthly set campaign_id = ? || campaign_id", [HOSTILE])
        connection.execute("update marts.affiliate_revenue_monthly set affiliate_id = '=1+1' || affiliate_id")
        connection.execute("update marts.churn_monthly set churn_reason = ? where churn_reason = 'lapsed'", [ENDING])
    return copy
