"""What customers say: surveys, support tickets, reviews and published content."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dev.generate.columns import DAY, NEVER, flags, instants, integers, moments, pick, table, text_ids
from dev.generate.people import landed
from dev.generate.shop import Shop, numbers
from dev.generate.world import some

SURVEY_TYPES = ("nps", "csat", "ces", "exit")
SCALES = np.array([10, 5, 7, 5])
TOUCHPOINTS = ("after_purchase", "delivery", "support", "cancellation")
EXIT_REASONS = ("price", "quality", "no_need", "competitor", "service")
COMMENTS = ("Great, thank you", "Delivery was slow", "Would order again", "Too expensive", None, None, None, None)
TICKET_CATEGORIES = ("delivery", "product", "billing", "account", "returns")


class Feedback:
    """Feedback follows orders; unhappy people are those who are about to stop."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.people, self.world = shop, shop.people, shop.world
        self._draw_tickets(self.world.rng("tickets", shop.chunk))

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """survey_responses, support_tickets and reviews."""
        yield "survey_responses", self._surveys()
        yield "support_tickets", self._tickets()
        yield "reviews", self._reviews()

    def _is_last(self, orders: np.ndarray) -> np.ndarray:
        """Whether an order was the person's last one for good."""
        return self.shop.at[orders] == self.people.order_stopped_at[self.shop.person[orders]]

    def _draw_tickets(self, rng: np.random.Generator) -> None:
        shop, world = self.shop, self.world
        everything = np.arange(shop.count)
        likely = np.where(self._is_last(everything), 0.11, 0.055)
        at = shop.at + (rng.uniform(0.2, 10, shop.count) * DAY).astype(np.int64)
        self.ticket_order = np.flatnonzero((rng.random(shop.count) < likely) & (at <= world.end))
        self.ticket_at = at[self.ticket_order]

    def _tickets(self) -> pa.Table:
        people, world = self.people, self.world
        rng = world.rng("ticket details", self.shop.chunk)
        person, at = self.shop.person[self.ticket_order], self.ticket_at
        count = len(person)
        answered = at + (rng.exponential(7 * 3600, count) + 600).astype(np.int64)
        solved = answered + (rng.exponential(40 * 3600, count) + 900).astype(np.int64)
        answered = np.where((answered > world.end) | (rng.random(count) < 0.03), NEVER, answered)
        solved = np.where((solved > world.end) | (answered == NEVER) | (rng.random(count) < 0.04), NEVER, solved)
        guest = (at < people.account_at[person]) | (people.in_office[person] & (rng.random(count) < 0.5))
        return table("support_tickets", count, {
            "brand": people.brands(person),
            "ticket_id": text_ids("H", numbers(self.shop.chunk, count)),
            "created_at": moments(at),
            "customer_id": people.customer_ids(person, people.record_of(rng, person, at), guest),
            "email": people.emails(person, ~guest & (rng.random(count) < 0.5)),
            "category": pick(TICKET_CATEGORIES, rng.choice(5, count, p=(0.38, 0.22, 0.13, 0.09, 0.18))),
            "first_response_at": moments(answered),
            "resolved_at": moments(solved),
            "reopened_count": integers(rng.poisson(0.12, count)),
            "loaded_at": instants(landed(rng, world, at, answered, solved)),
        })  # fmt: skip

    def _surveys(self) -> pa.Table:
        shop, people, world = self.shop, self.people, self.world
        rng = world.rng("surveys", shop.chunk)
        count = shop.count
        luck = rng.random(count)
        nps, csat = np.flatnonzero(luck < 0.06), np.flatnonzero((luck > 0.06) & (luck < 0.11))
        support = np.flatnonzero(rng.random(len(self.ticket_order)) < 0.25)
        subs = people.subscriptions
        quitting = np.flatnonzero((subs.cancelled < NEVER) & ~subs.involuntary & (rng.random(len(subs)) < 0.3))
        lapsed = np.flatnonzero(self._is_last(np.arange(count)) & (rng.random(count) < 0.06))
        half = len(support) // 2
        kind = np.concatenate(
            [
                np.full(len(nps), 0),
                np.full(len(csat), 1),
                np.full(half, 2),
                np.full(len(support) - half, 1),
                np.full(len(quitting) + len(lapsed), 3),
            ]
        )
        place = np.concatenate(
            [
                np.full(len(nps), 0),
                np.full(len(csat), 1),
                np.full(len(support), 2),
                np.full(len(quitting) + len(lapsed), 3),
            ]
        )
        person = np.concatenate(
            [
                shop.person[nps],
                shop.person[csat],
                shop.person[self.ticket_order[support]],
                subs.person[quitting],
                shop.person[lapsed],
            ]
        )
        at = np.concatenate([
            shop.at[nps] + rng.integers(10 * DAY, 20 * DAY, len(nps)),
            shop.at[csat] + rng.integers(4 * DAY, 9 * DAY, len(csat)),
            self.ticket_at[support] + rng.integers(DAY, 5 * DAY, len(support)),
            subs.cancelled[quitting] + rng.integers(600, 2 * DAY, len(quitting)),
            shop.at[lapsed] + rng.integers(80 * DAY, 115 * DAY, len(lapsed)),
        ])  # fmt: skip
        leaving = at + 30 * DAY > np.minimum(people.stopped_at[person], NEVER - 1)
        mood = np.clip(rng.normal(np.where(leaving, 0.52, 0.80), 0.20), 0, 1)
        keep = at <= world.end
        kind, place, person, at, mood = kind[keep], place[keep], person[keep], at[keep], mood[keep]
        rows = len(kind)
        lowest = np.where(kind == 0, 0, 1)
        score = np.rint(lowest + mood * (SCALES[kind] - lowest)).astype(np.int64)
        guest = at < people.account_at[person]
        is_exit = kind == 3
        answers = table("survey_responses", rows, {
            "brand": people.brands(person),
            "response_id": text_ids("N", numbers(shop.chunk, rows)),
            "responded_at": moments(at),
            "customer_id": people.customer_ids(person, 0, guest),
            "email": people.emails(person, ~guest),
            "survey_type": pick(SURVEY_TYPES, kind),
            "score": integers(score, is_exit & (rng.random(rows) < 0.5)),
            "scale_max": integers(SCALES[kind], (kind == 0) & (rng.random(rows) < 0.1)),
            "touchpoint": pick(TOUCHPOINTS, place),
            "reason": pick(EXIT_REASONS, rng.integers(0, 5, rows), ~is_exit),
            "comment": pick(COMMENTS, rng.integers(0, len(COMMENTS), rows)),
            "loaded_at": instants(landed(rng, world, at)),
        })  # fmt: skip
        # A button that is pressed twice sends an answer twice.
        again = some(world.rng("double clicks", shop.chunk), np.flatnonzero(~is_exit), 0.03, 3)
        twice = answers.take(pa.array(again))
        later = pc.add(pc.cast(twice["responded_at"], pa.int64()), 2_000_000).cast(pa.timestamp("us"))
        for name, values in {
            "response_id": text_ids("N", numbers(shop.chunk, rows + len(again))[rows:]),
            "responded_at": later,
        }.items():
            twice = twice.set_column(twice.schema.get_field_index(name), name, values)
        return pa.concat_tables([answers, twice])

    def _reviews(self) -> pa.Table:
        shop, people, world = self.shop, self.people, self.world
        rng = world.rng("reviews", shop.chunk)
        first_item = np.searchsorted(shop.item_order, np.arange(shop.count))
        share = np.minimum(0.05 + 0.06 * people.loves_sharing[shop.person], 0.5)
        at = shop.at + (rng.uniform(3, 25, shop.count) * DAY).astype(np.int64)
        order = np.flatnonzero(
            (rng.random(shop.count) < share) & (at <= world.end) & (at >= people.account_at[shop.person])
        )
        person, at = shop.person[order], at[order]
        count = len(order)
        stars = np.where(
            self._is_last(order),
            rng.choice((1, 2, 3, 4, 5), count, p=(0.16, 0.16, 0.20, 0.24, 0.24)),
            rng.choice((1, 2, 3, 4, 5), count, p=(0.04, 0.05, 0.12, 0.31, 0.48)),
        )
        content = rng.random(count) < 0.22
        deleted = np.full(count, NEVER)
        gone = some(rng, np.flatnonzero((at < world.end - 40 * DAY) & (stars >= 4)), 0.012, 5)
        # Two by customers with a single order: without the review they are plain new customers again.
        orders = np.bincount(shop.person, minlength=people.count)[person]
        gone = np.union1d(
            gone, some(rng, np.flatnonzero((orders == 1) & (at < world.end - 40 * DAY) & (stars >= 4)), 0, 2)
        )
        deleted[gone] = at[gone] + rng.integers(2 * DAY, 35 * DAY, len(gone))
        return table("reviews", count, {
            "brand": people.brands(person),
            "review_id": text_ids("W", numbers(shop.chunk, count)),
            "customer_id": people.customer_ids(person, people.record_of(rng, person, at)),
            "product_id": text_ids("P", 100 + world.products.number[shop.item_product[first_item[order]]]),
            "rating": integers(stars, content & (rng.random(count) < 0.3)),
            "published_at": moments(at),
            "is_user_content": flags(content, rng.random(count) < 0.05),
            "loaded_at": instants(landed(rng, world, at, deleted)),
            "deleted_at": moments(deleted),
        })  # fmt: skip
