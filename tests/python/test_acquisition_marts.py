"""Sessions, acquisition channels and attribution on demo data and random visits, recomputed naively from staging.

Who is one person, what an order is worth, and the channel of a touchpoint, of a customer and of a campaign's cost are taken
from the warehouse: they have tests of their own. Everything else is computed here once more, person by person.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
import numpy as np
import pytest
from oracle import histories
from oracle.channels import Channels, Origin, name_of
from oracle.evaluator import Settings
from oracle.raw_files import merge_raw_data, write_raw_data
from oracle.runs import demo as demo_in
from oracle.runs import run_dbt
from oracle.truncation import truncate

from lifecycle_tools.build import PROJECT_DIR, BuildResult

TIMEOUT = timedelta(minutes=30)
LOOKBACK = timedelta(days=30)
HALF_LIFE = timedelta(days=7)
MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay", "markov")
MARTS = (
    "attribution_credits",
    "attribution_channels_monthly",
    "email_campaigns",
    "acquisition_channels_daily",
    "acquisition_channels_monthly",
)
CENT = Decimal("0.01")
# credits have nine digits, and so have removal effects, because the last digits of a sum of doubles depend on its order
CREDIT_DIGITS = Fraction(1, 10**9)
EFFECT_DIGITS = 1e-9


# ---- raw data of its own: visits close to one another, and orders close to the edges of windows -------------------------

ORIGINS = (
    {},
    {},
    {"utm_source": "google", "utm_medium": "cpc", "campaign_id": "spring"},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "unheard-of"},
    {"utm_source": "facebook", "utm_medium": "paid", "campaign_id": "autumn"},
    {"utm_source": "newsletter", "utm_medium": "email"},
    {"utm_medium": "affiliate"},
    {"referrer": "https://www.google.com/search?q=x"},
)
TOUCH_TYPES = (
    "visit",
    "visit",
    "click",
    "page_view",
    None,
    "email_opened",
    "email_delivered",
    "impression",
    "billboard",
)


def random_visits(seed: int, people: int) -> dict[str, list[dict[str, Any]]]:
    """Make raw data of people who visit in bursts, sign in now and then, share a device, and order at telling moments."""
    rng, clicks = random.Random(seed), random.Random(f"clicks {seed}")
    raw: dict[str, list[dict[str, Any]]] = defaultdict(list)
    first_day = datetime(2024, 2, 1)

    def add(table: str, key: str, brand: str, row: Mapping[str, Any]) -> None:
        raw[table].append({key: f"{table[0]}{len(raw[table]):05}", "brand": brand} | dict(row))

    for person in range(people):
        brand = rng.choice(["default", "default", "west"])
        account = {"customer_id": f"p{person}"} if rng.random() < 0.8 else {}
        device = {"anonymous_id": f"d{person}"}
        if account and rng.random() < 0.5:
            raw["customers"].append(
                {
                    **account,
                    "brand": brand,
                    "acquisition_source": rng.choice([None, "email", "Paid Search", "a friend"]),
                }
            )
        moments = []
        for _ in range(rng.randint(0, 6)):
            at = first_day + timedelta(minutes=rng.randint(0, 150 * 24 * 60))
            for _ in range(rng.randint(1, 5)):
                at += timedelta(seconds=rng.choice([0, 60, 600, 1799, 1800, 1801, 7200, 30 * 86400 - 1, 30 * 86400]))
                who = rng.choice([device, device, account or device, device | account])
                if rng.random() < 0.03:
                    who = rng.choice([{}, {"anonymous_id": "kiosk"} | account])
                row = {"occurred_at": at, "touch_type": rng.choice(TOUCH_TYPES), **who, **rng.choice(ORIGINS)}
                if rng.random() < 0.03:
                    row["deleted_at"] = at + timedelta(days=rng.randint(0, 200))
                add("touchpoints", "touchpoint_id", brand, row)
                moments.append(at)
        for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
            at = rng.choice(moments or [first_day]) + timedelta(
                seconds=rng.choice([-1, 0, 0, 1, 300, 86400, 30 * 86400 - 1, 30 * 86400])
            )
            row = {"ordered_at": at, "total_amount": rng.choice([0, 0.01, 0.05, 10, 33.33, 99.99, 1234.56])}
            row |= {"currency": rng.choice([None, "EUR", "USD", "GBP"]), **(account or {"email": f"p{person}@x.test"})}
            if rng.random() < 0.2:
                row |= rng.choice([{"discount_code": "HELLO"}, {"discount_amount": 5}])
            if rng.random() < 0.15:
                row["cancelled_at"] = at + timedelta(days=rng.randint(0, 20))
            add("orders", "order_id", brand, row)
        if account and rng.random() < 0.2:
            at = rng.choice(moments or [first_day])
            row = {**account, "started_at": at, "monthly_amount": 9.99, "currency": "USD"}
            add("subscriptions", "subscription_id", brand, row)
        for _ in range(rng.choice([0, 0, 1, 2])):
            row = {"occurred_at": rng.choice(moments or [first_day]) + timedelta(days=rng.choice([-1, 0, 0, 1]))}
            row |= {"engagement_type": rng.choice(["signup", "lead_form", "like"]), **rng.choice([account, device])}
            add("engagements", "engagement_id", brand, row)
        for _ in range(clicks.choice([0, 1, 2])):  # some at the time of visits, some close to one another
            at = clicks.choice(moments or [first_day]) + timedelta(
                seconds=clicks.choice([-1800, -1799, 0, 1799, 1800, 9000])
            )
            for _ in range(clicks.choice([1, 1, 2])):
                kind = clicks.choice(["email_clicked", "email_clicked", "email_clicked", "newsletter_unsubscribed"])
                row = {"occurred_at": at, "engagement_type": kind, **clicks.choice([account, device])}
                row |= {"channel": clicks.choice([None, "email", "a fair"])}
                row |= {"campaign_id": clicks.choice([None, None, " Spring", "letter"])}
                if clicks.random() < 0.1:
                    row["deleted_at"] = at + timedelta(days=clicks.randint(0, 200))
                add("engagements", "engagement_id", brand, row)
                sent = {name: row[name] for name in ("campaign_id", "customer_id") if row.get(name)}
                sent |= {
                    "occurred_at": at - timedelta(days=clicks.choice([-1, 0, 0, 30, 31])),
                    "touch_type": "email_delivered",
                }
                add("touchpoints", "touchpoint_id", brand, sent)
                at += timedelta(seconds=clicks.choice([60, 1799, 1800]))
    for brand in ("default", "west"):
        for campaign, channel in (("spring", "sea"), ("autumn", "paid social"), ("idle", "display")):
            raw["campaigns"].append({"campaign_id": campaign, "channel": channel, "brand": brand})
            for day in range(0, 150, 3):
                row = {"date": (first_day + timedelta(days=day)).date(), "campaign_id": campaign, "brand": brand}
                row |= {"clicks": rng.randint(0, 9), "impressions": rng.randint(0, 99)}
                row |= {
                    "currency": rng.choice([None, "USD", "GBP"]),
                    "platform_conversions": rng.choice([None, 0, 1, 2.5]),
                }
                row["spend_amount"] = rng.choice([None, 0, -1.25, 3.33, 17.05])
                if rng.random() < 0.05:
                    row["deleted_at"] = first_day + timedelta(days=day + rng.randint(0, 200))
                raw["ad_performance"].append(row)
    return raw


# ---- what is read -------------------------------------------------------------------------------------------------------


@dataclass
class Touch:
    """A touchpoint that counts at the as-of date: whose it is, where it came from, and what its type makes of it."""

    brand: str
    id: str
    at: datetime
    day: date
    owner: int | None
    visitor: str | None
    channel: str
    campaign: str | None
    is_visit: bool
    is_path_touch: bool

    @property
    def origin(self) -> tuple[str, str | None]:
        """Channel and campaign."""
        return self.channel, self.campaign


@dataclass
class Conversion:
    """An order that counts or the start of a paid subscription."""

    brand: str
    type: str
    id: str
    owner: int | None
    at: datetime
    day: date
    amount: Decimal
    is_discounted: bool = False
    path: list[Touch] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by."""
        return self.brand, self.type, self.id


@dataclass
class Reference:
    """A warehouse and what plain Python makes of its staging tables."""

    path: Path
    as_of: date = date.min
    owner: dict[str, int] = field(default_factory=dict)
    shared_from: dict[str, date] = field(default_factory=dict)
    touches: list[Touch] = field(default_factory=list)
    engagements: list[Touch] = field(default_factory=list)
    conversions: list[Conversion] = field(default_factory=list)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            result = connection.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def counts(self, row: Mapping[str, Any]) -> bool:
        """Whether a row has not been deleted by the as-of date."""
        return row["deleted_date"] is None or row["deleted_date"] > self.as_of

    def owner_of(self, row: Mapping[str, Any], day: date) -> int | None:
        """The customer of a row at the as-of date; none under an id that was shared by its day."""
        person = row["person_id"]
        if person is None or day >= self.shared_from.get(person, date.max):
            return None
        return self.owner.get(person)


def rounded(amount: Decimal) -> Decimal:
    """To whole cents, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def month_of(day: date) -> date:
    """Give the month of a day."""
    return day.replace(day=1)


def has_ended(month: date, as_of: date) -> bool:
    """Whether a month is over by the end of the as-of date."""
    return month_of(month + timedelta(days=31)) - timedelta(days=1) <= as_of


def event_types(source_table: str) -> dict[str, dict[str, str]]:
    """Rows of the seed event_types by type."""
    with (PROJECT_DIR / "seeds" / "lifecycle" / "event_types.csv").open(encoding="utf-8") as file:
        return {row["event_type"]: row for row in csv.DictReader(file) if row["source_table"] == source_table}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Build the demo data."""
    return reference_of(demo_in(tmp_path_factory.mktemp("acquisition"), "Europe/Paris"))


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """Build random visits, together with histories of merges, shared ids, reversals and deletions in all orders."""
    directory = tmp_path_factory.mktemp("acquisition_visits")
    raw = merge_raw_data([*histories.random_histories(1, 150), random_visits(1, 250)])
    return build_reference(write_raw_data(raw, directory / "raw"), directory, histories.AS_OF_DATE.isoformat())


@pytest.fixture(scope="module", params=["demo", "visits"])
def reference(request: pytest.FixtureRequest) -> Reference:
    """Give the one, then the other."""
    return request.getfixturevalue(request.param)


def build(raw_data_dir: Path, directory: Path, as_of_date: str, **changed: str) -> Reference:
    """Build raw data in ``directory``."""
    found = Reference(directory / "warehouse.duckdb")
    settings = {
        "raw_data_dir": raw_data_dir,
        "warehouse_path": found.path,
        "as_of_date": as_of_date,
        "reporting_currency": "EUR",
        "business_time_zone": "Europe/Paris",
        "dbt_target_path": directory / "target",
        "dbt_log_path": directory / "logs",
        **changed,
    }
    for arguments in (["seed"], ["run", "--select", "+lifecycle_customers", *(f"+{mart}" for mart in MARTS)]):
        result = run_dbt(arguments, **settings)
        assert result.success, "\n".join(result.problems)
    return found


def build_reference(raw_data_dir: Path, directory: Path, as_of_date: str) -> Reference:
    """Build raw data in ``directory`` and read staging."""
    return reference_of(build(raw_data_dir, directory, as_of_date).path)


def reference_of(warehouse: Path) -> Reference:
    """Read staging."""
    found = Reference(warehouse)
    found.as_of = found.rows("select as_of_date from staging.as_of_date")[0]["as_of_date"]
    memberships = found.rows("select * from intermediate.int_identity_map where valid_to = '9999-12-31'")
    found.owner = {row["person_id"]: row["customer_key"] for row in memberships}
    shared = found.rows("select * from intermediate.int_identity_shared_ids")
    found.shared_from = {row["person_id"]: row["shared_from_date"] for row in shared}
    found.touches = sorted(read_touches(found), key=lambda touch: (touch.at, touch.id))
    found.engagements = list(engagement_touches(found))
    found.conversions = read_conversions(found)
    touches = attributable(found)
    for conversion in found.conversions:
        conversion.path = path_to(conversion, touches)
    return found


def read_touches(reference: Reference) -> Iterator[Touch]:
    """Touchpoints that have not been deleted, with their owners."""
    ids = {
        row["customer_key"]: row["customer_id"] for row in reference.rows("select * from intermediate.int_customers")
    }
    channels = {
        (row["brand"], row["touchpoint_id"]): row["channel"]
        for row in reference.rows("select * from intermediate.int_touchpoint_channels")
    }
    campaigns = {
        (row["brand"], row["campaign_id"]) for row in reference.rows("select * from staging.stg_marketing__campaigns")
    }
    roles = event_types("touchpoints")
    for row in reference.rows("select * from staging.stg_marketing__touchpoints"):
        if not reference.counts(row):
            continue
        owner = reference.owner_of(row, row["occurred_date"])
        role = roles.get(row["touch_type"] or "visit", {})
        named = row["utm_campaign"] if (row["brand"], row["utm_campaign"]) in campaigns else None
        yield Touch(
            row["brand"],
            row["touchpoint_id"],
            row["occurred_at"],
            row["occurred_date"],
            owner,
            row["person_id"] if owner is None else ids[owner],
            channels[row["brand"], row["touchpoint_id"]],
            row["campaign_id"] or named,
            role.get("is_web_visit") == "true",
            role.get("is_path_touch") == "true",
        )


def read_conversions(reference: Reference) -> list[Conversion]:
    """Orders that count and starts of paid subscriptions that were not deleted."""
    found = [
        Conversion(
            row["brand"],
            "order",
            row["order_id"],
            row["customer_key"],
            row["ordered_at"],
            row["ordered_date"],
            row["revenue_amount"],
            bool(row["discount_code"]) or (row["discount_amount"] or 0) > 0,
        )
        for row in reference.rows("""
            select orders.*, amounts.customer_key, amounts.revenue_amount
            from staging.stg_shop__orders as orders
            inner join intermediate.int_order_amounts as amounts using (brand, order_id)
            where amounts.is_valid
        """)
    ]
    for row in reference.rows("select * from staging.stg_billing__subscriptions where started_date is not null"):
        if reference.counts(row) and row["started_date"] <= reference.as_of:
            owner = reference.owner.get(row["person_id"])
            found.append(
                Conversion(
                    row["brand"],
                    "subscription",
                    row["subscription_id"],
                    owner,
                    row["started_at"],
                    row["started_date"],
                    Decimal(0),
                )
            )
    return sorted(found, key=lambda conversion: (conversion.at, conversion.type, conversion.id))


# ---- sessions -----------------------------------------------------------------------------------------------------------


def sessions_of(touches: Iterable[Touch]) -> list[list[Touch]]:
    """Live through the visits one by one, each visitor for itself."""
    by_visitor = defaultdict(list)
    for touch in touches:
        if touch.is_visit and touch.visitor is not None:
            by_visitor[touch.brand, touch.visitor].append(touch)
    sessions = []
    for visits in by_visitor.values():
        current: list[Touch] = []
        origin = None
        for touch in visits:
            if not current or touch.at - current[-1].at >= TIMEOUT:
                current, origin = [], None
            elif touch.channel != "direct" and touch.origin != origin:
                current = []
            if touch.channel != "direct":
                origin = touch.origin
            if not current:
                sessions.append(current)
            current.append(touch)
    return sessions


def engagement_touches(reference: Reference) -> Iterator[Touch]:
    """Clicks in e-mails one by one: those that follow another, or that the website saw as a session, are no touches."""
    roles, sessions = event_types("engagements"), sessions_of(reference.touches)
    campaigns = reference.rows("select brand, campaign_id, channel from staging.stg_marketing__campaigns")
    by_brand = {row["brand"]: Channels(one for one in campaigns if one["brand"] == row["brand"]) for row in campaigns}
    last_at: dict[tuple, datetime] = {}
    rows = reference.rows("select * from staging.stg_marketing__engagements")
    for row in sorted(rows, key=lambda row: (row["occurred_at"], row["engagement_id"])):
        owner = reference.owner_of(row, row["occurred_date"])
        if roles.get(row["engagement_type"], {}).get("is_path_touch") != "true" or owner is None:
            continue
        if not reference.counts(row):
            continue
        brand, at, reader = row["brand"], row["occurred_at"], by_brand.get(row["brand"], Channels([]))
        origin = Origin(row["engagement_type"], None, name_of(row["channel"]), None, None, frozenset(), None)
        campaign, bought_as = reader.campaign_of(origin, row["campaign_id"])
        channel = reader.channel_of(origin, bought_as)
        before = last_at.get((brand, owner, channel, campaign))
        last_at[brand, owner, channel, campaign] = at
        was_seen = any(
            (session[0].brand, session[0].owner, session[0].channel) == (brand, owner, channel)
            and (campaign is None or session[0].campaign in (None, campaign))
            and session[0].at - at < TIMEOUT
            and at - session[-1].at < TIMEOUT
            for session in sessions
        )
        if not was_seen and (before is None or at - before >= TIMEOUT):
            key = f"engagements/{row['engagement_id']}"
            yield Touch(brand, key, at, row["occurred_date"], owner, row["person_id"], channel, campaign, False, True)


def attributable(reference: Reference) -> list[Touch]:
    """First touchpoints of sessions, and what else a customer does, in order."""
    firsts = {id(session[0]) for session in sessions_of(reference.touches)}
    done = [
        touch
        for touch in reference.touches
        if touch.is_path_touch and touch.owner is not None and (not touch.is_visit or id(touch) in firsts)
    ]
    return sorted([*done, *reference.engagements], key=lambda touch: (touch.at, touch.id))


def path_to(conversion: Conversion, touches: Iterable[Touch]) -> list[Touch]:
    """Touches of the same customer in the lookback before a conversion, in order."""
    return [
        touch
        for touch in touches
        if conversion.owner is not None
        and touch.owner == conversion.owner
        and timedelta(0) <= conversion.at - touch.at < LOOKBACK
    ]


def test_sessions(reference: Reference) -> None:
    """Every session: its first touchpoint, whose, where from, how many touchpoints, from when to when."""
    expected = {
        (session[0].brand, session[0].id): (
            session[0].owner,
            session[0].visitor,
            *session[0].origin,
            len(session),
            session[0].at,
            session[0].day,
            session[-1].at,
        )
        for session in sessions_of(reference.touches)
    }
    actual = {
        (row["brand"], row["session_id"]): (
            row["customer_key"],
            row["visitor_id"],
            row["channel"],
            row["campaign_id"],
            row["touchpoint_count"],
            row["started_at"],
            row["started_date"],
            row["ended_at"],
        )
        for row in reference.rows("select * from intermediate.int_sessions")
    }
    assert actual == expected


def test_random_visits_have_sessions_of_many_kinds(visits: Reference) -> None:
    """Without them the comparison above would say little."""
    sessions = sessions_of(visits.touches)
    assert any(len(session) > 3 for session in sessions)
    assert len(visits.engagements) > 50
    assert any(touch.is_visit and touch.visitor is None for touch in visits.touches), (
        "a visit without id, which is no session"
    )
    starts = defaultdict(set)
    for session in sessions:
        starts[session[0].visitor, session[0].day].add(session[0].origin)
    assert any(len(origins) > 2 for origins in starts.values())


# ---- e-mail campaigns ---------------------------------------------------------------------------------------------------

EMAIL_EVENTS = {
    "email_delivered": "delivered", "email_sent": "delivered", "email_opened": "opened", "email_clicked": "clicked",
    "newsletter_unsubscribed": "unsubscribed",
}  # fmt: skip
ANSWERS = ("opened", "clicked", "unsubscribed")


def email_events(reference: Reference) -> Iterator[tuple[str, str, str, Any, datetime, date]]:
    """(brand, campaign, event, recipient or none, moment, day) of whatever is an event of an e-mail."""
    campaigns = reference.rows("select brand, campaign_id, channel from staging.stg_marketing__campaigns")
    for table, column in (("touchpoints", "touch_type"), ("engagements", "engagement_type")):
        for row in reference.rows(f"select * from staging.stg_marketing__{table}"):
            event = EMAIL_EVENTS.get(row[column])
            if event is None or not reference.counts(row):
                continue
            reader = Channels(one for one in campaigns if one["brand"] == row["brand"])
            campaign, _ = reader.campaign_of(
                Origin(None, None, None, None, None, frozenset(), None), row["campaign_id"]
            )
            is_shared = row["occurred_date"] >= reference.shared_from.get(row["person_id"], date.max)
            recipient = None if is_shared else reference.owner.get(row["person_id"], row["person_id"])
            yield row["brand"], campaign or "none", event, recipient, row["occurred_at"], row["occurred_date"]


def test_email_campaigns(reference: Reference) -> None:
    """Counts of the month, what recipients did in the thirty days after, and what the last touch credits."""
    expected: dict[tuple, Counter] = defaultdict(Counter)
    events = list(email_events(reference))
    clickers, first = defaultdict(set), {}
    for brand, campaign, event, recipient, at, day in sorted(events, key=lambda each: each[4]):
        key = brand, month_of(day), campaign
        expected[key][f"{event}_count"] += 1
        if recipient is not None and event == "clicked":
            clickers[key].add(recipient)
        if recipient is not None and event == "delivered":
            first.setdefault((*key, recipient), (at, day))
    for key, persons in clickers.items():
        expected[key]["clicker_count"] = len(persons)
    for (brand, month, campaign, recipient), (at, day) in first.items():
        counts = expected[brand, month, campaign]
        counts["recipient_count"] += 1
        for answer in ANSWERS:
            counts[f"{answer}_recipient_count"] += any(
                (one[0], one[1], one[2], one[3]) == (brand, campaign, answer, recipient)
                and one[4] >= at
                and one[5] <= day + timedelta(days=30)
                for one in events
            )
    for conversion in reference.conversions:
        if conversion.path and conversion.path[-1].channel == "email":
            counts = expected[conversion.brand, month_of(conversion.day), conversion.path[-1].campaign or "none"]
            counts["conversions"] += 1
            counts["credited_revenue_amount"] += conversion.amount
    names = [*(f"{event}_count" for event in ("delivered", *ANSWERS)), "clicker_count", "recipient_count"]
    names += [*(f"{answer}_recipient_count" for answer in ANSWERS), "conversions", "credited_revenue_amount"]
    rows = reference.rows("select * from marts.email_campaigns")
    actual = {
        (row["brand"], row["month_date"], row["campaign_id"]): {name: row[name] for name in names if row[name]}
        for row in rows
    }
    assert actual == {key: {name: counts[name] for name in names if counts[name]} for key, counts in expected.items()}
    assert sum(counts["clicked_recipient_count"] for counts in expected.values()) > 3
    for row in rows:
        for answer in ANSWERS:
            part, whole = row[f"{answer}_recipient_count"], row["recipient_count"]
            assert row[f"{answer}_rate"] == (pytest.approx(part / whole) if whole else None)
        last = month_of(row["month_date"] + timedelta(days=31)) - timedelta(days=1)
        assert row["is_mature"] == (last + timedelta(days=30) <= reference.as_of)


# ---- acquisition channels -----------------------------------------------------------------------------------------------

MEASURES = (
    "impressions", "clicks", "spend_amount", "session_count", "visitor_count", "unidentified_visit_count", "lead_count",
    "new_customer_count",
    "first_order_count", "first_order_revenue_amount", "discounted_first_order_count",
)  # fmt: skip
SOURCE_OF = {
    "stg_marketing__ad_performance": ("impressions", "clicks", "spend_amount"),
    "stg_marketing__touchpoints": ("session_count", "visitor_count", "unidentified_visit_count"),
    "stg_marketing__engagements": ("lead_count",),
}


def facts(reference: Reference) -> Iterator[tuple[str, date, tuple[str, str], str, Any]]:
    """(brand, day, (channel, campaign), measure, value) of everything that acquisition counts."""
    channel_of = {
        (row["brand"], row["date_day"], row["campaign_id"]): row["channel"]
        for row in reference.rows("select * from intermediate.int_channel_spend_daily")
    }
    for row in reference.rows("select * from staging.stg_marketing__ad_performance"):
        if reference.counts(row):
            key = channel_of[row["brand"], row["date_day"], row["campaign_id"]], row["campaign_id"]
            yield row["brand"], row["date_day"], key, "impressions", row["impressions"] or 0
            yield row["brand"], row["date_day"], key, "clicks", row["clicks"] or 0
            spend = rounded((row["spend_amount"] or 0) * row["reporting_rate"]) if row["spend_amount"] else Decimal(0)
            yield row["brand"], row["date_day"], key, "spend_amount", spend
    for session in sessions_of(reference.touches):
        key = session[0].channel, session[0].campaign or "none"
        yield session[0].brand, session[0].day, key, "session_count", 1
        yield session[0].brand, session[0].day, key, "visitor_count", session[0].visitor
    for touch in reference.touches:
        if touch.is_visit and touch.visitor is None:
            yield touch.brand, touch.day, (touch.channel, touch.campaign or "none"), "unidentified_visit_count", 1
    won_by = {
        row["customer_key"]: (row["brand"], (row["acquisition_channel"], row["acquisition_campaign_id"] or "none"))
        for row in reference.rows("""
            select customer_key, int_customers.brand, acquisition_channel, acquisition_campaign_id
            from intermediate.int_customers inner join intermediate.int_customer_dimensions using (customer_key)
        """)
    }
    bought: dict[int, list[Conversion]] = defaultdict(list)
    for conversion in reference.conversions:
        if conversion.owner is not None:
            bought[conversion.owner].append(conversion)
    leads: dict[int, date] = {}
    types = event_types("engagements")
    for row in reference.rows("select * from staging.stg_marketing__engagements"):
        owner = reference.owner_of(row, row["occurred_date"])
        is_lead = types.get(row["engagement_type"] or "", {}).get("is_lead") == "true"
        if is_lead and owner is not None and reference.counts(row):
            leads[owner] = min(leads.get(owner, date.max), row["occurred_date"])
    for owner, day in leads.items():
        if owner not in bought or day <= min(conversion.day for conversion in bought[owner]):
            yield won_by[owner][0], day, won_by[owner][1], "lead_count", 1
    for owner, conversions in bought.items():
        brand, key = won_by[owner]
        first_day = min(conversion.day for conversion in conversions)
        yield brand, first_day, key, "new_customer_count", 1
        orders = [one for one in conversions if one.type == "order" and one.day == first_day]
        if orders:
            first = min(orders, key=lambda order: (order.at, order.id))
            yield brand, first_day, key, "first_order_count", 1
            yield brand, first_day, key, "first_order_revenue_amount", first.amount
            yield brand, first_day, key, "discounted_first_order_count", int(first.is_discounted)


def ratio(numerator: Any, denominator: Any) -> float | None:
    """One over the other, nothing where either is missing or the second is 0."""
    return float(numerator) / float(denominator) if numerator is not None and denominator else None


@pytest.mark.parametrize("period", ["daily", "monthly"])
def test_acquisition_channels(reference: Reference, period: str) -> None:
    """Every cell, every measure, and rates only where the month has ended and there is something to divide by."""
    expected: dict[tuple, dict[str, Any]] = {}
    visitors: dict[tuple, set[str]] = defaultdict(set)
    for brand, day, (channel, campaign), measure, value in facts(reference):
        cell = brand, day if period == "daily" else month_of(day), channel, campaign
        sums = expected.setdefault(cell, dict.fromkeys(MEASURES, 0))
        if measure == "visitor_count":
            visitors[cell].add(value)
        else:
            sums[measure] += value
    sources = {
        table: {row["brand"] for row in reference.rows(f"select distinct brand from staging.{table}")}
        for table in SOURCE_OF
    }
    discounting = {
        row["brand"]
        for row in reference.rows(
            "select brand from staging.stg_shop__orders where discount_amount is not null or discount_code is not null"
        )
    }
    for cell, sums in expected.items():
        sums["visitor_count"] = len(visitors[cell])
        for table, measures in SOURCE_OF.items():
            if cell[0] not in sources[table]:
                sums.update(dict.fromkeys(measures))
        if cell[0] not in discounting:
            sums["discounted_first_order_count"] = None
        if period == "daily" or has_ended(cell[1], reference.as_of):
            rates = (
                ratio(sums["spend_amount"] or None, sums["lead_count"]),
                ratio(sums["spend_amount"] or None, sums["new_customer_count"]),
                ratio(sums["discounted_first_order_count"], sums["first_order_count"]),
                ratio(sums["first_order_revenue_amount"], sums["spend_amount"]),
            )
        else:
            rates = (None, None, None, None)
        sums["rates"] = rates
    day_column = "date_day" if period == "daily" else "month_date"
    actual = {}
    for row in reference.rows(f"select * from marts.acquisition_channels_{period}"):
        cell = row["brand"], row[day_column], row["channel"], row["campaign_id"]
        rates = tuple(
            row[name] for name in ("cost_per_lead", "customer_acquisition_cost", "discounted_first_order_rate", "roas")
        )
        actual[cell] = {name: row[name] for name in MEASURES} | {"rates": rates}
    assert actual == expected


# ---- attribution --------------------------------------------------------------------------------------------------------


def paths_of_no_conversion(reference: Reference) -> Iterator[list[Touch]]:
    """Touches that no conversion followed in time, cut where the next comes too late to be credited with them."""
    used = {id(touch) for conversion in reference.conversions for touch in conversion.path}
    by_owner = defaultdict(list)
    for touch in attributable(reference):
        if id(touch) not in used:
            by_owner[touch.owner].append(touch)
    for touches in by_owner.values():
        path = touches[:1]
        for before, touch in pairwise(touches):
            if touch.at - before.at >= LOOKBACK:
                yield path
                path = []
            path.append(touch)
        yield path


def removal_effects(transitions: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Solve a chain by linear algebra, once as it is and once without each channel."""
    channels = sorted({state for state, _ in transitions if state != "(start)"})
    states = ["(start)", *channels]
    leaving: Counter[str] = Counter()
    for (state, _), weight in transitions.items():
        leaving[state] += weight

    def conversion_rate(removed: str | None) -> float:
        kept = [state for state in states if state != removed]
        step = np.zeros((len(kept), len(kept)))
        end = np.zeros(len(kept))
        for row, state in enumerate(kept):
            end[row] = transitions.get((state, "(conversion)"), 0) / leaving[state]
            for column, following in enumerate(kept):
                step[row, column] = transitions.get((state, following), 0) / leaving[state]
        return float(np.linalg.solve(np.eye(len(kept)) - step, end)[0])

    whole = conversion_rate(None)
    return {channel: 1 - conversion_rate(channel) / whole if whole else 0.0 for channel in channels}


def effects_by_brand(reference: Reference) -> dict[str, dict[str, float]]:
    """Removal effects from the paths themselves, steps from a channel to itself included."""
    chains: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    paths = [(conversion.path, "(conversion)") for conversion in reference.conversions if conversion.path]
    paths += [(path, "(null)") for path in paths_of_no_conversion(reference)]
    for path, end in paths:
        states = ["(start)", *(touch.channel for touch in path), end]
        chains[path[0].brand].update(pairwise(states))
    return {brand: removal_effects(chain) for brand, chain in chains.items()}


def test_removal_effects(reference: Reference) -> None:
    """Linear algebra finds the same; steps from a channel to itself, which the models leave out, change nothing."""
    actual: dict[str, dict[str, float]] = defaultdict(dict)
    for row in reference.rows("select * from intermediate.int_channel_removal_effects"):
        actual[row["brand"]][row["channel"]] = float(row["removal_effect"])
    expected = effects_by_brand(reference)
    assert actual.keys() == expected.keys()
    for brand, effects in expected.items():
        assert actual[brand] == pytest.approx(effects, abs=EFFECT_DIGITS)


def shares(model: str, path: Sequence[Touch], effects: Mapping[str, float]) -> list[Fraction]:
    """Share the credit of one conversion, as the model says, without rounding."""
    count = len(path)
    if model == "first_touch":
        weights = [1] + [0] * (count - 1)
    elif model == "last_touch":
        weights = [0] * (count - 1) + [1]
    elif model == "last_non_direct":
        chosen = max((place for place in range(count) if path[place].channel != "direct"), default=count - 1)
        weights = [int(place == chosen) for place in range(count)]
    elif model == "linear" or (model == "position_based" and count <= 2):
        weights = [1] * count
    elif model == "position_based":
        weights = [Fraction(2, 5), *[Fraction(1, 5) / (count - 2)] * (count - 2), Fraction(2, 5)]
    elif model == "time_decay":
        weights = [Fraction(0.5 ** ((path[-1].at - touch.at) / HALF_LIFE)) for touch in path]
    else:
        by_channel = Counter(touch.channel for touch in path)
        weights = [Fraction(effects[touch.channel]) / by_channel[touch.channel] for touch in path]
    return [Fraction(weight) / sum(weights) for weight in weights]


def test_attribution_credits(reference: Reference) -> None:
    """Credits are what each model says, sum to 1 exactly, and share out the revenue to the cent."""
    customer_ids = {
        row["customer_key"]: row["customer_id"] for row in reference.rows("select * from intermediate.int_customers")
    }
    actual: dict[tuple, dict[str | None, dict[str, Any]]] = defaultdict(dict)
    for row in reference.rows("select * from marts.attribution_credits"):
        key = row["brand"], row["conversion_type"], row["conversion_id"]
        assert row["touchpoint_id"] not in actual[key, row["model"]]
        actual[key, row["model"]][row["touchpoint_id"]] = row
    assert actual.keys() == {(conversion.key, model) for conversion in reference.conversions for model in MODELS}
    effects = effects_by_brand(reference)
    seen_owners = set()
    for conversion in reference.conversions:
        is_first = conversion.owner is not None and conversion.owner not in seen_owners
        seen_owners.add(conversion.owner)
        for model in MODELS:
            rows = actual[conversion.key, model]
            assert sum(row["credit"] for row in rows.values()) == 1
            assert sum(row["credited_amount"] for row in rows.values()) == conversion.amount
            for row in rows.values():
                assert row["customer_id"] == customer_ids.get(conversion.owner)
                assert row["is_first_purchase"] == is_first
                assert (row["converted_at"], row["converted_date"]) == (conversion.at, conversion.day)
            if not conversion.path:
                assert [(row["channel"], row["campaign_id"]) for row in rows.values()] == [("unattributed", None)]
                assert list(rows) == [None]
                continue
            tolerance = CREDIT_DIGITS
            if model == "time_decay":
                tolerance += 2 * Fraction(EFFECT_DIGITS)
            if model == "markov":
                total = sum(
                    {touch.channel: effects[conversion.brand][touch.channel] for touch in conversion.path}.values()
                )
                tolerance += 2 * len(conversion.path) * Fraction(EFFECT_DIGITS / total)
            credit_of = shares(model, conversion.path, effects[conversion.brand])
            for touch, share in zip(conversion.path, credit_of, strict=True):
                row = rows.pop(touch.id, None)
                if row is None:
                    assert share <= tolerance
                    continue
                assert (row["channel"], row["campaign_id"]) == touch.origin
                assert abs(Fraction(row["credit"]) - share) <= tolerance, (model, conversion)
                amount = Fraction(conversion.amount) * share
                assert abs(Fraction(row["credited_amount"]) - amount) < Fraction(CENT) + abs(amount) * tolerance
            assert not rows, "a touch that is not on the path"


def test_paths_are_of_many_kinds(reference: Reference) -> None:
    """Short and long ones, with and without direct touches, and conversions without any."""
    lengths = Counter(min(len(conversion.path), 4) for conversion in reference.conversions)
    assert all(lengths[length] > 5 for length in range(5)), lengths
    assert any(conversion.path and conversion.path[-1].channel == "direct" for conversion in reference.conversions)


def test_attribution_channels(reference: Reference) -> None:
    """Sums of credits by month, split by first and repeated, beside the cost and the platforms' claims."""
    new_cell = {"conversions": Decimal(0), "first": Decimal(0), "amount": Decimal(0), "spend": Decimal(0)}
    expected: dict[tuple, dict[str, Decimal]] = {}
    for row in reference.rows("select * from marts.attribution_credits"):
        cell = expected.setdefault(
            (row["brand"], month_of(row["converted_date"]), row["channel"], row["model"]), dict(new_cell)
        )
        cell["conversions"] += row["credit"]
        cell["first"] += row["credit"] if row["is_first_purchase"] else 0
        cell["amount"] += row["credited_amount"]
    converting = {conversion.brand for conversion in reference.conversions}
    claims: dict[tuple, Decimal] = defaultdict(Decimal)
    for row in reference.rows("select * from staging.stg_marketing__ad_performance"):
        if reference.counts(row):
            claims[row["brand"], row["date_day"], row["campaign_id"]] = row["platform_conversions"] or Decimal(0)
    brands_with_cost = set()
    for row in reference.rows("select * from intermediate.int_channel_spend_daily"):
        brands_with_cost.add(row["brand"])
        for model in [*(MODELS if row["brand"] in converting else ()), "platform_claimed"]:
            cell = expected.setdefault((row["brand"], month_of(row["date_day"]), row["channel"], model), dict(new_cell))
            cell["spend"] += row["spend_amount"] or 0
            if model == "platform_claimed":
                cell["conversions"] += claims[row["brand"], row["date_day"], row["campaign_id"]]
    rows = reference.rows("select * from marts.attribution_channels_monthly")
    assert {(row["brand"], row["month_date"], row["channel"], row["model"]) for row in rows} == expected.keys()
    for row in rows:
        cell = expected[row["brand"], row["month_date"], row["channel"], row["model"]]
        is_claim = row["model"] == "platform_claimed"
        spend = cell["spend"] if row["brand"] in brands_with_cost and row["channel"] != "unattributed" else None
        assert row["conversions"] == cell["conversions"]
        assert row["first_conversions"] == (None if is_claim else cell["first"])
        assert row["repeat_conversions"] == (None if is_claim else cell["conversions"] - cell["first"])
        assert row["credited_revenue_amount"] == (None if is_claim else cell["amount"])
        assert row["spend_amount"] == spend
        ended = has_ended(row["month_date"], reference.as_of)
        assert row["is_mature"] == (ended and row["model"] != "markov")
        assert row["roas"] == (ratio(cell["amount"], spend) if ended and not is_claim else None)
        assert row["customer_acquisition_cost"] == (
            ratio(spend or None, cell["first"]) if ended and not is_claim else None
        )


# ---- Markov chains that no raw data would make --------------------------------------------------------------------------


def copy_of(demo: Reference, directory: Path) -> Path:
    """Copy the warehouse under its own name, by which compiled SQL knows it."""
    return Path(shutil.copy(demo.path, directory / demo.path.name))


def compiled(demo: Reference, kind: str, name: str) -> str:
    """Give the SQL of a model or test as dbt ran it on the demo."""
    (file,) = (demo.path.parent / "target" / "compiled" / "customer_lifecycle" / kind).rglob(f"{name}.sql")
    return file.read_text()


def rebuild(demo: Reference, warehouse: Path, *models: str) -> float:
    """Build models of the attribution steps anew on a copy of the warehouse; how many seconds it took."""
    with duckdb.connect(str(warehouse)) as connection:
        start = monotonic()
        for model in models:
            connection.execute(f"create or replace table intermediate.{model} as ({compiled(demo, 'models', model)})")
        return monotonic() - start


def replace_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Iterable[Sequence[Any]], file: Path
) -> None:
    """Put rows in the place of those of an intermediate table, through a file: one by one takes a minute."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    connection.execute(f"delete from intermediate.{table}")
    connection.execute(f"insert into intermediate.{table} ({columns}) select * from read_csv('{file}', header = false)")


def random_chain(rng: random.Random, channels: int) -> dict[tuple[str, str], int]:
    """Make transitions among up to sixteen channels, loops and rare ways out among them."""
    names = [f"channel {number:02}" for number in range(channels)]
    chain = {}
    for state in ["(start)", *names]:
        for following in [*names, "(conversion)", "(null)"]:
            if following != state and rng.random() < 0.5 and (state, following) != ("(start)", "(conversion)"):
                chain[state, following] = rng.choice([1, 1, 2, 5, 1000, 10**6])
        chain.setdefault((state, rng.choice(["(conversion)", "(null)"]) if state != "(start)" else names[0]), 1)
    return chain


def test_removal_effects_of_random_chains(demo: Reference, tmp_path: Path) -> None:
    """Elimination, one channel after the other, agrees with linear algebra on chains of one to sixteen channels."""
    rng = random.Random(4)
    chains = {f"brand {number}": random_chain(rng, 1 + number % 16) for number in range(64)}
    warehouse = copy_of(demo, tmp_path)
    transitions = [[brand, *states, weight] for brand, chain in chains.items() for states, weight in chain.items()]
    with duckdb.connect(str(warehouse)) as connection:
        replace_rows(
            connection,
            "int_channel_transitions",
            "brand, from_state, to_state, transition_count",
            transitions,
            tmp_path / "transitions.csv",
        )
    rebuild(demo, warehouse, "int_channel_removal_effects")
    actual: dict[str, dict[str, float]] = defaultdict(dict)
    for row in Reference(warehouse).rows("select * from intermediate.int_channel_removal_effects"):
        actual[row["brand"]][row["channel"]] = float(row["removal_effect"])
    for brand, chain in chains.items():
        assert actual[brand] == pytest.approx(removal_effects(chain), abs=2 * EFFECT_DIGITS), brand


def test_ten_thousand_paths_take_seconds(demo: Reference, tmp_path: Path) -> None:
    """From the touches of 10,000 paths that convert and 10,000 that do not to the weights of every model."""
    rng = random.Random(5)
    names = sorted({touch.channel for touch in demo.touches})
    chain: Counter[tuple[str, str]] = Counter()
    paths, touches = [], []
    noon = datetime.combine(date(2024, 1, 1), time(12))
    for number in range(20_000):
        channels = rng.choices(names, range(1, len(names) + 1), k=rng.choice([1, 1, 2, 3, 5, 8]))
        chain.update(pairwise(["(start)", *channels, "(conversion)" if number < 10_000 else "(null)"]))
        last = noon + timedelta(hours=len(channels) - 1)
        for place, channel in enumerate(channels):
            at = noon + timedelta(hours=place)
            touch = ["b", f"t{number}-{place}", number, channel, at]
            touches.append(touch)
            if number < 10_000:
                paths.append([*touch, 1, place + 1, len(channels), channels.count(channel), last])
    warehouse = copy_of(demo, tmp_path)
    with duckdb.connect(str(warehouse)) as connection:
        touch_columns = "brand, touchpoint_id, customer_key, channel, occurred_at"
        replace_rows(connection, "int_attribution_touches", touch_columns, touches, tmp_path / "touches.csv")
        path_columns = (
            f"{touch_columns}, conversion_number, touch_number, touch_count, channel_touch_count, last_touch_at"
        )
        replace_rows(connection, "int_attribution_paths", path_columns, paths, tmp_path / "paths.csv")
    models = (
        "int_channel_transitions",
        "int_channel_removal_effects",
        "int_attribution_weights",
    )
    assert rebuild(demo, warehouse, *models) < 20  # one or two, on a machine with nothing else to do
    actual = {
        row["channel"]: float(row["removal_effect"])
        for row in Reference(warehouse).rows("select * from intermediate.int_channel_removal_effects")
    }
    assert actual == pytest.approx(removal_effects(chain), abs=EFFECT_DIGITS)


# ---- the truth behind the demo data -------------------------------------------------------------------------------------


def true_people() -> dict[str, dict[str, str]]:
    """Rows of the generator's people by person."""
    with (PROJECT_DIR / "tests" / "fixtures" / "demo_truth" / "people.csv").open(encoding="utf-8") as file:
        return {row["person_id"]: row for row in csv.DictReader(file)}


def true_owners(reference: Reference) -> dict[str, set[int]]:
    """Customers of the warehouse that a person of the generator has become, by accounts and devices."""
    found = defaultdict(set)
    with (PROJECT_DIR / "tests" / "fixtures" / "demo_truth" / "identifiers.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            brand = "" if row["brand"] == "default" else f"{row['brand']}:"
            kind = {"customer_id": "", "anonymous_id": "anonymous:"}.get(row["id_type"])
            if kind is not None and (key := reference.owner.get(f"{brand}{kind}{row['id_value']}")) is not None:
                found[row["person_id"]].add(key)
    return found


def test_true_channels_are_recovered_where_the_data_determine_them(demo: Reference) -> None:
    """A profile says it; else the first touch does, if it was tracked and the joined history reaches back to it.

    The data do not determine it where the first touch is missing, where a device of the person was never linked to the
    others, or where several channels compete on the first day.
    """
    people = true_people()
    first_channels: dict[int, list[Touch]] = {}
    for owner, touches in groupby(
        sorted(
            (touch for touch in demo.touches if touch.owner is not None),
            key=lambda touch: (touch.owner, touch.at, touch.id),
        ),
        key=lambda touch: touch.owner,
    ):
        known = list(touches)
        first_channels[owner] = [touch for touch in known if touch.day == known[0].day]
    dated = {
        row["customer_key"]: row
        for row in demo.rows("""
            select channels.*, lifespans.first_known_date
            from intermediate.int_customer_dimensions as channels
            left join intermediate.int_customer_lifespans as lifespans using (customer_key)
        """)
    }
    tracked, by_profile, by_first_touch, by_first_day = 0, 0, 0, 0
    for person, owners in true_owners(demo).items():
        truth = people[person]
        first_day = date.fromisoformat(truth["first_touch_date"])
        tracked += truth["is_first_touch_tracked"] == "true"
        for owner in owners:
            if dated[owner]["channel_evidence"] == "profile":
                assert dated[owner]["acquisition_channel"] == truth["acquisition_channel"], person
                by_profile += 1
            firsts = first_channels.get(owner, [])
            if truth["is_first_touch_tracked"] != "true" or not firsts or firsts[0].day != first_day:
                continue
            if len(owners) > 1 or len({touch.channel for touch in firsts}) > 1:
                continue
            assert firsts[0].channel == truth["acquisition_channel"], person
            by_first_touch += 1
            if dated[owner]["channel_evidence"] == "touchpoint" and dated[owner]["first_known_date"] == first_day:
                assert dated[owner]["acquisition_channel"] == truth["acquisition_channel"], person
                by_first_day += 1
    assert by_profile > 50
    assert by_first_touch > 0.75 * tracked
    # the dated channel is fixed on the first day: a first touch that is linked to an account later comes too late for it
    assert by_first_day > 0.3 * tracked


# ---- what is not there, and what is not there yet -----------------------------------------------------------------------


def test_without_marketing_there_is_no_cost_and_nothing_is_attributed(tmp_path: Path) -> None:
    """Orders and subscriptions only: null, not 0, for what is not recorded; subscriptions are worth what they accrue."""
    when = datetime(2024, 1, 31, 10)
    raw = {
        "orders": [{"order_id": "o1", "customer_id": "ann", "ordered_at": when, "total_amount": 10}],
        "subscriptions": [
            {"subscription_id": "s1", "customer_id": "ann", "started_at": when, "monthly_amount": 5},
            {"subscription_id": "s2", "customer_id": "bob", "started_at": when, "monthly_amount": 7},
        ],
    }
    found = build(write_raw_data(raw, tmp_path / "raw"), tmp_path, "2024-03-15", subscription_revenue="accrued")
    (month,) = found.rows("select * from marts.acquisition_channels_monthly")
    (day,) = found.rows("select * from marts.acquisition_channels_daily")
    for row in (month, day):
        assert (row["new_customer_count"], row["first_order_count"], row["first_order_revenue_amount"]) == (2, 1, 10)
        unknown = ("impressions", "clicks", "spend_amount", "session_count", "visitor_count", "lead_count")
        rates = ("cost_per_lead", "customer_acquisition_cost", "roas")
        assert [row[name] for name in (*unknown, *rates)] == [None] * 9
    assert {
        (row["model"], row["conversions"], row["credited_revenue_amount"], row["channel"], row["spend_amount"])
        for row in found.rows("select * from marts.attribution_channels_monthly")
    } == {(model, 3, 34, "unattributed", None) for model in MODELS}
    assert found.rows("select count(*) as row_count from intermediate.int_channel_removal_effects") == [
        {"row_count": 0}
    ]


def test_later_facts_change_nothing(tmp_path: Path) -> None:
    """All data with an earlier as-of date, and the data as they stood then, come to the same marts."""
    last_day = date(2024, 5, 12)
    raw = random_visits(2, 120)
    known = truncate(raw, Settings(histories.AS_OF_DATE, business_time_zone="Europe/Paris"), last_day)
    known["ad_performance"] = [row for row in known["ad_performance"] if row["date"] <= last_day]
    held_back, truncated = (
        build(write_raw_data(rows, tmp_path / name / "raw"), tmp_path / name, last_day.isoformat())
        for name, rows in (("held_back", raw), ("truncated", known))
    )
    for mart in MARTS:
        one, other = (
            {tuple(row.values()) for row in found.rows(f"select * from marts.{mart}")}
            for found in (held_back, truncated)
        )
        assert one
        assert one == other, mart


# ---- claims across models -----------------------------------------------------------------------------------------------

FAULTS = {
    "assert_sessions_hold_all_traffic": "delete from intermediate.int_sessions where touchpoint_count > 1",
    "assert_acquisition_reconciles_with_spend_and_customers": (
        "update marts.acquisition_channels_monthly set new_customer_count = new_customer_count + 1 "
        "where channel = 'unknown' and new_customer_count > 0"
    ),
    "assert_credits_of_a_conversion_sum_to_one": "delete from marts.attribution_credits where model = 'markov' and credit < 0.5",
    "assert_attributed_revenue_reconciles_with_orders": (
        "update marts.attribution_channels_monthly set credited_revenue_amount = credited_revenue_amount - 0.01 "
        "where channel = 'unattributed' and model = 'linear'"
    ),
    "assert_first_conversions_are_the_new_customers": (
        "delete from marts.attribution_channels_monthly where channel = 'unattributed' and first_conversions > 0"
    ),
}


@pytest.fixture(scope="module")
def claims(demo: Reference) -> BuildResult:
    """Run every singular test on the demo, before a fault is planted."""
    return run_dbt(
        ["test", "--select", *FAULTS],
        raw_data_dir="",
        warehouse_path=demo.path,
        as_of_date="",
        dbt_target_path=demo.path.parent / "target",
        dbt_log_path=demo.path.parent / "logs",
    )


def test_claims_across_models_hold_on_the_demo(claims: BuildResult) -> None:
    """Each passes."""
    assert claims.success, claims.problems
    assert sum(status == "pass" for status in claims.statuses.values()) == len(FAULTS)


@pytest.mark.parametrize("claim", FAULTS)
def test_claims_hold_for_every_history(claim: str, claims: BuildResult, demo: Reference, reference: Reference) -> None:
    """Each finds nothing in the random visits either."""
    assert claims.success, claims.problems
    assert reference.rows(compiled(demo, "tests", claim)) == []


@pytest.mark.parametrize("claim", FAULTS)
def test_a_planted_fault_is_found(claim: str, claims: BuildResult, demo: Reference, tmp_path: Path) -> None:
    """Each singular test finds rows when what it claims is made untrue."""
    assert claims.success, claims.problems
    with duckdb.connect(str(copy_of(demo, tmp_path))) as connection:
        assert connection.execute(FAULTS[claim]).fetchone()[0] > 0, "nothing was changed"
        assert connection.execute(compiled(demo, "tests", claim)).fetchone() is not None
