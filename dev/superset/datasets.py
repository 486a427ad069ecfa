"""Superset's datasets: one for each mart, with its columns described and the metrics that the semantic layer makes of it."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from dev.metric_list import CATALOGUE, column_read, headcounts
from lifecycle_tools.publishing import MARTS

VERSION = "1.0.0"  # of Superset's format of exports
TIDY = "lifecycle_metrics_monthly"
FORMATS = {"count": ",d", "rate": ".1%", "amount": ",.2f", "points": ",.1f", "number": ",.3f"}
# Of the tidy table, which holds every metric: null unless the rows are of one metric, one dimension and one month. So neither
# are headcounts summed over months, nor is one metric added to another.
SUMS = (
    "and count(value) > 0 then case when count(denominator) = 0 then sum(numerator) "
    "else sum(numerator) / nullif(sum(denominator), 0) end end"
)
VALUE = (
    "case when count(distinct metric_id) = 1 and count(distinct dimension_name) = 1 and count(distinct month_date) = 1 "
    + SUMS
)
# The table of cuts holds what can be summed over months and items.
CUTS = "lifecycle_metrics_by_dimension"
CUT_VALUE = (
    "case when count(distinct subject) = 1 and count(distinct metric_name) = 1 and count(distinct dimension_name) = 1 "
    + SUMS
)
RUN = {
    "run_id": ("VARCHAR", "Run", "Name of the published run."),
    "published_at": ("TIMESTAMP", "Published at (UTC)", "When the run was published, UTC."),
    "as_of_date": ("DATE", "As-of date", "Last day that the run knows of."),
    "reporting_currency": ("VARCHAR", "Currency", "Currency of all amounts."),
}
_DIMENSION = re.compile(r"\{\{\s*Dimension\(\s*'(?:\w+__)?(\w+)'\s*\)\s*\}\}")


def uuid_of(file: str) -> str:
    """The id under which Superset knows what a file describes: the same for each version of the file."""
    return str(uuid5(NAMESPACE_URL, f"customer_lifecycle/{file}"))


def catalogue() -> list[dict[str, str]]:
    """The metrics of the seed, in its order."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def dataset_file(table: str) -> str:
    """Where the dataset of a table is described."""
    return f"datasets/customer_lifecycle/{table}.yaml"


def datasets(manifest: Any) -> dict[str, dict[str, Any]]:
    """Each mart, and the table that says of which run all of them are, as Superset describes datasets; by file."""
    metrics, dates, heads = metrics_by_mart(manifest), time_columns(manifest), headcounts()
    described = {}
    for node in sorted(manifest.nodes.values(), key=lambda each: each.name):
        if node.resource_type == "model" and node.package_name == "customer_lifecycle" and node.schema == MARTS:
            described[dataset_file(node.name)] = _dataset(
                node.name,
                MARTS,
                node.description,
                dates.get(node.name) or _first_date(node),
                [_column(column, _never_over(node.name, column.name, heads)) for column in node.columns.values()],
                metrics.get(node.name, []),
            )
    columns = [
        {
            "column_name": name,
            "verbose_name": title,
            "type": data_type,
            "is_dttm": data_type != "VARCHAR",
            "description": text,
        }
        for name, (data_type, title, text) in RUN.items()
    ]
    text = "One row: the published run that all tables of the file are of."
    described[dataset_file("publish_meta")] = _dataset("publish_meta", "main", text, None, columns, [])
    return described


def time_columns(manifest: Any) -> dict[str, str]:
    """The column of each mart by whose date the semantic layer puts its measures into months."""
    return {
        model.refs[0].name: _columns_of(model)[model.defaults.agg_time_dimension]
        for model in manifest.semantic_models.values()
    }


def metrics_by_mart(manifest: Any) -> dict[str, list[dict[str, Any]]]:
    """The metrics of the semantic layer as SQL of DuckDB, by the mart that has all that they are made of."""
    said = {row["metric_id"]: row for row in catalogue()}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for metric in sorted(manifest.metrics.values(), key=lambda each: each.name):
        parts = parts_of(manifest, metric)
        marts = {model.refs[0].name for model, _, _ in parts}
        if len(marts) == 1:
            (mart,) = marts
            found[mart].append(_metric(manifest.nodes, metric, parts, said.get(metric.name)))
    for table, expression, text in (
        (TIDY, VALUE, "Of one metric, one dimension and one month in each group, null for more."),
        (CUTS, CUT_VALUE, "Of one subject, one metric and one dimension in each group, null for more."),
    ):
        found[table].append(
            {
                "metric_name": "value",
                "verbose_name": "Value of a metric",
                "expression": expression,
                "description": text,
                "d3format": "SMART_NUMBER",
            }
        )
    return dict(found)


def parts_of(manifest: Any, metric: Any) -> list[tuple[Any, Any, str]]:
    """The sums of which a metric is made, one or two, numerator first: semantic model, measure and condition."""
    inputs = metric.type_params
    names = {"simple": [inputs.measure], "ratio": [inputs.numerator, inputs.denominator]}[str(metric.type.value)]
    condition = " and ".join(
        _DIMENSION.sub(r"\1", each.where_sql_template)
        for each in (metric.filter.where_filters if metric.filter else [])
    )
    parts = []
    for name in (each.name for each in names):
        ((model, measure),) = (
            (model, measure)
            for model in manifest.semantic_models.values()
            for measure in model.measures
            if measure.name == name
        )
        parts.append((model, measure, condition))
    return parts


def sum_of(model: Any, measure: Any, condition: str) -> str:
    """A measure as SQL that is true of any group of rows: what is a headcount is that of the group's last date."""
    only = f" filter (where {condition})" if condition else ""
    amount = measure.expr or measure.name
    if measure.non_additive_dimension is None:
        return f"sum({amount}){only}"
    date = _columns_of(model)[measure.non_additive_dimension.name]
    return f"list_sum([row.n for row in list({{'n': {amount}, 'd': {date}}}){only} if row.d = max({date}){only}])"


def _metric(nodes: Mapping[str, Any], metric: Any, parts: list[tuple[Any, Any, str]], said: Any) -> dict[str, Any]:
    sums = [sum_of(*part) for part in parts]
    model, measure, _ = parts[0]
    column = column_read(measure.expr or measure.name)
    mart = nodes[f"model.customer_lifecycle.{model.refs[0].name}"]
    described = {
        "metric_name": metric.name,
        "verbose_name": said["name_en"] if said else None,
        "expression": sums[0] if len(sums) == 1 else f"{sums[0]} / nullif({sums[1]}, 0)",
        "description": said["definition_en"] if said else _line(mart.columns[column].description),
        "d3format": FORMATS[said["unit"]] if said else FORMATS["amount" if column.endswith("_amount") else "count"],
    }
    if over := measure.non_additive_dimension:
        described["warning_text"] = f"Of the last {over.name} in each group; never the sum over {over.name}."
    return {name: value for name, value in described.items() if value is not None}


def _dataset(
    table: str, schema: str, text: str, date: str | None, columns: list[dict[str, Any]], metrics: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "table_name": table,
        "schema": schema,
        "main_dttm_col": date,
        "description": _line(text),
        "uuid": uuid_of(dataset_file(table)),
        "version": VERSION,
        "database_uuid": uuid_of("databases/customer_lifecycle.yaml"),
        "columns": columns,
        "metrics": metrics,
    }


def _column(column: Any, never_over: str) -> dict[str, Any]:
    data_type = column.data_type.upper()
    return {
        "column_name": column.name,
        "type": data_type,
        "is_dttm": data_type in ("DATE", "TIMESTAMP"),
        "description": _line(column.description) + never_over,
    }


def _never_over(mart: str, column: str, heads: Mapping[tuple[str, str], set[str]]) -> str:
    dates = [date for (measured, date), columns in heads.items() if measured == mart and column in columns]
    return "".join(f" Never summed over {date}: take the last one." for date in dates)


def _columns_of(model: Any) -> dict[str, str]:
    return {each.name: each.expr or each.name for each in (*model.entities, *model.dimensions)}


def _first_date(node: Any) -> str | None:
    return next((column.name for column in node.columns.values() if column.data_type == "date"), None)


def _line(text: str) -> str:
    return " ".join(text.split())
