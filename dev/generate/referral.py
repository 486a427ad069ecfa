"""Recommendation: invitations between customers, sales brought by affiliates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dev.generate.columns import DAY, NEVER, blank, instants, moments, money, pick, table, text_ids
from dev.generate.people import landed
from dev.generate.shop import STATUS, Shop, numbers
from dev.generate.world import CURRENCIES, some

AFFILIATE_CUSTOMERS = 3  # of a chunk's affiliates are customers themselves
COLD_INVITATIONS = 0.10  # a buyer, on average: the friend never came


class Recommendations:
    """Referrals and affiliate sales of a chunk."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.people, self.world = shop, shop.people, shop.world

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Referrals and affiliate_sales."""
        yield "referrals", self._referrals()
        yield "affiliate_sales", self._affiliate_sales()

    def _referrals(self) -> pa.Table:
        """True invitations, second invitations of the same friend, cold ones, and people who invite themselves."""
        people, world = self.people, self.world
        rng = world.rng("referrals", self.shop.chunk)
        friend = np.flatnonzero(people.referrer >= 0)
        invited = np.maximum(people.first_touch[friend] - rng.integers(1_800, 20 * 3600, len(friend)), world.start)
        able = np.flatnonzero(
            (people.first_order_at < NEVER) & (people.account_at <= people.first_order_at) & ~people.is_test
        )
        cold = np.repeat(able, rng.poisson(COLD_INVITATIONS * (0.4 + people.loves_sharing[able])))
        cold_at = people.first_order_at[cold] + (
            rng.random(len(cold)) * (world.end - people.first_order_at[cold])
        ).astype(np.int64)
        selfish = some(rng, able, 0.004, 2)
        selfish_at = np.minimum(people.first_order_at[selfish] + 3 * DAY, world.end)
        # Another customer of the brand invites the same friend a few days later.
        again = some(rng, friend, 0.05, 2) if len(able) else friend[:0]
        rival = able[rng.integers(0, max(1, len(able)), len(again))] if len(able) else again
        fits = (
            (people.brand[rival] == people.brand[again])
            & (rival != again)
            & (people.account_at[rival] < people.first_touch[again])
        )
        again, rival = again[fits], rival[fits]
        again_at = np.minimum(people.first_touch[again] + rng.integers(3_600, 4 * DAY, len(again)), world.end)

        referrer = np.concatenate([people.referrer[friend], rival, cold, selfish])
        referred = np.concatenate([friend, again, cold, selfish])
        at = np.concatenate([invited, again_at, cold_at, selfish_at])
        source = np.repeat([0, 1, 2, 3], [len(friend), len(again), len(cold), len(selfish)])
        count = len(at)
        came = source == 0
        accepted = np.where(came & (people.engaged_at[referred] < NEVER), people.engaged_at[referred], NEVER)
        accepted = np.where((source == 3), np.minimum(at + 600, world.end), accepted)
        knows_id = ((source <= 1) & (people.account_at[referred] < NEVER) & (rng.random(count) < 0.75)) | (
            (source == 3) & (referred % 2 == 0)
        )
        emails = pc.if_else(
            pa.array(source == 2),
            text_ids("friend.", self.shop.chunk * 1_000_000 + np.arange(count), suffix="@friends.example"),
            people.emails(referred),
        )
        bought = people.first_order_at[referred] < NEVER
        rewarded = came & bought & (rng.random(count) < 0.9)
        return table("referrals", count, {
            "brand": people.brands(referrer),
            "referral_id": text_ids("I", numbers(self.shop.chunk, count)),
            "referrer_customer_id": people.customer_ids(referrer),
            "program": pick(("bring_a_friend", "gift_card"), rng.choice(2, count, p=(0.8, 0.2))),
            "invited_at": moments(at),
            "invite_channel": pick(("email", "link", "whatsapp", None), rng.choice(4, count, p=(0.4, 0.35, 0.2, 0.05))),
            "code": text_ids("FRIEND", 1000 + people.numbers[referrer]),
            "referred_email": blank(emails, knows_id & (rng.random(count) < 0.4)),
            "referred_customer_id": people.customer_ids(referred, 0, ~knows_id),
            "accepted_at": moments(accepted),
            "reward_amount": money(np.full(count, 1_000), ~rewarded),
            "currency": pick(CURRENCIES, people.currency[referrer]),
            "loaded_at": instants(landed(rng, world, at, accepted)),
        })  # fmt: skip

    def _affiliate_sales(self) -> pa.Table:
        shop, people, world = self.shop, self.people, self.world
        rng = world.rng("affiliates", shop.chunk)
        order = np.flatnonzero((shop.affiliate >= 0) & shop.is_purchase)
        count = len(order)
        at = np.minimum(shop.at[order] + 120, world.end)
        undone = np.isin(shop.kind[order], [STATUS["cancelled"], STATUS["refunded"], STATUS["returned"]])
        status = np.where(undone, 2, np.where(at > world.end - 30 * DAY, 1, 0))
        # The first of them are customers who have been there for longest.
        members = np.flatnonzero(
            (people.brand == 0) & (people.account_at < NEVER) & (people.first_order_at < NEVER) & ~people.is_test
        )
        members = members[np.argsort(people.first_order_at[members], kind="stable")][:AFFILIATE_CUSTOMERS]
        affiliate = shop.affiliate[order]
        is_member = (affiliate < len(members)) & (people.brand[shop.person[order]] == 0)
        who = members[np.where(is_member, affiliate, 0)] if len(members) else np.zeros(count, dtype=np.int64)
        return table("affiliate_sales", count, {
            "brand": people.brands(shop.person[order]),
            "affiliate_sale_id": text_ids("Y", numbers(shop.chunk, count)),
            "affiliate_id": shop.affiliate_ids(affiliate),
            "order_id": shop.order_ids(order),
            "occurred_at": moments(at),
            "commission_amount": money((shop.subtotal - shop.discount)[order] * 8 // 100),
            "currency": pick(CURRENCIES, shop.currency[order]),
            "status": pick(("approved", "pending", "rejected"), status),
            "affiliate_customer_id": people.customer_ids(who, 0, ~is_member),
            "loaded_at": instants(landed(rng, world, at, shop.reversed_at[order])),
        })  # fmt: skip
