-- Which stage leaks most?
-- One row per brand and stage, the worst leak first: of the customers who left the stage within the last 365 days, how
-- many went to churned or dormant (leaked_count), and how many of a hundred customers in the stage that is in thirty
-- days. Rates by time compare stages of different length; leaked_share tells how often leaving the stage means being
-- lost. Work where leaked_count and the rate are both high: a high rate of few people is worth little.
{% set days = 365 %}
with

last_days as (
    select brand, max(date_day) as last_day from {{ ref('customer_lifecycle', 'stage_funnel_daily') }}
    group by brand
),

presence as (
    select
        funnel.brand,
        funnel.stage,
        sum(funnel.closing_count) as customer_days
    from {{ ref('customer_lifecycle', 'stage_funnel_daily') }} as funnel
    inner join last_days
        on funnel.brand = last_days.brand and funnel.date_day > {{ add_days('last_days.last_day', -days) }}
    group by funnel.brand, funnel.stage
),

exits as (
    select
        transitions.brand,
        transitions.from_stage,
        sum(transitions.transition_count) as exited_count,
        sum(case when transitions.to_stage in ('churned', 'dormant') then transitions.transition_count else 0 end)
            as leaked_count
    from {{ ref('customer_lifecycle', 'stage_transitions_daily') }} as transitions
    inner join last_days
        on transitions.brand = last_days.brand and transitions.date_day > {{ add_days('last_days.last_day', -days) }}
    group by transitions.brand, transitions.from_stage
),

leaks as (
    select
        presence.brand,
        presence.stage,
        presence.customer_days,
        coalesce(exits.exited_count, 0) as exited_count,
        coalesce(exits.leaked_count, 0) as leaked_count,
        {{ ratio_of('exits.leaked_count', 'exits.exited_count') }} as leaked_share,
        {{ ratio_of('100 * 30 * coalesce(exits.leaked_count, 0)', 'presence.customer_days') }}
            as leaked_per_100_customers_in_30_days
    from presence
    left join exits on presence.brand = exits.brand and presence.stage = exits.from_stage
    where presence.stage not in ('churned', 'dormant')
)

select * from leaks
order by brand asc, leaked_per_100_customers_in_30_days desc, stage asc
