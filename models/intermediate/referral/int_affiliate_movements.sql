-- One row per affiliate sale and date on which it is made, or on which its order's money or its commission comes or goes. A
-- commission goes back when the order counts no longer; a partial refund leaves it as it is.
with

sales as (
    select * from {{ ref('int_affiliate_sales') }}
),

orders as (
    select * from {{ ref('int_margin_movements') }}
    where order_id is not null
),

movements as (
    -- what happened to the order before the sale was reported counts from the report on
    select
        sales.brand,
        sales.affiliate_sale_id,
        case when orders.movement_date > sales.sold_date then orders.movement_date else sales.sold_date end as movement_date,
        case when sales.kind = 'sale' then orders.revenue_amount else 0 end as gross_revenue_amount,
        case when sales.kind = 'sale' then orders.refunded_revenue_amount else 0 end as refunded_revenue_amount,
        sales.commission_amount
        * case when orders.movement_date = orders.ordered_date then orders.standing_change else 0 end
            as earned_commission_amount,
        sales.commission_amount
        * case when orders.movement_date > orders.ordered_date then -orders.standing_change else 0 end
            as clawed_back_commission_amount
    from sales
    inner join orders on sales.brand = orders.brand and sales.order_id = orders.order_id
    where sales.kind in ('sale', 'repeated', 'self_purchase')

    union all

    select
        brand,
        affiliate_sale_id,
        sold_date as movement_date,
        0 as gross_revenue_amount,
        0 as refunded_revenue_amount,
        0 as earned_commission_amount,
        0 as clawed_back_commission_amount
    from sales
),

dated as (
    select
        brand,
        affiliate_sale_id,
        movement_date,
        sum(gross_revenue_amount) as gross_revenue_amount,
        sum(refunded_revenue_amount) as refunded_revenue_amount,
        sum(earned_commission_amount) as earned_commission_amount,
        sum(clawed_back_commission_amount) as clawed_back_commission_amount
    from movements
    group by brand, affiliate_sale_id, movement_date
),

int_affiliate_movements as (
    select
        dated.brand,
        dated.affiliate_sale_id,
        sales.affiliate_id,
        sales.kind,
        sales.status_effect,
        dated.movement_date,
        dated.movement_date = sales.sold_date as is_made,
        cast(dated.gross_revenue_amount as decimal(18, 2)) as gross_revenue_amount,
        cast(dated.refunded_revenue_amount as decimal(18, 2)) as refunded_revenue_amount,
        cast(dated.earned_commission_amount as decimal(18, 2)) as earned_commission_amount,
        cast(dated.clawed_back_commission_amount as decimal(18, 2)) as clawed_back_commission_amount
    from dated
    inner join sales on dated.brand = sales.brand and dated.affiliate_sale_id = sales.affiliate_sale_id
)

select * from int_affiliate_movements
