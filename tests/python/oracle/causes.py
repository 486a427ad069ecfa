"""Which raw rows may be cited as the cause of a stay that begins on a day: read from the text, row by row.

Of several rows whose window opened or closed that day the text prefers, in this order: link, reversal, purchase,
coverage end, advocacy, engagement, touchpoint, time-out; within one of these the latest event, then the smallest id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from .evaluator import (
    ADVOCACY,
    COVERAGE,
    ENGAGEMENT,
    ENGAGEMENT_TYPES,
    NO_ENGAGEMENT_STATUSES,
    NO_EVENT_TYPES,
    ORDER,
    SUBSCRIPTION_START,
    TOUCHPOINT,
    RawData,
    RawWorld,
    Settings,
)

Citation = tuple[str, str]  # contract table, raw key
ONE_DAY = timedelta(days=1)
KEYS = {
    "touchpoints": "touchpoint_id",
    "engagements": "engagement_id",
    "carts": "cart_id",
    "survey_responses": "response_id",
    "reviews": "review_id",
    "affiliate_sales": "affiliate_sale_id",
    "orders": "order_id",
    "subscriptions": "subscription_id",
    "referrals": "referral_id",
}
# How long an event of a kind has a say, whichever rule it is that reads it.
WINDOWS = {
    TOUCHPOINT: ("dormant_after_days",),
    ENGAGEMENT: ("dormant_after_days", "engagement_window_days"),
    ADVOCACY: ("dormant_after_days", "advocacy_window_days"),
    ORDER: (
        "churn_after_days",
        "conversion_days",
        "reactivation_days",
        "loyalty_window_days",
        "loyalty_min_tenure_days",
    ),
    SUBSCRIPTION_START: (
        "conversion_days",
        "reactivation_days",
        "loyalty_window_days",
        "loyalty_min_tenure_days",
    ),
}


class Causes:
    """The causes in one history; one world per day asked, so that nothing is remembered from a later day."""

    def __init__(self, raw: RawData, settings: Settings) -> None:
        self.raw = raw
        self.settings = settings
        self.known_days = sorted(
            {day for day in RawWorld(raw, settings).fact_dates() if day is not None and day <= settings.as_of_date}
        )
        self.world = RawWorld(raw, settings)
        self._converted: dict[tuple[str, str], set[date]] = {}
        # What is known on each day on which that changes: events with the row each comes from.
        self._events: dict[date, list[tuple[str, str, date, date | None, Citation]]] = {}
        for day in self.known_days:
            self._events[day] = list(self._events_on(day))

    def _events_on(self, day: date) -> Iterable[tuple[str, str, date, date | None, Citation]]:
        """(id, kind, event date, coverage end, cited row) of every event known on a day."""
        world = self.world
        purchases = world.purchases_on(day)
        for table, key in KEYS.items():
            for row in world.rows.get(table, ()):
                owner = world.owner(table, row)
                if owner is None or not world.is_known(row, day):
                    continue
                cited = (table, row[key])
                for kind, when, end in self._events_of(table, row, day, purchases):
                    if when is not None and when <= day:
                        yield owner, kind, when, end, cited

    def _events_of(
        self, table: str, row: Mapping[str, Any], day: date, purchases: list[tuple[str, date]]
    ) -> Iterable[tuple[str, date | None, date | None]]:
        world = self.world
        if table == "touchpoints" and row.get("touch_type") not in NO_EVENT_TYPES:
            yield TOUCHPOINT, world.business_date(row, "occurred_at"), None
        if table == "engagements" and row.get("engagement_type") not in NO_EVENT_TYPES:
            kind = ENGAGEMENT if row.get("engagement_type") in ENGAGEMENT_TYPES else TOUCHPOINT
            yield kind, world.business_date(row, "occurred_at"), None
        if table in ("carts", "survey_responses", "reviews", "affiliate_sales"):
            column = {"carts": "created_at", "survey_responses": "responded_at", "reviews": "published_at"}
            when = world.business_date(row, column.get(table, "occurred_at"))
            yield ENGAGEMENT, when, None
            is_praise = table == "reviews" and (row.get("is_user_content") or (row.get("rating") or 0) >= 4)
            if table == "affiliate_sales" or (is_praise and not world.was_reviewed_anew(row, day)):
                yield ADVOCACY, when, None
        if table == "orders":
            if row.get("status") not in NO_ENGAGEMENT_STATUSES:
                yield ENGAGEMENT, world.business_date(row, "ordered_at"), None
            if world.is_purchase_on(row, day):
                yield ORDER, world.business_date(row, "ordered_at"), None
        if table == "subscriptions":
            started, ended = world.paid_start(row), world.business_date(row, "ended_at")
            yield ENGAGEMENT, world.business_date(row, "trial_started_at"), None
            if started is None and row.get("trial_started_at") is None:
                yield ENGAGEMENT, world.business_date(row, "started_at"), None
            if started is not None:
                yield ENGAGEMENT, started, None
                yield SUBSCRIPTION_START, started, None
                cancelled = world.business_date(row, "cancelled_at")
                if ended is not None and ended > day and (cancelled is None or cancelled > day):
                    ended = None
                yield COVERAGE, started, ended
        if table == "referrals":
            converted = world.conversion_date(row, day, purchases)
            if converted is not None:
                yield ADVOCACY, converted, None
                self._converted.setdefault((world.brand(row), row["referral_id"]), set()).add(converted)
            for when in self._converted.get((world.brand(row), row["referral_id"]), ()):
                yield ENGAGEMENT, when, None

    def _history(self, customer: str, day: date) -> set[tuple[str, date, date | None, Citation]]:
        """The events a customer held at the end of a day, each with its row."""
        known = [known_day for known_day in self.known_days if known_day <= day]
        if not known or self.world.survivor(customer, day) != customer:
            return set()
        return {
            (kind, when, end, cited)
            for owner, kind, when, end, cited in self._events[known[-1]]
            if self.world.survivor(owner, day) == customer
        }

    def _links(self, customer: str, day: date) -> set[Citation]:
        """The rows of links that bring an id to a customer on a day, take one away, or let the customer come back."""
        today, yesterday = self.world.in_force(day), self.world.in_force(day - ONE_DAY)
        rows = set()
        for identifier, link in today.items():
            if yesterday.get(identifier) != link and self.world.survivor(identifier, day) == customer:
                given = (link.survivor, identifier)
                rows |= {
                    (row.table, row.key)
                    for row in self.world.link_rows
                    if (row.survivor, row.absorbed) == given and row.day <= day < row.end
                }
        for identifier, link in yesterday.items():
            if today.get(identifier) != link and customer in (
                self.world.survivor(identifier, day),
                self.world.survivor(identifier, day - ONE_DAY),
            ):
                given = (link.survivor, identifier)
                rows |= {(row.table, row.key) for row in self.world.link_rows if (row.survivor, row.absorbed) == given}
        return rows

    def of(self, customer: str, stage: str, day: date) -> tuple[str, set[Citation]]:
        """(class, rows that may be cited) for a customer's stay in a stage that begins on a day.

        A window only counts where it has a say: engagements and touchpoints not for a customer who has a purchase, the
        end of a paid period only where activity ends.
        """
        thresholds = self.settings.thresholds.get(
            self.world.segments.get(customer) or "default", self.settings.thresholds["default"]
        )
        now, before = self._history(customer, day), self._history(customer, day - ONE_DAY)
        links = self._links(customer, day)
        arrived = {item for item in now - before if item[1] < day}
        if links and (arrived or not before or before - now):
            return "link", links
        reversed_rows = {cited for kind, _, _, cited in before - now if kind != COVERAGE}
        if reversed_rows:
            refunds = {
                ("refunds", refund["refund_id"])
                for refund in self.world.rows.get("refunds", ())
                if self.world.business_date(refund, "refunded_at") == day
                and ("orders", refund["order_id"]) in reversed_rows
            }
            return "reversal", reversed_rows | refunds | links
        purchases = {(item[1], item[3]) for item in now - before if item[0] in (ORDER, SUBSCRIPTION_START)}
        if purchases:
            return "purchase", _preferred(purchases) | links
        has_purchase = any(item[0] in (ORDER, SUBSCRIPTION_START) for item in now)
        grace = timedelta(days=thresholds["subscription_grace_days"])
        ended = {
            item[3] for item in now if item[0] == COVERAGE and item[2] is not None and day in (item[2], item[2] + grace)
        }
        if ended and stage == "churned":
            return "coverage end", ended | links
        advocated = {item[3] for item in now - before if item[0] == ADVOCACY}
        if advocated:
            return "advocacy", advocated | links
        for kind in () if has_purchase else (ENGAGEMENT, TOUCHPOINT):
            opened = {item[3] for item in now - before if item[0] == kind}
            if opened:
                return kind, opened | links
        timed_out = {
            item[3]
            for item in now
            for threshold in WINDOWS.get(item[0], ())
            if item[1] + timedelta(days=thresholds[threshold]) == day
        }
        return "time-out", timed_out | links


def _preferred(events: set[tuple[date, Citation]]) -> set[Citation]:
    """Of rows of one class, those of the latest event; of these, the smallest id of each table."""
    latest = max(when for when, _ in events)
    cited = {citation for when, citation in events if when == latest}
    return {(table, min(key for other, key in cited if other == table)) for table, _ in cited}
