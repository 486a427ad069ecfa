-- One row per row of touchpoints, engagements and carts that comes from a machine without a mark. The device was a bot when
-- it was first seen, or a click in a mail came too soon after the mail, or too many clicks at once, for a person.
{{ config(materialized='table') }}
{% set clicks = 'partition by brand, recipient, mail order by occurred_at, source_table, record_key' %}
{% set device = 'partition by brand, anonymous_id' %}
{% set seconds = setting('scanner_click_seconds') | int %}
{% set no_email = 'cast(null as ' ~ text_type() ~ ')' %}
{% set tables = {
    'touchpoints': ['email_person_id', 'occurred_at'], 'engagements': ['email_person_id', 'occurred_at'],
    'carts': [no_email, 'created_at'],
} %}
with

{% for table, columns in tables.items() -%}
{{ table }} as (
    select *, '{{ table }}' as source_table, {{ columns[0] }} as given_email, {{ columns[1] }} as happened_at
    from {{ ref('customer_lifecycle', base_model(table)) }}
),

{% endfor -%}
bots as (
    {% for table in tables %}
    select brand, anonymous_id
    from {{ table }}
    where rejection_reason = 'bot_traffic' and anonymous_id is not null and customer_id is null and given_email is null
    {{ union_distinct() if not loop.last }}
    {% endfor %}
),

device_rows as (
    {% for table in tables %}
    select
        events.source_table, events.brand, events.anonymous_id, events.record_key, events.main_date, events.happened_at,
        events.rejection_reason is not null as is_rejected,
        events.customer_id is null and events.given_email is null as is_lone,
        coalesce(not events.is_bot, false) as is_no_bot
    from {{ table }} as events
    inner join bots on events.brand = bots.brand and events.anonymous_id = bots.anonymous_id
    where events.rejection_reason is null or events.rejection_reason = 'bot_traffic'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

dated_rows as (
    select
        *,
        min(case when is_rejected and is_lone then main_date end) over ({{ device }}) as bot_from_date,
        min(case when is_rejected and is_lone then happened_at end) over ({{ device }}) as bot_from_at,
        -- a cart is of the visitor of the visits
        min(case when not is_rejected and source_table <> 'carts' then happened_at end) over ({{ device }}) as seen_from_at
    from device_rows
),

{% if seconds > 0 -%}
mails as (
    {% for table, type in {'touchpoints': 'touch_type', 'engagements': 'engagement_type'}.items() %}
    select
        source_table, brand, record_key, {{ type }} as mail_event, occurred_at,
        coalesce(email_person_id, person_id) as recipient,
        coalesce(
            {{ origin_name('campaign_id') }}{{ ", landing_campaign_id, utm_campaign" if table == 'touchpoints' }}, ''
        ) as mail
    from {{ table }}
    where rejection_reason is null and {{ type }} in ('email_delivered', 'email_sent', 'email_clicked', 'email_click')
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

clicks as (
    select
        *,
        lag(occurred_at, 2) over ({{ clicks }}) as second_last_at, lag(occurred_at, 1) over ({{ clicks }}) as last_at,
        lead(occurred_at, 1) over ({{ clicks }}) as next_at, lead(occurred_at, 2) over ({{ clicks }}) as second_next_at
    from mails
    where recipient is not null and mail_event in ('email_clicked', 'email_click')
),

scanner_clicks as (
    select clicks.source_table, clicks.brand, clicks.record_key
    from clicks
    inner join mails
        on
            clicks.brand = mails.brand and clicks.recipient = mails.recipient and clicks.mail = mails.mail
            and clicks.occurred_at >= mails.occurred_at
            and {{ seconds_between('mails.occurred_at', 'clicks.occurred_at') }} <= {{ seconds }}
    where mails.mail_event in ('email_delivered', 'email_sent')
    {{ union_distinct() }}
    -- three links of one mail
    select source_table, brand, record_key
    from clicks
    where
        {{ seconds_between('second_last_at', 'occurred_at') }} <= {{ seconds }}
        or {{ seconds_between('last_at', 'next_at') }} <= {{ seconds }}
        or {{ seconds_between('occurred_at', 'second_next_at') }} <= {{ seconds }}
),

{% endif -%}
stg_marketing__machine_rows as (
    select source_table, brand, record_key
    from dated_rows
    where
        not is_rejected and is_lone and not is_no_bot
        and main_date >= bot_from_date
        and (seen_from_at is null or seen_from_at >= bot_from_at)
    {%- if seconds > 0 %}
    {{ union_distinct() }}
    select source_table, brand, record_key from scanner_clicks
    {%- endif %}
)

select * from stg_marketing__machine_rows
