-- Channels and campaigns are joined from several sides: none of the money of ad_performance and none of the customers who
-- first bought in a period may be lost or doubled on the way, by day or by month.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

published as (
    select
        'day' as period_length,
        brand,
        date_day as period_date,
        spend_amount,
        new_customer_count
    from {{ ref('customer_lifecycle', 'acquisition_channels_daily') }}
    union all
    select
        'month' as period_length,
        brand,
        month_date as period_date,
        spend_amount,
        new_customer_count
    from {{ ref('customer_lifecycle', 'acquisition_channels_monthly') }}
),

spent as (
    select
        ads.brand,
        ads.date_day,
        round(ads.spend_amount * ads.reporting_rate, 2) as spend_amount
    from {{ ref('customer_lifecycle', 'stg_marketing__ad_performance') }} as ads
    cross join as_of
    where
        ads.spend_amount is not null
        and (ads.deleted_date is null or ads.deleted_date > as_of.as_of_date)
),

differences as (
    select
        period_length,
        brand,
        period_date,
        coalesce(spend_amount, 0) as spend_amount,
        new_customer_count
    from published

    {% for period in ['day', 'month'] %}
    union all

    select
        '{{ period }}' as period_length,
        brand,
        {{ 'date_day' if period == 'day' else period_start('month', 'date_day') }} as period_date,
        -spend_amount as spend_amount,
        0 as new_customer_count
    from spent

    union all

    select
        '{{ period }}' as period_length,
        brand,
        {{ 'first_purchase_date' if period == 'day' else period_start('month', 'first_purchase_date') }} as period_date,
        0 as spend_amount,
        -1 as new_customer_count
    from {{ ref('customer_lifecycle', 'lifecycle_customers') }}
    where first_purchase_date is not null
    {% endfor %}
)

select
    period_length,
    brand,
    period_date,
    sum(spend_amount) as spend_difference,
    sum(new_customer_count) as customer_difference
from differences
group by period_length, brand, period_date
having sum(spend_amount) <> 0 or sum(new_customer_count) <> 0
