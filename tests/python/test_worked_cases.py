"""Every worked case of the definitions, and every threshold at its boundary, through the real models in one build."""

from __future__ import annotations

from datetime import timedelta

import pytest
from oracle import worked_cases
from oracle.worked_cases import CASES, DAY_0, LAST_DAY, Case


@pytest.fixture(scope="module")
def warehouse(builder):
    """All cases in one build."""
    return builder.build(
        "worked_cases",
        worked_cases.raw_data(),
        as_of_date=worked_cases.AS_OF_DATE,
        thresholds=worked_cases.THRESHOLDS,
        time_zones=worked_cases.TIME_ZONES,
    )


@pytest.fixture(scope="module")
def published(warehouse) -> dict[str, dict[int, tuple]]:
    """Per customer: day number -> (stage, day the stage was entered, days in stage, is entry, flags held)."""
    rows = warehouse.rows(
        "select customer_id, date_day, stage, stage_entered_date, days_in_stage, is_stage_entry, is_loyal, "
        "is_advocate, is_at_risk from marts.customer_stages_daily"
    )
    days: dict[str, dict[int, tuple]] = {}
    for customer, day, stage, entered, in_stage, is_entry, *flags in rows:
        held = {name for name, value in zip(("is_loyal", "is_advocate", "is_at_risk"), flags, strict=True) if value}
        state = (stage, (entered - DAY_0).days, in_stage, is_entry, held)
        assert days.setdefault(customer, {}).setdefault((day - DAY_0).days, state) is state, (customer, day)
    return days


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_stages_by_day(case: Case, published: dict[str, dict[int, tuple]]) -> None:
    """Each customer of the case is in the stages written down, on those days and on no others."""
    for customer, runs in case.stages.items():
        expected = {}
        for stage, start, end in runs:
            for day in range(start, (LAST_DAY if end is None else end) + 1):
                expected[day] = (stage, start, day - start, day == start)
        got = {day: state[:4] for day, state in published.get(customer, {}).items()}
        assert _runs(got) == _runs(expected), customer


@pytest.mark.parametrize("case", [case for case in CASES if case.flags], ids=lambda case: case.name)
def test_flags_by_day(case: Case, published: dict[str, dict[int, tuple]]) -> None:
    """Each flag written down holds on those days and on no others."""
    for (customer, flag), runs in case.flags.items():
        expected = {day for start, end in runs for day in range(start, end + 1)}
        assert {day for day, state in published[customer].items() if flag in state[4]} == expected, (customer, flag)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_stays(case: Case, warehouse) -> None:
    """The stays begin and end where the runs do; one that goes on past the as-of date has no earlier end."""
    for customer, runs in case.stages.items():
        stays = warehouse.rows(
            "select stage, valid_from, valid_to, previous_stage from marts.customer_stage_intervals "
            "where customer_id = ? and not is_scheduled order by valid_from",
            [customer],
        )
        assert [(stage, (start - DAY_0).days) for stage, start, _, _ in stays] == [run[:2] for run in runs], customer
        assert [previous for *_, previous in stays] == [None, *(run[0] for run in runs[:-1])], customer
        for (_, _, valid_to, _), (_, _, end) in zip(stays, runs, strict=True):
            if end is None and customer in case.scheduled:
                assert valid_to == DAY_0 + timedelta(days=case.scheduled[customer][0][1]), customer
            elif end is None:
                assert valid_to is None or valid_to > DAY_0 + timedelta(days=LAST_DAY), customer
            else:
                assert valid_to == DAY_0 + timedelta(days=end + 1), customer


@pytest.mark.parametrize("case", [case for case in CASES if case.scheduled], ids=lambda case: case.name)
def test_scheduled_stays(case: Case, warehouse) -> None:
    """What will happen if the customer does nothing is published after the as-of date."""
    for customer, runs in case.scheduled.items():
        stays = warehouse.rows(
            "select stage, valid_from, valid_to from marts.customer_stage_intervals "
            "where customer_id = ? and is_scheduled order by valid_from",
            [customer],
        )
        expected = [
            (stage, DAY_0 + timedelta(days=start), None if end is None else DAY_0 + timedelta(days=end + 1))
            for stage, start, end in runs
        ]
        assert stays == expected, customer


def test_nobody_else_is_published(published: dict[str, dict[int, tuple]]) -> None:
    """There is no customer but those of the cases, the invited friends among them."""
    written = {customer for case in CASES for customer in case.stages}
    assert {customer for customer in published if not customer.endswith("_friend")} == written


def _runs(days: dict[int, tuple]) -> list[tuple]:
    """(stage, entered, first day, last day) of unbroken runs, with days whose count or mark is wrong left visible."""
    runs: list[list] = []
    for day in sorted(days):
        stage, entered, in_stage, is_entry = days[day]
        is_right = in_stage == day - entered and is_entry == (in_stage == 0)
        what = (stage, entered) if is_right else (stage, entered, in_stage, is_entry)
        if runs and runs[-1][0] == what and runs[-1][2] == day - 1:
            runs[-1][2] = day
        else:
            runs.append([what, day, day])
    return [tuple(run) for run in runs]
