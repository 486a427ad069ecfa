-- One row per month and slice with customers who were active on the last day of the month before: how many, and their
-- monthly recurring revenue. Counted from changes, never from customer-days.
{% set dimensions = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
{% set dimension_list = dimensions | join(', ') %}
{% set partition = 'dimension_months.' ~ dimensions | join(', dimension_months.') %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

periods as (
    select * from {{ ref('customer_lifecycle', 'int_customer_active_periods') }}
),

changes as (
    -- a customer who becomes active in a month is there at the start of the next one, unless it has ceased to be by then
    select
        customer_key,
        {{ add_months(period_start('month', 'active_from'), 1) }} as month_date,
        1 as active_change,
        0 as mrr_change
    from periods

    union all

    select
        periods.customer_key,
        {{ add_months(period_start('month', 'periods.active_to'), 1) }},
        -1,
        0
    from periods
    cross join as_of
    where periods.active_to <= as_of.as_of_date

    union all

    select customer_key, {{ add_months('month_date', 1) }}, 0, change_mrr_amount
    from {{ ref('customer_lifecycle', 'int_customer_mrr_months') }}
),

monthly_changes as (
    select
        {% for dimension in dimensions %}dimensions.{{ dimension }},
        {% endfor %}
        changes.month_date,
        sum(changes.active_change) as active_change,
        sum(changes.mrr_change) as mrr_change
    from changes
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on changes.customer_key = dimensions.customer_key
    group by {% for dimension in dimensions %}dimensions.{{ dimension }}, {% endfor %}changes.month_date
),

first_months as (
    select {{ dimension_list }}, min(month_date) as first_month from monthly_changes
    group by {{ dimension_list }}
),

numbers as (
    select
        first_months.*,
        as_of.as_of_date,
        {{ unnest_integers('0', periods_between('month', 'first_months.first_month', 'as_of.as_of_date') ~ ' + 1') }}
            as month_number
    from first_months
    cross join as_of
    {{ join_integers('0', periods_between('month', 'first_months.first_month', 'as_of.as_of_date') ~ ' + 1') }}
),

dimension_months as (
    select
        {{ dimension_list }},
        {{ add_months('first_month', 'month_number') }} as month_date,
        {{ add_months('first_month', 'month_number + 1') }} <= {{ add_days('as_of_date', 1) }} as is_mature
    from numbers
),

balances as (
    select
        {% for dimension in dimensions %}dimension_months.{{ dimension }},
        {% endfor %}
        dimension_months.month_date,
        dimension_months.is_mature,
        cast(sum(coalesce(changes.active_change, 0)) over (
            partition by {{ partition }} order by dimension_months.month_date
        ) as bigint) as active_at_start_count,
        cast(sum(coalesce(changes.mrr_change, 0)) over (
            partition by {{ partition }} order by dimension_months.month_date
        ) as decimal(18, 2)) as opening_mrr_amount
    from dimension_months
    left join monthly_changes as changes
        on
            {% for dimension in dimensions %}dimension_months.{{ dimension }} = changes.{{ dimension }} and {% endfor %}
            dimension_months.month_date = changes.month_date
),

int_churn_openings as (
    select * from balances
    where active_at_start_count > 0
)

select * from int_churn_openings
