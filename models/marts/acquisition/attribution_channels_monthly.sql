-- One row per month, channel and attribution model, the platforms' own claims standing beside as a model of theirs: what the
-- model credits the channel with, against what the channel cost. Each model has the whole cost.
{# of as many digits as credits have; without it a union may round them to those of another column #}
{% set shares = 'decimal(24, 9)' %}
{% set has_ended = add_months('month_date', 1) ~ ' <= ' ~ add_days('as_of_date', 1) %}
{% set nothing = "case when models.model <> 'platform_claimed' then 0 end" %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

credits as (
    select
        brand, {{ period_start('month', 'converted_date') }} as month_date, channel, model,
        cast(credit as {{ shares }}) as conversions,
        cast(case when is_first_purchase then credit else 0 end as {{ shares }}) as first_conversions,
        cast(case when is_first_purchase then 0 else credit end as {{ shares }}) as repeat_conversions,
        credited_amount as credited_revenue_amount
    from {{ ref('customer_lifecycle', 'attribution_credits') }}
),

costs as (
    select
        brand, {{ period_start('month', 'date_day') }} as month_date, channel,
        sum(spend_amount) as spend_amount, sum(platform_conversions) as platform_conversions
    from {{ ref('customer_lifecycle', 'int_channel_spend_daily') }}
    group by brand, {{ period_start('month', 'date_day') }}, channel
),

models as (
    select distinct brand, model from credits
    union all
    select distinct brand, 'platform_claimed' as model from costs
),

amounts as (
    select credits.*, cast(0 as decimal(18, 2)) as spend_amount
    from credits

    union all

    select
        costs.brand, costs.month_date, costs.channel, models.model,
        cast(coalesce({{ nothing }}, costs.platform_conversions, 0) as {{ shares }}),
        cast({{ nothing }} as {{ shares }}), cast({{ nothing }} as {{ shares }}), cast({{ nothing }} as decimal(18, 2)),
        costs.spend_amount
    from costs
    inner join models on costs.brand = models.brand
),

totals as (
    select
        brand, month_date, channel, model,
        {% for amount in ['conversions', 'first_conversions', 'repeat_conversions'] %}
        cast(sum({{ amount }}) as {{ shares }}) as {{ amount }},
        {% endfor %}
        cast(sum(credited_revenue_amount) as decimal(18, 2)) as credited_revenue_amount,
        -- what is not attributed has no cost that is known, nor has anything where no costs are reported
        case
            when
                channel <> 'unattributed'
                and max(case when model = 'platform_claimed' then 1 else 0 end) over (partition by brand) = 1
                then cast(coalesce(sum(spend_amount), 0) as decimal(18, 2))
        end as spend_amount
    from amounts
    group by brand, month_date, channel, model
),

attribution_channels_monthly as (
    select
        totals.brand, totals.month_date, totals.channel, totals.model,
        totals.conversions, totals.first_conversions, totals.repeat_conversions,
        totals.credited_revenue_amount, totals.spend_amount,
        case when {{ has_ended }} then {{ ratio_of('credited_revenue_amount', 'spend_amount') }} end as roas,
        case when {{ has_ended }} then {{ ratio_of('nullif(spend_amount, 0)', 'first_conversions') }} end
            as customer_acquisition_cost,
        -- markov weighs the journeys of all days: a new journey changes what it credits of a past month
        {{ has_ended }} and totals.model <> 'markov' as is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from totals
    cross join as_of
)

select * from attribution_channels_monthly
