-- Identity 2 against customer-days, the slow way, which models must never take: headcounts at each day's end, and
-- entries, by stage and set of dimension values. Since the funnel is made of running sums, one lost transition shows on
-- every later day.
{% set grain = 'brand, date_day, stage, acquisition_channel, country_code, segment' %}
with

days as (
    select
        dimensions.brand,
        days.date_day,
        days.stage,
        dimensions.acquisition_channel,
        dimensions.country_code,
        dimensions.segment,
        case when days.is_stage_entry then 1 else 0 end as entered_count
    from {{ ref('customer_lifecycle', 'customer_stages_daily') }} as days
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers on days.customer_id = customers.customer_id
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on customers.customer_key = dimensions.customer_key
),

counted as (
    select
        {{ grain }},
        count(*) as closing_count,
        sum(entered_count) as entered_count
    from days
    group by {{ grain }}
),

both_counts as (
    select {{ grain }}, closing_count, entered_count, 0 as funnel_closing_count, 0 as funnel_entered_count
    from counted

    union all

    select
        {{ grain }},
        0 as closing_count,
        0 as entered_count,
        closing_count as funnel_closing_count,
        entered_count as funnel_entered_count
    from {{ ref('customer_lifecycle', 'stage_funnel_daily') }}
)

select {{ grain }}, sum(closing_count) as closing_count, sum(funnel_closing_count) as funnel_closing_count
from both_counts
group by {{ grain }}
having sum(closing_count) <> sum(funnel_closing_count) or sum(entered_count) <> sum(funnel_entered_count)
