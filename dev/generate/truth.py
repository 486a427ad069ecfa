"""The truth behind the raw data: what was drawn, by person. Never part of the raw data itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dev.generate.billing import subscription_ids
from dev.generate.columns import NEVER, blank, dates, flags, integers, pick, text_ids
from dev.generate.marketing import Contacts
from dev.generate.shop import Shop
from dev.generate.world import CHANNELS


def person_ids(person: np.ndarray, people_numbers: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """True person ids."""
    return text_ids("person-", people_numbers[np.maximum(person, 0)], missing)


def tables(shop: Shop, contacts: Contacts) -> Iterator[tuple[str, pa.Table]]:
    """people, identifiers, lapses and coverage.

    * ``people``: one row per person. ``first_purchase_date`` is the first order that was a purchase when it was placed
      (also if reversed later) or paid subscription start. ``churned_date`` is when the person stopped for good, null if
      alive at the end; it cannot be seen at the time.
    * ``identifiers``: every raw identifier under which the person may appear, with the first date of records.
    * ``lapses``: each long sleep of a buyer: from the order after which it began to the order that ended it.
    * ``coverage``: the paid subscription periods.
    """
    people = shop.people
    all_people = np.arange(people.count)
    own = person_ids(all_people, people.numbers)
    subs = people.subscriptions
    paid = np.flatnonzero(subs.started < NEVER)
    first_order = _earliest(people.count, shop.person[shop.is_purchase], shop.at[shop.is_purchase])
    first_cover = _earliest(people.count, subs.person[paid], subs.started[paid])
    yield "people", pa.table({
        "person_id": own,
        "brand": people.brands(all_people),
        "customer_id": people.customer_ids(all_people, 0, people.account_at == NEVER),
        "acquisition_channel": pick([channel.name for channel in CHANNELS], people.channel),
        "referrer_person_id": person_ids(people.referrer, people.numbers, people.referrer < 0),
        "first_touch_date": dates(people.first_touch),
        "is_first_touch_tracked": flags(contacts.first_touch_tracked),
        "first_engagement_date": dates(people.engaged_at),
        "account_date": dates(people.account_at),
        "first_order_date": dates(first_order),
        "first_purchase_date": dates(np.minimum(first_order, first_cover)),
        "purchase_order_count": integers(np.bincount(shop.person[shop.is_purchase], minlength=people.count)),
        "churned_date": dates(people.stopped_at),
        "orders_per_day": pa.array(np.round(people.order_rate, 5)),
        "dropout_probability": pa.array(np.round(people.dropout, 5)),
        "is_guest_first": flags(people.is_guest),
        "is_test": flags(people.is_test),
    })  # fmt: skip
    yield "identifiers", _identifiers(shop)
    orders = people.orders
    slept = np.flatnonzero(orders.asleep_after)
    following = np.minimum(slept + 1, max(0, len(orders) - 1))
    back = (
        np.where((orders.person[following] == orders.person[slept]) & (following > slept), orders.at[following], NEVER)
        if len(slept)
        else np.zeros(0, dtype=np.int64)
    )
    yield "lapses", pa.table({
        "person_id": person_ids(orders.person[slept], people.numbers),
        "lapsed_date": dates(orders.at[slept]),
        "won_back_date": dates(back),
    })  # fmt: skip
    yield "coverage", pa.table({
        "person_id": person_ids(subs.person[paid], people.numbers),
        "brand": people.brands(subs.person[paid]),
        "subscription_id": subscription_ids(people, paid),
        "started_date": dates(subs.started[paid]),
        "ended_date": dates(subs.ended[paid]),
        "is_involuntary": flags(subs.involuntary[paid]),
    })  # fmt: skip


def _earliest(count: int, person: np.ndarray, at: np.ndarray) -> np.ndarray:
    result = np.full(count, NEVER)
    np.minimum.at(result, person, at)
    return result


def _identifiers(shop: Shop) -> pa.Table:
    people = shop.people
    all_people = np.arange(people.count)
    has_address = people.is_guest | (people.engaged_at < NEVER) | ~people.has_device
    parts = [
        ("customer_id", all_people[people.account_at < NEVER], lambda who: people.customer_ids(who), people.account_at),
        ("customer_id", all_people[people.split_at < NEVER], lambda who: people.customer_ids(who, 1), people.split_at),
        (
            "customer_id",
            all_people[people.chain_split_at < NEVER],
            lambda who: people.customer_ids(who, 2),
            people.chain_split_at,
        ),
        ("anonymous_id", all_people[people.has_device], lambda who: people.device_ids(who), people.first_touch),
        (
            "anonymous_id",
            all_people[people.has_second_device],
            lambda who: people.device_ids(who, True),
            people.first_touch,
        ),
        ("email", all_people[has_address], lambda who: people.emails(who), people.first_touch),
    ]
    return pa.concat_tables([
        pa.table({
            "person_id": person_ids(who, people.numbers),
            "brand": people.brands(who),
            "id_type": pa.array([id_type] * len(who), pa.string()),
            "id_value": blank(value(who), np.zeros(len(who), dtype=bool)),
            "since_date": dates(since[who]),
        })
        for id_type, who, value, since in parts
    ])  # fmt: skip
