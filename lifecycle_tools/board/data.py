"""What the board shows: the rows of its datasets, small enough for a page, and the queries that gave them.

A dataset is a query of ``datasets`` on the published file. Its columns of text and dates are dimensions, its numbers are
measures that may be added up, ``is_mature`` is true where time has run out for every row behind. Columns named brand, month,
channel, country, segment and currency are those that the board's filters act on.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any

import duckdb
import yaml

from lifecycle_tools.board.packing import pack
from lifecycle_tools.whatif.kept import WHATIF

DATASETS = Path(__file__).parent / "datasets"
PANELS = Path(__file__).parent / "panels.yml"
OTHER = "(other)"
MOST_BYTES = 1_400_000  # of the packed data: a page promises less than 1.5 MB, whatever the business
ROWS = 150_000  # of all datasets together: what fits as a rule, so that packing is seldom tried in vain
LEAST_SHARE = 0.1  # of the values in KEPT, before months are left out
MONTHS = (120, 60, 24)  # the last so many, before all values are put together
# What is kept apart of a column with many values, the largest first: table, column, size, how many.
KEPT = {
    "channel": ("marts.lifecycle_customers", "acquisition_channel", "count(*)", 14),
    "country": ("marts.lifecycle_customers", "country_code", "count(*)", 12),
    "segment": ("marts.lifecycle_customers", "segment", "count(*)", 8),
    "touch_channel": ("marts.acquisition_channels_monthly", "channel", "count(*)", 16),
    "attributed_channel": ("marts.attribution_channels_monthly", "channel", "count(*)", 16),
    "campaign": ("marts.acquisition_channels_monthly", "campaign_id", "sum(spend_amount)", 40),
    "winback_campaign": ("marts.winback_cohorts_monthly", "campaign_id", "sum(reactivated_count)", 30),
    "path": ("marts.customer_journeys", "path", "sum(customer_count)", 40),
    "platform": ("marts.audience_monthly", "platform", "count(*)", 16),
    "attribute_value": ("marts.ideal_customer_profile", "attribute_value", "sum(customer_count)", 40),
    "program": ("marts.referral_metrics_monthly", "program", "sum(invite_count)", 20),
    "affiliate": ("marts.affiliate_revenue_monthly", "affiliate_id", "sum(net_revenue_amount)", 30),
    "touchpoint": ("marts.csat_monthly", "touchpoint", "sum(response_count)", 16),
    "plan": ("marts.trial_conversion_monthly", "plan", "sum(trial_count)", 16),
    "churn_reason": ("marts.churn_monthly", "churn_reason", "sum(churned_count)", 12),
    "touch_type": ("marts.touchpoint_conversions_monthly", "touch_type", "sum(reached_count)", 16),
    "last_step": ("marts.cart_abandonment_daily", "last_step", "sum(cart_count)", 16),
    "category": ("marts.support_monthly", "category", "sum(ticket_count)", 16),
    "received_currency": ("main.publish_rejected_amounts", "currency", "sum(row_count)", 12),
    "warning": ("main.publish_warnings", "warning", "count(*)", 60),
    # the builds that restated something last: their number grows with every day
    "build_as_of": ("marts.stage_restatements", "as_of_date::varchar", "max(as_of_date)", 30),
}


# A file that an older version published lacks a table or a column; so does a run without a what-if.
OLDER = (duckdb.CatalogException, duckdb.BinderException)
Tables = Mapping[tuple[str, str], Sequence[str]]  # the columns of each table, by schema and name


class BoardError(Exception):
    """There is no board; the message is a sentence for the user."""


@dataclass(frozen=True)
class Board:
    """What one page is written from: ``meta`` of the run, ``datasets`` as columns, ``panels`` as panels.yml has them.

    ``whatif``: with which run other thresholds were compared, and when; none where they never were.
    """

    meta: Mapping[str, Any]
    datasets: Mapping[str, Mapping[str, Any]]
    panels: Mapping[str, Any]
    catalogue: Sequence[Mapping[str, Any]]
    whatif: Mapping[str, Any] | None


def read_board(published: Path) -> Board:
    """Ask the published file, and what was kept of the last what-if beside it, every query of the board."""
    if not published.exists():
        raise BoardError(f"There is no published file {published}: run make build first.")
    panels = yaml.safe_load(PANELS.read_text())
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        whatif = _attach_whatif(connection, published.parent / WHATIF)
        meta = _read_row(connection, "publish_meta")
        # of a list without months the whole is shown, since whatever month its people are on it
        whole = {panel["dataset"] for panel in panels["panels"] if panel.get("period") == "none"}
        datasets, first_month = _read_datasets(connection, date.fromisoformat(meta["as_of_date"]), whole)
        return Board({**meta, "first_month": first_month}, datasets, panels, _read_catalogue(), whatif)


def _attach_whatif(connection: duckdb.DuckDBPyConnection, kept: Path) -> dict[str, Any] | None:
    """The only row of its table meta. A file that cannot be read is no reason to be without a board, and is said on its page."""
    if not kept.exists():
        return None
    try:
        name = str(kept).replace("'", "''")
        connection.execute(f"attach '{name}' as whatif (read_only)")
        return _read_row(connection, "whatif.meta")
    except duckdb.Error:
        return {"unreadable": kept.name}


def _read_datasets(
    connection: duckdb.DuckDBPyConnection, as_of_date: date, whole: Collection[str]
) -> tuple[dict[str, dict[str, Any]], str | None]:
    """All datasets, as much of them as the page has room for, and their first month if earlier ones are left out.

    First fewer values of the long dimensions are kept apart, then fewer months, then no values; what is larger even so, as with
    very many brands, is left out whole. So the page is small however large the business is, and totals are right.
    """
    tables = _columns(connection)
    share, months, fitting = 1.0, None, ROWS
    while True:
        first_month = _first_month(as_of_date, months) if months else None
        columns = _kept_columns(connection, tables, share)
        queries = {path.stem: _query(path, tables, columns) for path in sorted(DATASETS.glob("*.sql"))}
        if first_month:
            queries = {
                name: (about, query if name in whole else _since(connection, query, first_month))
                for name, (about, query) in queries.items()
            }
        counts = {name: _count(connection, query) for name, (_, query) in queries.items()}
        left_out = _largest(counts, fitting) if share == 0 else set()
        rows = sum(count for name, count in counts.items() if name not in left_out)
        if rows <= fitting:
            datasets = {
                name: _empty(about, query, left_out=True) if name in left_out else _read(connection, about, query)
                for name, (about, query) in queries.items()
            }
            size = len(pack(datasets))
            if size <= MOST_BYTES:
                return datasets, first_month
            fitting = int(0.95 * rows * MOST_BYTES / size)  # rows that are longer than usual
        elif share > LEAST_SHARE:
            share *= min(0.9, max(0.5, (fitting / rows) ** (1 / 3)))  # three dimensions shrink at a time
        elif months != MONTHS[-1]:
            months = MONTHS[0] if months is None else MONTHS[MONTHS.index(months) + 1]
        else:
            share = 0.0


def _first_month(as_of_date: date, months: int) -> str:
    number = as_of_date.year * 12 + as_of_date.month - months  # months since the year 0, of which January is 0
    return f"{number // 12:04}-{number % 12 + 1:02}-01"


def _since(connection: duckdb.DuckDBPyConnection, query: str, first_month: str) -> str:
    """The query without earlier months, where it has any."""
    try:
        columns = [column for column, *_ in connection.execute(f"describe {query}").fetchall()]
    except OLDER:
        return query
    if "month" not in columns:
        return query
    return f"select * from (\n{query}\n)\nwhere month >= date '{first_month}'"


def _largest(counts: Mapping[str, int], fitting: int) -> set[str]:
    """The datasets to be left out so that the others fit."""
    rows, found = sum(counts.values()), set()
    for name in sorted(counts, key=lambda each: (-counts[each], each)):
        if rows <= fitting:
            break
        found.add(name)
        rows -= counts[name]
    return found


def _kept_columns(connection: duckdb.DuckDBPyConnection, tables: Tables, share: float) -> dict[str, str]:
    """For each name in KEPT an expression: the column, or the column with its smaller values put together."""
    columns: dict[str, str] = {}
    for name, (table, column, size, most) in KEPT.items():
        most = max(2, round(most * share)) if share else 1
        columns[name] = column
        schema, _, bare = table.partition(".")
        if column.partition("::")[0] not in tables.get((schema, bare), ()):
            continue
        values = connection.execute(
            f"select {column} from {table} where {column} is not null "
            f"group by 1 order by {size} desc nulls last, 1 limit {most + 1}"
        ).fetchall()
        if len(values) > most:
            kept = ", ".join(_literal(value) for (value,) in values[: most - 1]) or "null"
            columns[name] = (
                f"case when {column} in ({kept}) or {column} is null then {column} else {_literal(OTHER)} end"
            )
    return columns


def _columns(connection: duckdb.DuckDBPyConnection) -> Tables:
    found: dict[tuple[str, str], list[str]] = {}
    rows = connection.execute("select table_schema, table_name, column_name from information_schema.columns").fetchall()
    for schema, table, column in rows:
        found.setdefault((schema, table), []).append(column)
    return found


def _query(path: Path, tables: Tables, columns: Mapping[str, str]) -> tuple[str, str]:
    """What a file of datasets says about itself, and its query; a mart that has a currency keeps it."""
    about, _, query = path.read_text().partition("\n")
    while query.startswith("--"):
        more, _, query = query.partition("\n")
        about += more.removeprefix("--")
    mart = re.search(r"from marts\.(\w+)", query)
    has_currency = mart is not None and "currency" in tables.get(("marts", mart.group(1)), ())
    query = Template(query.strip()).substitute(columns, currency="currency, " if has_currency else "")
    return about.removeprefix("--").strip(), query


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    try:
        return connection.execute(f"select count(*) from ({query})").fetchone()[0]
    except OLDER:
        return 0


def _empty(about: str, query: str, *, left_out: bool = False) -> dict[str, Any]:
    return {"query": query, "about": about, "rows": 0, "dimensions": {}, "measures": {}, "leftOut": left_out}


def _read(connection: duckdb.DuckDBPyConnection, about: str, query: str) -> dict[str, Any]:
    """One dataset: its query, its dimensions as numbers of distinct values, its measures as numbers."""
    dimensions: dict[str, Any] = {}
    measures: dict[str, Any] = {}
    try:
        result = connection.execute(f"select * from ({query}) order by all")
    except OLDER:
        return _empty(about, query)
    names, types = [column[0] for column in result.description], [str(column[1]) for column in result.description]
    rows = result.fetchall()
    for position, (name, kind) in enumerate(zip(names, types, strict=True)):
        values = [row[position] for row in rows]
        if kind in ("VARCHAR", "DATE"):
            texts = sorted({str(value) for value in values if value is not None})
            place = {text: number for number, text in enumerate(texts)} | {None: -1}
            codes = [place[value if value is None else str(value)] for value in values]
            dimensions[name] = {"values": texts, "codes": codes}
        else:
            measures[name] = [_number(value) for value in values]
    return {**_empty(about, query), "rows": len(rows), "dimensions": dimensions, "measures": measures}


def _number(value: Any) -> int | float | None:
    if value is None or isinstance(value, int):  # true and false are 1 and 0
        return value if value is None else int(value)
    number = float(value)
    if math.isnan(number) or math.isinf(number):
        return None
    if isinstance(value, Decimal) and value.as_tuple().exponent >= -2:
        number = round(number, 2)
    return int(number) if number.is_integer() else number


def _read_row(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    """The only row of a table, by column."""
    result = connection.execute(f"select * from {table}")
    names = [column[0] for column in result.description]
    return {name: _plain(value) for name, value in zip(names, result.fetchone(), strict=True)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _read_catalogue() -> list[dict[str, str]]:
    path = DATASETS.parents[2] / "seeds" / "lifecycle" / "metric_catalogue.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
