-- One row per paid subscription and month of it that has started by the as-of date: the price that held when the month
-- started, as it is charged in advance. Counts as revenue only with the setting subscription_revenue 'accrued'.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

subscriptions as (
    select
        subscriptions.brand,
        subscriptions.subscription_id,
        identity_map.customer_key,
        subscriptions.started_date,
        least(
            {{ add_days('as_of.as_of_date', 1) }},
            coalesce(subscriptions.ended_date, {{ end_of_time() }}),
            coalesce(subscriptions.deleted_date, {{ end_of_time() }})
        ) as accrued_to
    from {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
    cross join as_of
    left join identity_map on subscriptions.person_id = identity_map.person_id
    where subscriptions.started_date is not null
),

months as (
    select
        brand,
        subscription_id,
        customer_key,
        started_date,
        accrued_to,
        {{ unnest_integers('0', periods_between('month', 'started_date', 'accrued_to') ~ ' + 1') }} as month_number
    from subscriptions
    {{ join_integers('0', periods_between('month', 'started_date', 'accrued_to') ~ ' + 1') }}
    where started_date < accrued_to
),

entries as (
    select
        brand,
        subscription_id,
        customer_key,
        {{ add_months('started_date', 'month_number') }} as entry_date
    from months
    where {{ add_months('started_date', 'month_number') }} < accrued_to
),

int_subscription_accruals as (
    select
        entries.brand,
        entries.subscription_id,
        entries.customer_key,
        entries.entry_date,
        terms.mrr_amount as revenue_amount
    from entries
    inner join {{ ref('customer_lifecycle', 'stg_billing__subscription_terms') }} as terms
        on
            entries.brand = terms.brand
            and entries.subscription_id = terms.subscription_id
            and entries.entry_date >= terms.valid_from
            and entries.entry_date < terms.valid_to
    where terms.mrr_amount is not null
)

select * from int_subscription_accruals
