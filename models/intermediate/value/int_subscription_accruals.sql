-- One row per paid subscription and month of it that has started by the as-of date: its monthly amount in the reporting
-- currency, dated when the month starts. Counts as revenue only with the setting subscription_revenue 'accrued'.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

memberships as (
    select * from {{ ref('int_identity_memberships') }}
    where valid_to = {{ end_of_time() }}
),

subscriptions as (
    select
        subscriptions.brand,
        subscriptions.subscription_id,
        memberships.customer_key,
        subscriptions.started_date,
        cast(round(subscriptions.monthly_amount * subscriptions.reporting_rate, 2) as decimal(18, 2)) as revenue_amount,
        least(
            {{ add_days('as_of.as_of_date', 1) }},
            coalesce(subscriptions.ended_date, {{ end_of_time() }}),
            coalesce(subscriptions.deleted_date, {{ end_of_time() }})
        ) as accrued_to
    from {{ ref('stg_billing__subscriptions') }} as subscriptions
    cross join as_of
    left join memberships on subscriptions.person_id = memberships.person_id
    where subscriptions.started_date is not null and subscriptions.monthly_amount is not null
),

months as (
    select
        brand,
        subscription_id,
        customer_key,
        started_date,
        revenue_amount,
        accrued_to,
        {{ unnest_integers('0', periods_between('month', 'started_date', 'accrued_to') ~ ' + 1') }} as month_number
    from subscriptions
    {{ join_integers('0', periods_between('month', 'started_date', 'accrued_to') ~ ' + 1') }}
    where started_date < accrued_to
),

int_subscription_accruals as (
    select
        brand,
        subscription_id,
        customer_key,
        {{ add_months('started_date', 'month_number') }} as movement_date,
        revenue_amount
    from months
    where {{ add_months('started_date', 'month_number') }} < accrued_to
)

select * from int_subscription_accruals
