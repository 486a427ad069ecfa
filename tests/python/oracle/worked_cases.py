"""The table of worked cases, and every threshold one day short, to the day, and one day over: written by hand.

Nothing here is computed by the evaluator. Days are counted from day 0; a run of stages that goes on to the last day
published has no end. Each case has ids of its own, so that all of them live in one raw data set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from .evaluator import DEFAULT_THRESHOLDS

DAY_0 = date(2023, 1, 2)
LAST_DAY = 700
AS_OF_DATE = DAY_0 + timedelta(days=LAST_DAY)
# The default grace is 0: a segment of its own shows the boundary of another one.
TIME_ZONES = {"default": "UTC", "west": "America/New_York", "paris": "Europe/Paris"}
THRESHOLDS = {
    "default": DEFAULT_THRESHOLDS,
    "graceful": DEFAULT_THRESHOLDS | {"subscription_grace_days": 10},
}

Run = tuple[str, int, int | None]


@dataclass
class Case:
    """One worked case: raw rows, and the runs of stages (first day, last day inclusive, None = to the end) expected.

    ``stages`` and ``flags`` are by customer id; ``flags`` gives, for a flag's name, all runs of days on which it holds.
    ``scheduled`` are the runs after the last day published (None: never ends), ``nobody`` ids that are no customers.
    """

    name: str
    prefix: str
    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stages: dict[str, list[Run]] = field(default_factory=dict)
    flags: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    scheduled: dict[str, list[Run]] = field(default_factory=dict)
    nobody: list[str] = field(default_factory=list)

    @staticmethod
    def at(day: int) -> datetime:
        """Noon (UTC) of a day."""
        return datetime(DAY_0.year, DAY_0.month, DAY_0.day, 12) + timedelta(days=day)

    def id(self, name: str) -> str:
        """The case's own id for a customer or visitor called ``name``."""
        return f"{self.prefix}_{name}"

    def email(self, name: str) -> str:
        """The case's own e-mail address for ``name``."""
        return f"{self.prefix}_{name}@example.test"

    def email_id(self, name: str) -> str:
        """The customer id of a person known only by that address (empty salt)."""
        return "email:" + hashlib.md5(self.email(name).encode()).hexdigest()

    def add(self, table: str, key: str, **columns: Any) -> str:
        """A row with a new key, which is returned; columns that are None are left out."""
        value = f"{self.prefix}_{table}_{len(self.rows)}"
        self.rows.append((table, {key: value} | {name: item for name, item in columns.items() if item is not None}))
        return value

    def customer(self, who: str, created: int | None = None, email: str | None = None, segment: str | None = None):
        """A customer record."""
        row = {"customer_id": self.id(who), "segment": segment}
        row |= {"created_at": None if created is None else self.at(created), "email": email and self.email(email)}
        self.rows.append(("customers", {name: item for name, item in row.items() if item is not None}))

    def order(self, day: int, who: str | None = "a", cancelled: int | None = None, email: str | None = None) -> str:
        """An order of 50, perhaps cancelled on a later day, perhaps by a guest."""
        return self.add(
            "orders",
            "order_id",
            customer_id=who and self.id(who),
            email=email and self.email(email),
            ordered_at=self.at(day),
            cancelled_at=None if cancelled is None else self.at(cancelled),
            total_amount=50,
        )

    def visit(self, day: int, who: str = "a") -> str:
        """A visit by a known customer."""
        return self.add(
            "touchpoints", "touchpoint_id", customer_id=self.id(who), occurred_at=self.at(day), touch_type="visit"
        )

    def anonymous_visit(self, day: int, visitor: str) -> str:
        """A visit by a person who is not signed in."""
        return self.add(
            "touchpoints", "touchpoint_id", anonymous_id=self.id(visitor), occurred_at=self.at(day), touch_type="visit"
        )

    def engagement(self, day: int, kind: str, who: str = "a", visitor: str | None = None) -> str:
        """An engagement of the given type; with ``visitor``, a row that carries both ids."""
        return self.add(
            "engagements",
            "engagement_id",
            customer_id=self.id(who),
            anonymous_id=visitor and self.id(visitor),
            occurred_at=self.at(day),
            engagement_type=kind,
        )

    def subscription(self, started: int, ended: int | None, who: str = "a", cancelled: int | None = None) -> str:
        """A paid period, ``ended`` exclusive."""
        return self.add(
            "subscriptions",
            "subscription_id",
            customer_id=self.id(who),
            started_at=self.at(started),
            ended_at=None if ended is None else self.at(ended),
            cancelled_at=None if cancelled is None else self.at(cancelled),
        )

    def referral(self, day: int, referrer: str, referred: str) -> str:
        """An invitation of a known customer."""
        return self.add(
            "referrals",
            "referral_id",
            referrer_customer_id=self.id(referrer),
            referred_customer_id=self.id(referred),
            invited_at=self.at(day),
        )

    def review(self, day: int, rating: int, who: str = "a") -> str:
        """A review."""
        return self.add("reviews", "review_id", customer_id=self.id(who), published_at=self.at(day), rating=rating)

    def merge(self, day: int, absorbed: str, survivor: str) -> str:
        """A merge of two customer records."""
        return self.add(
            "identity_links",
            "link_id",
            linked_at=self.at(day),
            id_type="customer_id",
            id_value=self.id(absorbed),
            customer_id=self.id(survivor),
        )

    def expect(self, *runs: Run, who: str = "a", customer_id: str | None = None) -> None:
        """The runs of stages of a customer: everything it has, with no gap."""
        self.stages[customer_id or self.id(who)] = list(runs)

    def expect_scheduled(self, *runs: Run, who: str = "a") -> None:
        """The runs after the last day published if the customer does nothing; the running stay ends with the first."""
        self.scheduled[self.id(who)] = list(runs)

    def expect_flag(self, flag: str, *runs: tuple[int, int], who: str = "a") -> None:
        """All the runs of days on which a flag holds (first and last day)."""
        self.flags[(self.id(who), flag)] = list(runs)


CASES: list[Case] = []


def _case(name: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    def register(build: Callable[[Case], None]) -> Callable[[Case], None]:
        case = Case(name, f"w{len(CASES):03d}")
        build(case)
        CASES.append(case)
        return build

    return register


# ---- the table, row by row --------------------------------------------------------------------------------------


@_case("visit d0")
def _(case: Case) -> None:
    case.visit(0)
    case.expect(("discovery", 0, 179), ("dormant", 180, None))


@_case("visit d0, sign-up d5")
def _(case: Case) -> None:
    case.visit(0)
    case.engagement(5, "signup")
    case.expect(("discovery", 0, 4), ("engagement", 5, 94), ("discovery", 95, 184), ("dormant", 185, None))


@_case("visit d0, unsubscribe d5")
def _(case: Case) -> None:
    case.visit(0)
    case.engagement(5, "newsletter_unsubscribed")
    case.expect(("discovery", 0, 179), ("dormant", 180, None))


@_case("P d0")
def _(case: Case) -> None:
    case.order(0)
    case.expect(("conversion", 0, 89), ("churned", 90, None))


@_case("P d0, P d10")
def _(case: Case) -> None:
    case.order(0)
    case.order(10)
    case.expect(("conversion", 0, 9), ("retention", 10, 99), ("churned", 100, None))


@_case("P d0, P d90")
def _(case: Case) -> None:
    case.order(0)
    case.order(90)
    case.expect(("conversion", 0, 89), ("retention", 90, 179), ("churned", 180, None))


@_case("P d0, P d91")
def _(case: Case) -> None:
    case.order(0)
    case.order(91)
    case.expect(
        ("conversion", 0, 89), ("churned", 90, 90), ("reactivated", 91, 120), ("retention", 121, 180),
        ("churned", 181, None),
    )  # fmt: skip


@_case("P d0, cancelled d20")
def _(case: Case) -> None:
    case.order(0, cancelled=20)
    case.expect(("conversion", 0, 19), ("engagement", 20, 89), ("discovery", 90, 179), ("dormant", 180, None))


@_case("two orders on d0, one cancelled d5")
def _(case: Case) -> None:
    case.order(0)
    case.order(0, cancelled=5)
    case.expect(("conversion", 0, 89), ("churned", 90, None))


@_case("P d0, P d80 cancelled d100")
def _(case: Case) -> None:
    case.order(0)
    case.order(80, cancelled=100)
    case.expect(("conversion", 0, 79), ("retention", 80, 99), ("churned", 100, None))


@_case("paid subscription d0-d399")
def _(case: Case) -> None:
    case.subscription(0, 399)
    case.expect(("conversion", 0, 89), ("retention", 90, 364), ("loyalty", 365, 398), ("churned", 399, None))


@_case("paid subscription d0-d30")
def _(case: Case) -> None:
    case.subscription(0, 30)
    case.expect(("conversion", 0, 29), ("churned", 30, None))


@_case("subscription d0-d30, again d30-d60")
def _(case: Case) -> None:
    case.subscription(0, 30)
    case.subscription(30, 60)
    case.expect(("conversion", 0, 29), ("retention", 30, 59), ("churned", 60, None))


@_case("P d0, 10, 20, 30")
def _(case: Case) -> None:
    for day in (0, 10, 20, 30):
        case.order(day)
    case.expect(("conversion", 0, 9), ("retention", 10, 29), ("loyalty", 30, 119), ("churned", 120, None))


@_case("P d0, friend invited d5 and buying d15")
def _(case: Case) -> None:
    case.order(0)
    case.referral(5, "a", "friend")
    case.order(15, "friend")
    case.expect(("conversion", 0, 14), ("advocacy", 15, 89), ("churned", 90, None))


@_case("same, friend's order cancelled d20, friend buys again d25")
def _(case: Case) -> None:
    case.order(0)
    case.referral(5, "a", "friend")
    case.order(15, "friend", cancelled=20)
    case.order(25, "friend")
    case.expect(
        ("conversion", 0, 14), ("advocacy", 15, 19), ("conversion", 20, 24), ("advocacy", 25, 89), ("churned", 90, None)
    )


@_case("anonymous visit d0, P d10 by account with sign-in d10")
def _(case: Case) -> None:
    case.anonymous_visit(0, "visitor")
    case.order(10)
    case.engagement(10, "signup", visitor="visitor")
    case.expect(("discovery", 0, 9), customer_id=f"anonymous:{case.id('visitor')}")
    case.expect(("conversion", 10, 99), ("churned", 100, None))


@_case("A: P d0; B: P d20; A into B on d50")
def _(case: Case) -> None:
    case.order(0, "a")
    case.order(20, "b")
    case.merge(50, "a", "b")
    case.expect(("conversion", 0, 49), who="a")
    case.expect(("conversion", 20, 49), ("retention", 50, 109), ("churned", 110, None), who="b")


@_case("B: P d0 (churned d90); A: P d0, 80, 160, 240, 320; A into B on d370")
def _(case: Case) -> None:
    case.order(0, "b")
    for day in (0, 80, 160, 240, 320):
        case.order(day, "a")
    case.merge(370, "a", "b")
    case.expect(("conversion", 0, 79), ("retention", 80, 239), ("loyalty", 240, 369), who="a")
    case.expect(("conversion", 0, 89), ("churned", 90, 369), ("loyalty", 370, 409), ("churned", 410, None), who="b")


@_case("guest order d0 by e-mail, account with that e-mail created d50")
def _(case: Case) -> None:
    case.order(0, None, email="guest")
    case.customer("a", created=50, email="guest")
    case.expect(("conversion", 0, 49), customer_id=case.email_id("guest"))
    case.expect(("conversion", 50, 89), ("churned", 90, None))


# ---- each threshold: one day short, to the day, one day over ----------------------------------------------------


@_case("churn_after_days: a second order 89 days after the first")
def _(case: Case) -> None:
    case.order(0)
    case.order(89)
    case.expect(("conversion", 0, 88), ("retention", 89, 178), ("churned", 179, None))


@_case("churn_after_days: a second order exactly 90 days after the first belongs to the same episode")
def _(case: Case) -> None:
    case.order(0)
    case.order(90)
    case.order(180)
    case.expect(("conversion", 0, 89), ("retention", 90, 269), ("churned", 270, None))


@_case("subscription_grace_days 10: the next period starts on the ninth day after the end")
def _(case: Case) -> None:
    case.customer("a", created=0, segment="graceful")
    case.subscription(0, 30)
    case.subscription(39, 60)
    case.expect(("conversion", 0, 38), ("retention", 39, 69), ("churned", 70, None))


@_case("subscription_grace_days 10: the next period starts on the tenth day after the end")
def _(case: Case) -> None:
    case.customer("a", created=0, segment="graceful")
    case.subscription(0, 30)
    case.subscription(40, 60)
    case.expect(("conversion", 0, 39), ("retention", 40, 69), ("churned", 70, None))


@_case("subscription_grace_days 10: the next period starts on the eleventh day after the end")
def _(case: Case) -> None:
    case.customer("a", created=0, segment="graceful")
    case.subscription(0, 30)
    case.subscription(41, 60)
    case.expect(("conversion", 0, 39), ("churned", 40, 40), ("reactivated", 41, 69), ("churned", 70, None))


@_case("conversion_days: covered for 89 days")
def _(case: Case) -> None:
    case.subscription(0, 89)
    case.expect(("conversion", 0, 88), ("churned", 89, None))


@_case("conversion_days: covered for 90 days")
def _(case: Case) -> None:
    case.subscription(0, 90)
    case.expect(("conversion", 0, 89), ("churned", 90, None))


@_case("conversion_days: covered for 91 days")
def _(case: Case) -> None:
    case.subscription(0, 91)
    case.expect(("conversion", 0, 89), ("retention", 90, 90), ("churned", 91, None))


@_case("reactivation_days: won back for 29 days")
def _(case: Case) -> None:
    case.order(0)
    case.subscription(100, 129)
    case.expect(("conversion", 0, 89), ("churned", 90, 99), ("reactivated", 100, 128), ("churned", 129, None))


@_case("reactivation_days: won back for 30 days")
def _(case: Case) -> None:
    case.order(0)
    case.subscription(100, 130)
    case.expect(("conversion", 0, 89), ("churned", 90, 99), ("reactivated", 100, 129), ("churned", 130, None))


@_case("reactivation_days: won back for 31 days")
def _(case: Case) -> None:
    case.order(0)
    case.subscription(100, 131)
    case.expect(
        ("conversion", 0, 89), ("churned", 90, 99), ("reactivated", 100, 129), ("retention", 130, 130),
        ("churned", 131, None),
    )  # fmt: skip


@_case("loyalty_min_purchase_dates: three dates, one of them with two orders")
def _(case: Case) -> None:
    for day in (0, 10, 20, 20):
        case.order(day)
    case.expect(("conversion", 0, 9), ("retention", 10, 109), ("churned", 110, None))
    case.expect_flag("is_loyal")


@_case("loyalty_min_purchase_dates: five dates")
def _(case: Case) -> None:
    for day in (0, 10, 20, 30, 40):
        case.order(day)
    case.expect(("conversion", 0, 9), ("retention", 10, 29), ("loyalty", 30, 129), ("churned", 130, None))
    case.expect_flag("is_loyal", (30, 129))


@_case("loyalty_window_days: the fourth date 363 days after the first")
def _(case: Case) -> None:
    for day in (0, 1, 2, 363):
        case.order(day)
    case.expect(
        ("conversion", 0, 0), ("retention", 1, 91), ("churned", 92, 362), ("reactivated", 363, 392),
        ("retention", 393, 452), ("churned", 453, None),
    )  # fmt: skip
    case.expect_flag("is_loyal", (363, 364))


@_case("loyalty_window_days: the fourth date 364 days after the first")
def _(case: Case) -> None:
    for day in (0, 1, 2, 364):
        case.order(day)
    case.expect(
        ("conversion", 0, 0), ("retention", 1, 91), ("churned", 92, 363), ("reactivated", 364, 393),
        ("retention", 394, 453), ("churned", 454, None),
    )  # fmt: skip
    case.expect_flag("is_loyal", (364, 364))


@_case("loyalty_window_days: the fourth date 365 days after the first is one too late")
def _(case: Case) -> None:
    for day in (0, 1, 2, 365):
        case.order(day)
    case.expect(
        ("conversion", 0, 0), ("retention", 1, 91), ("churned", 92, 364), ("reactivated", 365, 394),
        ("retention", 395, 454), ("churned", 455, None),
    )  # fmt: skip
    case.expect_flag("is_loyal")


@_case("loyalty_min_tenure_days: active for 364 days")
def _(case: Case) -> None:
    case.subscription(0, 364)
    case.expect(("conversion", 0, 89), ("retention", 90, 363), ("churned", 364, None))
    case.expect_flag("is_loyal")


@_case("loyalty_min_tenure_days: active for 365 days")
def _(case: Case) -> None:
    case.subscription(0, 365)
    case.expect(("conversion", 0, 89), ("retention", 90, 364), ("churned", 365, None))
    case.expect_flag("is_loyal")


@_case("loyalty_min_tenure_days: active for 366 days")
def _(case: Case) -> None:
    case.subscription(0, 366)
    case.expect(("conversion", 0, 89), ("retention", 90, 364), ("loyalty", 365, 365), ("churned", 366, None))
    case.expect_flag("is_loyal", (365, 365))


@_case("advocacy_window_days: an order 363 days after the review")
def _(case: Case) -> None:
    case.review(0, 5)
    case.order(363)
    case.expect(
        ("engagement", 0, 89), ("discovery", 90, 179), ("dormant", 180, 362), ("advocacy", 363, 364),
        ("conversion", 365, 452), ("churned", 453, None),
    )  # fmt: skip
    case.expect_flag("is_advocate", (0, 364))


@_case("advocacy_window_days: an order 364 days after the review")
def _(case: Case) -> None:
    case.review(0, 4)
    case.order(364)
    case.expect(
        ("engagement", 0, 89), ("discovery", 90, 179), ("dormant", 180, 363), ("advocacy", 364, 364),
        ("conversion", 365, 453), ("churned", 454, None),
    )  # fmt: skip
    case.expect_flag("is_advocate", (0, 364))


@_case("advocacy_window_days: an order 365 days after the review is one too late")
def _(case: Case) -> None:
    case.review(0, 5)
    case.order(365)
    case.expect(
        ("engagement", 0, 89), ("discovery", 90, 179), ("dormant", 180, 364), ("conversion", 365, 454),
        ("churned", 455, None),
    )  # fmt: skip
    case.expect_flag("is_advocate", (0, 364))


@_case("a review of 3 out of 5 is an engagement and no advocacy")
def _(case: Case) -> None:
    case.order(0)
    case.review(10, 3)
    case.expect(("conversion", 0, 89), ("churned", 90, None))
    case.expect_flag("is_advocate")


@_case("engagement_window_days: the second sign of interest 89 days after the first")
def _(case: Case) -> None:
    case.engagement(0, "signup")
    case.engagement(89, "like")
    case.expect(("engagement", 0, 178), ("discovery", 179, 268), ("dormant", 269, None))


@_case("engagement_window_days: the second sign of interest 90 days after the first")
def _(case: Case) -> None:
    case.engagement(0, "signup")
    case.engagement(90, "like")
    case.expect(("engagement", 0, 179), ("discovery", 180, 269), ("dormant", 270, None))


@_case("engagement_window_days: the second sign of interest 91 days after the first")
def _(case: Case) -> None:
    case.engagement(0, "signup")
    case.engagement(91, "like")
    case.expect(
        ("engagement", 0, 89), ("discovery", 90, 90), ("engagement", 91, 180), ("discovery", 181, 270),
        ("dormant", 271, None),
    )  # fmt: skip


@_case("dormant_after_days: a visit 179 days after the last")
def _(case: Case) -> None:
    case.visit(0)
    case.visit(179)
    case.expect(("discovery", 0, 358), ("dormant", 359, None))


@_case("dormant_after_days: a visit 180 days after the last")
def _(case: Case) -> None:
    case.visit(0)
    case.visit(180)
    case.expect(("discovery", 0, 359), ("dormant", 360, None))


@_case("dormant_after_days: a visit 181 days after the last")
def _(case: Case) -> None:
    case.visit(0)
    case.visit(181)
    case.expect(("discovery", 0, 179), ("dormant", 180, 180), ("discovery", 181, 360), ("dormant", 361, None))


@_case("at_risk_after_days: a second order 44 days after the first")
def _(case: Case) -> None:
    case.order(0)
    case.order(44)
    case.expect(("conversion", 0, 43), ("retention", 44, 133), ("churned", 134, None))
    case.expect_flag("is_at_risk", (89, 133))


@_case("at_risk_after_days: a second order 45 days after the first")
def _(case: Case) -> None:
    case.order(0)
    case.order(45)
    case.expect(("conversion", 0, 44), ("retention", 45, 134), ("churned", 135, None))
    case.expect_flag("is_at_risk", (90, 134))


@_case("at_risk_after_days: a second order 46 days after the first")
def _(case: Case) -> None:
    case.order(0)
    case.order(46)
    case.expect(("conversion", 0, 45), ("retention", 46, 135), ("churned", 136, None))
    case.expect_flag("is_at_risk", (45, 45), (91, 135))


@_case("a covered customer is never at risk, one in its grace is")
def _(case: Case) -> None:
    case.customer("a", created=0, segment="graceful")
    case.subscription(0, 60)
    case.expect(("conversion", 0, 69), ("churned", 70, None))
    case.expect_flag("is_at_risk", (60, 69))


# ---- what the text says beside the table ------------------------------------------------------------------------


@_case("links in any order: B into C on d30, then A into B on d40")
def _(case: Case) -> None:
    case.order(0, "a")
    case.order(5, "b")
    case.order(10, "c")
    case.merge(30, "b", "c")
    case.merge(40, "a", "b")
    case.expect(("conversion", 0, 39), who="a")
    case.expect(("conversion", 5, 29), who="b")
    case.expect(("conversion", 10, 29), ("retention", 30, 99), ("churned", 100, None), who="c")
    case.expect_flag("is_loyal", who="c")


@_case("a survivor who had nothing of its own begins on the day of the link")
def _(case: Case) -> None:
    case.order(0, "a")
    case.merge(150, "a", "b")
    case.expect(("conversion", 0, 89), ("churned", 90, 149), who="a")
    case.expect(("churned", 150, None), who="b")


@_case("a link that would close a cycle is ignored, and a later one takes effect")
def _(case: Case) -> None:
    case.visit(0, "a")
    case.visit(0, "b")
    case.visit(0, "c")
    case.merge(10, "a", "b")
    case.merge(20, "b", "a")
    case.merge(30, "b", "c")
    case.expect(("discovery", 0, 9), who="a")
    case.expect(("discovery", 0, 29), who="b")
    case.expect(("discovery", 0, 179), ("dormant", 180, None), who="c")


@_case("an id is absorbed once: the earliest link wins")
def _(case: Case) -> None:
    case.order(0, "a")
    case.visit(0, "b")
    case.visit(0, "c")
    case.merge(20, "a", "c")
    case.merge(10, "a", "b")
    case.expect(("conversion", 0, 9), who="a")
    case.expect(("discovery", 0, 9), ("conversion", 10, 89), ("churned", 90, None), who="b")
    case.expect(("discovery", 0, 179), ("dormant", 180, None), who="c")


@_case("of two links of one day the smaller surviving id wins")
def _(case: Case) -> None:
    case.order(0, "a")
    case.visit(0, "b")
    case.visit(0, "c")
    case.merge(10, "a", "c")
    case.merge(10, "a", "b")
    case.expect(("conversion", 0, 9), who="a")
    case.expect(("discovery", 0, 9), ("conversion", 10, 89), ("churned", 90, None), who="b")
    case.expect(("discovery", 0, 179), ("dormant", 180, None), who="c")


@_case("rows that still arrive under an absorbed id count for the survivor")
def _(case: Case) -> None:
    case.order(0, "a")
    case.visit(0, "b")
    case.merge(10, "a", "b")
    case.order(50, "a")
    case.expect(("conversion", 0, 9), who="a")
    case.expect(("discovery", 0, 9), ("conversion", 10, 49), ("retention", 50, 139), ("churned", 140, None), who="b")


@_case("a visitor leaves an e-mail, which later is an account's")
def _(case: Case) -> None:
    case.anonymous_visit(0, "visitor")
    case.add(
        "engagements", "engagement_id", anonymous_id=case.id("visitor"), email=case.email("lead"),
        occurred_at=case.at(10), engagement_type="lead_form",
    )  # fmt: skip
    case.customer("a", created=20, email="lead")
    case.expect(("discovery", 0, 9), customer_id=f"anonymous:{case.id('visitor')}")
    case.expect(("engagement", 10, 19), customer_id=case.email_id("lead"))
    case.expect(("engagement", 20, 99), ("discovery", 100, 189), ("dormant", 190, None))


@_case("a device used by six customers is shared from the day of the sixth")
def _(case: Case) -> None:
    for number in range(6):
        case.engagement(number, "signup", who=f"a{number}", visitor="shop_tablet")
    case.anonymous_visit(5, "shop_tablet")
    case.anonymous_visit(100, "shop_tablet")
    case.nobody.append(f"anonymous:{case.id('shop_tablet')}")
    for number in range(6):
        case.expect(
            ("engagement", number, number + 89), ("discovery", number + 90, number + 179),
            ("dormant", number + 180, None), who=f"a{number}",
        )  # fmt: skip


@_case("a device used by five customers is the first one's")
def _(case: Case) -> None:
    for number in range(5):
        case.engagement(number, "signup", who=f"a{number}", visitor="shop_tablet")
    case.anonymous_visit(100, "shop_tablet")
    case.nobody.append(f"anonymous:{case.id('shop_tablet')}")
    case.expect(("engagement", 0, 89), ("discovery", 90, 279), ("dormant", 280, None), who="a0")
    for number in range(1, 5):
        case.expect(
            ("engagement", number, number + 89), ("discovery", number + 90, number + 179),
            ("dormant", number + 180, None), who=f"a{number}",
        )  # fmt: skip


@_case("a bot's visit and a test account's order are nobody's")
def _(case: Case) -> None:
    case.add(
        "touchpoints", "touchpoint_id", customer_id=case.id("bot"), occurred_at=case.at(0), touch_type="visit",
        is_bot=True,
    )  # fmt: skip
    case.rows.append(("customers", {"customer_id": case.id("test"), "created_at": case.at(0), "is_test": True}))
    case.order(0, "test")
    case.nobody += [case.id("bot"), case.id("test")]


@_case("an id linked to a test account leaves the population, a test account linked to an id does nothing")
def _(case: Case) -> None:
    case.rows.append(("customers", {"customer_id": case.id("test"), "created_at": case.at(0), "is_test": True}))
    case.order(0, "a")
    case.merge(10, "a", "test")
    case.visit(0, "b")
    case.order(0, "test")
    case.merge(10, "test", "b")
    case.nobody.append(case.id("test"))
    case.expect(("conversion", 0, 9), who="a")
    case.expect(("discovery", 0, 179), ("dormant", 180, None), who="b")


@_case("refunds in two parts: reversed on the day they reach the total")
def _(case: Case) -> None:
    order = case.order(0)
    for day in (10, 20):
        case.add("refunds", "refund_id", order_id=order, refunded_at=case.at(day), amount=25)
    case.expect(("conversion", 0, 19), ("engagement", 20, 89), ("discovery", 90, 179), ("dormant", 180, None))


@_case("a partial refund changes nothing")
def _(case: Case) -> None:
    order = case.order(0)
    case.add("refunds", "refund_id", order_id=order, refunded_at=case.at(10), amount=49.99)
    case.expect(("conversion", 0, 89), ("churned", 90, None))


@_case("an order of amount zero is a purchase")
def _(case: Case) -> None:
    case.add("orders", "order_id", customer_id=case.id("a"), ordered_at=case.at(0), total_amount=0)
    case.expect(("conversion", 0, 89), ("churned", 90, None))


@_case("a pending order is an engagement, a draft is nothing")
def _(case: Case) -> None:
    for who, status in (("a", "pending"), ("b", "draft")):
        case.add("orders", "order_id", customer_id=case.id(who), ordered_at=case.at(0), total_amount=50, status=status)
    case.expect(("engagement", 0, 89), ("discovery", 90, 179), ("dormant", 180, None))
    case.nobody.append(case.id("b"))


@_case("a reversed status takes the date of updated_at; without one it never was a purchase")
def _(case: Case) -> None:
    for who, updated in (("a", case.at(30)), ("b", None)):
        case.add(
            "orders", "order_id", customer_id=case.id(who), ordered_at=case.at(0), total_amount=50, status="cancelled",
            updated_at=updated,
        )  # fmt: skip
    case.expect(("conversion", 0, 29), ("engagement", 30, 89), ("discovery", 90, 179), ("dormant", 180, None))
    case.expect(("engagement", 0, 89), ("discovery", 90, 179), ("dormant", 180, None), who="b")


@_case("a reversed status whose refunds reach the total after the as-of date: still a purchase, as it was known then")
def _(case: Case) -> None:
    order = case.add(
        "orders", "order_id", customer_id=case.id("a"), ordered_at=case.at(690), total_amount=50, status="refunded"
    )
    case.add("refunds", "refund_id", order_id=order, refunded_at=case.at(695), amount=20)
    case.add("refunds", "refund_id", order_id=order, refunded_at=case.at(LAST_DAY + 10), amount=30)
    case.expect(("conversion", 690, None))
    case.expect_scheduled(("churned", 780, None))


@_case("a refund deleted on d40 stops counting: the order is a purchase again")
def _(case: Case) -> None:
    order = case.order(0)
    case.add("refunds", "refund_id", order_id=order, refunded_at=case.at(20), amount=50, deleted_at=case.at(40))
    case.expect(("conversion", 0, 19), ("engagement", 20, 39), ("conversion", 40, 89), ("churned", 90, None))


@_case("the friend's refund deleted on d25: advocacy ends on d20 and is back on d25")
def _(case: Case) -> None:
    case.order(0)
    case.referral(5, "a", "friend")
    order = case.order(15, "friend")
    case.add("refunds", "refund_id", order_id=order, refunded_at=case.at(20), amount=50, deleted_at=case.at(25))
    case.expect(
        ("conversion", 0, 14), ("advocacy", 15, 19), ("conversion", 20, 24), ("advocacy", 25, 89), ("churned", 90, None)
    )


@_case("an invitation deleted before the friend buys is in nobody's way")
def _(case: Case) -> None:
    case.order(0, "a")
    case.order(0, "b")
    case.referral(5, "a", "friend")
    case.add(
        "referrals", "referral_id", referrer_customer_id=case.id("b"), referred_customer_id=case.id("friend"),
        invited_at=case.at(4), deleted_at=case.at(10),
    )  # fmt: skip
    case.order(15, "friend")
    case.expect(("conversion", 0, 14), ("advocacy", 15, 89), ("churned", 90, None), who="a")
    case.expect(("conversion", 0, 89), ("churned", 90, None), who="b")


@_case("an invitation deleted after the friend bought ends, and no other takes its place")
def _(case: Case) -> None:
    case.order(0, "a")
    case.order(0, "b")
    case.referral(5, "a", "friend")
    case.add(
        "referrals", "referral_id", referrer_customer_id=case.id("b"), referred_customer_id=case.id("friend"),
        invited_at=case.at(4), deleted_at=case.at(30),
    )  # fmt: skip
    case.order(15, "friend")
    case.expect(("conversion", 0, 89), ("churned", 90, None), who="a")
    case.expect(("conversion", 0, 14), ("advocacy", 15, 29), ("conversion", 30, 89), ("churned", 90, None), who="b")


@_case("an order deleted on d20 is forgotten: a prospect of whom nothing is known is dormant")
def _(case: Case) -> None:
    case.add(
        "orders", "order_id", customer_id=case.id("a"), ordered_at=case.at(0), total_amount=50, deleted_at=case.at(20)
    )
    case.expect(("conversion", 0, 19), ("dormant", 20, None))


@_case("business dates: half past eleven in the evening (UTC) is the next day in Paris, and a bare date is itself")
def _(case: Case) -> None:
    late = case.at(0).replace(hour=23, minute=30)
    for brand, ordered_at in (("paris", late), ("west", late), ("west", case.at(3).date())):
        who = f"{brand}{len(case.rows)}"
        case.add("orders", "order_id", brand=brand, customer_id=case.id(who), ordered_at=ordered_at, total_amount=50)
    case.expect(("conversion", 1, 90), ("churned", 91, None), customer_id=f"paris:{case.id('paris0')}")
    case.expect(("conversion", 0, 89), ("churned", 90, None), customer_id=f"west:{case.id('west1')}")
    case.expect(("conversion", 3, 92), ("churned", 93, None), customer_id=f"west:{case.id('west2')}")


@_case("a trial is an engagement, its paid period a purchase")
def _(case: Case) -> None:
    case.add(
        "subscriptions", "subscription_id", customer_id=case.id("a"), trial_started_at=case.at(0),
        started_at=case.at(14), ended_at=case.at(44),
    )  # fmt: skip
    case.expect(("engagement", 0, 13), ("conversion", 14, 43), ("churned", 44, None))


@_case("an affiliate sale by a customer is advocacy")
def _(case: Case) -> None:
    case.order(0)
    order = case.order(10, "friend")
    case.add(
        "affiliate_sales", "affiliate_sale_id", affiliate_id="partner", order_id=order, occurred_at=case.at(10),
        affiliate_customer_id=case.id("a"),
    )  # fmt: skip
    case.expect(("conversion", 0, 9), ("advocacy", 10, 89), ("churned", 90, None))


@_case("two invitations of one friend: the earlier one counts")
def _(case: Case) -> None:
    case.order(0, "a")
    case.order(0, "b")
    case.referral(5, "b", "friend")
    case.referral(4, "a", "friend")
    case.order(15, "friend")
    case.expect(("conversion", 0, 14), ("advocacy", 15, 89), ("churned", 90, None), who="a")
    case.expect(("conversion", 0, 89), ("churned", 90, None), who="b")


@_case("no conversion: the friend had bought before, invited oneself")
def _(case: Case) -> None:
    case.order(0, "a")
    case.order(3, "friend")
    case.order(15, "friend")
    case.referral(5, "a", "friend")
    case.order(0, "b")
    case.referral(5, "b", "b")
    case.expect(("conversion", 0, 89), ("churned", 90, None), who="a")
    case.expect(("conversion", 0, 89), ("churned", 90, None), who="b")


@_case("merging referrer and referred ends the conversion")
def _(case: Case) -> None:
    case.order(0, "a")
    case.referral(5, "a", "friend")
    case.order(15, "friend")
    case.merge(30, "friend", "a")
    case.expect(("conversion", 0, 14), ("advocacy", 15, 29), ("retention", 30, 104), ("churned", 105, None))


@_case("scheduled: an order ten days ago")
def _(case: Case) -> None:
    case.order(690)
    case.expect(("conversion", 690, None))
    case.expect_scheduled(("churned", 780, None))


@_case("scheduled: interest ten days ago")
def _(case: Case) -> None:
    case.engagement(690, "signup")
    case.expect(("engagement", 690, None))
    case.expect_scheduled(("discovery", 780, 869), ("dormant", 870, None))


@_case("scheduled: a paid period with an end ahead, cancelled already")
def _(case: Case) -> None:
    case.subscription(690, 720, cancelled=695)
    case.expect(("conversion", 690, None))
    case.expect_scheduled(("churned", 720, None))


@_case("scheduled: an end ahead that nobody knows of yet")
def _(case: Case) -> None:
    case.subscription(690, 720)
    case.expect(("conversion", 690, None))
    case.expect_scheduled(("retention", 780, 1054), ("loyalty", 1055, None))


def raw_data() -> dict[str, list[dict[str, Any]]]:
    """The rows of all cases, per contract table."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for case in CASES:
        for table, row in case.rows:
            tables.setdefault(table, []).append(row)
    return tables
