-- One row per scope (program, all), program and month from the program's first invitation to the as-of date: how many
-- customers invited whom and what came of it. Every ratio of referral is made here.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

measures as (
    select * from {{ ref('customer_lifecycle', 'int_referral_measures') }}
),

active_customers as (
    select * from {{ ref('customer_lifecycle', 'int_active_customers_monthly') }}
),

programs as (
    select
        scope, brand, program,
        min(month_date) as first_month
    from measures
    group by scope, brand, program
),

months as (
    select
        programs.*,
        as_of.as_of_date,
        {{ unnest_integers('0', periods_between('month', 'programs.first_month', 'as_of.as_of_date') ~ ' + 1') }}
            as month_number
    from programs
    cross join as_of
    {{ join_integers('0', periods_between('month', 'programs.first_month', 'as_of.as_of_date') ~ ' + 1') }}
),

dated_months as (
    select
        *,
        {{ add_months('first_month', 'month_number') }} as month_date,
        {{ add_months('first_month', 'month_number + 1') }} as next_month_date
    from months
),

counts as (
    select
        months.scope, months.brand, months.program, months.month_date,
        coalesce(active_customers.active_customer_count, 0) as active_customer_count,
        {% for count in [
            'referrer_count', 'invite_count', 'eligible_invite_count', 'accepted_count', 'converted_count',
            'converted_within_90d_count', 'winning_referrer_count', 'self_referral_count',
        ] %}
        coalesce(measures.{{ count }}, 0) as {{ count }},
        {% endfor %}
        measures.median_cycle_days,
        coalesce(measures.referred_net_revenue_amount, 0) as referred_net_revenue_amount,
        coalesce(measures.reward_amount, 0) as reward_amount,
        months.next_month_date <= {{ add_days('months.as_of_date', 1) }} as has_ended,
        {{ add_days('months.next_month_date', 89) }} <= months.as_of_date as is_mature
    from dated_months as months
    left join measures
        on
            months.scope = measures.scope
            and months.brand = measures.brand
            and months.program = measures.program
            and months.month_date = measures.month_date
    left join active_customers
        on months.brand = active_customers.brand and months.month_date = active_customers.month_date
),

int_referral_metrics as (
    select
        *,
        case when has_ended then {{ ratio_of('referrer_count', 'active_customer_count') }} end as referral_rate,
        case when has_ended then {{ ratio_of('invite_count', 'active_customer_count') }} end as invites_per_customer,
        {{ ratio_of('converted_within_90d_count', 'eligible_invite_count') }} as conversion_rate,
        case when is_mature then {{ ratio_of('winning_referrer_count', 'active_customer_count') }} end
            as winning_referral_rate,
        -- invites per customer times conversion rate; once all invitations are eligible, these cancel out
        case when is_mature then {{ ratio_of('converted_within_90d_count', 'active_customer_count') }} end as k_factor
    from counts
)

select * from int_referral_metrics
