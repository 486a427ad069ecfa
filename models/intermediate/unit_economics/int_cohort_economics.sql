-- One row per scope (channel, all), cohort of first purchase, acquisition channel and number of months since, up to the
-- month of the as-of date: what the cohort has brought, what it cost to win it, and whether its margin has covered that
-- cost. All ratios are made here.
{% set cohort = 'scope, brand, cohort_month, acquisition_channel' %}
{% set next_month = add_months('cohort_month', 'period_number + 1') %}
with

measures as (
    select * from {{ ref('customer_lifecycle', 'int_cohort_economics_measures') }}
),

cohorts as (
    -- spend that won no customer is spend all the same
    select
        {{ cohort }},
        sum(customer_count) as customer_count,
        sum(acquisition_cost) as reported_cost
    from measures
    group by {{ cohort }}
),

costed_cohorts as (
    select
        cohorts.*,
        as_of.as_of_date,
        min(case when cohorts.reported_cost is not null then cohorts.cohort_month end)
            over (partition by cohorts.brand) as first_reported_month
    from cohorts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
),

cohort_periods as (
    select
        *,
        {{ unnest_integers('0', periods_between('month', 'cohort_month', 'as_of_date') ~ ' + 1') }} as period_number
    from costed_cohorts
    {{ join_integers('0', periods_between('month', 'cohort_month', 'as_of_date') ~ ' + 1') }}
),

months as (
    -- a month with entries of unknown cost only has no margin of its own
    select
        periods.*,
        case when periods.first_reported_month <= periods.cohort_month then coalesce(periods.reported_cost, 0) end
            as acquisition_cost,
        coalesce(measures.net_revenue_amount, 0) as net_revenue_amount,
        coalesce(measures.costed_net_revenue_amount, 0) as costed_net_revenue_amount,
        case
            when coalesce(measures.entry_count, 0) = 0 or measures.costed_entry_count > 0
                then coalesce(measures.margin_amount, 0)
        end as margin_amount,
        coalesce(measures.costed_entry_count, 0) as costed_entry_count
    from cohort_periods as periods
    left join measures
        on
            periods.scope = measures.scope
            and periods.brand = measures.brand
            and periods.cohort_month = measures.cohort_month
            and periods.acquisition_channel = measures.acquisition_channel
            and periods.period_number = measures.period_number
),

running as (
    select
        *,
        {% for measure in ['net_revenue_amount', 'costed_net_revenue_amount', 'margin_amount', 'costed_entry_count'] %}
        sum({{ measure }}) over (partition by {{ cohort }} order by period_number) as cumulative_{{ measure }},
        {% endfor %}
        {{ next_month }} > as_of_date as is_latest,
        {{ next_month }} <= {{ add_days('as_of_date', 1) }} as is_mature
    from months
),

known as (
    select
        *,
        case when cumulative_costed_entry_count > 0 then cumulative_margin_amount end as known_margin_amount,
        is_mature and customer_count > 0
        and cumulative_costed_entry_count > 0
        -- where nothing was spent there is nothing to pay back
        and acquisition_cost > 0 and cumulative_margin_amount >= acquisition_cost as has_paid_back
    from running
),

int_cohort_economics as (
    select
        {{ cohort }},
        period_number,
        cast(customer_count as bigint) as customer_count,
        {% for amount in ['net_revenue', 'margin', 'cumulative_net_revenue', 'cumulative_costed_net_revenue'] %}
        cast({{ amount }}_amount as decimal(18, 2)) as {{ amount }}_amount,
        {% endfor %}
        {{ ratio_of('cumulative_costed_net_revenue_amount', 'cumulative_net_revenue_amount') }} as cost_coverage_rate,
        cast(known_margin_amount as decimal(18, 2)) as cumulative_margin_amount,
        case when is_mature then {{ ratio_of('known_margin_amount', 'customer_count') }} end
            as cumulative_margin_per_customer,
        cast(acquisition_cost as decimal(18, 2)) as acquisition_cost,
        -- the month of the first purchase is over once a later one has begun
        case when is_mature or period_number > 0 then {{ ratio_of('nullif(acquisition_cost, 0)', 'customer_count') }} end
            as customer_acquisition_cost,
        case when is_mature and customer_count > 0 then {{ ratio_of('known_margin_amount', 'acquisition_cost') }} end
            as ltv_to_cac,
        min(case when has_paid_back then period_number end) over (partition by {{ cohort }} order by period_number)
            as payback_month,
        is_latest,
        is_mature
    from known
)

select * from int_cohort_economics
