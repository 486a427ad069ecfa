-- One row per month, channel and attribution model, the platforms' own claims standing beside as a model of theirs: what the
-- model credits the channel with, and what the channel cost. Each model has the whole cost.
{# of as many digits as credits have; without it a union may round them to those of another column #}
{% set shares = 'decimal(24, 9)' %}
with

credits as (
    select
        brand,
        {{ period_start('month', 'converted_date') }} as month_date,
        channel,
        model,
        cast(sum(credit) as {{ shares }}) as conversions,
        cast(sum(case when is_first_purchase then credit else 0 end) as {{ shares }}) as first_conversions,
        cast(sum(case when is_first_purchase then 0 else credit end) as {{ shares }}) as repeat_conversions,
        sum(credited_amount) as credited_revenue_amount
    from {{ ref('attribution_credits') }}
    group by brand, {{ period_start('month', 'converted_date') }}, channel, model
),

models as (
    select distinct
        brand,
        model
    from credits
),

costs as (
    select
        brand,
        {{ period_start('month', 'date_day') }} as month_date,
        channel,
        sum(spend_amount) as spend_amount,
        sum(platform_conversions) as platform_conversions
    from {{ ref('int_channel_spend_daily') }}
    group by brand, {{ period_start('month', 'date_day') }}, channel
),

rows_of_both as (
    select
        brand,
        month_date,
        channel,
        model,
        conversions,
        first_conversions,
        repeat_conversions,
        credited_revenue_amount,
        0 as spend_amount
    from credits

    union all

    select
        costs.brand,
        costs.month_date,
        costs.channel,
        models.model,
        cast(0 as {{ shares }}) as conversions,
        cast(0 as {{ shares }}) as first_conversions,
        cast(0 as {{ shares }}) as repeat_conversions,
        0 as credited_revenue_amount,
        costs.spend_amount
    from costs
    inner join models on costs.brand = models.brand

    union all

    select
        brand,
        month_date,
        channel,
        'platform_claimed' as model,
        cast(coalesce(platform_conversions, 0) as {{ shares }}) as conversions,
        cast(null as {{ shares }}) as first_conversions,
        cast(null as {{ shares }}) as repeat_conversions,
        null as credited_revenue_amount,
        spend_amount
    from costs
),

int_attribution_channel_totals as (
    select
        brand,
        month_date,
        channel,
        model,
        sum(conversions) as conversions,
        sum(first_conversions) as first_conversions,
        sum(repeat_conversions) as repeat_conversions,
        sum(credited_revenue_amount) as credited_revenue_amount,
        coalesce(sum(spend_amount), 0) as spend_amount
    from rows_of_both
    group by brand, month_date, channel, model
)

select * from int_attribution_channel_totals
