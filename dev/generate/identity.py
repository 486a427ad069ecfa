"""Who is whom, as the systems learn it: merges and other links, and requests to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dev.generate.columns import DAY, NEVER, instants, moments, pick, table, text_ids
from dev.generate.people import People, landed
from dev.generate.shop import numbers
from dev.generate.world import some


def tables(people: People) -> Iterator[tuple[str, pa.Table]]:
    """identity_links and erasure_requests."""
    yield "identity_links", identity_links(people)
    yield "erasure_requests", erasure_requests(people)


def identity_links(people: People) -> pa.Table:
    """Merges of second and third records, a conflict and a cycle among them, second devices, confirmed addresses."""
    world = people.world
    rng = world.rng("links", people.chunk)
    merged = np.flatnonzero(people.joined_at < NEVER)
    chained = np.flatnonzero(people.chain_joined_at < NEVER)
    # A merged record is claimed by another person later on (a conflict), or its survivor is merged into it (a cycle).
    plain = merged[np.isin(merged, chained, invert=True)]
    disputed, circular = plain[0::10], plain[1::10]
    rivals = np.flatnonzero((people.account_at < NEVER) & (people.split_at == NEVER) & ~people.is_test)
    rival = np.array([rivals[(people.brand[rivals] == people.brand[owner])][0] for owner in disputed
                      if (people.brand[rivals] == people.brand[owner]).any()], dtype=np.int64)  # fmt: skip
    disputed = disputed[: len(rival)]
    devices = some(rng, np.flatnonzero(people.has_second_device & (people.account_at < world.end - 20 * DAY)), 0.10, 2)
    addresses = some(rng, np.flatnonzero(people.account_at < world.end - 20 * DAY), 0.01, 2)
    testers = np.flatnonzero(people.is_test)[:1]
    into = rivals[: len(testers)]
    testers = testers[: len(into)]

    def late(after: np.ndarray, least: int, most: int) -> np.ndarray:
        return np.minimum(after + rng.integers(least * DAY, most * DAY, len(after)), world.end)

    at = np.concatenate([
        people.joined_at[merged], people.chain_joined_at[chained], late(people.joined_at[disputed], 2, 20),
        late(people.joined_at[circular], 2, 20), late(people.account_at[devices], 1, 90),
        late(people.account_at[addresses], 0, 10), late(people.account_at[testers], 1, 20),
    ])  # fmt: skip
    sizes = [len(merged), len(chained), len(disputed), len(circular), len(devices), len(addresses), len(testers)]
    kind = np.repeat(np.arange(7), sizes)
    absorbed = np.concatenate([merged, chained, disputed, circular, devices, addresses, testers])
    survivor = np.concatenate([merged, chained, rival, circular, devices, addresses, into])
    # The second record goes into the main one, the third into the second; the cycle is the main one into the second.
    absorbed_record = np.array([1, 2, 1, 0, 0, 0, 0])[kind]
    survivor_record = np.array([0, 1, 0, 1, 0, 0, 0])[kind]
    value = people.customer_ids(absorbed, absorbed_record)
    value = pc.if_else(pa.array(kind == 4), people.device_ids(absorbed, True), value)
    value = pc.if_else(pa.array(kind == 5), people.emails(absorbed), value)
    id_type = np.array([0, 0, 0, 0, 1, 2, 0])[kind]
    count = len(kind)
    links = table("identity_links", count, {
        "brand": people.brands(survivor),
        "link_id": text_ids("M", numbers(people.chunk, count)),
        "linked_at": moments(at),
        "id_type": pick(("customer_id", "anonymous_id", "email"), id_type),
        "id_value": value,
        "customer_id": people.customer_ids(survivor, survivor_record),
        "loaded_at": instants(landed(rng, world, at)),
    })  # fmt: skip
    return pa.concat_tables([links, _undone_merges(world.rng("undone merges", people.chunk), people, count)])


def _undone_merges(rng: np.random.Generator, people: People, links: int) -> pa.Table:
    """Two accounts that were taken for one person, until the mistake was found."""
    world = people.world
    known = people.account_at < world.end - 60 * DAY
    strangers = np.flatnonzero(known & (people.split_at == NEVER) & (people.brand == 0) & ~people.is_test)
    mistaken = some(rng, strangers, 0.004, 4)
    one, other = mistaken[: len(mistaken) // 2], mistaken[len(mistaken) - len(mistaken) // 2 :]
    at = np.maximum(people.account_at[one], people.account_at[other]) + rng.integers(DAY, 20 * DAY, len(one))
    until = at + rng.integers(3 * DAY, 30 * DAY, len(one))
    count = len(one)
    return table("identity_links", count, {
        "brand": people.brands(one),
        "link_id": text_ids("M", numbers(people.chunk, links + count)[links:]),
        "linked_at": moments(at),
        "id_type": pick(("customer_id",), np.zeros(count)),
        "id_value": people.customer_ids(one),
        "customer_id": people.customer_ids(other),
        "loaded_at": instants(landed(rng, world, at, until)),
        "deleted_at": moments(until),
    })  # fmt: skip


def erasure_requests(people: People) -> pa.Table:
    """Requests by account, and one by the address of a guest, in the last weeks of the data."""
    world = people.world
    rng = world.rng("erasure", people.chunk)
    settled = (
        (people.engaged_at < world.end - 90 * DAY) & (people.email_owner == np.arange(people.count)) & ~people.is_test
    )
    members = some(
        rng,
        np.flatnonzero(settled & (people.account_at < world.end - 90 * DAY) & (people.split_at == NEVER)),
        0.0015,
        2,
    )
    guests = some(rng, np.flatnonzero(settled & people.is_guest & (people.account_at == NEVER)), 0.0015, 1)
    person = np.concatenate([members, guests])
    by_mail = np.arange(len(person)) >= len(members)
    at = world.end - rng.integers(DAY, 60 * DAY, len(person))
    count = len(person)
    return table("erasure_requests", count, {
        "brand": people.brands(person),
        "request_id": text_ids("Z", numbers(people.chunk, count)),
        "requested_at": moments(at),
        "customer_id": people.customer_ids(person, 0, by_mail),
        "email": people.emails(person, ~by_mail),
        "loaded_at": instants(landed(rng, world, at)),
    })  # fmt: skip
