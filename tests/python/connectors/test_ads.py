"""Google Ads and Meta Ads: units, time zones, versions, and what the reports of a loader leave out."""

# ruff: noqa: E501
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from stores import Store

TABLES = (
    "create schema google_ads",
    "create table google_ads.account_history as select 9 as id, 'USD' as currency_code, 'America/New_York' as time_zone, timestamp '2024-01-01' as updated_at",
    # renamed on the second day, then removed: no version is active
    """create table google_ads.campaign_history as select * from (values
        (1, 9, 'Brand', 'SEARCH', '2024-03-01', '2037-12-30', timestamp '2024-03-01', false),
        (1, 9, 'Brand 2024', 'SEARCH', '2024-03-01', '2024-03-31', timestamp '2024-03-02', false),
        (2, 9, 'Video', 'VIDEO', null, null, timestamp '2024-03-01', true))
        as c (id, customer_id, name, advertising_channel_type, start_date, end_date, updated_at, _fivetran_active)""",
    # three costs of which each is less than half a cent
    """create table google_ads.campaign_stats as select * from (values
        (1, 9, date '2024-03-01', 'MOBILE', 4000, 1, 1.0), (1, 9, date '2024-03-01', 'DESKTOP', 4000, 1, 0.5), (1, 9, date '2024-03-01', 'TABLET', 4000, 1, 0.0))
        as s (id, customer_id, date, device, cost_micros, clicks, conversions)""",
    "create schema facebook_ads",
    "create table facebook_ads.account_history as select 8 as id, 'EUR' as currency",
    "create table facebook_ads.campaign_history as select 5 as id, 'Spring' as name, timestamp '2024-02-01' as updated_time",
    "create table facebook_ads.ad_history as select 51 as id, 5 as campaign_id union all select 51, 5",
    # the second ad is in no table of ads
    """create table facebook_ads.basic_ad as select * from (values
        ('51', 8, date '2024-03-01', 10.5, 3), ('52', 8, date '2024-03-01', 1.25, 1)) as d (ad_id, account_id, date, spend, inline_link_clicks)""",
    # one purchase is in three types of action, one more on Meta's own pages alone; there are leads
    """create table facebook_ads.basic_ad_actions as select '51' as ad_id, date '2024-03-01' as date, type as action_type, value from (values
        ('omni_purchase', 2.0), ('purchase', 2.0), ('offsite_conversion.fb_pixel_purchase', 1.0), ('lead', 4.0), ('offsite_conversion.fb_pixel_lead', 4.0)) as a (type, value)""",
)  # fmt: skip
BOTH = {
    "google_ads": {"schemas": "google_ads", "loader": "fivetran"},
    "facebook_ads": {"schemas": "facebook_ads", "loader": "fivetran"},
}
COSTS = "select date, campaign_id, platform, clicks, spend_amount, currency, cast(platform_conversions as double) from store_connectors.raw__ad_performance order by 2"
CAMPAIGNS = "select campaign_id, name, channel, started_at, ended_at from store_connectors.raw__campaigns order by 1"


def test_costs_and_campaigns_of_both(store: Store) -> None:
    """Ids are those that stand in links, although two vendors are connected."""
    store.execute(*TABLES)
    store.connect(BOTH)
    day = date(2024, 3, 1)
    assert store.rows(COSTS) == [
        (day, "1", "google", 3, Decimal("0.01"), "USD", 1.5),
        (day, "5", "meta", 3, Decimal("10.50"), "EUR", 2.0),
        (day, "account-8", "meta", 1, Decimal("1.25"), "EUR", 0.0),
    ]
    assert store.rows(CAMPAIGNS) == [
        ("1", "Brand 2024", "paid_search", datetime(2024, 3, 1, 5), datetime(2024, 4, 1, 4)),
        ("2", "Video", "display", None, None),
        ("5", "Spring", "paid_social", None, None),
    ]


def test_leads_and_prefixes_where_they_are_asked_for(store: Store) -> None:
    store.execute(*TABLES, "drop table facebook_ads.account_history")
    store.connect({"facebook_ads": BOTH["facebook_ads"] | {"conversions": "lead", "prefix_ids": True}})
    assert [row[1:] for row in store.rows(COSTS)] == [
        ("facebook_ads:5", "meta", 3, Decimal("10.50"), None, 4.0),
        ("facebook_ads:account-8", "meta", 1, Decimal("1.25"), None, 0.0),
    ]
