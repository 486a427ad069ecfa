"""``benchmark``: what the lifecycle steps cost, as ratios within one run.

For each number of customers, in a process of its own: generate raw data, build all models, run steps 1 to 7 of
``models/intermediate/lifecycle`` once more on their own, and copy the finished ``customer_stages_daily`` with a bare
``create table as select *``. For ``--spine`` customers the same rules are evaluated on every customer-day as well, the
way a day spine does it, and its stages are compared with the published ones.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dev.generate import generate
from lifecycle_tools.build import run_dbt

STEPS = (
    "int_changed_customers",
    "int_customer_events",
    "int_customer_lifespans",
    "int_customer_purchase_days",
    "int_customer_episodes",
    "int_customer_state_intervals",
    "customer_stages_daily",
)
# What an increment does on top, to say what it changes of days already published.
RECORDS = (
    "int_current_build",
    "int_published_stage_periods",
    "int_published_facts",
    "int_published_states",
    "int_customers_to_rewrite",
    "int_customer_links",
    "int_recorded_fingerprints",
    "int_stage_differences",
    "int_changed_facts",
    "int_restatement_causes",
    "int_stage_restatements",
    "int_recorded_build",
)
# Head-counts by day and stage as they are never made here: by counting customer-days.
COUNTED_DAYS = """
create or replace table bench.counted_days as
select brand, date_day, stage, count(*) as customer_count from marts.customer_stages_daily group by brand, date_day, stage
"""
# Head-counts as they are published, over all channels, countries and segments.
HEAD_COUNTS = """
create or replace table bench.headcounts as
select brand, date_day, stage, sum(closing_count) as customer_count from marts.stage_funnel_daily
group by brand, date_day, stage
"""
# Head-counts as stage_funnel_daily makes them: entries less exits, summed up from day to day.
DERIVED_HEAD_COUNTS = """
create or replace table bench.derived_head_counts as
with turns as (
    select brand, to_stage as stage, date_day, transition_count as change from marts.stage_transitions_daily
    union all
    select brand, from_stage, date_day, -transition_count from marts.stage_transitions_daily
),
changes as (
    select brand, stage, date_day, sum(change) as change from turns
    where stage not in ('new', 'merged')
    group by brand, stage, date_day
)
select brand, stage, date_day, sum(change) over (partition by brand, stage order by date_day) as customer_count from changes
"""
# Rows in which the published head-counts are not what counting comes to, or not what is derived from entries and exits; derived
# are only those of days on which a customer enters or leaves the stage.
HEAD_COUNT_DIFFERENCES = """
select count(*) from (
    (
        from bench.counted_days except all
        select brand, date_day, stage, customer_count from bench.headcounts where customer_count > 0
    )
    union all
    (from bench.headcounts where customer_count > 0 except all from bench.counted_days)
    union all
    (
        select brand, date_day, stage, customer_count from bench.derived_head_counts where customer_count > 0
        except all from bench.headcounts
    )
)
"""
# A day later: one person in a hundred has done something on the new day, one in a thousand also three weeks before, which is
# only loaded now, and some orders of the day before were edited.
NEXT_DAY = """
insert into raw.engagements by name
select * replace (
    'next-' || engagement_id as engagement_id,
    cast((select as_of_date from staging.as_of_date) as timestamp) + interval 36 hour as occurred_at,
    cast((select as_of_date from staging.as_of_date) as timestamp) + interval 50 hour as loaded_at
)
from (from raw.engagements where hash(coalesce(customer_id, anonymous_id, email)) % 100 = 0)
qualify row_number() over (partition by coalesce(customer_id, anonymous_id, email) order by engagement_id) = 1;

insert into raw.engagements by name
select * replace ('late-' || engagement_id as engagement_id, occurred_at - interval 21 day as occurred_at)
from raw.engagements
where engagement_id like 'next-%' and hash(engagement_id) % 10 = 0;

update raw.orders set status = 'cancelled', cancelled_at = ordered_at + interval 12 hour
where hash(order_id) % 10 = 0 and cast(ordered_at as date) = (select as_of_date from staging.as_of_date)
"""
# Forms in which the finished daily table could be kept: bytes and seconds of each say what its columns cost.
NARROW_FORM = """
create or replace table bench.narrow as
select
    customers.customer_key, days.date_day, cast(stages.precedence as tinyint) as stage_number, days.stage_entered_date,
    days.is_loyal, days.is_advocate, days.is_at_risk
from marts.customer_stages_daily as days
inner join intermediate.int_customers as customers using (customer_id)
inner join staging.lifecycle_stages as stages using (stage)
"""
PARQUET_FORM = "copy marts.customer_stages_daily to '{path}' (format parquet, compression zstd)"
# The published table by way of a day spine: every rule on every customer-day, default thresholds. Where purchases or coverage
# change in retrospect, the episodes of each day are found anew among the events known on it; elsewhere activity is looked at
# from day to day. A customer merged into another on a day is not there on it, and enters a stage anew on coming back from a
# merge that was undone (D-151). So many customers at a time: with 300,000 at once it needs more than the 19 GB that DuckDB
# takes here.
SPINE_PART = 100_000
SPINE = """
insert into bench.spine
with possible_days as (
    select
        customer_key, customer_id, brand, is_revised,
        cast(unnest(range(first_known_date, last_date + interval 1 day, interval 1 day)) as date) as day
    from (
        select
            lifespans.customer_key, customers.customer_id, customers.brand, lifespans.is_revised, lifespans.first_known_date,
            least(lifespans.merged_date - 1, as_of_date) as last_date
        from intermediate.int_customer_lifespans as lifespans
        inner join intermediate.int_customers as customers using (customer_key)
        cross join staging.as_of_date
        where lifespans.customer_key % {parts} = {part}
    )
),

days as (
    select possible_days.* from possible_days
    anti join intermediate.int_identity_links as links
        on
            possible_days.customer_id = links.merged_person_id and links.link_status = 'accepted'
            and links.linked_date <= possible_days.day and links.unlinked_date > possible_days.day
),

facts as (
    select
        days.customer_key, days.customer_id, days.brand, days.is_revised, days.day,
        count(distinct case when event_kind = 'purchase' then event_date end) as purchase_dates,
        min(case when event_kind = 'purchase' then event_date end) as first_purchase,
        max(case when event_kind = 'purchase' then event_date end) as last_purchase,
        count(distinct case when event_kind = 'purchase' and event_date > day - 365 then event_date end) as recent_dates,
        max(case when event_kind in ('touchpoint', 'engagement') then event_date end) as last_interaction,
        max(case when event_kind = 'engagement' then event_date end) as last_engagement,
        coalesce(max(case when event_kind = 'advocacy' then event_date end) > day - 365, false) as is_advocate,
        coalesce(bool_or(event_kind = 'active_subscription' and subscribed_until > day), false) as is_subscribed,
        coalesce(bool_or(
            (event_kind = 'purchase' and source_table = 'orders' and event_date > day - 90)
            or (event_kind = 'active_subscription' and subscribed_until > day)
        ), false) as is_active
    from days
    left join intermediate.int_customer_events as events
        on days.customer_key = events.customer_key and events.known_from <= day and events.known_until > day
    group by days.customer_key, days.customer_id, days.brand, days.is_revised, days.day
),

turns as (
    select *, is_active and not coalesce(lag(is_active) over (partition by customer_key order by day), false) as begins
    from facts
    where not is_revised
),

known_activity as (
    select
        days.customer_key, days.day, events.event_date as starts_on,
        case when event_kind = 'purchase' then event_date + 90 else subscribed_until end as ends_on
    from days
    inner join intermediate.int_customer_events as events
        on days.customer_key = events.customer_key and events.known_from <= day and events.known_until > day
    where
        days.is_revised
        and ((event_kind = 'purchase' and source_table = 'orders')
            or (event_kind = 'active_subscription' and subscribed_until > event_date))
),

known_turns as (
    select *, coalesce(starts_on > max(ends_on) over (
        partition by customer_key, day order by starts_on, ends_on rows between unbounded preceding and 1 preceding
    ), true) as begins
    from known_activity
),

known_episodes as (
    select customer_key, day, max(starts_on) as episode_start, count(*) as episode_number from known_turns
    where begins
    group by customer_key, day
),

episodes as (
    select
        * exclude (begins),
        max(case when begins then day end) over (partition by customer_key order by day) as episode_start,
        count(case when begins then 1 end) over (partition by customer_key order by day) as episode_number
    from turns

    union all by name

    select facts.*, known_episodes.episode_start, coalesce(known_episodes.episode_number, 0) as episode_number
    from facts
    left join known_episodes using (customer_key, day)
    where facts.is_revised
),

conditions as (
    select *, purchase_dates > 0 and (recent_dates >= 4 or day - episode_start >= 365) as is_loyal_buyer from episodes
),

stages as (
    select
        *,
        case
            when purchase_dates > 0 and not is_active then 'churned'
            when purchase_dates > 0 and episode_number > 1 and day - episode_start < 30 then 'reactivated'
            when purchase_dates > 0 and is_advocate then 'advocacy'
            when is_loyal_buyer then 'loyalty'
            when purchase_dates > 0 and (purchase_dates > 1 or day - first_purchase >= 90) then 'retention'
            when purchase_dates > 0 then 'conversion'
            when last_interaction is null or day - last_interaction >= 180 then 'dormant'
            when last_engagement > day - 90 then 'engagement'
            else 'discovery'
        end as stage
    from conditions
),

entries as (
    select
        *, stage is distinct from lag(stage) over by_day or day - 1 is distinct from lag(day) over by_day as is_stage_entry
    from stages
    window by_day as (partition by customer_key order by day)
),

stays as (
    select
        *,
        max(case when is_stage_entry then day end) over (partition by customer_key order by day) as stage_entered_date
    from entries
)

select
    brand, day as date_day, customer_id, stage, stage_entered_date, day - stage_entered_date as days_in_stage, is_stage_entry,
    coalesce(is_active and is_loyal_buyer, false) as is_loyal, is_advocate,
    is_active and not is_subscribed and coalesce(last_purchase <= day - 45, false) as is_at_risk
from stays
"""

# Days on which the two tables do not hold the same rows, by sums of hashes: a comparison of rows would need their size in memory.
SPINE_DIFFERENCES = """
with spine as (
    select date_day, count(*) as row_count, sum(hash(days)) as row_hash from bench.spine as days group by date_day
),
published as (
    select date_day, count(*) as row_count, sum(hash(days)) as row_hash from marts.customer_stages_daily as days
    group by date_day
)
select count(distinct date_day) from spine full outer join published using (date_day, row_count, row_hash)
where spine.date_day is null or published.date_day is null
"""


def measure(customers: int, directory: Path, *, with_spine: bool) -> dict[str, float]:
    """Build ``customers`` people under ``directory`` and return seconds, counts and the peak memory in GB."""
    raw, warehouse = directory / "raw", directory / "benchmark.duckdb"
    generate(customers=customers, directory=raw, file_format="parquet", quiet=True)
    settings = {
        "raw_data_dir": raw,
        "warehouse_path": warehouse,
        "dbt_target_path": directory / "target",
        "dbt_log_path": directory / "logs",
        "dbt_threads": "1",  # one model at a time, so that each has the machine for itself; DuckDB uses every core
    }
    _run(["seed"], settings)
    whole = _run(["run", "--full-refresh"], settings)
    settings["raw_data_dir"] = ""  # as loaded
    # as in a first build: with a record of the last one, a full build compares itself with it to say what it restates
    with duckdb.connect(str(warehouse)) as connection:
        for record in ("int_recorded_fingerprints", "int_recorded_build"):
            connection.execute(f"drop table intermediate.{record}")
    steps = _run(["run", "--full-refresh", "--select", *STEPS], settings)
    _run(["run", "--select", *RECORDS], settings)
    figures = {
        "customers": customers,
        "all_models": _models(whole),
        "steps": _models(steps),
        "slowest": sorted(((s, n.split(".")[-1]) for n, s in whole.items()), reverse=True)[:10],
    }
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(NEXT_DAY)
    increment = _run(["run"], settings)
    figures |= {
        "increment": sum(seconds for name, seconds in increment.items() if name.split(".")[-1] in STEPS),
        "records": sum(seconds for name, seconds in increment.items() if name.split(".")[-1] in RECORDS),
        "staging": _models({name: seconds for name, seconds in whole.items() if _cleans(name)}),
        "staging_increment": _models({name: seconds for name, seconds in increment.items() if _cleans(name)}),
        "all_models_increment": _models(increment),
    }
    figures["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("create schema if not exists bench")
        figures["copy"] = _seconds(
            connection, "create or replace table bench.copy as select * from marts.customer_stages_daily"
        )
        connection.execute("drop table bench.copy")
        figures |= headcounts(connection)
        figures["narrow"] = _seconds(connection, NARROW_FORM)
        parquet = directory / "days.parquet"
        figures["parquet"] = _seconds(connection, PARQUET_FORM.format(path=parquet))
        connection.execute("checkpoint")
        figures["bytes"] = {
            f"{schema}.{table}": (rows, _bytes_on_disk(connection, f"{schema}.{table}"))
            for schema, table, rows in connection.execute(
                "select schema_name, table_name, estimated_size from duckdb_tables() order by all"
            ).fetchall()
        } | {"days.parquet": (None, parquet.stat().st_size)}
        (figures["days"],) = connection.execute("select count(*) from marts.customer_stages_daily").fetchone()
        (figures["events"],) = connection.execute("select count(*) from intermediate.int_customer_events").fetchone()
        (figures["computed"], figures["rewritten"], figures["known"]) = connection.execute(
            "select (select count(*) from intermediate.int_changed_customers), "
            "(select count(*) from intermediate.int_customers_to_rewrite), count(*) from intermediate.int_recorded_fingerprints"
        ).fetchone()
        if with_spine:
            connection.execute(f"set temp_directory = '{directory / 'spill'}'")
            figures |= day_spine(connection, parts=math.ceil(customers / SPINE_PART))
    return figures


def headcounts(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Make the head-counts of all days in three ways in the schema ``bench``: seconds of each, and on how many rows they differ.

    The seconds are the best of three, since the first one reads the file.
    """
    figures = {}
    for figure, statement in [
        ("counted_days", COUNTED_DAYS),
        ("headcounts", HEAD_COUNTS),
        ("derived_head_counts", DERIVED_HEAD_COUNTS),
    ]:
        figures[figure] = min(_seconds(connection, statement) for _ in range(3))
    (figures["head_count_differences"],) = connection.execute(HEAD_COUNT_DIFFERENCES).fetchone()
    return figures


def day_spine(connection: duckdb.DuckDBPyConnection, *, parts: int) -> dict[str, float]:
    """Evaluate every customer-day into ``bench.spine``, so many ``parts`` of the customers one after the other.

    Its seconds and rows, and on how many days it has other rows than the published table. Holds for default thresholds.
    """
    connection.execute("create or replace table bench.spine as from marts.customer_stages_daily limit 0")
    figures = {"spine": sum(_seconds(connection, SPINE.format(parts=parts, part=part)) for part in range(parts))}
    (figures["spine_differences"],) = connection.execute(SPINE_DIFFERENCES).fetchone()
    (figures["spine_days"],) = connection.execute("select count(*) from bench.spine").fetchone()
    return figures


def _cleans(name: str) -> bool:
    """Whether this is a model that cleans raw rows."""
    return name.split(".")[-1].startswith("base_")


def _models(seconds: dict[str, float]) -> float:
    return sum(value for name, value in seconds.items() if name.startswith("model."))


def _run(arguments: Sequence[str], settings: dict) -> dict[str, float]:
    result = run_dbt(arguments, **settings)
    if not result.success:
        raise SystemExit("The benchmark's build failed: " + "; ".join(result.problems))
    return dict(result.seconds)


def _bytes_on_disk(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Bytes of the blocks that hold a table of the DuckDB file; small tables share blocks, which each of them counts."""
    blocks = connection.execute(f"select block_id, additional_block_ids from pragma_storage_info('{table}')").fetchall()
    used = {block for first, more in blocks for block in (first, *(more or ())) if block >= 0}
    return len(used) * 262_144


def _seconds(connection: duckdb.DuckDBPyConnection, statement: str) -> float:
    started = time.monotonic()
    connection.execute(statement)
    return time.monotonic() - started


def report(runs: Sequence[dict]) -> str:
    """The figures of all runs as a Markdown table and a few sentences."""
    lines = [
        "| customers | customer-days | events | bare copy, s | steps 1-7, s | steps / copy | all models / copy "
        "| 1 % day / steps | counting days / head-counts | peak, GB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        lines.append(
            f"| {run['customers']:,} | {run['days']:,} | {run['events']:,} | {run['copy']:.1f} | {run['steps']:.1f} "
            f"| {run['steps'] / run['copy']:.2f} | {run['all_models'] / run['copy']:.2f} "
            f"| {(run['increment'] + run['records']) / run['steps']:.1%} | {run['counted_days'] / run['headcounts']:.0f} "
            f"| {run['peak_gb']:.1f} |"
        )
    for run in runs:
        lines.append(
            f"\nThe day later at {run['customers']:,}: {run['computed'] / run['known']:.2%} of the customers are computed, "
            f"{run['rewritten'] / run['known']:.2%} have published days written again; steps 1-7 take "
            f"{run['increment'] / run['steps']:.1%} of those of a full build, and saying what that restates "
            f"{run['records'] / run['steps']:.1%}; cleaning takes {run['staging_increment']:.1f} s instead of "
            f"{run['staging']:.1f}, all models {run['all_models_increment']:.1f} s instead of {run['all_models']:.1f}."
        )
        lines.append(
            f"\nHead-counts at {run['customers']:,}: {run['headcounts']:.4f} s as published, "
            f"{run['derived_head_counts']:.4f} s from entries and exits, {run['counted_days']:.2f} s by counting customer-days; "
            f"{run['head_count_differences']:,} differences."
        )
        if "spine" in run:
            lines.append(
                f"\nDay spine at {run['customers']:,}: {run['spine']:.1f} s for {run['spine_days']:,} customer-days, "
                f"{run['spine'] / run['steps']:.1f} times as long as the steps; "
                f"{run['spine_differences']:,} days differ from the published table."
            )
    if len(runs) > 1:
        first, last = runs[-2:]
        exponent = math.log(last["steps"] / first["steps"]) / math.log(last["customers"] / first["customers"])
        lines.append(
            f"\nGrowth exponent of the steps from {first['customers']:,} to {last['customers']:,}: {exponent:.2f}."
        )
    last, written = runs[-1], runs[-1]["bytes"]
    published = "marts.customer_stages_daily"
    lines.append(
        f"\nForms of the daily table at {last['customers']:,}:\n\n| form | rows/s | bytes a row |\n|---|---|---|"
    )
    for form, seconds, name in [
        ("the published table, copied", last["copy"], published),
        ("integers for customer and stage", last["narrow"], "bench.narrow"),
        ("Parquet (zstd)", last["parquet"], "days.parquet"),
    ]:
        lines.append(f"| {form} | {last['days'] / seconds / 1e6:.1f} M | {written[name][1] / last['days']:.1f} |")
    kept = {name: at for name, at in written.items() if at[0] and not name.startswith("bench.")}
    total = sum(size for _, size in kept.values()) / 1e9
    largest = sorted(((size, rows, name) for name, (rows, size) in kept.items()), reverse=True)[:12]
    lines.append(f"\nBytes written at {last['customers']:,}: {total:.2f} GB; the largest tables:\n")
    lines.append("| table | rows | MB | bytes a row |\n|---|---|---|---|")
    lines += [f"| {name} | {rows:,} | {size / 1e6:.0f} | {size / rows:.1f} |" for size, rows, name in largest]
    slowest = "; ".join(f"{name} {seconds:.1f} s" for seconds, name in runs[-1]["slowest"])
    lines.append(f"\nSlowest models at {runs[-1]['customers']:,}: {slowest}.")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its report."""
    parser = argparse.ArgumentParser(prog="benchmark", description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000], help="sizes, ascending")
    parser.add_argument("--spine", type=int, help="the size at which the day spine runs too")
    parser.add_argument("--directory", type=Path, help="where to work (default: a temporary directory)")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one:
        (customers,) = options.customers
        print(json.dumps(measure(customers, options.directory, with_spine=options.spine == customers)))
        return 0
    runs = []
    for customers in options.customers:
        directory = Path(tempfile.mkdtemp(prefix="benchmark-", dir=options.directory))
        print(f"{customers:,} customers in {directory} ...", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "dev.benchmark", "--one", "--customers", str(customers)]
        command += ["--directory", str(directory), *(["--spine", str(options.spine)] if options.spine else [])]
        finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=os.environ)
        shutil.rmtree(directory)
        if finished.returncode:
            return finished.returncode
        runs.append(json.loads(finished.stdout.splitlines()[-1]))
        print(report(runs[-1:]), file=sys.stderr, flush=True)
    print(report(runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
