-- One row per customer and audience that terms and habits decide: a trial that ends soon, orders that are mostly bought with
-- a discount, a next order that is due by the customer's own gaps. The seed says how soon, and which share is "mostly".
{% set text = text_type() %}
{% set timeline = 'partition by customer_key order by ordered_date rows between unbounded preceding and current row' %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

definitions as (
    select * from {{ seed('lifecycle_audience_definitions') }}
),

running_trials as (
    select
        trials.customer_key, min(trials.trial_over_date) as trial_over_date,
        min(greatest(trials.trial_started_date, {{ add_days('trials.trial_over_date', '-definitions.days_before') }}))
            as trigger_date
    from {{ ref('customer_lifecycle', 'int_trial_outcomes') }} as trials
    cross join as_of
    inner join definitions on definitions.audience = 'trial_ending'
    inner join {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
        on trials.brand = subscriptions.brand and trials.subscription_id = subscriptions.subscription_id
    where
        trials.trial_started_date <= as_of.as_of_date and trials.trial_over_date > as_of.as_of_date
        and trials.converted_date is null and coalesce(subscriptions.ended_date, {{ end_of_time() }}) > as_of.as_of_date
    group by trials.customer_key
),

order_days as (
    select
        customer_key, ordered_date,
        count(*) as order_count, sum(case when is_discounted then 1 else 0 end) as discounted_count
    from {{ ref('customer_lifecycle', 'int_customer_orders') }}
    group by customer_key, ordered_date
),

running_counts as (
    select
        customer_key, ordered_date, sum(order_count) over ({{ timeline }}) as order_count,
        sum(discounted_count) over ({{ timeline }}) as discounted_count
    from order_days
),

judged_days as (
    select
        counts.customer_key, counts.ordered_date, counts.order_count, counts.discounted_count,
        counts.order_count >= definitions.minimum_orders
        and counts.discounted_count >= definitions.minimum_share * counts.order_count as is_sensitive
    from running_counts as counts
    inner join definitions on definitions.audience = 'price_sensitive'
),

sensitive_days as (
    select *, max(case when not is_sensitive then ordered_date end) over (partition by customer_key) as last_other_date
    from judged_days
),

price_sensitive_customers as (
    -- on the list since the first order of those after which the share has stayed so high
    select
        customer_key, min(ordered_date) as trigger_date,
        max(order_count) as order_count, max(discounted_count) as discounted_count
    from sensitive_days
    where last_other_date is null or ordered_date > last_other_date
    group by customer_key
),

int_audience_habits as (
    select
        customer_key, 'trial_ending' as audience, trigger_date,
        'trial ends on ' || cast(trial_over_date as {{ text }}) as reason
    from running_trials

    union all

    select
        customer_key, 'price_sensitive', trigger_date,
        'orders with a discount: ' || cast(discounted_count as {{ text }}) || ' of ' || cast(order_count as {{ text }})
    from price_sensitive_customers

    union all

    select
        customer_key, 'replenishment_due', earliest_order_date,
        'next order expected on ' || cast(expected_order_date as {{ text }})
    from {{ ref('customer_lifecycle', 'int_customer_next_orders') }}
)

select * from int_audience_habits
