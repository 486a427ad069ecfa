-- One row per dimension, value, cohort of customers by the calendar month of their first purchase, and number of months
-- since.
{% set amounts = [
    'revenue', 'refunded_revenue', 'net_revenue', 'cumulative_net_revenue', 'cumulative_costed_net_revenue'
] %}
with

periods as (
    select
        *,
        case when is_mature then cohort_customer_count else 0 end as eligible_customer_count,
        revenue_amount - refunded_revenue_amount as net_revenue_amount,
        cumulative_revenue_amount - cumulative_refunded_revenue_amount as cumulative_net_revenue_amount,
        -- a month with entries of unknown cost only has no margin of its own
        case when entry_count = 0 or costed_entry_count > 0 then margin_amount end as known_margin_amount,
        case when cumulative_costed_entry_count > 0 then cumulative_margin_amount end as known_cumulative_margin_amount
    from {{ ref('customer_lifecycle', 'int_cohort_dimension_periods') }}
),

names as (
    select brand, 'first_product' as dimension, product_id as dimension_value, name
    from {{ ref('customer_lifecycle', 'stg_shop__products') }}

    union all

    select brand, 'acquisition_campaign' as dimension, campaign_id as dimension_value, name
    from {{ ref('customer_lifecycle', 'stg_marketing__campaigns') }}
),

retention_cohorts_by_dimension as (
    select
        periods.brand, periods.dimension, periods.dimension_value,
        coalesce(names.name, periods.dimension_value) as dimension_value_name,
        periods.cohort_month, periods.period_number,
        cast(periods.cohort_customer_count as bigint) as cohort_customer_count,
        cast(periods.eligible_customer_count as bigint) as eligible_customer_count,
        cast(periods.purchasing_customer_count as bigint) as purchasing_customer_count,
        {{ ratio_of('periods.purchasing_customer_count', 'periods.eligible_customer_count') }} as purchasing_customer_rate,
        cast(periods.repurchased_customer_count as bigint) as repurchased_customer_count,
        {{ ratio_of('periods.repurchased_customer_count', 'periods.eligible_customer_count') }} as repurchased_customer_rate,
        cast(periods.active_customer_count as bigint) as active_customer_count,
        {{ ratio_of('periods.active_customer_count', 'periods.eligible_customer_count') }} as active_customer_rate,
        cast(periods.reactivation_count as bigint) as reactivation_count,
        cast(periods.order_count as bigint) as order_count,
        {{ ratio_of('periods.order_count', 'periods.eligible_customer_count') }} as orders_per_customer,
        cast(periods.order_revenue_amount as decimal(18, 2)) as order_revenue_amount,
        {{ ratio_of('periods.order_revenue_amount', 'periods.order_count') }} as average_order_value,
        {% for amount in amounts %}
        cast(periods.{{ amount }}_amount as decimal(18, 2)) as {{ amount }}_amount,
        {% endfor %}
        {{ ratio_of('periods.cumulative_net_revenue_amount', 'periods.eligible_customer_count') }}
            as cumulative_net_revenue_per_customer,
        {{ ratio_of('periods.cumulative_costed_net_revenue_amount', 'periods.cumulative_net_revenue_amount') }}
            as cost_coverage_rate,
        cast(periods.known_margin_amount as decimal(18, 2)) as margin_amount,
        cast(periods.known_cumulative_margin_amount as decimal(18, 2)) as cumulative_margin_amount,
        {{ ratio_of('periods.known_cumulative_margin_amount', 'periods.eligible_customer_count') }}
            as cumulative_margin_per_customer,
        -- a device linked later moves a customer to another channel, however long ago the month ended
        periods.is_mature and periods.dimension <> 'stitched_channel' as is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from periods
    left join names
        on
            periods.brand = names.brand and periods.dimension = names.dimension
            and periods.dimension_value = names.dimension_value
)

select * from retention_cohorts_by_dimension
