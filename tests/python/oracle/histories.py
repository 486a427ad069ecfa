"""Random histories, seeded: not what customers do, but what breaks a computation of their stages.

A history is the raw rows of a few people who may have to do with one another, with ids of its own. Days are chosen near
other days: the same day, or a threshold away, one less, one more.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from .evaluator import DEFAULT_THRESHOLDS, Settings

AS_OF_DATE = date(2024, 6, 30)
TIME_ZONES = {"default": "UTC", "west": "America/New_York", "east": "Asia/Tokyo", "paris": "Europe/Paris"}
THRESHOLDS = {
    "default": DEFAULT_THRESHOLDS,
    "swift": {
        "churn_after_days": 10,
        "subscription_grace_days": 2,
        "conversion_days": 8,
        "reactivation_days": 5,
        "loyalty_min_purchase_dates": 3,
        "loyalty_window_days": 40,
        "loyalty_min_tenure_days": 30,
        "advocacy_window_days": 20,
        "engagement_window_days": 9,
        "dormant_after_days": 18,
        "at_risk_after_days": 5,
    },
    "odd": {
        "churn_after_days": 12,
        "subscription_grace_days": 15,
        "conversion_days": 12,
        "reactivation_days": 20,
        "loyalty_min_purchase_dates": 2,
        "loyalty_window_days": 10,
        "loyalty_min_tenure_days": 14,
        "advocacy_window_days": 6,
        "engagement_window_days": 18,
        "dormant_after_days": 18,
        "at_risk_after_days": 12,
    },
}
SETTINGS = Settings(as_of_date=AS_OF_DATE, thresholds=THRESHOLDS, time_zones=TIME_ZONES)

# What a history is mostly made of: (weight of the kind, weights of its actions).
KINDS: dict[str, tuple[int, dict[str, int]]] = {
    "shopper": (4, {"order": 8, "touch": 1, "review": 1, "engagement": 1, "affiliate_sale": 1}),
    "prospect": (3, {"touch": 4, "engagement": 4, "cart": 1, "survey": 1, "ticket": 1, "review": 1, "order": 1}),
    "subscriber": (3, {"subscription": 6, "order": 2, "touch": 1}),
    "referrer": (4, {"referral": 4, "order": 6, "link": 1, "subscription": 1, "touch": 1}),
    "rivals": (4, {"invitation": 5, "friends_order": 5, "link": 2, "order": 2}),
    "merged": (4, {"link": 4, "order": 5, "touch": 2, "engagement": 1, "referral": 1, "subscription": 1}),
    "visitor": (3, {"touch": 4, "engagement": 2, "cart": 2, "order": 3, "link": 1}),
    "everything": (
        3,
        {
            "order": 5, "subscription": 2, "touch": 2, "engagement": 2, "cart": 1, "survey": 1, "ticket": 1,
            "review": 2, "referral": 3, "affiliate_sale": 1, "link": 2,
        },
    ),
    "shared": (1, {"order": 3, "touch": 3}),
}  # fmt: skip


class _History:
    """The rows of one history while it is being made up."""

    def __init__(self, rng: random.Random, number: int) -> None:
        self.rng = rng
        self.prefix = f"h{number}"
        self.rows: dict[str, list[dict[str, Any]]] = {}
        kinds = list(KINDS)
        self.kind = rng.choices(kinds, [KINDS[kind][0] for kind in kinds])[0]
        self.brands = [rng.choices(list(TIME_ZONES), [6, 1, 1, 1])[0]]
        if rng.random() < 0.04:
            self.brands.append(rng.choice(list(TIME_ZONES)))
        self.is_slow = rng.random() < 0.2
        self.segments: list[str | None] = [None, None, "unlisted"] if self.is_slow else ["swift", "swift", "odd"]
        self.gaps = sorted({gap for name in self.segments for gap in THRESHOLDS.get(name, DEFAULT_THRESHOLDS).values()})
        self.start = AS_OF_DATE - timedelta(days=rng.randint(150, 600) if self.is_slow else rng.randint(15, 110))
        self.days: list[date] = []
        customer_count = 7 if self.kind == "shared" else rng.choice([1, 2, 2, 3, 3])
        if self.kind == "merged":
            customer_count = rng.choice([2, 3, 4, 5])
        self.customers = [f"{self.prefix}c{index}" for index in range(customer_count)]
        if self.kind == "rivals":
            customer_count = rng.choice([3, 4])
        has_many = self.kind in ("visitor", "everything", "referrer", "prospect")
        self.visitors = [f"{self.prefix}v{index}" for index in range(rng.choice([1, 2, 3]) if has_many else 1)]
        self.emails = [f"{self.prefix}e{index}@x.test" for index in range(rng.choice([1, 2]) if has_many else 0)]
        if self.kind == "rivals" or (self.kind == "merged" and customer_count < 4):
            self.emails = [f"{self.prefix}e0@x.test"]
        self.test_accounts: set[tuple[str, str]] = set()
        self.orders: list[dict[str, Any]] = []

    # ---- days and moments --------------------------------------------------------------------------------------

    def day(self, earliest: date | None = None) -> date:
        """A day of the history, most often in a telling distance of another one; some are after the as-of date."""
        rng = self.rng
        earliest = earliest or self.start
        for _ in range(6):
            choice = rng.random()
            if self.days and choice < 0.5:
                step = rng.choice(self.gaps) + rng.choice([-1, 0, 0, 1])
                day = rng.choice(self.days) + timedelta(days=step if rng.random() < 0.85 else -step)
            elif self.days and choice < 0.7:
                day = rng.choice(self.days)
            else:
                day = self.start + timedelta(days=rng.randint(0, max((AS_OF_DATE - self.start).days, 1)))
            if earliest <= day <= AS_OF_DATE + timedelta(days=30):
                break
        else:
            day = earliest + timedelta(days=rng.randint(0, 12))
        self.days.append(day)
        return day

    def moment(self, day: date) -> datetime | date:
        """A raw value (UTC) around that day: a bare date, or a time that may be another date elsewhere."""
        if self.rng.random() < 0.1:
            return day
        hour = self.rng.choice([0, 3, 4, 5, 8, 12, 14, 15, 20, 22, 23])
        return datetime.combine(day, time(hour, self.rng.choice([0, 1, 30, 59])))

    def when(self, earliest: date | None = None) -> datetime | date:
        """A raw value around a day of the history."""
        return self.moment(self.day(earliest))

    # ---- rows --------------------------------------------------------------------------------------------------

    def add(self, table: str, key: str, row: dict[str, Any], *, may_be_deleted: bool = True) -> dict[str, Any]:
        """Add a row with a new key, in one of the history's brands, now and then deleted later."""
        rows = self.rows.setdefault(table, [])
        row = {key: f"{self.prefix}{table[:3]}{len(rows)}"} | row
        brand = row.setdefault("brand", self.rng.choice(self.brands))
        if brand == "default" and self.rng.random() < 0.5:
            del row["brand"]
        if may_be_deleted and self.rng.random() < 0.05:
            row["deleted_at"] = self.when()
        rows.append({name: value for name, value in row.items() if value is not None})
        return rows[-1]

    def someone(self, *, visitors: bool = False, emails: bool = False) -> dict[str, str]:
        """The identifiers of a row: a customer, a visitor, an e-mail, or several of them."""
        ways = ["customer"] * 5
        if visitors and self.visitors:
            ways += ["visitor"] * 4 + ["customer and visitor"]
        if emails and self.emails:
            ways += ["email"] * 3 + ["customer and email"]
        if visitors and emails and self.visitors and self.emails and self.kind != "shared":
            ways += ["visitor and email", "all"]
        way = self.rng.choice(ways)
        who = {}
        if "customer" in way or way == "all":
            who["customer_id"] = self.rng.choice(self.customers)
        if "visitor" in way or way == "all":
            who["anonymous_id"] = self.rng.choice(self.visitors)
        if "email" in way or way == "all":
            who["email"] = self.rng.choice(self.emails)
        return who

    def customer_records(self) -> None:
        """Records of most customers, with segments, shared profile e-mails and test accounts."""
        rng = self.rng
        for brand in dict.fromkeys(self.brands):
            for customer in self.customers:
                is_test = len(self.customers) > 1 and rng.random() < 0.05 and self.kind != "shared"
                if rng.random() < (0.2 if self.is_slow else 0.03) and not is_test:
                    continue
                row: dict[str, Any] = {"customer_id": customer, "brand": brand, "segment": rng.choice(self.segments)}
                if is_test:
                    row["is_test"] = True
                    self.test_accounts.add((brand, customer))
                if self.emails and rng.random() < 0.6:
                    row["email"] = rng.choice(self.emails)
                if rng.random() < 0.85:
                    # a record that counts for thresholds or as a test account is there by the as-of date
                    day = self.day()
                    if row["segment"] is not None or is_test:
                        day = min(day, AS_OF_DATE - timedelta(days=2))
                    row["created_at"] = self.moment(day)
                if rng.random() < 0.05:
                    row["deleted_at"] = self.when()
                self.rows.setdefault("customers", []).append(
                    {name: value for name, value in row.items() if value is not None}
                )

    def order(self) -> None:
        """An order in any status, perhaps cancelled, perhaps refunded in one or several parts."""
        rng = self.rng
        day = self.day()
        total = rng.choice([0, 10, 25, 50.5, 100])
        status = rng.choices(
            [None, "paid", "pending", "failed", "draft", "voided", "cancelled", "refunded", "returned"],
            [40, 30, 3, 3, 3, 3, 4, 4, 3],
        )[0]
        row: dict[str, Any] = {"ordered_at": self.moment(day), "total_amount": total, "status": status}
        row |= self.someone(emails=True)
        if rng.random() < 0.02:
            row["is_test"] = True
        latest = day
        is_reversed = status in ("cancelled", "refunded", "returned")
        parts: list[float] = []
        if total and rng.random() < (0.5 if is_reversed else 0.2):
            quarter = round(total / 4, 2)
            ways = [[total], [total / 2], [total / 2, total / 2], [total, total], [quarter, round(total - quarter, 2)]]
            parts = rng.choice(ways)
        refund_days = [self.day(day) for _ in parts]
        split = random.Random(f"{self.orders and len(self.orders)} {day} {total}")
        if rng.random() < (0.4 if is_reversed else 0.12):
            cancel_day = self.day(day)
            row["cancelled_at"] = self.moment(cancel_day)
            latest = max(latest, cancel_day)
        latest = max([latest, *refund_days])
        if rng.random() < 0.6:
            # two days later: after the row's other dates in every time zone
            row["updated_at"] = self.moment(latest + timedelta(days=2 + rng.choice([0, 0, *self.gaps])))
        order = self.add("orders", "order_id", row)
        self.orders.append(order)
        for part, refund_day in zip(parts, refund_days, strict=True):
            refund = {"order_id": order["order_id"], "refunded_at": self.moment(refund_day), "amount": part}
            refund["brand"] = order.get("brand", "default")
            if split.random() < 0.3:  # a generator of its own: what follows stays as it was
                goods = round(part * split.choice([0, 0.5, 0.8, 1]), 2)
                ways = [{"goods_amount": goods}, {"tax_amount": round(part - goods, 2)}]
                refund |= split.choice([*ways, ways[0] | ways[1] | {"shipping_amount": 0}])
            self.add("refunds", "refund_id", refund, may_be_deleted=not is_reversed)

    def subscription(self) -> None:
        """A paid period, a trial, or both; open or ended, with an end ahead, before its start or on it."""
        rng = self.rng
        row: dict[str, Any] = {"customer_id": rng.choice(self.customers)}
        day = self.day()
        if rng.random() < 0.3:
            row["trial_started_at"] = self.moment(day)
            if rng.random() < 0.5:
                row["trial_ended_at"] = self.moment(day + timedelta(days=rng.choice(self.gaps)))
            day = self.day(day + timedelta(days=2))
        if "trial_started_at" not in row or rng.random() < 0.6:
            row["started_at"] = self.moment(day)
            choice = rng.random()
            if choice < 0.05:
                row["ended_at"] = self.moment(day - timedelta(days=rng.choice([1, 3, 20])))
            elif choice < 0.1:
                row["ended_at"] = row["started_at"]
            elif choice < 0.75:
                end = self.day(day)
                if rng.random() < 0.15:
                    end = AS_OF_DATE + timedelta(days=rng.randint(0, 40))
                row["ended_at"] = self.moment(end)
            if rng.random() < 0.4:
                row["cancelled_at"] = self.when(day)
        self.add("subscriptions", "subscription_id", row)

    def touch(self) -> None:
        """A touchpoint of a known or unknown type, of a person or a bot."""
        kinds = ["visit", "impression", "click", "email_opened", "podcast_listen", "billboard_seen"]
        row = {"occurred_at": self.when(), "touch_type": self.rng.choice(kinds)}
        if self.rng.random() < 0.05:
            row["is_bot"] = True
        self.add("touchpoints", "touchpoint_id", row | self.someone(visitors=True, emails=self.kind != "shared"))

    def engagement(self) -> None:
        """An engagement, an unsubscription, or something unknown."""
        kinds = ["signup", "lead_form", "like", "email_clicked", "newsletter_unsubscribed", "handshake"]
        row = {"occurred_at": self.when(), "engagement_type": self.rng.choice(kinds)}
        self.add("engagements", "engagement_id", row | self.someone(visitors=True, emails=True))

    def cart(self) -> None:
        """A cart."""
        self.add("carts", "cart_id", {"created_at": self.when()} | self.someone(visitors=True))

    def survey(self) -> None:
        """An answered survey."""
        row = {"responded_at": self.when(), "survey_type": "nps", "score": self.rng.randint(0, 10), "scale_max": 10}
        self.add("survey_responses", "response_id", row | self.someone(emails=True))

    def ticket(self) -> None:
        """A support ticket, which is no event."""
        self.add("support_tickets", "ticket_id", {"created_at": self.when()} | self.someone(emails=True))

    def review(self) -> None:
        """A review, now and then by an unknown person, with or without a rating."""
        row: dict[str, Any] = {"published_at": self.when(), "rating": self.rng.choice([None, 1, 3, 4, 5])}
        row["is_user_content"] = self.rng.choice([None, False, False, True])
        if self.rng.random() < 0.95:
            row["customer_id"] = self.rng.choice(self.customers)
        self.add("reviews", "review_id", row)

    def referral(self) -> None:
        """An invitation of another customer, of an e-mail, of oneself, or of an unknown person."""
        rng = self.rng
        early = self.moment(self.start + timedelta(days=rng.randint(0, 10)))
        invited_at = early if rng.random() < 0.5 else self.when()
        row: dict[str, Any] = {"referrer_customer_id": rng.choice(self.customers), "invited_at": invited_at}
        if rng.random() < 0.75:
            row["referred_customer_id"] = rng.choice(self.customers)
        if self.emails and rng.random() < 0.5:
            row["referred_email"] = rng.choice(self.emails)
        self.add("referrals", "referral_id", row)

    def invitation(self) -> None:
        """An early invitation of the one friend whom all customers invite, by name or by e-mail."""
        rng = self.rng
        row: dict[str, Any] = {"referrer_customer_id": rng.choice(self.customers)}
        row["invited_at"] = self.moment(self.start + timedelta(days=rng.randint(0, 12)))
        way = rng.random()
        if way < 0.65:
            row["referred_customer_id"] = self.customers[0]
        elif way < 0.9:
            row["referred_email"] = self.emails[0]
        else:
            row["referred_customer_id"] = rng.choice(self.customers)
        self.add("referrals", "referral_id", row)

    def friends_order(self) -> None:
        """An order of that friend, as a customer or as a guest, often cancelled."""
        rng = self.rng
        day = self.day(self.start + timedelta(days=rng.choice([0, 6, 13])))
        row: dict[str, Any] = {"ordered_at": self.moment(day), "total_amount": 10}
        row |= {"customer_id": self.customers[0]} if rng.random() < 0.6 else {"email": self.emails[0]}
        if rng.random() < 0.4:
            row["cancelled_at"] = self.when(day)
        self.orders.append(self.add("orders", "order_id", row))

    def affiliate_sale(self) -> None:
        """A sale brought in by a customer; its order is a usable one."""
        usable = [
            order
            for order in self.orders
            if not order.get("is_test")
            and (order.get("brand", "default"), order.get("customer_id")) not in self.test_accounts
        ]
        if not usable:
            return
        order = self.rng.choice(usable)
        ordered_at = order["ordered_at"]
        occurred_at = ordered_at + timedelta(days=self.rng.choice([0, 0, 2, 5]))
        row = {"affiliate_id": "partner", "order_id": order["order_id"], "occurred_at": occurred_at}
        row |= {"affiliate_customer_id": self.rng.choice([*self.customers, None])}
        row["brand"] = order.get("brand", "default")
        self.add("affiliate_sales", "affiliate_sale_id", row)

    def link(self) -> None:
        """A link of anything into a customer: merges in any order, conflicts, cycles and merges back; every fourth is undone."""
        rng = self.rng
        pools = {"customer_id": self.customers, "anonymous_id": self.visitors, "email": self.emails}
        id_type = rng.choices(list(pools), [5 if self.kind == "merged" else 2, 1, 1 if self.emails else 0])[0]
        row = {"id_type": id_type, "id_value": rng.choice(pools[id_type]), "customer_id": rng.choice(self.customers)}
        day = self.day()
        row["linked_at"] = self.moment(day)
        if rng.random() < 0.25:
            row["deleted_at"] = self.when(day)
        self.add("identity_links", "link_id", row)

    def shared_identifier(self) -> None:
        """One device or one e-mail that comes to be linked with seven customers, on seven days."""
        rng = self.rng
        span = (AS_OF_DATE - self.start).days
        steps = sorted(rng.sample(range(span + 10), len(self.customers)))
        if rng.random() < 0.5:
            self.emails = []
            for step, customer in zip(steps, self.customers, strict=True):
                ids = {"customer_id": customer, "anonymous_id": self.visitors[0]}
                row = {"occurred_at": self.moment(self.start + timedelta(days=step)), "engagement_type": "signup"}
                self.add("engagements", "engagement_id", ids | row)
                self.days.append(self.start + timedelta(days=step))
        else:
            self.visitors = []
            self.emails = [f"{self.prefix}e0@x.test"]
            linked = {"id_type": "email", "id_value": self.emails[0]}
            for step, customer in zip(steps, self.customers, strict=True):
                day = self.start + timedelta(days=step)
                self.add("identity_links", "link_id", linked | {"customer_id": customer, "linked_at": self.moment(day)})
                self.days.append(day)


def random_history(seed: int, number: int) -> dict[str, list[dict[str, Any]]]:
    """The raw rows of history ``number`` of a seed, per contract table; the same for ever."""
    rng = random.Random(f"{seed}/{number}")
    history = _History(rng, number)
    if history.kind == "shared":
        history.shared_identifier()
        history.brands = history.brands[:1]
    history.customer_records()
    actions = KINDS[history.kind][1]
    for _ in range(rng.choice([1, 2, 3, 4, 6, 8, 11, 15, 20, 26])):
        getattr(history, rng.choices(list(actions), list(actions.values()))[0])()
    return history.rows


def random_histories(seed: int, count: int, first: int = 0) -> Sequence[dict[str, list[dict[str, Any]]]]:
    """``count`` histories of a seed, with distinct ids."""
    return [random_history(seed, number) for number in range(first, first + count)]
