-- One row per conversion, attribution model and touch that the model credits with it; a conversion that no touch came before
-- has one row per model without a touch. Credits are shared out in units of 0.000000001, amounts in cents.
{% set path = 'brand, conversion_type, conversion_id, model' %}
{% set conversion = 'brand, conversion_type, conversion_id, customer_id, converted_at, converted_date, is_first_purchase' %}
{% set currency = "cast('" ~ setting('reporting_currency') | upper ~ "' as " ~ text_type() ~ ') as currency' %}
with

conversions as (
    select conversions.*, customers.customer_id
    from {{ ref('customer_lifecycle', 'int_conversions') }} as conversions
    left join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on conversions.customer_key = customers.customer_key
),

models as (
    {% for model in attribution_models() %}
    select '{{ model }}' as model
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

weights as (
    select
        weights.*,
        conversions.customer_id, conversions.converted_at, conversions.converted_date, conversions.is_first_purchase,
        cast(round(conversions.revenue_amount * 100) as bigint) as revenue_cents, 1000000000 as credit_units
    from {{ ref('customer_lifecycle', 'int_attribution_weights') }} as weights
    inner join conversions
        on
            weights.brand = conversions.brand
            and weights.conversion_type = conversions.conversion_type
            and weights.conversion_id = conversions.conversion_id
),

-- two rows in three have nothing to share
divided as (
    select * from weights
    where not has_all_credit
),

{{ shared_out(
    'credits', rows='divided', units='credit_units', weight='weight', keys=path, order_by='touch_number', as='credit'
) }},

{{ shared_out(
    'amounts', rows='credits', units='revenue_cents', weight='credit', keys=path, order_by='touch_number', as='cents'
) }},

unattributed as (
    select conversions.*
    from conversions
    left join {{ ref('customer_lifecycle', 'int_attribution_paths') }} as paths
        on
            conversions.brand = paths.brand
            and conversions.conversion_type = paths.conversion_type
            and conversions.conversion_id = paths.conversion_id
            and paths.touch_number = 1
    where paths.conversion_id is null
),

attribution_credits as (
    select
        {{ conversion }}, touchpoint_id, channel, campaign_id, model,
        cast(cast(credit as decimal(18, 0)) * cast(0.000000001 as decimal(10, 9)) as decimal(18, 9)) as credit,
        cast(cast(cents as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as credited_amount,
        {{ currency }}
    from amounts

    union all

    select
        {{ conversion }}, touchpoint_id, channel, campaign_id, model,
        cast(1 as decimal(18, 9)) as credit,
        cast(cast(revenue_cents as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as credited_amount,
        {{ currency }}
    from weights
    where has_all_credit

    union all

    select
        {{ conversion }},
        cast(null as {{ text_type() }}) as touchpoint_id, 'unattributed' as channel,
        cast(null as {{ text_type() }}) as campaign_id,
        models.model, cast(1 as decimal(18, 9)) as credit,
        cast(unattributed.revenue_amount as decimal(18, 2)) as credited_amount, {{ currency }}
    from unattributed
    cross join models
)

select * from attribution_credits
