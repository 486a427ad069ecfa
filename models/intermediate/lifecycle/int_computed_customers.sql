-- One row per customer whose stages are computed in this build, with its lifespan and the thresholds of its segment.
{{ config(materialized='view') }}
{{ check_thresholds() }}
with

int_computed_customers as (
    select
        lifespans.customer_key,
        lifespans.first_known_date,
        lifespans.customer_for_good_date,
        lifespans.absorbed_date,
        {% for name in threshold_names() %}
        thresholds.{{ name }},
        {% endfor %}
        lifespans.is_revised
    from {{ ref('int_customer_lifespans') }} as lifespans
    {{ join_current_build('lifespans') }}
    inner join {{ ref('lifecycle_thresholds') }} as thresholds on lifespans.threshold_segment = thresholds.segment
)

select * from int_computed_customers
