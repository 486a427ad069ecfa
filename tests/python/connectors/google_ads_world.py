"""The generator's world as Google Ads would hold it, and as Fivetran would land it: the mapping of the connector, backwards.

See shopify_world.py. Days are those of the account, whose time zone is UTC here, as the generator's campaigns begin at midnight in UTC.
"""

# ruff: noqa: E501
from __future__ import annotations

import duckdb
from stores import write_tables

BRANDS = ("default", "atelier")
LOADERS = ("fivetran",)
UNSAYABLE = {
    "campaigns": {
        "*": "campaigns on other platforms",
        "objective": "Google has types of campaigns and no objectives",
        "parent_campaign_id": "no campaign is a part of another",
    },
    "ad_performance": {"*": "costs on other platforms"},
}
UNSAYABLE_BY_LOADER: dict[str, dict[str, dict[str, str]]] = {"fivetran": {}}

NUMBER = "(20000000000 + cast(hash(campaign_id) % 1000000000 as bigint))"
SYNCED = "loaded_at as _fivetran_synced"
ACCOUNT = "case brand when 'default' then 1000000001 else 1000000002 end"
TABLES = {
    "account_history": f"""
        select distinct {ACCOUNT} as id, case n when 0 then 'XXX' else currency end as currency_code, 'UTC' as time_zone, n = 1 as _fivetran_active,
            timestamp '2020-01-01' + to_days(cast(n as integer)) as updated_at, timestamp '2020-01-05' as _fivetran_synced
        from contract.ad_performance cross join range(2) as versions (n) where platform = 'google' and brand = $brand
    """,
    # an earlier version under another name, and a campaign that was removed: Fivetran keeps it, and none of its versions is active
    "campaign_history": f"""
        select {NUMBER} as id, {ACCOUNT} as customer_id, case n when 0 then 'Draft of ' || name else name end as name, 'SEARCH' as advertising_channel_type,
            cast(cast(started_at as date) as varchar) as start_date, cast(coalesce(cast(ended_at as date) - 1, date '2037-12-30') as varchar) as end_date,
            case when ended_at is not null and n = 1 then 'REMOVED' else 'ENABLED' end as status, n = 1 and ended_at is null as _fivetran_active,
            timestamp '2020-01-01' + to_hours(cast(n as integer)) as updated_at, loaded_at - to_days(cast(1 - n as integer)) as _fivetran_synced
        from contract.campaigns cross join range(2) as versions (n) where platform = 'google' and brand = $brand
    """,
    "campaign_stats": f"""
        with devices as (
            select *, n, case n when 1 then 'MOBILE' else 'DESKTOP' end as device from contract.ad_performance cross join range(2) as devices (n)
        )
        select {NUMBER} as id, {ACCOUNT} as customer_id, date, device, 'SEARCH' as ad_network_type,
            case n when 1 then impressions - impressions // 3 else impressions // 3 end as impressions,
            case n when 1 then clicks - clicks // 3 else clicks // 3 end as clicks,
            cast(case n when 1 then spend_amount * 1000000 - 333 else 333 end as bigint) as cost_micros,
            case n when 1 then platform_conversions - 0.25 else 0.25 end as conversions, {SYNCED}
        from devices where platform = 'google' and brand = $brand
    """,
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_tables(connection, f"google_ads_{loader}", BRANDS, TABLES)


def own(table: str) -> str:
    """The contract's own rows, by the ids that the vendor gives."""
    return f"select * replace (cast({NUMBER} as varchar) as campaign_id) from contract.{table}"


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table."""
    return {
        "campaigns": f"select * replace (null as objective, null as parent_campaign_id) from ({own('campaigns')}) where platform = 'google'",
        "ad_performance": f"{own('ad_performance')} where platform = 'google'",
    }
