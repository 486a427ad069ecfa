"""The generator's world as Google Analytics 4 would export it to BigQuery: the mapping of the connector, backwards, in DuckDB's own structs and lists.

See shopify_world.py. Brought to a warehouse without nested types, it is JSON. The table of a quarter stands for those of its days: which tables are read shows as well with few.
"""

# ruff: noqa: E501
from __future__ import annotations

import duckdb

BRANDS = ("default", "atelier")
LOADERS = ("bigquery_export", "bigquery_export_json")
UNSAYABLE = {
    "touchpoints": {
        "*": "visits of a device that is no machine, alone: no clicks, impressions and e-mails",
        "email": "not allowed there",
        "is_bot": "known machines are left out",
        "loaded_at": "not said: the last event of the session",
        "deleted_at": "no row is deleted",
    },
    "engagements": {
        "*": "sign-ups and leads of a device alone",
        "engagement_id": "has no id there",
        "email": "not allowed there",
        "channel": "stands at the session",
        "campaign_id": "stands at the session",
        "is_bot": "known machines are left out",
        "loaded_at": "not said: the event",
        "deleted_at": "no row is deleted",
    },
    "carts": {
        "*": "carts of a device alone",
        "is_bot": "known machines are left out",
        "loaded_at": "not said: the last event of the session",
    },
    "identity_links": {
        "*": "devices alone, and not those that were seen with the same customer before",
        "link_id": "has no id there",
        "loaded_at": "not said: the event",
        "deleted_at": "no row is deleted",
    },
}
UNSAYABLE_BY_LOADER: dict[str, dict[str, dict[str, str]]] = {loader: {} for loader in LOADERS}

# The columns of the export, by Google's description of it; of structs the fields that are read, and others.
PARAMETERS = "struct(key varchar, value struct(string_value varchar, int_value bigint, float_value double, double_value double))[]"
REQUIRED = {"event_timestamp": "bigint", "event_name": "varchar", "user_pseudo_id": "varchar"}
OPTIONAL = {
    "event_date": "varchar", "event_params": PARAMETERS, "event_previous_timestamp": "bigint", "event_value_in_usd": "double", "event_bundle_sequence_id": "bigint",
    "event_server_timestamp_offset": "bigint", "user_id": "varchar", "privacy_info": "struct(analytics_storage varchar, ads_storage varchar, uses_transient_token varchar)",
    "user_properties": PARAMETERS, "user_first_touch_timestamp": "bigint", "user_ltv": "struct(revenue double, currency varchar)",
    "device": "struct(category varchar, web_info struct(browser varchar, hostname varchar))", "geo": "struct(country varchar, city varchar)",
    "app_info": "struct(id varchar, version varchar)", "traffic_source": "struct(name varchar, medium varchar, source varchar)", "stream_id": "varchar", "platform": "varchar",
    "event_dimensions": "struct(hostname varchar)", "ecommerce": "struct(total_item_quantity bigint, purchase_revenue double, transaction_id varchar)",
    "items": "struct(item_id varchar, price double, quantity bigint)[]",
    "collected_traffic_source": "struct(manual_campaign_id varchar, manual_campaign_name varchar, manual_source varchar, manual_medium varchar, manual_term varchar, gclid varchar, dclid varchar, srsltid varchar)",
    "is_active_user": "boolean", "batch_event_index": "bigint", "batch_page_id": "bigint", "batch_ordering_id": "bigint",
    "session_traffic_source_last_click": "struct(manual_campaign struct(campaign_id varchar, source varchar), google_ads_campaign struct(customer_id varchar, campaign_id varchar, campaign_name varchar))",
    "publisher": "struct(ad_revenue_in_usd double)",
}  # fmt: skip

NUMBER = "cast(regexp_replace({}, '^[A-Z]+', '') as bigint)"
VISITS = "select * from contract.touchpoints where touch_type = 'visit' and anonymous_id is not null and is_bot is distinct from true and deleted_at is null"
ENGAGEMENTS = "select * from contract.engagements where engagement_type in ('signup', 'lead_form') and anonymous_id is not null and is_bot is distinct from true and deleted_at is null"
CARTS = "select * from contract.carts where anonymous_id is not null and is_bot is distinct from true and deleted_at is null"
LINKS = "select * from contract.identity_links where id_type = 'anonymous_id'"
STEPS = {
    "cart": "add_to_cart",
    "shipping": "add_shipping_info",
    "payment": "add_payment_info",
    "confirmation": "purchase",
}
STEP = "case last_step " + " ".join(f"when '{ours}' then '{theirs}'" for ours, theirs in STEPS.items()) + " end"
# every event in columns: what a page says of the visitor's origin stands with its first event, and a customer is known from the second on
EVENTS = f"""
    select brand, occurred_at, 'session_start' as event_name, anonymous_id, cast(null as varchar) as user_id, {NUMBER.format("touchpoint_id")} as session_id,
        landing_page as page_location, referrer as page_referrer, utm_source, utm_medium, utm_campaign, campaign_id,
        cast(null as varchar) as transaction_id, cast(null as double) as value, cast(null as varchar) as currency
    from ({VISITS})
    union all by name
    select brand, occurred_at + interval 20 seconds as occurred_at, 'page_view' as event_name, anonymous_id, customer_id as user_id, {NUMBER.format("touchpoint_id")} as session_id,
        '/another-page' as page_location, 'https://shop.example/' as page_referrer
    from ({VISITS})
    union all by name
    select brand, occurred_at, case engagement_type when 'signup' then 'sign_up' else 'generate_lead' end as event_name, anonymous_id, customer_id as user_id
    from ({ENGAGEMENTS}) cross join range(2) as twice
    union all by name
    select brand, created_at as occurred_at, 'add_to_cart' as event_name, anonymous_id, {NUMBER.format("cart_id")} as session_id,
        cast(value_amount as double) - 1 as value, lower(currency) as currency
    from ({CARTS})
    union all by name
    select brand, updated_at as occurred_at, {STEP} as event_name, anonymous_id, customer_id as user_id, {NUMBER.format("cart_id")} as session_id,
        case when last_step = 'cart' then 1 else cast(value_amount as double) end as value, lower(currency) as currency, order_id as transaction_id
    from ({CARTS})
    union all by name
    select brand, linked_at as occurred_at, 'login' as event_name, id_value as anonymous_id, customer_id as user_id from ({LINKS})
"""  # fmt: skip
# the list has a parameter of each type, and none where there is no value
EXPORT = """
    select strftime(occurred_at + interval 1 hours, '%Y%m%d') as event_date, epoch_us(occurred_at) as event_timestamp, event_name,
        list_filter([
            {'key': 'ga_session_id', 'value': {'string_value': cast(null as varchar), 'int_value': session_id, 'float_value': cast(null as double), 'double_value': cast(null as double)}},
            {'key': 'page_location', 'value': {'string_value': page_location, 'int_value': null, 'float_value': null, 'double_value': null}},
            {'key': 'page_referrer', 'value': {'string_value': page_referrer, 'int_value': null, 'float_value': null, 'double_value': null}},
            {'key': 'source', 'value': {'string_value': case when utm_medium = 'social' then utm_source end, 'int_value': null, 'float_value': null, 'double_value': null}},
            {'key': 'medium', 'value': {'string_value': case when utm_medium = 'social' then utm_medium end, 'int_value': null, 'float_value': null, 'double_value': null}},
            {'key': 'campaign', 'value': {'string_value': case when utm_medium = 'social' then utm_campaign end, 'int_value': null, 'float_value': null, 'double_value': null}},
            {'key': 'value', 'value': {'string_value': null, 'int_value': case when value = floor(value) then cast(value as bigint) end, 'float_value': null, 'double_value': case when value <> floor(value) then value end}},
            {'key': 'currency', 'value': {'string_value': currency, 'int_value': null, 'float_value': null, 'double_value': null}},
            {'key': 'transaction_id', 'value': {'string_value': transaction_id, 'int_value': null, 'float_value': null, 'double_value': null}}
        ], lambda p : coalesce(p.value.string_value, cast(p.value.int_value as varchar), cast(p.value.double_value as varchar)) is not null) as event_params,
        user_id, anonymous_id as user_pseudo_id, row_number() over (order by occurred_at, event_name desc) as batch_event_index,
        case when utm_medium in ('social', 'cpc') then null else {'manual_campaign_id': campaign_id, 'manual_campaign_name': utm_campaign, 'manual_source': utm_source,
            'manual_medium': utm_medium, 'gclid': cast(null as varchar)} end as collected_traffic_source,
        -- the last click that was paid, also where it was that of an earlier session
        {'google_ads_campaign': {'campaign_name': case when utm_medium = 'cpc' then utm_campaign else 'earlier' end,
            'campaign_id': case when utm_medium = 'cpc' then campaign_id else 'earlier' end}} as session_traffic_source_last_click
    from events where brand = $brand
"""  # fmt: skip
CLICKED = "select * exclude (of_google) replace (case when of_google then {'manual_campaign_id': null, 'manual_campaign_name': null, 'manual_source': 'google', 'manual_medium': 'organic', 'gclid': 'x'} else collected_traffic_source end as collected_traffic_source) from "
# BigQuery writes whole numbers as texts into JSON; a column may be JSON to the engine, or text
AS_JSON = """
    select * replace (cast(regexp_replace(cast(to_json(event_params) as varchar), '"int_value":([0-9]+)', '"int_value":"\\1"', 'g') as json) as event_params,
        cast(to_json(collected_traffic_source) as varchar) as collected_traffic_source, to_json(session_traffic_source_last_click) as session_traffic_source_last_click)
    from ({0})
"""  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    schemas = {brand: f"analytics_{loader}_{brand}" for brand in BRANDS}
    for brand, schema in schemas.items():
        connection.execute(f"create schema {schema}")
        export = EXPORT.replace("$brand", f"'{brand}'").replace(
            " from events", ", utm_source = 'google' and utm_medium = 'cpc' as of_google, occurred_at from events"
        )
        connection.execute(f"create temp table export as with events as ({EVENTS}) {CLICKED} ({export})")
        quarters = connection.execute(
            "select distinct date_trunc('quarter', occurred_at) from export order by 1"
        ).fetchall()
        for number, (quarter,) in enumerate(quarters):
            of_quarter = f"select * exclude (occurred_at) from export where date_trunc('quarter', occurred_at) = timestamp '{quarter}'"
            of_quarter = AS_JSON.format(of_quarter) if loader.endswith("_json") else of_quarter
            kind = "intraday_" if number == len(quarters) - 1 else "fresh_" if number == len(quarters) - 2 else ""
            connection.execute(f"create table {schema}.events_{kind}{quarter:%Y%m%d} as {of_quarter}")
            if kind != "intraday_":  # a day that is whole still has the table that it had as it went on
                connection.execute(f"create table {schema}.events_intraday_{quarter:%Y%m%d} as {of_quarter} limit 50")
        connection.execute("drop table export")
    return schemas


def own(table: str) -> str:
    """The contract's own rows, by the ids that the export gives."""
    ids = {"touchpoints": "touchpoint_id", "carts": "cart_id"}
    if table not in ids:
        return f"select * from contract.{table}"
    return (
        f"select * replace (anonymous_id || '.' || {NUMBER.format(ids[table])} as {ids[table]}) from contract.{table}"
    )


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table."""
    # a customer whose device is the same as before makes no new link
    links = f"""
        with events as ({EVENTS}),
        numbered as (select *, row_number() over (partition by brand, anonymous_id order by occurred_at, event_name desc) as number from events),
        linked as (select *, lag(user_id) over (partition by brand, anonymous_id order by number) as earlier from numbered where user_id is not null)
        select brand, anonymous_id || '.' || number as link_id, occurred_at as linked_at, 'anonymous_id' as id_type, anonymous_id as id_value, user_id as customer_id,
            occurred_at as loaded_at, cast(null as timestamp) as deleted_at
        from linked where user_id is distinct from earlier
    """
    return {
        "touchpoints": f"""
            select * replace (anonymous_id || '.' || {NUMBER.format('touchpoint_id')} as touchpoint_id, null as email, null as is_bot,
                occurred_at + interval 20 seconds as loaded_at, null as deleted_at) from ({VISITS})
        """,
        "engagements": f"""
            select distinct * replace (anonymous_id || '.' || case engagement_type when 'signup' then 'sign_up' else 'generate_lead' end || '.' || cast(occurred_at as varchar)
                as engagement_id, null as email, null as channel, null as campaign_id, null as is_bot, occurred_at as loaded_at, null as deleted_at) from ({ENGAGEMENTS})
        """,
        "carts": f"""
            select * replace (anonymous_id || '.' || {NUMBER.format('cart_id')} as cart_id, null as is_bot, updated_at as loaded_at,
                case when last_step = 'confirmation' then order_id end as order_id) from ({CARTS})
        """,
        "identity_links": links,
    }  # fmt: skip
