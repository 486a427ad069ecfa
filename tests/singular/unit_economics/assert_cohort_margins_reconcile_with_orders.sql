-- Identity 7: the cumulative margins of all cohorts at their last month, by channel or blended, are the margins of all
-- orders of known cost whose owner counts as a customer; and their acquisition costs are all spend that was reported.
with

cohorts as (
    select
        'channel' as scope,
        brand,
        cumulative_margin_amount,
        acquisition_cost
    from {{ ref('customer_lifecycle', 'cohort_unit_economics') }}
    where is_latest

    union all

    select
        'all' as scope,
        brand,
        cumulative_margin_amount,
        acquisition_cost
    from {{ ref('customer_lifecycle', 'cohort_unit_economics_blended') }}
    where is_latest
),

totals as (
    select
        scope,
        brand,
        coalesce(sum(cumulative_margin_amount), 0) as margin_amount,
        coalesce(sum(acquisition_cost), 0) as spend_amount
    from cohorts
    group by scope, brand
),

margins as (
    select
        brand,
        sum(margin_amount) as margin_amount
    from {{ ref('customer_lifecycle', 'int_order_amounts') }}
    where
        customer_key in (
            select history.customer_key from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }} as history
        )
    group by brand
),

spend as (
    select
        brand,
        sum(spend_amount) as spend_amount
    from {{ ref('customer_lifecycle', 'int_channel_spend_daily') }}
    group by brand
)

select
    totals.scope,
    totals.brand
from totals
left join margins on totals.brand = margins.brand
left join spend on totals.brand = spend.brand
where
    totals.margin_amount <> coalesce(margins.margin_amount, 0)
    or totals.spend_amount <> coalesce(spend.spend_amount, 0)
