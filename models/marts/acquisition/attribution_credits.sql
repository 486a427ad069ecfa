-- One row per conversion, attribution model and touch that the model credits with it; a conversion that no touch came before
-- has one row per model without a touch. Credits are shared out in units of 0.000000001, amounts in cents. Numbers alone are
-- shared out: ids and names join what came of it, since windows over them would take half as long again.
{% set path = 'customer_key, conversion_number, model' %}
{% set conversion = 'conversions.brand, conversions.conversion_type, conversions.conversion_id, conversions.customer_id, '
    ~ 'conversions.converted_at, conversions.converted_date, conversions.is_first_purchase' %}
{% set currency = "cast('" ~ setting('reporting_currency') | upper ~ "' as " ~ text_type() ~ ') as currency' %}
with

conversions as (
    select conversions.*, customers.customer_id, cast(round(conversions.revenue_amount * 100) as bigint) as revenue_cents
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
    select weights.*, conversions.revenue_cents, 1000000000 as credit_units
    from {{ ref('customer_lifecycle', 'int_attribution_weights') }} as weights
    inner join conversions
        on weights.customer_key = conversions.customer_key and weights.conversion_number = conversions.conversion_number
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

parts as (
    select {{ path }}, touch_number, credit, cents from amounts

    union all

    select {{ path }}, touch_number, credit_units, revenue_cents from weights
    where has_all_credit
),

unattributed as (
    select conversions.*
    from conversions
    left join {{ ref('customer_lifecycle', 'int_attribution_paths') }} as paths
        on
            conversions.customer_key = paths.customer_key and conversions.conversion_number = paths.conversion_number
            and paths.touch_number = 1
    where paths.customer_key is null
),

attribution_credits as (
    select
        {{ conversion }},
        paths.touchpoint_id, paths.channel, paths.campaign_id, parts.model,
        cast(cast(parts.credit as decimal(18, 0)) * cast(0.000000001 as decimal(10, 9)) as decimal(18, 9)) as credit,
        cast(cast(parts.cents as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as credited_amount,
        {{ currency }}
    from parts
    inner join {{ ref('customer_lifecycle', 'int_attribution_paths') }} as paths
        on
            parts.customer_key = paths.customer_key and parts.conversion_number = paths.conversion_number
            and parts.touch_number = paths.touch_number
    inner join conversions
        on parts.customer_key = conversions.customer_key and parts.conversion_number = conversions.conversion_number

    union all

    select
        {{ conversion }},
        cast(null as {{ text_type() }}) as touchpoint_id, 'unattributed' as channel,
        cast(null as {{ text_type() }}) as campaign_id, models.model, cast(1 as decimal(18, 9)) as credit,
        cast(conversions.revenue_amount as decimal(18, 2)) as credited_amount, {{ currency }}
    from unattributed as conversions
    cross join models
)

select * from attribution_credits
