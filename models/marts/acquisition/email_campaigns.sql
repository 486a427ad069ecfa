-- One row per month and campaign or flow by e-mail: what was delivered, opened, clicked and unsubscribed, what the
-- recipients did within the days after, and what the last touch credits the campaign with.
{% set window_days = setting('touchpoint_conversion_days') %}
{% set answers = ['opened', 'clicked', 'unsubscribed'] %}
{% set campaign = 'brand, month_date, campaign_id' %}
with

events as (
    select *, {{ period_start('month', 'occurred_date') }} as month_date
    from {{ ref('customer_lifecycle', 'int_email_events') }}
),

totals as (
    select
        {{ campaign }},
        {% for event in ['delivered'] + answers %}
        count(case when email_event = '{{ event }}' then 1 end) as {{ event }}_count,
        {% endfor %}
        count(distinct case when email_event = 'clicked' then recipient end) as clicker_count
    from events
    group by {{ campaign }}
),

recipients as (
    select {{ campaign }}, recipient, min(occurred_at) as delivered_at, min(occurred_date) as delivered_date
    from events
    where email_event = 'delivered' and recipient is not null
    group by {{ campaign }}, recipient
),

reactions as (
    select
        {% for event in answers %}
        max(case when events.email_event = '{{ event }}' then 1 else 0 end) as has_{{ event }},
        {% endfor %}
        recipients.brand,
        recipients.month_date,
        recipients.campaign_id,
        recipients.recipient
    from recipients
    left join events
        on
            recipients.brand = events.brand and recipients.campaign_id = events.campaign_id
            and recipients.recipient = events.recipient and recipients.delivered_at <= events.occurred_at
            and events.occurred_date <= {{ add_days('recipients.delivered_date', window_days) }}
    group by recipients.brand, recipients.month_date, recipients.campaign_id, recipients.recipient
),

reached as (
    select
        {% for event in answers %}
        sum(has_{{ event }}) as {{ event }}_recipient_count,
        {% endfor %}
        {{ campaign }},
        count(*) as recipient_count
    from reactions
    group by {{ campaign }}
),

credits as (
    select
        brand, {{ period_start('month', 'converted_date') }} as month_date, coalesce(campaign_id, 'none') as campaign_id,
        sum(credit) as conversions, sum(credited_amount) as credited_revenue_amount
    from {{ ref('customer_lifecycle', 'attribution_credits') }}
    where model = 'last_touch' and channel = 'email'
    group by brand, {{ period_start('month', 'converted_date') }}, coalesce(campaign_id, 'none')
),

months as (
    select {{ campaign }} from totals
    {{ union_distinct() }}
    select {{ campaign }} from credits
),

email_campaigns as (
    select
        months.brand, months.month_date, months.campaign_id,
        coalesce(campaigns.name, months.campaign_id) as campaign_name,
        {% for column in ['delivered_count', 'opened_count', 'clicked_count', 'unsubscribed_count', 'clicker_count'] %}
        coalesce(totals.{{ column }}, 0) as {{ column }},
        {% endfor %}
        cast(coalesce(reached.recipient_count, 0) as bigint) as recipient_count,
        {% for event in answers %}
        cast(coalesce(reached.{{ event }}_recipient_count, 0) as bigint) as {{ event }}_recipient_count,
        {% endfor %}
        {% for event in answers %}
        {{ ratio_of('reached.' ~ event ~ '_recipient_count', 'reached.recipient_count') }} as {{ event }}_rate,
        {% endfor %}
        {{ ratio_of('reached.clicked_recipient_count', 'reached.opened_recipient_count') }} as click_to_open_rate,
        cast(coalesce(credits.conversions, 0) as decimal(24, 9)) as conversions,
        cast(coalesce(credits.credited_revenue_amount, 0) as decimal(18, 2)) as credited_revenue_amount,
        {{ add_days(add_months('months.month_date', 1), window_days ~ ' - 1') }} <= as_of.as_of_date as is_mature,
        cast({{ window_days }} as integer) as window_days,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from months
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    {% for part in ['totals', 'reached', 'credits'] %}
    left join {{ part }}
        on
            months.brand = {{ part }}.brand and months.month_date = {{ part }}.month_date
            and months.campaign_id = {{ part }}.campaign_id
    {% endfor %}
    left join {{ ref('customer_lifecycle', 'stg_marketing__campaigns') }} as campaigns
        on months.brand = campaigns.brand and months.campaign_id = campaigns.campaign_id
)

select * from email_campaigns
