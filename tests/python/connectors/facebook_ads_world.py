"""The generator's world as Meta would hold it, and as Fivetran would land it, with its reports by campaign or by ad alone.

See shopify_world.py.
"""

# ruff: noqa: E501
from __future__ import annotations

import duckdb
from stores import write_tables

BRANDS = ("default", "atelier")
LOADERS = ("fivetran_campaign", "fivetran_ad")
UNSAYABLE = {
    "campaigns": {"*": "campaigns on other platforms", "parent_campaign_id": "no campaign is a part of another"},
    "ad_performance": {"*": "costs on other platforms"},
}
UNSAYABLE_BY_LOADER: dict[str, dict[str, dict[str, str]]] = {loader: {} for loader in LOADERS}

NUMBER = "(120200000000000000 + cast(hash(campaign_id) % 1000000000 as bigint))"
SYNCED = "loaded_at as _fivetran_synced"
ACCOUNT = "case brand when 'default' then 17001 else 17002 end"
HISTORY = {
    "account_history": f"""
        select distinct {ACCOUNT} as id, case n when 0 then 'XXX' else currency end as currency, 'Europe/Paris' as timezone_name,
            timestamp '2020-01-01' + to_days(cast(n as integer)) as _fivetran_synced
        from contract.ad_performance cross join range(2) as versions (n) where platform = 'meta' and brand = $brand
    """,
    "campaign_history": f"""
        select {NUMBER} as id, {ACCOUNT} as account_id, case n when 0 then 'Draft of ' || name else name end as name, 'OUTCOME_SALES' as objective,
            started_at - interval 3 days as created_time, started_at as start_time, ended_at as stop_time, 'DELETED' as status,
            timestamp '2020-01-01' + to_hours(cast(n as integer)) as updated_time, loaded_at - to_days(cast(1 - n as integer)) as _fivetran_synced
        from contract.campaigns cross join range(2) as versions (n) where platform = 'meta' and brand = $brand
    """,
}
# two ads a campaign; purchases are in two types of action, and there are other types
AD = f"{NUMBER} * 2 + n"
PARTS = (
    "(select * from contract.ad_performance cross join range({}) as ads (n) where platform = 'meta' and brand = $brand)"
)
DAYS = """
    select {ids}, {account} as account_id, date, case n when 1 then impressions - impressions // 3 else {rest_of_impressions} end as impressions,
        case n when 1 then clicks - clicks // 3 else {rest_of_clicks} end as inline_link_clicks,
        cast(case n when 1 then spend_amount - 0.01 else {rest_of_spend} end as double) as spend, {synced}
    from {parts}
"""
ACTIONS = """
    select {ids}, date, index, type as action_type, case when type = 'link_click' then clicks else {claims} end as value, {synced}
    from {parts} cross join (values (0, 'purchase'), (1, 'omni_purchase'), (2, 'link_click')) as types (index, type)
"""
SHAPES = {
    "fivetran_campaign": {
        "basic_campaign": DAYS.format(
            ids=f"{NUMBER} as campaign_id", account=ACCOUNT, rest_of_impressions="impressions", rest_of_clicks="clicks",
            rest_of_spend="spend_amount", synced=SYNCED, parts=PARTS.format(1),
        ),
        "basic_campaign_actions": ACTIONS.format(ids=f"{NUMBER} as campaign_id", claims="platform_conversions", synced=SYNCED, parts=PARTS.format(1)),
        # the report by ad lacks what no ad spent
        "basic_ad": "select 1 as ad_id, 1 as account_id, date '2020-01-01' as date, 99 as impressions, 99.0 as spend",
    },
    "fivetran_ad": {
        "ad_history": f"select distinct {AD} as id, {NUMBER} as campaign_id, {SYNCED} from {PARTS.format(2)}",
        "basic_ad": DAYS.format(
            ids=f"cast({AD} as varchar) as ad_id", account=ACCOUNT, rest_of_impressions="impressions // 3", rest_of_clicks="clicks // 3",
            rest_of_spend="0.01", synced=SYNCED, parts=PARTS.format(2),
        ),
        "basic_ad_actions": ACTIONS.format(
            ids=f"cast({AD} as varchar) as ad_id", claims="case n when 1 then platform_conversions else 0 end", synced=SYNCED, parts=PARTS.format(2),
        ),
    },
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_tables(connection, f"facebook_ads_{loader}", BRANDS, HISTORY | SHAPES[loader])


def own(table: str) -> str:
    """The contract's own rows, by the ids that the vendor gives."""
    return f"select * replace (cast({NUMBER} as varchar) as campaign_id) from contract.{table}"


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table."""
    return {
        "campaigns": f"select * replace (null as parent_campaign_id) from ({own('campaigns')}) where platform = 'meta'",
        "ad_performance": f"{own('ad_performance')} where platform = 'meta'",
    }
