"""What was published beside what the evaluator says, and a readable account of the smallest history that differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from .evaluator import CustomerDay, Settings, evaluate

RawRows = Mapping[str, list[Mapping[str, Any]]]
# Per customer id: per day (ordinal), whatever is compared.
Days = Mapping[str, Mapping[int, Any]]


class Expectation:
    """The evaluated histories of one raw data set, and which history each customer belongs to."""

    def __init__(self, histories: Sequence[RawRows], settings: Settings, horizon_days: int) -> None:
        self.histories = histories
        self.settings = settings
        self.as_of = settings.as_of_date.toordinal()
        self.days: dict[str, dict[int, CustomerDay]] = {}
        self.history_of: dict[str, int] = {}
        for number, raw in enumerate(histories):
            for customer, days in evaluate(raw, settings, horizon_days).items():
                if customer in self.days:
                    raise ValueError(f"customer {customer} is in two histories")
                self.days[customer] = days
                self.history_of[customer] = number

    def published(self, select: Callable[[int, CustomerDay], Any]) -> dict[str, dict[int, Any]]:
        """``select(day, state)`` of each customer-day up to the as-of date."""
        return {
            customer: {day: select(day, state) for day, state in days.items() if day <= self.as_of}
            for customer, days in self.days.items()
        }

    def scheduled(self, select: Callable[[int, CustomerDay], Any]) -> dict[str, dict[int, Any]]:
        """``select(day, state)`` of each customer-day, also past the as-of date."""
        return {
            customer: {day: select(day, state) for day, state in days.items()} for customer, days in self.days.items()
        }

    def differences(self, expected: Days, got: Days) -> str:
        """An empty string when all is equal, else how many histories differ and the smallest of them in full."""
        customers = sorted({*expected, *got})
        differing = [who for who in customers if dict(expected.get(who, {})) != dict(got.get(who, {}))]
        if not differing:
            return ""
        by_history: dict[int | None, list[str]] = {}
        for who in differing:
            by_history.setdefault(self.history_of.get(who), []).append(who)
        strangers = by_history.pop(None, [])
        message = [
            f"{len(by_history)} of {len(self.histories)} histories differ; {len(strangers)} unexpected customers"
        ]
        for who in strangers[:5]:
            message.append(f"customer {who} is in no history's expectation:")
            message.extend(_runs({}, got[who]))
        sizes = {number: sum(len(rows) for rows in self.histories[number].values()) for number in by_history}
        for number in sorted(by_history, key=lambda number: sizes[number])[:1]:
            message.append(f"smallest: history {number}, {sizes[number]} rows")
            message.append(describe_rows(self.histories[number]))
            for who in by_history[number]:
                message.append(f"customer {who}:")
                message.extend(_runs(expected.get(who, {}), got.get(who, {})))
        return "\n".join(message)


def describe_rows(raw: RawRows) -> str:
    """Raw rows as readable lines."""
    return "\n".join(
        f"  {table}: " + ", ".join(f"{name}={value}" for name, value in row.items())
        for table, rows in sorted(raw.items())
        for row in rows
    )


def _runs(expected: Mapping[int, Any], got: Mapping[int, Any]) -> Iterable[str]:
    days = sorted({*expected, *got})
    rows = [(day, expected.get(day, "no row"), got.get(day, "no row")) for day in days]
    for (want, have), run in groupby(rows, key=lambda row: row[1:]):
        run_days = [day for day, _, _ in run]
        mark = "   " if want == have else "-> "
        text = f"{want}" if want == have else f"expected {want}, got {have}"
        yield f"  {mark}{date.fromordinal(run_days[0])} to {date.fromordinal(run_days[-1])}: {text}"
