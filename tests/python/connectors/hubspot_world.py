"""The generator's world as HubSpot would hold it, and as each loader would land it: the mapping of the connector, backwards.

As in ``shopify_world``: ``write`` makes the schemas, ``expected`` says what must come back, ``UNSAYABLE`` why that is not all.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator

import duckdb
from stores import write_by_way_of_forms

BRANDS = ("default", "atelier")
LOADERS = ("fivetran", "airbyte", "dlt")
OPTIONS = {"orders": True}  # won deals are orders only where the var says so

NO_CONTACT = "who is no contact has no row there"
UNSAYABLE = {
    "customers": {
        "segment": "no such thing",
        "is_test": "no such thing",
        "marketing_consent": "who has not opted out has not agreed by that",
        "deleted_at": "gone since the load that found it gone",
    },
    "identity_links": {
        "*": "merges of two contacts alone, once for each, and for good",
        "link_id": "a merge has no id",
        "linked_at": "one of the two lists of a contact has no times",
        "loaded_at": "of the contact whose list it is",
        "deleted_at": "a merge is for good",
    },
    "touchpoints": {
        "*": "marketing e-mails that were delivered or opened",
        "customer_id": "an e-mail has an address",
        "email": "an e-mail always has an address",
        "anonymous_id": "no such thing",
        "utm_source": "the campaign says it",
        "utm_medium": "the campaign says it",
        "utm_campaign": "the campaign says it",
        "landing_page": "no such thing",
    },
    "engagements": {
        "*": "clicks, forms of contacts, and answers to mailings; each with an address",
        "engagement_id": "forms have ids of their own",
        "customer_id": "an e-mail has an address",
        "email": "an e-mail always has an address; a form has its contact",
        "anonymous_id": "no such thing",
        "channel": "of an e-mail always email",
        "campaign_id": "of a form no such thing",
        "is_bot": "of a form no such thing",
    },
    "support_tickets": {
        "email": "stands at the contact",
        "reopened_count": "only in the history of properties",
    },
    "campaigns": {
        "*": "e-mails alone",
        "platform": "always hubspot",
        "objective": "no such thing",
        "started_at": "not in this table",
        "ended_at": "not in this table",
        "parent_campaign_id": "no such thing",
    },
    "orders": {
        "*": "deals that were not won, or merged into others, are no orders",
        "customer_id": NO_CONTACT,
        "email": "stands at the contact",
        "status": "won, and nothing after that",
        "subtotal_amount": "a deal has one amount",
        "discount_amount": "a deal has one amount",
        "shipping_amount": "a deal has one amount",
        "tax_amount": "a deal has one amount",
        "gift_card_amount": "no such thing",
        "cancelled_at": "no such thing",
        "cart_id": "no such thing",
        "discount_code": "no such thing",
        "affiliate_id": "no such thing",
        "sales_channel": "no such thing",
        "is_test": "no such thing",
        "deleted_at": "gone since the load that found it gone",
    },
}
UNSAYABLE_BY_LOADER = {
    "fivetran": {},
    "airbyte": {
        "touchpoints": {"deleted_at": "not in this stream"},
        "engagements": {"deleted_at": "not in this stream"},
    },
    "dlt": {
        "support_tickets": {"customer_id": NO_CONTACT}
    },  # e-mails, forms and campaigns are not in this source at all
}

WITH_ADDRESS = """
    select e.* replace (coalesce(e.email, c.email) as email)
    from contract.{0} as e left join contract.customers as c using (brand, customer_id)
    where coalesce(e.email, c.email) is not null
"""
EMAILS = f"select * from ({WITH_ADDRESS.format('touchpoints')}) where touch_type in ('email_delivered', 'email_opened')"
ANSWERS = "('email_clicked', 'newsletter_subscribed', 'newsletter_unsubscribed')"
CLICKS = f"select * from ({WITH_ADDRESS.format('engagements')}) where engagement_type in {ANSWERS}"
FORMS = "select * from contract.engagements where engagement_type = 'lead_form' and customer_id is not null"
# one statement by contact; every third stands in the audit, every third in a list with times, every third in one without
MERGES = """
    select *, row_number() over (order by brand, link_id) % 3 as kind from (
        select distinct on (brand, id_value) * from contract.identity_links
        where id_type = 'customer_id' and deleted_at is null order by brand, id_value, linked_at
    )
"""
WON = "select * from contract.orders where status is null or status not in ('failed', 'draft', 'voided', 'pending')"


def forms() -> Iterator[tuple[str, str]]:
    """HubSpot's own tables of one brand ($brand)."""
    yield (
        "contacts",
        f"""
        with lists as (
            select customer_id, string_agg(id_value || ':' || epoch_ms(linked_at), ';') filter (kind <> 2) as calculated,
                string_agg(id_value, ';') as merged
            from ({MERGES}) where brand = $brand group by customer_id
        )
        select c.*, calculated, merged from contract.customers as c left join lists using (customer_id) where brand = $brand
        """,
    )
    yield ("merges", f"select * from ({MERGES}) where kind = 0 and brand = $brand")
    # beside what counts there are other events, which do not
    yield (
        "email_events",
        f"""
        select touchpoint_id as id, case touch_type when 'email_opened' then 'OPEN' else 'DELIVERED' end as type, occurred_at as created,
            email as recipient, campaign_id, is_bot, loaded_at, deleted_at
        from ({EMAILS}) where brand = $brand
        union all
        select engagement_id, case engagement_type when 'email_clicked' then 'CLICK' else 'STATUSCHANGE' end, occurred_at,
            email, campaign_id, is_bot, loaded_at, deleted_at
        from ({CLICKS}) where brand = $brand
        union all
        select touchpoint_id || '-' || type, type, occurred_at, email, campaign_id, false, loaded_at, deleted_at
        from ({EMAILS}) cross join (values ('SENT'), ('PROCESSED'), ('BOUNCE'), ('STATUSCHANGE')) as noise (type) where brand = $brand
        """,
    )
    yield (
        "changes",
        f"""
        select engagement_id as id, upper(replace(engagement_type, 'newsletter_', '')) as portal_subscription_status, loaded_at
        from ({CLICKS}) where brand = $brand and engagement_type <> 'email_clicked'
        """,
    )
    yield (
        "campaigns",
        "select campaign_id as id, name, loaded_at, deleted_at from contract.campaigns where channel = 'email' and brand = $brand",
    )
    yield ("submissions", f"select * from ({FORMS}) where brand = $brand")
    yield ("tickets", "select * from contract.support_tickets where brand = $brand")
    # won by its own property, or by its stage; every fifth was merged into another deal as well
    yield (
        "deals",
        f"""
        select *, customer_id in (select customer_id from contract.customers where brand = $brand) as has_contact,
            order_id in (select order_id from ({WON}) where brand = $brand) as is_won,
            row_number() over (order by order_id) as place
        from contract.orders where brand = $brand
        """,
    )


SYNCED = "loaded_at as _fivetran_synced"
EXTRACTED = "timezone('UTC', loaded_at) as _airbyte_extracted_at"
LOAD = "cast(epoch(loaded_at) as varchar) as _dlt_load_id"
ISO = "strftime({0}, '%Y-%m-%dT%H:%M:%S.000Z')"
GONE = f"deleted_at is not null as _fivetran_deleted, {SYNCED}"
SHAPES = {
    "fivetran": {
        "contact": f"""
            select cast(customer_id as bigint) as id, email as property_email, phone as property_phone, first_name as property_firstname,
                last_name as property_lastname, country_code as property_country, city as property_city,
                upper(acquisition_source) as property_hs_analytics_source, marketing_consent = false as property_hs_email_optout,
                case when marketing_consent then 'true' end as property_hs_marketable_status,
                calculated as property_hs_calculated_merged_vids, merged as property_hs_merged_object_ids,
                created_at as property_createdate, updated_at as property_lastmodifieddate, {GONE}
            from form.contacts
        """,
        "contact_merge_audit": f"""
            select cast(customer_id as bigint) as canonical_vid, cast(customer_id as bigint) as contact_id,
                cast(id_value as bigint) as vid_to_merge, linked_at as timestamp, {SYNCED}
            from form.merges
        """,
        "email_event": f"""
            select id, type, created, recipient, campaign_id as email_campaign_id, is_bot as filtered_event, {GONE} from form.email_events
        """,
        "email_event_status_change": f"select * exclude (loaded_at), {SYNCED} from form.changes",
        "email_campaign": f"select id, name, 'no name' as subject, {GONE} from form.campaigns",
        "contact_form_submission": f"""
            select cast(customer_id as bigint) as contact_id, 'f1' as form_id, engagement_id as conversion_id, occurred_at as timestamp,
                {GONE} from form.submissions
        """,
        "ticket": f"""
            select ticket_id as id, created_at as property_createdate, category as property_hs_ticket_category,
                first_response_at as property_first_agent_reply_date, resolved_at as property_closed_date,
                deleted_at is not null as is_deleted, {SYNCED}
            from form.tickets
        """,
        "ticket_contact": f"""
            select ticket_id, cast(customer_id as bigint) + n as contact_id, {SYNCED}
            from form.tickets cross join range(2) as others (n) where customer_id is not null
        """,
        "deal": f"""
            select order_id as deal_id, 's' || place % 2 || is_won as deal_pipeline_stage_id, total_amount as property_amount,
                currency as property_deal_currency_code, ordered_at as property_closedate, updated_at as property_hs_lastmodifieddate,
                case when place % 2 = 1 then is_won end as property_hs_is_closed_won, deleted_at is not null as is_deleted, {SYNCED}
            from form.deals
            union all
            select 'merged-' || order_id, 's1true', total_amount, currency, ordered_at, updated_at, true, false, loaded_at
            from form.deals where place % 5 = 0
        """,
        "merged_deal": f"""
            select order_id as deal_id, 'merged-' || order_id as merged_deal_id, {SYNCED} from form.deals where place % 5 = 0
        """,
        "deal_contact": f"""
            select order_id as deal_id, cast(customer_id as bigint) as contact_id, {SYNCED} from form.deals where has_contact
        """,
        "deal_pipeline_stage": """
            select distinct 's' || place % 2 || is_won as stage_id, is_won or place % 2 = 0 as is_closed,
                case when is_won then 1 else 0 end as probability, timestamp '2024-01-01' as _fivetran_synced
            from form.deals
        """,
    },
    "airbyte": {
        "contacts": f"""
            select customer_id as id, email as properties_email, phone as properties_phone, first_name as properties_firstname,
                json_object('lastname', last_name, 'country', country_code, 'city', city, 'hs_analytics_source', upper(acquisition_source),
                    'hs_email_optout', cast(marketing_consent = false as varchar),
                    'hs_marketable_status', case when marketing_consent then 'true' end) as properties,
                calculated as properties_hs_calculated_merged_vids, merged as properties_hs_merged_object_ids,
                {ISO.format("created_at")} as properties_createdate, {ISO.format("updated_at")} as "updatedAt",
                deleted_at is not null as archived, {EXTRACTED}
            from form.contacts
        """,
        "contacts_merged_audit": f"""
            select cast(customer_id as bigint) as "canonical-vid", cast(id_value as bigint) as "vid-to-merge",
                epoch_ms(linked_at) as timestamp, {EXTRACTED}
            from form.merges
        """,
        "email_events": f"""
            select e.id, type, epoch_ms(created) as created, recipient, campaign_id as "emailCampaignId", is_bot as "filteredEvent",
                portal_subscription_status as "portalSubscriptionStatus", {EXTRACTED.replace("loaded_at", "e.loaded_at", 1)}
            from form.email_events as e left join form.changes using (id)
        """,
        "campaigns": f"select id, name, {EXTRACTED} from form.campaigns",
        "contacts_form_submissions": f"""
            select cast(customer_id as bigint) as canonical_vid, 'f1' as form_id, engagement_id as conversion_id,
                epoch_ms(occurred_at) as timestamp, {EXTRACTED}
            from form.submissions
        """,
        "tickets": f"""
            select ticket_id as id, {ISO.format("created_at")} as properties_createdate, category as properties_hs_ticket_category,
                json_object('first_agent_reply_date', {ISO.format("first_response_at")}, 'closed_date', {ISO.format("resolved_at")}) as properties,
                case when customer_id is not null then json_array(customer_id, '99999999') end as contacts, false as archived, {EXTRACTED}
            from form.tickets
        """,
        "deals": f"""
            select order_id as id, json_object('amount', cast(total_amount as varchar), 'deal_currency_code', currency,
                    'dealstage', 's' || place % 2 || is_won, 'hs_is_closed_won', case when place % 2 = 1 then cast(is_won as varchar) end)
                    as properties,
                {ISO.format("ordered_at")} as properties_closedate, {ISO.format("updated_at")} as properties_hs_lastmodifieddate,
                case when has_contact then json_array(cast(customer_id as bigint)) end as contacts,
                deleted_at is not null as archived, {EXTRACTED}
            from form.deals
        """,
        "deal_pipelines": """
            select 'default' as "pipelineId", json_array(
                json_object('stageId', 's0true', 'metadata', json_object('isClosed', 'true', 'probability', '1.0')),
                json_object('stageId', 's0false', 'metadata', json_object('isClosed', 'true', 'probability', '0.0'))) as stages
        """,
    },
    "dlt": {
        "_dlt_loads": """
            select distinct cast(epoch(loaded_at) as varchar) as load_id, 0 as status, timezone('UTC', loaded_at) as inserted_at
            from (select loaded_at from form.contacts union select loaded_at from form.tickets union select loaded_at from form.deals)
        """,
        "contacts": f"""
            select customer_id as id, email, phone, first_name as firstname, last_name as lastname, country_code as country, city,
                upper(acquisition_source) as hs_analytics_source, marketing_consent = false as hs_email_optout,
                case when marketing_consent then true end as hs_marketable_status, calculated as hs_calculated_merged_vids,
                merged as hs_merged_object_ids, timezone('UTC', created_at) as createdate, timezone('UTC', updated_at) as lastmodifieddate,
                deleted_at is not null as is_deleted, {LOAD}, 'c' || customer_id as _dlt_id
            from form.contacts
        """,
        "tickets": f"""
            select ticket_id as id, timezone('UTC', created_at) as createdate, category as hs_ticket_category,
                timezone('UTC', first_response_at) as first_agent_reply_date, timezone('UTC', resolved_at) as closed_date, {LOAD}
            from form.tickets
        """,
        "contacts__tickets": """
            select customer_id as value, ticket_id as tickets_id, 'c' || customer_id as _dlt_parent_id from form.tickets
            where customer_id is not null
        """,
        "deals": f"""
            select order_id as id, total_amount as amount, currency as deal_currency_code, timezone('UTC', ordered_at) as closedate,
                timezone('UTC', updated_at) as hs_lastmodifieddate, 's' || place % 2 || is_won as dealstage,
                case when place % 2 = 1 then is_won end as hs_is_closed_won, deleted_at is not null as is_deleted, {LOAD}
            from form.deals
        """,
        "contacts__deals": """
            select customer_id as value, order_id as deals_id, 'c' || customer_id as _dlt_parent_id from form.deals where has_contact
        """,
        "pipelines_deals": "select 'default' as id, 'p' as _dlt_id, '0' as _dlt_load_id",
        "pipelines_deals__stages": """
            select 's0' || won as id, 'true' as metadata__is_closed, case won when 'true' then '1.0' else '0.0' end as metadata__probability,
                'p' as _dlt_parent_id
            from (values ('true'), ('false')) as stages (won)
        """,
    },
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_by_way_of_forms(connection, f"hubspot_{loader}", BRANDS, forms, SHAPES[loader])


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table."""
    gone = "case when deleted_at is not null then loaded_at end as deleted_at"
    event_gone = gone if loader == "fivetran" else "null as deleted_at"
    there = "true" if loader != "dlt" else "false"  # e-mails, forms and campaigns are not in dlt's source
    audited = "kind = 0" if loader != "dlt" else "false"
    return {
        "customers": f"""
            select * replace (null as segment, null as is_test, case when not marketing_consent then false when marketing_consent then true
                end as marketing_consent, {gone})
            from contract.customers
        """,
        "identity_links": f"""
            select m.* exclude (kind) replace ('merge-' || id_value as link_id,
                case when kind = 2 then greatest(one.created_at, other.created_at) else linked_at end as linked_at,
                case when {audited} then m.loaded_at else one.loaded_at end as loaded_at)
            from ({MERGES}) as m
            left join contract.customers as one on m.brand = one.brand and m.customer_id = one.customer_id
            left join contract.customers as other on m.brand = other.brand and m.id_value = other.customer_id
        """,
        "touchpoints": f"""
            select * replace (null as customer_id, null as anonymous_id, null as utm_source, null as utm_medium, null as utm_campaign,
                null as referrer, null as landing_page, {event_gone})
            from ({EMAILS}) where {there}
        """,
        "engagements": f"""
            select * replace (null as customer_id, null as anonymous_id, 'email' as channel, {event_gone}) from ({CLICKS}) where {there}
            union all by name
            select * replace ('form-' || engagement_id as engagement_id, null as anonymous_id, null as email, null as channel,
                null as campaign_id, null as is_bot, {event_gone})
            from ({FORMS}) where {there}
        """,
        "support_tickets": f"""
            select t.* replace ({"c" if loader == "dlt" else "t"}.customer_id as customer_id, null as email, null as reopened_count,
                case when t.deleted_at is not null then t.loaded_at end as deleted_at)
            from contract.support_tickets as t left join contract.customers as c using (brand, customer_id)
        """,
        "campaigns": f"""
            select * replace ('hubspot' as platform, null as objective, null as started_at, null as ended_at, null as parent_campaign_id,
                {gone})
            from contract.campaigns where channel = 'email' and {there}
        """,
        "orders": f"""
            select o.* replace (c.customer_id as customer_id, c.email as email, 'paid' as status, null as subtotal_amount,
                null as discount_amount, null as shipping_amount, null as tax_amount, null as gift_card_amount, null as cancelled_at,
                null as cart_id, null as discount_code, null as affiliate_id, null as sales_channel, null as is_test,
                case when o.deleted_at is not null then o.loaded_at end as deleted_at)
            from ({WON}) as o left join contract.customers as c using (brand, customer_id)
        """,
    }  # fmt: skip
