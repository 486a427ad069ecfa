-- One row per living customer and month in which its monthly recurring revenue (the monthly amounts of the paid
-- subscriptions running on the month's last day, in the reporting currency) differs from the month before, and how.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

subscriptions as (
    select
        subscriptions.brand,
        memberships.customer_key,
        subscriptions.started_date,
        subscriptions.ended_date,
        round(subscriptions.monthly_amount * subscriptions.reporting_rate, 2) as mrr_amount
    from {{ ref('stg_billing__subscriptions') }} as subscriptions
    inner join {{ ref('int_identity_memberships') }} as memberships on subscriptions.person_id = memberships.person_id
    cross join as_of
    where
        memberships.valid_to = {{ end_of_time() }}
        and subscriptions.monthly_amount is not null
        and subscriptions.started_date <= as_of.as_of_date
        and (subscriptions.ended_date is null or subscriptions.ended_date > subscriptions.started_date)
        and (subscriptions.deleted_date is null or subscriptions.deleted_date > as_of.as_of_date)
),

changes as (
    select
        brand,
        customer_key,
        {{ period_start('month', 'started_date') }} as month_date,
        mrr_amount
    from subscriptions

    union all

    select
        subscriptions.brand,
        subscriptions.customer_key,
        {{ period_start('month', 'subscriptions.ended_date') }} as month_date,
        -subscriptions.mrr_amount as mrr_amount
    from subscriptions
    cross join as_of
    where subscriptions.ended_date <= as_of.as_of_date
),

monthly_changes as (
    select
        brand,
        customer_key,
        month_date,
        sum(mrr_amount) as change_amount
    from changes
    group by brand, customer_key, month_date
),

balances as (
    select
        *,
        sum(change_amount) over (partition by customer_key order by month_date) as closing_amount
    from monthly_changes
),

histories as (
    select
        *,
        max(closing_amount) over (
            partition by customer_key order by month_date rows between unbounded preceding and 1 preceding
        ) as highest_amount_before
    from balances
),

int_customer_mrr_months as (
    select
        brand,
        customer_key,
        month_date,
        cast(closing_amount - change_amount as decimal(18, 2)) as opening_mrr_amount,
        cast(change_amount as decimal(18, 2)) as change_mrr_amount,
        cast(closing_amount as decimal(18, 2)) as closing_mrr_amount,
        case
            when closing_amount = 0 then 'churned'
            when closing_amount = change_amount and coalesce(highest_amount_before, 0) = 0 then 'new'
            when closing_amount = change_amount then 'reactivated'
            when change_amount > 0 then 'expansion'
            else 'contraction'
        end as kind
    from histories
    where change_amount <> 0
)

select * from int_customer_mrr_months
