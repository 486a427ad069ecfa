-- One row per month and slice with a valid order or a first purchase: what was sold, and to how many new customers. Orders
-- and customers are aggregated apart and added, so that neither multiplies the other.
{% set slices = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
{% set slice_list = slices | join(', ') %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

slices as (
    select * from {{ ref('int_customer_slices') }}
),

orders as (
    -- orders that are nobody's are sales all the same
    select
        orders.brand,
        coalesce(slices.acquisition_channel, 'unknown') as acquisition_channel,
        coalesce(slices.country_code, 'unknown') as country_code,
        coalesce(slices.segment, 'unknown') as segment,
        {{ period_start('month', 'orders.ordered_date') }} as month_date,
        orders.revenue_amount
    from {{ ref('int_order_amounts') }} as orders
    left join slices on orders.customer_key = slices.customer_key
    where orders.is_valid
),

first_purchases as (
    select
        {% for slice in slices %}slices.{{ slice }}, {% endfor %}
        {{ period_start('month', 'purchases.purchase_date') }} as month_date
    from {{ ref('int_customer_purchase_history') }} as purchases
    inner join slices on purchases.customer_key = slices.customer_key
    where purchases.purchase_date = purchases.first_purchase_date
),

sales as (
    select
        {{ slice_list }},
        month_date,
        count(*) as order_count,
        sum(revenue_amount) as revenue_amount,
        0 as new_customer_count
    from orders
    group by {{ slice_list }}, month_date

    union all

    select
        {{ slice_list }},
        month_date,
        0 as order_count,
        0 as revenue_amount,
        count(*) as new_customer_count
    from first_purchases
    group by {{ slice_list }}, month_date
),

sums as (
    select
        {{ slice_list }},
        month_date,
        sum(order_count) as order_count,
        sum(revenue_amount) as revenue_amount,
        sum(new_customer_count) as new_customer_count
    from sales
    group by {{ slice_list }}, month_date
),

order_metrics_monthly as (
    select
        {% for slice in slices %}sums.{{ slice }}, {% endfor %}
        sums.month_date,
        cast(sums.order_count as bigint) as order_count,
        cast(sums.revenue_amount as decimal(18, 2)) as revenue_amount,
        {{ ratio_of('sums.revenue_amount', 'sums.order_count') }} as average_order_value,
        cast(sums.new_customer_count as bigint) as new_customer_count,
        {{ add_months('sums.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from sums
    cross join as_of
)

select * from order_metrics_monthly
