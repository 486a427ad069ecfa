"""The subscription system: trials, paid periods, voluntary and involuntary ends, returns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dev.generate.columns import DAY, NEVER, flags, instants, moments, money, pick, table, text_ids
from dev.generate.people import People, landed
from dev.generate.shop import numbers
from dev.generate.world import CURRENCIES, PRICE_FACTORS, some

PLANS = ("basic", "plus", "plus_yearly")
PLAN_PRICES = np.array([990, 1_990, 1_660])  # cents of euro a month
CANCEL_REASONS = ("too_expensive", "not_used", "moved_away", "competitor", "quality", None)


def subscription_ids(people: People, rows: np.ndarray) -> pa.Array:
    """Subscription ids of rows of ``people.subscriptions``."""
    return text_ids("S", numbers(people.chunk, len(people.subscriptions))[rows])


def subscriptions(people: People) -> tuple[pa.Table, pa.Table]:
    """One row per subscription, a returning subscriber gets a new one; and the earlier versions of those that changed plan."""
    world, subs = people.world, people.subscriptions
    rng = world.rng("billing", people.chunk)
    count = len(subs)
    plan = np.where(subs.yearly, 2, (people.numbers[subs.person] % 3 == 0).astype(np.int64))
    reason = np.where(subs.involuntary, len(CANCEL_REASONS), rng.integers(0, len(CANCEL_REASONS), count))
    first, second = _changes_of_plan(world.rng("plans", people.chunk), people)
    other = np.where(plan == 0, 1, 0)
    now = np.where((first < NEVER) & (second == NEVER), other, plan)
    ended_already = np.where(subs.ended <= world.end, subs.ended, 0)
    changed = np.maximum.reduce([
        np.where(subs.trial_from < NEVER, subs.trial_from, 0), np.where(subs.started < NEVER, subs.started, 0),
        np.where(subs.cancelled < NEVER, subs.cancelled, 0), ended_already,
        np.where(first < NEVER, first, 0), np.where(second < NEVER, second, 0),
    ])  # fmt: skip
    deleted = np.full(count, NEVER)
    gone = some(
        rng, np.flatnonzero((subs.round == 0) & (changed < world.end - 60 * DAY) & (subs.started == NEVER)), 0.004, 1
    )
    deleted[gone] = changed[gone] + 30 * DAY
    loaded = landed(rng, world, changed)
    loaded = np.maximum(loaded, np.where(deleted < NEVER, (deleted // DAY + 1) * DAY + 7_200, 0))
    status = np.where(ended_already > 0, 2, np.where(subs.started < NEVER, 0, np.where(subs.cancelled < NEVER, 2, 1)))
    everything = np.arange(count)
    current = table("subscriptions", count, {
        **_terms(people, everything, now, changed),
        "status": pick(("active", "trialing", "canceled"), status),
        "ended_at": moments(subs.ended),
        "cancelled_at": moments(subs.cancelled),
        "cancel_reason": pick((*CANCEL_REASONS, "payment_failed"), reason, subs.cancelled == NEVER),
        "is_involuntary": flags(subs.involuntary, subs.cancelled == NEVER),
        "loaded_at": instants(loaded),
        "deleted_at": moments(deleted),
    })  # fmt: skip
    # What the system said before: the first plan from the start on, the second until the next change or the cancellation.
    before = np.flatnonzero(first < NEVER)
    between = np.flatnonzero((first < NEVER) & (changed > first))
    row = np.concatenate([before, between])
    then = np.concatenate([plan[before], other[between]])
    since = np.concatenate([subs.started[before], first[between]])
    earlier = table("subscriptions", len(row), {
        **_terms(people, row, then, since),
        "status": pick(("active",), np.zeros(len(row))),
        "loaded_at": instants(landed(world.rng("versions of plans", people.chunk), world, since)),
    })  # fmt: skip
    return current, earlier


def _terms(people: People, rows: np.ndarray, plan: np.ndarray, since: np.ndarray) -> dict[str, pa.Array]:
    """What all versions of a subscription say: whose it is, and the plan and price that hold since a moment."""
    subs = people.subscriptions
    person = subs.person[rows]
    price = np.rint(PLAN_PRICES[plan] * PRICE_FACTORS[people.currency[person]]).astype(np.int64)
    trial = subs.trial_from[rows]
    return {
        "brand": people.brands(person),
        "subscription_id": subscription_ids(people, rows),
        "customer_id": people.customer_ids(person),
        "plan": pick(PLANS, plan),
        "trial_started_at": moments(trial),
        "trial_ended_at": moments(np.where(trial < NEVER, subs.trial_to[rows], NEVER)),
        "started_at": moments(subs.started[rows]),
        "monthly_amount": money(price),
        "currency": pick(CURRENCIES, people.currency[person]),
        "updated_at": moments(since),
    }


def _changes_of_plan(rng: np.random.Generator, people: People) -> tuple[np.ndarray, np.ndarray]:
    """When subscribers took the other monthly plan, and when some went back; ``NEVER`` for the rest."""
    subs, count = people.subscriptions, len(people.subscriptions)
    room = np.minimum(np.minimum(subs.cancelled, subs.ended), people.world.end) - subs.started
    first, second = np.full(count, NEVER), np.full(count, NEVER)
    change = some(rng, np.flatnonzero((subs.started < NEVER) & ~subs.yearly & (room > 70 * DAY)), 0.4, 4)
    share, again = rng.uniform(0.2, 0.5, len(change)), rng.random(len(change)) < 0.35
    first[change] = subs.started[change] + (room[change] * share).astype(np.int64)
    back = change[again]
    second[back] = subs.started[back] + (room[back] * rng.uniform(0.6, 0.95, len(back))).astype(np.int64)
    return first, second
