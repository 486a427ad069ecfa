-- One row per month and slice with customers who were active on the last day of the month before: how many, and their
-- monthly recurring revenue. Counted from changes, never from customer-days.
{% set slices = ['brand', 'acquisition_channel', 'country_code', 'segment'] %}
{% set slice_list = slices | join(', ') %}
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

periods as (
    select * from {{ ref('int_customer_active_periods') }}
),

changes as (
    -- whoever becomes active in a month is there at the start of the next one, unless it has ceased to be by then
    select
        customer_key,
        {{ add_months(period_start('month', 'active_from'), 1) }} as month_date,
        1 as active_change,
        0 as mrr_change
    from periods

    union all

    select
        periods.customer_key,
        {{ add_months(period_start('month', 'periods.active_to'), 1) }} as month_date,
        -1 as active_change,
        0 as mrr_change
    from periods
    cross join as_of
    where periods.active_to <= as_of.as_of_date

    union all

    select
        customer_key,
        {{ add_months('month_date', 1) }} as month_date,
        0 as active_change,
        change_mrr_amount as mrr_change
    from {{ ref('int_customer_mrr_months') }}
),

monthly_changes as (
    select
        {% for slice in slices %}slices.{{ slice }},
        {% endfor %}
        changes.month_date,
        sum(changes.active_change) as active_change,
        sum(changes.mrr_change) as mrr_change
    from changes
    inner join {{ ref('int_customer_slices') }} as slices on changes.customer_key = slices.customer_key
    group by {% for slice in slices %}slices.{{ slice }}, {% endfor %}changes.month_date
),

first_months as (
    select {{ slice_list }}, min(month_date) as first_month from monthly_changes
    group by {{ slice_list }}
),

slice_months as (
    select
        firsts.*,
        months.month_date,
        months.is_mature
    from first_months as firsts
    inner join {{ ref('int_brand_months') }} as months
        on firsts.brand = months.brand and firsts.first_month <= months.month_date
),

balances as (
    select
        {% for slice in slices %}slice_months.{{ slice }},
        {% endfor %}
        slice_months.month_date,
        slice_months.is_mature,
        cast(sum(coalesce(changes.active_change, 0)) over (
            partition by {% for slice in slices %}slice_months.{{ slice }}{{ ', ' if not loop.last }}{% endfor %}

            order by slice_months.month_date
        ) as bigint) as active_at_start_count,
        cast(sum(coalesce(changes.mrr_change, 0)) over (
            partition by {% for slice in slices %}slice_months.{{ slice }}{{ ', ' if not loop.last }}{% endfor %}

            order by slice_months.month_date
        ) as decimal(18, 2)) as opening_mrr_amount
    from slice_months
    left join monthly_changes as changes
        on
            {% for slice in slices %}slice_months.{{ slice }} = changes.{{ slice }} and {% endfor %}
            slice_months.month_date = changes.month_date
),

int_slice_openings as (
    select * from balances
    where active_at_start_count > 0
)

select * from int_slice_openings
