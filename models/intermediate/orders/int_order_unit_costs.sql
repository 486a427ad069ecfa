-- One row per order that counts or once counted and has items: what its items cost, in the reporting currency.
{%- set reporting_currency = setting('reporting_currency') | upper %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

orders as (
    select
        brand,
        order_id,
        ordered_date
    from {{ ref('customer_lifecycle', 'int_order_entries') }}
    where entry_date = ordered_date
),

items as (
    select items.*
    from {{ ref('customer_lifecycle', 'stg_shop__order_items') }} as items
    cross join as_of
    where items.deleted_date is null or items.deleted_date > as_of.as_of_date
),

products as (
    select * from {{ ref('customer_lifecycle', 'stg_shop__products') }}
),

rates as (
    select * from {{ ref('customer_lifecycle', 'base_calendar__exchange_rates') }}
),

rate_range as (
    select max(date_day) as last_date from rates
),

item_costs as (
    -- a product has one cost, today's; one that is taken off the list keeps it for what was ordered before. A gift card
    -- costs nothing: what is bought with it does
    select
        orders.brand,
        orders.order_id,
        case
            when coalesce(items.is_gift_card, products.is_gift_card, false) then 0
            else
                cast(items.quantity * products.unit_cost as decimal(18, 6))
                * case
                    when products.currency = '{{ reporting_currency }}' then cast(1 as decimal(18, 8)) else rates.rate
                end
        end as cost_amount
    from items
    inner join orders on items.brand = orders.brand and items.order_id = orders.order_id
    cross join rate_range
    left join products
        on
            items.brand = products.brand
            and items.product_id = products.product_id
            and (products.deleted_date is null or orders.ordered_date < products.deleted_date)
    left join rates
        on
            products.currency = rates.currency
            and least(orders.ordered_date, rate_range.last_date) = rates.date_day
),

int_order_unit_costs as (
    select
        brand,
        order_id,
        cast(count(*) as bigint) as item_count,
        cast(count(*) - count(cost_amount) as bigint) as unknown_cost_item_count,
        cast(case when count(*) = count(cost_amount) then round(sum(cost_amount), 2) end as decimal(18, 2))
            as ordered_cost_amount
    from item_costs
    group by brand, order_id
)

select * from int_order_unit_costs
