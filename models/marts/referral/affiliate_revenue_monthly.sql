-- One row per month and affiliate with a sale, or with money or commission of one that comes or goes. A commission goes back
-- when the order counts no longer; a partial refund leaves it as it is.
with

sales as (
    select * from {{ ref('customer_lifecycle', 'int_affiliate_sales') }}
),

orders as (
    select * from {{ ref('customer_lifecycle', 'int_revenue_entries') }}
    where order_id is not null
),

entries as (
    select
        brand,
        affiliate_id,
        kind,
        status_effect,
        sold_date as entry_date,
        1 as made_count,
        0 as gross_revenue_amount,
        0 as refunded_revenue_amount,
        0 as earned_commission_amount,
        0 as clawed_back_commission_amount
    from sales

    union all

    -- what happened to the order before the sale was reported counts from the report on
    select
        sales.brand,
        sales.affiliate_id,
        sales.kind,
        sales.status_effect,
        greatest(orders.entry_date, sales.sold_date) as entry_date,
        0 as made_count,
        case when sales.kind = 'sale' then orders.revenue_amount else 0 end as gross_revenue_amount,
        case when sales.kind = 'sale' then orders.refunded_revenue_amount else 0 end as refunded_revenue_amount,
        case when orders.entry_date = orders.ordered_date then orders.standing_change * sales.commission_amount else 0 end
            as earned_commission_amount,
        case when orders.entry_date > orders.ordered_date then -orders.standing_change * sales.commission_amount else 0 end
            as clawed_back_commission_amount
    from sales
    inner join orders on sales.brand = orders.brand and sales.order_id = orders.order_id
    where sales.kind in ('sale', 'repeated', 'self_purchase')
),

commissions as (
    select
        *,
        earned_commission_amount - clawed_back_commission_amount as commission_amount
    from entries
),

affiliate_revenue_monthly as (
    select
        brand,
        {{ period_start('month', 'entry_date') }} as month_date,
        affiliate_id,
        cast(sum(case when kind = 'sale' then made_count else 0 end) as bigint) as sale_count,
        cast(sum(case when kind = 'repeated' then made_count else 0 end) as bigint) as repeated_claim_count,
        cast(sum(case when kind = 'self_purchase' then made_count else 0 end) as bigint) as self_purchase_count,
        cast(sum(case when kind in ('rejected', 'void') then made_count else 0 end) as bigint) as rejected_count,
        cast(sum(gross_revenue_amount) as decimal(18, 2)) as gross_revenue_amount,
        cast(sum(refunded_revenue_amount) as decimal(18, 2)) as refunded_revenue_amount,
        cast(sum(gross_revenue_amount - refunded_revenue_amount) as decimal(18, 2)) as net_revenue_amount,
        cast(sum(earned_commission_amount) as decimal(18, 2)) as earned_commission_amount,
        cast(sum(clawed_back_commission_amount) as decimal(18, 2)) as clawed_back_commission_amount,
        cast(sum(commission_amount) as decimal(18, 2)) as commission_amount,
        cast(sum(case when status_effect = 'pending' then commission_amount else 0 end) as decimal(18, 2))
            as pending_commission_amount,
        cast(sum(case when kind = 'self_purchase' then commission_amount else 0 end) as decimal(18, 2))
            as self_purchase_commission_amount,
        cast(sum(gross_revenue_amount - refunded_revenue_amount - commission_amount) as decimal(18, 2))
            as contribution_amount,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from commissions
    group by brand, {{ period_start('month', 'entry_date') }}, affiliate_id
)

select * from affiliate_revenue_monthly
