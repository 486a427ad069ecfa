-- One row per month and dimensions with customers at the month's end: how many there are, by the flags that a stage does not
-- show. Customers are counted by running sums of changes, never from customer-days.
{% set dimensions = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
{% set counts = ['customer', 'active', 'loyal', 'advocate', 'at_risk'] %}
{% set month_after = add_months(period_start('month', 'as_of.as_of_date'), 1) %}
{% set next_month = 'coalesce(headcounts.next_month, ' ~ month_after ~ ')' %}
{% set months_until_next = periods_between('month', 'headcounts.month_date', next_month) %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

intervals as (
    select
        states.customer_key, states.valid_from, states.valid_to,
        1 as customer_count,
        case when stages.is_customer and states.stage <> 'churned' then 1 else 0 end as active_count,
        case when states.is_loyal then 1 else 0 end as loyal_count,
        case when states.is_advocate then 1 else 0 end as advocate_count,
        case when states.is_at_risk then 1 else 0 end as at_risk_count
    from {{ ref('customer_lifecycle', 'int_customer_state_intervals') }} as states
    inner join {{ ref('customer_lifecycle', 'lifecycle_stages') }} as stages on states.stage = stages.stage
),

changes as (
    {% for date, sign in [('valid_from', ''), ('valid_to', '-')] %}
    select
        intervals.customer_key,
        {% for count in counts %}{{ sign }}intervals.{{ count }}_count{{ ' as ' ~ count ~ '_count' if sign }}, {% endfor %}
        {{ period_start('month', 'intervals.' ~ date) }} as month_date
    from intervals
    inner join as_of on intervals.{{ date }} <= as_of.as_of_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

change_months as (
    select
        {% for dimension in dimensions %}dimensions.{{ dimension }}, {% endfor %}
        {% for count in counts %}sum(changes.{{ count }}_count) as {{ count }}_change, {% endfor %}
        changes.month_date
    from changes
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on changes.customer_key = dimensions.customer_key
    group by {% for dimension in dimensions %}dimensions.{{ dimension }}, {% endfor %}changes.month_date
),

headcounts as (
    select
        {% for dimension in dimensions %}{{ dimension }}, {% endfor %}
        month_date,
        {% for count in counts %}
        sum({{ count }}_change) over (partition by {{ dimensions | join(', ') }} order by month_date) as {{ count }}_count,
        {% endfor %}
        lead(month_date) over (partition by {{ dimensions | join(', ') }} order by month_date) as next_month
    from change_months
),

months as (
    select
        headcounts.*,
        as_of.as_of_date,
        {{ unnest_integers('0', months_until_next) }} as month_number
    from headcounts
    cross join as_of
    {{ join_integers('0', months_until_next) }}
),

customer_counts_monthly as (
    select
        {% for dimension in dimensions %}{{ dimension }}, {% endfor %}
        {{ add_months('month_date', 'month_number') }} as month_date,
        {% for count in counts %}cast({{ count }}_count as bigint) as {{ count }}_count, {% endfor %}
        {{ add_months('month_date', 'month_number + 1') }} <= {{ add_days('as_of_date', 1) }} as is_mature
    from months
    where customer_count > 0
)

select * from customer_counts_monthly
