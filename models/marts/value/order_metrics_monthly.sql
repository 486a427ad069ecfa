-- One row per month and dimensions with a valid order or a first purchase: what was sold, and to how many new customers.
-- Orders and customers are aggregated apart and added, so that neither multiplies the other.
{% set dimensions = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
{% set dimension_list = dimensions | join(', ') %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

dimensions as (
    select * from {{ ref('customer_lifecycle', 'int_customer_dimensions') }}
),

orders as (
    -- orders of no customer are sales all the same
    select
        orders.brand,
        coalesce(dimensions.acquisition_channel, 'unknown') as acquisition_channel,
        coalesce(dimensions.country_code, 'unknown') as country_code,
        coalesce(dimensions.segment, 'unknown') as segment,
        {{ period_start('month', 'orders.ordered_date') }} as month_date,
        orders.revenue_amount
    from {{ ref('customer_lifecycle', 'int_order_amounts') }} as orders
    left join dimensions on orders.customer_key = dimensions.customer_key
    left join {{ ref('customer_lifecycle', 'int_order_gift_cards') }} as gift_cards
        on orders.brand = gift_cards.brand and orders.order_id = gift_cards.order_id
    -- to sell a gift card is no sale yet
    where orders.is_valid and not coalesce(gift_cards.is_gift_card_only, false)
),

first_purchases as (
    select
        {% for dimension in dimensions %}dimensions.{{ dimension }}, {% endfor %}
        {{ period_start('month', 'purchases.purchase_date') }} as month_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }} as purchases
    inner join dimensions on purchases.customer_key = dimensions.customer_key
    where purchases.purchase_date = purchases.first_purchase_date
),

sales as (
    select
        {{ dimension_list }},
        month_date,
        count(*) as order_count,
        sum(revenue_amount) as revenue_amount,
        0 as new_customer_count
    from orders
    group by {{ dimension_list }}, month_date

    union all

    select
        {{ dimension_list }},
        month_date,
        0 as order_count,
        0 as revenue_amount,
        count(*) as new_customer_count
    from first_purchases
    group by {{ dimension_list }}, month_date
),

sums as (
    select
        {{ dimension_list }},
        month_date,
        sum(order_count) as order_count,
        sum(revenue_amount) as revenue_amount,
        sum(new_customer_count) as new_customer_count
    from sales
    group by {{ dimension_list }}, month_date
),

order_metrics_monthly as (
    select
        {% for dimension in dimensions %}sums.{{ dimension }}, {% endfor %}
        sums.month_date,
        cast(sums.order_count as bigint) as order_count,
        cast(sums.revenue_amount as decimal(18, 2)) as revenue_amount,
        {{ ratio_of('sums.revenue_amount', 'sums.order_count') }} as average_order_value,
        cast(sums.new_customer_count as bigint) as new_customer_count,
        {{ add_months('sums.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from sums
    cross join as_of
)

select * from order_metrics_monthly
