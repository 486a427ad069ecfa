-- One row per e-mail delivered, opened, clicked in or unsubscribed by, that counts at the as-of date: of which campaign, and
-- whose as the ids are stitched together then. Mailing tools send such events as touchpoints or as engagements.
{% set names = {
    'delivered': ['email_delivered', 'email_sent'],
    'opened': ['email_opened', 'email_open'],
    'clicked': ['email_clicked', 'email_click'],
    'unsubscribed': ['newsletter_unsubscribed', 'email_unsubscribed', 'email_unsubscribe'],
} %}
with

events as (
    {% for table, type in {'touchpoints': 'touch_type', 'engagements': 'engagement_type'}.items() %}
    select
        '{{ table }}' as source_table, brand, {{ table[:-1] }}_id as event_id, person_id, campaign_id,
        case
            {% for event, types in names.items() %}
            when {{ type }} in ('{{ types | join("', '") }}') then '{{ event }}'
            {% endfor %}
        end as email_event,
        occurred_at, occurred_date, deleted_date
    from {{ ref('customer_lifecycle', 'stg_marketing__' ~ table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

emails as (
    select * from events
    where email_event is not null
),

{{ origin_names('spellings', rows='emails', names={'named_campaign_id': 'campaign_id'}) }},

int_email_events as (
    select
        spellings.source_table, spellings.brand, spellings.event_id,
        -- a mail to a shared address is a mail, of no recipient that could be told apart
        case
            when shared_ids.person_id is null
                then coalesce(cast(identity_map.customer_key as {{ text_type() }}), 'unknown: ' || spellings.person_id)
        end as recipient,
        coalesce(campaigns.campaign_id, spellings.named_campaign_id, 'none') as campaign_id,
        spellings.email_event, spellings.occurred_at, spellings.occurred_date
    from spellings
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    left join {{ ref('customer_lifecycle', 'int_campaign_spellings') }} as campaigns
        on spellings.brand = campaigns.brand and spellings.named_campaign_id = campaigns.spelling
    {{ join_shared_ids('spellings', 'occurred_date') }}
    left join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on spellings.person_id = identity_map.person_id and identity_map.valid_to = {{ end_of_time() }}
    where {{ known_until('spellings.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
)

select * from int_email_events
