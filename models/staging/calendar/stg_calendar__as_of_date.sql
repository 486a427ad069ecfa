-- One row: the last day that is published.
{{ config(materialized='table') }}

{%- set as_of_date = setting('as_of_date') %}
{#- tables whose rows are events, with the date on which they happen and, where there are several, their type #}
{%- set events = [
    ('touchpoints', 'occurred_date', 'touch_type'),
    ('engagements', 'occurred_date', 'engagement_type'),
    ('carts', 'created_date', none),
    ('survey_responses', 'responded_date', none),
    ('reviews', 'published_date', none),
] %}

with

{% if as_of_date -%}
stg_calendar__as_of_date as (
    select cast('{{ as_of_date }}' as date) as as_of_date
)
{%- else -%}
event_types as (
    select * from {{ ref('event_types') }}
),

orders as (
    select max(ordered_date) as last_date
    from {{ ref('base_shop__orders') }}
    where
        rejection_reason is null
        and is_engagement
),

{% for table, date_column, type_column in events -%}
{{ table }}_rows as (
    select
        {{ table }}.*,
        '{{ table }}' as source_table
    from {{ ref(base_model(table)) }} as {{ table }}
    where {{ table }}.rejection_reason is null
),

{{ table }} as (
    select max({{ table }}_rows.{{ date_column }}) as last_date
    from {{ table }}_rows
    left join event_types
        on
            {{ table }}_rows.source_table = event_types.source_table
            {%- if type_column %}
            and {{ table }}_rows.{{ type_column }} = event_types.event_type
            {%- endif %}
    where coalesce(event_types.event_class, 'touchpoint') <> 'none'
),

{% endfor -%}
trials as (
    select max(trial_started_date) as last_date
    from {{ ref('base_billing__subscriptions') }}
    where rejection_reason is null
),

coverages as (
    select max(started_date) as last_date
    from {{ ref('base_billing__subscriptions') }}
    where
        rejection_reason is null
        and started_at <= coalesce(loaded_at, {{ build_started_at() }})
),

affiliate_sales as (
    select max(affiliate_sales.occurred_date) as last_date
    from {{ ref('base_referral__affiliate_sales') }} as affiliate_sales
    inner join {{ ref('base_shop__orders') }} as affiliate_orders
        on
            affiliate_sales.brand = affiliate_orders.brand
            and affiliate_sales.order_id = affiliate_orders.order_id
    where
        affiliate_sales.rejection_reason is null
        and affiliate_sales.affiliate_customer_id is not null
        and affiliate_orders.rejection_reason is null
),

last_dates as (
    select last_date from orders
    {%- for table in [
        'touchpoints', 'engagements', 'carts', 'survey_responses', 'reviews', 'trials', 'coverages', 'affiliate_sales',
    ] %}
    union all
    select last_date from {{ table }}
    {%- endfor %}
),

stg_calendar__as_of_date as (
    select max(last_date) as as_of_date from last_dates
)
{%- endif %}

select * from stg_calendar__as_of_date
