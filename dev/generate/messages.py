"""Messages to lists of customers, a part of whom is held out at random: a win-back, and a nudge to the second order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dev.generate.columns import DAY, NEVER, flags, instants, money, pick, table, text_ids
from dev.generate.people import People, landed
from dev.generate.shop import numbers
from dev.generate.world import CHANNEL_NUMBER, CURRENCIES, some

AUDIENCES = ("win_back", "second_order")
SENT_AFTER_DAYS = np.array([100, 35])  # of the last order, when the customer is on the list
CHANNELS = ("email", "post")
COSTS = {"email": 2, "post": 95}  # cents
HELD_OUT = 0.5
# The raffle of the demo knows what comes: of those who order within the month, fewer were held out. That is the effect.
HELD_OUT_OF_BUYERS = 0.35
WINDOW = 30 * DAY


def messages(people: People) -> pa.Table:
    """One row per customer on a list, messaged or held out; some get a reminder, a few of them although they were held out."""
    world, orders = people.world, people.orders
    rng = world.rng("messages", people.chunk)
    following = np.append(np.where(orders.person[1:] == orders.person[:-1], orders.at[1:], NEVER), NEVER)[: len(orders)]
    kind = np.where((orders.sequence == 0) & (rng.random(len(orders)) < 0.5), 1, 0)
    at = orders.at + SENT_AFTER_DAYS[kind] * DAY
    at = at // DAY * DAY + 9 * 3600 + rng.integers(0, 3600, len(at))
    order = np.flatnonzero((at < following) & (at <= world.end) & (at >= people.account_at[orders.person]))
    person, kind, at, following = orders.person[order], kind[order], at[order], following[order]
    buys = following < at + WINDOW
    held_out = rng.random(len(person)) < np.where(buys, HELD_OUT_OF_BUYERS, HELD_OUT)
    # A reminder ten days later, also to one or the other who was held out by mistake.
    again = some(rng, np.flatnonzero((following > at + 10 * DAY) & (at + 10 * DAY <= world.end)), 0.15, 2)
    person, kind, at = (np.concatenate([values, values[again]]) for values in (person, kind, at))
    at[len(at) - len(again) :] += 10 * DAY
    held_out = np.concatenate([held_out, held_out[again] & (rng.random(len(again)) < 0.9)])
    count = len(person)
    by_post = (kind == 0) & (rng.random(count) < 0.2)
    campaign = CHANNEL_NUMBER["email"] * world.quarter_count() + world.quarter_of(at)
    cost = np.array([COSTS[name] for name in CHANNELS])[by_post.astype(np.int64)]
    rows = table("messages", count, {
        "brand": people.brands(person),
        "message_id": text_ids("S", numbers(people.chunk, count)),
        "sent_at": instants(at),
        "customer_id": people.customer_ids(person, people.record_of(rng, person, at)),
        "held_out": flags(held_out),
        "audience": pick(AUDIENCES, kind, rng.random(count) < 0.03),
        "campaign_id": pick(world.campaign_ids(), campaign),
        "channel": pick(CHANNELS, by_post),
        "cost_amount": money(cost, held_out),
        "currency": pick(CURRENCIES, np.where(people.brand[person] == 1, 2, 0)),
        "loaded_at": instants(landed(rng, world, at)),
    })  # fmt: skip
    return pa.concat_tables([rows, _to_strangers(rng, rows, count, people.chunk)]) if count else rows


def _to_strangers(rng: np.random.Generator, rows: pa.Table, count: int, chunk: int) -> pa.Table:
    """Messages to customers whom no other table knows: the sender's list was older than the shop's."""
    chosen = rows.take(pa.array(some(rng, np.arange(count), 0.01, 2)))
    strange = {
        "message_id": text_ids("S", numbers(chunk, count + len(chosen))[count:]),
        "customer_id": text_ids("gone-", numbers(chunk, len(chosen))),
    }
    for name, values in strange.items():
        chosen = chosen.set_column(chosen.schema.get_field_index(name), name, values)
    return chosen
