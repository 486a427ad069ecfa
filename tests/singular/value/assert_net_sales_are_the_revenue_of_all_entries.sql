-- No money is lost or doubled on the way to its stage and month: net sales of a brand and month are its entries of revenue.
with

sales as (
    select brand, month_date, sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'net_sales_monthly') }}
    group by brand, month_date
),

entries as (
    select
        brand,
        {{ period_start('month', 'entry_date') }} as month_date,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }}
    group by brand, {{ period_start('month', 'entry_date') }}
)

select entries.brand, entries.month_date, entries.net_revenue_amount, sales.net_revenue_amount as sales_amount
from entries
full outer join sales on entries.brand = sales.brand and entries.month_date = sales.month_date
where coalesce(entries.net_revenue_amount, 0) <> coalesce(sales.net_revenue_amount, 0)
