"""The lifecycle marts on the demo data against plain recomputations from stays and days, and planted faults.

The recomputations share no code with the models: heads are counted on customer-days, survival is a loop over durations,
journeys are walked customer by customer.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from oracle.runs import NAME, run_dbt
from oracle.runs import demo as demo_in

from lifecycle_tools.build import PROJECT_DIR

SLICES = ["acquisition_channel", "country_code", "segment"]
SELECTION = ["+models/marts/lifecycle", "stg_identity__erasure_requests"]
ONE_DAY = timedelta(days=1)


class Marts:
    """The finished build of the demo data, and its marts as data frames."""

    def __init__(self, directory: Path) -> None:
        self.settings: dict[str, Any] = {
            "raw_data_dir": PROJECT_DIR / "seeds" / "demo",
            "warehouse_path": directory / NAME,
            "as_of_date": "",
            "dbt_target_path": directory / "target",
            "dbt_log_path": directory / "logs",
        }

    def rows(self, query: str) -> list[tuple]:
        """Give all rows of a query."""
        with duckdb.connect(str(self.settings["warehouse_path"]), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def frame(self, query: str) -> pd.DataFrame:
        """Give all rows of a query; dates are ``datetime.date``, missing ones None."""
        with duckdb.connect(str(self.settings["warehouse_path"]), read_only=True) as connection:
            cursor = connection.execute(query)
            return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description], dtype=object)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    """Build the demo data once."""
    directory = tmp_path_factory.mktemp("lifecycle_marts")
    demo_in(directory, "UTC")
    return Marts(directory)


@pytest.fixture(scope="module")
def as_of(marts: Marts) -> date:
    """Give the last day published."""
    return marts.rows("select max(date_day) from marts.customer_stages_daily")[0][0]


@pytest.fixture(scope="module")
def ids(marts: Marts) -> dict[str, dict[str, Any]]:
    """Give the rows of customer_ids by id, with the attributes of each, which merged ids had, too."""
    query = (
        "select ids.*, attributes.* exclude (customer_key, brand) from marts.customer_ids as ids "
        "inner join intermediate.int_customers as customers on ids.customer_id = customers.customer_id "
        "inner join intermediate.int_customer_dimensions as attributes using (customer_key)"
    )
    return {row["customer_id"]: row for row in marts.frame(query).to_dict("records")}


@pytest.fixture(scope="module")
def stays(marts: Marts) -> dict[str, list[dict[str, Any]]]:
    """Give the stays that have begun, in order, by customer."""
    stays = defaultdict(list)
    query = "select * from marts.customer_stage_intervals where not is_scheduled order by customer_id, valid_from"
    for row in marts.frame(query).to_dict("records"):
        stays[row["customer_id"]].append(row)
    return stays


@pytest.fixture(scope="module")
def customers(marts: Marts) -> dict[str, dict[str, Any]]:
    """Give the rows of lifecycle_customers by id."""
    return {
        row["customer_id"]: row for row in marts.frame("select * from marts.lifecycle_customers").to_dict("records")
    }


@pytest.fixture(scope="module")
def journeys(ids: dict[str, dict], stays: dict[str, list[dict]]) -> dict[str, list[tuple[date, str]]]:
    """Walk each living customer's steps (first day, stage): its stays and, before them, those of ids it absorbed."""
    survivors = {}
    for customer in ids:
        survivor = customer
        while survivor is not None and ids[survivor]["merged_date"] is not None:
            survivor = ids[survivor]["merged_into_customer_id"]
        survivors[customer] = survivor
    found: dict[str, list[tuple[date, str]]] = {}
    for customer, own in stays.items():
        if survivors[customer] != customer:
            continue
        steps = [(stay["valid_from"], stay["stage"]) for stay in own]
        for other, survivor in survivors.items():
            if survivor == customer and other != customer:
                steps += [
                    (stay["valid_from"], stay["stage"])
                    for stay in stays.get(other, ())
                    if stay["valid_from"] < own[0]["valid_from"]
                ]
        steps.sort(key=lambda step: step[0])
        found[customer] = [step for place, step in enumerate(steps) if place == 0 or steps[place - 1][1] != step[1]]
    return found


def slice_of(customer: dict[str, Any]) -> tuple[str, ...]:
    """Brand and slices of a customer."""
    return (customer["brand"], *(customer[column] for column in SLICES))


def test_funnel_is_what_customer_days_say(marts: Marts, ids: dict[str, dict], as_of: date) -> None:
    """Openings, entries, exits and closings, counted on the days of each customer."""
    stage_on = {
        (customer, day): stage
        for customer, day, stage in marts.rows("select customer_id, date_day, stage from marts.customer_stages_daily")
    }
    expected: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (customer, day), stage in stage_on.items():
        cell = slice_of(ids[customer])
        before, after = stage_on.get((customer, day - ONE_DAY)), stage_on.get((customer, day + ONE_DAY))
        expected[(day, stage, *cell)][3] += 1
        expected[(day, stage, *cell)][1] += before != stage
        if day < as_of:
            expected[(day + ONE_DAY, stage, *cell)][0] += 1
            expected[(day + ONE_DAY, stage, *cell)][2] += after != stage
    columns = ["date_day", "stage", "brand", *SLICES]
    funnel = marts.frame("select * from marts.stage_funnel_daily")
    counts = ["opening_count", "entered_count", "exited_count", "closing_count"]
    got = {tuple(row[name] for name in columns): [row[name] for name in counts] for row in funnel.to_dict("records")}
    assert len(got) == len(funnel)
    assert got == dict(expected)


def test_transitions_are_what_neighbouring_days_say(marts: Marts, as_of: date) -> None:
    """Each day's stage against the day before, first days from new and last days to merged."""
    stage_on = {
        (customer, day): stage
        for customer, day, stage in marts.rows("select customer_id, date_day, stage from marts.customer_stages_daily")
    }
    expected: Counter = Counter()
    for (customer, day), stage in stage_on.items():
        before = stage_on.get((customer, day - ONE_DAY), "new")
        if before != stage:
            expected[day, before, stage] += 1
        if day < as_of and (customer, day + ONE_DAY) not in stage_on:
            expected[day + ONE_DAY, stage, "merged"] += 1
    got = marts.rows(
        "select date_day, from_stage, to_stage, sum(transition_count)::int "
        "from marts.stage_transitions_daily group by all"
    )
    assert {row[:3]: row[3] for row in got} == dict(expected)


def survival(durations: list[tuple[int, bool]]) -> list[tuple[int, float]]:
    """(days, share that stays longer) at each number of days after which a customer left: a plain loop."""
    curve, share = [], 1.0
    for days in sorted({days for days, is_completed in durations if is_completed}):
        at_risk = sum(1 for other, _ in durations if other >= days)
        left = sum(1 for other, is_completed in durations if is_completed and other == days)
        share *= 1 - left / at_risk
        curve.append((days, share))
    return curve


def test_durations_are_what_a_loop_over_days_says(
    marts: Marts, ids: dict[str, dict], stays: dict[str, list[dict]], as_of: date
) -> None:
    """Stays and their quantiles by stage and month, open and merged stays censored."""
    arrivals = {
        row[:2]: row[2:]
        for row in marts.rows(
            "select customer_id, arrived_on, stage, stage_reached_date from intermediate.int_customer_arrivals "
            "inner join intermediate.int_customers using (customer_key) order by arrived_on"
        )
    }
    links = defaultdict(list)
    for link in marts.frame(
        "select * from intermediate.int_identity_links where link_status = 'accepted'"
    ).itertuples():
        links[link.merged_person_id].append((link.linked_date, link.unlinked_date, link.canonical_person_id))

    def owner(customer: str, day: date) -> str:
        for linked, unlinked, canonical in links[customer]:
            if linked <= day < unlinked:
                return owner(canonical, day)
        return customer

    def reached_on(customer: str, stay: dict[str, Any]) -> date:
        start, last = stay["valid_from"], stay["valid_to"] or date.max
        for (who, day), (_, reached) in arrivals.items():
            if who == customer and stay["valid_from"] <= day < last:
                start = reached
        return start

    durations = defaultdict(list)
    merged = joined = 0
    for customer, own in stays.items():
        for place, stay in enumerate(own):
            start, last = reached_on(customer, stay), stay["valid_to"] or date.max
            is_completed = last <= as_of
            if is_completed:
                heir = owner(customer, last)
                is_merged = heir != customer
                stage, reached = arrivals.get((heir, last), (None, last))
                if is_merged and stage == stay["stage"]:
                    joined += 1
                    continue
                # who was not there the day before, but has another stage by what was done that day
                others = {other["valid_from"]: other for other in stays.get(heir, ())}
                ends = {other["valid_to"] for other in stays.get(heir, ())}
                has_begun = last in others and last not in ends and others[last]["stage"] != stay["stage"]
                is_completed = reached == last and (not is_merged or has_begun)
                if not is_completed and any(
                    other["stage"] == stay["stage"] and reached_on(customer, other) < last for other in own[place + 1 :]
                ):
                    continue
                merged += not is_completed
            end = min(last, as_of + ONE_DAY)
            durations[stay["brand"], stay["stage"], start.replace(day=1)].append(((end - start).days, is_completed))
    assert merged and joined
    expected = {}
    for cohort, observed in durations.items():
        curve = survival(observed)
        quantiles = [next((days for days, share in curve if share <= left + 1e-9), None) for left in (0.75, 0.5, 0.25)]
        expected[cohort] = (len(observed), sum(is_completed for _, is_completed in observed), *quantiles)
    got = {
        row[:3]: row[3:]
        for row in marts.rows(
            "select brand, stage, entry_month, stay_count, completed_count, p25, median_days, p75 "
            "from marts.stage_durations"
        )
    }
    assert any(value[4] is None and value[3] is not None for value in expected.values())
    assert got == expected


def test_cohorts_are_what_each_journey_says(
    marts: Marts, customers: dict[str, dict], journeys: dict, as_of: date
) -> None:
    """Cohort sizes, those who reached each stage, the eligible ones, and the median of the days it took."""
    stages = [stage for (stage,) in marts.rows("select stage from staging.lifecycle_stages")]
    cohorts = defaultdict(list)
    for customer, steps in journeys.items():
        cohorts[(steps[0][0].replace(day=1), *slice_of(customers[customer]))].append(steps)
    expected = {}
    for cohort, members in cohorts.items():
        for stage in stages:
            values: list[Any] = [len(members)]
            days = [
                (
                    next(((day - steps[0][0]).days for day, name in steps if name == stage), None),
                    (as_of - steps[0][0]).days,
                )
                for steps in members
            ]
            reached = [needed for needed, _ in days if needed is not None]
            values.append(len(reached))
            for horizon in (30, 90, 365):
                eligible = [needed for needed, seen in days if seen >= horizon]
                within = [needed for needed in eligible if needed is not None and needed <= horizon]
                rate = pytest.approx(len(within) / len(eligible)) if eligible else None
                values += [len(eligible), len(within), rate]
            values.append(pytest.approx(float(pd.Series(reached).median())) if reached else None)
            expected[(stage, *cohort)] = tuple(values)
    measures = "".join(
        f", eligible_{days}d_count, reached_within_{days}d_count, reached_within_{days}d_rate" for days in (30, 90, 365)
    )
    rows = marts.rows(
        f"select stage, first_seen_month, brand, {', '.join(SLICES)}, customer_count, reached_count{measures}, "
        "median_days_to_reach from marts.stage_conversion_cohorts"
    )
    got = {row[:6]: row[6:] for row in rows}
    assert len(got) == len(rows)
    assert got == expected


def test_journeys_are_what_each_customer_went_through(marts: Marts, customers: dict[str, dict], journeys: dict) -> None:
    """Paths and how many went them; the shares of a slice sum to 1."""
    expected: Counter = Counter()
    for customer, steps in journeys.items():
        stages = [stage for _, stage in steps]
        path = " > ".join(stages[:8]) + (" > ..." if len(stages) > 8 else "")
        expected[(path, *slice_of(customers[customer]))] += 1
    rows = marts.rows(f"select path, brand, {', '.join(SLICES)}, customer_count, share from marts.customer_journeys")
    assert {row[:5]: row[5] for row in rows} == dict(expected)
    shares: dict[tuple, float] = defaultdict(float)
    for row in rows:
        shares[row[1:5]] += row[6]
    assert all(share == pytest.approx(1) for share in shares.values())
    assert any(len(steps) > 8 for steps in journeys.values()), "the demo data hold no long journey"


def test_customers_stand_where_their_last_day_is(
    marts: Marts, customers: dict[str, dict], journeys: dict, as_of: date
) -> None:
    """Stage, flags and days in stage on the as-of date, first day seen, and what is scheduled."""
    today = {
        row["customer_id"]: row
        for row in marts.frame(f"select * from marts.customer_stages_daily where date_day = '{as_of}'").to_dict(
            "records"
        )
    }
    coming = {
        customer: (stage, day)
        for customer, stage, day in marts.rows(
            "select customer_id, arg_min(stage, valid_from), min(valid_from) from marts.customer_stage_intervals "
            "where is_scheduled group by 1"
        )
    }
    for customer, row in customers.items():
        state = today.get(customer)
        for column, name in [
            ("current_stage", "stage"),
            *((name, name) for name in ("stage_entered_date", "days_in_stage")),
        ]:
            assert row[column] == (state[name] if state else None), (customer, column)
        for flag in ("is_loyal", "is_advocate", "is_at_risk"):
            assert row[flag] == (state[flag] if state else None), (customer, flag)
        if customer in journeys:
            assert row["first_seen_date"] == journeys[customer][0][0], customer
            assert (row["next_scheduled_stage"], row["next_scheduled_date"]) == coming.get(customer, (None, None)), (
                customer
            )
        assert row["net_revenue_amount"] == row["revenue_amount"] - row["refunded_revenue_amount"]
    assert set(today) == set(journeys) == set(customers)


def test_channels_are_fixed_on_the_first_day(marts: Marts, tmp_path: Path, as_of: date) -> None:
    """As of an earlier day customers have the channel they have now: nothing learnt later but an erasure changes it."""
    earlier = as_of - timedelta(days=150)
    path = tmp_path / NAME
    settings = marts.settings | {"warehouse_path": path, "as_of_date": earlier.isoformat()}
    for arguments in (["seed"], ["run", "--select", "+lifecycle_customers", "+customer_stages_daily"]):
        result = run_dbt(arguments, **settings)
        assert result.success, result.problems
    query = "select customer_id, acquisition_channel from marts.lifecycle_customers where first_seen_date is not null"
    with duckdb.connect(str(path), read_only=True) as connection:
        then = dict(connection.execute(query).fetchall())
    now = dict(marts.rows(query))
    erased = marts.rows("select person_id from staging.stg_identity__erasure_requests where person_id is not null")
    compared = set(then) & set(now) - {person for (person,) in erased}
    assert len(compared) > 400
    changed = {customer: (then[customer], now[customer]) for customer in compared if then[customer] != now[customer]}
    assert not changed


FAULTS = {
    "assert_stage_periods_leave_no_gap_and_no_overlap": (
        "update intermediate.int_customer_stage_periods set valid_to = valid_to - 1 "
        "where valid_from = (select min(valid_from) from intermediate.int_customer_stage_periods)"
    ),
    "assert_customers_have_a_stage_on_every_day": (
        "delete from marts.customer_stages_daily where days_in_stage = 3 and date_day < '2024-03-01'"
    ),
    "assert_the_funnel_adds_up": (
        "update marts.stage_funnel_daily set closing_count = closing_count + 1, entered_count = entered_count + 1 "
        "where date_day = '2024-06-01'"
    ),
    "assert_the_funnel_counts_every_customer": (
        "update marts.stage_funnel_daily set opening_count = opening_count + 1, closing_count = closing_count + 1 "
        "where stage = 'retention'"
    ),
    "assert_stages_follow_each_other_as_allowed": (
        "update intermediate.int_stage_period_causes set cause_rank = 8 where cause_rank = 3"
    ),
    "assert_transitions_are_allowed": "update marts.stage_transitions_daily set to_stage = from_stage",
    "assert_journeys_and_cohorts_count_every_living_customer": (
        "update marts.customer_journeys set customer_count = customer_count + 1 where step_count = 1"
    ),
    "assert_customer_amounts_reconcile_with_orders": (
        "update marts.lifecycle_customers set revenue_amount = revenue_amount + 1 where current_stage = 'dormant'"
    ),
    "assert_every_touchpoint_has_a_channel": (
        "delete from intermediate.int_touchpoint_channels where channel = 'direct'"
    ),
}


def test_singular_tests_hold_on_the_demo_data(marts: Marts) -> None:
    """Every claim across models holds before a fault is planted."""
    result = run_dbt(["test", "--select", *FAULTS], **(marts.settings | {"raw_data_dir": ""}))
    assert result.success, result.problems
    assert sum(status == "pass" for status in result.statuses.values()) == len(FAULTS)


def test_ids_without_a_stage_are_found_among_the_ids(
    marts: Marts, ids: dict[str, dict], customers: dict[str, dict], journeys: dict
) -> None:
    """Each id is a customer, or leads to one, or says why it does not; a profile alone is no customer."""
    with_rows = {customer for (customer,) in marts.rows("select distinct customer_id from marts.customer_stages_daily")}
    for name, row in ids.items():
        last = name
        while last is not None and ids[last]["merged_date"] is not None:
            last = ids[last]["merged_into_customer_id"]
        assert row["current_customer_id"] == (last if last in customers else None)
        if row["merged_date"] is not None:
            assert row["id_status"] == ("test_account" if last is None else "merged")
        else:
            assert row["id_status"] == ("customer" if name in with_rows else "no_events")
    assert {name for name, row in ids.items() if row["id_status"] == "customer"} == set(customers)


@pytest.mark.parametrize("claim", FAULTS)
def test_a_planted_fault_is_found(claim: str, marts: Marts, tmp_path: Path) -> None:
    """Each singular test fails when what it claims is made untrue."""
    faulty = tmp_path / NAME
    shutil.copy(marts.settings["warehouse_path"], faulty)
    with duckdb.connect(str(faulty)) as connection:
        connection.execute(FAULTS[claim])
    result = run_dbt(["test", "--select", claim], **(marts.settings | {"warehouse_path": faulty, "raw_data_dir": ""}))
    assert not result.success
    assert any(claim in problem for problem in result.problems), result.problems
