-- A customer is new once: by month, the conversions that are their customers' first are as many as the new customers of the
-- acquisition channels, in every attribution model.
with

counts as (
    select
        brand,
        month_date,
        model,
        sum(first_conversions) as first_conversions
    from {{ ref('customer_lifecycle', 'attribution_channels_monthly') }}
    where model <> 'platform_claimed'
    group by brand, month_date, model
),

customers as (
    select
        brand,
        month_date,
        sum(new_customer_count) as new_customer_count
    from {{ ref('customer_lifecycle', 'acquisition_channels_monthly') }}
    group by brand, month_date
),

models as (
    {% for model in attribution_models() %}
    select '{{ model }}' as model
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    customers.brand,
    customers.month_date,
    models.model,
    customers.new_customer_count,
    counts.first_conversions
from customers
cross join models
left join counts
    on
        customers.brand = counts.brand
        and customers.month_date = counts.month_date
        and models.model = counts.model
where customers.new_customer_count <> coalesce(counts.first_conversions, 0)
