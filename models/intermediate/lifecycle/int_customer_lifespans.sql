-- Step 1, summed up. One row per customer with events: its first known day, the day it left the population, since when it is
-- a customer for good, whether its purchases or subscriptions ever change in retrospect, and the thresholds of its segment.
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
with

events as (
    select events.*
    from {{ ref('customer_lifecycle', 'int_customer_events') }} as events
    {{ join_current_build('events') }}
),

histories as (
    select
        customer_key,
        min(known_from) as first_known_date,
        -- a purchase that is never reversed ends the prospect's life once and for all
        min(case when event_kind = 'purchase' and known_until = {{ end_of_time() }} then known_from end)
            as customer_for_good_date,
        max(case
            when
                event_kind in ('purchase', 'active_subscription')
                and (known_from > event_date or known_until < {{ end_of_time() }})
                then 1
            else 0
        end) = 1 as is_revised
    from events
    group by customer_key
),

int_customer_lifespans as (
    select
        histories.customer_key,
        histories.first_known_date,
        coalesce(histories.customer_for_good_date, {{ end_of_time() }}) as customer_for_good_date,
        coalesce(customers.merged_date, {{ end_of_time() }}) as merged_date,
        histories.is_revised,
        {% for name in threshold_names() %}
        thresholds.{{ name }},
        {% endfor %}
        current_build.build_number as computed_in_build
    from histories
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on histories.customer_key = customers.customer_key
    inner join {{ seed('lifecycle_thresholds') }} as thresholds on customers.threshold_segment = thresholds.segment
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
)

select * from int_customer_lifespans
