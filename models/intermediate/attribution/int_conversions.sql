-- One row per conversion that counts at the as-of date: an order, or the start of a paid subscription; whose it is as the
-- ids are stitched together then (null without a customer), and what it is worth.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

accruals as (
    select
        brand,
        source_row as subscription_id,
        sum(revenue_amount) as revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }}
    where source_table = 'subscriptions'
    group by brand, source_row
),

conversions as (
    select
        amounts.brand,
        'order' as conversion_type,
        amounts.order_id as conversion_id,
        amounts.customer_key,
        amounts.revenue_amount,
        orders.ordered_at as converted_at,
        orders.ordered_date as converted_date
    from {{ ref('customer_lifecycle', 'int_order_amounts') }} as amounts
    inner join {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
        on amounts.brand = orders.brand and amounts.order_id = orders.order_id
    where amounts.is_valid

    union all

    select
        subscriptions.brand,
        'subscription' as conversion_type,
        subscriptions.subscription_id as conversion_id,
        identity_map.customer_key,
        coalesce(accruals.revenue_amount, 0) as revenue_amount,
        subscriptions.started_at as converted_at,
        subscriptions.started_date as converted_date
    from {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
    cross join as_of
    left join identity_map on subscriptions.person_id = identity_map.person_id
    left join accruals
        on subscriptions.brand = accruals.brand and subscriptions.subscription_id = accruals.subscription_id
    where
        subscriptions.started_date <= as_of.as_of_date
        and (subscriptions.deleted_date is null or subscriptions.deleted_date > as_of.as_of_date)
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_key order by converted_at, conversion_type, conversion_id
        ) as conversion_number
    from conversions
),

int_conversions as (
    select
        brand,
        conversion_type,
        conversion_id,
        customer_key,
        cast(revenue_amount as decimal(18, 2)) as revenue_amount,
        conversion_number,
        customer_key is not null and conversion_number = 1 as is_first_purchase,
        converted_at,
        converted_date
    from ranked
)

select * from int_conversions
