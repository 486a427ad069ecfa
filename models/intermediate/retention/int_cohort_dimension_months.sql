-- One row per dimension, value, cohort of first purchase by calendar month and number of months since, where anything
-- happens. Each dimension cuts all customers, so that its values add up to the whole. Of a dimension with many values, such
-- as products, the most frequent of each cohort stand alone and the others together: which they are depends on the cohort
-- only, and is settled with it.
{% set values_apart = 20 %}
{% set dimensions = [
    'all_customers', 'acquisition_channel', 'stitched_channel', 'acquisition_campaign', 'acquisition_landing_page',
    'country_code', 'segment', 'first_purchase_type', 'first_product', 'first_category', 'first_sales_channel',
    'first_discount_code', 'first_discount_share', 'first_order_size',
] %}
{% set measures = [
    'purchasing_customer_count', 'second_purchase_count', 'active_change', 'reactivation_count', 'order_count',
    'entry_count', 'costed_entry_count', 'order_revenue_amount', 'revenue_amount', 'refunded_revenue_amount',
    'costed_net_revenue_amount', 'margin_amount',
] %}
with

values_of_dimensions as (
    {% for dimension in dimensions %}
    select
        months.brand, '{{ dimension }}' as dimension, customers.{{ dimension }} as dimension_value,
        {% for measure in measures %}
        sum(months.{{ measure }}) as {{ measure }},
        {% endfor %}
        months.cohort_month, months.period_number
    from {{ ref('customer_lifecycle', 'int_cohort_customer_months') }} as months
    inner join {{ ref('customer_lifecycle', 'int_cohort_customers') }} as customers
        on months.customer_key = customers.customer_key
    group by months.brand, customers.{{ dimension }}, months.cohort_month, months.period_number
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked_values as (
    -- every customer buys in the first month of its cohort
    select
        brand, dimension, dimension_value, cohort_month,
        row_number() over (
            partition by brand, dimension, cohort_month order by purchasing_customer_count desc, dimension_value asc
        ) as value_number
    from values_of_dimensions
    where period_number = 0
),

int_cohort_dimension_months as (
    select
        months.brand, months.dimension,
        case when ranked.value_number <= {{ values_apart }} then months.dimension_value else 'all others' end
            as dimension_value,
        {% for measure in measures %}
        cast(sum(months.{{ measure }}) as {{ 'decimal(18, 2)' if 'amount' in measure else 'bigint' }}) as {{ measure }},
        {% endfor %}
        months.cohort_month, months.period_number
    from values_of_dimensions as months
    inner join ranked_values as ranked
        on
            months.brand = ranked.brand and months.dimension = ranked.dimension
            and months.dimension_value = ranked.dimension_value and months.cohort_month = ranked.cohort_month
    group by
        months.brand, months.dimension,
        case when ranked.value_number <= {{ values_apart }} then months.dimension_value else 'all others' end,
        months.cohort_month, months.period_number
)

select * from int_cohort_dimension_months
