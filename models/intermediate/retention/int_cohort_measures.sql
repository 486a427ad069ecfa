-- One row per length of period (month, week), cohort of first purchase and number of periods since, where anything happens:
-- purchases and money of the period, and how many customers become active in it, less those who cease to be.
with

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
        last_purchase_count,
        active_change,
        net_revenue_amount
    from {{ ref('int_cohort_facts') }}
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
