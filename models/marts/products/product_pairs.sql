-- One row per level (product, category) and ordered pair of what is bought in one order: how much more often than by chance.
-- The interval is that of the logarithm of the lift by the delta method (D-226). Its variance, of the numbers of orders with
-- both, with one, with the other, and of all: 1/both - 1/one - 1/other + (2 lift - 1)/all.
{% set fewest_orders = 5 %}
{% set most_partners = 20 %}
with

baskets as (
    -- what is not known to be one product says nothing about pairs
    select brand, product_level, product_key, order_id from {{ ref('customer_lifecycle', 'int_order_products') }}
    where product_key <> 'unknown'
),

totals as (
    select brand, product_level, count(distinct order_id) as order_count from baskets
    group by brand, product_level
),

products as (
    select *, count(*) over (partition by brand, product_level, product_key) as order_count from baskets
),

kept_products as (
    -- a pair is in no more orders than either of it: what is too rare by itself need not be paired
    select * from products
    where order_count >= {{ fewest_orders }}
),

pairs as (
    select
        one.brand, one.product_level, one.product_key,
        other.product_key as paired_product_key,
        one.order_count as product_order_count,
        other.order_count as paired_product_order_count,
        count(*) as pair_order_count,
        row_number() over (
            partition by one.brand, one.product_level, one.product_key order by count(*) desc, other.product_key asc
        ) as pair_rank
    from kept_products as one
    inner join kept_products as other
        on one.brand = other.brand and one.order_id = other.order_id and one.product_level = other.product_level
    where one.product_key <> other.product_key
    group by one.brand, one.product_level, one.product_key, other.product_key, one.order_count, other.order_count
    having count(*) >= {{ fewest_orders }}
),

lifts as (
    select
        pairs.*,
        totals.order_count as all_order_count,
        {{ ratio_of('pairs.pair_order_count', 'totals.order_count') }} as support_rate,
        {{ ratio_of('pairs.pair_order_count', 'totals.order_count') }} / (
            {{ ratio_of('pairs.product_order_count', 'totals.order_count') }}
            * {{ ratio_of('pairs.paired_product_order_count', 'totals.order_count') }}
        ) as lift
    from pairs
    inner join totals on pairs.brand = totals.brand and pairs.product_level = totals.product_level
    where pairs.pair_rank <= {{ most_partners }}
),

errors as (
    -- rounding must not bring a pair that is always together below zero
    select
        *,
        sqrt(greatest(
            {{ ratio_of(1, 'pair_order_count') }}
            - ({{ ratio_of(1, 'product_order_count') }} + {{ ratio_of(1, 'paired_product_order_count') }})
            + (2 * lift - 1) / all_order_count,
            0
        )) as log_lift_error
    from lifts
),

product_pairs as (
    select
        brand, product_level, product_key, paired_product_key,
        cast(pair_rank as integer) as pair_rank,
        cast(pair_order_count as bigint) as pair_order_count,
        cast(product_order_count as bigint) as product_order_count,
        cast(paired_product_order_count as bigint) as paired_product_order_count,
        cast(all_order_count as bigint) as all_order_count,
        support_rate,
        {{ ratio_of('pair_order_count', 'product_order_count') }} as confidence_rate,
        lift,
        lift * exp(-1.959963984540054 * log_lift_error) as lift_lower,
        lift * exp(1.959963984540054 * log_lift_error) as lift_upper
    from errors
)

select * from product_pairs
