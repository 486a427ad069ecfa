-- Identity 9: in every model, the credits of each conversion sum to exactly 1, and each conversion is in every model, so
-- that no model can win by forgetting.
with

credits as (
    select
        brand,
        conversion_type,
        conversion_id,
        model,
        sum(credit) as credit
    from {{ ref('customer_lifecycle', 'attribution_credits') }}
    group by brand, conversion_type, conversion_id, model
),

models as (
    {% for model in attribution_models() %}
    select '{{ model }}' as model
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    conversions.brand,
    conversions.conversion_type,
    conversions.conversion_id,
    models.model,
    credits.credit
from {{ ref('customer_lifecycle', 'int_conversions') }} as conversions
cross join models
left join credits
    on
        conversions.brand = credits.brand
        and conversions.conversion_type = credits.conversion_type
        and conversions.conversion_id = credits.conversion_id
        and models.model = credits.model
where credits.credit is null or credits.credit <> 1
