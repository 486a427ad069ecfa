"""The shop's side: customers, products, orders with items and refunds, carts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dev.generate.columns import (
    DAY,
    NEVER,
    flags,
    instants,
    integers,
    moments,
    money,
    pick,
    table,
    text_ids,
)
from dev.generate.people import SEGMENTS, People, cap, landed
from dev.generate.world import (
    BRANDS,
    CATEGORIES,
    CHANNEL_NUMBER,
    CHANNELS,
    CITIES,
    COUNTRIES,
    CURRENCIES,
    PRICE_FACTORS,
    World,
    some,
)

STATUSES = (
    "completed", "paid", "shipped", "delivered", None,  # purchases
    "pending", "failed", "draft", "voided",  # never purchases
    "cancelled", "refunded", "returned",  # purchases until they were reversed
)  # fmt: skip
STATUS = {status: code for code, status in enumerate(STATUSES)}
STATUS_SHARES = (0.55, 0.12, 0.10, 0.1405, 0.015, 0.004, 0.009, 0.003, 0.0025, 0.028, 0.018, 0.01)
LAST_STEPS = ("cart", "shipping", "payment", "confirmation")
DISCOUNT_CODES = ("WELCOME10", "SPRING15", "NEWS20", "FREEBOX")
DISCOUNT_RATES = np.array([0.10, 0.15, 0.20, 1.00])
AFFILIATES = 8  # a chunk
GIFT_CARDS = np.array([2_500, 5_000, 10_000])
TILLS = 7_000_000  # numbers of orders that the tills of shops write, and the carts that machines fill


def numbers(chunk: int, count: int) -> np.ndarray:
    """Row numbers that no other chunk uses."""
    return chunk * 10_000_000 + np.arange(1, count + 1)


def products(world: World) -> pa.Table:
    """The price list: the same product ids in both brands, which are not the same products."""
    listed = world.products
    count = len(listed.number)
    names = [
        f"{CATEGORIES[category].capitalize()} No. {number}" if row not in listed.gift_card else "Gift card"
        for row, (category, number) in enumerate(zip(listed.category, listed.number, strict=True))
    ]
    return table("products", count, {
        "brand": pick(BRANDS, listed.brand),
        "product_id": text_ids("P", 100 + listed.number),
        "name": pa.array(names),
        "category": pick(CATEGORIES, listed.category),
        "is_gift_card": flags(np.isin(np.arange(count), listed.gift_card)),
        "unit_cost": money(listed.cost, listed.cost < 0),
        "currency": pick(CURRENCIES, np.zeros(count)),
        "loaded_at": instants(np.full(count, world.start + 2 * 3600)),
    })  # fmt: skip


def customers(people: People) -> pa.Table:
    """The customer records: one for each account, and the second and third records of people who have several."""
    world = people.world
    rng = world.rng("customers", people.chunk)
    all_people = np.arange(people.count)
    parts = [
        (all_people[(people.account_at < NEVER) & ~people.record_missing], 0, people.account_at),
        (all_people[people.split_at < NEVER], 1, people.split_at),
        (all_people[people.chain_split_at < NEVER], 2, people.chain_split_at),
    ]
    person = np.concatenate([part[0] for part in parts])
    record = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    created = np.concatenate([part[2][part[0]] for part in parts])
    count = len(person)
    # Profiles change: an update some time after the sign-up.
    updated = np.minimum(
        created + (rng.exponential(40 * DAY, count) * (rng.random(count) < 0.4)).astype(np.int64), world.end
    )
    # People who made guest orders, and shared mailboxes, keep their address; second records rarely repeat it.
    keeps = people.is_guest[person] | (people.email_owner[person] != person)
    no_email = np.where(record > 0, rng.random(count) < 0.7, ~keeps & (rng.random(count) < 0.04))
    no_date = (record == 0) & (rng.random(count) < 0.01)
    first, last = people.names(person)
    told = (rng.random(count) < 0.15) & (record == 0)
    return table("customers", count, {
        "brand": people.brands(person),
        "customer_id": people.customer_ids(person, record),
        "email": people.emails(person, no_email),
        "phone": text_ids("+336", 10_000_000 + people.numbers[person] * 7919 % 90_000_000, rng.random(count) < 0.4),
        "first_name": first,
        "last_name": last,
        "created_at": moments(created, no_date),
        "country_code": pick(COUNTRIES, people.country[person], rng.random(count) < 0.03),
        "city": pick(CITIES, people.country[person], rng.random(count) < 0.2),
        "segment": pick((*SEGMENTS, None), people.segment[person]),
        "acquisition_source": pick([channel.name for channel in CHANNELS], people.channel[person], ~told),
        "marketing_consent": flags(rng.random(count) < 0.72, rng.random(count) < 0.05),
        "is_test": flags(people.is_test[person]),
        "updated_at": moments(updated),
        "loaded_at": instants(landed(rng, world, updated)),
    })  # fmt: skip


class Shop:
    """The orders of a chunk as the shop recorded them; everything by order, in cents of the order's currency.

    ``kind`` is the index into ``STATUSES``; ``is_purchase`` says whether the order ever was a purchase, ``reversed_at``
    until when (``NEVER`` = still is).
    """

    def __init__(self, people: People) -> None:
        self.people, self.world, self.chunk = people, people.world, people.chunk
        self.person, self.at = people.orders.person, people.orders.at
        self.count = len(self.person)
        self.numbers = numbers(self.chunk, self.count)
        self._fill_baskets(self.world.rng("baskets", self.chunk))
        self._settle(self.world.rng("statuses", self.chunk))
        self._give_cards(self.world.rng("gift cards", self.chunk))
        self._split_refunds(self.world.rng("refund parts", self.chunk))
        self._record(self.world.rng("orders", self.chunk))

    def order_ids(self, rows: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
        """Order ids of order rows."""
        return text_ids("O", self.numbers[rows], missing)

    def _fill_baskets(self, rng: np.random.Generator) -> None:
        count, brand = self.count, self.people.brand[self.person]
        usual = self.people.currency[self.person]
        elsewhere = rng.random(count) < 0.01
        self.currency = np.where(elsewhere, rng.integers(0, 3, count), usual)
        lines = 1 + np.minimum(rng.poisson(0.9, count), 5)
        self.item_order = np.repeat(np.arange(count), lines)
        rows = len(self.item_order)
        self.item_product = self.world.products.draw(rng, brand[self.item_order])
        self.item_quantity = 1 + (rng.random(rows) < 0.15) + (rng.random(rows) < 0.04)
        price = self.world.products.price[self.item_product] * PRICE_FACTORS[self.currency[self.item_order]]
        # Prices rise by 4 % a year.
        age = (self.at[self.item_order] - self.world.start) / (365 * DAY)
        self.item_price = np.rint(price * (1 + 0.04 * age)).astype(np.int64)
        gross = self.item_price * self.item_quantity
        self.item_discount = np.where(rng.random(rows) < 0.06, gross // 10, 0)
        self.subtotal = np.bincount(self.item_order, gross - self.item_discount, minlength=count).astype(np.int64)

    def _settle(self, rng: np.random.Generator) -> None:
        count, world = self.count, self.world
        first = self.people.orders.sequence == 0
        channel = self.people.channel[self.person]
        likely = np.where(first, 0.28, 0.10) + 0.10 * (channel == CHANNEL_NUMBER["affiliate"])
        self.code = np.where(first, 0, rng.integers(1, 3, count))
        self.has_code = rng.random(count) < likely
        free = some(rng, np.flatnonzero(~first), 0.002, 2)
        self.code[free], self.has_code[free] = 3, True
        self.discount = np.where(self.has_code, np.rint(self.subtotal * DISCOUNT_RATES[self.code]), 0).astype(np.int64)
        net = self.subtotal - self.discount
        self.shipping = np.where((net >= 4_000) | (self.code == 3) & self.has_code, 0, 490)
        self.tax = np.rint(net * 0.20).astype(np.int64)
        self.total = net + self.shipping + self.tax

        self.kind = rng.choice(len(STATUSES), count, p=STATUS_SHARES)
        # Some bought by referral take it back: the referrer's success ends with it.
        referred = np.flatnonzero(first & (self.people.referrer[self.person] >= 0) & (self.at < world.end - 60 * DAY))
        self.kind[some(rng, referred, 0.05, 4)] = STATUS["cancelled"]
        after = (rng.exponential(9 * DAY, count) + 7_200).astype(np.int64)
        self.updated = cap(self.at + (rng.uniform(0.05, 4, count) * DAY).astype(np.int64), world.end)
        self.updated = np.where(self.updated == NEVER, self.at, self.updated)
        # And some single orders are paid back when the customer has long been gone.
        single = np.bincount(self.person, minlength=self.people.count)[self.person] == 1
        late = some(rng, np.flatnonzero(single & (self.kind == 0) & (self.at < world.end - 150 * DAY)), 0.01, 2)
        self.kind[late] = STATUS["refunded"]
        after[late] = rng.integers(95 * DAY, 140 * DAY, len(late))
        reversed_at = self.at + after
        is_reversed = self.kind >= STATUS["cancelled"]
        not_yet = is_reversed & ((reversed_at > world.end - 3_600) | (self.total == 0))
        self.kind[not_yet] = STATUS["completed"]
        is_reversed &= ~not_yet
        luck = rng.random(count)
        cancelled, refunded = self.kind == STATUS["cancelled"], self.kind == STATUS["refunded"]
        self.cancelled = np.where(cancelled & (luck < 0.8), reversed_at, NEVER)
        self.updated = np.where(is_reversed, reversed_at + 600, self.updated)
        # A cancellation without any date was never a purchase.
        self.undated = cancelled & (luck > 0.95)
        self.no_update = self.undated | (~is_reversed & (rng.random(count) < 0.04))
        never = ((self.kind >= STATUS["pending"]) & (self.kind <= STATUS["voided"])) | self.undated
        self.is_purchase = ~never
        self.reversed_at = np.where(is_reversed & ~never, reversed_at, NEVER)

        # Refunds: all of it in one or two parts, or a part of an order that stands.
        in_two = np.flatnonzero(refunded & (luck < 0.3))
        at_once = np.flatnonzero(refunded & (luck >= 0.3))
        partial = (
            (self.kind <= STATUS["delivered"])
            & (rng.random(count) < 0.03)
            & (self.total > 0)
            & (reversed_at < world.end)
        )
        partly = np.flatnonzero(partial)
        half = self.total // 2
        share = np.rint(self.total * rng.uniform(0.1, 0.6, count)).astype(np.int64)
        earlier = self.at + after // 2
        self.refund_order = np.concatenate([at_once, in_two, in_two, partly])
        self.refund_at = np.concatenate(
            [reversed_at[at_once], earlier[in_two], reversed_at[in_two], reversed_at[partly]]
        )
        self.refund_amount = np.concatenate(
            [self.total[at_once], half[in_two], (self.total - half)[in_two], share[partly]]
        )

    def _give_cards(self, rng: np.random.Generator) -> None:
        """Some orders are of one gift card, and later ones are paid with it: their total leaves out what the card paid."""
        self.paid_by_card = np.zeros(self.count, dtype=np.int64)
        plain = (self.kind <= STATUS["delivered"]) & (self.total > 0)
        plain[self.refund_order] = False
        single = plain & ~self.has_code & (np.bincount(self.item_order, minlength=self.count) == 1)
        sold = some(rng, np.flatnonzero(single), 0.03, 4)
        sold = sold[np.argsort(self.at[sold], kind="stable")]
        amount = rng.choice(GIFT_CARDS, len(sold))
        row = np.searchsorted(self.item_order, sold)
        self.item_product[row] = self.world.products.gift_card[self.people.brand[self.person[sold]]]
        self.item_quantity[row], self.item_price[row], self.item_discount[row] = 1, amount, 0
        self.subtotal[sold] = self.total[sold] = amount
        self.shipping[sold] = self.tax[sold] = 0
        plain[sold] = False
        used = some(rng, np.flatnonzero(plain & (self.at > (self.at[sold[0]] if len(sold) else 0))), 0.03, 4)
        used = used[np.argsort(self.at[used], kind="stable")][max(0, len(used) - len(sold)) :]
        cards = np.arange(len(used))
        fits = (self.at[used] > self.at[sold][cards] + DAY) & (self.currency[used] == self.currency[sold][cards])
        fits &= self.people.brand[self.person[used]] == self.people.brand[self.person[sold]][cards]
        self.paid_by_card[used] = np.where(fits, np.minimum(amount[cards], self.total[used]), 0)
        self.total = self.total - self.paid_by_card

    def _split_refunds(self, rng: np.random.Generator) -> None:
        """What refunds say they are for: nothing, goods with their tax, or the shipping alone."""
        order, amount = self.refund_order, self.refund_amount
        says, is_full = rng.random(len(order)) < 0.6, amount == self.total[order]
        postage = says & (self.kind[order] <= STATUS["delivered"]) & (rng.random(len(order)) < 0.5)
        postage &= self.shipping[order] > 0
        amount = np.where(postage, self.shipping[order], amount)
        shipping = np.where(postage | is_full, self.shipping[order], 0)
        tax = np.where(postage, 0, np.where(is_full, self.tax[order], amount - np.rint(amount / 1.2).astype(np.int64)))
        self.refund_amount, self.refund_says = amount, says
        self.refund_parts = {"goods": amount - shipping - tax, "shipping": shipping, "tax": tax}

    def _record(self, rng: np.random.Generator) -> None:
        """Under which identifiers the orders were placed, and their carts."""
        people, world, count = self.people, self.world, self.count
        self.by_mail = self.at < people.account_at[self.person]
        self.record = people.record_of(rng, self.person, self.at)
        # Many check out at once, and leave no cart.
        self.has_cart = rng.random(count) < 0.36
        self.sales_channel = rng.choice(4, count, p=(0.62, 0.25, 0.08, 0.05))
        self.has_cart &= self.sales_channel < 2
        from_affiliate = people.channel[self.person] == CHANNEL_NUMBER["affiliate"]
        self.affiliate = np.where(
            rng.random(count) < np.where(from_affiliate & (people.orders.sequence < 2), 0.8, 0.012),
            rng.integers(0, AFFILIATES, count),
            -1,
        )
        self.loaded = landed(rng, world, self.at, np.where(self.no_update, 0, self.updated), self.reversed_at)
        # A few rows were soft-deleted later; never a first order, so that first purchases stay true.
        deleted = np.full(count, NEVER)
        later = np.flatnonzero(
            (people.orders.sequence > 0) & (self.at < world.end - 90 * DAY) & (self.reversed_at == NEVER)
        )
        chosen = some(rng, later, 0.0015, 2)
        deleted[chosen] = self.updated[chosen] + rng.integers(5 * DAY, 60 * DAY, len(chosen))
        self.deleted = deleted
        self.loaded = np.maximum(self.loaded, np.where(deleted < NEVER, (deleted // DAY + 1) * DAY + 7_200, 0))

    def affiliate_ids(self, affiliate: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
        """Ids of the chunk's affiliates."""
        return text_ids("AF", self.chunk * 100 + np.maximum(affiliate, 0), missing)

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """orders, order_items, refunds and carts."""
        yield "orders", pa.concat_tables([self._orders(), self._tills(self.world.rng("tills", self.chunk))])
        yield "order_items", self._items()
        yield "refunds", self._refunds()
        yield "carts", self._carts()

    def _orders(self) -> pa.Table:
        people, everything = self.people, np.arange(self.count)
        return table("orders", self.count, {
            "brand": people.brands(self.person),
            "order_id": self.order_ids(everything),
            "customer_id": people.customer_ids(self.person, self.record, self.by_mail),
            "email": people.emails(self.person, ~self.by_mail),
            "ordered_at": moments(self.at),
            "status": pick(STATUSES, self.kind),
            "currency": pick(CURRENCIES, self.currency),
            "subtotal_amount": money(self.subtotal),
            "discount_amount": money(self.discount),
            "shipping_amount": money(self.shipping),
            "tax_amount": money(self.tax),
            "total_amount": money(self.total),
            "gift_card_amount": money(self.paid_by_card, self.paid_by_card == 0),
            "cancelled_at": moments(np.where(self.undated, NEVER, self.cancelled)),
            "cart_id": text_ids("K", self.numbers, ~self.has_cart),
            "discount_code": pick(DISCOUNT_CODES, self.code, ~self.has_code),
            "affiliate_id": self.affiliate_ids(self.affiliate, self.affiliate < 0),
            "sales_channel": pick(("web", "app", "store", "marketplace"), self.sales_channel),
            "is_test": flags(people.is_test[self.person]),
            "updated_at": moments(self.updated, self.no_update),
            "loaded_at": instants(self.loaded),
            "deleted_at": moments(self.deleted),
        })  # fmt: skip

    def _tills(self, rng: np.random.Generator) -> pa.Table:
        """What the tills of shops write: all buyers who do not say who they are have one account, which is no customer."""
        count = max(2, self.count // 200)
        at = rng.integers(self.world.start, self.world.end, count)
        total = rng.integers(300, 6_000, count)
        return table("orders", count, {
            "brand": pick(BRANDS, np.zeros(count)),
            "order_id": text_ids("O", numbers(self.chunk, count) + TILLS),
            "customer_id": pick(("WALK-IN",), np.zeros(count)),
            "ordered_at": moments(at),
            "status": pick(("paid",), np.zeros(count)),
            "currency": pick(CURRENCIES, np.zeros(count)),
            "tax_amount": money(total - np.rint(total / 1.2).astype(np.int64)),
            "total_amount": money(total),
            "sales_channel": pick(("store",), np.zeros(count)),
            "updated_at": moments(at),
            "loaded_at": instants(landed(rng, self.world, at)),
        })  # fmt: skip

    def _items(self) -> pa.Table:
        rows = len(self.item_order)
        gift_card = np.isin(self.item_product, self.world.products.gift_card)
        return table("order_items", rows, {
            "brand": self.people.brands(self.person[self.item_order]),
            "order_item_id": text_ids("", numbers(self.chunk, rows)),
            "order_id": self.order_ids(self.item_order),
            "product_id": text_ids("P", 100 + self.world.products.number[self.item_product]),
            "quantity": integers(self.item_quantity),
            "unit_price": money(self.item_price),
            "discount_amount": money(self.item_discount),
            "is_gift_card": flags(gift_card, ~gift_card),
            "loaded_at": instants(self.loaded[self.item_order]),
        })  # fmt: skip

    def _refunds(self) -> pa.Table:
        rng = self.world.rng("refunds", self.chunk)
        rows = len(self.refund_order)
        return table("refunds", rows, {
            "brand": self.people.brands(self.person[self.refund_order]),
            "refund_id": text_ids("R", numbers(self.chunk, rows)),
            "order_id": self.order_ids(self.refund_order),
            "refunded_at": moments(self.refund_at),
            "amount": money(self.refund_amount),
            **{f"{part}_amount": money(amount, ~self.refund_says) for part, amount in self.refund_parts.items()},
            "reason": pick(("damaged", "late", "wrong_item", "changed_mind", None), rng.integers(0, 5, rows)),
            "loaded_at": instants(landed(rng, self.world, self.refund_at)),
        })  # fmt: skip

    def _carts(self) -> pa.Table:
        """Carts of orders (a tenth left for a day or more first) and carts that were given up."""
        people, world = self.people, self.world
        rng = world.rng("carts", self.chunk)
        ordered = np.flatnonzero(self.has_cart)
        rescued = rng.random(len(ordered)) < 0.10
        updated = self.at[ordered] - np.where(
            rescued, rng.integers(25 * 3600, 26 * DAY, len(ordered)), rng.integers(60, 1_500, len(ordered))
        )
        person = self.person[ordered]
        updated = np.maximum(updated, np.minimum(people.engaged_at[person], self.at[ordered] - 60))
        engaged = np.flatnonzero((people.engaged_at < NEVER) & ~people.is_slow)
        wishes = rng.poisson(0.55 + 2.0 * (people.first_order_at[engaged] < NEVER))
        idle_person = np.repeat(engaged, wishes)
        begin = people.engaged_at[idle_person]
        idle_at = begin + (rng.random(len(idle_person)) * (people.active_until[idle_person] - begin)).astype(np.int64)
        all_person = np.concatenate([person, idle_person])
        all_updated = np.concatenate([updated, idle_at])
        count = len(all_person)
        created = np.maximum(all_updated - rng.integers(60, 3_000, count), people.first_touch[all_person])
        order_row = np.concatenate([ordered, np.full(len(idle_person), -1)])
        has_order = order_row >= 0
        safe = np.maximum(order_row, 0)
        who = people.seen_as(rng, all_person, created, np.zeros(count, dtype=bool))
        del who["email"]
        value = np.where(
            has_order,
            self.subtotal[safe] if self.count else 0,
            np.rint(rng.lognormal(8.3, 0.6, count)).astype(np.int64),
        )
        step = np.where(has_order & (np.arange(count) < len(ordered)), 3, rng.choice(3, count, p=(0.55, 0.25, 0.20)))
        given_up = numbers(self.chunk, count) + 5_000_000
        linked = has_order & (rng.random(count) < 0.9)
        currency = np.where(has_order, self.currency[safe] if self.count else 0, people.currency[all_person])
        carts = table("carts", count, {
            **who,
            "cart_id": text_ids("K", np.where(has_order, self.numbers[safe] if self.count else 0, given_up)),
            "created_at": moments(created),
            "updated_at": moments(all_updated),
            "last_step": pick(LAST_STEPS, step),
            "value_amount": money(value),
            "currency": pick(CURRENCIES, currency),
            "order_id": text_ids("O", np.where(has_order, self.numbers[safe] if self.count else 0, 0), ~linked),
            "is_bot": flags(np.zeros(count, dtype=bool)),
            "loaded_at": instants(landed(rng, world, all_updated)),
        })  # fmt: skip
        return pa.concat_tables([carts, self._robots(world.rng("robots with carts", self.chunk), count)])

    def _robots(self, rng: np.random.Generator, genuine: int) -> pa.Table:
        """Carts that machines fill, to watch prices and stocks."""
        count = max(2, genuine // 200)
        at = rng.integers(self.world.start, self.world.end, count)
        return table("carts", count, {
            "brand": pick(BRANDS, np.zeros(count)),
            "cart_id": text_ids("K", numbers(self.chunk, count) + TILLS),
            "anonymous_id": text_ids("bot-", self.chunk * 1000 + np.arange(count) % 5),
            "created_at": moments(at),
            "updated_at": moments(at),
            "last_step": pick(LAST_STEPS, np.zeros(count)),
            "value_amount": money(rng.integers(1_000, 90_000, count)),
            "currency": pick(CURRENCIES, np.zeros(count)),
            "is_bot": flags(np.ones(count, dtype=bool)),
            "loaded_at": instants(landed(rng, self.world, at)),
        })  # fmt: skip
