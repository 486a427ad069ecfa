-- What customers have been worth is the revenue of all customers, in total and month by month: the last row of each
-- customer's months says what customer_value says.
with

latest_values as (
    select
        brand,
        customer_id,
        cumulative_revenue_amount as revenue_amount,
        cumulative_net_revenue_amount as net_revenue_amount
    from {{ ref('customer_lifecycle', 'customer_value_monthly') }}
    where valid_to_month is null
),

differing_customers as (
    select
        coalesce(customers.customer_id, months.customer_id) as customer_id,
        customers.net_revenue_amount,
        months.net_revenue_amount as expected_amount
    from {{ ref('customer_lifecycle', 'customer_value') }} as customers
    full outer join latest_values as months
        on customers.brand = months.brand and customers.customer_id = months.customer_id
    where
        customers.customer_id is null
        or months.customer_id is null
        or customers.revenue_amount <> months.revenue_amount
        or customers.net_revenue_amount <> months.net_revenue_amount
),

customer_totals as (
    select
        brand,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'customer_value') }}
    group by brand
),

entry_totals as (
    select
        brand,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }}
    where customer_key is not null
    group by brand
)

select
    customer_id,
    net_revenue_amount,
    expected_amount
from differing_customers

union all

select
    'all of brand ' || coalesce(entries.brand, customers.brand) as customer_id,
    customers.net_revenue_amount,
    entries.net_revenue_amount as expected_amount
from entry_totals as entries
full outer join customer_totals as customers on entries.brand = customers.brand
where coalesce(entries.net_revenue_amount, 0) <> coalesce(customers.net_revenue_amount, 0)
