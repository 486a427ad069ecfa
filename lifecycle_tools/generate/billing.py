"""The subscription system: trials, paid periods, voluntary and involuntary ends, returns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from lifecycle_tools.generate.columns import DAY, NEVER, flags, instants, moments, money, pick, table, text_ids
from lifecycle_tools.generate.people import People, landed
from lifecycle_tools.generate.shop import numbers
from lifecycle_tools.generate.world import CURRENCIES, PRICE_FACTORS, some

PLANS = ("basic", "plus", "plus_yearly")
PLAN_PRICES = np.array([990, 1_990, 1_660])  # cents of euro a month
CANCEL_REASONS = ("too_expensive", "not_used", "moved_away", "competitor", "quality", None)


def subscription_ids(people: People, rows: np.ndarray) -> pa.Array:
    """Subscription ids of rows of ``people.subscriptions``."""
    return text_ids("S", numbers(people.chunk, len(people.subscriptions))[rows])


def subscriptions(people: People) -> pa.Table:
    """One row per subscription; a returning subscriber gets a new one."""
    world, subs = people.world, people.subscriptions
    rng = world.rng("billing", people.chunk)
    count = len(subs)
    plan = np.where(subs.yearly, 2, (people.numbers[subs.person] % 3 == 0).astype(np.int64))
    reason = np.where(subs.involuntary, len(CANCEL_REASONS), rng.integers(0, len(CANCEL_REASONS), count))
    price = np.rint(PLAN_PRICES[plan] * PRICE_FACTORS[people.currency[subs.person]]).astype(np.int64)
    ended_already = np.where(subs.ended <= world.end, subs.ended, 0)
    changed = np.maximum.reduce([
        np.where(subs.trial_from < NEVER, subs.trial_from, 0), np.where(subs.started < NEVER, subs.started, 0),
        np.where(subs.cancelled < NEVER, subs.cancelled, 0), ended_already,
    ])  # fmt: skip
    deleted = np.full(count, NEVER)
    gone = some(
        rng, np.flatnonzero((subs.round == 0) & (changed < world.end - 60 * DAY) & (subs.started == NEVER)), 0.004, 1
    )
    deleted[gone] = changed[gone] + 30 * DAY
    loaded = landed(rng, world, changed)
    loaded = np.maximum(loaded, np.where(deleted < NEVER, (deleted // DAY + 1) * DAY + 7_200, 0))
    return table("subscriptions", count, {
        "brand": people.brands(subs.person),
        "subscription_id": subscription_ids(people, np.arange(count)),
        "customer_id": people.customer_ids(subs.person),
        "plan": pick(PLANS, plan),
        "trial_started_at": moments(subs.trial_from),
        "trial_ended_at": moments(np.where(subs.trial_from < NEVER, subs.trial_to, NEVER)),
        "started_at": moments(subs.started),
        "ended_at": moments(subs.ended),
        "cancelled_at": moments(subs.cancelled),
        "cancel_reason": pick((*CANCEL_REASONS, "payment_failed"), reason, subs.cancelled == NEVER),
        "is_involuntary": flags(subs.involuntary, subs.cancelled == NEVER),
        "monthly_amount": money(price),
        "currency": pick(CURRENCIES, people.currency[subs.person]),
        "loaded_at": instants(loaded),
        "deleted_at": moments(deleted),
    })  # fmt: skip
