-- Step 2a. One row per customer, fact and unbroken period [starts_on, ends_on) in which enough purchase dates count:
-- bought_again (two at any time), bought_often (loyalty_min_purchase_dates within loyalty_window_days).
{{ config(materialized='view') }}
with

purchase_days as (
    select
        purchase_days.*,
        customers.loyalty_min_purchase_dates,
        least(
            purchase_days.valid_to, {{ add_days('purchase_days.purchase_date', 'customers.loyalty_window_days') }}
        ) as recent_to
    from {{ ref('customer_lifecycle', 'int_customer_purchase_days') }} as purchase_days
    inner join {{ ref('customer_lifecycle', 'int_customer_lifespans') }} as customers
        on purchase_days.customer_key = customers.customer_key
    {{ join_current_build('customers') }}
),

changes as (
    select
        customer_key,
        loyalty_min_purchase_dates,
        valid_from as changed_on,
        1 as purchase_change,
        case when valid_from < recent_to then 1 else 0 end as recent_change
    from purchase_days

    union all

    select customer_key, loyalty_min_purchase_dates, valid_to, -1, 0 from purchase_days
    where valid_to < {{ end_of_time() }}

    union all

    select customer_key, loyalty_min_purchase_dates, recent_to, 0, -1 from purchase_days
    where valid_from < recent_to
),

daily_changes as (
    select
        customer_key,
        loyalty_min_purchase_dates,
        changed_on,
        cast(sum(purchase_change) as integer) as purchase_change,
        cast(sum(recent_change) as integer) as recent_change
    from changes
    group by customer_key, loyalty_min_purchase_dates, changed_on
),

counts as (
    select
        *,
        sum(purchase_change) over (partition by customer_key order by changed_on) as purchase_count,
        sum(recent_change) over (partition by customer_key order by changed_on) as recent_count
    from daily_changes
),

-- the days on which enough become too few, or the other way round
count_changes as (
    select customer_key, 'bought_again' as fact, changed_on, purchase_count >= 2 as is_enough from counts
    where (purchase_count >= 2) <> (purchase_count - purchase_change >= 2)

    union all

    select customer_key, 'bought_often', changed_on, recent_count >= loyalty_min_purchase_dates from counts
    where (recent_count >= loyalty_min_purchase_dates) <> (recent_count - recent_change >= loyalty_min_purchase_dates)
),

periods as (
    select
        customer_key,
        fact,
        changed_on as starts_on,
        coalesce(lead(changed_on) over (partition by customer_key, fact order by changed_on), {{ end_of_time() }})
            as ends_on,
        is_enough
    from count_changes
),

int_customer_purchase_counts as (
    select customer_key, fact, starts_on, ends_on from periods
    where is_enough
)

select * from int_customer_purchase_counts
