-- One row per length of period (month, week), cohort of first purchase and number of periods since, where anything happens:
-- purchases and money of the period, and how many customers become active in it, less those who cease to be.
{% set start = beginning_of_time() %}
with

purchases as (
    select * from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
),

cohort_customers as (
    select brand, customer_key, first_purchase_date from purchases
    where purchase_date = first_purchase_date
),

active_periods as (
    select cohorts.brand, cohorts.first_purchase_date, periods.active_from, periods.active_to
    from {{ ref('customer_lifecycle', 'int_customer_active_periods') }} as periods
    inner join cohort_customers as cohorts on periods.customer_key = cohorts.customer_key
    where periods.active_to > cohorts.first_purchase_date
),

facts as (
    select
        brand,
        first_purchase_date,
        purchase_date as fact_date,
        coalesce(previous_purchase_date, {{ start }}) as previous_purchase_date,
        1 as purchase_count,
        case when next_purchase_date is null then 1 else 0 end as last_purchase_count,
        0 as active_change,
        0 as net_revenue_amount
    from purchases

    union all

    select brand, first_purchase_date, greatest(active_from, first_purchase_date), {{ start }}, 0, 0, 1, 0
    from active_periods

    union all

    select periods.brand, periods.first_purchase_date, periods.active_to, {{ start }}, 0, 0, -1, 0
    from active_periods as periods
    inner join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of on periods.active_to <= as_of.as_of_date

    union all

    -- an order before the first purchase that counts has come to nothing, whenever that was
    select cohorts.brand, cohorts.first_purchase_date, entries.entry_date, {{ start }}, 0, 0, 0, entries.net_revenue_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    inner join cohort_customers as cohorts on entries.customer_key = cohorts.customer_key
    where entries.ordered_date >= cohorts.first_purchase_date
),

period_facts as (
    {% for period in ['month', 'week'] %}
    select
        brand,
        '{{ period }}' as period_length,
        {{ period_start(period, 'first_purchase_date') }} as cohort_date,
        {{ periods_between(period, 'first_purchase_date', 'fact_date') }} as period_number,
        -- a customer counts once a period, by its first purchase in it
        case when previous_purchase_date < {{ period_start(period, 'fact_date') }} then purchase_count else 0 end
            as purchasing_customer_count,
        last_purchase_count, active_change, net_revenue_amount
    from facts
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

int_cohort_measures as (
    select
        brand,
        period_length,
        cohort_date,
        period_number,
        cast(sum(purchasing_customer_count) as bigint) as purchasing_customer_count,
        cast(sum(last_purchase_count) as bigint) as last_purchase_count,
        cast(sum(active_change) as bigint) as active_change,
        cast(sum(net_revenue_amount) as decimal(18, 2)) as net_revenue_amount
    from period_facts
    group by brand, period_length, cohort_date, period_number
)

select * from int_cohort_measures
