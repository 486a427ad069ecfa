-- One row per month and slice with customers at the month's end: how many there are, by the flags that stages hide.
-- Heads are counted by running sums of changes, never from customer-days.
{% set slices = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
{% set counts = ['customer', 'active', 'loyal', 'advocate', 'at_risk'] %}
{% set month_after = add_months(period_start('month', 'as_of.as_of_date'), 1) %}
{% set months_until_next = periods_between('month', 'heads.month_date', 'coalesce(heads.next_month, ' ~ month_after ~ ')') %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

intervals as (
    select
        states.customer_key,
        states.valid_from,
        states.valid_to,
        1 as customer_count,
        case when stages.is_customer and states.stage <> 'churned' then 1 else 0 end as active_count,
        case when states.is_loyal then 1 else 0 end as loyal_count,
        case when states.is_advocate then 1 else 0 end as advocate_count,
        case when states.is_at_risk then 1 else 0 end as at_risk_count
    from {{ ref('int_customer_state_intervals') }} as states
    inner join {{ ref('lifecycle_stages') }} as stages on states.stage = stages.stage
),

changes as (
    select
        intervals.customer_key,
        {{ period_start('month', 'intervals.valid_from') }} as month_date{% for count in counts %},
        intervals.{{ count }}_count{% endfor %}

    from intervals
    cross join as_of
    where intervals.valid_from <= as_of.as_of_date

    union all

    select
        intervals.customer_key,
        {{ period_start('month', 'intervals.valid_to') }} as month_date{% for count in counts %},
        -intervals.{{ count }}_count{% endfor %}

    from intervals
    cross join as_of
    where intervals.valid_to <= as_of.as_of_date
),

change_months as (
    select
        {% for slice in slices %}slices.{{ slice }}, {% endfor %}
        {% for count in counts %}sum(changes.{{ count }}_count) as {{ count }}_change, {% endfor %}
        changes.month_date
    from changes
    inner join {{ ref('int_customer_slices') }} as slices on changes.customer_key = slices.customer_key
    group by {% for slice in slices %}slices.{{ slice }}, {% endfor %}changes.month_date
),

heads as (
    select
        {% for slice in slices %}{{ slice }}, {% endfor %}
        month_date,
        {% for count in counts %}
        sum({{ count }}_change) over (partition by {{ slices | join(', ') }} order by month_date) as {{ count }}_count,
        {% endfor %}
        lead(month_date) over (partition by {{ slices | join(', ') }} order by month_date) as next_month
    from change_months
),

months as (
    select
        heads.*,
        as_of.as_of_date,
        {{ unnest_integers('0', months_until_next) }} as month_number
    from heads
    cross join as_of
    {{ join_integers('0', months_until_next) }}
),

customer_counts_monthly as (
    select
        {% for slice in slices %}{{ slice }}, {% endfor %}
        {{ add_months('month_date', 'month_number') }} as month_date,
        {% for count in counts %}cast({{ count }}_count as bigint) as {{ count }}_count, {% endfor %}
        {{ add_months('month_date', 'month_number + 1') }} <= {{ add_days('as_of_date', 1) }} as is_mature
    from months
    where customer_count > 0
)

select * from customer_counts_monthly
