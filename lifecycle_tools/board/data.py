"""What the board shows: the rows of its datasets, small enough for a page, and the queries that gave them.

A dataset is a query of ``datasets`` on the published file. Its columns of text and dates are dimensions, its numbers are
measures that may be added up, ``is_mature`` is true where time has run out for every row behind. Columns named brand, month,
channel, country, segment and currency are those that the board's filters act on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any

import duckdb
import yaml

DATASETS = Path(__file__).parent / "datasets"
PANELS = Path(__file__).parent / "panels.yml"
OTHER = "(other)"
ROWS = 150_000  # of all datasets together; with more, fewer values of the dimensions are kept apart
# What is kept apart of a column with many values, the largest first: table, column, size, how many.
KEPT = {
    "channel": ("lifecycle_customers", "acquisition_channel", "count(*)", 14),
    "country": ("lifecycle_customers", "country_code", "count(*)", 12),
    "segment": ("lifecycle_customers", "segment", "count(*)", 8),
    "touch_channel": ("acquisition_channels_monthly", "channel", "count(*)", 16),
    "attributed_channel": ("attribution_channels_monthly", "channel", "count(*)", 16),
    "campaign": ("acquisition_channels_monthly", "campaign_id", "sum(spend_amount)", 40),
    "winback_campaign": ("winback_cohorts_monthly", "campaign_id", "sum(reactivated_count)", 30),
    "path": ("customer_journeys", "path", "sum(customer_count)", 40),
    "platform": ("audience_monthly", "platform", "count(*)", 16),
    "attribute_value": ("ideal_customer_profile", "attribute_value", "sum(customer_count)", 40),
    "program": ("referral_metrics_monthly", "program", "sum(invite_count)", 20),
    "affiliate": ("affiliate_revenue_monthly", "affiliate_id", "sum(net_revenue_amount)", 30),
    "touchpoint": ("csat_monthly", "touchpoint", "sum(response_count)", 16),
    "plan": ("trial_conversion_monthly", "plan", "sum(trial_count)", 16),
    "churn_reason": ("churn_monthly", "churn_reason", "sum(churned_count)", 12),
    "touch_type": ("touchpoint_conversions_monthly", "touch_type", "sum(reached_count)", 16),
    "last_step": ("cart_abandonment_daily", "last_step", "sum(cart_count)", 16),
    "category": ("support_monthly", "category", "sum(ticket_count)", 16),
}


Tables = Mapping[tuple[str, str], Sequence[str]]  # the columns of each table, by schema and name


class BoardError(Exception):
    """There is no board; the message is a sentence for the user."""


@dataclass(frozen=True)
class Board:
    """What one page is written from: ``meta`` of the run, ``datasets`` as columns, ``panels`` as panels.yml has them."""

    meta: Mapping[str, Any]
    datasets: Mapping[str, Mapping[str, Any]]
    panels: Mapping[str, Any]
    catalogue: Sequence[Mapping[str, Any]]


def read_board(published: Path) -> Board:
    """Ask the published file every query of the board."""
    if not published.exists():
        raise BoardError(f"There is no published file {published}: run make build first.")
    panels = yaml.safe_load(PANELS.read_text())
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        datasets = _read_datasets(connection)
        return Board(_read_meta(connection), datasets, panels, _read_catalogue())


def _read_datasets(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """All datasets, with as many values of the long dimensions as the page has room for."""
    share = 1.0
    tables = _columns(connection)
    while True:
        columns = _kept_columns(connection, tables, share)
        queries = {path.stem: _query(path, tables, columns) for path in sorted(DATASETS.glob("*.sql"))}
        rows = sum(_count(connection, query) for _, query in queries.values())
        if share < 0.1 or rows <= ROWS:
            return {name: _read(connection, about, query) for name, (about, query) in queries.items()}
        share *= min(0.9, max(0.5, (ROWS / rows) ** (1 / 3)))  # three dimensions shrink at a time


def _kept_columns(connection: duckdb.DuckDBPyConnection, tables: Tables, share: float) -> dict[str, str]:
    """For each name in KEPT an expression: the column, or the column with its smaller values put together."""
    columns: dict[str, str] = {}
    for name, (table, column, size, most) in KEPT.items():
        most = max(2, round(most * share))
        columns[name] = column
        if column not in tables.get(("marts", table), ()):
            continue
        values = connection.execute(
            f"select {column} from marts.{table} where {column} is not null group by 1 order by {size} desc nulls last, 1"
        ).fetchall()
        if len(values) > most:
            kept = ", ".join(_literal(value) for (value,) in values[: most - 1])
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
    except duckdb.CatalogException:
        return 0


def _read(connection: duckdb.DuckDBPyConnection, about: str, query: str) -> dict[str, Any]:
    """One dataset: its query, its dimensions as numbers of distinct values, its measures as numbers."""
    dimensions: dict[str, Any] = {}
    measures: dict[str, Any] = {}
    try:
        result = connection.execute(f"select * from ({query}) order by all")
    except duckdb.CatalogException:  # a file published before, without the table
        return {"query": query, "about": about, "rows": 0, "dimensions": {}, "measures": {}}
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
    return {
        "query": query,
        "about": about,
        "rows": len(rows),
        "dimensions": dimensions,
        "measures": measures,
    }


def _number(value: Any) -> int | float | None:
    if value is None or isinstance(value, int):  # true and false are 1 and 0
        return value if value is None else int(value)
    number = float(value)
    if math.isnan(number) or math.isinf(number):
        return None
    if isinstance(value, Decimal) and value.as_tuple().exponent >= -2:
        number = round(number, 2)
    return int(number) if number.is_integer() else number


def _read_meta(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The only row of publish_meta."""
    result = connection.execute("select * from publish_meta")
    names = [column[0] for column in result.description]
    return {name: _plain(value) for name, value in zip(names, result.fetchone(), strict=True)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _read_catalogue() -> list[dict[str, str]]:
    import csv

    path = DATASETS.parents[2] / "seeds" / "lifecycle" / "metric_catalogue.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
