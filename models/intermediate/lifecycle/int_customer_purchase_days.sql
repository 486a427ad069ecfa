-- One row per customer, date with a purchase, and unbroken period [valid_from, valid_to) in which at least one of that
-- date's purchases counts. Several purchases on one date are one purchase date.
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
with

purchases as (
    select
        events.customer_key,
        events.event_date as purchase_date,
        events.known_from as starts_on,
        events.known_until as ends_on
    from {{ ref('customer_lifecycle', 'int_customer_events') }} as events
    {{ join_current_build('events') }}
    where events.event_kind = 'purchase'
),

{{ merged_windows('merged_periods', windows='purchases', keys=['customer_key', 'purchase_date']) }},

int_customer_purchase_days as (
    select
        customer_key,
        purchase_date,
        starts_on as valid_from,
        ends_on as valid_to,
        row_number() over (partition by customer_key order by purchase_date, starts_on) as purchase_number
    from merged_periods
)

select * from int_customer_purchase_days
