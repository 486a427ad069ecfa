-- One row per attribute and value: how much more often customers of that value are among the most valuable fifth.
{% set attributes = {
    'acquisition_channel': 'dimensions.acquisition_channel',
    'country': 'dimensions.country_code',
    'segment': 'dimensions.segment',
    'first_sales_channel': 'first_orders.sales_channel',
    'first_category': 'first_orders.category',
    'discounted_first_order': "case when first_orders.is_discounted then 'yes' else 'no' end",
    'referred': "case when first_orders.is_referred then 'yes' else 'no' end",
} %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

ranked as (
    select
        first_orders.brand,
        {% for attribute, expression in attributes.items() %}
        {{ expression }} as {{ attribute }},
        {% endfor %}
        first_orders.early_revenue_amount,
        rank() over (partition by first_orders.brand order by first_orders.early_revenue_amount desc) as revenue_rank,
        count(*) over (partition by first_orders.brand) as customer_count
    from {{ ref('customer_lifecycle', 'int_customer_first_orders') }} as first_orders
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on first_orders.customer_key = dimensions.customer_key
    inner join as_of on first_orders.profiled_date <= as_of.as_of_date
),

customers as (
    -- the first fifth, rounded up; a customer who ties with the last one is in it as well, a customer of no value is not
    select
        *,
        case when revenue_rank * 5 < customer_count + 5 and early_revenue_amount > 0 then 1 else 0 end as is_top
    from ranked
),

totals as (
    select
        brand,
        count(*) as customer_count,
        sum(is_top) as top_customer_count
    from customers
    group by brand
),

attribute_counts as (
    {% for attribute in attributes %}
    select
        brand,
        '{{ attribute }}' as attribute,
        {{ attribute }} as attribute_value,
        count(*) as customer_count,
        sum(is_top) as top_customer_count
    from customers
    group by brand, {{ attribute }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ideal_customer_profile as (
    select
        counts.brand,
        counts.attribute,
        counts.attribute_value,
        cast(counts.customer_count as bigint) as customer_count,
        cast(totals.customer_count as bigint) as all_customer_count,
        {{ ratio_of('counts.customer_count', 'totals.customer_count') }} as customer_share,
        cast(counts.top_customer_count as bigint) as top_value_customer_count,
        cast(totals.top_customer_count as bigint) as all_top_value_customer_count,
        {{ ratio_of('counts.top_customer_count', 'totals.top_customer_count') }} as top_value_share,
        {{ ratio_of('(' ~ ratio_of('counts.top_customer_count', 'counts.customer_count') ~ ')',
            '(' ~ ratio_of('totals.top_customer_count', 'totals.customer_count') ~ ')') }} as lift,
        {{ ratio_of('(' ~ wilson_lower('counts.top_customer_count', 'counts.customer_count') ~ ')',
            '(' ~ ratio_of('totals.top_customer_count', 'totals.customer_count') ~ ')') }} as lift_lower,
        {{ ratio_of('(' ~ wilson_upper('counts.top_customer_count', 'counts.customer_count') ~ ')',
            '(' ~ ratio_of('totals.top_customer_count', 'totals.customer_count') ~ ')') }} as lift_upper
    from attribute_counts as counts
    inner join totals on counts.brand = totals.brand
)

select * from ideal_customer_profile
