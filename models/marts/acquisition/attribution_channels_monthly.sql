-- One row per month, channel and attribution model: what the model credits the channel with, against what it cost.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

totals as (
    select * from {{ ref('int_attribution_channel_totals') }}
),

cost_brands as (
    select distinct brand from {{ ref('int_channel_spend_daily') }}
),

attributions as (
    select
        totals.brand,
        totals.month_date,
        totals.channel,
        totals.model,
        totals.conversions,
        totals.first_conversions,
        totals.repeat_conversions,
        totals.credited_revenue_amount,
        -- what is not attributed has cost nothing that anybody could know of
        case when cost_brands.brand is not null and totals.channel <> 'unattributed' then totals.spend_amount end
            as spend_amount,
        {{ add_months('totals.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from totals
    cross join as_of
    left join cost_brands on totals.brand = cost_brands.brand
),

attribution_channels_monthly as (
    select
        brand,
        month_date,
        channel,
        model,
        cast(conversions as decimal(24, 9)) as conversions,
        cast(first_conversions as decimal(24, 9)) as first_conversions,
        cast(repeat_conversions as decimal(24, 9)) as repeat_conversions,
        cast(credited_revenue_amount as decimal(18, 2)) as credited_revenue_amount,
        cast(spend_amount as decimal(18, 2)) as spend_amount,
        case when is_mature then {{ ratio_of('credited_revenue_amount', 'spend_amount') }} end as roas,
        case when is_mature then {{ ratio_of('spend_amount', 'first_conversions') }} end as customer_acquisition_cost,
        is_mature
    from attributions
)

select * from attribution_channels_monthly
