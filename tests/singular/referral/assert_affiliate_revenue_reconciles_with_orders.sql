-- Identity 7: the months of all affiliates hold what the orders they claimed have come to, each order once however many
-- claim it, and the commissions on those that still count; each sale is counted as exactly one thing.
with

sales as (
    select * from {{ ref('customer_lifecycle', 'int_affiliate_sales') }}
),

orders as (
    select * from {{ ref('customer_lifecycle', 'int_order_amounts') }}
),

claimed_orders as (
    select distinct
        brand,
        order_id
    from sales
    where kind = 'sale'
),

order_sums as (
    select
        orders.brand,
        sum(orders.revenue_amount) as gross_revenue_amount,
        sum(orders.net_revenue_amount) as net_revenue_amount
    from claimed_orders
    inner join orders on claimed_orders.brand = orders.brand and claimed_orders.order_id = orders.order_id
    group by orders.brand
),

sale_sums as (
    select
        sales.brand,
        count(*) as sale_count,
        sum(case when orders.is_valid and sales.kind not in ('rejected', 'void') then sales.commission_amount else 0 end)
            as commission_amount
    from sales
    left join orders on sales.brand = orders.brand and sales.order_id = orders.order_id
    group by sales.brand
),

months as (
    select
        brand,
        sum(sale_count + repeated_claim_count + self_purchase_count + rejected_count) as sale_count,
        sum(gross_revenue_amount) as gross_revenue_amount,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(commission_amount) as commission_amount,
        sum(contribution_amount) as contribution_amount
    from {{ ref('customer_lifecycle', 'affiliate_revenue_monthly') }}
    group by brand
)

select sale_sums.brand
from sale_sums
left join months on sale_sums.brand = months.brand
left join order_sums on sale_sums.brand = order_sums.brand
where
    months.brand is null
    or months.sale_count <> sale_sums.sale_count
    or months.gross_revenue_amount <> coalesce(order_sums.gross_revenue_amount, 0)
    or months.net_revenue_amount <> coalesce(order_sums.net_revenue_amount, 0)
    or months.commission_amount <> sale_sums.commission_amount
    or months.contribution_amount <> months.net_revenue_amount - months.commission_amount
