-- One row per dimension, value and month from its first active customer on: how the number of active customers moved, by
-- every entry and exit. The values of a dimension add up to growth_accounting_monthly.
{% set cuts = ['acquisition_channel', 'country_code', 'segment'] %}
{% set kinds = ['new', 'reactivated', 'churned', 'reversed'] %}
{% set cut_by = 'brand, dimension_name, dimension_value' %}
with

months as (
    select * from {{ ref('customer_lifecycle', 'int_active_customers_monthly') }}
),

activity_changes as (
    select
        activity_changes.*,
        {% for cut in cuts %}
        dimensions.{{ cut }},
        {% endfor %}
        {{ period_start('month', 'activity_changes.changed_date') }} as month_date
    from {{ ref('customer_lifecycle', 'int_customer_activity_changes') }} as activity_changes
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on activity_changes.customer_key = dimensions.customer_key
),

changes as (
    {% for cut in cuts %}
    select
        brand, '{{ cut }}' as dimension_name, {{ cut }} as dimension_value, month_date,
        sum(active_change) as active_change,
        {% for kind in kinds %}
        sum(case when kind = '{{ kind }}' then 1 else 0 end) as {{ kind }}_count,
        {% endfor %}
        sum(case when kind = 'merged' then active_change else 0 end) as merged_change
    from activity_changes
    group by brand, {{ cut }}, month_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

dimension_values as (
    select {{ cut_by }}, min(month_date) as first_month from changes
    group by {{ cut_by }}
),

balances as (
    select
        dimension_values.brand, dimension_values.dimension_name, dimension_values.dimension_value,
        months.month_date, months.is_mature,
        {% for name in kinds %}
        coalesce(changes.{{ name }}_count, 0) as {{ name }}_count,
        {% endfor %}
        coalesce(changes.merged_change, 0) as merged_change,
        coalesce(changes.active_change, 0) as active_change,
        sum(coalesce(changes.active_change, 0)) over (
            partition by dimension_values.brand, dimension_values.dimension_name, dimension_values.dimension_value
            order by months.month_date
        ) as closing_active
    from dimension_values
    inner join months
        on dimension_values.brand = months.brand and dimension_values.first_month <= months.month_date
    left join changes
        on
            dimension_values.brand = changes.brand
            and dimension_values.dimension_name = changes.dimension_name
            and dimension_values.dimension_value = changes.dimension_value
            and months.month_date = changes.month_date
),

growth_accounting_by_dimension as (
    select
        brand, dimension_name, dimension_value, month_date,
        cast(closing_active - active_change as bigint) as opening_active,
        {% for kind in kinds %}
        cast({{ kind }}_count as bigint) as {{ kind }},
        {% endfor %}
        cast(merged_change as bigint) as merged_net,
        cast(closing_active as bigint) as closing_active,
        {{ ratio_of('new_count + reactivated_count', '(churned_count + reversed_count)') }} as quick_ratio,
        {{ ratio_of('churned_count', '(closing_active - active_change)') }} as gross_churn_rate,
        is_mature
    from balances
)

select * from growth_accounting_by_dimension
