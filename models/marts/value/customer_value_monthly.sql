-- One row per customer and month in which its revenue changes: its value from that month until the month of its next row. So
-- the value as of any month is one row, and the table grows with orders, not with months.
with

entries as (
    select
        customer_key,
        {{ period_start('month', 'entry_date') }} as month_date,
        sum(case when source_table = 'orders' and entry_date = ordered_date then 1 else 0 end) as order_count,
        sum(revenue_amount) as revenue_amount,
        sum(refunded_revenue_amount) as refunded_revenue_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }}
    where customer_key is not null
    group by customer_key, {{ period_start('month', 'entry_date') }}
),

balances as (
    select
        customer_key,
        month_date,
        lead(month_date) over (partition by customer_key order by month_date) as valid_to_month,
        {% for measure in ['order_count', 'revenue_amount', 'refunded_revenue_amount', 'net_revenue_amount'] %}
        sum({{ measure }}) over (partition by customer_key order by month_date) as cumulative_{{ measure }},
        {% endfor %}
        revenue_amount,
        refunded_revenue_amount,
        net_revenue_amount
    from entries
),

customer_value_monthly as (
    select
        customers.brand,
        customers.customer_id,
        balances.month_date,
        balances.valid_to_month,
        cast(balances.revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(balances.refunded_revenue_amount as decimal(18, 2)) as refunded_revenue_amount,
        cast(balances.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
        cast(balances.cumulative_order_count as bigint) as cumulative_order_count,
        cast(balances.cumulative_revenue_amount as decimal(18, 2)) as cumulative_revenue_amount,
        cast(balances.cumulative_refunded_revenue_amount as decimal(18, 2)) as cumulative_refunded_revenue_amount,
        cast(balances.cumulative_net_revenue_amount as decimal(18, 2)) as cumulative_net_revenue_amount,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from balances
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers
        on balances.customer_key = customers.customer_key
)

select * from customer_value_monthly
