"""The generator's world as Klaviyo would hold it, and as each loader would land it: the mapping of the connector, backwards.

As in ``shopify_world``: ``write`` makes the schemas, ``expected`` says what must come back, ``UNSAYABLE`` why that is not all.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator

import duckdb
from stores import in_their_words, write_by_way_of_forms

BRANDS = ("default", "atelier")
LOADERS = ("fivetran",)

NO_PROFILE = "events of profiles alone"
UNSAYABLE = {
    "customers": {
        "segment": "no such thing",
        "acquisition_source": "no such thing",
        "is_test": "no such thing",
        "deleted_at": "gone since the load that found it gone",
    },
    "touchpoints": {
        "*": f"e-mails that were delivered or opened; {NO_PROFILE}",
        "anonymous_id": "no such thing",
        "email": "stands at the profile",
        "utm_source": "the campaign says it",
        "utm_medium": "the campaign says it",
        "utm_campaign": "the campaign says it",
        "landing_page": "no such thing",
        "is_bot": "said of opens alone",
    },
    "engagements": {
        "*": f"clicks and answers to mailings; {NO_PROFILE}",
        "anonymous_id": "no such thing",
        "email": "stands at the profile",
        "channel": "always email",
        "is_bot": "said of clicks alone",
    },
    "carts": {
        "*": f"checkouts that were begun; {NO_PROFILE}",
        "anonymous_id": "a checkout knows the profile",
        "updated_at": "a moment, not a state",
        "last_step": "begun, no more",
        "order_id": "orders are the shop's",
        "is_bot": "no such thing",
    },
    "campaigns": {
        "*": "mailings alone",
        "platform": "always klaviyo",
        "objective": "no such thing",
        "ended_at": "no such thing",
        "parent_campaign_id": "no such thing",
    },
}
UNSAYABLE_BY_LOADER = {"fivetran": {}}

METRICS = {
    "email_delivered": "Received Email", "email_opened": "Opened Email", "email_clicked": "Clicked Email",
    "newsletter_subscribed": "Subscribed to List", "newsletter_unsubscribed": "Unsubscribed",
}  # fmt: skip
EMAILS = "select * from contract.touchpoints where touch_type in ('email_delivered', 'email_opened') and customer_id is not null"
ANSWERS = "('email_clicked', 'newsletter_subscribed', 'newsletter_unsubscribed')"
CLICKS = f"select * from contract.engagements where engagement_type in {ANSWERS} and customer_id is not null"
CHECKOUTS = "select * from contract.carts where customer_id is not null and last_step <> 'cart'"
MAILINGS = """
    select *, row_number() over (order by campaign_id) % 2 = 1 as is_flow from contract.campaigns where channel = 'email' and brand = $brand
"""


def forms() -> Iterator[tuple[str, str]]:
    """Klaviyo's own tables of one brand ($brand)."""
    yield ("profiles", "select * from contract.customers where brand = $brand")
    yield ("mailings", MAILINGS)
    # beside what counts there are other events, which do not
    yield (
        "events",
        f"""
        with own as (
            select touchpoint_id as id, {in_their_words("touch_type", METRICS)} as metric, customer_id, occurred_at, campaign_id, null as event_id,
                null as value, null as currency, is_bot, loaded_at, deleted_at
            from ({EMAILS}) where brand = $brand
            union all
            select engagement_id, {in_their_words("engagement_type", METRICS)}, customer_id, occurred_at, campaign_id, null, null, null, is_bot, loaded_at, deleted_at
            from ({CLICKS}) where brand = $brand
            union all
            select 'e' || cart_id, 'Started Checkout', customer_id, created_at, null, cart_id, value_amount, currency, null, loaded_at, deleted_at
            from ({CHECKOUTS}) where brand = $brand
        )
        select * from own
        union all
        select id || '-' || noise.metric, noise.metric, customer_id, occurred_at, campaign_id, event_id, 9.99, 'EUR', null, loaded_at, deleted_at
        from own cross join (values ('Placed Order'), ('Received SMS'), ('Active on Site')) as noise (metric)
        """,
    )


SYNCED = "loaded_at as _fivetran_synced"
GONE = f"deleted_at is not null as _fivetran_deleted, {SYNCED}"
# a metric has its name in the table of metrics; some events still have it as their type alone
METRIC = (
    "'m-' || metric as metric_id, case when metric like '%d Email' then 'of an older spelling' else metric end as type"
)
SHAPES = {
    "fivetran": {
        "person": f"""
            select customer_id as id, email, phone as phone_number, first_name, last_name, country_code as country, city,
                created_at as created, updated_at as updated,
                -- who was suppressed had said yes
                case when marketing_consent then 'SUBSCRIBED' when not marketing_consent then case customer_id[-1] when '0' then 'SUBSCRIBED' else 'UNSUBSCRIBED' end
                    else 'NEVER_SUBSCRIBED' end as subscriptions_email_marketing_consent,
                coalesce(marketing_consent or customer_id[-1] <> '0', true) as subscriptions_email_marketing_can_receive_email_marketing, {GONE}
            from form.profiles
        """,
        "event": f"""
            select e.id, {METRIC}, customer_id as person_id, occurred_at as datetime, occurred_at as timestamp,
                case when not is_flow then e.campaign_id end as campaign_id, case when is_flow then e.campaign_id end as flow_id,
                event_id as property_event_id, cast(value as varchar) as property_value, lower(currency) as property_currency_code,
                case when metric = 'Clicked Email' then is_bot end as property_bot_click, case when metric = 'Opened Email' then is_bot end as property_machine_open,
                e.deleted_at is not null as _fivetran_deleted, e.loaded_at as _fivetran_synced
            from form.events as e left join form.mailings as m on e.campaign_id = m.campaign_id
        """,
        "metric": """
            select distinct 'm-' || metric as id, metric as name, timestamp '2024-01-01' as _fivetran_synced
            from form.events where metric like '%d Email' or metric = 'Placed Order'
        """,
        "campaign": f"""
            select campaign_id as id, name, started_at as sent_at, timestamp '2020-01-01' as created, {GONE} from form.mailings where not is_flow
        """,
        "flow": f"select campaign_id as id, name, started_at as created, {GONE} from form.mailings where is_flow",
    },
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_by_way_of_forms(connection, f"klaviyo_{loader}", BRANDS, forms, SHAPES[loader])


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table."""
    gone = "case when deleted_at is not null then loaded_at end as deleted_at"
    return {
        "customers": f"""
            select * replace (null as segment, null as acquisition_source, null as is_test, {gone})
            from contract.customers
        """,
        "touchpoints": f"""
            select * replace (null as anonymous_id, null as email, null as utm_source, null as utm_medium, null as utm_campaign,
                null as referrer, null as landing_page, case touch_type when 'email_opened' then is_bot end as is_bot, {gone})
            from ({EMAILS})
        """,
        "engagements": f"""
            select * replace (null as anonymous_id, null as email, 'email' as channel, case engagement_type when 'email_clicked' then is_bot end as is_bot, {gone}) from ({CLICKS})
        """,
        "carts": f"""
            select * replace (null as anonymous_id, null as updated_at, 'checkout' as last_step, null as order_id, null as is_bot, {gone})
            from ({CHECKOUTS})
        """,
        "campaigns": f"""
            select * replace ('klaviyo' as platform, null as objective, null as ended_at, null as parent_campaign_id, {gone})
            from contract.campaigns where channel = 'email'
        """,
    }  # fmt: skip
