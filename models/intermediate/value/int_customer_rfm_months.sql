-- One row per living customer and month from its first purchase to the as-of date: how long ago it last bought at the end
-- of the month (running: on the as-of date), on how many dates and for how much in the twelve months that end with it.
{% set timeline = 'partition by months.customer_key order by months.month_date' %}
{% set last_year = timeline ~ ' rows between 11 preceding and current row' %}
with

orders as (
    select * from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    where is_valid and customer_key is not null
),

month_facts as (
    select
        customer_key, {{ period_start('month', 'ordered_date') }} as month_date,
        count(distinct ordered_date) as purchase_date_count, max(ordered_date) as last_purchase_date, 0 as net_revenue_amount
    from orders
    group by customer_key, {{ period_start('month', 'ordered_date') }}

    union all

    -- what is refunded in part leaves the month of the refund; orders taken back whole never were
    select
        entries.customer_key,
        {{ period_start('month', 'entries.entry_date') }} as month_date,
        0 as purchase_date_count, cast(null as date) as last_purchase_date,
        sum(entries.net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    inner join orders on entries.brand = orders.brand and entries.order_id = orders.order_id
    group by entries.customer_key, {{ period_start('month', 'entries.entry_date') }}
),

facts as (
    select
        customer_key, month_date,
        sum(purchase_date_count) as purchase_date_count, max(last_purchase_date) as last_purchase_date,
        sum(net_revenue_amount) as net_revenue_amount
    from month_facts
    group by customer_key, month_date
),

spans as (
    select facts.customer_key, as_of.as_of_date, min(facts.month_date) as first_month
    from facts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    group by facts.customer_key, as_of.as_of_date
),

numbers as (
    select
        customer_key, as_of_date, first_month,
        {{ unnest_integers('0', periods_between('month', 'first_month', 'as_of_date') ~ ' + 1') }} as month_number
    from spans
    {{ join_integers('0', periods_between('month', 'first_month', 'as_of_date') ~ ' + 1') }}
),

months as (
    select
        customer_key, as_of_date,
        {{ add_months('first_month', 'month_number') }} as month_date,
        {{ add_days(add_months('first_month', 'month_number + 1'), -1) }} as last_day
    from numbers
),

running as (
    select
        months.customer_key, months.month_date,
        least(months.last_day, months.as_of_date) as measured_date, months.last_day <= months.as_of_date as is_mature,
        max(facts.last_purchase_date) over ({{ timeline }}) as last_purchase_date,
        sum(coalesce(facts.purchase_date_count, 0)) over ({{ last_year }}) as frequency,
        sum(coalesce(facts.net_revenue_amount, 0)) over ({{ last_year }}) as monetary_amount
    from months
    left join facts on months.customer_key = facts.customer_key and months.month_date = facts.month_date
),

int_customer_rfm_months as (
    select
        customers.brand, running.customer_key, running.month_date, running.is_mature,
        cast({{ days_between('running.last_purchase_date', 'running.measured_date') }} as integer) as recency_days,
        cast(running.frequency as bigint) as frequency,
        cast(running.monetary_amount as decimal(18, 2)) as monetary_amount
    from running
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers on running.customer_key = customers.customer_key
)

select * from int_customer_rfm_months
