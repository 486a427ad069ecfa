"""Stages and flags of thousands of random histories: what the models publish is what the evaluator says, day by day.

``LIFECYCLE_HISTORIES`` (default 2000) says how many histories, ``LIFECYCLE_SEED`` (default 1) which ones.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from conftest import LIFECYCLE_MODELS
from oracle import histories
from oracle.causes import Causes
from oracle.comparison import Expectation, describe_rows
from oracle.raw_files import merge_raw_data

HISTORIES = int(os.environ.get("LIFECYCLE_HISTORIES", "2000"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
HORIZON_DAYS = 400


@dataclass(frozen=True)
class Run:
    """One build of random histories beside what is expected of it."""

    expectation: Expectation
    warehouse: object

    def intervals(self) -> list[tuple]:
        """The published stays, in order."""
        return self.warehouse.rows(
            "select customer_id, stage, valid_from, valid_to, previous_stage, is_scheduled, rule, caused_by_table, "
            "caused_by_row, brand from marts.customer_stage_intervals order by customer_id, valid_from"
        )


@pytest.fixture(scope="module")
def run(builder) -> Run:
    """All histories in one build, and their evaluation."""
    made = histories.random_histories(SEED, HISTORIES)
    warehouse = builder.build(
        "property",
        merge_raw_data(made),
        as_of_date=histories.AS_OF_DATE,
        thresholds=histories.THRESHOLDS,
        time_zones=histories.TIME_ZONES,
        models=(*LIFECYCLE_MODELS, "int_customer_arrivals"),
    )
    return Run(Expectation(made, histories.SETTINGS, HORIZON_DAYS), warehouse)


def test_the_histories_are_worth_it(run: Run) -> None:
    """Every stage and flag occurs, and so do links, conflicts, cycles and shared identifiers: no empty agreement."""
    from oracle.evaluator import RawWorld

    seen: Counter[str] = Counter()
    for days in run.expectation.days.values():
        for state in days.values():
            seen[state.stage] += 1
            seen["is_loyal"] += state.is_loyal
            seen["is_advocate"] += state.is_advocate
            seen["is_at_risk"] += state.is_at_risk
    for raw in run.expectation.histories:
        world = RawWorld(raw, histories.SETTINGS)
        for name in ("links", "conflicts", "cycles", "shared_since", "test_accounts"):
            seen[name] += len(getattr(world, name))
        seen["undone"] += sum(link.end <= histories.AS_OF_DATE for link in world.links)
    for days in run.expectation.days.values():
        seen["returned"] += max(days) - min(days) >= len(days)
    stages = ("churned", "reactivated", "advocacy", "loyalty", "retention", "conversion", "dormant", "engagement")
    flags = ("is_loyal", "is_advocate", "is_at_risk")
    oddities = ("links", "conflicts", "cycles", "shared_since", "test_accounts", "undone", "returned")
    assert not [name for name in (*stages, "discovery", *flags, *oddities) if not seen[name]], seen


def test_stages_and_flags_of_every_day(run: Run) -> None:
    """customer_stages_daily has the expected row for every customer-day, and no other row."""
    got: dict[str, dict[int, tuple]] = {}
    rows = run.warehouse.rows(
        "select customer_id, date_day, stage, stage_entered_date, days_in_stage, is_stage_entry, is_loyal, "
        "is_advocate, is_at_risk from marts.customer_stages_daily"
    )
    for customer, day, stage, entered, *rest in rows:
        got.setdefault(customer, {})[day.toordinal()] = (stage, str(entered), *rest)
    expected = run.expectation.published(
        lambda day, state: (
            state.stage,
            str(date.fromordinal(state.stage_entered)),
            day - state.stage_entered,
            day == state.stage_entered,
            state.is_loyal,
            state.is_advocate,
            state.is_at_risk,
        )
    )
    expected = {customer: days for customer, days in expected.items() if days}
    difference = run.expectation.differences(expected, got)
    assert not difference, difference
    assert len(rows) == sum(len(days) for days in expected.values()), "a customer has two rows for one day"


def test_brand_of_every_row_is_that_of_the_customer(run: Run) -> None:
    """The brand column agrees with the brand in the customer id."""
    for model in ("customer_stages_daily", "customer_stage_intervals"):
        rows = run.warehouse.rows(f"select distinct brand, customer_id from marts.{model}")
        wrong = [
            (brand, customer)
            for brand, customer in rows
            if (customer.split(":")[0] if customer.split(":")[0] in histories.TIME_ZONES else "default") != brand
        ]
        assert not wrong, (model, wrong[:5])


def test_intervals_expanded_into_days(run: Run) -> None:
    """The stays, also those scheduled after the as-of date, cover exactly the expected days, each day once."""
    last = run.expectation.as_of + HORIZON_DAYS
    got: dict[str, dict[int, tuple]] = {}
    twice = []
    for customer, stage, valid_from, valid_to, *_ in run.intervals():
        days = got.setdefault(customer, {})
        end = last if valid_to is None else min(valid_to.toordinal() - 1, last)
        for day in range(valid_from.toordinal(), end + 1):
            if day in days:
                twice.append((customer, date.fromordinal(day)))
            days[day] = (stage, str(valid_from))
    expected = run.expectation.scheduled(lambda day, state: (state.stage, str(date.fromordinal(state.stage_entered))))
    got = {customer: days for customer, days in got.items() if days}
    difference = run.expectation.differences(expected, got)
    assert not difference, difference
    assert not twice, twice[:5]


def test_previous_stage_and_scheduled_mark_of_each_stay(run: Run) -> None:
    """previous_stage is the stage of the day before, null at first; a stay from after the as-of date is scheduled."""
    for customer, stage, valid_from, valid_to, previous, is_scheduled, *_ in run.intervals():
        day = valid_from.toordinal()
        if day > run.expectation.as_of + HORIZON_DAYS:
            continue
        before = run.expectation.days.get(customer, {}).get(day - 1)
        told = (customer, stage, valid_from)
        assert previous == (before.stage if before else None), told
        assert is_scheduled == (day > run.expectation.as_of), told
        assert valid_to is None or valid_to > valid_from, told


def test_current_state_of_each_customer(run: Run) -> None:
    """lifecycle_customers repeats the as-of day of each customer in the population, and what is scheduled next."""
    rows = run.warehouse.rows(
        "select customer_id, current_stage, stage_entered_date, days_in_stage, is_loyal, is_advocate, is_at_risk, "
        "next_scheduled_stage, next_scheduled_date from marts.lifecycle_customers where current_stage is not null"
    )
    as_of = run.expectation.as_of
    got = {
        customer: {as_of: (stage, str(entered), *rest[:-1], str(rest[-1]))} for customer, stage, entered, *rest in rows
    }
    expected = {}
    for customer, days in run.expectation.days.items():
        state = days.get(as_of)
        if state is None:
            continue
        later = [(days[day].stage, date.fromordinal(day)) for day in sorted(days) if day > as_of]
        following = next((item for item in later if item[0] != state.stage), (None, None))
        expected[customer] = {
            as_of: (
                state.stage,
                str(date.fromordinal(state.stage_entered)),
                as_of - state.stage_entered,
                state.is_loyal,
                state.is_advocate,
                state.is_at_risk,
                following[0],
                str(following[1]),
            )
        }
    horizon = date.fromordinal(as_of) + timedelta(days=HORIZON_DAYS)
    for days in got.values():
        for day, state in days.items():
            if state[-1] > str(horizon) and state[-1] != "None":
                days[day] = (*state[:-2], None, "None")
    difference = run.expectation.differences(expected, got)
    assert not difference, difference


def test_cause_of_each_stay(run: Run) -> None:
    """caused_by_table and caused_by_row cite a row of the first class that has one for that day; rule is given."""
    stays: dict[int, list[tuple]] = {}
    for row in run.intervals():
        if row[0] in run.expectation.history_of and row[2].toordinal() <= run.expectation.as_of + HORIZON_DAYS:
            stays.setdefault(run.expectation.history_of[row[0]], []).append(row)
    wrong: dict[int, list[str]] = {}
    for number, rows in stays.items():
        causes = Causes(run.expectation.histories[number], histories.SETTINGS)
        for customer, stage, valid_from, _, previous, _, rule, table, key, _ in sorted(rows, key=lambda row: row[2]):
            name, allowed = causes.of(customer, stage, valid_from)
            if (table, key) not in allowed or not rule:
                wrong.setdefault(number, []).append(
                    f"  {customer} {previous} -> {stage} on {valid_from}: expected ({name}) one of {sorted(allowed)}, "
                    f"got {table} {key}, rule {rule}"
                )
    if wrong:
        total = sum(len(lines) for lines in wrong.values())
        smallest = min(wrong, key=lambda number: sum(map(len, run.expectation.histories[number].values())))
        rows = describe_rows(run.expectation.histories[smallest])
        pytest.fail(
            f"{total} stays in {len(wrong)} histories; smallest: history {smallest}\n{rows}\n"
            + "\n".join(wrong[smallest]),
            pytrace=False,
        )


def test_a_person_has_been_in_a_stage_since_the_joined_history_says_so(run: Run) -> None:
    """Where an id came over and the state changed: back from that day, by the events known on it, for as long as it held."""
    from oracle.evaluator import Facts, RawWorld, state

    arrivals: dict[str, list[tuple]] = defaultdict(list)
    for customer, *row in run.warehouse.rows(
        "select customer_id, arrived_on, stage, stage_reached_date, at_risk_date, to_be_asked_date "
        "from intermediate.int_customer_arrivals inner join intermediate.int_customers using (customer_key)"
    ):
        arrivals[customer].append(row)
    compared = earlier = 0
    for raw in run.expectation.histories:
        world = RawWorld(raw, histories.SETTINGS)
        people = set(world.histories_on(histories.AS_OF_DATE))
        for link in world.links:
            people |= {link.survivor, *world.histories_on(max(link.day, date(1970, 1, 2)) - timedelta(days=1))}
        for customer in sorted(people & set(arrivals)):
            thresholds = histories.THRESHOLDS.get(world.segments.get(customer) or "default")
            thresholds = thresholds or histories.THRESHOLDS["default"]
            for day, stage, *dates in arrivals.pop(customer):
                if day > histories.AS_OF_DATE:
                    continue
                known = world.histories_on(day)[customer]

                def on(when: int, known=known, thresholds=thresholds) -> tuple[str, bool, bool] | None:
                    events = [event for event in known if event.day <= when]
                    if not events:
                        return None
                    stage, is_loyal, is_advocate, is_at_risk = state(Facts(events, thresholds), when, thresholds)
                    return stage, is_at_risk, is_loyal and not is_advocate and not is_at_risk

                at_last = on(day.toordinal())
                assert at_last is not None and at_last[0] == stage, (customer, day)
                for place in range(3):
                    if place and not at_last[place]:
                        continue
                    since = day.toordinal()
                    while (before := on(since - 1)) is not None and before[place] == at_last[place]:
                        since -= 1
                    assert dates[place] == date.fromordinal(since), (customer, day, stage, place, at_last)
                    earlier += since < day.toordinal()
                compared += 1
    assert not arrivals
    assert compared > HISTORIES / 20 and earlier > HISTORIES / 40, (compared, earlier)
