"""The stage of every customer on every day, evaluated naively from the definitions (semantics, sections 2 to 4).

For each day the rows known on that day are turned into events, the events are given to the customers who hold them on
that day, and the rules are applied as they are written: loops over events, no intervals, no running sums. The only
short cut: on a day that is the business date of nothing in the raw rows, the same events are known as the day before.

Readings chosen where the text leaves room (each is a decision of this module, to be revised with the text):

1.  A row gives the link from its anonymous id to its e-mail only when it has no customer id.
2.  Rows of test accounts count as absent, but what they say about whose a device or e-mail is, holds; a link that
    absorbs a test account is none. What stands under an id from the day on which it is a test account's is absent, too.
3.  ``deleted_at`` ends what is known of an event row. A deleted refund stops counting, a deleted customer record
    changes nothing, a link that was given by an event row outlives that row. A deleted row of identity_links holds
    until the day of its deletion: the links in force on a day are those given by then that have not ended, taken one
    after the other as if there had never been another, so that the next one of an id comes in for one that ended.
4.  A prospect of whom nothing is known any more is dormant.
5.  A paid period that ends before it starts, or on its first day, covers no day; what ``[started, ended + grace)`` has
    left is activity. An end is known on its own date, or on the date of ``cancelled_at`` if that is earlier.
6.  An order with a reversed status is reversed on ``cancelled_at``; failing that, on the day its refunds reach the
    total; failing that, on ``updated_at``; failing that, it never was a purchase. Which of these holds is read from the
    whole row, since the status itself carries no date. Refunds never "reach" a total before there is one refund.
7.  A purchase is the referred customer's when, on the purchase date, its id and the referred id had the same survivor.
    The one referral that counts is chosen as of that date: among referrals known then whose referred id had that
    survivor, whose referrer had another one, and none of whose two ends was a test account then.
8.  A conversion ends once referrer and referred have the same survivor, whatever becomes of that, or when the
    referral's row is deleted. The engagement it was for the referrer stays, unless the referral's row is deleted.
9.  An absorbed customer's own days use its own segment, not the survivor's.
10. The identifiers counted towards a shared e-mail or device are the distinct survivors that links name for it (every
    customer with that profile e-mail included), conflicting links included.
11. Of reviews of a product within an hour the last one counts, from its day on.
12. Several rows of one subscription or link are versions: see ``periods``.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from .periods import links_made, paid_periods

Row = Mapping[str, Any]
RawData = Mapping[str, list[Row]]

DEFAULT_THRESHOLDS = {
    "churn_after_days": 90,
    "subscription_grace_days": 0,
    "conversion_days": 90,
    "reactivation_days": 30,
    "loyalty_min_purchase_dates": 4,
    "loyalty_window_days": 365,
    "loyalty_min_tenure_days": 365,
    "advocacy_window_days": 365,
    "engagement_window_days": 90,
    "dormant_after_days": 180,
    "at_risk_after_days": 45,
}

TOUCHPOINT, ENGAGEMENT, ORDER, SUBSCRIPTION_START, COVERAGE, ADVOCACY = (
    "touchpoint",
    "engagement",
    "order",
    "subscription_start",
    "coverage",
    "advocacy",
)

ORDER_STATUS_EFFECTS = {
    None: "purchase",
    "paid": "purchase",
    "pending": "never",
    "failed": "never",
    "draft": "never",
    "voided": "never",
    "cancelled": "reversed",
    "refunded": "reversed",
    "returned": "reversed",
}
NO_ENGAGEMENT_STATUSES = ("draft", "voided")
NO_EVENT_TYPES = ("newsletter_unsubscribed",)
ENGAGEMENT_TYPES = (
    "signup",
    "lead_form",
    "newsletter_subscribed",
    "comment",
    "like",
    "share",
    "mention",
    "podcast_download",
    "webinar_attended",
    "email_clicked",
)
ALWAYS = date.min


@dataclass(frozen=True)
class Settings:
    """What a build is told beside the raw rows.

    ``thresholds``: per segment, ``default`` mandatory, each a full set of whole days. ``time_zones``: per brand; a
    brand that is not there uses ``business_time_zone``.
    """

    as_of_date: date
    thresholds: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: {"default": DEFAULT_THRESHOLDS})
    time_zones: Mapping[str, str] = field(default_factory=dict)
    business_time_zone: str = "UTC"
    identity_salt: str = ""
    identity_max_cluster_size: int = 5


class Event(NamedTuple):
    """One event known on a day. ``day`` and ``end`` (coverage only, exclusive, None = open) are ordinals of dates."""

    kind: str
    day: int
    end: int | None = None


class Link(NamedTuple):
    """From ``day`` until ``end``, what is known under ``absorbed`` is ``survivor``'s; ``table`` and ``key`` name its row."""

    day: date
    survivor: str
    absorbed: str
    table: str
    key: str
    end: date = date.max


class CustomerDay(NamedTuple):
    """What is published of a customer on a day; ``stage_entered`` is the ordinal of a date."""

    stage: str
    stage_entered: int
    is_loyal: bool
    is_advocate: bool
    is_at_risk: bool


@lru_cache(maxsize=1_000_000)
def _local_date(moment: datetime, time_zone: str) -> date:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).date()


def goods_of(refund: Row) -> Decimal | None:
    """What a refund says that it pays back for goods; None when it does not say what it is for."""
    goods, *others = (refund.get(f"{part}_amount") for part in ("goods", "shipping", "tax"))
    if goods is not None:
        return Decimal(str(goods))
    if all(part is None for part in others):
        return None
    return Decimal(str(refund["amount"])) - sum(Decimal(str(part)) for part in others if part is not None)


def gives_back_all_goods(order: Row, refunds: list[Row]) -> bool:
    """Whether refunds, one of which at least is for goods, take back the whole price of the goods."""
    price = Decimal(str(order["total_amount"]))
    goods_price = price - sum(Decimal(str(order.get(name) or 0)) for name in ("shipping_amount", "tax_amount"))
    said = [goods_of(refund) for refund in refunds]
    if goods_price <= 0 or not any(said):
        return False
    shares = (
        Decimal(str(refund["amount"])) * goods_price / price if goods is None else goods
        for refund, goods in zip(refunds, said, strict=True)
    )
    return sum(shares) >= goods_price


class RawWorld:
    """The raw rows of people who may have to do with one another, and what they say on a given day."""

    def __init__(self, raw: RawData, settings: Settings) -> None:
        self.settings = settings
        told = {
            "subscriptions": paid_periods(raw.get("subscriptions", ()), self.paid_start, self.business_date),
            "identity_links": links_made(raw.get("identity_links", ()), self.business_date),
        }
        raw = {**raw, **{table: rows for table, rows in told.items() if rows}}
        self.test_accounts = {
            self.person(row, customer=row["customer_id"]) for row in raw.get("customers", ()) if row.get("is_test")
        }
        self.raw = raw
        self.rows: dict[str, list[Row]] = {
            table: [row for row in rows if self._is_usable(table, row)] for table, rows in raw.items()
        }
        bots_since = self._bots_since(raw)
        self.rows = {
            table: [row for row in rows if not self._is_of_bot(table, row, bots_since)]
            for table, rows in self.rows.items()
        }
        self.segments = {
            self.person(row, customer=row["customer_id"]): row.get("segment") for row in self.rows.get("customers", ())
        }
        self.shared_since: dict[str, date] = {}
        self.links: list[Link] = []
        self.conflicts: list[Link] = []
        self.cycles: list[Link] = []
        self.link_rows: list[Link] = []  # accepted links, once for every row that gives them
        candidates = self._link_candidates()
        self._find_shared_identifiers(candidates)
        self._accept_links(candidates)
        self.rows = {
            table: [row for row in rows if not self._is_nobodys(table, row) and not self._is_testers(table, row)]
            for table, rows in self.rows.items()
        }
        self._leave_out_sales_of_absent_orders()
        self.refunds_of_order: dict[tuple[str, str], list[Row]] = {}
        for refund in self.rows.get("refunds", ()):
            self.refunds_of_order.setdefault((self.brand(refund), refund["order_id"]), []).append(refund)
        # (referral's key, converting purchase date) for every conversion that was known on a day evaluated so far
        self.conversions_seen: dict[tuple[str, str, int], Row] = {}

    # ---- small words -------------------------------------------------------------------------------------------

    @staticmethod
    def brand(row: Row) -> str:
        """The row's brand."""
        return row.get("brand") or "default"

    def business_date(self, row: Row, column: str) -> date | None:
        """The business date of a raw value: a bare date is it already, a timestamp is converted."""
        value = row.get(column)
        if value is None or not isinstance(value, datetime):
            return value
        brand = self.brand(row)
        return _local_date(value, self.settings.time_zones.get(brand, self.settings.business_time_zone))

    def moment(self, row: Row, column: str) -> datetime:
        """The moment (UTC) of a required raw value: a bare date is midnight in the business time zone."""
        value = row[column]
        if isinstance(value, datetime):
            return value
        zone = ZoneInfo(self.settings.time_zones.get(self.brand(row), self.settings.business_time_zone))
        midnight = datetime(value.year, value.month, value.day, tzinfo=zone)
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def person(
        self, row: Row, *, customer: str | None = None, anonymous: str | None = None, email: str | None = None
    ) -> str | None:
        """The warehouse's customer id of the first identifier given, in the row's brand; None when there is none."""
        prefix = "" if self.brand(row) == "default" else f"{self.brand(row)}:"
        if customer:
            return f"{prefix}{customer}"
        if anonymous:
            return f"{prefix}anonymous:{anonymous}"
        if email:
            salted = self.settings.identity_salt + email.strip().lower()
            return f"{prefix}email:{hashlib.md5(salted.encode()).hexdigest()}"
        return None

    def owner(self, table: str, row: Row) -> str | None:
        """The id under which a row arrived: its customer id, else its anonymous id, else its e-mail."""
        if table == "referrals":
            return self.person(row, customer=row["referrer_customer_id"])
        if table == "affiliate_sales":
            return self.person(row, customer=row.get("affiliate_customer_id"))
        return self.person(
            row, customer=row.get("customer_id"), anonymous=row.get("anonymous_id"), email=row.get("email")
        )

    def is_known(self, row: Row, day: date) -> bool:
        """Whether the row has not been deleted by that day."""
        deleted = self.business_date(row, "deleted_at")
        return deleted is None or day < deleted

    # ---- rows that count as absent -----------------------------------------------------------------------------

    def _is_usable(self, table: str, row: Row) -> bool:
        if row.get("is_bot") or row.get("is_test"):
            return False
        if table == "refunds":
            return True
        if table == "identity_links":
            return self._absorbed_of_link_row(row) not in self.test_accounts
        return self.owner(table, row) not in self.test_accounts

    def _bots_since(self, raw: RawData) -> dict[str, date]:
        """Devices that were a bot when they were first seen, with the day."""
        flagged: dict[str, tuple[datetime, date]] = {}
        seen: dict[str, datetime] = {}
        never = (datetime.max, date.max)
        for table in ("touchpoints", "engagements", "carts"):
            for row in raw.get(table, ()):
                if not row.get("anonymous_id"):
                    continue
                device = self.person(row, anonymous=row["anonymous_id"])
                column = MAIN_TIMES.get(table, "occurred_at")
                at = self.moment(row, column)
                if row.get("is_bot") and not (row.get("customer_id") or row.get("email")):
                    flagged[device] = min(flagged.get(device, never), (at, self.business_date(row, column)))
                elif table != "carts" and self._is_usable(table, row):
                    seen[device] = min(seen.get(device, datetime.max), at)
        return {device: day for device, (at, day) in flagged.items() if seen.get(device, datetime.max) >= at}

    def _is_of_bot(self, table: str, row: Row, bots_since: dict[str, date]) -> bool:
        """A row of such a device alone, from that day on, that does not say that it is a person's."""
        if table not in ("touchpoints", "engagements", "carts") or row.get("is_bot") is False:
            return False
        if not row.get("anonymous_id") or row.get("customer_id") or row.get("email"):
            return False
        day = self.business_date(row, MAIN_TIMES.get(table, "occurred_at"))
        return day >= bots_since.get(self.person(row, anonymous=row["anonymous_id"]), date.max)

    def _is_nobodys(self, table: str, row: Row) -> bool:
        """A row with only a shared e-mail or device, dated since that is shared."""
        if table in ("customers", "refunds", "identity_links", "referrals") or row.get("customer_id"):
            return False
        ids = [
            self.person(row, anonymous=row["anonymous_id"]) if row.get("anonymous_id") else None,
            self.person(row, email=row["email"]) if row.get("email") else None,
        ]
        ids = [identifier for identifier in ids if identifier]
        day = self.business_date(row, MAIN_TIMES.get(table, "occurred_at"))
        return bool(ids) and all(
            identifier in self.shared_since and day >= self.shared_since[identifier] for identifier in ids
        )

    def _is_testers(self, table: str, row: Row) -> bool:
        """A row under an id that is a test account's on the day of the row."""
        if table in ("customers", "refunds", "identity_links"):
            return False
        owner = self.owner(table, row)
        columns = OWN_DATES.get(table, (MAIN_TIMES.get(table, "created_at"),))
        day = next((day for day in (self.business_date(row, column) for column in columns) if day), None)
        if owner is None or day is None:
            return False
        before = [turn for turn in self._turning_days if turn <= day]
        after = [turn for turn in self._turning_days if turn > day]
        was = [self.survivor(owner, turn) in self.test_accounts for turn in [ALWAYS, *before]]
        # between two stretches of days on which it was one, it counts as one
        is_later = any(self.survivor(owner, turn) in self.test_accounts for turn in after)
        return was[-1] or (any(was) and is_later)

    def _leave_out_sales_of_absent_orders(self) -> None:
        """What an affiliate brought in counts as absent with its order."""
        orders = {(self.brand(row), row["order_id"]) for row in self.rows.get("orders", ())}
        given = {(self.brand(row), row["order_id"]) for row in self.raw.get("orders", ())}
        if "affiliate_sales" in self.rows:
            self.rows["affiliate_sales"] = [
                row
                for row in self.rows["affiliate_sales"]
                if (self.brand(row), row["order_id"]) in orders | self._nobodys_orders(given - orders)
            ]

    def _nobodys_orders(self, absent: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Of orders left out, those that count as sales all the same: of no customer, under a shared e-mail."""
        rows = [row for row in self.raw.get("orders", ()) if (self.brand(row), row["order_id"]) in absent]
        return {(self.brand(row), row["order_id"]) for row in rows if self._is_nobodys("orders", row)}

    # ---- identity ----------------------------------------------------------------------------------------------

    def _absorbed_of_link_row(self, row: Row) -> str:
        kind = {"customer_id": "customer", "anonymous_id": "anonymous", "email": "email"}[row["id_type"]]
        return self.person(row, **{kind: row["id_value"]})

    def _link_candidates(self) -> list[Link]:
        """Every link that a row gives, before any is refused (all profile e-mails, too)."""
        links = []
        for row in self.rows.get("identity_links", ()):
            survivor = self.person(row, customer=row["customer_id"])
            day = self.business_date(row, "linked_at")
            end = self.business_date(row, "deleted_at")
            end = date.max if end is None or end > self.settings.as_of_date else end
            links.append(Link(day, survivor, self._absorbed_of_link_row(row), "identity_links", row["link_id"], end))
        for table, key in (("carts", "cart_id"), ("touchpoints", "touchpoint_id"), ("engagements", "engagement_id")):
            for row in self.raw.get(table, ()):
                if row.get("is_bot") or not row.get("anonymous_id"):
                    continue
                survivor = self.person(row, customer=row.get("customer_id"), email=row.get("email"))
                if survivor is not None:
                    day = self.business_date(row, MAIN_TIMES[table])
                    links.append(Link(day, survivor, self.person(row, anonymous=row["anonymous_id"]), table, row[key]))
        for row in self.raw.get("customers", ()):
            if row.get("email"):
                day = self.business_date(row, "created_at") or ALWAYS
                customer = self.person(row, customer=row["customer_id"])
                links.append(Link(day, customer, self.person(row, email=row["email"]), "customers", row["customer_id"]))
        return [
            link
            for link in links
            if link.day <= self.settings.as_of_date and link.day < link.end and link.absorbed not in self.test_accounts
        ]

    def _find_shared_identifiers(self, candidates: Iterable[Link]) -> None:
        customers_of: dict[str, set[str]] = {}
        for link in sorted(candidates):
            is_merge = link.table == "identity_links" and not _is_email_or_device(link.absorbed)
            if is_merge:
                continue
            customers = customers_of.setdefault(link.absorbed, set())
            customers.add(link.survivor)
            if len(customers) > self.settings.identity_max_cluster_size:
                self.shared_since.setdefault(link.absorbed, link.day)

    def _accept_links(self, candidates: list[Link]) -> None:
        """Find what is in force on each day on which a link begins or ends."""
        self._candidates = sorted(candidates)
        self._turning_days = sorted(
            {day for link in candidates for day in (link.day, link.end) if day <= self.settings.as_of_date}
        )
        self._in_force: dict[date, dict[str, Link]] = {}
        accepted, conflicts, cycles = set(), set(), set()
        for day in self._turning_days:
            in_force, refused, circular = self._links_on(day)
            self._in_force[day] = in_force
            accepted |= set(in_force.values())
            conflicts |= set(refused)
            cycles |= set(circular)
        self.links = sorted(accepted)
        self.conflicts = sorted(conflicts)
        self.cycles = sorted(cycles)
        taken = {(link.day, link.survivor, link.absorbed) for link in self.links}
        self.link_rows = [link for link in candidates if (link.day, link.survivor, link.absorbed) in taken]

    def _links_on(self, day: date) -> tuple[dict[str, Link], list[Link], list[Link]]:
        """Take the links of a day one after the other, as they came: once absorbed is absorbed, and no link closes a cycle."""
        survivor_of: dict[str, Link] = {}
        conflicts, cycles = [], []
        for link in self._candidates:
            if not link.day <= day < link.end:
                continue
            if link.absorbed in survivor_of:
                if survivor_of[link.absorbed].survivor != link.survivor:
                    conflicts.append(link)
                continue
            end = link.survivor
            while end in survivor_of:
                end = survivor_of[end].survivor
            if end == link.absorbed:
                cycles.append(link)
                continue
            survivor_of[link.absorbed] = link
        return survivor_of, conflicts, cycles

    def in_force(self, day: date) -> dict[str, Link]:
        """The link of each id that is absorbed on a day."""
        place = bisect_right(self._turning_days, day)
        return self._in_force[self._turning_days[place - 1]] if place else {}

    def survivor(self, identifier: str, day: date) -> str:
        """Who holds an id's history on a day: its links in force, followed to their end."""
        in_force = self.in_force(day)
        while identifier in in_force:
            identifier = in_force[identifier].survivor
        return identifier

    def were_ever_one(self, one: str, other: str, day: date) -> bool:
        """Whether two ids have had the same survivor, who is no test account, on that day or before."""
        days = [ALWAYS, *(turn for turn in self._turning_days if turn <= day)]
        for turn in days:
            survivor = self.survivor(one, turn)
            if survivor == self.survivor(other, turn) and survivor not in self.test_accounts:
                return True
        return False

    # ---- what is known on a day --------------------------------------------------------------------------------

    def refunded_on(self, order: Row, day: date) -> bool:
        """Whether the refunds known on that day reach the order's total, or give back all of its goods."""
        known = [
            refund
            for refund in self.refunds_of_order.get((self.brand(order), order["order_id"]), ())
            if self.business_date(refund, "refunded_at") <= day and self.is_known(refund, day)
        ]
        total = Decimal(str(order["total_amount"]))
        has_everything = bool(known) and sum(Decimal(str(refund["amount"])) for refund in known) >= total
        return has_everything or gives_back_all_goods(order, known)

    def is_purchase_on(self, order: Row, day: date) -> bool:
        """Whether an order of that day or before counts as a purchase, as far as is known on that day."""
        if self.business_date(order, "ordered_at") > day or not self.is_known(order, day):
            return False
        effect = ORDER_STATUS_EFFECTS[order.get("status")]
        if effect == "never":
            return False
        cancelled = self.business_date(order, "cancelled_at")
        if cancelled is not None and cancelled <= day:
            return False
        if self.refunded_on(order, day):
            return False
        if effect == "reversed" and cancelled is None:
            updated = self.business_date(order, "updated_at")
            refunds = self.refunds_of_order.get((self.brand(order), order["order_id"]), ())
            reaches_some_day = any(self.refunded_on(order, self.business_date(row, "refunded_at")) for row in refunds)
            if not reaches_some_day and (updated is None or updated <= day):
                return False
        return True

    def paid_start(self, row: Row) -> date | None:
        """The day on which a subscription was first paid: none if its paid period has no day, or ends within 24 hours."""
        started, ended = self.business_date(row, "started_at"), self.business_date(row, "ended_at")
        if started is None or ended is None:
            return started
        is_given_up = self.moment(row, "ended_at") - self.moment(row, "started_at") < timedelta(days=1)
        return None if ended <= started or is_given_up else started

    def purchases_on(self, day: date) -> list[tuple[str, date]]:
        """(id the row arrived under, purchase date) of every valid purchase known on the day."""
        purchases = []
        for order in self.rows.get("orders", ()):
            owner = self.owner("orders", order)
            if owner and self.is_purchase_on(order, day):
                purchases.append((owner, self.business_date(order, "ordered_at")))
        for row in self.rows.get("subscriptions", ()):
            started = self.paid_start(row)
            if started is not None and started <= day and self.is_known(row, day):
                purchases.append((self.owner("subscriptions", row), started))
        return purchases

    def referred(self, referral: Row) -> str | None:
        """The id a referral names: the referred customer, else the invited e-mail."""
        return self.person(
            referral, customer=referral.get("referred_customer_id"), email=referral.get("referred_email")
        )

    def conversion_date(self, referral: Row, day: date, purchases: list[tuple[str, date]]) -> date | None:
        """The purchase date with which a referral is converted as of a day, or None."""
        invited = self.business_date(referral, "invited_at")
        referrer, referred = self.owner("referrals", referral), self.referred(referral)
        if referred is None or invited > day or not self.is_known(referral, day):
            return None
        dates = [when for owner, when in purchases if self.survivor(owner, when) == self.survivor(referred, when)]
        if not dates or min(dates) < invited:
            return None
        first = min(dates)
        if self.were_ever_one(referrer, referred, day):
            return None
        rivals = []
        for rival in self.rows.get("referrals", ()):
            rival_referred = self.referred(rival)
            if rival_referred is None or self.survivor(rival_referred, first) != self.survivor(referred, first):
                continue
            if self.business_date(rival, "invited_at") > first or not self.is_known(rival, first):
                continue
            ends = (self.survivor(self.owner("referrals", rival), first), self.survivor(rival_referred, first))
            if self.were_ever_one(self.owner("referrals", rival), rival_referred, first) or self.test_accounts & set(
                ends
            ):
                continue
            rivals.append((self.moment(rival, "invited_at"), rival["referral_id"]))
        return first if rivals and min(rivals)[1] == referral["referral_id"] else None

    def events_by_id(self, day: date) -> dict[str, list[Event]]:
        """The events known on a day, by the id their rows arrived under. Days must be asked in ascending order."""
        events: dict[str, list[Event]] = {}

        def add(owner: str | None, kind: str, when: date | None, end: date | None = None) -> None:
            if owner is not None and when is not None and when <= day:
                event = Event(kind, when.toordinal(), None if end is None else end.toordinal())
                events.setdefault(owner, []).append(event)

        def known_rows(table: str) -> Iterable[tuple[str | None, Row]]:
            for row in self.rows.get(table, ()):
                if self.is_known(row, day):
                    yield self.owner(table, row), row

        for owner, row in known_rows("touchpoints"):
            if row.get("touch_type") not in NO_EVENT_TYPES:
                add(owner, TOUCHPOINT, self.business_date(row, "occurred_at"))
        for owner, row in known_rows("engagements"):
            kind = row.get("engagement_type")
            if kind not in NO_EVENT_TYPES:
                known_kind = ENGAGEMENT if kind in ENGAGEMENT_TYPES else TOUCHPOINT
                add(owner, known_kind, self.business_date(row, "occurred_at"))
        for owner, row in known_rows("carts"):
            add(owner, ENGAGEMENT, self.business_date(row, "created_at"))
        for owner, row in known_rows("survey_responses"):
            add(owner, ENGAGEMENT, self.business_date(row, "responded_at"))
        for owner, row in known_rows("reviews"):
            add(owner, ENGAGEMENT, self.business_date(row, "published_at"))
            is_praise = row.get("is_user_content") or (row.get("rating") is not None and row["rating"] >= 4)
            if is_praise and not self.was_reviewed_anew(row, day):
                add(owner, ADVOCACY, self.business_date(row, "published_at"))
        for owner, row in known_rows("affiliate_sales"):
            add(owner, ENGAGEMENT, self.business_date(row, "occurred_at"))
            add(owner, ADVOCACY, self.business_date(row, "occurred_at"))
        for owner, row in known_rows("orders"):
            if row.get("status") not in NO_ENGAGEMENT_STATUSES:
                add(owner, ENGAGEMENT, self.business_date(row, "ordered_at"))
            if self.is_purchase_on(row, day):
                add(owner, ORDER, self.business_date(row, "ordered_at"))
        for owner, row in known_rows("subscriptions"):
            add(owner, ENGAGEMENT, self.business_date(row, "trial_started_at"))
            started, ended = self.paid_start(row), self.business_date(row, "ended_at")
            if started is None:
                if row.get("trial_started_at") is None:  # to have gone to the checkout is interest
                    add(owner, ENGAGEMENT, self.business_date(row, "started_at"))
                continue
            add(owner, ENGAGEMENT, started)
            add(owner, SUBSCRIPTION_START, started)
            cancelled = self.business_date(row, "cancelled_at")
            is_end_known = ended is not None and (ended <= day or (cancelled is not None and cancelled <= day))
            if not is_end_known:
                add(owner, COVERAGE, started)
            else:
                add(owner, COVERAGE, started, ended)

        purchases = self.purchases_on(day)
        for owner, row in known_rows("referrals"):
            converted = self.conversion_date(row, day, purchases)
            if converted is not None:
                add(owner, ADVOCACY, converted)
                self.conversions_seen[(self.brand(row), row["referral_id"], converted.toordinal())] = row
        for (_, _, converted), row in self.conversions_seen.items():
            if self.is_known(row, day):
                add(self.owner("referrals", row), ENGAGEMENT, date.fromordinal(converted))
        return events

    def was_reviewed_anew(self, review: Row, day: date) -> bool:
        """Whether the same id reviewed the same product again within the hour, and by that day."""

        def is_of_one(other: Row) -> bool:
            return all(other.get(name) == review.get(name) for name in ("customer_id", "product_id"))

        def place(row: Row) -> tuple[datetime, str]:
            return self.moment(row, "published_at"), "".join(chr(1_000_000 - ord(sign)) for sign in row["review_id"])

        limit = self.moment(review, "published_at") + timedelta(hours=1)
        return any(
            is_of_one(other)
            and self.brand(other) == self.brand(review)
            and place(review) < place(other)
            and self.moment(other, "published_at") <= limit
            and self.business_date(other, "published_at") <= day
            for other in self.rows.get("reviews", ())
        )

    def histories_on(self, day: date) -> dict[str, list[Event]]:
        """The history known on a day of each customer of that day: its own events and those that came by links."""
        histories: dict[str, list[Event]] = {}
        for identifier, events in self.events_by_id(day).items():
            holder = self.survivor(identifier, day)
            if holder not in self.test_accounts:
                histories.setdefault(holder, []).extend(events)
        return histories

    def fact_dates(self) -> set[date]:
        """Every business date that stands anywhere in the rows: on any other day nothing new becomes known."""
        dates = {
            self.business_date(row, column)
            for rows in self.rows.values()
            for row in rows
            for column, value in row.items()
            if isinstance(value, date)
        }
        # rows of test accounts are absent, but they link ids
        return dates | {day for day in self._turning_days if day != ALWAYS}


MAIN_TIMES = {
    "customers": "created_at",
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "carts": "created_at",
    "touchpoints": "occurred_at",
    "engagements": "occurred_at",
    "survey_responses": "responded_at",
    "referrals": "invited_at",
    "affiliate_sales": "occurred_at",
    "reviews": "published_at",
    "identity_links": "linked_at",
    "subscriptions": "started_at",
}
OWN_DATES = {"subscriptions": ("trial_started_at", "started_at")}


def _is_email_or_device(identifier: str) -> bool:
    return any(part in ("email", "anonymous") for part in identifier.split(":")[:-1])


class Facts:
    """The facts of section 4 that do not depend on the day: what the known events amount to."""

    def __init__(self, events: list[Event], thresholds: Mapping[str, int]) -> None:
        self.purchase_dates = sorted({event.day for event in events if event.kind in (ORDER, SUBSCRIPTION_START)})
        self.advocacy_dates = sorted({event.day for event in events if event.kind == ADVOCACY})
        self.engagement_dates = sorted({event.day for event in events if event.kind == ENGAGEMENT})
        self.last_interaction = max((event.day for event in events), default=None)
        self.coverages = [(event.day, event.end) for event in events if event.kind == COVERAGE]
        for_ever = date.max.toordinal()
        periods = [(event.day, event.day + thresholds["churn_after_days"]) for event in events if event.kind == ORDER]
        for start, end in self.coverages:
            periods.append((start, for_ever if end is None else end + thresholds["subscription_grace_days"]))
        self.episodes: list[list[int]] = []
        for start, end in sorted(period for period in periods if period[0] < period[1]):
            if self.episodes and start <= self.episodes[-1][1]:
                self.episodes[-1][1] = max(self.episodes[-1][1], end)
            else:
                self.episodes.append([start, end])


def state(facts: Facts, day: int, thresholds: Mapping[str, int]) -> tuple[str, bool, bool, bool]:
    """(stage, is_loyal, is_advocate, is_at_risk) on a day (an ordinal), by the rules of section 4."""

    def in_window(dates: list[int], threshold: str) -> int:
        count = 0
        for when in dates:
            if day - thresholds[threshold] < when <= day:
                count += 1
        return count

    has_purchase = bool(facts.purchase_dates)
    episode_started = None
    is_win_back = False
    for number, (start, end) in enumerate(facts.episodes):
        if start <= day < end:
            episode_started, is_win_back = start, number > 0
    is_active = episode_started is not None
    is_advocate = in_window(facts.advocacy_dates, "advocacy_window_days") > 0
    loyalty_rule = has_purchase and (
        in_window(facts.purchase_dates, "loyalty_window_days") >= thresholds["loyalty_min_purchase_dates"]
        or (is_active and day - episode_started >= thresholds["loyalty_min_tenure_days"])
    )
    is_subscribed = any(start <= day and (end is None or day < end) for start, end in facts.coverages)
    is_at_risk = is_active and not is_subscribed and day - facts.purchase_dates[-1] >= thresholds["at_risk_after_days"]
    if has_purchase and not is_active:
        stage = "churned"
    elif is_win_back and day - episode_started < thresholds["reactivation_days"]:
        stage = "reactivated"
    elif has_purchase and is_advocate:
        stage = "advocacy"
    elif loyalty_rule:
        stage = "loyalty"
    elif has_purchase and (
        len(facts.purchase_dates) >= 2 or day - facts.purchase_dates[0] >= thresholds["conversion_days"]
    ):
        stage = "retention"
    elif has_purchase:
        stage = "conversion"
    elif facts.last_interaction is None or day - facts.last_interaction >= thresholds["dormant_after_days"]:
        stage = "dormant"
    elif in_window(facts.engagement_dates, "engagement_window_days"):
        stage = "engagement"
    else:
        stage = "discovery"
    return stage, loyalty_rule and is_active, is_advocate, is_at_risk


def evaluate(raw: RawData, settings: Settings, horizon_days: int = 0) -> dict[str, dict[int, CustomerDay]]:
    """Every customer's published state on every day, up to ``horizon_days`` past the as-of date.

    ``raw``: clean rows per contract table; timestamps are naive UTC datetimes, bare dates are dates, amounts numbers.
    Past the as-of date the facts are those known on it: what will happen if the customer does nothing. Returns, for
    each customer id, the ordinal of each date it was in the population, with its state.
    """
    world = RawWorld(raw, settings)
    fact_dates = {day for day in world.fact_dates() if day is not None and day <= settings.as_of_date}
    result: dict[str, dict[int, CustomerDay]] = {}
    if not fact_dates:
        return result
    facts: dict[str, Facts] = {}
    thresholds_of = {}
    for ordinal in range(min(fact_dates).toordinal(), settings.as_of_date.toordinal() + horizon_days + 1):
        day = date.fromordinal(ordinal)
        if day in fact_dates:
            histories = world.histories_on(day)
            still_here = [customer for customer in result if world.survivor(customer, day) == customer]
            facts = {}
            for customer in {*histories, *still_here}:
                segment = world.segments.get(customer)
                thresholds = settings.thresholds.get(segment or "default", settings.thresholds["default"])
                thresholds_of[customer] = thresholds
                facts[customer] = Facts(histories.get(customer, []), thresholds)
        for customer, known in facts.items():
            stage, is_loyal, is_advocate, is_at_risk = state(known, ordinal, thresholds_of[customer])
            days = result.setdefault(customer, {})
            before = days.get(ordinal - 1)
            entered = before.stage_entered if before is not None and before.stage == stage else ordinal
            days[ordinal] = CustomerDay(stage, entered, is_loyal, is_advocate, is_at_risk)
    return result
