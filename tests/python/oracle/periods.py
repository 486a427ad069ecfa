"""Rows that tell of one thing several times: which of its periods they tell of, from the last version back to the first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any

Row = Mapping[str, Any]
# (row, column) -> the business date that stands there
Dates = Callable[[Row, str], date | None]


def last_first(rows: Iterable[Row], starts: str) -> list[list[Row]]:
    """The versions of each subscription or link, the latest first: by change, else by loading, else by start."""

    def age(row: Row) -> tuple[str, ...]:
        return tuple(_text(row.get(column)) for column in ("updated_at", "loaded_at", starts))

    key = {"started_at": "subscription_id", "linked_at": "link_id"}[starts]
    things: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        things.setdefault((row.get("brand") or "default", row[key]), []).append(row)
    return [sorted(versions, key=age, reverse=True) for versions in things.values()]


def paid_periods(rows: Iterable[Row], paid_start: Callable[[Row], date | None], date_of: Dates) -> list[Row]:
    """One row for each period in which a subscription was paid without a break, or for a subscription never paid.

    A version that ended before all later ones begin was true, and is over. One that ended on the day on which the next
    begins is that period's beginning.
    """
    found: list[Row] = []
    for current, *older in last_first(rows, "started_at"):
        periods = [dict(current)]
        begins = paid_start(current) or date_of(current, "trial_started_at") or date_of(current, "started_at")
        for version in older:
            start, end = paid_start(version), date_of(version, "ended_at")
            if start is not None and end is not None and begins is not None and end <= begins:
                if paid_start(periods[-1]) == end:
                    periods[-1]["started_at"] = version["started_at"]
                else:
                    periods.append(dict(version))
            told = start or date_of(version, "trial_started_at") or date_of(version, "started_at")
            begins = told if begins is None else min(begins, told or begins)
        for later, earlier in pairwise(periods):
            trial = date_of(later, "trial_started_at")
            if trial is not None and trial < date_of(earlier, "ended_at"):
                for column in ("trial_started_at", "trial_ended_at"):
                    later.pop(column, None)
        for period in periods:
            period["deleted_at"] = current.get("deleted_at")
        found += periods
    return found


def links_made(rows: Iterable[Row], date_of: Dates) -> list[Row]:
    """The last version of each link, and each earlier one that was undone before all later ones were made."""
    found: list[Row] = []
    for current, *older in last_first(rows, "linked_at"):
        found.append(current)
        made = date_of(current, "linked_at")
        for version in older:
            undone = date_of(version, "deleted_at")
            if undone is not None and undone <= made:
                found.append(version)
            made = min(made, date_of(version, "linked_at"))
    return found


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value or "")
