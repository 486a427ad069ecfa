-- One row per scope (channel, all), month and channel with spend on advertising, in the reporting currency: what the
-- customers whose first purchase falls in the month have cost. Months of a brand before its first report are not known.
with

spend as (
    select
        brand,
        {{ period_start('month', 'date_day') }} as cohort_month,
        channel,
        spend_amount
    from {{ ref('int_channel_spend_daily') }}
    where spend_amount is not null
),

int_cohort_acquisition_costs as (
    {% for scope in ['channel', 'all'] %}
    select
        '{{ scope }}' as scope,
        brand,
        cohort_month,
        {{ 'channel' if scope == 'channel' else "'all'" }} as acquisition_channel,
        cast(sum(spend_amount) as decimal(18, 2)) as acquisition_cost
    from spend
    group by brand, cohort_month{{ ', channel' if scope == 'channel' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_cohort_acquisition_costs
