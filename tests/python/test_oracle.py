"""The naive evaluator itself is held to the hand-written cases, before anything is held to the evaluator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from oracle import histories, worked_cases
from oracle.evaluator import Settings, evaluate
from oracle.truncation import truncate

SETTINGS = Settings(
    as_of_date=worked_cases.AS_OF_DATE, thresholds=worked_cases.THRESHOLDS, time_zones=worked_cases.TIME_ZONES
)
HORIZON_DAYS = 400


@pytest.mark.parametrize("case", worked_cases.CASES, ids=lambda case: case.name)
def test_evaluator_agrees_with_the_worked_cases(case: worked_cases.Case) -> None:
    """Every stage of every day, entry dates and flags of each case, from its own rows alone."""
    tables: dict[str, list[dict]] = {}
    for table, row in case.rows:
        tables.setdefault(table, []).append(row)
    result = evaluate(tables, SETTINGS)
    first = worked_cases.DAY_0.toordinal()
    for customer, runs in case.stages.items():
        expected = {}
        for stage, start, end in runs:
            last = worked_cases.LAST_DAY if end is None else end
            expected |= {first + day: (stage, first + start) for day in range(start, last + 1)}
        got = {day: (state.stage, state.stage_entered) for day, state in result.get(customer, {}).items()}
        assert got == expected, customer
    far = evaluate(tables, SETTINGS, horizon_days=HORIZON_DAYS) if case.scheduled else {}
    for customer, runs in case.scheduled.items():
        horizon = worked_cases.LAST_DAY + HORIZON_DAYS
        for stage, start, end in runs:
            for day in range(start, (horizon if end is None else end) + 1):
                assert far[customer][first + day][:2] == (stage, first + start), (customer, day)
    assert not set(case.nobody) & set(result)
    for (customer, flag), runs in case.flags.items():
        expected_days = {first + day for start, end in runs for day in range(start, end + 1)}
        assert {day for day, state in result[customer].items() if getattr(state, flag)} == expected_days, flag


def test_published_customers_are_only_those_expected() -> None:
    """Only the customers of a case (and the friends who are not written down) have days."""
    result = evaluate(worked_cases.raw_data(), SETTINGS)
    written = {customer for case in worked_cases.CASES for customer in case.stages}
    assert {customer for customer in result if not customer.endswith("_friend")} == written
    assert max(day for days in result.values() for day in days) == date.toordinal(worked_cases.AS_OF_DATE)


@pytest.mark.parametrize("days_back", [0, 3, 11, 40, 90, 200])
def test_evaluator_does_not_look_ahead(days_back: int) -> None:
    """On data truncated at T, and on all data with T as the as-of date, every day up to T is what it is later on."""
    last_day = histories.AS_OF_DATE - timedelta(days=days_back)
    earlier = replace(histories.SETTINGS, as_of_date=last_day)
    for number in range(300):
        raw = histories.random_history(99, number)
        held_back = evaluate(raw, earlier, horizon_days=40)
        truncated = evaluate(truncate(raw, histories.SETTINGS, last_day), earlier, horizon_days=40)
        assert held_back == truncated, f"history {number} of seed 99"
        later = evaluate(raw, histories.SETTINGS)
        until = last_day.toordinal()
        later = {who: {day: it for day, it in days.items() if day <= until} for who, days in later.items()}
        published = {who: {day: it for day, it in days.items() if day <= until} for who, days in held_back.items()}
        assert {who: days for who, days in later.items() if days} == published, f"history {number} of seed 99"
