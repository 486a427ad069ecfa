-- One row per customer and month that it starts as an active customer and, joined with all it has absorbed since, ends as
-- none (the running month: on the as-of date), with the last day in it on which it ceased to be one, and why.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

periods as (
    select
        *,
        {{ period_start('month', 'active_from') }} as first_month,
        {{ period_start('month', 'active_to') }} as last_month
    from {{ ref('customer_lifecycle', 'int_customer_active_periods') }}
),

exits as (
    select
        periods.brand,
        periods.customer_key,
        periods.last_month as month_date,
        max(periods.active_to) as churned_date
    from periods
    cross join as_of
    where periods.active_to <= as_of.as_of_date
    group by periods.brand, periods.customer_key, periods.last_month
    having min(periods.first_month) < periods.last_month
),

lasting_exits as (
    -- a customer who is back before the month is over has been retained
    select exits.*
    from exits
    left join periods as returns
        on
            exits.customer_key = returns.customer_key
            and exits.month_date = returns.first_month
            and returns.last_month > returns.first_month
    where returns.customer_key is null
),

int_churned_customers as (
    select
        exits.brand,
        exits.customer_key,
        exits.month_date,
        exits.churned_date,
        coalesce(reasons.churn_reason, 'lapsed') as churn_reason,
        coalesce(reasons.is_involuntary, false) as is_involuntary,
        cast(coalesce(mrr_months.opening_mrr_amount, 0) as decimal(18, 2)) as opening_mrr_amount
    from lasting_exits as exits
    left join {{ ref('customer_lifecycle', 'int_churn_reasons') }} as reasons
        on exits.customer_key = reasons.customer_key and exits.churned_date = reasons.churned_date
    left join {{ ref('customer_lifecycle', 'int_customer_mrr_months') }} as mrr_months
        on exits.customer_key = mrr_months.customer_key and exits.month_date = mrr_months.month_date
)

select * from int_churned_customers
