"""What differs between the stages and metrics as built and those under other thresholds, as rows and as lines of text."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import duckdb

from lifecycle_tools.whatif import WhatIfError
from lifecycle_tools.whatif.thresholds import Thresholds, segment_key

BEFORE = "whatif_before"  # the schema with what the last build had, beside what replaces it
MONTHS_SHOWN = 12
SAVE = (
    f"create schema {BEFORE}",
    f"create table {BEFORE}.customers as select brand, customer_id, current_stage, is_at_risk from marts.lifecycle_customers",
    f"create table {BEFORE}.intervals as "
    "select brand, customer_id, stage, valid_from, valid_to from marts.customer_stage_intervals",
    f"create table {BEFORE}.metrics as select * from marts.lifecycle_metrics_monthly where dimension_name = 'all'",
)
# Both sides have the same customers: no threshold decides who is known.
MOVES = f"""
    select
        brand, ids.threshold_segment, earlier.current_stage, later.current_stage, count(*),
        count(*) filter (earlier.is_at_risk), count(*) filter (later.is_at_risk)
    from {BEFORE}.customers as earlier
    full outer join marts.lifecycle_customers as later using (brand, customer_id)
    left join intermediate.int_customers as ids using (brand, customer_id)
    group by all order by all
"""
MONTH_ENDS = f"""
    with months as (
        select unnest(generate_series(min(valid_from), as_of_date, interval 1 month)) as any_day, as_of_date
        from {BEFORE}.intervals cross join staging.as_of_date
        group by as_of_date
    ),
    days as (
        select distinct unnest([last_day(any_day), as_of_date]) as date_day, as_of_date from months
    ),
    stages as (
        {{stages}}
    )
    select stages.brand, days.date_day, stages.stage, stages.new_stage, sum(stages.customer_count)
    from days
    inner join stages on stages.valid_from <= days.date_day and coalesce(stages.valid_to, date '9999-12-31') > days.date_day
    where days.date_day <= days.as_of_date
    group by all order by all
"""
# Periods in which a customer has the same two stages, counted: equal ones of many customers are one row.
PAIRS = f"""
    select
        earlier.brand, earlier.stage, later.stage as new_stage,
        greatest(earlier.valid_from, later.valid_from) as valid_from,
        least(coalesce(earlier.valid_to, date '9999-12-31'), coalesce(later.valid_to, date '9999-12-31')) as valid_to,
        count(*) as customer_count
    from {BEFORE}.intervals as earlier
    inner join marts.customer_stage_intervals as later
        on earlier.brand = later.brand and earlier.customer_id = later.customer_id
        and earlier.valid_from < coalesce(later.valid_to, date '9999-12-31')
        and later.valid_from < coalesce(earlier.valid_to, date '9999-12-31')
    group by all
"""
METRIC_MONTHS = f"""
    select
        brand, metric_id, month_date, earlier.value as value, later.value as new_value,
        -- a month without a row has no value, which is final as far as the other side is
        coalesce(earlier.is_mature, later.is_mature) and coalesce(later.is_mature, earlier.is_mature) as is_mature
    from {BEFORE}.metrics as earlier
    full outer join (select * from marts.lifecycle_metrics_monthly where dimension_name = 'all') as later
        using (brand, metric_id, month_date)
    order by all
"""
METRICS = f"""
    with months as (
        {METRIC_MONTHS}
    )
    select
        brand, metric_id, max(month_date) filter (is_mature),
        arg_max(struct_pack(a := value), month_date) filter (is_mature).a,
        arg_max(struct_pack(a := new_value), month_date) filter (is_mature).a,
        count(*) filter (abs(coalesce(new_value, 0) - coalesce(value, 0)) > 1e-9 * greatest(abs(value), abs(new_value), 1)
            or (value is null) <> (new_value is null))
    from months
    group by all order by all
"""
COLUMNS = (
    "topic",
    "brand",
    "segment",
    "date_day",
    "stage",
    "new_stage",
    "metric_id",
    "published_value",
    "whatif_value",
)


@dataclass(frozen=True)
class Move:
    """Customers of one brand and row of thresholds that are in one stage now and in another, or the same, then.

    ``at_risk`` of them are at risk now, and ``new_at_risk`` then.
    """

    brand: str
    segment: str
    stage: str
    new_stage: str
    count: int
    at_risk: int
    new_at_risk: int


@dataclass(frozen=True)
class Metric:
    """A metric of one brand: its values in the last month that is finished under both thresholds."""

    brand: str
    metric_id: str
    name: str
    unit: str
    month: date | None
    value: float | None
    new_value: float | None
    changed_months: int

    @property
    def is_changed(self) -> bool:
        """Whether the two values of the month differ by more than a rounding error of sums."""
        if self.value is None or self.new_value is None:
            return self.value is not self.new_value
        return abs(self.new_value - self.value) > 1e-9 * max(abs(self.value), abs(self.new_value), 1)


@dataclass(frozen=True)
class Comparison:
    """All that is found.

    ``month_ends``: brand, day, stage, new stage, customers. ``metric_months``, of the same metrics as ``metrics``: brand,
    metric, month, value, new value, and whether the month is finished under both thresholds.
    """

    as_of_date: date
    currency: str
    stages: Sequence[str]
    moves: Sequence[Move]
    month_ends: Sequence[tuple[str, date, str, str, int]]
    metrics: Sequence[Metric]
    metric_months: Sequence[tuple[str, str, date, float | None, float | None, bool]]

    @property
    def at_risk(self) -> tuple[int, int]:
        """Customers at risk now and then."""
        return sum(move.at_risk for move in self.moves), sum(move.new_at_risk for move in self.moves)


def save(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep what the last build had, in a copy of its warehouse, before it is built again."""
    for statement in SAVE:
        connection.execute(statement)


def compare(connection: duckdb.DuckDBPyConnection, of_stages: Iterable[str]) -> Comparison:
    """What is other now than what ``save`` kept; ``of_stages``: the marts that depend on stages."""
    moves = connection.execute(MOVES).fetchall()
    catalogue = {
        metric_id: (name, unit, model)
        for metric_id, name, unit, model in connection.execute(
            "select metric_id, name_en, unit, model from staging.metric_catalogue"
        ).fetchall()
    }
    marts = set(of_stages)
    metrics = [
        Metric(brand, metric_id, *catalogue[metric_id][:2], *values)
        for brand, metric_id, *values in connection.execute(METRICS).fetchall()
        if catalogue[metric_id][2] in marts or values[-1]
    ]
    place = {metric_id: number for number, metric_id in enumerate(catalogue)}
    listed = {metric.metric_id for metric in metrics}
    stages = connection.execute("select stage from staging.lifecycle_stages order by precedence desc").fetchall()
    (as_of_date,) = connection.execute("select as_of_date from staging.as_of_date").fetchone()
    currency = connection.execute("select any_value(currency) from marts.lifecycle_customers").fetchone()[0]
    return Comparison(
        as_of_date=as_of_date,
        currency=currency or "",
        stages=[stage for (stage,) in stages],
        moves=[Move(*row) for row in moves],
        month_ends=connection.execute(MONTH_ENDS.format(stages=PAIRS)).fetchall(),
        metrics=sorted(metrics, key=lambda metric: (place[metric.metric_id], metric.brand)),
        metric_months=[row for row in connection.execute(METRIC_MONTHS).fetchall() if row[1] in listed],
    )


def describe(found: Comparison, now: Thresholds, new: Thresholds) -> list[str]:
    """The comparison in lines of text."""
    return [
        *_thresholds(now, new),
        *_today(found),
        *_by(found, "segment", "segment of the thresholds"),
        *_by(found, "brand", "brand"),
        *_over_time(found),
        *_metrics(found),
    ]


@dataclass(frozen=True)
class RowChange:
    """A row of thresholds: ``kind`` is kept, new or gone; ``values``: of each threshold the value now and then."""

    segment: str
    kind: str
    values: Mapping[str, tuple[int, int]]

    @property
    def changes(self) -> dict[str, tuple[int, int]]:
        """The thresholds whose value is another."""
        return {name: (before, after) for name, (before, after) in self.values.items() if before != after}


def row_changes(now: Thresholds, new: Thresholds) -> list[RowChange]:
    """Both values of each row, whatever the case and blanks of its segment; a row that is not there has those of default."""
    earlier, later = ({segment_key(name): values for name, values in each.items()} for each in (now, new))
    names = {segment_key(name): name for name in [*now, *new]}
    rows = []
    for key in [*later, *(each for each in earlier if each not in later)]:
        before, after = earlier.get(key, earlier["default"]), later.get(key, later["default"])
        kind = "new" if key not in earlier else "gone" if key not in later else "kept"
        rows.append(RowChange(names[key], kind, {name: (before[name], value) for name, value in after.items()}))
    return rows


def _thresholds(now: Thresholds, new: Thresholds) -> list[str]:
    about = {"kept": "", "new": " (a new row)", "gone": " (its row falls away)"}
    lines = [
        f"  {row.segment}{about[row.kind]}: {', '.join(changes) or 'the same values as now'}"
        for row in row_changes(now, new)
        if row.kind != "kept" or row.changes
        for changes in [[f"{name} {before} -> {after}" for name, (before, after) in row.changes.items()]]
    ]
    return ["Thresholds:", *(lines or ["  none is other than now"])]


def _today(found: Comparison) -> list[str]:
    pairs: Counter[tuple[str, str]] = Counter()
    for move in found.moves:
        pairs[move.stage, move.new_stage] += move.count
    total, moved = sum(pairs.values()), {pair: count for pair, count in pairs.items() if pair[0] != pair[1]}
    count = sum(moved.values())
    if not count:
        lines = ["", f"Customers by stage on {found.as_of_date}: no customer moves (of {total:,})."]
    else:
        who = f"{count:,} of {total:,} customers ({_percent(count, total)})"
        lines = ["", f"Customers by stage on {found.as_of_date}: {who} {'moves' if count == 1 else 'move'}.", ""]
        lines += [
            f"  {customers:>9,} from {stage} to {new_stage} ({_percent(customers, total_of)} of {stage})"
            for (stage, new_stage), customers in sorted(moved.items(), key=lambda item: (-item[1], item[0]))
            for total_of in [sum(number for pair, number in pairs.items() if pair[0] == stage)]
        ]
        lines += ["", *_matrix(found.stages, pairs)]
    before, after = found.at_risk
    if before != after:
        lines += [
            "",
            f"At risk, a flag beside the stage: {before:,} -> {after:,} customers ({_signed(after - before)}).",
        ]
    return lines


def _matrix(stages: Sequence[str], pairs: Counter[tuple[str, str]]) -> list[str]:
    """Stages now in rows, then in columns; without stages that have no customer."""
    there = [stage for stage in stages if any(stage in pair for pair in pairs)]
    widths = [max(len(stage), 7) + 2 for stage in there]
    head = "".join(f"{stage:>{width}}" for stage, width in zip(there, widths, strict=True))
    lines = [f"  {'now / then':<12}{head}{'now':>10}"]
    for stage in there:
        cells = [pairs[stage, new_stage] for new_stage in there]
        row = "".join(f"{f'{cell:,}' if cell else '.':>{width}}" for cell, width in zip(cells, widths, strict=True))
        lines.append(f"  {stage:<12}{row}{sum(cells):>10,}")
    sums = [sum(pairs[stage, new_stage] for stage in there) for new_stage in there]
    row = "".join(f"{cell:>{width},}" for cell, width in zip(sums, widths, strict=True))
    return [*lines, f"  {'then':<12}{row}{sum(sums):>10,}"]


def _by(found: Comparison, attribute: str, what: str) -> list[str]:
    customers: Counter[str] = Counter()
    moved: dict[str, Counter[str]] = {}
    for move in found.moves:
        name = getattr(move, attribute)
        customers[name] += move.count
        if move.stage != move.new_stage:
            moved.setdefault(name, Counter())[f"{move.stage} to {move.new_stage}"] += move.count
    if len(customers) < 2 or not moved:
        return []
    lines = ["", f"By {what}:"]
    for name, count in customers.most_common():
        moves = moved.get(name, Counter())
        words = ", ".join(f"{number:,} from {move}" for move, number in moves.most_common(3))
        more = f", and {len(moves) - 3} smaller moves" if len(moves) > 3 else ""
        lines.append(f"  {name}: {moves.total():,} of {count:,} move{f' ({words}{more})' if moves else ''}")
    return lines


def _over_time(found: Comparison) -> list[str]:
    lines = []
    for day, rows in groupby(sorted(found.month_ends, key=itemgetter(1)), key=itemgetter(1)):
        before, after, moved = Counter(), Counter(), 0
        for _, _, stage, new_stage, count in rows:
            before[stage] += count
            after[new_stage] += count
            moved += count if stage != new_stage else 0
        changes = [
            f"{stage} {before[stage]:,} -> {after[stage]:,} ({_signed(after[stage] - before[stage])})"
            for stage in found.stages
            if before[stage] != after[stage]
        ]
        lines.append((moved, f"  {day}  {moved:>9,} in another stage{': ' if changes else ''}{', '.join(changes)}"))
    if not any(moved for moved, _ in lines):
        return ["", "At the ends of months: no customer is in another stage, on none of them."]
    left_out = [moved for moved, _ in lines[:-MONTHS_SHOWN] if moved]
    earlier = f" (and {len(left_out)} earlier month ends with changes, which OUT=<file.csv> lists)" if left_out else ""
    return ["", f"At the ends of months{earlier}:", *(line for _, line in lines[-MONTHS_SHOWN:])]


def _metrics(found: Comparison) -> list[str]:
    """Each metric once, with the brands in which it changes; brands are named where there are several."""
    several = len({metric.brand for metric in found.metrics}) > 1
    changed, named = [], {"unchanged": [], "changed in other months alone": [], "no month is finished": []}
    for _, of_metric in groupby(found.metrics, key=lambda metric: metric.metric_id):
        metrics = list(of_metric)
        values = [_values(metric, found.currency, several) for metric in metrics if metric.month and metric.is_changed]
        if values:
            changed.append(f"  {metrics[0].name}: {'; '.join(values)}")
        elif not any(metric.month for metric in metrics):
            named["no month is finished"].append(metrics[0].name)
        else:
            earlier = any(metric.changed_months for metric in metrics)
            named["changed in other months alone" if earlier else "unchanged"].append(metrics[0].name)
    rest = [f"  {title}: {', '.join(names)}" for title, names in named.items() if names]
    return ["", "Metrics that depend on stages, in the last month that is finished:", *changed, *rest]


def _values(metric: Metric, currency: str, names_brand: bool) -> str:
    value, new_value = (_value(each, metric.unit, currency) for each in (metric.value, metric.new_value))
    brand = f" of {metric.brand}" if names_brand else ""
    return f"{value} -> {new_value}{_difference(metric)} in {metric.month:%Y-%m}{brand}"


def _difference(metric: Metric) -> str:
    if metric.value is None or metric.new_value is None:
        return ""
    change = metric.new_value - metric.value
    if metric.unit == "rate":
        return f" ({100 * change:+.2f} points)"
    return f" ({100 * change / metric.value:+.1f} %)" if metric.value else f" ({change:+,.2f})"


def _value(value: float | None, unit: str, currency: str) -> str:
    if value is None:
        return "none"
    if unit == "rate":
        return f"{100 * value:.2f} %"
    if unit == "amount":
        return f"{value:,.2f} {currency}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"


def _signed(count: int) -> str:
    return f"{count:+,}"


def write_csv(found: Comparison, file: Path) -> None:
    """The whole comparison, a row each; whole or not there."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows(_rows(found))
        os.replace(partial, file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise WhatIfError(f"{file} cannot be written ({error.strerror}): say with OUT= where it may be.") from error


def _rows(found: Comparison) -> Iterable[dict[str, object]]:
    for move in found.moves:
        yield {
            "topic": "move", "brand": move.brand, "segment": move.segment, "date_day": found.as_of_date,
            "stage": move.stage, "new_stage": move.new_stage, "whatif_value": move.count,
        }  # fmt: skip
    for (brand, day), rows in groupby(found.month_ends, key=itemgetter(0, 1)):
        before, after = Counter(), Counter()
        for _, _, stage, new_stage, count in rows:
            before[stage] += count
            after[new_stage] += count
        for stage in found.stages:
            if before[stage] or after[stage]:
                yield {
                    "topic": "month_end", "brand": brand, "date_day": day, "stage": stage,
                    "published_value": before[stage], "whatif_value": after[stage],
                }  # fmt: skip
    for metric in found.metrics:
        yield {
            "topic": "metric", "brand": metric.brand, "date_day": metric.month, "metric_id": metric.metric_id,
            "published_value": metric.value, "whatif_value": metric.new_value,
        }  # fmt: skip
