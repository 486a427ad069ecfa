-- One row: the last day that is published, which is the setting or else the last usable event. The events are read in
-- either case, so that the lineage, and with it what unit tests need, depends on no setting.
{{ config(materialized='table') }}
{%- set as_of_date = setting('as_of_date') and "cast('" ~ setting('as_of_date') ~ "' as date)" %}
with

event_types as (
    select * from {{ seed('event_types') }}
),

event_dates as (
    {% for source in event_sources() if source.event_class != 'none' %}
    select
        '{{ source.table }}' as source_table, {{ source.event_type }} as event_type,
        '{{ source.event_class }}' as event_class, max({{ source.date }}) as last_date
    from {{ ref('customer_lifecycle', 'base_' ~ source.folder ~ '__' ~ source.table) }}
    where rejection_reason is null and {{ source.only_if or 'true' }}
    group by 1, 2
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

subscription_starts as (
    select max(started_date) as last_date
    from {{ ref('customer_lifecycle', 'base_billing__subscriptions') }}
    where rejection_reason is null and started_at <= coalesce(loaded_at, {{ build_started_at() }})
),

affiliate_sales as (
    select max(affiliate_sales.occurred_date) as last_date
    from {{ ref('customer_lifecycle', 'base_referral__affiliate_sales') }} as affiliate_sales
    inner join {{ ref('customer_lifecycle', 'base_shop__orders') }} as orders
        on affiliate_sales.brand = orders.brand and affiliate_sales.order_id = orders.order_id
    where
        affiliate_sales.rejection_reason is null
        and affiliate_sales.affiliate_customer_id is not null
        and orders.rejection_reason is null
),

last_dates as (
    select event_dates.last_date
    from event_dates
    left join event_types
        on event_dates.source_table = event_types.source_table and event_dates.event_type = event_types.event_type
    where coalesce(event_types.event_class, event_dates.event_class) <> 'none'
    union all
    select last_date from subscription_starts
    union all
    select last_date from affiliate_sales
),

as_of_date as (
    select coalesce({{ as_of_date or 'cast(null as date)' }}, max(last_date)) as as_of_date from last_dates
)

select * from as_of_date
