"""What marketing's tools record: campaigns and their cost, touchpoints, engagements, social and podcast figures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dev.generate.columns import (
    DAY,
    NEVER,
    blank,
    dates,
    flags,
    instants,
    integers,
    moments,
    money,
    pick,
    table,
    text_ids,
)
from dev.generate.people import People, landed
from dev.generate.shop import numbers
from dev.generate.world import BRANDS, CHANNEL_NUMBER, CHANNELS, CURRENCIES, World, some

TOUCH_TYPES = ("click", "visit", "impression", "email_delivered", "email_opened", "podcast_listen")
LANDING_PAGES = ("/", "/coffee", "/gifts", "/subscription", "/blog/first-cup", "/sale")
ENGAGEMENT_TYPES = (
    "signup", "newsletter_subscribed", "lead_form", "like", "comment", "share", "mention", "podcast_download",
    "webinar_attended", "email_clicked", "newsletter_unsubscribed",
)  # fmt: skip
ENGAGEMENT = {name: code for code, name in enumerate(ENGAGEMENT_TYPES)}
# Of later engagements; sign-ups happen once, with the account.
ENGAGEMENT_SHARES = (0.0, 0.03, 0.02, 0.36, 0.09, 0.06, 0.03, 0.10, 0.02, 0.275, 0.015)
ENGAGEMENT_CHANNELS = ("direct", "email", "paid_search", "organic_social", "podcast", "organic_search")
CHANNEL_OF_TYPE = np.array([0, 0, 2, 3, 3, 3, 3, 4, 0, 1, 1])
LATER_ENGAGEMENTS = 8.3  # mean per engaged person
LATER_TOUCHES = 1.6  # mean per person
CLICKS = 32  # paid for, per person that a channel brings: most leave at once, or refuse to be followed
IMPRESSIONS = 1_200
PAYMENT_PAGES = ("https://www.paypal.com/", "https://checkout.stripe.com/", "https://acs.bank.example/3ds/challenge")
SOCIAL_PLATFORMS = (("instagram", False), ("linkedin", False), ("meta", True))
PODCAST_PLATFORMS = ("spotify", "apple")
EPISODE_EVERY_DAYS = 28
EPISODE_COUNTED_DAYS = 28


def _advertised(world: World) -> list[tuple[int, int, int]]:
    """(brand, channel, quarter) of every campaign: the second brand only searches and writes e-mail."""
    found = []
    for brand in range(len(BRANDS)):
        for number, channel in enumerate(CHANNELS):
            if channel.has_campaigns and (brand == 0 or channel.name in ("paid_search", "email")):
                found += [(brand, number, quarter) for quarter in range(world.quarter_count())]
    return found


def campaigns(world: World) -> pa.Table:
    """One campaign per channel and quarter, below a parent for the channel as a whole."""
    found = _advertised(world)
    parents = sorted({(brand, channel) for brand, channel, _ in found})
    ids = world.campaign_ids()
    rows = []
    for brand, channel in parents:
        name = CHANNELS[channel].name
        rows.append((brand, channel, f"{name}-always", f"{name} always on", world.start, NEVER, None))
    for brand, channel, quarter in found:
        name = CHANNELS[channel].name
        rows.append(
            (
                brand,
                channel,
                ids[channel * world.quarter_count() + quarter],
                f"{name} wave {quarter + 1}",
                world.quarter_start(quarter),
                world.quarter_start(quarter + 1),
                f"{name}-always",
            )
        )
    brand, channel, identity, label, start, stop, parent = map(list, zip(*rows, strict=True))
    started = np.array(start)
    return table("campaigns", len(rows), {
        "brand": pick(BRANDS, np.array(brand)),
        "campaign_id": pa.array(identity),
        "name": pa.array(label),
        "channel": pa.array([CHANNELS[number].name for number in channel]),
        "platform": pa.array([CHANNELS[number].platform for number in channel]),
        "objective": pa.array(["sales" if CHANNELS[number].cost else "loyalty" for number in channel]),
        "started_at": instants(started),
        "ended_at": instants(np.array(stop)),
        "parent_campaign_id": pa.array(parent, pa.string()),
        "loaded_at": instants(started + 2 * 3600),
    })  # fmt: skip


def ad_performance(world: World) -> pa.Table:
    """Cost and reach of each paid campaign by day, in step with the number of people the channel brings."""
    rng = world.rng("ad_performance")
    ids = world.campaign_ids()
    parts = []
    total_share = sum(channel.share for channel in CHANNELS)
    for brand, number, quarter in _advertised(world):
        channel = CHANNELS[number]
        if not channel.cost:
            continue
        days = np.arange(world.quarter_start(quarter), min(world.quarter_start(quarter + 1), world.end), DAY)
        people_a_day = world.customers * channel.share / total_share / len(world.days) * (0.93 if brand == 0 else 0.07)
        level = world.weights(days) * rng.lognormal(0, 0.15, len(days))
        clicks = rng.poisson(people_a_day * CLICKS * level)
        impressions = rng.poisson(people_a_day * IMPRESSIONS * level + clicks)
        spend = np.rint(clicks * channel.cost * rng.uniform(0.85, 1.2, len(days))).astype(np.int64)
        claims = rng.binomial(clicks, 0.011)
        code = number * world.quarter_count() + quarter
        parts.append((np.full(len(days), brand), days, np.full(len(days), code), impressions, clicks, spend, claims))
    brand, day, code, impressions, clicks, spend, claims = (np.concatenate(part) for part in zip(*parts, strict=True))
    count = len(day)
    return table("ad_performance", count, {
        "brand": pick(BRANDS, brand),
        "date": dates(day),
        "campaign_id": pick(ids, code),
        "platform": pick([channel.platform for channel in CHANNELS], code // world.quarter_count()),
        "impressions": integers(impressions),
        "clicks": integers(clicks),
        "spend_amount": money(spend),
        "currency": pick(CURRENCIES, np.where(brand == 1, 2, 0)),
        "platform_conversions": integers(claims),
        "loaded_at": instants(landed(rng, world, day)),
    })  # fmt: skip


def social_daily(world: World) -> pa.Table:
    """Reach and reactions by platform and day; ``followers_total`` is a running counter (null for paid reach)."""
    rng = world.rng("social")
    days = world.days
    parts = []
    for number, (_, is_paid) in enumerate(SOCIAL_PLATFORMS):
        size = max(20.0, world.customers * (0.05, 0.02, 0.08)[number])
        level = world.weights(days) * rng.lognormal(0, 0.25, len(days))
        impressions = rng.poisson(size * level)
        reactions = [rng.binomial(impressions, share) for share in (0.03, 0.004, 0.003, 0.001)]
        gained = rng.poisson(size * 0.02, len(days)) - rng.poisson(size * 0.006, len(days))
        followers = np.maximum(0, np.int64(size * 4) + np.cumsum(gained))
        parts.append(
            (np.full(len(days), number), days, impressions, followers, *reactions, np.full(len(days), is_paid))
        )
    number, day, impressions, followers, likes, comments, shares, mentions, is_paid = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    count = len(day)
    return table("social_daily", count, {
        "brand": pick(BRANDS, np.zeros(count)),
        "date": dates(day),
        "platform": pick([name for name, _ in SOCIAL_PLATFORMS], number),
        "is_paid": flags(is_paid),
        "impressions": integers(impressions),
        "followers_total": integers(followers, is_paid),
        "likes": integers(likes),
        "comments": integers(comments),
        "shares": integers(shares),
        "mentions": integers(mentions),
        "loaded_at": instants(landed(rng, world, day)),
    })  # fmt: skip


def podcast_daily(world: World) -> pa.Table:
    """Listeners and downloads of each episode on each platform during its first four weeks."""
    rng = world.rng("podcast")
    rows = []
    for episode, first in enumerate(range(world.start, world.end, EPISODE_EVERY_DAYS * DAY)):
        days = np.arange(first, min(first + EPISODE_COUNTED_DAYS * DAY, world.end), DAY)
        for platform in range(len(PODCAST_PLATFORMS)):
            expected = max(3.0, world.customers * 0.03) * np.exp(-np.arange(len(days)) / 6)
            downloads = rng.poisson(expected)
            rows.append(
                (
                    days,
                    np.full(len(days), platform),
                    np.full(len(days), episode),
                    rng.binomial(downloads, 0.8),
                    downloads,
                )
            )
    day, platform, episode, listeners, downloads = (np.concatenate(part) for part in zip(*rows, strict=True))
    count = len(day)
    return table("podcast_daily", count, {
        "brand": pick(BRANDS, np.zeros(count)),
        "date": dates(day),
        "platform": pick(PODCAST_PLATFORMS, platform),
        "episode_id": text_ids("EP", 101 + episode),
        "listeners": integers(listeners),
        "downloads": integers(downloads),
        "loaded_at": instants(landed(rng, world, day)),
    })  # fmt: skip


class Contacts:
    """Touchpoints and engagements of a chunk of people."""

    def __init__(self, people: People) -> None:
        self.people, self.world, self.chunk = people, people.world, people.chunk
        # A refused cookie hides the first touch of some who are seen later anyway.
        rng = self.world.rng("tracking", self.chunk)
        self.first_touch_tracked = (rng.random(people.count) > 0.07) | (people.engaged_at == NEVER)

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Touchpoints and engagements."""
        yield "touchpoints", self._touchpoints()
        yield "engagements", self._engagements()

    def _touchpoints(self) -> pa.Table:
        people, world = self.people, self.world
        rng = world.rng("touchpoints", self.chunk)
        all_people = np.arange(people.count)
        first = all_people[self.first_touch_tracked]
        more = rng.poisson(
            LATER_TOUCHES * np.where(people.engaged_at < NEVER, 1.15, 0.45) * np.where(people.is_slow, 0.0, 1.0)
        )
        later = np.repeat(all_people, more)
        soon = rng.random(len(later)) < 0.5
        begin, until = people.first_touch[later], people.active_until[later]
        at = np.where(
            soon, begin + rng.exponential(10 * DAY, len(later)), begin + rng.random(len(later)) * (until - begin)
        ).astype(np.int64)
        # A forgotten prospect sees an advertisement again; a sleeping customer is written to before coming back.
        revived = np.flatnonzero(people.revives_at < NEVER)
        orders = people.orders
        waking = np.flatnonzero(orders.asleep_after[:-1] & (orders.person[1:] == orders.person[:-1])) + 1
        waking = waking[rng.random(len(waking)) < 0.65]
        wake_person = orders.person[waking]
        wake_at = orders.at[waking] - rng.integers(3_600, 6 * DAY, len(waking))
        person = np.concatenate([first, later, people_of := revived, wake_person])
        moment = np.concatenate([people.first_touch[first], at, people.revives_at[people_of], wake_at])
        usual = people.channel[person]
        other = rng.choice(len(CHANNELS), len(person), p=(0.12, 0.17, 0.13, 0.10, 0.24, 0.02, 0.0, 0.18, 0.04))
        is_first = np.arange(len(person)) < len(first)
        channel = np.where(is_first | (rng.random(len(person)) < 0.3), usual, other)
        channel[len(person) - len(waking) :] = CHANNEL_NUMBER["email"]
        kept = moment <= world.end
        person, moment, channel = person[kept], moment[kept], channel[kept]
        by_mail = channel == CHANNEL_NUMBER["email"]
        # E-mail reaches people whose address is known; a first touch by e-mail comes from a bought list.
        who = people.seen_as(rng, person, moment, by_mail)
        own = self._touch_columns(rng, channel, moment, people.brand[person])
        clicks = world.rng("clicks", self.chunk).random(len(person))
        # A person who clicks on a mail is interested; some ask an assistant where they used to search.
        clicked = pc.and_(
            pc.equal(own["touch_type"], "email_opened"), (moment >= people.engaged_at[person]) & (clicks < 0.4)
        )
        own["touch_type"] = pc.if_else(clicked, "email_clicked", own["touch_type"])
        asked = (channel == CHANNEL_NUMBER["organic_search"]) & ~is_first[kept] & (clicks > 0.9)
        own["referrer"] = pc.if_else(pa.array(asked), "https://chatgpt.com/", own["referrer"])
        genuine = table("touchpoints", len(person), {
            **who, **own,
            "occurred_at": moments(moment),
            "is_bot": flags(np.zeros(len(person), dtype=bool), rng.random(len(person)) < 0.05),
            "loaded_at": instants(landed(rng, world, moment)),
        })  # fmt: skip
        rows = pa.concat_tables([genuine, self._robots(rng, len(person)), self._kiosk_visits(rng)])
        rows = self._as_tools_write(world.rng("addresses", self.chunk), rows)
        ids = text_ids("T", numbers(self.chunk, len(rows)))
        return rows.set_column(rows.schema.get_field_index("touchpoint_id"), "touchpoint_id", ids)

    def _touch_columns(
        self, rng: np.random.Generator, channel: np.ndarray, at: np.ndarray, brand: np.ndarray
    ) -> dict[str, pa.Array]:
        world = self.world
        types = np.array(
            [[TOUCH_TYPES.index(entry.touch_types[0]), TOUCH_TYPES.index(entry.touch_types[-1])] for entry in CHANNELS]
        )
        kind = types[channel, (rng.random(len(channel)) < 0.5).astype(np.int64)]
        campaign = channel * world.quarter_count() + world.quarter_of(at)
        has_campaign = np.array([entry.has_campaigns for entry in CHANNELS])[channel] & (
            rng.random(len(channel)) < 0.92
        )
        has_campaign &= (brand == 0) | np.isin(channel, [CHANNEL_NUMBER["paid_search"], CHANNEL_NUMBER["email"]])
        passive = np.isin(kind, [TOUCH_TYPES.index("email_delivered"), TOUCH_TYPES.index("impression")])
        return {
            "touch_type": pick(TOUCH_TYPES, kind),
            "utm_source": pick([entry.utm_source for entry in CHANNELS], channel),
            "utm_medium": pick([entry.utm_medium for entry in CHANNELS], channel),
            "utm_campaign": pick(world.campaign_ids(), campaign, ~has_campaign),
            "campaign_id": pick(world.campaign_ids(), campaign, ~has_campaign | (rng.random(len(channel)) < 0.25)),
            "referrer": pick([entry.referrer for entry in CHANNELS], channel),
            "landing_page": pick(LANDING_PAGES, rng.integers(0, len(LANDING_PAGES), len(channel)), passive),
        }

    def _as_tools_write(self, rng: np.random.Generator, rows: pa.Table) -> pa.Table:
        """Origins as tools write them: click ids and utm texts in the address, names that were encoded, payment pages."""
        luck, click = rng.random(len(rows)), rng.integers(10**9, 10**10, len(rows))
        texts = {name: rows[name].combine_chunks() for name in ("utm_source", "utm_medium", "utm_campaign")}
        lands, page = pc.is_valid(rows["landing_page"]), pc.binary_join_element_wise(
            "https://www.shop.example", rows["landing_page"].combine_chunks(), ""
        )  # fmt: skip
        tagged = pc.and_(lands, pc.is_valid(texts["utm_source"])).to_numpy()
        clicked = tagged & (luck < 0.15) & pc.equal(texts["utm_medium"], "cpc").fill_null(False).to_numpy(False)
        in_address, encoded = tagged & (luck > 0.88), tagged & (luck > 0.4) & (luck < 0.45)
        returned = ~tagged & lands.to_numpy() & pc.is_null(rows["referrer"]).to_numpy() & (luck < 0.06)
        campaign = pc.coalesce(pc.binary_join_element_wise("&utm_campaign=", texts["utm_campaign"], ""), pa.scalar(""))
        addresses = {
            "click": (clicked, pc.binary_join_element_wise(page, "?gclid=Cj0K", pa.array(click).cast(pa.string()), "")),
            "utm": (in_address, pc.binary_join_element_wise(
                page, "?utm_source=", texts["utm_source"], "&utm_medium=", texts["utm_medium"], campaign, "")),
        }  # fmt: skip
        columns = {"landing_page": rows["landing_page"].combine_chunks(), "referrer": rows["referrer"].combine_chunks()}
        for chosen, address in addresses.values():
            columns["landing_page"] = pc.if_else(pa.array(chosen), address, columns["landing_page"])
        pages = pick(PAYMENT_PAGES, click % len(PAYMENT_PAGES))
        columns["referrer"] = pc.if_else(pa.array(returned), pages, columns["referrer"])
        spellings = {
            "utm_source": pc.binary_join_element_wise(pc.utf8_upper(texts["utm_source"]), "%20", ""),
            "utm_medium": pc.utf8_capitalize(pc.replace_substring(texts["utm_medium"], "_", "%2520")),
            "utm_campaign": pc.utf8_capitalize(pc.replace_substring(texts["utm_campaign"], "-", "%2D")),
        }
        for name, spelling in spellings.items():
            columns[name] = pc.if_else(pa.array(encoded), spelling, blank(texts[name], clicked | in_address))
        for name, values in columns.items():
            rows = rows.set_column(rows.schema.get_field_index(name), name, values)
        return rows

    def _robots(self, rng: np.random.Generator, genuine: int) -> pa.Table:
        """Crawlers: few visitors, many clicks."""
        count = max(3, genuine // 80)
        at = rng.integers(self.world.start, self.world.end, count)
        return table("touchpoints", count, {
            "brand": pick(BRANDS, np.zeros(count)),
            "anonymous_id": text_ids("bot-", self.chunk * 1000 + rng.integers(0, max(1, count // 12), count)),
            "occurred_at": moments(at),
            **self._touch_columns(rng, rng.choice([0, 7], count), at, np.zeros(count)),
            "is_bot": flags(np.ones(count, dtype=bool)),
            "loaded_at": instants(landed(rng, self.world, at)),
        })  # fmt: skip

    def _kiosk_visits(self, rng: np.random.Generator) -> pa.Table:
        """A public device on which more people sign in than one person can be, and its visits without sign-in."""
        world, people = self.world, self.people
        visitors = np.concatenate([*people.kiosks, np.zeros(0, dtype=np.int64)]).astype(np.int64)
        kiosk = np.repeat(np.arange(len(people.kiosks)), [len(kiosk) for kiosk in people.kiosks]).astype(np.int64)
        room = np.maximum(world.end - people.account_at[visitors] - DAY, 1)
        signed = people.account_at[visitors] + 3_600 + (rng.random(len(visitors)) * room).astype(np.int64)
        anonymous = np.repeat(np.arange(len(people.kiosks)), 6)
        at = np.concatenate([np.minimum(signed, world.end), rng.integers(world.start, world.end, len(anonymous))])
        count = len(at)
        person = np.concatenate([visitors, np.zeros(len(anonymous), dtype=np.int64)])
        unknown = np.arange(count) >= len(visitors)
        return table("touchpoints", count, {
            "brand": pick(BRANDS, np.zeros(count)),
            "customer_id": people.customer_ids(person, 0, unknown),
            "anonymous_id": text_ids("kiosk-", self.chunk * 100 + np.concatenate([kiosk, anonymous])),
            "occurred_at": moments(at),
            **self._touch_columns(rng, np.full(count, CHANNEL_NUMBER["direct"]), at, np.zeros(count)),
            "is_bot": flags(np.zeros(count, dtype=bool)),
            "loaded_at": instants(landed(rng, world, at)),
        })  # fmt: skip

    def _engagements(self) -> pa.Table:
        people, world = self.people, self.world
        rng = world.rng("engagements", self.chunk)
        engaged = np.flatnonzero(people.engaged_at < NEVER)
        # The first act of interest; the sign-up, now or later; then as many as the person likes to share.
        first_acts = ("newsletter_subscribed", "lead_form", "like", "podcast_download", "comment")
        first_type = rng.choice(
            [ENGAGEMENT[name] for name in first_acts],
            len(engaged), p=(0.42, 0.18, 0.25, 0.10, 0.05),
        )  # fmt: skip
        first_type = np.where(
            people.account_at[engaged] == people.engaged_at[engaged], ENGAGEMENT["signup"], first_type
        )
        members = np.flatnonzero((people.account_at < NEVER) & (people.account_at != people.engaged_at))
        appetite = rng.gamma(0.9, LATER_ENGAGEMENTS / 0.9, len(engaged)) * np.where(people.is_slow[engaged], 0.1, 1.0)
        more = rng.poisson(np.minimum(appetite, 90))
        later = np.repeat(engaged, more)
        begin, until = people.engaged_at[later], people.active_until[later]
        at = begin + (rng.random(len(later)) ** 1.3 * np.maximum(until - begin, 1)).astype(np.int64)
        at = np.where(people.is_slow[later], np.minimum(at, begin + 40 * DAY), at)
        revived = np.flatnonzero((people.revives_at < NEVER) & (rng.random(people.count) < 0.5))
        person = np.concatenate([engaged, members, later, revived])
        moment = np.concatenate(
            [people.engaged_at[engaged], people.account_at[members], at, people.revives_at[revived] + 7_200]
        )
        kind = np.concatenate([
            first_type, np.full(len(members), ENGAGEMENT["signup"]),
            rng.choice(len(ENGAGEMENT_TYPES), len(later), p=ENGAGEMENT_SHARES),
            np.full(len(revived), ENGAGEMENT["email_clicked"]),
        ])  # fmt: skip
        kept = moment <= world.end
        person, moment, kind = person[kept], moment[kept], kind[kept]
        count = len(person)
        mail_kinds = [ENGAGEMENT["email_clicked"], ENGAGEMENT["newsletter_unsubscribed"]]
        who = people.seen_as(rng, person, moment, np.isin(kind, mail_kinds))
        # A person who subscribes to the newsletter leaves an address, with or without a device.
        subscribing = (kind == ENGAGEMENT["newsletter_subscribed"]) & (moment < people.account_at[person])
        address = people.emails(person, ~(subscribing & (rng.random(count) < 0.8)))
        who["email"] = pc.coalesce(who["email"], address)
        signing = kind == ENGAGEMENT["signup"]
        silent = signing & (rng.random(count) < 0.3) & pc.is_valid(who["customer_id"]).to_numpy(zero_copy_only=False)
        who["anonymous_id"] = pc.if_else(
            pa.array(signing & ~silent & people.has_device[person]),
            people.device_ids(person),
            blank(who["anonymous_id"], silent),
        )
        campaign = CHANNEL_NUMBER["email"] * world.quarter_count() + world.quarter_of(moment)
        no_campaign = (kind != ENGAGEMENT["email_clicked"]) | (rng.random(count) < 0.2)
        deleted = np.full(count, NEVER)
        gone = some(
            rng,
            np.flatnonzero(
                (moment < world.end - 60 * DAY) & np.isin(kind, [ENGAGEMENT["comment"], ENGAGEMENT["like"]])
            ),
            0.004,
            2,
        )
        deleted[gone] = moment[gone] + rng.integers(DAY, 50 * DAY, len(gone))
        loaded = landed(rng, world, moment, deleted)
        acts = table("engagements", count, {
            **who,
            "engagement_id": text_ids("E", numbers(self.chunk, count)),
            "occurred_at": moments(moment),
            "engagement_type": pick(ENGAGEMENT_TYPES, kind),
            "channel": pick(ENGAGEMENT_CHANNELS, CHANNEL_OF_TYPE[kind], rng.random(count) < 0.3),
            "campaign_id": pick(world.campaign_ids(), campaign, no_campaign),
            "is_bot": flags(np.zeros(count, dtype=bool)),
            "loaded_at": instants(loaded),
            "deleted_at": moments(deleted),
        })  # fmt: skip
        return pa.concat_tables([acts, self._scanners(world.rng("scanners", self.chunk), count)])

    def _scanners(self, rng: np.random.Generator, genuine: int) -> pa.Table:
        """Filters of mail servers, which follow each link; their mail tool knows them."""
        count = max(2, genuine // 300)
        at = rng.integers(self.world.start, self.world.end, count)
        return table("engagements", count, {
            "brand": pick(BRANDS, np.zeros(count)),
            "engagement_id": text_ids("E", numbers(self.chunk, genuine + count)[genuine:]),
            "anonymous_id": text_ids("bot-", self.chunk * 1000 + np.arange(count) % 5),
            "occurred_at": moments(at),
            "engagement_type": pick(("email_clicked",), np.zeros(count)),
            "is_bot": flags(np.ones(count, dtype=bool)),
            "loaded_at": instants(landed(rng, self.world, at)),
        })  # fmt: skip
