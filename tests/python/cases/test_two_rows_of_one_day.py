"""Two rows of one day that differ by a dimension both count; of two that do not, the one loaded later. Each is a brand.

A platform reports paid and organic posts, a campaign runs on two platforms, an episode is heard on two.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from conftest import Builder, Warehouse
from oracle.raw_files import write_raw_data

DAY = date(2025, 2, 1)


def row(brand: str, is_paid: Any, impressions: int, followers: int | None, likes: int | None, **columns: Any) -> dict:
    return {
        "brand": brand,
        "date": DAY,
        "platform": "instagram",
        "is_paid": is_paid,
        "impressions": impressions,
        "followers_total": followers,
        "likes": likes,
    } | columns


def ads(brand: str, platform: str | None, spend: float, campaign: str = "spring", **columns: Any) -> dict:
    return {"brand": brand, "date": DAY, "campaign_id": campaign, "platform": platform, "spend_amount": spend} | columns


def heard(brand: str, platform: str, episode: str, downloads: int) -> dict:
    return {
        "brand": brand,
        "date": DAY,
        "platform": platform,
        "episode_id": episode,
        "downloads": downloads,
        "listeners": 1,
    }


RAW = {
    "ad_performance": [
        ads("both", "google", 10),
        ads("both", "meta", 5),
        ads("unnamed", None, 10),
        ads("unnamed", "google", 5),
        ads("versions", "google", 10, loaded_at=datetime(2025, 2, 2)),
        ads("versions", "google", 12, loaded_at=datetime(2025, 2, 3)),
        ads("versions", "meta", 5, loaded_at=datetime(2025, 2, 2)),
        ads("files", "google", 10),
        ads("files", "meta", 5),
        ads("copies", "google", 10),
        ads("copies", "google", 10),
        # a row for each group of ads, which the contract does not know
        ads("groups", "google", 10, clicks=1),
        ads("groups", "google", 20, clicks=2),
    ],
    "podcast_daily": [
        heard("both", "spotify", "E1", 10),
        heard("both", "apple", "E1", 4),
        heard("episodes", "spotify", "E1", 10),
        heard("episodes", "spotify", "E2", 3),
        heard("files", "spotify", "E1", 10),
        heard("files", "apple", "E1", 4),
        heard("copies", "spotify", "E1", 10),
        heard("copies", "spotify", "E1", 10),
    ],
    "orders": [{"order_id": "o1", "customer_id": "S", "ordered_at": datetime(2025, 2, 3, 10), "total_amount": 10}],
    "social_daily": [
        row("both", "false", 1000, 500, 30),
        row("both", "true", 4000, None, None),
        row("empty_is_organic", None, 1000, 500, 30),
        row("empty_is_organic", "yes", 4000, 510, 1),
        row("versions", None, 900, 490, 20, loaded_at=datetime(2025, 2, 2)),
        row("versions", "false", 1000, 500, 30, loaded_at=datetime(2025, 2, 3)),
        row("versions", "true", 4000, None, None, loaded_at=datetime(2025, 2, 2)),
        row("paid_alone", "1", 4000, 500, 3),
        row("words", "organic", 1000, 500, 30),
        row("words", "Paid", 4000, None, None),
        row("unreadable", "perhaps", 1000, 500, 30),
        row("two_spellings", "false", 1000, 500, 30, platform="Instagram"),
        row("two_spellings", "true", 4000, None, None, platform=" instagram"),
    ],
}
# of google and of E1 on spotify, without a date, in a file whose name comes first and that is loaded after the others
CORRECTED = {
    "ad_performance": [ads("files", "google", 20)],
    "podcast_daily": [heard("files", "spotify", "E1", 7)],
}


@pytest.fixture(scope="module")
def warehouse(builder: Builder) -> Warehouse:
    """All brands in two loads, the second with a file more for two tables."""
    models = ("acquisition_channels_daily", "audience_daily", "rejected_records", "cleaning_events")
    raw = write_raw_data(RAW, builder.directory / "two_rows_of_one_day_raw")
    for table in CORRECTED:
        (raw / table).mkdir()
        (raw / f"{table}.csv").rename(raw / table / "what_came_first.csv")
    builder.build("two_rows_of_one_day", raw, as_of_date=date(2025, 2, 3), models=models)
    for table, rows in CORRECTED.items():
        write_raw_data({table: rows}, raw / table)
    return builder.build("two_rows_of_one_day", raw, as_of_date=date(2025, 2, 3), models=models)


@pytest.mark.parametrize(
    ("brand", "impressions", "organic", "followers", "likes"),
    [
        ("both", 5000, 1000, 500, 30),
        ("empty_is_organic", 5000, 1000, 500, 31),
        ("versions", 5000, 1000, 500, 30),
        ("paid_alone", 4000, None, 500, 3),
        ("unreadable", 1000, 1000, 500, 30),
        ("two_spellings", 5000, 1000, 500, 30),
        ("words", 5000, 1000, 500, 30),
    ],
)
def test_paid_and_organic_figures_of_a_day_both_count(
    warehouse: Warehouse, brand: str, impressions: int, organic: int | None, followers: int, likes: int
) -> None:
    figures = "impression_count, organic_impression_count, follower_count, like_count"
    rows = warehouse.rows(
        f"select {figures} from marts.audience_daily where brand = ? and platform = 'instagram'", [brand]
    )
    assert rows == [(impressions, organic, followers, likes)]


def test_only_an_older_version_is_rejected_and_what_cannot_be_read_is_said(warehouse: Warehouse) -> None:
    rejected = warehouse.rows(
        "select brand, rejection_reason from quality.rejected_records where entity = 'social_daily'"
    )
    assert rejected == [("versions", "superseded_version")]
    events = warehouse.rows("select * from quality.cleaning_events where entity = 'social_daily'")
    assert len(events) == 1 and "is_paid" in events[0]


@pytest.mark.parametrize(
    ("brand", "spend"),
    [
        ("both", {"paid_search": 10, "paid_social": 5}),
        ("unnamed", {"other": 10, "paid_search": 5}),
        ("versions", {"paid_search": 12, "paid_social": 5}),
        ("files", {"paid_search": 20, "paid_social": 5}),
        ("copies", {"paid_search": 10}),
    ],
)
def test_a_campaign_costs_what_it_costs_on_each_platform(
    warehouse: Warehouse, brand: str, spend: dict[str, int]
) -> None:
    rows = warehouse.rows(
        "select channel, sum(spend_amount) from marts.acquisition_channels_daily "
        "where brand = ? and campaign_id = 'spring' group by 1",
        [brand],
    )
    assert dict(rows) == spend


@pytest.mark.parametrize(
    ("brand", "downloads"),
    [
        ("both", {"spotify": 10, "apple": 4}),
        ("episodes", {"spotify": 13}),
        ("files", {"spotify": 7, "apple": 4}),
        ("copies", {"spotify": 10}),
    ],
)
def test_an_episode_is_heard_on_each_platform(warehouse: Warehouse, brand: str, downloads: dict[str, int]) -> None:
    rows = warehouse.rows(
        "select platform, podcast_download_count from marts.audience_daily "
        "where brand = ? and podcast_download_count is not null",
        [brand],
    )
    assert dict(rows) == downloads


def test_of_days_of_advertising_and_podcasts_older_versions_and_copies_are_rejected(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select entity, brand, rejection_reason from quality.rejected_records where entity <> 'social_daily' order by 1, 2"
    ) == [
        ("ad_performance", "copies", "duplicate_row"),
        ("ad_performance", "files", "superseded_version"),
        ("ad_performance", "groups", "undated_version"),
        ("ad_performance", "versions", "superseded_version"),
        ("podcast_daily", "copies", "duplicate_row"),
        ("podcast_daily", "files", "superseded_version"),
    ]
