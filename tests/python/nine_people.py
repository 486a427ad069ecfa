"""Nine people, small enough for a pencil, and what each metric comes to: the data of test_semantic_layer.py.

What each of them did stands above the rows, each number beside its sum. Formulas stand in
models/metrics/semantic; here are results.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

AS_OF_DATE = date(2024, 6, 30)


def at(text: str) -> datetime:
    """A moment of 2024: ``01-05 10:00``, or noon of a day."""
    return datetime.fromisoformat(f"2024-{text if ' ' in text else text + ' 12:00'}:00")


def order(key: str, customer: str, moment: str, total: float, **more: Any) -> dict[str, Any]:
    """A raw order."""
    return {"order_id": key, "customer_id": customer, "ordered_at": at(moment), "total_amount": total} | more


def touch(key: str, moment: str, touch_type: str = "visit", **who: str) -> dict[str, Any]:
    """A raw touchpoint."""
    return {"touchpoint_id": key, "occurred_at": at(moment), "touch_type": touch_type} | who


def answer(key: str, kind: str, customer: str, moment: str, score: int, scale_max: int) -> dict[str, Any]:
    """A raw survey response."""
    return {
        "response_id": key, "survey_type": kind, "customer_id": customer, "responded_at": at(moment), "score": score,
        "scale_max": scale_max,
    }  # fmt: skip


# c1 visits, signs up, buys four times, recommends, is gone on June 18. c2 buys, is gone on April 19, comes back on May 5.
# c3's only order is refunded, in two parts. c4 is a friend of c1's. c5 came as the visitor a1 and buys on June 25, twice that
# day. c2 and c5 subscribe to a box on the days of their last orders; c2's becomes dearer. c6 only looks. c7 tries and pays for
# two weeks of March; c8 tries and does not pay. c9 is of another brand.
RAW: dict[str, list[dict[str, Any]]] = {
    "customers": [
        {"customer_id": "c1", "created_at": at("01-01"), "acquisition_source": "partner", "country_code": "FR"},
        {"customer_id": "c2", "created_at": at("01-01"), "country_code": "BE"},
    ],
    "orders": [
        order("o1", "c1", "01-10 09:00", 120, tax_amount=15, shipping_amount=5, cart_id="k1"),
        order("o2", "c1", "02-10", 50, cart_id="k3"),
        order("o3", "c1", "03-01", 30),
        order("o4", "c1", "03-20", 20),
        order("o5", "c2", "01-20", 200, discount_amount=20),
        order("o6", "c2", "05-05", 80),
        order("o7", "c3", "02-15", 60, currency="USD"),
        order("o8", "c4", "04-02", 40),
        order("o9", "c5", "06-25 10:00", 110, currency="USD"),
        order("o10", "c5", "06-25 18:00", 10, discount_amount=5),
        order("o11", "c9", "01-15", 999, brand="west"),
    ],
    "order_items": [
        {"order_item_id": f"i{number}", "order_id": key, "quantity": 1, "unit_price": 40, "product_id": "p1"}
        for number, key in enumerate(["o1", "o1", "o1", "o5", "o5"])
    ],
    "products": [{"product_id": "p1", "unit_cost": 10}],
    "refunds": [
        {"refund_id": "f1", "order_id": "o7", "refunded_at": at("02-20"), "amount": 20},
        {"refund_id": "f2", "order_id": "o7", "refunded_at": at("03-01"), "amount": 40},
        {"refund_id": "f3", "order_id": "o6", "refunded_at": at("06-10"), "amount": 20},
    ],
    "touchpoints": [
        touch("t1", "01-05 10:00", customer_id="c1"),
        touch("t2", "01-05 10:20", customer_id="c1"),
        touch("t3", "01-05 12:00", customer_id="c1"),
        touch("t4", "01-15", customer_id="c2"),
        touch("t5", "01-25", customer_id="c6"),
        touch("t6", "02-01", customer_id="c3"),
        touch("t7", "02-20", anonymous_id="a1"),
        touch("t8", "01-06 08:00", "email_opened", customer_id="c1"),
        touch("t9", "01-06 09:00", "email_opened", customer_id="c1"),
    ],
    "engagements": [
        {"engagement_id": "e1", "occurred_at": at("01-08"), "engagement_type": "signup", "customer_id": "c1"},
        {
            "engagement_id": "e2",
            "occurred_at": at("03-01"),
            "engagement_type": "signup",
            "customer_id": "c5",
            "anonymous_id": "a1",
        },
    ],
    "subscriptions": [
        {
            "subscription_id": "s1",
            "customer_id": "c7",
            "plan": "pro",
            "trial_started_at": at("03-01"),
            "trial_ended_at": at("03-15"),
            "started_at": at("03-15"),
            "ended_at": at("03-31"),
            "cancelled_at": at("03-20"),
            "monthly_amount": 9,
        },
        {
            "subscription_id": "s2",
            "customer_id": "c8",
            "plan": "pro",
            "trial_started_at": at("03-01"),
            "trial_ended_at": at("03-15"),
        },
        {
            "subscription_id": "s3",
            "customer_id": "c2",
            "plan": "box",
            "started_at": at("05-05"),
            "monthly_amount": 20,
            "updated_at": at("05-05"),
        },
        {
            "subscription_id": "s3",
            "customer_id": "c2",
            "plan": "box",
            "started_at": at("05-05"),
            "monthly_amount": 30,
            "updated_at": at("06-10"),
        },
        {
            "subscription_id": "s4",
            "customer_id": "c5",
            "plan": "box",
            "started_at": at("06-25"),
            "monthly_amount": 12,
            "updated_at": at("06-25"),
        },
    ],
    "carts": [
        {"cart_id": "k1", "customer_id": "c1", "created_at": at("01-09 10:00"), "last_step": "payment"},
        {"cart_id": "k2", "created_at": at("01-12"), "last_step": "shipping"},
        {"cart_id": "k3", "created_at": at("02-05"), "last_step": "payment"},
        {"cart_id": "k4", "created_at": at("06-30 20:00"), "last_step": "payment"},
    ],
    "campaigns": [{"campaign_id": "m1", "name": "Search", "channel": "paid_search"}],
    "ad_performance": [
        {"date": date(2024, 1, 10), "campaign_id": "m1", "impressions": 1000, "clicks": 10, "spend_amount": 60},
        {
            "date": date(2024, 2, 10),
            "campaign_id": "m1",
            "impressions": 10,
            "clicks": 1,
            "spend_amount": 5,
            "currency": "USD",
        },
    ],
    "social_daily": [
        {
            "date": date(2024, 2, 10),
            "platform": "photos",
            "impressions": 300,
            "followers_total": 120,
            "likes": 7,
            "comments": 2,
            "shares": 1,
        },
        {
            "date": date(2024, 2, 20),
            "platform": "photos",
            "impressions": 200,
            "followers_total": 115,
            "likes": -2,
            "comments": 1,
            "shares": 0,
        },
        {"date": date(2024, 2, 15), "platform": "films", "impressions": 50, "followers_total": 10},
        {"date": date(2024, 2, 15), "platform": "forum", "likes": 4},
    ],
    "podcast_daily": [
        {"date": date(2024, 2, 12), "platform": "pods", "episode_id": "one", "listeners": 5, "downloads": 9},
        {"date": date(2024, 2, 12), "platform": "pods", "episode_id": "two", "listeners": 7, "downloads": 4},
    ],
    "survey_responses": [
        answer("n1", "nps", "c1", "04-05", 3, 10),
        answer("n2", "nps", "c1", "05-10", 10, 10),
        answer("n3", "nps", "c2", "05-12", 6, 10),
        answer("n4", "nps", "c4", "05-20", 9, 10),
        answer("q1", "csat", "c1", "01-11", 5, 5),
        answer("q2", "csat", "c1", "01-12", 3, 5),
        answer("q3", "csat", "c2", "01-21", 8, 10),
    ],
    "support_tickets": [
        {"ticket_id": "h1", "customer_id": "c1", "created_at": at("01-12"), "category": "delivery"},
        {"ticket_id": "h2", "customer_id": "c1", "created_at": at("01-25"), "category": "delivery"},
        {"ticket_id": "h3", "customer_id": "c2", "created_at": at("01-26"), "category": "billing"},
        {"ticket_id": "h4", "customer_id": "c4", "created_at": at("06-03"), "category": "billing"},
    ],
    "referrals": [
        {
            "referral_id": "r1",
            "referrer_customer_id": "c1",
            "referred_customer_id": "c4",
            "invited_at": at("03-25"),
            "program": "friends",
        },
        {
            "referral_id": "r2",
            "referrer_customer_id": "c1",
            "referred_email": "nobody@example.test",
            "invited_at": at("03-26"),
            "program": "vip",
        },
        {
            "referral_id": "r3",
            "referrer_customer_id": "c2",
            "referred_customer_id": "c2",
            "invited_at": at("03-26"),
            "program": "vip",
        },
    ],
    "affiliate_sales": [
        {
            "affiliate_sale_id": "x1",
            "affiliate_id": "blog",
            "order_id": "o2",
            "occurred_at": at("02-10"),
            "commission_amount": 5,
            "status": "approved",
        },
        {
            "affiliate_sale_id": "x2",
            "affiliate_id": "blog",
            "order_id": "o6",
            "occurred_at": at("05-05"),
            "commission_amount": 8,
            "status": "approved",
        },
    ],
    "reviews": [
        {"review_id": "v1", "customer_id": "c1", "rating": 2, "published_at": at("05-01")},
        {"review_id": "v2", "customer_id": "c2", "rating": 5, "published_at": at("05-20")},
        {"review_id": "v3", "customer_id": "c4", "published_at": at("06-05"), "is_user_content": True},
    ],
}

# Predictions are a build step's: two customers have one.
PREDICTED = {"c1": 30, "c2": 50}

NONE = None
# metric -> month of 2024 -> value; months that are left out are not claimed here.
EXPECTED: dict[str, dict[int, float | None]] = {
    "social_impressions": {2: 300 + 200 + 50},
    "website_sessions": {1: 2 + 1 + 1, 2: 2},  # c1's second visit came within half an hour
    "website_visitors": {1: 3, 2: 2},
    "podcast_listeners": {2: 5 + 7},
    "podcast_listeners_per_episode": {2: (5 + 7) / 2},
    "discovery_to_engagement_rate": {
        1: 2 / 3,
        2: 1,
        5: NONE,
    },  # not c6; c3 and a1, who is c5; in May no customer is due
    "followers": {2: 115 + 10},
    "comments": {2: 3},
    "shares": {2: 1},
    "likes": {2: 7 - 2 + 4},
    "podcast_downloads": {2: 13},
    "nps": {4: -100, 5: 100 * (2 - 1) / 3, 6: 100 * (2 - 1) / 3},  # c1's latest answer only
    "engagement_to_conversion_rate": {1: 1, 3: 1 / 4},  # c1; of c3, c5, c7, c8 only c7
    "trial_to_paid_rate": {3: 1 / 2},
    "social_engagement_rate": {2: (7 + 2 + 1 - 2 + 1 + 0) / (300 + 200)},  # not films, not forum
    "cart_recovery_rate": {1: 0, 2: 1, 6: NONE},  # k2 never, k3 after five days
    "return_on_ad_spend": {1: (100 + 200) / 60, 2: 0},
    "gross_churn_rate": {1: NONE, 2: 0, 3: 1 / 3, 4: 1 / 2, 5: 0, 6: 1 / 3},  # c7, c2, c1; c3's purchase was reversed
    "active_customers": {1: 2, 2: 3, 3: 2, 4: 2, 5: 3, 6: 3},  # c1 c2, then c3, then c1 c2, c1 c4, c2 c4, c5
    "quick_ratio": {1: NONE, 2: NONE, 3: 1 / 2, 4: 1, 5: NONE, 6: 1},  # March: c7 comes and goes, c3 goes
    "monthly_recurring_revenue": {3: 0, 5: 20, 6: 30 + 12},  # c7's two weeks are over before the month is
    "net_revenue_retention": {5: NONE, 6: 30 / 20},  # c2 pays more; c5 is new
    "gross_revenue_retention": {5: NONE, 6: 20 / 20},
    "repurchase_rate_30d": {1: 0, 3: 0, 4: 0, 6: NONE},  # c1 bought again after 31 days
    "repurchase_rate_60d": {1: 1 / 2, 3: 0, 4: 0, 6: NONE},
    "repurchase_rate_180d": {1: NONE, 3: NONE},
    "repurchase_rate_365d": {1: NONE, 3: NONE},
    "returning_customer_rate": {1: 0, 2: 1, 3: 1, 4: 0, 5: 1, 6: 0},  # c1, c1, c2; c4 and c5 are new
    "orders_per_customer": {1: 1, 2: 1, 3: 2, 4: 1, 5: 1, 6: 2},  # o3 and o4; o9 and o10; o7 came to nothing
    "cart_abandonment_rate": {1: 1 / 2, 2: 1, 6: NONE},  # k1 in 23 hours; k3 after five days; k4 not due
    "average_order_value": {1: 300 / 2, 2: 50, 3: 50 / 2, 4: 40, 5: 80, 6: (110 * 0.91 + 10) / 2},
    # o7 is worth 54.60, of which 18.20 go back in February and 36.40 in March; 20 of o6 in June
    "net_sales": {1: 300, 2: 50 + 54.6 - 18.2, 3: 50 - 36.4, 4: 40, 5: 80, 6: 110 * 0.91 + 10 - 20},
    "refund_rate": {1: 0, 2: 18.2 / (50 + 54.6), 3: 36.4 / 50, 4: 0, 6: 20 / (110 * 0.91 + 10)},
    "customer_acquisition_cost": {1: 60 / 2, 2: NONE},
    # o1 brings 100 less three times 10, o5 200 less twice 10; the costs of all other orders are unknown
    "ltv_to_cac_3m": {1: (70 + 180) / 60, 2: NONE, 3: NONE, 4: NONE},
    "ltv_to_cac_12m": {1: NONE},
    "payback_months": {1: 0, 2: NONE, 3: NONE},
    "customer_lifetime_value_margin_3m": {1: (70 + 180) / 2, 2: NONE, 3: NONE, 4: NONE},
    "customer_lifetime_value_margin_12m": {1: NONE},
    "cost_per_lead": {1: 60 / 1, 2: NONE},
    "new_customers": {1: 2, 2: 0, 3: 1, 4: 1, 5: 0, 6: 1},  # c3's purchase was taken back
    "touchpoint_conversion_rate": {1: 3 / 4, 2: 0},  # visits of c1, c2, c6, mail to c1; c3 and c5 do not buy in time
    "discounted_first_order_share": {1: 1 / 2, 3: NONE, 4: 0, 6: 0},
    "conversion_to_retention_rate": {1: 1 / 2, 2: 0, 3: 0, 4: NONE, 6: NONE},
    "churn_rate": {2: 0, 3: 1 / 3, 4: 1 / 2, 5: 0, 6: 1 / 3},
    "customer_retention_rate": {2: 1, 3: 2 / 3, 4: 1 / 2, 5: 1, 6: 2 / 3},
    "repurchase_rate": {1: 1 / 2, 3: 0, 4: NONE, 6: NONE},  # c2's second purchase comes after 106 days
    "reactivation_rate": {3: 0, 4: 0, 5: 1 / 2, 6: 0},  # of c2 and c7
    "support_contact_rate": {1: 3 / 2, 6: 1 / 4},
    "retention_to_loyalty_rate": {2: 1},
    # o7 is worth 54.60, of which 18.20 go back in February and 36.40 in March; its customer stays one who has bought
    "customer_lifetime_value_historic": {1: 300 / 2, 2: 386.4 / 3, 3: 400 / 3, 4: 440 / 4, 5: 520 / 4, 6: 610.1 / 5},
    "customer_lifetime_value_predicted": {5: NONE, 6: (30 + 50) / 2},
    "csat": {1: 2 / 3},  # 8 of 10 is satisfied, 3 of 5 is not
    "loyal_customers": {1: 0, 2: 0, 3: 1, 4: 1, 5: 1, 6: 0},
    "revenue_concentration": {1: 200 / 300, 2: 200 / 350, 3: 200 / 400, 5: 280 / 520, 6: 260 / 610.1},
    "loyalty_to_advocacy_rate": {3: 1},
    "referral_rate": {3: 1 / 3, 4: 0 / 3},  # by two programmes, one inviter; active are c1, c2, c7, then c1, c2, c4
    "winning_referral_rate": {3: 1 / 3, 4: NONE},  # c1 won c4
    "k_factor": {3: 1 / 3},
    "referred_new_customer_share": {1: 0, 2: NONE, 3: 0, 4: 1, 6: 0},
    "affiliate_revenue": {2: 50, 5: 80, 6: -20},
    "advocates": {3: 0, 4: 1, 5: 2, 6: 3},
    "user_content_published": {6: 1},
}
# the same, cut: metric -> (slice, value) -> month -> value
EXPECTED_SLICES: dict[str, dict[tuple[str, str], dict[int, float | None]]] = {
    "touchpoint_conversion_rate": {("touch_type", "visit"): {1: 2 / 3}, ("touch_type", "email_opened"): {1: 1}},
    "average_order_value": {("country_code", "FR"): {1: 100, 3: 25}, ("country_code", "BE"): {1: 200, 5: 80}},
    "churn_rate": {("acquisition_channel", "affiliate"): {3: 0, 6: 1}, ("country_code", "BE"): {4: 1, 6: 0}},
    "loyal_customers": {("acquisition_channel", "affiliate"): {3: 1, 6: 0}},
    "followers": {("platform", "photos"): {2: 115}},
    "customer_lifetime_value_historic": {("country_code", "FR"): {1: 100, 6: 200}},
    "csat": {("touchpoint", "unknown"): {1: 2 / 3}},
}
# Over the year: heads as of the last month, everything else the sum of both sides.
EXPECTED_OF_YEAR = {
    "loyal_customers": 0,
    "active_customers": 3,
    "monthly_recurring_revenue": 42,
    "gross_churn_rate": (1 + 1 + 1) / (2 + 3 + 2 + 2 + 3),
    "orders_per_customer": 2,  # of the last month
    "advocates": 3,
    "followers": 125,
    "customer_count": 8,  # c1 to c8; a1 is c5
    "closing_count": 8,
    "new_customers": 5,
    "churn_rate": (1 + 1 + 1) / (2 + 3 + 2 + 2 + 3),
}
