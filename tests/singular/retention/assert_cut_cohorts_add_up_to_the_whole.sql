-- The values of a dimension share out the customers of each cohort: what is counted of them adds up to the cohort that
-- retention_cohorts_monthly knows, month by month, in every dimension.
{% set measures = [
    'cohort_customer_count', 'eligible_customer_count', 'purchasing_customer_count', 'active_customer_count',
    'net_revenue_amount', 'cumulative_net_revenue_amount'
] %}
with

cuts as (
    select
        {% for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {% endfor %}
        brand,
        dimension,
        cohort_month,
        period_number
    from {{ ref('customer_lifecycle', 'retention_cohorts_by_dimension') }}
    group by brand, dimension, cohort_month, period_number
),

dimensions as (
    select distinct brand, dimension from cuts
),

cohorts as (
    select
        dimensions.dimension,
        whole.*
    from {{ ref('customer_lifecycle', 'retention_cohorts_monthly') }} as whole
    left join dimensions on whole.brand = dimensions.brand
)

select
    cohorts.brand,
    cohorts.dimension,
    cohorts.cohort_month,
    cohorts.period_number
from cohorts
full outer join cuts
    on
        cohorts.brand = cuts.brand
        and cohorts.dimension = cuts.dimension
        and cohorts.cohort_month = cuts.cohort_month
        and cohorts.period_number = cuts.period_number
where
    {% for measure in measures %}coalesce(cohorts.{{ measure }}, -1) <> coalesce(cuts.{{ measure }}, -1) or {% endfor %}
    cohorts.brand is null
