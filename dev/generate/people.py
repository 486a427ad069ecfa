"""Who the people are and what they really do: the process behind the raw data.

A person is a row number within the chunk. Everything here is true and complete; the other modules decide what of it a
shop's systems get to see, and under which identifier. All moments are seconds since 1970, ``NEVER`` = does not happen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dev.generate.columns import DAY, NEVER, blank, pick, text_ids
from dev.generate.world import (
    BRAND_SHARES,
    BRANDS,
    CHANNEL_NUMBER,
    CHANNELS,
    COUNTRY_CURRENCY,
    COUNTRY_SHARES,
    World,
    some,
)

FIRST_NAMES = (
    "Lea",
    "Hugo",
    "Emma",
    "Louis",
    "Chloe",
    "Nathan",
    "Ines",
    "Jules",
    "Sarah",
    "Adam",
    "Marta",
    "Pablo",
    "Greta",
    "Jonas",
    "Giulia",
    "Luca",
    "Sanne",
    "Daan",
    "Amelia",
    "Oliver",
)
LAST_NAMES = (
    "Martin",
    "Bernard",
    "Dubois",
    "Petit",
    "Moreau",
    "Laurent",
    "Simon",
    "Michel",
    "Garcia",
    "Roux",
    "Peeters",
    "Schmidt",
    "Weber",
    "Rossi",
    "Bianchi",
    "Jansen",
    "Visser",
    "Smith",
    "Taylor",
    "Brown",
    "Okafor",
    "Nguyen",
)
SEGMENTS = ("consumer", "business")
KIOSK_SIZE = 8  # people who sign in on one public device: more than a person has
OFFICE_SIZE = 7  # customers who gave the same functional mailbox


@dataclass
class Orders:
    """True orders sorted by person and moment: ``person`` (index), ``at``, ``sequence`` (0 = first).

    ``asleep_after``: a sleep of months follows.
    """

    person: np.ndarray
    at: np.ndarray
    sequence: np.ndarray
    asleep_after: np.ndarray

    def __len__(self) -> int:
        return len(self.person)


@dataclass
class Subscriptions:
    """True subscriptions by person and round; trial or paid moments are ``NEVER`` where there was none.

    ``ended`` is the end of what was paid for, ``cancelled`` when that was decided (``NEVER`` while it runs on).
    """

    person: np.ndarray
    round: np.ndarray
    trial_from: np.ndarray
    trial_to: np.ndarray
    started: np.ndarray
    ended: np.ndarray
    cancelled: np.ndarray
    involuntary: np.ndarray
    yearly: np.ndarray

    def __len__(self) -> int:
        return len(self.person)


class People:
    """One chunk of people. ``numbers`` are their global numbers, from 1.

    Arrays by person: ``brand``, ``country``, ``currency``, ``segment`` (2 = not recorded), ``channel`` (true
    acquisition channel), ``first_touch``, ``engaged_at``, ``account_at``, ``is_guest``, ``is_slow`` (buys after months
    of silence), ``has_device``, ``has_second_device``, ``email_owner`` (whose mailbox it uses), ``in_office`` (a
    functional mailbox), ``referrer`` (index or -1), ``active_until``, ``stopped_at`` (``NEVER`` = still alive at the
    end of the data), ``split_at``/``joined_at`` (life of a second record), ``chain_split_at``/``chain_joined_at`` (of a
    third).
    """

    def __init__(self, world: World, chunk: int, numbers: np.ndarray) -> None:
        self.world, self.chunk, self.numbers = world, chunk, numbers
        self.count = len(numbers)
        self._draw_traits(world.rng("people", chunk))
        self.subscriptions = self._draw_subscriptions(world.rng("subscriptions", chunk))
        self.orders = self._draw_orders(world.rng("purchases", chunk))
        self._settle_life(world.rng("life", chunk))
        self._draw_identity(world.rng("identity", chunk))
        self._draw_referrers(world.rng("referrers", chunk))

    # --- the process ------------------------------------------------------------------------------------------------

    def _draw_traits(self, rng: np.random.Generator) -> None:
        count, world = self.count, self.world
        self.brand = rng.choice(len(BRANDS), count, p=BRAND_SHARES)
        self.country = rng.choice(len(COUNTRY_SHARES), count, p=COUNTRY_SHARES)
        self.currency = COUNTRY_CURRENCY[self.country]
        self.segment = rng.choice(3, count, p=(0.80, 0.15, 0.05))
        shares = np.array([channel.share for channel in CHANNELS])
        self.channel = rng.choice(len(CHANNELS), count, p=shares / shares.sum())
        self.first_touch = world.arrivals(rng, count)
        engages = rng.random(count) < np.array([channel.engages for channel in CHANNELS])[self.channel]
        at_once = rng.random(count) < 0.35
        lag = np.where(at_once, rng.uniform(60, 1_800, count), rng.exponential(6 * DAY, count) + 1_800)
        self.engaged_at = self._within(np.where(engages, self.first_touch + lag, NEVER))
        engaged = self.engaged_at < NEVER
        buys = rng.random(count) < np.array([channel.buys for channel in CHANNELS])[self.channel]
        # Most buy within weeks of their first interest, some at once, a few after more than half a year's silence.
        mood = rng.random(count)
        wait = np.where(mood < 0.18, rng.uniform(300, 3_600, count), rng.exponential(17 * DAY, count) + 3_600)
        wait = np.where(mood > 0.94, rng.uniform(190 * DAY, 330 * DAY, count), wait)
        self.is_slow = engaged & buys & (mood > 0.94)
        self.first_order_at = self._within(np.where(engaged & buys, self.engaged_at + wait, NEVER))
        self.is_guest = (rng.random(count) < 0.17) & (self.first_order_at < NEVER)
        subscribes = engaged & ~self.is_guest & ~self.is_slow & (rng.random(count) < 0.13)
        self.subscribes_at = self._within(
            np.where(subscribes, self.engaged_at + rng.exponential(12 * DAY, count), NEVER)
        )
        self.loves_sharing = rng.gamma(0.6, 1.0, count)

    def _within(self, moments: np.ndarray) -> np.ndarray:
        """Moments as whole seconds, ``NEVER`` if after the end."""
        return np.where(moments > self.world.end, NEVER, moments).astype(np.int64)

    def _draw_subscriptions(self, rng: np.random.Generator) -> Subscriptions:
        """Up to three rounds: trial, paid months with a churn hazard, silence, return."""
        person = np.flatnonzero(self.subscribes_at < NEVER)
        begin = self.subscribes_at[person].astype(np.float64)
        hazard = np.clip(rng.gamma(2.0, 0.035, len(person)), 0.005, 0.5)
        rounds: list[tuple[np.ndarray, ...]] = []
        for number in range(3):
            count = len(person)
            has_trial = rng.random(count) < (0.8 if number == 0 else 0.1)
            trial_to = np.where(has_trial, begin + 14 * DAY, NEVER)
            converts = ~has_trial | (rng.random(count) < 0.56)
            paid_from = np.where(converts, np.where(has_trial, trial_to, begin), NEVER)
            yearly = rng.random(count) < 0.15
            terms = rng.geometric(np.where(yearly, np.minimum(hazard * 6, 0.9), hazard))
            length = terms * np.where(yearly, 365, 30) * DAY
            ended = np.where(converts, paid_from + length, NEVER)
            involuntary = rng.random(count) < 0.24
            notice = np.where(involuntary, 0, rng.uniform(1, 25, count) * DAY)
            cancelled = np.where(
                converts, ended - notice, np.where(has_trial, trial_to - rng.uniform(0, 9, count) * DAY, NEVER)
            )
            rounds.append(
                (
                    person,
                    np.full(count, number),
                    np.where(has_trial, begin, NEVER),
                    trial_to,
                    paid_from,
                    ended,
                    cancelled,
                    involuntary & converts,
                    yearly,
                )
            )
            gap = np.where(rng.random(count) < 0.5, rng.uniform(0, 40, count), rng.uniform(60, 200, count)) * DAY
            over = np.where(converts, ended, trial_to)
            returns = (rng.random(count) < (0.22 if number == 0 else 0.35)) & (over + gap < self.world.end)
            person, begin, hazard = person[returns], (over + gap)[returns], hazard[returns]
        columns = [np.concatenate(parts) for parts in zip(*rounds, strict=True)]
        columns = [column if column.dtype == bool else column.astype(np.int64) for column in columns]
        order = np.lexsort((columns[1], columns[0]))
        result = Subscriptions(*[column[order] for column in columns])
        # Nothing later than the end of the data has happened yet; an end already decided is known in advance.
        end = self.world.end
        result.trial_from[result.trial_from > end] = NEVER
        result.started[result.started > end] = NEVER
        undecided = (result.cancelled > end) | (result.started == NEVER)
        result.ended[undecided] = NEVER
        result.cancelled[result.cancelled > end] = NEVER
        result.involuntary &= result.cancelled < NEVER
        kept = (result.trial_from < NEVER) | (result.started < NEVER)
        return Subscriptions(*[getattr(result, name)[kept] for name in result.__dataclass_fields__])

    def _draw_orders(self, rng: np.random.Generator) -> Orders:
        """Purchases as in BG/NBD: a rate and a drop-out probability for each buyer; some sleep for months between."""
        buyers = np.flatnonzero(self.first_order_at < NEVER)
        rate = rng.gamma(1.3, 1 / 30, len(buyers)) + 1 / 400  # orders a day
        dropout = np.clip(rng.beta(0.9, 7.0, len(buyers)), 0.01, 1)
        self.order_rate = np.zeros(self.count)
        self.order_rate[buyers] = rate
        self.dropout = np.zeros(self.count)
        self.dropout[buyers] = dropout
        lifetime = np.minimum(rng.geometric(dropout), 80)
        sleeper = rng.random(len(buyers)) < 0.30
        row = np.repeat(np.arange(len(buyers)), lifetime)
        starts = np.cumsum(lifetime) - lifetime
        sequence = np.arange(len(row)) - starts[row]
        asleep = sleeper[row] & (rng.random(len(row)) < 0.12)
        gap = rng.exponential(1.0, len(row)) / rate[row] * DAY
        gap += np.concatenate([[0.0], (asleep * rng.uniform(95, 230, len(row)) * DAY)[:-1]])[: len(row)]
        gap[starts] = 0
        total = np.cumsum(gap)
        elapsed = total - total[starts][row]
        shopping = self.world.to_shopping_time(self.first_order_at[buyers])
        at = self.world.to_calendar(shopping[row] + elapsed)
        at[starts] = self.first_order_at[buyers]
        kept = at <= self.world.end
        # asleep_after of a last drawn order means nothing: that person is gone.
        last = sequence == lifetime[row] - 1
        self.order_stopped_at = np.full(self.count, NEVER)
        gone = last & kept
        self.order_stopped_at[buyers[row[gone]]] = at[gone]
        return Orders(buyers[row][kept], at[kept], sequence[kept], (asleep & ~last)[kept])

    def _settle_life(self, rng: np.random.Generator) -> None:
        """When each stopped for good, and until when they still react."""
        end, count = self.world.end, self.count
        is_buyer = self.first_order_at < NEVER
        subs = self.subscriptions
        over = np.where(subs.started < NEVER, subs.ended, subs.trial_to)
        over = np.where((subs.cancelled == NEVER) & (subs.trial_to > end), NEVER, over)
        sub_stop = np.zeros(count, dtype=np.int64)
        np.maximum.at(sub_stop, subs.person, over)
        order_stop = np.where(is_buyer, self.order_stopped_at, 0)
        stop = np.maximum(order_stop, sub_stop)
        is_prospect = stop == 0
        engaged = self.engaged_at < NEVER
        fading = np.where(
            engaged,
            np.where(engaged, self.engaged_at, 0) + rng.exponential(85 * DAY, count),
            self.first_touch + rng.exponential(30 * DAY, count),
        ).astype(np.int64)
        stop = np.where(is_prospect, fading, stop)
        # A few prospects come back to life after a long silence.
        self.revives_at = np.full(count, NEVER)
        revived = is_prospect & (rng.random(count) < 0.09)
        self.revives_at[revived] = self._within(stop[revived] + rng.uniform(150, 320, revived.sum()) * DAY)
        self.stopped_at = np.where(stop > end, NEVER, stop)
        after = rng.exponential(15 * DAY, count).astype(np.int64)
        self.active_until = np.minimum(np.where(is_prospect, stop, np.minimum(stop, end) + after), end)
        self.active_until = np.maximum(
            self.active_until, np.minimum(np.where(engaged, self.engaged_at, self.first_touch), end)
        )

    # --- identity ---------------------------------------------------------------------------------------------------

    def _draw_identity(self, rng: np.random.Generator) -> None:
        count = self.count
        engaged = self.engaged_at < NEVER
        first_order = self.first_order_at
        signs_up = engaged & ~self.is_guest & (rng.random(count) < np.where(first_order < NEVER, 0.62, 0.48))
        account = np.where(signs_up, self.engaged_at, NEVER)
        at_checkout = np.maximum(np.where(engaged, self.engaged_at, 0), first_order - 240)
        account = np.where((first_order < NEVER) & ~self.is_guest, np.minimum(account, at_checkout), account)
        later = first_order + (rng.exponential(55 * DAY, count) + 3_600).astype(np.int64)
        account = np.where(self.is_guest & (rng.random(count) < 0.5), later, account)
        account = np.minimum(account, self.subscribes_at)
        self.account_at = self._within(account)
        has_account = self.account_at < NEVER
        self.has_device = rng.random(count) < 0.86
        # Without a device of their own, people who never leave an address could not be seen at all.
        self.has_device |= ~engaged
        self.has_second_device = self.has_device & (rng.random(count) < 0.2)
        is_default = self.brand == 0
        self.is_test = np.zeros(count, dtype=bool)
        self.is_test[some(rng, np.flatnonzero(has_account), 0.004, 3)] = True
        self._draw_shared_mailboxes(rng, np.flatnonzero(has_account & is_default & ~self.is_test & ~self.is_guest))
        self._draw_second_records(rng, has_account & ~self.is_test)
        self.record_missing = np.zeros(count, dtype=bool)
        many_orders = np.flatnonzero(has_account & (first_order < NEVER) & (self.email_owner == np.arange(count)))
        self.record_missing[some(rng, many_orders, 0.003, 2)] = True

    def _draw_shared_mailboxes(self, rng: np.random.Generator, candidates: np.ndarray) -> None:
        self.email_owner = np.arange(self.count)
        self.in_office = np.zeros(self.count, dtype=bool)
        chosen = rng.permutation(candidates)
        offices = max(1, self.count // 20_000)
        taken = 0
        self.kiosks: list[np.ndarray] = []
        for _ in range(offices):
            members = np.sort(chosen[taken : taken + OFFICE_SIZE])
            taken += OFFICE_SIZE
            if len(members) == OFFICE_SIZE:
                self.email_owner[members] = members[0]
                self.in_office[members] = True
            visitors = np.sort(chosen[taken : taken + KIOSK_SIZE])
            taken += KIOSK_SIZE
            if len(visitors) == KIOSK_SIZE:
                self.kiosks.append(visitors)
        pairs = max(2, round(0.004 * len(candidates)))
        household = chosen[taken : taken + 2 * pairs]
        half = len(household) // 2
        self.email_owner[household[half : 2 * half]] = household[:half]

    def _draw_second_records(self, rng: np.random.Generator, has_account: np.ndarray) -> None:
        count, end = self.count, self.world.end
        self.split_at = np.full(count, NEVER)
        self.joined_at = np.full(count, NEVER)
        self.chain_split_at = np.full(count, NEVER)
        self.chain_joined_at = np.full(count, NEVER)
        orders = np.bincount(self.orders.person, minlength=count)
        second = self.orders.sequence == 1
        second_at = np.full(count, NEVER)
        second_at[self.orders.person[second]] = self.orders.at[second]
        fits = has_account & (orders >= 3) & (self.account_at < second_at) & (second_at < end - 60 * DAY)
        owners = some(rng, np.flatnonzero(fits), 0.03, 8)
        self.split_at[owners] = second_at[owners] - 60
        room = end - self.split_at[owners]
        self.joined_at[owners] = self.split_at[owners] + (
            np.minimum(room, 200 * DAY) * rng.uniform(0.3, 0.95, len(owners))
        ).astype(np.int64)
        chained = owners[::4]
        span = self.joined_at[chained] - self.split_at[chained]
        self.chain_split_at[chained] = self.split_at[chained] + span // 3
        self.chain_joined_at[chained] = np.minimum(
            self.joined_at[chained] + rng.integers(3 * DAY, 50 * DAY, len(chained)), end - DAY
        )

    def _draw_referrers(self, rng: np.random.Generator) -> None:
        """Each person of the referral channel was sent by a customer of the same brand who had bought before."""
        self.referrer = np.full(self.count, -1)
        channel = CHANNEL_NUMBER["referral"]
        for brand in range(len(BRANDS)):
            able = np.flatnonzero(
                (self.brand == brand)
                & (self.first_order_at < NEVER)
                & (self.account_at <= self.first_order_at)
                & (self.channel != channel)
                & ~self.is_test
            )
            able = able[np.argsort(self.first_order_at[able], kind="stable")]
            guests = np.flatnonzero((self.brand == brand) & (self.channel == channel))
            known = np.searchsorted(self.first_order_at[able], self.first_touch[guests] - DAY)
            lucky = known > 0
            self.referrer[guests[lucky]] = able[(rng.random(lucky.sum()) ** 0.8 * known[lucky]).astype(np.int64)]
        orphaned = (self.channel == channel) & (self.referrer < 0)
        self.channel[orphaned] = CHANNEL_NUMBER["direct"]

    # --- identifiers as text ----------------------------------------------------------------------------------------

    def brands(self, person: np.ndarray) -> pa.Array:
        """The brand of each row's person."""
        return pick(BRANDS, self.brand[person])

    def record_of(self, rng: np.random.Generator, person: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Which of the person's customer records (0 main, 1, 2) a row of that moment is written under.

        Shortly after a merge a few rows still arrive under the merged record.
        """
        luck = rng.random(len(person))
        record = np.zeros(len(person), dtype=np.int64)
        second = (at >= self.split_at[person]) & (at < self.joined_at[person])
        straggler = (at >= self.joined_at[person]) & (at < self.joined_at[person] + 30 * DAY)
        record[(second & (luck < 0.7)) | (straggler & (luck < 0.15))] = 1
        third = (at >= self.chain_split_at[person]) & (at < self.chain_joined_at[person])
        record[third & (luck > 0.6)] = 2
        return record

    def customer_ids(
        self, person: np.ndarray, record: np.ndarray | int = 0, missing: np.ndarray | None = None
    ) -> pa.Array:
        """Raw customer ids: numbers, whose last digit is the record (spreadsheets make ``10000010.0`` of them).

        Those of the second brand repeat numbers of the first: the brand is part of the key.
        """
        number = 1_000_000 + self.numbers[person] - (self.brand[person] == 1)
        return text_ids("", number * 10 + record, missing)

    def device_ids(
        self, person: np.ndarray, second: np.ndarray | bool = False, missing: np.ndarray | None = None
    ) -> pa.Array:
        """Anonymous ids: the first or second device of each person."""
        suffix = pick(("", "-m"), np.broadcast_to(second, len(person)))
        return text_ids("v", 3_000_000 + self.numbers[person], missing, suffix)

    def emails(self, person: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
        """E-mail addresses, of the mailbox's owner where it is shared."""
        owner = self.email_owner[person]
        number = self.numbers[owner]
        first = pick([name.lower() for name in FIRST_NAMES], number * 7 % len(FIRST_NAMES))
        last = pick([name.lower() for name in LAST_NAMES], number * 13 % len(LAST_NAMES))
        domain = pick(
            ("@example.com", "@example.org", "@mail.example", "+shop@example.net"), np.minimum(number % 23 // 7, 3)
        )
        column = pc.binary_join_element_wise(first, last, pa.array(number).cast(pa.string()), ".")
        column = pc.binary_join_element_wise(column, domain, "")
        return column if missing is None else blank(column, missing)

    def names(self, person: np.ndarray) -> tuple[pa.Array, pa.Array]:
        """First and last names."""
        number = self.numbers[person]
        return pick(FIRST_NAMES, number * 7 % len(FIRST_NAMES)), pick(LAST_NAMES, number * 13 % len(LAST_NAMES))

    def seen_as(
        self, rng: np.random.Generator, person: np.ndarray, at: np.ndarray, by_mail: np.ndarray
    ) -> dict[str, pa.Array]:
        """The identifier columns of web and mail events: what the systems knew of the person at that moment.

        Before the account: the device, or the mailbox; afterwards the customer id, often with the device (the sign-in),
        sometimes the device alone.
        """
        luck = rng.random(len(person))
        has_account = at >= self.account_at[person]
        has_device = self.has_device[person]
        # Mail to and from a functional mailbox often does not say which customer it is about.
        nameless = by_mail & self.in_office[person] & (luck < 0.4)
        has_customer = has_account & (by_mail | (luck < 0.88) | ~has_device) & ~nameless
        has_anonymous = ~by_mail & has_device & (~has_account | (luck > 0.5))
        has_email = (~has_account & (by_mail | ~has_device)) | (has_account & nameless)
        second = self.has_second_device[person] & (rng.random(len(person)) < 0.3)
        record = self.record_of(rng, person, at)
        return {
            "brand": self.brands(person),
            "customer_id": self.customer_ids(person, record, ~has_customer),
            "anonymous_id": self.device_ids(person, second, ~has_anonymous),
            "email": self.emails(person, ~has_email),
        }


def cap(moments: np.ndarray, end: int) -> np.ndarray:
    """Moments with those after the end as ``NEVER``."""
    return np.where(moments > end, NEVER, moments)


def landed(rng: np.random.Generator, world: World, *moments: np.ndarray) -> np.ndarray:
    """When a row reached the warehouse: the night after its last change, for 1.5 % of rows up to six weeks later."""
    latest = np.zeros(len(moments[0]), dtype=np.int64)
    for moment in moments:
        latest = np.maximum(latest, np.where(moment < NEVER, moment, 0))
    night = (latest // DAY + 1) * DAY + 2 * 3600
    late = rng.random(len(night)) < 0.015
    night = night + np.where(late, rng.integers(3, 42, len(night)) * DAY, 0)
    return np.minimum(night, world.end + 1 + 2 * 3600)
