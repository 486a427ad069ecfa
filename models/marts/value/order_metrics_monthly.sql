-- One row per month and dimensions with a valid order or a first purchase: what was sold, and to how many new customers.
-- Orders and customers are aggregated apart and added, so that neither multiplies the other.
{% set dimensions = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
{% set dimension_list = dimensions | join(', ') %}
{% set counts = ['order_count', 'customer_order_count', 'ordering_customer_count', 'returning_customer_count'] %}
with

dimensions as (
    select * from {{ ref('customer_lifecycle', 'int_customer_dimensions') }}
),

orders as (
    -- orders of no customer are sales all the same
    select
        orders.brand, orders.customer_key, orders.revenue_amount,
        {% for name in dimensions[1:] %}
        coalesce(dimensions.{{ name }}, 'unknown') as {{ name }},
        {% endfor %}
        {{ period_start('month', 'orders.ordered_date') }} as month_date
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
        purchases.customer_key,
        {{ period_start('month', 'purchases.purchase_date') }} as month_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }} as purchases
    inner join dimensions on purchases.customer_key = dimensions.customer_key
    where purchases.purchase_date = purchases.first_purchase_date
),

sales as (
    select
        {% for dimension in dimensions %}orders.{{ dimension }}, {% endfor %}
        orders.month_date, sum(orders.revenue_amount) as revenue_amount, count(*) as order_count,
        count(orders.customer_key) as customer_order_count,
        count(distinct orders.customer_key) as ordering_customer_count,
        count(distinct case when first_purchases.month_date < orders.month_date then orders.customer_key end)
            as returning_customer_count,
        0 as new_customer_count
    from orders
    left join first_purchases on orders.customer_key = first_purchases.customer_key
    group by {% for dimension in dimensions %}orders.{{ dimension }}, {% endfor %}orders.month_date

    union all

    select
        {{ dimension_list }}, month_date, 0 as revenue_amount,
        {% for count in counts %}0 as {{ count }}, {% endfor %}
        count(*) as new_customer_count
    from first_purchases
    group by {{ dimension_list }}, month_date
),

order_metrics_monthly as (
    select
        {% for dimension in dimensions %}sales.{{ dimension }}, {% endfor %}
        sales.month_date,
        cast(sum(sales.order_count) as bigint) as order_count,
        cast(sum(sales.revenue_amount) as decimal(18, 2)) as revenue_amount,
        {{ ratio_of('sum(sales.revenue_amount)', 'sum(sales.order_count)') }} as average_order_value,
        {% for count in ['new_customer_count', 'customer_order_count', 'ordering_customer_count'] %}
        cast(sum(sales.{{ count }}) as bigint) as {{ count }},
        {% endfor %}
        {{ ratio_of('sum(sales.customer_order_count)', 'sum(sales.ordering_customer_count)') }} as orders_per_customer,
        cast(sum(sales.returning_customer_count) as bigint) as returning_customer_count,
        {{ ratio_of('sum(sales.returning_customer_count)', 'sum(sales.ordering_customer_count)') }}
            as returning_customer_rate,
        {{ add_months('sales.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from sales
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    group by {% for dimension in dimensions %}sales.{{ dimension }}, {% endfor %}sales.month_date, as_of.as_of_date
)

select * from order_metrics_monthly
