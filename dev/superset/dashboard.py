"""Superset's charts and dashboard: customers by stage, then every metric of the catalogue, a tab for each step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dev.superset.datasets import FORMATS, RUN, TIDY, VERSION, catalogue, dataset_file, uuid_of

TITLE = "Customer lifecycle"
DASHBOARD = "dashboards/customer_lifecycle.yaml"
FILTERS = {"brand": "Brand", "acquisition_channel": "Channel", "country_code": "Country", "segment": "Segment"}
ALL_TIME = "No filter"
STAGES = "stage_funnel_daily"
# What is shown before the metrics: file, title, width of twelve, and the chart.
STAGE_CHARTS = (
    ("published_run", "Published run", 12, "run"),
    ("customers_by_stage", "Customers by stage, on the last day of each week", 8, "closing_count"),
    ("customers_by_stage_today", "Customers by stage, on the last day", 4, "today"),
    ("entered_by_stage", "Customers who entered a stage", 6, "entered_count"),
    ("exited_by_stage", "Customers who left a stage", 6, "exited_count"),
)


def charts(time_columns: Mapping[str, str], datasets: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The charts of the dashboard by file, in its order."""
    described = {chart_file(name): _stage_chart(name, title, shown) for name, title, _, shown in STAGE_CHARTS}
    for row in catalogue():
        metrics = {each["metric_name"]: each for each in datasets[dataset_file(row["model"])]["metrics"]}
        # a ratio of columns of two marts is in no mart but the tidy table
        mart = row["model"] if row["metric_id"] in metrics else TIDY
        metric = row["metric_id"] if row["metric_id"] in metrics else "value"
        filters = [] if metric != "value" else [_is("metric_id", row["metric_id"]), _is("dimension_name", "all")]
        described[chart_file(row["metric_id"])] = _over_time(
            row["metric_id"], row["name_en"], mart, time_columns.get(mart, "month_date"), metric,
            grain="P1M", kind="line", filters=filters, description=row["definition_en"],
            y_axis_format=FORMATS[row["unit"]],
        )  # fmt: skip
    return described


def chart_file(name: str) -> str:
    """Where a chart is described."""
    return f"charts/{name}.yaml"


def dashboard(described: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The dashboard: a tab of the stages, one for each step of the lifecycle, and filters for all of them."""
    tabs = {
        "Stages": [(chart_file(name), width, 20 if shown == "run" else 60) for name, _, width, shown in STAGE_CHARTS]
    }
    for row in catalogue():
        tabs.setdefault(row["six_step_en"].capitalize(), []).append((chart_file(row["metric_id"]), 4, 50))
    return {
        "dashboard_title": TITLE,
        "description": "Customers by stage, and every metric of the catalogue by month.",
        "slug": "customer-lifecycle",
        "published": True,
        "uuid": uuid_of(DASHBOARD),
        "version": VERSION,
        "position": _position(tabs, described),
        "metadata": {
            "color_scheme": "supersetColors",
            "refresh_frequency": 0,
            "native_filter_configuration": [_time_filter(), *(_filter(*each) for each in FILTERS.items())],
        },
    }


def _stage_chart(name: str, title: str, shown: str) -> dict[str, Any]:
    if shown == "run":
        columns = list(RUN)
        query = {"columns": columns, "metrics": [], "filters": [], "row_limit": 10}
        looks = {"query_mode": "raw", "all_columns": columns, "table_timestamp_format": "%Y-%m-%d %H:%M"}
        return _chart(name, title, "publish_meta", "table", query, looks)
    if shown == "today":
        query = {
            "columns": ["stage"],
            "metrics": ["closing_count"],
            "filters": [_within("date_day")],
            "row_limit": 1000,
        }
        looks = {
            "x_axis": "stage", "metrics": ["closing_count"], "groupby": [], "orientation": "horizontal", "show_value": True,
            "x_axis_sort": "closing_count", "x_axis_sort_asc": True, "y_axis_format": ",d", "show_legend": False,
        }  # fmt: skip
        return _chart(name, title, STAGES, "echarts_timeseries_bar", query, looks)
    kind, grain = ("area", "P1W") if shown == "closing_count" else ("bar", "P1M")
    return _over_time(name, title, STAGES, "date_day", shown, grain=grain, kind=kind, by="stage", y_axis_format=",d")


def _over_time(
    name: str, title: str, mart: str, date: str, metric: str, *, grain: str, kind: str, y_axis_format: str, by: str = "",
    filters: list[dict[str, Any]] | None = None, description: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    axis = {
        "columnType": "BASE_AXIS",
        "expressionType": "SQL",
        "label": date,
        "sqlExpression": date,
        "timeGrain": grain,
    }
    chosen = [*(filters or []), _within(date)]
    by_columns = [by] if by else []
    query = {"columns": [axis, *by_columns], "metrics": [metric], "filters": chosen, "row_limit": 50000}
    looks = {
        "x_axis": date, "time_grain_sqla": grain, "metrics": [metric], "groupby": by_columns, "y_axis_format": y_axis_format,
        "x_axis_time_format": "smart_date", "rich_tooltip": True, "show_legend": bool(by), "truncate_metric": True,
        **({"stack": "Stack"} if kind in ("area", "bar") else {"markerEnabled": True}),
    }  # fmt: skip
    kinds = {"line": "echarts_timeseries_line", "area": "echarts_area", "bar": "echarts_timeseries_bar"}
    return _chart(name, title, mart, kinds[kind], query, looks, description)


def _chart(
    name: str, title: str, mart: str, kind: str, query: dict[str, Any], looks: dict[str, Any], text: str | None = None
) -> dict[str, Any]:
    simple = [
        {"clause": "WHERE", "expressionType": "SIMPLE", "subject": each["col"], "operator": each["op"], "comparator": each["val"]}
        for each in query["filters"]
    ]  # fmt: skip
    context = {"datasource": {"id": 0, "type": "table"}, "force": False, "queries": [query], "result_format": "json"}
    return {
        "slice_name": title,
        "description": text,
        "viz_type": kind,
        "params": {"viz_type": kind, "adhoc_filters": simple, "row_limit": query["row_limit"], **looks},
        # what Superset asks for by itself, without a browser: for reports, and GET /api/v1/chart/<id>/data/
        "query_context": json.dumps(context),
        "uuid": uuid_of(chart_file(name)),
        "version": VERSION,
        "dataset_uuid": uuid_of(dataset_file(mart)),
    }


def _is(column: str, value: str) -> dict[str, Any]:
    return {"col": column, "op": "==", "val": value}


def _within(column: str) -> dict[str, Any]:
    """No period: where the dashboard's filter puts the one that is chosen."""
    return {"col": column, "op": "TEMPORAL_RANGE", "val": ALL_TIME}


def _position(tabs: Mapping[str, list[tuple[str, int, int]]], described: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of the page: rows of at most twelve columns in each tab."""
    place: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["TABS-steps"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": TITLE}},
        "TABS-steps": {"type": "TABS", "id": "TABS-steps", "children": [], "parents": ["ROOT_ID"], "meta": {}},
    }

    def put(kind: str, name: str, parent: str, meta: dict[str, Any]) -> str:
        each = f"{kind}-{name}"
        parents = [*place[parent]["parents"], parent]
        place[each] = {"type": kind, "id": each, "children": [], "parents": parents, "meta": meta}
        place[parent]["children"].append(each)
        return each

    number = 0
    for title, shown in tabs.items():
        tab = put("TAB", title.lower(), "TABS-steps", {"text": title})
        left, row = 0, tab
        for file, width, height in shown:
            number += 1
            if width > left:
                left, row = 12, put("ROW", f"{title.lower()}-{number}", tab, {"background": "BACKGROUND_TRANSPARENT"})
            left -= width
            name = file.removeprefix("charts/").removesuffix(".yaml")
            meta = {"chartId": number, "uuid": described[file]["uuid"], "sliceName": described[file]["slice_name"]}
            put("CHART", name, row, {**meta, "width": width, "height": height})
    return place


def _filter(column: str, title: str) -> dict[str, Any]:
    return {
        "id": f"NATIVE_FILTER-{column}",
        "name": title,
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"column": {"name": column}, "datasetUuid": uuid_of(dataset_file(STAGES))}],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "cascadeParentIds": [],
        "controlValues": {"multiSelect": True, "enableEmptyFilter": False, "searchAllOptions": False, "inverseSelection": False},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
    }  # fmt: skip


def _time_filter() -> dict[str, Any]:
    return {
        "id": "NATIVE_FILTER-period",
        "name": "Period",
        "type": "NATIVE_FILTER",
        "filterType": "filter_time",
        "targets": [{}],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "cascadeParentIds": [],
        "controlValues": {"enableEmptyFilter": False},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
    }
