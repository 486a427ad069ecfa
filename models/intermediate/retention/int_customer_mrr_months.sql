-- One row per living customer and month in which its monthly recurring revenue (prices, in the reporting currency, on the
-- month's last day, of paid subscriptions that ran then, deleted since or not) differs from the month before, and how.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

charges as (
    select
        subscriptions.brand, identity_map.customer_key, terms.mrr_amount,
        greatest(subscriptions.started_date, terms.valid_from) as charged_from,
        {% set end = end_of_time() -%}
        least(coalesce(subscriptions.ended_date, {{ end }}), coalesce(subscriptions.deleted_date, {{ end }}), terms.valid_to)
            as charged_to
    from {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on subscriptions.person_id = identity_map.person_id
    inner join {{ ref('customer_lifecycle', 'stg_billing__subscription_terms') }} as terms
        on subscriptions.brand = terms.brand and subscriptions.subscription_id = terms.subscription_id
    cross join as_of
    where
        identity_map.valid_to = {{ end_of_time() }}
        and terms.mrr_amount is not null
        and subscriptions.started_date <= as_of.as_of_date
),

changes as (
    select
        charges.brand,
        charges.customer_key,
        {{ period_start('month', 'charges.charged_from') }} as month_date,
        charges.mrr_amount
    from charges
    cross join as_of
    where charges.charged_from < charges.charged_to and charges.charged_from <= as_of.as_of_date

    union all

    select
        charges.brand,
        charges.customer_key,
        {{ period_start('month', 'charges.charged_to') }} as month_date,
        -charges.mrr_amount as mrr_amount
    from charges
    cross join as_of
    where charges.charged_from < charges.charged_to and charges.charged_to <= as_of.as_of_date
),

monthly_changes as (
    select brand, customer_key, month_date, sum(mrr_amount) as change_amount from changes
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
