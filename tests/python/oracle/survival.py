"""Kaplan-Meier curves in plain Python: one product over days, one customer at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt


@dataclass(frozen=True)
class Point:
    """One day of a curve, as ``survival_curves`` publishes it."""

    at_risk: int
    events: int
    censored: int
    survival: float
    standard_error: float | None
    lower: float | None
    upper: float | None


def curve(observed: Iterable[tuple[int, bool]]) -> dict[int, Point]:
    """The curve of customers, each with the days observed and whether the event came on the last of them."""
    times = list(observed)
    days = sorted({0, max(day for day, _ in times)} | {day for day, has_event in times if has_event})
    found, survival, greenwood = {}, 1.0, 0.0
    for number, day in enumerate(days):
        at_risk = sum(time >= day for time, _ in times)
        events = sum(time == day and has_event for time, has_event in times)
        until = days[number + 1] if number + 1 < len(days) else day + 1
        censored = sum(day <= time < until and not has_event for time, has_event in times)
        survival *= 1 - events / at_risk
        if events == at_risk:
            found[day] = Point(at_risk, events, censored, 0.0, None, None, None)
            break
        greenwood += events / (at_risk * (at_risk - events))
        found[day] = Point(
            at_risk, events, censored, survival, survival * sqrt(greenwood), *_interval(survival, greenwood)
        )
    return found


def _interval(survival: float, greenwood: float) -> tuple[float | None, float | None]:
    """The interval of log(-log S) carried back to S."""
    if survival == 1:
        return None, None
    middle, width = log(-log(survival)), 1.959963984540054 * sqrt(greenwood) / abs(log(survival))
    return exp(-exp(middle + width)), exp(-exp(middle - width))
