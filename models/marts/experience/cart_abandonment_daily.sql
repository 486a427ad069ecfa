-- One row per date on which carts were last touched, and last step that they reached.
with

carts as (
    select * from {{ ref('customer_lifecycle', 'int_cart_outcomes') }}
),

counts as (
    select
        brand,
        last_touched_date as date_day,
        last_step,
        sum(case when is_mature then 1 else 0 end) as cart_count,
        sum(case when is_mature then 0 else 1 end) as immature_cart_count,
        sum(case when is_mature and is_ordered_in_time then 1 else 0 end) as ordered_in_time_count,
        sum(case when is_abandoned then 1 else 0 end) as abandoned_count,
        sum(case when is_recovered then 1 else 0 end) as recovered_count,
        sum(case when is_abandoned then value_amount end) as abandoned_amount,
        sum(case when is_recovered then value_amount end) as recovered_amount,
        min(case when is_recovery_mature then 1 else 0 end) = 1 as is_recovery_mature
    from carts
    group by brand, last_touched_date, last_step
),

cart_abandonment_daily as (
    select
        brand,
        date_day,
        last_step,
        cast(cart_count as bigint) as cart_count,
        cast(ordered_in_time_count as bigint) as ordered_in_time_count,
        cast(abandoned_count as bigint) as abandoned_count,
        {{ ratio_of('abandoned_count', 'cart_count') }} as abandonment_rate,
        cast(recovered_count as bigint) as recovered_count,
        case when is_recovery_mature then {{ ratio_of('recovered_count', 'abandoned_count') }} end as recovery_rate,
        -- carts without a value leave the amount unknown, no carts make it nothing
        cast(case when abandoned_count = 0 then 0 else abandoned_amount end as decimal(18, 2)) as abandoned_amount,
        cast(case when recovered_count = 0 then 0 else recovered_amount end as decimal(18, 2)) as recovered_amount,
        cast(immature_cart_count as bigint) as immature_cart_count,
        immature_cart_count = 0 as is_mature,
        is_recovery_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from counts
)

select * from cart_abandonment_daily
