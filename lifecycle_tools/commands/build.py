"""``build``: load raw data, build and test the models, predict values, ask the gates, publish, and say what came of it.

It works in WAREHOUSE_PATH; readers open what it publishes in SERVING_DIR, and see nothing of a build that fails.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools.board import BoardError, make_served_board
from lifecycle_tools.build import NO_UNIT_TESTS, run_dbt
from lifecycle_tools.commands.publish import (
    DATABASE,
    Warnings,
    audit_and_publish,
    audit_and_publish_on_postgres,
    nothing_published,
    read_project,
    stop_on_failure,
)
from lifecycle_tools.erasure import forget_erased
from lifecycle_tools.predictions import PredictionError, predict
from lifecycle_tools.publishing import (
    CURRENT,
    DEMO_DATA,
    PublishError,
    dbt_settings,
    holds_demo,
    new_run_id,
    only_build,
    prepare_serving,
    serving_directory,
    working_file,
)
from lifecycle_tools.salt import salt_of
from lifecycle_tools.terminal import Progress, remember, remembered, seconds

DAYS_JUDGED = 7  # as in the macro warn_of_raw_volumes
CUSTOMERS_BY_STAGE = """
    select stages.stage, count(customers.customer_id) as customer_count, stages.description
    from staging.lifecycle_stages as stages
    left join marts.lifecycle_customers as customers on stages.stage = customers.current_stage
    group by stages.stage, stages.precedence, stages.description
    order by stages.precedence desc
"""
CHANGED_CUSTOMERS = "select count(*), coalesce(bool_or(is_full_refresh), false) from intermediate.int_changed_customers"
RESTATED = """
    select coalesce(sum(day_count), 0), count(distinct customer_id) from marts.stage_restatements
    where build_number = (select max(build_number) from intermediate.int_current_build)
"""
REVENUE = "select min(ordered_date), sum(net_revenue_amount) from intermediate.int_revenue_entries"
HOLDOUTS = """
    select brand, fitted_as_of_date - calibration_end_date, predicted_purchases, actual_purchase_count, purchase_error_rate
    from marts.value_model_holdouts where band_number = 0 and is_current and customer_count is not null order by brand
"""
AN_EXAMPLE = """
    select customer_id from marts.lifecycle_customers where next_scheduled_date is not null
    order by next_scheduled_date, customer_id limit 1
"""
VOLUMES = "select entity, date_day, row_count, volume_status from quality.raw_volumes_daily order by entity, date_day"
Ask = Callable[[str], list[tuple]]  # the rows of a query
ROWS_BY_OUTCOME = "select outcome, cast(sum(row_count) as bigint) from quality.raw_row_outcomes group by outcome"


def main(argv: Sequence[str] | None = None) -> int:
    """Build and publish; return 0 when every test passed, no gate stopped it and readers see the new run, else 1."""
    parser = argparse.ArgumentParser(prog="build", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="build the demo data")
    parser.add_argument("--full-refresh", action="store_true", help="rebuild what is built in increments")
    parser.add_argument("--without-predictions", action="store_true", help="leave predicted purchases and values null")
    parser.add_argument("--target", choices=("duckdb", "postgres"), default="duckdb", help="of the profile")
    options = parser.parse_args(argv)
    if options.target == "postgres":
        return _main_postgres(options)
    warehouse = working_file()
    serving = serving_directory(warehouse)
    try:
        with only_build(warehouse):
            _build(options, warehouse, serving)
    except PublishError as error:
        print(f"{error}\nThe build failed. {nothing_published(serving)}", file=sys.stderr)
        return 1
    return 0


def _main_postgres(options: argparse.Namespace) -> int:
    from lifecycle_tools.publishing_postgres import only_build_on_postgres

    try:
        if options.demo or os.environ.get("RAW_DATA_DIR"):
            raise PublishError(
                "On PostgreSQL a build reads the raw tables of the database: load files with python -m lifecycle_tools.engines"
                " load <directory>, then build without --demo and RAW_DATA_DIR."
            )
        with only_build_on_postgres(os.environ):
            _build_on_postgres(options)
    except PublishError as error:
        print(f"{error}\nThe build failed. Nothing was published: the schema serving is as it was.", file=sys.stderr)
        return 1
    return 0


def _build_on_postgres(options: argparse.Namespace) -> None:
    from lifecycle_tools.publishing_postgres import READER, SERVING, read

    started, run_id = time.monotonic(), new_run_id()

    def ask(query: str) -> list[tuple]:
        return read(os.environ, query)

    with Progress() as progress:
        progress.enter("read", "the project")
        warn = Warnings(progress.clear)
        before = _published_on_postgres(ask)
        manifest = read_project(DATABASE, "postgres")
        progress.follow(manifest)
        arguments = ["build", *NO_UNIT_TESTS, "--target", "postgres"]
        if options.full_refresh:
            arguments.append("--full-refresh")
        built = run_dbt(arguments, manifest=manifest, on_node=progress.node, on_warning=warn)
        stop_on_failure(built, DATABASE)
        if not options.without_predictions:
            progress.enter("publish", "predictions")
            _predict(warn, manifest, target="postgres")
        progress.enter("publish", "gates")
        facts = audit_and_publish_on_postgres(manifest, built, warn, run_id)
    where = f"schema {SERVING}, as a member of the role {READER}"
    _summarize(ask, facts, before, warn, time.monotonic() - started, where, "make explain TARGET=postgres")


def _build(options: argparse.Namespace, warehouse: Path, serving: Path) -> None:
    kind = "full" if options.full_refresh or not warehouse.exists() else "increment"
    started, run_id = time.monotonic(), new_run_id()
    with Progress(remembered(warehouse, kind)) as progress:
        progress.enter("read", "the project")
        warn = Warnings(progress.clear)
        facts, before, board = _run(options, warehouse, serving, run_id, progress, warn)
    took = time.monotonic() - started
    remember(warehouse, kind, took)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        where = f"{serving / CURRENT} (read-only; {warehouse.name} is where builds work)"
        _summarize(lambda query: connection.execute(query).fetchall(), facts, before, warn, took, where, "make explain")
    if board:
        print(f"Look at:   {board} (in a browser)")


def _run(
    options: argparse.Namespace, warehouse: Path, serving: Path, run_id: str, progress: Progress, warn: Warnings
) -> tuple[dict[str, Any], Published, Path | None]:
    """Everything but the summary: what was published, what had been before, and the board."""
    prepare_serving(serving)
    before = _published(serving)
    settings: dict[str, Any] = dict(dbt_settings(warehouse))
    arguments = ["build", *NO_UNIT_TESTS]  # they test the models, not the data
    if options.demo:
        settings["raw_data_dir"] = DEMO_DATA
    else:
        if raw_data := os.environ.get("RAW_DATA_DIR"):
            settings["raw_data_dir"] = Path(raw_data).resolve()
            if leave_demo(warehouse, settings["raw_data_dir"]):
                before = Published()
                progress.clear()
                print(f"{warehouse.name} held the demo: it starts afresh with {settings['raw_data_dir']}", flush=True)
        # ids of the demo may be guessed, so that they are the same everywhere
        if settings.get("raw_data_dir") != DEMO_DATA and not ("raw_data_dir" not in settings and holds_demo(warehouse)):
            settings["identity_salt"] = salt_of(warehouse)
    if options.full_refresh:
        arguments.append("--full-refresh")

    manifest = read_project(warehouse, **settings)
    progress.follow(manifest)
    built = run_dbt(arguments, manifest=manifest, on_node=progress.node, on_warning=warn, **settings)
    stop_on_failure(built, warehouse)
    if not options.without_predictions:
        progress.enter("publish", "predictions")
        _predict(warn, manifest, **settings)
    if forgotten := forget_erased(warehouse, manifest):
        progress.clear()
        print(f"  forgot erased persons in {forgotten:,} raw rows", flush=True)
    progress.enter("publish", "gates")
    facts = audit_and_publish(warehouse, manifest, built, warn, run_id, **settings)
    progress.enter("publish", "board")
    return facts, before, _write_board(serving)


def _predict(warn: Warnings, manifest: Any, **settings: Any) -> None:
    try:
        predict(on_warning=warn, manifest=manifest, **settings)
    except PredictionError as error:
        raise PublishError(f"{error}\nThe models are built, the predictions failed.") from error


def leave_demo(warehouse: Path, raw_data: Path) -> bool:
    """Delete a warehouse that holds nothing but the demo before other data are built: they are no restatement of it."""
    if raw_data == DEMO_DATA or not holds_demo(warehouse):
        return False
    warehouse.unlink()
    warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
    return True


def _write_board(serving: Path) -> Path | None:
    """The board of what was published; without it the publication stands, with a warning."""
    try:
        return make_served_board(serving)
    except BoardError as error:
        print(f"Warning: {error} The run is published.", file=sys.stderr, flush=True)
        return None


@dataclass(frozen=True)
class Published:
    """What readers had before this run: empty before the first."""

    as_of_date: Any = None
    customers: Mapping[str, int] = field(default_factory=dict)
    row_count: int = 0


def _published(serving: Path) -> Published:
    current = serving / CURRENT
    if not current.exists():
        return Published()
    with suppress(duckdb.Error), duckdb.connect(str(current), read_only=True) as connection:
        return _said_by(lambda query: connection.execute(query).fetchall(), "marts", "quality")
    return Published()  # of an older version of the project


def _published_on_postgres(ask: Ask) -> Published:
    schema = "serving"
    if not ask(f"select 1 from pg_tables where schemaname = '{schema}' and tablename = 'publish_meta'"):
        return Published()
    return _said_by(
        lambda query: ask(query.replace("from publish_meta", f"from {schema}.publish_meta")), schema, schema
    )


def _said_by(ask: Ask, marts: str, quality: str) -> Published:
    ((as_of_date,),) = ask("select as_of_date from publish_meta")
    stages = ask(f"select current_stage, count(*) from {marts}.lifecycle_customers group by 1")
    ((row_count,),) = ask(f"select sum(row_count) from {quality}.raw_row_outcomes")
    return Published(as_of_date, dict(stages), int(row_count or 0))


def _summarize(
    ask: Ask, facts: Mapping[str, Any], before: Published, warn: Warnings, took: float, where: str, explain: str
) -> None:
    """What was loaded, rejected, changed and restated, who is in which stage now, ``where`` to look and how to ask."""
    rows = dict(ask(ROWS_BY_OUTCOME))
    stages = ask(CUSTOMERS_BY_STAGE)
    ((changed, is_full),) = ask(CHANGED_CUSTOMERS)
    ((restated_days, restated_customers),) = ask(RESTATED)
    ((first_date, net_amount),) = ask(REVENUE)
    holdouts = ask(HOLDOUTS)
    of_whom = ask(AN_EXAMPLE)
    print(f"Built, tested and published in {seconds(took)}: run {facts['run_id']}")
    since = f", and since the last run ({before.as_of_date})" if before.customers else ""
    print(f"\nCustomers by stage on {facts['as_of_date']}{since}:")
    for stage, customer_count, description in stages:
        change = f"{_change(customer_count - before.customers.get(stage, 0)):>8}" if before.customers else ""
        print(f"  {stage:<12}{customer_count:>9,}{change}  {description}")
    row_count, rejected = sum(rows.values()), rows.get("rejected", 0)
    new_rows = f" ({_change(row_count - before.row_count)} since the last run)" if before.customers else ""
    print(
        f"\nLoaded:    {row_count:,} raw rows{new_rows}, of which {rejected:,} rejected (quality.rejected_records says why)"
        f" and {rows.get('held_back', 0):,} held back (after the as-of date)"
    )
    for line in _volumes(ask(VOLUMES)):
        print(line)
    all_of_them = " (all of them)" if is_full else ""
    print(f"Changed:   {changed:,} customers computed{all_of_them}")
    days = f"{restated_days:,} published days of {restated_customers:,} customers have another stage now"
    print(f"Restated:  {f'{days} (marts.stage_restatements says why)' if restated_days else 'nothing'}")
    if net_amount is not None:
        period = f"from {first_date} to {facts['as_of_date']}"
        print(f"Revenue:   {net_amount:,.2f} {facts['reporting_currency']} net, {period}")
    else:
        print(f"Amounts:   in {facts['reporting_currency']}, none yet")
    for brand, days, predicted, actual, error in holdouts:
        off = "" if error is None else f" ({error:+.0%})"
        whose = f"Brand {brand}: " if len(holdouts) > 1 else ""
        print(
            f"Predicted: {whose}{predicted:,.0f} purchases for the last {days} days, {actual:,} came{off}: "
            "marts.value_model_holdouts"
        )
    print(f"Tests:     {facts['tests_passed']:,} passed, {facts['gates_passed']} gates passed")
    print(f"Warnings:  {facts['warning_count'] or 'none'}")
    for _, sentence in warn.given:
        print(f"  - {sentence}")
    print(f"Open:      {where}")
    if of_whom:
        print(f"Ask:       {explain} CUSTOMER={shlex.quote(of_whom[0][0])}")


def _volumes(rows: Sequence[tuple]) -> list[str]:
    """How fresh each raw table is, and whether it brought as many rows as usual on each day of the last week."""
    days: dict[str, list[tuple]] = {}
    for entity, *day in rows:
        days.setdefault(entity, []).append(day)
    if not days:
        return []
    # none where a table has brought no row for as long as the days go back
    newest = {entity: max((day for day, count, _ in found if count), default=None) for entity, found in days.items()}
    last = max(day for found in days.values() for day, *_ in found)
    older = sorted((day, entity) for entity, day in newest.items() if day is not None and day < last)
    older += [(f"before {found[0][0]}", entity) for entity, found in days.items() if newest[entity] is None]
    unusual = [
        f"{entity} ({status} on {day}: {count:,})"
        for entity, found in days.items()
        for day, count, status in found[-DAYS_JUDGED:]
        if status in ("silent", "low", "high")
    ]
    statuses = {entity: {status for *_, status in found[-DAYS_JUDGED:]} for entity, found in days.items()}
    usual = sum(found == {"as_usual"} for found in statuses.values())
    without = [entity for entity, found in statuses.items() if found & {"irregular", "not_yet_judged"}]
    fresh = f"{len(days) - len(older)} of {len(days)} raw tables have rows of {last}"
    volumes = [
        f"{usual} of {len(days)} raw tables brought as many rows as usual on each of the last {DAYS_JUDGED} days"
    ]
    volumes += [f"unusual: {', '.join(unusual)}"] if unusual else []
    volumes += [f"no usual number: {', '.join(without)}"] if without else []
    return [
        f"Fresh:     {fresh}" + "".join(f"; {entity}: {day}" for day, entity in older),
        f"Volumes:   {'; '.join(volumes)} (quality.raw_volumes_daily)",
    ]


def _change(count: int) -> str:
    return f"{count:+,}" if count else "="
