-- Identity 7: in every model and month, what is attributed and what is not add up to the cent to the revenue of the
-- orders of staging that still count, and to what subscriptions have accrued, if that is revenue; channel by channel as
-- in the credits.
with

orders as (
    select
        orders.brand,
        {{ period_start('month', 'orders.ordered_date') }} as month_date,
        round(
            greatest(
                orders.total_amount + coalesce(gift_cards.left_out_amount, 0) - coalesce(gift_cards.sold_amount, 0)
                - coalesce(orders.tax_amount, 0) - coalesce(orders.shipping_amount, 0),
                0
            ) * orders.reporting_rate,
            2
        ) as revenue_amount
    from {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
    inner join {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
        on orders.brand = amounts.brand and orders.order_id = amounts.order_id
    left join {{ ref('customer_lifecycle', 'int_order_gift_cards') }} as gift_cards
        on orders.brand = gift_cards.brand and orders.order_id = gift_cards.order_id
    where amounts.is_valid

    union all

    select
        entries.brand,
        {{ period_start('month', 'subscriptions.started_date') }} as month_date,
        entries.revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    inner join {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
        on entries.brand = subscriptions.brand and entries.source_row = subscriptions.subscription_id
    inner join {{ ref('customer_lifecycle', 'int_conversions') }} as conversions
        on
            subscriptions.brand = conversions.brand
            and subscriptions.subscription_id = conversions.conversion_id
            and conversions.conversion_type = 'subscription'
    where entries.source_table = 'subscriptions'
),

models as (
    {% for model in attribution_models() %}
    select '{{ model }}' as model
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

differences as (
    select
        brand,
        month_date,
        'all' as channel,
        model,
        credited_revenue_amount as difference_amount
    from {{ ref('customer_lifecycle', 'attribution_channels_monthly') }}
    where model <> 'platform_claimed'

    union all

    select
        orders.brand,
        orders.month_date,
        'all' as channel,
        models.model,
        -orders.revenue_amount as difference_amount
    from orders
    cross join models

    union all

    select
        brand,
        month_date,
        channel,
        model,
        credited_revenue_amount as difference_amount
    from {{ ref('customer_lifecycle', 'attribution_channels_monthly') }}
    where model <> 'platform_claimed'

    union all

    select
        brand,
        {{ period_start('month', 'converted_date') }} as month_date,
        channel,
        model,
        -credited_amount as difference_amount
    from {{ ref('customer_lifecycle', 'attribution_credits') }}
)

select
    brand,
    month_date,
    channel,
    model,
    sum(difference_amount) as difference_amount
from differences
group by brand, month_date, channel, model
having sum(difference_amount) <> 0
