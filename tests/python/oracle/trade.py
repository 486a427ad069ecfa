"""What random histories lack to be a business: goods and their costs, advertising, programmes, rewards and commissions.

Added to the rows of ``histories``, which stay as they are, so that what is drawn there stays the same. Everything is chosen
to go wrong somewhere: costs that are unknown, two currencies, items and products that were deleted, telephone numbers of
several people, sales that are claimed twice.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from .histories import AS_OF_DATE, TIME_ZONES

Row = dict[str, Any]
RawData = dict[str, list[Row]]

# campaign: its channel and platform, the platform of its reports, and the channel that the rules must give it
CAMPAIGNS: dict[str, tuple[str | None, str | None, str | None, str]] = {
    "search": ("Paid Search", "google", "google", "paid_search"),
    "letters": ("newsletter", None, None, "email"),
    "social": ("social", "facebook", None, "paid_social"),
    "banners": ("display", "google", "google", "other"),
    "engine": (None, None, "Google Ads", "paid_search"),
    "nothing": (None, None, None, "other"),
}
PRODUCTS: list[Row] = [
    {"product_id": "euro", "unit_cost": 3},
    {"product_id": "dear", "unit_cost": 40.35},
    {"product_id": "dollar", "unit_cost": 7.77, "currency": "USD"},
    {"product_id": "costless"},
    {"product_id": "gone", "unit_cost": 5, "deleted_at": datetime(2024, 4, 15, 12)},
    {"product_id": "unheard_of", "unit_cost": 5, "currency": "XTS"},
]
AFFILIATE_STATUSES = ["approved", "approved", "pending", "rejected", "Declined", "what", None]


def moment_near(rng: random.Random, value: date | datetime, days: int) -> datetime:
    """Give a moment up to so many days after a raw value."""
    day = datetime(value.year, value.month, value.day)
    return day + timedelta(days=rng.randint(0, days), hours=rng.randint(0, 23))


def with_trade(raw: RawData, rng: random.Random) -> RawData:
    """Give the raw data of one history goods, telephone numbers, programmes and commissions."""
    raw = {table: [dict(row) for row in rows] for table, rows in raw.items()}
    items = raw.setdefault("order_items", [])
    for order in raw.get("orders", ()):
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
            product = rng.choice([*(row["product_id"] for row in PRODUCTS[:3]) , "euro", "dollar", "dear", None, "costless",
                                  "gone", "unheard_of"])  # fmt: skip
            item = {
                "brand": order.get("brand"),
                "order_item_id": f"{order['order_id']}i{len(items)}",
                "order_id": order["order_id"],
                "product_id": product,
                "quantity": rng.choice([1, 1, 2, 3, 0.5, None]) if rng.random() < 0.3 else 1,
            }
            if rng.random() < 0.06:
                item["deleted_at"] = moment_near(rng, AS_OF_DATE - timedelta(days=20), 40)
            items.append(item)
    numbers = [f"+33 6 {rng.randint(10, 99)} 00 {number:02} 00" for number in range(2)]
    for customer in raw.get("customers", ()):
        if rng.random() < 0.6:
            number = rng.choice(numbers)
            customer["phone"] = rng.choice(
                [number, number.replace(" ", "").replace("+", "00"), number.replace("+", "")]
            )
        elif rng.random() < 0.2:
            customer["phone"] = rng.choice(["0", "n.a.", "+33 1 99 99 99 99"])
    for referral in raw.get("referrals", ()):
        referral["program"] = rng.choice(["spring", "spring", "gift", None])
        if rng.random() < 0.6:
            referral["accepted_at"] = moment_near(rng, referral["invited_at"], 30)
        if rng.random() < 0.7:
            referral["reward_amount"] = rng.choice([10, 12.5])
            referral["currency"] = rng.choice(["EUR", "USD", None])
    sales = raw.get("affiliate_sales", [])
    for sale in [*sales]:
        sale["affiliate_id"] = rng.choice(["one", "two"])
        sale["status"] = rng.choice(AFFILIATE_STATUSES)
        if rng.random() < 0.8:
            sale["commission_amount"] = rng.choice([1, 2.25])
            sale["currency"] = rng.choice(["EUR", "USD", None])
        if rng.random() < 0.4:
            again = sale | {"affiliate_sale_id": f"{sale['affiliate_sale_id']}b", "affiliate_id": "late"}
            again["occurred_at"] = moment_near(rng, sale["occurred_at"], 3)
            again["affiliate_customer_id"] = rng.choice([sale.get("affiliate_customer_id"), None])
            sales.append(again)
    return raw


def advertising(rng: random.Random) -> RawData:
    """Products and campaigns of all brands, and a year of reports on them from the middle of 2023 on."""
    raw: RawData = {"products": [], "campaigns": [], "ad_performance": []}
    for brand in TIME_ZONES:
        raw["products"] += [{"brand": brand, **row} for row in PRODUCTS]
        for campaign, (channel, platform, reported, _) in CAMPAIGNS.items():
            if channel is not None:
                raw["campaigns"].append(
                    {"brand": brand, "campaign_id": campaign, "channel": channel, "platform": platform}
                )
            day = date(2023, 6, 20)
            while day <= AS_OF_DATE + timedelta(days=5):
                day += timedelta(days=rng.randint(5, 25))
                row = {"brand": brand, "date": day, "campaign_id": campaign, "platform": reported}
                row |= {"spend_amount": rng.choice([2, 3.33, 11.05, -1, None]), "clicks": rng.randint(0, 9)}
                row["currency"] = rng.choice(["EUR", "USD", None])
                if rng.random() < 0.05:
                    row["deleted_at"] = moment_near(rng, AS_OF_DATE - timedelta(days=5), 10)
                raw["ad_performance"].append(row)
    return raw
