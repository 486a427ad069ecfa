-- One row per level (product, category), purchase number up to 5, what was bought in that purchase and what in the next one.
{% set most_purchases = 5 %}
{% set fewest_customers = 5 %}
{% set most_successors = 20 %}
{% set step = 'brand, product_level, purchase_number' %}
with

purchases as (
    -- a purchase of which no product is known leads nowhere and comes from nowhere
    select brand, product_level, product_key, customer_key, purchase_number
    from {{ ref('customer_lifecycle', 'int_product_purchases') }}
    where product_key <> 'unknown' and purchase_number <= {{ most_purchases + 1 }}
),

occasions as (
    select {{ step }}, customer_key from purchases
    group by {{ step }}, customer_key
),

-- customers with a purchase of this number, and with what: what comes next if nothing is known of what came before
totals as (
    select {{ step }}, count(*) as customer_count from occasions
    group by {{ step }}
),

product_totals as (
    select {{ step }}, product_key, count(*) as customer_count from purchases
    group by {{ step }}, product_key
),

returns as (
    select
        purchases.brand, purchases.product_level, purchases.purchase_number, purchases.product_key,
        count(*) as customer_count, count(occasions.customer_key) as returning_customer_count
    from purchases
    left join occasions
        on
            purchases.customer_key = occasions.customer_key and purchases.product_level = occasions.product_level
            and purchases.purchase_number + 1 = occasions.purchase_number
    where purchases.purchase_number <= {{ most_purchases }}
    group by purchases.brand, purchases.product_level, purchases.purchase_number, purchases.product_key
),

sequences as (
    select
        purchases.brand, purchases.product_level, purchases.purchase_number, purchases.product_key,
        successors.product_key as next_product_key,
        count(*) as next_customer_count,
        row_number() over (
            partition by purchases.brand, purchases.product_level, purchases.purchase_number, purchases.product_key
            order by count(*) desc, successors.product_key asc
        ) as next_rank
    from purchases
    inner join purchases as successors
        on
            purchases.customer_key = successors.customer_key and purchases.product_level = successors.product_level
            and purchases.purchase_number + 1 = successors.purchase_number
    group by
        purchases.brand, purchases.product_level, purchases.purchase_number, purchases.product_key, successors.product_key
    having count(*) >= {{ fewest_customers }}
),

product_sequences as (
    select
        sequences.brand, sequences.product_level,
        cast(sequences.purchase_number as integer) as purchase_number,
        sequences.product_key, sequences.next_product_key,
        cast(sequences.next_rank as integer) as next_rank,
        cast(returns.customer_count as bigint) as customer_count,
        cast(returns.returning_customer_count as bigint) as returning_customer_count,
        cast(sequences.next_customer_count as bigint) as next_customer_count,
        {{ ratio_of('sequences.next_customer_count', 'returns.returning_customer_count') }} as next_share,
        {{ ratio_of('product_totals.customer_count', 'totals.customer_count') }} as usual_next_share
    from sequences
    inner join returns
        on
            sequences.brand = returns.brand and sequences.product_level = returns.product_level
            and sequences.purchase_number = returns.purchase_number and sequences.product_key = returns.product_key
    inner join totals
        on
            sequences.brand = totals.brand and sequences.product_level = totals.product_level
            and sequences.purchase_number + 1 = totals.purchase_number
    inner join product_totals
        on
            sequences.brand = product_totals.brand and sequences.product_level = product_totals.product_level
            and sequences.purchase_number + 1 = product_totals.purchase_number
            and sequences.next_product_key = product_totals.product_key
    where sequences.next_rank <= {{ most_successors }}
)

select * from product_sequences
