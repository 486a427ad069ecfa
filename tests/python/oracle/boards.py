"""Published files for the tests of the board: the demo, copies with hostile names or of a large business; a what-if beside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from lifecycle_tools.publishing import CURRENT, MARTS, Run, new_run_id, publish
from lifecycle_tools.whatif.comparison import Comparison, Move
from lifecycle_tools.whatif.kept import WHATIF, keep
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
    facts |= {"gates_passed": 13, "warning_count": 1, "tests_warned": 1, "gates_warned": 0}
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


@contextmanager
def opened(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What readers open, and the last what-if beside it under the name that its queries have."""
    with duckdb.connect(str(published), read_only=True) as connection:
        if (published.parent / WHATIF).exists():
            connection.execute(f"attach '{published.parent / WHATIF}' as whatif (read_only)")
        yield connection


def run_of(published: Path) -> str:
    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute("select run_id from publish_meta").fetchone()[0]


# Every fifth churned customer is retained instead; the churn rate is a tenth lower.
_THEN = "case when {} = 'churned' and hash(customer_id) % 5 = 0 then 'retention' else {} end"
_MOVES = f"""
    select
        brand, case when segment = 'business' then 'business' else 'default' end, current_stage,
        {_THEN.format("current_stage", "current_stage")}, count(*),
        count(*) filter (is_at_risk), count(*) filter (is_at_risk or current_stage = 'churned' and hash(customer_id) % 5 = 0)
    from marts.lifecycle_customers
    group by all order by all
"""
_MONTH_ENDS = f"""
    select brand, date_day, stage, {_THEN.format("stage", "stage")}, count(*)
    from marts.customer_stages_daily
    where date_day = last_day(date_day)
    group by all order by all
"""
_METRICS = """
    select brand, metric_id, month_date, value, case when metric_id = 'churn_rate' then 0.9 * value else value end, is_mature
    from marts.lifecycle_metrics_monthly
    where dimension_name = 'all' and metric_id in ('churn_rate', 'loyal_customers', 'customer_retention_rate')
    order by all
"""
_NOW = {"default": {"churn_after_days": 90, "reactivation_days": 30}}
_NEW = {
    "default": {"churn_after_days": 120, "reactivation_days": 30},
    "business": {"churn_after_days": 90, "reactivation_days": 30},
}


def with_whatif(published: Path, run_id: str | None, file_name: str = "thresholds.csv") -> Path:
    """Keep a comparison beside the published file, as ``make whatif`` does; return its file."""
    with duckdb.connect(str(published), read_only=True) as connection:
        (as_of_date,) = connection.execute("select as_of_date from publish_meta").fetchone()
        found = Comparison(
            as_of_date=as_of_date,
            currency="EUR",
            stages=(),
            moves=[Move(*row) for row in connection.execute(_MOVES).fetchall()],
            month_ends=connection.execute(_MONTH_ENDS).fetchall(),
            metrics=(),
            metric_months=connection.execute(_METRICS).fetchall(),
        )
    return keep(found, _NOW, _NEW, published.parent, run_id=run_id, file_name=file_name)


MONTHS = (
    "month_date",
    "cohort_month",
    "entry_month",
    "first_seen_month",
    "trial_month",
    "reactivation_month",
    "date_day",
)
# Marts that the board does not read, or reads without their months.
NOT_GROWN = (
    "customer_stages_daily",
    "customer_stage_intervals",
    "customer_ids",
    "rfm_segments_monthly",
    "audience_daily",
)


def of_a_large_business(published: Path, copy: Path, *, brands: int, periods: int, slices: int) -> Path:
    """A copy with so many times the brands, spans of time and slices by channel, country and segment, all of other names.

    Each row of a monthly mart stands in it once for each; a slice has one of 40 channels, 50 countries and 20 segments.
    """
    shutil.copyfile(published.resolve(), copy)
    copy.chmod(0o644)
    with duckdb.connect(str(copy)) as connection:
        columns: dict[str, dict[str, str]] = {}
        for table, column, kind in connection.execute(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = 'marts'"
        ).fetchall():
            columns.setdefault(table, {})[column] = kind
        for table, of_table in columns.items():
            month = next((name for name in MONTHS if name in of_table), None)
            if not month or "brand" not in of_table or table in NOT_GROWN:
                continue
            changed = [
                "brand || case when b = 0 then '' else b::varchar end as brand",
                f"({month} - interval (18 * p) month)::{of_table[month]} as {month}",
            ]
            channel = "acquisition_channel" if "acquisition_channel" in of_table else "channel"
            sliced = channel in of_table and "segment" in of_table
            if sliced:
                changed += [
                    f"'channel ' || hash(rowid, s) % 40 as {channel}",
                    "'country ' || hash(rowid, s, 1) % 50 as country_code",
                    "'segment ' || hash(rowid, s, 2) % 20 as segment",
                ]
            connection.execute(
                f"create or replace table marts.{table} as select rows.* replace ({', '.join(changed)}) "
                f"from marts.{table} as rows cross join range({brands}) as of_brands(b) "
                f"cross join range({periods}) as of_periods(p) cross join range({slices if sliced else 1}) as of_slices(s)"
            )
        connection.execute(
            "update marts.lifecycle_customers set acquisition_channel = 'channel ' || hash(rowid) % 40, "
            "country_code = 'country ' || hash(rowid, 1) % 50, segment = 'segment ' || hash(rowid, 2) % 20"
        )
    return copy
