-- One row per level (product, category) and product or category in an order that counts: who begins with it, who buys again
-- after it, and what it and the customers who began with it bring.
{% set keys = 'brand, product_level, product_key' %}
{% set windows = [90, 365] %}
{% set amounts = ['net_revenue', 'costed_net_revenue', 'margin'] %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

sales as (
    select {{ keys }}, count(*) as order_count, sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_order_products') }}
    group by {{ keys }}
),

-- each customer once for each product, from the first purchase of it; with what it has brought if that is the very first
buyers as (
    select
        {% for amount in amounts %}
        beginnings.{{ amount }}_amount,
        case when beginnings.is_mature then beginnings.{{ amount }}_365d_amount end as {{ amount }}_365d_amount,
        {% endfor %}
        {% for days in windows %}
        {{ add_days('purchases.purchase_date', days) }} <= as_of.as_of_date as is_eligible_{{ days }}d,
        {{ add_days('purchases.purchase_date', days) }} as last_date_{{ days }}d,
        {% endfor %}
        purchases.*
    from {{ ref('customer_lifecycle', 'int_product_purchases') }} as purchases
    cross join as_of
    left join {{ ref('customer_lifecycle', 'int_first_purchase_values') }} as beginnings
        on purchases.customer_key = beginnings.customer_key and purchases.purchase_number = 1
    where purchases.purchase_date = purchases.first_bought_date
),

counts as (
    select
        {{ keys }},
        {% for amount in amounts %}
        sum({{ amount }}_amount) as lifetime_{{ amount }}_amount,
        sum({{ amount }}_365d_amount) as total_{{ amount }}_365d_amount,
        {% endfor %}
        {% for days in windows %}
        sum(case when is_eligible_{{ days }}d then 1 else 0 end) as eligible_{{ days }}d_count,
        {% for kind, date in [('repurchased', 'next_purchase_date'), ('rebought', 'next_bought_date')] %}
        sum(case when is_eligible_{{ days }}d and {{ date }} <= last_date_{{ days }}d then 1 else 0 end)
            as {{ kind }}_{{ days }}d_count,
        {% endfor %}
        {{ percentile_of(
            'case when is_eligible_' ~ days ~ 'd and next_purchase_date <= last_date_' ~ days ~ 'd then '
            ~ days_between('purchase_date', 'next_purchase_date') ~ ' end', 0.5
        ) }} as median_gap_{{ days }}d_days,
        {% endfor %}
        count(*) as customer_count,
        count(net_revenue_amount) as first_purchase_customer_count,
        count(net_revenue_365d_amount) as valued_customer_count
    from buyers
    group by {{ keys }}
),

totals as (
    select brand, count(distinct customer_key) as customer_count
    from {{ ref('customer_lifecycle', 'int_product_purchases') }}
    where purchase_number = 1
    group by brand
),

product_lifecycle as (
    select
        sales.brand, sales.product_level, sales.product_key,
        coalesce(products.name, sales.product_key) as product_name,
        cast(sales.order_count as bigint) as order_count,
        cast(sales.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
        cast(coalesce(counts.customer_count, 0) as bigint) as customer_count,
        cast(coalesce(counts.first_purchase_customer_count, 0) as bigint) as first_purchase_customer_count,
        cast(coalesce(totals.customer_count, 0) as bigint) as all_first_purchase_customer_count,
        {{ ratio_of('coalesce(counts.first_purchase_customer_count, 0)', 'totals.customer_count') }} as first_purchase_share,
        {% for days in windows %}
        cast(coalesce(counts.eligible_{{ days }}d_count, 0) as bigint) as eligible_{{ days }}d_count,
        {% for kind in ['repurchased', 'rebought'] %}
        cast(coalesce(counts.{{ kind }}_{{ days }}d_count, 0) as bigint) as {{ kind }}_{{ days }}d_count,
        {{ ratio_of('counts.' ~ kind ~ '_' ~ days ~ 'd_count', 'counts.eligible_' ~ days ~ 'd_count') }}
            as {{ kind }}_{{ days }}d_rate,
        {% endfor %}
        counts.median_gap_{{ days }}d_days,
        {% endfor %}
        {% for amount in amounts %}
        cast(coalesce(counts.lifetime_{{ amount }}_amount, 0) as decimal(18, 2)) as lifetime_{{ amount }}_amount,
        {% endfor %}
        cast(coalesce(counts.valued_customer_count, 0) as bigint) as valued_customer_count,
        {% for amount in amounts %}
        cast(coalesce(counts.total_{{ amount }}_365d_amount, 0) as decimal(18, 2)) as {{ amount }}_365d_amount,
        {% endfor %}
        {{ ratio_of('counts.total_net_revenue_365d_amount', 'counts.valued_customer_count') }}
            as net_revenue_365d_per_customer,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from sales
    left join totals on sales.brand = totals.brand
    left join counts
        on
            sales.brand = counts.brand
            and sales.product_level = counts.product_level
            and sales.product_key = counts.product_key
    left join {{ ref('customer_lifecycle', 'stg_shop__products') }} as products
        on sales.product_level = 'product' and sales.brand = products.brand and sales.product_key = products.product_id
)

select * from product_lifecycle
