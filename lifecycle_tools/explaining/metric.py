"""What a metric of the catalogue is made of in one month: mart, formula, both sides, and the customers behind them."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.explaining import DuckDB, ExplainError, Postgres, Working, seed_rows, table

SEMANTIC_LAYER = PROJECT_DIR / "models" / "metrics" / "semantic"
BEHIND = Path(__file__).parent / "behind.yml"
SHOWN = 20
BRANDS_SHOWN = 5
SIDES = ("numerator", "denominator")


@dataclass(frozen=True)
class Part:
    """One side of a metric: the sum of ``amount`` over the mart ``model`` in the month of ``month_column``."""

    measure: str
    model: str
    amount: str
    month_column: str
    columns: dict[str, str]
    entities: tuple[str, ...]


@dataclass(frozen=True)
class Metric:
    """A sum or a ratio of two sums, as the semantic layer says; ``condition`` is SQL, or empty."""

    name: str
    condition: str
    parts: tuple[Part, ...]

    @property
    def slices(self) -> list[str]:
        """By what the metric can be cut, the brand apart."""
        names = [name for name in self.parts[0].entities if name in self.parts[-1].entities]
        return [name for name in names if name != "brand"]


@cache
def metrics() -> dict[str, Metric]:
    """Every metric of the semantic layer that is no measure under its own name."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(SEMANTIC_LAYER.glob("*.yml"))]
    measures = {}
    for model in (each for file in files for each in file.get("semantic_models") or ()):
        columns = {each["name"]: each.get("expr") or each["name"] for each in model["entities"] + model["dimensions"]}
        for measure in model["measures"]:
            measures[measure["name"]] = Part(
                measure["name"],
                re.findall(r"'(\w+)'", model["model"])[-1],
                measure.get("expr") or measure["name"],
                columns[model["defaults"]["agg_time_dimension"]],
                columns,
                tuple(each["name"] for each in model["entities"]),
            )
    found = {}
    for metric in (each for file in files for each in file.get("metrics") or ()):
        inputs = metric["type_params"]
        names = [inputs["measure"]] if metric["type"] == "simple" else [inputs[side] for side in SIDES]
        condition = re.sub(r"\{\{\s*Dimension\('(?:\w+__)?(\w+)'\)\s*\}\}", r"\1", metric.get("filter") or "")
        found[metric["name"]] = Metric(metric["name"], condition, tuple(measures[name] for name in names))
    return found


def sums(metric: Metric, month: date, where: dict[str, str]) -> tuple[list[str], list[list[str]]]:
    """A query for each side, to read and to run, with its parameters."""
    queries, parameters = [], []
    for part in metric.parts:
        conditions = [f"{part.month_column} >= date '{month}' and {part.month_column} < date '{_next(month)}'"]
        conditions += [metric.condition] if metric.condition else []
        conditions += [f"{part.columns[name]} = ?" for name in where]
        queries.append(f"select sum({part.amount}) from marts.{part.model} where {' and '.join(conditions)}")
        parameters.append(list(where.values()))
    return queries, parameters


def explain_metric(
    source: DuckDB | Postgres, name: str, month: str, brand: str | None = None, segment: str | None = None
) -> list[str]:
    """The lines, brand by brand; ``ExplainError`` when there is no such metric, month, brand or segment."""
    metric = _known(name)
    first_day = _month(month)
    cut = ("segment", segment) if segment else ("all", "all")
    if segment and "segment" not in metric.slices:
        others = f": it is cut by {', '.join(metric.slices)}" if metric.slices else ""
        raise ExplainError(f"The metric {name} is not cut by segment{others}. Leave SEGMENT out.")
    published = source.marts(
        "select brand, numerator, denominator, value, is_mature from marts.lifecycle_metrics_monthly where metric_id = ? "
        f"and month_date = date '{first_day}' and dimension_name = ? and dimension_value = ? order by brand",
        [name, *cut],
    )
    if brand:
        published = [row for row in published if row[0] == brand]
    if not published:
        raise ExplainError(_no_value(source, name, first_day, brand, segment))
    if len(published) > BRANDS_SHOWN:
        raise ExplainError(
            f"{name} has {len(published)} brands in {month}: say which, for example BRAND={published[0][0]}."
        )
    ((as_of_date, run_id, currency),) = source.marts("select as_of_date, run_id, reporting_currency from publish_meta")
    catalogue = next(row for row in seed_rows("metric_catalogue") if row["metric_id"] == name)
    of_segment = f", segment {segment}" if segment else ""
    lines = [
        f"{catalogue['name_en']} ({name}) in {first_day:%Y-%m}{of_segment}, as of {as_of_date} (run {run_id})",
        "",
        f"Says:     {catalogue['definition_en']}",
        f"Mart:     {', '.join(dict.fromkeys(f'marts.{part.model}' for part in metric.parts))}",
        f"Formula:  {_formula(metric)}",
    ]
    with source.working() as working:
        for row in published:
            lines += _of_brand(
                source, working, metric, first_day, row, segment, as_of_date, catalogue["unit"], currency
            )
        if working.rows is None:
            lines += ["", working.without("the customers behind it")]
    return lines


def _known(name: str) -> Metric:
    known = metrics()
    if name not in known:
        near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
        meant = f"did you mean {' or '.join(near)}?" if near else "docs/metrics.md lists them."
        raise ExplainError(f"There is no metric {name}: {meant}")
    return known[name]


def _month(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}(-01)?", text or ""):
        raise ExplainError(f"MONTH={text} is no month: write it as 2026-05.")
    try:
        return date(int(text[:4]), int(text[5:7]), 1)
    except ValueError:
        raise ExplainError(f"MONTH={text} is no month: write it as 2026-05.") from None


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _no_value(source: Any, name: str, month: date, brand: str | None, segment: str | None) -> str:
    query = "select {} from marts.lifecycle_metrics_monthly where metric_id = ?"
    brands = [row[0] for row in source.marts(query.format("distinct brand") + " order by 1", [name])]
    if not brands:
        return f"The metric {name} has no value in any month: its raw tables brought nothing."
    if brand and brand not in brands:
        return f"The metric {name} has no brand {brand}: choose one of {', '.join(brands)}."
    if segment:
        found = source.marts(
            query.format("distinct dimension_value") + " and dimension_name = 'segment' order by 1", [name]
        )
        if segment not in [row[0] for row in found]:
            return f"The metric {name} has no segment {segment}: choose one of {', '.join(row[0] for row in found)}."
    ((first, last),) = source.marts(query.format("min(month_date), max(month_date)"), [name])
    return f"The metric {name} has no value in {month:%Y-%m}: it has from {first:%Y-%m} to {last:%Y-%m}."


def _formula(metric: Metric) -> str:
    text = " / ".join(f"sum({part.amount})" for part in metric.parts)
    return f"{text}, where {metric.condition}" if metric.condition else text


def _of_brand(
    source: Any, working: Working, metric: Metric, month: date, row: tuple, segment: str | None, as_of_date: date, unit: str,
    currency: str,
) -> list[str]:  # fmt: skip
    brand, *published, value, is_mature = row
    where = {"brand": brand} | ({"segment": segment} if segment else {})
    queries, parameters = sums(metric, month, where)
    lines = ["", f"Brand {brand}: {_value(value, unit, currency)}{'' if is_mature else ', which is not final yet'}"]
    for side, part, query, given, said in zip(SIDES, metric.parts, queries, parameters, published, strict=False):
        ((summed,),) = source.marts(query, given)
        as_said = "" if _equal(summed, said) else f" (published as {_number(said)}: please report it)"
        lines.append(f"  {side:<12}{part.measure} = {_number(summed)}{as_said}")
        for each in given:
            query = query.replace("?", "'" + str(each).replace("'", "''") + "'", 1)
        lines.append(f"  {'':<12}{query}")
    if working.rows is None:
        return lines
    for side, part in zip(SIDES, metric.parts, strict=False):
        if side == SIDES[1] and _entry(part) == _entry(metric.parts[0]):
            lines.append("Behind the denominator: the same.")
            continue
        lines += _behind(working, metric, part, side, month, where, as_of_date)
    return lines


def _equal(summed: Any, said: Any) -> bool:
    if summed is None or said is None:
        return summed is said
    return abs(float(summed) - float(said)) <= 1e-9 * max(1, abs(float(said)))


def _number(value: Any) -> str:
    if value is None:
        return "nothing yet"
    return f"{float(value):,.2f}".removesuffix(".00")


def _value(value: float | None, unit: str, currency: str) -> str:
    if value is None:
        return "no value"
    return {"rate": f"{100 * value:.2f} %", "amount": f"{value:,.2f} {currency}"}.get(unit, _number(value))


@cache
def behind() -> dict[str, dict[str, str]]:
    """Of each measure the query for the customers behind it, or why there are none."""
    return yaml.safe_load(BEHIND.read_text(encoding="utf-8"))


def _entry(part: Part) -> dict[str, str]:
    unsaid = {"no_customers": f"{BEHIND.name} does not say who {part.measure} counts"}
    return behind().get(part.measure, unsaid)


def customers_behind(
    working: Working, metric: Metric, part: Part, month: date, where: dict[str, str], as_of_date: date
) -> list[tuple] | None:
    """(customer, day, reason) of each row that the measure counts; none for a measure without people."""
    query = _entry(part).get("query")
    if query is None:
        return None
    values = {
        "start": f"date '{month}'",
        "next_month": f"date '{_next(month)}'",
        "last_day": f"date '{min(_next(month) - timedelta(days=1), as_of_date)}'",
        "as_of": f"date '{as_of_date}'",
        "end_of_time": "date '9999-12-31'",
        "stage": next(iter(re.findall(r"stage = '(\w+)'", metric.condition)), ""),
        "window_days": next(iter(re.findall(r"window_days = (\d+)", metric.condition)), "0"),
        "touchpoint_days": _touchpoint_days(),
    }
    conditions = " and ".join("people.brand = ?" if name == "brand" else f"dimensions.{name} = ?" for name in where)
    return working.rows(
        "select customers.customer_id, people.day, people.reason "
        f"from ({query.format(**values)}) as people "
        "left join intermediate.int_customers as customers on people.customer_key = customers.customer_key "
        "left join intermediate.int_customer_dimensions as dimensions on people.customer_key = dimensions.customer_key "
        f"where {conditions} order by people.day desc, customers.customer_id, people.reason",
        list(where.values()),
    )


def _touchpoint_days() -> str:
    """The setting, as a build in this environment would read it."""
    given = os.environ.get("TOUCHPOINT_CONVERSION_DAYS", "")
    text = (PROJECT_DIR / "macros" / "settings.sql").read_text(encoding="utf-8")
    default = re.search(r"'touchpoint_conversion_days': \['\w+', '?(\d+)'?", text)
    return given if given.isdecimal() else default[1]


def _behind(
    working: Working, metric: Metric, part: Part, side: str, month: date, where: dict[str, str], as_of_date: date
) -> list[str]:
    rows = customers_behind(working, metric, part, month, where, as_of_date)
    if rows is None:
        return [f"Behind the {side}: {_entry(part)['no_customers']}."]
    known = {customer for customer, *_ in rows if customer}
    unknown = sum(customer is None for customer, *_ in rows)
    also = f", and {unknown:,} rows without a known customer" if unknown else ""
    of_rows = f" in {len(rows) - unknown:,} rows" if len(rows) - unknown != len(known) else ""
    lines = [f"Behind the {side}: {len(known):,} customers{of_rows}{also}{_first(rows)}"]
    return lines + table([row for row in rows if row[0]][:SHOWN], "    ")


def _first(rows: Sequence[tuple]) -> str:
    return f"; the latest {SHOWN}:" if sum(row[0] is not None for row in rows) > SHOWN else ""
